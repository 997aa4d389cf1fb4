import { add, type Hostile, remove, set } from "./change.ts";

const BUCKET = "flux-prod-raw-111122223333";
const GRANT = "snowflake:index/grantPrivilegesToAccountRole:GrantPrivilegesToAccountRole";

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
  ["an account more", (s) => s.opening.props.accounts.push("EVIL.CO"), /EVIL\.CO/],
  ["a share made for an account", set("share", { accounts: ["EVIL.CO"] }), /EVIL\.CO/],
  ["another share opened", set("opening", { share: "OTHER" }), /Another share is opened/],
  ["a share closed", remove("opening"), /Partners lose the data at once/],
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

export const SNOWFLAKE: readonly Hostile[] = [...snowflake, ...costs, ...data, ...loads];
