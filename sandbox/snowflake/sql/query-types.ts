import { duckdbType, MAX_TEXT } from "../engine/types.ts";
import { SnowflakeError, unsupported } from "../errors.ts";
import type { ColumnType } from "../result.ts";
import { call, castTo, number, type Tree } from "./ast.ts";
import { columnType } from "./types.ts";

const names: Readonly<Record<string, string>> = {
  var_char: "VARCHAR",
  char: "CHAR",
  text: "TEXT",
  string: "STRING",
  decimal: "NUMBER",
  int: "INT",
  big_int: "BIGINT",
  small_int: "SMALLINT",
  tiny_int: "TINYINT",
  float: "FLOAT",
  double: "DOUBLE",
  boolean: "BOOLEAN",
  date: "DATE",
  time: "TIME",
  binary: "BINARY",
  var_binary: "VARBINARY",
  json: "VARIANT",
  object: "OBJECT",
  array: "ARRAY",
};

/** The Snowflake type that a type in the parser's tree stands for. */
export const typeOfTree = (tree: Tree): ColumnType => {
  const { data_type: kind, precision, scale, length } = tree;
  if (kind === "custom") {
    const match = /^([A-Z_ ]+?)(?:\((\d+)(?:,\s*(\d+))?\))?$/.exec(String(tree.name).toUpperCase());
    if (!match?.[1]) throw unsupported(`type ${tree.name}`);
    return columnType(match[1], optional(match[2]), optional(match[3]));
  }
  if (kind === "timestamp")
    return columnType(tree.timezone ? "TIMESTAMP_TZ" : "TIMESTAMP", optional(precision));
  const name = names[kind];
  if (name === undefined) throw unsupported(`type ${kind}`);
  return columnType(name, optional(precision ?? length), optional(scale));
};

const optional = (value: unknown): number | undefined =>
  value === undefined || value === null ? undefined : Number(value);

/** A cast as Snowflake makes it. `from` is what is known of the value's type. */
export const convert = (value: Tree, to: ColumnType, from: ColumnType | undefined, trying = false): Tree => {
  if (trying) return tryConvert(value, to);
  // A literal stays a literal: DuckDB reads it as the type that is wanted.
  const literal = value?.literal?.literal_type === "string";
  switch (to.type) {
    case "text": {
      const asText = from?.type === "text" ? value : call("sf_text", value);
      const whole = from?.type === "text" ? castTo(value, "VARCHAR") : asText;
      return to.length < MAX_TEXT ? call("left", asText, number(to.length)) : whole;
    }
    case "fixed": {
      const decimal = duckdbType(to);
      if (from && isNumeric(from)) return castTo(value, decimal);
      const ofText = castTo(call("sf_number_text", value), decimal);
      if (literal || from?.type === "text") return ofText;
      // What is not known now is known to DuckDB when it plans the query: one of the branches is left.
      return {
        case: {
          operand: null,
          whens: [[call("sf_is_number", value), castTo(value, decimal)]],
          else_: ofText,
          comments: [],
        },
      };
    }
    case "real":
      return from && isNumeric(from) ? castTo(value, "DOUBLE") : call("sf_float", value);
    case "boolean":
      return from?.type === "boolean" ? value : call("sf_boolean", value);
    case "date":
      return literal || from?.type === "date" || from?.type === "timestamp_ntz"
        ? castTo(value, "DATE")
        : call("sf_date", value);
    case "time":
      return from?.type === "time" ? value : call("sf_time", value);
    case "timestamp_ntz":
      return from?.type === "timestamp_ntz" || from?.type === "date" || from?.type === "timestamp_ltz"
        ? castTo(value, "TIMESTAMP")
        : call("sf_timestamp", value);
    case "timestamp_ltz":
    case "timestamp_tz":
      return from?.type === "timestamp_ltz" || from?.type === "timestamp_tz" || from?.type === "timestamp_ntz"
        ? castTo(value, "TIMESTAMPTZ")
        : call("sf_timestamptz", value);
    case "variant":
    case "object":
    case "array":
      return from && isSemistructured(from) ? value : call("sf_json", value);
    case "binary":
      return from?.type === "binary" ? value : call("unhex", value);
  }
};

const tryConvert = (value: Tree, to: ColumnType): Tree => ({
  try_cast: {
    this: call("sf_scalar", value),
    to: { data_type: "custom", name: duckdbType(to) },
    trailing_comments: [],
    double_colon_syntax: false,
  },
});

const isNumeric = (type: ColumnType): boolean => type.type === "fixed" || type.type === "real";
export const isSemistructured = (type: ColumnType): boolean =>
  type.type === "variant" || type.type === "object" || type.type === "array";
export const isMoment = (type: ColumnType): boolean =>
  type.type === "date" || type.type.startsWith("timestamp");

/** A value as text, if it is not text already. */
export const asText = (value: Tree, context: { typeOf(tree: Tree): ColumnType | undefined }): Tree =>
  context.typeOf(value)?.type === "text" ? value : call("sf_text", value);

/** A number that was written as such. */
export const literalNumber = (tree: Tree, otherwise: number): number =>
  tree?.literal?.literal_type === "number" ? Number(tree.literal.value) : otherwise;

/** 001044: a function was given what it does not take. */
export const invalidArguments = (name: string, detail: string) =>
  new SnowflakeError(
    "001044",
    "42P13",
    `SQL compilation error:\nInvalid argument types for function '${name}': ${detail}`,
  );
