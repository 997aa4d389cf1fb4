import { type FoundDocument, type Props, readDocument } from "./rule.ts";

type Violation = (message: string) => void;

/** Types whose `policy` input is a policy on a bucket or access point: it names who is let in. */
export const RESOURCE_POLICY_TYPES = [
  "aws:s3/bucketPolicy:BucketPolicy",
  "aws:s3/accessPoint:AccessPoint",
  "aws:s3control/accessPointPolicy:AccessPointPolicy",
] as const;

/** Types that carry policies of an identity: what a role or user may do. */
export const IDENTITY_POLICY_TYPES = [
  "aws:iam/role:Role",
  "aws:iam/rolePolicy:RolePolicy",
  "aws:iam/policy:Policy",
  "aws:iam/userPolicy:UserPolicy",
] as const;

/** Bucket types; the V2 ones are the provider's older spelling. */
export const BUCKET_TYPES = ["aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2"] as const;

/** The policy that a bucket or access point carries; none when an access point has no policy of its own. */
export function resourcePolicies(type: string, props: Props, violation: Violation): FoundDocument[] {
  if (!(RESOURCE_POLICY_TYPES as readonly string[]).includes(type)) return [];
  if (props.policy === undefined) return [];
  const what = type.includes("ccessPoint") ? "the access-point policy" : "the bucket policy";
  return readDocument(what, props.policy, violation);
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
  if (!(IDENTITY_POLICY_TYPES as readonly string[]).includes(type)) return [];
  return readDocument("the policy", props.policy, violation);
}

/** Who may assume a role. */
export function trustPolicies(type: string, props: Props, violation: Violation): FoundDocument[] {
  return type === "aws:iam/role:Role"
    ? readDocument("the trust policy", props.assumeRolePolicy, violation)
    : [];
}
