import { readFileSync } from "node:fs";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { unsupported } from "../errors.ts";
import { reading } from "../functions/date-formats.ts";
import type { FormatOptions } from "../grammar/format-options.ts";
import { quoteIdentifier, quoteLiteral } from "../grammar/identifiers.ts";
import { FileError, type ParquetFile } from "./parquet-file.ts";

/** The options of a CSV file format, as they are read here. */
export interface CsvFormat {
  delimiter: string;
  /** What fields may be enclosed by; empty for nothing. */
  quote: string;
  skippedLines: number;
  /** The first line names the columns. */
  header: boolean;
  trimSpace: boolean;
  nullIf: readonly string[];
  emptyIsNull: boolean;
  /** A row with more or fewer fields than the table has columns is an error. */
  countsFields: boolean;
  skipsBlankLines: boolean;
  /** A character that makes the next one plain in a field that is not enclosed; empty for none. */
  escapedBy: string;
  compression: string;
  /** In the words of strptime; undefined for what AUTO detects. */
  dates?: string;
  times?: string;
  timestamps?: string;
}

/** What DuckDB never finds in a text: so that an empty field is no NULL. */
const NEVER = "\u0001";

/** The name of the column that says how many fields a row has. */
export const FIELDS = "METADATA$FIELDS";

/** Reads what is supported of a file format's options; refuses the rest by name (docs: CREATE FILE FORMAT, TYPE = CSV). */
export function csvFormat(options: Partial<FormatOptions>): CsvFormat {
  const text = (name: string, otherwise: string) => String(options[name] ?? otherwise);
  const none = (name: string, otherwise: string) => {
    const written = text(name, otherwise);
    return written.toUpperCase() === "NONE" ? "" : written;
  };
  const quote = none("FIELD_OPTIONALLY_ENCLOSED_BY", "NONE");
  const escaped = none("ESCAPE", "NONE");
  if (escaped !== "" && escaped !== quote) throw unsupported(`CSV files with ESCAPE = '${escaped}'`);
  if (!["\n", "\r\n"].includes(text("RECORD_DELIMITER", "\n")))
    throw unsupported("CSV files with another RECORD_DELIMITER than a line's end");
  if (!/^UTF-?8$/i.test(text("ENCODING", "UTF8")))
    throw unsupported("CSV files in another ENCODING than UTF8");
  const delimiter = none("FIELD_DELIMITER", ",");
  if (delimiter === "") throw unsupported("CSV files with FIELD_DELIMITER = NONE");
  const moments = (name: string) => {
    const format = text(name, "AUTO");
    if (format.toUpperCase() === "AUTO") return undefined;
    const { plain, zoned } = reading(format, name);
    if (zoned) throw unsupported(`CSV files with ${name} = '${format}'`);
    return plain;
  };
  const [dates, times, timestamps] = ["DATE_FORMAT", "TIME_FORMAT", "TIMESTAMP_FORMAT"].map(moments);
  return {
    delimiter,
    quote,
    skippedLines: Number(options.SKIP_HEADER ?? 0),
    header: options.PARSE_HEADER === true,
    trimSpace: options.TRIM_SPACE === true,
    nullIf: Array.isArray(options.NULL_IF) ? options.NULL_IF : ["\\N"],
    emptyIsNull: options.EMPTY_FIELD_AS_NULL !== false,
    countsFields: options.ERROR_ON_COLUMN_COUNT_MISMATCH !== false,
    skipsBlankLines: options.SKIP_BLANK_LINES === true,
    escapedBy: none("ESCAPE_UNENCLOSED_FIELD", "\\"),
    compression: text("COMPRESSION", "AUTO").toUpperCase(),
    ...(dates !== undefined && { dates }),
    ...(times !== undefined && { times }),
    ...(timestamps !== undefined && { timestamps }),
  };
}

/** Looks into a CSV file: its columns are all text, called by their place, or by its header. */
export function inspectCsv(path: string, name: string, format: CsvFormat, tableColumns: number): ParquetFile {
  const compression = compressionOf(name, format);
  const text = unpacked(path, compression);
  let at = 0;
  for (let line = 0; line < format.skippedLines; line++) at = text.indexOf("\n", at) + 1 || text.length;
  const { first, widest } = shapeOf(text.slice(at), format);
  const width = Math.max(widest, tableColumns, 1);
  const names = Array.from({ length: width }, (_, index) =>
    format.header ? (first[index] ?? "") : `$${index + 1}`,
  );
  return {
    rows: 0,
    columns: names.map((column, index) => ({
      name: column,
      reference: `$${index + 1}`,
      duckdbType: "VARCHAR",
      type: { kind: "text" },
      nullable: true,
    })),
    read: ([file = path]) => readCsv(file, format, compression, width),
  };
}

/**
 * A DuckDB relation over one file. It is read twice, row beside row: once for its values, once for how many fields each
 * row has, in which an empty field must not be NULL.
 */
function readCsv(path: string, format: CsvFormat, compression: string, width: number): string {
  const names = Array.from({ length: width }, (_, index) => `$${index + 1}`);
  const columns = names.map((name) => `${quoteLiteral(name)}: 'VARCHAR'`).join(", ");
  const read = (nulls: string) =>
    `read_csv(${quoteLiteral(path)}, auto_detect = false, header = false, parallel = false, null_padding = true,
      skip = ${format.skippedLines + (format.header ? 1 : 0)}, delim = ${quoteLiteral(format.delimiter)},
      quote = ${quoteLiteral(format.quote)}, escape = ${quoteLiteral(format.quote)}, compression = ${quoteLiteral(compression)},
      nullstr = ${quoteLiteral(nulls)}, allow_quoted_nulls = false, columns = {${columns}})`;
  const fields = names.map((name) => `counted.${quoteIdentifier(name)}`).join(", ");
  return `(SELECT read.*, list_count([${fields}]) AS ${quoteIdentifier(FIELDS)}, row_number() OVER () - 1 AS file_row_number
    FROM ${read(format.emptyIsNull ? "" : NEVER)} AS read POSITIONAL JOIN ${read(NEVER)} AS counted)`;
}

function compressionOf(name: string, { compression }: CsvFormat): string {
  const known: Record<string, string> = { GZIP: "gzip", ZSTD: "zstd", NONE: "none" };
  const detected = { gz: "GZIP", zst: "ZSTD", bz2: "BZ2", br: "BROTLI" }[/\.(\w+)$/.exec(name)?.[1] ?? ""];
  const written = compression === "AUTO" ? (detected ?? "NONE") : compression;
  return known[written] ?? refuse(`CSV files with COMPRESSION = ${written}`);
}

function refuse(what: string): never {
  throw unsupported(what);
}

function unpacked(path: string, compression: string): string {
  const bytes = readFileSync(path);
  if (compression === "gzip") return gunzipSync(bytes).toString("utf8");
  return (compression === "zstd" ? zstdDecompressSync(bytes) : bytes).toString("utf8");
}

/** What a CSV file's text is like. */
interface Shape {
  /** The fields of the first record. */
  first: string[];
  /** The most fields that a record has. */
  widest: number;
}

/** Reads a text field by field. DuckDB passes over empty lines and knows no escapes: neither is left to chance. */
function shapeOf(text: string, { delimiter, quote, escapedBy, skipsBlankLines }: CsvFormat): Shape {
  const shape: Shape = { first: [], widest: 0 };
  let [fields, field, enclosed, records] = [1, "", false, 0];
  const endField = () => {
    if (records === 0) shape.first.push(field);
    field = "";
  };
  const endRecord = (from: number, to: number) => {
    if (!skipsBlankLines && /^\r?$/.test(text.slice(from, to)))
      throw unsupportedFile("An empty line without SKIP_BLANK_LINES");
    endField();
    shape.widest = Math.max(shape.widest, fields);
    records += 1;
    fields = 1;
  };
  let start = text.startsWith("\ufeff") ? 1 : 0;
  for (let at = start; at < text.length; at++) {
    const character = text.charAt(at);
    if (quote !== "" && character === quote) {
      // Two within a field that is enclosed stand for one.
      if (enclosed && text[at + 1] === quote) {
        at += 1;
        if (records === 0) field += character;
      } else enclosed = !enclosed;
    } else if (enclosed) {
      if (records === 0) field += character;
    } else if (text.startsWith(delimiter, at)) {
      endField();
      fields += 1;
      at += delimiter.length - 1;
    } else if (character === "\n") {
      endRecord(start, at);
      start = at + 1;
    } else if (character === escapedBy && !(escapedBy === "\\" && text[at + 1] === "N")) {
      // \N is what NULL_IF has by itself.
      throw unsupportedFile(`An escape by ESCAPE_UNENCLOSED_FIELD = '${escapedBy}'`);
    } else if (records === 0) field += character;
  }
  if (start < text.length) endRecord(start, text.length);
  return { ...shape, first: shape.first.map((each) => each.replace(/\r$/, "")) };
}

const unsupportedFile = (what: string) => new FileError(`${what} is not supported by the local Snowflake.`);

/** Why a CSV file cannot be read, of DuckDB's message: where it is wrong, which is all that Snowflake's many words are about. */
export function csvFailure(error: unknown): string {
  if (error instanceof FileError) return error.message;
  const message = error instanceof Error ? error.message : String(error);
  const line = /on Line: (\d+)/.exec(message)?.[1];
  if (/unicode|utf-?8/i.test(message)) return "Invalid UTF8 detected in string";
  if (/Found: /.test(message))
    return `Field delimiter found while expecting record delimiter in line ${line}`;
  return line === undefined
    ? "Error parsing the CSV file."
    : `Found character that ends no field, or no end of an enclosed one, in line ${line}`;
}
