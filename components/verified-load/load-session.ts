/** Sessions of a load: its rights are those of one role, and every parameter that it relies on is set, and looked at. */
import type { Connection } from "../snowflake/connection.ts";
import { kindOf, LoadError, type Surroundings } from "../snowflake/errors.ts";
import { openSession, type Session, type SessionSettings } from "../snowflake/session.ts";
import { instant } from "../snowflake/times.ts";
import { literal, qualified } from "../sql.ts";
import { type CompleteSettings, namesOf } from "./settings.ts";

export function surroundingsOf(settings: CompleteSettings): Surroundings {
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
}

/**
 * Account and user may set any of these otherwise (docs: Parameters). Statements outlive this client, but not their own
 * limit; instants become UTC; a quoted name is that name; a result is whole.
 */
export function pinnedParameters({
  statementTimeoutSeconds,
}: Pick<CompleteSettings, "statementTimeoutSeconds">) {
  return {
    ABORT_DETACHED_QUERY: false,
    AUTOCOMMIT: true,
    LOCK_TIMEOUT: statementTimeoutSeconds,
    QUOTED_IDENTIFIERS_IGNORE_CASE: false,
    ROWS_PER_RESULTSET: 0,
    STATEMENT_QUEUED_TIMEOUT_IN_SECONDS: 0,
    STATEMENT_TIMEOUT_IN_SECONDS: statementTimeoutSeconds,
    TIMESTAMP_INPUT_FORMAT: "AUTO",
    TIMESTAMP_TYPE_MAPPING: "TIMESTAMP_NTZ",
    TIMEZONE: "UTC",
    TRANSACTION_ABORT_ON_ERROR: false,
    WEEK_START: 0,
  } as const;
}

/**
 * Opens a session as the load needs it. Throws when a parameter, or the role, is not what was asked for; of the further
 * sessions of a load nobody asks that again, for Snowflake sets them up by the same statements.
 */
export async function openLoadSession(
  connection: Connection,
  settings: CompleteSettings,
  more: Pick<SessionSettings, "log" | "outages" | "further"> = {},
): Promise<Session> {
  const pinned = pinnedParameters(settings);
  const tag = JSON.stringify({ app: "flux-ami", load: namesOf(settings).plain, owner: settings.owner });
  const assignments = Object.entries(pinned).map(
    ([name, value]) =>
      `${name} = ${typeof value === "string" ? literal(value) : String(value).toUpperCase()}`,
  );
  const session = await openSession(connection, {
    ...more,
    tag,
    setup: [
      `USE ROLE ${qualified(settings.role)}`,
      // docs: USE ROLE leaves secondary roles on, which by default are all of the user's.
      "USE SECONDARY ROLES NONE",
      `USE WAREHOUSE ${namesOf(settings).warehouse}`,
      `ALTER SESSION SET ${assignments.join(" ")} QUERY_TAG = ${literal(tag)}`,
    ],
  });
  if (more.further) return session;
  try {
    await assertPinned(session, pinned, settings);
  } catch (error) {
    await session.close();
    throw error;
  }
  return session;
}

/**
 * A session that only looks: under the loader's role, or under the login's own where that is one who may see the tables and
 * load nothing.
 */
export async function openLookingSession(
  connection: Connection,
  settings: CompleteSettings,
): Promise<Session> {
  try {
    return await openLoadSession(connection, settings);
  } catch (error) {
    const { role } = connection;
    if (kindOf(error) !== "role-missing" || role === undefined || role === settings.role) throw error;
    return openLoadSession(connection, { ...settings, role });
  }
}

async function assertPinned(
  session: Session,
  pinned: Record<string, string | number | boolean>,
  settings: CompleteSettings,
): Promise<void> {
  const shown = new Map(
    (await session.rows("SHOW PARAMETERS IN SESSION")).map(({ key, value }) => [String(key), String(value)]),
  );
  const wrong = Object.entries(pinned)
    .filter(([name, value]) => shown.get(name)?.toLowerCase() !== String(value).toLowerCase())
    .map(([name, value]) => `${name} is ${shown.get(name)}, not ${value}`);
  const [current] = await session.rows(
    "SELECT CURRENT_ROLE() AS ROLE, CURRENT_SECONDARY_ROLES() AS SECONDARY",
  );
  if (current?.ROLE !== settings.role) wrong.push(`the role is ${current?.ROLE}, not ${settings.role}`);
  const { roles = "" } = JSON.parse(String(current?.SECONDARY || "{}")) as { roles?: string };
  if (roles !== "") wrong.push(`secondary roles are on: ${roles}`);
  if (wrong.length > 0)
    throw new LoadError(
      "session-not-pinned",
      `Snowflake did not set the session up as the load relies on: ${wrong.join("; ")}.`,
      "see whether a session policy or a parameter of the account forbids it, and run `pulumi up` again",
    );
}

/** Snowflake's clock. */
export async function serverTime(session: Session): Promise<Date> {
  const [row] = await session.rows("SELECT SYSDATE() AS NOW");
  return new Date(instant(row?.NOW));
}
