/** The table that a statement changes: who may, its columns, and values as they store them. */
import { findTable } from "../catalog/lookup.ts";
import type { Table, TableColumn } from "../catalog/model.ts";
import { requirePrivilege } from "../catalog/privileges.ts";
import type { Found } from "../catalog/scope.ts";
import { MAX_TEXT } from "../engine/types.ts";
import { SnowflakeError, unsupported } from "../errors.ts";
import { convert } from "../functions/casts.ts";
import type { ColumnType } from "../result.ts";
import { requireWritable } from "../statements/schemas.ts";
import { duckdbDefault } from "../statements/table-storage.ts";
import { call, fold, number, selectFrom, type Tree, tableNode } from "./ast.ts";
import { isSemistructured } from "./common-type.ts";
import type { Scope } from "./query-scope.ts";
import { requireStorable } from "./storable.ts";
import type { Translation } from "./translation.ts";

export type Verb = "INSERT" | "UPDATE" | "DELETE" | "MERGE";

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
export async function target(
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

/** The word DEFAULT, which the parser takes for a variable or a column. */
export const isDefault = (tree: Tree): boolean =>
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

export function columnOf(found: Found<Table>, name: string): TableColumn {
  const known = found.object.columns.find((each) => each.name === name);
  if (known) return known;
  throw new SnowflakeError(
    "000904",
    "42000",
    `SQL compilation error: error line 1 at position 0\ninvalid identifier '${name}'`,
  );
}

export function stored(t: Translation, value: Tree, into: TableColumn): Tree {
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
