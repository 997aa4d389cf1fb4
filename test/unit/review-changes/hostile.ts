import {
  add,
  at,
  bucketPolicy,
  type Change,
  type Hostile,
  remove,
  rolePolicy,
  set,
  trust,
} from "./change.ts";
import { DOCUMENTS } from "./documents.ts";
import { ENGINE } from "./engine.ts";
import { OTHERS } from "./others.ts";
import { ROLES } from "./roles.ts";
import { STACK } from "./stack.ts";

const BUCKET = "flux-prod-raw-111122223333";
const ARN = `arn:aws:s3:::${BUCKET}`;
const STRANGER = "arn:aws:iam::666666666666:root";
const GRANT = "snowflake:index/grantPrivilegesToAccountRole:GrantPrivilegesToAccountRole";
const variable = (name: string) => `\${${name}}`;

const allow = (more: Record<string, unknown>) => ({
  Effect: "Allow",
  Principal: { AWS: STRANGER },
  Action: "s3:GetObject",
  Resource: `${ARN}/raw/ami/*`,
  ...more,
});

const bucketDocuments: Hostile[] = [
  ["a stranger let in", bucketPolicy((d) => d.Statement.push(allow({}))), /666666666666/],
  ["everybody let in", bucketPolicy((d) => Object.assign(at(d, 1), { Principal: "*" })), /everybody/],
  [
    "everybody as AWS",
    bucketPolicy((d) => Object.assign(at(d, 1), { Principal: { AWS: "*" } })),
    /everybody/,
  ],
  [
    "a second principal",
    bucketPolicy((d) =>
      Object.assign(at(d, 2), { Principal: { AWS: ["arn:aws:iam::444455556666:role/reader", STRANGER] } }),
    ),
    /666666666666/,
  ],
  [
    "the whole account instead of one role",
    bucketPolicy((d) => Object.assign(at(d, 1), { Principal: { AWS: "444455556666" } })),
    /444455556666/,
  ],
  [
    "a session",
    bucketPolicy((d) =>
      d.Statement.push(allow({ Principal: { AWS: "arn:aws:sts::444455556666:assumed-role/reader/x" } })),
    ),
    /assumed-role/,
  ],
  [
    "a federated user",
    bucketPolicy((d) =>
      d.Statement.push(allow({ Principal: { AWS: "arn:aws:sts::444455556666:federated-user/x" } })),
    ),
    /federated-user/,
  ],
  [
    "a canonical user",
    bucketPolicy((d) => d.Statement.push(allow({ Principal: { CanonicalUser: "79a59df9" } }))),
    /79a59df9/,
  ],
  [
    "a service",
    bucketPolicy((d) => d.Statement.push(allow({ Principal: { Service: "cloudtrail.amazonaws.com" } }))),
    /cloudtrail/,
  ],
  [
    "a unique ID",
    bucketPolicy((d) => d.Statement.push(allow({ Principal: { AWS: "AROAEXAMPLEID1234567" } }))),
    /AROAEXAMPLE/,
  ],
  [
    "whoever is not named",
    bucketPolicy((d) =>
      d.Statement.push({
        Effect: "Allow",
        NotPrincipal: { AWS: STRANGER },
        Action: "s3:GetObject",
        Resource: `${ARN}/raw/ami/*`,
      }),
    ),
    /NotPrincipal|all but/,
  ],
  [
    "a wildcard without slash",
    bucketPolicy((d) => Object.assign(at(d, 1), { Resource: `${ARN}/raw/ami*` })),
    /raw\/ami\*/,
  ],
  [
    "the neighbour of a folder",
    bucketPolicy((d) => Object.assign(at(d, 1), { Resource: [`${ARN}/raw/ami/*`, `${ARN}/raw/am?/*`] })),
    /am\?/,
  ],
  [
    "every parquet file",
    bucketPolicy((d) => Object.assign(at(d, 1), { Resource: `${ARN}/*.parquet` })),
    /\*\.parquet/,
  ],
  [
    "all objects",
    bucketPolicy((d) => Object.assign(at(d, 1), { Resource: `${ARN}/*` })),
    /-raw-111122223333\/\*/,
  ],
  [
    "one exact key outside",
    bucketPolicy((d) => Object.assign(at(d, 1), { Resource: [`${ARN}/raw/ami/*`, `${ARN}/secret/key`] })),
    /secret\/key/,
  ],
  [
    "all resources but one",
    bucketPolicy((d) => {
      const s = at(d, 1);
      delete s.Resource;
      s.NotResource = `${ARN}/x`;
    }),
    /NotResource|all but/,
  ],
  [
    "writing",
    bucketPolicy((d) => Object.assign(at(d, 1), { Action: ["s3:GetObject", "s3:PutObject"] })),
    /PutObject/,
  ],
  ["reading by wildcard", bucketPolicy((d) => Object.assign(at(d, 1), { Action: "s3:Get*" })), /s3:Get\*/i],
  [
    "changing the policy",
    bucketPolicy((d) => d.Statement.push(allow({ Action: "s3:PutBucketPolicy", Resource: ARN }))),
    /PutBucketPolicy/,
  ],
  [
    "all actions but one",
    bucketPolicy((d) => {
      const s = at(d, 1);
      delete s.Action;
      s.NotAction = "s3:DeleteObject";
    }),
    /NotAction|all but/,
  ],
  [
    "listing without a prefix",
    bucketPolicy((d) => delete at(d, 2).Condition),
    /listing the whole bucket|ListBucket/,
  ],
  [
    "listing a wider prefix",
    bucketPolicy((d) => Object.assign(at(d, 2), { Condition: { StringLike: { "s3:prefix": ["raw/*"] } } })),
    /raw\/\*/,
  ],
  [
    "listing the empty prefix",
    bucketPolicy((d) =>
      Object.assign(at(d, 2), { Condition: { StringLike: { "s3:prefix": ["raw/ami/*", ""] } } }),
    ),
    /listing|ListBucket/,
  ],
  [
    "a prefix that need not be there",
    bucketPolicy((d) =>
      Object.assign(at(d, 2), { Condition: { StringLikeIfExists: { "s3:prefix": "raw/ami/*" } } }),
    ),
    /ListBucket|listing/,
  ],
  [
    "all of no values",
    bucketPolicy((d) =>
      Object.assign(at(d, 2), { Condition: { "ForAllValues:StringLike": { "s3:prefix": "raw/ami/*" } } }),
    ),
    /ListBucket|listing/,
  ],
  ["plain HTTP no longer refused", bucketPolicy((d) => d.Statement.shift()), /plain HTTP|SecureTransport/i],
  [
    "the refusal for one principal",
    bucketPolicy((d) => Object.assign(at(d, 0), { Principal: { AWS: STRANGER } })),
    /plain HTTP/,
  ],
  [
    "the refusal of an empty list",
    bucketPolicy((d) => Object.assign(at(d, 0), { Condition: { Bool: { "aws:SecureTransport": [] } } })),
    /plain HTTP/,
  ],
  [
    "the refusal the wrong way round",
    bucketPolicy((d) => Object.assign(at(d, 0), { Condition: { Bool: { "aws:SecureTransport": "true" } } })),
    /plain HTTP/,
  ],
  [
    "the refusal with a second condition",
    bucketPolicy((d) =>
      Object.assign(at(d, 0), {
        Condition: {
          Bool: { "aws:SecureTransport": "false" },
          StringEquals: { "aws:PrincipalAccount": "1" },
        },
      }),
    ),
    /plain HTTP/,
  ],
  [
    "the refusal of reading alone",
    bucketPolicy((d) => Object.assign(at(d, 0), { Action: "s3:GetObject" })),
    /plain HTTP/,
  ],
  [
    "the refusal of objects alone",
    bucketPolicy((d) => Object.assign(at(d, 0), { Resource: `${ARN}/*` })),
    /plain HTTP/,
  ],
  [
    "the refusal of another bucket",
    bucketPolicy((d) => Object.assign(at(d, 0), { Resource: ["arn:aws:s3:::x", "arn:aws:s3:::x/*"] })),
    /plain HTTP/,
  ],
  [
    "the refusal turned into leave",
    bucketPolicy((d) => Object.assign(at(d, 0), { Effect: "Allow" })),
    /everybody/,
  ],
  [
    "variables that are none any more",
    bucketPolicy((d) => {
      d.Version = "2008-10-17";
      d.Statement.push(allow({ Resource: `${ARN}/raw/ami/${variable("aws:username")}/*` }));
    }),
    /666666666666/,
  ],
  ["a document that is none", set("bucketPolicy", { policy: "{" }), /cannot be read/],
  ["an empty document", set("bucketPolicy", { policy: "" }), /cannot be read|bucket policy/],
  ["the policy deleted", remove("bucketPolicy"), /bucket policy .* is deleted|has no policy/],
  ["the policy of another bucket", set("bucketPolicy", { bucket: "other" }), /other/],
];

const trusts: Hostile[] = [
  ["no external ID", trust((d) => delete at(d, 0).Condition), /external ID/],
  [
    "any external ID",
    trust((d) => Object.assign(at(d, 0), { Condition: { StringLike: { "sts:ExternalId": "*" } } })),
    /external ID|externalid/,
  ],
  [
    "a variable as external ID",
    trust((d) =>
      Object.assign(at(d, 0), { Condition: { StringEquals: { "sts:ExternalId": variable("aws:userid") } } }),
    ),
    /policy variable/,
  ],
  [
    "one character as external ID",
    trust((d) =>
      Object.assign(at(d, 0), { Condition: { StringEquals: { "sts:ExternalId": "0".repeat(32) } } }),
    ),
    /1 different character/,
  ],
  [
    "a second external ID",
    trust((d) =>
      Object.assign(at(d, 0), {
        Condition: { StringEquals: { "sts:ExternalId": ["flux-7f3c9a1e5b2d4860", "flux-0123456789abcdef"] } },
      }),
    ),
    /one of 2/,
  ],
  [
    "another external ID",
    trust((d) =>
      Object.assign(at(d, 0), { Condition: { StringEquals: { "sts:ExternalId": "flux-0123456789abcdef" } } }),
    ),
    /flux-0123456789abcdef/,
  ],
  [
    "an external ID that need not be there",
    trust((d) =>
      Object.assign(at(d, 0), {
        Condition: { StringEqualsIfExists: { "sts:ExternalId": "flux-7f3c9a1e5b2d4860" } },
      }),
    ),
    /no exact match/,
  ],
  [
    "an external ID it must not be",
    trust((d) => Object.assign(at(d, 0), { Condition: { StringNotEquals: { "sts:ExternalId": "x" } } })),
    /no exact match/,
  ],
  [
    "a stranger beside Snowflake",
    trust((d) => d.Statement.push({ ...at(d, 0), Principal: { AWS: STRANGER } })),
    /666666666666/,
  ],
  [
    "Snowflake's whole account",
    trust((d) => Object.assign(at(d, 0), { Principal: { AWS: "arn:aws:iam::777788889999:root" } })),
    /777788889999/,
  ],
  ["everybody with the ID", trust((d) => Object.assign(at(d, 0), { Principal: { AWS: "*" } })), /everybody/],
  [
    "a service",
    trust((d) =>
      d.Statement.push({
        Effect: "Allow",
        Principal: { Service: "ec2.amazonaws.com" },
        Action: "sts:AssumeRole",
      }),
    ),
    /ec2\.amazonaws\.com/,
  ],
  [
    "GitHub's provider, unconditioned",
    trust((d) =>
      d.Statement.push({
        Effect: "Allow",
        Principal: {
          Federated: "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com",
        },
        Action: "sts:AssumeRoleWithWebIdentity",
      }),
    ),
    /token\.actions/,
  ],
  [
    "a SAML provider",
    trust((d) =>
      d.Statement.push({
        Effect: "Allow",
        Principal: { Federated: "arn:aws:iam::111122223333:saml-provider/x" },
        Action: "sts:AssumeRoleWithSAML",
      }),
    ),
    /saml-provider/,
  ],
  ["every action of STS", trust((d) => Object.assign(at(d, 0), { Action: "sts:*" })), /sts:\*/],
  [
    "session tags",
    trust((d) => Object.assign(at(d, 0), { Action: ["sts:AssumeRole", "sts:TagSession"] })),
    /TagSession/,
  ],
  [
    "whoever is not named",
    trust((d) => {
      const s = at(d, 0);
      delete s.Principal;
      s.NotPrincipal = { AWS: STRANGER };
    }),
    /NotPrincipal|all but/,
  ],
  [
    "an own user without an ID",
    trust((d) =>
      d.Statement.push({
        Effect: "Allow",
        Principal: { AWS: "arn:aws:iam::111122223333:user/eve" },
        Action: "sts:AssumeRole",
      }),
    ),
    /eve/,
  ],
];

const roles: Hostile[] = [
  [
    "writing",
    rolePolicy((d) => Object.assign(at(d, 0), { Action: ["s3:GetObject", "s3:PutObject"] })),
    /PutObject/,
  ],
  [
    "everything",
    rolePolicy((d) => d.Statement.push({ Effect: "Allow", Action: "*", Resource: "*" })),
    /"\*"|Allow \*/,
  ],
  [
    "passing roles on",
    rolePolicy((d) => d.Statement.push({ Effect: "Allow", Action: "iam:PassRole", Resource: "*" })),
    /PassRole/,
  ],
  [
    "another bucket",
    rolePolicy((d) => Object.assign(at(d, 0), { Resource: "arn:aws:s3:::other/raw/ami/*" })),
    /other/,
  ],
  [
    "every bucket",
    rolePolicy((d) => Object.assign(at(d, 0), { Resource: "arn:aws:s3:::*/raw/ami/*" })),
    /\*\/raw\/ami/,
  ],
  ["a folder above", rolePolicy((d) => Object.assign(at(d, 0), { Resource: `${ARN}/raw/*` })), /raw\/\*/],
  ["no prefix for listing", rolePolicy((d) => delete at(d, 1).Condition), /listing/],
  [
    "decrypting with any key",
    rolePolicy((d) => d.Statement.push({ Effect: "Allow", Action: "kms:Decrypt", Resource: "*" })),
    /kms:Decrypt/,
  ],
  [
    "a managed policy",
    set("role", { managedPolicyArns: ["arn:aws:iam::aws:policy/AdministratorAccess"] }),
    /AdministratorAccess/,
  ],
  [
    "an inline policy",
    set("role", {
      inlinePolicies: [
        {
          name: "x",
          policy: JSON.stringify({ Statement: { Effect: "Allow", Action: "s3:*", Resource: "*" } }),
        },
      ],
    }),
    /inline/,
  ],
  [
    "another role's policy",
    add("aws:iam/rolePolicy:RolePolicy", {
      role: "Admin",
      policy: JSON.stringify({
        Statement: { Effect: "Allow", Action: "s3:GetObject", Resource: `${ARN}/raw/ami/*` },
      }),
    }),
    /policies of role Admin/,
  ],
  ["longer sessions", set("role", { maxSessionDuration: 43_200 }), /keeps it for longer/],
  ["the role deleted", remove("role", "rolePolicy"), /IAM role .* is deleted/],
  ["the boundary gone", set("role", { permissionsBoundary: undefined }), /boundary/],
  [
    "another boundary",
    set("role", { permissionsBoundary: "arn:aws:iam::111122223333:policy/none" }),
    /boundary/,
  ],
];

const outside: Hostile[] = (
  [
    ["aws:iam/user:User", { name: "eve" }],
    ["aws:iam/group:Group", { name: "eves" }],
    ["aws:iam/accessKey:AccessKey", { user: "eve" }],
    ["aws:iam/userPolicy:UserPolicy", { user: "eve", policy: "{}" }],
    [
      "aws:iam/policyAttachment:PolicyAttachment",
      { policyArn: "arn:aws:iam::aws:policy/AdministratorAccess" },
    ],
    [
      "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
      { role: "r", policyArn: "arn:aws:iam::aws:policy/ReadOnlyAccess" },
    ],
    ["aws:iam/instanceProfile:InstanceProfile", { role: "flux-prod-snowflake-raw-ami" }],
    ["aws:iam/openIdConnectProvider:OpenIdConnectProvider", { url: "https://evil.example" }],
    ["aws:s3/bucketAcl:BucketAcl", { bucket: BUCKET, acl: "public-read" }],
    ["aws:s3/bucketObject:BucketObject", { bucket: BUCKET, key: "raw/ami/x.parquet", acl: "public-read" }],
    ["aws:s3/bucketWebsiteConfiguration:BucketWebsiteConfiguration", { bucket: BUCKET }],
    ["aws:s3/bucketReplicationConfig:BucketReplicationConfig", { bucket: BUCKET, role: "r" }],
    [
      "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
      { bucket: BUCKET, rules: [{ expiration: { days: 1 } }] },
    ],
    ["aws:s3/accessPoint:AccessPoint", { bucket: BUCKET }],
    ["aws:s3control/multiRegionAccessPoint:MultiRegionAccessPoint", { details: {} }],
    ["aws:s3/bucketNotification:BucketNotification", { bucket: BUCKET }],
    ["aws:kms/grant:Grant", { keyId: "k", granteePrincipal: STRANGER }],
    ["aws:lambda/function:Function", { role: "r" }],
    ["snowflake:index/user:User", { name: "EVE" }],
    ["snowflake:index/serviceUser:ServiceUser", { name: "EVE" }],
    ["snowflake:index/legacyServiceUser:LegacyServiceUser", { name: "EVE" }],
    [
      "snowflake:index/grantDatabaseRole:GrantDatabaseRole",
      { databaseRoleName: "D.R", parentRoleName: "PUBLIC" },
    ],
    ["snowflake:index/grantApplicationRole:GrantApplicationRole", { applicationRoleName: "A.R" }],
    ["snowflake:index/grantOwnership:GrantOwnership", { accountRoleName: "EVE" }],
    [
      "snowflake:index/grantPrivilegesToDatabaseRole:GrantPrivilegesToDatabaseRole",
      { databaseRoleName: "D.R" },
    ],
    ["snowflake:index/networkPolicy:NetworkPolicy", { allowedIpLists: ["0.0.0.0/0"] }],
    ["snowflake:index/task:Task", { sqlStatement: "GRANT ROLE R TO USER U" }],
    ["snowflake:index/procedureSql:ProcedureSql", { executeAs: "OWNER" }],
    ["snowflake:index/maskingPolicy:MaskingPolicy", { body: "val" }],
    ["snowflake:index/rowAccessPolicy:RowAccessPolicy", { body: "true" }],
    ["snowflake:index/failoverGroup:FailoverGroup", { allowedAccounts: ["O.A"] }],
    ["snowflake:index/managedAccount:ManagedAccount", { name: "READER" }],
    [
      "snowflake:index/accountParameter:AccountParameter",
      { key: "PREVENT_UNLOAD_TO_INLINE_URL", value: "false" },
    ],
    ["snowflake:index/view:View", { statement: "SELECT * FROM T" }],
    ["snowflake:index/tagAssociation:TagAssociation", { tagId: "T" }],
    ["command:local:Command", { create: "curl evil.example" }],
    ["pulumi-nodejs:dynamic:Resource", { __provider: "code" }],
    ["pulumi-nodejs:dynamic/flux-ami:Other", { __provider: "code" }],
  ] as const
).map(
  ([type, props]): Hostile => [`a new ${type}`, add(type, props), new RegExp(type.replaceAll("/", "\\/"))],
);

const snowflake: Hostile[] = [
  ["every location", set("integration", { storageAllowedLocations: ["*"] }), /\*/],
  [
    "a location more",
    (s) => s.integration.props.storageAllowedLocations.push(`s3://${BUCKET}/`),
    /s3:\/\/flux-prod-raw-111122223333\//,
  ],
  ["a bucket more", (s) => s.integration.props.storageAllowedLocations.push("s3://other/raw/ami/"), /other/],
  [
    "another role",
    set("integration", { storageAwsRoleArn: "arn:aws:iam::666666666666:role/x" }),
    /another role/,
  ],
  [
    "nothing blocked any more",
    (s) => {
      s.integration.props.storageBlockedLocations = undefined;
      s.integration.props.storageAwsObjectAcl = "bucket-owner-full-control";
    },
    /storageAwsObjectAcl/,
  ],
  ["the integration off", set("integration", { enabled: false }), /enabled/],
  ["the integration deleted", remove("integration"), /storage integration .* is deleted/],
  ["the stage elsewhere", set("stage", { url: "s3://other/raw/ami/" }), /other/],
  ["keys in a stage", set("stage", { storageIntegration: "", credentials: "AWS_KEY_ID='x'" }), /credentials/],
  ["a stage that purges", set("stage", { copyOptions: "PURGE = TRUE" }), /copyOptions/],
  ["files read otherwise", set("fileFormat", { nullIfs: ["0"] }), /nullIfs/],
  [
    "everything on a table",
    set("grant", { privileges: undefined, allPrivileges: true }),
    /grants ALL|ALL on/,
  ],
  ["ownership", set("grant", { privileges: ["OWNERSHIP"] }), /OWNERSHIP/],
  ["a privilege more", set("grant", { privileges: ["INSERT", "SELECT", "DELETE"] }), /FLUX_PROD_LOADER/],
  ["another role's", set("grant", { accountRoleName: "EVE" }), /EVE/],
  ["PUBLIC's", set("grant", { accountRoleName: "PUBLIC" }), /PUBLIC/],
  ["passing on what is there", set("grant", { withGrantOption: true }), /with grant option/],
  ["passing on", set("grant", { withGrantOption: true }), /withGrantOption/],
  [
    "all tables",
    set("grant", { onSchemaObject: { all: { objectTypePlural: "TABLES", inSchema: "D.S" } } }),
    /all or future/,
  ],
  [
    "future tables",
    set("grant", { onSchemaObject: { future: { objectTypePlural: "TABLES", inSchema: "D.S" } } }),
    /all or future/,
  ],
  [
    "the account",
    set("grant", { onSchemaObject: undefined, onAccount: true, privileges: ["MANAGE GRANTS"] }),
    /MANAGE GRANTS/,
  ],
  [
    "a grant more",
    add(GRANT, {
      accountRoleName: "EVE",
      privileges: ["SELECT"],
      onSchemaObject: { objectType: "TABLE", objectName: "T" },
    }),
    /EVE/,
  ],
  [
    "a warehouse for others",
    add(GRANT, {
      accountRoleName: "EVE",
      privileges: ["USAGE"],
      onAccountObject: { objectType: "WAREHOUSE", objectName: "W" },
    }),
    /EVE/,
  ],
  ["the loader's role for a user", set("member", { parentRoleName: undefined, userName: "EVE" }), /user EVE/],
  ["the loader's role for everybody", set("member", { parentRoleName: "PUBLIC" }), /PUBLIC/],
  [
    "an administrator's role",
    set("member", { roleName: "ACCOUNTADMIN", parentRoleName: "FLUX_PROD_LOADER" }),
    /ACCOUNTADMIN/,
  ],
  ["a role that takes over another", set("loader", { name: "SYSADMIN" }), /SYSADMIN/],
  ["an account more", (s) => s.share.props.accounts.push("EVIL.CO"), /EVIL\.CO/],
  ["a share emptied", remove("shareGrant"), /Partners lose what it showed them/],
  ["the external ID no longer pinned", remove("pin"), /Nothing pins the external ID/],
  ["another table shared", set("shareGrant", { onTable: '"FLUX_PROD"."PRODUCTION"."SECRETS"' }), /SECRETS/],
  [
    "all tables shared",
    set("shareGrant", { onTable: undefined, onAllTablesInSchema: '"FLUX_PROD"."PRODUCTION"' }),
    /all or future/,
  ],
  [
    "a statement more",
    set("pin", {
      execute: `ALTER STORAGE INTEGRATION "I" SET STORAGE_AWS_EXTERNAL_ID = 'flux-7f3c9a1e5b2d4860'; GRANT ROLE R TO USER U`,
    }),
    /word by word|Use the resource/,
  ],
  ["a revert that does something", set("relink", { revert: "DROP TABLE T" }), /DROP TABLE T/],
  ["a query at each refresh", set("relink", { query: "CALL P()" }), /CALL P/],
  [
    "the external ID of another integration pinned",
    set("pin", {
      execute: `ALTER STORAGE INTEGRATION "OTHER" SET STORAGE_AWS_EXTERNAL_ID = 'flux-7f3c9a1e5b2d4860'`,
    }),
    /OTHER/,
  ],
];

const costs: Hostile[] = [
  ["a size above the limit", set("warehouse", { warehouseSize: "X4LARGE" }), /X4LARGE/],
  ["a load above the limit", set("load", { loadSize: "X6LARGE" }), /X6LARGE/],
  ["never suspended", set("warehouse", { autoSuspend: 0 }), /never suspends/],
  ["a load that leaves it large", set("load", { restSize: "X6LARGE" }), /the size after a load is X6LARGE/],
  ["never resumed", set("warehouse", { autoResume: "false" }), /Nothing starts it any more/],
  ["idle for longer", set("warehouse", { autoSuspend: 299 }), /idle for longer/],
  ["clusters", set("warehouse", { maxClusterCount: 10 }), /maxClusterCount/],
  [
    "acceleration",
    set("warehouse", { enableQueryAcceleration: "true" }),
    /acceleration|enableQueryAcceleration/,
  ],
  ["Snowpark memory", set("warehouse", { warehouseType: "SNOWPARK-OPTIMIZED" }), /warehouseType/],
  ["another generation", set("warehouse", { generation: "2" }), /generation/],
  ["a resource constraint", set("warehouse", { resourceConstraint: "MEMORY_64X" }), /resourceConstraint/],
  ["no monitor", set("warehouse", { resourceMonitor: undefined }), /resourceMonitor|resource monitor/],
  ["an empty monitor", set("warehouse", { resourceMonitor: "" }), /resource monitor/],
  ["a larger quota", set("monitor", { creditQuota: 900 }), /creditQuota/],
  ["a quota without end", set("monitor", { creditQuota: 10_000_000 }), /creditQuota/],
  ["a quota each day", set("monitor", { frequency: "DAILY" }), /DAILY/],
  ["a monitor that only tells", set("monitor", { suspendTrigger: undefined }), /suspend/],
  ["a monitor that stops late", set("monitor", { suspendTrigger: 1_000 }), /suspend/],
  [
    "statements that never end",
    set("warehouse", { statementTimeoutInSeconds: 0 }),
    /statementTimeoutInSeconds/,
  ],
  ["the monitor deleted", remove("monitor"), /resource monitor .* is deleted/],
  [
    "a second warehouse",
    add("snowflake:index/warehouse:Warehouse", {
      name: "W2",
      warehouseSize: "SMALL",
      autoSuspend: 60,
      statementTimeoutInSeconds: 60,
      resourceMonitor: "M",
    }),
    /W2/,
  ],
];

const data: Hostile[] = [
  [
    "the table renamed",
    (s) => {
      s.table.props.name = "READINGS";
      s.load.props.table = "READINGS";
    },
    /READINGS/,
  ],
  ["the load into another table", set("load", { table: "ELSEWHERE" }), /ELSEWHERE/],
  ["a column dropped", (s) => s.table.props.columns.splice(3, 1), /VOLTAGE/],
  [
    "a column retyped",
    (s) => Object.assign(s.table.props.columns[1], { type: "VARCHAR(16777216)" }),
    /TIMESTAMP/,
  ],
  [
    "a column with a default",
    (s) => Object.assign(s.table.props.columns[2], { default: { constant: "0" } }),
    /USAGE_KWH\.default/,
  ],
  [
    "a column masked",
    (s) => Object.assign(s.table.props.columns[0], { maskingPolicy: "D.S.P" }),
    /maskingPolicy/,
  ],
  ["no clustering", set("table", { clusterBies: undefined }), /clustering key/],
  ["no Time Travel", set("table", { dataRetentionTimeInDays: 0 }), /dataRetentionTimeInDays/],
  ["tags that mask", set("table", { tags: [{ name: "PII", value: "1" }] }), /tags/],
  [
    "the table unprotected",
    (s) => {
      s.table.protect = false;
    },
    /not protected|no longer protected/,
  ],
  ["the database deleted", remove("database"), /database FLUX_PROD is deleted/],
  ["the schema transient", set("schema", { isTransient: "true" }), /isTransient|transient/],
  ["a bucket to be emptied", set("bucket", { forceDestroy: true }), /forceDestroy/],
  ["a bucket policy within the bucket", set("bucket", { policy: "{}" }), /input policy/],
  ["an ACL within the bucket", set("bucket", { acl: "public-read" }), /input acl/],
  ["a website within the bucket", set("bucket", { website: { indexDocument: "i" } }), /website/],
  [
    "replication within the bucket",
    set("bucket", { replicationConfiguration: { role: "r" } }),
    /replicationConfiguration/,
  ],
  [
    "expiry within the bucket",
    set("bucket", { lifecycleRules: [{ expiration: { days: 1 } }] }),
    /lifecycleRules/,
  ],
  ["the block opened", set("publicAccess", { blockPublicPolicy: false }), /blockPublicPolicy/],
  ["the block deleted", remove("publicAccess"), /public access block/],
  [
    "ACLs that count",
    set("ownership", { rule: { objectOwnership: "BucketOwnerPreferred" } }),
    /BucketOwnerPreferred/,
  ],
  [
    "another key",
    set("encryption", {
      rules: [
        {
          applyServerSideEncryptionByDefault: {
            sseAlgorithm: "aws:kms",
            kmsMasterKeyId: "arn:aws:kms:us-east-1:666666666666:key/x",
          },
        },
      ],
    }),
    /666666666666/,
  ],
  [
    "a policy that is not looked at",
    (s) => {
      s.bucketPolicy.ignoreChanges = ["policy"];
    },
    /ignoreChanges/,
  ],
];

const loads: Hostile[] = [
  ["a check off", set("load", { quality: { duplicates: { severity: "off" } } }), /duplicates/],
  [
    "a check that only warns",
    set("load", { quality: { voltage: { severity: "warn" }, continuity: { severity: "warn" } } }),
    /continuity turns from fail into warn/,
  ],
  ["from warning to nothing", set("load", { quality: { voltage: { severity: "off" } } }), /voltage/],
  [
    "a least share lowered",
    set("load", { quality: { voltage: { severity: "warn", minShare: 0.1 } } }),
    /minShare/,
  ],
  [
    "other intervals",
    set("load", { quality: { voltage: { severity: "warn" }, continuity: { intervalMinutes: 60 } } }),
    /intervalMinutes/,
  ],
  [
    "missing readings accepted",
    set("load", { quality: { voltage: { severity: "warn" }, continuity: { maxMissing: 9 } } }),
    /maxMissing/,
  ],
  [
    "a wider window",
    set("load", { quality: { voltage: { severity: "warn" }, timestampWindow: { from: "1970-01-01" } } }),
    /timestampWindow/,
  ],
  ["an earlier last day", set("load", { expectedTo: "2025-02-01" }), /expectedTo/],
  ["a later first day", set("load", { expectedFrom: "2025-04-01" }), /expectedFrom/],
  ["no first day", set("load", { expectedFrom: undefined }), /expectedFrom/],
  ["rejected rows accepted", set("load", { maxRejectedRows: 1_000 }), /maxRejectedRows/],
  ["replaced files loaded again", set("load", { replacedFiles: "load" }), /replacedFiles/],
  ["uncertain files loaded", set("load", { uncertainFiles: "load" }), /uncertainFiles/],
  ["no known meters", set("load", { metersTable: undefined }), /metersTable/],
  ["other known meters", set("load", { metersTable: "EVIL.S.M" }), /EVIL\.S\.M/],
  ["rows gone with the load", set("load", { onDelete: "truncate" }), /truncate|empty/],
  ["the table gone with the load", set("load", { onDelete: "drop" }), /onDelete is drop/],
  ["another folder", set("load", { path: "forged/" }), /forged/],
  ["as another role", set("load", { role: "ACCOUNTADMIN" }), /ACCOUNTADMIN/],
  ["an input that nobody knows", set("load", { skipEverything: true }), /skipEverything/],
  ["a load without end", set("load", { customTimeouts: { create: "500h" } }), /customTimeouts/],
  ["no statement timeout", set("load", { statementTimeoutSeconds: 172_800 }), /172800/],
  [
    "foreign code under the name of a type of the stack's own",
    add("pulumi-nodejs:dynamic/flux-ami:StorageReadiness", { __provider: "code", url: "s3://x/" }),
    /code of its own/,
  ],
  ["a folder above by two dots", set("stage", { url: `s3://${BUCKET}/raw/ami/../secret/` }), /\.\./],
  ["the load deleted", remove("load"), /load is deleted/],
];

export const HOSTILE: readonly (readonly [string, Change, RegExp, Change | undefined])[] = [
  ...bucketDocuments,
  ...trusts,
  ...roles,
  ...outside,
  ...snowflake,
  ...costs,
  ...data,
  ...loads,
  ...DOCUMENTS,
  ...ROLES,
  ...OTHERS,
  ...STACK,
  ...ENGINE,
].map(([what, change, names, start], index) => [`${index + 1}. ${what}`, change, names, start]);
