/** Waits for statements that run in Snowflake; every wait has a limit. */
import { setTimeout as sleep } from "node:timers/promises";
import { duration } from "../format.ts";
import { LoadError } from "../snowflake/errors.ts";
import type { Row, Session } from "../snowflake/session.ts";
import type { CompleteSettings } from "./settings.ts";

const RUNNING = [
  "RUNNING",
  "QUEUED",
  "RESUMING_WAREHOUSE",
  "QUEUED_REPARING_WAREHOUSE",
  "BLOCKED",
  "RESTARTED",
];
/** Right after the start the service may know nothing of a query yet. */
const UNKNOWN = ["NO_DATA", "NO_QUERY_DATA"];
const UNKNOWN_SECONDS = 20;

/**
 * Waits for a statement to end, a little beyond its own limit at most, and returns its rows, or throws what it failed with.
 * @param what the statement, for people
 * @param tick called between looks
 */
export async function resultOf(
  session: Session,
  settings: CompleteSettings,
  queryId: string,
  what: string,
  tick: (elapsedSeconds: number) => void = () => {},
): Promise<Row[]> {
  const started = Date.now();
  for (let pause = 50; ; pause = Math.min(pause * 1.5, 2000)) {
    const status = await session.status(queryId);
    const elapsed = (Date.now() - started) / 1000;
    const unknown = UNKNOWN.includes(status);
    // The result of a failed statement is its error.
    if (!unknown && !RUNNING.includes(status)) return session.result(queryId);
    if (unknown && elapsed > UNKNOWN_SECONDS)
      throw new LoadError(
        "query-lost",
        `Snowflake knows nothing of ${what} (query ${queryId}).`,
        "run `pulumi up` again: nothing of it was published, or it is found",
      );
    if (elapsed > settings.statementTimeoutSeconds + 600)
      throw new LoadError(
        "timeout",
        `${what} (query ${queryId}) has not ended after ${duration(elapsed)}.`,
        `look at it in Snowflake; end it there with SELECT SYSTEM$CANCEL_QUERY('${queryId}') and run \`pulumi up\` again`,
      );
    tick(elapsed);
    await sleep(pause);
  }
}
