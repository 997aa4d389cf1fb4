/** The time that an operation of the resource may take: Pulumi's `customTimeouts`. */
import { LoadError } from "../snowflake/errors.ts";
import { inTime } from "../snowflake/retry.ts";
import type { Session } from "../snowflake/session.ts";
import { secondsOf } from "../snowflake/times.ts";
import { type CompleteSettings, namesOf } from "./settings.ts";

export type Operation = keyof NonNullable<CompleteSettings["customTimeouts"]>;

export interface Deadline {
  /** Seconds that are left; Infinity when there is no limit. */
  remaining(): number;
  /**
   * Waits for the work, and no longer than the time allows. Work that is left behind ends at its next statement, provided
   * that it speaks to Snowflake through `limit(session)`.
   */
  within<T>(work: () => Promise<T>): Promise<T>;
  /** The same session, which sends nothing any more once the time is up. */
  limit(session: Session): Session;
}

/**
 * Starts the clock.
 * @param doing what is being done at the moment, for the error: "copying files into the table"
 */
export function startDeadline(
  settings: CompleteSettings,
  operation: Operation | undefined,
  doing: () => string,
): Deadline {
  const limit = operation && settings.customTimeouts?.[operation];
  const until = limit === undefined ? Number.POSITIVE_INFINITY : Date.now() + secondsOf(limit) * 1000;
  const remaining = () => Math.max(0, (until - Date.now()) / 1000);
  const timeUp = () =>
    new LoadError(
      "out-of-time",
      `The ${operation} of the load of ${namesOf(settings).plain} had not ended after ${limit}, the limit that customTimeouts.${operation} sets.\n  while: ${doing()}`,
      operation === "delete"
        ? "run `pulumi destroy` again; if emptying the table takes that long, raise customTimeouts.delete and run `pulumi up` first"
        : "run `pulumi up` again: nothing was published, or all of it, and files that landed are not copied again; " +
            `raise customTimeouts.${operation} if it takes that long`,
    );
  return {
    remaining,
    within: async (work) => {
      if (until === Number.POSITIVE_INFINITY) return work();
      if (remaining() === 0) throw timeUp();
      return inTime(work(), remaining() * 1000, () => {
        throw timeUp();
      });
    },
    limit: (session) => {
      const sent = <A extends unknown[], R>(send: (...args: A) => Promise<R>) => {
        return async (...args: A): Promise<R> => {
          if (remaining() === 0) throw timeUp();
          return send(...args);
        };
      };
      return {
        rows: sent(session.rows),
        once: sent(session.once),
        start: sent(session.start),
        status: sent(session.status),
        result: sent(session.result),
        close: session.close,
      };
    },
  };
}
