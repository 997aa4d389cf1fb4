/** The session of a load, and what its errors may speak of. */
import { literal, qualified } from "../sql.ts";
import type { Connection } from "./connection.ts";
import type { Surroundings } from "./errors.ts";
import { tagOf } from "./history.ts";
import { openSession, type Session } from "./session.ts";
import { type CompleteSettings, namesOf } from "./settings.ts";
import { instant } from "./times.ts";

export const surroundingsOf = (settings: CompleteSettings): Surroundings => {
  const names = namesOf(settings);
  return {
    role: settings.role,
    warehouse: settings.warehouse,
    stage: names.stage,
    table: names.readings,
    stageUrl: settings.stageUrl + settings.path,
    loadSize: settings.loadSize,
    statementTimeoutSeconds: settings.statementTimeoutSeconds,
  };
};

/** Opens a session as the load needs it. */
export function openLoadSession(
  connection: Connection,
  settings: CompleteSettings,
  log?: (line: string) => void,
): Promise<Session> {
  const tag = tagOf(settings);
  return openSession(connection, {
    ...(log && { log }),
    tag,
    setup: [
      `USE ROLE ${qualified(settings.role)}`,
      `USE WAREHOUSE ${namesOf(settings).warehouse}`,
      // Statements outlive this client, but not their own limit; instants in files become UTC.
      `ALTER SESSION SET ABORT_DETACHED_QUERY = FALSE STATEMENT_TIMEOUT_IN_SECONDS = ${settings.statementTimeoutSeconds} ` +
        `TIMEZONE = 'UTC' QUERY_TAG = ${literal(tag)}`,
    ],
  });
}

/** Snowflake's clock, which is the one that its load metadata ages by. */
export async function serverTime(session: Session): Promise<Date> {
  const [row] = await session.rows("SELECT SYSDATE() AS NOW");
  return new Date(instant(row?.NOW));
}
