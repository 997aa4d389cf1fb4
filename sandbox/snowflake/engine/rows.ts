import {
  type DuckDBDataChunk,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBStructType,
  type DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBTimeValue,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValue,
} from "@duckdb/node-api";
import { SnowflakeError } from "../errors.ts";
import type { ColumnType } from "../result.ts";
import { MAX_BINARY, MAX_TEXT } from "./types.ts";

type Cell = string | null;

/** The Snowflake type of what DuckDB answers. */
export function snowflakeType(type: DuckDBType): ColumnType {
  if (type.alias === "JSON") return { type: "variant" };
  if (isZoned(type)) return { type: "timestamp_tz", scale: 9 };
  switch (type.typeId) {
    case DuckDBTypeId.BOOLEAN:
      return { type: "boolean" };
    case DuckDBTypeId.TINYINT:
    case DuckDBTypeId.SMALLINT:
    case DuckDBTypeId.INTEGER:
    case DuckDBTypeId.BIGINT:
    case DuckDBTypeId.UTINYINT:
    case DuckDBTypeId.USMALLINT:
    case DuckDBTypeId.UINTEGER:
    case DuckDBTypeId.UBIGINT:
    case DuckDBTypeId.HUGEINT:
    case DuckDBTypeId.UHUGEINT:
      return { type: "fixed", precision: 38, scale: 0 };
    case DuckDBTypeId.DECIMAL: {
      const { width, scale } = type as unknown as { width: number; scale: number };
      return { type: "fixed", precision: width, scale };
    }
    case DuckDBTypeId.FLOAT:
    case DuckDBTypeId.DOUBLE:
      return { type: "real" };
    case DuckDBTypeId.DATE:
      return { type: "date" };
    case DuckDBTypeId.TIME:
      return { type: "time", scale: 9 };
    case DuckDBTypeId.TIMESTAMP:
    case DuckDBTypeId.TIMESTAMP_S:
    case DuckDBTypeId.TIMESTAMP_MS:
    case DuckDBTypeId.TIMESTAMP_NS:
      return { type: "timestamp_ntz", scale: 9 };
    case DuckDBTypeId.TIMESTAMP_TZ:
      return { type: "timestamp_ltz", scale: 9 };
    case DuckDBTypeId.BLOB:
      return { type: "binary", length: MAX_BINARY };
    case DuckDBTypeId.LIST:
    case DuckDBTypeId.ARRAY:
      return { type: "array" };
    case DuckDBTypeId.STRUCT:
    case DuckDBTypeId.MAP:
      return { type: "object" };
    default:
      return { type: "text", length: MAX_TEXT };
  }
}

/** The struct that keeps a TIMESTAMP_TZ. */
export const isZoned = (type: DuckDBType): boolean =>
  type instanceof DuckDBStructType && type.entryNames.join() === "at,offset";

/** The rows of a chunk in the protocol's encoding, one after another: a few of them may fill the memory. */
export function* encodeRows(chunk: DuckDBDataChunk, types: readonly ColumnType[]): Generator<Cell[]> {
  const columns = types.map((type, index) => ({
    vector: chunk.getColumnVector(index),
    encode: encoder(type),
  }));
  for (let row = 0; row < chunk.rowCount; row++) {
    yield columns.map(({ vector, encode }) => {
      const value = vector.getItem(row);
      return value === null ? null : encode(value as DuckDBValue);
    });
  }
}

function encoder(type: ColumnType): (value: DuckDBValue) => string {
  switch (type.type) {
    case "date":
      return (value) => (value instanceof DuckDBDateValue ? String(value.days) : String(value));
    case "time":
      return (value) => decimal((value as DuckDBTimeValue).micros, type.scale);
    case "timestamp_tz":
      return (value) => {
        const { at, offset } = (value as DuckDBStructValue).entries;
        return `${decimal((at as DuckDBTimestampValue).micros, type.scale)} ${1440 + Number(offset)}`;
      };
    case "timestamp_ntz":
    case "timestamp_ltz":
      return (value) => decimal(micros(value), type.scale);
    case "boolean":
      // "1" and "0" are what every driver reads: the Python connector compares with "1" and "TRUE".
      return (value) => (value === true ? "1" : "0");
    case "real":
      return (value) => float(Number(value));
    case "fixed":
      return (value) => (value instanceof DuckDBDecimalValue ? value.toString() : String(value));
    case "binary":
      return (value) =>
        Buffer.from((value as unknown as { bytes: Uint8Array }).bytes)
          .toString("hex")
          .toUpperCase();
    case "variant":
    case "object":
    case "array":
      return semistructured;
    default:
      return (value) => {
        const text = String(value);
        if (text.length > MAX_TEXT) throw tooLong(text);
        return text;
      };
  }
}

/** 100078, for a value that no column could hold. */
const tooLong = (text: string) =>
  new SnowflakeError("100078", "22000", `String '${text.slice(0, 100)}…' is too long and would be truncated`);

/** 100082, in the words that clients of real accounts report. */
const tooLarge = (size: number) =>
  new SnowflakeError(
    "100082",
    "22000",
    `Max LOB size (${MAX_TEXT}) exceeded, actual size of parsed column is ${size}`,
  );

/** Microseconds as seconds, with as many digits as the scale has. */
function decimal(micros: bigint, scale: number): string {
  const sign = micros < 0n ? "-" : "";
  const size = micros < 0n ? -micros : micros;
  const digits = String(size % 1_000_000n)
    .padStart(6, "0")
    .padEnd(9, "0")
    .slice(0, scale);
  return `${sign}${size / 1_000_000n}${scale > 0 ? "." : ""}${digits}`;
}

function micros(value: DuckDBValue): bigint {
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue) return value.micros;
  const other = value as unknown as { seconds?: bigint; millis?: bigint; nanos?: bigint };
  if (other.nanos !== undefined) return other.nanos / 1_000n;
  return other.millis === undefined ? (other.seconds ?? 0n) * 1_000_000n : other.millis * 1_000n;
}

function float(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  return String(value);
}

/** Snowflake prints objects and arrays with two spaces of indentation. */
function semistructured(value: DuckDBValue): string {
  const json = String(value);
  if (json.length > MAX_TEXT) throw tooLarge(json.length);
  return json.startsWith("{") || json.startsWith("[") ? indent(json) : json;
}

/** Lays out JSON text without reading its numbers. */
function indent(json: string): string {
  let out = "";
  let depth = 0;
  const newLine = () => {
    out += `\n${"  ".repeat(depth)}`;
  };
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g)) {
    if (token === "}" || token === "]") {
      depth -= 1;
      if (!/[{[]$/.test(out)) newLine();
      out += token;
      continue;
    }
    if (/[{[]$/.test(out)) newLine();
    if (token === "{" || token === "[") depth += 1;
    out += token === ":" ? ": " : token;
    if (token === ",") newLine();
  }
  return out;
}
