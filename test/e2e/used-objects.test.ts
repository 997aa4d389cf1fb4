/** Everything in Snowflake was there before the stack, and belongs to somebody else. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { clientSettings } from "../../sandbox/aws/ministack.ts";
import { Project } from "./support/project.ts";

jest.setTimeout(300_000);

const BUCKET = "flux-sandbox-raw-111111111111";
const ROLE_ARN = "arn:aws:iam::111111111111:role/their-reader";
const CONFIG = {
  "aws:region": "us-east-1",
  "snowflake:role": "BUILDER",
  "flux-ami:awsAccountId": "111111111111",
  "flux-ami:bucketName": BUCKET,
  "flux-ami:useBucket": true,
  "flux-ami:protect": false,
  "flux-ami:onDelete": "truncate",
  "flux-ami:useDatabase": true,
  "flux-ami:databaseName": "THEIRS",
  "flux-ami:useSchema": true,
  "flux-ami:schemaName": "METERS",
  "flux-ami:useWarehouse": true,
  "flux-ami:warehouseName": "THEIR_WH",
  "flux-ami:useRole": true,
  "flux-ami:loaderRoleName": "THEIR_LOADER",
  "flux-ami:useIntegration": true,
  "flux-ami:integrationName": "THEIR_INTEGRATION",
  "flux-ami:metersTable": "THEIR_METERS.LISTS.METERS",
  "flux-ami:metersTableKind": "imported",
};

let project: Project;
let before: unknown;

const sql = (statement: string) => project.sql("owner", statement);
/** What is theirs, and who may do what with it. */
async function theirs() {
  const rows = async (statement: string, ...columns: string[]) =>
    (await sql(statement))
      // What the load keeps beside the readings stays with them, and is its role's.
      .filter((row) => row.privilege !== "OWNERSHIP" || row.granted_on !== "TABLE")
      .map((row) => columns.map((column) => row[column]).join(" "))
      .sort();
  return [
    await rows("SHOW DATABASES LIKE 'THEIRS'", "name", "comment"),
    await rows("SHOW WAREHOUSES LIKE 'THEIR_WH'", "name", "size", "auto_suspend"),
    await rows("SHOW GRANTS TO ROLE THEIR_LOADER", "privilege", "granted_on", "name"),
    await rows("SHOW GRANTS TO ROLE BUILDER", "privilege", "granted_on", "name"),
    await rows("DESC STORAGE INTEGRATION THEIR_INTEGRATION", "property", "property_value"),
  ];
}

beforeAll(async () => {
  project = await Project.start();
  await project.seed(10, 2);
  for (const statement of [
    "CREATE DATABASE THEIRS COMMENT = 'not the stack''s'",
    "CREATE SCHEMA THEIRS.METERS",
    "CREATE WAREHOUSE THEIR_WH WAREHOUSE_SIZE = 'SMALL' AUTO_SUSPEND = 120 INITIALLY_SUSPENDED = TRUE",
    "CREATE ROLE BUILDER",
    `GRANT ROLE BUILDER TO USER ${project.sandbox.accounts.owner.snowflake.user}`,
    "CREATE ROLE THEIR_LOADER",
    `CREATE STORAGE INTEGRATION THEIR_INTEGRATION TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE
     STORAGE_AWS_ROLE_ARN = '${ROLE_ARN}' STORAGE_ALLOWED_LOCATIONS = ('s3://${BUCKET}/raw/')`,
  ])
    await sql(statement);
  const described = await sql("DESC STORAGE INTEGRATION THEIR_INTEGRATION");
  const value = (property: string) =>
    String(described.find((row) => row.property === property)?.property_value);
  const iam = new IAMClient(clientSettings(project.sandbox.aws, project.sandbox.accounts.owner.aws));
  const document = (statement: object) =>
    JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });
  await iam.send(
    new CreateRoleCommand({
      RoleName: "their-reader",
      AssumeRolePolicyDocument: document({
        Principal: { AWS: value("STORAGE_AWS_IAM_USER_ARN") },
        Action: "sts:AssumeRole",
        Condition: { StringEquals: { "sts:ExternalId": value("STORAGE_AWS_EXTERNAL_ID") } },
      }),
    }),
  );
  await iam.send(
    new PutRolePolicyCommand({
      RoleName: "their-reader",
      PolicyName: "read",
      PolicyDocument: document({
        Action: ["s3:GetObject", "s3:ListBucket", "s3:GetBucketLocation"],
        Resource: "*",
      }),
    }),
  );
  iam.destroy();
  await importMeters();
  await project.init("prod", CONFIG);
});
afterAll(() => project.stop());

/** The known meters come from another account, by a share. */
async function importMeters() {
  const known = await sql("SELECT METER_ID FROM FLUX_REFERENCE.PRODUCTION.METER_INFRASTRUCTURE");
  for (const statement of [
    "CREATE WAREHOUSE LOOKING_WH",
    "CREATE DATABASE REFERENCE",
    "CREATE SCHEMA REFERENCE.LISTS",
    "CREATE TABLE REFERENCE.LISTS.METERS (METER_ID VARCHAR)",
    `INSERT INTO REFERENCE.LISTS.METERS VALUES ${known.map((row) => `('${row.METER_ID}')`).join(", ")}`,
    "CREATE SHARE METERS",
    "GRANT USAGE ON DATABASE REFERENCE TO SHARE METERS",
    "GRANT USAGE ON SCHEMA REFERENCE.LISTS TO SHARE METERS",
    "GRANT SELECT ON TABLE REFERENCE.LISTS.METERS TO SHARE METERS",
    "ALTER SHARE METERS ADD ACCOUNTS = FLUX.OPERATIONS",
  ])
    await project.sql("partner", statement);
  await sql("CREATE DATABASE THEIR_METERS FROM SHARE PARTNERCO.ANALYTICS.METERS");
}

test("what the stack needs of them is named before anything is made, each with a cure that works", async () => {
  const { exitCode, output } = await project.pulumi("prod", ["preview"]);
  expect(exitCode).not.toBe(0);
  expect(output).toContain("what the stack is to use is not as it needs it; nothing was changed");
  // Who has no privilege on an object does not see it.
  for (const name of ["THEIRS", "THEIR_WH", "THEIR_INTEGRATION"])
    expect(output).toMatch(new RegExp(`there is no [\\w ]+ ${name}, or role BUILDER may not see it`));
  for (const on of [
    "DATABASE THEIRS",
    "SCHEMA THEIRS.METERS",
    "WAREHOUSE THEIR_WH",
    "INTEGRATION THEIR_INTEGRATION",
  ])
    await sql(`GRANT USAGE ON ${on} TO ROLE BUILDER`);
  await sql("ALTER SCHEMA THEIRS.METERS ENABLE MANAGED ACCESS");
  const second = await project.pulumi("prod", ["preview"]);
  expect(second.output).toContain("role BUILDER may not run the load under THEIR_LOADER");
  expect(second.output).toContain(
    "role BUILDER lacks CREATE FILE FORMAT, CREATE STAGE, CREATE TABLE on schema THEIRS.METERS",
  );
  expect(second.output).toContain("role THEIR_LOADER lacks MONITOR, USAGE on warehouse THEIR_WH");
  const cures = [...second.output.matchAll(/cure: (GRANT .*);/g)].map(([, cure = ""]) => cure);
  expect(cures).toHaveLength(5);
  for (const cure of cures) await sql(cure);
  expect(second.output).toContain("schema THEIRS.METERS has managed access");
  const [, unmanage = ""] = /have its owner run (ALTER SCHEMA .*?;)/.exec(second.output) ?? [];
  await sql(unmanage);
  // An imported database is passed on by who may pass on everything.
  await sql("GRANT MANAGE GRANTS ON ACCOUNT TO ROLE BUILDER");
  await sql("GRANT IMPORTED PRIVILEGES ON DATABASE THEIR_METERS TO ROLE BUILDER");
  before = await theirs();
});

test("`up` makes what is missing in them, loads, and changes nothing of theirs", async () => {
  await project.up("prod");
  expect(await project.outputs("prod")).toMatchObject({
    integrationName: "THEIR_INTEGRATION",
    roleArn: ROLE_ARN,
    tableName: '"THEIRS"."METERS"."AMI_INTERVAL_READINGS"',
    warehouseName: "THEIR_WH",
    load: { filesLoaded: 2, uniqueMeters: 10 },
  });
  const readers = (await sql("SHOW GRANTS TO ROLE THEIR_LOADER")).map(
    (row) => `${row.privilege} ${row.name}`,
  );
  expect(readers).toContain("USAGE THEIR_METERS");
  const state = JSON.parse(await project.pulumiOk("prod", ["stack", "export"]));
  const types = (state.deployment.resources as { type: string }[]).map(({ type }) => type);
  for (const made of [
    "database:Database",
    "schema:Schema",
    "warehouse:Warehouse",
    "accountRole:",
    "storageIntegration:",
    "role:Role",
  ])
    expect(types.filter((type) => type.includes(made))).toEqual([]);
  // A grant keeps the role that was there, which the rules of the pack know.
  const settings = join(project.folder, "settings.json");
  const milder = { "readings-are-protected": "advisory", "deletion-keeps-rows": "advisory" };
  writeFileSync(settings, JSON.stringify(milder));
  const pack = ["--policy-pack", "policies", "--policy-pack-config", settings];
  await project.pulumiOk("prod", ["preview", "--refresh", "--expect-no-changes", ...pack]);
  const [database, warehouse, , , integration] = await theirs();
  expect([database, warehouse, integration]).toEqual([0, 1, 4].map((index) => (before as unknown[])[index]));
});

test("another database is refused before the tables are made anew in it", async () => {
  for (const statement of [
    "CREATE DATABASE OTHERS",
    "CREATE SCHEMA OTHERS.METERS",
    ...["BUILDER", "THEIR_LOADER"].flatMap((role) => [
      `GRANT USAGE ON DATABASE OTHERS TO ROLE ${role}`,
      `GRANT CREATE FILE FORMAT, CREATE STAGE, CREATE TABLE, USAGE ON SCHEMA OTHERS.METERS TO ROLE ${role}`,
    ]),
  ])
    await sql(statement);
  const name = (database: string) =>
    project.pulumiOk("prod", ["config", "set", "flux-ami:databaseName", database]);
  await name("OTHERS");
  const { exitCode, output } = await project.pulumi("prod", ["up", "--yes", "--skip-preview"]);
  expect(exitCode).not.toBe(0);
  expect(output).toContain("the database is THEIRS, and the config now calls it OTHERS");
  expect(output).toContain("the database was there before the stack: its owner renames it");
  expect(await sql("SHOW TABLES IN SCHEMA OTHERS.METERS")).toEqual([]);
  await name("THEIRS");
  await project.pulumiOk("prod", ["preview", "--expect-no-changes"]);
  await sql("DROP DATABASE OTHERS");
});

test("`destroy` leaves all of it, with the privileges that it had", async () => {
  await project.destroy("prod");
  const [database, warehouse, loader, , integration] = await theirs();
  expect([database, warehouse, loader, integration]).toEqual(
    [0, 1, 2, 4].map((index) => (before as unknown[])[index]),
  );
});

test("an integration that does not allow the folder is named", async () => {
  await sql(
    "ALTER STORAGE INTEGRATION THEIR_INTEGRATION SET STORAGE_ALLOWED_LOCATIONS = ('s3://elsewhere/')",
  );
  const { output } = await project.pulumi("prod", ["preview"]);
  expect(output).toContain(
    `storage integration THEIR_INTEGRATION does not allow s3://${BUCKET}/raw/ami/ (it allows s3://elsewhere/)`,
  );
});
