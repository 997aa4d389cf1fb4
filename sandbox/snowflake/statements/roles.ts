import type { Account, Role } from "../catalog/model.ts";
import { allObjects } from "../catalog/objects.ts";
import { effectiveRoles, requireAccountPrivilege, requirePrivilege } from "../catalog/privileges.ts";
import { accountOf } from "../catalog/scope.ts";
import { isSystemRole } from "../catalog/system-roles.ts";
import { doesNotExist, SnowflakeError, unsupported } from "../errors.ts";
import { displayIdentifier } from "../grammar/identifiers.ts";
import { encodeTimestamp, fixed, text, timestampLtz } from "../result.ts";
import {
  type AccountKind,
  alterAccountObject,
  createAccountObject,
  dropAccountObject,
} from "./account-objects.ts";
import { newObject, type ObjectKind, readComment, rename, unsetComment } from "./ddl.ts";
import { byName, yesNo } from "./shown.ts";

const systemRole = (name: string) =>
  new SnowflakeError(
    "003013",
    "42501",
    `SQL access control error:\nRole '${name}' is a system role: it cannot be changed, replaced or dropped.`,
  );

/** Takes a role out of the account. What it owned goes to `heir`. */
function removeRole(account: Account, name: string, heir: string): void {
  account.roles.delete(name);
  account.roleGrants = account.roleGrants.filter(
    ({ role, to }) => role !== name && !(to.type === "ROLE" && to.name === name),
  );
  account.grants = account.grants.filter(({ to }) => !(to.type === "ROLE" && to.name === name));
  account.futureGrants = account.futureGrants.filter(({ to }) => to.name !== name);
  for (const { object } of allObjects(account)) if (object.owner === name) object.owner = heir;
}

function renameRole(account: Account, role: Role, to: string): void {
  const before = role.name;
  rename(account.roles, role, to);
  for (const { object } of allObjects(account)) if (object.owner === before) object.owner = to;
  for (const grant of account.roleGrants) {
    if (grant.role === before) grant.role = to;
    if (grant.to.type === "ROLE" && grant.to.name === before) grant.to.name = to;
    if (grant.grantedBy === before) grant.grantedBy = to;
  }
  for (const grant of account.grants) {
    if (grant.to.type === "ROLE" && grant.to.name === before) grant.to.name = to;
    if (grant.grantedBy === before) grant.grantedBy = to;
  }
  for (const grant of account.futureGrants) if (grant.to.name === before) grant.to.name = to;
}

const kind: AccountKind<Role> = { label: "Role", objects: ({ roles }) => roles };

export const roles: ObjectKind = {
  create(statement, execution) {
    const account = accountOf(execution);
    return createAccountObject(statement, execution, kind, {
      allow: (name, old) => {
        requireAccountPrivilege(execution, "CREATE ROLE");
        if (old && isSystemRole(name) && !statement.ifNotExists) throw systemRole(name);
      },
      make: (name) => ({
        type: "ROLE",
        ...newObject(execution, name, readComment(statement.properties, "ROLE")),
      }),
      replace: ({ name }) => removeRole(account, name, execution.session.role),
    });
  },

  alter(statement, execution) {
    return alterAccountObject(statement, execution, kind, (role, name) => {
      if (isSystemRole(name)) throw systemRole(name);
      requirePrivilege(execution, "OWNERSHIP", role);
      const { change } = statement;
      switch (change.action) {
        case "set":
          role.comment = readComment(change.properties, "ROLE") ?? role.comment;
          break;
        case "unset":
          unsetComment(role, change.names, "ALTER ROLE");
          break;
        case "rename":
          renameRole(accountOf(execution), role, change.to[0] as string);
          break;
        default:
          throw unsupported(`ALTER ROLE … ${change.action}`);
      }
    });
  },

  drop(statement, execution) {
    const { session } = execution;
    return dropAccountObject(statement, execution, kind, {
      allow: ({ name }) => {
        if (isSystemRole(name)) throw systemRole(name);
      },
      remove: ({ name }) => {
        if (session.role === name)
          throw new SnowflakeError(
            "003539",
            "42501",
            `SQL access control error:\nCannot drop role '${displayIdentifier(name)}': it is the current role of this session.`,
          );
        removeRole(accountOf(execution), name, session.role);
      },
    });
  },

  show(_statement, execution) {
    const account = accountOf(execution);
    const { session } = execution;
    const inherited = effectiveRoles(account, session.role);
    const grants = (role: string, to: "ROLE" | "USER") =>
      account.roleGrants.filter((grant) => grant.role === role && grant.to.type === to).length;
    return {
      columns: [
        timestampLtz("created_on"),
        text("name"),
        text("is_default"),
        text("is_current"),
        text("is_inherited"),
        fixed("assigned_to_users"),
        fixed("granted_to_roles"),
        fixed("granted_roles"),
        text("owner"),
        text("comment"),
      ],
      // docs: SHOW ROLES: everybody may list the roles there are, which gives access to none of them.
      rows: byName(account.roles.values()).map((role) => ({
        created_on: encodeTimestamp(new Date(role.createdOn)),
        name: role.name,
        is_default: yesNo(account.users.get(session.user)?.defaultRole === role.name),
        is_current: yesNo(role.name === session.role),
        is_inherited: yesNo(role.name !== session.role && inherited.has(role.name)),
        assigned_to_users: String(grants(role.name, "USER")),
        granted_to_roles: String(grants(role.name, "ROLE")),
        granted_roles: String(
          account.roleGrants.filter(({ to }) => to.type === "ROLE" && to.name === role.name).length,
        ),
        owner: role.owner,
        comment: role.comment,
      })),
    };
  },
};

/** The role of that name, or 002003. */
export function requireRole(account: Account, name: string): Role {
  const role = account.roles.get(name);
  if (!role) throw doesNotExist("Role", displayIdentifier(name));
  return role;
}
