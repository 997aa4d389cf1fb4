import { SnowflakeError } from "../errors.ts";
import type { ColumnType } from "../result.ts";

const maxText = 16_777_216;
const maxBinary = 8_388_608;

/** Snowflake's names for each type, apart from those with an argument of their own below. */
const names: Readonly<Record<string, (first?: number, second?: number) => ColumnType>> = {
  ...each(["NUMBER", "DECIMAL", "NUMERIC", "DEC"], (precision = 38, scale = 0) => ({
    type: "fixed",
    precision: within("precision", precision, 1, 38),
    scale: within("scale", scale, 0, Math.min(37, precision)),
  })),
  ...each(["INT", "INTEGER", "BIGINT", "SMALLINT", "TINYINT", "BYTEINT"], () => ({
    type: "fixed",
    precision: 38,
    scale: 0,
  })),
  ...each(["FLOAT", "FLOAT4", "FLOAT8", "DOUBLE", "REAL"], () => ({ type: "real" })),
  ...each(["VARCHAR", "STRING", "TEXT", "NVARCHAR", "NVARCHAR2"], (length = maxText) => ({
    type: "text",
    length: within("length", length, 1, maxText),
  })),
  ...each(["CHAR", "CHARACTER", "NCHAR"], (length = 1) => ({
    type: "text",
    length: within("length", length, 1, maxText),
  })),
  ...each(["BINARY", "VARBINARY"], (length = maxBinary) => ({
    type: "binary",
    length: within("length", length, 1, maxBinary),
  })),
  BOOLEAN: () => ({ type: "boolean" }),
  DATE: () => ({ type: "date" }),
  TIME: (scale = 9) => ({ type: "time", scale: within("scale", scale, 0, 9) }),
  ...each(
    ["DATETIME", "TIMESTAMP", "TIMESTAMP_NTZ", "TIMESTAMPNTZ", "TIMESTAMP WITHOUT TIME ZONE"],
    (scale = 9) => ({ type: "timestamp_ntz", scale: within("scale", scale, 0, 9) }),
  ),
  ...each(["TIMESTAMP_LTZ", "TIMESTAMPLTZ", "TIMESTAMP WITH LOCAL TIME ZONE"], (scale = 9) => ({
    type: "timestamp_ltz",
    scale: within("scale", scale, 0, 9),
  })),
  ...each(["TIMESTAMP_TZ", "TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE"], (scale = 9) => ({
    type: "timestamp_tz",
    scale: within("scale", scale, 0, 9),
  })),
  VARIANT: () => ({ type: "variant" }),
  OBJECT: () => ({ type: "object" }),
  ARRAY: () => ({ type: "array" }),
};

/** The type that a name and its arguments stand for, for example NUMBER, 22, 0. */
export function columnType(name: string, first?: number, second?: number): ColumnType {
  const make = Object.hasOwn(names, name) ? names[name] : undefined;
  if (!make) {
    throw new SnowflakeError("002040", "42601", `SQL compilation error:\nUnsupported data type '${name}'.`);
  }
  return make(first, second);
}

function each(
  aliases: string[],
  make: (first?: number, second?: number) => ColumnType,
): Record<string, typeof make> {
  return Object.fromEntries(aliases.map((alias) => [alias, make]));
}

function within(what: string, value: number, least: number, most: number): number {
  if (value >= least && value <= most) return value;
  throw new SnowflakeError(
    "002068",
    "42601",
    `SQL compilation error:\ninvalid ${what} ${value}: it must be between ${least} and ${most}.`,
  );
}
