import { createHash, createPublicKey, createVerify, type KeyObject, randomUUID } from "node:crypto";
import { accountKey } from "../catalog/bootstrap.ts";
import type { Account, User } from "../catalog/model.ts";
import { passwordMatches, publicKeyPem } from "../catalog/passwords.ts";
import { rolesOfUser } from "../catalog/privileges.ts";
import type { Cloud, Session } from "../context.ts";
import { SnowflakeError } from "../errors.ts";
import { sessionParameters } from "../parameters.ts";

/** The body of a login request, as drivers send it. */
export interface LoginData {
  ACCOUNT_NAME?: string;
  LOGIN_NAME?: string;
  PASSWORD?: string;
  AUTHENTICATOR?: string;
  TOKEN?: string;
  SESSION_PARAMETERS?: Record<string, string | number | boolean>;
}

/** The query string of a login request. */
export interface LoginQuery {
  roleName?: string;
  warehouse?: string;
  databaseName?: string;
  schemaName?: string;
}

const badCredentials = () =>
  new SnowflakeError("390100", "08004", "Incorrect username or password was specified.");

/** The account of a login, by "org-name", "org_name" or locator, in any case, with or without a region behind it. */
export const loginAccount = (cloud: Cloud, name = ""): Account | undefined => {
  const wanted = (name.split(".")[0] ?? "").toUpperCase().replaceAll("_", "-");
  return [...cloud.catalog.accounts.values()].find((account) =>
    [accountKey(account), account.locator].some(
      (known) => known.toUpperCase().replaceAll("_", "-") === wanted,
    ),
  );
};

/** Checks who logs in and answers what their session starts with. */
export const authenticate = (account: Account, data: LoginData, query: LoginQuery): Omit<Session, "id"> => {
  const user = account.users.get((data.LOGIN_NAME ?? "").toUpperCase());
  const authenticator = (data.AUTHENTICATOR ?? "SNOWFLAKE").toUpperCase();
  if (authenticator === "SNOWFLAKE_JWT") {
    if (!user || !isValidJwt(data.TOKEN ?? "", account, user)) {
      throw new SnowflakeError("390144", "08004", `JWT token is invalid. [${randomUUID()}]`);
    }
  } else if (authenticator === "SNOWFLAKE" || authenticator === "USERNAME_PASSWORD_MFA") {
    if (!user || data.PASSWORD === undefined || !passwordMatches(data.PASSWORD, user.passwordHash)) {
      throw badCredentials();
    }
  } else {
    throw new SnowflakeError(
      "390129",
      "08004",
      `Authenticator '${authenticator}' is not known to the local Snowflake: use SNOWFLAKE (password) or SNOWFLAKE_JWT (key pair).`,
    );
  }
  if (user.disabled) {
    throw new SnowflakeError(
      "390101",
      "08004",
      "User access disabled. Contact your local system administrator.",
    );
  }
  const database = existing(account.databases, query.databaseName ?? user.defaultNamespace?.split(".")[0]);
  const schemas = database === null ? undefined : account.databases.get(database)?.schemas;
  return {
    account: accountKey(account),
    user: user.name,
    role: loginRole(account, user, query.roleName),
    warehouse: existing(account.warehouses, query.warehouse ?? user.defaultWarehouse),
    database,
    schema: schemas
      ? existing(schemas, query.schemaName ?? user.defaultNamespace?.split(".")[1] ?? "PUBLIC")
      : null,
    parameters: new Map([...account.parameters, ...user.parameters, ...givenParameters(data)]),
    transaction: null,
    variables: new Map(),
    queryIds: [],
  };
};

const loginRole = (account: Account, user: User, asked: string | undefined): string => {
  const roles = rolesOfUser(account, user.name);
  const name = foldName(asked ?? user.defaultRole ?? "PUBLIC");
  if (roles.has(name)) return name;
  if (asked === undefined) return "PUBLIC";
  throw new SnowflakeError(
    "390189",
    "08004",
    `Role '${name}' specified in the connect string does not exist or not authorized. Contact your local system administrator, or attempt to login with another role, e.g. PUBLIC.`,
  );
};

/** A name in a connection setting folds like one in SQL. */
const foldName = (name: string): string =>
  name.length > 1 && name.startsWith('"') && name.endsWith('"')
    ? name.slice(1, -1).replaceAll('""', '"')
    : name.toUpperCase();

/** What does not exist is not set: a login with it succeeds, as on Snowflake. */
const existing = (objects: ReadonlyMap<string, unknown>, name: string | undefined): string | null => {
  if (!name) return null;
  const folded = foldName(name);
  return objects.has(folded) ? folded : null;
};

const givenParameters = (data: LoginData): [string, string][] =>
  Object.entries(data.SESSION_PARAMETERS ?? {})
    .map(([name, value]): [string, string] => [name.toUpperCase(), String(value)])
    .filter(([name]) => name in sessionParameters);

/**
 * A key-pair login: RS256 over the token, made by the account's user with one of the user's two keys,
 * within its lifetime (at most an hour, as Snowflake rules).
 */
const isValidJwt = (token: string, account: Account, user: User): boolean => {
  const [header, payload, signature] = token.split(".");
  if (!header || !payload || !signature) return false;
  const claims = parseJson(payload);
  if (parseJson(header)?.alg !== "RS256" || !claims) return false;
  const now = Date.now() / 1_000;
  const leeway = 60;
  const issued = inSeconds(claims.iat);
  if (!(inSeconds(claims.exp) > now - leeway) || issued > now + leeway || issued < now - 3_600 - leeway)
    return false;
  const subject = new Set(
    [`${account.organization}-${account.name}`, account.locator].map((name) =>
      `${name}.${user.name}`.toUpperCase(),
    ),
  );
  if (!subject.has(String(claims.sub).toUpperCase())) return false;
  return [user.rsaPublicKey, user.rsaPublicKey2].some((text) => {
    if (!text) return false;
    const key = createPublicKey(publicKeyPem(text));
    const issuer = `${String(claims.sub)}.${fingerprint(key)}`;
    return (
      String(claims.iss) === issuer &&
      createVerify("RSA-SHA256").update(`${header}.${payload}`).verify(key, signature, "base64url")
    );
  });
};

/** The Node driver gives moments in milliseconds, against the standard, and Snowflake takes them. */
const inSeconds = (moment: unknown): number =>
  Number(moment) > 1e11 ? Number(moment) / 1_000 : Number(moment);

const parseJson = (part: string): Record<string, unknown> | undefined => {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString("utf8")) as Record<string, unknown>;
  } catch {
    // Not a token at all: the caller refuses it.
    return undefined;
  }
};

const fingerprint = (key: KeyObject): string =>
  `SHA256:${createHash("sha256")
    .update(key.export({ type: "spki", format: "der" }))
    .digest("base64")}`;
