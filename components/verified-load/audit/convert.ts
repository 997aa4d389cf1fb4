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
  /** The file has it, its landing table does not. */
  left?: true;
}

export interface Conversion {
  /** The value in the readings' type; NULL where it does not convert. */
  value: string;
  /** True for a value that does not convert; undefined when all do. */
  fails?: string;
  /** A column that the value reads, for the relation below: what is long is said once. */
  prepared?: { name: string; value: string };
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

/** Types of lists, maps and records, and of what has no type (docs: INFER_SCHEMA shows a record as VARIANT). */
export const isNested = (type: string) =>
  /^(VARIANT|ARRAY|OBJECT|MAP|STRUCT|LIST)\b/.test(type.toUpperCase());

/** Families that convert alike, whichever types an account has merged into them; text only becomes text. */
const UNMISTAKABLE: Readonly<Record<string, readonly Family[]>> = {
  VARCHAR: ["text"],
  FLOAT: ["number", "real"],
  NUMBER: ["number", "real"],
  TIMESTAMP_NTZ: ["ntz", "instant", "date"],
};

/** Whether a type means the same for each of several files, also where it was merged of theirs. */
export const isUnmistakable = (column: ReadingsColumn, { type }: LandedColumn): boolean =>
  UNMISTAKABLE[typeParts(column.type).base]?.includes(familyOf(type)) ?? false;

const isInteger = (type: string) => familyOf(type) === "number" && !/,\s*[1-9]/.test(type);

/** How a landed column becomes the readings' column; undefined when types of that pair have no conversion. */
export function convert(column: ReadingsColumn, landed: LandedColumn | undefined): Conversion | undefined {
  // The file does not have the column.
  if (landed === undefined) return { value: `NULL::${column.type}` };
  const source = identifier(landed.name);
  const { base, precision, scale } = typeParts(column.type);
  const binary = familyOf(landed.type) === "binary";
  // Bytes that nobody annotated are text to older writers. docs: TRY_HEX_DECODE_STRING is NULL for what is not UTF-8.
  const [type, read] = binary
    ? ["TEXT", `TRY_HEX_DECODE_STRING(HEX_ENCODE(${source}))`]
    : [landed.type, source];
  const converted = TO[base]?.(familyOf(type), read, { name: column.name, type, precision, scale });
  if (converted === undefined) return undefined;
  if (binary) delete converted.always;
  const { value, prepared } = converted;
  if (converted.always) return { value };
  return {
    value,
    ...(prepared && { prepared }),
    fails: `(${source} IS NOT NULL AND ${converted.value} IS NULL)`,
  };
}

interface Converted extends Pick<Conversion, "value" | "prepared"> {
  /** Every value converts. */
  always?: true;
}
interface Target {
  /** The readings' column. */
  name: string;
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
  NUMBER: (family, source, { type, precision, scale }) => {
    const cast = `NUMBER(${precision},${scale})`;
    const landed = typeParts(type);
    // No digit of the landed type is beyond the column's: "NUMBER" alone says nothing of its digits.
    const fits = landed.scale <= scale && landed.precision - landed.scale <= precision - scale;
    if (family === "number" && landed.precision > 0 && fits)
      return { value: `${source}::${cast}`, always: true };
    if (family === "text") return { value: `TRY_TO_DECIMAL(TRIM(${source}), ${precision}, ${scale})` };
    if (family !== "number" && family !== "real") return undefined;
    // NaN is greater than every number (docs: Numeric data types), so the guard refuses it as it does infinities.
    const limit = `1e${precision - scale}`;
    return {
      value: `IFF(ABS(ROUND(${source}, ${scale})) < ${limit}, ROUND(${source}, ${scale})::${cast}, NULL)`,
    };
  },
  TIMESTAMP_NTZ: (family, source, { name, type }) => {
    if (family === "ntz") return { value: `${source}::TIMESTAMP_NTZ(9)`, always: true };
    if (family === "date") return { value: `${source}::TIMESTAMP_NTZ(9)`, always: true };
    if (family === "instant") return { value: `${utc(source)}::TIMESTAMP_NTZ(9)`, always: true };
    if (family === "text") return timeOfText(source, identifier(`FLUX$${name}`));
    if (family === "number" && isInteger(type)) return { value: timeOfNumber(source) };
    return family === "number" || family === "real" ? { value: timeOfFraction(source) } : undefined;
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
  return isInteger(type) ? { value: `TO_VARCHAR(${source})`, always: true } : undefined;
}

const utc = (instant: string) => `CONVERT_TIMEZONE('UTC', ${instant})`;

/**
 * Texts of times that are taken: ISO 8601, with "T" or a space, with or without time of day, seconds, fraction and offset
 * ("Z", "UTC", hours, or hours and minutes); and whole numbers since 1970. Regular expressions bring them, one after the
 * other, into one spelling, so that one format fits all of them.
 */
const SPELLINGS: readonly [pattern: string, by: string][] = [
  ["^([0-9]{4}-[0-9]{2}-[0-9]{2})T", "\\\\1 "],
  ["^([0-9]{4}-[0-9]{2}-[0-9]{2})$", "\\\\1 00:00"],
  [" ?(Z|UTC|GMT)$", "+00:00"],
  ["(:[0-9]{2}),([0-9]+)", "\\\\1.\\\\2"],
  ["(:[0-9.]+) ?([+-][0-9]{2})$", "\\\\1\\\\2:00"],
  ["(:[0-9.]+) ?([+-][0-9]{2}):?([0-9]{2})$", "\\\\1\\\\2:\\\\3"],
  ["( [0-9]{2}:[0-9]{2})([+-]|$)", "\\\\1:00\\\\2"],
  ["(:[0-9]{2}:[0-9]{2})([+-]|$)", "\\\\1.0\\\\2"],
];
const LOCAL = "YYYY-MM-DD HH24:MI:SS.FF";
const WITH_OFFSET = `${LOCAL}TZH:TZM`;

function timeOfText(source: string, text: string): Converted {
  const spelt = SPELLINGS.reduce(
    (spelt, [pattern, by]) => `REGEXP_REPLACE(${spelt}, '${pattern}', '${by}')`,
    `UPPER(TRIM(${source}))`,
  );
  const value =
    `CASE WHEN REGEXP_LIKE(TRIM(${source}), '-?[0-9]{9,19}') THEN ${timeOfNumber(`TRY_TO_DECIMAL(TRIM(${source}), 38, 0)`)} ` +
    `WHEN REGEXP_LIKE(${text}, '.*[+-][0-9]{2}:[0-9]{2}') THEN ${utc(`TRY_TO_TIMESTAMP_TZ(${text}, '${WITH_OFFSET}')`)}::TIMESTAMP_NTZ(9) ` +
    `ELSE TRY_TO_TIMESTAMP_NTZ(${text}, '${LOCAL}')::TIMESTAMP_NTZ(9) END`;
  return { value, prepared: { name: text, value: spelt } };
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

/** The same for numbers that may have a fraction, such as seconds as a double, to the microsecond. */
function timeOfFraction(source: string): string {
  const size = `ABS(${source})`;
  const micros = (value: string) => `TO_TIMESTAMP_NTZ(ROUND(${value})::NUMBER(38,0), 6)`;
  return (
    `CASE WHEN ${size} < 31536000000 THEN ${micros(`${source} * 1e6`)} ` +
    `WHEN ${size} < 31536000000000 THEN ${micros(`${source} * 1e3`)} ` +
    `WHEN ${size} < 31536000000000000 THEN ${micros(source)} ` +
    `WHEN ${size} < ${GREATEST_NANOSECONDS} THEN ${micros(`${source} / 1e3`)} END`
  );
}
