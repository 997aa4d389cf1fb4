import type { TableColumn } from "../catalog/model.ts";
import { physicalTable } from "../engine/engine.ts";
import { unsupported } from "../errors.ts";
import { quoteIdentifier } from "../grammar/identifiers.ts";
import { column, fold, identifier, selectFrom, type Tree, tableNode } from "./ast.ts";
import {
  assigned,
  columnOf,
  countMismatch,
  defaultOf,
  expressionSql,
  isDefault,
  stored,
  type TranslatedChange,
  target,
} from "./change-target.ts";
import { innerScope } from "./query-scope.ts";
import { requireStorable } from "./storable.ts";
import { merge } from "./translate-merge.ts";
import { translateRelation } from "./translate-relations.ts";
import type { Translation } from "./translation.ts";

/** Translates INSERT, UPDATE, DELETE or MERGE (docs: their pages). Values are in `t.values`. */
export async function translateChange(t: Translation): Promise<TranslatedChange> {
  const { tree } = t.parsed;
  if (tree.insert) return await insert(t, tree.insert);
  if (tree.update) return await update(t, tree.update);
  if (tree.delete) return await remove(t, tree.delete);
  if (tree.merge) return await merge(t, tree.merge);
  throw unsupported(Object.keys(tree)[0]?.replaceAll("_", " ").toUpperCase() ?? "this statement");
}

async function insert(t: Translation, body: Tree): Promise<TranslatedChange> {
  const scope = innerScope(undefined);
  const privileges = body.overwrite ? ["INSERT", "DELETE"] : ["INSERT"];
  const { found } = await target(t, body.table, "INSERT", privileges, scope);
  const named: string[] = (body.columns ?? []).map(fold);
  const columns = named.length > 0 ? named.map((name) => columnOf(found, name)) : found.object.columns;
  const selected = body.query && (await t.query(body.query, undefined));
  for (const [index, { type }] of (selected?.columns ?? []).entries())
    if (columns[index]) requireStorable(columns[index], type);
  const source = selected ? selected.tree : await rowsOf(t, body.values, columns);
  const physical = physicalTable(found.database.id, found.object.id);
  const names = columns.map((_, index) => `c${index}`);
  const values = await Promise.all(
    columns.map(async ({ type }, index) =>
      expressionSql(t, assigned(column(`c${index}`), type, selected?.columns[index]?.type)),
    ),
  );
  const sql = `INSERT INTO ${physical} (${columns.map(({ name }) => quoteIdentifier(name)).join(", ")})
    SELECT ${values.join(", ")} FROM (${await t.sql(source)}) AS source(${names.join(", ")})`;
  return {
    verb: "INSERT",
    found,
    sql,
    ...(body.overwrite && { before: `DELETE FROM ${physical}` }),
    actions: new Set(),
  };
}

/** VALUES as a query; with array binds, one row for each of their elements. */
async function rowsOf(t: Translation, rows: Tree[][], columns: readonly TableColumn[]): Promise<Tree> {
  const width = columns.length;
  for (const row of rows) if (row.length !== width) throw countMismatch(width, row.length);
  const given = rows.map((row) =>
    row.map((cell, index) => {
      if (!isDefault(cell)) return cell;
      const value = defaultOf(columns[index] as TableColumn);
      t.done.add(value);
      return value;
    }),
  );
  const cells = await t.expression(given, innerScope(undefined));
  for (const row of cells)
    for (const [index, cell] of row.entries()) requireStorable(columns[index] as TableColumn, t.typeOf(cell));
  if (!t.bindTable) {
    return {
      values: {
        expressions: cells.map((expressions: Tree[]) => ({ expressions })),
        alias: null,
        column_aliases: [],
      },
    };
  }
  if (rows.length !== 1) throw unsupported("array binds in VALUES of several rows");
  return selectFrom(cells[0], tableNode(["temp", "main", t.bindTable], "binds"));
}

async function update(t: Translation, body: Tree): Promise<TranslatedChange> {
  const scope = innerScope(undefined);
  const { found, node } = await target(t, body.table, "UPDATE", ["UPDATE"], scope);
  const from = body.from_clause ? { expressions: [] as Tree[] } : null;
  for (const relation of body.from_clause?.expressions ?? []) {
    from?.expressions.push(await translateRelation(t, relation, scope));
  }
  const joins: Tree[] = [];
  for (const join of body.from_joins ?? []) {
    const relation = await translateRelation(t, join.this, scope);
    joins.push({ ...join, this: relation, on: join.on && (await t.expression(join.on, scope)) });
  }
  const where = await t.expression(body.where_clause, scope);
  const joined = from && (await matchesOf(t, node, { from, joins, where }));
  const set: Tree[] = [];
  for (const [name, value] of body.set) {
    const known = columnOf(found, lastName(name));
    const translated = isDefault(value) ? defaultOf(known) : await t.expression(value, scope);
    set.push([identifier(known.name), stored(t, translated, known)]);
  }
  const tree = {
    update: { ...body, table: node.table, set, from_clause: from, from_joins: joins, where_clause: where },
  };
  const sql = await t.sql(tree);
  return { verb: "UPDATE", found, sql, actions: new Set(), ...(joined && { joined }) };
}

/** UPDATE … FROM: how many rows are changed, and how many of them by several rows (docs: UPDATE, usage notes). */
async function matchesOf(t: Translation, node: Tree, { from, joins, where }: Record<string, Tree>) {
  const matches = selectFrom([column("rowid", node.table.alias.name)], node);
  matches.select.from.expressions.push(...from.expressions);
  Object.assign(matches.select, { joins, where_clause: where });
  const sql = `SELECT count(*) AS updated, count(*) FILTER (n > 1) AS several FROM
    (SELECT count(*) AS n FROM (${await t.sql(structuredClone(matches))}) AS matches(row) GROUP BY row)`;
  return { sql, values: t.values.length };
}

/** A column on the left of SET may be qualified by its table: the parser takes "t.c" for one name. */
const lastName = (name: { name: string; quoted: boolean }): string =>
  name.quoted ? name.name : fold({ name: name.name.split(".").at(-1) as string, quoted: false });

async function remove(t: Translation, body: Tree): Promise<TranslatedChange> {
  const scope = innerScope(undefined);
  const alias = body.alias ? fold(body.alias) : undefined;
  const { found, alias: known } = await target(t, body.table, "DELETE", ["DELETE"], scope, alias);
  const using: string[] = [];
  for (const table of body.using ?? []) {
    // The parser takes a query here for the hint of a table without a name.
    const query = table.hints?.find(({ subquery }: Tree) => subquery)?.subquery;
    const source = query ? { subquery: { ...query, alias: table.alias } } : { table };
    const relation = await translateRelation(t, source, scope);
    using.push(
      (await t.sql(selectFrom([{ star: { table: null } }], relation))).replace(/^SELECT \* FROM /, ""),
    );
  }
  const where = body.where_clause
    ? await expressionSql(t, await t.expression(body.where_clause.this, scope))
    : undefined;
  const sql = [
    `DELETE FROM ${physicalTable(found.database.id, found.object.id)} AS ${quoteIdentifier(known)}`,
    ...(using.length > 0 ? [`USING ${using.join(", ")}`] : []),
    ...(where === undefined ? [] : [`WHERE ${where}`]),
  ].join(" ");
  return { verb: "DELETE", found, sql, actions: new Set() };
}
