import { activeRoles, hasPrivilege, isAccountAdmin } from "../catalog/privileges.ts";
import { accountOf } from "../catalog/scope.ts";
import type { Execution } from "../context.ts";
import { encodeTimestamp, fixed, type ResultSet, text, timestampLtz } from "../result.ts";
import type { QueryRecord } from "./queries.ts";

/** Which statements QUERY_HISTORY shows. */
export interface HistoryFilter {
  /** Those that ended at or after this moment, or still run. */
  from: Date;
  /** Those that ended before; without it, also those that run. */
  to?: Date | undefined;
  /** At most so many, the latest ones. */
  limit: number;
  sessionId?: number | undefined;
  user?: string | undefined;
  warehouse?: string | undefined;
}

/** TABLE(INFORMATION_SCHEMA.QUERY_HISTORY…(…)): the statements that the session's role may see, newest first. */
export function queryHistory(execution: Execution, filter: HistoryFilter): ResultSet {
  const maySee = visibility(execution);
  const now = execution.cloud.now().getTime();
  const known = now - execution.cloud.switches.queryHistoryDelaySeconds * 1_000;
  const chosen = execution.cloud.queries
    .ofAccount(execution.session.account)
    .filter(
      (record) =>
        (record.endTime ?? record.startTime) <= known &&
        (record.endTime === null ? filter.to === undefined : record.endTime >= filter.from.getTime()) &&
        (filter.to === undefined || (record.endTime ?? Number.POSITIVE_INFINITY) < filter.to.getTime()) &&
        (filter.sessionId === undefined || record.sessionId === filter.sessionId) &&
        (filter.user === undefined || record.user === filter.user) &&
        (filter.warehouse === undefined || record.warehouse === filter.warehouse) &&
        maySee(record),
    )
    .slice(0, filter.limit);
  return {
    columns: columns.map(({ column }) => column),
    rows: chosen.map((record) => columns.map(({ cell }) => cell(record, now))),
  };
}

/** One's own statements, and those on warehouses that one may monitor (docs: QUERY_HISTORY, usage notes). */
function visibility(execution: Execution): (record: QueryRecord) => boolean {
  const account = accountOf(execution);
  const { user } = execution.session;
  const roles = activeRoles(execution);
  const all = isAccountAdmin(execution);
  return (record) => {
    if (all || record.user === user) return true;
    const warehouse = record.warehouse === null ? undefined : account.warehouses.get(record.warehouse);
    return (
      warehouse !== undefined &&
      ["MONITOR", "OPERATE"].some((privilege) => hasPrivilege(account, roles, privilege, warehouse))
    );
  };
}

type Cell = string | null;
const moment = (time: number | null): Cell => (time === null ? null : encodeTimestamp(new Date(time)));
const count = (value: number | null): Cell => (value === null ? null : String(value));

const columns = [
  { column: text("QUERY_ID"), cell: (record: QueryRecord, _now: number): Cell => record.queryId },
  { column: text("QUERY_TEXT"), cell: (record: QueryRecord) => record.sql },
  { column: text("DATABASE_NAME"), cell: (record: QueryRecord) => record.database },
  { column: text("SCHEMA_NAME"), cell: (record: QueryRecord) => record.schema },
  { column: text("QUERY_TYPE"), cell: (record: QueryRecord) => record.queryType },
  { column: fixed("SESSION_ID"), cell: (record: QueryRecord) => String(record.sessionId) },
  { column: text("USER_NAME"), cell: (record: QueryRecord) => record.user },
  { column: text("ROLE_NAME"), cell: (record: QueryRecord) => record.role },
  { column: text("WAREHOUSE_NAME"), cell: (record: QueryRecord) => record.warehouse },
  { column: text("WAREHOUSE_SIZE"), cell: (record: QueryRecord) => record.warehouseSize },
  {
    column: text("WAREHOUSE_TYPE"),
    cell: (record: QueryRecord) => (record.warehouse === null ? null : "STANDARD"),
  },
  {
    column: fixed("CLUSTER_NUMBER"),
    cell: (record: QueryRecord) => (record.warehouse === null ? null : "1"),
  },
  { column: text("QUERY_TAG"), cell: (record: QueryRecord) => record.tag },
  { column: text("EXECUTION_STATUS"), cell: (record: QueryRecord) => record.status },
  { column: text("ERROR_CODE"), cell: (record: QueryRecord) => record.errorCode },
  { column: text("ERROR_MESSAGE"), cell: (record: QueryRecord) => record.errorMessage },
  { column: timestampLtz("START_TIME"), cell: (record: QueryRecord) => moment(record.startTime) },
  { column: timestampLtz("END_TIME"), cell: (record: QueryRecord) => moment(record.endTime) },
  {
    column: fixed("TOTAL_ELAPSED_TIME"),
    cell: (record: QueryRecord, now: number) => String((record.endTime ?? now) - record.startTime),
  },
  { column: fixed("BYTES_SCANNED"), cell: (record: QueryRecord) => String(record.bytesScanned) },
  { column: fixed("ROWS_PRODUCED"), cell: (record: QueryRecord) => count(record.rowsProduced) },
  { column: fixed("ROWS_INSERTED"), cell: (record: QueryRecord) => count(record.rowsInserted) },
  { column: fixed("ROWS_UPDATED"), cell: (record: QueryRecord) => count(record.rowsUpdated) },
  { column: fixed("ROWS_DELETED"), cell: (record: QueryRecord) => count(record.rowsDeleted) },
  { column: fixed("COMPILATION_TIME"), cell: (_record: QueryRecord) => "0" },
  {
    column: fixed("EXECUTION_TIME"),
    cell: (record: QueryRecord, now: number) => String((record.endTime ?? now) - record.startTime),
  },
];
