import type { Table, TableColumn } from "../catalog/model.ts";
import { assign } from "../engine/types.ts";
import { SnowflakeError } from "../errors.ts";
import { quoteIdentifier, quoteLiteral } from "../grammar/identifiers.ts";
import type { StoredFile } from "../storage/storage.ts";
import {
  asJson,
  type Conversion,
  type ConversionOptions,
  convert,
  sourceOf,
  sourceValue,
} from "./conversion.ts";
import { convertField } from "./csv-conversion.ts";
import { type CsvFormat, FIELDS } from "./csv-file.ts";
import type { LoadFormat } from "./file-format.ts";
import { FileError, type ParquetFile } from "./parquet-file.ts";

export interface LoadOptions extends ConversionOptions, LoadFormat {
  /** The columns of the table that the fields of CSV files are for, if not all. */
  columns?: readonly string[];
  match: "CASE_SENSITIVE" | "CASE_INSENSITIVE" | "NONE";
  /** Table column → METADATA$… name. */
  includeMetadata: ReadonlyMap<string, string>;
  /** An empty text of the file is an error, where columns are matched by name. */
  refuseEmptyText: boolean;
  /** When the COPY began to read: METADATA$START_SCAN_TIME. */
  scanTime: Date;
}

/** One column of the table and where its values come from. */
export interface PlannedColumn extends Conversion {
  name: string;
  /** Position in the table, from 1. */
  position: number;
  /** The METADATA$ column that fills it: the one thing in which files of one shape differ. */
  metadata?: string;
}

/** How files of one schema are loaded. */
export interface LoadPlan {
  columns: PlannedColumn[];
  /** True for rows that cannot be loaded; undefined when all can. */
  invalid?: string;
  /**
   * Names and types of the file's columns, and how they are converted: only files that agree in all of it can be read
   * by one statement, since DuckDB takes the types of the first of them for all.
   */
  shape: string;
  /** A DuckDB relation over files of that shape. */
  read: ParquetFile["read"];
}

/**
 * What METADATA$ columns say of a file (docs: Querying Metadata for Staged Files): DuckDB expressions; the row number needs
 * file_row_number.
 */
export const metadataOf = (file: StoredFile, scanTime: Date): Record<string, string> => ({
  METADATA$FILENAME: quoteLiteral(file.key),
  METADATA$FILE_ROW_NUMBER: "file_row_number + 1",
  METADATA$FILE_CONTENT_KEY: quoteLiteral(file.etag),
  METADATA$FILE_LAST_MODIFIED: `make_timestamp(${file.lastModified.getTime()}000)`,
  METADATA$START_SCAN_TIME: `make_timestamptz(${scanTime.getTime()}000)`,
});

/** Matches a file's columns with the table's and says how each is converted. */
export function planLoad(
  table: Table,
  file: ParquetFile,
  stored: StoredFile,
  options: LoadOptions,
): LoadPlan {
  if (options.match === "CASE_INSENSITIVE") requireDistinct(file);
  const metadata = metadataOf(stored, options.scanTime);
  const loaded = loadedColumns(table, options);
  const columns = loaded.map((column, index): PlannedColumn => {
    const place = { name: column.name, position: table.columns.indexOf(column) + 1 };
    const field = options.includeMetadata.get(column.name);
    // A file always has its metadata: no value of it is ever NULL.
    if (field !== undefined) {
      return { ...place, metadata: field, value: assign(metadata[field] as string, column.type) };
    }
    const planned = withFieldCount(fromFile(file, column, index, options), index, loaded.length, options);
    return column.nullable ? { ...place, ...planned } : { ...place, ...notNull(planned) };
  });
  const conditions = columns.flatMap(({ invalid }) => invalid ?? []);
  const { read } = file;
  const shape = JSON.stringify([
    // CSV files are read one by one.
    options.csv ? stored.url : "",
    file.columns.map(({ reference, duckdbType }) => [reference, duckdbType]),
    columns.map(({ metadata: field, value, invalid }) => [field ?? value, invalid]),
  ]);
  return conditions.length === 0
    ? { columns, shape, read }
    : {
        shape,
        read,
        columns,
        invalid: conditions.map((condition) => `coalesce(${condition}, false)`).join(" OR "),
      };
}

/** The columns of the table that files have values for. */
export const loadedColumns = (table: Table, { columns }: Pick<LoadOptions, "columns">): TableColumn[] =>
  columns
    ? columns.map((name) => {
        const column = table.columns.find((each) => each.name === name);
        if (!column) throw invalidIdentifier(name);
        return column;
      })
    : table.columns;

/** A row of a CSV file with more or fewer fields than there are columns is told at the first of them. */
function withFieldCount(
  planned: Conversion,
  index: number,
  columns: number,
  options: LoadOptions,
): Conversion {
  if (index > 0 || options.match !== "NONE" || !options.csv?.countsFields) return planned;
  const fields = quoteIdentifier(FIELDS);
  const wrong = `(${fields} <> ${columns})`;
  const words = `concat('Number of columns in file (', ${fields}, ') does not match that of the corresponding table (${columns}), use file format option error_on_column_count_mismatch=false to ignore this error')`;
  return {
    value: planned.value,
    invalid: planned.invalid ? `(${wrong} OR ${planned.invalid})` : wrong,
    message: planned.message ? `(CASE WHEN ${wrong} THEN ${words} ELSE ${planned.message} END)` : words,
  };
}

function fromFile(file: ParquetFile, target: TableColumn, index: number, options: LoadOptions): Conversion {
  const { csv } = options;
  if (csv && options.match === "NONE") {
    const field = file.columns[index];
    return field ? convertField(field.reference, target, csv, options.truncate) : { value: "NULL" };
  }
  if (options.match === "NONE") return { value: wholeRow(file, options) };
  const fold = (text: string) => (options.match === "CASE_INSENSITIVE" ? text.toUpperCase() : text);
  const column = file.columns.find((candidate) => fold(candidate.name) === fold(target.name));
  if (!column) return { value: "NULL" };
  if (csv) return convertField(column.reference, target, csv, options.truncate);
  const conversion = convert(column, target, options);
  return options.refuseEmptyText && sourceOf(column.type, options) === "text"
    ? notEmpty(conversion, sourceValue(column, "text", options))
    : conversion;
}

/**
 * Two columns of a file that are one when case does not count. The manual says nothing of them; that such a file is
 * refused is the stricter of what may happen (not verified).
 */
function requireDistinct({ columns }: ParquetFile): void {
  const seen = new Map<string, string>();
  for (const { name } of columns) {
    const other = seen.get(name.toUpperCase());
    if (other !== undefined) {
      throw new FileError(
        `Columns '${other}' and '${name}' of the file are the same column under MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE.`,
      );
    }
    seen.set(name.toUpperCase(), name);
  }
}

/** With MATCH_BY_COLUMN_NAME "an empty column value … produces an error" (docs: COPY INTO <table>; its words: not verified). */
function notEmpty({ value, invalid, message }: Conversion, text: string): Conversion {
  const empty = `(${text} = '')`;
  const words = "'Empty column value is not allowed with MATCH_BY_COLUMN_NAME'";
  return {
    value,
    invalid: invalid ? `(${empty} OR ${invalid})` : empty,
    message: message ? `(CASE WHEN ${empty} THEN ${words} ELSE ${message} END)` : words,
  };
}

const NULL_MESSAGE = "NULL result in a non-nullable column";

const notNull = ({ value, invalid, message }: Conversion): Conversion => ({
  value,
  invalid: invalid ? `(${invalid} OR ${value} IS NULL)` : `(${value} IS NULL)`,
  message: message
    ? `(CASE WHEN ${invalid} THEN ${message} ELSE '${NULL_MESSAGE}' END)`
    : `'${NULL_MESSAGE}'`,
});

/** A file's row as one VARIANT: an object of the file's columns; the plain scanner leaves NULLs out. */
function wholeRow(file: ParquetFile, options: ConversionOptions): string {
  const fields = file.columns.flatMap((column) => {
    const source = sourceOf(column.type, options);
    if (source === "null") return [];
    return [`${quoteLiteral(column.name)}, ${asJson(sourceValue(column, source, options), source)}`];
  });
  const object = `json_object(${fields.join(", ")})`;
  return options.vectorizedScanner ? object : `json_merge_patch('{}', ${object})`;
}

const invalidIdentifier = (name: string) =>
  new SnowflakeError("000904", "42000", `SQL compilation error:\ninvalid identifier '${name}'`);

/** Columns of CSV files are matched by their header (docs: COPY INTO <table>, MATCH_BY_COLUMN_NAME). */
function requireHeader({ header }: CsvFormat, match: LoadOptions["match"]): void {
  if (match === "NONE" || header) return;
  throw new SnowflakeError(
    "001019",
    "0A000",
    "SQL compilation error:\nMATCH_BY_COLUMN_NAME of CSV files needs PARSE_HEADER = TRUE.",
  );
}

/** What cannot be loaded at all is said before any file is read. */
export function requireLoadable(table: Table, options: LoadOptions): void {
  const semiStructured = table.columns.filter(({ type }) =>
    ["variant", "object", "array"].includes(type.type),
  );
  if (options.csv) requireHeader(options.csv, options.match);
  else if (options.match === "NONE" && (table.columns.length !== 1 || semiStructured.length !== 1)) {
    throw new SnowflakeError(
      "002019",
      "0A000",
      "SQL compilation error:\nPARQUET file format can produce one and only one column of type variant, object, or array. Load data into separate columns using the MATCH_BY_COLUMN_NAME copy option or copy with transformation.",
    );
  }
  // Docs: COPY INTO <table>, INCLUDE_METADATA; the words are not verified.
  if (options.includeMetadata.size > 0 && options.match === "NONE") {
    throw new SnowflakeError(
      "002019",
      "0A000",
      "SQL compilation error:\nINCLUDE_METADATA can only be used with the MATCH_BY_COLUMN_NAME copy option.",
    );
  }
  for (const column of options.includeMetadata.keys()) {
    if (!table.columns.some(({ name }) => name === column)) {
      throw invalidIdentifier(column);
    }
  }
}

/** The table's column as COPY names it in errors: "T"["COL":3]. */
export const errorColumn = (table: Table, column: PlannedColumn): string =>
  `${quoteIdentifier(table.name)}[${quoteIdentifier(column.name)}:${column.position}]`;
