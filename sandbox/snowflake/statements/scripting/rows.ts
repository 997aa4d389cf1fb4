import { link } from "node:fs/promises";
import type { Execution, Value } from "../../context.ts";
import { readSpilled } from "../../engine/fetch.ts";
import type { ColumnType, ResultSet } from "../../result.ts";
import { typeOnly } from "../column-type.ts";
import { moreRows } from "./failures.ts";

/** Rows of a large result that are read from its file at once. */
const READ_ROWS = 10_000;

/** The rows of a result, each by its columns' names. */
export type Rows = AsyncGenerator<ReadonlyMap<string, Value>, undefined>;

export async function* rowsOf(execution: Execution, { columns, rows, file }: ResultSet): Rows {
  const byName = (row: readonly (string | null)[]) =>
    new Map(
      columns.map((column, index) => [column.name, { type: typeOnly(column), value: row[index] ?? null }]),
    );
  for (const row of rows) yield byName(row);
  if (!file) return undefined;
  for (let offset = rows.length; offset < file.total; offset += READ_ROWS) {
    const connection = await execution.cloud.engine.connect();
    try {
      const more = await readSpilled(connection, file.path, columns, offset, READ_ROWS);
      for (const row of more) yield byName(row);
    } finally {
      connection.close();
    }
  }
  return undefined;
}

/** Another statement's result as the result of this one, which is found under its own query ID. */
export async function adopted({ cloud, queryId }: Execution, result: ResultSet): Promise<ResultSet> {
  if (!result.file) return result;
  const path = cloud.results.file(queryId);
  await link(result.file.path, path);
  return { ...result, file: { ...result.file, path } };
}

/** Docs: Working with variables, Setting variables to the results of a SELECT statement. */
export function onlyRow({ columns, rows, file }: ResultSet): Value[] | undefined {
  const count = file?.total ?? rows.length;
  if (count > 1) throw moreRows(count);
  return rows[0]?.map((value, index) => ({ type: columns[index] as ColumnType, value }));
}
