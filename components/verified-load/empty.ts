/** Empties the readings, under the same fence as publishing: a load that is at work then publishes nothing any more. */
import type { Log } from "../format.ts";
import type { Connection } from "../snowflake/connection.ts";
import { explain } from "../snowflake/errors.ts";
import { literal } from "../sql.ts";
import { startDeadline } from "./deadline.ts";
import { openLoadSession, surroundingsOf } from "./load-session.ts";
import { type CompleteSettings, namesOf } from "./settings.ts";
import { dropLandings, landingTables } from "./write/landing.ts";

/** Deletes all rows, and discards their accounting, in one transaction. Throws when the time for it is up. */
export async function empty(settings: CompleteSettings, connection: Connection, log: Log): Promise<void> {
  const names = namesOf(settings);
  const doing = `emptying ${names.plain} (onDelete: truncate)`;
  const deadline = startDeadline(settings, "delete", () => doing);
  try {
    const session = await openLoadSession(connection, settings, { log });
    const limited = deadline.limit(session);
    try {
      await deadline.within(async () => {
        await limited.rows(emptyBlock(settings));
        const landings = await landingTables({ session: limited, settings, names });
        await dropLandings(
          { session: limited, names },
          landings.map(({ name }) => name),
        );
      });
    } finally {
      await session.close();
    }
  } catch (error) {
    throw explain(error, surroundingsOf(settings), doing);
  }
}

/** May run twice. DELETE, not TRUNCATE, which would commit what comes before it (docs: Transactions, DDL). */
function emptyBlock(settings: CompleteSettings): string {
  const { control, readings, accounting, meterSummary, daySummary } = namesOf(settings);
  return `BEGIN
  BEGIN TRANSACTION;
  UPDATE ${control} SET VERSION = VERSION + 1, TOKEN = UUID_STRING(), BASELINE_ROWS = 0, UPDATED_AT = SYSDATE(), UPDATED_BY = ${literal(settings.owner)};
  DELETE FROM ${readings};
  UPDATE ${accounting} SET DISCARDED_AT = SYSDATE() WHERE DISCARDED_AT IS NULL;
  DELETE FROM ${meterSummary};
  DELETE FROM ${daySummary};
  COMMIT;
  RETURN 'emptied';
EXCEPTION
  WHEN OTHER THEN
    ROLLBACK;
    RAISE;
END;`;
}
