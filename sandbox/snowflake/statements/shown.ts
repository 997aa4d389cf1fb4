import { likePattern } from "../grammar/identifiers.ts";
import type { Show } from "../grammar/show-statements.ts";
import type { Column, ResultSet } from "../result.ts";

/** What SHOW has to show, before LIKE, STARTS WITH and LIMIT. */
export interface Shown {
  columns: Column[];
  rows: Row[];
}

/** A row by column name. Columns that it leaves out are NULL. */
export type Row = Readonly<Record<string, string | null | undefined>>;

/** Whether a name passes LIKE and STARTS WITH. */
export const matches = ({ like, startsWith }: Show, name: string): boolean =>
  (like === undefined || likePattern(like).test(name)) &&
  (startsWith === undefined || name.startsWith(startsWith));

/** Docs: each SHOW, usage notes: ten thousand rows at most, whether there are more or not. */
const MOST_ROWS = 10_000;

/** Applies the filters of a SHOW, which all go by the column `name`. */
export function filterShown({ columns, rows }: Shown, statement: Show): ResultSet {
  const { limit } = statement;
  let kept = rows.filter(({ name }) => matches(statement, name ?? ""));
  const from = limit?.from;
  if (from !== undefined) kept = kept.filter(({ name }) => (name ?? "") >= from);
  return tabulate(columns, kept.slice(0, Math.min(limit?.rows ?? MOST_ROWS, MOST_ROWS)));
}

/** Rows by name as rows by position. */
export const tabulate = (columns: Column[], rows: readonly Row[]): ResultSet => ({
  columns,
  rows: rows.map((row) => columns.map(({ name }) => row[name] ?? null)),
});

/** Sorts as SHOW does: by name, upper case before lower case. */
export const byName = <Named extends { name: string }>(objects: Iterable<Named>): Named[] =>
  [...objects].sort((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0));

export const yesNo = (value: boolean): string => (value ? "Y" : "N");
