import type { ResourceValidationPolicy } from "@pulumi/policy";
import { TRUST_POLICY_TYPES, trustPolicies } from "./found-documents.ts";
import { hasWildcard } from "./glob.ts";
import { describe, type Principal, type Statement } from "./iam-document.ts";
import { onTypes } from "./rule.ts";

/** The one way to take on a role from outside that an external ID guards. */
const ASSUME = "sts:assumerole";

interface TrustSettings {
  ownAccounts: string[];
  minimumLength: number;
}

const ownAccounts = {
  type: "array",
  items: { type: "string", pattern: "^\\d{12}$" },
  default: [],
  description: "AWS accounts whose principals are not foreign",
} as const;

/** True for an account, role, user or session of one of these accounts. */
function isOwn({ type, id }: Principal, accounts: readonly string[]): boolean {
  const account = /^arn:[^:]+:(?:iam|sts)::(\d{12}):/.exec(id)?.[1] ?? id;
  return type === "AWS" && accounts.includes(account);
}

/** Who a trust policy lets assume the role, from outside `ownAccounts`: services and identity providers are outside. */
function foreignPrincipals(statement: Statement, accounts: readonly string[]): readonly Principal[] {
  if (statement.effect === "Deny") return [];
  return (statement.principals?.list ?? []).filter((principal) => !isOwn(principal, accounts));
}

/** What is wrong with an external ID, or undefined. AWS takes 2 to 1,224 of these characters. */
export function externalIdFault(id: string, minimumLength: number): string | undefined {
  if (id.includes("${")) return "is a policy variable, which the caller fills in";
  if (hasWildcard(id)) return "has a wildcard";
  if (id.length < minimumLength) return `has ${id.length} characters`;
  const different = new Set(id).size;
  if (different < 6)
    return `is made of ${different} different ${different === 1 ? "character" : "characters"}`;
  return undefined;
}

export const roleTrustHasExternalId: ResourceValidationPolicy = {
  name: "role-trust-has-external-id",
  description: "A role that a foreign principal may assume asks for an external ID that nobody can guess.",
  enforcementLevel: "mandatory",
  severity: "critical",
  configSchema: {
    properties: {
      ownAccounts,
      minimumLength: {
        type: "integer",
        minimum: 2,
        maximum: 1224,
        default: 16,
        description: "Least length of an external ID, characters",
      },
    },
  },
  validateResource: onTypes<TrustSettings>(TRUST_POLICY_TYPES, ({ type, props, settings }, violation) => {
    for (const { what, statements } of trustPolicies(type, props, violation)) {
      for (const { label, conditions, principals } of statements.filter(
        (statement) => foreignPrincipals(statement, settings.ownAccounts).length > 0,
      )) {
        const foreign = (principals?.list ?? []).filter(
          (principal) => !isOwn(principal, settings.ownAccounts),
        );
        const who = foreign.map(describe).join(", ");
        const tests = conditions.filter(({ key }) => key === "sts:externalid");
        const exact = tests.find(({ operator }) => operator === "stringequals");
        if (exact === undefined) {
          const instead =
            tests[0] === undefined ? "no external ID" : `${tests[0].operator}, which is no exact match`;
          violation(
            `${label} of ${what} lets ${who} assume the role with ${instead}. ` +
              `Add the condition StringEquals sts:ExternalId with the integration's external ID.`,
          );
          continue;
        }
        const [id = ""] = exact.values;
        const fault =
          exact.values.length === 1
            ? externalIdFault(id, settings.minimumLength)
            : `is one of ${exact.values.length}`;
        if (fault !== undefined) {
          violation(
            `the external ID of ${label} of ${what} ${fault}. Use one of at least ${settings.minimumLength} random characters.`,
          );
        }
      }
    }
  }),
};

export const roleTrustNamesOnePrincipal: ResourceValidationPolicy = {
  name: "role-trust-names-one-principal",
  description: "A role trusts one foreign AWS principal, for sts:AssumeRole alone, and nobody else.",
  enforcementLevel: "mandatory",
  severity: "critical",
  configSchema: { properties: { ownAccounts } },
  validateResource: onTypes<TrustSettings>(TRUST_POLICY_TYPES, ({ type, props, settings }, violation) => {
    for (const { what, statements } of trustPolicies(type, props, violation)) {
      const named = new Set<string>();
      for (const statement of statements.filter(({ effect }) => effect === "Allow")) {
        const { label, principals, actions } = statement;
        if (principals === undefined || principals.not) {
          violation(
            `${label} of ${what} trusts whoever is not named (NotPrincipal). Name the one who may, by ARN.`,
          );
        }
        for (const principal of foreignPrincipals(statement, settings.ownAccounts)) {
          named.add(principal.id);
          if (principal.type !== "AWS" || hasWildcard(principal.id) || principal.id.includes("${")) {
            violation(
              `${label} of ${what} trusts ${describe(principal)}. Name one AWS user or role by its full ARN.`,
            );
          }
        }
        for (const action of actions.patterns) {
          if (actions.not || action.toLowerCase() !== ASSUME) {
            violation(
              `${label} of ${what} allows ${actions.not ? "all but " : ""}"${action}". Allow sts:AssumeRole alone.`,
            );
          }
        }
      }
      if (named.size > 1) {
        violation(
          `${what} trusts ${named.size} foreign principals (${[...named].join(", ")}). Make a role for each.`,
        );
      }
    }
  }),
};
