import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { IAMClient, UpdateAssumeRolePolicyCommand } from "@aws-sdk/client-iam";
import { GetBucketPolicyCommand, HeadBucketCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { clientSettings } from "../../sandbox/aws/ministack.ts";
import { clients } from "../../sandbox/paths.ts";
import { Project } from "./support/project.ts";

jest.setTimeout(300_000);

const BUCKET = "flux-sandbox-raw-111111111111";
const CONFIG = {
  "aws:region": "us-east-1",
  "flux-ami:awsAccountId": "111111111111",
  "flux-ami:bucketName": BUCKET,
  "flux-ami:adoptBucket": true,
  "flux-ami:metersTable": "FLUX_REFERENCE.PRODUCTION.METER_INFRASTRUCTURE",
  "flux-ami:protect": false,
  "flux-ami:onDelete": "drop",
};

let project: Project;

/** Changes the load's role by hand: only this principal may assume it, under this external ID. */
async function trustOnly(AWS: string, externalId: string): Promise<void> {
  const iam = new IAMClient(clientSettings(project.sandbox.aws, project.sandbox.accounts.owner.aws));
  const statement = {
    Effect: "Allow",
    Principal: { AWS },
    Action: "sts:AssumeRole",
    Condition: { StringEquals: { "sts:ExternalId": externalId } },
  };
  await iam.send(
    new UpdateAssumeRolePolicyCommand({
      RoleName: "flux-dev-snowflake-raw-ami",
      PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [statement] }),
    }),
  );
  iam.destroy();
}

async function configure(values: Record<string, string>): Promise<void> {
  for (const [key, value] of Object.entries(values))
    await project.pulumiOk("dev", ["config", "set", key, value]);
}

beforeAll(async () => {
  project = await Project.start();
  await project.seed(20, 3);
  await project.init("dev", CONFIG);
});
afterAll(() => project.stop());

test("one `up` makes everything and loads; its outputs say what and how much", async () => {
  await project.up("dev");
  expect(await project.outputs("dev")).toMatchObject({
    bucketName: BUCKET,
    stageUrl: `s3://${BUCKET}/raw/ami/`,
    roleArn: "arn:aws:iam::111111111111:role/flux-dev-snowflake-raw-ami",
    integrationName: "FLUX_DEV_S3_INTEGRATION",
    stageName: '"FLUX_DEV"."PRODUCTION"."EXT_RAW_AMI"',
    tableName: '"FLUX_DEV"."PRODUCTION"."AMI_INTERVAL_READINGS"',
    warehouseName: "FLUX_DEV_LOAD_WH",
    load: {
      filesLoaded: 3,
      rowsLoaded: 20 * 3 * 96,
      rowsRejected: 0,
      totalRows: 20 * 3 * 96,
      minTimestamp: "2026-07-01T00:00:00",
      maxTimestamp: "2026-07-03T23:45:00",
      uniqueMeters: 20,
    },
  });
});

test("the five queries of the sandbox's page find something", async () => {
  const page = readFileSync("sandbox/README.md", "utf8");
  const [, sql = ""] = /```sql\n([\s\S]*?)```/.exec(page) ?? [];
  await project.sql("owner", "USE SCHEMA FLUX_DEV.PRODUCTION");
  await project.sql("owner", "USE WAREHOUSE FLUX_DEV_LOAD_WH");
  const queries = sql
    .replace(/^--.*$/gm, "")
    .split(/;\n/)
    .filter((one) => one.trim() !== "");
  const found: number[] = [];
  for (const query of queries) found.push((await project.sql("owner", query)).length);
  // Three days; hours and segments; twenty meters have three transformers; three files.
  expect(found).toEqual([3, expect.any(Number), 10, 3, 3]);
  expect(found[1]).toBeGreaterThanOrEqual(24);
});

/** A program of the clients' environments, which `make clients` installs. */
const client = (of: string, program: string) => join(of, "bin", program);

test("sqlglot parses every statement that the stack and its load have sent", async () => {
  const rows = await project.sql(
    "owner",
    "SELECT DISTINCT QUERY_TEXT FROM TABLE(FLUX_DEV.INFORMATION_SCHEMA.QUERY_HISTORY(RESULT_LIMIT => 10000))",
  );
  const statements = rows.map(({ QUERY_TEXT }) => QUERY_TEXT);
  const kinds = new Set(statements.map((sql) => /^[A-Z]+/.exec(String(sql))?.[0]));
  expect([...kinds]).toEqual(expect.arrayContaining(["COPY", "CREATE", "DECLARE", "GRANT", "MERGE", "SHOW"]));
  const output = execFileSync(client(clients.python, "python"), ["sandbox/clients/parse.py"], {
    input: JSON.stringify(statements),
    encoding: "utf8",
  });
  expect(JSON.parse(output)).toEqual([]);
});

test("the clients of the sandbox's page find the local Snowflake by env.sh alone", () => {
  const page = readFileSync("sandbox/README.md", "utf8");
  const [, lines = ""] = /## One's own tools[\s\S]*?```sh\n([\s\S]*?)```/.exec(page) ?? [];
  const path = [clients.snow, clients.python].map((of) => join(of, "bin")).join(":");
  const typed = lines.trim().split("\n");
  const answers = typed.map((line) =>
    execFileSync("sh", ["-c", `. ${project.sandbox.dir}/env.sh; ${line}`], {
      encoding: "utf8",
      env: { PATH: `${path}:${process.env.PATH}`, HOME: project.folder, PYTHONDONTWRITEBYTECODE: "" },
    }),
  );
  expect(answers).toEqual([expect.stringMatching(/DEPLOYER/), "[(1,)]\n"]);
}, 240_000);

test("a preview and a refresh right after it show no change", async () => {
  await project.pulumiOk("dev", ["preview", "--expect-no-changes"]);
  await project.pulumiOk("dev", ["preview", "--refresh", "--expect-no-changes"]);
  await project.pulumiOk("dev", ["up", "--refresh", "--yes", "--skip-preview", "--expect-no-changes"]);
});

test("no secret is in the state", async () => {
  const state = await project.pulumiOk("dev", ["stack", "export", "--show-secrets"]);
  for (const { snowflake, aws } of Object.values(project.sandbox.accounts)) {
    expect(state).not.toContain(snowflake.password);
    expect(state).not.toContain(aws.secretAccessKey);
  }
});

test("both sides hold the same external ID, and not the one Snowflake made up", async () => {
  const rows = await project.sql("owner", 'DESC STORAGE INTEGRATION "FLUX_DEV_S3_INTEGRATION"');
  const held = rows.find((row) => row.property === "STORAGE_AWS_EXTERNAL_ID")?.property_value;
  expect(held).toMatch(/^[0-9a-f]{32}$/);
});

test("a wrong external ID fails `up`, which names role, external ID, trust policy and cure", async () => {
  await trustOnly("arn:aws:iam::999999999999:user/fx10001-s-ext", "not-the-one-that-is-pinned");
  // Another folder has to be probed, and nothing tells the engine that the role was changed.
  const elsewhere = { "flux-ami:prefix": "raw/", "flux-ami:readingsPath": "ami/ami_interval_readings/" };
  await configure({ ...elsewhere, "flux-ami:readinessTimeoutSeconds": "10" });
  const { exitCode, output } = await project.pulumi("dev", ["up", "--yes", "--skip-preview"]);
  expect(exitCode).not.toBe(0);
  expect(output).toContain("waiting until Snowflake can read s3://flux-sandbox-raw-111111111111/raw/");
  expect(output).toContain("within 10 s");
  expect(output).toContain("role ARN: arn:aws:iam::111111111111:role/flux-dev-snowflake-raw-ami");
  expect(output).toMatch(/external ID: [0-9a-f]{32}/);
  expect(output).toMatch(/trust policy the role must have: \{.*fx10001-s-ext.*sts:ExternalId/);
  expect(output).toContain("cure: run `pulumi up --refresh -s <stack>`");
  await configure({ "flux-ami:prefix": "raw/ami/", "flux-ami:readingsPath": "ami_interval_readings/" });
});

test("what was changed by hand is seen by a refresh and healed by `up`", async () => {
  await trustOnly("arn:aws:iam::333333333333:root", "a-stranger-s-external-id");
  await project.sql(
    "owner",
    `ALTER STORAGE INTEGRATION "FLUX_DEV_S3_INTEGRATION" SET STORAGE_AWS_EXTERNAL_ID = 'changed-by-hand-1234'`,
  );
  await project.sql("owner", "ALTER WAREHOUSE \"FLUX_DEV_LOAD_WH\" SET WAREHOUSE_SIZE = 'LARGE'");
  const { output } = await project.pulumi("dev", ["preview", "--refresh", "--diff"]);
  for (const changed of ["trust-role", "trust-readiness", "compute-warehouse"])
    expect(output).toContain(changed);
  await project.pulumiOk("dev", ["up", "--refresh", "--yes", "--skip-preview"]);
  await project.pulumiOk("dev", ["preview", "--refresh", "--expect-no-changes"]);
  expect(await project.sql("owner", 'LIST @"FLUX_DEV"."PRODUCTION"."EXT_RAW_AMI"')).toHaveLength(3);
});

test("an integration replaced by hand gets its external ID and its stage back", async () => {
  const [before] = await project.sql("owner", "SHOW STORAGE INTEGRATIONS LIKE 'FLUX_DEV_S3_INTEGRATION'");
  await project.sql(
    "owner",
    `CREATE OR REPLACE STORAGE INTEGRATION "FLUX_DEV_S3_INTEGRATION" TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3'
     STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::111111111111:role/flux-dev-snowflake-raw-ami' ENABLED = TRUE
     STORAGE_ALLOWED_LOCATIONS = ('s3://${BUCKET}/raw/ami/') COMMENT = '${before?.comment}'`,
  );
  await expect(project.sql("owner", 'LIST @"FLUX_DEV"."PRODUCTION"."EXT_RAW_AMI"')).rejects.toThrow();
  await project.pulumiOk("dev", ["up", "--refresh", "--yes", "--skip-preview"]);
  expect(await project.sql("owner", 'LIST @"FLUX_DEV"."PRODUCTION"."EXT_RAW_AMI"')).toHaveLength(3);
  await project.pulumiOk("dev", ["preview", "--refresh", "--expect-no-changes"]);
});

test("a wrong config stops before anything is made, with every mistake named", async () => {
  await project.init("wrong", {
    ...CONFIG,
    "flux-ami:warehouseSize": "HUGE",
    "flux-ami:prefix": "raw/*/",
    "flux-ami:bucketNam": "x",
    // Pulumi would refuse these itself, one at a time, if it were told their types.
    "flux-ami:autoSuspendSeconds": 60.5,
    "flux-ami:protect": "perhaps",
    "flux-ami:quality": "strict",
  });
  const { exitCode, output } = await project.pulumi("wrong", ["up", "--yes", "--skip-preview"]);
  expect(exitCode).not.toBe(0);
  expect(output).toContain("6 mistakes in the config of stack wrong");
  expect(output).toContain("did you mean flux-ami:bucketName?");
  const state = JSON.parse(await project.pulumiOk("wrong", ["stack", "export"]));
  const made = (state.deployment.resources ?? []) as { type: string }[];
  expect(made.filter(({ type }) => type !== "pulumi:pulumi:Stack")).toEqual([]);
});

test("an encrypted key pair is a login for provider and load; a variable that the provider cannot read is named", async () => {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "der" },
    privateKeyEncoding: { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "a passphrase" },
  });
  const user = project.sandbox.accounts.owner.snowflake.user;
  await project.sql("owner", `ALTER USER ${user} SET RSA_PUBLIC_KEY = '${publicKey.toString("base64")}'`);
  const keyPair = {
    SNOWFLAKE_PASSWORD: "",
    SNOWFLAKE_AUTHENTICATOR: "SNOWFLAKE_JWT",
    SNOWFLAKE_PRIVATE_KEY: privateKey,
    SNOWFLAKE_PRIVATE_KEY_PASSPHRASE: "a passphrase",
  };
  const preview = (more: Record<string, string> = {}) =>
    project.pulumi("dev", ["preview", "--expect-no-changes"], "owner", { ...keyPair, ...more });
  const { exitCode, output } = await preview();
  expect(`${exitCode}: ${output}`).toMatch(/^0: /);
  expect(output).not.toContain("could not look");
  const escaped = await preview({ SNOWFLAKE_PRIVATE_KEY: privateKey.replaceAll("\n", "\\n") });
  expect(escaped.exitCode).not.toBe(0);
  expect(escaped.output).toMatch(
    /snowflake:privateKey \(or SNOWFLAKE_PRIVATE_KEY\)[\s\S]*cure: export .*printf/,
  );
  const wrong = await preview({ SNOWFLAKE_PRIVATE_KEY_PASSPHRASE: "another" });
  expect(wrong.exitCode).not.toBe(0);
  expect(wrong.output).toContain("snowflake:privateKeyPassphrase (or SNOWFLAKE_PRIVATE_KEY_PASSPHRASE)");

  // In the config the line ends may be escaped, as CI systems hand secrets over. (The first one keeps the command from
  // taking the key for a flag.)
  await project.pulumiOk("dev", [
    "config",
    "set",
    "--secret",
    "snowflake:privateKey",
    `\\n${privateKey.replaceAll("\n", "\\n")}`,
  ]);
  await project.pulumiOk("dev", [
    "config",
    "set",
    "--secret",
    "snowflake:privateKeyPassphrase",
    "a passphrase",
  ]);
  const configured = await project.pulumi("dev", ["up", "--yes", "--skip-preview"], "owner", {
    SNOWFLAKE_PASSWORD: "",
  });
  expect(`${configured.exitCode}: ${configured.output}`).toMatch(/^0: /);
  for (const key of ["privateKey", "privateKeyPassphrase"])
    await project.pulumiOk("dev", ["config", "rm", `snowflake:${key}`]);
  await project.up("dev");
});

test("without a login the first lines say so, with the cure", async () => {
  const nobody = { SNOWFLAKE_USER: "", SNOWFLAKE_PASSWORD: "" };
  const { exitCode, output } = await project.pulumi("dev", ["preview"], "owner", nobody);
  expect(exitCode).not.toBe(0);
  expect(output).toMatch(/there is no login to Snowflake\s+cure: export SNOWFLAKE_USER=/);
  expect(output).not.toMatch(/\n\s+at /);
});

test("without an AWS login the error says so, with the cure", async () => {
  const nobody = {
    AWS_ACCESS_KEY_ID: "",
    AWS_SECRET_ACCESS_KEY: "",
    AWS_PROFILE: "",
    AWS_SHARED_CREDENTIALS_FILE: "/nowhere",
    AWS_CONFIG_FILE: "/nowhere",
  };
  const { exitCode, output } = await project.pulumi("dev", ["preview"], "owner", nobody);
  expect(exitCode).not.toBe(0);
  expect(output).toContain("there is no AWS login that works; sign in");
  expect(output).not.toMatch(/\n\s+at /);
});

test("credentials of another AWS account are refused", async () => {
  const { exitCode, output } = await project.pulumi("dev", ["preview"], "stranger");
  expect(exitCode).not.toBe(0);
  expect(output).toContain("the AWS credentials are of account 333333333333");
});

test("a second environment beside it shares no name and leaves the first as it is", async () => {
  await project.seed(5, 1, ["--bucket", "flux-other-raw", "--readings-only"]);
  await project.init("other", {
    ...CONFIG,
    "flux-ami:bucketName": "flux-other-raw",
    "flux-ami:monthlyCreditQuota": 100,
  });
  await project.up("other");
  await project.pulumiOk("other", ["preview", "--refresh", "--expect-no-changes"]);
  const [monitor] = await project.sql("owner", "SHOW RESOURCE MONITORS LIKE 'FLUX_OTHER_LOAD_WH_MONITOR'");
  expect(Number(monitor?.credit_quota)).toBe(100);
  const [dev, other] = [await project.outputs("dev"), await project.outputs("other")];
  for (const name of ["bucketName", "roleArn", "integrationName", "stageName", "tableName", "warehouseName"])
    expect(other[name]).not.toBe(dev[name]);
  expect(other.load).toMatchObject({ rowsLoaded: 480 });
  await project.destroy("other");
  await project.pulumiOk("dev", ["preview", "--refresh", "--expect-no-changes"]);
});

test("an environment in other accounts makes its own bucket, and takes it away again", async () => {
  await project.init("abroad", {
    "aws:region": "us-east-1",
    "flux-ami:awsAccountId": "222222222222",
    "flux-ami:protect": false,
    "flux-ami:onDelete": "drop",
    "flux-ami:deleteRawData": true,
  });
  // The bucket that the stack makes is empty, which the load says; once the files are there, it goes on.
  const first = await project.pulumi("abroad", ["up", "--yes", "--skip-preview"], "partner");
  expect(first.output).toContain("There is no file to load below s3://flux-abroad-raw-222222222222/raw/ami/");
  await project.seed(5, 1, ["--bucket", "flux-abroad-raw-222222222222", "--readings-only"], "partner");
  await project.up("abroad", "partner");
  expect(await project.outputs("abroad")).toMatchObject({
    bucketName: "flux-abroad-raw-222222222222",
    roleArn: "arn:aws:iam::222222222222:role/flux-abroad-snowflake-raw-ami",
    load: { filesLoaded: 1, totalRows: 480 },
  });
  await project.pulumiOk("abroad", ["preview", "--refresh", "--expect-no-changes"], "partner");
  await project.pulumiOk("abroad", ["config", "set", "flux-ami:bucketName", "flux-abroad-other-name"]);
  const renamed = await project.pulumi("abroad", ["up", "--yes", "--skip-preview"], "partner");
  expect(renamed.exitCode).not.toBe(0);
  expect(renamed.output).toContain(
    "the bucket is flux-abroad-raw-222222222222, and the config now calls it flux-abroad-other-name",
  );
  await project.pulumiOk("abroad", ["config", "rm", "flux-ami:bucketName"]);
  await project.pulumiOk("abroad", ["preview", "--expect-no-changes"], "partner");

  // What is in the bucket goes only when that was said.
  const emptying = (value: string) =>
    project.pulumiOk("abroad", ["config", "set", "flux-ami:deleteRawData", value]);
  const objects = async () => {
    const client = project.s3("partner");
    const { Contents = [] } = await client.send(
      new ListObjectsV2Command({ Bucket: "flux-abroad-raw-222222222222" }),
    );
    client.destroy();
    return Contents.length;
  };
  expect(await objects()).toBeGreaterThan(0);
  await emptying("false");
  await project.up("abroad", "partner");
  await project.destroy("abroad", "partner");
  expect(await objects()).toBeGreaterThan(0);
  await emptying("true");
  expect((await project.make("import", "abroad", "partner")).output).toContain(
    "bucket flux-abroad-raw-222222222222",
  );
  await project.up("abroad", "partner");
  await project.destroy("abroad", "partner");
  const s3 = project.s3("partner");
  await expect(s3.send(new HeadBucketCommand({ Bucket: "flux-abroad-raw-222222222222" }))).rejects.toThrow();
  s3.destroy();
});

test("destroy ends clean and leaves the adopted bucket; `up` after it works", async () => {
  await project.destroy("dev");
  const state = JSON.parse(await project.pulumiOk("dev", ["stack", "export"]));
  expect(state.deployment.resources ?? []).toEqual([]);
  const s3 = project.s3("owner");
  await expect(s3.send(new GetBucketPolicyCommand({ Bucket: BUCKET }))).rejects.toThrow(/polic/i);
  s3.destroy();
  await project.up("dev");
  expect((await project.outputs("dev")).load).toMatchObject({ rowsLoaded: 5760, uniqueMeters: 20 });
});
