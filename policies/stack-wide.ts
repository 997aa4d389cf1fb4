import type { PolicyResource, ReportViolation, StackValidationPolicy } from "@pulumi/policy";
import { LOAD_TYPE } from "../components/verified-load/args.ts";
import { identityPolicies, BUCKET_POLICY as POLICY, resourcePolicies } from "./found-documents.ts";
import type { Statement } from "./iam-document.ts";

const BUCKET = "aws:s3/bucket:Bucket";
const BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock";
const INTEGRATION = "snowflake:index/storageIntegration:StorageIntegration";
const STAGE = "snowflake:index/stage:Stage";

function silent() {}

/** The buckets that a resource speaks of, by name. */
function bucketsOf({ type, props }: PolicyResource): string[] {
  if (type.startsWith("aws:s3/") || type === POLICY) return [props.bucket];
  const locations: string[] =
    type === INTEGRATION ? props.storageAllowedLocations : type === STAGE ? [props.url] : [];
  return [
    ...locations.flatMap((location) => /^s3(?:china|gov)?:\/\/([^/]+)/.exec(location ?? "")?.[1] ?? []),
    ...identityPolicies(type, props, silent).flatMap(({ statements }) => statements.flatMap(bucketsIn)),
  ];
}

function bucketsIn({ effect, resources }: Statement): string[] {
  if (effect === "Deny") return [];
  return (resources?.patterns ?? []).flatMap(
    // What bucket is behind an access point does not show, so it counts by its own name.
    (arn) =>
      /^arn:[^:]+:s3:(?:::([^/]+)|[^:]*:[^:]*:(accesspoint\/[^/]+))/.exec(arn)?.slice(1).find(Boolean) ?? [],
  );
}

/** The stack's own bucket, made or adopted: the one that its policies and blocks hang on. */
function ownBuckets(resources: readonly PolicyResource[]): string[] {
  const own = resources
    .filter(({ type }) => [BUCKET, POLICY, BLOCK].includes(type))
    .map(({ props }) => props.bucket);
  return [...new Set<string>(own)];
}

export const oneBucket: StackValidationPolicy = {
  name: "one-bucket",
  description: "Integration, stage and policies speak of the stack's bucket and of no other.",
  enforcementLevel: "mandatory",
  severity: "critical",
  validateStack: ({ resources }, report) => {
    const own = ownBuckets(resources);
    // A partner's stack has no bucket of its own: then the first one that is named is the one.
    const [home = resources.flatMap(bucketsOf)[0]] = own;
    for (const resource of resources) {
      for (const bucket of new Set(bucketsOf(resource))) {
        if (bucket !== home) {
          report(
            `${resource.name}: speaks of the bucket ${bucket}, but the stack's is ${home}. Use that one alone.`,
            resource.urn,
          );
        }
      }
      foreignArns(resource, report);
    }
  },
};

/** The policy of a bucket, or of an access point, speaks of that; S3 refuses another, but a wildcard would pass. */
function foreignArns(resource: PolicyResource, report: ReportViolation): void {
  const { bucket: own, name } = resource.props;
  for (const { statements } of resourcePolicies(resource.type, resource.props, silent)) {
    for (const bucket of statements.flatMap(bucketsIn)) {
      if (bucket !== own && bucket !== `accesspoint/${name}`) {
        report(`${resource.name}: its policy speaks of the bucket ${bucket}. Name its own.`, resource.urn);
      }
    }
  }
}

const DATABASE = "snowflake:index/database:Database";
/** What lies in a schema, and schemas themselves. */
const IN_DATABASE = [
  "snowflake:index/fileFormat:FileFormat",
  "snowflake:index/schema:Schema",
  STAGE,
  "snowflake:index/table:Table",
];

export const oneDatabase: StackValidationPolicy = {
  name: "one-database",
  description: "What a stack makes in Snowflake lies in one database, that of the load, and in no other.",
  enforcementLevel: "mandatory",
  severity: "critical",
  validateStack: ({ resources }, report) => {
    const databaseOf = ({ type, props }: PolicyResource): unknown =>
      type === DATABASE ? props.name : IN_DATABASE.includes(type) ? props.database : undefined;
    const filled = resources.find(({ type }) => type === LOAD_TYPE);
    const home = filled?.props.database ?? resources.map(databaseOf).find((name) => name !== undefined);
    for (const resource of resources) {
      const database = databaseOf(resource);
      if (database !== undefined && database !== home)
        report(
          `${resource.name}: is in the database ${database}, but the stack's is ${home}. Use that one alone.`,
          resource.urn,
        );
    }
  },
};

/** A guard that every bucket of a stack has to have. */
function guard(
  name: string,
  what: string,
  cure: string,
  guards: (resource: PolicyResource) => boolean,
): StackValidationPolicy {
  return {
    name,
    description: `Every bucket that a stack makes or adopts has a ${what} of its own.`,
    enforcementLevel: "mandatory",
    severity: "high",
    validateStack: ({ resources }, report) => {
      const guarded = new Set(resources.filter(guards).map(({ props }) => props.bucket));
      // Where Snowflake reads, the stack answers for the bucket, also for one that it has not made.
      const answersFor = resources.filter((resource) =>
        [BUCKET, POLICY, BLOCK, INTEGRATION].includes(resource.type),
      );
      const missing = new Map<string, PolicyResource>();
      for (const resource of answersFor) {
        for (const bucket of bucketsOf(resource)) {
          if (!guarded.has(bucket) && !missing.has(bucket)) missing.set(bucket, resource);
        }
      }
      for (const [bucket, resource] of missing) {
        report(`${resource.name}: the bucket ${bucket} has no ${what}. ${cure}`, resource.urn);
      }
    },
  };
}

const ROLE = "aws:iam/role:Role";

export const policiesHangOnOwnRoles: StackValidationPolicy = {
  name: "policies-hang-on-own-roles",
  description: "Policies, and lists of policies, hang on roles that the stack makes itself.",
  enforcementLevel: "mandatory",
  severity: "critical",
  validateStack: ({ resources }, report) => {
    const own = resources.filter(({ type }) => type === ROLE).map(({ props }) => props.name);
    for (const { type, name, urn, props } of resources) {
      if (!type.startsWith("aws:iam/role") || type === ROLE) continue;
      const role = props.role ?? props.roleName;
      if (!own.includes(role))
        report(`${name}: changes the role ${role}, which the stack does not make. Leave it alone.`, urn);
    }
  },
};

export const bucketHasPublicAccessBlock = guard(
  "bucket-has-public-access-block",
  "public access block",
  "Add a BucketPublicAccessBlock with all four set to true, or let whoever deploys look at the bucket's own (s3:GetBucketPublicAccessBlock).",
  // The stack's, or the bucket's own, as it was found; what it says is another rule's business.
  ({ type, props }) => type === BLOCK || (type === POLICY && props.guards?.publicAccessBlock !== undefined),
);

export const bucketHasPolicy = guard(
  "bucket-has-policy",
  "policy",
  "Add BucketPolicyStatements that refuse plain HTTP.",
  ({ type }) => type === POLICY,
);
