import type { Handler } from "../context.ts";
import { asSnowflakeError } from "../engine/errors.ts";
import { describeResult, fetchResult } from "../engine/fetch.ts";
import { translate } from "../sql/query.ts";
import type { StatementOf } from "../sql/statement.ts";

/** SELECT. */
export const query: Handler<StatementOf<"query">> = async (statement, execution) => {
  const { cloud, queryId } = execution;
  const connection = await execution.connection();
  const translated = await translate(execution, statement.sql);
  const { sql, values, columns, release } = translated;
  try {
    if (execution.describeOnly) return { columns: await describeResult(connection, sql, columns), rows: [] };
    return await fetchResult(connection, sql, values, columns, {
      path: cloud.results.file(queryId),
      spill: () => cloud.engine.connect(),
    });
  } catch (error) {
    throw asSnowflakeError(error, translated.translation.parsed);
  } finally {
    await release();
  }
};
