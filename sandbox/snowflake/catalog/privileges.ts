import { insufficientPrivileges } from "../errors.ts";
import { displayIdentifier } from "../sql/identifiers.ts";

import type { Account, SecurableObject } from "./model.ts";
import { accountOf, type Context, type Found } from "./scope.ts";
import { systemPrivileges } from "./system-roles.ts";

/** A role with all roles it inherits from; PUBLIC belongs to every one. */
export const effectiveRoles = (account: Account, role: string): Set<string> => {
  const roles = new Set(["PUBLIC"]);
  const pending = [role];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (roles.has(next) && next !== "PUBLIC") continue;
    roles.add(next);
    for (const grant of account.roleGrants) {
      if (grant.to.type === "ROLE" && grant.to.name === next) pending.push(grant.role);
    }
  }
  return roles;
};

/** The roles a user may USE: those granted to the user, and what these inherit. */
export const rolesOfUser = (account: Account, user: string): Set<string> => {
  const roles = new Set(["PUBLIC"]);
  for (const grant of account.roleGrants) {
    if (grant.to.type !== "USER" || grant.to.name !== user) continue;
    for (const role of effectiveRoles(account, grant.role)) roles.add(role);
  }
  return roles;
};

/** ACCOUNTADMIN may do everything, and so may roles that inherit from it. */
const mayAll = (roles: Set<string>) => roles.has("ACCOUNTADMIN");

/** Whether a role has a privilege on its account, such as CREATE DATABASE. */
export const hasAccountPrivilege = (account: Account, role: string, privilege: string): boolean => {
  const roles = effectiveRoles(account, role);
  if (mayAll(roles)) return true;
  for (const name of roles) {
    if (systemPrivileges.get(name)?.includes(privilege)) return true;
  }
  return account.grants.some(
    ({ privilege: granted, on, to }) =>
      on.type === "ACCOUNT" &&
      to.type === "ROLE" &&
      (granted === privilege || granted === "ALL") &&
      roles.has(to.name),
  );
};

/** Whether a role owns an object, directly or by inheritance. */
export const owns = (account: Account, role: string, object: SecurableObject): boolean => {
  const roles = effectiveRoles(account, role);
  return mayAll(roles) || roles.has(object.owner);
};

/** Whether a role has a privilege on an object; its owner has them all. */
export const hasPrivilege = (
  account: Account,
  role: string,
  privilege: string,
  object: SecurableObject,
): boolean => {
  const roles = effectiveRoles(account, role);
  if (mayAll(roles) || roles.has(object.owner)) return true;
  return account.grants.some(
    ({ privilege: granted, on, to }) =>
      on.id === object.id && to.type === "ROLE" && granted === privilege && roles.has(to.name),
  );
};

/**
 * Whether the session's role has at least one privilege on each object: then it may know that they are there.
 * A role that may manage grants knows of everything.
 */
export const mayKnow = (context: Context, ...objects: SecurableObject[]): boolean => {
  const account = accountOf(context);
  const { role } = context.session;
  if (hasAccountPrivilege(account, role, "MANAGE GRANTS")) return true;
  const roles = effectiveRoles(account, role);
  return objects.every(
    (object) =>
      roles.has(object.owner) ||
      account.grants.some(({ on, to }) => on.id === object.id && to.type === "ROLE" && roles.has(to.name)),
  );
};

/** What can be done with the objects of a mounted share. */
const readingPrivileges = new Set(["SELECT", "USAGE", "REFERENCES"]);

/**
 * Refuses (003001) unless the session's role has one of the privileges on an object, or on what a lookup found.
 * OWNERSHIP is one of them always.
 */
export const requirePrivilege = (
  context: Context,
  privilege: string | readonly string[],
  target: SecurableObject | Found<SecurableObject>,
): void => {
  const found = "object" in target ? target : undefined;
  const object = found ? found.object : (target as SecurableObject);
  const wanted = typeof privilege === "string" ? [privilege] : privilege;
  const allowed = found?.readOnly
    ? wanted.some((name) => readingPrivileges.has(name))
    : wanted.some((name) => hasPrivilege(accountOf(context), context.session.role, name, object));
  if (!allowed) {
    throw insufficientPrivileges(
      object.type.toLowerCase(),
      found?.fullName ?? displayIdentifier(object.name),
    );
  }
};

/** Refuses (003001) unless the session's role has a privilege on the account, such as CREATE WAREHOUSE. */
export const requireAccountPrivilege = (context: Context, privilege: string): void => {
  const account = accountOf(context);
  if (!hasAccountPrivilege(account, context.session.role, privilege)) {
    throw insufficientPrivileges("account", account.locator);
  }
};
