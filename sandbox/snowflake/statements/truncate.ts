import { findTable } from "../catalog/lookup.ts";
import { requirePrivilege } from "../catalog/privileges.ts";
import type { Handler } from "../context.ts";
import { physicalTable } from "../engine/engine.ts";
import type { TruncateTable } from "../grammar/object-statements.ts";
import { forgetLoads, prepareLoadRecords } from "../loading/load-records.ts";
import { done, unlessMissing } from "./ddl.ts";
import { requireWritable } from "./schemas.ts";
import { changeTables, tableLock } from "./transactions.ts";

/** TRUNCATE TABLE: the rows go, and with them the memory of which files were loaded (docs: TRUNCATE TABLE, load metadata). */
export const truncateTable: Handler<TruncateTable> = async (statement, execution) => {
  const found = unlessMissing(statement.ifExists, () =>
    findTable(execution, statement.name, "TRUNCATE TABLE"),
  );
  if (!found) return done();
  requireWritable(found);
  requirePrivilege(execution, "TRUNCATE", found);
  const { engine } = execution.cloud;
  const { database, object } = found;
  await engine.attach(database.id);
  // Beforehand, as a transaction that has begun would not see tables that are made now.
  await prepareLoadRecords(engine, database.id);
  await changeTables(execution, {
    tables: [found],
    lock: tableLock,
    loads: true,
    repeatable: true,
    work: async (connection) => {
      await forgetLoads(connection, database.id, object.id);
      return await connection.run(`DELETE FROM ${physicalTable(database.id, object.id)}`);
    },
    changes: () => true,
  });
  return done();
};
