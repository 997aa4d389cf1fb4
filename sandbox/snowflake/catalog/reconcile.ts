import type { Engine } from "../engine/engine.ts";
import { physicalTable } from "../engine/engine.ts";
import { quoteIdentifier } from "../grammar/identifiers.ts";
import type { Catalog } from "./catalog.ts";
import type { Database, TableColumn } from "./model.ts";

/**
 * Removes what a crash left behind: data files, tables and columns that the catalog does not name. To be awaited at
 * the start, before the first statement.
 */
export async function reconcile(catalog: Catalog, engine: Engine): Promise<void> {
  const databases = new Map<number, Database>();
  for (const account of catalog.accounts.values()) {
    for (const database of account.databases.values()) {
      if (!database.origin) databases.set(database.id, database);
    }
  }
  for (const id of engine.stored()) if (!databases.has(id)) await engine.drop(id);
  for (const database of databases.values()) await reconcileTables(engine, database);
}

async function reconcileTables(engine: Engine, database: Database): Promise<void> {
  const known = new Map<number, TableColumn[]>();
  for (const schema of database.schemas.values()) {
    for (const table of schema.tables.values()) known.set(table.id, table.columns);
  }
  for (const [id, columns] of await storedTables(engine, database.id)) {
    const table = physicalTable(database.id, id);
    const named = known.get(id);
    if (!named) {
      await engine.run(`DROP TABLE ${table}`);
      continue;
    }
    const names = named.map(({ name }) => name);
    const strange = columns.filter((column) => !names.includes(column));
    const missing = names.filter((name) => !columns.includes(name));
    for (const column of strange) {
      const [old] = missing;
      // One strange column where one is missing was being renamed: it gets its name back, and keeps its values.
      const change =
        old !== undefined && strange.length === 1
          ? `RENAME COLUMN ${quoteIdentifier(column)} TO ${quoteIdentifier(old)}`
          : `DROP COLUMN ${quoteIdentifier(column)}`;
      await engine.run(`ALTER TABLE ${table} ${change}`);
    }
  }
}

/** The columns of the tables that are stored, by ID. Tables of other names are not Snowflake's tables. */
async function storedTables(engine: Engine, databaseId: number): Promise<Map<number, string[]>> {
  const alias = await engine.attach(databaseId);
  const connection = await engine.connect();
  try {
    const rows = await connection.all<{ table_name: string; column_name: string }>(
      "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = $1 AND schema_name = 'main'",
      [alias],
    );
    const tables = new Map<number, string[]>();
    for (const { table_name, column_name } of rows) {
      const id = /^t(\d+)$/.exec(table_name)?.[1];
      if (id !== undefined) tables.set(Number(id), [...(tables.get(Number(id)) ?? []), column_name]);
    }
    return tables;
  } finally {
    connection.close();
  }
}
