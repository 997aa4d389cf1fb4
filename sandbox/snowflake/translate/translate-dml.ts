import { findTable } from "../catalog/lookup.ts";
import type { Table, TableColumn } from "../catalog/model.ts";
import { requirePrivilege } from "../catalog/privileges.ts";
import type { Found } from "../catalog/scope.ts";
import { physicalTable } from "../engine/engine.ts";
import { MAX_TEXT } from "../engine/types.ts";
import { SnowflakeError, unsupported } from "../errors.ts";
import { convert } from "../functions/casts.ts";
import { quoteIdentifier } from "../grammar/identifiers.ts";
import { parameterOf } from "../parameters.ts";
import type { ColumnType } from "../result.ts";
import { requireWritable } from "../statements/schemas.ts";
import { duckdbDefault } from "../statements/table-storage.ts";
import { call, column, fold, identifier, number, selectFrom, type Tree, tableNode } from "./ast.ts";
import { isSemistructured } from "./common-type.ts";
import { innerScope, type Scope } from "./query-scope.ts";
import { requireStorable } from "./storable.ts";
import { translateRelation } from "./translate-relations.ts";
import type { Translation } from "./translation.ts";

type Verb = "INSERT" | "UPDATE" | "DELETE" | "MERGE";

/** A change of a table in DuckDB's SQL. */
export interface TranslatedChange {
  verb: Verb;
  found: Found<Table>;
  sql: string;
  /** INSERT OVERWRITE: what is to be run before, in the same transaction. */
  before?: string;
  /** MERGE: finds a row that several source rows would change; it needs so many of the values. */
  ambiguous?: { sql: string; values: number };
  /** UPDATE … FROM: counts the rows that it changes, and those that several rows change. */
  joined?: { sql: string; values: number };
  /** MERGE: the clauses it has, which decide which counts it answers. */
  actions: ReadonlySet<string>;
}

/** Translates INSERT, UPDATE, DELETE or MERGE (docs: their pages). Values are in `t.values`. */
export async function translateChange(t: Translation): Promise<TranslatedChange> {
  const { tree } = t.parsed;
  if (tree.insert) return await insert(t, tree.insert);
  if (tree.update) return await update(t, tree.update);
  if (tree.delete) return await remove(t, tree.delete);
  if (tree.merge) return await merge(t, tree.merge);
  throw unsupported(Object.keys(tree)[0]?.replaceAll("_", " ").toUpperCase() ?? "this statement");
}

/** The table that is changed, if the session's roles may. */
export async function requireTarget(
  t: Translation,
  name: readonly string[],
  verb: Verb,
  privileges: readonly string[],
): Promise<Found<Table>> {
  const found = findTable(t.context, name, verb);
  requireWritable(found);
  for (const privilege of privileges) requirePrivilege(t.context, privilege, found);
  await t.useWarehouse();
  await t.execution.cloud.engine.attach(found.database.id);
  return found;
}

/** The table that is changed, which the scope's expressions see under its alias. */
async function target(
  t: Translation,
  table: Tree,
  verb: Verb,
  privileges: readonly string[],
  scope: Scope,
  alias?: string,
) {
  const parts: string[] = [table.catalog, table.schema, table.name].filter(Boolean).map(fold);
  const found = await requireTarget(t, parts, verb, privileges);
  const known = alias ?? (table.alias ? fold(table.alias) : (parts.at(-1) as string));
  scope.relations.push({ alias: known, columns: found.object.columns });
  const node = tableNode([`d${found.database.id}`, "main", `t${found.object.id}`], known);
  return { found, alias: known, node };
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

/** The word DEFAULT, which the parser takes for a variable or a column. */
const isDefault = (tree: Tree): boolean =>
  tree?.var?.this === "DEFAULT" ||
  (tree?.column?.name?.name?.toUpperCase() === "DEFAULT" && !tree.column.name.quoted);

/** What a column has where a row names no value for it. */
export function defaultOf({ default: value, identity }: TableColumn): Tree {
  if (identity) throw unsupported("DEFAULT for an AUTOINCREMENT column; leave the column out");
  return { raw: { sql: value === undefined ? "NULL" : duckdbDefault(value) } };
}

export const countMismatch = (expected: number, found: number) =>
  new SnowflakeError(
    "002020",
    "21S01",
    `SQL compilation error:\nInsert value list does not match column list expecting ${expected} but got ${found}`,
  );

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

async function merge(t: Translation, body: Tree): Promise<TranslatedChange> {
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

export function columnOf(found: Found<Table>, name: string): TableColumn {
  const known = found.object.columns.find((each) => each.name === name);
  if (known) return known;
  throw new SnowflakeError(
    "000904",
    "42000",
    `SQL compilation error: error line 1 at position 0\ninvalid identifier '${name}'`,
  );
}

function stored(t: Translation, value: Tree, into: TableColumn): Tree {
  requireStorable(into, t.typeOf(value));
  return assigned(value, into.type, t.typeOf(value));
}

/** A value as a column stores it: text that does not fit is an error there, not cut. */
export function assigned(value: Tree, type: ColumnType, from?: ColumnType): Tree {
  if (isSemistructured(type)) return call("sf_lob", convert(value, type, from));
  if (type.type !== "text") return convert(value, type, from);
  const asText = from?.type === "text" ? value : call("sf_text", value);
  return call(type.length < MAX_TEXT ? "sf_fit" : "sf_fit_bytes", asText, number(type.length));
}

export const expressionSql = async (t: Translation, tree: Tree): Promise<string> =>
  (await t.sql(selectFrom([tree], null))).replace(/^SELECT /, "");
