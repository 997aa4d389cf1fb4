import { findDatabase, findTable } from "../catalog/lookup.ts";
import { activeRoles, hasPrivilege } from "../catalog/privileges.ts";
import { objectsIn } from "../catalog/temporary.ts";
import type { Execution } from "../context.ts";
import { doesNotExist } from "../errors.ts";
import { parseName } from "../grammar/identifiers.ts";
import { type LoadStatus, type PastLoad, readLoadHistory } from "../loading/load-records.ts";
import { encodeTimestamp, fixed, type ResultSet, text, timestampLtz } from "../result.ts";

/** How far COPY_HISTORY and LOAD_HISTORY look back, and how many rows the second one has (docs: their usage notes). */
const HISTORY_DAYS = 14;
const MAX_LOAD_HISTORY_ROWS = 10_000;

const number = (value: number | null): string | null => (value === null ? null : String(value));
/** When the latest load was that the histories know of. */
const historyEnd = ({ cloud }: Execution): number =>
  cloud.now().getTime() - cloud.switches.loadHistoryDelaySeconds * 1_000;
const historyBegin = (execution: Execution): number =>
  execution.cloud.now().getTime() - HISTORY_DAYS * 86_400_000;

const COPY_STATUS: Record<LoadStatus, string> = {
  LOADED: "Loaded",
  PARTIALLY_LOADED: "Partially loaded",
  LOAD_FAILED: "Load failed",
};
const LOAD_HISTORY_STATUS: Record<LoadStatus, string> = {
  LOADED: "LOADED",
  PARTIALLY_LOADED: "PARTIALLY LOADED",
  LOAD_FAILED: "LOAD FAILED",
};

const COPY_COLUMNS = [
  text("FILE_NAME"),
  text("STAGE_LOCATION"),
  timestampLtz("LAST_LOAD_TIME"),
  fixed("ROW_COUNT"),
  fixed("ROW_PARSED"),
  fixed("FILE_SIZE"),
  text("FIRST_ERROR_MESSAGE"),
  fixed("FIRST_ERROR_LINE_NUMBER"),
  fixed("FIRST_ERROR_CHARACTER_POS"),
  text("FIRST_ERROR_COLUMN_NAME"),
  fixed("ERROR_COUNT"),
  fixed("ERROR_LIMIT"),
  text("STATUS"),
  text("TABLE_CATALOG_NAME"),
  text("TABLE_SCHEMA_NAME"),
  text("TABLE_NAME"),
  text("PIPE_CATALOG_NAME"),
  text("PIPE_SCHEMA_NAME"),
  text("PIPE_NAME"),
  timestampLtz("PIPE_RECEIVED_TIME"),
  timestampLtz("FIRST_COMMIT_TIME"),
];

/** TABLE(INFORMATION_SCHEMA.COPY_HISTORY(TABLE_NAME => …, START_TIME => …, END_TIME => …)). */
export async function copyHistory(
  execution: Execution,
  { tableName, startTime, endTime }: { tableName: string; startTime: Date; endTime?: Date },
): Promise<ResultSet> {
  const name = parseName(tableName);
  if (!name) throw doesNotExist("Table", tableName);
  const table = findTable(execution, name);
  const begin = Math.max(startTime.getTime(), historyBegin(execution));
  const end = Math.min(endTime?.getTime() ?? Number.POSITIVE_INFINITY, historyEnd(execution));
  const loads = await readLoadHistory(execution.cloud.engine, table.database.id, [table.object.id], begin);
  return {
    columns: COPY_COLUMNS,
    rows: loads
      .filter(({ loadedAt }) => loadedAt <= end)
      .map((load) => [
        load.fileName,
        load.stageLocation,
        encodeTimestamp(new Date(load.loadedAt)),
        number(load.rowsLoaded),
        number(load.rowsParsed),
        number(load.size),
        ...errorsOf(load),
        COPY_STATUS[load.status],
        table.mounted.name,
        table.schema.name,
        table.object.name,
        null,
        null,
        null,
        null,
        load.status === "LOAD_FAILED" ? null : encodeTimestamp(new Date(load.loadedAt)),
      ]),
  };
}

/** FIRST_ERROR_MESSAGE to ERROR_LIMIT, which both views have in this order. */
const errorsOf = (load: PastLoad) => [
  load.firstError,
  number(load.firstErrorLine),
  null,
  load.firstErrorColumn,
  number(load.errorsSeen),
  number(load.errorLimit),
];

/** INFORMATION_SCHEMA.LOAD_HISTORY of a database: the last loads into tables that the session's role may read. */
export async function loadHistory(execution: Execution, database: string): Promise<ResultSet> {
  const place = findDatabase(execution, database);
  const tables = new Map<number, { schema: string; table: string }>();
  for (const schema of place.database.schemas.values()) {
    for (const table of objectsIn(execution, schema, "tables")) {
      if (place.readOnly || !hasPrivilege(place.account, activeRoles(execution), "SELECT", table)) continue;
      tables.set(table.id, { schema: schema.name, table: table.name });
    }
  }
  const loads = await readLoadHistory(
    execution.cloud.engine,
    place.database.id,
    [...tables.keys()],
    historyBegin(execution),
  );
  const row = (load: PastLoad) => {
    const names = tables.get(load.tableId);
    return [
      names?.schema ?? null,
      load.url,
      names?.table ?? null,
      encodeTimestamp(new Date(load.loadedAt)),
      LOAD_HISTORY_STATUS[load.status],
      number(load.rowsLoaded),
      number(load.rowsParsed),
      ...errorsOf(load),
    ];
  };
  return {
    columns: [
      text("SCHEMA_NAME"),
      text("FILE_NAME"),
      text("TABLE_NAME"),
      timestampLtz("LAST_LOAD_TIME"),
      text("STATUS"),
      fixed("ROW_COUNT"),
      fixed("ROW_PARSED"),
      text("FIRST_ERROR_MESSAGE"),
      fixed("FIRST_ERROR_LINE_NUMBER"),
      fixed("FIRST_ERROR_CHARACTER_POSITION"),
      text("FIRST_ERROR_COL_NAME"),
      fixed("ERROR_COUNT"),
      fixed("ERROR_LIMIT"),
    ],
    rows: loads
      .filter(({ loadedAt }) => loadedAt <= historyEnd(execution))
      .slice(-MAX_LOAD_HISTORY_ROWS)
      .map(row),
  };
}
