import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { root } from "../paths.ts";
import { reconcile } from "../snowflake/catalog/reconcile.ts";
import { CatalogCloud } from "./support/catalog-cloud.ts";

/** DDL in a process of its own, which is killed at moments nobody chose. */
const ROUNDS = 5;
const worker = path.join(root, "sandbox", "test", "support", "ddl-worker.ts");

/** Starts the worker, kills it a little after some confirmed steps, and keeps what it had confirmed. */
async function workUntilKilled(directory: string, round: number, confirmed: Map<string, number>) {
  const child: ChildProcess = spawn(process.execPath, [worker, directory, `R${round}`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let steps = 0;
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    const { name, columns } = JSON.parse(line) as { name: string; columns: number | null };
    if (columns === null) confirmed.delete(name);
    else confirmed.set(name, columns);
    if (++steps === 20) delay(Math.random() * 60).then(() => child.kill("SIGKILL"));
  }
  expect(steps).toBeGreaterThanOrEqual(20);
}

test("whatever the moment of its death, all that was confirmed is there, and nothing half done", async () => {
  const first = await CatalogCloud.open();
  const { directory } = first;
  await first.close({ keep: true });
  const confirmed = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round++) {
    await workUntilKilled(directory, round, confirmed);
    const cloud = await CatalogCloud.open(directory);
    try {
      const { catalog, engine } = cloud.cloud;
      await reconcile(catalog, engine);
      const session = cloud.session();
      const database = catalog.accountOfKey(session.account).databases.get("D");
      const tables = await cloud.rows(session, "SHOW TABLES IN SCHEMA D.PUBLIC");
      expect(tables.map(({ name }) => name)).toEqual(expect.arrayContaining([...confirmed.keys()]));

      const connection = await engine.connect();
      // Beside the tables lies what Snowflake remembers of their loads.
      const stored = await connection.all<{ table_name: string; columns: string[] }>(
        "SELECT table_name, list(column_name ORDER BY column_index) AS columns FROM duckdb_columns() WHERE database_name = $1 AND regexp_full_match(table_name, 't[0-9]+') GROUP BY ALL",
        [`d${database?.id}`],
      );
      connection.close();
      const columnsOf = new Map(stored.map(({ table_name, columns }) => [table_name, columns]));
      expect(columnsOf.size).toBe(tables.length);
      for (const table of database?.schemas.get("PUBLIC")?.tables.values() ?? []) {
        const columns = table.columns.map(({ name }) => name);
        expect([table.name, columnsOf.get(`t${table.id}`)]).toEqual([table.name, columns]);
        expect(columns.length).toBeGreaterThanOrEqual(confirmed.get(table.name) ?? 1);
      }
    } finally {
      await cloud.close({ keep: round < ROUNDS - 1 });
    }
  }
  expect(confirmed.size).toBeGreaterThan(2 * ROUNDS);
}, 120_000);
