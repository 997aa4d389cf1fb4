import type { Handler } from "../context.ts";
import { asSnowflakeError } from "../engine/errors.ts";
import { fetchResult } from "../engine/fetch.ts";
import { SnowflakeError } from "../errors.ts";
import type { StatementOf } from "../grammar/statement.ts";
import { statusResult } from "../result.ts";
import { translate } from "../translate/query.ts";
import { typeOnly } from "./column-type.ts";

/** SET name = expression, and SET (a, b) = (x, y). */
export const setVariables: Handler<StatementOf<"setVariables">> = async (statement, execution) => {
  const { names, expressions } = statement;
  if (names.length !== expressions.length) {
    throw new SnowflakeError(
      "001045",
      "42601",
      `SQL compilation error:\nSET has ${names.length} names and ${expressions.length} values.`,
    );
  }
  const connection = await execution.connection();
  const { sql, values, columns, translation, release } = await translate(
    execution,
    `SELECT ${expressions.map((expression) => `(${expression})`).join(", ")}`,
  );
  try {
    const result = await fetchResult(connection, sql, values, columns, {
      path: execution.cloud.results.file(execution.queryId),
      spill: () => execution.cloud.engine.connect(),
    });
    for (const [index, name] of names.entries()) {
      const column = result.columns[index];
      if (!column) continue;
      execution.session.variables.set(name, {
        type: typeOnly(column),
        value: result.rows[0]?.[index] ?? null,
      });
    }
  } catch (error) {
    throw asSnowflakeError(error, translation.parsed);
  } finally {
    await release();
  }
  return statusResult("Statement executed successfully.");
};

export const unsetVariables: Handler<StatementOf<"unsetVariables">> = (statement, { session }) => {
  for (const name of statement.names) session.variables.delete(name);
  return statusResult("Statement executed successfully.");
};
