import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  GetRoleCommand,
  ListRoleTagsCommand,
  PutRolePolicyCommand,
  TagRoleCommand,
  UpdateRoleCommand,
} from "@aws-sdk/client-iam";
import { ensureUser } from "../aws/identities.ts";
import {
  ACCOUNT,
  ATTACHMENTS,
  aws,
  BUCKET,
  cloud,
  environment,
  expectSettled,
  fresh,
  iam,
  makeBucket,
  owner,
  POLICIES,
  ROLE,
  ROLE_POLICY,
  trust,
  withAwsPlugin,
} from "./support/aws-plugin.ts";
import { PluginUnderTest } from "./support/plugin.ts";

withAwsPlugin();

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
