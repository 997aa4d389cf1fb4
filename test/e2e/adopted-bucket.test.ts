/** A bucket that was there, with a policy, guards and a producer of its own, through the life of a stack that uses it. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  CreateBucketCommand,
  DeletePublicAccessBlockCommand,
  GetBucketEncryptionCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  GetPublicAccessBlockCommand,
  PutBucketEncryptionCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { makeKey, setKeyPolicy } from "../../sandbox/test/support/kms.ts";
import { Project } from "./support/project.ts";

jest.setTimeout(300_000);

const BUCKET = "flux-sandbox-raw-111111111111";
const ARN = `arn:aws:s3:::${BUCKET}`;
const CONFIG = {
  "aws:region": "us-east-1",
  "flux-ami:awsAccountId": "111111111111",
  "flux-ami:bucketName": BUCKET,
  "flux-ami:adoptBucket": true,
  "flux-ami:protect": false,
  "flux-ami:onDelete": "drop",
};
const statement = (Sid: string, Action: string, account = "333333333333") => ({
  Sid,
  Effect: "Allow",
  Principal: { AWS: `arn:aws:iam::${account}:root` },
  Action,
  Resource: `${ARN}/landing/*`,
});
const THEIRS = {
  Version: "2008-10-17",
  Id: "before-the-stack",
  Statement: [
    statement("Producer", "s3:PutObject"),
    { ...statement("", "s3:PutObjectTagging"), Sid: undefined },
  ],
};

let project: Project;
let owner: S3Client;
const clients: S3Client[] = [];

const policy = async (): Promise<typeof THEIRS> =>
  JSON.parse((await owner.send(new GetBucketPolicyCommand({ Bucket: BUCKET }))).Policy ?? "");
const write = (document: object) =>
  owner.send(new PutBucketPolicyCommand({ Bucket: BUCKET, Policy: JSON.stringify(document) }));
const others = async () => (await policy()).Statement.filter(({ Sid }) => !/^Flux/.test(String(Sid)));
const ours = async () =>
  (await policy()).Statement.flatMap(({ Sid }) => (/^Flux/.test(String(Sid)) ? [Sid] : []));

async function guards() {
  const about = { Bucket: BUCKET };
  const [ownership, encryption, block] = await Promise.all([
    owner.send(new GetBucketOwnershipControlsCommand(about)),
    owner.send(new GetBucketEncryptionCommand(about)),
    owner.send(new GetPublicAccessBlockCommand(about)),
  ]);
  return [
    ownership.OwnershipControls?.Rules,
    encryption.ServerSideEncryptionConfiguration?.Rules,
    block.PublicAccessBlockConfiguration,
  ];
}

const PARTNER = {
  "flux-ami:kind": "partner",
  "flux-ami:owner": "prod",
  "flux-ami:way": "bucketAccess",
  "flux-ami:partnerPrincipal": "222222222222",
};
let before: unknown;

beforeAll(async () => {
  project = await Project.start();
  owner = project.s3("owner");
  clients.push(owner);
  await owner.send(new CreateBucketCommand({ Bucket: BUCKET }));
  await write(THEIRS);
  await owner.send(
    new PutBucketOwnershipControlsCommand({
      Bucket: BUCKET,
      OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerPreferred" }] },
    }),
  );
  await owner.send(
    new PutBucketEncryptionCommand({
      Bucket: BUCKET,
      ServerSideEncryptionConfiguration: {
        Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" }, BucketKeyEnabled: true }],
      },
    }),
  );
  before = await guards();
  await project.seed(10, 2);
  await project.init("prod", CONFIG);
});
afterAll(async () => {
  for (const client of clients) client.destroy();
  await project.stop();
});

test("a first preview shows the policy against what is there, and says what does not guard the bucket", async () => {
  project.write("gridworks", PARTNER);
  const output = await project.pulumiOk("prod", ["preview", "--diff"]);
  expect(output).toContain("ACLs count (object ownership is BucketOwnerPreferred)");
  expect(output).toContain("its policy does not refuse plain HTTP");
  expect(output).toContain("Producer");
  project.remove("gridworks");
});

test("`up` without partners leaves policy and guards as they were found", async () => {
  await project.up("prod");
  expect(await policy()).toEqual(JSON.parse(JSON.stringify(THEIRS)));
  expect(await guards()).toEqual(before);
  await project.pulumiOk("prod", ["preview", "--refresh", "--expect-no-changes"]);
});

test("a partner's statements come beside those that are there, and go without them", async () => {
  project.write("gridworks", PARTNER);
  await project.up("prod");
  expect(await others()).toEqual(JSON.parse(JSON.stringify(THEIRS.Statement)));
  expect(await ours()).toEqual([
    expect.stringMatching(/^FluxProdAccountsRead/),
    expect.stringMatching(/^FluxProdAccountsList/),
  ]);
  await project.pulumiOk("prod", ["preview", "--refresh", "--expect-no-changes"]);
});

test("a stack that held the whole policy takes it over as its own statements, and deletes nothing", async () => {
  const now = await policy();
  const text = await project.pulumiOk("prod", ["stack", "export"]);
  const state = JSON.parse(text) as {
    deployment: { resources: { urn: string; type: string; provider?: string }[] };
  };
  const { resources } = state.deployment;
  const held = resources.find(({ urn }) => urn.endsWith("::raw-policy")) as Record<string, unknown>;
  const aws = resources.find(({ type, urn }) => type === "aws:iam/role:Role" && urn.endsWith("::trust-role"));
  const type = "aws:s3/bucketPolicy:BucketPolicy";
  const whole = { bucket: BUCKET, policy: JSON.stringify(now) };
  Object.assign(held, {
    urn: String(held.urn).replace(/pulumi-nodejs:dynamic\/flux-ami:BucketPolicyStatements/, type),
    type,
    provider: aws?.provider,
    inputs: whole,
    outputs: { ...whole, region: "us-east-1" },
  });
  const file = join(project.folder, "state.json");
  writeFileSync(file, JSON.stringify(state));
  await project.pulumiOk("prod", ["stack", "import", "--file", file]);
  const output = await project.up("prod");
  expect(output).not.toMatch(/raw-policy\s+delet/);
  expect(await policy()).toEqual(now);
  await project.pulumiOk("prod", ["preview", "--refresh", "--expect-no-changes"]);
});

test("what its owner changes meanwhile stays, in any order, and is no change of the stack's", async () => {
  const now = await policy();
  const changed = { ...now, Statement: [statement("Consumer", "s3:GetObject"), ...now.Statement.slice(1)] };
  await write(changed);
  await project.pulumiOk("prod", ["preview", "--expect-no-changes"]);
  const { output } = await project.pulumi("prod", ["preview", "--refresh", "--diff"]);
  expect(output).toContain("Consumer");
  project.write("euro", {
    ...PARTNER,
    "flux-ami:partnerPrincipal": "333333333333",
    "flux-ami:partnerPrefix": "raw/ami/eu/",
  });
  await project.up("prod");
  expect(await others()).toEqual(
    [statement("Consumer", "s3:GetObject"), { ...THEIRS.Statement[1], Sid: undefined }].map((one) =>
      JSON.parse(JSON.stringify(one)),
    ),
  );
  expect(await ours()).toHaveLength(4);
});

test("the stack's own statements come back when somebody takes them away", async () => {
  const now = await policy();
  await write({ ...now, Statement: now.Statement.filter(({ Sid }) => !/^Flux/.test(String(Sid))) });
  await project.up("prod");
  expect(await ours()).toHaveLength(4);
});

test("a partner's role that does not exist, or an account, stops neither `up` nor anybody else", async () => {
  project.write("typo", {
    ...PARTNER,
    "flux-ami:partnerPrincipal": "arn:aws:iam::222222222222:role/no-such-role",
  });
  project.write("nobody", { ...PARTNER, "flux-ami:partnerPrincipal": "123123123123" });
  const output = await project.up("prod");
  expect(output).toContain("AWS account 123123123123 does not exist, so its policy lets nobody of it in");
  const text = JSON.stringify(await policy());
  expect(text).toContain("role/no-such-role");
  expect(text).not.toContain("123123123123");
  const partner = project.s3("partner");
  clients.push(partner);
  const key = "raw/ami/ami_interval_readings/";
  const { ListObjectsV2Command } = await import("@aws-sdk/client-s3");
  const listed = await partner.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: key }));
  await partner.send(new GetObjectCommand({ Bucket: BUCKET, Key: listed.Contents?.[0]?.Key ?? "" }));
  // Who is left out is tried again, and a partner's stack does not call it open.
  expect((await project.pulumi("prod", ["preview", "--expect-no-changes"])).exitCode).not.toBe(0);
  await project.init("nobody", { ...PARTNER, "flux-ami:partnerPrincipal": "123123123123" });
  await project.up("nobody");
  expect((await project.outputs("nobody")).status).toMatch(/^not yet open/);
  for (const stack of ["typo", "nobody"]) project.remove(stack);
  await project.up("prod");
  await project.pulumiOk("prod", ["preview", "--refresh", "--expect-no-changes"]);
});

test("a principal of somebody else's that is gone is named, for only the bucket's owner can mend it", async () => {
  const now = await policy();
  const { CreateRoleCommand, DeleteRoleCommand, IAMClient } = await import("@aws-sdk/client-iam");
  const { clientSettings } = await import("../../sandbox/aws/ministack.ts");
  const iam = new IAMClient(clientSettings(project.sandbox.aws, project.sandbox.accounts.owner.aws));
  const trust = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Deny", Principal: "*", Action: "sts:AssumeRole" }],
  });
  await iam.send(new CreateRoleCommand({ RoleName: "gone", AssumeRolePolicyDocument: trust }));
  const gone = {
    ...statement("Gone", "s3:GetObject"),
    Principal: { AWS: "arn:aws:iam::111111111111:role/gone" },
  };
  await write({ ...now, Statement: [...now.Statement, gone] });
  await iam.send(new DeleteRoleCommand({ RoleName: "gone" }));
  iam.destroy();
  project.remove("euro");
  const { exitCode, output } = await project.pulumi("prod", ["up", "--yes", "--skip-preview"]);
  expect(exitCode).not.toBe(0);
  expect(output).toMatch(/Invalid principal in policy \("AROA[0-9A-F]+"\)/);
  expect(output).toContain("A statement that is not this stack's names somebody who does not exist any more");
  await write({
    ...(await policy()),
    Statement: (await policy()).Statement.filter(({ Sid }) => Sid !== "Gone"),
  });
});

test("`destroy` leaves the bucket as its owner has it", async () => {
  const theirs = await others();
  await project.destroy("prod");
  expect((await policy()).Statement).toEqual(theirs);
  expect((await policy()).Version).toBe("2008-10-17");
  expect(await guards()).toEqual(before);
});

test("a public access block that its owner took away stops what the policies judge", async () => {
  await owner.send(new DeletePublicAccessBlockCommand({ Bucket: BUCKET }));
  const { exitCode, output } = await project.pulumi("prod", [
    "preview",
    "--policy-pack",
    "policies",
    "--policy-pack-config",
    "policies/config/sandbox.json",
  ]);
  expect(exitCode).not.toBe(0);
  expect(output).toMatch(/blockPublicPolicy is off in the bucket's own public access block/);
});

test("a bucket encrypted with a KMS key: said, tried before the load, and cured by what the error says", async () => {
  const bucket = "flux-sandbox-encrypted";
  const { aws, accounts } = project.sandbox;
  const administrator = {
    Sid: "Administrator",
    Effect: "Allow",
    Principal: { AWS: accounts.owner.aws.arn },
    Action: "kms:*",
    Resource: "*",
  };
  const key = await makeKey(aws, "111111111111", [administrator]);
  await owner.send(new CreateBucketCommand({ Bucket: bucket }));
  await owner.send(
    new PutBucketEncryptionCommand({
      Bucket: bucket,
      ServerSideEncryptionConfiguration: {
        Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms", KMSMasterKeyID: key } }],
      },
    }),
  );
  await project.seed(10, 2, ["--bucket", bucket]);
  await project.init("crypt", {
    ...CONFIG,
    "flux-ami:bucketName": bucket,
    "flux-ami:readinessTimeoutSeconds": 10,
  });
  const { exitCode, output } = await project.pulumi("crypt", ["up", "--yes", "--skip-preview"]);
  expect(exitCode).not.toBe(0);
  expect(output).toContain(`bucket ${bucket} is encrypted with the KMS key ${key}`);
  expect(output).toContain("Snowflake may list but not read, so the trust itself holds");
  const [, statement = ""] = /add to its policy: (\{.*?\}\}\}); else/.exec(output) ?? [];
  await setKeyPolicy(aws, "111111111111", key, [administrator, JSON.parse(statement)]);
  await project.pulumiOk("crypt", ["config", "set", "--path", "flux-ami:kmsKeyArns[0]", key]);
  const after = await project.up("crypt");
  expect(after).not.toContain("may not decrypt");
  expect(await project.outputs("crypt")).toMatchObject({
    load: { filesLoaded: 2, uniqueMeters: 10 },
    keyPolicy: statement,
  });
  await project.destroy("crypt");
});
