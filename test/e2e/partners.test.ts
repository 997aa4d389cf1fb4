import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  IAMClient,
  PutUserPolicyCommand,
  TagRoleCommand,
  UpdateRoleDescriptionCommand,
} from "@aws-sdk/client-iam";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { partnerRights, partnerViewerRights } from "../../preflight/rights/aws.ts";
import { clientSettings } from "../../sandbox/aws/ministack.ts";
import { asked, type Login, login, snowflakeLogin, unusedGrants } from "./support/login.ts";
import { type PartyName, Project } from "./support/project.ts";

jest.setTimeout(300_000);

const BUCKET = "flux-sandbox-raw-111111111111";
const FOLDER = "raw/ami/ami_interval_readings/";
const ROWS = 20 * 3 * 96;
const OWNER = {
  "aws:region": "us-east-1",
  "flux-ami:awsAccountId": "111111111111",
  "flux-ami:bucketName": BUCKET,
  "flux-ami:adoptBucket": true,
  "flux-ami:protect": false,
  "flux-ami:onDelete": "drop",
};

let project: Project;
let iam: IAMClient;
/** Who deploys the owner's stack and those of its partners, under the rights that are printed for it and no others. */
let deployer: Login;
const clients: S3Client[] = [];
function s3(party: PartyName) {
  const client = project.s3(party);
  clients.push(client);
  return client;
}

/** What is printed for who deploys a stack, or with `--viewer` for who only looks. */
async function printed(stack: string, ...words: ("aws" | "snowflake" | "--viewer")[]): Promise<string> {
  const script = join(project.folder, "preflight/rights.ts");
  const { exitCode, stdout, stderr } = await project.command("node", [script, "--stack", stack, ...words]);
  if (exitCode !== 0) throw new Error(stderr);
  return stdout;
}

/** What doctor finds on a stack: the states of its checks in both clouds, and the cures of those that fail. */
async function doctor(stack: string) {
  const checks = await project.doctor(stack);
  return {
    found: checks.filter(({ id }) => /^(aws|snowflake)\./.test(id)).map(({ id, state }) => `${id} ${state}`),
    cures: checks.filter(({ state }) => state === "fail").map(({ cure = "" }) => cure),
  };
}

/** Brings a stack up, which is refused. */
async function refusedUp(stack: string): Promise<string> {
  const { exitCode, output } = await project.pulumi(stack, ["up", "--yes", "--skip-preview"]);
  expect(exitCode).not.toBe(0);
  expect(output).toContain("nothing was changed");
  return output;
}

beforeAll(async () => {
  project = await Project.start();
  iam = new IAMClient(
    clientSettings(project.sandbox.aws, { accessKeyId: "111111111111", secretAccessKey: "111111111111" }),
  );
  await project.seed(20, 3);
  await project.init("prod", OWNER);
  const [sql, policy] = await Promise.all([printed("prod", "snowflake"), printed("prod", "aws")]);
  deployer = await login(project, iam, "flux-deployer", { sql, policy });
  project.logIn("owner", deployer.env);
  await project.up("prod");
  const owner = s3("owner");
  for (const Key of ["raw/other/secret.txt", "raw/ami/eu/one.txt"])
    await owner.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: "x" }));
});
afterAll(async () => {
  for (const client of [...clients, iam]) client.destroy();
  await project.stop();
});

describe("by the bucket's policy", () => {
  const GRIDWORKS = {
    "flux-ami:kind": "partner",
    "flux-ami:owner": "prod",
    "flux-ami:way": "bucketAccess",
    "flux-ami:partnerPrincipal": "222222222222",
  };
  const list = (client: S3Client, Prefix?: string) =>
    client.send(new ListObjectsV2Command({ Bucket: BUCKET, ...(Prefix && { Prefix }) }));
  const get = (client: S3Client, Key: string) => client.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
  const firstFile = async () => (await list(s3("owner"), FOLDER)).Contents?.[0]?.Key ?? "";

  test("a partner's file and the owner's `up` let them read, and them alone", async () => {
    await expect(list(s3("partner"), FOLDER)).rejects.toThrow(/Access ?Denied/);
    project.write("gridworks", GRIDWORKS);
    await project.up("prod");
    const partner = s3("partner");
    expect((await list(partner, FOLDER)).KeyCount).toBe(3);
    const file = await get(partner, await firstFile());
    expect((await file.Body?.transformToByteArray())?.length).toBeGreaterThan(1000);
    for (const refused of [
      () => get(s3("stranger"), "raw/ami/eu/one.txt"),
      () => list(s3("stranger"), FOLDER),
      () => list(partner),
      () => list(partner, "raw/other/"),
      () => get(partner, "raw/other/secret.txt"),
      () => partner.send(new PutObjectCommand({ Bucket: BUCKET, Key: `${FOLDER}mine.parquet`, Body: "x" })),
      () => partner.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: "raw/ami/eu/one.txt" })),
    ])
      await expect(refused()).rejects.toThrow(/Access ?Denied/);
  });

  test("another partner comes and goes without touching the first, each in their own folder", async () => {
    project.write("euro", {
      ...GRIDWORKS,
      "flux-ami:partnerPrincipal": "333333333333",
      "flux-ami:partnerPrefix": "raw/ami/eu/",
    });
    await project.up("prod");
    await get(s3("stranger"), "raw/ami/eu/one.txt");
    await expect(list(s3("stranger"), FOLDER)).rejects.toThrow(/Access ?Denied/);
    await get(s3("partner"), await firstFile());
    project.remove("euro");
    await project.up("prod");
    await expect(get(s3("stranger"), "raw/ami/eu/one.txt")).rejects.toThrow(/Access ?Denied/);
    await get(s3("partner"), await firstFile());
  });

  test("the partner's own stack tells whether it is open", async () => {
    await project.init("gridworks", GRIDWORKS);
    await project.up("gridworks");
    expect(await project.outputs("gridworks")).toMatchObject({
      status: expect.stringContaining("open: 222222222222 may read"),
      bucketName: BUCKET,
    });
  });

  test("removing the file and an `up` end it", async () => {
    project.remove("gridworks");
    await project.up("prod");
    await expect(list(s3("partner"), FOLDER)).rejects.toThrow(/Access ?Denied/);
    await expect(get(s3("partner"), "raw/ami/eu/one.txt")).rejects.toThrow(/Access ?Denied/);
  });
});

describe("by a storage integration of their own", () => {
  const CONFIG = {
    "aws:region": "us-east-1",
    "flux-ami:kind": "partner",
    "flux-ami:owner": "prod",
    "flux-ami:way": "storageIntegration",
  };
  const ACCOUNT = { environment: "prod", awsAccountId: "111111111111", partition: "aws" } as const;
  const NOT_TRUSTED = /Error assuming AWS_ROLE/;

  test("who may deploy the owner's stack alone is refused; what is printed for the partner's is enough", async () => {
    await project.init("gridint", CONFIG);
    expect(await refusedUp("gridint")).toMatch(
      /aws.actions: \S+ may not [^;]*iam:CreateRole[^;]* on arn:aws:iam::111111111111:role\/flux-prod-partner-gridint\n/,
    );
    await iam.send(
      new PutUserPolicyCommand({
        UserName: "flux-deployer",
        PolicyName: "partners",
        PolicyDocument: await printed("gridint", "aws"),
      }),
    );
    expect(await doctor("gridint")).toEqual({
      found: ["aws.identity pass", "aws.actions pass", "aws.role-name pass", "aws.boundary pass"],
      cures: [],
    });
  });

  test("the first `up` makes a role that nobody can assume, and says what to send", async () => {
    await project.up("gridint");
    const { status, theirFirstSql, theirLoadSql } = await project.outputs("gridint");
    expect(status).toMatch(/^closed: nobody may assume the role yet/);
    await project.script("partner", String(theirFirstSql));
    await expect(project.script("partner", String(theirLoadSql))).rejects.toThrow(NOT_TRUSTED);
  });

  test("the second opens it for the user they sent back: they load", async () => {
    const described = await project.sql("partner", "DESC STORAGE INTEGRATION FLUX_READINGS_S3");
    const user = described.find((row) => row.property === "STORAGE_AWS_IAM_USER_ARN")?.property_value;
    await project.pulumiOk("gridint", ["config", "set", "flux-ami:snowflakeIamUserArn", String(user)]);
    const RoleName = "flux-prod-partner-gridint";
    await iam.send(new UpdateRoleDescriptionCommand({ RoleName, Description: "by hand" }));
    const Tags = [
      { Key: "project", Value: "by hand" },
      { Key: "by", Value: "hand" },
    ];
    await iam.send(new TagRoleCommand({ RoleName, Tags }));
    await project.pulumiOk("gridint", ["up", "--refresh", "--yes", "--skip-preview"]);
    await project.script("partner", String((await project.outputs("gridint")).theirLoadSql));
    const [row] = await project.sql(
      "partner",
      "SELECT COUNT(*) AS N FROM FLUX_READINGS_COPY.PUBLIC.AMI_INTERVAL_READINGS",
    );
    expect(Number(row?.N)).toBe(ROWS);
  });

  test("who only looks previews and refreshes it, and may do nothing else", async () => {
    const policy = await printed("gridint", "--viewer", "aws");
    const sql = await printed("prod", "--viewer", "snowflake");
    const viewer = await login(project, iam, "flux-viewer", { sql, policy });
    project.logIn("owner", viewer.env);
    await project.pulumiOk("gridint", ["preview", "--refresh", "--expect-no-changes"]);
    project.logIn("owner", deployer.env);
    const rights = partnerViewerRights(ACCOUNT).filter(({ Sid }) => Sid !== "Doctor");
    expect(asked(project, viewer)).toEqual({
      allowed: rights.flatMap(({ Action }) => Action).sort(),
      refused: [],
    });
  });

  test("nobody else comes in by it: not a stranger, not by a wrong external ID, not to another folder", async () => {
    const { roleArn, externalId, theirFirstSql, theirLoadSql } = await project.outputs("gridint");
    // All that the partner was told, in a stranger's account: their IAM user is another.
    await project.script("stranger", String(theirFirstSql));
    await expect(project.script("stranger", String(theirLoadSql))).rejects.toThrow(NOT_TRUSTED);
    const integration = (name: string, id: unknown, url: string) =>
      `CREATE STORAGE INTEGRATION ${name} TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE
       STORAGE_AWS_ROLE_ARN = '${roleArn}' STORAGE_AWS_EXTERNAL_ID = '${id}' STORAGE_ALLOWED_LOCATIONS = ('${url}')`;
    const url = `s3://${BUCKET}/raw/ami/`;
    await project.sql("partner", integration("WRONG_ID", "not-the-one-they-were-given", url));
    await project.sql("partner", `CREATE STAGE WRONG_ID URL = '${url}' STORAGE_INTEGRATION = WRONG_ID`);
    await expect(project.sql("partner", "LIST @WRONG_ID")).rejects.toThrow(NOT_TRUSTED);
    const other = `s3://${BUCKET}/raw/other/`;
    await project.sql("partner", integration("WRONG_FOLDER", externalId, other));
    await project.sql(
      "partner",
      `CREATE STAGE WRONG_FOLDER URL = '${other}' STORAGE_INTEGRATION = WRONG_FOLDER`,
    );
    await expect(project.sql("partner", "LIST @WRONG_FOLDER")).rejects.toThrow(/Access ?Denied/i);
  });

  test("another partner's role is another: an ID they give, a folder of their own", async () => {
    await project.init("eurint", {
      ...CONFIG,
      "flux-ami:externalId": "given-by-the-euro-partner",
      "flux-ami:partnerPrefix": "raw/ami/eu/",
    });
    await project.up("eurint");
    const euro = await project.outputs("eurint");
    expect(euro.externalId).toBe("given-by-the-euro-partner");
    expect(euro.roleArn).not.toBe((await project.outputs("gridint")).roleArn);
    await project.destroy("eurint");
    expect(await project.sql("partner", "LIST @FLUX_READINGS")).not.toHaveLength(0);
  });

  test("destroying their stack ends it at once", async () => {
    await project.destroy("gridint");
    await expect(project.sql("partner", "LIST @FLUX_READINGS")).rejects.toThrow(NOT_TRUSTED);
  });

  test("each right over partners' roles was asked for, and none was missing", () => {
    const rights = partnerRights(ACCOUNT).filter(({ Sid }) => Sid !== "Doctor");
    expect(asked(project, deployer, ":role/flux-prod-partner-")).toEqual({
      allowed: rights.flatMap(({ Action }) => Action).sort(),
      refused: [],
    });
  });
});

test("an owner without outputs, as after a failed first update, does not lock a partner's stack", async () => {
  project.logIn("owner");
  await project.init("fresh", OWNER);
  await project.init("late", {
    "aws:region": "us-east-1",
    "flux-ami:kind": "partner",
    "flux-ami:owner": "fresh",
    "flux-ami:way": "storageIntegration",
  });
  expect(await project.up("late")).toContain("taken from its config file instead");
  expect((await project.outputs("late")).roleArn).toBe(
    "arn:aws:iam::111111111111:role/flux-fresh-partner-late",
  );
  await project.destroy("late");
  project.logIn("owner", deployer.env);
});

describe("by a share", () => {
  test("who may deploy the owner's stack alone is refused; what is printed for the partner's is enough", async () => {
    await project.init("gridshare", {
      "flux-ami:kind": "partner",
      "flux-ami:owner": "prod",
      "flux-ami:way": "dataShare",
      "flux-ami:partnerSnowflakeAccount": "PARTNERCO.ANALYTICS",
    });
    expect(await refusedUp("gridshare")).toContain(
      "snowflake.privileges: role FLUX_PROD_DEPLOYER lacks CREATE SHARE, MANAGE SHARE TARGET on the account",
    );
    await project.script("owner", await printed("gridshare", "snowflake"));
    await project.sql("owner", "REVOKE MANAGE SHARE TARGET ON ACCOUNT FROM ROLE FLUX_PROD_DEPLOYER");
    const { found, cures } = await doctor("gridshare");
    expect(found).toEqual([
      "snowflake.login pass",
      "snowflake.role pass",
      "snowflake.privileges fail",
      "snowflake.names pass",
      "snowflake.readings pass",
    ]);
    expect(cures).toEqual([
      "USE ROLE ACCOUNTADMIN; GRANT MANAGE SHARE TARGET ON ACCOUNT TO ROLE FLUX_PROD_DEPLOYER;",
    ]);
    await project.script("owner", cures.join("").replaceAll("; ", ";\n"));
  });

  test("they mount it with one statement, query it, and cannot write", async () => {
    await project.up("gridshare");
    const { share, theirSql } = await project.outputs("gridshare");
    expect(share).toBe("FLUX.OPERATIONS.FLUX_PROD_GRIDSHARE");
    const [row] = await project.script("partner", String(theirSql));
    expect(Number(Object.values(row ?? {})[0])).toBe(ROWS);
    const shared = "FLUX_READINGS.PRODUCTION.AMI_INTERVAL_READINGS";
    await expect(project.sql("partner", `DELETE FROM ${shared}`)).rejects.toThrow();
    await expect(project.sql("partner", `INSERT INTO ${shared} (METER_ID) VALUES ('x')`)).rejects.toThrow();
    await expect(
      project.sql("partner", "SELECT * FROM FLUX_READINGS.PRODUCTION.AMI_INTERVAL_READINGS_LOADS"),
    ).rejects.toThrow(/does not exist or not authorized/);
  });

  test("part of the rows, by a secure view as the page has it", async () => {
    const page = readFileSync("docs/let-a-partner-in.md", "utf8");
    const [, sql = ""] = /<!-- secure view[^>]*-->\s*```sql\n([\s\S]*?)```/.exec(page) ?? [];
    await project.script("owner", sql);
    await project.sql(
      "partner",
      "CREATE DATABASE A_PART FROM SHARE FLUX.OPERATIONS.FLUX_PROD_PART_FOR_GRIDWORKS",
    );
    const [row] = await project.sql(
      "partner",
      "SELECT COUNT(DISTINCT METER_ID) AS N, MIN(METER_ID) AS M FROM A_PART.PRODUCTION.READINGS_FOR_GRIDWORKS",
    );
    expect(Number(row?.N)).toBe(2);
    expect(String(row?.M)).toMatch(/7$/);
    await expect(
      project.sql("partner", "SELECT * FROM A_PART.PRODUCTION.AMI_INTERVAL_READINGS"),
    ).rejects.toThrow();
    await project.sql("partner", "DROP DATABASE A_PART");
    await project.sql("owner", "DROP SHARE FLUX_PROD_PART_FOR_GRIDWORKS");
    await project.sql("owner", "DROP VIEW FLUX_PROD.PRODUCTION.READINGS_FOR_GRIDWORKS");
  });

  test("a stranger cannot mount it", async () => {
    await expect(
      project.sql("stranger", "CREATE DATABASE STOLEN FROM SHARE FLUX.OPERATIONS.FLUX_PROD_GRIDSHARE"),
    ).rejects.toThrow();
  });

  test("a stack of the same project mounts it on their side", async () => {
    await project.sql("partner", "DROP DATABASE FLUX_READINGS");
    await project.sql("partner", "CREATE ROLE READER");
    await project.init("consumer", {
      "flux-ami:kind": "partner-consumer",
      "flux-ami:share": "FLUX.OPERATIONS.FLUX_PROD_GRIDSHARE",
      "flux-ami:readerRoles": ["READER"],
    });
    const sql = await printed("consumer", "snowflake");
    project.logIn("partner", await snowflakeLogin(project, "partner", sql));
    await project.up("consumer", "partner");
    await project.pulumiOk("consumer", ["preview", "--refresh", "--expect-no-changes"], "partner");
    const [row] = await project.sql(
      "partner",
      "SELECT COUNT(*) AS N FROM FLUX_READINGS.PRODUCTION.AMI_INTERVAL_READINGS",
    );
    expect(Number(row?.N)).toBe(ROWS);
  });

  test("destroying the owner's partner stack ends it at once; the owner's own stack is as it was", async () => {
    await project.pulumiOk("gridshare", ["preview", "--refresh", "--expect-no-changes"]);
    await project.destroy("gridshare");
    await expect(
      project.sql("partner", "SELECT COUNT(*) FROM FLUX_READINGS.PRODUCTION.AMI_INTERVAL_READINGS"),
    ).rejects.toThrow();
    expect(await unusedGrants(project, "FLUX_PROD_DEPLOYER")).toEqual([]);
    await project.destroy("consumer", "partner");
    expect(await unusedGrants(project, "FLUX_READINGS_DEPLOYER")).toEqual([]);
    await project.pulumiOk("prod", ["preview", "--refresh", "--expect-no-changes"]);
  });
});

test("an owner that is not there yet is named, and nothing is made", async () => {
  await project.init("early", {
    "flux-ami:kind": "partner",
    "flux-ami:owner": "prd",
    "flux-ami:way": "dataShare",
    "flux-ami:partnerSnowflakeAccount": "PARTNERCO.ANALYTICS",
  });
  const { exitCode, output } = await project.pulumi("early", ["up", "--yes", "--skip-preview"]);
  expect(exitCode).not.toBe(0);
  expect(output).toMatch(/prd/);
});

test("a folder outside the owner's is refused before anything is made", async () => {
  await project.init("greedy", {
    "aws:region": "us-east-1",
    "flux-ami:kind": "partner",
    "flux-ami:owner": "prod",
    "flux-ami:way": "storageIntegration",
    "flux-ami:partnerPrefix": "raw/other/",
  });
  const { exitCode, output } = await project.pulumi("greedy", ["up", "--yes", "--skip-preview"]);
  expect(exitCode).not.toBe(0);
  expect(output).toContain("a folder within raw/ami/");
});
