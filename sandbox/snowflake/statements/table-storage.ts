import type { Table, TableColumn } from "../catalog/model.ts";
import type { Execution } from "../context.ts";
import { physicalTable } from "../engine/engine.ts";
import { storedType } from "../engine/types.ts";
import { unsupported } from "../errors.ts";
import { quoteIdentifier } from "../grammar/identifiers.ts";
import { prepareLoadRecords } from "../loading/load-records.ts";

/**
 * Tables as DuckDB keeps them. What is made is made here before the catalog names it, what goes goes from the catalog
 * first: after a crash between the two there is at most a table that nothing names, which the next start removes.
 */

/** What counts the values of a column, under the table's ID and the column's place when it was made. */
const sequenceOf = (databaseId: number, tableId: number, place: number): string =>
  `d${databaseId}.main.s${tableId}_${place}`;

const columnDefinition = (column: TableColumn, sequence?: string): string =>
  [
    quoteIdentifier(column.name),
    storedType(column.type),
    ...(column.default === undefined ? [] : [`DEFAULT ${duckdbDefault(column.default)}`]),
    ...(sequence === undefined ? [] : [`DEFAULT nextval('${sequence}')`]),
    ...(column.nullable ? [] : ["NOT NULL"]),
  ].join(" ");

/** A default in DuckDB's SQL. Only constants and the current moment are known. */
export function duckdbDefault(expression: string): string {
  const moment = /^(current_timestamp|sysdate|getdate|localtimestamp|current_date)(\s*\(\s*\))?$/i.exec(
    expression,
  );
  if (moment) {
    const name = (moment[1] as string).toLowerCase();
    // Docs: SYSDATE: in UTC, whatever the session's zone is.
    if (name === "sysdate") return "(current_timestamp AT TIME ZONE 'UTC')";
    return name === "current_date" ? name : "current_timestamp";
  }
  if (/^(-?[\d.]+([eE][+-]?\d+)?|true|false|null|'(?:''|[^'\\])*')$/i.test(expression)) return expression;
  throw unsupported(`DEFAULT ${expression}`);
}

export async function createStoredTable(
  { cloud }: Execution,
  databaseId: number,
  table: Pick<Table, "id" | "columns">,
): Promise<void> {
  await cloud.engine.attach(databaseId);
  // Made before a transaction can need them: one that has begun would not see them.
  await prepareLoadRecords(cloud.engine, databaseId);
  const definitions: string[] = [];
  for (const [place, column] of table.columns.entries()) {
    const sequence = column.identity && sequenceOf(databaseId, table.id, place);
    definitions.push(columnDefinition(column, sequence));
    if (!column.identity) continue;
    const { start, increment } = column.identity;
    const bounds =
      increment < 0
        ? "MINVALUE -9223372036854775807 MAXVALUE 9223372036854775807"
        : "MINVALUE -9223372036854775807";
    await cloud.engine.run(
      `CREATE OR REPLACE SEQUENCE ${sequence} INCREMENT BY ${increment} ${bounds} START WITH ${start}`,
    );
  }
  const columns = definitions.join(", ");
  await cloud.engine.run(`CREATE TABLE ${physicalTable(databaseId, table.id)} (${columns})`);
  cloud.transactions.changes.note([table.id]);
}

export async function dropStoredTables(
  { cloud }: Pick<Execution, "cloud">,
  databaseId: number,
  tables: Iterable<Pick<Table, "id" | "columns">>,
): Promise<void> {
  await cloud.engine.attach(databaseId);
  for (const { id, columns } of tables) {
    await cloud.engine.run(`DROP TABLE IF EXISTS ${physicalTable(databaseId, id)}`);
    for (const [place, { identity }] of columns.entries()) {
      if (identity) await cloud.engine.run(`DROP SEQUENCE IF EXISTS ${sequenceOf(databaseId, id, place)}`);
    }
  }
}

/** Runs ALTER TABLE on the stored table, clause by clause. */
export async function alterStoredTable(
  { cloud }: Execution,
  databaseId: number,
  tableId: number,
  ...clauses: string[]
): Promise<void> {
  await cloud.engine.attach(databaseId);
  for (const clause of clauses) {
    await cloud.engine.run(`ALTER TABLE ${physicalTable(databaseId, tableId)} ${clause}`);
  }
  cloud.transactions.changes.note([tableId]);
}

/** The clauses that add a column; a column that must not be NULL gets there in two steps. */
export function addColumnClauses(column: TableColumn): string[] {
  const nullable = columnDefinition({ ...column, nullable: true });
  const clauses = [`ADD COLUMN IF NOT EXISTS ${nullable}`];
  if (!column.nullable) clauses.push(`ALTER COLUMN ${quoteIdentifier(column.name)} SET NOT NULL`);
  return clauses;
}

/**
 * How many rows a table has, and about how many bytes they take on disk. Nothing for a table that another statement has
 * dropped since the catalog was asked.
 */
export async function tableSize(
  { cloud }: Pick<Execution, "cloud">,
  databaseId: number,
  tableId: number,
): Promise<{ rows: number; bytes: number }> {
  await cloud.engine.attach(databaseId);
  const connection = await cloud.engine.connect();
  const table = physicalTable(databaseId, tableId);
  try {
    // What a transaction sees first it sees to its end.
    await connection.run("BEGIN TRANSACTION");
    const [name = ""] = table.split(".").slice(-1);
    const [there] = await connection.all<{ n: bigint }>(
      "SELECT count(*) AS n FROM duckdb_tables() WHERE database_name = $1 AND table_name = $2",
      [`d${databaseId}`, name],
    );
    if (!there?.n) return { rows: 0, bytes: 0 };
    const [count] = await connection.all<{ rows: bigint }>(`SELECT count(*) AS rows FROM ${table}`);
    const [blocks] = await connection.all<{ blocks: bigint }>(
      `SELECT count(DISTINCT block_id) AS blocks FROM pragma_storage_info('${table}') WHERE persistent`,
    );
    return { rows: Number(count?.rows ?? 0), bytes: Number(blocks?.blocks ?? 0) * blockBytes };
  } finally {
    connection.close();
  }
}

/** DuckDB's block size. */
const blockBytes = 262_144;
