/**
 * The resource types a stack may have, each with the inputs it may set: the closed world that the pack enforces and the
 * review judges. A type or input that is not here is a violation; whoever adds one adds the judge for it (review/judges).
 */
import { LOAD_TYPE } from "../components/verified-load/args.ts";

interface ResourceType {
  /** What people call it. */
  readonly noun: string;
  /** Inputs that neither let anybody in nor lose anything, whatever they say. */
  readonly free: readonly string[];
  /** Inputs that a rule of this pack or a judge of the review looks at. */
  readonly judged: readonly string[];
  /** Those of them that hold policies, which every rule on such policies then reads. */
  readonly policies?: Readonly<Record<string, HeldPolicy>>;
}

interface HeldPolicy {
  /** `letsIn`: who may come in by this resource. `allows`: what a role may do. `trusts`: who may take on a role. */
  readonly says: "letsIn" | "allows" | "trusts";
  /** What people call it. @example "the bucket policy" */
  readonly what: string;
  /** True for a list of policies, each with its name. */
  readonly many?: true;
}

const RESOURCE_TYPES = {
  "aws:s3/bucket:Bucket": {
    noun: "bucket",
    free: ["tags", "tagsAll"],
    judged: ["bucket", "region", "forceDestroy"],
  },
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": {
    noun: "public access block",
    free: [],
    judged: [
      "bucket",
      "region",
      "blockPublicAcls",
      "blockPublicPolicy",
      "ignorePublicAcls",
      "restrictPublicBuckets",
    ],
  },
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": {
    noun: "object ownership",
    free: [],
    judged: ["bucket", "region", "rule"],
  },
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": {
    noun: "bucket encryption",
    free: [],
    judged: ["bucket", "region", "rules"],
  },
  "pulumi-nodejs:dynamic/flux-ami:BucketPolicyStatements": {
    noun: "bucket policy",
    // What was found is not the stack's; the review takes it for what was there before.
    free: ["found", "leftOut"],
    judged: ["bucket", "policy", "own", "keepOthers", "lasting", "protect", "guards"],
    policies: { policy: { says: "letsIn", what: "the bucket policy" } },
  },
  "aws:iam/role:Role": {
    noun: "IAM role",
    free: ["description", "forceDetachPolicies", "tags", "tagsAll"],
    judged: [
      "name",
      "path",
      "assumeRolePolicy",
      "inlinePolicies",
      "managedPolicyArns",
      "permissionsBoundary",
      "maxSessionDuration",
    ],
    policies: {
      assumeRolePolicy: { says: "trusts", what: "the trust policy" },
      inlinePolicies: { says: "allows", what: "the inline policy", many: true },
    },
  },
  "aws:iam/rolePolicy:RolePolicy": {
    noun: "role policy",
    free: [],
    judged: ["name", "role", "policy"],
    policies: { policy: { says: "allows", what: "the policy" } },
  },
  "aws:iam/rolePoliciesExclusive:RolePoliciesExclusive": {
    noun: "list of a role's policies",
    free: [],
    judged: ["roleName", "policyNames"],
  },
  "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive": {
    noun: "list of a role's managed policies",
    free: [],
    judged: ["roleName", "policyArns"],
  },
  "random:index/randomId:RandomId": {
    noun: "random ID",
    free: [],
    judged: ["byteLength", "keepers", "prefix"],
  },
  "snowflake:index/storageIntegration:StorageIntegration": {
    noun: "storage integration",
    free: ["comment"],
    judged: [
      "name",
      "type",
      "enabled",
      "storageProvider",
      "storageAwsRoleArn",
      "storageAllowedLocations",
      "storageBlockedLocations",
    ],
  },
  "snowflake:index/execute:Execute": {
    noun: "statement",
    free: [],
    judged: ["execute", "revert", "query"],
  },
  "snowflake:index/stage:Stage": {
    noun: "stage",
    free: ["comment"],
    judged: [
      "database",
      "schema",
      "name",
      "url",
      "storageIntegration",
      "fileFormat",
      "copyOptions",
      "directory",
    ],
  },
  "snowflake:index/fileFormat:FileFormat": {
    noun: "file format",
    free: ["comment"],
    judged: [
      "database",
      "schema",
      "name",
      "formatType",
      "compression",
      "binaryAsText",
      "trimSpace",
      "nullIfs",
    ],
  },
  "snowflake:index/database:Database": {
    noun: "database",
    free: ["comment", "logLevel", "traceLevel", "enableConsoleOutput", "dropPublicSchemaOnCreation"],
    judged: ["name", "isTransient", "dataRetentionTimeInDays", "maxDataExtensionTimeInDays"],
  },
  "snowflake:index/schema:Schema": {
    noun: "schema",
    free: ["comment", "logLevel", "traceLevel", "enableConsoleOutput"],
    judged: [
      "database",
      "name",
      "isTransient",
      "withManagedAccess",
      "dataRetentionTimeInDays",
      "maxDataExtensionTimeInDays",
    ],
  },
  "snowflake:index/table:Table": {
    noun: "table",
    free: ["comment"],
    judged: [
      "database",
      "schema",
      "name",
      "columns",
      "clusterBies",
      "dataRetentionTimeInDays",
      "changeTracking",
    ],
  },
  "snowflake:index/resourceMonitor:ResourceMonitor": {
    noun: "resource monitor",
    free: ["notifyTriggers", "notifyUsers"],
    judged: [
      "name",
      "creditQuota",
      "frequency",
      "startTimestamp",
      "endTimestamp",
      "suspendTrigger",
      "suspendImmediateTrigger",
    ],
  },
  "snowflake:index/warehouse:Warehouse": {
    noun: "warehouse",
    free: ["comment", "initiallySuspended", "maxConcurrencyLevel"],
    judged: [
      "name",
      "warehouseSize",
      "warehouseType",
      "autoSuspend",
      "autoResume",
      "minClusterCount",
      "maxClusterCount",
      "scalingPolicy",
      "enableQueryAcceleration",
      "queryAccelerationMaxScaleFactor",
      "resourceMonitor",
      "statementTimeoutInSeconds",
      "statementQueuedTimeoutInSeconds",
    ],
  },
  "snowflake:index/accountRole:AccountRole": {
    noun: "role",
    free: ["comment"],
    judged: ["name"],
  },
  "snowflake:index/grantPrivilegesToAccountRole:GrantPrivilegesToAccountRole": {
    noun: "grant",
    free: ["alwaysApply", "alwaysApplyTrigger"],
    judged: [
      "accountRoleName",
      "privileges",
      "allPrivileges",
      "withGrantOption",
      "onAccount",
      "onAccountObject",
      "onSchema",
      "onSchemaObject",
    ],
  },
  "snowflake:index/grantAccountRole:GrantAccountRole": {
    noun: "role grant",
    free: [],
    judged: ["roleName", "parentRoleName", "userName"],
  },
  "snowflake:index/share:Share": {
    noun: "share",
    free: ["comment"],
    judged: ["name", "accounts"],
  },
  "pulumi-nodejs:dynamic/flux-ami:ShareAccounts": {
    noun: "opening of a share",
    free: [],
    judged: ["share", "accounts"],
  },
  "snowflake:index/grantPrivilegesToShare:GrantPrivilegesToShare": {
    noun: "share grant",
    free: [],
    judged: [
      "toShare",
      "privileges",
      "onDatabase",
      "onSchema",
      "onTable",
      "onView",
      "onAllTablesInSchema",
      "onFunction",
      "onTag",
    ],
  },
  "snowflake:index/sharedDatabase:SharedDatabase": {
    noun: "shared database",
    free: ["comment", "logLevel", "traceLevel", "enableConsoleOutput"],
    judged: ["name", "fromShare"],
  },
} as const satisfies Record<string, ResourceType>;

/** Types of the stack's own code, whose inputs are its own business here; the review knows each of them. */
export const OWN_TYPES = {
  [LOAD_TYPE]: "verified load",
  "pulumi-nodejs:dynamic/flux-ami:StorageReadiness": "readiness check",
} as const;

export type KnownType = keyof typeof RESOURCE_TYPES;
export type JudgedInput<T extends KnownType> = (typeof RESOURCE_TYPES)[T]["judged"][number];

/** Providers that the stack uses, the engine's own for other stacks among them; another one is a way out of the closed world. */
const PROVIDERS = ["aws", "snowflake", "random", "pulumi-nodejs", "pulumi"];

/** What belongs to the engine: the stack itself, references to other stacks, logins, and the components of the program. */
export function isScaffold(type: string): boolean {
  return (
    /^pulumi:pulumi:(Stack|StackReference)$/.test(type) ||
    /^flux-ami:index:\w+$/.test(type) ||
    (type.startsWith("pulumi:providers:") && PROVIDERS.includes(type.slice("pulumi:providers:".length)))
  );
}

/** What is known of a type; undefined for one that nobody judges. */
export function knownType(type: string): ResourceType | undefined {
  return Object.hasOwn(RESOURCE_TYPES, type) ? RESOURCE_TYPES[type as KnownType] : undefined;
}

/** The types that hold policies which say that. */
export function typesWhosePolicy(says: HeldPolicy["says"]): string[] {
  return Object.entries<ResourceType>(RESOURCE_TYPES).flatMap(([type, { policies = {} }]) =>
    Object.values(policies).some((policy) => policy.says === says) ? [type] : [],
  );
}

/** What people call a resource of this type. */
export function nounOf(type: string): string {
  const own = Object.hasOwn(OWN_TYPES, type) ? OWN_TYPES[type as keyof typeof OWN_TYPES] : undefined;
  return knownType(type)?.noun ?? own ?? type;
}
