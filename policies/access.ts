import type { ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import {
  BUCKET_TYPES,
  IDENTITY_POLICY_TYPES,
  identityPolicies,
  RESOURCE_POLICY_TYPES,
  resourcePolicies,
} from "./found-documents.ts";
import { describe, hasWildcard, type Statement } from "./iam-document.ts";
import { onTypes } from "./rule.ts";
import { beyondReading, locationFault } from "./scope.ts";

const PUBLIC_GROUPS = ["AllUsers", "AuthenticatedUsers"];
const BLOCKS = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"] as const;

/** `prefixes`: key prefixes that anybody may be let into. */
const prefixes = {
  type: "array",
  items: { type: "string", pattern: "/$" },
  minItems: 1,
  default: ["raw/ami/"],
  description: "Key prefixes of the bucket that may be read, each with a trailing slash",
} as const;

export const bucketNotPublic: ResourceValidationPolicy = {
  name: "bucket-not-public",
  description: "The bucket is never public, neither by ACL nor by a switched-off public access block.",
  enforcementLevel: "mandatory",
  severity: "critical",
  validateResource: onTypes(
    [
      ...BUCKET_TYPES,
      "aws:s3/bucketAcl:BucketAcl",
      "aws:s3/bucketAclV2:BucketAclV2",
      "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    ],
    ({ type, props }, violation) => {
      if (type.endsWith(":BucketPublicAccessBlock")) {
        for (const block of BLOCKS) {
          if (props[block] !== true) violation(`${block} is ${props[block] ?? "not set"}. Set it to true.`);
        }
        return;
      }
      if (/^(public|authenticated)-/.test(props.acl ?? "")) {
        violation(
          `the ACL is "${props.acl}", which lets in people unknown. Remove the ACL; it is private then.`,
        );
      }
      const grants: { uri?: string; grantee?: { uri?: string } }[] =
        props.grants ?? props.accessControlPolicy?.grants ?? [];
      for (const { uri = "", grantee } of grants) {
        const group = PUBLIC_GROUPS.find((name) => (grantee?.uri ?? uri).endsWith(`/${name}`));
        if (group !== undefined) violation(`an ACL grant names the group ${group}. Remove that grant.`);
      }
    },
  ),
};

export const bucketHasPublicAccessBlock: StackValidationPolicy = {
  name: "bucket-has-public-access-block",
  description: "Every bucket of the stack has a public access block of its own.",
  enforcementLevel: "mandatory",
  severity: "high",
  validateStack: ({ resources }, report) => {
    const buckets = resources.filter(({ type }) => (BUCKET_TYPES as readonly string[]).includes(type));
    const blocks = resources.filter(({ type }) => type.endsWith(":BucketPublicAccessBlock"));
    for (const bucket of buckets) {
      const blocked = blocks.some(
        (block) =>
          block.propertyDependencies.bucket?.some(({ urn }) => urn === bucket.urn) ||
          block.props.bucket === bucket.props.bucket,
      );
      if (!blocked) {
        report(
          `${bucket.name}: no BucketPublicAccessBlock names this bucket. Add one with all four set to true.`,
          bucket.urn,
        );
      }
    }
  },
};

/** True for "Deny everybody everything when the request came without TLS", in any spelling. */
function deniesPlainHttp({ effect, principals, actions, resources, conditions }: Statement): boolean {
  const all = (patterns: readonly string[], ...names: string[]) =>
    patterns.some((pattern) => names.includes(pattern.toLowerCase()));
  const [condition] = conditions;
  const arns = resources?.patterns ?? [];
  return (
    effect === "Deny" &&
    principals?.not === false &&
    principals.list.some(({ id }) => id === "*") &&
    !actions.not &&
    all(actions.patterns, "*", "s3:*") &&
    resources?.not === false &&
    (arns.includes("*") ||
      arns.some((arn) => arns.includes(`${arn}/*`) || arns.includes(`${arn}/object/*`))) &&
    conditions.length === 1 &&
    /^bool(ifexists)?$/.test(condition?.operator ?? "") &&
    condition?.key === "aws:securetransport" &&
    condition.values.every((value) => value.toLowerCase() === "false")
  );
}

export const bucketPolicyNamesPrincipals: ResourceValidationPolicy = {
  name: "bucket-policy-names-principals",
  description: "Bucket and access-point policies let in principals by name, never by wildcard or exclusion.",
  enforcementLevel: "mandatory",
  severity: "critical",
  validateResource: onTypes(RESOURCE_POLICY_TYPES, ({ type, props }, violation) => {
    for (const { what, statements } of resourcePolicies(type, props, violation)) {
      for (const { label, effect, principals } of statements) {
        if (effect === "Deny") continue;
        if (principals === undefined || principals.not) {
          violation(
            `${label} of ${what} allows whoever is not named (NotPrincipal). Name who is let in, by ARN.`,
          );
          continue;
        }
        for (const principal of principals.list.filter(({ id }) => hasWildcard(id))) {
          violation(
            `${label} of ${what} lets in ${describe(principal)}. Name the account or role by its full ARN.`,
          );
        }
      }
    }
  }),
};

export const bucketPolicyRequiresTls: ResourceValidationPolicy = {
  name: "bucket-policy-requires-tls",
  description: "Bucket and access-point policies deny every request that comes without TLS.",
  enforcementLevel: "mandatory",
  severity: "high",
  validateResource: onTypes(RESOURCE_POLICY_TYPES, ({ type, props }, violation) => {
    for (const { what, statements } of resourcePolicies(type, props, violation)) {
      if (!statements.some(deniesPlainHttp)) {
        violation(
          `${what} does not refuse plain HTTP. Add: Deny, Principal "*", Action "s3:*", ` +
            `Resource the bucket and everything in it, Condition Bool aws:SecureTransport "false".`,
        );
      }
    }
  }),
};

export const readsPrefixOnly: ResourceValidationPolicy = {
  name: "reads-prefix-only",
  description: "Roles, buckets and access points allow reading under the declared prefix and nothing else.",
  enforcementLevel: "mandatory",
  severity: "high",
  configSchema: {
    properties: {
      prefixes,
      managedPolicies: {
        type: "array",
        items: { type: "string" },
        default: [],
        description: "ARNs of managed policies that may be attached, though their text is not seen here",
      },
    },
  },
  validateResource: onTypes<{ prefixes: string[]; managedPolicies: string[] }>(
    [...RESOURCE_POLICY_TYPES, ...IDENTITY_POLICY_TYPES, "aws:iam/rolePolicyAttachment:RolePolicyAttachment"],
    ({ type, props, settings }, violation) => {
      const attached: string[] = type.endsWith(":RolePolicyAttachment")
        ? [props.policyArn]
        : (props.managedPolicyArns ?? []);
      for (const arn of attached.filter((arn) => !settings.managedPolicies.includes(arn))) {
        violation(
          `the managed policy "${arn}" is attached, whose text this stack does not declare. Write it as a RolePolicy.`,
        );
      }
      const found = [
        ...resourcePolicies(type, props, violation),
        ...identityPolicies(type, props, violation),
      ];
      for (const { what, statements } of found) {
        for (const fault of statements.flatMap((statement) => beyondReading(statement, settings.prefixes))) {
          violation(`in ${what}, ${fault}`);
        }
      }
    },
  ),
};

export const integrationStaysOnPrefix: ResourceValidationPolicy = {
  name: "integration-stays-on-prefix",
  description:
    "The storage integration and its stages reach the declared prefix of one bucket, never everything.",
  enforcementLevel: "mandatory",
  severity: "high",
  configSchema: { properties: { prefixes } },
  validateResource: onTypes<{ prefixes: string[] }>(
    ["snowflake:index/storageIntegration:StorageIntegration", "snowflake:index/stage:Stage"],
    ({ type, props, settings }, violation) => {
      const locations: string[] = type.endsWith(":Stage")
        ? [props.url ?? ""].filter((url) => url !== "")
        : props.storageAllowedLocations;
      if (!type.endsWith(":Stage") && locations.length === 0) {
        violation(
          `no allowed location is given. Set storageAllowedLocations to s3://<bucket>/${settings.prefixes[0]}.`,
        );
      }
      for (const location of locations) {
        const fault = locationFault(location, settings.prefixes);
        if (fault !== undefined) violation(fault);
      }
      if (type.endsWith(":Stage") && props.url !== undefined && !("storageIntegration" in props)) {
        violation(
          "the stage reads S3 without a storage integration. Set storageIntegration; keys do not belong in a stage.",
        );
      }
    },
  ),
};
