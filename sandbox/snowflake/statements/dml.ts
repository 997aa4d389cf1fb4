import type { Execution, Handler } from "../context.ts";
import type { Connection } from "../engine/engine.ts";
import { asSnowflakeError } from "../engine/errors.ts";
import { inTurn } from "../loading/table-turns.ts";
import { fixed, type ResultSet } from "../result.ts";
import { bindArrays } from "../sql/bind-table.ts";
import { newTranslation } from "../sql/query.ts";
import type { StatementOf } from "../sql/statement.ts";
import { type TranslatedChange, translateChange } from "../sql/translate-dml.ts";
import type { Translation } from "../sql/translation.ts";

/** INSERT, UPDATE, DELETE and MERGE. */
export const dml: Handler<StatementOf<"dml">> = async (statement, execution) => {
  const connection = await execution.connection();
  const t = await newTranslation(execution, statement.sql);
  try {
    await bindArrays(t);
    const change = await translateChange(t);
    if (execution.describeOnly) return counts(change, {});
    return await apply(execution, connection, t, change);
  } catch (error) {
    throw asSnowflakeError(error, t.parsed);
  } finally {
    await t.release();
  }
};

const apply = async (
  execution: Execution,
  connection: Connection,
  t: Translation,
  change: TranslatedChange,
): Promise<ResultSet> => {
  const { cloud, record, session, signal } = execution;
  const work = async () => {
    const changed = session.transaction
      ? await run(connection, t, change)
      : await atomically(connection, () => run(connection, t, change));
    record.rowsInserted = changed.inserted ?? null;
    record.rowsUpdated = changed.updated ?? null;
    record.rowsDeleted = changed.deleted ?? null;
    record.rowsProduced = (changed.inserted ?? 0) + (changed.updated ?? 0) + (changed.deleted ?? 0);
    return counts(change, changed);
  };
  // Rows that are only added disturb nobody; changes of rows that are there take turns, as on Snowflake.
  const alone = change.verb !== "INSERT" || change.before !== undefined;
  return alone && !session.transaction
    ? await inTurn(cloud, change.found.object.id, signal, work)
    : await work();
};

/** Runs work in a transaction of its own. */
export const atomically = async <Result>(
  connection: Connection,
  work: () => Promise<Result>,
): Promise<Result> => {
  await connection.run("BEGIN TRANSACTION");
  try {
    const result = await work();
    await connection.run("COMMIT");
    return result;
  } catch (error) {
    // Not by way of the connection's turn, which refuses once the statement is cancelled.
    await connection.duckdb.run("ROLLBACK");
    throw error;
  }
};

interface Changed {
  inserted?: number;
  updated?: number;
  deleted?: number;
}

const run = async (connection: Connection, t: Translation, change: TranslatedChange): Promise<Changed> => {
  if (change.before !== undefined) await connection.run(change.before);
  if (change.verb !== "MERGE") {
    const rows = await connection.run(change.sql, t.values);
    return { INSERT: { inserted: rows }, UPDATE: { updated: rows }, DELETE: { deleted: rows } }[change.verb];
  }
  const changed = { inserted: 0, updated: 0, deleted: 0 };
  for (const { merge_action } of await connection.all<{ merge_action: string }>(change.sql, t.values)) {
    if (merge_action === "INSERT") changed.inserted += 1;
    else if (merge_action === "UPDATE") changed.updated += 1;
    else if (merge_action === "DELETE") changed.deleted += 1;
  }
  return changed;
};

const counts = ({ verb, actions }: TranslatedChange, changed: Changed): ResultSet => {
  const cells: [string, number | undefined][] = [];
  if (verb === "INSERT" || actions.has("INSERT")) cells.push(["number of rows inserted", changed.inserted]);
  if (verb === "UPDATE" || actions.has("UPDATE")) cells.push(["number of rows updated", changed.updated]);
  if (verb === "UPDATE") cells.push(["number of multi-joined rows updated", 0]);
  if (verb === "DELETE" || actions.has("DELETE")) cells.push(["number of rows deleted", changed.deleted]);
  return {
    columns: cells.map(([name]) => fixed(name, 19, 0, false)),
    rows: [cells.map(([, count]) => String(count ?? 0))],
  };
};
