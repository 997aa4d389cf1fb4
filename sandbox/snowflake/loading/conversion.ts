import type { TableColumn } from "../catalog/model.ts";
import { assign, duckdbType, MAX_TEXT } from "../engine/types.ts";
import { quoteIdentifier, quoteLiteral } from "../grammar/identifiers.ts";
import type { ColumnType } from "../result.ts";
import type { ParquetColumn, ParquetType } from "./parquet-file.ts";

/** Options of the file format and the COPY that change how values are converted. */
export interface ConversionOptions {
  /** USE_LOGICAL_TYPE, or the vectorized scanner, which always does. */
  logicalTypes: boolean;
  vectorizedScanner: boolean;
  trimSpace: boolean;
  nullIf: readonly string[];
  /** Cut text that is too long instead of refusing it. */
  truncate: boolean;
  /** The session's time zone: an instant becomes its wall clock. */
  timeZone: string;
}

/** How a column of the file becomes a column of the table: DuckDB expressions over the file's row. */
export interface Conversion {
  /** The value; NULL where it cannot be converted. */
  value: string;
  /** True where it cannot be converted; undefined when it always can. */
  invalid?: string;
  /** What is wrong with it, as text. */
  message?: string;
}

/** What Snowflake takes a file's value for before it is cast to the table's type. */
type Source =
  | "boolean"
  | "integer"
  | "real"
  | "decimal"
  | "text"
  | "binary"
  | "date"
  | "time"
  | "ntz"
  | "ltz"
  | "variant"
  | "null";

/**
 * Snowflake's reading of parquet times. With logical types the annotation counts; without, an adjusted milli- or
 * microsecond timestamp is a wall clock, an unadjusted one an instant if it has the older annotation, and everything
 * else is a plain integer (which then counts as seconds: years far in the future). docs: CREATE FILE FORMAT, USE_LOGICAL_TYPE; what
 * happens without it is not verified.
 */
export function sourceOf(
  type: ParquetType,
  options: Pick<ConversionOptions, "logicalTypes" | "vectorizedScanner">,
): Source {
  switch (type.kind) {
    case "int96":
      return options.vectorizedScanner ? "ltz" : "ntz";
    case "nested":
      return "variant";
    case "time":
      return options.logicalTypes || (type.converted && type.unit !== "NANOS") ? "time" : "integer";
    case "timestamp":
      if (options.logicalTypes) return type.adjusted ? "ltz" : "ntz";
      if (type.unit === "NANOS") return "integer";
      if (type.adjusted) return "ntz";
      return type.converted ? "ltz" : "integer";
    default:
      return type.kind;
  }
}

/** A value of the file in the DuckDB type that fits its source: TIMESTAMP for ntz, TIMESTAMPTZ for ltz, and so on. */
export function sourceValue(column: ParquetColumn, source: Source, options: ConversionOptions): string {
  const raw = quoteIdentifier(column.reference);
  const { type } = column;
  if (source === "integer" && (type.kind === "timestamp" || type.kind === "time")) {
    const unit = { MILLIS: "epoch_ms", MICROS: "epoch_us", NANOS: "epoch_ns" }[type.unit];
    return `${unit}(${raw})`;
  }
  if (source === "ntz" && column.duckdbType === "TIMESTAMP WITH TIME ZONE") return wallClock(raw, "UTC");
  if (source === "ltz" && column.duckdbType !== "TIMESTAMP WITH TIME ZONE") return instant(raw, "UTC");
  if (source === "text") {
    const text = column.duckdbType === "VARCHAR" ? raw : `CAST(${raw} AS VARCHAR)`;
    return withoutNullWords(options.trimSpace ? `trim(${text}, ' ')` : text, options);
  }
  return withoutNullWords(raw, options);
}

export const withoutNullWords = (value: string, { nullIf }: Pick<ConversionOptions, "nullIf">): string =>
  nullIf.length === 0
    ? value
    : `(CASE WHEN CAST(${value} AS VARCHAR) IN (${nullIf.map(quoteLiteral).join(", ")}) THEN NULL ELSE ${value} END)`;

/** An instant's wall clock in a zone, and back. UTC needs no time zone arithmetic, which costs ten times as much. */
const wallClock = (value: string, zone: string): string =>
  zone === "UTC" ? `make_timestamp(epoch_us(${value}))` : `timezone(${quoteLiteral(zone)}, ${value})`;
const instant = (value: string, zone: string): string =>
  zone === "UTC"
    ? `make_timestamptz(epoch_us(CAST(${value} AS TIMESTAMP)))`
    : `timezone(${quoteLiteral(zone)}, CAST(${value} AS TIMESTAMP))`;

/** Seconds since 1970 as a timestamp. What lies beyond DuckDB's last moment (year 294247) becomes that moment. */
const LAST_SECOND = 9_223_372_036_854;
const fromSeconds = (value: string): string =>
  `make_timestamp(CAST(greatest(least(CAST(${value} AS HUGEINT), ${LAST_SECOND}), -${LAST_SECOND}) AS BIGINT) * 1000000)`;

/** Names of types in Snowflake's cast errors. */
const CAST_NAME: Partial<Record<ColumnType["type"], string>> = {
  fixed: "FIXED",
  real: "REAL",
  text: "VARCHAR",
};

/** How a column of the file is loaded into a column of the table. */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: one case for each type
export function convert(column: ParquetColumn, target: TableColumn, options: ConversionOptions): Conversion {
  const source = sourceOf(column.type, options);
  const value = sourceValue(column, source, options);
  const goal = duckdbType(target.type);
  if (source === "null") return { value: `CAST(NULL AS ${goal})` };
  const refused = refusal(value, source, target.type);
  const never: Conversion = {
    value: `CAST(NULL AS ${goal})`,
    invalid: `(${value} IS NOT NULL)`,
    message: refused,
  };
  const tried = (expression: string, message = refused): Conversion => ({
    value: `TRY_CAST(${expression} AS ${goal})`,
    invalid: `(${value} IS NOT NULL AND TRY_CAST(${expression} AS ${goal}) IS NULL)`,
    message,
  });

  switch (target.type.type) {
    case "text":
      return limited(asText(value, source), target.type.length, options.truncate);
    case "fixed":
      if (source === "integer" || source === "decimal" || source === "real") {
        if (column.duckdbType === goal) return { value };
        // Snowflake rounds halves away from zero; a cast of DuckDB's rounds doubles to the even neighbour.
        const rounded = source === "real" ? `round(${value}, ${target.type.scale ?? 0})` : value;
        return tried(rounded, outOfRange(value));
      }
      return source === "text" ? tried(`nullif(trim(${value}), '')`) : never;
    case "real":
      if (source === "integer" || source === "decimal" || source === "real")
        return { value: `CAST(${value} AS DOUBLE)` };
      return source === "text" ? tried(`nullif(trim(${value}), '')`) : never;
    case "boolean":
      if (source === "boolean") return { value };
      return source === "text" ? tried(value) : never;
    case "date":
      if (source === "date") return { value };
      return source === "text" ? tried(value) : never;
    case "time":
      if (source === "time") return { value: `CAST(${value} AS TIME)` };
      return source === "text" ? tried(value) : never;
    case "timestamp_ntz":
      return toTimestamp(value, source, {
        ntz: (clock) => `CAST(${clock} AS TIMESTAMP)`,
        ltz: (moment) => wallClock(moment, options.timeZone),
        tried,
        never,
      });
    case "timestamp_tz": {
      const type = { ...target.type, type: "timestamp_ltz" } as const;
      const moment = convert(column, { ...target, type }, options);
      return { ...moment, value: assign(moment.value, target.type) };
    }
    case "timestamp_ltz":
      return toTimestamp(value, source, {
        ntz: (clock) => instant(clock, options.timeZone),
        ltz: (moment) => moment,
        tried,
        never,
      });
    case "binary":
      if (source === "binary") return { value };
      return source === "text"
        ? {
            value: `(CASE WHEN regexp_full_match(${value}, '([0-9A-Fa-f]{2})*') THEN unhex(${value}) END)`,
            invalid: `(NOT regexp_full_match(${value}, '([0-9A-Fa-f]{2})*'))`,
            message: refused,
          }
        : never;
    case "variant":
    case "object":
    case "array":
      return { value: asJson(value, source) };
  }
}

interface TimestampRules {
  ntz: (clock: string) => string;
  ltz: (moment: string) => string;
  tried: (expression: string) => Conversion;
  never: Conversion;
}

function toTimestamp(value: string, source: Source, rules: TimestampRules): Conversion {
  switch (source) {
    case "ntz":
    case "date":
      return { value: rules.ntz(value) };
    case "ltz":
      return { value: rules.ltz(value) };
    case "integer":
      return { value: rules.ntz(fromSeconds(value)) };
    case "text":
      return rules.tried(value);
    default:
      return rules.never;
  }
}

/** A value as VARCHAR. */
function asText(value: string, source: Source): string {
  switch (source) {
    case "text":
      return value;
    case "binary":
      return `hex(${value})`;
    case "ntz":
      return `strftime(${value}, '%Y-%m-%d %H:%M:%S.%g')`;
    case "ltz":
      return `strftime(${wallClock(value, "UTC")}, '%Y-%m-%d %H:%M:%S.%g Z')`;
    case "variant":
      return `CAST(to_json(${value}) AS VARCHAR)`;
    default:
      return `CAST(${value} AS VARCHAR)`;
  }
}

/** A value as VARIANT. */
export const asJson = (value: string, source: Source): string =>
  source === "binary" || source === "ntz" || source === "ltz"
    ? `to_json(${asText(value, source)})`
    : `to_json(${value})`;

export function limited(text: string, length: number, truncate: boolean): Conversion {
  if (length >= MAX_TEXT) return { value: text };
  if (truncate) return { value: `left(${text}, ${length})` };
  return {
    value: text,
    invalid: `(length(${text}) > ${length})`,
    message: `concat('User character length limit (${length}) exceeded by string ''', ${text}, '''')`,
  };
}

const outOfRange = (value: string): string =>
  `concat('Number out of representable range: type FIXED, value ', CAST(${value} AS VARCHAR))`;

function refusal(value: string, source: Source, target: ColumnType): string {
  const plain = source === "integer" || source === "real" || source === "decimal" || source === "boolean";
  const shown =
    plain || source === "variant" ? asText(value, source) : `'"' || ${asText(value, source)} || '"'`;
  const name = CAST_NAME[target.type] ?? target.type.toUpperCase();
  return `concat('Failed to cast variant value ', ${shown}, ' to ${name}')`;
}
