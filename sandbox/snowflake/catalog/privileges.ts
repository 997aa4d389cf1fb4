import { insufficientPrivileges } from "../errors.ts";
import { displayIdentifier } from "../grammar/identifiers.ts";

import type { Account, Grant, SecurableObject } from "./model.ts";
import { accountOf, type Context, type Found } from "./scope.ts";
import { systemPrivileges } from "./system-roles.ts";

/** One role, or several that count together. */
export type Roles = string | readonly string[];

/** Roles with all roles they inherit from; PUBLIC belongs to every one. */
export function effectiveRoles(account: Account, of: Roles): Set<string> {
  const roles = new Set(["PUBLIC"]);
  const pending = [of].flat();
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (roles.has(next) && next !== "PUBLIC") continue;
    roles.add(next);
    for (const grant of account.roleGrants) {
      if (grant.to.type === "ROLE" && grant.to.name === next) pending.push(grant.role);
    }
  }
  return roles;
}

/** The roles a user may USE: those granted to the user, and what these inherit. */
export const rolesOfUser = (account: Account, user: string): Set<string> =>
  effectiveRoles(account, grantedTo(account, user));

/** The roles that were granted to a user, without what these inherit. */
const grantedTo = (account: Account, user: string): string[] =>
  account.roleGrants.filter(({ to }) => to.type === "USER" && to.name === user).map(({ role }) => role);

/** The secondary roles that count in a session now: those granted to its user that it has asked for. */
export function secondaryRoles(context: Context): string[] {
  const { secondaryRoles: asked, user } = context.session;
  const granted = grantedTo(accountOf(context), user);
  return asked === "ALL" ? granted : granted.filter((role) => asked.includes(role));
}

/** The roles whose privileges count in a session: the primary one first, then the secondary ones. */
export const activeRoles = (context: Context): readonly string[] => [
  context.session.role,
  ...secondaryRoles(context),
];

/**
 * The roles that count for a privilege: to create objects the primary role alone (docs: USE SECONDARY ROLES,
 * "authorization to execute CREATE <object> statements").
 */
const rolesFor = (context: Context, privilege: string): Roles =>
  privilege.startsWith("CREATE ") ? context.session.role : activeRoles(context);

/** ACCOUNTADMIN may do everything, and so may roles that inherit from it. */
const mayAll = (roles: Set<string>) => roles.has("ACCOUNTADMIN");

/** Whether there is such a grant, which is then marked as used. */
export function decides(account: Account, matches: (grant: Grant) => boolean): boolean {
  const grant = account.grants.find(matches);
  if (grant) grant.used = true;
  return grant !== undefined;
}

/** Whether a role has a privilege on its account, such as CREATE DATABASE. */
export function hasAccountPrivilege(account: Account, role: Roles, privilege: string): boolean {
  const roles = effectiveRoles(account, role);
  if (mayAll(roles)) return true;
  for (const name of roles) {
    if (systemPrivileges.get(name)?.includes(privilege)) return true;
  }
  return decides(
    account,
    ({ privilege: granted, on, to }) =>
      on.type === "ACCOUNT" &&
      to.type === "ROLE" &&
      (granted === privilege || granted === "ALL") &&
      roles.has(to.name),
  );
}

/** Whether a role owns an object, directly or by inheritance. */
export function owns(account: Account, role: Roles, object: SecurableObject): boolean {
  const roles = effectiveRoles(account, role);
  return mayAll(roles) || roles.has(object.owner);
}

/** Whether a role has a privilege on an object; its owner has them all. */
export function hasPrivilege(
  account: Account,
  role: Roles,
  privilege: string,
  object: SecurableObject,
): boolean {
  const roles = effectiveRoles(account, role);
  if (mayAll(roles) || roles.has(object.owner)) return true;
  return decides(
    account,
    ({ privilege: granted, on, to }) =>
      on.id === object.id && to.type === "ROLE" && granted === privilege && roles.has(to.name),
  );
}

/**
 * Whether the session's role has at least one privilege on each object: then it may know that they are there.
 * A role that may manage grants knows of everything.
 */
export function mayKnow(context: Context, ...objects: SecurableObject[]): boolean {
  const account = accountOf(context);
  const active = activeRoles(context);
  if (hasAccountPrivilege(account, active, "MANAGE GRANTS")) return true;
  const roles = effectiveRoles(account, active);
  return objects.every(
    (object) =>
      roles.has(object.owner) ||
      decides(account, ({ on, to }) => on.id === object.id && to.type === "ROLE" && roles.has(to.name)),
  );
}

/** What can be done with the objects of a mounted share. */
const readingPrivileges = new Set(["SELECT", "USAGE", "REFERENCES"]);

/**
 * Refuses (003001) unless the session's role has one of the privileges on an object, or on what a lookup found.
 * OWNERSHIP is one of them always.
 */
export function requirePrivilege(
  context: Context,
  privilege: string | readonly string[],
  target: SecurableObject | Found<SecurableObject>,
): void {
  const found = "object" in target ? target : undefined;
  const object = found ? found.object : (target as SecurableObject);
  const wanted = typeof privilege === "string" ? [privilege] : privilege;
  const allowed = found?.readOnly
    ? wanted.some((name) => readingPrivileges.has(name))
    : wanted.some((name) => hasPrivilege(accountOf(context), rolesFor(context, name), name, object));
  if (!allowed) {
    throw insufficientPrivileges(
      object.type.toLowerCase(),
      found?.fullName ?? displayIdentifier(object.name),
    );
  }
}

/** Refuses (003001) unless the session's role has a privilege on the account, such as CREATE WAREHOUSE. */
export function requireAccountPrivilege(context: Context, privilege: string): void {
  const account = accountOf(context);
  if (!hasAccountPrivilege(account, rolesFor(context, privilege), privilege)) {
    throw insufficientPrivileges("account", account.locator);
  }
}

/** Whether ACCOUNTADMIN is among the session's roles. */
export const isAccountAdmin = (context: Context): boolean =>
  mayAll(effectiveRoles(accountOf(context), activeRoles(context)));
