import { findRelation, findTable, findView } from "../catalog/lookup.ts";
import type { Table, TableColumn } from "../catalog/model.ts";
import { mayKnow } from "../catalog/privileges.ts";
import { accountOf } from "../catalog/scope.ts";
import { objectsIn } from "../catalog/temporary.ts";
import type { Execution } from "../context.ts";
import { typeName } from "../engine/types.ts";
import { unsupported } from "../errors.ts";
import type { Describe, Show } from "../grammar/show-statements.ts";
import { encodeTimestamp, fixed, type ResultSet, text, timestampLtz } from "../result.ts";
import { inheritedParameter } from "./object-parameters.ts";
import { schemasShown } from "./show-scope.ts";
import { byName, matches, type Row, type Shown, tabulate } from "./shown.ts";
import { tableSize } from "./table-storage.ts";
import { showViews } from "./views.ts";

const linearClustering = (expressions: readonly string[]): string =>
  expressions.length === 0 ? "" : `LINEAR(${expressions.join(", ")})`;

export async function showTables(statement: Show, execution: Execution): Promise<Shown> {
  const account = accountOf(execution);
  const found = schemasShown(execution, statement).flatMap((place) =>
    byName(objectsIn(execution, place.schema, "tables"))
      .filter(
        (table) =>
          place.visible.has(table.id) &&
          (place.readOnly || mayKnow(execution, table)) &&
          matches(statement, table.name),
      )
      .map((table) => ({ ...place, table })),
  );
  const rows = await Promise.all(
    found.map(async ({ mounted, database, schema, table, readOnly }) => {
      const size = await tableSize(execution, database.id, table.id);
      return {
        created_on: encodeTimestamp(new Date(table.createdOn)),
        name: table.name,
        database_name: mounted.name,
        schema_name: schema.name,
        kind: table.temporary ? "TEMPORARY" : table.transient ? "TRANSIENT" : "TABLE",
        comment: table.comment,
        cluster_by: linearClustering(table.clusterBy),
        rows: String(size.rows),
        bytes: String(size.bytes),
        owner: readOnly ? "" : table.owner,
        retention_time: inheritedParameter(
          "DATA_RETENTION_TIME_IN_DAYS",
          table.parameters,
          schema.parameters,
          database.parameters,
          account.parameters,
        ),
        automatic_clustering: table.clusterBy.length > 0 && table.automaticClustering ? "ON" : "OFF",
        change_tracking: table.changeTracking ? "ON" : "OFF",
        is_external: "N",
        enable_schema_evolution: "N",
        owner_role_type: readOnly ? "" : "ROLE",
        is_event: "N",
        budget: null,
        is_hybrid: "N",
        is_iceberg: "N",
        is_dynamic: "N",
        is_immutable: "N",
      };
    }),
  );
  return { columns: showColumns, rows };
}

const showColumns = [
  timestampLtz("created_on"),
  text("name"),
  text("database_name"),
  text("schema_name"),
  text("kind"),
  text("comment"),
  text("cluster_by"),
  fixed("rows"),
  fixed("bytes"),
  text("owner"),
  text("retention_time"),
  text("automatic_clustering"),
  text("change_tracking"),
  text("is_external"),
  text("enable_schema_evolution"),
  text("owner_role_type"),
  text("is_event"),
  text("budget"),
  text("is_hybrid"),
  text("is_iceberg"),
  text("is_dynamic"),
  text("is_immutable"),
];

/** DESCRIBE TABLE and DESCRIBE VIEW (docs: these pages, Output). */
export function describeColumns(statement: Describe, execution: Execution): ResultSet {
  if (statement.tableType === "STAGE") throw unsupported("DESCRIBE TABLE … TYPE = STAGE");
  const { columns } =
    statement.type === "VIEW"
      ? findView(execution, statement.name, "DESCRIBE VIEW").object
      : findRelation(execution, statement.name, "DESCRIBE TABLE").object;
  return tabulate(
    describeResultColumns,
    columns.map((column) => ({
      name: column.name,
      type: typeName(column.type),
      kind: "COLUMN",
      "null?": column.nullable ? "Y" : "N",
      default: column.default ?? identityText(column) ?? null,
      "primary key": column.primaryKey ? "Y" : "N",
      "unique key": column.unique ? "Y" : "N",
      comment: column.comment ?? null,
    })),
  );
}

const describeResultColumns = [
  "name",
  "type",
  "kind",
  "null?",
  "default",
  "primary key",
  "unique key",
  "check",
  "expression",
  "comment",
  "policy name",
  "privacy domain",
  "schema evolution record",
].map((name) => text(name));

/** SHOW PRIMARY KEYS IN TABLE. */
export const showPrimaryKeys = (statement: Show, execution: Execution): Shown =>
  keys(statement, execution, ({ primaryKey }) => primaryKey);

export const showUniqueKeys = (statement: Show, execution: Execution): Shown =>
  keys(statement, execution, ({ columns }) => columns.filter(({ unique }) => unique).map(({ name }) => name));

/** SHOW IMPORTED KEYS: no table here keeps a foreign key. */
export const showImportedKeys = (): Shown => ({
  columns: [
    timestampLtz("created_on"),
    ...["pk", "fk"].flatMap((side) =>
      ["database", "schema", "table", "column"].map((part) => text(`${side}_${part}_name`)),
    ),
    fixed("key_sequence"),
    ...["update_rule", "delete_rule", "fk_name", "pk_name", "deferrability", "rely", "comment"].map((name) =>
      text(name),
    ),
  ],
  rows: [],
});

function keys(statement: Show, execution: Execution, columnsOf: (table: Table) => readonly string[]): Shown {
  const { scope } = statement;
  const tables =
    scope?.type === "TABLE" && scope.name
      ? [findTable(execution, scope.name, "SHOW PRIMARY KEYS")].map((found) => ({
          ...found,
          table: found.object,
        }))
      : tablesShown(statement, execution);
  return {
    columns: [
      timestampLtz("created_on"),
      text("database_name"),
      text("schema_name"),
      text("table_name"),
      text("column_name"),
      fixed("key_sequence"),
      text("constraint_name"),
      text("rely"),
      text("comment"),
    ],
    rows: tables.flatMap(({ table, mounted, schema }) =>
      columnsOf(table).map((column, index) => ({
        created_on: encodeTimestamp(new Date(table.createdOn)),
        database_name: mounted.name,
        schema_name: schema.name,
        table_name: table.name,
        column_name: column,
        key_sequence: String(index + 1),
        constraint_name: `SYS_CONSTRAINT_${table.id}`,
        rely: "false",
      })),
    ),
  };
}

/** The tables of the schemas that a SHOW is about, with where they are. */
const tablesShown = (statement: Show, execution: Execution) =>
  schemasShown(execution, statement).flatMap((place) =>
    byName(objectsIn(execution, place.schema, "tables"))
      .filter((table) => place.visible.has(table.id) && (place.readOnly || mayKnow(execution, table)))
      .map((table) => ({ ...place, table })),
  );

export function showColumnsOf(statement: Show, execution: Execution): Shown {
  const { scope } = statement;
  const tables =
    scope?.type === "TABLE" && scope.name
      ? [findTable(execution, scope.name, "SHOW COLUMNS")].map((found) => ({ ...found, table: found.object }))
      : tablesShown(statement, execution);
  return {
    columns: [
      "table_name",
      "schema_name",
      "column_name",
      "data_type",
      "null?",
      "default",
      "kind",
      "expression",
      "comment",
      "database_name",
      "autoincrement",
    ].map((name) => text(name)),
    rows: tables.flatMap(({ table, schema, mounted }) =>
      table.columns.map((column) => ({
        name: column.name,
        table_name: table.name,
        schema_name: schema.name,
        column_name: column.name,
        data_type: dataTypeJson(column),
        "null?": String(column.nullable),
        default: column.default ?? "",
        kind: "COLUMN",
        expression: "",
        comment: column.comment ?? "",
        database_name: mounted.name,
        autoincrement: identityText(column) ?? "",
      })),
    ),
  };
}

/** How DESCRIBE and SHOW print AUTOINCREMENT. */
const identityText = ({ identity }: TableColumn): string | undefined =>
  identity &&
  `IDENTITY START ${identity.start} INCREMENT ${identity.increment} ${identity.ordered ? "ORDER" : "NOORDER"}`;

const dataTypeJson = ({ type, nullable }: TableColumn): string =>
  JSON.stringify({ ...type, type: type.type.toUpperCase(), nullable });

/** SHOW OBJECTS: tables and views together. */
export async function showObjects(statement: Show, execution: Execution): Promise<Shown> {
  const tables = await showTables(statement, execution);
  const views = showViews(statement, execution).rows.map(
    (row): Row => ({
      ...row,
      kind: "VIEW",
      is_hybrid: "N",
      is_iceberg: "N",
      is_dynamic: "N",
    }),
  );
  const rows = [...tables.rows, ...views].sort((one, other) =>
    (one.name ?? "") < (other.name ?? "") ? -1 : 1,
  );
  const wanted = new Set(objectColumns);
  return { columns: tables.columns.filter(({ name }) => wanted.has(name)), rows };
}

const objectColumns = [
  "created_on",
  "name",
  "database_name",
  "schema_name",
  "kind",
  "comment",
  "cluster_by",
  "rows",
  "bytes",
  "owner",
  "retention_time",
  "owner_role_type",
  "budget",
  "is_hybrid",
  "is_iceberg",
  "is_dynamic",
];

/** SHOW USER FUNCTIONS and SHOW USER PROCEDURES: nobody can make any here. */
export const showNoFunctions = (): Shown => ({
  columns: [
    timestampLtz("created_on"),
    ...["name", "schema_name", "is_builtin", "is_aggregate", "is_ansi"].map((name) => text(name)),
    fixed("min_num_arguments"),
    fixed("max_num_arguments"),
    ...[
      "arguments",
      "description",
      "catalog_name",
      "is_table_function",
      "valid_for_clustering",
      "is_secure",
    ].map((name) => text(name)),
    ...["secrets", "external_access_integrations", "is_external_function", "language", "is_memoizable"].map(
      (name) => text(name),
    ),
  ],
  rows: [],
});
