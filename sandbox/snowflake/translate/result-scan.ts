import type { Execution } from "../context.ts";
import { SnowflakeError } from "../errors.ts";
import type { ResultSet } from "../result.ts";

/** The stored result of an earlier statement of the same user, for RESULT_SCAN and DESCRIBE RESULT. */
export async function resultOf(execution: Execution, queryId: string): Promise<ResultSet> {
  const { cloud, session } = execution;
  const record = cloud.queries.get(queryId);
  const mine = record?.account === session.account && record.user === session.user;
  if (!mine) throw notFound(queryId);
  if (record.status === "RUNNING") {
    throw new SnowflakeError(
      "000710",
      "02000",
      `Statement ${queryId} has not finished: its result cannot be read yet.`,
    );
  }
  const stored = await cloud.results.load(record.queryId);
  if (!stored) throw notFound(queryId);
  const { columns, rows, total } = stored;
  return total > rows.length
    ? { columns, rows, file: { path: cloud.results.file(record.queryId), total } }
    : { columns, rows };
}

const notFound = (queryId: string) => new SnowflakeError("000709", "02000", `Statement ${queryId} not found`);
