import * as pulumi from "@pulumi/pulumi";
import { LoaderAccess, type LoaderAccessArgs } from "../../../components/loader-access.ts";
import { build } from "../../support/mocks.ts";

const named = (name: string) => pulumi.output(name);
const loader = (args: Partial<LoaderAccessArgs> = {}) =>
  build(
    () =>
      new LoaderAccess("loader", {
        loaderRoleName: "FLUX_DEV_LOADER",
        deployerRoleName: "SYSADMIN",
        table: {
          database: named("FLUX_DEV"),
          schema: named("PRODUCTION"),
          tableName: named("READINGS"),
          accountingTable: named("READINGS_LOADS"),
          lockTable: named("READINGS_LOAD_LOCK"),
        },
        stage: { stageName: named("EXT_RAW_AMI"), fileFormatName: named("PARQUET_SNAPPY") },
        warehouse: { warehouseName: named("FLUX_DEV_LOAD_WH") },
        ...args,
      }),
  );

const GRANT = "snowflake:index/grantPrivilegesToAccountRole:GrantPrivilegesToAccountRole";

/** Every grant as one line: privileges, kind of object, object. */
async function granted(args: Partial<LoaderAccessArgs> = {}): Promise<string[]> {
  const { resources } = await loader(args);
  const grants = resources.filter(({ type }) => type === GRANT);
  return grants
    .map(({ inputs }) => {
      const account = { objectType: "ACCOUNT", objectName: "" };
      const on = (inputs.onAccountObject ??
        inputs.onSchemaObject ??
        inputs.onSchema ??
        (inputs.onAccount ? account : {})) as Record<string, string>;
      expect(inputs.accountRoleName).toBe("FLUX_DEV_LOADER");
      const privileges = [...(inputs.privileges as string[])].sort().join(", ");
      return `${privileges} on ${on.objectType ?? "SCHEMA"} ${on.objectName ?? on.schemaName}`;
    })
    .sort();
}

const ALWAYS = [
  'DELETE, INSERT, SELECT, UPDATE on TABLE "FLUX_DEV"."PRODUCTION"."READINGS_LOADS"',
  'DELETE, INSERT, SELECT, UPDATE on TABLE "FLUX_DEV"."PRODUCTION"."READINGS_LOAD_LOCK"',
  'DELETE, INSERT, SELECT on TABLE "FLUX_DEV"."PRODUCTION"."READINGS"',
  "MODIFY, MONITOR, OPERATE, USAGE on WAREHOUSE FLUX_DEV_LOAD_WH",
  "USAGE on DATABASE FLUX_DEV",
  'USAGE on FILE FORMAT "FLUX_DEV"."PRODUCTION"."PARQUET_SNAPPY"',
  'CREATE TABLE, USAGE on SCHEMA "FLUX_DEV"."PRODUCTION"',
  'USAGE on STAGE "FLUX_DEV"."PRODUCTION"."EXT_RAW_AMI"',
].sort();

test("sees what warehouses used only where that is asked for", async () => {
  expect(await granted({ meterCredits: false })).toEqual(ALWAYS);
  expect(await granted({ meterCredits: true })).toEqual([...ALWAYS, "MONITOR USAGE on ACCOUNT "].toSorted());
});

test("may load, audit and publish, and nothing else", async () => {
  expect(await granted()).toEqual(ALWAYS);
});

test.each([
  [
    "view",
    ['SELECT on VIEW "REF"."PUBLIC"."METERS"', "USAGE on DATABASE REF", 'USAGE on SCHEMA "REF"."PUBLIC"'],
  ],
  ["imported", ["IMPORTED PRIVILEGES on DATABASE REF"]],
] as const)(
  "reads known meters that are a %s by the grants that Snowflake wants for it",
  async (kind, grants) => {
    const all = await granted({ metersTable: "REF.PUBLIC.METERS", metersTableKind: kind });
    expect(all.filter((line) => !ALWAYS.includes(line))).toEqual(grants);
  },
);

test("may read the known meters where there are any", async () => {
  const more = (await granted({ metersTable: "REF.PUBLIC.METERS" })).filter((line) => !ALWAYS.includes(line));
  expect(more).toEqual([
    'SELECT on TABLE "REF"."PUBLIC"."METERS"',
    "USAGE on DATABASE REF",
    'USAGE on SCHEMA "REF"."PUBLIC"',
  ]);
});

test("belongs to the role that deploys", async () => {
  const { one, resources } = await loader();
  expect(one("snowflake:index/grantAccountRole:GrantAccountRole").inputs).toEqual({
    roleName: "FLUX_DEV_LOADER",
    parentRoleName: "SYSADMIN",
  });
  for (const { name, options } of resources.slice(1)) {
    expect(name).toMatch(/^loader-/);
    expect(options.parent).toBe("loader");
  }
});

test("grants to a role that a transform renamed", async () => {
  const { one } = await loader({
    transform: { role: (args, options) => [{ ...args, name: "OTHER" }, options] },
  });
  expect(one(GRANT, "loader-stage").inputs.accountRoleName).toBe("OTHER");
});

test.each(["retain", "truncate", "drop"] as const)(
  "stays where the tables stay that it owns: %s",
  async (onDelete) => {
    const { one } = await loader({ onDelete });
    expect(one("snowflake:index/accountRole:AccountRole").options.retainOnDelete).toBe(onDelete !== "drop");
  },
);
