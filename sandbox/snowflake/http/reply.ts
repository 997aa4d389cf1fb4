import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Cloud, Session } from "../context.ts";
import type { SnowflakeError } from "../errors.ts";
import type { Execution } from "../execution.ts";
import type { StoredResult } from "../history/results.ts";
import { parameterOf, protocolValue, sessionParameters } from "../parameters.ts";
import type { Column } from "../result.ts";
import { arrowStream, fixedBytes } from "./arrow.ts";

const compress = promisify(gzip);

/** How rows travel to a client. */
export type ResultFormat = "json" | "arrow";

/** What every answer of the drivers' protocol looks like. */
export interface Reply {
  data: unknown;
  code: string | null;
  message: string | null;
  success: boolean;
}

export const success = (data: unknown, code: string | null = null, message: string | null = null): Reply => ({
  data,
  code,
  message,
  success: true,
});

export const failure = (error: SnowflakeError, data: Record<string, unknown> = {}): Reply => ({
  data: { ...data, errorCode: error.code, sqlState: error.sqlState },
  code: error.code,
  message: error.message,
  success: false,
});

/** A statement that has not ended yet: where to ask for it. */
export const inProgress = (execution: Execution, asynchronous: boolean): Reply =>
  success(
    {
      queryId: execution.queryId,
      getResultUrl: `/queries/${execution.queryId}/result`,
      queryAbortsAfterSecs: 300,
      progressDesc: null,
    },
    asynchronous ? "333334" : "333333",
    "Query execution in progress",
  );

/** The session's parameters as drivers want them at login. */
export const parameterList = (session: Session) =>
  Object.keys(sessionParameters).map((name) => ({
    name,
    value: protocolValue(name, parameterOf(session, name)),
  }));

/** Some of a result's rows as an Arrow stream; nothing for none, as the drivers take it. */
const inArrow = async ({ columns, rows, extremes }: StoredResult, part = rows): Promise<Buffer> =>
  part.length === 0
    ? Buffer.alloc(0)
    : await arrowStream(columns, part, fixedBytes(columns, extremes ?? rows));

/** A chunk of a result as it is sent, zipped: an Arrow stream, or rows in JSON joined by commas. */
export async function chunkBody(
  { stored, rows }: { stored: StoredResult; rows: StoredResult["rows"] },
  format: ResultFormat,
): Promise<Buffer> {
  const body =
    format === "arrow"
      ? await inArrow(stored, rows)
      : Buffer.from(rows.map((row) => JSON.stringify(row)).join(","));
  return await compress(body, { level: 1 });
}

/** A result as drivers want it. `base` is the server's own address, at which chunks are fetched. */
export async function resultReply(
  cloud: Cloud,
  session: Session,
  query: { queryId: string; queryType: string },
  result: StoredResult,
  base: string,
  wanted: ResultFormat,
): Promise<Reply> {
  // Only what queries answer comes in Arrow: the connector reads the numbers of changed rows from JSON.
  const format = query.queryType === "SELECT" ? wanted : "json";
  const key = cloud.results.chunkKey(query.queryId);
  const chunks = cloud.results.chunkSizes(result);
  return success({
    parameters: parameterList(session),
    rowtype: result.columns.map(rowType),
    ...(format === "arrow"
      ? { rowsetBase64: (await inArrow(result)).toString("base64") }
      : { rowset: result.rows }),
    total: result.total,
    returned: result.total,
    queryId: query.queryId,
    queryResultFormat: format,
    databaseProvider: null,
    finalDatabaseName: session.database,
    finalSchemaName: session.schema,
    finalWarehouseName: session.warehouse,
    finalRoleName: session.role,
    numberOfBinds: 0,
    arrayBindSupported: false,
    statementTypeId: result.children ? SEVERAL_STATEMENTS : statementTypeId(query.queryType),
    ...result.transfer,
    ...(result.children && {
      resultIds: result.children.map(({ queryId }) => queryId).join(","),
      resultTypes: result.children.map(({ queryType }) => statementTypeId(queryType)).join(","),
    }),
    version: 1,
    sendResultTime: Date.now(),
    queryResultCacheable: false,
    ...(chunks.length > 0 && {
      chunks: chunks.map((rowCount, index) => ({
        rowCount,
        uncompressedSize: -1,
        compressedSize: -1,
        url: `${base}/results/${query.queryId}/${index}?key=${key}&format=${format}`,
      })),
      // An object here, even an empty one, tells drivers that no key of a cloud store is needed.
      chunkHeaders: {},
    }),
  });
}

const rowType = (column: Column) => ({
  name: column.name,
  database: "",
  schema: "",
  table: "",
  type: column.type,
  nullable: column.nullable,
  scale: "scale" in column ? column.scale : null,
  precision: "precision" in column ? column.precision : isTime(column.type) ? 0 : null,
  length: "length" in column ? column.length : null,
  byteLength: column.type === "text" ? column.length * 4 : column.type === "binary" ? column.length : null,
  collation: null,
});

const isTime = (type: string) => type === "time" || type.startsWith("timestamp");

const SEVERAL_STATEMENTS = 0xa000;

/** Drivers tell kinds of statements apart by these numbers: rows changed are read only from DML. */
function statementTypeId(queryType: string): number {
  const known: Record<string, number> = {
    SELECT: 0x1000,
    INSERT: 0x3100,
    UPDATE: 0x3200,
    DELETE: 0x3300,
    MERGE: 0x3400,
  };
  return known[queryType] ?? (/^(CREATE|ALTER|DROP|TRUNCATE|GRANT|REVOKE)/.test(queryType) ? 0x6000 : 0x1000);
}
