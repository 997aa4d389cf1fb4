import type { Declared } from "../../policy/judge.ts";
import type { Hostile } from "./change.ts";
import { add, type Change, remove, secret, set, withLogin } from "./change.ts";

/** Hostile and sloppy changes of grants, logins, and of how the engine is told to treat a resource. */

const GRANT = "snowflake:index/grantPrivilegesToAccountRole:GrantPrivilegesToAccountRole";
const ROLE_GRANT = "snowflake:index/grantAccountRole:GrantAccountRole";
const TABLE = '"FLUX_PROD"."PRODUCTION"."AMI_INTERVAL_READINGS"';

const granting = (props: Record<string, unknown>) =>
  add(GRANT, { accountRoleName: "EVE", privileges: ["SELECT"], ...props });
const onAccount = (privilege: string): Hostile => [
  `the privilege ${privilege} on the account`,
  granting({ onAccount: true, privileges: [privilege] }),
  new RegExp(privilege.trim().replace(/\s+/g, " "), "i"),
];

const grants: Hostile[] = [
  ...[
    "MANAGE GRANTS",
    "manage  grants",
    "CREATE ROLE",
    "CREATE USER",
    "EXECUTE TASK",
    "APPLY MASKING POLICY",
    "CREATE SHARE",
    "OVERRIDE SHARE RESTRICTIONS",
    "IMPORT SHARE",
    "ATTACH POLICY",
    "CREATE INTEGRATION",
    " ALL ",
  ].map(onAccount),
  [
    "everything, written as a text",
    set("grant", { privileges: undefined, allPrivileges: "true" }),
    /grants ALL|ALL on/,
  ],
  ["passing on, written as a text", set("grant", { withGrantOption: "true" }), /withGrantOption/],
  [
    "the account, written as a text",
    granting({ onAccount: "true", privileges: ["MANAGE GRANTS"] }),
    /grants on the account/,
  ],
  ["all privileges in lower case", set("grant", { privileges: ["all privileges"] }), /grants ALL/],
  ["ownership with blanks", set("grant", { privileges: [" ownership "] }), /OWNERSHIP/],
  [
    "a masking policy to apply",
    granting({ privileges: ["APPLY"], onSchemaObject: { objectType: "MASKING POLICY", objectName: TABLE } }),
    /APPLY/,
  ],
  [
    "a procedure of the owner's",
    granting({ privileges: ["USAGE"], onSchemaObject: { objectType: "PROCEDURE", objectName: TABLE } }),
    /EVE/,
  ],
  [
    "a task to operate",
    granting({ privileges: ["OPERATE"], onSchemaObject: { objectType: "TASK", objectName: TABLE } }),
    /EVE/,
  ],
  ["all schemas", granting({ onSchema: { allSchemasInDatabase: "FLUX_PROD" } }), /all or future/],
  ["future schemas", granting({ onSchema: { futureSchemasInDatabase: "FLUX_PROD" } }), /all or future/],
  [
    "all tables of the database",
    granting({ onSchemaObject: { all: { objectTypePlural: "TABLES", inDatabase: "FLUX_PROD" } } }),
    /all or future/,
  ],
  [
    "PUBLIC in lower case",
    granting({ accountRoleName: "public", onSchemaObject: { objectType: "TABLE", objectName: TABLE } }),
    /PUBLIC/,
  ],
  [
    "PUBLIC in quotes",
    granting({ accountRoleName: '"PUBLIC"', onSchemaObject: { objectType: "TABLE", objectName: TABLE } }),
    /PUBLIC/,
  ],
  [
    "the loader's role as somebody's",
    add(ROLE_GRANT, { roleName: "FLUX_PROD_LOADER", userName: "EVE" }),
    /user EVE/,
  ],
  ["security's role", add(ROLE_GRANT, { roleName: '"SECURITYADMIN"', userName: "EVE" }), /SECURITYADMIN/],
  [
    "the deployer's role",
    add(ROLE_GRANT, { roleName: "FLUX_PROD_DEPLOYER", parentRoleName: "PUBLIC" }),
    /PUBLIC/,
  ],
  [
    "another table in the share",
    add("snowflake:index/grantPrivilegesToShare:GrantPrivilegesToShare", {
      toShare: "FLUX_PROD_GRIDWORKS",
      privileges: ["SELECT"],
      onTable: '"HR"."PUBLIC"."PAY"',
    }),
    /PAY/,
  ],
  ["a view in the share", set("shareGrant", { onTable: undefined, onView: '"HR"."PUBLIC"."PAY"' }), /PAY/],
  ["a share renamed", set("share", { name: "OTHER" }), /OTHER/],
  [
    "a share of somebody else's read",
    add("snowflake:index/sharedDatabase:SharedDatabase", {
      name: "FLUX_REFERENCE",
      fromShare: "EVIL.CO.METERS",
    }),
    /believed/,
  ],
  [
    "a statement that links another stage",
    add("snowflake:index/execute:Execute", {
      execute: 'ALTER STAGE "HR"."PUBLIC"."S" SET STORAGE_INTEGRATION = "FLUX_PROD_S3_INTEGRATION"',
      revert: "SELECT 1",
    }),
    /word by word/,
  ],
  [
    "a statement behind a moment",
    set("relink", {
      execute: 'ALTER STAGE "D"."S"."G" SET STORAGE_INTEGRATION = "I" -- of 2026; DROP TABLE T',
    }),
    /word by word|Use the resource/,
  ],
  [
    "a statement behind a line's end",
    set("relink", {
      execute: 'ALTER STAGE "D"."S"."G" SET STORAGE_INTEGRATION = "I" -- of 2026\nDROP TABLE T',
    }),
    /word by word|Use the resource/,
  ],
  ["a queue that gives up", set("warehouse", { statementQueuedTimeoutInSeconds: 1 }), /give up earlier/],
  ["a queue", set("warehouse", { scalingPolicy: "ECONOMY" }), /scalingPolicy/],
];

const login = (stack: Record<string, unknown>) => stack.login as Declared;
const setLogin =
  (props: Record<string, unknown>): Change =>
  (stack) =>
    Object.assign(login(stack).props, props);

const kept =
  (name: "bucket" | "grant" | "rolePolicy" | "shareGrant" | "table" | "publicAccess"): Change =>
  (stack) => {
    stack[name].retainOnDelete = true;
  };

const engine: Hostile[] = [
  ["a grant that stays when it is taken out", kept("grant"), /will not take back what it gives/],
  ["a share's grant that stays", kept("shareGrant"), /will not take back/],
  ["a role's policy that stays", kept("rolePolicy"), /will not take back/],
  [
    "a grant let go, which everybody keeps",
    remove("grant"),
    /grant .* is let go\. It stays in its cloud/,
    kept("grant"),
  ],
  ["a bucket let go", remove("bucket"), /bucket .* is let go/, kept("bucket")],
  [
    "a table that would no longer stay",
    (stack) => {
      stack.table.retainOnDelete = false;
    },
    /no longer retained on delete/,
    kept("table"),
  ],
  [
    "a database taken over",
    add("snowflake:index/database:Database", { name: "HR" }, { imported: true, protect: true }),
    /database HR is taken over/,
  ],
  [
    "a role taken over",
    add("snowflake:index/accountRole:AccountRole", { name: "HR" }, { imported: true }),
    /role HR is taken over/,
  ],
  [
    "a bucket taken over",
    add("aws:s3/bucket:Bucket", { bucket: "payroll" }, { imported: true, protect: true }),
    /payroll/,
  ],
  [
    "policies of a role that is not the stack's",
    add("aws:iam/rolePoliciesExclusive:RolePoliciesExclusive", { roleName: "Admin", policyNames: [] }),
    /Admin/,
  ],
  [
    "managed policies of a role that is not the stack's",
    add("aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive", {
      roleName: "Admin",
      policyArns: [],
    }),
    /Admin/,
  ],
  ["forceDestroy as a text", set("bucket", { forceDestroy: "true" }), /forceDestroy/],
  ["no Time Travel as a text", set("table", { dataRetentionTimeInDays: "0" }), /dataRetentionTimeInDays/],
  [
    "everything ignored",
    (stack) => {
      stack.grant.ignoreChanges = ["*"];
    },
    /ignoreChanges/,
  ],
  [
    "a name ignored where nobody keeps it",
    (stack) => {
      stack.member.ignoreChanges = ["parentRoleName"];
    },
    /ignoreChanges/,
  ],
  [
    "another login",
    add("pulumi:providers:snowflake", { user: "EVE", role: "ACCOUNTADMIN" }),
    /another (role|user)/,
  ],
  [
    "a login's password, which nobody sees",
    setLogin({ password: secret("b") }),
    /another password/,
    withLogin({ password: secret("a") }),
  ],
  [
    "default tags that say another owner",
    setLogin({ defaultTags: { tags: { owner: "eve" } } }),
    /defaultTags/,
    withLogin({}),
  ],
  [
    "a resource that calls itself a component",
    add("flux-ami:index:Backdoor", { run: "curl" }),
    /Backdoor.*No judge knows/,
  ],
  [
    "guards of a bucket that was there",
    add("aws:s3/bucketOwnershipControls:BucketOwnershipControls", {
      bucket: "flux-prod-raw-111122223333",
      rule: { objectOwnership: "BucketOwnerEnforced" },
    }),
    /is refused from now on/,
  ],
  ["another kind of login", add("pulumi:providers:command", {}), /command/],
  ["a secret as a grant's role", set("grant", { accountRoleName: secret("x") }), /kept secret/],
  ["the policy kept secret", set("rolePolicy", { policy: secret("{}") }), /kept secret|cannot be read/],
];

export const STACK: readonly Hostile[] = [...grants, ...engine];
