import type { Bind, Session } from "../snowflake/session.ts";

/** Rows in one INSERT: keeps statements small, and the driver from sending values through a stage. */
const ROWS_PER_INSERT = 200;

/**
 * Inserts rows, each once however often a statement is sent.
 * @param columns what each column takes, with a `?` where a value of the row is bound. @example { SIZE: "?", LANDED_AT: "SYSDATE()" }
 * @param keys columns of which no two rows have the same values
 */
export async function insertOnce<Columns extends Readonly<Record<string, string>>>(
  session: Session,
  table: string,
  columns: Columns,
  keys: readonly (keyof Columns & string)[],
  rows: readonly (readonly Bind[])[],
): Promise<void> {
  let bound = 0;
  const values = Object.fromEntries(
    Object.entries(columns).map(([name, value]) => [name, value.replace("?", () => `v.COLUMN${++bound}`)]),
  );
  const isThere = keys.map((key) => `t.${key} = ${values[key]}`).join(" AND ");
  const row = `(${Array(bound).fill("?").join(", ")})`;
  for (let from = 0; from < rows.length; from += ROWS_PER_INSERT) {
    const some = rows.slice(from, from + ROWS_PER_INSERT);
    await session.rows(
      `INSERT INTO ${table} (${Object.keys(values).join(", ")})
SELECT ${Object.values(values).join(", ")}
FROM (VALUES ${some.map(() => row).join(", ")}) v
WHERE NOT EXISTS (SELECT 1 FROM ${table} t WHERE ${isThere})`,
      some.flat(),
    );
  }
}
