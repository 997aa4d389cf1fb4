import { type FoundDocument, type Props, readDocument } from "./rule.ts";

type Violation = (message: string) => void;

/** Types whose `policy` input is a policy on a bucket: it names who is let in. */
export const RESOURCE_POLICY_TYPES = ["aws:s3/bucketPolicy:BucketPolicy"] as const;

/** Types that carry policies of an identity: what a role may do. */
export const IDENTITY_POLICY_TYPES = ["aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy"] as const;

/** The policy that a bucket carries. An empty text is read too, and found to be no document. */
export function resourcePolicies(type: string, props: Props, violation: Violation): FoundDocument[] {
  if (!(RESOURCE_POLICY_TYPES as readonly string[]).includes(type)) return [];
  return readDocument("the bucket policy", props.policy, violation);
}

/** The policies that say what an identity may do, a role's inline ones included. */
export function identityPolicies(type: string, props: Props, violation: Violation): FoundDocument[] {
  if (type === "aws:iam/role:Role") {
    const inline: Props[] = props.inlinePolicies ?? [];
    return inline.flatMap((policy) =>
      policy.policy === undefined
        ? []
        : readDocument(`the inline policy ${policy.name ?? ""}`.trim(), policy.policy, violation),
    );
  }
  if (type !== "aws:iam/rolePolicy:RolePolicy") return [];
  return readDocument("the policy", props.policy, violation);
}

/** Who may assume a role. */
export function trustPolicies(type: string, props: Props, violation: Violation): FoundDocument[] {
  return type === "aws:iam/role:Role"
    ? readDocument("the trust policy", props.assumeRolePolicy, violation)
    : [];
}
