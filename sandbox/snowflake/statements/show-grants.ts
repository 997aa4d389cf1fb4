import type { Account, Grant, ObjectType } from "../catalog/model.ts";
import { allObjects } from "../catalog/objects.ts";
import { resolve } from "../catalog/resolve.ts";
import { accountOf } from "../catalog/scope.ts";
import { systemPrivileges } from "../catalog/system-roles.ts";
import type { Execution, Handler } from "../context.ts";
import { doesNotExist, unsupported } from "../errors.ts";
import type { ObjectRef } from "../grammar/grant-statements.ts";
import { displayIdentifier, displayName } from "../grammar/identifiers.ts";
import type { ShowGrants } from "../grammar/show-statements.ts";
import { type Column, encodeTimestamp, type ResultSet, text, timestampLtz } from "../result.ts";
import { requireRole } from "./roles.ts";
import { type Row, tabulate } from "./shown.ts";

const moment = (createdOn: number) => encodeTimestamp(new Date(createdOn));
const typeText = (type: ObjectType) => type.replaceAll(" ", "_");

/** Names of all objects by ID. */
function namesOf(account: Account): Map<number, string> {
  const names = new Map([[account.id, account.locator]]);
  for (const { object, fullName } of allObjects(account)) names.set(object.id, fullName);
  return names;
}

const grantRow = (account: Account, grant: Grant, name: string): Row => ({
  created_on: moment(grant.createdOn),
  privilege: grant.privilege,
  granted_on: typeText(grant.on.type),
  name,
  granted_to: grant.to.type,
  grantee_name: grant.to.type === "SHARE" ? displayName([account.locator, grant.to.name]) : grant.to.name,
  grant_option: String(grant.grantOption),
  granted_by: grant.grantedBy,
});

const ownershipRow = (object: { type: ObjectType; owner: string; createdOn: number }, name: string): Row => ({
  created_on: moment(object.createdOn),
  privilege: "OWNERSHIP",
  granted_on: typeText(object.type),
  name,
  granted_to: "ROLE",
  grantee_name: object.owner,
  grant_option: "true",
  granted_by: object.owner,
});

const systemRows = (account: Account, role?: string): Row[] =>
  [...systemPrivileges].flatMap(([name, privileges]) =>
    role !== undefined && role !== name
      ? []
      : privileges.map((privilege) => ({
          created_on: moment(account.createdOn),
          privilege,
          granted_on: "ACCOUNT",
          name: account.locator,
          granted_to: "ROLE",
          grantee_name: name,
          grant_option: "true",
          granted_by: "ACCOUNTADMIN",
        })),
  );

const grantColumns: Column[] = [
  timestampLtz("created_on"),
  text("privilege"),
  text("granted_on"),
  text("name"),
  text("granted_to"),
  text("grantee_name"),
  text("grant_option"),
  text("granted_by"),
];

function on(execution: Execution, ref: ObjectRef): ResultSet {
  const account = accountOf(execution);
  const target = resolve(execution, ref);
  const { object } = target;
  const rows = account.grants
    .filter((grant) => grant.on.id === target.id)
    .map((grant) => grantRow(account, grant, target.fullName));
  if (target.type === "ACCOUNT") return tabulate(grantColumns, [...systemRows(account), ...rows]);
  return tabulate(grantColumns, object?.owner ? [ownershipRow(object, target.fullName), ...rows] : rows);
}

function toRole(account: Account, role: string): ResultSet {
  requireRole(account, role);
  const names = namesOf(account);
  const rows = [
    ...systemRows(account, role),
    ...[...allObjects(account)]
      .filter(({ object }) => object.owner === role)
      .map(({ object, fullName }) => ownershipRow(object, fullName)),
    ...account.grants
      .filter(({ to }) => to.type === "ROLE" && to.name === role)
      .map((grant) => grantRow(account, grant, names.get(grant.on.id) ?? "")),
    ...account.roleGrants
      .filter(({ to }) => to.type === "ROLE" && to.name === role)
      .map((grant) => ({
        created_on: moment(grant.createdOn),
        privilege: "USAGE",
        granted_on: "ROLE",
        name: displayIdentifier(grant.role),
        granted_to: "ROLE",
        grantee_name: role,
        grant_option: "false",
        granted_by: grant.grantedBy,
      })),
  ];
  return tabulate(grantColumns, rows);
}

function toUser(account: Account, user: string): ResultSet {
  if (!account.users.has(user)) throw doesNotExist("User", displayIdentifier(user));
  return tabulate(
    [timestampLtz("created_on"), text("role"), text("granted_to"), text("grantee_name"), text("granted_by")],
    account.roleGrants
      .filter(({ to }) => to.type === "USER" && to.name === user)
      .map((grant) => ({
        created_on: moment(grant.createdOn),
        role: grant.role,
        granted_to: "USER",
        grantee_name: user,
        granted_by: grant.grantedBy,
      })),
  );
}

function toShare(account: Account, share: string): ResultSet {
  if (!account.shares.has(share)) throw doesNotExist("Share", displayIdentifier(share));
  const names = namesOf(account);
  return tabulate(
    grantColumns,
    account.grants
      .filter(({ to }) => to.type === "SHARE" && to.name === share)
      .map((grant) => grantRow(account, grant, names.get(grant.on.id) ?? "")),
  );
}

function ofRole(account: Account, role: string): ResultSet {
  requireRole(account, role);
  return tabulate(
    [timestampLtz("created_on"), text("role"), text("granted_to"), text("grantee_name"), text("granted_by")],
    account.roleGrants
      .filter((grant) => grant.role === role)
      .map((grant) => ({
        created_on: moment(grant.createdOn),
        role,
        granted_to: grant.to.type,
        grantee_name: grant.to.name,
        granted_by: grant.grantedBy,
      })),
  );
}

function ofShare(account: Account, name: string): ResultSet {
  const share = account.shares.get(name);
  if (!share) throw doesNotExist("Share", displayIdentifier(name));
  return tabulate(
    [timestampLtz("created_on"), text("share"), text("granted_to"), text("grantee_name"), text("granted_by")],
    share.accounts.map((key) => ({
      created_on: moment(share.createdOn),
      share: name,
      granted_to: "ACCOUNT",
      grantee_name: key.replace("-", "."),
      granted_by: share.owner,
    })),
  );
}

function future(
  execution: Execution,
  matches: (grant: Account["futureGrants"][number]) => boolean,
): ResultSet {
  const account = accountOf(execution);
  const names = namesOf(account);
  return tabulate(
    [
      timestampLtz("created_on"),
      text("privilege"),
      text("grant_on"),
      text("name"),
      text("grant_to"),
      text("grantee_name"),
      text("grant_option"),
    ],
    account.futureGrants.filter(matches).map((grant) => ({
      created_on: moment(grant.createdOn),
      privilege: grant.privilege,
      grant_on: typeText(grant.on),
      name: `${names.get(grant.in.id)}.<${typeText(grant.on)}>`,
      grant_to: "ROLE",
      grantee_name: grant.to.name,
      grant_option: String(grant.grantOption),
    })),
  );
}

/** SHOW GRANTS in all its forms (docs: SHOW GRANTS). */
export const showGrants: Handler<ShowGrants> = ({ target, future: ofFuture }, execution) => {
  const account = accountOf(execution);
  if (ofFuture) {
    if (target.type === "in") {
      const { id } = resolve(execution, target.scope);
      return future(execution, (grant) => grant.in.id === id);
    }
    if (target.type === "to" && target.grantee.type === "ROLE") {
      const [role] = target.grantee.name;
      return future(execution, ({ to }) => to.name === role);
    }
    throw unsupported("SHOW FUTURE GRANTS other than IN SCHEMA, IN DATABASE and TO ROLE");
  }
  switch (target.type) {
    case "self":
      return toUser(account, execution.session.user);
    case "on":
      return on(execution, target.object);
    case "of": {
      const name = target.grantee.name[0] as string;
      return target.grantee.type === "ROLE" ? ofRole(account, name) : ofShare(account, name);
    }
    case "to": {
      const name = target.grantee.name[0] as string;
      const show = { ROLE: toRole, USER: toUser, SHARE: toShare }[target.grantee.type];
      return show(account, name);
    }
    case "in":
      throw unsupported("SHOW GRANTS IN without FUTURE");
  }
};
