import type { ColumnHint } from "../engine/fetch.ts";

/** Something in FROM, by the name that qualifies its columns. */
export interface Relation {
  alias: string;
  columns: readonly ColumnHint[];
  /** A stage: `$1` is the whole row, and a column that the files lack is NULL. */
  stage?: boolean;
  /** Of a stage of CSV files: `$1`, `$2` and so on are its columns. */
  fields?: boolean;
}

/** The names that an expression sees: those of its own FROM, then those around it. */
export interface Scope {
  relations: Relation[];
  /** Common table expressions by name. */
  tables: Map<string, readonly ColumnHint[]>;
  outer: Scope | undefined;
  /** Columns that relations are joined by, which `*` shows once. */
  joinedBy: Set<string>;
  /** What the columns of the SELECT are called: its conditions may name them. */
  aliases?: ReadonlySet<string>;
}

export const innerScope = (outer: Scope | undefined): Scope => ({
  relations: [],
  tables: new Map(),
  outer,
  joinedBy: new Set(),
});

/** The columns of a common table expression that is in sight. */
export const findTableExpression = (
  scope: Scope | undefined,
  name: string,
): readonly ColumnHint[] | undefined =>
  scope && (scope.tables.get(name) ?? findTableExpression(scope.outer, name));

/** What is known of a column by its name; undefined when it is not there or unknown. */
export function findColumn(
  scope: Scope | undefined,
  name: string,
  table: string | undefined,
): ColumnHint | undefined {
  if (!scope) return undefined;
  for (const relation of scope.relations) {
    if (table !== undefined && relation.alias !== table) continue;
    // Of a stage only the METADATA$ columns have names of their own; the files' columns are in $1.
    const named = !relation.stage || name.startsWith("METADATA$");
    const found = named ? relation.columns.find((known) => known.name === name) : undefined;
    if (found) return found;
  }
  return findColumn(scope.outer, name, table);
}

/**
 * A name that is there only in another case, which DuckDB would take for the same: quoted identifiers match by case
 * (docs: Identifier requirements).
 */
export function isOtherCase(scope: Scope, name: string, table: string | undefined): boolean {
  const folded = name.toUpperCase();
  let other = false;
  for (let around: Scope | undefined = scope; around; around = around.outer) {
    if (around.aliases?.has(name)) return false;
    for (const relation of around.relations) {
      if (table !== undefined && relation.alias !== table) continue;
      other ||= relation.columns.some((known) => known.name.toUpperCase() === folded);
    }
  }
  return other;
}

/** The name of another column of the relation that has a column, where the two differ only by case. */
export function twinOf(scope: Scope, known: ColumnHint): string | undefined {
  for (let around: Scope | undefined = scope; around; around = around.outer) {
    const relation = around.relations.find(({ columns }) => columns.includes(known));
    if (!relation) continue;
    if (relation.stage) return undefined;
    const folded = known.name.toUpperCase();
    return relation.columns.find(({ name }) => name !== known.name && name.toUpperCase() === folded)?.name;
  }
  return undefined;
}
