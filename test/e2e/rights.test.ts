/**
 * The whole life of a stack under the rights that the examples ship, and nothing more: so nothing is missing from them. And
 * each of them was asked for: so nothing is too much.
 */
import {
  CreatePolicyCommand,
  DeleteRolePermissionsBoundaryCommand,
  GetRoleCommand,
  IAMClient,
  TagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleDescriptionCommand,
} from "@aws-sdk/client-iam";
import { accountNames } from "../../config/default-names.ts";
import { deployerRights, policyText, viewerRights } from "../../preflight/rights/aws.ts";
import { deployerSql, viewerSql } from "../../preflight/rights/snowflake.ts";
import { clientSettings } from "../../sandbox/aws/ministack.ts";
import { asked, type Login, login, unusedGrants } from "./support/login.ts";
import { Project } from "./support/project.ts";

jest.setTimeout(400_000);

const ACCOUNT = "111111111111";
const NAMES = {
  ...accountNames("dev", ACCOUNT),
  environment: "dev",
  awsAccountId: ACCOUNT,
  partition: "aws",
  adoptBucket: false,
  deleteRawData: true,
  rolePath: "/platform/",
  permissionsBoundary: `arn:aws:iam::${ACCOUNT}:policy/bounds`,
  prefix: "raw/ami/",
  readingsPath: "ami_interval_readings/",
  schemaName: "PRODUCTION",
  tableName: "AMI_INTERVAL_READINGS",
  stageName: "EXT_RAW_AMI",
  fileFormatName: "PARQUET_SNAPPY",
  metersTable: "FLUX_REFERENCE.PRODUCTION.METER_INFRASTRUCTURE",
  metersTableKind: "table",
} as const;
const CONFIG = {
  "aws:region": "us-east-1",
  "flux-ami:awsAccountId": ACCOUNT,
  "flux-ami:deployerRoleName": "FLUX_DEV_DEPLOYER",
  "flux-ami:metersTable": NAMES.metersTable,
  "flux-ami:rolePath": NAMES.rolePath,
  "flux-ami:permissionsBoundary": NAMES.permissionsBoundary,
  "flux-ami:protect": false,
  "flux-ami:onDelete": "drop",
  "flux-ami:deleteRawData": true,
};

type Rights = ReturnType<typeof deployerRights>;
let project: Project;
let iam: IAMClient;

/** Runs a command of the engine on the stack, and tells how it ended. */
async function pulumi(who: Login, ...args: string[]) {
  const fixed = ["--stack", "dev", "--non-interactive", "--color", "never"];
  const { exitCode, stdout, stderr } = await project.command("pulumi", [...args, ...fixed], who.env);
  return { exitCode, output: stdout + stderr };
}
async function ok(who: Login, ...args: string[]): Promise<string> {
  const { exitCode, output } = await pulumi(who, ...args);
  if (exitCode !== 0) throw new Error(`pulumi ${args.join(" ")} failed:\n${output}`);
  return output;
}

/** What doctor says under a login, but for what passes, what hangs on something else, and what nobody can know here. */
async function doctorFinds(who: Login): Promise<string[]> {
  const checks = await project.doctor("dev", who.env);
  return checks
    .filter(({ id, state }) => state !== "pass" && state !== "blocked" && id !== "snowflake.edition")
    .map(({ id, state }) => `${id} ${state}`);
}

const actionsOf = (rights: Rights) => [...new Set(rights.flatMap(({ Action }) => Action))].sort();

/** Tables of the stack's schema of which a role can read rows. */
async function readableBy(role: string): Promise<string[]> {
  const { user } = project.sandbox.accounts.owner.snowflake;
  const letIn = [`GRANT ROLE ${role} TO USER ${user}`, `USE ROLE ${role}`, "USE SECONDARY ROLES NONE"];
  for (const statement of [...letIn, `USE WAREHOUSE ${NAMES.warehouseName}`])
    await project.sql("owner", statement);
  const schema = `${NAMES.databaseName}.${NAMES.schemaName}`;
  const readable: string[] = [];
  for (const { name } of await project.sql("owner", `SHOW TABLES IN SCHEMA ${schema}`)) {
    const rows = project.sql("owner", `SELECT * FROM ${schema}.${name} LIMIT 1`);
    if (
      await rows.then(
        () => true,
        () => false,
      )
    )
      readable.push(String(name));
  }
  for (const statement of ["USE ROLE ACCOUNTADMIN", "USE SECONDARY ROLES ALL"])
    await project.sql("owner", statement);
  return readable.sort();
}

beforeAll(async () => {
  project = await Project.start();
  iam = new IAMClient(
    clientSettings(project.sandbox.aws, { accessKeyId: ACCOUNT, secretAccessKey: ACCOUNT }),
  );
  const Statement = [{ Effect: "Allow", Action: ["s3:Get*", "s3:List*"], Resource: "*" }];
  const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
  await iam.send(new CreatePolicyCommand({ PolicyName: "bounds", PolicyDocument }));
  await project.seed(10, 1);
  await project.init("dev", CONFIG);
});
afterAll(() => project.stop());

test("up, refresh, destroy, preview and drift work under the shipped rights, and ask for each of them", async () => {
  const deployer = await login(project, iam, "flux-deployer", {
    sql: deployerSql(NAMES),
    policy: policyText(deployerRights(NAMES)),
  });
  expect(await doctorFinds(deployer)).toEqual(["bucket.files advice"]);

  const empty = await pulumi(deployer, "up", "--yes", "--skip-preview");
  expect(empty.exitCode).not.toBe(0);
  expect(empty.output).toContain("There is no file to load below");
  await project.seed(10, 1, ["--bucket", NAMES.bucketName]);
  await ok(deployer, "up", "--yes", "--skip-preview");

  const RoleName = NAMES.roleName;
  const bounded = {
    Path: "/platform/",
    Arn: `arn:aws:iam::${ACCOUNT}:role/platform/${RoleName}`,
    PermissionsBoundary: { PermissionsBoundaryArn: NAMES.permissionsBoundary },
  };
  const role = async () => (await iam.send(new GetRoleCommand({ RoleName }))).Role;
  expect(await role()).toMatchObject(bounded);
  await iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName }));
  await iam.send(new UpdateRoleDescriptionCommand({ RoleName, Description: "by hand" }));
  const Tags = [
    { Key: "project", Value: "by hand" },
    { Key: "by", Value: "hand" },
  ];
  await iam.send(new TagRoleCommand({ RoleName, Tags }));
  const trust = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { AWS: ACCOUNT }, Action: "sts:AssumeRole" }],
  };
  await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: JSON.stringify(trust) }));
  await ok(deployer, "up", "--refresh", "--yes", "--skip-preview");
  expect(await role()).toMatchObject(bounded);

  const viewer = await login(project, iam, "flux-viewer", {
    sql: viewerSql(NAMES),
    policy: policyText(viewerRights(NAMES)),
  });
  await ok(viewer, "preview", "--expect-no-changes");
  await ok(viewer, "preview", "--refresh", "--expect-no-changes");
  expect(await unusedGrants(project, "FLUX_DEV_VIEWER")).toEqual([]);
  const viewed = ["", "_CONTROL", "_CORRECTED", "_DAYS", "_LOADS", "_METERS", "_RUNS"];
  expect(await readableBy("FLUX_DEV_VIEWER")).toEqual(viewed.map((kept) => `${NAMES.tableName}${kept}`));
  expect(asked(project, viewer).refused).toEqual([]);
  // It may look at everything but into files, and is told what it may not do.
  expect(await doctorFinds(viewer)).toEqual([
    "aws.actions fail",
    "bucket.file-keys unknown",
    "snowflake.role fail",
  ]);
  expect(asked(project, viewer)).toEqual({
    allowed: actionsOf(viewerRights(NAMES)),
    refused: ["s3:GetObject"],
  });

  await ok(deployer, "refresh", "--yes", "--skip-preview");
  await ok(deployer, "destroy", "--yes", "--skip-preview");
  expect(await unusedGrants(project, "FLUX_DEV_DEPLOYER")).toEqual([]);
  // Versions are deleted where somebody has switched versioning on, which nobody has here.
  const allowed = actionsOf(deployerRights(NAMES)).filter((action) => action !== "s3:DeleteObjectVersion");
  expect(asked(project, deployer)).toEqual({ allowed, refused: [] });
  await expect(role()).rejects.toThrow(/not found|cannot be found/);
});

test("without a path and a boundary the same is asked for, but for what is about the boundary", () => {
  const { permissionsBoundary: _, ...plain } = { ...NAMES, rolePath: "/" };
  const ofBoundary = ["iam:GetPolicy", "iam:PutRolePermissionsBoundary"];
  expect(actionsOf(deployerRights(plain))).toEqual(
    actionsOf(deployerRights(NAMES)).filter((action) => !ofBoundary.includes(action)),
  );
});
