/** What Snowflake itself remembers: statements by query tag (7 days), loads of a table (14 days). */
import { createHash } from "node:crypto";
import type { Row, Session } from "./session.ts";
import { type CompleteSettings, namesOf } from "./settings.ts";
import { instant } from "./times.ts";

/** A COPY of this load, as the query history knows it. */
export interface KnownCopy {
  queryId: string;
  state: "running" | "succeeded" | "failed";
  tag: string;
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
  return `${load}"owner":${JSON.stringify(settings.owner)}${batch === undefined ? "" : `,"files":"${batch}"`}}`;
}

const tagStart = (settings: CompleteSettings) =>
  `{"app":"verified-load","table":${JSON.stringify(namesOf(settings).plain)},`;

/** Names a batch of files, whatever their order. */
export function batchName(files: readonly { file: string; size: number; md5: string }[]): string {
  const lines = files.map(({ file, size, md5 }) => `${file}\n${size}\n${md5}`).sort();
  return createHash("sha256").update(lines.join("\n")).digest("hex").slice(0, 16);
}

/**
 * The COPYs of this table that carry the load's tag, oldest first, running ones included. The role needs MONITOR on the
 * warehouse to see those of other users.
 */
export async function findCopies(session: Session, settings: CompleteSettings): Promise<KnownCopy[]> {
  const rows = await session.rows(
    `SELECT QUERY_ID, QUERY_TAG, EXECUTION_STATUS, START_TIME, END_TIME, ERROR_MESSAGE, BYTES_SCANNED, ROWS_INSERTED
FROM TABLE(${namesOf(settings).information}.QUERY_HISTORY_BY_WAREHOUSE(
  WAREHOUSE_NAME => ?, END_TIME_RANGE_START => DATEADD('day', -6, CURRENT_TIMESTAMP()), RESULT_LIMIT => 10000))
WHERE QUERY_TYPE = 'COPY' AND STARTSWITH(QUERY_TAG, ?)
ORDER BY START_TIME`,
    [settings.warehouse, tagStart(settings)],
  );
  return rows.map(knownCopy);
}

function knownCopy(row: Row): KnownCopy {
  const status = String(row.EXECUTION_STATUS).toUpperCase();
  const state =
    status === "SUCCESS" ? "succeeded" : /FAIL|ABORT|INCIDENT|DISCONNECT/.test(status) ? "failed" : "running";
  return {
    queryId: String(row.QUERY_ID),
    state,
    tag: String(row.QUERY_TAG),
    startedAt: instant(row.START_TIME),
    ...(state !== "running" && { endedAt: instant(row.END_TIME) }),
    error: String(row.ERROR_MESSAGE ?? ""),
    bytesScanned: Number(row.BYTES_SCANNED ?? 0),
    rowsLoaded: Number(row.ROWS_INSERTED ?? 0),
  };
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
