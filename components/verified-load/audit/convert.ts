/**
 * How a column of a file becomes a column of the readings: one expression for each pair of types, written once. None of
 * them fails: what does not convert is NULL, and `fails` says so, so that the row can be rejected and kept.
 *
 * docs: TRY_CAST and TRY_TO_* take text only, so numbers are guarded by their range before they are cast.
 */
import type { ReadingsColumn } from "../../readings-columns.ts";
import { identifier } from "../../sql.ts";

/** A column as it landed: name and type as INFER_SCHEMA tells them. */
export interface LandedColumn {
  name: string;
  type: string;
}

export interface Conversion {
  /** The value in the readings' type; NULL where it does not convert. */
  value: string;
  /** True for a value that does not convert; undefined when all do. */
  fails?: string;
}

type Family = "text" | "number" | "real" | "ntz" | "instant" | "date" | "binary" | "other";

/** What INFER_SCHEMA says of a type, as the family that converts alike. */
function familyOf(type: string): Family {
  const word = /^[A-Z_]+/.exec(type.toUpperCase())?.[0] ?? "";
  if (["TEXT", "VARCHAR", "STRING", "CHAR"].includes(word)) return "text";
  if (["NUMBER", "DECIMAL", "NUMERIC", "INT", "INTEGER", "BIGINT", "FIXED"].includes(word)) return "number";
  if (["REAL", "FLOAT", "DOUBLE"].includes(word)) return "real";
  if (["TIMESTAMP_NTZ", "DATETIME", "TIMESTAMP"].includes(word)) return "ntz";
  if (["TIMESTAMP_LTZ", "TIMESTAMP_TZ"].includes(word)) return "instant";
  if (word === "DATE") return "date";
  if (["BINARY", "VARBINARY"].includes(word)) return "binary";
  return "other";
}

const isInteger = (type: string) => familyOf(type) === "number" && !/,\s*[1-9]/.test(type);

/** How a landed column becomes the readings' column; undefined when types of that pair have no conversion. */
export function convert(column: ReadingsColumn, landed: LandedColumn | undefined): Conversion | undefined {
  // The file does not have the column.
  if (landed === undefined) return { value: `NULL::${column.type}` };
  const source = identifier(landed.name);
  const { base, precision, scale } = typeParts(column.type);
  const converted = TO[base]?.(familyOf(landed.type), source, { ...landed, precision, scale });
  if (converted === undefined) return undefined;
  if (converted.always) return { value: converted.value };
  return { value: converted.value, fails: `(${source} IS NOT NULL AND ${converted.value} IS NULL)` };
}

interface Converted {
  value: string;
  /** Every value converts. */
  always?: true;
}
interface Target {
  type: string;
  precision: number;
  scale: number;
}

/** Conversions by the readings' type. */
const TO: Record<string, (family: Family, source: string, target: Target) => Converted | undefined> = {
  VARCHAR: (family, source, { type, precision }) => {
    const text = textOf(family, source, type);
    if (text === undefined || precision >= LONGEST_TEXT) return text;
    return { value: `IFF(LENGTH(${text.value}) <= ${precision}, ${text.value}, NULL)` };
  },
  FLOAT: (family, source) => {
    if (family === "real") return { value: source, always: true };
    if (family === "number") return { value: `${source}::FLOAT`, always: true };
    if (family === "text") return { value: `TRY_TO_DOUBLE(TRIM(${source}))` };
    return undefined;
  },
  NUMBER: (family, source, { precision, scale }) => {
    const cast = `NUMBER(${precision},${scale})`;
    if (family === "text") return { value: `TRY_TO_DECIMAL(TRIM(${source}), ${precision}, ${scale})` };
    if (family !== "number" && family !== "real") return undefined;
    // NaN is greater than every number (docs: Numeric data types), so the guard refuses it as it does infinities.
    const limit = `1e${precision - scale}`;
    return {
      value: `IFF(ABS(ROUND(${source}, ${scale})) < ${limit}, ROUND(${source}, ${scale})::${cast}, NULL)`,
    };
  },
  TIMESTAMP_NTZ: (family, source, { type }) => {
    if (family === "ntz") return { value: `${source}::TIMESTAMP_NTZ(9)`, always: true };
    if (family === "date") return { value: `${source}::TIMESTAMP_NTZ(9)`, always: true };
    if (family === "instant") return { value: `${utc(source)}::TIMESTAMP_NTZ(9)`, always: true };
    if (family === "text") return { value: timeOfText(`TRIM(${source})`) };
    if (family === "number" && isInteger(type)) return { value: timeOfNumber(source) };
    return undefined;
  },
};

const LONGEST_TEXT = 16_777_216;

function typeParts(type: string): { base: string; precision: number; scale: number } {
  const [, base = "", precision = "0", scale = "0"] = /^(\w+)(?:\((\d+)(?:,\s*(\d+))?\))?$/.exec(type) ?? [];
  return { base, precision: Number(precision), scale: Number(scale) };
}

function textOf(family: Family, source: string, type: string): Converted | undefined {
  if (family === "text") return { value: source, always: true };
  // A floating-point number has no text of its own: 1e21 or 0.1 + 0.2 could become another meter.
  if (isInteger(type)) return { value: `TO_VARCHAR(${source})`, always: true };
  // docs: TRY_HEX_DECODE_STRING is NULL for what is not UTF-8.
  if (family === "binary") return { value: `TRY_HEX_DECODE_STRING(HEX_ENCODE(${source}))` };
  return undefined;
}

const utc = (instant: string) => `CONVERT_TIMEZONE('UTC', ${instant})`;

/** Texts of times that are taken: ISO 8601, with "T" or a space, with or without seconds, fraction and offset. */
const LOCAL_FORMATS = [
  'YYYY-MM-DD"T"HH24:MI:SS.FF',
  'YYYY-MM-DD"T"HH24:MI:SS',
  'YYYY-MM-DD"T"HH24:MI',
  "YYYY-MM-DD HH24:MI:SS.FF",
  "YYYY-MM-DD HH24:MI:SS",
  "YYYY-MM-DD HH24:MI",
];
const OFFSET_FORMATS = LOCAL_FORMATS.map((format) => `${format}TZH:TZM`);

/** "Z" is the offset +00:00, and one of four digits gets its colon: then one format fits each. */
function timeOfText(text: string): string {
  const offset = `REGEXP_REPLACE(REGEXP_REPLACE(${text}, 'Z$', '+00:00'), ' ?([+-][0-9]{2}):?([0-9]{2})$', '\\\\1:\\\\2')`;
  const withOffset = OFFSET_FORMATS.map((format) => `TRY_TO_TIMESTAMP_TZ(${offset}, '${format}')`);
  const local = LOCAL_FORMATS.map((format) => `TRY_TO_TIMESTAMP_NTZ(${text}, '${format}')`);
  return (
    `IFF(REGEXP_LIKE(${text}, '.*(Z|[+-][0-9]{2}:?[0-9]{2})') AND LENGTH(${text}) > 16, ` +
    `${utc(`COALESCE(${withOffset.join(", ")})`)}::TIMESTAMP_NTZ(9), COALESCE(${local.join(", ")})::TIMESTAMP_NTZ(9))`
  );
}

/** Beyond what a time can be; the casts below would fail there. */
const GREATEST_NANOSECONDS = "253402300800000000000";

/**
 * Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their size as Snowflake does for integers
 * in text (docs: TO_TIMESTAMP, usage notes).
 */
function timeOfNumber(source: string): string {
  const size = `ABS(${source})`;
  return (
    `CASE WHEN ${size} < 31536000000 THEN TO_TIMESTAMP_NTZ(${source}, 0) ` +
    `WHEN ${size} < 31536000000000 THEN TO_TIMESTAMP_NTZ(${source}, 3) ` +
    `WHEN ${size} < 31536000000000000 THEN TO_TIMESTAMP_NTZ(${source}, 6) ` +
    `WHEN ${size} < ${GREATEST_NANOSECONDS} THEN TO_TIMESTAMP_NTZ(${source}, 9) END`
  );
}
