/**
 * Where and as whom to log in: read when the provider is configured, from the same keys as the Snowflake provider and in
 * the same order (stack config, then environment). It never becomes an input, an output or part of the serialised provider.
 */

import { chooseLogin, LOGIN_KEYS } from "./login.ts";

/** Reads one `snowflake:` config key, or undefined. */
export type ReadConfig = (key: string) => string | undefined;

export interface Connection {
  account: string;
  user: string;
  password?: string;
  /** PEM of a PKCS#8 private key, for key-pair login. */
  privateKey?: string;
  privateKeyPassphrase?: string;
  /** In the driver's words. */
  authenticator?: string;
  token?: string;
  /** Second factor, and whether the client may remember it and what a browser login gave ("true"). */
  passcode?: string;
  passcodeInPassword?: string;
  clientRequestMfaToken?: string;
  clientStoreTemporaryCredential?: string;
  /** The login's own role, where it says one. */
  role?: string;
  /** Full address of Snowflake when it is not the account's own. */
  accessUrl?: string;
}

/** Config keys and the environment variable each falls back to. */
const KEYS = {
  organizationName: "SNOWFLAKE_ORGANIZATION_NAME",
  accountName: "SNOWFLAKE_ACCOUNT_NAME",
  ...LOGIN_KEYS,
  role: "SNOWFLAKE_ROLE",
  host: "SNOWFLAKE_HOST",
  port: "SNOWFLAKE_PORT",
  protocol: "SNOWFLAKE_PROTOCOL",
} as const;

/**
 * Puts the login together. Throws naming every key that is missing or wrong.
 * @param config reads the stack's `snowflake:` keys
 */
export function readConnection(config: ReadConfig, environment: NodeJS.ProcessEnv = process.env): Connection {
  const read = (key: keyof typeof KEYS) => config(`snowflake:${key}`) || environment[KEYS[key]] || undefined;
  const organization = read("organizationName");
  const account = read("accountName");
  const { login, problems } = chooseLogin(read);
  const missing = (["organizationName", "accountName"] as const).filter((key) => !read(key));
  const wrong = [
    ...missing.map((key) => `snowflake:${key} (or ${KEYS[key]}) is not set`),
    ...problems.map(
      ({ key, allowed, cure }) => `snowflake:${key} (or ${KEYS[key]}) must be ${allowed}; ${cure}`,
    ),
  ];
  if (wrong.length > 0) throw new Error(`the load cannot log in to Snowflake: ${wrong.join("; ")}`);
  const protocol = read("protocol")?.toLowerCase() ?? "https";
  const host = read("host");
  const port = read("port");
  return {
    account: `${organization}-${account}`,
    user: read("user") as string,
    ...definedOnly({
      password: read("password"),
      privateKey: login.privateKey,
      privateKeyPassphrase: read("privateKeyPassphrase"),
      authenticator: login.driverAuthenticator,
      token: read("token"),
      passcode: read("passcode"),
      passcodeInPassword: read("passcodeInPassword"),
      clientRequestMfaToken: read("clientRequestMfaToken"),
      clientStoreTemporaryCredential: read("clientStoreTemporaryCredential"),
      role: read("role"),
      accessUrl: host ? `${protocol}://${host}${port ? `:${port}` : ""}` : undefined,
    }),
  };
}

function definedOnly<T extends Record<string, string | undefined>>(values: T) {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: string;
  };
}
