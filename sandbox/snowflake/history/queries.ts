import type { ResultSet } from "../result.ts";

/** EXECUTION_STATUS as QUERY_HISTORY shows it. */
export type QueryStatus = "QUEUED" | "RUNNING" | "SUCCESS" | "FAILED_WITH_ERROR" | "FAILED_WITH_INCIDENT";

/** One statement in the query history. Times are milliseconds since 1970 by the cloud's clock. */
export interface QueryRecord {
  readonly queryId: string;
  /** "ORGANIZATION-NAME" of the account. */
  readonly account: string;
  readonly sql: string;
  readonly tag: string;
  readonly sessionId: number;
  readonly user: string;
  readonly role: string;
  readonly database: string | null;
  readonly schema: string | null;
  /** SELECT, INSERT, COPY, CREATE_TABLE …, as QUERY_TYPE shows it. */
  queryType: string;
  /** Set once the statement holds a warehouse. */
  warehouse: string | null;
  warehouseSize: string | null;
  status: QueryStatus;
  errorCode: string | null;
  sqlState: string | null;
  errorMessage: string | null;
  readonly startTime: number;
  endTime: number | null;
  rowsProduced: number | null;
  rowsInserted: number | null;
  rowsUpdated: number | null;
  rowsDeleted: number | null;
  bytesScanned: number;
}

/** All statements of the last days, running ones included; kept on disk. */
export interface QueryHistory {
  get(queryId: string): QueryRecord | undefined;
  /** Newest first. */
  ofAccount(account: string): QueryRecord[];
  /** The stored result of a finished statement, or undefined when it is older than a day or there is none. */
  result(queryId: string): Promise<ResultSet | undefined>;
}
