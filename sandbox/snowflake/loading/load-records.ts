import { listValue } from "@duckdb/node-api";
import type { Connection, Engine } from "../engine/engine.ts";
import type { StoredFile } from "../storage/storage.ts";

/** How the load of a file ended, as COPY shows it. */
export type LoadStatus = "LOADED" | "PARTIALLY_LOADED" | "LOAD_FAILED";

/** What is kept of one file of one COPY. */
interface LoadEntry {
  url: string;
  /** The file's name after the stage's URL. */
  fileName: string;
  /** The stage's URL. */
  stageLocation: string;
  size: number;
  etag: string;
  status: LoadStatus;
  rowsParsed: number;
  rowsLoaded: number;
  errorsSeen: number;
  errorLimit: number;
  firstError: string | null;
  firstErrorLine: number | null;
  firstErrorColumn: string | null;
}

/** The load of one file while its COPY runs. */
export interface LoadRecord extends LoadEntry {
  file: StoredFile;
}

/** A load as history keeps it. */
export interface PastLoad extends LoadEntry {
  tableId: number;
  queryId: string;
  /** Milliseconds since 1970. */
  loadedAt: number;
}

/** How long Snowflake remembers which files a table has loaded. */
export const LOAD_METADATA_DAYS = 64;

const metadata = (databaseId: number) => `d${databaseId}.main.load_metadata`;
const history = (databaseId: number) => `d${databaseId}.main.load_history`;

/**
 * Both lie in the table's own database file, so that they are committed with the rows, or not at all.
 * load_metadata: the last successful load of each file into each table; its key makes two transactions that load the
 * same file fail against each other. load_history: every file of every COPY that was committed.
 */
const tables = (databaseId: number) => `
  CREATE TABLE IF NOT EXISTS ${metadata(databaseId)} (
    table_id BIGINT, url VARCHAR, etag VARCHAR, loaded_at BIGINT, PRIMARY KEY (table_id, url));
  CREATE TABLE IF NOT EXISTS ${history(databaseId)} (
    table_id BIGINT, query_id VARCHAR, loaded_at BIGINT, url VARCHAR, file_name VARCHAR, stage_location VARCHAR,
    size BIGINT, etag VARCHAR, status VARCHAR, rows_parsed BIGINT, rows_loaded BIGINT, errors_seen BIGINT,
    error_limit BIGINT, first_error VARCHAR, first_error_line BIGINT, first_error_column VARCHAR);`;

const prepared = new WeakMap<Engine, Map<number, Promise<void>>>();

/** Makes the tables of load records in a database that has none yet. */
export async function prepareLoadRecords(engine: Engine, databaseId: number): Promise<void> {
  const known = prepared.get(engine) ?? new Map<number, Promise<void>>();
  prepared.set(engine, known);
  let ready = known.get(databaseId);
  if (!ready) {
    ready = engine.run(tables(databaseId));
    known.set(databaseId, ready);
    ready.catch(() => known.delete(databaseId));
  }
  await ready;
}

/** What a table remembers of its loads. */
export interface LoadMemory {
  /** URL → ETag and time of the last successful load. */
  files: Map<string, { etag: string; loadedAt: number }>;
  /** Time of the table's first load; undefined before it. */
  firstLoadAt: number | undefined;
}

export async function readLoadMemory(
  connection: Connection,
  databaseId: number,
  tableId: number,
): Promise<LoadMemory> {
  const files = await connection.all<{ url: string; etag: string; loaded_at: bigint }>(
    `SELECT url, etag, loaded_at FROM ${metadata(databaseId)} WHERE table_id = $1`,
    [BigInt(tableId)],
  );
  const [first] = await connection.all<{ at: bigint | null }>(
    `SELECT min(loaded_at) AS at FROM ${history(databaseId)} WHERE table_id = $1 AND status <> 'LOAD_FAILED'`,
    [BigInt(tableId)],
  );
  return {
    files: new Map(files.map(({ url, etag, loaded_at }) => [url, { etag, loadedAt: Number(loaded_at) }])),
    firstLoadAt: first?.at === null || first?.at === undefined ? undefined : Number(first.at),
  };
}

/** Keeps the records of a COPY, in its transaction. */
export async function writeLoadRecords(
  connection: Connection,
  databaseId: number,
  loads: readonly PastLoad[],
): Promise<void> {
  for (const load of loads) {
    await connection.run(
      `INSERT INTO ${history(databaseId)} VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
      [
        BigInt(load.tableId),
        load.queryId,
        BigInt(load.loadedAt),
        load.url,
        load.fileName,
        load.stageLocation,
        BigInt(load.size),
        load.etag,
        load.status,
        BigInt(load.rowsParsed),
        BigInt(load.rowsLoaded),
        BigInt(load.errorsSeen),
        BigInt(load.errorLimit),
        load.firstError,
        load.firstErrorLine === null ? null : BigInt(load.firstErrorLine),
        load.firstErrorColumn,
      ],
    );
    // A file that failed, and one without rows, is tried again by the next COPY: neither leaves load metadata.
    if (load.status === "LOAD_FAILED" || load.rowsParsed === 0) continue;
    await connection.run(`INSERT OR REPLACE INTO ${metadata(databaseId)} VALUES ($1, $2, $3, $4)`, [
      BigInt(load.tableId),
      load.url,
      load.etag,
      BigInt(load.loadedAt),
    ]);
  }
}

/** Forgets what a table has loaded: to be called by TRUNCATE, in its transaction. DELETE keeps it. */
export async function forgetLoads(
  connection: Connection,
  databaseId: number,
  tableId: number,
): Promise<void> {
  for (const records of [metadata(databaseId), history(databaseId)])
    await connection.run(`DELETE FROM ${records} WHERE table_id = $1`, [BigInt(tableId)]);
}

/** All loads into some tables of a database since a moment, newest last. */
export async function readLoadHistory(
  engine: Engine,
  databaseId: number,
  tableIds: readonly number[],
  since: number,
): Promise<PastLoad[]> {
  await prepareLoadRecords(engine, databaseId);
  const connection = await engine.connect();
  try {
    const rows = await connection.all<Record<string, string | bigint | null>>(
      `SELECT * FROM ${history(databaseId)}
       WHERE loaded_at >= $1 AND list_contains($2, table_id) ORDER BY loaded_at, url`,
      [BigInt(since), listValue(tableIds.map(BigInt))],
    );
    return rows.map(
      (row): PastLoad => ({
        tableId: Number(row.table_id),
        queryId: String(row.query_id),
        loadedAt: Number(row.loaded_at),
        url: String(row.url),
        fileName: String(row.file_name),
        stageLocation: String(row.stage_location),
        size: Number(row.size),
        etag: String(row.etag),
        status: row.status as LoadStatus,
        rowsParsed: Number(row.rows_parsed),
        rowsLoaded: Number(row.rows_loaded),
        errorsSeen: Number(row.errors_seen),
        errorLimit: Number(row.error_limit),
        firstError: row.first_error as string | null,
        firstErrorLine: row.first_error_line === null ? null : Number(row.first_error_line),
        firstErrorColumn: row.first_error_column as string | null,
      }),
    );
  } finally {
    connection.close();
  }
}
