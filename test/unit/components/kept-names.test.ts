import { keptName, type ObjectNames, renameRefusal } from "../../../components/kept-names.ts";
import { Refusal } from "../../../components/refusal.ts";
import { accountNames, environmentOf } from "../../../config/default-names.ts";

const ACCOUNT = "111111111111";
const names = (environment: string, more: Partial<ObjectNames> = {}): ObjectNames => ({
  ...accountNames(environment, ACCOUNT),
  schemaName: "PRODUCTION",
  tableName: "READINGS",
  stageName: "EXT_RAW_AMI",
  fileFormatName: "PARQUET_SNAPPY",
  ...more,
});

const refusal = (wanted: ObjectNames, actual = names("dev")) =>
  renameRefusal({
    stack: "dev",
    deployerRoleName: "DEPLOYER",
    wanted,
    actual,
    environmentOf: (of) => environmentOf(of, ACCOUNT),
  });

test("the names that the objects have are no rename", () => {
  expect(refusal(names("dev"))).toBeUndefined();
});

test("another table name is refused with what it is, how to keep it, and how to rename all that goes with it", () => {
  const said = refusal(names("dev", { tableName: "METERED" })) ?? "";
  expect(said).toContain("the readings table is READINGS, and the config now calls it METERED");
  expect(said).toContain("pulumi config set -s dev flux-ami:tableName READINGS");
  expect(said).toMatch(/shares that name it, and every reader, lose it/);
  expect(said).toContain("as role DEPLOYER");
  for (const table of ["", "_LOADS", "_LOAD_LOCK", "_REJECTED", "_CONTROL", "_LANDED"])
    expect(said).toContain(
      `ALTER TABLE IF EXISTS "FLUX_DEV"."PRODUCTION"."READINGS${table}" RENAME TO "FLUX_DEV"."PRODUCTION"."METERED${table}";`,
    );
  expect(said).toMatch(/make import STACK=dev\n {2}pulumi up -s dev\n/);
});

test.each([
  ["databaseName", "OTHER", 'ALTER DATABASE "FLUX_DEV" RENAME TO "OTHER";'],
  ["schemaName", "OTHER", 'ALTER SCHEMA "FLUX_DEV"."PRODUCTION" RENAME TO "FLUX_DEV"."OTHER";'],
  [
    "stageName",
    "OTHER",
    'ALTER STAGE "FLUX_DEV"."PRODUCTION"."EXT_RAW_AMI" RENAME TO "FLUX_DEV"."PRODUCTION"."OTHER";',
  ],
  [
    "fileFormatName",
    "OTHER",
    'ALTER FILE FORMAT "FLUX_DEV"."PRODUCTION"."PARQUET_SNAPPY" RENAME TO "FLUX_DEV"."PRODUCTION"."OTHER";',
  ],
  ["warehouseName", "OTHER", 'ALTER WAREHOUSE "FLUX_DEV_LOAD_WH" RENAME TO "OTHER";'],
  ["loaderRoleName", "OTHER", 'ALTER ROLE "FLUX_DEV_LOADER" RENAME TO "OTHER";'],
  ["integrationName", "OTHER", 'DROP INTEGRATION "FLUX_DEV_S3_INTEGRATION";'],
  ["roleName", "other", "aws iam delete-role --role-name flux-dev-snowflake-raw-ami"],
  ["bucketName", "other", "flux-ami:protect false && pulumi up -s dev"],
] as const)("another %s is refused, and says what to do: %s", (key, name, does) => {
  const said = refusal(names("dev", { [key]: name })) ?? "";
  expect(said).toContain(does);
  expect(said).toContain(`pulumi config set -s dev flux-ami:${key} ${names("dev")[key]}`);
  expect(said).not.toContain("flux-ami:environment");
});

test("a stack that was renamed keeps its objects by naming its environment", () => {
  const said = refusal(names("prod")) ?? "";
  expect(said).toContain("pulumi config set -s dev flux-ami:environment dev");
  expect(said).toContain("the database is FLUX_DEV, and the config now calls it FLUX_PROD");
  expect(said).not.toContain("pulumi config set -s dev flux-ami:databaseName");
});

test("all that is renamed is told at once, inner names first", () => {
  const said = refusal(names("prod", { schemaName: "RAW", tableName: "METERED" })) ?? "";
  const order = ["ALTER TABLE", "ALTER SCHEMA", "ALTER DATABASE", "ALTER WAREHOUSE", "DROP INTEGRATION"].map(
    (one) => said.indexOf(one),
  );
  expect(order.every((at) => at > 0)).toBe(true);
  expect(order).toEqual([...order].sort((a, b) => a - b));
});

test("an environment is known by its names, hyphens and all", () => {
  expect(environmentOf(names("eu-west"), ACCOUNT)).toBe("eu-west");
  expect(environmentOf(names("eu-west", { bucketName: "adopted" }), ACCOUNT)).toBe("eu-west");
  expect(environmentOf(names("dev", { databaseName: "CHOSEN" }), ACCOUNT)).toBeUndefined();
});

test("a partner's database keeps its name, and says what another one takes", () => {
  expect(keptName("FLUX_READINGS", "FLUX_READINGS", "shared database", "Set it back.")).toBe("FLUX_READINGS");
  expect(() => keptName("FLUX_READINGS", "OTHER", "shared database", "Set it back.")).toThrow(
    "the shared database is FLUX_READINGS and cannot be renamed to OTHER; nothing was changed. Set it back.",
  );
});

test("a refusal stays in its own words when the SDK says where it came through", () => {
  const refused = new Refusal("the table keeps its name");
  refused.message = `error serializing property "table": ${refused.message}`;
  expect(refused.message).toBe("the table keeps its name");
  expect(`${refused.stack}`).toContain("the table keeps its name");
});
