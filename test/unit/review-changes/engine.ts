import { documents } from "../../policy/stack.ts";
import { add, all, type Change, further, type Hostile, remove, secret, set } from "./change.ts";

/** Hostile and sloppy changes that inputs alone do not show, or show in a veil. */

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const READINESS = "pulumi-nodejs:dynamic/flux-ami:StorageReadiness";

const readiness =
  (more: Record<string, unknown> = {}): Change =>
  (stack) =>
    Object.assign(stack, {
      readiness: {
        type: READINESS,
        name: "trust-readiness",
        props: {
          __provider: "thin",
          integration: "FLUX_PROD_S3_INTEGRATION",
          externalId: "flux-7f3c9a1e5b2d4860",
          sessionRole: "FLUX_PROD_DEPLOYER",
          timeoutSeconds: 180,
          ...more,
        },
      },
    });
const login =
  (name: string, props: Record<string, unknown>, type = "aws"): Change =>
  (stack) =>
    Object.assign(stack, { [name]: { type: `pulumi:providers:${type}`, name, props } });

/** Two logins, the first of which everything in AWS is made with. */
const twoLogins = all(
  login("default", { region: "us-east-1" }),
  login("other", { region: "us-east-1", profile: "other" }),
  (stack) => {
    for (const one of Object.values(stack)) if (one.type.startsWith("aws:")) one.login = "default";
  },
);
const by =
  (name: "role" | "rolePolicy" | "bucket" | "publicAccess", which: string): Change =>
  (stack) => {
    stack[name].login = which;
  };
const PEM = `-----BEGIN PRIVATE KEY-----\n${"MIIEvQIBADANBgkqhkiG9w0BAQEFAASC".repeat(9)}\n-----END PRIVATE KEY-----`;

const veiled: Hostile[] = [
  ["checks of the load in a veil", set("load", { quality: secret("{}") }), /quality is kept secret/],
  ["checks that only `up` tells", set("load", { quality: UNKNOWN }), /quality is known only after up/],
  ["one check that only `up` tells", set("load", { quality: { voltage: UNKNOWN } }), /known only after up/],
  ["a role of the load in a veil", set("load", { role: secret("ACCOUNTADMIN") }), /role is kept secret/],
  [
    "a veil behind a veil",
    set("load", { contract: secret("b") }),
    /difference of contract is kept secret/,
    set("load", { contract: secret("a") }),
  ],
  ["a folder that only `up` tells", set("load", { path: UNKNOWN }), /path is known only after up/],
  ["a stage's place in a veil", set("stage", { comment: "x", directory: secret("x") }), /kept secret/],
  ["a grant's role that only `up` tells", set("grant", { accountRoleName: UNKNOWN }), /known only after up/],
  [
    "a key written into a comment",
    set("integration", { comment: PEM }),
    /in plain what looks like a secret: comment/,
  ],
  ["a password in a role's description", set("role", { description: "password=Sesame-2026" }), /in plain/],
  ["an access key in a tag", set("bucket", { tags: { by: "AKIAIOSFODNN7EXAMPLE" } }), /in plain/],
  ["a URL with a login in a comment", set("table", { comment: "https://u:pw12345@x.example/" }), /in plain/],
  [
    "a token in a column's comment",
    (s) => Object.assign(s.table.props.columns[0], { comment: `ghp_${"a1B2".repeat(9)}` }),
    /in plain/,
  ],
];

const code: Hostile[] = [
  [
    "other code under the load",
    set("load", { __provider: "exports.handler = evil" }),
    /load runs other code of its own/,
    set("load", { __provider: "exports.handler = thin" }),
  ],
  [
    "other code under the bucket's policy",
    set("bucketPolicy", { __provider: "evil" }),
    /bucket policy .* runs other code/,
    set("bucketPolicy", { __provider: "thin" }),
  ],
  ["other code under the check", readiness({ __provider: "evil" }), /check .* runs other code/, readiness()],
  ["the check as another role", readiness({ sessionRole: "ACCOUNTADMIN" }), /ACCOUNTADMIN/, readiness()],
  ["the check on another integration", readiness({ integration: "HR" }), /HR/, readiness()],
  ["another external ID by the check", readiness({ externalId: "mine" }), /another external ID/, readiness()],
  ["an input of the check that nobody knows", readiness({ run: "curl" }), /No judge knows/, readiness()],
];

const logins: Hostile[] = [
  [
    "a role made with another login",
    by("role", "other"),
    /IAM role .* is made with another login, other/,
    twoLogins,
  ],
  ["a bucket's guard with another login", by("publicAccess", "other"), /another login/, twoLogins],
  ["a login that nobody knows", by("rolePolicy", "third"), /another login/, twoLogins],
  [
    "a new login of another account",
    all(login("third", { region: "us-east-1", assumeRoles: [{ roleArn: "x" }] }), by("role", "third")),
    /assumeRoles/,
    twoLogins,
  ],
  [
    "a new login that differs in what is kept secret alone",
    all(
      (stack) => {
        delete stack.default;
      },
      login("newer", { region: "us-east-1", secretKey: secret("their secret key of theirs") }),
      (stack) => {
        for (const one of Object.values(stack)) if (one.login === "default") one.login = "newer";
      },
    ),
    /another secretKey/,
    all(twoLogins, login("default", { region: "us-east-1", secretKey: secret("our secret key of ours") })),
  ],
  [
    "endpoints of a login",
    login("default", { region: "us-east-1", endpoints: [{ s3: "https://e" }] }),
    /endpoints/,
    twoLogins,
  ],
  [
    "a login that checks nothing",
    login("default", { region: "us-east-1", skipCredentialsValidation: true }),
    /skipCred/,
    twoLogins,
  ],
  [
    "a login's user",
    login("sf", { user: "EVE" }, "snowflake"),
    /another user/,
    login("sf", { user: "BOB" }, "snowflake"),
  ],
  [
    "a login's host",
    login("sf", { user: "BOB", host: "evil.example" }, "snowflake"),
    /another host/,
    login("sf", { user: "BOB" }, "snowflake"),
  ],
];

const reads: Hostile[] = [
  [
    "another stack's outputs",
    add("pulumi:pulumi:StackReference", { name: "organization/payroll/prod" }, { read: true }),
    /reads the stack organization\/payroll\/prod/,
  ],
  [
    "another stack in place of the one that was read",
    add("pulumi:pulumi:StackReference", { name: "organization/payroll/prod" }, { read: true }),
    /reads the stack organization\/payroll\/prod/,
    add("pulumi:pulumi:StackReference", { name: "organization/flux-ami/prod" }, { read: true }),
  ],
  [
    "a secret of somebody else's looked at",
    add("aws:secretsmanager/secretVersion:SecretVersion", { secretId: "payroll" }, { read: true }),
    /reads the aws:secretsmanager/,
  ],
  [
    "a secret of somebody else's in place of the one that was looked at",
    add("aws:secretsmanager/secretVersion:SecretVersion", { secretId: "payroll" }, { read: true }),
    /reads the aws:secretsmanager/,
    add("aws:secretsmanager/secretVersion:SecretVersion", { secretId: "ours" }, { read: true }),
  ],
  [
    "a database taken for a schema",
    (stack) => {
      const type = "snowflake:index/sharedDatabase:SharedDatabase";
      Object.assign(stack.database, { type, aliased: true });
    },
    /was a database until now/,
  ],
  [
    "foreign code in place of a table",
    (stack) => {
      Object.assign(stack.table, { type: "pulumi-nodejs:dynamic/flux-ami:VerifiedLoad", aliased: true });
    },
    /was a table until now/,
  ],
];

const ARN = "arn:aws:s3:::flux-prod-raw-111122223333";
const PRODUCER = {
  Sid: "Producer",
  Effect: "Allow",
  Principal: { AWS: "arn:aws:iam::999900001111:role/producer" },
  Action: "s3:PutObject",
  Resource: `${ARN}/*`,
};
const adopted: Change = (stack) => {
  const own = documents.bucket().Statement;
  const text = JSON.stringify({ Version: "2012-10-17", Statement: [PRODUCER, ...own] });
  const props = { keepOthers: true, found: text, policy: text, own: own.map(({ Sid }) => Sid) };
  Object.assign(stack.bucketPolicy.props, props);
};
/** A document that says an element twice: JSON's readers take the last one, others the first. */
const twice =
  (name: "bucketPolicy" | "role" | "rolePolicy", field: string, element: string, first: string): Change =>
  (stack) => {
    const text = String(stack[name].props[field]);
    stack[name].props[field] = text.replace(`"${element}":`, `"${element}":${first},"${element}":`);
  };

const texts: Hostile[] = [
  [
    "somebody's statement claimed as the stack's",
    (stack) => {
      stack.bucketPolicy.props.own = [...stack.bucketPolicy.props.own, "Producer"];
    },
    /takes for its own what others said there.*Producer/,
    adopted,
  ],
  [
    "somebody's statement claimed, and taken away",
    all(
      (stack) => {
        stack.bucketPolicy.props.own = [...stack.bucketPolicy.props.own, "Producer"];
      },
      further("bucketPolicy", "policy", (d) => d.Statement.shift()),
    ),
    /takes for its own/,
    adopted,
  ],
  ["an effect said twice", twice("bucketPolicy", "policy", "Effect", '"Allow"'), /twice/],
  ["a principal said twice", twice("role", "assumeRolePolicy", "Principal", '"*"'), /twice/],
  ["a resource said twice", twice("rolePolicy", "policy", "Resource", '"*"'), /twice/],
  ["a condition said twice", twice("role", "assumeRolePolicy", "Condition", "{}"), /twice/],
  ["statements said twice", twice("rolePolicy", "policy", "Statement", "[]"), /twice/],
  ["the check taken out", remove("pin"), /Nothing pins/],
];

const inSchema = (type: string, database: string): Hostile => [
  `a ${type} in somebody else's database`,
  add(`snowflake:index/${type}`, { database, schema: "PUBLIC", name: "X", columns: [] }, { protect: true }),
  new RegExp(`in the database ${database}, but the stack's is FLUX_PROD`),
];
const elsewhere: Hostile[] = [
  ...["table:Table", "stage:Stage", "fileFormat:FileFormat", "schema:Schema"].map((type) =>
    inSchema(type, "HR"),
  ),
  [
    "a second database",
    add("snowflake:index/database:Database", { name: "FLUX_PROD_COPY" }, { protect: true }),
    /in the database FLUX_PROD_COPY/,
  ],
  [
    "a grant that is kept for whom it was",
    (stack) => {
      stack.grant.ignoreChanges = ["accountRoleName"];
    },
    /ignoreChanges hides accountRoleName/,
  ],
  ["the load as another stack's", set("load", { owner: "organization/flux-ami/other" }), /owner/],
];

export const ENGINE: readonly Hostile[] = [...veiled, ...code, ...logins, ...reads, ...texts, ...elsewhere];
