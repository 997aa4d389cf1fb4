import type { Database, FutureGrant, Grant, Schema, SecurableObject } from "../catalog/model.ts";
import { privilegesOf } from "../catalog/privilege-names.ts";
import { activeRoles, hasAccountPrivilege, owns } from "../catalog/privileges.ts";
import { resolve } from "../catalog/resolve.ts";
import { accountOf, type Context } from "../catalog/scope.ts";
import { insufficientPrivileges, SnowflakeError } from "../errors.ts";
import type { GrantTarget } from "../grammar/grant-statements.ts";

type FutureTarget = Extract<GrantTarget, { each: string }>;

/** Where a future grant holds; only the owner of that, or who may MANAGE GRANTS, decides on it. */
function scopeOf(context: Context, on: FutureTarget, privileges: readonly string[], to: Grant["to"]) {
  const scope = resolve(context, on.scope);
  const account = accountOf(context);
  const roles = activeRoles(context);
  const allowed =
    hasAccountPrivilege(account, roles, "MANAGE GRANTS") ||
    (scope.object && owns(account, roles, scope.object));
  if (!allowed) throw insufficientPrivileges(scope.type.toLowerCase(), scope.fullName);
  if (to.type !== "ROLE") {
    throw new SnowflakeError(
      "003015",
      "42601",
      "SQL compilation error:\nFuture grants go to roles: a share is granted what there is.",
    );
  }
  const all = [...privilegesOf[on.type], "OWNERSHIP"];
  const wrong = privileges.find((privilege) => privilege !== "ALL" && !all.includes(privilege));
  if (wrong !== undefined) {
    throw new SnowflakeError(
      "003008",
      "42601",
      `SQL compilation error:\nInvalid privilege '${wrong}' for object type '${on.type}': allowed is ${all.join(", ")}.`,
    );
  }
  return {
    in: { type: on.scope.type, id: scope.id },
    privileges: privileges[0] === "ALL" ? privilegesOf[on.type] : privileges,
  };
}

const isSame = (one: FutureGrant, other: Omit<FutureGrant, "grantOption" | "createdOn">) =>
  one.privilege === other.privilege &&
  one.on === other.on &&
  one.in.id === other.in.id &&
  one.to.name === other.to.name;

export function grantFuture(
  context: Context,
  on: FutureTarget,
  names: readonly string[],
  to: Grant["to"],
  grantOption: boolean,
): void {
  const account = accountOf(context);
  const { in: scope, privileges } = scopeOf(context, on, names, to);
  for (const privilege of privileges) {
    const grant = { privilege, on: on.type, in: scope, to: { type: "ROLE" as const, name: to.name } };
    const known = account.futureGrants.find((each) => isSame(each, grant));
    if (known) known.grantOption ||= grantOption;
    else account.futureGrants.push({ ...grant, grantOption, createdOn: context.cloud.now().getTime() });
  }
}

export function revokeFuture(
  context: Context,
  on: FutureTarget,
  names: readonly string[],
  from: Grant["to"],
): void {
  const account = accountOf(context);
  const { in: scope, privileges } = scopeOf(context, on, names, from);
  account.futureGrants = account.futureGrants.filter(
    (grant) =>
      !privileges.some((privilege) =>
        isSame(grant, { privilege, on: on.type, in: scope, to: { type: "ROLE", name: from.name } }),
      ),
  );
}

/**
 * Gives a new object in a schema (or a new schema) the privileges that future grants promise. Those of the schema
 * stand instead of those of its database, where both speak of the same kind of object (docs: GRANT <privileges>, Future grants).
 */
export function applyFutureGrants(
  context: Context,
  object: SecurableObject,
  database: Database,
  schema?: Schema,
): void {
  const account = accountOf(context);
  const promised = (id: number | undefined) =>
    account.futureGrants.filter((grant) => grant.in.id === id && grant.on === object.type);
  const ofSchema = promised(schema?.id);
  for (const grant of ofSchema.length > 0 ? ofSchema : promised(database.id)) {
    if (grant.privilege === "OWNERSHIP") {
      object.owner = grant.to.name;
      continue;
    }
    account.grants.push({
      privilege: grant.privilege,
      on: { type: object.type, id: object.id },
      to: grant.to,
      grantOption: grant.grantOption,
      grantedBy: object.owner,
      createdOn: context.cloud.now().getTime(),
    });
  }
}
