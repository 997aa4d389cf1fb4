import { type FoundDocument, type Props, readDocument } from "./rule.ts";

type Violation = (message: string) => void;

/** The type whose `policy` input is a policy on a bucket: it names who is let in. */
export const BUCKET_POLICY = "pulumi-nodejs:dynamic/flux-ami:BucketPolicyStatements";

/** Types that carry policies of an identity: what a role may do. */
export const IDENTITY_POLICY_TYPES = ["aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy"] as const;

/** The whole policy that a bucket is to have, others' statements included. An empty text is found to be no document. */
export function wholePolicies(type: string, props: Props, violation: Violation): FoundDocument[] {
  if (type !== BUCKET_POLICY) return [];
  // A bucket that others have a say in may have nothing to say.
  if (props.policy === "" && props.keepOthers === true) return [];
  return readDocument("the bucket policy", props.policy, violation);
}

/** Statements that were found in a bucket's policy and are not the stack's. */
const othersIn = (props: Props): Props[] =>
  rawStatements(props.found).filter(({ Sid }) => !(props.own ?? []).includes(Sid));

/** Those of them that the policy would have no more, each in a few words. */
export function othersLost(props: Props): string[] {
  const kept = new Set(rawStatements(props.policy).map((statement) => JSON.stringify(statement)));
  return othersIn(props)
    .filter((statement) => !kept.has(JSON.stringify(statement)))
    .map(({ Sid, Effect, Action, NotAction }) =>
      Sid ? `the statement "${Sid}"` : `the statement ${Effect} ${[Action ?? NotAction].flat().join(", ")}`,
    );
}

/** What the stack says in a bucket's policy: all that was not found there as somebody else's. */
export function resourcePolicies(type: string, props: Props, violation: Violation): FoundDocument[] {
  const others = new Set(othersIn(props).map((statement) => JSON.stringify(statement)));
  return wholePolicies(type, props, violation).map(({ what, statements }) => {
    const raw = rawStatements(props.policy);
    return { what, statements: statements.filter((_, index) => !others.has(JSON.stringify(raw[index]))) };
  });
}

/** The statements of a policy that can be read; none of another. */
function rawStatements(policy: unknown): Props[] {
  try {
    return [JSON.parse(String(policy)).Statement ?? []].flat();
  } catch {
    return [];
  }
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
