import type { ColumnType } from "../result.ts";

/** The longest text and binary that a Snowflake column holds. */
export const MAX_TEXT = 16_777_216;
export const MAX_BINARY = 8_388_608;

/** The DuckDB type that keeps a Snowflake type's values. */
export function duckdbType(type: ColumnType): string {
  switch (type.type) {
    case "text":
      return "VARCHAR";
    case "fixed":
      return `DECIMAL(${type.precision},${type.scale})`;
    case "real":
      return "DOUBLE";
    case "boolean":
      return "BOOLEAN";
    case "date":
      return "DATE";
    case "time":
      return "TIME";
    case "timestamp_ntz":
      return "TIMESTAMP";
    case "timestamp_ltz":
      return "TIMESTAMP WITH TIME ZONE";
    case "timestamp_tz":
      // The moment in UTC, and the minutes of the offset it was written with.
      return 'STRUCT("at" TIMESTAMP, "offset" SMALLINT)';
    case "variant":
    case "object":
    case "array":
      return "JSON";
    case "binary":
      return "BLOB";
  }
}

/**
 * The type of a stored column, with how it is stored. Exact numbers of more than 18 digits take 128 bits, and DuckDB
 * reads those a thousand times slower when they are bit-packed, which it would do by itself.
 */
export const storedType = (type: ColumnType): string =>
  type.type === "fixed" && type.precision > 18
    ? `${duckdbType(type)} USING COMPRESSION uncompressed`
    : duckdbType(type);

/** A type as DESCRIBE TABLE spells it, for example NUMBER(38,0) or TIMESTAMP_NTZ(9). */
export function typeName(type: ColumnType): string {
  switch (type.type) {
    case "text":
      return `VARCHAR(${type.length})`;
    case "fixed":
      return `NUMBER(${type.precision},${type.scale})`;
    case "real":
      return "FLOAT";
    case "time":
      return `TIME(${type.scale})`;
    case "timestamp_ntz":
    case "timestamp_ltz":
    case "timestamp_tz":
      return `${type.type.toUpperCase()}(${type.scale})`;
    case "binary":
      return `BINARY(${type.length})`;
    default:
      return type.type.toUpperCase();
  }
}

/**
 * DuckDB's SQL that makes a value of a column's type of an expression, with Snowflake's checks:
 * text that is too long is an error, not cut.
 */
export function assign(expression: string, type: ColumnType): string {
  if (type.type === "fixed" && type.precision < 38) {
    return `coalesce(TRY_CAST(${expression} AS ${duckdbType(type)}), sf_out_of_range(${expression}))`;
  }
  if (type.type === "variant" || type.type === "object" || type.type === "array") {
    return `sf_lob(CAST(${expression} AS JSON))`;
  }
  if (type.type !== "text") {
    const value =
      type.type === "timestamp_tz" ? `sf_tz(${expression})` : `CAST(${expression} AS ${duckdbType(type)})`;
    const cut =
      (type.type === "time" || type.type.startsWith("timestamp")) && "scale" in type && type.scale < 6;
    return cut ? `sf_cut_${type.type}(${value}, ${10 ** (6 - type.scale)})` : value;
  }
  return type.length < MAX_TEXT ? `sf_fit(sf_text(${expression}), ${type.length})` : `sf_text(${expression})`;
}
