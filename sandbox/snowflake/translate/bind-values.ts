/** Values that clients bind, and those that are known as a statement is translated, as DuckDB takes them. */
import {
  DuckDBDateValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  type DuckDBValue,
} from "@duckdb/node-api";
import type { Bind } from "../context.ts";
import { unsupported } from "../errors.ts";
import type { ColumnType } from "../result.ts";

export function duckdbValue(value: string | number | Date, type: ColumnType): DuckDBValue {
  if (!(value instanceof Date)) return value;
  const micros = BigInt(value.getTime()) * 1_000n;
  switch (type.type) {
    case "date":
      return new DuckDBDateValue(Math.floor(value.getTime() / 86_400_000));
    case "time":
      return new DuckDBTimeValue(micros % 86_400_000_000n);
    case "timestamp_ntz":
      return new DuckDBTimestampValue(micros);
    default:
      return new DuckDBTimestampTZValue(micros);
  }
}

/** The type of a bind by the drivers' name for it. */
export function bindType(type: string, value: string): ColumnType {
  switch (type.toUpperCase()) {
    case "FIXED": {
      const scale = value.split(".")[1]?.length ?? 0;
      return { type: "fixed", precision: 38, scale };
    }
    case "REAL":
      return { type: "real" };
    case "BOOLEAN":
      return { type: "boolean" };
    case "DATE":
      return { type: "date" };
    case "TIME":
      return { type: "time", scale: 9 };
    case "TIMESTAMP_NTZ":
      return { type: "timestamp_ntz", scale: 9 };
    case "TIMESTAMP_TZ":
      return { type: / \d+$/.test(value) ? "timestamp_tz" : "timestamp_ltz", scale: 9 };
    case "TIMESTAMP_LTZ":
    case "TIMESTAMP":
      return { type: "timestamp_ltz", scale: 9 };
    case "BINARY":
      return { type: "binary", length: 8_388_608 };
    case "VARIANT":
    case "OBJECT":
    case "ARRAY":
      return { type: "variant" };
    default:
      return { type: "text", length: 16_777_216 };
  }
}

/** The type of an array bind, by its first value that is not NULL. */
export function arrayBindType({ type, value }: Bind): ColumnType {
  const values = Array.isArray(value) ? value.filter((each) => each !== null) : [value ?? ""];
  const kind = bindType(type, values[0] ?? "");
  if (kind.type !== "fixed") return kind;
  const scales = values.map((each) => each.split(".")[1]?.length ?? 0);
  return { ...kind, scale: scales.reduce((most, scale) => Math.max(most, scale), 0) };
}

/** Dates are bound in milliseconds, times and timestamps in nanoseconds, booleans as text; some clients bind text for all. */
export function bindValue(value: string, type: ColumnType): DuckDBValue {
  const counted = /^-?\d+$/.test(value);
  switch (type.type) {
    case "real":
      return Number(value);
    case "boolean":
      return value === "1" || value.toLowerCase() === "true";
    case "date":
      return counted ? new DuckDBDateValue(Math.floor(Number(value) / 86_400_000)) : value;
    case "time":
      return counted ? new DuckDBTimeValue(microseconds(value)) : value;
    case "timestamp_ntz":
      return counted ? new DuckDBTimestampValue(microseconds(value)) : value;
    case "timestamp_ltz":
      return /^-?\d+( \d+)?$/.test(value)
        ? new DuckDBTimestampTZValue(microseconds(value.split(" ")[0] as string))
        : value;
    default:
      return value;
  }
}

/** "nanoseconds offset", as drivers bind a moment with its zone, in the protocol's encoding of values. */
export function zoned(value: string): string {
  const [nanoseconds = "", offset = ""] = value.split(" ");
  const micros = microseconds(nanoseconds);
  const digits = String(micros < 0n ? -micros : micros).padStart(7, "0");
  return `${micros < 0n ? "-" : ""}${digits.slice(0, -6)}.${digits.slice(-6)} ${offset}`;
}

/** Nanoseconds as the microseconds that DuckDB has; what would be lost is refused. */
function microseconds(nanoseconds: string): bigint {
  const count = BigInt(nanoseconds);
  if (count % 1_000n !== 0n) throw unsupported("timestamps with digits below the microsecond");
  return count / 1_000n;
}
