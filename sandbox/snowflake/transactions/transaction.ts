import type { Connection, Engine } from "../engine/engine.ts";
import { SnowflakeError, unsupported } from "../errors.ts";
import type { LockOwner } from "./locks.ts";
import type { TableChanges } from "./table-changes.ts";

/** A session, as transactions see it. */
export interface TransactionHolder {
  /** A number, as CURRENT_SESSION() shows it. */
  readonly id: number;
  /** The catalog key, "ORGANIZATION-NAME", of the Snowflake account that was logged in to. */
  readonly account: string;
  /** Upper-case name of the user. */
  readonly user: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly enclosing?: TransactionHolder;
  /** The transaction of several statements that is open, if there is one. */
  transaction: Transaction | null;
  /** The ID of the one before, as LAST_TRANSACTION() shows it. */
  lastTransaction: number | null;
  /** How many statements of it run. */
  running: number;
  /** Its client has logged out. */
  closed: boolean;
  /** When it began, in milliseconds. */
  readonly startedAt: number;
  /** When its client last asked for anything, in milliseconds by the cloud's clock. */
  seenAt: number;
}

/** A change that a transaction has made. */
interface Change<Outcome = unknown> {
  readonly tables: readonly number[];
  /** The tables that it read besides. */
  readonly sources: readonly number[];
  /** Does it, and answers how many rows it changed. It may be asked to do it once more. */
  work(connection: Connection): Promise<Outcome>;
  /** Whether anything has changed. */
  changes(outcome: Outcome): boolean;
  /** False for what cannot be done once more with the same outcome. */
  readonly repeatable: boolean;
}

interface Done extends Omit<Change, "changes"> {
  readonly outcome: string;
  /** The state of the tables that it has seen. */
  readonly seen: number;
}

/**
 * A transaction of several statements. DuckDB has snapshots where Snowflake has READ COMMITTED, and ends a transaction
 * in which a statement fails, where Snowflake undoes the statement alone (docs: Transactions, "READ COMMITTED
 * isolation" and "Failed statements within a transaction"). So DuckDB's transaction is begun anew wherever the two
 * differ, and what the transaction has changed by then is done once more.
 */
export class Transaction implements LockOwner {
  readonly id: number;
  readonly session: TransactionHolder;
  readonly startedAt: Date;
  readonly name: string;
  readonly #engine: Engine;
  readonly #changes: TableChanges;
  #connection: Promise<Connection> | undefined;
  /** The state of the tables that DuckDB's transaction has begun with. */
  #seen = 0;
  readonly #done: Done[] = [];
  /** A change has begun and not ended well: part of it may be there. */
  #spoiled = false;
  /** Why nothing can be done in it any longer. */
  #lost: SnowflakeError | undefined;
  /** When its last statement ended, in milliseconds. */
  idleSince: number;

  constructor(
    engine: Engine,
    changes: TableChanges,
    start: { id: number; session: TransactionHolder; startedAt: Date; name: string },
  ) {
    this.#engine = engine;
    this.#changes = changes;
    this.id = start.id;
    this.session = start.session;
    this.startedAt = start.startedAt;
    this.name = start.name;
    this.idleSince = start.startedAt.getTime();
  }

  /** Its connection, in DuckDB's transaction. */
  async connection(): Promise<Connection> {
    if (this.#lost) throw this.#lost;
    this.#connection ??= this.#open();
    return await this.#connection;
  }

  /**
   * Has what runs next see all that is committed in some tables by now. False where that took a new transaction of
   * DuckDB's after changes: then temporary relations of the statement are gone.
   */
  async settle(tables: Iterable<number>): Promise<boolean> {
    const connection = await this.connection();
    if (!this.#changes.since(this.#seen, tables)) return true;
    if (this.#done.length === 0 && !this.#spoiled) {
      await connection.run("COMMIT");
      await this.#begin(connection);
      return true;
    }
    const obstacle = this.#obstacle();
    if (obstacle) throw unsupported(`seeing what others have committed, in a transaction after ${obstacle}`);
    await this.#again(connection);
    return false;
  }

  /** Makes a change, undone alone if it fails. */
  async change<Outcome>(change: Change<Outcome>, view: Connection): Promise<Outcome> {
    this.#spoiled = true;
    const seen = this.#seen;
    const outcome = await change.work(view);
    this.#spoiled = false;
    if (change.changes(outcome))
      this.#done.push({ ...change, outcome: JSON.stringify(outcome), seen } as Done);
    return outcome;
  }

  /** After a statement has failed: has the transaction be as it was before. */
  async recover(): Promise<void> {
    const connection = await this.#connection?.catch(() => undefined);
    if (!connection || this.#lost || (!this.#spoiled && (await isAlive(connection)))) return;
    const obstacle = this.#obstacle();
    if (obstacle) {
      this.lose(unsupported(`going on with a transaction after a statement has failed, after ${obstacle}`));
      return;
    }
    await this.#again(connection).catch((error) => {
      this.lose(error instanceof SnowflakeError ? error : unsupported(`going on: ${error}`));
    });
  }

  /** From now on all statements in it fail. */
  lose(why: SnowflakeError): void {
    this.#lost ??= why;
  }

  /** Ends it in DuckDB. */
  async end(how: "COMMIT" | "ROLLBACK"): Promise<void> {
    const connection = await this.#connection?.catch(() => undefined);
    try {
      if (how === "COMMIT" && this.#lost) throw this.#lost;
      if (how === "COMMIT" && connection) await connection.run("COMMIT").catch(this.#refuseCommit);
      if (how === "COMMIT") this.#changes.note(this.#done.flatMap(({ tables }) => tables));
    } finally {
      // Closing rolls back what was not committed.
      connection?.close();
    }
  }

  /** Has what runs in it stop, and waits until it has. */
  async interrupt(why: SnowflakeError): Promise<void> {
    this.lose(why);
    const connection = await this.#connection?.catch(() => undefined);
    if (!connection) return;
    const stopping = setInterval(() => connection.duckdb.interrupt(), 20);
    connection.duckdb.interrupt();
    await connection.use(async () => undefined).finally(() => clearInterval(stopping));
  }

  async #open(): Promise<Connection> {
    const connection = await this.#engine.connect();
    await this.#begin(connection);
    return connection;
  }

  async #begin(connection: Connection): Promise<void> {
    this.#seen = this.#changes.now;
    await connection.run("BEGIN TRANSACTION");
  }

  /** What stands in the way of doing its changes once more. */
  #obstacle(): string | undefined {
    if (this.#done.some(({ repeatable }) => !repeatable)) return "a COPY, binds or a random function in it";
    return this.#done.some(({ seen, sources }) => this.#changes.since(seen, sources))
      ? "a change in it that read what others have changed since"
      : undefined;
  }

  async #again(connection: Connection): Promise<void> {
    await connection.run("ROLLBACK").catch(() => undefined);
    await this.#begin(connection);
    this.#spoiled = false;
    for (const { work, outcome } of this.#done) {
      if (JSON.stringify(await work(connection)) === outcome) continue;
      this.lose(unsupported("a transaction in which others have added rows that its changes would meet"));
      throw this.#lost;
    }
  }

  /** DuckDB refuses a commit only for what others have done to the tables meanwhile. */
  readonly #refuseCommit = (error: unknown): never => {
    throw new SnowflakeError(
      "000625",
      "57014",
      `Transaction ${this.id} was rolled back, as another one has changed its tables: ${error instanceof Error ? error.message.split("\n")[0] : error}`,
    );
  };
}

async function isAlive(connection: Connection): Promise<boolean> {
  try {
    await connection.run("SELECT 1");
    return true;
  } catch {
    return false;
  }
}
