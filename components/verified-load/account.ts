/**
 * The accounting: one row for each file and the COPY that dealt with it, kept beside the readings. Snowflake forgets
 * what it loaded after 64 days and COPY's own result after one; this table does not.
 */
import { ACCOUNTING_COLUMNS } from "./accounting-columns.ts";
import { isTransient } from "./errors.ts";
import { belowStage, type StagedFile } from "./listing.ts";
import { retry } from "./retry.ts";
import type { Bind, Row, Session } from "./session.ts";
import { type CompleteSettings, namesOf } from "./settings.ts";
import { instant, instantOf, timestamp } from "./times.ts";

export type FileStatus = "LOADED" | "PARTIALLY_LOADED" | "LOAD_FAILED" | "LOADED_BEFORE";

/** What became of one file. */
export interface FileRecord {
  file: string;
  size: number;
  md5: string;
  status: FileStatus;
  rowsParsed: number;
  rowsLoaded: number;
  rowsRejected: number;
  firstError: string | null;
  firstErrorLine: number | null;
  firstErrorColumn: string | null;
  queryId: string;
  loadedBy: string;
  /** "YYYY-MM-DD HH:MM:SS.sss", UTC. */
  loadedAt: string;
}

/** LOADED_BY of loads that no stack did. */
export const OTHER = "OTHER";

const NAMES = ACCOUNTING_COLUMNS.map(({ name }) => name);

/** Files were loaded: the table holds their rows (or Snowflake says so). */
export const isLoaded = ({ status }: { status: FileStatus }) => status !== "LOAD_FAILED";

export interface Accounting {
  /** What counts, oldest first. */
  records: FileRecord[];
  /** When the table was last found emptied, or was made, as milliseconds: loads before that are none of its own. */
  discardedAt: number;
}

export async function readAccounting(session: Session, settings: CompleteSettings): Promise<Accounting> {
  const { accounting } = namesOf(settings);
  const rows = await session.rows(`SELECT ${NAMES.join(", ")} FROM ${accounting} ORDER BY LOADED_AT, FILE`);
  const discarded = rows.filter((row) => row.DISCARDED_AT !== null);
  return {
    records: rows.filter((row) => row.DISCARDED_AT === null).map(recordOf),
    discardedAt: Math.max(0, ...discarded.map((row) => instant(row.DISCARDED_AT))),
  };
}

const recordOf = (row: Row): FileRecord => ({
  file: String(row.FILE),
  size: Number(row.SIZE),
  md5: String(row.MD5),
  status: String(row.STATUS) as FileStatus,
  rowsParsed: Number(row.ROWS_PARSED),
  rowsLoaded: Number(row.ROWS_LOADED),
  rowsRejected: Number(row.ROWS_REJECTED),
  firstError: text(row.FIRST_ERROR),
  firstErrorLine: number(row.FIRST_ERROR_LINE),
  firstErrorColumn: text(row.FIRST_ERROR_COLUMN),
  queryId: String(row.QUERY_ID),
  loadedBy: String(row.LOADED_BY),
  loadedAt: timestamp(row.LOADED_AT),
});

/** What of the accounting holds for the table as it stands. */
export type Standing = { records: FileRecord[]; discard: "nothing" | "all" | "older" } | "unclear";

/**
 * A table that was emptied, or dropped and made again, has another past than the one that was written down. Whether the
 * older records hold is told by the rows: those of a table restored from a clone are there, those of a new one are not.
 * Where neither fits, nobody may guess.
 * @param createdAt when the table was made, milliseconds
 */
export function standing(records: readonly FileRecord[], createdAt: number, totalRows: number): Standing {
  const rows = (of: readonly FileRecord[]) => of.reduce((sum, { rowsLoaded }) => sum + rowsLoaded, 0);
  const older = records.filter(({ loadedAt }) => instantOf(loadedAt) <= createdAt);
  const newer = records.filter(({ loadedAt }) => instantOf(loadedAt) > createdAt);
  if (totalRows === 0 && rows(records) > 0) return { records: [], discard: "all" };
  if (older.length === 0 || rows(records) === totalRows) return { records: [...records], discard: "nothing" };
  if (rows(newer) === totalRows) return { records: newer, discard: "older" };
  return "unclear";
}

/** Rows in one INSERT: keeps statements small, and the driver from sending values through a stage. */
const ROWS_PER_INSERT = 200;

/** Writes what is not there yet: a record is known by its COPY and its file, so writing again adds nothing. */
export async function writeAccounting(
  session: Session,
  settings: CompleteSettings,
  records: readonly FileRecord[],
  known: readonly FileRecord[],
): Promise<FileRecord[]> {
  const missing = withoutKnown(records, known);
  let open = missing;
  await retry(
    async () => {
      for (let from = 0; from < open.length; from += ROWS_PER_INSERT)
        await insert(session, settings, open.slice(from, from + ROWS_PER_INSERT));
    },
    async (error) => {
      if (!isTransient(error)) return false;
      // Nobody knows which of the rows went in: look, and write the others.
      open = withoutKnown(missing, (await readAccounting(session, settings)).records);
      return true;
    },
  );
  return missing;
}

function withoutKnown(records: readonly FileRecord[], known: readonly FileRecord[]): FileRecord[] {
  const key = ({ queryId, file, md5 }: FileRecord) => JSON.stringify([queryId, file, md5]);
  const there = new Set(known.map(key));
  return records.filter((record) => !there.has(key(record)));
}

async function insert(
  session: Session,
  settings: CompleteSettings,
  records: readonly FileRecord[],
): Promise<void> {
  const columns = NAMES.filter((name) => name !== "DISCARDED_AT");
  const placeholders = `(${columns.map(() => "?").join(", ")})`;
  await session.once(
    `INSERT INTO ${namesOf(settings).accounting} (${columns.join(", ")}) VALUES ${records.map(() => placeholders).join(", ")}`,
    records.flatMap(bindsOf),
  );
}

const bindsOf = (record: FileRecord): Bind[] => [
  record.file,
  record.size,
  record.md5,
  record.status,
  record.rowsParsed,
  record.rowsLoaded,
  record.rowsRejected,
  record.firstError,
  record.firstErrorLine,
  record.firstErrorColumn,
  record.queryId,
  record.loadedBy,
  record.loadedAt,
];

/** The table was emptied: what was loaded before counts no more, but stays on record. */
export async function discardAccounting(
  session: Session,
  settings: CompleteSettings,
  until = Number.POSITIVE_INFINITY,
): Promise<void> {
  const update = `UPDATE ${namesOf(settings).accounting} SET DISCARDED_AT = SYSDATE() WHERE DISCARDED_AT IS NULL`;
  if (until === Number.POSITIVE_INFINITY) await session.rows(update);
  else await session.rows(`${update} AND LOADED_AT <= ?::TIMESTAMP_NTZ`, [timestamp(new Date(until))]);
}

/** Records from COPY's own result: one row a file. `asked` are the files the COPY was given. */
export function recordsOfCopy(
  result: readonly Row[],
  asked: readonly StagedFile[],
  settings: CompleteSettings,
  copy: { queryId: string; startedAt: number; endedAt: number; exact: boolean },
): FileRecord[] {
  const listed = new Map(asked.map((file) => [file.file, file]));
  // "Copy executed with 0 files processed." comes as one row with nothing but a status: all were loaded before.
  const none = result.every((row) => row.file === undefined || row.file === null);
  if (none && !copy.exact) return [];
  const rows = none
    ? asked.map(({ file }) => ({ file, status: "LOAD_SKIPPED", rows_parsed: 0, rows_loaded: 0 }))
    : result;
  return rows.flatMap((row: Row) => {
    const file = belowStage(String(row.file), settings.stageUrl);
    const staged = listed.get(file);
    const parsed = Number(row.rows_parsed);
    const loaded = Number(row.rows_loaded);
    const skipped = /SKIPPED/i.test(String(row.status));
    return [
      {
        file,
        size: staged?.size ?? 0,
        // A file that changed since the COPY began is not the one that was loaded: its checksum then is unknown.
        md5: staged && staged.lastModified.getTime() <= copy.startedAt ? staged.md5 : "",
        status: skipped ? "LOADED_BEFORE" : statusOf(String(row.status)),
        rowsParsed: parsed,
        rowsLoaded: loaded,
        rowsRejected: Math.max(0, parsed - loaded),
        firstError: skipped ? null : text(row.first_error),
        firstErrorLine: skipped ? null : number(row.first_error_line),
        firstErrorColumn: skipped ? null : text(row.first_error_column_name),
        queryId: copy.queryId,
        loadedBy: settings.owner,
        loadedAt: timestamp(new Date(copy.endedAt)),
      },
    ];
  });
}

/** Records from the table's load history, for loads whose own result is not to be had. */
export function recordsOfHistory(
  history: readonly Row[],
  listed: readonly StagedFile[],
  settings: CompleteSettings,
  by: { loadedBy: string; queryId: string },
): FileRecord[] {
  const byName = new Map(listed.map((file) => [file.file, file]));
  return history.map((row) => {
    const file = historyFile(row, settings);
    const staged = byName.get(file);
    const loadedAt = instant(row.LAST_LOAD_TIME);
    const size = Number(row.FILE_SIZE ?? staged?.size ?? 0);
    // The history does not tell the checksum: it is the listed one, unless the file changed since.
    const same = staged && staged.size === size && staged.lastModified.getTime() <= loadedAt;
    const loaded = Number(row.ROW_COUNT);
    const parsed = Number(row.ROW_PARSED ?? loaded);
    return {
      file,
      size,
      md5: same ? staged.md5 : "",
      status: statusOf(String(row.STATUS)),
      rowsParsed: parsed,
      rowsLoaded: loaded,
      rowsRejected: Math.max(0, parsed - loaded),
      firstError: text(row.FIRST_ERROR_MESSAGE),
      firstErrorLine: number(row.FIRST_ERROR_LINE_NUMBER),
      firstErrorColumn: text(row.FIRST_ERROR_COLUMN_NAME),
      ...by,
      loadedAt: timestamp(new Date(loadedAt)),
    };
  });
}

/** The history names a file by its path below the stage's URL, or by its whole URL. */
const historyFile = (row: Row, settings: CompleteSettings) => {
  const name = String(row.FILE_NAME);
  if (name.includes("://")) return belowStage(name, settings.stageUrl);
  const location = String(row.STAGE_LOCATION ?? "").replace(/\/*$/, "/");
  return location.includes("://")
    ? belowStage(location + name, settings.stageUrl)
    : belowStage(name, settings.stageUrl);
};

/**
 * Rows of the load history that no record speaks of: loads by other people, or by a client that died before it wrote.
 * Times differ a little between history and records, so each record takes the nearest row of its file.
 */
export function unaccounted(
  history: readonly Row[],
  accounting: Accounting,
  settings: CompleteSettings,
): Row[] {
  const time = (row: Row) => instant(row.LAST_LOAD_TIME);
  const open = history.filter(
    (row) => isLoaded({ status: statusOf(String(row.STATUS)) }) && time(row) > accounting.discardedAt,
  );
  for (const record of accounting.records) {
    if (!isLoaded(record) || record.status === "LOADED_BEFORE") continue;
    if (instantOf(record.loadedAt) <= accounting.discardedAt) continue;
    const at = instantOf(record.loadedAt);
    const nearest = open
      .filter((row) => historyFile(row, settings) === record.file)
      .sort((a, b) => Math.abs(time(a) - at) - Math.abs(time(b) - at))[0];
    if (nearest) open.splice(open.indexOf(nearest), 1);
  }
  return open;
}

/** COPY says LOADED or LOAD_FAILED, the history "Loaded" or "Load failed". */
function statusOf(status: string): FileStatus {
  const plain = status.toUpperCase().replaceAll(" ", "_");
  if (plain === "LOADED" || plain === "PARTIALLY_LOADED") return plain;
  return "LOAD_FAILED";
}

/** The record that holds for each file: the last one under which rows went in, else the last one. */
export function latestByFile(records: readonly FileRecord[]): Map<string, FileRecord> {
  const latest = new Map<string, FileRecord>();
  for (const record of records) {
    const before = latest.get(record.file);
    if (!before || isLoaded(record) || !isLoaded(before)) latest.set(record.file, record);
  }
  return latest;
}

export interface Totals {
  filesLoaded: number;
  rowsLoaded: number;
  rowsRejected: number;
}

/** Sums over all that counts. A file that failed and was loaded later counts once. */
export function totalsOf(records: readonly FileRecord[]): Totals {
  const latest = [...latestByFile(records).values()];
  const sum = (of: (record: FileRecord) => number) =>
    records.reduce((total, record) => total + of(record), 0);
  return {
    filesLoaded: latest.filter(isLoaded).length,
    rowsLoaded: sum((record) => record.rowsLoaded),
    rowsRejected: latest.reduce((total, record) => total + record.rowsRejected, 0),
  };
}

const text = (value: unknown) =>
  value === null || value === undefined || value === "" ? null : String(value);
const number = (value: unknown) => (value === null || value === undefined ? null : Number(value));
