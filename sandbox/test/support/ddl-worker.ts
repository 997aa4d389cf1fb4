/**
 * Makes, fills, changes, renames and drops tables until it is killed. Prints a line of JSON for each step that was
 * confirmed: a table's name and how many columns it has from now on, null when it is gone.
 * usage: ddl-worker.ts <folder> <prefix>
 */
import { CatalogCloud } from "./catalog-cloud.ts";

const [, , directory, prefix] = process.argv as [string, string, string, string];
const cloud = await CatalogCloud.open(directory);
const session = cloud.session();
const { catalog, engine } = cloud.cloud;
const confirm = (name: string, columns: number | null) =>
  process.stdout.write(`${JSON.stringify({ name, columns })}\n`);

await cloud.all(session, "CREATE DATABASE IF NOT EXISTS D", "USE SCHEMA D.PUBLIC");
const database = catalog.accountOfKey(session.account).databases.get("D");
for (let n = 0; ; n++) {
  const name = `${prefix}_${n}`;
  await cloud.run(session, `CREATE TABLE ${name} (A INT)`);
  confirm(name, 1);
  const id = database?.schemas.get("PUBLIC")?.tables.get(name)?.id;
  await engine.run(`INSERT INTO d${database?.id}.main.t${id} VALUES (1), (2)`);
  await cloud.run(session, `ALTER TABLE ${name} ADD COLUMN B VARCHAR DEFAULT 'b'`);
  confirm(name, 2);
  if (n % 4 === 0) {
    confirm(name, null);
    await cloud.run(session, `ALTER TABLE ${name} RENAME TO ${name}_RENAMED`);
    confirm(`${name}_RENAMED`, 2);
  }
  if (n % 4 === 1) {
    confirm(name, null);
    await cloud.run(session, `DROP TABLE ${name}`);
  }
  if (n % 4 === 2) {
    await cloud.run(session, `CREATE OR REPLACE TABLE ${name} (A INT, B INT, C INT)`);
    await cloud.run(session, `ALTER TABLE ${name} DROP COLUMN C`);
  }
}
