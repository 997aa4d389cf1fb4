import type { ColumnHint } from "../engine/fetch.ts";

/** Something in FROM, by the name that qualifies its columns. */
export interface Relation {
  alias: string;
  columns: readonly ColumnHint[];
  /** A stage: `$1` is the whole row, and a column that the files lack is NULL. */
  stage?: boolean;
}

/** The names that an expression sees: those of its own FROM, then those around it. */
export interface Scope {
  relations: Relation[];
  /** Common table expressions by name. */
  tables: Map<string, readonly ColumnHint[]>;
  outer: Scope | undefined;
}

export const innerScope = (outer: Scope | undefined): Scope => ({ relations: [], tables: new Map(), outer });

/** The columns of a common table expression that is in sight. */
export const findTableExpression = (
  scope: Scope | undefined,
  name: string,
): readonly ColumnHint[] | undefined =>
  scope && (scope.tables.get(name) ?? findTableExpression(scope.outer, name));

/** What is known of a column by its name; undefined when it is not there or unknown. */
export const findColumn = (
  scope: Scope | undefined,
  name: string,
  table: string | undefined,
): ColumnHint | undefined => {
  if (!scope) return undefined;
  for (const relation of scope.relations) {
    if (table !== undefined && relation.alias !== table) continue;
    const found = relation.columns.find((known) => known.name === name);
    if (found) return found;
  }
  return findColumn(scope.outer, name, table);
};
