import { findDatabase } from "../catalog/lookup.ts";
import { isAccountAdmin } from "../catalog/privileges.ts";
import { accountOf } from "../catalog/scope.ts";
import { objectsIn } from "../catalog/temporary.ts";
import type { Execution } from "../context.ts";
import { doesNotExist, unsupported } from "../errors.ts";
import { loadHistory } from "../history/load-history.ts";
import { meteringHistory } from "../history/metering.ts";
import { queryHistory } from "../history/query-history.ts";
import { encodeTimestamp, fixed, type ResultSet, text, timestampLtz } from "../result.ts";
import { schemasOf } from "../statements/show-scope.ts";
import { byName, type Row, tabulate } from "../statements/shown.ts";
import { tableSize } from "../statements/table-storage.ts";
import type { Translation } from "./translation.ts";

type SystemView = (execution: Execution, database: string) => ResultSet | Promise<ResultSet>;

/** The rows of a view of INFORMATION_SCHEMA or SNOWFLAKE.ACCOUNT_USAGE; undefined for any other name. */
export async function systemView(t: Translation, parts: readonly string[]): Promise<ResultSet | undefined> {
  const [name, schema, catalog] = [...parts].reverse() as [string, string?, string?];
  if (schema === "INFORMATION_SCHEMA") {
    const { mounted } = findDatabase(t.context, catalog);
    return await run(t, informationSchema, `${mounted.name}.INFORMATION_SCHEMA.${name}`, name, mounted.name);
  }
  if (schema === "ACCOUNT_USAGE" && catalog === "SNOWFLAKE") {
    const all = isAccountAdmin(t.execution);
    if (!all) throw doesNotExist("Object", `SNOWFLAKE.ACCOUNT_USAGE.${name}`);
    return await run(t, accountUsage, `SNOWFLAKE.ACCOUNT_USAGE.${name}`, name, "");
  }
  return undefined;
}

async function run(
  t: Translation,
  views: Readonly<Record<string, SystemView>>,
  fullName: string,
  name: string,
  database: string,
): Promise<ResultSet> {
  const view = Object.hasOwn(views, name) ? views[name] : undefined;
  if (!view) throw unsupported(`view ${fullName}`);
  await t.useWarehouse();
  return await view(t.execution, database);
}

const moment = (time: number): string => encodeTimestamp(new Date(time));
const yes = (value: boolean): string => (value ? "YES" : "NO");

function schemata(execution: Execution, database: string) {
  const place = findDatabase(execution, database);
  return schemasOf(execution, place).map((found) => ({ ...found, place }));
}

const TABLES_COLUMNS = [
  ...["TABLE_CATALOG", "TABLE_SCHEMA", "TABLE_NAME", "TABLE_OWNER", "TABLE_TYPE", "IS_TRANSIENT"].map(
    (name) => text(name),
  ),
  text("CLUSTERING_KEY"),
  ...["ROW_COUNT", "BYTES", "RETENTION_TIME"].map((name) => fixed(name)),
  timestampLtz("CREATED"),
  timestampLtz("LAST_ALTERED"),
  text("AUTO_CLUSTERING_ON"),
  text("COMMENT"),
  ...["IS_TEMPORARY", "IS_ICEBERG", "IS_DYNAMIC", "IS_HYBRID"].map((name) => text(name)),
];

const tables: SystemView = async (execution, database) => {
  const rows: Row[] = [];
  for (const { schema, database: home, mounted, visible } of schemata(execution, database)) {
    for (const table of byName(objectsIn(execution, schema, "tables"))) {
      if (!visible.has(table.id)) continue;
      const size = await tableSize(execution, home.id, table.id);
      rows.push({
        TABLE_CATALOG: mounted.name,
        TABLE_SCHEMA: schema.name,
        TABLE_NAME: table.name,
        TABLE_OWNER: table.owner,
        TABLE_TYPE: table.temporary ? "LOCAL TEMPORARY" : "BASE TABLE",
        IS_TRANSIENT: yes(table.transient),
        IS_TEMPORARY: yes(table.temporary ?? false),
        IS_ICEBERG: "NO",
        IS_DYNAMIC: "NO",
        IS_HYBRID: "NO",
        CLUSTERING_KEY: table.clusterBy.length > 0 ? `LINEAR(${table.clusterBy.join(", ")})` : null,
        ROW_COUNT: String(size.rows),
        BYTES: String(size.bytes),
        RETENTION_TIME: "1",
        CREATED: moment(table.createdOn),
        LAST_ALTERED: moment(table.createdOn),
        AUTO_CLUSTERING_ON: yes(table.clusterBy.length > 0 && table.automaticClustering),
        COMMENT: table.comment || null,
      });
    }
    for (const view of byName(objectsIn(execution, schema, "views"))) {
      if (!visible.has(view.id)) continue;
      rows.push({
        TABLE_CATALOG: mounted.name,
        TABLE_SCHEMA: schema.name,
        TABLE_NAME: view.name,
        TABLE_OWNER: view.owner,
        TABLE_TYPE: "VIEW",
        CREATED: moment(view.createdOn),
        LAST_ALTERED: moment(view.createdOn),
        COMMENT: view.comment || null,
      });
    }
  }
  return tabulate(TABLES_COLUMNS, rows);
};

const COLUMNS_COLUMNS = [
  text("TABLE_CATALOG"),
  text("TABLE_SCHEMA"),
  text("TABLE_NAME"),
  text("COLUMN_NAME"),
  fixed("ORDINAL_POSITION"),
  text("COLUMN_DEFAULT"),
  text("IS_NULLABLE"),
  text("DATA_TYPE"),
  fixed("CHARACTER_MAXIMUM_LENGTH"),
  fixed("NUMERIC_PRECISION"),
  fixed("NUMERIC_SCALE"),
  fixed("DATETIME_PRECISION"),
  ...["IS_IDENTITY", "IDENTITY_GENERATION", "IDENTITY_START", "IDENTITY_INCREMENT", "IDENTITY_CYCLE"].map(
    (name) => text(name),
  ),
  text("IDENTITY_ORDERED"),
  text("DATA_TYPE_ALIAS"),
  text("COMMENT"),
];

const columns: SystemView = (execution, database) => {
  const rows = schemata(execution, database).flatMap(({ schema, mounted, visible }) =>
    byName([...objectsIn(execution, schema, "tables"), ...objectsIn(execution, schema, "views")])
      .filter(({ id }) => visible.has(id))
      .flatMap((table) =>
        table.columns.map((column, index): Row => {
          const type = column.type;
          return {
            TABLE_CATALOG: mounted.name,
            TABLE_SCHEMA: schema.name,
            TABLE_NAME: table.name,
            COLUMN_NAME: column.name,
            ORDINAL_POSITION: String(index + 1),
            COLUMN_DEFAULT: column.default ?? null,
            IS_NULLABLE: yes(column.nullable),
            DATA_TYPE:
              { text: "TEXT", fixed: "NUMBER", real: "FLOAT" }[type.type as string] ??
              type.type.toUpperCase(),
            CHARACTER_MAXIMUM_LENGTH: type.type === "text" ? String(type.length) : null,
            NUMERIC_PRECISION: type.type === "fixed" ? String(type.precision) : null,
            NUMERIC_SCALE: type.type === "fixed" ? String(type.scale) : null,
            DATETIME_PRECISION: type.type.startsWith("time") && "scale" in type ? String(type.scale) : null,
            IS_IDENTITY: yes(column.identity !== undefined),
            IDENTITY_GENERATION: column.identity ? "BY DEFAULT" : null,
            IDENTITY_START: column.identity ? String(column.identity.start) : null,
            IDENTITY_INCREMENT: column.identity ? String(column.identity.increment) : null,
            IDENTITY_CYCLE: column.identity ? "NO" : null,
            IDENTITY_ORDERED: column.identity ? yes(column.identity.ordered) : null,
            COMMENT: column.comment || null,
          };
        }),
      ),
  );
  return tabulate(COLUMNS_COLUMNS, rows);
};

const schemataView: SystemView = (execution, database) =>
  tabulate(
    [
      text("CATALOG_NAME"),
      text("SCHEMA_NAME"),
      text("SCHEMA_OWNER"),
      text("IS_TRANSIENT"),
      text("IS_MANAGED_ACCESS"),
      timestampLtz("CREATED"),
      text("COMMENT"),
    ],
    schemata(execution, database).map(({ schema, mounted }) => ({
      CATALOG_NAME: mounted.name,
      SCHEMA_NAME: schema.name,
      SCHEMA_OWNER: schema.owner,
      IS_TRANSIENT: yes(schema.transient),
      IS_MANAGED_ACCESS: yes(schema.managedAccess),
      CREATED: moment(schema.createdOn),
      COMMENT: schema.comment || null,
    })),
  );

const databases: SystemView = (execution) =>
  tabulate(
    [
      text("DATABASE_NAME"),
      text("DATABASE_OWNER"),
      text("IS_TRANSIENT"),
      timestampLtz("CREATED"),
      text("COMMENT"),
    ],
    byName(accountOf(execution).databases.values()).map((database) => ({
      DATABASE_NAME: database.name,
      DATABASE_OWNER: database.owner,
      IS_TRANSIENT: yes(database.transient),
      CREATED: moment(database.createdOn),
      COMMENT: database.comment || null,
    })),
  );

const stages: SystemView = (execution, database) =>
  tabulate(
    [
      text("STAGE_CATALOG"),
      text("STAGE_SCHEMA"),
      text("STAGE_NAME"),
      text("STAGE_URL"),
      text("STAGE_TYPE"),
      text("STAGE_OWNER"),
      timestampLtz("CREATED"),
      text("COMMENT"),
    ],
    schemata(execution, database).flatMap(({ schema, mounted, visible }) =>
      byName(objectsIn(execution, schema, "stages"))
        .filter(({ id }) => visible.has(id))
        .map((stage) => ({
          STAGE_CATALOG: mounted.name,
          STAGE_SCHEMA: schema.name,
          STAGE_NAME: stage.name,
          STAGE_URL: stage.url || null,
          STAGE_TYPE: stage.url ? "External Named" : "Internal Named",
          STAGE_OWNER: stage.owner,
          CREATED: moment(stage.createdOn),
          COMMENT: stage.comment || null,
        })),
    ),
  );

const informationSchema: Readonly<Record<string, SystemView>> = {
  TABLES: tables,
  COLUMNS: columns,
  SCHEMATA: schemataView,
  DATABASES: databases,
  STAGES: stages,
  LOAD_HISTORY: loadHistory,
};

/** As on Snowflake, but without its delay of up to two hours. */
const accountUsage: Readonly<Record<string, SystemView>> = {
  QUERY_HISTORY: (execution) =>
    queryHistory(execution, { from: new Date(0), to: new Date(8.64e15), limit: Number.POSITIVE_INFINITY }),
  WAREHOUSE_METERING_HISTORY: (execution) => meteringHistory(execution, { from: new Date(0) }),
};
