import type { Handler } from "../context.ts";
import type { Connection } from "../engine/engine.ts";
import { asSnowflakeError } from "../engine/errors.ts";
import { describeResult, fetchResult } from "../engine/fetch.ts";
import { followSession } from "../functions/session-formats.ts";
import type { StatementOf } from "../grammar/statement.ts";
import { numberParameterOf } from "../parameters.ts";
import { translate } from "../translate/query.ts";
import { RelationsGone } from "./transactions.ts";

/** SELECT. */
export const query: Handler<StatementOf<"query">> = async (statement, execution) => {
  const { cloud, queryId, session } = execution;
  const translated = await translate(execution, statement.sql);
  const { values, columns, release } = translated;
  // Docs: Parameters, ROWS_PER_RESULTSET: 0 is for all rows.
  const most = numberParameterOf(session, "ROWS_PER_RESULTSET");
  const sql = most > 0 ? `SELECT * FROM (${translated.sql}) LIMIT ${most}` : translated.sql;
  try {
    if (!((await session.transaction?.settle(translated.translation.tables)) ?? true)) {
      if (translated.translation.hasTemporaries) throw new RelationsGone();
    }
    const connection = await execution.connection();
    if (execution.describeOnly) return { columns: await describeResult(connection, sql, columns), rows: [] };
    const fetchFrom = async (source: Connection) => {
      await followSession(source, session);
      return await fetchResult(source, sql, values, columns, {
        path: cloud.results.file(queryId),
        spill: () => cloud.engine.connect(),
      });
    };
    const late =
      session.transaction || translated.translation.hasTemporaries
        ? undefined
        : cloud.transactions.late.view(session);
    // What is newer than that view has to be looked for where it is.
    return await (late ? fetchFrom(late).catch(() => fetchFrom(connection)) : fetchFrom(connection));
  } catch (error) {
    if (error instanceof RelationsGone) return await query(statement, execution);
    throw asSnowflakeError(error, translated.translation.parsed);
  } finally {
    await release();
  }
};
