import { duckdbType, MAX_TEXT } from "../engine/types.ts";
import { SnowflakeError, unsupported } from "../errors.ts";
import { requireArity } from "../functions/arity.ts";
import { asText, convert, isMoment, typeOfTree } from "../functions/casts.ts";
import { floating, operands, overNumbers } from "../functions/coercion.ts";
import { type FunctionContext, together } from "../functions/function-context.ts";
import { functions } from "../functions/functions.ts";
import { interval, isWholeDays } from "../functions/intervals.ts";
import { quotient, remainder } from "../functions/numbers.ts";
import { isOtherFunction } from "../functions/other-functions.ts";
import { isSystemFunction, systemFunction } from "../functions/system-functions.ts";
import { parameterOf } from "../parameters.ts";
import type { ColumnType } from "../result.ts";
import {
  binary,
  call,
  castTo,
  column,
  kindOf,
  nodesOf,
  nothing,
  parenthesised,
  queryKinds,
  rebuild,
  type Tree,
  text,
} from "./ast.ts";
import { isSemistructured } from "./common-type.ts";
import { contextValue } from "./context-values.ts";
import { arithmeticType, averageType, plainType } from "./expression-types.ts";
import { typedCall } from "./query-nodes.ts";
import type { Scope } from "./query-scope.ts";
import { byPosition, dotted, extractPath, step, translateColumn } from "./translate-columns.ts";
import type { Translation } from "./translation.ts";

const TEXT: ColumnType = { type: "text", length: MAX_TEXT };
const VARIANT: ColumnType = { type: "variant" };
const BOOLEAN: ColumnType = { type: "boolean" };
const LTZ: ColumnType = { type: "timestamp_ltz", scale: 9 };

/** Translates whatever stands in a statement apart from its relations. Answers a new tree. */
export async function translateExpression(t: Translation, tree: Tree, scope: Scope): Promise<Tree> {
  for (const query of nodesOf(tree, queryKinds)) {
    if (t.done.has(query)) continue;
    const { tree: translated } = await t.query(query, scope);
    const kind = kindOf(query) as string;
    delete query[kind];
    Object.assign(query, translated);
    t.done.add(query);
  }
  for (const node of nodesOf(tree, new Set(["function"]))) await foldSystemCalls(t, node, scope);
  return rebuild(tree, {
    node: (node, kind) => translateNode(t, node, kind, scope),
    other: normalise,
    skip: (value) => t.done.has(value),
  });
}

/** Names as the catalog has them; NULL is the greatest value, as in Snowflake. */
function normalise(value: Tree): Tree {
  if (typeof value.name === "string" && typeof value.quoted === "boolean" && value.args === undefined) {
    return { ...value, name: value.quoted ? value.name : value.name.toUpperCase(), quoted: true };
  }
  if (value.desc === true && value.nulls_first === null) return { ...value, nulls_first: true };
  return value;
}

/** SYSTEM$ functions run in the server: their calls are replaced by what they answer. */
async function foldSystemCalls(t: Translation, node: Tree, scope: Scope): Promise<void> {
  const { name, args } = node.function;
  for (const argument of args) {
    for (const inner of nodesOf(argument, new Set(["function"]))) await foldSystemCalls(t, inner, scope);
  }
  if (!isSystemFunction(String(name).toUpperCase())) return;
  const answer = await systemFunction(t, String(name).toUpperCase(), args);
  const constant = t.constant(answer, TEXT);
  delete node.function;
  Object.assign(node, constant);
  t.done.add(node);
  t.typed(node, TEXT);
}

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: one case for each kind of node
function translateNode(t: Translation, node: Tree, kind: string, scope: Scope): Tree {
  const body = node[kind];
  if (overNumbers.has(kind)) {
    const { tree, type } = floating(body.this, (each) => t.typeOf(each));
    body.this = t.typed(tree, type);
  }
  switch (kind) {
    case "column":
      return translateColumn(t, node, scope);
    case "dot": {
      // schema.table.column: DuckDB knows the table by its alias.
      const path = dotted(node);
      return translateColumn(t, column(path.at(-1) as string, path.at(-2)), scope);
    }
    case "literal":
      return translateLiteral(t, node);
    case "boolean":
      return t.typed(node, { type: "boolean" });
    case "parameter":
      return translateParameter(t, body, scope);
    case "cast":
    case "try_cast":
    case "safe_cast": {
      const to = typeOfTree(body.to, parameterOf(t.execution.session, "TIMESTAMP_TYPE_MAPPING"));
      return t.typed(convert(body.this, to, t.typeOf(body.this), kind !== "cast"), to);
    }
    case "j_s_o_n_extract":
      return t.typed(extractPath(t, body.this, body.expression?.literal?.value ?? "", scope), VARIANT);
    case "subscript":
      return t.typed(
        body.index?.literal
          ? extractPath(t, body.this, step(body.index.literal), scope)
          : call("sf_get", body.this, body.index),
        VARIANT,
      );
    case "function":
    case "aggregate_function":
      return translateCall(t, body, scope);
    case "avg": {
      const type = averageType(t.typeOf(body.this));
      return t.typed(
        type?.type === "fixed" ? castTo(node, duckdbType(type)) : node,
        type ?? { type: "real" },
      );
    }
    case "div": {
      const { tree, type } = quotient(body.left, body.right, (each) => t.typeOf(each));
      return t.typed(tree, type);
    }
    case "eq":
    case "neq":
    case "lt":
    case "lte":
    case "gt":
    case "gte":
    case "null_safe_eq":
    case "null_safe_neq":
      return t.typed(compared(t, node, kind, body), BOOLEAN);
    case "between":
      return t.typed(betweenBounds(t, body), BOOLEAN);
    case "in":
      return t.typed(amongOthers(t, body), BOOLEAN);
    case "case":
      return chosen(t, body);
    case "median": {
      const type = plainType(t, kind, body);
      if (type?.type === "fixed") body.this = castTo(body.this, duckdbType(type));
      return t.typed(node, type);
    }
    case "mod": {
      const { tree, type } = remainder(body.left, body.right, (each) => t.typeOf(each));
      return t.typed(tree, type);
    }
    case "add":
    case "sub":
    case "mul": {
      const [left, right] = operands(body.left, body.right, (each) => t.typeOf(each));
      const taken = { [kind]: { ...body, left: left.tree, right: right.tree } };
      if (left.type?.type === "date" && isWholeDays(right.tree))
        return t.typed(castTo(parenthesised(taken), "DATE"), left.type);
      return t.typed(arithmetic(taken, kind), arithmeticType(kind, left.type, right.type));
    }
    case "interval":
      return interval(node);
    case "neg":
      return t.typed(node, t.typeOf(body.this));
    case "concat":
      return t.typed(binary("concat", asText(body.left, t), asText(body.right, t)), TEXT);
    case "like":
    case "i_like":
      return body.quantifier ? anyOf(kind, body) : node;
    case "window_function":
      return aroundWindow(t, node);
    case "star":
      return node;
    default: {
      const typed = typedCall(kind, body);
      if (typed === "unknown") throw unsupported(`expression ${kind.replaceAll("_", " ").toUpperCase()}`);
      if (typed === "plain") {
        if (overText.has(kind)) body.this = asText(body.this, t);
        return t.typed(node, plainType(t, kind, body));
      }
      if ("tree" in typed) return t.typed(typed.tree, typed.type ?? t.typeOf(typed.likeOf));
      return translateCall(t, { name: typed.name, args: typed.args, node }, scope);
    }
  }
}

function translateLiteral(t: Translation, node: Tree): Tree {
  const { literal_type: kind, value } = node.literal;
  switch (kind) {
    case "string":
    case "dollar_string":
      return t.typed(text(value), TEXT);
    case "number": {
      if (/[eE]/.test(value)) return t.typed(node, { type: "real" });
      const [whole = "", fraction = ""] = String(value).split(".");
      const precision = Math.min(38, Math.max(1, whole.length + fraction.length));
      return t.typed(node, { type: "fixed", precision, scale: fraction.length });
    }
    case "date":
      return t.typed(call("sf_date", text(value)), { type: "date" });
    case "timestamp":
      return t.typed(call("sf_timestamp", text(value)), { type: "timestamp_ntz", scale: 9 });
    case "time":
      return t.typed(call("sf_time", text(value)), { type: "time", scale: 9 });
    default:
      throw unsupported(`literal of kind ${kind}`);
  }
}

/** `:1` is a bind, `$1` a column by position, `$name` a session variable. */
function translateParameter(t: Translation, body: Tree, scope: Scope): Tree {
  if (body.style === "Dollar" && body.index !== null) return byPosition(t, body.index, scope);
  if (body.style === "Dollar") {
    const name = String(body.name).toUpperCase();
    const variable = t.execution.session.variables.get(name);
    if (!variable) {
      throw new SnowflakeError(
        "000002",
        "42601",
        `SQL compilation error: error line 1 at position 0\nSession variable '$${name}' does not exist`,
      );
    }
    return t.variable(variable);
  }
  return t.bind(String(body.index ?? body.name));
}

/** Functions over text that the parser has kinds for. */
const overText = new Set([
  "upper",
  "lower",
  "length",
  "trim",
  "starts_with",
  "ends_with",
  "contains",
  "str_position",
]);

function translateCall(t: Translation, body: Tree, scope: Scope): Tree {
  const name = String(body.name).toUpperCase();
  requireArity(name, body.args.length);
  const translate = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (!translate && isOtherFunction(name)) throw unsupported(`function ${name}`);
  if (!translate) {
    throw new SnowflakeError(
      "002140",
      "42601",
      `SQL compilation error:\nUnknown function ${name} (or one that the local Snowflake does not have).`,
    );
  }
  const { tree, type } = translate(body.args, functionContext(t, scope), name);
  const kept = tree.function && tree.function.name !== undefined ? tree.function : undefined;
  if (kept && body.distinct) kept.distinct = true;
  if (kept && (body.filter || body.order_by?.length > 0)) {
    return t.typed(
      {
        aggregate_function: {
          name: kept.name,
          args: kept.args,
          distinct: kept.distinct,
          filter: body.filter ?? null,
          order_by: body.order_by ?? [],
        },
      },
      type,
    );
  }
  return t.typed(tree, type);
}

const functionContext = (t: Translation, scope: Scope): FunctionContext => ({
  typeOf: (argument) => t.typeOf(argument),
  constant: (value, type) => t.constant(value, type),
  now: () => t.execution.cloud.now(),
  contextValue: (name) => contextValue(t, name),
  parameter: (name) => parameterOf(t.execution.session, name),
  columns: (star) =>
    scope.relations
      .filter(({ alias }) => !star.table || alias === star.table.name)
      .flatMap(({ alias, columns }) =>
        columns.map(({ name, type }): [string, Tree] => [name, t.typed(column(name, alias), type)]),
      ),
});

/** CASE answers with the type that its branches have together. */
function chosen(t: Translation, body: Tree): Tree {
  const branches = [...body.whens.map(([, value]: Tree[]) => value), body.else_ ?? nothing()];
  const { values, type } = together(branches, (each) => t.typeOf(each));
  const whens = body.whens.map(([condition]: Tree[], index: number) => [
    body.operand ? comparable(t, condition, body.operand) : condition,
    values[index],
  ]);
  return t.typed({ case: { ...body, whens, else_: body.else_ ? values.at(-1) : null } }, type);
}

/** A value as it is compared with another: a VARIANT, a zoned moment or a text as what it meets. */
function comparable(t: Translation, value: Tree, other: Tree): Tree {
  const [type, met] = [t.typeOf(value), t.typeOf(other)];
  if (!type || !met) return value;
  if (type.type === "timestamp_tz" || met.type === "timestamp_tz") {
    return isMoment(type) || type.type === "text" ? convert(value, LTZ, type) : value;
  }
  // A number that is not zero is true (docs: Data type conversion).
  if (met.type === "boolean" && (type.type === "fixed" || type.type === "real"))
    return convert(value, BOOLEAN, type);
  if (isSemistructured(type) && !isSemistructured(met)) {
    if (met.type === "fixed" || met.type === "real") return call("sf_try_float", value);
    return met.type === "text" ? call("sf_text", value) : convert(value, met, type);
  }
  if (type.type === "text" && !value.literal && met.type !== "text" && !isSemistructured(met)) {
    return met.type === "fixed" ? call("sf_float", value) : convert(value, met, type);
  }
  return value;
}

function compared(t: Translation, node: Tree, kind: string, body: Tree): Tree {
  const left = comparable(t, body.left, body.right);
  const right = comparable(t, body.right, body.left);
  return left === body.left && right === body.right ? node : { [kind]: { ...body, left, right } };
}

const betweenBounds = (t: Translation, body: Tree): Tree => ({
  between: {
    ...body,
    this: comparable(t, body.this, body.low),
    low: comparable(t, body.low, body.this),
    high: comparable(t, body.high, body.this),
  },
});

function amongOthers(t: Translation, body: Tree): Tree {
  const others: Tree[] = body.expressions ?? [];
  const one = others.find((other) => t.typeOf(other)?.type !== "text") ?? others[0];
  return {
    in: {
      ...body,
      this: comparable(t, body.this, one),
      expressions: others.map((other) => comparable(t, other, body.this)),
    },
  };
}

const isWhole = (tree: Tree): boolean =>
  tree.literal?.literal_type === "number" && /^\d+$/.test(tree.literal.value);

/** DuckDB would compute with whole numbers in as many bits as they need now, not in as many as the result needs. */
function arithmetic(node: Tree, kind: string): Tree {
  const { left, right } = node[kind];
  return isWhole(left) && isWhole(right)
    ? call("sf_whole", binary(kind, castTo(left, "HUGEINT"), right))
    : node;
}

function anyOf(kind: string, { left, right, quantifier }: Tree): Tree {
  const patterns: Tree[] = right.tuple?.expressions ?? [right.paren?.this ?? right];
  const word = quantifier === "ALL" ? "and" : "or";
  return parenthesised(
    patterns.map((pattern) => binary(kind, left, pattern)).reduce((a, b) => binary(word, a, b)),
  );
}

/** Functions that look at the whole partition unless a frame is named (docs: FIRST_VALUE, LAST_VALUE, NTH_VALUE). */
const lasting = new Set(["first_value", "last_value", "nth_value"]);
const wholePartition = {
  kind: "Rows",
  start: "UnboundedPreceding",
  end: "UnboundedFollowing",
  exclude: null,
};

/** What was put around an aggregate has to stand around its OVER clause. */
function aroundWindow(t: Translation, node: Tree): Tree {
  const { this: inner } = node.window_function;
  const type = t.typeOf(inner);
  const window = (aggregate: Tree): Tree => ({
    window_function: { ...node.window_function, this: aggregate },
  });
  if (inner.function?.name === "sf_ratio") {
    const [value] = inner.function.args;
    return t.typed(call("sf_divide", value, window(call("sum", value))), type);
  }
  if (inner.cast) return t.typed({ cast: { ...inner.cast, this: window(inner.cast.this) } }, type);
  if (lasting.has(kindOf(inner) ?? "") && !node.window_function.over.frame) {
    const over = { ...node.window_function.over, frame: wholePartition };
    return t.typed({ window_function: { ...node.window_function, over } }, type);
  }
  if (inner.function && ["to_json", "coalesce"].includes(inner.function.name)) {
    const [first, ...rest] = inner.function.args;
    return t.typed(call(inner.function.name, window(first), ...rest), type);
  }
  return t.typed(node, type);
}
