import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  GetRoleCommand,
  IAMClient,
  ListRoleTagsCommand,
  PutRolePolicyCommand,
  TagRoleCommand,
  UpdateRoleCommand,
} from "@aws-sdk/client-iam";
import {
  DeletePublicAccessBlockCommand,
  GetBucketPolicyCommand,
  PutBucketOwnershipControlsCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { ensureUser, type IamUser } from "../aws/identities.ts";
import { type Aws, clientSettings, startAws, stopAws } from "../aws/ministack.ts";
import { temporaryFolder } from "./support/folder.ts";
import { PluginUnderTest, type Values } from "./support/plugin.ts";

const BUCKET = "aws:s3/bucket:Bucket";
const POLICY = "aws:s3/bucketPolicy:BucketPolicy";
const BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock";
const ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration";
const OWNERSHIP = "aws:s3/bucketOwnershipControls:BucketOwnershipControls";
const VERSIONING = "aws:s3/bucketVersioning:BucketVersioning";
const ROLE = "aws:iam/role:Role";
const POLICIES = "aws:iam/rolePoliciesExclusive:RolePoliciesExclusive";
const ATTACHMENTS = "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive";
const ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy";

const ACCOUNT = "111111111111";
const folder = temporaryFolder("aws-plugin");
let cloud: Aws;
let owner: IamUser;
let aws: PluginUnderTest;
let s3: S3Client;
let iam: IAMClient;
let count = 0;

/** A name that no other test uses. */
const fresh = (): string => `plugin-test-${++count}`;

const environment = (key: IamUser): NodeJS.ProcessEnv => ({
  AWS_ENDPOINT_URL: cloud.endpoint,
  AWS_REGION: cloud.region,
  AWS_ACCESS_KEY_ID: key.accessKeyId,
  AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
  NODE_EXTRA_CA_CERTS: cloud.certificates.authority,
});

beforeAll(async () => {
  cloud = (await startAws(folder.dir, true)).aws;
  owner = await ensureUser(cloud, { accountId: ACCOUNT, userName: "deployer", actions: ["*"] }, undefined);
  aws = await PluginUnderTest.start("aws", environment(owner));
  await aws.configure();
  s3 = new S3Client(clientSettings(cloud, owner));
  iam = new IAMClient(clientSettings(cloud, owner));
}, 60_000);

afterAll(async () => {
  s3?.destroy();
  iam?.destroy();
  await aws?.stop();
  await stopAws(folder.dir);
  folder.remove();
});

/** Expects that a refresh finds nothing, and that the same program then changes nothing. */
async function expectSettled(type: string, made: { id: string; inputs: Values; state: Values }) {
  const read = await aws.read(type, made.id, made.state, made.inputs);
  expect(read).toEqual({ id: made.id, state: made.state, inputs: made.inputs });
  expect(await aws.diff(type, made.state, made.inputs, made.inputs)).toMatchObject({
    changed: false,
    detailed: {},
  });
}

const makeBucket = async (): Promise<string> => (await aws.make(BUCKET, "b", { bucket: fresh() })).id;

const trust = (externalId: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { AWS: "arn:aws:iam::999999999999:root" },
        Action: "sts:AssumeRole",
        Condition: { StringEquals: { "sts:ExternalId": externalId } },
      },
    ],
  });

describe("Bucket", () => {
  it("has the outputs of the official plugin, and settles", async () => {
    const name = fresh();
    const made = await aws.make(BUCKET, "raw", { bucket: name, tags: { team: "ami" } });
    expect(made.id).toBe(name);
    expect(made.state).toMatchObject({
      bucket: name,
      arn: `arn:aws:s3:::${name}`,
      bucketDomainName: `${name}.s3.amazonaws.com`,
      bucketRegionalDomainName: `${name}.s3.us-east-1.amazonaws.com`,
      region: "us-east-1",
      tags: { team: "ami" },
      tagsAll: { team: "ami" },
    });
    const read = await aws.read(BUCKET, name, made.state, made.inputs);
    expect(read?.inputs).toEqual(made.inputs);
    expect(await aws.diff(BUCKET, read?.state ?? {}, made.inputs, made.inputs)).toMatchObject({
      changed: false,
    });
  });

  it("names itself after the resource, the same again in the next update", async () => {
    const first = await aws.check(BUCKET, "Raw", {});
    expect(first.inputs.bucket).toMatch(/^raw-[0-9a-f]{7}$/);
    const next = await aws.check(BUCKET, "Raw", {}, { ...first.inputs, bucket: "raw-kept" });
    expect(next.inputs.bucket).toBe("raw-kept");
  });

  it("is adopted by its name alone, and then is in step with a program that names it", async () => {
    const name = await makeBucket();
    const read = await aws.read(BUCKET, name);
    expect(read?.state).toMatchObject({ bucket: name, arn: `arn:aws:s3:::${name}` });
    expect(read?.inputs).toMatchObject({ bucket: name });
    const { inputs } = await aws.check(BUCKET, "raw", { bucket: name });
    expect((await aws.diff(BUCKET, read?.state ?? {}, read?.inputs ?? {}, inputs)).changed).toBe(false);
  });

  it("is reported as gone when it does not exist", async () => {
    expect(await aws.read(BUCKET, "nobody-made-this-bucket")).toBeUndefined();
  });

  it("is replaced under another name, and only then", async () => {
    const made = await aws.make(BUCKET, "raw", { bucket: fresh() });
    const { inputs } = await aws.check(BUCKET, "raw", { bucket: "another-name", tags: { a: "b" } });
    expect(await aws.diff(BUCKET, made.state, made.inputs, inputs)).toEqual({
      changed: true,
      replaces: ["bucket"],
      deleteBeforeReplace: false,
      detailed: { bucket: "UPDATE_REPLACE", tags: "ADD" },
    });
  });

  it("keeps its objects unless forceDestroy says otherwise", async () => {
    const made = await aws.make(BUCKET, "raw", { bucket: fresh() });
    await aws.make(VERSIONING, "v", {
      bucket: made.id,
      versioningConfiguration: { status: "Enabled" },
    });
    for (const Body of ["one", "two"]) {
      await s3.send(new PutObjectCommand({ Bucket: made.id, Key: "raw/a", Body }));
    }
    await expect(aws.delete(BUCKET, made.id, made.state)).rejects.toThrow(
      new RegExp(`bucket ${made.id} is not empty .*set forceDestroy`),
    );
    await aws.delete(BUCKET, made.id, { ...made.state, forceDestroy: true });
    expect(await aws.read(BUCKET, made.id)).toBeUndefined();
  });

  it.each([["Upper"], ["ab"], ["a..b"], ["192.168.1.1"]])("refuses the name %s", async (bucket) => {
    const { failures } = await aws.check(BUCKET, "raw", { bucket });
    expect(failures).toEqual([
      { property: "bucket", reason: expect.stringContaining(`"${bucket}" is no name for a bucket`) },
    ]);
  });

  it("refuses an input that the stand-in does not offer", async () => {
    const { failures } = await aws.check(BUCKET, "raw", { bucket: fresh(), acl: "public-read" });
    expect(failures).toEqual([
      { property: "acl", reason: expect.stringMatching(/does not offer "acl" of aws:s3\/bucket:Bucket/) },
    ]);
  });
});

describe("BucketPolicy", () => {
  const policy = (bucket: string, actions: string | string[]): string =>
    JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "TlsOnly",
          Effect: "Deny",
          Principal: "*",
          Action: actions,
          Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
      ],
    });

  it("settles, and takes another spelling of the same policy for no change", async () => {
    const bucket = await makeBucket();
    const made = await aws.make(POLICY, "p", { bucket, policy: policy(bucket, "s3:*") });
    await expectSettled(POLICY, made);
    const { inputs } = await aws.check(POLICY, "p", { bucket, policy: policy(bucket, ["s3:*"]) });
    expect((await aws.diff(POLICY, made.state, made.inputs, inputs)).changed).toBe(false);
  });

  it("may be given as an object, and is updated when its meaning changes", async () => {
    const bucket = await makeBucket();
    const made = await aws.make(POLICY, "p", { bucket, policy: JSON.parse(policy(bucket, "s3:*")) });
    const { inputs } = await aws.check(POLICY, "p", { bucket, policy: policy(bucket, "s3:PutObject") });
    expect(await aws.diff(POLICY, made.state, made.inputs, inputs)).toMatchObject({
      detailed: { policy: "UPDATE" },
      replaces: [],
    });
    await aws.update(POLICY, bucket, made.state, inputs);
    const { Policy = "" } = await s3.send(new GetBucketPolicyCommand({ Bucket: bucket }));
    expect(JSON.parse(Policy).Statement[0].Action).toBe("s3:PutObject");
    await aws.delete(POLICY, bucket, made.state);
    expect(await aws.read(POLICY, bucket)).toBeUndefined();
  });

  it("passes on what AWS says, and refuses by itself what is no JSON", async () => {
    const bucket = "nobody-made-this-bucket";
    await expect(aws.make(POLICY, "p", { bucket, policy: policy(bucket, "s3:*") })).rejects.toThrow(
      /creating aws:s3\/bucketPolicy:BucketPolicy: NoSuchBucket/,
    );
    expect((await aws.check(POLICY, "p", { bucket, policy: "{oops" })).failures).toEqual([
      { property: "policy", reason: '"policy" must be a JSON document, not "{oops"' },
    ]);
  });
});

describe("settings of a bucket", () => {
  it("blocks public access, sees the block taken away, and puts it back", async () => {
    const bucket = await makeBucket();
    const all = { blockPublicAcls: true, blockPublicPolicy: true, restrictPublicBuckets: true };
    const made = await aws.make(BLOCK, "x", { bucket, ...all });
    expect(made.state).toMatchObject({ ...all, ignorePublicAcls: false });
    expect((await aws.read(BLOCK, bucket, made.state, made.inputs))?.inputs).toEqual(made.inputs);
    await s3.send(new DeletePublicAccessBlockCommand({ Bucket: bucket }));
    expect(await aws.read(BLOCK, bucket, made.state, made.inputs)).toBeUndefined();
  });

  it("turns off again what the program no longer says", async () => {
    const bucket = await makeBucket();
    const made = await aws.make(BLOCK, "x", { bucket, blockPublicAcls: true, blockPublicPolicy: true });
    const { inputs } = await aws.check(BLOCK, "x", { bucket, blockPublicAcls: true });
    expect((await aws.diff(BLOCK, made.state, made.inputs, inputs)).detailed).toEqual({
      blockPublicPolicy: "DELETE",
    });
    expect(await aws.update(BLOCK, bucket, made.state, inputs)).toMatchObject({ blockPublicPolicy: false });
  });

  it("encrypts, and settles", async () => {
    const bucket = await makeBucket();
    const rule = { applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } };
    const made = await aws.make(ENCRYPTION, "x", { bucket, rules: [rule] });
    expect((await aws.read(ENCRYPTION, bucket, made.state, made.inputs))?.inputs).toEqual(made.inputs);
    expect((await aws.diff(ENCRYPTION, made.state, made.inputs, made.inputs)).changed).toBe(false);
    const { inputs } = await aws.check(ENCRYPTION, "x", {
      bucket,
      rules: [{ ...rule, bucketKeyEnabled: true }],
    });
    expect((await aws.diff(ENCRYPTION, made.state, made.inputs, inputs)).detailed).toEqual({
      "rules[0].bucketKeyEnabled": "UPDATE",
    });
  });

  it("sees that ownership has drifted, and says so in the inputs", async () => {
    const bucket = await makeBucket();
    const program = { bucket, rule: { objectOwnership: "BucketOwnerEnforced" } };
    const made = await aws.make(OWNERSHIP, "x", program);
    await expectSettled(OWNERSHIP, made);
    await s3.send(
      new PutBucketOwnershipControlsCommand({
        Bucket: bucket,
        OwnershipControls: { Rules: [{ ObjectOwnership: "ObjectWriter" }] },
      }),
    );
    const read = await aws.read(OWNERSHIP, bucket, made.state, made.inputs);
    expect(read?.inputs).toMatchObject({ rule: { objectOwnership: "ObjectWriter" } });
    expect(await aws.diff(OWNERSHIP, read?.state ?? {}, read?.inputs ?? {}, made.inputs)).toMatchObject({
      detailed: { "rule.objectOwnership": "UPDATE" },
      replaces: [],
    });
  });

  it("cannot go back to a bucket that was never versioned", async () => {
    const bucket = await makeBucket();
    const made = await aws.make(VERSIONING, "x", { bucket, versioningConfiguration: { status: "Enabled" } });
    await expectSettled(VERSIONING, made);
    const never = { bucket, versioningConfiguration: { status: "Disabled" } };
    await expect(aws.update(VERSIONING, bucket, made.state, never)).rejects.toThrow(
      `versioning of bucket ${bucket} is Enabled and cannot become Disabled: say Suspended`,
    );
    const on = await aws.check(VERSIONING, "x", { bucket, versioningConfiguration: { status: "On" } });
    expect(on.failures).toEqual([
      {
        property: "versioningConfiguration.status",
        reason: '"status" must be one of Enabled, Suspended, Disabled, not "On"',
      },
    ]);
  });
});

describe("Role", () => {
  it("has the outputs of the official plugin, and settles", async () => {
    const name = fresh();
    const made = await aws.make(ROLE, "r", { name, assumeRolePolicy: trust("x"), description: "reads" });
    expect(made).toMatchObject({
      id: name,
      state: {
        arn: `arn:aws:iam::${ACCOUNT}:role/${name}`,
        name,
        path: "/",
        maxSessionDuration: 3600,
        uniqueId: expect.stringMatching(/^AROA/),
        createDate: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        tagsAll: {},
      },
    });
    const read = await aws.read(ROLE, name, made.state, made.inputs);
    expect(read?.inputs).toEqual(made.inputs);
    expect((await aws.diff(ROLE, read?.state ?? {}, read?.inputs ?? {}, made.inputs)).changed).toBe(false);
  });

  it("sees every drift, and one update repairs it", async () => {
    const name = fresh();
    const program = {
      name,
      assumeRolePolicy: trust("x"),
      description: "reads",
      maxSessionDuration: 7200,
      tags: { team: "ami" },
    };
    const made = await aws.make(ROLE, "r", program);
    await iam.send(new UpdateRoleCommand({ RoleName: name, Description: "other", MaxSessionDuration: 3600 }));
    await iam.send(new TagRoleCommand({ RoleName: name, Tags: [{ Key: "by", Value: "hand" }] }));
    const read = await aws.read(ROLE, name, made.state, made.inputs);
    const found = read ?? { state: {}, inputs: {} };
    expect(found.inputs).toMatchObject({ description: "other", maxSessionDuration: 3600 });
    expect((await aws.diff(ROLE, found.state, found.inputs, made.inputs)).detailed).toEqual({
      description: "UPDATE",
      maxSessionDuration: "UPDATE",
      "tags.by": "DELETE",
    });
    const state = await aws.update(ROLE, name, found.state, made.inputs);
    expect(state).toMatchObject({ description: "reads", maxSessionDuration: 7200, tagsAll: { team: "ami" } });
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: name }));
    expect(Role).toMatchObject({ Description: "reads", MaxSessionDuration: 7200 });
    const { Tags } = await iam.send(new ListRoleTagsCommand({ RoleName: name }));
    expect(Tags).toEqual([{ Key: "team", Value: "ami" }]);
  });

  it("is replaced for another name or path, deleted first where the name stays", async () => {
    const made = await aws.make(ROLE, "r", { name: fresh(), assumeRolePolicy: trust("x") });
    const moved = { ...made.inputs, path: "/snowflake/" };
    expect(await aws.diff(ROLE, made.state, made.inputs, moved)).toMatchObject({
      replaces: ["path"],
      deleteBeforeReplace: true,
    });
  });

  it("is not deleted while it has policies, unless forceDetachPolicies says so", async () => {
    const role = fresh();
    const made = await aws.make(ROLE, "r", { name: role, assumeRolePolicy: trust("x") });
    const policy = {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "*" }],
    };
    const inline = await aws.make(ROLE_POLICY, "read", { role, name: "read", policy });
    expect(inline.id).toBe(`${role}:read`);
    await expectSettled(ROLE_POLICY, inline);
    await expect(aws.delete(ROLE, role, made.state)).rejects.toThrow(/deleting .*DeleteConflict/);
    await aws.delete(ROLE, role, { ...made.state, forceDetachPolicies: true });
    expect(await aws.read(ROLE, role)).toBeUndefined();
    expect(await aws.read(ROLE_POLICY, inline.id)).toBeUndefined();
  });

  it("is kept free of policies that the program does not name", async () => {
    const role = fresh();
    await aws.make(ROLE, "r", { name: role, assumeRolePolicy: trust("x") });
    const policy = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "*" }] };
    await aws.make(ROLE_POLICY, "read", { role, name: "read", policy });
    await aws.make(ROLE_POLICY, "early", { role, name: "early", policy });
    const named = { roleName: role, policyNames: ["read"] };
    const inline = await aws.make(POLICIES, "own", named);
    await expectSettled(POLICIES, inline);
    const none = { roleName: role, policyArns: [] };
    const managed = await aws.make(ATTACHMENTS, "own", none);
    await expectSettled(ATTACHMENTS, managed);

    await iam.send(
      new PutRolePolicyCommand({
        RoleName: role,
        PolicyName: "by-hand",
        PolicyDocument: JSON.stringify(policy),
      }),
    );
    const { Policy } = await iam.send(
      new CreatePolicyCommand({ PolicyName: fresh(), PolicyDocument: JSON.stringify(policy) }),
    );
    await iam.send(new AttachRolePolicyCommand({ RoleName: role, PolicyArn: Policy?.Arn }));
    const seen = await aws.read(POLICIES, inline.id, inline.state, inline.inputs);
    expect(seen?.state).toEqual({ roleName: role, policyNames: ["by-hand", "read"] });
    expect((await aws.read(ATTACHMENTS, managed.id, managed.state, managed.inputs))?.state).toEqual({
      roleName: role,
      policyArns: [Policy?.Arn],
    });
    await aws.update(POLICIES, inline.id, seen?.state ?? {}, named);
    await aws.update(ATTACHMENTS, managed.id, { ...none, policyArns: [String(Policy?.Arn)] }, none);
    await expectSettled(POLICIES, inline);
    await expectSettled(ATTACHMENTS, managed);
  });

  it("refuses a session longer than IAM allows", async () => {
    const program = { assumeRolePolicy: trust("x"), maxSessionDuration: 60 };
    expect((await aws.check(ROLE, "r", program)).failures).toEqual([
      {
        property: "maxSessionDuration",
        reason: "maxSessionDuration must be from 3600 to 43200 seconds, not 60",
      },
    ]);
  });
});

describe("functions", () => {
  it("tell who calls, where, and what a bucket is", async () => {
    expect(await aws.invoke("aws:index/getCallerIdentity:getCallerIdentity")).toEqual({
      accountId: ACCOUNT,
      arn: `arn:aws:iam::${ACCOUNT}:user/deployer`,
      userId: expect.stringMatching(/^AIDA/),
      id: ACCOUNT,
    });
    expect(await aws.invoke("aws:index/getPartition:getPartition")).toMatchObject({ partition: "aws" });
    expect(await aws.invoke("aws:index/getRegion:getRegion")).toMatchObject({ region: "us-east-1" });
    const bucket = await makeBucket();
    expect(await aws.invoke("aws:s3/getBucket:getBucket", { bucket })).toMatchObject({
      arn: `arn:aws:s3:::${bucket}`,
    });
  });

  it("refuse what is not offered or does not exist", async () => {
    await expect(aws.invoke("aws:s3/getObject:getObject")).rejects.toThrow(
      /does not offer aws:s3\/getObject/,
    );
    await expect(aws.invoke("aws:s3/getBucket:getBucket", { bucket: "no-such-bucket" })).rejects.toThrow(
      "bucket no-such-bucket does not exist",
    );
  });
});

describe("the provider", () => {
  it("says whose credentials are refused what", async () => {
    const nobody = await ensureUser(
      cloud,
      { accountId: ACCOUNT, userName: "nobody", actions: ["sts:GetCallerIdentity"] },
      undefined,
    );
    const plugin = await PluginUnderTest.start("aws", environment(nobody));
    try {
      await plugin.configure();
      await expect(plugin.make(BUCKET, "raw", { bucket: fresh() })).rejects.toThrow(
        /creating aws:s3\/bucket:Bucket: AccessDenied/,
      );
      await expect(plugin.make(ROLE, "r", { assumeRolePolicy: trust("x") })).rejects.toThrow(
        /creating aws:iam\/role:Role: AccessDenied.*iam:CreateRole/,
      );
    } finally {
      await plugin.stop();
    }
  });

  it("adds its default tags, and takes them for its own when it reads", async () => {
    const plugin = await PluginUnderTest.start("aws", environment(owner));
    try {
      await plugin.configure({ defaultTags: JSON.stringify({ tags: { project: "flux" } }) });
      const made = await plugin.make(ROLE, "r", {
        name: fresh(),
        assumeRolePolicy: trust("x"),
        tags: { a: "b" },
      });
      expect(made.state).toMatchObject({ tags: { a: "b" }, tagsAll: { project: "flux", a: "b" } });
      const read = await plugin.read(ROLE, made.id, made.state, made.inputs);
      expect(read?.inputs).toEqual(made.inputs);
    } finally {
      await plugin.stop();
    }
  });

  it("refuses another account than the allowed ones, and settings that it does not know", async () => {
    const plugin = await PluginUnderTest.start("aws", environment(owner));
    try {
      await expect(plugin.configure({ allowedAccountIds: JSON.stringify(["222222222222"]) })).rejects.toThrow(
        /belong to AWS account 111111111111, but allowedAccountIds allows only 222222222222/,
      );
      await expect(plugin.configure({ assumeRoles: "[]" })).rejects.toThrow(/does not offer "assumeRoles"/);
    } finally {
      await plugin.stop();
    }
  });

  it("says that a bucket is somebody else's", async () => {
    const made = await aws.make(BUCKET, "b", { bucket: fresh() });
    const stranger = { accountId: "333333333333", userName: "stranger", actions: ["*"] };
    const plugin = await PluginUnderTest.start(
      "aws",
      environment(await ensureUser(cloud, stranger, undefined)),
    );
    try {
      await plugin.configure();
      await expect(plugin.read(BUCKET, made.id, made.state, made.inputs)).rejects.toThrow(
        `403 Forbidden: bucket ${made.id} exists, but these credentials may not see it`,
      );
    } finally {
      await plugin.stop();
    }
  });

  it("needs a region", async () => {
    const { AWS_REGION: _region, ...rest } = environment(owner);
    const plugin = await PluginUnderTest.start("aws", rest);
    try {
      await expect(plugin.configure()).rejects.toThrow(/no AWS region: set stack config `aws:region`/);
    } finally {
      await plugin.stop();
    }
  });
});
