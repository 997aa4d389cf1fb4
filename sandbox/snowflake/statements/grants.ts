import type { Grant, ObjectType } from "../catalog/model.ts";
import { privilegesOf } from "../catalog/privilege-names.ts";
import {
  activeRoles,
  decides,
  effectiveRoles,
  hasAccountPrivilege,
  requirePrivilege,
} from "../catalog/privileges.ts";
import type { Resolved } from "../catalog/resolve.ts";
import { accountOf, type Context } from "../catalog/scope.ts";
import type { Handler } from "../context.ts";
import { doesNotExist, insufficientPrivileges, SnowflakeError } from "../errors.ts";
import type { Grantee, GrantPrivileges, GrantTarget, RevokePrivileges } from "../grammar/grant-statements.ts";
import { displayIdentifier } from "../grammar/identifiers.ts";
import type { StatementOf } from "../grammar/statement.ts";
import { done } from "./ddl.ts";
import { grantFuture, revokeFuture } from "./future-grants.ts";
import { objectsOf } from "./grant-targets.ts";
import { requireRole } from "./roles.ts";
import { requireShareable } from "./share-grants.ts";

const invalidPrivilege = (privilege: string, type: ObjectType) =>
  new SnowflakeError(
    "003008",
    "42601",
    `SQL compilation error:\nInvalid privilege '${privilege}' for object type '${type}': allowed is ${privilegesOf[type].join(", ")}.`,
  );

/** The privileges that a GRANT or REVOKE names, checked against the kind of object (docs: GRANT <privileges> … TO ROLE). */
function privilegesFor(names: readonly string[], target: Resolved): string[] {
  if (names.length === 1 && names[0] === "ALL") return [...privilegesOf[target.type]];
  return names.map((name) => {
    // The only privilege on a mounted database; it is kept and shown as USAGE.
    if (name === "IMPORTED PRIVILEGES" && target.type === "DATABASE") {
      if (target.readOnly) return "USAGE";
      throw new SnowflakeError(
        "003042",
        "42601",
        `SQL compilation error:\nGranting IMPORTED PRIVILEGES: database '${target.fullName}' is not mounted from a share.`,
      );
    }
    if (target.readOnly) {
      throw new SnowflakeError(
        "003011",
        "42601",
        "SQL compilation error:\nGranting individual privileges on imported database is not allowed. Use 'GRANT IMPORTED PRIVILEGES' instead.",
      );
    }
    if (!privilegesOf[target.type].includes(name)) throw invalidPrivilege(name, target.type);
    return name;
  });
}

/**
 * Refuses who may not give a privilege away: that is for the owner, for who holds it WITH GRANT OPTION and for who may
 * MANAGE GRANTS; in a schema with managed access for the schema's owner instead of the objects' owners.
 * Answers in whose name the grant is made.
 */
function grantor(context: Context, target: Resolved, privileges: readonly string[]): string {
  const account = accountOf(context);
  const { role } = context.session;
  const { object, schema } = target;
  const roles = effectiveRoles(account, activeRoles(context));
  const owner = schema?.managedAccess ? schema.owner : (object?.owner ?? "");
  if (roles.has(owner)) return owner;
  if (hasAccountPrivilege(account, activeRoles(context), "MANAGE GRANTS")) return owner === "" ? role : owner;
  const held = privileges.every((privilege) =>
    decides(
      account,
      (grant) =>
        grant.on.id === target.id &&
        grant.privilege === privilege &&
        grant.grantOption &&
        grant.to.type === "ROLE" &&
        roles.has(grant.to.name),
    ),
  );
  if (held && !schema?.managedAccess) return role;
  throw insufficientPrivileges(target.type.toLowerCase(), target.fullName);
}

function requireGrantee(context: Context, { type, name }: Grantee): Grant["to"] {
  const account = accountOf(context);
  const [first] = name as [string];
  if (type === "USER") {
    throw new SnowflakeError(
      "003012",
      "42601",
      "SQL compilation error:\nPrivileges on objects go to roles: grant the role to the user instead.",
    );
  }
  if (type === "ROLE") requireRole(account, first);
  else if (!account.shares.has(first)) throw doesNotExist("Share", displayIdentifier(first));
  return { type, name: first };
}

const isSame = (grant: Grant, target: Resolved, privilege: string, to: Grant["to"]) =>
  grant.on.id === target.id &&
  grant.privilege === privilege &&
  grant.to.type === to.type &&
  grant.to.name === to.name;

export const grantPrivileges: Handler<GrantPrivileges> = (statement, execution) => {
  const account = accountOf(execution);
  const to = requireGrantee(execution, statement.to);
  if (isFuture(statement.on)) {
    grantFuture(execution, statement.on, statement.privileges, to, statement.grantOption);
    execution.cloud.catalog.save();
    return done();
  }
  const add = (target: Resolved, privilege: string, grantedBy: string): void => {
    const known = account.grants.find((grant) => isSame(grant, target, privilege, to));
    if (known) {
      known.grantOption ||= statement.grantOption;
      return;
    }
    account.grants.push({
      privilege,
      on: { type: target.type, id: target.id },
      to,
      grantOption: statement.grantOption,
      grantedBy,
      createdOn: execution.cloud.now().getTime(),
    });
  };
  const planned = objectsOf(execution, statement.on).map((target) => {
    const privileges = privilegesFor(statement.privileges, target);
    const grantedBy = grantor(execution, target, privileges);
    if (to.type === "SHARE") requireShareable(execution, target, privileges, to.name);
    return { target, privileges, grantedBy };
  });
  for (const { target, privileges, grantedBy } of planned) {
    for (const privilege of privileges) add(target, privilege, grantedBy);
  }
  execution.cloud.catalog.save();
  return done();
};

export const revokePrivileges: Handler<RevokePrivileges> = (statement, execution) => {
  const account = accountOf(execution);
  const from = requireGrantee(execution, statement.from);
  if (isFuture(statement.on)) {
    revokeFuture(execution, statement.on, statement.privileges, from);
    execution.cloud.catalog.save();
    return done();
  }
  for (const target of objectsOf(execution, statement.on)) {
    const privileges = privilegesFor(statement.privileges, target);
    grantor(execution, target, privileges);
    for (const privilege of privileges) {
      const dependent = givenOn(account.grants, target, privilege, from);
      const goesAlong = statement.behaviour === "CASCADE";
      // What was given on stays where only the right to give on goes (not verified).
      if (dependent.length > 0 && !goesAlong && !statement.grantOptionOnly)
        throw dependentGrant(dependent, target);
      if (goesAlong) account.grants = account.grants.filter((grant) => !dependent.includes(grant));
      if (statement.grantOptionOnly) {
        for (const grant of account.grants) {
          if (isSame(grant, target, privilege, from)) grant.grantOption = false;
        }
      } else {
        account.grants = account.grants.filter((grant) => !isSame(grant, target, privilege, from));
      }
    }
  }
  execution.cloud.catalog.save();
  return done();
};

/** What a role has given on of a privilege, and those after it (docs: REVOKE <privileges>, RESTRICT and CASCADE). */
function givenOn(grants: readonly Grant[], target: Resolved, privilege: string, from: Grant["to"]): Grant[] {
  const found = new Set<Grant>();
  const pending = from.type === "ROLE" ? [from.name] : [];
  for (let role = pending.pop(); role !== undefined; role = pending.pop()) {
    // What an owner has granted hangs on no grant.
    if (role === target.object?.owner) continue;
    for (const grant of grants) {
      if (grant.grantedBy !== role || grant.on.id !== target.id || grant.privilege !== privilege) continue;
      if (found.has(grant) || grant.to.name === from.name) continue;
      found.add(grant);
      pending.push(grant.to.name);
    }
  }
  return [...found];
}

/** The words as they are of GRANT OWNERSHIP (of REVOKE not verified). */
const dependentGrant = ([grant]: readonly Grant[], { fullName }: Resolved, cure = "") =>
  new SnowflakeError(
    "003036",
    "42501",
    `SQL execution error: Dependent grant of privilege '${grant?.privilege}' on securable '${fullName}' to role '${grant?.to.name}' exists. It must be revoked first. More than one dependent grant may exist: use 'SHOW GRANTS' command to view them.${cure}`,
  );

const isFuture = (on: GrantTarget): on is Extract<GrantTarget, { each: string }> =>
  "each" in on && on.each === "FUTURE";

export const grantOwnership: Handler<StatementOf<"grantOwnership">> = (statement, execution) => {
  const account = accountOf(execution);
  const to = requireGrantee(execution, statement.to);
  if (isFuture(statement.on)) {
    grantFuture(execution, statement.on, ["OWNERSHIP"], to, false);
    execution.cloud.catalog.save();
    return done();
  }
  for (const target of objectsOf(execution, statement.on)) {
    const { object } = target;
    if (!object) throw invalidPrivilege("OWNERSHIP", target.type);
    if (!hasAccountPrivilege(account, activeRoles(execution), "MANAGE GRANTS")) {
      requirePrivilege(execution, "OWNERSHIP", object);
    }
    const dependent = account.grants.filter(
      (grant) => grant.on.id === object.id && grant.grantedBy === object.owner,
    );
    if (dependent.length > 0 && statement.currentGrants === undefined && object.owner !== to.name) {
      throw dependentGrant(
        dependent,
        target,
        " To revoke all dependent grants while transferring object ownership, use convenience command 'GRANT OWNERSHIP ON <target_objects> TO <target_role> REVOKE CURRENT GRANTS'.",
      );
    }
    if (statement.currentGrants === "REVOKE") {
      account.grants = account.grants.filter((grant) => grant.on.id !== object.id);
    } else {
      for (const grant of dependent) grant.grantedBy = to.name;
    }
    object.owner = to.name;
  }
  execution.cloud.catalog.save();
  return done();
};

function requireRoleGrantor(context: Context, role: string): string {
  const account = accountOf(context);
  const { owner } = requireRole(account, role);
  if (effectiveRoles(account, activeRoles(context)).has(owner)) return owner;
  if (hasAccountPrivilege(account, activeRoles(context), "MANAGE GRANTS"))
    return owner || context.session.role;
  throw insufficientPrivileges("role", displayIdentifier(role));
}

export const grantRole: Handler<StatementOf<"grantRole">> = (statement, execution) => {
  const account = accountOf(execution);
  const { role } = statement;
  const grantedBy = requireRoleGrantor(execution, role);
  const [name] = statement.to.name as [string];
  const type = statement.to.type === "USER" ? "USER" : "ROLE";
  if (type === "ROLE") {
    requireRole(account, name);
    if (role === name || effectiveRoles(account, role).has(name)) {
      throw new SnowflakeError(
        "003014",
        "42601",
        `SQL compilation error:\nRole '${displayIdentifier(role)}' cannot be granted to role '${displayIdentifier(name)}': it already inherits from it.`,
      );
    }
  } else if (!account.users.has(name)) {
    throw doesNotExist("User", displayIdentifier(name));
  }
  const known = account.roleGrants.some(
    (grant) => grant.role === role && grant.to.type === type && grant.to.name === name,
  );
  if (!known) {
    account.roleGrants.push({
      role,
      to: { type, name },
      grantedBy,
      createdOn: execution.cloud.now().getTime(),
    });
  }
  execution.cloud.catalog.save();
  return done();
};

export const revokeRole: Handler<StatementOf<"revokeRole">> = (statement, execution) => {
  const account = accountOf(execution);
  requireRoleGrantor(execution, statement.role);
  const [name] = statement.from.name as [string];
  const type = statement.from.type === "USER" ? "USER" : "ROLE";
  account.roleGrants = account.roleGrants.filter(
    (grant) => !(grant.role === statement.role && grant.to.type === type && grant.to.name === name),
  );
  execution.cloud.catalog.save();
  return done();
};
