import fc from "fast-check";
import { edited, othersChanged, sameMeaning } from "../../../components/bucket-policy/edit.ts";
import { POLICY_BYTES } from "../../../components/bucket-policy/statements.ts";
import { missingGuards, RawBucket, type RawBucketArgs } from "../../../components/raw-bucket.ts";
import { build, policy, value } from "../../support/mocks.ts";

const live = { exists: true, policy: "", guards: {}, set: [], unseen: [] };
const bucket = (args: Partial<RawBucketArgs> = {}) =>
  build(() => new RawBucket("raw", { bucketName: "flux-dev-raw", environment: "dev", live, ...args }));

const BUCKET = "aws:s3/bucket:Bucket";
const POLICY = "pulumi-nodejs:dynamic/flux-ami:BucketPolicyStatements";
const GUARDS = [
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
];
const ARN = "arn:aws:s3:::flux-dev-raw";
const REFUSAL = {
  Sid: "FluxDevRefusesPlainHttp",
  Effect: "Deny",
  Principal: "*",
  Action: "s3:*",
  Resource: [ARN, `${ARN}/*`],
  Condition: { Bool: { "aws:SecureTransport": "false" } },
};

test("makes a bucket with its guards, each named after it and below it", async () => {
  const { resources } = await bucket();
  expect(resources.map(({ type, name, options }) => [name, type, options.parent]).slice(1)).toEqual([
    ["raw-bucket", BUCKET, "raw"],
    ["raw-public-access", GUARDS[0], "raw"],
    ["raw-ownership", GUARDS[1], "raw"],
    ["raw-encryption", GUARDS[2], "raw"],
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
  expect(policy(one(POLICY).inputs.policy)).toEqual({ Version: "2012-10-17", Statement: [REFUSAL] });
});

test("uses a bucket that exists without making or changing it, and leaves its guards to its owner", async () => {
  const found = {
    Version: "2008-10-17",
    Id: "theirs",
    Statement: [
      { Sid: "Producer", Effect: "Allow", Principal: { AWS: "222222222222" }, Action: "s3:PutObject" },
    ],
  };
  const guards = { encryption: "aws:kms", objectOwnership: "ObjectWriter" };
  const { one, made, resources } = await bucket({
    adopt: true,
    live: { ...live, policy: JSON.stringify(found), guards, set: ["publicAccess", "encryption"] },
  });
  expect(one(BUCKET).id).toBe("flux-dev-raw");
  // Only read: a stack that has set them lets go of them, and AWS does not reset them.
  const guarding = resources.filter(({ type }) => GUARDS.includes(type));
  expect(guarding.map(({ name, id }) => [name, id])).toEqual([
    ["raw-public-access", "flux-dev-raw"],
    ["raw-encryption", "flux-dev-raw"],
  ]);
  const { policy: whole, ...inputs } = one(POLICY).inputs;
  expect(inputs).toMatchObject({ bucket: "flux-dev-raw", own: [], keepOthers: true, lasting: [], guards });
  expect(policy(whole)).toEqual(found);
  expect(await value(made.arn)).toBe(ARN);
});

test("keeps its refusal of plain HTTP when the guards become somebody else's, until it goes itself", async () => {
  const { one } = await bucket({
    adopt: true,
    live: { ...live, policy: JSON.stringify({ Version: "2012-10-17", Statement: [REFUSAL] }) },
  });
  expect(policy(one(POLICY).inputs.policy).Statement).toEqual([REFUSAL]);
  expect(one(POLICY).inputs).toMatchObject({ own: [REFUSAL.Sid], lasting: [] });
});

test("manages the guards of a bucket that was there only when that is said, and lets go of none", async () => {
  const { one } = await bucket({ adopt: true, bucketGuards: "manage" });
  for (const type of GUARDS) expect(one(type).options.retainOnDelete).toBe(true);
  expect(policy(one(POLICY).inputs.policy).Statement).toEqual([REFUSAL]);
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
  // A bucket that stays keeps what guards it.
  for (const type of GUARDS) expect(one(type).options.retainOnDelete).toBe(stays);
  expect(one(POLICY).inputs.lasting).toEqual(stays ? ["FluxDevRefusesPlainHttp"] : []);
});

test("its guards are protected with it, so that a destroy that it refuses leaves them", async () => {
  const { resources } = await bucket({ protect: true });
  const guarding = resources.filter(({ type }) => [BUCKET, POLICY, ...GUARDS].includes(type));
  expect(guarding).toHaveLength(2 + GUARDS.length);
  for (const { type, options } of guarding)
    expect({ type, protect: options.protect }).toEqual({ type, protect: true });
});

test("lets partners read one folder, over TLS: get and locate, list; a role by its account and a condition", async () => {
  const role = (account: string) => `arn:aws:iam::${account}:role/r`;
  const { one } = await bucket({
    readers: [
      { partner: "gridworks-eu", principal: role("222222222222"), prefix: "raw/ami/eu/" },
      { partner: "acme", principal: role("333333333333"), prefix: "raw/ami/eu/" },
    ],
  });
  const [, read, list, ...more] = policy(one(POLICY).inputs.policy).Statement;
  const to = { Effect: "Allow", Principal: { AWS: ["222222222222", "333333333333"] } };
  const conditions = {
    ArnEquals: { "aws:PrincipalArn": [role("222222222222"), role("333333333333")] },
    Bool: { "aws:SecureTransport": "true" },
  };
  expect(more).toEqual([]);
  expect(read).toEqual({
    Sid: expect.stringMatching(/^FluxDevPrincipalsRead[0-9a-f]{8}$/),
    ...to,
    Action: ["s3:GetBucketLocation", "s3:GetObject", "s3:GetObjectVersion"],
    Resource: [ARN, `${ARN}/raw/ami/eu/*`],
    Condition: conditions,
  });
  expect(list).toEqual({
    Sid: expect.stringMatching(/^FluxDevPrincipalsList[0-9a-f]{8}$/),
    ...to,
    Action: "s3:ListBucket",
    Resource: ARN,
    Condition: { ...conditions, StringLike: { "s3:prefix": "raw/ami/eu/*" } },
  });
});

test("keeps folders, and whole accounts and single roles, apart", async () => {
  const { one } = await bucket({
    partition: "aws-us-gov",
    readers: [
      { partner: "a", principal: "222222222222", prefix: "raw/ami/" },
      { partner: "b", principal: "333333333333", prefix: "raw/ami/eu/" },
      { partner: "c", principal: "arn:aws-us-gov:iam::222222222222:role/r", prefix: "raw/ami/eu/" },
    ],
  });
  const [refusal, ...others] = policy(one(POLICY).inputs.policy).Statement;
  expect(refusal?.Resource).toEqual([
    "arn:aws-us-gov:s3:::flux-dev-raw",
    "arn:aws-us-gov:s3:::flux-dev-raw/*",
  ]);
  const who = others
    .filter(({ Sid }) => /Read/.test(String(Sid)))
    .map(({ Principal, Resource, Condition }) => [
      (Principal as { AWS: string }).AWS,
      (Resource as string[])[1],
      (Condition as { ArnEquals?: unknown }).ArnEquals !== undefined,
    ]);
  expect(who).toEqual([
    ["222222222222", "arn:aws-us-gov:s3:::flux-dev-raw/raw/ami/*", false],
    ["333333333333", "arn:aws-us-gov:s3:::flux-dev-raw/raw/ami/eu/*", false],
    ["222222222222", "arn:aws-us-gov:s3:::flux-dev-raw/raw/ami/eu/*", true],
  ]);
});

test("writes the same document whatever order the partners come in", async () => {
  const readers = ["b", "a", "c"].map((partner, index) => ({
    partner,
    principal: `22222222222${index}`,
    prefix: "raw/ami/",
  }));
  const documents: unknown[] = [];
  for (const order of [readers, readers.toReversed()])
    documents.push((await bucket({ readers: order })).one(POLICY).inputs.policy);
  expect(documents[0]).toBe(documents[1]);
});

test("no two statements of any environments and folders have the same ID", async () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9]{0,3}(-[a-z0-9]{1,3}){0,2}$/);
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(name, { minLength: 2, maxLength: 3 }),
      fc.uniqueArray(fc.constantFrom("raw/", "raw/a/", "raw/b/", "raw/a/b/"), { minLength: 1 }),
      async (environments, prefixes) => {
        const readers = prefixes.flatMap((prefix, index) => [
          { partner: `p${index}`, principal: "222222222222", prefix },
          { partner: `q${index}`, principal: "arn:aws:iam::222222222222:role/r", prefix },
        ]);
        const ids: string[] = [];
        for (const environment of environments)
          ids.push(...((await bucket({ environment, readers })).one(POLICY).inputs.own as string[]));
        expect(new Set(ids).size).toBe(environments.length * (1 + 4 * prefixes.length));
        for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9]+$/);
      },
    ),
    { numRuns: 30 },
  );
});

test("a policy that would be too long with what is there already stops before anything is changed", async () => {
  const readers = [{ partner: "p", principal: "222222222222", prefix: "raw/ami/" }];
  const long = JSON.stringify({ Statement: [{ Sid: "Theirs", Resource: "x".repeat(POLICY_BYTES - 200) }] });
  await expect(bucket({ adopt: true, readers, live: { ...live, policy: long } })).rejects.toThrow(
    /would have \d+ bytes, and S3 takes 20480; 2\d+ of them are there already\. Nothing was changed/,
  );
});

test("what does not guard a bucket that the stack only looks at is named", () => {
  const on = {
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
  };
  const guards = { publicAccessBlock: on, objectOwnership: "BucketOwnerEnforced" };
  const refusal = JSON.stringify({ Statement: [REFUSAL] });
  expect(missingGuards({ ...live, policy: refusal, guards })).toEqual([]);
  expect(
    missingGuards({
      ...live,
      guards: { publicAccessBlock: { ...on, blockPublicAcls: false }, objectOwnership: "ObjectWriter" },
      unseen: ["its encryption (AccessDenied: no)"],
    }),
  ).toEqual([
    "its public access block leaves blockPublicAcls off",
    "ACLs count (object ownership is ObjectWriter)",
    "its policy does not refuse plain HTTP",
    "its encryption (AccessDenied: no) could not be looked at",
  ]);
});

describe("editing a policy that others write as well", () => {
  const sid = fc.constantFrom("A", "B", "C", "D");
  const statement = fc.record({
    Sid: sid,
    Effect: fc.constantFrom("Allow", "Deny"),
    Action: fc.constantFrom("s3:GetObject", "s3:PutObject"),
  });
  const list = fc.uniqueArray(statement, { selector: ({ Sid }) => Sid });
  const text = (statements: object[]) => (statements.length ? JSON.stringify({ Statement: statements }) : "");

  test("adds, changes and takes back what is the stack's, and nothing else, whatever is there", () => {
    fc.assert(
      fc.property(list, list, fc.uniqueArray(sid), (theirs, mine, former) => {
        const own: string[] = [...new Set([...former, ...mine.map(({ Sid }) => Sid)])];
        const others = theirs.filter(({ Sid }) => !own.includes(Sid));
        const next = edited(text(theirs), JSON.stringify(mine), own, true);
        const said = next === "" ? [] : JSON.parse(next).Statement;
        expect(said.filter(({ Sid }: { Sid: string }) => !own.includes(Sid))).toEqual(others);
        expect(new Set(said)).toEqual(new Set([...others, ...mine]));
        // Twice is once, and taken back is as found.
        expect(edited(next, JSON.stringify(mine), own, true)).toBe(next);
        expect(sameMeaning(edited(next, "[]", own, true), text(others))).toBe(true);
      }),
    );
  });

  test("a made bucket's policy says nothing but the stack's", () => {
    expect(edited(text([{ Sid: "Theirs" }]), '[{"Sid":"Mine"}]', ["Mine"], false)).toBe(
      text([{ Sid: "Mine" }]),
    );
  });

  test("another spelling is no change; what somebody else did is told", () => {
    const [a, b] = [
      { Sid: "A", Principal: { AWS: "222222222222" }, Action: ["s3:GetObject"], Resource: ["y", "x"] },
      {
        Sid: "A",
        Action: "s3:GetObject",
        Principal: { AWS: "arn:aws:iam::222222222222:root" },
        Resource: ["x", "y"],
      },
    ];
    expect(sameMeaning(text([a]), text([b]))).toBe(true);
    expect(othersChanged(text([a, { Sid: "Mine" }]), text([b]), ["Mine"])).toEqual([]);
    expect(
      othersChanged(
        text([a]),
        text([
          { ...a, Action: "s3:*" },
          { Effect: "Deny", Action: "s3:*" },
        ]),
        [],
      ),
    ).toEqual(['statement "A" is new', "the statement Deny s3:* is new", 'statement "A" is gone']);
  });
});
