import type { Handler } from "../context.ts";
import { asSnowflakeError } from "../engine/errors.ts";
import { describeResult } from "../engine/fetch.ts";
import { assign, MAX_TEXT } from "../engine/types.ts";
import { SnowflakeError } from "../errors.ts";
import type { StatementOf } from "../grammar/statement.ts";
import { statusResult } from "../result.ts";
import { translate } from "../translate/query.ts";
import { typeOnly } from "./column-type.ts";
import { newColumn, prepareTable } from "./tables.ts";
import { atomically } from "./transactions.ts";

/** CREATE TABLE … AS SELECT: the table gets its name when it is full. */
export const createTableAs: Handler<StatementOf<"createTableAs">> = async (statement, execution) => {
  const connection = await execution.connection();
  const { sql, values, columns: hints, translation, release } = await translate(execution, statement.query);
  try {
    await execution.useWarehouse();
    const described = await describeResult(connection, sql, hints);
    const { columns: wanted } = statement;
    if (wanted.length > 0 && wanted.length !== described.length) {
      throw new SnowflakeError(
        "002026",
        "42601",
        `SQL compilation error:\nInvalid column definition list: ${wanted.length} columns are named, the query has ${described.length}.`,
      );
    }
    const columns = described.map((column, index) => {
      const given = wanted[index];
      return newColumn({
        ...given,
        notNull: given?.notNull ?? !column.nullable,
        name: given?.name ?? column.name,
        type: given?.type ?? typeOnly(column),
      });
    });
    const prepared = await prepareTable(statement, execution, columns, {
      clusterBy: statement.clusterBy ?? [],
    });
    if (!("publish" in prepared)) return prepared;
    try {
      const names = columns.map((_, index) => `c${index}`);
      const selection = columns.map(({ type }, index) => {
        const found = described[index]?.type;
        // A text that is not cut stays as it is.
        const same = type.type === "text" && found === "text" && type.length >= MAX_TEXT;
        return same ? `c${index}` : assign(`c${index}`, type);
      });
      let committed = () => {};
      execution.record.rowsInserted = await atomically(connection, async () => {
        const inserted = await connection.run(
          `INSERT INTO ${prepared.physical} SELECT ${selection.join(", ")} FROM (${sql}) AS source(${names.join(", ")})`,
          values,
        );
        committed = await execution.cloud.transactions.late.keep(execution.session);
        return inserted;
      });
      committed();
    } catch (error) {
      await prepared.discard();
      throw error;
    }
    await prepared.publish();
    return statusResult(`Table ${prepared.table.name} successfully created.`);
  } catch (error) {
    throw asSnowflakeError(error, translation.parsed);
  } finally {
    await release();
  }
};
