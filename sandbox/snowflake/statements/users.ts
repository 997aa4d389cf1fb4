import { createHash } from "node:crypto";
import type { User } from "../catalog/model.ts";
import { hashPassword, publicKeyBody } from "../catalog/passwords.ts";
import { mayKnow, requireAccountPrivilege, requirePrivilege } from "../catalog/privileges.ts";
import { accountOf, type Context } from "../catalog/scope.ts";
import type { Execution } from "../context.ts";
import { unsupported } from "../errors.ts";
import {
  asBoolean,
  asName1,
  asText,
  asTexts,
  asWord,
  invalidValue,
  orNull,
  type Reader,
  readProperties,
  valueText,
} from "../grammar/properties.ts";
import type { Describe } from "../grammar/show-statements.ts";
import type { Property } from "../grammar/values.ts";
import { sessionParameters } from "../parameters.ts";
import { encodeTimestamp, type ResultSet, text, timestampLtz } from "../result.ts";
import {
  type AccountKind,
  alterAccountObject,
  createAccountObject,
  dropAccountObject,
} from "./account-objects.ts";
import { newObject, type ObjectKind, rename } from "./ddl.ts";
import { readParameter } from "./object-parameters.ts";
import { byName, type Shown, tabulate } from "./shown.ts";
import { knownUser, requireServiceProperties } from "./user-rules.ts";

const asPublicKey: Reader<string> = (value, name) => {
  const key = asText(value, name);
  try {
    return publicKeyBody(key);
  } catch (error) {
    throw invalidValue(
      name,
      `${key.slice(0, 12)}…`,
      `an RSA public key in PEM form (${(error as Error).message})`,
    );
  }
};

/** All roles count beside the current one, or none. */
const asSecondaryRoles: Reader<string[]> = (value, name) => {
  const roles = asTexts(value, name);
  if (roles.some((role) => role.toUpperCase() !== "ALL"))
    throw invalidValue(name, valueText(value), "('ALL') or ()");
  return roles;
};

const readers = {
  PASSWORD: asText,
  LOGIN_NAME: asText,
  DISPLAY_NAME: asText,
  FIRST_NAME: asText,
  MIDDLE_NAME: asText,
  LAST_NAME: asText,
  EMAIL: asText,
  MUST_CHANGE_PASSWORD: asBoolean,
  DISABLED: asBoolean,
  DEFAULT_WAREHOUSE: orNull(asName1),
  DEFAULT_NAMESPACE: orNull(asText),
  DEFAULT_ROLE: orNull(asName1),
  DEFAULT_SECONDARY_ROLES: asSecondaryRoles,
  RSA_PUBLIC_KEY: asPublicKey,
  RSA_PUBLIC_KEY_2: asPublicKey,
  TYPE: orNull(asWord("PERSON", "SERVICE", "LEGACY_SERVICE")),
  COMMENT: asText,
};

const isParameter = ({ name }: Property) => Object.hasOwn(sessionParameters, name);

function setOrDelete<Key extends keyof User>(user: User, key: Key, value: User[Key] | null | undefined) {
  if (value === null) delete user[key];
  else if (value !== undefined) user[key] = value;
}

function changes(properties: readonly Property[]) {
  const read = readProperties(
    properties.filter((property) => !isParameter(property)),
    "USER",
    readers,
  );
  const parameters = properties.filter(isParameter).map(({ name, value }): [string, string] => {
    const definition = sessionParameters[name];
    if (!definition) throw invalidValue(name, valueText(value));
    return [name, readParameter(definition)(value, name)];
  });
  return (user: User): void => {
    if ((read.TYPE === undefined ? user.userType : read.TYPE) === "SERVICE") requireServiceProperties(read);
    if (read.PASSWORD !== undefined) user.passwordHash = hashPassword(read.PASSWORD);
    user.loginName = read.LOGIN_NAME?.toUpperCase() ?? user.loginName;
    user.displayName = read.DISPLAY_NAME ?? user.displayName;
    user.disabled = read.DISABLED ?? user.disabled;
    user.comment = read.COMMENT ?? user.comment;
    setOrDelete(user, "email", read.EMAIL);
    setOrDelete(user, "defaultWarehouse", read.DEFAULT_WAREHOUSE);
    setOrDelete(user, "defaultNamespace", read.DEFAULT_NAMESPACE);
    setOrDelete(user, "defaultRole", read.DEFAULT_ROLE);
    if (read.DEFAULT_SECONDARY_ROLES?.length === 0) user.defaultSecondaryRoles = [];
    else if (read.DEFAULT_SECONDARY_ROLES) delete user.defaultSecondaryRoles;
    setOrDelete(user, "rsaPublicKey", read.RSA_PUBLIC_KEY);
    setOrDelete(user, "rsaPublicKey2", read.RSA_PUBLIC_KEY_2);
    setOrDelete(user, "userType", read.TYPE);
    for (const [name, value] of parameters) user.parameters.set(name, value);
  };
}

function unset(user: User, names: readonly string[]): void {
  const fields: Readonly<Record<string, keyof User>> = {
    PASSWORD: "passwordHash",
    EMAIL: "email",
    DEFAULT_WAREHOUSE: "defaultWarehouse",
    DEFAULT_NAMESPACE: "defaultNamespace",
    DEFAULT_ROLE: "defaultRole",
    DEFAULT_SECONDARY_ROLES: "defaultSecondaryRoles",
    RSA_PUBLIC_KEY: "rsaPublicKey",
    RSA_PUBLIC_KEY_2: "rsaPublicKey2",
    TYPE: "userType",
  };
  for (const name of names) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field) delete user[field];
    else if (name === "COMMENT") user.comment = "";
    else if (name === "DISABLED") user.disabled = false;
    else if (name === "DISPLAY_NAME" || name === "LOGIN_NAME") {
      user[name === "DISPLAY_NAME" ? "displayName" : "loginName"] = user.name;
    } else if (Object.hasOwn(sessionParameters, name)) user.parameters.delete(name);
    else throw unsupported(`ALTER USER … UNSET ${name}`);
  }
}

/** What a user who is disabled or dropped has running ends (docs: ALTER USER, DISABLED). */
function endStatements({ cloud, session, queryId }: Execution, user: User): void {
  const mine = (other: { account: string; user: string }) =>
    other.account === session.account && other.user === user.name;
  for (const statement of cloud.running.values()) {
    if (mine(statement.record) && statement.record.queryId !== queryId) statement.cancel();
  }
  for (const transaction of cloud.transactions.open) {
    if (mine(transaction.session)) void cloud.transactions.abort(transaction);
  }
}

function removeUser(context: Context, user: User): void {
  const account = accountOf(context);
  account.users.delete(user.name);
  account.roleGrants = account.roleGrants.filter(({ to }) => !(to.type === "USER" && to.name === user.name));
}

const kind: AccountKind<User> = { label: "User", objects: ({ users }) => users };

export const users: ObjectKind = {
  create(statement, execution) {
    return createAccountObject(statement, execution, kind, {
      allow: () => requireAccountPrivilege(execution, "CREATE USER"),
      make: (name) => {
        const apply = changes(statement.properties);
        const user: User = {
          type: "USER",
          ...newObject(execution, name),
          loginName: name,
          displayName: name,
          disabled: false,
          parameters: new Map(),
        };
        apply(user);
        return user;
      },
      replace: (old) => removeUser(execution, old),
    });
  },

  alter(statement, execution) {
    const account = accountOf(execution);
    return alterAccountObject(statement, execution, kind, (user, name) => {
      const { change } = statement;
      if (
        !(name === execution.session.user && change.action === "set" && change.properties.every(isParameter))
      ) {
        requirePrivilege(execution, "OWNERSHIP", user);
      }
      switch (change.action) {
        case "set":
          changes(change.properties)(user);
          if (user.disabled) endStatements(execution, user);
          break;
        case "unset":
          unset(user, change.names);
          break;
        case "rename": {
          const to = change.to[0] as string;
          rename(account.users, user, to);
          for (const grant of account.roleGrants) {
            if (grant.to.type === "USER" && grant.to.name === name) grant.to.name = to;
          }
          break;
        }
        default:
          throw unsupported(`ALTER USER … ${change.action}`);
      }
    });
  },

  drop(statement, execution) {
    return dropAccountObject(statement, execution, kind, {
      remove: (user) => {
        removeUser(execution, user);
        endStatements(execution, user);
      },
    });
  },

  show: (_statement, execution): Shown => ({
    columns: showColumns,
    rows: byName(accountOf(execution).users.values())
      .filter((user) => user.name === execution.session.user || mayKnow(execution, user))
      .map((user) => ({
        name: user.name,
        created_on: encodeTimestamp(new Date(user.createdOn)),
        login_name: user.loginName,
        display_name: user.displayName,
        email: user.email ?? "",
        comment: user.comment,
        disabled: String(user.disabled),
        must_change_password: "false",
        snowflake_lock: "false",
        default_warehouse: user.defaultWarehouse ?? "",
        default_namespace: user.defaultNamespace ?? "",
        default_role: user.defaultRole ?? "",
        default_secondary_roles: user.defaultSecondaryRoles ? "[]" : '["ALL"]',
        ext_authn_duo: "false",
        owner: user.owner,
        last_success_login:
          user.lastSuccessLogin === undefined ? null : encodeTimestamp(new Date(user.lastSuccessLogin)),
        has_password: String(user.passwordHash !== undefined),
        has_rsa_public_key: String(user.rsaPublicKey !== undefined || user.rsaPublicKey2 !== undefined),
        type: user.userType ?? null,
        has_mfa: "false",
      })),
  }),

  describe: (statement: Describe, execution): ResultSet => {
    const user = knownUser(execution, statement.name[0] as string);
    const rows: [string, string][] = [
      ["NAME", user.name],
      ["COMMENT", user.comment],
      ["DISPLAY_NAME", user.displayName],
      ["TYPE", user.userType ?? "null"],
      ["LOGIN_NAME", user.loginName],
      ["EMAIL", user.email ?? "null"],
      ["PASSWORD", user.passwordHash === undefined ? "null" : "********"],
      ["DISABLED", String(user.disabled)],
      ["DEFAULT_WAREHOUSE", user.defaultWarehouse ?? "null"],
      ["DEFAULT_NAMESPACE", user.defaultNamespace ?? "null"],
      ["DEFAULT_ROLE", user.defaultRole ?? "null"],
      ["RSA_PUBLIC_KEY_FP", fingerprint(user.rsaPublicKey)],
      ["RSA_PUBLIC_KEY_2_FP", fingerprint(user.rsaPublicKey2)],
    ];
    return tabulate(
      [text("property"), text("value"), text("default"), text("description")],
      rows.map(([property, value]) => ({ property, value, default: "null", description: "" })),
    );
  },
};

const fingerprint = (key: string | undefined): string =>
  key === undefined
    ? "null"
    : `SHA256:${createHash("sha256").update(Buffer.from(key, "base64")).digest("base64")}`;

const showColumns = [
  text("name"),
  timestampLtz("created_on"),
  text("login_name"),
  text("display_name"),
  text("first_name"),
  text("last_name"),
  text("email"),
  text("mins_to_unlock"),
  text("days_to_expiry"),
  text("comment"),
  text("disabled"),
  text("must_change_password"),
  text("snowflake_lock"),
  text("default_warehouse"),
  text("default_namespace"),
  text("default_role"),
  text("default_secondary_roles"),
  text("ext_authn_duo"),
  text("ext_authn_uid"),
  text("mins_to_bypass_mfa"),
  text("owner"),
  timestampLtz("last_success_login"),
  timestampLtz("expires_at_time"),
  timestampLtz("locked_until_time"),
  text("has_password"),
  text("has_rsa_public_key"),
  text("type"),
  text("has_mfa"),
];
