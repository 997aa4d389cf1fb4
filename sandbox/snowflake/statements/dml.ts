import type { Execution, Handler } from "../context.ts";
import type { Connection } from "../engine/engine.ts";
import { asSnowflakeError } from "../engine/errors.ts";
import { SnowflakeError } from "../errors.ts";
import type { StatementOf } from "../grammar/statement.ts";
import { parameterOf } from "../parameters.ts";
import { fixed, type ResultSet } from "../result.ts";
import { isFirst } from "../switches.ts";
import { bindArrays } from "../translate/bind-table.ts";
import type { TranslatedChange } from "../translate/change-target.ts";
import { newTranslation } from "../translate/query.ts";
import { translateChange } from "../translate/translate-dml.ts";
import type { Translation } from "../translate/translation.ts";
import { changeTables, RelationsGone, tableLock } from "./transactions.ts";

export const dml: Handler<StatementOf<"dml">> = async (statement, execution) => {
  const t = await newTranslation(execution, statement.sql);
  try {
    await bindArrays(t);
    const change = await translateChange(t);
    if (execution.describeOnly) return counts(change, {});
    return await apply(execution, t, change);
  } catch (error) {
    if (error instanceof RelationsGone) return await dml(statement, execution);
    throw asSnowflakeError(error, t.parsed);
  } finally {
    await t.release();
  }
};

/** Functions that answer something else each time. */
export const fickle = /\b(random|randstr|uniform|normal|zipf|uuid_string)\b/i;

async function apply(execution: Execution, t: Translation, change: TranslatedChange): Promise<ResultSet> {
  const { record } = execution;
  let changed: Changed | undefined;
  const lost = change.verb === "UPDATE" && isFirst(execution.cloud.switches, "lostUpdate", execution.sql);
  const done = changeTables(execution, {
    tables: [change.found],
    // Rows that are only added disturb nobody (docs: Transactions, "Resource locking").
    lock: change.verb !== "INSERT" || change.before !== undefined ? tableLock : undefined,
    sources: t.tables,
    repeatable: !t.hasTemporaries && !fickle.test(change.sql),
    work: async (connection) => {
      changed = await run(connection, t, change);
      if (lost) throw new Lost();
      return changed;
    },
    changes: (outcome) => Object.values(outcome).some((rows) => rows > 0),
  });
  await done.catch(async (error) => {
    if (!(error instanceof Lost)) throw error;
    await execution.session.transaction?.recover();
  });
  const counted: Changed = changed ?? {};
  record.rowsInserted = counted.inserted ?? null;
  record.rowsUpdated = counted.updated ?? null;
  record.rowsDeleted = counted.deleted ?? null;
  record.rowsProduced = (counted.inserted ?? 0) + (counted.updated ?? 0) + (counted.deleted ?? 0);
  return counts(change, counted);
}

/** Undoes a change that is to be lost. */
class Lost extends Error {}

interface Changed {
  inserted?: number;
  updated?: number;
  deleted?: number;
  /** Updated rows that several rows were to change. */
  several?: number;
}

const duplicateRow = () => new SnowflakeError("100090", "42P18", "Duplicate row detected during DML action");

async function run(connection: Connection, t: Translation, change: TranslatedChange): Promise<Changed> {
  if (change.before !== undefined) await connection.run(change.before);
  if (change.joined) {
    const [found] = await connection.all<{ updated: bigint; several: bigint }>(
      change.joined.sql,
      t.values.slice(0, change.joined.values),
    );
    // Docs: Parameters, ERROR_ON_NONDETERMINISTIC_UPDATE.
    const refused = parameterOf(t.execution.session, "ERROR_ON_NONDETERMINISTIC_UPDATE") === "true";
    if (refused && found && found.several > 0) throw duplicateRow();
    await connection.run(change.sql, t.values);
    return { updated: Number(found?.updated), several: Number(found?.several) };
  }
  if (change.verb !== "MERGE") {
    const rows = await connection.run(change.sql, t.values);
    return { INSERT: { inserted: rows }, UPDATE: { updated: rows }, DELETE: { deleted: rows } }[change.verb];
  }
  const { ambiguous } = change;
  // Docs: MERGE, "Nondeterministic results for UPDATE and DELETE". Conditions of WHEN are not looked at (stricter).
  if (ambiguous && (await connection.all(ambiguous.sql, t.values.slice(0, ambiguous.values))).length > 0) {
    throw duplicateRow();
  }
  const changed = { inserted: 0, updated: 0, deleted: 0 };
  for (const { merge_action } of await connection.all<{ merge_action: string }>(change.sql, t.values)) {
    if (merge_action === "INSERT") changed.inserted += 1;
    else if (merge_action === "UPDATE") changed.updated += 1;
    else if (merge_action === "DELETE") changed.deleted += 1;
  }
  return changed;
}

function counts({ verb, actions }: TranslatedChange, changed: Changed): ResultSet {
  const cells: [string, number | undefined][] = [];
  if (verb === "INSERT" || actions.has("INSERT")) cells.push(["number of rows inserted", changed.inserted]);
  if (verb === "UPDATE" || actions.has("UPDATE")) cells.push(["number of rows updated", changed.updated]);
  if (verb === "UPDATE") cells.push(["number of multi-joined rows updated", changed.several]);
  if (verb === "DELETE" || actions.has("DELETE")) cells.push(["number of rows deleted", changed.deleted]);
  return {
    columns: cells.map(([name]) => fixed(name, 19, 0, false)),
    rows: [cells.map(([, count]) => String(count ?? 0))],
  };
}
