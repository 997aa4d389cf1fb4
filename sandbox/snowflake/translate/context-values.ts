import { accountKey } from "../catalog/bootstrap.ts";
import { effectiveRoles, secondaryRoles } from "../catalog/privileges.ts";
import { accountOf } from "../catalog/scope.ts";
import type { Translation } from "./translation.ts";

/** What a context function such as CURRENT_ROLE answers; undefined for one that is not known. */
export function contextValue(t: Translation, name: string): string | number | null | undefined {
  const { session } = t.execution;
  const account = accountOf(t.execution);
  switch (name) {
    case "CURRENT_USER":
      return session.user;
    case "CURRENT_ROLE":
      return session.role;
    case "CURRENT_WAREHOUSE":
      return session.warehouse;
    case "CURRENT_DATABASE":
      return session.database;
    case "CURRENT_SCHEMA":
      return session.schema;
    case "CURRENT_ACCOUNT":
      return account.locator;
    case "CURRENT_ACCOUNT_NAME":
      return account.name;
    case "CURRENT_ORGANIZATION_NAME":
      return account.organization;
    case "CURRENT_REGION":
      return account.region;
    case "CURRENT_SESSION":
      return String(session.id);
    case "CURRENT_VERSION":
      return "9.37.0";
    case "CURRENT_CLIENT":
      return accountKey(account);
    case "CURRENT_STATEMENT":
      return t.execution.sql;
    case "CURRENT_SECONDARY_ROLES":
      return JSON.stringify({
        roles: secondaryRoles(t.execution).join(","),
        value: [session.secondaryRoles].flat().join(","),
      });
    case "CURRENT_TRANSACTION":
      return session.transaction ? String(session.transaction.id) : null;
    case "LAST_TRANSACTION":
      return session.lastTransaction === null ? null : String(session.lastTransaction);
    // Everybody is on this machine.
    case "CURRENT_IP_ADDRESS":
      return "127.0.0.1";
    case "CURRENT_AVAILABLE_ROLES":
      return JSON.stringify([...effectiveRoles(account, session.role)]);
    default:
      return undefined;
  }
}
