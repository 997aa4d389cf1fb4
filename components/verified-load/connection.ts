/**
 * Where and as whom to log in: read when the provider is configured, from the same keys as the Snowflake provider and in
 * the same order (stack config, then environment). It never becomes an input, an output or part of the serialised provider.
 */

/** Reads one `snowflake:` config key, or undefined. */
export type ReadConfig = (key: string) => string | undefined;

export interface Connection {
  account: string;
  user: string;
  password?: string;
  /** PEM of a PKCS#8 private key, for key-pair login. */
  privateKey?: string;
  privateKeyPassphrase?: string;
  authenticator?: string;
  token?: string;
  /** Full address of Snowflake when it is not the account's own. */
  accessUrl?: string;
}

/** Config keys and the environment variable each falls back to. */
const KEYS = {
  organizationName: "SNOWFLAKE_ORGANIZATION_NAME",
  accountName: "SNOWFLAKE_ACCOUNT_NAME",
  user: "SNOWFLAKE_USER",
  password: "SNOWFLAKE_PASSWORD",
  privateKey: "SNOWFLAKE_PRIVATE_KEY",
  privateKeyPassphrase: "SNOWFLAKE_PRIVATE_KEY_PASSPHRASE",
  authenticator: "SNOWFLAKE_AUTHENTICATOR",
  token: "SNOWFLAKE_TOKEN",
  host: "SNOWFLAKE_HOST",
  port: "SNOWFLAKE_PORT",
  protocol: "SNOWFLAKE_PROTOCOL",
} as const;

/**
 * Puts the login together. Throws naming every key that is missing.
 * @param config reads the stack's `snowflake:` keys
 */
export function readConnection(config: ReadConfig, environment: NodeJS.ProcessEnv = process.env): Connection {
  const read = (key: keyof typeof KEYS) => config(`snowflake:${key}`) || environment[KEYS[key]] || undefined;
  const organization = read("organizationName");
  const account = read("accountName");
  const user = read("user");
  const password = read("password");
  // Secrets of CI systems come with their line breaks as \n.
  const privateKey = read("privateKey")?.replaceAll("\\n", "\n");
  const token = read("token");
  const missing = Object.entries({ organizationName: organization, accountName: account, user })
    .filter(([, value]) => !value)
    .map(([key]) => key as keyof typeof KEYS);
  if (!password && !privateKey && !token) missing.push("password");
  if (missing.length > 0) {
    const wanted = missing.map((key) => `snowflake:${key} (or ${KEYS[key]})`).join(", ");
    throw new Error(
      `the load cannot log in to Snowflake: ${wanted} is not set; set it with \`pulumi config set [--secret]\` or in the ` +
        "environment (snowflake:privateKey, or snowflake:token, may stand in for the password)",
    );
  }
  const protocol = read("protocol")?.toLowerCase() ?? "https";
  const host = read("host");
  const port = read("port");
  // A token means OAuth and nothing else, as it does to the Snowflake provider.
  const authenticator = token
    ? "OAUTH"
    : (driversWord(read("authenticator")) ?? (privateKey && !password ? "SNOWFLAKE_JWT" : undefined));
  return {
    account: `${organization}-${account}`,
    user: user as string,
    ...definedOnly({
      password,
      privateKey,
      privateKeyPassphrase: read("privateKeyPassphrase"),
      authenticator,
      token,
      accessUrl: host ? `${protocol}://${host}${port ? `:${port}` : ""}` : undefined,
    }),
  };
}

/** The driver's word for an authenticator where the Snowflake provider has another one. */
function driversWord(authenticator: string | undefined): string | undefined {
  const words: Record<string, string> = {
    JWT: "SNOWFLAKE_JWT",
    USERNAMEPASSWORDMFA: "USERNAME_PASSWORD_MFA",
  };
  return authenticator && (words[authenticator.toUpperCase()] ?? authenticator);
}

function definedOnly<T extends Record<string, string | undefined>>(values: T) {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: string;
  };
}
