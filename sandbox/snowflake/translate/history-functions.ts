/** Table functions of INFORMATION_SCHEMA: what statements, loads and warehouses have done (docs: each one's page). */
import { findDatabase, findTable } from "../catalog/lookup.ts";
import { requireAccountPrivilege } from "../catalog/privileges.ts";
import { doesNotExist, SnowflakeError } from "../errors.ts";
import { parseName } from "../grammar/identifiers.ts";
import { copyHistory } from "../history/load-history.ts";
import { meteringHistory } from "../history/metering.ts";
import { queryHistory } from "../history/query-history.ts";
import { requireRecent } from "../limits.ts";
import { fixed, text, timestampLtz } from "../result.ts";
import { relation, type TableFunction } from "./table-arguments.ts";
import type { Translation } from "./translation.ts";

/** So many days ago. */
const ago = ({ execution }: Translation, days: number) =>
  new Date(execution.cloud.now().getTime() - days * 86_400_000);

const history =
  (by: "" | "SESSION" | "USER" | "WAREHOUSE"): TableFunction =>
  async (t, args, database) => {
    const name = `QUERY_HISTORY${by && `_BY_${by}`}`;
    const subject = { "": [], SESSION: ["SESSION_ID"], USER: ["USER_NAME"], WAREHOUSE: ["WAREHOUSE_NAME"] }[
      by
    ];
    args.only(
      "END_TIME_RANGE_START",
      "END_TIME_RANGE_END",
      "RESULT_LIMIT",
      "INCLUDE_CLIENT_GENERATED_STATEMENT",
      ...subject,
    );
    requireDatabase(t, database);
    const { session } = t.execution;
    const wanted = subject[0] && ((await args.text(subject[0])) ?? (await args.text("0")));
    const limit = (await args.number("RESULT_LIMIT")) ?? 100;
    if (!(limit >= 1 && limit <= 10_000)) {
      throw new SnowflakeError(
        "001018",
        "22023",
        `SQL compilation error:\nRESULT_LIMIT of ${name} must be between 1 and 10000, not ${limit}.`,
      );
    }
    const to = await args.date("END_TIME_RANGE_END");
    const earliest = ago(t, 7);
    const from = (await args.date("END_TIME_RANGE_START")) ?? earliest;
    requireRecent(name, from, earliest, "7 days");
    return await relation(
      t,
      name,
      queryHistory(t.execution, {
        from,
        to,
        limit,
        ...(by === "SESSION" && { sessionId: Number(wanted ?? session.id) }),
        ...(by === "USER" && { user: wanted ?? session.user }),
        ...(by === "WAREHOUSE" && { warehouse: wanted ?? session.warehouse ?? "" }),
      }),
    );
  };

const metering: TableFunction = async (t, args, database) => {
  args.only("DATE_RANGE_START", "DATE_RANGE_END", "WAREHOUSE_NAME");
  requireDatabase(t, database);
  const from = (await args.date("DATE_RANGE_START")) ?? (await args.date("0"));
  const to = (await args.date("DATE_RANGE_END")) ?? (await args.date("1"));
  if (from) requireRecent("WAREHOUSE_METERING_HISTORY", from, ago(t, 183), "6 months");
  const warehouse = (await args.text("WAREHOUSE_NAME")) ?? (await args.text("2"));
  return await relation(
    t,
    "WAREHOUSE_METERING_HISTORY",
    meteringHistory(t.execution, { from, to, warehouse }),
  );
};

/** Nothing is reclustered here: it is sorted as it was written, or not. */
const reclustering: TableFunction = async (t, args, database) => {
  const name = "AUTOMATIC_CLUSTERING_HISTORY";
  args.only("DATE_RANGE_START", "DATE_RANGE_END", "TABLE_NAME");
  const place = requireDatabase(t, database);
  // Docs: AUTOMATIC_CLUSTERING_HISTORY, usage notes. That others are refused, and not shown nothing, is not verified.
  requireAccountPrivilege(t.context, "MONITOR USAGE");
  const earliest = ago(t, 14);
  for (const end of ["DATE_RANGE_START", "DATE_RANGE_END"]) {
    requireRecent(name, (await args.date(end)) ?? earliest, earliest, "14 days");
  }
  const table = await args.text("TABLE_NAME");
  if (table !== undefined) {
    const parts = parseName(table);
    if (!parts) throw doesNotExist("Table", table);
    findTable(inDatabase(t, place.name), parts);
  }
  const columns = [
    timestampLtz("START_TIME"),
    timestampLtz("END_TIME"),
    text("TABLE_NAME"),
    fixed("CREDITS_USED", 38, 9),
    fixed("NUM_BYTES_RECLUSTERED"),
    fixed("NUM_ROWS_RECLUSTERED"),
  ];
  return await relation(t, name, { columns, rows: [] });
};

const copies: TableFunction = async (t, args, database) => {
  args.only("TABLE_NAME", "START_TIME", "END_TIME");
  const place = requireDatabase(t, database);
  const tableName = await args.text("TABLE_NAME");
  const startTime = await args.date("START_TIME");
  if (tableName === undefined || startTime === undefined) {
    throw new SnowflakeError(
      "001044",
      "42P13",
      "SQL compilation error:\nCOPY_HISTORY needs TABLE_NAME and START_TIME.",
    );
  }
  requireRecent("COPY_HISTORY", startTime, ago(t, 14), "14 days");
  const endTime = await args.date("END_TIME");
  return await relation(
    t,
    "COPY_HISTORY",
    await copyHistory(inDatabase(t, place.name), { tableName, startTime, ...(endTime && { endTime }) }),
  );
};

/** Names in an argument are looked up where the function is called. */
function inDatabase({ execution }: Translation, name: string): Translation["execution"] {
  const { session } = execution;
  return Object.assign(Object.create(execution), {
    session: name === session.database ? session : { ...session, database: name },
  });
}

/** INFORMATION_SCHEMA is a database's: its functions are called in one. */
function requireDatabase(t: Translation, database: string | undefined) {
  const { mounted } = findDatabase(t.context, database);
  return mounted;
}

export const inInformationSchema: Readonly<Record<string, TableFunction>> = {
  QUERY_HISTORY: history(""),
  QUERY_HISTORY_BY_SESSION: history("SESSION"),
  QUERY_HISTORY_BY_USER: history("USER"),
  QUERY_HISTORY_BY_WAREHOUSE: history("WAREHOUSE"),
  WAREHOUSE_METERING_HISTORY: metering,
  COPY_HISTORY: copies,
  AUTOMATIC_CLUSTERING_HISTORY: reclustering,
};
