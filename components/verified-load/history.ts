/** What Snowflake itself remembers: statements by query tag (7 days), loads of a table (14 days). */
import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Bind, Row, Session } from "./session.ts";
import { type CompleteSettings, namesOf } from "./settings.ts";
import { instant } from "./times.ts";

/** A COPY of this load, as the query history knows it. */
export interface KnownCopy {
  queryId: string;
  state: "running" | "succeeded" | "failed";
  tag: string;
  /** Who started it, by its tag. */
  owner: string;
  startedAt: number;
  /** Undefined while it runs. */
  endedAt?: number;
  error: string;
  bytesScanned: number;
  rowsLoaded: number;
}

/**
 * The tag of a COPY: the same table, the same files → the same tag, whoever runs it. Its beginning names the table, so
 * that any load of the table is found by it.
 */
export function tagOf(settings: CompleteSettings, batch?: string): string {
  const load = tagStart(settings);
  return `${load}"owner":${JSON.stringify(settings.owner)}${batch === undefined ? "" : `,${FILES_IN_TAG}${batch}"`}}`;
}

/** What the tags of COPYs have and those of other statements have not. */
const FILES_IN_TAG = '"files":"';

const tagStart = (settings: CompleteSettings) =>
  `{"app":"verified-load","table":${JSON.stringify(namesOf(settings).plain)},`;

/** Names a batch of files, whatever their order. */
export function batchName(files: readonly { file: string; size: number; md5: string }[]): string {
  const lines = files.map(({ file, size, md5 }) => `${file}\n${size}\n${md5}`).sort();
  return createHash("sha256").update(lines.join("\n")).digest("hex").slice(0, 16);
}

/**
 * The COPYs of this table that carry the load's tag, oldest first, running ones included, whichever warehouse they run on.
 */
export async function findCopies(session: Session, settings: CompleteSettings): Promise<KnownCopy[]> {
  const rows = await queries(
    session,
    settings,
    "QUERY_TAG, END_TIME, ERROR_MESSAGE, BYTES_SCANNED, ROWS_INSERTED",
    "STARTSWITH(QUERY_TAG, ?) AND CONTAINS(QUERY_TAG, ?)",
    [tagStart(settings), FILES_IN_TAG],
  );
  return rows.map(knownCopy);
}

/** Query IDs of COPYs into this table that somebody else runs right now. */
export async function findForeignCopies(session: Session, settings: CompleteSettings): Promise<string[]> {
  const rows = await queries(
    session,
    settings,
    "QUERY_TEXT, DATABASE_NAME, SCHEMA_NAME",
    "QUERY_TEXT ILIKE '%COPY%INTO%' AND NOT STARTSWITH(COALESCE(QUERY_TAG, ''), ?)",
    [tagStart(settings)],
  );
  return rows
    .filter((row) => stateOf(row) === "running" && copiesInto(row, settings))
    .map((row) => String(row.QUERY_ID));
}

/** Whether the statement is a COPY into the readings table, by its text and the schema it ran in. */
function copiesInto(row: Row, { database, schema, table }: CompleteSettings): boolean {
  const target =
    /^(?:\s|--[^\n]*\n|\/\*(?:[^*]|\*(?!\/))*\*\/)*COPY\s+INTO\s+((?:"(?:[^"]|"")+"|[^\s("])+)/i.exec(
      String(row.QUERY_TEXT),
    )?.[1];
  const parts = [...(target?.matchAll(/"((?:[^"]|"")+)"|([^."]+)/g) ?? [])].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain?.toUpperCase(),
  );
  const whole = [row.DATABASE_NAME, row.SCHEMA_NAME].slice(0, Math.max(0, 3 - parts.length)).concat(parts);
  return isDeepStrictEqual(whole, [database, schema, table]);
}

/**
 * Statements of the last days: those of this user, and those of others on the load's warehouse (for these the role needs
 * MONITOR on it). Oldest first.
 * @param wanted columns beside ID, state and start; texts of COPYs name all their files, so they come only where they are read
 */
async function queries(
  session: Session,
  settings: CompleteSettings,
  wanted: string,
  which: string,
  binds: readonly Bind[],
): Promise<Row[]> {
  const { information } = namesOf(settings);
  const range = "END_TIME_RANGE_START => DATEADD('day', -6, CURRENT_TIMESTAMP()), RESULT_LIMIT => 10000";
  const columns = `QUERY_ID, EXECUTION_STATUS, START_TIME, ${wanted}`;
  const rows = await session.rows(
    `SELECT ${columns} FROM TABLE(${information}.QUERY_HISTORY_BY_WAREHOUSE(WAREHOUSE_NAME => ?, ${range}))
WHERE ${which}
UNION ALL
SELECT ${columns} FROM TABLE(${information}.QUERY_HISTORY_BY_USER(${range}))
WHERE ${which}
ORDER BY START_TIME`,
    [settings.warehouse, ...binds, ...binds],
  );
  // One that ended between the two looks is in the second as ended: the later word counts.
  const byId = new Map<string, Row>();
  for (const row of rows) {
    const other = byId.get(String(row.QUERY_ID));
    if (!other || stateOf(other) === "running") byId.set(String(row.QUERY_ID), row);
  }
  return [...byId.values()];
}

function knownCopy(row: Row): KnownCopy {
  const state = stateOf(row);
  const tag = String(row.QUERY_TAG);
  return {
    queryId: String(row.QUERY_ID),
    state,
    tag,
    owner: String(JSON.parse(tag).owner),
    startedAt: instant(row.START_TIME),
    ...(state !== "running" && { endedAt: instant(row.END_TIME) }),
    error: String(row.ERROR_MESSAGE ?? ""),
    bytesScanned: Number(row.BYTES_SCANNED ?? 0),
    rowsLoaded: Number(row.ROWS_INSERTED ?? 0),
  };
}

function stateOf(row: Row): KnownCopy["state"] {
  const status = String(row.EXECUTION_STATUS).toUpperCase();
  if (status === "SUCCESS") return "succeeded";
  return /FAIL|ABORT|INCIDENT|DISCONNECT/.test(status) ? "failed" : "running";
}

/** Loads of the table in the last 14 days, by whomever. */
export async function loadHistory(session: Session, settings: CompleteSettings): Promise<Row[]> {
  return session.rows(
    `SELECT FILE_NAME, STAGE_LOCATION, LAST_LOAD_TIME, ROW_COUNT, ROW_PARSED, FILE_SIZE, STATUS,
  FIRST_ERROR_MESSAGE, FIRST_ERROR_LINE_NUMBER, FIRST_ERROR_COLUMN_NAME
FROM TABLE(${namesOf(settings).information}.COPY_HISTORY(
  TABLE_NAME => ?, START_TIME => DATEADD('day', -13, CURRENT_TIMESTAMP())))
ORDER BY LAST_LOAD_TIME`,
    [namesOf(settings).readings],
  );
}
