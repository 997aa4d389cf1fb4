import { duckdbType, MAX_TEXT, typeName } from "../engine/types.ts";
import { SnowflakeError, unsupported } from "../errors.ts";
import { columnType } from "../grammar/types.ts";
import type { ColumnType } from "../result.ts";
import { call, castTo, number, type Tree, text } from "../translate/ast.ts";
import { isSemistructured } from "../translate/common-type.ts";

/** Types whose values DuckDB writes as Snowflake does: which one it is need not be asked when the query runs. */
const WRITTEN_ALIKE: ReadonlySet<string> = new Set(["text", "fixed", "real", "boolean"]);

/** A value as JSON. @param type what is known of it */
export function asJson(value: Tree, type: ColumnType | undefined): Tree {
  if (type && isSemistructured(type)) return value;
  return call(type && WRITTEN_ALIKE.has(type.type) ? "to_json" : "sf_json", value);
}

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
export function typeOfTree(tree: Tree, timestamp = "TIMESTAMP_NTZ"): ColumnType {
  const { data_type: kind, precision, scale, length } = tree;
  if (kind === "custom") {
    const match = /^([A-Z_ ]+?)(?:\((\d+)(?:,\s*(\d+))?\))?$/.exec(String(tree.name).toUpperCase());
    if (!match?.[1]) throw unsupported(`type ${tree.name}`);
    return columnType(
      match[1] === "TIMESTAMP" ? timestamp : match[1],
      optional(match[2]),
      optional(match[3]),
    );
  }
  if (kind === "timestamp")
    return columnType(tree.timezone ? "TIMESTAMP_TZ" : timestamp, optional(precision));
  const name = names[kind];
  if (name === undefined) throw unsupported(`type ${kind}`);
  return columnType(name, optional(precision ?? length), optional(scale));
}

const optional = (value: unknown): number | undefined =>
  value === undefined || value === null ? undefined : Number(value);

/** A cast as Snowflake makes it (docs: Data type conversion). `from` is what is known of the value's type. */
export function convert(value: Tree, to: ColumnType, from: ColumnType | undefined, trying = false): Tree {
  if (trying) return tryConvert(value, to, from);
  // A column of a stage is cast from what the file has, not from its JSON.
  if (value?.function?.name === "sf_json")
    return convert(value.function.args[0], to, isMoment(to) ? { type: "variant" } : undefined);
  switch (to.type) {
    case "text": {
      const asText = from?.type === "text" ? value : call("sf_text", value);
      const whole = from?.type === "text" ? castTo(value, "VARCHAR") : asText;
      return to.length < MAX_TEXT ? call("left", asText, number(to.length)) : whole;
    }
    case "fixed":
      return toDecimal(value, to, from);
    case "real":
      return (from && isNumeric(from)) || isFloatLiteral(value)
        ? castTo(value, "DOUBLE")
        : call("sf_float", value);
    case "boolean":
      return from?.type === "boolean" ? value : call("sf_boolean", value);
    case "date":
    case "time":
    case "timestamp_ntz":
    case "timestamp_ltz":
    case "timestamp_tz":
      return "scale" in to ? cut(toMoment(value, to, from), to, from) : toMoment(value, to, from);
    case "variant":
    case "object":
    case "array":
      return asJson(value, from);
    case "binary":
      return from?.type === "binary" ? value : call("sf_binary", call("sf_scalar", value));
  }
}

/** A text that plainly is a floating-point number: a constant, which else would be converted for each row. */
const isFloatLiteral = ({ literal }: Tree): boolean =>
  literal?.literal_type === "string" && /^([+-]?\d+(\.\d+)?|[+-]?inf|nan)$/i.test(literal.value);

/** A moment of one kind from another kind, or from text. What has a type that only DuckDB knows goes the long way. */
function toMoment(value: Tree, to: ColumnType, from: ColumnType | undefined): Tree {
  if (from?.type === to.type) return value;
  const ofText = from?.type === "text";
  const literal =
    value?.literal?.literal_type === "string" ? momentLiteral(value.literal.value, to) : undefined;
  if (literal) {
    const format = call("getvariable", text(to.type === "date" ? "sf_in_date" : "sf_in_timestamp"));
    return caseOf([[isNull(format), literal]], ofMoment(value, to, from, ofText));
  }
  return ofMoment(value, to, from, ofText);
}

const isNull = (value: Tree): Tree => ({ is_null: { this: value, not: false, postfix_form: false } });

function ofMoment(value: Tree, to: ColumnType, from: ColumnType | undefined, ofText: boolean): Tree {
  const guess = from?.type === "variant" ? [number(1)] : [];
  switch (to.type) {
    case "date":
      if (from?.type === "timestamp_ntz" || from?.type === "timestamp_ltz") return castTo(value, "DATE");
      return call(ofText ? "sf_text_date" : "sf_date", value);
    case "time":
      if (from?.type === "timestamp_ntz" || from?.type === "timestamp_ltz") return castTo(value, "TIME");
      return call(ofText ? "sf_text_time" : "sf_time", value);
    case "timestamp_ntz":
      if (from?.type === "date" || from?.type === "timestamp_ltz") return castTo(value, "TIMESTAMP");
      // The clock that CONVERT_TIMEZONE shows, without making a moment with its zone of it.
      if (value?.function?.name === "sf_in_zone") return value.function.args[0];
      if (from?.type === "timestamp_tz") return call("sf_tz_wall", value);
      return ofText ? call("sf_text_timestamp", value) : call("sf_timestamp", value, ...guess);
    case "timestamp_ltz":
      if (from?.type === "date" || from?.type === "timestamp_ntz") return castTo(value, "TIMESTAMPTZ");
      if (from?.type === "timestamp_tz") return call("sf_tz_instant", value);
      return ofText ? call("sf_text_ltz", value) : call("sf_timestamptz", value, ...guess);
    default:
      if (from?.type === "timestamp_ltz") return call("sf_ltz_to_tz", value);
      return ofText ? call("sf_text_tz", value) : call("sf_tz", value, ...guess);
  }
}

/**
 * A text that plainly is a day or a moment, as a constant that DuckDB can compare statistics with. Of anything else
 * its meaning is found when the query runs.
 */
function momentLiteral(written: string, to: ColumnType): Tree {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?))?$/.exec(written);
  const day = match?.[1] ?? "";
  if (!match || Number.isNaN(Date.parse(day)) || !new Date(day).toISOString().startsWith(day))
    return undefined;
  const clock = match[2] ?? "00:00";
  if (Number.isNaN(Date.parse(`${day}T${clock}Z`))) return undefined;
  if (to.type === "date") return castTo(text(day), "DATE");
  if (to.type === "timestamp_ntz") return castTo(text(`${day} ${clock}`), "TIMESTAMP");
  return to.type === "timestamp_ltz"
    ? castTo(castTo(text(`${day} ${clock}`), "TIMESTAMP"), "TIMESTAMPTZ")
    : undefined;
}

/** Digits of seconds beyond a type's scale are cut. */
const cut = (value: Tree, to: ColumnType & { scale: number }, from: ColumnType | undefined): Tree =>
  to.scale >= 6 || (from && "scale" in from && from.type === to.type && from.scale <= to.scale)
    ? value
    : call(`sf_cut_${to.type}`, value, number(10 ** (6 - to.scale)));

/** Cases of which one branch is cheap: a cast is made in each of them, as what comes of all together is as wide as the widest. */
const withCheapBranch = new WeakSet<object>();

/** A case whose branches are cast one by one. */
export function cheapIf(condition: Tree, cheap: Tree, otherwise: Tree): Tree {
  const tree = caseOf([[condition, cheap]], otherwise);
  withCheapBranch.add(tree);
  return tree;
}

function toDecimal(value: Tree, to: ColumnType & { type: "fixed" }, from: ColumnType | undefined): Tree {
  if (withCheapBranch.has(value)) {
    const [[condition, cheap]] = value.case.whens;
    return caseOf([[condition, toDecimal(cheap, to, from)]], toDecimal(value.case.else_, to, from));
  }
  const decimal = duckdbType(to);
  const tried = (tree: Tree): Tree => tryCastTo(tree, decimal);
  const orFail = (tree: Tree): Tree => call("coalesce", tried(tree), call("sf_out_of_range", value));
  // Halves are rounded away from zero; DuckDB's cast of a double rounds them to the even neighbour.
  const ofDouble = (tree: Tree): Tree => orFail(call("round", tree, number(to.scale)));
  if (from?.type === "fixed") {
    const fits = to.precision - to.scale >= from.precision - from.scale;
    return fits ? castTo(value, decimal) : orFail(value);
  }
  if (from?.type === "real") return ofDouble(value);
  const ofText = call("coalesce", tried(call("sf_number_text", value)), call("sf_not_a_number", value));
  if (value?.literal?.literal_type === "string" || from?.type === "text") return ofText;
  // What is not known now is known to DuckDB when it plans the query: one of the branches is left.
  return caseOf(
    [
      [call("sf_is_float", value), ofDouble(tryCastTo(value, "DOUBLE"))],
      [call("sf_is_number", value), orFail(value)],
    ],
    ofText,
  );
}

/** TRY_CAST and the TRY_TO functions, which take text alone and answer NULL for what does not convert. */
function tryConvert(value: Tree, to: ColumnType, from: ColumnType | undefined): Tree {
  if (from && from.type !== "text") {
    throw new SnowflakeError(
      "001065",
      "22023",
      `SQL compilation error:\nFunction TRY_CAST cannot be used with arguments of types ${typeName(from)} and ${typeName(to)}`,
    );
  }
  const source = from ? value : call("sf_try_text", value, text(typeName(to)));
  switch (to.type) {
    case "text":
      return to.length < MAX_TEXT ? call("left", source, number(to.length)) : source;
    case "fixed":
      return tryCastTo(call("sf_number_text", source), duckdbType(to));
    case "real":
      return call("sf_try_float", source);
    case "boolean":
      return call("sf_try_boolean", source);
    case "date":
      return call("sf_try_date", source);
    case "time":
      return cut(call("sf_try_time", source), to, undefined);
    case "timestamp_ntz":
      return cut(call("sf_try_timestamp", source), to, undefined);
    case "timestamp_ltz":
      return cut(call("sf_try_ltz", source), to, undefined);
    case "timestamp_tz":
      return cut(call("sf_try_tz", source), to, undefined);
    case "binary":
      return call("sf_try_binary", source);
    default:
      throw unsupported(`TRY_CAST to ${typeName(to)}`);
  }
}

const tryCastTo = (value: Tree, type: string): Tree => ({ try_cast: castTo(value, type).cast });

export const caseOf = (whens: [Tree, Tree][], otherwise: Tree): Tree => ({
  case: { operand: null, whens, else_: otherwise, comments: [] },
});

const isNumeric = (type: ColumnType): boolean => type.type === "fixed" || type.type === "real";
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
