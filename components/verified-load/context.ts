/** What the steps of one load have in common. */
import { randomBytes } from "node:crypto";
import type { Log } from "../format.ts";
import type { Session } from "../snowflake/session.ts";
import type { CompleteSettings, namesOf } from "./settings.ts";
import type { Steps } from "./steps.ts";

export interface Run {
  /** Names this load in tables and query tags: unique, and later loads sort after earlier ones. */
  readonly id: string;
  readonly settings: CompleteSettings;
  readonly names: ReturnType<typeof namesOf>;
  /** The session that everything but the reading of the control row and the publishing goes through. */
  readonly session: Session;
  /**
   * A session of its own, for the caller to close. It sees all that was committed before it began; an older one may for a
   * moment not (docs: READ_CONSISTENCY_MODE).
   */
  readonly connect: () => Promise<Session>;
  readonly log: Log;
  /** Counts from 1, for each kind of thing: names of tables that this load makes. */
  readonly count: (what: string) => number;
  /** What was done, for errors and for the timeline. */
  readonly steps: Steps;
  /** Says what comes now. */
  readonly step: (name: string) => void;
}

/** Runs work in a session of its own. */
export async function inNewSession<T>(
  { connect }: Pick<Run, "connect">,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await connect();
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

/** A new load's ID: its second, and chance. Upper case, so that it can be part of a table's name. */
export function newLoadId(now: Date): string {
  const second = now.toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "_");
  return `${second}_${randomBytes(4).toString("hex").toUpperCase()}`;
}
