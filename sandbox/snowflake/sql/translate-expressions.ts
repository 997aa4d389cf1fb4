import { accountKey } from "../catalog/bootstrap.ts";
import { effectiveRoles } from "../catalog/privileges.ts";
import { accountOf } from "../catalog/scope.ts";
import { duckdbType, MAX_TEXT } from "../engine/types.ts";
import { SnowflakeError, unsupported } from "../errors.ts";
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
import { asText, type FunctionContext, functions } from "./query-functions.ts";
import { typedCall } from "./query-nodes.ts";
import { findColumn, type Relation, type Scope } from "./query-scope.ts";
import { convert, isSemistructured, typeOfTree } from "./query-types.ts";
import { isSystemFunction, systemFunction } from "./system-functions.ts";
import type { Translation } from "./translation.ts";

const TEXT: ColumnType = { type: "text", length: MAX_TEXT };
const VARIANT: ColumnType = { type: "variant" };

/** Translates whatever stands in a statement apart from its relations. Answers a new tree. */
export const translateExpression = async (t: Translation, tree: Tree, scope: Scope): Promise<Tree> => {
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
};

/** Names as the catalog has them; NULL is the greatest value, as in Snowflake. */
const normalise = (value: Tree): Tree => {
  if (typeof value.name === "string" && typeof value.quoted === "boolean" && value.args === undefined) {
    return { ...value, name: value.quoted ? value.name : value.name.toUpperCase(), quoted: true };
  }
  if (value.desc === true && value.nulls_first === null) return { ...value, nulls_first: true };
  return value;
};

/** SYSTEM$ functions run in the server: their calls are replaced by what they answer. */
const foldSystemCalls = async (t: Translation, node: Tree, scope: Scope): Promise<void> => {
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
};

const translateNode = (t: Translation, node: Tree, kind: string, scope: Scope): Tree => {
  const body = node[kind];
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
      const to = typeOfTree(body.to);
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
    case "div":
      return divide(t, body.left, body.right);
    case "mod":
      return call("sf_modulo", body.left, body.right);
    case "add":
    case "sub":
    case "mul":
      return t.typed(arithmetic(node, kind, body), arithmeticType(t, kind, body.left, body.right));
    case "neg":
      return t.typed(node, t.typeOf(body.this));
    case "concat":
      return t.typed(node, TEXT);
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
      if ("tree" in typed) return t.typed(typed.tree, typed.type);
      return translateCall(t, { name: typed.name, args: typed.args, node }, scope);
    }
  }
};

/** A column's name in full, for error messages and for its place in a relation. */
const translateColumn = (t: Translation, node: Tree, scope: Scope): Tree => {
  const { name, table } = node.column;
  const positional = /^\$(\d+)$/.exec(name.name);
  if (positional) return byPosition(t, Number(positional[1]), scope, table?.name);
  const known = findColumn(scope, name.name, table?.name);
  return t.typed(node, known?.type);
};

const dotted = (node: Tree): string[] => {
  if (node.dot) return [...dotted(node.dot.this), node.dot.field.name];
  const { name, table } = node.column;
  return table ? [table.name, name.name] : [name.name];
};

/** `$1`: of a stage the whole row, of anything else its first column. */
const byPosition = (t: Translation, position: number, scope: Scope, table?: string): Tree => {
  const relation = scope.relations.find(({ alias }) => table === undefined || alias === table);
  if (relation?.stage) {
    if (position !== 1) throw unsupported(`$${position} of Parquet files, whose rows are all in $1`);
    return t.typed(wholeRow(relation), VARIANT);
  }
  const found = relation?.columns[position - 1];
  if (!relation || !found) throw invalidIdentifier(`$${position}`);
  return t.typed(column(found.name, relation.alias), found.type);
};

const wholeRow = (relation: Relation): Tree =>
  call(
    "json_object",
    ...relation.columns
      .filter(({ name }) => !name.startsWith("METADATA$"))
      .flatMap(({ name }) => [text(name), call("sf_json", column(name, relation.alias))]),
  );

/** `value:a.b[0]`. In a stage `$1:COLUMN` is the file's column itself, with its own type. */
const extractPath = (t: Translation, value: Tree, path: string, scope: Scope): Tree => {
  const steps = pathSteps(path);
  const relation = scope.relations.find(
    ({ stage, alias }) => stage && t.types.get(value) && isRowOf(value, alias),
  );
  if (relation) {
    const [first, ...rest] = steps;
    const found = relation.columns.find(({ name }) => name === first);
    if (!found) return nothing();
    const base = column(found.name, relation.alias);
    return rest.length === 0 ? base : call("json_extract", call("sf_json", base), text(jsonPath(rest)));
  }
  const type = t.typeOf(value);
  const json = type && isSemistructured(type) ? value : call("sf_json", value);
  return call("json_extract", json, text(jsonPath(steps)));
};

const isRowOf = (value: Tree, alias: string): boolean =>
  value.function?.name === "json_object" &&
  value.function.args[1]?.function?.args[0]?.column?.table?.name === alias;

const step = (literal: Tree): string =>
  literal.literal_type === "string" ? `"${literal.value}"` : `[${literal.value}]`;

const pathSteps = (path: string): (string | number)[] =>
  [...path.matchAll(/"((?:[^"]|"")*)"|\[\s*(\d+)\s*\]|\[\s*'([^']*)'\s*\]|([^.[\]"]+)/g)].map(
    ([, quoted, index, bracketed, plain]) =>
      index === undefined ? (quoted ?? bracketed ?? plain ?? "") : Number(index),
  );

const jsonPath = (steps: readonly (string | number)[]): string =>
  `$${steps.map((each) => (typeof each === "number" ? `[${each}]` : `."${each.replaceAll('"', '\\"')}"`)).join("")}`;

const translateLiteral = (t: Translation, node: Tree): Tree => {
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
      return t.typed(castTo(text(value), "DATE"), { type: "date" });
    case "timestamp":
      return t.typed(castTo(text(value), "TIMESTAMP"), { type: "timestamp_ntz", scale: 9 });
    case "time":
      return t.typed(castTo(text(value), "TIME"), { type: "time", scale: 9 });
    default:
      throw unsupported(`literal of kind ${kind}`);
  }
};

/** `:1` is a bind, `$1` a column by position, `$name` a session variable. */
const translateParameter = (t: Translation, body: Tree, scope: Scope): Tree => {
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
    return t.constant(variable.value, variable.type);
  }
  return t.bind(String(body.index ?? body.name));
};

/** Functions over text that the parser has kinds for. */
const overText = new Set([
  "upper",
  "lower",
  "length",
  "trim",
  "substring",
  "initcap",
  "starts_with",
  "ends_with",
  "contains",
  "str_position",
]);

/** Parts of GROUP BY that the parser takes for calls. */
const groupings = new Set(["GROUPING SETS", "ROLLUP", "CUBE"]);

const translateCall = (t: Translation, body: Tree, _scope: Scope): Tree => {
  const name = String(body.name).toUpperCase();
  if (groupings.has(name)) return { function: body };
  const translate = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (!translate) {
    throw new SnowflakeError(
      "002141",
      "42601",
      `SQL compilation error:\nUnknown function ${name} (or one that the local Snowflake does not have).`,
    );
  }
  const { tree, type } = translate(body.args, functionContext(t), name);
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
};

const functionContext = (t: Translation): FunctionContext => ({
  typeOf: (argument) => t.typeOf(argument),
  constant: (value, type) => t.constant(value, type),
  now: () => t.execution.cloud.now(),
  contextValue: (name) => contextValue(t, name),
});

const contextValue = (t: Translation, name: string): string | number | null | undefined => {
  const { session } = t.execution;
  const account = accountOf(t.execution);
  switch (name) {
    case "CURRENT_USER":
      return session.user;
    case "CURRENT_ROLE":
      return session.role;
    case "CURRENT_WAREHOUSE":
      return session.warehouse;
    case "CURRENT_DATABASE":
      return session.database;
    case "CURRENT_SCHEMA":
      return session.schema;
    case "CURRENT_ACCOUNT":
      return account.locator;
    case "CURRENT_ACCOUNT_NAME":
      return account.name;
    case "CURRENT_ORGANIZATION_NAME":
      return account.organization;
    case "CURRENT_REGION":
      return account.region;
    case "CURRENT_SESSION":
      return String(session.id);
    case "CURRENT_VERSION":
      return "9.37.0";
    case "CURRENT_CLIENT":
      return accountKey(account);
    case "CURRENT_STATEMENT":
      return t.execution.sql;
    case "CURRENT_SECONDARY_ROLES":
      return '{"roles":"","value":""}';
    case "CURRENT_TRANSACTION":
      return session.transaction ? String(session.transaction.startedAt.getTime()) : null;
    case "CURRENT_AVAILABLE_ROLES":
      return JSON.stringify([...effectiveRoles(account, session.role)]);
    default:
      return undefined;
  }
};

const quotientScale = (scale: number): number => Math.max(scale, Math.min(scale + 6, 12));

/** Snowflake divides exact numbers exactly, with six more digits; dividing by zero is an error. */
const divide = (t: Translation, left: Tree, right: Tree): Tree => {
  const quotient = call("sf_divide", left, right);
  const [a, b] = [t.typeOf(left), t.typeOf(right)];
  if (a?.type !== "fixed" || b?.type !== "fixed") return t.typed(quotient, a && b && { type: "real" });
  const type: ColumnType = { type: "fixed", precision: 38, scale: quotientScale(a.scale) };
  return t.typed(castTo(quotient, duckdbType(type)), type);
};

const isWhole = (tree: Tree): boolean =>
  tree.literal?.literal_type === "number" && /^\d+$/.test(tree.literal.value);

/** DuckDB would compute with whole numbers in as many bits as they need now, not in as many as the result needs. */
const arithmetic = (node: Tree, kind: string, { left, right }: Tree): Tree =>
  isWhole(left) && isWhole(right) ? parenthesised(binary(kind, castTo(left, "HUGEINT"), right)) : node;

const arithmeticType = (t: Translation, kind: string, left: Tree, right: Tree): ColumnType | undefined => {
  const [a, b] = [t.typeOf(left), t.typeOf(right)];
  if (!a || !b) return a?.type === "date" ? undefined : a?.type.startsWith("timestamp") ? a : undefined;
  if (a.type === "real" || b.type === "real") return { type: "real" };
  if (a.type !== "fixed" || b.type !== "fixed") {
    return a.type === "date" && b.type === "fixed" ? a : undefined;
  }
  const scale = kind === "mul" ? Math.min(a.scale + b.scale, 37) : Math.max(a.scale, b.scale);
  return { type: "fixed", precision: 38, scale };
};

const anyOf = (kind: string, { left, right, quantifier }: Tree): Tree => {
  const patterns: Tree[] = right.tuple?.expressions ?? [right.paren?.this ?? right];
  const word = quantifier === "ALL" ? "and" : "or";
  return parenthesised(
    patterns.map((pattern) => binary(kind, left, pattern)).reduce((a, b) => binary(word, a, b)),
  );
};

/** What was put around an aggregate has to stand around its OVER clause. */
const aroundWindow = (t: Translation, node: Tree): Tree => {
  const { this: inner } = node.window_function;
  const type = t.typeOf(inner);
  const window = (aggregate: Tree): Tree => ({
    window_function: { ...node.window_function, this: aggregate },
  });
  if (inner.cast) return t.typed({ cast: { ...inner.cast, this: window(inner.cast.this) } }, type);
  if (inner.function && ["to_json", "coalesce"].includes(inner.function.name)) {
    const [first, ...rest] = inner.function.args;
    return t.typed(call(inner.function.name, window(first), ...rest), type);
  }
  return t.typed(node, type);
};

const plainType = (t: Translation, kind: string, body: Tree): ColumnType | undefined => {
  switch (kind) {
    case "count":
    case "approx_distinct":
    case "row_number":
    case "rank":
    case "dense_rank":
    case "n_tile":
      return { type: "fixed", precision: 18, scale: 0 };
    case "length":
      return { type: "fixed", precision: 18, scale: 0 };
    case "min":
    case "max":
    case "any_value":
    case "lag":
    case "lead":
    case "first_value":
    case "last_value":
    case "nth_value":
    case "paren":
    case "abs":
      return t.typeOf(body.this);
    case "upper":
    case "lower":
    case "trim":
    case "substring":
    case "initcap":
      return TEXT;
    case "case": {
      const [first] = body.whens ?? [];
      return first && t.typeOf(first[1]);
    }
    case "sum": {
      const type = t.typeOf(body.this);
      if (type?.type === "fixed") return { type: "fixed", precision: 38, scale: type.scale };
      return type?.type === "real" ? type : undefined;
    }
    default:
      return undefined;
  }
};

/** AVG of exact numbers is exact, with six more digits. */
export const averageType = (type: ColumnType | undefined): ColumnType | undefined =>
  type?.type === "fixed" ? { type: "fixed", precision: 38, scale: quotientScale(type.scale) } : type;

export const invalidIdentifier = (name: string, line = 1, position = 0) =>
  new SnowflakeError(
    "000904",
    "42000",
    `SQL compilation error: error line ${line} at position ${position}\ninvalid identifier '${name}'`,
  );
