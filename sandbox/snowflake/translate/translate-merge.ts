/** MERGE (docs: MERGE). */
import type { Table, TableColumn } from "../catalog/model.ts";
import type { Found } from "../catalog/scope.ts";
import { unsupported } from "../errors.ts";
import { parameterOf } from "../parameters.ts";
import { column, fold, identifier, selectFrom, type Tree } from "./ast.ts";
import {
  columnOf,
  countMismatch,
  defaultOf,
  isDefault,
  stored,
  type TranslatedChange,
  target,
} from "./change-target.ts";
import { innerScope, type Scope } from "./query-scope.ts";
import { translateRelation } from "./translate-relations.ts";
import type { Translation } from "./translation.ts";

export async function merge(t: Translation, body: Tree): Promise<TranslatedChange> {
  const scope = innerScope(undefined);
  const table = body.this.alias?.this.table ?? body.this.table;
  const alias = body.this.alias ? fold(body.this.alias.alias) : undefined;
  const kinds = new Set<string>(body.whens.whens.expressions.map(({ when }: Tree) => actionOf(when)));
  const { found, node, alias: known } = await target(t, table, "MERGE", [...kinds], scope, alias);
  const using = await translateRelation(t, body.using, scope);
  const on = await t.expression(body.on, scope);
  const values = t.values.length;
  const whens: Tree[] = [];
  for (const { when } of body.whens.whens.expressions) {
    const condition = when.condition && (await t.expression(when.condition, scope));
    const action = await mergeAction(t, when.then, found, scope);
    // biome-ignore lint/suspicious/noThenProperty: the parser calls the field so
    whens.push({ when: { ...when, condition, then: action } });
  }
  const tree = {
    merge: { ...body, this: node, using, on, whens: { whens: { ...body.whens.whens, expressions: whens } } },
  };
  const sql = `${await t.sql(tree)} RETURNING merge_action`;
  const changes = kinds.has("UPDATE") || kinds.has("DELETE");
  if (!changes || parameterOf(t.execution.session, "ERROR_ON_NONDETERMINISTIC_MERGE") !== "true") {
    return { verb: "MERGE", found, sql, actions: kinds };
  }
  const joined = selectFrom([column("rowid", known)], node);
  joined.select.joins = [{ ...innerJoin, this: using, on }];
  const ambiguous = `SELECT 1 FROM (${await t.sql(joined)}) AS matches(row) GROUP BY row HAVING count(*) > 1 LIMIT 1`;
  return { verb: "MERGE", found, sql, actions: kinds, ambiguous: { sql: ambiguous, values } };
}

const innerJoin = {
  using: [],
  kind: "Inner",
  use_inner_keyword: true,
  use_outer_keyword: false,
  deferred_condition: false,
  join_hint: null,
  match_condition: null,
  pivots: [],
  comments: [],
  nesting_group: 0,
  directed: false,
};

const actionOf = (when: Tree): string =>
  String(when.then.var?.this ?? when.then.tuple?.expressions[0]?.var?.this).toUpperCase();

async function mergeAction(t: Translation, then: Tree, found: Found<Table>, scope: Scope): Promise<Tree> {
  if (!then.tuple && actionOf({ then }) !== "DELETE") throw unsupported("MERGE with an action of this form");
  if (!then.tuple) return then;
  const [verb, first, second] = then.tuple.expressions;
  if (verb.var.this === "UPDATE") {
    const changes: Tree[] = [];
    for (const { eq } of first.tuple?.expressions ?? []) {
      if (!eq) throw unsupported("MERGE … UPDATE SET of this form");
      // Without the table before it, the parser has a column's name for an identifier.
      const known = columnOf(found, nameOf(eq.left));
      const value = isDefault(eq.right) ? defaultOf(known) : await t.expression(eq.right, scope);
      changes.push({
        eq: { ...eq, left: column(known.name), right: stored(t, value, known) },
      });
    }
    return tuple([verb, tuple(changes)]);
  }
  const named: TableColumn[] = second
    ? (first?.tuple?.expressions ?? []).map((name: Tree) => columnOf(found, nameOf(name)))
    : found.object.columns;
  const values: Tree[] = (second ?? first)?.tuple?.expressions ?? [];
  if (values.length !== named.length) throw countMismatch(named.length, values.length);
  const cells: Tree[] = [];
  for (const [index, value] of values.entries()) {
    const into = named[index] as TableColumn;
    const translated = isDefault(value) ? defaultOf(into) : await t.expression(value, scope);
    cells.push(stored(t, translated, into));
  }
  return tuple([verb, tuple(named.map(({ name }) => ({ identifier: identifier(name) }))), tuple(cells)]);
}

/** The column that stands where MERGE names one. */
function nameOf(tree: Tree): string {
  const name = tree?.column?.name ?? tree?.identifier ?? tree;
  if (typeof name?.name !== "string") throw unsupported("MERGE with this in place of a column's name");
  return fold(name);
}

const tuple = (expressions: Tree[]): Tree => ({ tuple: { expressions } });
