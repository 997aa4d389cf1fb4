import type { Execution, Handler } from "../context.ts";
import { asSnowflakeError } from "../engine/errors.ts";
import { SnowflakeError } from "../errors.ts";
import { typeOfTree } from "../functions/casts.ts";
import type { ColumnDefinition } from "../grammar/object-statements.ts";
import type { StatementOf } from "../grammar/statement.ts";
import { translate } from "../translate/query.ts";
import { newColumn, prepareTable } from "./tables.ts";

/**
 * CREATE TABLE … USING TEMPLATE (query): the query answers one array of objects that say COLUMN_NAME, TYPE and NULLABLE,
 * as INFER_SCHEMA's rows do; names are taken as they are (docs: CREATE TABLE … USING TEMPLATE).
 */
export const createTableUsingTemplate: Handler<StatementOf<"createTableUsingTemplate">> = async (
  statement,
  execution,
) => {
  const columns = (await template(execution, statement.query)).map((each) => newColumn(definition(each)));
  const prepared = await prepareTable(statement, execution, columns, {
    clusterBy: statement.clusterBy ?? [],
  });
  return "publish" in prepared ? await prepared.publish() : prepared;
};

const invalid = (detail: string) =>
  new SnowflakeError("002026", "42601", `SQL compilation error:\nInvalid template: ${detail}.`);

async function template(execution: Execution, query: string): Promise<unknown[]> {
  const connection = await execution.connection();
  const { sql, values, translation, release } = await translate(execution, query);
  try {
    const rows = await connection.all(sql, values);
    const cells = Object.values(rows[0] ?? {});
    if (rows.length !== 1 || cells.length !== 1) throw invalid("the query has to answer one value");
    const array: unknown = JSON.parse(String(cells[0] ?? "[]"));
    if (!Array.isArray(array) || array.length === 0)
      throw invalid("the query has to answer an array of columns");
    return array;
  } catch (error) {
    throw asSnowflakeError(error, translation.parsed);
  } finally {
    await release();
  }
}

function definition(value: unknown): ColumnDefinition {
  const { COLUMN_NAME: name, TYPE: type, NULLABLE: nullable } = (value ?? {}) as Record<string, unknown>;
  if (typeof name !== "string" || typeof type !== "string") {
    throw invalid("each object has to have COLUMN_NAME and TYPE");
  }
  return { name, type: typeOfTree({ data_type: "custom", name: type }), notNull: nullable === false };
}
