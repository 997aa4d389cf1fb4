import type { Table } from "../catalog/model.ts";
import type { Execution, Handler } from "../context.ts";
import { physicalTable } from "../engine/engine.ts";
import { asSnowflakeError } from "../engine/errors.ts";
import { unsupported } from "../errors.ts";
import { displayIdentifier, quoteIdentifier } from "../grammar/identifiers.ts";
import type { MultiInsert } from "../grammar/statement.ts";
import { fixed, type ResultSet } from "../result.ts";
import { newTranslation } from "../translate/query.ts";
import {
  multiInsertText,
  type TranslatedInserts,
  translateInserts,
} from "../translate/translate-multi-insert.ts";
import type { Translation } from "../translate/translation.ts";
import { fickle } from "./dml.ts";
import { changeTables, RelationsGone, tableLock } from "./transactions.ts";

/** INSERT ALL and INSERT FIRST: one query's rows go into several tables, all or none (docs: INSERT (multi-table)). */
export const multiInsert: Handler<MultiInsert> = async (statement, execution) => {
  const t = await newTranslation(execution, multiInsertText(statement));
  try {
    const inserts = await translateInserts(t, statement);
    const counts = execution.describeOnly ? [] : await apply(execution, t, inserts, statement.overwrite);
    return result(inserts, counts);
  } catch (error) {
    if (error instanceof RelationsGone) return await multiInsert(statement, execution);
    throw asSnowflakeError(error, t.parsed);
  } finally {
    await t.release();
  }
};

async function apply(
  execution: Execution,
  t: Translation,
  { prepare, temporary, insertions }: TranslatedInserts,
  overwrite: boolean,
): Promise<number[]> {
  const tables = [...new Map(insertions.map(({ found }) => [found.object.id, found])).values()];
  const [first] = tables;
  if (!first) return [];
  if (tables.some(({ database }) => database !== first.database))
    throw unsupported("one INSERT into tables of several databases");
  const counts = await changeTables(execution, {
    tables,
    lock: overwrite ? tableLock : undefined,
    sources: t.tables,
    repeatable: !t.hasTemporaries && !fickle.test(prepare),
    work: async (connection) => {
      await connection.run(prepare, t.values);
      if (overwrite)
        for (const { database, object } of tables)
          await connection.run(`DELETE FROM ${physicalTable(database.id, object.id)}`);
      const inserted: number[] = [];
      for (const { sql } of insertions) inserted.push(await connection.run(sql));
      await connection.run(`DROP TABLE temp.main.${quoteIdentifier(temporary)}`);
      return inserted;
    },
    changes: () => true,
  });
  const total = counts.reduce((sum, count) => sum + count, 0);
  execution.record.rowsInserted = total;
  execution.record.rowsProduced = total;
  return counts;
}

/** One count for each table (that it is not one for each INTO clause is not verified). */
function result({ insertions }: TranslatedInserts, counts: readonly number[]): ResultSet {
  const byTable = new Map<Table, number>();
  for (const [index, { found }] of insertions.entries()) {
    byTable.set(found.object, (byTable.get(found.object) ?? 0) + (counts[index] ?? 0));
  }
  return {
    columns: [...byTable.keys()].map(({ name }) =>
      fixed(`number of rows inserted into ${displayIdentifier(name)}`, 19, 0, false),
    ),
    rows: [[...byTable.values()].map(String)],
  };
}
