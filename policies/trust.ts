import type { ResourceValidationPolicy } from "@pulumi/policy";
import { trustPolicies } from "./found-documents.ts";
import { coversAction, describe, hasWildcard, type Principal, type Statement } from "./iam-document.ts";
import { onTypes } from "./rule.ts";

/** Names of the actions that take on a role as somebody else. */
const ASSUME = "sts:AssumeRole";

/** Who a trust policy lets assume the role, from outside `ownAccounts`. */
function foreignPrincipals(statement: Statement, ownAccounts: readonly string[]): readonly Principal[] {
  if (statement.effect === "Deny" || !coversAction(statement, ASSUME)) return [];
  return (statement.principals?.list ?? []).filter(({ type, id }) => {
    const account = /^arn:[^:]+:(?:iam|sts)::(\d{12}):/.exec(id)?.[1] ?? id;
    return type === "AWS" && !ownAccounts.includes(account);
  });
}

interface TrustSettings {
  ownAccounts: string[];
  minimumLength: number;
}

export const roleTrustHasExternalId: ResourceValidationPolicy = {
  name: "role-trust-has-external-id",
  description: "A role that a foreign principal may assume asks for an external ID that nobody can guess.",
  enforcementLevel: "mandatory",
  severity: "critical",
  configSchema: {
    properties: {
      ownAccounts: {
        type: "array",
        items: { type: "string", pattern: "^\\d{12}$" },
        default: [],
        description: "AWS accounts whose principals are not foreign",
      },
      minimumLength: {
        type: "integer",
        minimum: 2,
        maximum: 1224,
        default: 16,
        description: "Least length of an external ID, characters",
      },
    },
  },
  validateResource: onTypes<TrustSettings>(["aws:iam/role:Role"], ({ type, props, settings }, violation) => {
    for (const { what, statements } of trustPolicies(type, props, violation)) {
      for (const statement of statements) {
        const { label, conditions } = statement;
        const foreign = foreignPrincipals(statement, settings.ownAccounts);
        if (foreign.length === 0) continue;
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
        } else if (exact.values.length !== 1 || (exact.values[0] ?? "").length < settings.minimumLength) {
          const lengths = exact.values.map((value) => value.length).join(", ") || "0";
          violation(
            `${label} of ${what} asks for ${exact.values.length} external ID(s) of ${lengths} characters. ` +
              `Use one of at least ${settings.minimumLength} random characters.`,
          );
        }
      }
    }
  }),
};

export const roleTrustNamesOnePrincipal: ResourceValidationPolicy = {
  name: "role-trust-names-one-principal",
  description: "A role that a foreign principal may assume trusts that one principal and nobody else.",
  enforcementLevel: "mandatory",
  severity: "high",
  configSchema: {
    properties: {
      ownAccounts: {
        type: "array",
        items: { type: "string", pattern: "^\\d{12}$" },
        default: [],
        description: "AWS accounts whose principals are not foreign",
      },
    },
  },
  validateResource: onTypes<TrustSettings>(["aws:iam/role:Role"], ({ type, props, settings }, violation) => {
    for (const { what, statements } of trustPolicies(type, props, violation)) {
      const named = new Set<string>();
      for (const statement of statements) {
        if (statement.effect === "Deny") continue;
        if (statement.principals === undefined || statement.principals.not) {
          violation(
            `${statement.label} of ${what} trusts whoever is not named (NotPrincipal). Name the one who may, by ARN.`,
          );
        }
        for (const principal of foreignPrincipals(statement, settings.ownAccounts)) {
          named.add(principal.id);
          if (hasWildcard(principal.id)) {
            violation(
              `${statement.label} of ${what} trusts ${describe(principal)}. Name one user or role by its full ARN.`,
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
