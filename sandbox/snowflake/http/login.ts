import { randomUUID } from "node:crypto";
import { accountKey } from "../catalog/bootstrap.ts";
import type { Account, User } from "../catalog/model.ts";
import { passwordMatches } from "../catalog/passwords.ts";
import { rolesOfUser } from "../catalog/privileges.ts";
import type { Cloud, Session } from "../context.ts";
import { SnowflakeError } from "../errors.ts";
import { sessionParameters } from "../parameters.ts";
import { readParameter } from "../statements/object-parameters.ts";
import { claimantOf, isSignedBy } from "./key-pair.ts";

/** The body of a login request, as drivers send it. */
export interface LoginData {
  ACCOUNT_NAME?: string | null;
  LOGIN_NAME?: string | null;
  PASSWORD?: string | null;
  AUTHENTICATOR?: string | null;
  TOKEN?: string | null;
  CLIENT_ENVIRONMENT?: Record<string, unknown> | null;
  SESSION_PARAMETERS?: Record<string, unknown> | null;
}

/** The query string of a login request. */
export interface LoginQuery {
  roleName?: string;
  warehouse?: string;
  databaseName?: string;
  schemaName?: string;
}

export const userDisabled = () =>
  new SnowflakeError("390101", "08004", "User access disabled. Contact your local system administrator.");

const badCredentials = () =>
  new SnowflakeError("390100", "08004", "Incorrect username or password was specified.");

/** Whether a client means this account: "org-name", "org_name" or locator, in any case, with or without a region behind it. */
function isMeant(account: Account, name: string): boolean {
  const plain = (text: string) => text.toUpperCase().replaceAll("_", "-");
  const wanted = plain(name.split(".")[0] ?? "");
  return [accountKey(account), account.locator].some((known) => plain(known) === wanted);
}

export const loginAccount = (cloud: Cloud, name: string | null | undefined): Account | undefined =>
  [...cloud.catalog.accounts.values()].find((account) => isMeant(account, name ?? ""));

/** Checks who logs in and answers what their session starts with. */
export function authenticate(
  account: Account,
  data: LoginData,
  query: LoginQuery,
): Omit<Session, "id" | "startedAt"> {
  const authenticator = (data.AUTHENTICATOR ?? "SNOWFLAKE").toUpperCase();
  const claimant = authenticator === "SNOWFLAKE_JWT" ? claimantOf(data.TOKEN ?? "") : undefined;
  // The Go driver, and so the Snowflake provider, names the user of a key-pair login nowhere but in the token.
  const login = (data.LOGIN_NAME || claimant?.user || "").toUpperCase();
  const user = [...account.users.values()].find(({ loginName }) => loginName.toUpperCase() === login);
  if (authenticator === "SNOWFLAKE_JWT") {
    const own = user && claimant?.user === login && isMeant(account, claimant.account);
    if (!own || !isSignedBy(data.TOKEN ?? "", user)) {
      throw new SnowflakeError("390144", "08004", `JWT token is invalid. [${randomUUID()}]`);
    }
  } else if (authenticator === "SNOWFLAKE" || authenticator === "USERNAME_PASSWORD_MFA") {
    // Docs: User management, types of users: one of the type SERVICE does not log in by password (in which words is not verified).
    const password = user?.userType === "SERVICE" ? undefined : data.PASSWORD;
    if (!user || typeof password !== "string" || !passwordMatches(password, user.passwordHash)) {
      throw badCredentials();
    }
  } else {
    throw new SnowflakeError(
      "390129",
      "08004",
      `Authenticator '${authenticator}' is not known to the local Snowflake: use SNOWFLAKE (password) or SNOWFLAKE_JWT (key pair).`,
    );
  }
  if (user.disabled) throw userDisabled();
  const database = existing(account.databases, query.databaseName ?? user.defaultNamespace?.split(".")[0]);
  const schemas = database === null ? undefined : account.databases.get(database)?.schemas;
  return {
    account: accountKey(account),
    user: user.name,
    role: loginRole(account, user, query.roleName),
    // All of them for who says nothing else (BCR-1692).
    secondaryRoles: user.defaultSecondaryRoles ?? "ALL",
    warehouse: existing(account.warehouses, query.warehouse ?? user.defaultWarehouse),
    database,
    schema: schemas
      ? existing(schemas, query.schemaName ?? user.defaultNamespace?.split(".")[1] ?? "PUBLIC")
      : null,
    parameters: new Map([
      ...account.parameters,
      ...user.parameters,
      ...givenParameters(data.SESSION_PARAMETERS),
    ]),
    transaction: null,
    lastTransaction: null,
    running: 0,
    closed: false,
    seenAt: 0,
    variables: new Map(),
    temporary: new Map(),
    queryIds: [],
  };
}

function loginRole(account: Account, user: User, asked: string | undefined): string {
  const roles = rolesOfUser(account, user.name);
  const name = foldName(asked ?? user.defaultRole ?? "PUBLIC");
  if (roles.has(name)) return name;
  if (asked === undefined) return "PUBLIC";
  throw new SnowflakeError(
    "390189",
    "08004",
    `Role '${name}' specified in the connect string does not exist or not authorized. Contact your local system administrator, or attempt to login with another role, e.g. PUBLIC.`,
  );
}

/** A name in a connection setting folds like one in SQL. */
const foldName = (name: string): string =>
  name.length > 1 && name.startsWith('"') && name.endsWith('"')
    ? name.slice(1, -1).replaceAll('""', '"')
    : name.toUpperCase();

/** What does not exist is not set: a login with it succeeds, as on Snowflake. */
function existing(objects: ReadonlyMap<string, unknown>, name: string | undefined): string | null {
  if (!name) return null;
  const folded = foldName(name);
  return objects.has(folded) ? folded : null;
}

/** Parameters that come with a login or a statement, checked as ALTER SESSION checks them; unknown ones are left out. */
export const givenParameters = (given?: Record<string, unknown> | null): [string, string][] =>
  Object.entries(given ?? {}).flatMap(([key, value]): [string, string][] => {
    const name = key.toUpperCase();
    const definition = Object.hasOwn(sessionParameters, name) ? sessionParameters[name] : undefined;
    if (!definition || value === null) return [];
    return [[name, readParameter(definition)({ type: "string", value: String(value) }, name)]];
  });
