import * as closedWorld from "../../policies/closed-world.ts";
import * as stackWide from "../../policies/stack-wide.ts";
import { edit, type Harmless, type Mutation, testDomain } from "./mutations.ts";
import { documents } from "./stack.ts";

/** The grant by which a loader's role that was there is kept. */
const LOADERS = {
  name: "loader-readings",
  within: "flux-ami:index:LoaderAccess",
  ignoreChanges: ["accountRoleName"],
};

/** Makes a component of what was a resource. */
const MOVED_AWAY = { type: "flux-ami:index:Other" };

const mutations: Mutation[] = [
  {
    policy: closedWorld.onlyKnownTypes,
    change: "a user",
    mutate: ({ grant }) => Object.assign(grant, { type: "aws:iam/user:User", props: { name: "eve" } }),
    says: /no rule knows what a aws:iam\/user:User does/,
  },
  {
    policy: closedWorld.onlyKnownTypes,
    change: "a command on the machine that deploys",
    mutate: ({ grant }) => Object.assign(grant, { type: "command:local:Command", props: { create: "id" } }),
    says: /no rule knows what a command:local:Command does/,
  },
  {
    policy: closedWorld.onlyKnownTypes,
    change: "a login of another provider",
    mutate: ({ grant }) => Object.assign(grant, { type: "pulumi:providers:command", props: {} }),
    says: /no rule knows/,
  },
  {
    policy: closedWorld.onlyKnownTypes,
    change: "a website",
    mutate: ({ bucket }) => Object.assign(bucket.props, { website: { indexDocument: "index.html" } }),
    says: /no rule looks at the input website of a bucket/,
  },
  {
    policy: closedWorld.onlyKnownTypes,
    change: "an input that is not known before up",
    mutate: ({ bucket }) => Object.assign(bucket.props, { policy: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" }),
    says: /no rule looks at the input policy of a bucket/,
  },
  {
    policy: closedWorld.nothingIsIgnored,
    change: "a policy that is not looked at",
    mutate: ({ bucketPolicy }) => Object.assign(bucketPolicy, { ignoreChanges: ["policy"] }),
    says: /ignoreChanges hides policy/,
  },
  {
    policy: closedWorld.nothingIsIgnored,
    change: "a grant whose name looks like that of a loader's role that is kept",
    mutate: ({ grant }) =>
      Object.assign(grant, {
        name: `x::flux-ami:index:LoaderAccess$${grant.type}::loader-readings`,
        ignoreChanges: ["accountRoleName"],
      }),
    says: /ignoreChanges hides accountRoleName/,
  },
  {
    policy: closedWorld.nothingIsIgnored,
    change: "more than the name that a stack keeps",
    mutate: ({ bucket }) => Object.assign(bucket, { ignoreChanges: ["bucket", "tags"] }),
    says: /ignoreChanges hides tags:/,
  },
  {
    policy: closedWorld.nothingIsIgnored,
    change: "the role of another grant to the loader",
    mutate: ({ grant }) => Object.assign(grant, { ...LOADERS, name: "loader-stage" }),
    says: /ignoreChanges hides accountRoleName/,
  },
  {
    policy: closedWorld.nothingIsIgnored,
    change: "the role of a grant of that name that is nobody's part",
    mutate: ({ grant }) => Object.assign(grant, { ...LOADERS, within: undefined }),
    says: /ignoreChanges hides accountRoleName/,
  },
  {
    policy: closedWorld.nothingIsIgnored,
    change: "the role of something else that the loader's access is made of",
    mutate: ({ grant }) =>
      Object.assign(grant, { ...LOADERS, type: "snowflake:index/accountRole:AccountRole" }),
    says: /ignoreChanges hides accountRoleName/,
  },
  {
    policy: stackWide.oneBucket,
    change: "a role that reads by an access point, behind which may be any bucket",
    mutate: edit<{ Statement: object[] }>("rolePolicy", "policy", documents.role, (document) => {
      Object.assign(document.Statement[0] ?? {}, {
        Resource: "arn:aws:s3:us-east-1:111122223333:accesspoint/other/object/raw/ami/*",
      });
    }),
    says: /speaks of the bucket accesspoint\/other, but the stack's is flux-prod-raw-111122223333/,
  },
  {
    policy: stackWide.oneBucket,
    change: "a stage on another bucket",
    mutate: ({ stage }) => Object.assign(stage.props, { url: "s3://other/raw/ami/" }),
    says: /^stage: speaks of the bucket other, but the stack's is flux-prod-raw-111122223333/,
  },
  {
    policy: stackWide.oneBucket,
    change: "a bucket policy that speaks of all buckets",
    mutate: edit<{ Statement: object[] }>("bucketPolicy", "policy", documents.bucket, (document) => {
      Object.assign(document.Statement[1] ?? {}, { Resource: "arn:aws:s3:::*/raw/ami/*" });
    }),
    says: /^raw-policy: its policy speaks of the bucket \*. Name its own/,
  },
  {
    policy: stackWide.oneBucket,
    change: "a stage on another bucket, where the bucket is somebody else's",
    mutate: (stack) => {
      Object.assign(stack.bucket, MOVED_AWAY);
      Object.assign(stack.bucketPolicy, MOVED_AWAY);
      Object.assign(stack.publicAccess, MOVED_AWAY);
      Object.assign(stack.ownership, MOVED_AWAY);
      Object.assign(stack.encryption, MOVED_AWAY);
      Object.assign(stack.stage.props, { url: "s3://other/raw/ami/" });
    },
    says: /^stage: speaks of the bucket other, but the stack's is flux-prod-raw-111122223333/,
  },
  {
    policy: stackWide.oneDatabase,
    change: "a database beside that of the load",
    mutate: ({ monitor }) =>
      Object.assign(monitor, { type: "snowflake:index/database:Database", props: { name: "HR" } }),
    says: /^monitor: is in the database HR, but the stack's is FLUX_PROD/,
  },
  {
    policy: stackWide.oneDatabase,
    change: "a schema in another database, where nothing is loaded",
    mutate: ({ load, schema }) => {
      Object.assign(load, MOVED_AWAY);
      Object.assign(schema.props, { database: "HR" });
    },
    says: /^readings-schema: is in the database HR, but the stack's is FLUX_PROD/,
  },
  {
    policy: stackWide.policiesHangOnOwnRoles,
    change: "a policy of a role that has the name of something else of the stack's",
    mutate: ({ rolePolicy }) => Object.assign(rolePolicy.props, { role: "FLUX_PROD" }),
    says: /^trust-read: changes the role FLUX_PROD, which the stack does not make/,
  },
  {
    policy: stackWide.bucketHasPublicAccessBlock,
    change: "a bucket that was there, and whose block nobody could look at",
    mutate: ({ publicAccess, bucketPolicy }) => {
      Object.assign(publicAccess, MOVED_AWAY);
      Object.assign(bucketPolicy.props, { guards: {} });
    },
    says: /the bucket flux-prod-raw-111122223333 has no public access block/,
  },
  {
    policy: stackWide.oneDatabase,
    change: "a stage in another database",
    mutate: ({ stage }) => Object.assign(stage.props, { database: "HR" }),
    says: /^stage: is in the database HR, but the stack's is FLUX_PROD/,
  },
  {
    policy: stackWide.oneBucket,
    change: "a role that reads another bucket",
    mutate: edit<{ Statement: Record<string, unknown>[] }>(
      "rolePolicy",
      "policy",
      documents.role,
      (document) => Object.assign(document.Statement[0] ?? {}, { Resource: "arn:aws:s3:::other/raw/ami/*" }),
    ),
    says: /^trust-read: speaks of the bucket other/,
  },
  {
    policy: stackWide.bucketHasPublicAccessBlock,
    change: "a block of another bucket",
    mutate: ({ publicAccess }) =>
      Object.assign(publicAccess, { type: "aws:s3/bucketOwnershipControls:BucketOwnershipControls" }),
    says: /the bucket flux-prod-raw-111122223333 has no public access block/,
  },
  {
    policy: stackWide.policiesHangOnOwnRoles,
    change: "a policy of a role that is somebody else's",
    mutate: ({ rolePolicy }) => Object.assign(rolePolicy.props, { role: "Admin" }),
    says: /^trust-read: changes the role Admin, which the stack does not make/,
  },
  {
    policy: stackWide.bucketHasPolicy,
    change: "an adopted bucket whose policy is gone",
    mutate: (stack) => {
      Object.assign(stack.bucket, { type: "aws:s3/bucketOwnershipControls:BucketOwnershipControls" });
      Object.assign(stack.bucketPolicy, { type: "aws:s3/bucketOwnershipControls:BucketOwnershipControls" });
    },
    says: /the bucket flux-prod-raw-111122223333 has no policy/,
  },
];

const harmless: Harmless[] = [
  {
    policy: stackWide.oneBucket,
    change: "a role that may read nothing elsewhere",
    mutate: edit<{ Statement: object[] }>("rolePolicy", "policy", documents.role, (document) => {
      document.Statement.push({ Effect: "Deny", Action: "s3:*", Resource: "arn:aws:s3:::other/*" });
    }),
  },
  {
    policy: stackWide.bucketHasPublicAccessBlock,
    change: "the block of a bucket that was there",
    mutate: ({ publicAccess, bucketPolicy }) => {
      Object.assign(publicAccess, MOVED_AWAY);
      Object.assign(bucketPolicy.props, { guards: { publicAccessBlock: { blockPublicAcls: true } } });
    },
  },
  {
    policy: closedWorld.nothingIsIgnored,
    change: "names that a stack keeps",
    mutate: ({ bucket, stage }) => {
      Object.assign(bucket, { ignoreChanges: ["bucket"] });
      Object.assign(stage, { ignoreChanges: ["name"] });
    },
  },
  {
    policy: closedWorld.nothingIsIgnored,
    change: "a loader's role that was there",
    mutate: ({ grant }) => Object.assign(grant, LOADERS),
  },
  {
    policy: closedWorld.onlyKnownTypes,
    change: "an input that says nothing",
    mutate: ({ bucket }) => Object.assign(bucket.props, { acl: "", lifecycleRules: [] }),
  },
  {
    policy: closedWorld.onlyKnownTypes,
    change: "a component of the program",
    mutate: ({ grant }) => Object.assign(grant, { type: "flux-ami:index:RawBucket", props: { x: 1 } }),
  },
];

describe("the closed world", () => testDomain({ ...closedWorld, ...stackWide }, mutations, harmless));
