import { MAX_BINARY } from "../engine/types.ts";
import type { ColumnType } from "../result.ts";
import { binary, call, nothing, number, type Tree } from "../translate/ast.ts";
import { caseOf, convert } from "./casts.ts";
import { likeFirst, named, type Translate } from "./function-context.ts";

const INTEGER: ColumnType = { type: "fixed", precision: 38, scale: 0 };
const REAL: ColumnType = { type: "real" };
const BOOLEAN: ColumnType = { type: "boolean" };
const ARRAY: ColumnType = { type: "array" };

const bits =
  (name: string): Translate =>
  ([value]) => ({ tree: call(name, call("sf_bits", value)), type: INTEGER });

/** MIN_BY and MAX_BY; with a count, an array of that many values. */
const by =
  (name: string): Translate =>
  (args, context) =>
    args.length === 3
      ? { tree: call("to_json", call(name, ...args)), type: ARRAY }
      : { tree: call(name, ...args), type: context.typeOf(args[0]) };

/** HASH_AGG goes by the rows, in whatever order they come. */
const hashAgg: Translate = (args, context) => {
  const values = args.flatMap((argument) =>
    argument.star ? context.columns(argument.star).map(([, column]) => column) : [argument],
  );
  return { tree: call("sf_hash_agg", call("hash", ...values)), type: INTEGER };
};

/** 0 of no rows, where DuckDB's own is NULL. */
const countIf = (condition: Tree) => ({
  tree: call("count", caseOf([[condition, number(1)]], nothing())),
  type: INTEGER,
});

const distinct = (value: Tree): Tree => ({
  function: { ...call("list", value).function, distinct: true },
});

/** Shares that are asked for together, with one pass over the values: DuckDB computes an aggregate that stands twice once. */
const QUARTILES = ["0.25", "0.5", "0.75"];

/** Of values as floating-point numbers: DuckDB's own answers with the type of its argument, rounded. */
const approxPercentile: Translate = ([value, share], { typeOf }) => {
  const values = convert(value, REAL, typeOf(value));
  const quartile = QUARTILES.indexOf(share.literal?.value);
  if (quartile < 0) return { tree: call("approx_quantile", values, share), type: REAL };
  const all = call("approx_quantile", values, call("list_value", ...QUARTILES.map(number)));
  return { tree: call("list_extract", all, number(quartile + 1)), type: REAL };
};

/** Aggregates that parse as plain calls, by Snowflake's name. */
export const aggregateFunctions: Readonly<Record<string, Translate>> = {
  // Rows that have all of several values; with one, the parser has a kind of its own for it.
  COUNT: (args) => {
    const given = args.map((value): Tree => ({ is_null: { this: value, not: true, postfix_form: false } }));
    return countIf(given.reduce((a, b) => binary("and", a, b)));
  },
  COUNT_IF: ([condition]) => countIf(condition),
  // WITHIN GROUP, which has their argument, makes aggregates of them.
  PERCENTILE_CONT: named("PERCENTILE_CONT"),
  PERCENTILE_DISC: named("PERCENTILE_DISC"),
  HLL: named("approx_count_distinct", INTEGER),
  MIN_BY: by("arg_min"),
  MAX_BY: by("arg_max"),
  CORR: named("corr", REAL),
  COVAR_POP: named("covar_pop", REAL),
  COVAR_SAMP: named("covar_samp", REAL),
  REGR_SLOPE: named("regr_slope", REAL),
  REGR_INTERCEPT: named("regr_intercept", REAL),
  KURTOSIS: named("kurtosis", REAL),
  SKEW: named("skewness", REAL),
  BOOLOR_AGG: named("bool_or", BOOLEAN),
  BOOLAND_AGG: named("bool_and", BOOLEAN),
  BITOR_AGG: bits("bit_or"),
  BITAND_AGG: bits("bit_and"),
  BITXOR_AGG: bits("bit_xor"),
  BITMAP_CONSTRUCT_AGG: named("sf_bitmap_agg", { type: "binary", length: MAX_BINARY }),
  APPROX_PERCENTILE: approxPercentile,
  HASH_AGG: hashAgg,
  OBJECT_AGG: named("sf_object_agg", { type: "object" }),
  ARRAY_UNIQUE_AGG: ([value]) => ({ tree: call("sf_list_json", distinct(value)), type: ARRAY }),
  ARRAY_UNION_AGG: named("sf_array_union_agg", ARRAY),
  // In GROUP BY, these parse as calls whose arguments are the groups.
  "GROUPING SETS": named("GROUPING SETS"),
  CUBE: named("CUBE"),
  ROLLUP: named("ROLLUP"),
  GROUPING: named("grouping", INTEGER),
  GROUPING_ID: named("grouping_id", INTEGER),
  MODE: likeFirst("mode"),
  // Its OVER clause makes a share of a sum of it.
  RATIO_TO_REPORT: ([value]) => ({ tree: call("sf_ratio", call("sf_float", value)), type: REAL }),
};
