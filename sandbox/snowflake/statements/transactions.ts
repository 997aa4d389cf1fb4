import type { Table } from "../catalog/model.ts";
import type { Found } from "../catalog/scope.ts";
import type { Execution, Handler, Session } from "../context.ts";
import type { Connection } from "../engine/engine.ts";
import { isConflict } from "../engine/errors.ts";
import { SnowflakeError, unsupported } from "../errors.ts";
import type { Statement, StatementOf } from "../grammar/statement.ts";
import { parameterOf } from "../parameters.ts";
import { statusResult } from "../result.ts";
import type { Resource } from "../transactions/locks.ts";
import { endSession } from "./end-session.ts";

const executed = () => statusResult("Statement executed successfully.");

/** BEGIN. Inside a transaction it changes nothing (docs: BEGIN, usage notes). */
export const begin: Handler<StatementOf<"begin">> = ({ name }, { cloud, session }) => {
  if (session.enclosing?.transaction) {
    throw unsupported("BEGIN TRANSACTION in a block that is inside a transaction");
  }
  if (!session.transaction) cloud.transactions.begin(session, name);
  return executed();
};

export const commit: Handler<StatementOf<"commit">> = async (_statement, { cloud, session }) => {
  await cloud.transactions.end(session, "COMMIT");
  return executed();
};

export const rollback: Handler<StatementOf<"rollback">> = async (_statement, { cloud, session }) => {
  await cloud.transactions.end(session, "ROLLBACK");
  return executed();
};

/**
 * What a statement does to the session's transaction before it runs: DDL commits it, and without AUTOCOMMIT the first DML
 * opens one (docs: Transactions, "DDL" and "Implicit transactions").
 */
export async function prepareTransaction({ kind }: Statement, { cloud, session }: Execution): Promise<void> {
  if (/^(create|alter|drop|undrop|grant|revoke|comment)/.test(kind)) {
    await cloud.transactions.end(session, "COMMIT");
  }
  const changes =
    kind === "dml" || kind === "multiInsert" || kind === "copyIntoTable" || kind === "truncateTable";
  if (changes && !session.transaction && parameterOf(session, "AUTOCOMMIT") === "false") {
    cloud.transactions.begin(session);
  }
}

/**
 * What a Snowflake Scripting block sees of its session: all of it, but a transaction that the block begins is the
 * block's own. The one around the block holds its statements and cannot be ended by them (docs: Transactions, Stored
 * procedures and transactions; that anonymous blocks are held to the same is not verified).
 */
export function scopedSession(session: Session): Session {
  let own: Session["transaction"] = null;
  return new Proxy(session, {
    get: (target, key) => {
      if (key === "transaction") return own ?? target.transaction;
      return key === "enclosing" ? target : Reflect.get(target, key);
    },
    set: (target, key, value) => {
      if (key !== "transaction") return Reflect.set(target, key, value);
      own = value;
      return true;
    },
  });
}

/** The lock on a table that UPDATE, DELETE, MERGE and TRUNCATE take. */
export const tableLock = ({ object, fullName }: Found<Table>): Resource => ({
  key: `table ${object.id}`,
  name: object.name,
  fullName,
});

/** COPYs into one table come one after another, so that none loads what the other is loading. Not Snowflake's own lock. */
export const loadLock = (found: Found<Table>): Resource => ({
  ...tableLock(found),
  key: `loads of table ${found.object.id}`,
  hidden: true,
});

interface TableChange<Outcome> {
  tables: readonly Found<Table>[];
  /** What it locks of each of them. */
  lock?: ((found: Found<Table>) => Resource) | undefined;
  /** Whether it reads and writes what the table remembers of its loads, which is no part of its rows. */
  loads?: boolean;
  /** The other tables that the change reads. */
  sources?: readonly number[];
  /** Whether it may be done again by itself: it needs nothing but the tables. */
  repeatable: boolean;
  work(connection: Connection): Promise<Outcome>;
  /** Whether anything has changed. */
  changes(outcome: Outcome): boolean;
}

/** Thrown where a statement has to be translated again: its temporary relations are gone. */
export class RelationsGone extends Error {}

/** Changes tables, in the session's transaction if there is one, with their locks. */
export async function changeTables<Outcome>(
  execution: Execution,
  { tables: changed, lock, loads = false, sources = [], repeatable, work, changes }: TableChange<Outcome>,
): Promise<Outcome> {
  const { cloud, session } = execution;
  const { transactions } = cloud;
  const { transaction } = session;
  const ids = changed.map(({ object }) => object.id);
  // The memory of a table's loads counts as a table of its own, with the number below zero.
  const memories = loads ? ids.map((id) => -id) : [];
  const tables = [...ids, ...memories];
  // In one order, so that two statements do not wait for each other.
  const locks = lock ? changed.toSorted((one, other) => one.object.id - other.object.id).map(lock) : [];
  if (transaction) {
    for (const each of locks) await transactions.lock(execution, each, transaction);
    const read = loads ? memories : lock ? ids : [];
    if (!(await transaction.settle([...read, ...sources])) && !repeatable) throw new RelationsGone();
    return await transaction.change(
      { tables, sources, repeatable, work, changes },
      await execution.connection(),
    );
  }
  const owner = transactions.owner(session);
  try {
    for (const each of locks) await transactions.lock(execution, each, owner);
    const connection = await execution.connection();
    let committed = () => {};
    const committing = async () => {
      const outcome = await work(connection);
      committed = await transactions.late.keep(session);
      return outcome;
    };
    const outcome = await atomically(connection, committing, repeatable ? MOST_TRIES : 1);
    committed();
    transactions.changes.note(tables);
    return outcome;
  } finally {
    transactions.locks.release(owner);
  }
}

/** How often a statement is tried that meets another one's change in DuckDB, but not on Snowflake. */
const MOST_TRIES = 10;

/** Runs work in a transaction of its own. */
export async function atomically<Outcome>(
  connection: Connection,
  work: () => Promise<Outcome>,
  mostTries = MOST_TRIES,
): Promise<Outcome> {
  for (let tries = 1; ; tries++) {
    await connection.run("BEGIN TRANSACTION");
    try {
      const outcome = await work();
      await connection.run("COMMIT");
      return outcome;
    } catch (error) {
      // Not by way of the connection's turn, which refuses once the statement is cancelled. None is open after COMMIT.
      await connection.duckdb.run("ROLLBACK").catch(() => undefined);
      if (!isConflict(error) || tries >= mostTries) throw error;
    }
  }
}

/** TRANSACTION_ABORT_ON_ERROR (docs: Parameters): nothing more can be done in it. The error's words are not verified. */
const aborted = (id: number) =>
  new SnowflakeError(
    "000604",
    "57014",
    `Transaction ${id} was aborted by a statement that failed (TRANSACTION_ABORT_ON_ERROR): it can only be rolled back.`,
  );

/** Runs a statement's work as part of the session's transaction: if it fails, it alone is undone. */
export async function withinTransaction<Outcome>(
  { cloud, session }: Pick<Execution, "cloud" | "session">,
  work: () => Promise<Outcome>,
): Promise<Outcome> {
  session.running += 1;
  try {
    return await work();
  } catch (error) {
    const { transaction } = session;
    await transaction?.recover();
    if (transaction && parameterOf(session, "TRANSACTION_ABORT_ON_ERROR") === "true") {
      transaction.lose(aborted(transaction.id));
    }
    throw error;
  } finally {
    session.running -= 1;
    if (session.transaction) session.transaction.idleSince = cloud.now().getTime();
    if (session.closed) await endSession(cloud, session);
  }
}
