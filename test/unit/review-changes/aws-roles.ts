import { add, at, type Hostile, remove, rolePolicy, set, trust } from "./change.ts";

const BUCKET = "flux-prod-raw-111122223333";
const ARN = `arn:aws:s3:::${BUCKET}`;
const STRANGER = "arn:aws:iam::666666666666:root";
const variable = (name: string) => `\${${name}}`;

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

export const AWS_ROLES: readonly Hostile[] = [...trusts, ...roles, ...outside];
