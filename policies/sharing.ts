import type { ResourceValidationPolicy } from "@pulumi/policy";
import { SHARE } from "../components/existing/kinds.ts";
import { plainAccount, SHARE_ACCOUNTS } from "../components/partner/accounts/accounts.ts";
import { partnerAccounts } from "./partners.ts";
import { given, isOn, onTypes, type Props } from "./rule.ts";

const SHARE_PRIVILEGES = ["SELECT", "USAGE", "REFERENCE_USAGE", "READ"];
/** What a role of this project may be given on an object; nothing that creates, owns or passes on. */
const ROLE_PRIVILEGES = [
  "SELECT",
  "INSERT",
  "UPDATE",
  "DELETE",
  "TRUNCATE",
  "USAGE",
  "READ",
  "MODIFY",
  "MONITOR",
  "OPERATE",
  "CREATE TABLE",
  "IMPORTED PRIVILEGES",
];
/** Roles that come with an account: who has one of them has the account, or is everybody. */
const SYSTEM_ROLES = [
  "ACCOUNTADMIN",
  "ORGADMIN",
  "GLOBALORGADMIN",
  "SECURITYADMIN",
  "USERADMIN",
  "SYSADMIN",
  "PUBLIC",
];

/** A privilege as Snowflake compares it: `all privileges` is `ALL`. */
function normal(privilege: string): string {
  return privilege
    .trim()
    .toUpperCase()
    .replace(/\s+/g, " ")
    .replace(/^ALL PRIVILEGES$/, "ALL");
}

/** A role's name as Snowflake stores it: quotes gone, other names in upper case. */
function roleName(name: unknown): string {
  const text = typeof name === "string" ? name : "";
  return /^".*"$/s.test(text) ? text.slice(1, -1).replaceAll('""', '"') : text.toUpperCase();
}

/** Objects named one by one are seen; "all" and "future" ones are not. */
function named(on: unknown): boolean {
  const { all, future } = (on ?? {}) as Props;
  return all === undefined && future === undefined;
}

export const grantsAreNarrow: ResourceValidationPolicy = {
  name: "grants-are-narrow",
  description:
    "Grants name an object and the privileges that are needed, go to a role of the project, and are not passed on.",
  enforcementLevel: "mandatory",
  severity: "critical",
  configSchema: {
    properties: {
      privileges: {
        type: "array",
        items: { type: "string" },
        default: ROLE_PRIVILEGES,
        description: "Privileges that a role may be given",
      },
    },
  },
  validateResource: onTypes<{ privileges: string[] }>(
    [
      "snowflake:index/grantPrivilegesToShare:GrantPrivilegesToShare",
      "snowflake:index/grantPrivilegesToAccountRole:GrantPrivilegesToAccountRole",
    ],
    ({ type, props, settings }, violation) => {
      const share = type.endsWith(":GrantPrivilegesToShare");
      const allowed = share ? SHARE_PRIVILEGES : settings.privileges;
      const privileges: string[] = (props.privileges ?? []).map(normal);
      if (isOn(props.allPrivileges)) privileges.push("ALL");
      // What warehouses used concerns no data, and can be granted on nothing but the account.
      const metering = !share && isOn(props.onAccount) && privileges.join() === "MONITOR USAGE";
      for (const privilege of privileges.filter((name) => !metering && !allowed.includes(name))) {
        violation(`grants ${privilege}. Name the privileges that are needed, of ${allowed.join(", ")}.`);
      }
      if (isOn(props.withGrantOption)) {
        violation("lets the role pass the privileges on (withGrantOption). Remove it.");
      }
      if (isOn(props.onAccount) && !metering)
        violation("grants on the account. Grant on the object that is meant.");
      if (given(props, "onAllTablesInSchema") || !named(props.onSchemaObject) || allSchemas(props.onSchema)) {
        violation("grants on all or future objects. Name each object.");
      }
      const role = roleName(props.accountRoleName);
      if (!share && SYSTEM_ROLES.includes(role)) {
        violation(`goes to ${role}, whom every account has. Grant to a role of the project.`);
      }
    },
  ),
};

function allSchemas(onSchema: unknown): boolean {
  const { allSchemasInDatabase, futureSchemasInDatabase } = (onSchema ?? {}) as Props;
  return allSchemasInDatabase !== undefined || futureSchemasInDatabase !== undefined;
}

export const rolesStaySmall: ResourceValidationPolicy = {
  name: "roles-stay-small",
  description: "No role of the account's own is given away, and no role is given to PUBLIC.",
  enforcementLevel: "mandatory",
  severity: "critical",
  validateResource: onTypes(
    ["snowflake:index/grantAccountRole:GrantAccountRole", "snowflake:index/accountRole:AccountRole"],
    ({ type, props }, violation) => {
      if (type.endsWith(":AccountRole")) {
        const name = roleName(props.name);
        if (SYSTEM_ROLES.includes(name))
          violation(`takes over the role ${name}. Give the role a name of its own.`);
        return;
      }
      const role = roleName(props.roleName);
      if (SYSTEM_ROLES.includes(role)) {
        violation(`gives the role ${role}, and with it the account, away. Grant a role of the project.`);
      }
      if (roleName(props.parentRoleName) === "PUBLIC") {
        violation(`gives the role ${role} to PUBLIC, which is everybody. Name the role that needs it.`);
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
    [SHARE, SHARE_ACCOUNTS],
    ({ type, props, ignoreChanges, settings }, violation) => {
      // What a share of before says is never sent: the ShareAccounts on it opens it, and shuts all others out.
      if (type === SHARE && ignoreChanges.includes("accounts")) return;
      const known = [...partnerAccounts(), ...settings.accounts].map((account) => account.toUpperCase());
      for (const account of (props.accounts ?? []) as string[]) {
        const name = plainAccount(account);
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
