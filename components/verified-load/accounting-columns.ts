/**
 * The two tables the load keeps beside the readings, declared once: the stack creates them from this, the load reads and
 * writes them. Plain data, so that modules without Pulumi may import it.
 */
export interface AccountingColumn {
  /** Name as Snowflake stores it (upper case). */
  readonly name: string;
  /** Snowflake data type in its full spelling, as DESCRIBE TABLE returns it. */
  readonly type: string;
  /** Whether the column may hold NULL. */
  readonly nullable: boolean;
  /** What the column holds; becomes the column's comment in Snowflake. */
  readonly comment: string;
}

/** `<table>_LOADS`: one row for each file and the COPY that dealt with it. */
export const ACCOUNTING_COLUMNS = [
  {
    name: "FILE",
    type: "VARCHAR(16777216)",
    nullable: false,
    comment: "Path below the stage; elsewhere: whole URL",
  },
  { name: "SIZE", type: "NUMBER(38,0)", nullable: false, comment: "Bytes, as listed before the load" },
  {
    name: "MD5",
    type: "VARCHAR(16777216)",
    nullable: false,
    comment: "Checksum (ETag), as listed before the load",
  },
  {
    name: "STATUS",
    type: "VARCHAR(16777216)",
    nullable: false,
    comment:
      "LOADED, PARTIALLY_LOADED, LOAD_FAILED, or LOADED_BEFORE (Snowflake skipped it as loaded before)",
  },
  { name: "ROWS_PARSED", type: "NUMBER(38,0)", nullable: false, comment: "Rows read from the file" },
  { name: "ROWS_LOADED", type: "NUMBER(38,0)", nullable: false, comment: "Rows that are in the table" },
  { name: "ROWS_REJECTED", type: "NUMBER(38,0)", nullable: false, comment: "Rows read but not loaded" },
  { name: "FIRST_ERROR", type: "VARCHAR(16777216)", nullable: true, comment: "First error of the file" },
  { name: "FIRST_ERROR_LINE", type: "NUMBER(38,0)", nullable: true, comment: "Row of the first error" },
  {
    name: "FIRST_ERROR_COLUMN",
    type: "VARCHAR(16777216)",
    nullable: true,
    comment: "Column of the first error",
  },
  {
    name: "QUERY_ID",
    type: "VARCHAR(16777216)",
    nullable: false,
    comment: "COPY that dealt with the file; empty when unknown",
  },
  {
    name: "LOADED_BY",
    type: "VARCHAR(16777216)",
    nullable: false,
    comment: "Stack that ran the COPY, or OTHER",
  },
  { name: "LOADED_AT", type: "TIMESTAMP_NTZ(9)", nullable: false, comment: "End of the COPY, UTC" },
  {
    name: "DISCARDED_AT",
    type: "TIMESTAMP_NTZ(9)",
    nullable: true,
    comment: "When the table was found emptied after this load, UTC; such rows count no more",
  },
] as const satisfies readonly AccountingColumn[];

/** `<table>_LOAD_LOCK`: one row for each load at work; more than one means that all but one wait. */
export const LOCK_COLUMNS = [
  {
    name: "HOLDER",
    type: "VARCHAR(16777216)",
    nullable: false,
    comment: "One load: unique, with host and process",
  },
  { name: "OWNER", type: "VARCHAR(16777216)", nullable: false, comment: "Stack that loads" },
  {
    name: "RENEWED_AT",
    type: "TIMESTAMP_NTZ(9)",
    nullable: false,
    comment: "Last sign of life, UTC; an old one is void",
  },
] as const satisfies readonly AccountingColumn[];

/** Names of the two tables beside a readings table. */
export const accountingTableName = (table: string) => `${table}_LOADS`;
export const lockTableName = (table: string) => `${table}_LOAD_LOCK`;

/** Privileges the loader role needs on each of them. */
export const ACCOUNTING_PRIVILEGES = ["SELECT", "INSERT", "UPDATE", "DELETE"] as const;
