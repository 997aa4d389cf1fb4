import type { Connection } from "../engine/engine.ts";
import type { LoadPlan, PlannedColumn } from "./load-plan.ts";

/** What reading a file to its end has shown. */
export interface FileCheck {
  rows: number;
  badRows: number;
  first?: RowError;
}

/** What is wrong with a row. */
export interface RowError {
  message: string;
  /** From 1. */
  row: number;
  column: PlannedColumn;
}

/**
 * Reads all that a plan needs of a file, before anything of it is written: an error while reading would end the
 * transaction and lose the files before it. Throws DuckDB's error when the file cannot be read to its end.
 */
export async function checkFile(connection: Connection, path: string, plan: LoadPlan): Promise<FileCheck> {
  // Only a function of the values makes DuckDB decode them; a count would be answered from the footer.
  const decode = plan.columns.map(({ value }) => value).join(", ");
  const [counts] = await connection.all<{ rows: bigint; bad: bigint }>(
    `SELECT count(*) AS rows, ${plan.invalid ? `count(*) FILTER (${plan.invalid})` : "0::BIGINT"} AS bad,
       bit_xor(hash(${decode}))
     FROM ${plan.read([path])}`,
  );
  const check = { rows: Number(counts?.rows ?? 0), badRows: Number(counts?.bad ?? 0) };
  if (check.badRows === 0) return check;
  const [first] = await rowErrors(connection, path, plan, 1);
  if (!first) throw new Error("a row that was counted as bad is not there any more");
  return { ...check, first };
}

/** The rows of a file that cannot be loaded, in order, each with what is wrong with its first such column. */
export async function rowErrors(
  connection: Connection,
  path: string,
  plan: LoadPlan,
  most?: number,
): Promise<RowError[]> {
  if (plan.invalid === undefined) return [];
  const fallible = plan.columns.filter(({ invalid }) => invalid !== undefined);
  const choose = (what: (column: PlannedColumn) => string) =>
    `CASE ${fallible.map((column) => `WHEN ${column.invalid} THEN ${what(column)}`).join(" ")} END`;
  const rows = await connection.all<{ row: bigint; position: number; message: string }>(
    `SELECT file_row_number + 1 AS row, ${choose(({ position }) => String(position))} AS position,
       ${choose(({ message }) => message as string)} AS message
     FROM ${plan.read([path])} WHERE ${plan.invalid} ORDER BY file_row_number ${most === undefined ? "" : `LIMIT ${most}`}`,
  );
  return rows.map(({ row, position, message }) => {
    const column = fallible.find((each) => each.position === position);
    if (!column) throw new Error("a row that was counted as bad has no column that is");
    return { row: Number(row), message, column };
  });
}
