import {
  type DuckDBDataChunk,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValue,
} from "@duckdb/node-api";
import type { ColumnType } from "../result.ts";
import { MAX_BINARY, MAX_TEXT } from "./types.ts";

type Cell = string | null;

/** The Snowflake type of what DuckDB answers. */
export const snowflakeType = (type: DuckDBType): ColumnType => {
  if (type.alias === "JSON") return { type: "variant" };
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
};

/** The rows of a chunk in the protocol's encoding. */
export const encodeRows = (chunk: DuckDBDataChunk, types: readonly ColumnType[]): Cell[][] => {
  const columns = types.map((type, index) => {
    const vector = chunk.getColumnVector(index);
    const encode = encoder(type);
    return Array.from({ length: chunk.rowCount }, (_, row) => {
      const value = vector.getItem(row);
      return value === null ? null : encode(value as DuckDBValue);
    });
  });
  return Array.from({ length: chunk.rowCount }, (_, row) => columns.map((column) => column[row] ?? null));
};

const encoder = (type: ColumnType): ((value: DuckDBValue) => string) => {
  switch (type.type) {
    case "date":
      return (value) => (value instanceof DuckDBDateValue ? String(value.days) : String(value));
    case "time":
      return (value) => (value instanceof DuckDBTimeValue ? fraction(value.micros) : String(value));
    case "timestamp_tz":
      // DuckDB keeps the moment and not the offset it was written with: it is shown in UTC.
      return (value) => `${timestamp(value)} 1440`;
    case "timestamp_ntz":
    case "timestamp_ltz":
      return timestamp;
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
      return (value) => String(value);
  }
};

/** Microseconds as "seconds.nanoseconds". */
const fraction = (micros: bigint): string => {
  const seconds = micros / 1_000_000n - (micros % 1_000_000n < 0n ? 1n : 0n);
  const rest = micros - seconds * 1_000_000n;
  return `${seconds}.${String(rest * 1_000n).padStart(9, "0")}`;
};

const timestamp = (value: DuckDBValue): string => {
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue) {
    return fraction(value.micros);
  }
  const other = value as unknown as { seconds?: bigint; milliseconds?: bigint; nanoseconds?: bigint };
  if (other.nanoseconds !== undefined) return fraction(other.nanoseconds / 1_000n);
  if (other.milliseconds !== undefined) return fraction(other.milliseconds * 1_000n);
  return fraction((other.seconds ?? 0n) * 1_000_000n);
};

const float = (value: number): string => {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  return String(value);
};

/** Snowflake prints objects and arrays with two spaces of indentation. */
const semistructured = (value: DuckDBValue): string => {
  const json = String(value);
  return json.startsWith("{") || json.startsWith("[") ? indent(json) : json;
};

/** Lays out JSON text without reading its numbers. */
const indent = (json: string): string => {
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
};
