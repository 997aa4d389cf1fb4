import type { FormatOptions } from "./format-options.ts";
import { readFormatOptions } from "./format-options.ts";
import {
  asBoolean,
  asInteger,
  asName,
  asText,
  asTexts,
  asWord,
  invalidValue,
  type Reader,
  readProperties,
  valueText,
} from "./properties.ts";
import type { ObjectName, Property } from "./values.ts";

/** What to do with a file or row that cannot be loaded. */
export type OnError =
  | { action: "CONTINUE" }
  | { action: "ABORT_STATEMENT" }
  /** Skip a file at its first error, or once it has `limit` bad rows (or per cent of its rows). */
  | { action: "SKIP_FILE"; limit?: number; unit?: "rows" | "percent" };

/** The file format named in a COPY, a stage or a query: a named one, or options on the spot. */
export type FileFormatReference =
  /** `written`: the name as the statement has it. */
  | { formatName: ObjectName; written?: string; options: Partial<FormatOptions> }
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
  validationMode?: ValidationMode;
}

export type ValidationMode =
  | { mode: "RETURN_ROWS"; rows: number }
  | { mode: "RETURN_ERRORS" }
  | { mode: "RETURN_ALL_ERRORS" };

const asOnError: Reader<OnError> = (value, name) => {
  const written = asText(value, name).toUpperCase();
  if (written === "CONTINUE" || written === "ABORT_STATEMENT" || written === "SKIP_FILE") {
    return { action: written };
  }
  const [, limit, percent] = /^SKIP_FILE_(\d+)(%?)$/.exec(written) ?? [];
  if (limit === undefined || Number(limit) < 1 || (percent && Number(limit) > 100)) {
    throw invalidValue(
      name,
      valueText(value),
      "CONTINUE, SKIP_FILE, SKIP_FILE_<n>, 'SKIP_FILE_<n>%' or ABORT_STATEMENT",
    );
  }
  return { action: "SKIP_FILE", limit: Number(limit), unit: percent ? "percent" : "rows" };
};

const asValidationMode: Reader<ValidationMode> = (value, name) => {
  const written = asText(value, name).toUpperCase();
  if (written === "RETURN_ERRORS" || written === "RETURN_ALL_ERRORS") return { mode: written };
  const [, rows] = /^RETURN_(\d+)_ROWS$/.exec(written) ?? [];
  if (rows === undefined) {
    throw invalidValue(name, valueText(value), "RETURN_<n>_ROWS, RETURN_ERRORS or RETURN_ALL_ERRORS");
  }
  return { mode: "RETURN_ROWS", rows: Number(rows) };
};

const metadataColumns = [
  "METADATA$FILENAME",
  "METADATA$FILE_ROW_NUMBER",
  "METADATA$FILE_CONTENT_KEY",
  "METADATA$FILE_LAST_MODIFIED",
  "METADATA$START_SCAN_TIME",
] as const;

const asIncludeMetadata: Reader<Record<string, string>> = (value, name) => {
  if (value.type !== "properties") throw invalidValue(name, valueText(value), "(column = METADATA$…)");
  const asMetadata = asWord(...metadataColumns);
  const columns = value.properties.map((property) => property.name);
  const twice = columns.find((column, index) => columns.indexOf(column) !== index);
  if (twice !== undefined) throw invalidValue(name, twice, "each column once");
  return Object.fromEntries(
    value.properties.map((property) => [property.name, asMetadata(property.value, name)]),
  );
};

/** FILE_FORMAT = (FORMAT_NAME = x), = (TYPE = …), = x or = 'x'. */
export const asFileFormat: Reader<FileFormatReference> = (value, name) => {
  if (value.type === "list" && value.items.length === 0) return { options: {} };
  if (value.type !== "properties") return { formatName: asName(value, name), options: {} };
  const named = value.properties.find((property) => property.name === "FORMAT_NAME");
  const rest = value.properties.filter((property) => property !== named);
  const options = readFormatOptions(rest);
  if (!named) return { options };
  return { formatName: asName(named.value, "FORMAT_NAME"), written: valueText(named.value), options };
};

const asFiles: Reader<string[]> = (value, name) => {
  const files = asTexts(value, name);
  if (files.length > 1000) throw invalidValue(name, `${files.length} files`, "up to 1000 files");
  return files;
};

const readers = {
  FILES: asFiles,
  PATTERN: asText,
  FILE_FORMAT: asFileFormat,
  ON_ERROR: asOnError,
  SIZE_LIMIT: asInteger(1, Number.MAX_SAFE_INTEGER),
  PURGE: asBoolean,
  RETURN_FAILED_ONLY: asBoolean,
  MATCH_BY_COLUMN_NAME: asWord("CASE_SENSITIVE", "CASE_INSENSITIVE", "NONE"),
  INCLUDE_METADATA: asIncludeMetadata,
  ENFORCE_LENGTH: asBoolean,
  TRUNCATECOLUMNS: asBoolean,
  FORCE: asBoolean,
  LOAD_UNCERTAIN_FILES: asBoolean,
  LOAD_MODE: asWord("FULL_INGEST", "ADD_FILES_COPY"),
  VALIDATION_MODE: asValidationMode,
};

/** The options behind COPY INTO <table> FROM …, or between the parentheses of COPY_OPTIONS. */
export function readCopyOptions(properties: readonly Property[]): CopyOptions {
  const read = readProperties(properties, "COPY", readers);
  const options = {
    files: read.FILES,
    pattern: read.PATTERN,
    fileFormat: read.FILE_FORMAT,
    onError: read.ON_ERROR,
    sizeLimit: read.SIZE_LIMIT,
    purge: read.PURGE,
    returnFailedOnly: read.RETURN_FAILED_ONLY,
    matchByColumnName: read.MATCH_BY_COLUMN_NAME,
    includeMetadata: read.INCLUDE_METADATA,
    enforceLength: read.ENFORCE_LENGTH,
    truncateColumns: read.TRUNCATECOLUMNS,
    force: read.FORCE,
    loadUncertainFiles: read.LOAD_UNCERTAIN_FILES,
    loadMode: read.LOAD_MODE,
    validationMode: read.VALIDATION_MODE,
  };
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as CopyOptions;
}
