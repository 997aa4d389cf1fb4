import type { View } from "../catalog/model.ts";
import type { Handler } from "../context.ts";
import { asSnowflakeError } from "../engine/errors.ts";
import { describeResult } from "../engine/fetch.ts";
import { alreadyExists, SnowflakeError } from "../errors.ts";
import { displayIdentifier } from "../grammar/identifiers.ts";
import type { StatementOf } from "../grammar/statement.ts";
import { translate } from "../translate/query.ts";
import { typeOnly } from "./column-type.ts";
import { created, forgetGrants, newObject } from "./ddl.ts";
import { placeForNew } from "./schema-objects.ts";

/**
 * CREATE VIEW: its query is translated once to know its columns, and again with each query that reads it. No row is
 * read, so no warehouse is needed (docs: Overview of warehouses names queries and DML).
 */
export const createView: Handler<StatementOf<"createView">> = async (statement, execution) => {
  const { name, place, layer, old, kept } = placeForNew(statement, execution, "views", "VIEW");
  if (kept) return kept;
  if (layer.tables.has(name)) throw alreadyExists("Object", displayIdentifier(name));

  const described = await columnsOf(statement.query, execution);
  const wanted = statement.columns;
  if (wanted && wanted.length !== described.length) {
    throw new SnowflakeError(
      "002026",
      "42601",
      `SQL compilation error:\nInvalid column definition list: ${wanted.length} columns are named, the query has ${described.length}.`,
    );
  }
  const { session, cloud } = execution;
  const view: View = {
    type: "VIEW",
    ...newObject(execution, name, statement.comment ?? ""),
    ...(statement.temporary && { temporary: true }),
    secure: statement.secure,
    text: execution.sql,
    query: statement.query,
    columns: described.map((column, index) => ({
      name: wanted?.[index]?.name ?? column.name,
      type: typeOnly(column),
      nullable: column.nullable,
      primaryKey: false,
      unique: false,
      ...(wanted?.[index]?.comment === undefined ? {} : { comment: wanted[index].comment }),
    })),
    context: {
      database: session.database ?? place.mounted.name,
      schema: session.schema ?? place.schema.name,
    },
  };
  if (old) forgetGrants(execution, old.id);
  layer.views.set(name, view);
  cloud.catalog.save();
  return created("View", name);
};

async function columnsOf(query: string, execution: Parameters<typeof translate>[0]) {
  const connection = await execution.connection();
  const { sql, columns, translation, release } = await translate(execution, query, true);
  try {
    return await describeResult(connection, sql, columns);
  } catch (error) {
    throw asSnowflakeError(error, translation.parsed);
  } finally {
    await release();
  }
}
