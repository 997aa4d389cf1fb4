import type { Value } from "../context.ts";
import { unknownColumn } from "../engine/errors.ts";
import { MAX_TEXT } from "../engine/types.ts";
import { SnowflakeError, unsupported } from "../errors.ts";
import { asJson } from "../functions/casts.ts";
import type { ColumnType } from "../result.ts";
import { call, castTo, column, nothing, type Tree, text } from "./ast.ts";
import { findColumn, isOtherCase, type Relation, type Scope, twinOf } from "./query-scope.ts";
import type { Translation } from "./translation.ts";

const VARIANT: ColumnType = { type: "variant" };
const TEXT: ColumnType = { type: "text", length: MAX_TEXT };

/** A column's name in full, for error messages and for its place in a relation. */
export function translateColumn(t: Translation, node: Tree, scope: Scope): Tree {
  const { name, table } = node.column;
  const positional = /^\$(\d+)$/.exec(name.name);
  if (positional) return byPosition(t, Number(positional[1]), scope, table?.name);
  const known = findColumn(scope, name.name, table?.name);
  const variable = known ? undefined : bareVariable(t, scope, name.name, table?.name);
  if (variable) return t.variable(variable);
  if (!known && isOtherCase(scope, name.name, table?.name)) throw unknownColumn(name.name, t.parsed);
  const twin = known && twinOf(scope, known);
  if (twin !== undefined)
    throw unsupported(`columns that differ only by case ("${twin}" and "${name.name}")`);
  return t.typed(node, known?.type);
}

/** Within an expression of a block, outside its queries: a variable, or a field of a row. */
function bareVariable(t: Translation, scope: Scope, name: string, row?: string): Value | undefined {
  const { variables } = t.execution;
  for (let around: Scope | undefined = scope; around; around = around.outer) {
    if (around.relations.length > 0) return undefined;
  }
  if (!variables?.bare) return undefined;
  return row === undefined ? variables.value(name) : variables.value(row, name);
}

export function dotted(node: Tree): string[] {
  if (node.dot) return [...dotted(node.dot.this), node.dot.field.name];
  const { name, table } = node.column;
  return table ? [table.name, name.name] : [name.name];
}

/** `$1`: of a stage the whole row, of anything else its first column. */
export function byPosition(t: Translation, position: number, scope: Scope, table?: string): Tree {
  const relation = scope.relations.find(({ alias }) => table === undefined || alias === table);
  if (relation?.fields) {
    const name = `$${position}`;
    const there = relation.columns.some((each) => (each.reference ?? each.name) === name);
    return t.typed(there ? column(name, relation.alias) : castTo(nothing(), "VARCHAR"), TEXT);
  }
  if (relation?.stage) {
    if (position !== 1) throw unsupported(`$${position} of Parquet files, whose rows are all in $1`);
    return t.typed(wholeRow(relation), VARIANT);
  }
  const found = relation?.columns[position - 1];
  if (!relation || !found) throw invalidIdentifier(`$${position}`);
  return t.typed(column(found.name, relation.alias), found.type);
}

const wholeRow = (relation: Relation): Tree =>
  call(
    "json_object",
    ...relation.columns
      .filter(({ name }) => !name.startsWith("METADATA$"))
      .flatMap(({ name, reference }) => [
        text(name),
        call("sf_json", column(reference ?? name, relation.alias)),
      ]),
  );

/** `value:a.b[0]`. In a stage `$1:COLUMN` is the file's column itself, with its own type. */
export function extractPath(t: Translation, value: Tree, path: string, scope: Scope): Tree {
  const steps = pathSteps(path);
  const relation = scope.relations.find(
    ({ stage, alias }) => stage && t.types.get(value) && isRowOf(value, alias),
  );
  if (relation) {
    const [first, ...rest] = steps;
    const found = relation.columns.find(({ name }) => name === first);
    if (!found) return castTo(nothing(), "JSON");
    const base = column(found.reference ?? found.name, relation.alias);
    return rest.length === 0
      ? call("sf_json", base)
      : call("json_extract", call("sf_json", base), text(jsonPath(rest)));
  }
  return call("json_extract", asJson(value, t.typeOf(value)), text(jsonPath(steps)));
}

const isRowOf = (value: Tree, alias: string): boolean =>
  value.function?.name === "json_object" &&
  value.function.args[1]?.function?.args[0]?.column?.table?.name === alias;

export const step = (literal: Tree): string =>
  literal.literal_type === "string" ? `"${literal.value}"` : `[${literal.value}]`;

const pathSteps = (path: string): (string | number)[] =>
  [...path.matchAll(/"((?:[^"]|"")*)"|\[\s*(\d+)\s*\]|\[\s*'([^']*)'\s*\]|([^.[\]"]+)/g)].map(
    ([, quoted, index, bracketed, plain]) =>
      index === undefined ? (quoted ?? bracketed ?? plain ?? "") : Number(index),
  );

const jsonPath = (steps: readonly (string | number)[]): string =>
  `$${steps.map((each) => (typeof each === "number" ? `[${each}]` : `."${each.replaceAll('"', '\\"')}"`)).join("")}`;

const invalidIdentifier = (name: string, line = 1, position = 0) =>
  new SnowflakeError(
    "000904",
    "42000",
    `SQL compilation error: error line ${line} at position ${position}\ninvalid identifier '${name}'`,
  );
