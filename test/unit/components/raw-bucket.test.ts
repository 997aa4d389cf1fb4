import fc from "fast-check";
import { RawBucket, type RawBucketArgs } from "../../../components/raw-bucket.ts";
import { build, policy, value } from "../../support/mocks.ts";

const bucket = (args: Partial<RawBucketArgs> = {}) =>
  build(() => new RawBucket("raw", { bucketName: "flux-dev-raw", ...args }));

const BUCKET = "aws:s3/bucket:Bucket";
const POLICY = "aws:s3/bucketPolicy:BucketPolicy";
const DENY = {
  Sid: "DenyInsecureTransport",
  Effect: "Deny",
  Principal: "*",
  Action: "s3:*",
  Resource: ["arn:aws:s3:::flux-dev-raw", "arn:aws:s3:::flux-dev-raw/*"],
  Condition: { Bool: { "aws:SecureTransport": "false" } },
};

test("makes a bucket with its guards, each named after it and below it", async () => {
  const { resources } = await bucket();
  expect(resources.map(({ type, name, options }) => [name, type, options.parent]).slice(1)).toEqual([
    ["raw-bucket", BUCKET, "raw"],
    ["raw-public-access", "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "raw"],
    ["raw-ownership", "aws:s3/bucketOwnershipControls:BucketOwnershipControls", "raw"],
    [
      "raw-encryption",
      "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
      "raw",
    ],
    ["raw-policy", POLICY, "raw"],
  ]);
});

test("closes it to the public, to ACLs, and encrypts what lies in it", async () => {
  const { one } = await bucket();
  expect(one("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").inputs).toEqual({
    bucket: "flux-dev-raw",
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
  });
  expect(one("aws:s3/bucketOwnershipControls:BucketOwnershipControls").inputs.rule).toEqual({
    objectOwnership: "BucketOwnerEnforced",
  });
  expect(
    one("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration").inputs
      .rules,
  ).toEqual([{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }]);
});

test("refuses plain HTTP to everybody; without partners that is all its policy says", async () => {
  const { one } = await bucket();
  expect(policy(one(POLICY).inputs.policy)).toEqual({ Version: "2012-10-17", Statement: [DENY] });
});

test("uses a bucket that exists without making or changing it, and guards it all the same", async () => {
  const { one, made } = await bucket({ adopt: true });
  expect(one(BUCKET).id).toBe("flux-dev-raw");
  expect(one(POLICY).inputs.bucket).toBe("flux-dev-raw");
  expect(await value(made.arn)).toBe("arn:aws:s3:::flux-dev-raw");
});

test.each([
  { protect: true, deleteRawData: false, stays: true },
  { protect: false, deleteRawData: false, stays: true },
  { protect: false, deleteRawData: true, stays: false },
])("what is in the bucket goes with it only when that was said: %j", async ({ stays, ...args }) => {
  const { one } = await bucket(args);
  expect(one(BUCKET)).toMatchObject({
    inputs: { forceDestroy: !stays },
    options: { protect: args.protect, retainOnDelete: stays },
  });
});

test("its guards are protected with it, so that a destroy that it refuses leaves them", async () => {
  const { resources } = await bucket({ protect: true });
  for (const { type, options } of resources.filter(({ type }) => type.startsWith("aws:s3/")))
    expect({ type, protect: options.protect }).toEqual({ type, protect: true });
});

test("lets a partner read one folder: get, list, locate", async () => {
  const { one } = await bucket({
    readers: [
      { partner: "gridworks-eu", principal: "arn:aws:iam::222222222222:role/r", prefix: "raw/ami/eu/" },
    ],
  });
  const to = { Effect: "Allow", Principal: { AWS: "arn:aws:iam::222222222222:role/r" } };
  expect(policy(one(POLICY).inputs.policy).Statement).toEqual([
    DENY,
    {
      Sid: "PartnerGridworksEuGetObjects",
      ...to,
      Action: ["s3:GetObject", "s3:GetObjectVersion"],
      Resource: "arn:aws:s3:::flux-dev-raw/raw/ami/eu/*",
    },
    {
      Sid: "PartnerGridworksEuListFolder",
      ...to,
      Action: "s3:ListBucket",
      Resource: "arn:aws:s3:::flux-dev-raw",
      Condition: { StringLike: { "s3:prefix": "raw/ami/eu/*" } },
    },
    {
      Sid: "PartnerGridworksEuLocateBucket",
      ...to,
      Action: "s3:GetBucketLocation",
      Resource: "arn:aws:s3:::flux-dev-raw",
    },
  ]);
});

test("means an account ID as that account, in its own partition", async () => {
  const { one } = await bucket({
    partition: "aws-us-gov",
    readers: [{ partner: "p", principal: "222222222222", prefix: "raw/ami/" }],
  });
  const [deny, get] = policy(one(POLICY).inputs.policy).Statement;
  expect(get?.Principal).toEqual({ AWS: "arn:aws-us-gov:iam::222222222222:root" });
  expect(deny?.Resource).toEqual(["arn:aws-us-gov:s3:::flux-dev-raw", "arn:aws-us-gov:s3:::flux-dev-raw/*"]);
});

test("writes the same document whatever order the partners come in", async () => {
  const readers = ["b", "a", "c"].map((partner) => ({
    partner,
    principal: "222222222222",
    prefix: "raw/ami/",
  }));
  const documents: unknown[] = [];
  for (const order of [readers, readers.toReversed()])
    documents.push((await bucket({ readers: order })).one(POLICY).inputs.policy);
  expect(documents[0]).toBe(documents[1]);
});

test("names the statements of any two partners apart", async () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9]{0,3}(-[a-z0-9]{1,3}){0,2}$/);
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(name, { minLength: 2, maxLength: 6 }), async (partners) => {
      const readers = partners.map((partner) => ({ partner, principal: "222222222222", prefix: "raw/ami/" }));
      const { one } = await bucket({ readers });
      const ids = policy(one(POLICY).inputs.policy).Statement.map(({ Sid }) => String(Sid));
      expect(new Set(ids).size).toBe(1 + 3 * partners.length);
      for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9]+$/);
    }),
    { numRuns: 50 },
  );
});
