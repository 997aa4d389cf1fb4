import { StorageTrust, type StorageTrustArgs } from "../../../components/storage-trust.ts";
import { build, policy, value } from "../../support/mocks.ts";

const ARGS: StorageTrustArgs = {
  integrationName: "FLUX_DEV_S3_INTEGRATION",
  roleName: "flux-dev-snowflake-raw-ami",
  awsAccountId: "111111111111",
  bucket: { bucketName: "flux-dev-raw", arn: "arn:aws:s3:::flux-dev-raw" },
  prefix: "raw/ami/",
  deployerRoleName: "SYSADMIN",
};
const trust = (args: Partial<StorageTrustArgs> = {}) =>
  build(() => new StorageTrust("trust", { ...ARGS, ...args }));

const INTEGRATION = "snowflake:index/storageIntegration:StorageIntegration";
const EXECUTE = "snowflake:index/execute:Execute";
const ROLE = "aws:iam/role:Role";
const READINESS = "pulumi-nodejs:dynamic/flux-ami:StorageReadiness";
const ROLE_ARN = "arn:aws:iam::111111111111:role/flux-dev-snowflake-raw-ami";
const USER_ARN = "arn:aws:iam::999999999999:user/snowflake";
const RANDOM_ID = "0123456789abcdef0123456789abcdef";

test("makes its children, each named after it and below it", async () => {
  const { resources } = await trust();
  expect(resources.map(({ type, name }) => `${name} ${type}`).sort()).toEqual([
    "trust flux-ami:index:StorageTrust",
    "trust-attachments aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
    "trust-external-id random:index/randomId:RandomId",
    `trust-integration ${INTEGRATION}`,
    `trust-pinned-external-id ${EXECUTE}`,
    "trust-policies aws:iam/rolePoliciesExclusive:RolePoliciesExclusive",
    "trust-read-policy aws:iam/rolePolicy:RolePolicy",
    `trust-readiness ${READINESS}`,
    `trust-role ${ROLE}`,
  ]);
  const children = resources.filter(({ name }) => name !== "trust");
  expect(new Set(children.map(({ options }) => options.parent))).toEqual(new Set(["trust"]));
});

test("gives the integration the ARN that the role is going to have, and the folder alone", async () => {
  const { one, made } = await trust();
  expect(one(INTEGRATION).inputs).toMatchObject({
    name: "FLUX_DEV_S3_INTEGRATION",
    type: "EXTERNAL_STAGE",
    storageProvider: "S3",
    storageAwsRoleArn: ROLE_ARN,
    storageAllowedLocations: ["s3://flux-dev-raw/raw/ami/"],
    enabled: true,
  });
  expect(await value(made.roleArn)).toBe(ROLE_ARN);
});

test("lets Snowflake's user assume the role under the external ID, and nobody else", async () => {
  const { one } = await trust();
  expect(one(ROLE).inputs).toMatchObject({ name: "flux-dev-snowflake-raw-ami" });
  expect(policy(one(ROLE).inputs.assumeRolePolicy)).toEqual({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "SnowflakeAssumesRole",
        Effect: "Allow",
        Principal: { AWS: USER_ARN },
        Action: "sts:AssumeRole",
        Condition: { StringEquals: { "sts:ExternalId": RANDOM_ID } },
      },
    ],
  });
});

test("owns the role's policies, and lets none that was added by hand hold up a destroy", async () => {
  const { one } = await trust();
  expect(one("aws:iam/rolePoliciesExclusive:RolePoliciesExclusive").inputs).toEqual({
    roleName: "flux-dev-snowflake-raw-ami",
    policyNames: ["read-raw-readings"],
  });
  expect(one("aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive").inputs).toEqual({
    roleName: "flux-dev-snowflake-raw-ami",
    policyArns: [],
  });
  expect(one(ROLE).inputs.forceDetachPolicies).toBe(true);
});

test("lets the role read the folder, list it, learn the region, and no more", async () => {
  const { one } = await trust();
  const { inputs } = one("aws:iam/rolePolicy:RolePolicy");
  expect(policy(inputs.policy)).toEqual({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "GetObjects",
        Effect: "Allow",
        Action: ["s3:GetObject", "s3:GetObjectVersion"],
        Resource: "arn:aws:s3:::flux-dev-raw/raw/ami/*",
      },
      {
        Sid: "ListFolder",
        Effect: "Allow",
        Action: "s3:ListBucket",
        Resource: "arn:aws:s3:::flux-dev-raw",
        Condition: { StringLike: { "s3:prefix": "raw/ami/*" } },
      },
      {
        Sid: "LocateBucket",
        Effect: "Allow",
        Action: "s3:GetBucketLocation",
        Resource: "arn:aws:s3:::flux-dev-raw",
      },
    ],
  });
  expect(inputs.role).toBe("flux-dev-snowflake-raw-ami");
});

test("lets the role decrypt with the keys that are named, through S3 alone; tells what their owner has to add", async () => {
  const keys = ["arn:aws:kms:us-east-1:444455556666:key/b", "arn:aws:kms:us-east-1:444455556666:key/a"];
  const { one, made } = await trust({ kmsKeyArns: keys });
  const statements = policy(one("aws:iam/rolePolicy:RolePolicy").inputs.policy).Statement;
  const through = { StringEquals: { "kms:ViaService": "s3.us-east-1.amazonaws.com" } };
  expect(statements.at(-1)).toEqual({
    Sid: "DecryptObjects",
    Effect: "Allow",
    Action: "kms:Decrypt",
    Resource: keys.toReversed(),
    Condition: through,
  });
  expect(JSON.parse(made.keyPolicy)).toEqual({
    Sid: "SnowflakeDecryptsThroughS3",
    Effect: "Allow",
    Principal: { AWS: "111111111111" },
    Action: "kms:Decrypt",
    Resource: "*",
    Condition: { ...through, ArnEquals: { "aws:PrincipalArn": ROLE_ARN } },
  });
});

describe("the external ID", () => {
  const statement = `ALTER STORAGE INTEGRATION "FLUX_DEV_S3_INTEGRATION" SET STORAGE_AWS_EXTERNAL_ID = `;

  test("is random by default, and pinned on the integration as on the role", async () => {
    const { one, made } = await trust();
    expect(one(EXECUTE).inputs.execute).toContain(`${statement}'${RANDOM_ID}'`);
    expect(await value(made.externalId)).toBe(RANDOM_ID);
  });

  test("may be given, and then is not made up", async () => {
    const { one, resources } = await trust({ externalId: "given-by-the-owner" });
    expect(one(EXECUTE).inputs.execute).toContain(`${statement}'given-by-the-owner'`);
    expect(String(one(ROLE).inputs.assumeRolePolicy)).toContain("given-by-the-owner");
    expect(resources.map(({ type }) => type)).not.toContain("random:index/randomId:RandomId");
  });

  test("is pinned anew when the integration is replaced, and stays what it was", async () => {
    const replaced = (createdOn: string) =>
      build(() => new StorageTrust("trust", ARGS), {
        [INTEGRATION]: () => ({ createdOn, storageAwsIamUserArn: USER_ARN }),
      });
    const [before, after] = [await replaced("2026-01-01"), await replaced("2026-02-02")];
    expect(before.one(EXECUTE).inputs.execute).not.toBe(after.one(EXECUTE).inputs.execute);
    expect(after.one(ROLE).inputs).toEqual(before.one(ROLE).inputs);
    expect(after.one(INTEGRATION).inputs).toEqual(before.one(INTEGRATION).inputs);
  });
});

test("probes once role, policies, pinned ID and the bucket's own policy stand", async () => {
  const { one } = await trust();
  const { inputs, options } = one(READINESS);
  expect(options.after).toEqual(expect.arrayContaining(["trust-pinned-external-id", "trust-read-policy"]));
  expect(inputs).toMatchObject({
    integration: "FLUX_DEV_S3_INTEGRATION",
    url: "s3://flux-dev-raw/raw/ami/",
    roleArn: ROLE_ARN,
    externalId: RANDOM_ID,
    iamUserArn: USER_ARN,
    sessionRole: "SYSADMIN",
    timeoutSeconds: 180,
  });
});

test.each([
  [true, true],
  [undefined, true],
  [false, false],
])("with protect %s, integration and role are guarded: %s", async (protect, guarded) => {
  const { one } = await trust(protect === undefined ? {} : { protect });
  for (const type of [INTEGRATION, ROLE])
    expect(one(type).options).toMatchObject({
      protect: guarded,
      retainOnDelete: guarded,
      deleteBeforeReplace: true,
    });
});

test.each([
  ["aws-us-gov", "S3GOV", "s3gov://flux-dev-raw/raw/ami/"],
  ["aws-cn", "S3CHINA", "s3china://flux-dev-raw/raw/ami/"],
] as const)("speaks to partition %s in its own terms", async (partition, provider, url) => {
  const { one, made } = await build(
    () =>
      new StorageTrust("trust", {
        ...ARGS,
        partition,
        bucket: { bucketName: "flux-dev-raw", arn: `arn:${partition}:s3:::flux-dev-raw` },
      }),
    { [ROLE]: (inputs) => ({ arn: `arn:${partition}:iam::111111111111:role/${inputs.name}` }) },
  );
  expect(one(INTEGRATION).inputs).toMatchObject({
    storageProvider: provider,
    storageAwsRoleArn: `arn:${partition}:iam::111111111111:role/flux-dev-snowflake-raw-ami`,
    storageAllowedLocations: [url],
  });
  expect(await value(made.url)).toBe(url);
  expect(String(one("aws:iam/rolePolicy:RolePolicy").inputs.policy)).not.toContain("arn:aws:");
});

test("bounds and tags the role when told to", async () => {
  const permissionsBoundary = "arn:aws:iam::111111111111:policy/boundary";
  const { one } = await trust({ permissionsBoundary, tags: { environment: "dev" } });
  expect(one(ROLE).inputs).toMatchObject({ permissionsBoundary, tags: { environment: "dev" } });
});

test("a transform has the last word on a child", async () => {
  const { one } = await trust({
    transform: {
      role: (args, options) => [
        { ...args, maxSessionDuration: 7200 },
        { ...options, protect: false },
      ],
      integration: (args, options) => [{ ...args, comment: "owned by team X" }, options],
    },
  });
  expect(one(ROLE)).toMatchObject({ inputs: { maxSessionDuration: 7200 }, options: { protect: false } });
  expect(one(INTEGRATION).inputs.comment).toBe("owned by team X");
});
