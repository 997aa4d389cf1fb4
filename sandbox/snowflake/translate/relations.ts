/** What a name in FROM stands for: a table, a view, a stage's files. */
import type { Table, View } from "../catalog/model.ts";
import type { Found } from "../catalog/scope.ts";
import type { ColumnHint } from "../engine/fetch.ts";
import { quoteIdentifier } from "../grammar/identifiers.ts";
import { stageMetadata, stageSource } from "../storage/stage-source.ts";
import { aliasColumn, identifier, type Tree, tableNode } from "./ast.ts";
import { parseQuery } from "./parse-query.ts";
import type { Scope } from "./query-scope.ts";
import type { Translation } from "./translation.ts";

export function add(
  scope: Scope,
  alias: string,
  columns: readonly ColumnHint[],
  parts: string[],
  named: string[] = [],
): Tree {
  scope.relations.push({
    alias,
    columns: columns.map((column, index) => ({ ...column, name: named[index] ?? column.name })),
  });
  return tableNode(parts, alias, named);
}

export async function tableRelation(
  t: Translation,
  found: Found<Table>,
  alias: string,
  scope: Scope,
  named: string[],
): Promise<Tree> {
  const { object, database } = found;
  await t.useWarehouse();
  t.reads(found, alias);
  const attached = await t.execution.cloud.engine.attach(database.id);
  const columns = object.columns.map((column) => ({
    name: column.name,
    type: column.type,
    nullable: column.nullable,
  }));
  return add(scope, alias, columns, [attached, "main", `t${object.id}`], named);
}

/** A view is its query, run with its owner's rights where it was made. */
export async function viewRelation(
  t: Translation,
  found: Found<View>,
  alias: string,
  scope: Scope,
  named: string[],
): Promise<Tree> {
  const view = found.object;
  const { session, cloud } = t.context;
  const context = {
    cloud,
    session: {
      ...session,
      account: `${found.dataAccount.organization}-${found.dataAccount.name}`,
      role: view.owner,
      secondaryRoles: [],
      database: view.context.database,
      schema: view.context.schema,
    },
  };
  const inner = t.within(await parseQuery(view.query), context);
  const { tree, columns } = await inner.query(inner.parsed.tree, undefined);
  const names = named.length > 0 ? named : view.columns.map(({ name }) => name);
  scope.relations.push({
    alias,
    columns: columns.map((column, index) => ({ ...column, name: names[index] ?? column.name })),
  });
  t.done.add(tree);
  return { subquery: subqueryBody(tree, alias, names) };
}

export const subqueryBody = (tree: Tree, alias: string | null, columns: readonly string[] = []): Tree => ({
  this: tree,
  alias: alias === null ? null : identifier(alias),
  column_aliases: columns.map(aliasColumn),
  order_by: null,
  limit: null,
  offset: null,
  lateral: false,
  modifiers_inside: false,
  trailing_comments: [],
});

export async function stageRelation(
  t: Translation,
  text: string,
  alias: string,
  scope: Scope,
  rowsWanted?: number,
): Promise<Tree> {
  await t.useWarehouse();
  const source = await stageSource(t.execution, text, rowsWanted, t.staged);
  t.whenDone(() => source.release());
  const view = t.temporaryName();
  const connection = await t.execution.connection();
  await connection.run(`CREATE TEMP VIEW ${quoteIdentifier(view)} AS ${source.sql}`);
  t.whenDone(async () => {
    await connection.run(`DROP VIEW IF EXISTS temp.main.${quoteIdentifier(view)}`);
  });
  const columns = [...source.columns, ...stageMetadata];
  scope.relations.push({ alias, columns, stage: true, fields: source.fields });
  return tableNode(["temp", "main", view], alias);
}
