/**
 * The tables that a load keeps beside the readings, declared once: columns, names, and the statements that make them.
 * Plain data and texts, so that modules without Pulumi may import it.
 */
import { READINGS_COLUMNS } from "../readings-columns.ts";
import { literal, qualified } from "../sql.ts";

/** One column of a table that the load keeps. */
export interface TableColumn {
  /** Name as Snowflake stores it (upper case). */
  readonly name: string;
  /** Snowflake data type in its full spelling, as DESCRIBE TABLE returns it. */
  readonly type: string;
  /** Whether the column may hold NULL. @default true */
  readonly nullable?: boolean;
  /** What the column holds; becomes the column's comment in Snowflake. */
  readonly comment: string;
}

const TEXT = "VARCHAR(16777216)";
const COUNT = "NUMBER(38,0)";
const TIME = "TIMESTAMP_NTZ(9)";

/**
 * `<table>_LOADS`: the accounting, one row for each file that is, or was, in the readings. A file is in them as long as its
 * row has no DISCARDED_AT. Made by the stack, so its first columns are those that stacks have had from the beginning.
 */
export const ACCOUNTING_COLUMNS = [
  { name: "FILE", type: TEXT, nullable: false, comment: "Whole URL of the file" },
  { name: "SIZE", type: COUNT, nullable: false, comment: "Bytes, as listed" },
  { name: "MD5", type: TEXT, nullable: false, comment: "Checksum (ETag), as listed" },
  { name: "STATUS", type: TEXT, nullable: false, comment: "LOADED, or PARTIALLY_LOADED: some rows rejected" },
  { name: "ROWS_PARSED", type: COUNT, nullable: false, comment: "Rows of the file" },
  { name: "ROWS_LOADED", type: COUNT, nullable: false, comment: "Rows published" },
  { name: "ROWS_REJECTED", type: COUNT, nullable: false, comment: "Rows rejected, kept in <table>_REJECTED" },
  { name: "FIRST_ERROR", type: TEXT, comment: "Why the first row was rejected" },
  { name: "FIRST_ERROR_LINE", type: COUNT, comment: "Row of the first error" },
  { name: "FIRST_ERROR_COLUMN", type: TEXT, comment: "Column of the first error" },
  { name: "QUERY_ID", type: TEXT, nullable: false, comment: "COPY that landed the file; empty when unknown" },
  { name: "LOADED_BY", type: TEXT, nullable: false, comment: "Stack that loaded it" },
  { name: "LOADED_AT", type: TIME, nullable: false, comment: "When it was published, UTC" },
  { name: "DISCARDED_AT", type: TIME, comment: "When its rows left the readings, UTC; it counts no more" },
  { name: "FILE_ID", type: COUNT, comment: "FILE_ID of its rows; NULL: loaded before rows had one" },
  { name: "LOAD_ID", type: TEXT, comment: "Load that published it" },
  { name: "FIRST_TIME", type: TIME, comment: "First TIMESTAMP of its rows" },
  { name: "LAST_TIME", type: TIME, comment: "Last TIMESTAMP of its rows" },
] as const satisfies readonly TableColumn[];

/** `<table>_LOAD_LOCK`: one row for each load at work: a courtesy that saves double work, no more. */
export const LOCK_COLUMNS = [
  { name: "HOLDER", type: TEXT, nullable: false, comment: "One load" },
  { name: "OWNER", type: TEXT, nullable: false, comment: "Stack that loads" },
  { name: "RENEWED_AT", type: TIME, nullable: false, comment: "Last sign of life, UTC; an old one is void" },
] as const satisfies readonly TableColumn[];

/** `<table>_REJECTED`: every row that was not published, never shared. */
const REJECTED_COLUMNS: readonly TableColumn[] = [
  { name: "FILE_ID", type: COUNT, comment: "File it comes from" },
  { name: "FILE", type: TEXT, comment: "Whole URL of the file" },
  { name: "ROW_NUMBER", type: COUNT, comment: "Row in the file" },
  { name: "COLUMN_NAME", type: TEXT, comment: "Column that was the reason" },
  { name: "REASON", type: TEXT, comment: "Why the row was rejected" },
  { name: "RAW_RECORD", type: "VARIANT", comment: "The row as it is in the file" },
  { name: "LOAD_ID", type: TEXT, comment: "Load that rejected it" },
  { name: "REJECTED_AT", type: TIME, comment: "When, UTC" },
];

/**
 * `<table>_CORRECTED`: rejected rows as they should have been, for the next load to take in. The readings' own columns, so
 * that Snowflake refuses what does not convert when it is inserted.
 */
const CORRECTED_COLUMNS: readonly TableColumn[] = [
  { name: "FILE_ID", type: COUNT, nullable: false, comment: "File of the rejected row" },
  { name: "ROW_NUMBER", type: COUNT, nullable: false, comment: "Its row in the file" },
  ...READINGS_COLUMNS,
  { name: "RETURNED_BY", type: TEXT, comment: "Load that took it in" },
  { name: "RETURNED_AT", type: TIME, comment: "When, UTC; NULL: it waits" },
];

/** `<table>_METERS`: what the readings come to for each meter, kept by the transaction that publishes. */
const METERS_COLUMNS: readonly TableColumn[] = [
  { name: "METER_ID", type: TEXT, comment: "Meter" },
  { name: "FIRST_AT", type: TIME, comment: "First reading within the accepted times" },
  { name: "LAST_AT", type: TIME, comment: "Last reading within the accepted times" },
  { name: "READINGS", type: COUNT, comment: "Readings" },
  { name: "INTERVALS", type: COUNT, comment: "Intervals with a reading" },
];

/** `<table>_DAYS`: the same for each day. Readings without a TIMESTAMP are the row without a DAY. */
const DAYS_COLUMNS: readonly TableColumn[] = [
  { name: "DAY", type: "DATE", comment: "Day, UTC" },
  { name: "FIRST_AT", type: TIME, comment: "First reading of the day" },
  { name: "LAST_AT", type: TIME, comment: "Last reading of the day" },
  { name: "READINGS", type: COUNT, comment: "Readings" },
  { name: "METERS", type: COUNT, comment: "Meters with a reading" },
  { name: "INTERVALS", type: COUNT, comment: "Intervals with a reading, over all meters" },
  { name: "HOURS", type: "VARIANT", comment: "Intervals with a reading in each hour of the day, 24 numbers" },
];

/** `<table>_RUNS`: one row for each load, published or not, with its verdict. */
const RUNS_COLUMNS: readonly TableColumn[] = [
  { name: "LOAD_ID", type: TEXT, comment: "The load" },
  { name: "OWNER", type: TEXT, comment: "Stack that loads" },
  { name: "STARTED_AT", type: TIME, comment: "When it began, UTC" },
  { name: "ENDED_AT", type: TIME, comment: "When it ended, UTC" },
  { name: "OUTCOME", type: TEXT, comment: "published, refused (by a check), dry run, or publishing" },
  { name: "VERSION", type: COUNT, comment: "Version of the readings that it published" },
  { name: "OUTPUTS", type: TEXT, comment: "Verdict and figures, JSON" },
  { name: "STEPS", type: TEXT, comment: "Seconds and warehouse size of each step, JSON" },
];

/** `<table>_FIGURES`: what a picture of a load needs, counted while it was audited: 20,000 rows a load at most. */
const FIGURES_COLUMNS: readonly TableColumn[] = [
  { name: "LOAD_ID", type: TEXT, comment: "The load" },
  {
    name: "FIGURE",
    type: TEXT,
    comment: "hour, day, begin, end, usage, voltage, nulls, rejected, example or file",
  },
  { name: "DAY", type: "DATE", comment: "Of an hour, a day, a begin or an end: its day" },
  {
    name: "HOUR",
    type: COUNT,
    comment: "Of an hour, a begin, an end or a usage: hour of the day, UTC",
  },
  {
    name: "NAME",
    type: TEXT,
    comment: "Of nulls: the column; of rejected or an example: the reason; of voltage: whole volts",
  },
  { name: "ROWS_COUNTED", type: COUNT, comment: "Rows" },
  {
    name: "METERS",
    type: COUNT,
    comment:
      "Of an hour or a day: meters with a reading; of a begin or an end: meters with their first or last",
  },
  {
    name: "TOTAL",
    type: "FLOAT",
    comment:
      "Of a usage: kWh; of a day: intervals with a reading; of a begin or an end: intervals that are due in its hour; of a file: bytes",
  },
  { name: "LOWER_QUARTILE", type: "FLOAT", comment: "Of a usage: kWh of a reading" },
  { name: "MEDIAN", type: "FLOAT", comment: "Of a usage: kWh of a reading" },
  { name: "UPPER_QUARTILE", type: "FLOAT", comment: "Of a usage: kWh of a reading" },
  { name: "FILE", type: TEXT, comment: "Of a file or an example: whole URL" },
  { name: "ROWS_REJECTED", type: COUNT, comment: "Of a file: rows rejected" },
  {
    name: "ROW_NUMBER",
    type: COUNT,
    comment: "Of an example: row in the file; of a file: row of its first error",
  },
  {
    name: "EXAMPLE",
    type: TEXT,
    comment: "Of an example: the rejected row's beginning; of a file: its first error",
  },
];

/** `<table>_LANDED`: the files that lie in landing tables, whole. */
const LANDED_COLUMNS: readonly TableColumn[] = [
  { name: "LANDING", type: TEXT, comment: "Landing table" },
  { name: "LANDED_AS", type: TEXT, comment: "The file as METADATA$FILENAME names it" },
  { name: "FILE", type: TEXT, comment: "Whole URL of the file" },
  { name: "SIZE", type: COUNT, comment: "Bytes, as listed" },
  { name: "MD5", type: TEXT, comment: "Checksum (ETag), as listed" },
  { name: "LAST_MODIFIED", type: TIME, comment: "As listed, UTC" },
  { name: "ROWS_LANDED", type: COUNT, comment: "Rows of the file, all of which landed" },
  { name: "QUERY_ID", type: TEXT, comment: "The COPY" },
  { name: "SHAPE", type: TEXT, comment: "Columns and types of the landing table, JSON" },
  { name: "LANDED_AT", type: TIME, comment: "When, UTC" },
];

/** Tables that the load makes itself, by what follows the readings table's name. */
export const KEPT = {
  REJECTED: REJECTED_COLUMNS,
  CORRECTED: CORRECTED_COLUMNS,
  METERS: METERS_COLUMNS,
  DAYS: DAYS_COLUMNS,
  RUNS: RUNS_COLUMNS,
  FIGURES: FIGURES_COLUMNS,
  LANDED: LANDED_COLUMNS,
} as const satisfies Record<string, readonly TableColumn[]>;

/** All tables that the load makes itself. */
export const KEPT_TABLES = [...Object.keys(KEPT), "CONTROL"] as readonly (keyof typeof KEPT | "CONTROL")[];

/** Names of the tables beside a readings table. */
export const accountingTableName = (table: string) => `${table}_LOADS`;
export const lockTableName = (table: string) => `${table}_LOAD_LOCK`;
export const keptTableName = (table: string, kept: keyof typeof KEPT | "CONTROL") => `${table}_${kept}`;

/** Privileges the loader role needs on the two tables that the stack makes. */
export const ACCOUNTING_PRIVILEGES = ["SELECT", "INSERT", "UPDATE", "DELETE"] as const;

/** Column of the readings that says which file a row comes from. */
export const LINEAGE_COLUMN = {
  name: "FILE_ID",
  type: COUNT,
  comment: "File in the accounting (<table>_LOADS); NULL: not loaded by this stack, or before it kept that",
} as const satisfies TableColumn;

/** CREATE TABLE of a kept table. Loses nothing when it is there. */
export function createStatement(
  parts: readonly [database: string, schema: string, table: string],
  columns: readonly TableColumn[],
): string {
  const declared = columns.map(
    ({ name, type, nullable = true, comment }) =>
      `${name} ${type}${nullable ? "" : " NOT NULL"} COMMENT ${literal(comment)}`,
  );
  return `CREATE TABLE IF NOT EXISTS ${qualified(...parts)} (${declared.join(", ")})`;
}
