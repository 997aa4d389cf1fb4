import {
  DeletePublicAccessBlockCommand,
  GetBucketPolicyCommand,
  PutBucketOwnershipControlsCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import {
  aws,
  BLOCK,
  BUCKET,
  ENCRYPTION,
  expectSettled,
  fresh,
  makeBucket,
  OWNERSHIP,
  POLICY,
  s3,
  VERSIONING,
  withAwsPlugin,
} from "./support/aws-plugin.ts";

withAwsPlugin();

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
