import { documents } from "../../policy/stack.ts";
import {
  all,
  at,
  bucketPolicy,
  type Change,
  type Doc,
  further,
  LOCKED,
  remove,
  rolePolicy,
  set,
  trust,
} from "./change.ts";

const ARN = "arn:aws:s3:::flux-prod-raw-111122223333";

/** The partner's statement under this condition, and then under that one. */
const conditions = (what: string, before: object, after: object) =>
  [
    what,
    further("bucketPolicy", "policy", (d) => Object.assign(at(d, 1), { Condition: after })),
    bucketPolicy((d) => Object.assign(at(d, 1), { Condition: before })),
  ] as const;
const ROLE_ARN = "arn:aws:iam::444455556666:role/reader";

const respelt = [
  conditions(
    "ArnLike for ArnEquals, which do the same",
    { ArnEquals: { "aws:PrincipalArn": ROLE_ARN } },
    { ArnLike: { "aws:PrincipalArn": ROLE_ARN } },
  ),
  conditions(
    "a condition's key and operator in other cases",
    { StringEquals: { "aws:PrincipalOrgID": "o-1" } },
    { stringequals: { "AWS:PRINCIPALORGID": ["o-1"] } },
  ),
  conditions(
    "conditions in another order",
    { StringEquals: { "aws:PrincipalOrgID": "o-1" }, Bool: { "aws:SecureTransport": "true" } },
    { Bool: { "aws:SecureTransport": true }, StringEquals: { "aws:PrincipalOrgID": "o-1" } },
  ),
  [
    "an account by its root's ARN",
    bucketPolicy((d) => Object.assign(at(d, 1), { Principal: { AWS: "arn:aws:iam::444455556666:root" } })),
    bucketPolicy((d) => Object.assign(at(d, 1), { Principal: { AWS: "444455556666" } })),
  ],
  [
    "one role by a condition on its account",
    bucketPolicy((d) =>
      Object.assign(at(d, 1), {
        Principal: { AWS: "444455556666" },
        Condition: { ArnEquals: { "aws:PrincipalArn": ROLE_ARN } },
      }),
    ),
  ],
  ["a document with an ID", bucketPolicy((d) => Object.assign(d, { Id: "raw" }))],
  ["a document with blanks", set("rolePolicy", { policy: JSON.stringify(documents.role(), null, 2) })],
  [
    "a table's name without needless quotes",
    set("grant", {
      onSchemaObject: { objectType: "table", objectName: "FLUX_PROD.PRODUCTION.AMI_INTERVAL_READINGS" },
    }),
  ],
  [
    "a share's table without needless quotes",
    set("shareGrant", { onTable: "FLUX_PROD.PRODUCTION.AMI_INTERVAL_READINGS" }),
  ],
  ["a privilege with blanks", set("grant", { privileges: ["INSERT ", " SELECT"] })],
  ["a size in another spelling", set("warehouse", { warehouseSize: "medium" })],
] as const satisfies readonly (readonly [string, Change, Change?])[];

const tightened = [
  conditions(
    "fewer addresses",
    { IpAddress: { "aws:SourceIp": ["10.0.0.0/8", "192.168.0.0/16"] } },
    { IpAddress: { "aws:SourceIp": ["10.0.0.0/8"] } },
  ),
  conditions(
    "an exception more",
    { StringNotEquals: { "aws:PrincipalAccount": ["1"] } },
    { StringNotEquals: { "aws:PrincipalAccount": ["1", "2"] } },
  ),
  conditions(
    "a condition that has to be met now",
    { StringEqualsIfExists: { "aws:PrincipalOrgID": "o-1" } },
    { StringEquals: { "aws:PrincipalOrgID": "o-1" } },
  ),
  conditions(
    "one value where a pattern was",
    { StringLike: { "aws:PrincipalOrgID": "o-*" } },
    { StringEquals: { "aws:PrincipalOrgID": "o-1" } },
  ),
  [
    "a boundary for the role",
    set("role", { permissionsBoundary: "arn:aws:iam::111122223333:policy/bounds" }),
    set("role", { permissionsBoundary: undefined }),
  ],
  [
    "a queue that waits for longer",
    set("warehouse", { statementQueuedTimeoutInSeconds: 900 }),
    set("warehouse", { statementQueuedTimeoutInSeconds: 600 }),
  ],
  ["a schema whose owner alone grants", set("schema", { withManagedAccess: "true" })],
  [
    "a bucket key, so that KMS is asked less often",
    set("encryption", {
      rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" }, bucketKeyEnabled: true }],
    }),
  ],
  ["a partner's account let out of the share", set("opening", { accounts: [] })],
  [
    "fewer files that may be replaced",
    set("load", { replacedFiles: "fail" }),
    set("load", { replacedFiles: "skip" }),
  ],
] as const satisfies readonly (readonly [string, Change, Change?])[];

/** Everything in AWS is made with a login of these inputs. */
function login(props: Record<string, unknown>): Change {
  const type = "pulumi:providers:aws";
  return (stack) => {
    Object.assign(stack, { login: { type, name: "login", props: { region: "us-east-1", ...props } } });
    for (const one of Object.values(stack)) if (one.type.startsWith("aws:")) one.login = "login";
  };
}

const engine = [
  [
    "a newer provider, as the lockfile has it",
    all(login({ version: LOCKED.aws }), set("table", { comment: "Readings" })),
    login({ version: "7.48.0" }),
  ],
  [
    "a login of the same account under another name",
    (stack) => {
      const type = "pulumi:providers:aws";
      Object.assign(stack, {
        next: { type, name: "next", props: { region: "us-east-1", version: LOCKED.aws } },
      });
      stack.role.login = "next";
      stack.role.props.description = "reads";
    },
    login({ version: LOCKED.aws, __internal: {} }),
  ],
  [
    "a login in a state of an engine that kept nothing of its plugin",
    all(login({ __internal: {} }), set("table", { comment: "Readings" })),
    login({}),
  ],
  [
    "a file format that is only looked at",
    (stack) => {
      const type = "snowflake:index/fileFormat:FileFormat";
      Object.assign(stack, { looked: { type, name: "looked", props: { name: "CSV" }, read: true } });
      stack.table.props.comment = "Readings";
    },
  ],
  ["the load's files in other portions", set("load", { filesPerCopy: 500 })],
  ["what landed, kept for longer", set("load", { keepLandedDays: 30 })],
  ["the metering looked at", set("load", { meterCredits: true })],
  ["a comment that speaks of passwords", set("integration", { comment: "no password, no token: by role" })],
  ["a tag with an ARN", set("bucket", { tags: { topic: "arn:aws:sns:us-east-1:111122223333:arrived" } })],
  ["a tag with a commit", set("bucket", { tags: { commit: "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567" } })],
  ["a share's account in lower case", set("opening", { accounts: ["partnerco.analytics"] })],
  ["protection where there was none", (stack) => Object.assign(stack.warehouse, { protect: true })],
  [
    "a refusal of old TLS",
    bucketPolicy((d) =>
      d.Statement.push({
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: [ARN, `${ARN}/*`],
        Condition: { NumericLessThan: { "s3:TlsVersion": "1.2" } },
      }),
    ),
  ],
  ["a queue's limit that was none", set("warehouse", { statementQueuedTimeoutInSeconds: 0 })],
  [
    "a column's note in another language",
    (s) => Object.assign(s.table.props.columns[1], { comment: "Zeitpunkt: „Ablesung“" }),
  ],
  ["a quote within a policy's ID", bucketPolicy((d) => Object.assign(d, { Id: 'the "raw": bucket' }))],
] as const satisfies readonly (readonly [string, Change, Change?])[];

/** Changes that nobody has to stop at: other spellings, order, comments, tags, resizes within limits, tightening. */
export const HARMLESS: readonly (readonly [what: string, change: Change, start?: Change])[] = [
  ["actions in another case", rolePolicy((d) => Object.assign(at(d, 0), { Action: "S3:getobject" }))],
  ["a list instead of a text", trust((d) => Object.assign(at(d, 0), { Action: ["sts:AssumeRole"] }))],
  [
    "a text instead of a list",
    bucketPolicy((d) => Object.assign(at(d, 2), { Condition: { StringLike: { "s3:prefix": "raw/ami/*" } } })),
  ],
  ["statements in another order", bucketPolicy((d) => d.Statement.reverse())],
  ["other statement IDs", bucketPolicy((d) => Object.assign(at(d, 1), { Sid: "Other" }))],
  ["a statement split in two", rolePolicy(split)],
  ["one statement said twice", bucketPolicy((d) => d.Statement.push({ ...at(d, 1), Sid: "Again" }))],
  [
    "a condition more",
    bucketPolicy((d) =>
      Object.assign(at(d, 1), { Condition: { StringEquals: { "aws:PrincipalOrgID": "o-1" } } }),
    ),
  ],
  ["a folder below", rolePolicy((d) => Object.assign(at(d, 0), { Resource: `${ARN}/raw/ami/eu/*` }))],
  [
    "a narrower prefix for listing",
    rolePolicy((d) =>
      Object.assign(at(d, 1), { Condition: { StringLike: { "s3:prefix": "raw/ami/eu/*" } } }),
    ),
  ],
  ["an action fewer", bucketPolicy((d) => Object.assign(at(d, 1), { Action: "s3:GetObject" }))],
  ["a partner let out", bucketPolicy((d) => d.Statement.splice(1, 2))],
  [
    "a refusal more",
    bucketPolicy((d) =>
      d.Statement.push({ Effect: "Deny", Principal: "*", Action: "s3:DeleteObject", Resource: `${ARN}/*` }),
    ),
  ],
  [
    "the refusal for everybody as AWS",
    bucketPolicy((d) => Object.assign(at(d, 0), { Principal: { AWS: "*" } })),
  ],
  ["the refusal of everything", bucketPolicy((d) => Object.assign(at(d, 0), { Action: "*" }))],
  ["tags of the bucket", set("bucket", { tags: { project: "flux-ami", owner: "data" } })],
  ["tags and description of the role", set("role", { tags: { a: "b" }, description: "reads" })],
  ["a comment of the integration", set("integration", { comment: "Reads" })],
  [
    "comments of database and table",
    (s) => {
      s.database.props.comment = "a";
      s.table.props.comment = "b";
    },
  ],
  ["a comment of a column", (s) => Object.assign(s.table.props.columns[0], { comment: "Meter" })],
  ["a column more", (s) => s.table.props.columns.push({ name: "READ_AT", type: "DATE" })],
  [
    "a column more, with everything left empty",
    (s) =>
      s.table.props.columns.push({ name: "R", type: "DATE", collate: "", maskingPolicy: "", nullable: true }),
  ],
  ["a smaller warehouse", set("warehouse", { warehouseSize: "SMALL" })],
  ["a warehouse that stops earlier", set("warehouse", { autoSuspend: 30 })],
  ["statements that end earlier", set("warehouse", { statementTimeoutInSeconds: 3_600 })],
  ["a smaller quota", set("monitor", { creditQuota: 50 })],
  ["more people told of the quota", set("monitor", { notifyTriggers: [50, 80] })],
  ["more Time Travel", set("table", { dataRetentionTimeInDays: 30 })],
  ["privileges in another order", set("grant", { privileges: ["SELECT", "INSERT"] })],
  ["privileges in lower case", set("grant", { privileges: ["insert", "select"] })],
  ["the role's name in quotes", set("grant", { accountRoleName: '"FLUX_PROD_LOADER"' })],
  ["a privilege fewer", set("grant", { privileges: ["SELECT"] })],
  ["a grant taken back", remove("grant")],
  [
    "a statement of another moment",
    (s) => {
      s.pin.props.execute = s.pin.props.execute.replace("2026-11-01", "2026-11-27");
    },
  ],
  ["the loader's size within the limit", set("load", { loadSize: "LARGE" })],
  ["a check that fails instead of warning", set("load", { quality: { voltage: { severity: "fail" } } })],
  ["a higher least share", set("load", { quality: { voltage: { severity: "warn", minShare: 0.999 } } })],
  ["a default written out", set("load", { quality: { voltage: { severity: "warn", min: 110 } } })],
  ["more days expected", set("load", { expectedFrom: "2024-12-01", expectedTo: "2025-05-31" })],
  [
    "a narrower window",
    set("load", { quality: { voltage: { severity: "warn" }, timestampWindow: { from: "2020-01-01" } } }),
  ],
  ["more logging", set("schema", { logLevel: "INFO" })],
  ...respelt,
  ...tightened,
  ...engine,
];

function split(document: Doc) {
  const list = at(document, 1);
  document.Statement.push({ ...list, Action: "s3:GetBucketLocation" });
  list.Action = "s3:ListBucket";
}
