import type { Handler, Session } from "../context.ts";
import { statusResult } from "../result.ts";
import type { StatementOf } from "../sql/statement.ts";

/** BEGIN. Inside a transaction it changes nothing, as on Snowflake. */
export const begin: Handler<StatementOf<"begin">> = async (_statement, execution) => {
  const { session, cloud } = execution;
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

/** Ends the open transaction, if there is one; its connection is closed. */
export const endTransaction = async (session: Session, how: "COMMIT" | "ROLLBACK"): Promise<void> => {
  const { transaction } = session;
  if (!transaction) return;
  session.transaction = null;
  try {
    // Not through the statement that began it: that one has ended, and may have been cancelled.
    await transaction.connection.duckdb.run(how);
  } finally {
    transaction.connection.close();
  }
};
