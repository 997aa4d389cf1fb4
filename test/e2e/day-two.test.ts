/**
 * One stack, walked through what happens to stacks after their first day: its state lost, updates killed, kept by a destroy,
 * renamed by config and by hand, moved code. Each time the readings and their accounting stay what they are.
 */
import { DeleteRoleCommand, DeleteRolePolicyCommand, IAMClient } from "@aws-sdk/client-iam";
import { clientSettings } from "../../sandbox/aws/ministack.ts";
import { Project } from "./support/project.ts";

jest.setTimeout(420_000);

const BUCKET = "flux-sandbox-raw-111111111111";
const CONFIG = {
  "aws:region": "us-east-1",
  "flux-ami:awsAccountId": "111111111111",
  "flux-ami:bucketName": BUCKET,
  "flux-ami:adoptBucket": true,
  "flux-ami:bucketGuards": "manage",
  "flux-ami:metersTable": "FLUX_REFERENCE.PRODUCTION.METER_INFRASTRUCTURE",
  "flux-ami:protect": false,
};
const ROWS = 5 * 2 * 96;

let project: Project;
/** The accounting as the first load wrote it: whatever comes, it stays. */
let accounting: unknown;

const set = (key: string, value: string) =>
  project.pulumiOk("dev", ["config", "set", `flux-ami:${key}`, value]);
const unset = (key: string) => project.pulumiOk("dev", ["config", "rm", `flux-ami:${key}`]);
async function refused(args: string[], stack = "dev") {
  const { exitCode, output } = await project.pulumi(stack, args);
  expect(`${exitCode}: ${output}`).toMatch(/^[^0]/);
  return output;
}
const UP = ["up", "--yes", "--skip-preview"];

async function takeOver(): Promise<string> {
  const { exitCode, output } = await project.make("import", "dev");
  expect(`${exitCode}: ${output}`).toMatch(/^0: /);
  return output;
}

/** What must be true after each way back: the same rows by the same files, and nothing left to do. */
async function isWhole(table = "FLUX_DEV.PRODUCTION.AMI_INTERVAL_READINGS"): Promise<void> {
  expect(await project.sql("owner", `SELECT COUNT(*) AS N FROM ${table}`)).toEqual([{ N: ROWS }]);
  expect(await accountingOf(table)).toEqual(accounting);
  expect((await project.outputs("dev")).load).toMatchObject({
    filesLoaded: 2,
    totalRows: ROWS,
    verified: true,
  });
  await project.pulumiOk("dev", ["preview", "--refresh", "--expect-no-changes"]);
}

const accountingOf = (table: string) =>
  project.sql(
    "owner",
    `SELECT FILE, FILE_ID, LOAD_ID, LOADED_AT, ROWS_LOADED FROM ${table}_LOADS ORDER BY FILE`,
  );

/** Takes resources out of the state, and what depends on them, as if the engine had been killed before it noted them. */
async function forget(...names: string[]): Promise<void> {
  for (const name of names) {
    const state = JSON.parse(await project.pulumiOk("dev", ["stack", "export"]));
    const urn = (state.deployment.resources as { urn: string }[]).find(({ urn }) =>
      urn.endsWith(`::${name}`),
    )?.urn;
    if (urn !== undefined)
      await project.pulumiOk("dev", ["state", "delete", urn, "--target-dependents", "--force", "--yes"]);
  }
}

/** The tables that the partner's share shows. */
const shared = async () =>
  (await project.sql("owner", "SHOW GRANTS TO SHARE FLUX_DEV_GRIDSHARE"))
    .filter(({ granted_on }) => granted_on === "TABLE")
    .map(({ name }) => name);

/** What the two commands do that the refusal gives. */
async function deleteRole(RoleName: string): Promise<void> {
  const iam = new IAMClient(clientSettings(project.sandbox.aws, project.sandbox.accounts.owner.aws));
  await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: "read-raw-readings" }));
  await iam.send(new DeleteRoleCommand({ RoleName }));
  iam.destroy();
}

beforeAll(async () => {
  project = await Project.start();
  await project.seed(5, 2);
  await project.init("dev", CONFIG);
  await project.up("dev");
  await project.init("gridshare", {
    "flux-ami:kind": "partner",
    "flux-ami:owner": "dev",
    "flux-ami:way": "dataShare",
    "flux-ami:partnerSnowflakeAccount": "PARTNERCO.ANALYTICS",
  });
  await project.up("gridshare");
  // Of the test alone, so that it stays whatever becomes of the stack's.
  await project.sql("owner", "CREATE WAREHOUSE LOOKING_WH");
  accounting = await accountingOf("FLUX_DEV.PRODUCTION.AMI_INTERVAL_READINGS");
});
afterAll(() => project.stop());

test("a lost state: preview names all that exists at once, `up` makes nothing, and `make import` takes it over", async () => {
  await project.pulumiOk("dev", ["stack", "rm", "--force", "--yes", "--preserve-config"]);
  await project.pulumiOk("dev", ["stack", "init"]);
  const output = await refused(["preview"]);
  for (const what of [
    "IAM role flux-dev-snowflake-raw-ami",
    "database FLUX_DEV",
    "storage integration FLUX_DEV_S3_INTEGRATION",
    "table FLUX_DEV.PRODUCTION.AMI_INTERVAL_READINGS_LOADS",
    "warehouse FLUX_DEV_LOAD_WH",
    "make import STACK=dev",
  ])
    expect(output).toContain(what);
  expect(await refused(UP)).toContain("make import STACK=dev");

  expect(await takeOver()).toContain("database FLUX_DEV");
  await project.up("dev");
  await isWhole();
  expect(await takeOver()).toContain("there is nothing to take over");
});

test("an update that was killed between making something and noting it goes on after `make import`", async () => {
  await forget("readings-database", "compute-warehouse", "trust-integration");
  const output = await refused(["preview"]);
  expect(output).toMatch(/database FLUX_DEV\n[\s\S]*warehouse FLUX_DEV_LOAD_WH\n/);
  expect(output).not.toContain("role FLUX_DEV_LOADER");
  await takeOver();
  await project.up("dev");
  await isWhole();
});

test("what a destroy kept is taken over", async () => {
  expect(await project.destroy("dev")).toContain('DROP SCHEMA "FLUX_DEV"."PRODUCTION" removes it all');
  expect(await refused(["preview"])).toContain("table FLUX_DEV.PRODUCTION.AMI_INTERVAL_READINGS\n");
  await takeOver();
  await project.up("dev");
  await isWhole();
});

test("a protected stack that is destroyed without a preview keeps its bucket's guards; unprotected by hand, all is taken over", async () => {
  await set("protect", "true");
  await project.up("dev");
  const resources = async () =>
    JSON.parse(await project.pulumiOk("dev", ["stack", "export"])).deployment.resources as { type: string }[];
  await refused(["destroy", "--yes", "--skip-preview"]);
  const types = (await resources()).map(({ type }) => type);
  expect(types).toContain("pulumi-nodejs:dynamic/flux-ami:BucketPolicyStatements");
  expect(types).toContain("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock");
  await project.up("dev");
  await isWhole();

  await project.pulumiOk("dev", ["state", "unprotect", "--all", "--yes"]);
  await project.destroy("dev");
  const output = await refused(["preview"]);
  for (const what of ["database FLUX_DEV", "storage integration FLUX_DEV_S3_INTEGRATION", "IAM role"])
    expect(output).toContain(what);
  await takeOver();
  await project.up("dev");
  await isWhole();
  await set("protect", "false");
  await project.up("dev");
});

test("no name in the config renames anything: each is refused before anything is changed, and setting it back is enough", async () => {
  const names = {
    tableName: "METERED",
    schemaName: "RAW",
    stageName: "OTHER_STAGE",
    fileFormatName: "OTHER_FORMAT",
    warehouseName: "OTHER_WH",
    loaderRoleName: "OTHER_ROLE",
    integrationName: "OTHER_INTEGRATION",
    roleName: "other-role",
    databaseName: "OTHER_DATABASE",
  };
  for (const [key, value] of Object.entries(names)) await set(key, value);
  const previewed = await refused(["preview"]);
  for (const value of Object.values(names))
    expect(previewed).toContain(`and the config now calls it ${value}`);
  expect(previewed).toContain("error: a living stack keeps its names; nothing was renamed");
  expect(await refused(UP)).toContain("a living stack keeps its names; nothing was renamed");
  for (const key of Object.keys(names)) await unset(key);
  await project.up("dev");
  await isWhole();
});

test("a renamed stack goes on with its table when it names its environment", async () => {
  await project.pulumiOk("dev", ["stack", "rename", "moved"]);
  const output = await refused(["preview"], "moved");
  expect(output).toContain("pulumi config set -s moved flux-ami:environment dev");
  await project.pulumiOk("moved", ["config", "set", "flux-ami:environment", "dev"]);
  await project.up("moved");
  await project.pulumiOk("moved", ["preview", "--expect-no-changes"]);
  await project.pulumiOk("moved", ["config", "rm", "flux-ami:environment"]);
  await project.pulumiOk("moved", ["stack", "rename", "dev"]);
  await project.up("dev");
  await isWhole();
});

test("code that has moved since is renewed in the state by one `up`", async () => {
  const state = await project.pulumiOk("dev", ["stack", "export"]);
  const moved = state
    .replaceAll("components/verified-load/handlers.ts", "components/where-it-was/handlers.ts")
    .replaceAll("components/bucket-policy/resource.ts", "components/where-it-was/resource.ts")
    .replaceAll("components/readiness/probe.ts", "components/where-it-was/probe.ts");
  expect(moved).not.toBe(state);
  await project.importState("dev", moved);
  await refused(["refresh", "--yes", "--skip-preview"]);
  await project.up("dev");
  await isWhole();
});

test.each([
  ["dropped", "DROP TABLE FLUX_DEV.PRODUCTION.AMI_INTERVAL_READINGS"],
  [
    "made anew",
    "CREATE OR REPLACE TABLE FLUX_DEV.PRODUCTION.AMI_INTERVAL_READINGS LIKE FLUX_DEV.PRODUCTION.AMI_INTERVAL_READINGS",
  ],
])("a table that was %s by hand comes back by `up --refresh`, with its rows", async (_, statement) => {
  await project.sql("owner", statement);
  expect((await project.pulumi("dev", ["preview"])).output).toMatch(
    /AMI_INTERVAL_READINGS is gone, or was made anew[\s\S]*pulumi up --refresh/,
  );
  await project.pulumiOk("dev", ["up", "--refresh", "--yes", "--skip-preview"]);
  expect((await project.outputs("dev")).load).toMatchObject({ totalRows: ROWS, verified: true });
  await project.pulumiOk("dev", ["preview", "--refresh", "--expect-no-changes"]);
  expect(await shared()).toEqual([]);
  await project.pulumiOk("gridshare", ["up", "--refresh", "--yes", "--skip-preview"]);
  expect(await shared()).toEqual(["FLUX_DEV.PRODUCTION.AMI_INTERVAL_READINGS"]);
  accounting = await accountingOf("FLUX_DEV.PRODUCTION.AMI_INTERVAL_READINGS");
});

test("another size of the warehouse audits nothing again", async () => {
  await set("loadWarehouseSize", "LARGE");
  expect(await project.up("dev")).toContain("load: nothing to load and nothing to audit again");
  await unset("loadWarehouseSize");
  expect(await project.up("dev")).toContain("load: nothing to load and nothing to audit again");
  await isWhole();
});

test("every key that is no name changes in place: nothing that holds data is replaced, and no row is loaded again", async () => {
  const changes = {
    prefix: "raw/",
    readingsPath: "ami/ami_interval_readings/",
    externalId: "told-to-everybody-1234",
    readinessTimeoutSeconds: "170",
    metersTableKind: "table",
    warehouseSize: "SMALL",
    loadWarehouseSize: "LARGE",
    autoSuspendSeconds: "120",
    statementTimeoutSeconds: "7200",
    monthlyCreditQuota: "100",
    maxRejectedRows: "5",
    maxRejectedShare: "0.001",
    replacedFiles: "skip",
    keepLandedDays: "3",
    expectedFrom: "2026-07-01",
    expectedTo: "2026-07-02",
    verifyAll: "true",
    deployerRoleName: "ACCOUNTADMIN",
    onDelete: "truncate",
  };
  for (const [key, value] of Object.entries(changes)) await set(key, value);
  await project.pulumiOk("dev", ["config", "set", "--path", "flux-ami:quality.continuity.maxMissing", "96"]);
  const { steps } = JSON.parse(await project.pulumiOk("dev", ["preview", "--json"])) as {
    steps: { op: string; urn: string }[];
  };
  const replaced = steps
    .filter(({ op }) => /replace|delete/.test(op))
    .map(({ urn }) => urn.split("::").at(-1));
  expect(
    replaced.filter((name) => !/^(loader-|ami-link|trust-pinned|trust-external-id)/.test(name ?? "")),
  ).toEqual([]);
  await project.up("dev");
  await isWhole();
  for (const key of [...Object.keys(changes), "quality"]) await unset(key);
  await project.up("dev");
  await isWhole();
});

test("all of it is renamed by the statements that the refusal gives, and no row is loaded or lost by it", async () => {
  accounting = await accountingOf("FLUX_DEV.PRODUCTION.AMI_INTERVAL_READINGS");
  await set("environment", "prod");
  await set("schemaName", "RAW");
  await set("tableName", "METERED");
  const output = await refused(["preview"]);
  const statements = [...output.matchAll(/^\s+((?:ALTER|DROP) .*);$/gm)].map(([, statement]) => statement);
  expect(statements.length).toBeGreaterThan(10);
  for (const statement of statements) await project.sql("owner", statement as string);
  await deleteRole(/aws iam delete-role --role-name (\S+)/.exec(output)?.[1] ?? "");
  await takeOver();
  await project.up("dev");
  expect(await project.outputs("dev")).toMatchObject({
    tableName: '"FLUX_PROD"."RAW"."METERED"',
    warehouseName: "FLUX_PROD_LOAD_WH",
    roleArn: "arn:aws:iam::111111111111:role/flux-prod-snowflake-raw-ami",
  });
  await isWhole("FLUX_PROD.RAW.METERED");
  await project.pulumiOk("gridshare", ["up", "--refresh", "--yes", "--skip-preview"]);
  expect(await shared()).toEqual(["FLUX_PROD.RAW.METERED"]);
  await project.pulumiOk("gridshare", ["preview", "--refresh", "--expect-no-changes"]);
  expect(await project.sql("owner", "SHOW DATABASES LIKE 'FLUX_DEV'")).toEqual([]);
  expect(await project.sql("owner", "SHOW TABLES LIKE 'AMI_INTERVAL%' IN DATABASE FLUX_PROD")).toEqual([]);
});

test("a stack that does not exist is told so with the cure, from any folder of the checkout", async () => {
  for (const { exitCode, output } of [
    await project.review("nope", "docs"),
    await project.make("import", "nope"),
    await project.make("status", "nope"),
  ]) {
    expect(exitCode).toBe(1);
    expect(output).toMatch(
      /no stack named 'nope' found[\s\S]*cure: `pulumi stack ls` shows the stacks there are/,
    );
  }
});
