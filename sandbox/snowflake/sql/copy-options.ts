import type { FormatOptions } from "../catalog/model.ts";
import type { ObjectName } from "./statement.ts";

/** What to do with a file or row that cannot be loaded. */
export type OnError =
  | { action: "CONTINUE" }
  | { action: "ABORT_STATEMENT" }
  /** Skip a file at its first error, or once it has `limit` bad rows (or per cent of its rows). */
  | { action: "SKIP_FILE"; limit?: number; unit?: "rows" | "percent" };

/** The file format named in a COPY, a stage or a query: a named one, or options on the spot. */
export type FileFormatReference =
  | { formatName: ObjectName; options: Partial<FormatOptions> }
  | { options: Partial<FormatOptions> };

/**
 * The options of COPY INTO <table>, and of COPY_OPTIONS of a stage. What was not written is absent:
 * the statement's word goes before the stage's, the stage's before Snowflake's defaults.
 */
export interface CopyOptions {
  files?: string[];
  /** A regular expression over the file's whole name. */
  pattern?: string;
  fileFormat?: FileFormatReference;
  onError?: OnError;
  /** Bytes; loading stops once it is passed. */
  sizeLimit?: number;
  purge?: boolean;
  returnFailedOnly?: boolean;
  matchByColumnName?: "CASE_SENSITIVE" | "CASE_INSENSITIVE" | "NONE";
  /** Column → METADATA$… name, for example { FILE_NAME: "METADATA$FILENAME" }. */
  includeMetadata?: Record<string, string>;
  enforceLength?: boolean;
  truncateColumns?: boolean;
  force?: boolean;
  loadUncertainFiles?: boolean;
  loadMode?: "FULL_INGEST" | "ADD_FILES_COPY";
  validationMode?:
    | { mode: "RETURN_ROWS"; rows: number }
    | { mode: "RETURN_ERRORS" }
    | { mode: "RETURN_ALL_ERRORS" };
}
