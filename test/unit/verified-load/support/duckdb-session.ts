import { DuckDBInstance } from "@duckdb/node-api";
import type { Bind, Row, Session } from "../../../../components/verified-load/session.ts";

/**
 * A session whose statements run on DuckDB as they are: a few macros stand for what Snowflake calls otherwise. Enough to
 * try the arithmetic of queries on real rows; the protocol and the dialect are tried elsewhere.
 */
export async function duckdbSession() {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  for (const sql of [
    "SET TimeZone = 'UTC'",
    "CREATE TYPE TIMESTAMP_NTZ AS TIMESTAMP",
    "CREATE MACRO IFF(c, a, b) AS CASE WHEN c THEN a ELSE b END",
    "CREATE MACRO DATEADD(part, n, t) AS CASE part WHEN 'day' THEN t + n * INTERVAL 1 DAY ELSE t + n * INTERVAL 1 MINUTE END",
  ])
    await connection.run(sql);
  let scans = 0;
  const rows = async (sql: string, binds: readonly Bind[] = []): Promise<Row[]> => {
    // RESULT_SCAN takes the name of the table that `start` made.
    const scanned = sql.replace("TABLE(RESULT_SCAN(?))", () => String(binds[0]));
    const values = scanned === sql ? [...binds] : binds.slice(1);
    const reader = await connection.runAndReadAll(scanned, values as never);
    return reader.getRowObjectsJS() as Row[];
  };
  const session: Session = {
    rows,
    once: rows,
    start: async (sql, binds = []) => {
      const name = `scan_${++scans}`;
      const statement = binds.reduce<string>(
        (text, bind) => text.replace("?", typeof bind === "number" ? String(bind) : `'${bind}'`),
        sql,
      );
      await connection.run(`CREATE TABLE ${name} AS ${statement}`);
      return name;
    },
    status: async () => "SUCCESS",
    result: async () => [],
    close: async () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
  return { session, run: (sql: string) => connection.run(sql) };
}
