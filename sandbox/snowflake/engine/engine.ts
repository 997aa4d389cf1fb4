import { mkdirSync, readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from "@duckdb/node-api";
import { limitMacros } from "./limits.ts";
import { macros } from "./macros.ts";
import { sortedJsonFunction } from "./sorted-json.ts";
import { textBudgetFunction } from "./text-budget.ts";

/** How much of the machine queries may use. */
export interface EngineLimits {
  /** Megabytes of memory for all queries together; more is spilled to disk. */
  memoryMegabytes: number;
  threads: number;
  /** Megabytes on disk for what does not fit in memory. @default 20 000 */
  spillMegabytes?: number;
}

const SPILL_MEGABYTES = 20_000;

/**
 * The one DuckDB instance. Every Snowflake database is a DuckDB file of its own, attached under an alias.
 *
 * Physical names are the catalog's IDs, never Snowflake's names: database 12 is the file `d12.duckdb`, attached as
 * `d12`; table 45 is `d12.main.t45`. So renaming touches the catalog alone, and names that differ only by case
 * (which DuckDB cannot tell apart) do not meet.
 */
export class Engine {
  readonly #instance: DuckDBInstance;
  readonly #directory: string;
  readonly #attached = new Map<number, Promise<void>>();

  private constructor(instance: DuckDBInstance, directory: string) {
    this.#instance = instance;
    this.#directory = directory;
  }

  static async start(directory: string, limits: EngineLimits): Promise<Engine> {
    mkdirSync(directory, { recursive: true });
    const instance = await DuckDBInstance.create(":memory:", {
      memory_limit: `${limits.memoryMegabytes}MB`,
      threads: String(limits.threads),
      temp_directory: path.join(directory, "spill"),
      max_temp_directory_size: `${limits.spillMegabytes ?? SPILL_MEGABYTES}MB`,
      // Extensions would be fetched from the network; all that is needed is built in.
      autoinstall_known_extensions: "false",
    });
    const engine = new Engine(instance, directory);
    const connection = await engine.connect();
    // Measured on NUMBERs of more than 18 digits: each scan took 40 times as long as with what is then chosen instead. DuckDB
    // takes this setting, given with the others above, without a word and does not keep to it.
    await connection.run("SET disabled_compression_methods = 'bitpacking'");
    connection.duckdb.registerScalarFunction(sortedJsonFunction());
    connection.duckdb.registerScalarFunction(textBudgetFunction());
    for (const macro of [...limitMacros, ...macros]) await connection.run(`CREATE MACRO ${macro}`);
    connection.close();
    return engine;
  }

  /** Opens (or makes) the file of a database and answers its alias. Calling it again is free. */
  async attach(databaseId: number): Promise<string> {
    let attached = this.#attached.get(databaseId);
    if (!attached) {
      const file = this.#file(databaseId).replaceAll("'", "''");
      attached = this.run(
        `ATTACH IF NOT EXISTS '${file}' AS ${alias(databaseId)} (STORAGE_VERSION 'latest')`,
      );
      this.#attached.set(databaseId, attached);
      attached.catch(() => this.#attached.delete(databaseId));
    }
    await attached;
    return alias(databaseId);
  }

  /** Closes the file of a database and deletes it with all its data. */
  async drop(databaseId: number): Promise<void> {
    if (this.#attached.has(databaseId)) await this.run(`DETACH ${alias(databaseId)}`);
    this.#attached.delete(databaseId);
    for (const suffix of ["", ".wal"]) await rm(this.#file(databaseId) + suffix, { force: true });
  }

  /** The IDs of the databases that have a file, opened or not. */
  stored(): number[] {
    return readdirSync(this.#directory).flatMap((file) => {
      const id = /^d(\d+)\.duckdb$/.exec(file)?.[1];
      return id === undefined ? [] : [Number(id)];
    });
  }

  /** Runs one statement on a connection of its own: for DDL and other work outside a session's transaction. */
  async run(sql: string, values?: DuckDBValue[]): Promise<void> {
    const connection = await this.connect();
    try {
      await connection.run(sql, values);
    } finally {
      connection.close();
    }
  }

  async connect(): Promise<Connection> {
    return new Connection(await this.#instance.connect());
  }

  /** Writes everything to the files and closes them. */
  async stop(): Promise<void> {
    await Promise.allSettled(this.#attached.values());
    for (const databaseId of this.#attached.keys()) await this.run(`DETACH ${alias(databaseId)}`);
    this.#instance.closeSync();
  }

  #file(databaseId: number): string {
    return path.join(this.#directory, `${alias(databaseId)}.duckdb`);
  }
}

const alias = (databaseId: number) => `d${databaseId}`;

/** The full physical name of a table, ready to stand in DuckDB's SQL. */
export const physicalTable = (databaseId: number, tableId: number): string =>
  `${alias(databaseId)}.main.t${tableId}`;

/** A DuckDB connection: statements on it run one after another; other connections run beside it. */
export class Connection {
  readonly duckdb: DuckDBConnection;
  readonly #signal: AbortSignal | undefined;
  /** Shared by all views of one connection: the end of the last statement that was put on it. */
  readonly #turn: { last: Promise<unknown> };

  constructor(
    duckdb: DuckDBConnection,
    signal?: AbortSignal,
    turn = { last: Promise.resolve() as Promise<unknown> },
  ) {
    this.duckdb = duckdb;
    this.#signal = signal;
    this.#turn = turn;
  }

  /** The same connection, on which nothing runs any longer once the signal aborts. */
  guardedBy(signal: AbortSignal): Connection {
    return new Connection(this.duckdb, signal, this.#turn);
  }

  /** Runs a statement to its end and answers how many rows it changed. Values fill $1, $2, …. */
  run(sql: string, values?: DuckDBValue[]): Promise<number> {
    return this.#inTurn(async () => Number((await this.duckdb.run(sql, values)).rowsChanged));
  }

  /** All rows of a query as objects of plain JavaScript values (64-bit integers are bigints). */
  all<Row = Record<string, unknown>>(sql: string, values?: DuckDBValue[]): Promise<Row[]> {
    return this.#inTurn(async () => {
      const reader = await this.duckdb.runAndReadAll(sql, values);
      return reader.getRowObjectsJS() as Row[];
    });
  }

  /** Anything else that keeps the connection busy until it is done, a stream for example. */
  use<Result>(work: (duckdb: DuckDBConnection) => Promise<Result>): Promise<Result> {
    return this.#inTurn(() => work(this.duckdb));
  }

  close(): void {
    this.duckdb.closeSync();
  }

  async #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const before = this.#turn.last;
    const mine = before.then(() => this.#interruptible(work));
    this.#turn.last = mine.catch(() => undefined);
    return await mine;
  }

  async #interruptible<Result>(work: () => Promise<Result>): Promise<Result> {
    const signal = this.#signal;
    signal?.throwIfAborted();
    // An interrupt is lost on a statement that has not quite begun: so it is repeated until the statement gives up.
    let repeat: NodeJS.Timeout | undefined;
    const interrupt = () => {
      this.duckdb.interrupt();
      repeat = setInterval(() => this.duckdb.interrupt(), 50);
    };
    signal?.addEventListener("abort", interrupt, { once: true });
    try {
      return await work();
    } finally {
      signal?.removeEventListener("abort", interrupt);
      clearInterval(repeat);
    }
  }
}
