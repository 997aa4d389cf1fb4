import { ReadingsTable, type ReadingsTableArgs } from "../../../components/readings-table.ts";
import {
  ACCOUNTING_COLUMNS,
  LOCK_COLUMNS,
  type TableColumn,
} from "../../../components/verified-load/tables.ts";
import { build, value } from "../../support/mocks.ts";

const table = (args: Partial<ReadingsTableArgs> = {}) =>
  build(() => new ReadingsTable("readings", { databaseName: "FLUX_DEV", ...args }));

const TABLE = "snowflake:index/table:Table";

test("makes database, schema and three tables, each named after it and below it", async () => {
  const { resources } = await table();
  expect(
    resources
      .map(({ name, options }) => [name, options.parent])
      .slice(1)
      .sort(),
  ).toEqual([
    ["readings-database", "readings"],
    ["readings-load-lock", "readings"],
    ["readings-loads", "readings"],
    ["readings-schema", "readings"],
    ["readings-table", "readings"],
  ]);
});

test("has the guide's seven columns first, with their types and clustering, and then the file that a row is of", async () => {
  const { one, made } = await table();
  const { inputs } = one(TABLE, "readings-table");
  expect(inputs).toMatchObject({
    database: "FLUX_DEV",
    schema: "PRODUCTION",
    name: "AMI_INTERVAL_READINGS",
    clusterBies: ["DATE_TRUNC('day', TIMESTAMP)", "METER_ID"],
  });
  expect(
    (inputs.columns as { name: string; type: string }[]).map(({ name, type }) => `${name} ${type}`),
  ).toEqual([
    "METER_ID VARCHAR(16777216)",
    "TIMESTAMP TIMESTAMP_NTZ(9)",
    "USAGE_KWH FLOAT",
    "VOLTAGE NUMBER(22,0)",
    "POWER_FACTOR NUMBER(23,2)",
    "CUSTOMER_SEGMENT_ID VARCHAR(11)",
    "SOURCE_TABLE VARCHAR(16777216)",
    "FILE_ID NUMBER(38,0)",
  ]);
  expect(await value(made.qualifiedName)).toBe('"FLUX_DEV"."PRODUCTION"."AMI_INTERVAL_READINGS"');
});

test("has the clustering key that is set", async () => {
  const { one } = await table({ clusterBy: ["TO_DATE(TIMESTAMP)", "SUBSTR(METER_ID, 8, 5)"] });
  expect(one(TABLE, "readings-table").inputs.clusterBies).toEqual([
    "TO_DATE(TIMESTAMP)",
    "SUBSTR(METER_ID, 8, 5)",
  ]);
});

test("keeps the load's account beside the readings, just as the load declares it", async () => {
  const { one } = await table({ tableName: "READINGS" });
  const declared = (columns: readonly TableColumn[]) =>
    columns.map(({ name, type, nullable = true, comment }) => ({ name, type, nullable, comment }));
  expect(one(TABLE, "readings-loads").inputs).toMatchObject({
    name: "READINGS_LOADS",
    columns: declared(ACCOUNTING_COLUMNS),
  });
  expect(one(TABLE, "readings-load-lock").inputs).toMatchObject({
    name: "READINGS_LOAD_LOCK",
    columns: declared(LOCK_COLUMNS),
  });
});

test.each([true, false])("with protect %s every child is guarded, or none", async (protect) => {
  const { resources } = await table({ protect });
  for (const { options } of resources.slice(1)) expect(options).toMatchObject({ protect });
});

test.each([
  ["retain", true],
  ["truncate", true],
  ["drop", false],
] as const)("with onDelete %s, that the tables stay is %s", async (onDelete, retainOnDelete) => {
  const { resources } = await table({ protect: false, onDelete });
  for (const { options } of resources.slice(1)) expect(options).toMatchObject({ retainOnDelete });
});

test("a transform has the last word on a child", async () => {
  const { one } = await table({
    transform: {
      database: (args, options) => [{ ...args, dataRetentionTimeInDays: 7 }, options],
      readings: (args, options) => [{ ...args, changeTracking: true }, options],
    },
  });
  expect(one("snowflake:index/database:Database").inputs.dataRetentionTimeInDays).toBe(7);
  expect(one(TABLE, "readings-table").inputs.changeTracking).toBe(true);
  expect(one(TABLE, "readings-loads").inputs.changeTracking).toBeUndefined();
});
