import { MAX_TEXT } from "../engine/types.ts";
import { unsupported } from "../errors.ts";
import type { ColumnType } from "../result.ts";
import { binary, call, castTo, nothing, type Tree, text } from "./ast.ts";
import { dateFunctions } from "./query-dates.ts";
import { textFunctions } from "./query-texts.ts";
import { convert, invalidArguments, literalNumber } from "./query-types.ts";

/** What a function's translation may ask for. */
export interface FunctionContext {
  /** What is known of an argument's type. */
  typeOf(argument: Tree): ColumnType | undefined;
  /** Binds a value of the session's or the moment's, and answers what stands for it. */
  constant(value: string | number | Date | null, type: ColumnType): Tree;
  now(): Date;
  /** The value of a context function, such as CURRENT_ROLE. */
  contextValue(name: string): string | number | null | undefined;
}

interface Translated {
  tree: Tree;
  type?: ColumnType | undefined;
}

export type Translate = (args: Tree[], context: FunctionContext, name: string) => Translated;

const TEXT: ColumnType = { type: "text", length: MAX_TEXT };
const INTEGER: ColumnType = { type: "fixed", precision: 38, scale: 0 };
const REAL: ColumnType = { type: "real" };
const BOOLEAN: ColumnType = { type: "boolean" };
const VARIANT: ColumnType = { type: "variant" };
const ARRAY: ColumnType = { type: "array" };
const OBJECT: ColumnType = { type: "object" };

/** A function that DuckDB knows, or that is a macro, by this name. */
const named =
  (name: string, type?: ColumnType): Translate =>
  (args) => ({ tree: call(name, ...args), type });

/** One whose answer has the type of its first argument. */
const likeFirst =
  (name: string): Translate =>
  (args, context) => ({ tree: call(name, ...args), type: context.typeOf(args[0]) });

const to =
  (type: (args: Tree[]) => ColumnType, trying = false): Translate =>
  (args, context, name) => {
    const [value] = args;
    if (value === undefined) throw invalidArguments(name, "()");
    const target = type(args);
    return { tree: convert(value, target, context.typeOf(value), trying), type: target };
  };

/** TO_NUMBER(value [, precision, scale]). */
const decimal = (args: Tree[]): ColumnType => ({
  type: "fixed",
  precision: literalNumber(args[1], 38),
  scale: literalNumber(args[2], 0),
});

const caseOf = (whens: [Tree, Tree][], otherwise: Tree): Tree => ({
  case: { operand: null, whens, else_: otherwise, comments: [] },
});

const isNull = (value: Tree): Tree => ({ is_null: { this: value, not: false, postfix_form: false } });

const chain = (kind: string, values: Tree[]): Tree =>
  values.reduce((left, right) => binary(kind, left, right));

/** NULL as soon as one argument is. */
const nullIfAny =
  (name: string): Translate =>
  (args, context) => ({
    tree: caseOf([[chain("or", args.map(isNull)), nothing()]], call(name, ...args)),
    type: context.typeOf(args[0]),
  });

const decode: Translate = (args) => {
  const [value, ...rest] = args;
  const whens: [Tree, Tree][] = [];
  for (let index = 0; index + 1 < rest.length; index += 2) {
    const same = { null_safe_eq: binary("x", value, rest[index]).x };
    whens.push([same, rest[index + 1]]);
  }
  return { tree: caseOf(whens, rest.length % 2 === 1 ? rest.at(-1) : nothing()) };
};

const object: Translate = (args) => {
  if (args.some((argument) => argument.star)) throw unsupported("OBJECT_CONSTRUCT(*)");
  // Pairs whose value is NULL are left out.
  const pairs = args.map((argument, index) => (index % 2 === 0 ? argument : call("sf_json", argument)));
  return {
    tree: call("json_merge_patch", castTo(text("{}"), "JSON"), call("json_object", ...pairs)),
    type: OBJECT,
  };
};

const contextFunction: Translate = (args, context, name) => {
  if (args.length > 0) throw unsupported(`${name} with arguments`);
  const value = context.contextValue(name);
  if (value === undefined) throw unsupported(`function ${name}`);
  return { tree: context.constant(value, TEXT), type: TEXT };
};

/** Functions by Snowflake's name. What is not here is refused by name. */
export const functions: Readonly<Record<string, Translate>> = {
  ...dateFunctions,
  ...textFunctions,
  // ── Conversion ──
  TO_NUMBER: to(decimal),
  TO_DECIMAL: to(decimal),
  TO_NUMERIC: to(decimal),
  TRY_TO_NUMBER: to(decimal, true),
  TRY_TO_DECIMAL: to(decimal, true),
  TRY_TO_NUMERIC: to(decimal, true),
  TO_DOUBLE: to(() => REAL),
  TRY_TO_DOUBLE: to(() => REAL, true),
  TO_BOOLEAN: to(() => BOOLEAN),
  TRY_TO_BOOLEAN: to(() => BOOLEAN, true),
  TO_VARIANT: to(() => VARIANT),
  TO_OBJECT: to(() => OBJECT),
  TO_ARRAY: to(() => ARRAY),
  TO_JSON: (args) => ({ tree: castTo(call("sf_json", ...args), "VARCHAR"), type: TEXT }),
  TO_BINARY: named("unhex", { type: "binary", length: 8_388_608 }),
  AS_VARCHAR: to(() => TEXT),
  AS_CHAR: to(() => TEXT),
  AS_INTEGER: to(() => INTEGER),
  AS_DOUBLE: to(() => REAL),
  AS_BOOLEAN: to(() => BOOLEAN),
  // ── Conditions ──
  IFF: ([condition, yes, no]) => ({ tree: caseOf([[condition, yes]], no) }),
  NVL: (args, context) => ({ tree: call("coalesce", ...args), type: context.typeOf(args[0]) }),
  IFNULL: (args, context) => ({ tree: call("coalesce", ...args), type: context.typeOf(args[0]) }),
  COALESCE: (args, context) => ({ tree: call("coalesce", ...args), type: context.typeOf(args[0]) }),
  NVL2: ([value, yes, no]) => ({ tree: caseOf([[isNull(value), no]], yes) }),
  ZEROIFNULL: likeFirst("zeroifnull"),
  NULLIFZERO: likeFirst("nullifzero"),
  NULLIF: likeFirst("nullif"),
  EQUAL_NULL: named("equal_null", BOOLEAN),
  DECODE: decode,
  GREATEST: nullIfAny("greatest"),
  LEAST: nullIfAny("least"),
  GREATEST_IGNORE_NULLS: likeFirst("greatest"),
  LEAST_IGNORE_NULLS: likeFirst("least"),
  // ── Numbers ──
  DIV0: named("div0"),
  DIV0NULL: named("div0null"),
  MOD: ([a, b]) => ({ tree: call("sf_modulo", a, b) }),
  ABS: likeFirst("abs"),
  SIGN: named("sign", INTEGER),
  ROUND: likeFirst("round"),
  TRUNC: likeFirst("trunc"),
  TRUNCATE: likeFirst("trunc"),
  FLOOR: likeFirst("floor"),
  CEIL: likeFirst("ceil"),
  POWER: named("power", REAL),
  POW: named("power", REAL),
  SQUARE: named("square", REAL),
  SQRT: named("sqrt", REAL),
  EXP: named("exp", REAL),
  LN: named("ln", REAL),
  PI: named("pi", REAL),
  SIN: named("sin", REAL),
  COS: named("cos", REAL),
  TAN: named("tan", REAL),
  ATAN2: named("atan2", REAL),
  RADIANS: named("radians", REAL),
  DEGREES: named("degrees", REAL),
  BITAND: named("bitand", INTEGER),
  BITOR: named("bitor", INTEGER),
  BITXOR: named("bitxor", INTEGER),
  BITSHIFTLEFT: named("bitshiftleft", INTEGER),
  BITSHIFTRIGHT: named("bitshiftright", INTEGER),
  WIDTH_BUCKET: named("width_bucket", INTEGER),
  UNIFORM: ([low, high]) => ({ tree: call("sf_uniform", low, high), type: INTEGER }),
  SEQ1: named("sf_sequence", INTEGER),
  SEQ2: named("sf_sequence", INTEGER),
  SEQ4: named("sf_sequence", INTEGER),
  SEQ8: named("sf_sequence", INTEGER),
  HASH: (args) => ({ tree: castTo(call("hash", ...args), "DECIMAL(38,0)"), type: INTEGER }),
  // ── Semi-structured values ──
  PARSE_JSON: named("sf_parse_json", VARIANT),
  TRY_PARSE_JSON: named("try_parse_json", VARIANT),
  OBJECT_CONSTRUCT: object,
  OBJECT_CONSTRUCT_KEEP_NULL: (args) => ({ tree: call("json_object", ...args), type: OBJECT }),
  ARRAY_CONSTRUCT: (args) => ({
    tree: call("json_array", ...args.map((argument) => call("sf_json", argument))),
    type: ARRAY,
  }),
  ARRAY_SIZE: named("array_size", INTEGER),
  ARRAY_CONTAINS: named("sf_array_contains", BOOLEAN),
  ARRAY_TO_STRING: named("sf_array_to_string", TEXT),
  ARRAY_SLICE: named("sf_array_slice", ARRAY),
  OBJECT_KEYS: named("object_keys", ARRAY),
  GET: named("sf_get", VARIANT),
  TYPEOF: named("sf_typeof", TEXT),
  IS_NULL_VALUE: named("is_null_value", BOOLEAN),
  // ── Aggregates and window functions that parse as plain calls ──
  COUNT_IF: named("count_if", INTEGER),
  // WITHIN GROUP, which has their argument, makes aggregates of them.
  PERCENTILE_CONT: named("PERCENTILE_CONT"),
  PERCENTILE_DISC: named("PERCENTILE_DISC"),
  HLL: named("approx_count_distinct", INTEGER),
  MIN_BY: named("arg_min"),
  MAX_BY: named("arg_max"),
  CORR: named("corr", REAL),
  COVAR_POP: named("covar_pop", REAL),
  COVAR_SAMP: named("covar_samp", REAL),
  REGR_SLOPE: named("regr_slope", REAL),
  REGR_INTERCEPT: named("regr_intercept", REAL),
  KURTOSIS: named("kurtosis", REAL),
  SKEW: named("skewness", REAL),
  BOOLOR_AGG: named("bool_or", BOOLEAN),
  BOOLAND_AGG: named("bool_and", BOOLEAN),
  BITOR_AGG: named("bit_or", INTEGER),
  BITAND_AGG: named("bit_and", INTEGER),
  APPROX_PERCENTILE: named("approx_quantile", REAL),
  OBJECT_AGG: ([key, value]) => ({
    tree: call("json_group_object", key, call("sf_json", value)),
    type: OBJECT,
  }),
  ARRAY_UNIQUE_AGG: ([value]) => ({
    tree: call("to_json", {
      ...call("list", value),
      function: { ...call("list", value).function, distinct: true },
    }),
    type: ARRAY,
  }),
  // In GROUP BY, these parse as calls whose arguments are the groups.
  "GROUPING SETS": named("GROUPING SETS"),
  CUBE: named("CUBE"),
  ROLLUP: named("ROLLUP"),
  GROUPING: named("grouping", INTEGER),
  GROUPING_ID: named("grouping_id", INTEGER),
  RATIO_TO_REPORT: () => {
    throw unsupported("function RATIO_TO_REPORT");
  },
  // ── The session ──
  ...Object.fromEntries(
    [
      "CURRENT_USER",
      "CURRENT_ROLE",
      "CURRENT_WAREHOUSE",
      "CURRENT_DATABASE",
      "CURRENT_SCHEMA",
      "CURRENT_ACCOUNT",
      "CURRENT_ACCOUNT_NAME",
      "CURRENT_ORGANIZATION_NAME",
      "CURRENT_REGION",
      "CURRENT_SESSION",
      "CURRENT_VERSION",
      "CURRENT_CLIENT",
      "CURRENT_STATEMENT",
      "CURRENT_SECONDARY_ROLES",
      "CURRENT_TRANSACTION",
      "LAST_TRANSACTION",
      "CURRENT_AVAILABLE_ROLES",
    ].map((name): [string, Translate] => [name, contextFunction]),
  ),
};
