import { duckdbType, MAX_TEXT } from "../engine/types.ts";
import { SnowflakeError, unsupported } from "../errors.ts";
import { requireArity } from "../functions/arity.ts";
import { asText, convert, typeOfTree } from "../functions/casts.ts";
import { floating, inScale, operands, overNumbers } from "../functions/coercion.ts";
import type { FunctionContext } from "../functions/function-context.ts";
import { functions } from "../functions/functions.ts";
import { interval, isWholeDays } from "../functions/intervals.ts";
import { quotient, remainder } from "../functions/numbers.ts";
import { isOtherFunction } from "../functions/other-functions.ts";
import { isSystemFunction, systemFunction } from "../functions/system-functions.ts";
import { parameterOf } from "../parameters.ts";
import type { ColumnType } from "../result.ts";
import { aroundWindow } from "./around-window.ts";
import {
  binary,
  call,
  castTo,
  column,
  kindOf,
  nodesOf,
  parenthesised,
  queryKinds,
  rebuild,
  type Tree,
  text,
} from "./ast.ts";
import { amongOthers, betweenBounds, chosen, compared } from "./comparisons.ts";
import { contextValue } from "./context-values.ts";
import { arithmeticType, averageType, plainType } from "./expression-types.ts";
import { typedCall } from "./query-nodes.ts";
import type { Scope } from "./query-scope.ts";
import { byPosition, dotted, extractPath, step, translateColumn } from "./translate-columns.ts";
import type { Translation } from "./translation.ts";

const TEXT: ColumnType = { type: "text", length: MAX_TEXT };
const VARIANT: ColumnType = { type: "variant" };
const BOOLEAN: ColumnType = { type: "boolean" };

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
      const type = arithmeticType(kind, left.type, right.type);
      return t.typed(inScale(arithmetic(taken, kind), left, right, type), type);
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
