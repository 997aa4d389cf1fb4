import { MAX_TEXT } from "../engine/types.ts";
import type { ColumnType } from "../result.ts";
import { binary, call, castTo, type Tree, text } from "./ast.ts";

/** What becomes of a node that the parser has a kind of its own for. */
export type Typed =
  /** DuckDB has it as it is. */
  | "plain"
  | "unknown"
  /** It is one of the functions by name. */
  | { name: string; args: Tree[] }
  | { tree: Tree; type?: ColumnType | undefined /** What has the same type. */; likeOf?: Tree };

const set = (words: string): ReadonlySet<string> => new Set(words.trim().split(/\s+/));

/** Structure, operators and functions that mean the same in both, and print as DuckDB reads them. */
const plain = set(`
  select from where_clause alias paren tuple subquery exists in case between not and or is_null is_true is_false
  eq neq lt lte gt gte null_safe_eq null_safe_neq null star identifier var interval values with cte union intersect except
  ordered order_by group_by having qualify limit offset fetch window window_frame over join table
  count sum min max median mode stddev stddev_pop stddev_samp variance var_pop var_samp any_value approx_count_distinct
  row_number rank dense_rank n_tile lag lead first_value last_value nth_value percent_rank cume_dist
  upper lower length trim starts_with ends_with contains str_position
  abs sqrt ln exp log bitwise_and bitwise_or bitwise_xor
  rollup cube grouping_sets distinct collation raw`);

const field = (body: Tree, ...names: string[]): Tree[] =>
  names.map((name) => body[name]).filter((value) => value !== null && value !== undefined);

/** Kinds whose function has the kind's name, with their fields in the order of its arguments. */
const calls: Readonly<Record<string, (body: Tree) => { name: string; args: Tree[] }>> = {
  if_func: (body) => ({
    name: "IFF",
    args: field(body, "condition", "true_value", "false_value"),
  }),
  nvl: (body) => ({ name: "NVL", args: field(body, "this", "expression") }),
  nvl2: (body) => ({ name: "NVL2", args: [body.this, body.true_value, body.false_value] }),
  coalesce: (body) => ({ name: "COALESCE", args: body.expressions }),
  null_if: (body) => ({ name: "NULLIF", args: field(body, "this", "expression") }),
  nullif: (body) => ({ name: "NULLIF", args: field(body, "this", "expression") }),
  date_diff: (body) => ({ name: "DATEDIFF", args: [text(unitOf(body.unit)), body.expression, body.this] }),
  date_add: (body) => ({ name: "DATEADD", args: [text(unitOf(body.unit)), body.interval, body.this] }),
  extract: (body) => ({ name: "EXTRACT", args: [text(unitOf(body.field)), body.this] }),
  to_number: (body) =>
    body.safe
      ? { name: "TRY_TO_NUMBER", args: field(body, "this", "format", "precision", "scale") }
      : { name: "TO_NUMBER", args: field(body, "this", "format", "precision", "scale") },
  regexp_like: (body) => ({ name: "REGEXP_LIKE", args: field(body, "this", "pattern", "flags") }),
  mod_func: (body) => ({ name: "MOD", args: [body.this, body.expression] }),
  array_contains: (body) => ({ name: "ARRAY_CONTAINS", args: [body.this, body.expression] }),
  floor: (body) => ({ name: "FLOOR", args: field(body, "this", "scale") }),
  ceil: (body) => ({ name: "CEIL", args: field(body, "this", "decimals") }),
  round: (body) => ({ name: "ROUND", args: field(body, "this", "decimals") }),
  array_func: (body) => ({ name: "ARRAY_CONSTRUCT", args: body.expressions }),
  map_func: (body) => ({
    name: "OBJECT_CONSTRUCT",
    args: body.keys.flatMap((key: Tree, index: number) => [key, body.values[index]]),
  }),
  substring: (body) => ({ name: "SUBSTR", args: field(body, "this", "start", "length") }),
  last_day: (body) => ({
    name: "LAST_DAY",
    args: [body.this, ...(body.unit ? [text(unitOf(body.unit))] : [])],
  }),
  bitwise_or_agg: (body) => ({ name: "BITOR_AGG", args: [body.this] }),
  bitwise_and_agg: (body) => ({ name: "BITAND_AGG", args: [body.this] }),
  bitwise_xor_agg: (body) => ({ name: "BITXOR_AGG", args: [body.this] }),
  initcap: (body) => ({ name: "INITCAP", args: field(body, "this", "delimiters") }),
  count_if: (body) => ({ name: "COUNT_IF", args: [body.this] }),
};

/** Kinds that are their function's name with underscores, with `this` and `expression` for arguments. */
const simple = set(`
  next_day previous_day day_of_week day_of_week_iso day_of_year day_of_month week_of_year year quarter month week day hour minute second
  add_months months_between parse_json typeof to_json array_size array_compact to_array power sign reverse repeat left right
  lpad rpad replace split md5 sha1 sha2 ascii chr soundex concat_ws convert_timezone date timestamp time_slice
  current_date current_time current_timestamp localtimestamp greatest least boolor_agg booland_agg
  array_remove array_reverse array_insert array_flatten array_sort asin acos atan cot sinh cosh tanh cbrt factorial
  array_unique_agg object_agg hash corr covar_pop covar_samp kurtosis skewness`);

const underscored = set(
  "parse_json to_json array_size array_compact to_array add_months next_day previous_day array_remove array_reverse array_insert array_flatten array_sort",
);

const unitOf = (unit: Tree): string =>
  typeof unit === "string"
    ? unit.replace(/([a-z])([A-Z])/g, "$1$2")
    : String(unit?.custom ?? Object.values(unit ?? {})[0] ?? "");

export function typedCall(kind: string, body: Tree): Typed {
  if (plain.has(kind)) return "plain";
  const known = Object.hasOwn(calls, kind) ? calls[kind] : undefined;
  if (known) return known(body);
  if (simple.has(kind)) {
    const name = (
      underscored.has(kind) || /_(agg|between|ws|timezone|slice|date|time|timestamp|pop|samp)$/.test(kind)
        ? kind
        : kind.replaceAll("_", "")
    ).toUpperCase();
    return { name, args: body.expressions ?? field(body, "this", "expression") };
  }
  switch (kind) {
    case "array_agg":
      return listOf(body, body.order_by ?? []);
    case "list_agg":
      return joined(body, body.order_by ?? []);
    case "within_group":
      return withinGroup(body);
    case "random":
    case "rand":
      return {
        tree: castTo(binary("mul", binary("sub", call("random"), number("0.5")), number("1.8e19")), "BIGINT"),
        type: { type: "fixed", precision: 38, scale: 0 },
      };
    default:
      return "unknown";
  }
}

const number = (value: string): Tree => ({ literal: { literal_type: "number", value } });

const aggregate = (name: string, args: Tree[], body: Tree, orderBy: Tree[], filter: Tree = null): Tree => ({
  aggregate_function: {
    name,
    args,
    distinct: body.distinct === true,
    filter: body.filter ?? filter,
    order_by: orderBy,
  },
});

/** ARRAY_AGG leaves out NULLs and answers an array value. */
function listOf(body: Tree, orderBy: Tree[]): Typed {
  const list = aggregate("list", [body.this], body, orderBy, isPresent(body.this));
  return {
    tree: call("coalesce", call("to_json", list), castTo(text("[]"), "JSON")),
    type: { type: "array" },
  };
}

/** LISTAGG over nothing is the empty text. */
function joined(body: Tree, orderBy: Tree[]): Typed {
  const list = aggregate(
    "string_agg",
    [call("sf_text", body.this), body.separator ?? text("")],
    body,
    orderBy,
  );
  return { tree: call("coalesce", list, text("")), type: { type: "text", length: MAX_TEXT } };
}

/** WITHIN GROUP is bound to its aggregate: the parser's visitor has made a call of that already. */
function withinGroup({ this: inner, order_by: orderBy }: Tree): Typed {
  const list = innerAggregate(inner);
  if (list) {
    const { name, args, distinct } = list.aggregate_function;
    if (distinct && name === "string_agg") return distinctText(args, orderBy);
    list.aggregate_function.order_by = orderBy;
    return { tree: inner };
  }
  const percentile =
    inner?.aggregate_function ?? inner?.function ?? inner?.percentile_cont ?? inner?.percentile_disc;
  const name = String(percentile?.name ?? Object.keys(inner ?? {})[0]).toUpperCase();
  const quantile = { PERCENTILE_CONT: "quantile_cont", PERCENTILE_DISC: "quantile_disc" }[name];
  if (quantile === undefined) return "unknown";
  const share = percentile.args?.[0] ?? percentile.this;
  const [{ this: value, desc }] = orderBy as [Tree];
  const from = desc ? binary("sub", number("1"), share) : share;
  return name === "PERCENTILE_DISC"
    ? { tree: call(quantile, value, from), likeOf: value }
    : { tree: call(quantile, call("sf_float", value), from), type: { type: "real" } };
}

/** DuckDB sorts distinct values only by what it joins, which is their text: so they are sorted before. */
function distinctText([value, separator]: Tree[], orderBy: Tree[]): Typed {
  const [{ this: by, desc }] = orderBy as [Tree];
  const item = value.function.args[0];
  if (orderBy.length !== 1 || !sameExpression(by, item)) return "unknown";
  const items = aggregate("list", [item], { distinct: true }, [], isPresent(item));
  const joinedText = call("sf_join", call("list_sort", items, text(desc ? "DESC" : "ASC")), separator);
  return { tree: call("coalesce", joinedText, text("")), type: { type: "text", length: MAX_TEXT } };
}

/** Whether two trees say the same, wherever they stand in the text. */
const sameExpression = (one: Tree, other: Tree): boolean => withoutPlaces(one) === withoutPlaces(other);
const withoutPlaces = (tree: Tree): string =>
  JSON.stringify(tree, (key, value) => (key === "span" ? undefined : value));

const isPresent = (value: Tree): Tree => ({ is_null: { this: value, not: true, postfix_form: false } });

function innerAggregate(tree: Tree): Tree {
  if (tree?.aggregate_function && ["list", "string_agg"].includes(tree.aggregate_function.name)) return tree;
  for (const argument of tree?.function?.args ?? []) {
    const found = innerAggregate(argument);
    if (found) return found;
  }
  return undefined;
}
