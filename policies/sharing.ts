import type { ResourceValidationPolicy } from "@pulumi/policy";
import { partnerAccounts } from "./partners.ts";
import { onTypes } from "./rule.ts";
import { beginsWith, statements } from "./sql.ts";

const SHARE_PRIVILEGES = ["SELECT", "USAGE", "REFERENCE_USAGE", "READ"];

/** A privilege as Snowflake compares it: `all privileges` is `ALL`. */
function normal(privilege: string): string {
  return privilege
    .trim()
    .toUpperCase()
    .replace(/\s+/g, " ")
    .replace(/^ALL PRIVILEGES$/, "ALL");
}

export const grantsAreNarrow: ResourceValidationPolicy = {
  name: "grants-are-narrow",
  description:
    "Grants name the privileges that are needed: no OWNERSHIP, no ALL, no passing on, reading only for shares.",
  enforcementLevel: "mandatory",
  severity: "critical",
  configSchema: {
    properties: {
      ownerRoles: {
        type: "array",
        items: { type: "string" },
        default: [],
        description: "Account roles of this project that may own objects",
      },
    },
  },
  validateResource: onTypes<{ ownerRoles: string[] }>(
    [
      "snowflake:index/grantPrivilegesToShare:GrantPrivilegesToShare",
      "snowflake:index/grantPrivilegesToAccountRole:GrantPrivilegesToAccountRole",
      "snowflake:index/grantPrivilegesToDatabaseRole:GrantPrivilegesToDatabaseRole",
      "snowflake:index/grantOwnership:GrantOwnership",
    ],
    ({ type, props, settings }, violation) => {
      if (type.endsWith(":GrantOwnership")) {
        const role: string = props.accountRoleName ?? props.databaseRoleName;
        if (!settings.ownerRoles.includes(role)) {
          violation(
            `OWNERSHIP goes to the role "${role}". Grant the privileges it needs, or list it in ownerRoles.`,
          );
        }
        return;
      }
      const privileges: string[] = (props.privileges ?? []).map(normal);
      if (props.allPrivileges === true) privileges.push("ALL");
      for (const privilege of privileges.filter((name) => name === "ALL" || name === "OWNERSHIP")) {
        violation(`grants ${privilege}. Name the privileges that are needed.`);
      }
      if (props.withGrantOption === true) {
        violation("lets the role pass the privileges on (withGrantOption). Remove it.");
      }
      if (type.endsWith(":GrantPrivilegesToShare")) {
        for (const privilege of privileges.filter((name) => !SHARE_PRIVILEGES.includes(name))) {
          violation(`gives a share ${privilege}; a share reads only. Use ${SHARE_PRIVILEGES.join(", ")}.`);
        }
      }
    },
  ),
};

export const sharesToKnownAccounts: ResourceValidationPolicy = {
  name: "shares-to-known-accounts",
  description: "A share is opened to the configured partner accounts only.",
  enforcementLevel: "mandatory",
  severity: "critical",
  configSchema: {
    properties: {
      accounts: {
        type: "array",
        items: { type: "string", pattern: "^[A-Za-z0-9_]+\\.[A-Za-z0-9_]+$" },
        default: [],
        description:
          "Snowflake accounts, ORGANIZATION.ACCOUNT, that shares may name beside those of partners' configs",
      },
    },
  },
  validateResource: onTypes<{ accounts: string[] }>(
    ["snowflake:index/share:Share"],
    ({ props, settings }, violation) => {
      const known = [...partnerAccounts(), ...settings.accounts].map((account) => account.toUpperCase());
      for (const account of (props.accounts ?? []) as string[]) {
        const name = account.replaceAll('"', "").toUpperCase();
        if (!known.includes(name)) {
          violation(
            `opens the share to "${account}", which no configuration names` +
              `${known.length > 0 ? ` (known: ${known.join(", ")})` : ""}. Give the partner a Pulumi.<partner>.yaml, or remove the account.`,
          );
        }
      }
    },
  ),
};

export const executesOnlyKnownStatements: ResourceValidationPolicy = {
  name: "executes-only-known-statements",
  description:
    "Free SQL (Execute) does only what no resource can do, so that grants and locations stay visible to the rules.",
  enforcementLevel: "mandatory",
  severity: "high",
  configSchema: {
    properties: {
      statements: {
        type: "array",
        items: { type: "string" },
        default: ["ALTER STORAGE INTEGRATION", "ALTER STAGE", "SELECT", "DESCRIBE", "DESC", "SHOW"],
        description: "First words of the statements that Execute may run",
      },
    },
  },
  validateResource: onTypes<{ statements: string[] }>(
    ["snowflake:index/execute:Execute"],
    ({ props, settings }, violation) => {
      for (const field of ["execute", "revert", "query"]) {
        if (typeof props[field] !== "string") continue;
        for (const statement of statements(props[field])) {
          if (!settings.statements.some((words) => beginsWith(statement, words))) {
            const start = statement
              .slice(0, 3)
              .map(({ text }) => text)
              .join(" ");
            violation(
              `${field} runs "${start} …". Use the resource made for it; allowed here: ${settings.statements.join(", ")}.`,
            );
          }
          const widening = statement.find(
            ({ kind, text }) => kind === "word" && /^(STORAGE_ALLOWED_LOCATIONS|CREDENTIALS|URL)$/.test(text),
          );
          if (widening !== undefined && !beginsWith(statement, "SELECT")) {
            violation(
              `${field} sets ${widening.text}. Set it on the integration or stage resource, where rules see it.`,
            );
          }
        }
      }
    },
  ),
};
