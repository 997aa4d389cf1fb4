import { findDatabase, findSchema } from "../catalog/lookup.ts";
import type { Account } from "../catalog/model.ts";
import {
  activeRoles,
  hasPrivilege,
  mayKnow,
  requireAccountPrivilege,
  rolesOfUser,
} from "../catalog/privileges.ts";
import { accountOf, type Context } from "../catalog/scope.ts";
import type { Handler, Session } from "../context.ts";
import { cannotBePerformed, doesNotExist, SnowflakeError } from "../errors.ts";
import { displayIdentifier } from "../grammar/identifiers.ts";
import { asName1, isNull } from "../grammar/properties.ts";
import type { StatementOf } from "../grammar/statement.ts";
import type { Property } from "../grammar/values.ts";
import { type ParameterDefinition, sessionParameters } from "../parameters.ts";
import { done } from "./ddl.ts";
import { accountParameter, readParameter } from "./object-parameters.ts";

export const useRole: Handler<StatementOf<"useRole">> = ({ name }, execution) => {
  const account = accountOf(execution);
  requireUsable(account, execution.session.user, name);
  execution.session.role = name;
  return done();
};

function requireUsable(account: Account, user: string, role: string): void {
  if (!account.roles.has(role)) throw cannotBePerformed();
  if (rolesOfUser(account, user).has(role)) return;
  throw new SnowflakeError(
    "003013",
    "42501",
    `SQL access control error:\nRequested role '${role}' is not assigned to the executing user. Specify another role to activate.`,
  );
}

/**
 * Refuses a session whose role was dropped or is no longer its user's (the words as clients of real accounts report
 * them; not verified for a role that was revoked).
 */
export function requireRole({ cloud, session }: Context): void {
  const account = cloud.catalog.accountOfKey(session.account);
  if (account.roles.has(session.role) && rolesOfUser(account, session.user).has(session.role)) return;
  throw new SnowflakeError(
    "003030",
    "02000",
    "SQL compilation error:\nThe role activated in this session no longer exists. Login again to create a new session.",
  );
}

export const useSecondaryRoles: Handler<StatementOf<"useSecondaryRoles">> = ({ roles }, execution) => {
  const account = accountOf(execution);
  if (Array.isArray(roles)) for (const role of roles) requireUsable(account, execution.session.user, role);
  execution.session.secondaryRoles = roles === "NONE" ? [] : roles;
  return done();
};

export const useWarehouse: Handler<StatementOf<"useWarehouse">> = ({ name }, execution) => {
  const account = accountOf(execution);
  const warehouse = account.warehouses.get(name);
  if (!warehouse || !hasPrivilege(account, activeRoles(execution), "USAGE", warehouse)) {
    throw cannotBePerformed();
  }
  execution.session.warehouse = name;
  return done();
};

export const useDatabase: Handler<StatementOf<"useDatabase">> = ({ name }, execution) => {
  const account = accountOf(execution);
  const known = account.databases.get(name);
  if (!known || !mayKnow(execution, known)) throw cannotBePerformed();
  const { database, mounted, visible, readOnly } = findDatabase(execution, name);
  const schema = database.schemas.get("PUBLIC");
  execution.session.database = name;
  execution.session.schema =
    schema && visible.has(schema.id) && (readOnly || mayKnow(execution, schema, mounted)) ? "PUBLIC" : null;
  return done();
};

export const useSchema: Handler<StatementOf<"useSchema">> = ({ name }, execution) => {
  if (name.at(-1) === "INFORMATION_SCHEMA") {
    const { mounted } = findDatabase(execution, name.length > 1 ? name[0] : undefined, "USE SCHEMA");
    execution.session.database = mounted.name;
    execution.session.schema = "INFORMATION_SCHEMA";
    return done();
  }
  let place: ReturnType<typeof findSchema>;
  try {
    place = findSchema(execution, name, "USE SCHEMA");
  } catch (error) {
    if (error instanceof SnowflakeError && error.code === "002003") throw cannotBePerformed();
    throw error;
  }
  execution.session.database = place.mounted.name;
  execution.session.schema = place.schema.name;
  return done();
};

const unknownParameter = (name: string) =>
  new SnowflakeError("002211", "42601", `SQL compilation error:\ninvalid parameter '${name}'`);

const sessionParameter = (name: string): ParameterDefinition | undefined =>
  Object.hasOwn(sessionParameters, name) ? sessionParameters[name] : undefined;

/** Reads all values before the first one is set. */
const valuesOf = (
  properties: readonly Property[],
  definitionOf: (name: string) => ParameterDefinition | undefined,
): [string, string][] =>
  properties.map(({ name, value }) => {
    const definition = definitionOf(name);
    if (!definition) throw unknownParameter(name);
    return [name, readParameter(definition)(value, name)];
  });

export const setParameters: Handler<StatementOf<"setParameters">> = async (
  { scope, properties },
  execution,
) => {
  if (scope.type === "SESSION") {
    const { session, cloud } = execution;
    const values = valuesOf(properties, sessionParameter);
    // To set AUTOCOMMIT commits what is open (docs: Transactions, "Autocommit"), to what it was as well (not verified).
    if (values.some(([name]) => name === "AUTOCOMMIT")) await cloud.transactions.end(session, "COMMIT");
    for (const [name, value] of values) session.parameters.set(name, value);
    return done();
  }
  requireAccountAdministrator(execution);
  const account = accountOf(execution);
  const monitor = properties.find(({ name }) => name === "RESOURCE_MONITOR");
  const values = valuesOf(
    properties.filter((property) => property !== monitor),
    accountParameter,
  );
  if (monitor) {
    const chosen = isNull(monitor.value) ? undefined : asName1(monitor.value, "RESOURCE_MONITOR");
    if (chosen !== undefined && !account.resourceMonitors.has(chosen)) {
      throw doesNotExist("Resource monitor", displayIdentifier(chosen));
    }
    for (const each of account.resourceMonitors.values()) each.accountLevel = each.name === chosen;
  }
  for (const [name, value] of values) account.parameters.set(name, value);
  execution.cloud.catalog.save();
  return done();
};

export const unsetParameters: Handler<StatementOf<"unsetParameters">> = async (
  { scope, names },
  execution,
) => {
  const account = accountOf(execution);
  const unknown = names.find((name) =>
    scope.type === "SESSION" ? !Object.hasOwn(sessionParameters, name) : !accountParameter(name),
  );
  if (unknown !== undefined) throw unknownParameter(unknown);
  if (scope.type === "SESSION") {
    if (names.includes("AUTOCOMMIT")) await execution.cloud.transactions.end(execution.session, "COMMIT");
    for (const name of names) resetToAccount(execution.session, account.parameters.get(name), name);
    return done();
  }
  requireAccountAdministrator(execution);
  for (const name of names) account.parameters.delete(name);
  execution.cloud.catalog.save();
  return done();
};

function resetToAccount(session: Session, value: string | undefined, name: string): void {
  if (value === undefined) session.parameters.delete(name);
  else session.parameters.set(name, value);
}

/** Nobody is granted this one: only ACCOUNTADMIN has it, as it has everything. */
const requireAccountAdministrator = (context: Context): void =>
  requireAccountPrivilege(context, "MANAGE ACCOUNT SETTINGS");
