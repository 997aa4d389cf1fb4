/**
 * Records of the accounting: what became of one file in one COPY, from COPY's own result or from Snowflake's load history,
 * and what they come to.
 */
import { belowStage, type StagedFile } from "./listing.ts";
import type { Row } from "./session.ts";
import type { CompleteSettings } from "./settings.ts";
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

/** Files were loaded: the table holds their rows (or Snowflake says so). */
export const isLoaded = ({ status }: { status: FileStatus }) => status !== "LOAD_FAILED";

export interface Accounting {
  /** What counts, oldest first. */
  records: FileRecord[];
  /** What counted before the table was emptied or made anew. */
  discarded: FileRecord[];
  /** When the table was last found emptied, or was made, as milliseconds: loads before that are none of its own. */
  discardedAt: number;
}

/**
 * Records from COPY's own result: one row a file. `asked` are the files the COPY was given.
 *
 * A file that COPY skips because Snowflake remembers it is in the table, unless its rows were deleted: DELETE, unlike
 * TRUNCATE, leaves Snowflake's memory of the file as it was. `discarded` tells these apart.
 */
export function recordsOfCopy(
  result: readonly Row[],
  asked: readonly StagedFile[],
  settings: CompleteSettings,
  copy: {
    queryId: string;
    startedAt: number;
    endedAt: number;
    /** The COPY was given just these files. */
    exact: boolean;
    loadedBy: string;
    discarded: readonly FileRecord[];
  },
): FileRecord[] {
  const listed = new Map(asked.map((file) => [file.file, file]));
  // "Copy executed with 0 files processed." comes as one row with nothing but a status: all were loaded before.
  const none = result.every((row) => row.file === undefined || row.file === null);
  if (none && !copy.exact) return [];
  const rows = none
    ? asked.map(({ file }) => ({ file, status: "LOAD_SKIPPED", rows_parsed: 0, rows_loaded: 0 }))
    : result;
  const deleted = new Set(copy.discarded.filter(isLoaded).map(({ file, md5 }) => `${file}\n${md5}`));
  return rows.map((row: Row): FileRecord => {
    const file = belowStage(String(row.file), settings.stageUrl);
    const staged = listed.get(file);
    const parsed = Number(row.rows_parsed);
    const loaded = Number(row.rows_loaded);
    const skipped = /SKIPPED/i.test(String(row.status));
    const reason = text(row.first_error);
    const before = skipped && (reason === null || /loaded before/i.test(reason));
    const gone = before && deleted.has(`${file}\n${staged?.md5}`);
    return {
      file,
      size: staged?.size ?? 0,
      // A file that changed since the COPY began is not the one that was loaded: its checksum then is unknown.
      md5: staged && staged.lastModified.getTime() <= copy.startedAt ? staged.md5 : "",
      status: before && !gone ? "LOADED_BEFORE" : statusOf(String(row.status)),
      rowsParsed: parsed,
      rowsLoaded: loaded,
      rowsRejected: Math.max(0, parsed - loaded),
      firstError: gone ? ROWS_DELETED : before ? null : reason,
      firstErrorLine: skipped ? null : number(row.first_error_line),
      firstErrorColumn: skipped ? null : text(row.first_error_column_name),
      queryId: copy.queryId,
      loadedBy: copy.loadedBy,
      loadedAt: timestamp(new Date(copy.endedAt)),
    };
  });
}

/** Why COPY will not load a file whose rows somebody deleted. */
export const ROWS_DELETED =
  "its rows seem to have been deleted from the table, but Snowflake still remembers the file; TRUNCATE the table, which makes it forget, and run `pulumi up`";

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

const historyFile = (row: Row, settings: CompleteSettings) =>
  belowStage(addressOf(row, settings), settings.stageUrl);

/** A load is taken for the one that a record speaks of when it lies this near: a COPY may run for a day. Milliseconds. */
const NEAR = { copy: 86_400_000, other: 1000 };

/**
 * Rows of the load history that no record speaks of: loads by other people, or by a client that died before it wrote.
 * Each record takes one row of its file: the nearest in time, for these differ a little. Stages move, so a file is the
 * same when its name in the record is the end of its address in the history.
 */
export function unaccounted(
  history: readonly Row[],
  accounting: Accounting,
  settings: CompleteSettings,
): Row[] {
  const time = (row: Row) => instant(row.LAST_LOAD_TIME);
  const open = new Set(
    history.filter(
      (row) => isLoaded({ status: statusOf(String(row.STATUS)) }) && time(row) > accounting.discardedAt,
    ),
  );
  const byEnding = new Map<string, Row[]>();
  for (const row of open)
    for (const ending of endings(addressOf(row, settings))) {
      const rows = byEnding.get(ending);
      if (rows) rows.push(row);
      else byEnding.set(ending, [row]);
    }
  for (const record of accounting.records) {
    if (!isLoaded(record) || record.status === "LOADED_BEFORE") continue;
    const at = instantOf(record.loadedAt);
    const near = record.queryId === "" ? NEAR.other : NEAR.copy;
    const apart = (row: Row) => Math.abs(time(row) - at);
    const [nearest] = (byEnding.get(record.file) ?? [])
      .filter((row) => open.has(row) && apart(row) <= near)
      .sort((one, other) => apart(one) - apart(other));
    if (nearest) open.delete(nearest);
  }
  return [...open];
}

/** The file's whole address where the history tells it, else its path below the stage. */
function addressOf(row: Row, settings: CompleteSettings): string {
  const name = String(row.FILE_NAME);
  if (name.includes("://")) return name;
  const location = String(row.STAGE_LOCATION ?? "").replace(/\/*$/, "/");
  return location.includes("://") ? location + name : belowStage(name, settings.stageUrl);
}

/** A path and all that may be its name below some stage: "s3://b/x/a" → itself, "b/x/a", "x/a", "a". */
export function endings(path: string): string[] {
  const parts = path.replace(/^[a-z0-9]+:\/\//, "").split("/");
  return [...new Set([path, ...parts.map((_part, index) => parts.slice(index).join("/"))])];
}

/** COPY says LOADED or LOAD_FAILED, the history "Loaded" or "Load failed". */
function statusOf(status: string): FileStatus {
  const plain = status.toUpperCase().replaceAll(" ", "_");
  if (plain === "LOADED" || plain === "PARTIALLY_LOADED") return plain;
  return "LOAD_FAILED";
}

/** What of the accounting holds for the table as it stands. */
export type Standing = { records: FileRecord[]; discard: "nothing" | "all" | "older" } | "unclear";

/**
 * A table that was emptied, or dropped and made again, has another past than the one that was written down. Whether the
 * older records hold is told by the rows: those of a table restored from a clone are there, those of a new one are not.
 * Where neither fits, nobody may guess.
 * @param createdAt when the table was made, milliseconds
 * @param maxMissing rows that may be gone because a person deleted them
 */
export function standing(
  records: readonly FileRecord[],
  createdAt: number,
  totalRows: number,
  maxMissing = 0,
): Standing {
  const rows = (of: readonly FileRecord[]) => of.reduce((sum, { rowsLoaded }) => sum + rowsLoaded, 0);
  const fits = (of: readonly FileRecord[]) => rows(of) >= totalRows && rows(of) <= totalRows + maxMissing;
  const older = records.filter(({ loadedAt }) => instantOf(loadedAt) <= createdAt);
  const newer = records.filter(({ loadedAt }) => instantOf(loadedAt) > createdAt);
  const remembered = records.some(({ status }) => status === "LOADED_BEFORE");
  if (totalRows === 0 && (rows(records) > 0 || remembered)) return { records: [], discard: "all" };
  if (older.length === 0 || fits(records)) return { records: [...records], discard: "nothing" };
  if (fits(newer)) return { records: newer, discard: "older" };
  return "unclear";
}

/** The record that holds for each file: the last one under which rows went in, else the last one. */
export function latestByFile(records: readonly FileRecord[]): Map<string, FileRecord> {
  const latest = new Map<string, FileRecord>();
  for (const record of records) {
    const before = latest.get(record.file);
    // That Snowflake had loaded it before says less than what is known of that load.
    const repeated = record.status === "LOADED_BEFORE" && before?.md5 === record.md5;
    if (!before || !isLoaded(before) || (isLoaded(record) && !repeated)) latest.set(record.file, record);
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

/**
 * Rows that the table must hold by what was written down; undefined when it holds files whose rows nobody counted: such
 * that were loaded before there was an accounting.
 */
export function accountedRows(records: readonly FileRecord[]): number | undefined {
  const keys = ({ file, md5 }: FileRecord) => endings(file).map((ending) => `${ending}\n${md5}`);
  const counted = new Set(
    records.filter((record) => isLoaded(record) && record.status !== "LOADED_BEFORE").flatMap(keys),
  );
  return records
    .filter(({ status }) => status === "LOADED_BEFORE")
    .every((record) => keys(record).some((key) => counted.has(key)))
    ? totalsOf(records).rowsLoaded
    : undefined;
}

export const text = (value: unknown) =>
  value === null || value === undefined || value === "" ? null : String(value);
export const number = (value: unknown) => (value === null || value === undefined ? null : Number(value));
