/**
 * How to log in to Snowflake. Two clients do in one update, the Snowflake provider (1.3.0 of Pulumi's, which is 1.2.1 of
 * Terraform's) and the load's driver: only ways that both understand are ways here, and each is told in its own words.
 */
import { createPrivateKey } from "node:crypto";

/** Keys of `snowflake:` that a login is read from, and the environment variable that each falls back to. */
export const LOGIN_KEYS = {
  user: "SNOWFLAKE_USER",
  privateKey: "SNOWFLAKE_PRIVATE_KEY",
  privateKeyPassphrase: "SNOWFLAKE_PRIVATE_KEY_PASSPHRASE",
  authenticator: "SNOWFLAKE_AUTHENTICATOR",
  token: "SNOWFLAKE_TOKEN",
  oktaUrl: "SNOWFLAKE_OKTA_URL",
  password: "SNOWFLAKE_PASSWORD",
  passcode: "SNOWFLAKE_PASSCODE",
  passcodeInPassword: "SNOWFLAKE_PASSCODE_IN_PASSWORD",
  clientRequestMfaToken: "SNOWFLAKE_CLIENT_REQUEST_MFA_TOKEN",
  clientStoreTemporaryCredential: "SNOWFLAKE_CLIENT_STORE_TEMPORARY_CREDENTIAL",
  profile: "SNOWFLAKE_PROFILE",
} as const;
export type LoginKey = keyof typeof LOGIN_KEYS;

/** Reads one of these keys, wherever it is said; undefined when it is not. */
export type ReadLogin = (key: LoginKey) => string | undefined;

/** Something that is wrong with a login, for a person. */
export interface LoginProblem {
  readonly key: LoginKey;
  /** What was found, unless it is missing or a secret. */
  readonly value?: string;
  readonly allowed: string;
  readonly cure: string;
}

interface Method {
  /** The driver's word; the provider's is the method's name. */
  readonly driver: string;
  readonly needs: readonly LoginKey[];
}

/** The ways that provider and load both understand, best first. */
const METHODS = {
  SNOWFLAKE_JWT: { driver: "SNOWFLAKE_JWT", needs: ["user", "privateKey"] },
  OAUTH: { driver: "OAUTH", needs: ["user", "token"] },
  EXTERNALBROWSER: { driver: "EXTERNALBROWSER", needs: ["user"] },
  OKTA: { driver: "OKTA", needs: ["user", "password", "oktaUrl"] },
  USERNAMEPASSWORDMFA: { driver: "USERNAME_PASSWORD_MFA", needs: ["user", "password"] },
  SNOWFLAKE: { driver: "SNOWFLAKE", needs: ["user", "password"] },
} as const satisfies Record<string, Method>;
type LoginMethod = keyof typeof METHODS;

const KEY_PAIR =
  "use a key pair (SNOWFLAKE_JWT), which services and people can have; docs/real-account.md has the commands";

/** Ways that Snowflake knows and one of the two does not, by their bare words. */
const REFUSED: Readonly<Record<string, string>> = {
  PROGRAMMATICACCESSTOKEN: `provider 1.3.0 does not know programmatic access tokens; ${KEY_PAIR}`,
  WORKLOADIDENTITY: `provider 1.3.0 does not know workload identity federation; ${KEY_PAIR}`,
  OAUTHCLIENTCREDENTIALS:
    "provider 1.3.0 does not fetch tokens; fetch one, and set it with OAUTH as snowflake:token",
  OAUTHAUTHORIZATIONCODE:
    "provider 1.3.0 does not fetch tokens; fetch one, and set it with OAUTH as snowflake:token",
  TOKENACCESSOR: "the load does not fetch tokens; fetch one, and set it with OAUTH as snowflake:token",
};

/** A login, in both clients' words. */
export interface Login {
  readonly method: LoginMethod;
  /** What the driver is told as `authenticator`; undefined for a plain password. */
  readonly driverAuthenticator?: string;
  /** The private key with real line ends. */
  readonly privateKey?: string;
}

const ALLOWED = `a login that provider and load both understand: ${Object.keys(METHODS).join(", ")}`;

/** Finds out how to log in. Everything that is wrong comes back as problems; only without them the login is right. */
export function chooseLogin(read: ReadLogin): { login: Login; problems: LoginProblem[] } {
  const problems: LoginProblem[] = [];
  const method = methodOf(read, problems);
  const profile = read("profile");
  if (profile)
    problems.push({
      key: "profile",
      value: profile,
      allowed: "no profile: the load does not read ~/.snowflake/config",
      cure: "remove it, and set what it holds as snowflake: keys or SNOWFLAKE_* variables",
    });
  // Nothing at all is one problem, not one for each part of a login.
  if (!read("user") && !read("privateKey") && !read("password") && !read("token") && !read("authenticator"))
    problems.push({
      key: "user",
      allowed:
        "a user, and with it a private key (or OAuth token, browser, password): there is no login to Snowflake",
      cure: 'export SNOWFLAKE_USER=<user> SNOWFLAKE_AUTHENTICATOR=SNOWFLAKE_JWT SNOWFLAKE_PRIVATE_KEY="$(cat <key file>)"; docs/real-account.md has the commands that make a key',
    });
  else
    for (const key of METHODS[method].needs)
      if (!read(key))
        problems.push({
          key,
          allowed: `set, because the login is ${method}`,
          cure: `set it, or ${LOGIN_KEYS[key]} in the environment`,
        });
  problems.push(...combinationProblems(read, method));
  const driver = method === "OKTA" ? read("oktaUrl") : METHODS[method].driver;
  const key = read("privateKey");
  return {
    login: {
      method,
      ...(method !== "SNOWFLAKE" && driver && { driverAuthenticator: driver }),
      ...(key && { privateKey: withLineEnds(key) }),
    },
    problems,
  };
}

/** What cannot be said together. */
function combinationProblems(read: ReadLogin, method: Login["method"]): LoginProblem[] {
  const problems: LoginProblem[] = [];
  if (read("password") && (read("privateKey") || read("privateKeyPassphrase")))
    problems.push({
      key: "password",
      allowed: "not set beside a private key: the provider takes one or the other",
      cure: `remove it (pulumi config rm snowflake:password, unset ${LOGIN_KEYS.password})`,
    });
  if (read("passcode") && read("passcodeInPassword"))
    problems.push({
      key: "passcodeInPassword",
      allowed: "not set beside snowflake:passcode: the provider takes one or the other",
      cure: "remove one of them",
    });
  if (read("token") && method !== "OAUTH")
    problems.push({
      key: "token",
      allowed: `not set, because the login is ${method}; the provider takes any token for OAUTH`,
      cure: "remove it, or set snowflake:authenticator to OAUTH",
    });
  return problems;
}

/**
 * What is wrong with the variables of a login that the config says nothing of: the provider reads them itself, on a
 * refresh even before the program runs, so nobody can translate them for it.
 */
export function variableProblems(
  { method, privateKey }: Login,
  variables: Readonly<Record<string, string | undefined>>,
): LoginProblem[] {
  const { [LOGIN_KEYS.authenticator]: word, [LOGIN_KEYS.privateKey]: key } = variables;
  const problems: LoginProblem[] = [];
  if (method !== "OAUTH" && (word || "SNOWFLAKE").toUpperCase() !== method)
    problems.push({
      key: "authenticator",
      ...(word && { value: word }),
      allowed: `${method}, the provider's word for this login, because the provider reads the variable itself`,
      cure: `export ${LOGIN_KEYS.authenticator}=${method}`,
    });
  if (method === "SNOWFLAKE_JWT" && key && key !== privateKey)
    problems.push({
      key: "privateKey",
      allowed:
        "a PEM with real line ends, because the provider reads the variable itself; these are the characters \\n",
      cure: `export ${LOGIN_KEYS.privateKey}="$(printf '%b' "$${LOGIN_KEYS.privateKey}")"`,
    });
  return problems;
}

function methodOf(read: ReadLogin, problems: LoginProblem[]): LoginMethod {
  const said = read("authenticator");
  if (!said) {
    if (read("token")) return "OAUTH";
    return read("privateKey") && !read("password") ? "SNOWFLAKE_JWT" : "SNOWFLAKE";
  }
  const bare = said.toUpperCase().replace(/[-_\s]/g, "");
  const found = (Object.keys(METHODS) as LoginMethod[]).find((method) => method.replace("_", "") === bare);
  if (found) return found;
  if (bare === "JWT") return "SNOWFLAKE_JWT";
  const okta = /^https:/i.test(said);
  problems.push({
    key: "authenticator",
    value: said,
    allowed: ALLOWED,
    cure: okta ? `set it to OKTA, and snowflake:oktaUrl to ${said}` : (REFUSED[bare] ?? KEY_PAIR),
  });
  return okta ? "OKTA" : "EXTERNALBROWSER";
}

/** CI systems hand a secret's line ends over as the two characters \n, and a PEM has none of these itself. */
const withLineEnds = (key: string): string => key.replaceAll(/\\r\\n|\\n/g, "\n");

/** Why a private key cannot be used by both clients; undefined when it can. */
export function privateKeyProblem(key: string, passphrase: string | undefined): LoginProblem | undefined {
  const wrong = (allowed: string, cure: string): LoginProblem => ({ key: "privateKey", allowed, cure });
  const pem = withLineEnds(key);
  const kind = /-----BEGIN ([A-Z ]+)-----/.exec(pem)?.[1];
  const convert = "openssl pkcs8 -topk8 -in <key> -out key.p8 (-nocrypt for one without a passphrase)";
  if (kind === undefined)
    return wrong(
      "a PEM, from -----BEGIN to -----END: not a path, not a fingerprint",
      "set the file's content",
    );
  if (kind === "ENCRYPTED PRIVATE KEY" && !passphrase)
    return {
      key: "privateKeyPassphrase",
      allowed: "the key's passphrase, because the key is encrypted",
      cure: "set it",
    };
  if (
    !["PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY"].includes(kind) ||
    pem.includes("Proc-Type:")
  )
    return wrong(`a private key in PKCS#8, plain or encrypted; this is ${kind} in another form`, convert);
  try {
    const { asymmetricKeyType } = createPrivateKey({ key: pem, ...(passphrase && { passphrase }) });
    if (asymmetricKeyType !== "rsa")
      return wrong(
        `an RSA key; this one is ${asymmetricKeyType}`,
        "openssl genrsa 2048 | openssl pkcs8 -topk8 -out key.p8",
      );
    return undefined;
  } catch {
    return kind === "ENCRYPTED PRIVATE KEY"
      ? {
          key: "privateKeyPassphrase",
          allowed: "the passphrase of this key; it does not open it",
          cure: "correct it",
        }
      : wrong("a whole PEM: this one cannot be read", "set the file's content, with its first and last line");
  }
}
