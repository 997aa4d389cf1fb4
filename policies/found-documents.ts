import { knownType, typesWhosePolicy } from "./resource-types.ts";
import { type FoundDocument, type Props, readDocument } from "./rule.ts";

type Violation = (message: string) => void;

/** The type that holds a bucket's whole policy, with what others say in it. */
export const BUCKET_POLICY = "pulumi-nodejs:dynamic/flux-ami:BucketPolicyStatements";

export const RESOURCE_POLICY_TYPES = typesWhosePolicy("letsIn");
export const IDENTITY_POLICY_TYPES = typesWhosePolicy("allows");
export const TRUST_POLICY_TYPES = typesWhosePolicy("trusts");

/** The policies of a resource that say that, as its type's row has them. */
function policiesThat(
  says: "letsIn" | "allows" | "trusts",
  type: string,
  props: Props,
  violation: Violation,
): FoundDocument[] {
  return Object.entries(knownType(type)?.policies ?? {})
    .filter(([, policy]) => policy.says === says)
    .flatMap(([input, { what, many }]) =>
      many
        ? ((props[input] ?? []) as Props[]).flatMap(({ name, policy }) =>
            policy === undefined ? [] : readDocument(`${what} ${name ?? ""}`.trim(), policy, violation),
          )
        : readDocument(what, props[input], violation),
    );
}

/** Who is let in, by others' statements as well. An empty text is found to be no document. */
export function wholePolicies(type: string, props: Props, violation: Violation): FoundDocument[] {
  // A bucket that others have a say in may have nothing to say.
  if (type === BUCKET_POLICY && props.policy === "" && props.keepOthers === true) return [];
  return policiesThat("letsIn", type, props, violation);
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

/** Whom the stack lets in: all that was not found there as somebody else's. */
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
export const identityPolicies = (type: string, props: Props, violation: Violation) =>
  policiesThat("allows", type, props, violation);

/** Who may assume a role. */
export const trustPolicies = (type: string, props: Props, violation: Violation) =>
  policiesThat("trusts", type, props, violation);
