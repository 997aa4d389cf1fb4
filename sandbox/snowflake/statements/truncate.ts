import { findTable } from "../catalog/lookup.ts";
import { requirePrivilege } from "../catalog/privileges.ts";
import type { Handler } from "../context.ts";
import { physicalTable } from "../engine/engine.ts";
import { forgetLoads } from "../loading/load-records.ts";
import type { TruncateTable } from "../sql/statement.ts";
import { done, unlessMissing } from "./ddl.ts";
import { requireWritable } from "./schemas.ts";

/** TRUNCATE TABLE: the rows go, and with them the memory of which files were loaded. */
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
  const connection = await engine.connect();
  try {
    await connection.run("BEGIN");
    // First, as it may have to make its table, which a transaction that has begun on the file would not see.
    await forgetLoads(engine, connection, database.id, object.id);
    await connection.run(`DELETE FROM ${physicalTable(database.id, object.id)}`);
    await connection.run("COMMIT");
  } finally {
    // Closing rolls back what was not committed.
    connection.close();
  }
  return done();
};
