import type { Handler, Session } from "../context.ts";
import { SnowflakeError, unsupported } from "../errors.ts";
import { statusResult } from "../result.ts";
import type { StatementOf } from "../sql/statement.ts";

/** BEGIN. Inside a transaction it changes nothing, as on Snowflake. */
export const begin: Handler<StatementOf<"begin">> = async (_statement, execution) => {
  const { session, cloud } = execution;
  if (session.enclosing?.transaction) {
    throw unsupported("BEGIN TRANSACTION in a block that is inside a transaction");
  }
  if (!session.transaction) {
    const connection = await execution.connection();
    await connection.run("BEGIN TRANSACTION");
    session.transaction = { connection, startedAt: cloud.now() };
  }
  return statusResult("Statement executed successfully.");
};

export const commit: Handler<StatementOf<"commit">> = async (_statement, { session }) => {
  await endTransaction(session, "COMMIT");
  return statusResult("Statement executed successfully.");
};

export const rollback: Handler<StatementOf<"rollback">> = async (_statement, { session }) => {
  await endTransaction(session, "ROLLBACK");
  return statusResult("Statement executed successfully.");
};

/**
 * What a Snowflake Scripting block sees of its session: all of it, but a transaction that the block begins is the
 * block's own. The one around the block holds its statements and cannot be ended by them (docs: Transactions, Stored
 * procedures and transactions; that anonymous blocks are held to the same is not verified).
 */
export const scopedSession = (session: Session): Session => {
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
};

/** Ends the open transaction, if there is one; its connection is closed. */
export const endTransaction = async (session: Session, how: "COMMIT" | "ROLLBACK"): Promise<void> => {
  const { transaction, enclosing } = session;
  if (!transaction) return;
  if (transaction === enclosing?.transaction) {
    throw new SnowflakeError(
      "090233",
      "25000",
      "Modifying a transaction that has started at a different scope is not allowed.",
    );
  }
  session.transaction = null;
  try {
    // Not through the statement that began it: that one has ended, and may have been cancelled.
    await transaction.connection.duckdb.run(how);
  } finally {
    transaction.connection.close();
  }
};
