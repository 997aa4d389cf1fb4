/**
 * What Snowflake's manual says that expressions answer. Cells are the driver's texts (fetchAsString) under the default
 * output formats with TIMEZONE = 'UTC'; JSON is compared without its layout. Nothing here needs a table, so the list
 * can be run against any account.
 */
export interface Example {
  /** The page of the manual: docs.snowflake.com, SQL reference. */
  page: string;
  sql: string;
  /** What the query answers, or the code it fails with; neither where all that is known is that Snowflake takes it. */
  rows?: readonly (readonly (string | null)[])[];
  error?: string;
  /** Why the local Snowflake answers something else. */
  deviates?: string;
}

export type Cell = string | null;

/** `SELECT expression` answers one cell. */
export const values = (
  page: string,
  ...pairs: readonly (readonly [expression: string, value: Cell])[]
): Example[] => pairs.map(([expression, value]) => ({ page, sql: `SELECT ${expression}`, rows: [[value]] }));

/** A whole query and its rows. */
export const query = (page: string, sql: string, ...rows: readonly (readonly Cell[])[]): Example => ({
  page,
  sql,
  rows,
});

export const failures = (
  page: string,
  ...pairs: readonly (readonly [expression: string, code: string])[]
): Example[] => pairs.map(([expression, error]) => ({ page, sql: `SELECT ${expression}`, error }));
