import type { DuckDBValue } from "@duckdb/node-api";
import type { Execution } from "../context.ts";
import type { ColumnHint } from "../engine/fetch.ts";
import { parseQuery } from "./parse-query.ts";
import { translateExpression } from "./translate-expressions.ts";
import { translateQuery } from "./translate-query.ts";
import { Translation } from "./translation.ts";

/** A query in DuckDB's SQL, to be run on the statement's own connection. */
export interface TranslatedSql {
  sql: string;
  /** Values of $1, $2, …. */
  values: DuckDBValue[];
  /** Names of the columns, and what is known of their types. */
  columns: ColumnHint[];
  translation: Translation;
  /** Removes what the query reads from: to be called once its rows are read. */
  release(): Promise<void>;
}

/** Begins the translation of a statement. */
export const newTranslation = async (execution: Execution, sql: string): Promise<Translation> =>
  new Translation(execution, await parseQuery(sql, execution.variables), {
    query: translateQuery,
    expression: translateExpression,
  });

/**
 * Translates a SELECT: resolves its names, checks privileges on them, and takes a warehouse if it needs one, unless it
 * will not run.
 */
export async function translate(
  execution: Execution,
  sql: string,
  compilesOnly = false,
): Promise<TranslatedSql> {
  const t = await newTranslation(execution, sql);
  if (compilesOnly) t.compilesOnly();
  try {
    const { tree, columns } = await t.query(t.parsed.tree, undefined, true);
    return { sql: await t.sql(tree), values: t.values, columns, translation: t, release: () => t.release() };
  } catch (error) {
    await t.release();
    throw error;
  }
}
