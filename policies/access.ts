import type { ResourceValidationPolicy } from "@pulumi/policy";
import { BLOCKS } from "../components/bucket-policy/bucket-settings.ts";
import {
  BUCKET_POLICY,
  IDENTITY_POLICY_TYPES,
  identityPolicies,
  othersLost,
  RESOURCE_POLICY_TYPES,
  resourcePolicies,
  wholePolicies,
} from "./found-documents.ts";
import { hasWildcard } from "./glob.ts";
import { type Condition, describe, type Statement } from "./iam-document.ts";
import { given, onTypes } from "./rule.ts";
import { beyondReading, locationFault } from "./scope.ts";

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
  description: "A bucket is never public: its public access block is on, and ACLs give nobody anything.",
  enforcementLevel: "mandatory",
  severity: "critical",
  validateResource: onTypes(
    [
      "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
      "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
      BUCKET_POLICY,
    ],
    ({ type, props }, violation) => {
      if (type === BUCKET_POLICY) {
        // A bucket that the stack only looks at: what was found when the program ran.
        for (const block of BLOCKS) {
          if (props.guards?.publicAccessBlock?.[block] === false)
            violation(
              `${block} is off in the bucket's own public access block. Have its owner set it, or set flux-ami:bucketGuards to manage.`,
            );
        }
        return;
      }
      if (type.endsWith(":BucketOwnershipControls")) {
        const ownership = props.rule?.objectOwnership;
        if (ownership !== "BucketOwnerEnforced") {
          violation(
            `objectOwnership is ${ownership ?? "not set"}, so ACLs count. Set it to BucketOwnerEnforced.`,
          );
        }
        return;
      }
      for (const block of BLOCKS) {
        if (props[block] !== true) violation(`${block} is ${props[block] ?? "not set"}. Set it to true.`);
      }
    },
  ),
};

/** True for "Deny everybody everything in this bucket when the request came without TLS", in any spelling. */
function deniesPlainHttp(statement: Statement, bucket: string): boolean {
  const { effect, principals, actions, resources, conditions } = statement;
  const [condition] = conditions;
  const arns = resources?.patterns ?? [];
  return (
    effect === "Deny" &&
    principals?.not === false &&
    principals.list.some(({ type, id }) => type === "AWS" && id === "*") &&
    !actions.not &&
    actions.patterns.some((pattern) => ["*", "s3:*"].includes(pattern.toLowerCase())) &&
    resources?.not === false &&
    (arns.includes("*") || arns.some((arn) => arn.endsWith(`:::${bucket}`) && arns.includes(`${arn}/*`))) &&
    conditions.length === 1 &&
    /^bool(ifexists)?$/.test(condition?.operator ?? "") &&
    condition?.key === "aws:securetransport" &&
    condition.values.length > 0 &&
    condition.values.every((value) => value.toLowerCase() === "false")
  );
}

/** True for an Allow that holds over TLS alone, and for what allows nothing. */
function asksForTls({ effect, conditions }: Statement): boolean {
  return (
    effect === "Deny" ||
    conditions.some(
      ({ operator, key, values }) =>
        operator === "bool" &&
        key === "aws:securetransport" &&
        values.length > 0 &&
        values.every((value) => value.toLowerCase() === "true"),
    )
  );
}

/** What says who is asking, or from where; nothing else keeps the public out (docs, S3: the meaning of "public"). */
const SAYS_WHO = [
  "aws:principalaccount",
  "aws:principalarn",
  "aws:principalorgid",
  "aws:principalorgpaths",
  "aws:userid",
  "aws:sourceaccount",
  "aws:sourcearn",
  "aws:sourceip",
  "aws:sourceorgid",
  "aws:sourceowner",
  "aws:sourcevpc",
  "aws:sourcevpce",
  "s3:dataaccesspointaccount",
  "s3:dataaccesspointarn",
];

/** A range wider than /8, or /32 of IPv6, is as good as everybody. */
function isNarrowRange(range: string): boolean {
  const [address = "", length] = range.split("/");
  return length === undefined || Number(length) >= (address.includes(":") ? 32 : 8);
}

/** True for a condition that only some can meet, however they ask. */
function keepsPublicOut({ operator, key, values }: Condition): boolean {
  return (
    SAYS_WHO.includes(key) &&
    /^(foranyvalue:)?(string(equals|equalsignorecase|like)|arn(equals|like)|ipaddress)$/.test(operator) &&
    values.length > 0 &&
    values.every((value) =>
      key === "aws:sourceip" ? isNarrowRange(value) : !/^[*?]|\$\{|::[*?]+:|:aws[^:]*:[*?]/.test(value),
    )
  );
}

export const bucketOpensToNobody: ResourceValidationPolicy = {
  name: "bucket-opens-to-nobody",
  description:
    "No statement of a bucket's policy, whoever wrote it, lets everybody in: a condition says who is asking, or from where.",
  enforcementLevel: "mandatory",
  severity: "critical",
  validateResource: onTypes(RESOURCE_POLICY_TYPES, ({ type, props }, violation) => {
    for (const { what, statements } of wholePolicies(type, props, violation)) {
      for (const { label, effect, principals, conditions } of statements) {
        const everybody =
          principals?.not === true || principals?.list.some(({ type, id }) => type === "AWS" && id === "*");
        if (effect === "Allow" && everybody && !conditions.some(keepsPublicOut)) {
          violation(
            `${label} of ${what} lets everybody in. Have whoever wrote it name who is meant, or add a condition on who asks.`,
          );
        }
      }
    }
  }),
};

export const bucketKeepsOthers: ResourceValidationPolicy = {
  name: "bucket-keeps-others",
  description: "What others say in the policy of a bucket that was there stays as they wrote it.",
  enforcementLevel: "mandatory",
  severity: "high",
  validateResource: onTypes([BUCKET_POLICY], ({ props }, violation) => {
    if (props.keepOthers !== true) return;
    for (const lost of othersLost(props)) {
      violation(
        `${lost} was found in the bucket's policy, is not this stack's, and would go. Leave it: whoever wrote it needs it.`,
      );
    }
  }),
};

export const bucketPolicyNamesPrincipals: ResourceValidationPolicy = {
  name: "bucket-policy-names-principals",
  description:
    "A bucket policy lets in AWS accounts, roles and users by name, never by wildcard or exclusion.",
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
        for (const principal of principals.list) {
          if (principal.type !== "AWS" || hasWildcard(principal.id) || principal.id.includes("${")) {
            violation(
              `${label} of ${what} lets in ${describe(principal)}. Name the account or role by its full ARN.`,
            );
          }
        }
      }
    }
  }),
};

export const bucketPolicyRequiresTls: ResourceValidationPolicy = {
  name: "bucket-policy-requires-tls",
  description:
    "A bucket policy denies everybody every request that comes without TLS; where that is for the bucket's owner to say, what the stack allows is allowed over TLS alone.",
  enforcementLevel: "mandatory",
  severity: "high",
  validateResource: onTypes([BUCKET_POLICY], ({ type, props }, violation) => {
    for (const { what, statements } of wholePolicies(type, props, violation)) {
      const looksOnly = props.keepOthers === true && given(props, "guards");
      const own = resourcePolicies(type, props, violation).flatMap((document) => document.statements);
      if (looksOnly && own.every(asksForTls)) continue;
      if (!statements.some((statement) => deniesPlainHttp(statement, props.bucket))) {
        violation(
          `${what} does not refuse plain HTTP. Add: Deny, Principal "*", Action "s3:*", ` +
            `Resource the bucket and everything in it, Condition Bool aws:SecureTransport "false".`,
        );
      }
    }
  }),
};

const ATTACHMENTS = "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive";

export const readsPrefixOnly: ResourceValidationPolicy = {
  name: "reads-prefix-only",
  description: "Roles and buckets allow reading under the declared prefix and nothing else.",
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
    [...RESOURCE_POLICY_TYPES, ...IDENTITY_POLICY_TYPES, ATTACHMENTS],
    ({ type, props, settings }, violation) => {
      const attached: string[] = props.managedPolicyArns ?? props.policyArns ?? [];
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
      const stage = type.endsWith(":Stage");
      const field = stage ? "url" : "storageAllowedLocations";
      if (!given(props, field)) {
        violation(`no location is given. Set ${field} to s3://<bucket>/${settings.prefixes[0]}.`);
      }
      for (const location of [props[field] ?? []].flat().filter((location) => location !== "")) {
        const fault = locationFault(location, settings.prefixes);
        if (fault !== undefined) violation(fault);
      }
      if (stage && given(props, "url") && !given(props, "storageIntegration")) {
        violation(
          "the stage reads S3 without a storage integration. Set storageIntegration; keys do not belong in a stage.",
        );
      }
    },
  ),
};
