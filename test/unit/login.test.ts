import { generateKeyPairSync } from "node:crypto";
import {
  chooseLogin,
  LOGIN_KEYS,
  type LoginKey,
  privateKeyProblem,
  variableProblems,
} from "../../components/snowflake/login.ts";

type Said = Partial<Record<LoginKey, string>>;
const choose = (said: Said) => chooseLogin((key) => said[key]);

const pair = (type: "rsa" | "ec", form: object) =>
  (type === "rsa"
    ? generateKeyPairSync("rsa", { modulusLength: 2048 })
    : generateKeyPairSync("ec", { namedCurve: "P-256" })
  ).privateKey.export({ format: "pem", ...form } as never) as unknown as string;
const plain = pair("rsa", { type: "pkcs8" });
const encrypted = pair("rsa", { type: "pkcs8", cipher: "aes-256-cbc", passphrase: "pass" });

describe("a login", () => {
  const password = { user: "U", password: "P" };
  test.each<[string, Said, string, string | undefined]>([
    ["a password", password, "SNOWFLAKE", undefined],
    ["a private key alone", { user: "U", privateKey: plain }, "SNOWFLAKE_JWT", "SNOWFLAKE_JWT"],
    [
      "a private key, said",
      { user: "U", privateKey: plain, authenticator: "jwt" },
      "SNOWFLAKE_JWT",
      "SNOWFLAKE_JWT",
    ],
    ["a token", { user: "U", token: "T" }, "OAUTH", "OAUTH"],
    ["a browser", { user: "U", authenticator: "externalbrowser" }, "EXTERNALBROWSER", "EXTERNALBROWSER"],
    [
      "MFA in the provider's word",
      { ...password, authenticator: "UsernamePasswordMFA" },
      "USERNAMEPASSWORDMFA",
      "USERNAME_PASSWORD_MFA",
    ],
    [
      "MFA in the driver's word",
      { ...password, authenticator: "username_password_mfa" },
      "USERNAMEPASSWORDMFA",
      "USERNAME_PASSWORD_MFA",
    ],
    [
      "Okta",
      { ...password, authenticator: "okta", oktaUrl: "https://a.okta.com" },
      "OKTA",
      "https://a.okta.com",
    ],
  ])("by %s is told to both clients in their own words", (_by, said, method, driver) => {
    const { login, problems } = choose(said);
    expect(problems).toEqual([]);
    expect([login.method, login.driverAuthenticator]).toEqual([method, driver]);
  });

  test.each<[string, Said, LoginKey, RegExp]>([
    ["that is not there", {}, "user", /no login to Snowflake/],
    ["without a user", { password: "P" }, "user", /set/],
    ["without a password", { user: "U" }, "password", /set/],
    ["by key pair without a key", { ...password, authenticator: "SNOWFLAKE_JWT" }, "privateKey", /set/],
    ["by OAuth without a token", { user: "U", authenticator: "oauth" }, "token", /set/],
    ["by Okta without its address", { ...password, authenticator: "OKTA" }, "oktaUrl", /set/],
    [
      "by Okta in the driver's word",
      { ...password, oktaUrl: "x", authenticator: "https://a.okta.com" },
      "authenticator",
      /OKTA, and snowflake:oktaUrl to https:\/\/a\.okta\.com/,
    ],
    [
      "by a programmatic access token",
      { user: "U", token: "T", authenticator: "PROGRAMMATIC_ACCESS_TOKEN" },
      "authenticator",
      /key pair/,
    ],
    ["by workload identity", { user: "U", authenticator: "workload_identity" }, "authenticator", /key pair/],
    [
      "by client credentials",
      { user: "U", authenticator: "OAUTH_CLIENT_CREDENTIALS" },
      "authenticator",
      /fetch one/,
    ],
    ["by a token accessor", { user: "U", authenticator: "TokenAccessor" }, "authenticator", /fetch one/],
    ["by nonsense", { ...password, authenticator: "magic" }, "authenticator", /key pair/],
    [
      "by a password beside a token",
      { ...password, token: "T", authenticator: "snowflake" },
      "token",
      /remove it/,
    ],
    ["by a password beside a key", { ...password, privateKey: plain }, "password", /remove it/],
    [
      "by a passcode twice",
      { ...password, passcode: "1", passcodeInPassword: "true" },
      "passcodeInPassword",
      /remove/,
    ],
    ["by a profile", { ...password, profile: "prod" }, "profile", /remove it/],
  ])("%s is refused, with the cure", (_what, said, key, says) => {
    const problem = choose(said).problems.find((one) => one.key === key);
    expect(`${problem?.allowed} ${problem?.cure}`).toMatch(says);
  });
});

describe("variables, which the provider reads itself", () => {
  const problems = (variables: Record<string, string>) => {
    const { login } = chooseLogin((key) => variables[LOGIN_KEYS[key]]);
    return variableProblems(login, variables).map(({ key, cure }) => `${key}: ${cure}`);
  };
  const keyPair = { SNOWFLAKE_USER: "U", SNOWFLAKE_PRIVATE_KEY: plain };

  test.each([
    [{ SNOWFLAKE_USER: "U", SNOWFLAKE_PASSWORD: "P" }],
    [{ SNOWFLAKE_USER: "U", SNOWFLAKE_PASSWORD: "P", SNOWFLAKE_AUTHENTICATOR: "UsernamePasswordMFA" }],
    [{ SNOWFLAKE_USER: "U", SNOWFLAKE_TOKEN: "T" }],
    [{ ...keyPair, SNOWFLAKE_AUTHENTICATOR: "snowflake_jwt" }],
  ])("%j are in its own words", (variables) => {
    expect(problems(variables)).toEqual([]);
  });

  test("must say key pair, in its own word", () => {
    const cure = "authenticator: export SNOWFLAKE_AUTHENTICATOR=SNOWFLAKE_JWT";
    expect(problems(keyPair)).toEqual([cure]);
    expect(problems({ ...keyPair, SNOWFLAKE_AUTHENTICATOR: "JWT" })).toEqual([cure]);
  });

  test("must have a key with real line ends", () => {
    const escaped = { ...keyPair, SNOWFLAKE_PRIVATE_KEY: plain.replaceAll("\n", "\\n") };
    expect(problems({ ...escaped, SNOWFLAKE_AUTHENTICATOR: "SNOWFLAKE_JWT" })).toEqual([
      `privateKey: export SNOWFLAKE_PRIVATE_KEY="$(printf '%b' "$SNOWFLAKE_PRIVATE_KEY")"`,
    ]);
  });
});

describe("a private key", () => {
  test.each<[string, string, string | undefined]>([
    ["in PKCS#8", plain, undefined],
    ["in PKCS#8 with a passphrase that it does not need", plain, "pass"],
    ["in encrypted PKCS#8", encrypted, "pass"],
    ["with escaped line ends, as CI secrets have", plain.replaceAll("\n", "\\n"), undefined],
    ["encrypted, with escaped line ends", encrypted.replaceAll("\n", "\\r\\n"), "pass"],
    ["in PKCS#1", pair("rsa", { type: "pkcs1" }), undefined],
  ])("%s is good", (_what, key, passphrase) => {
    expect(privateKeyProblem(key, passphrase)).toBeUndefined();
    expect(choose({ user: "U", privateKey: key }).login.privateKey).toBe(key.replaceAll(/\\r\\n|\\n/g, "\n"));
  });

  test.each<[string, string, string | undefined, LoginKey, RegExp]>([
    ["without its passphrase", encrypted, undefined, "privateKeyPassphrase", /is encrypted/],
    ["with another passphrase", encrypted, "wrong", "privateKeyPassphrase", /does not open it/],
    [
      "as a path",
      "/home/somebody/keys/of/mine/for/snowflake/flux-prod-deployer.p8",
      undefined,
      "privateKey",
      /not a path/,
    ],
    [
      "that is the public half",
      "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----",
      undefined,
      "privateKey",
      /this is PUBLIC KEY/,
    ],
    [
      "of OpenSSH's form",
      "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n-----END OPENSSH PRIVATE KEY-----",
      undefined,
      "privateKey",
      /openssl pkcs8 -topk8/,
    ],
    [
      "encrypted in the old form",
      pair("rsa", { type: "pkcs1", cipher: "aes-256-cbc", passphrase: "pass" }),
      "pass",
      "privateKey",
      /openssl pkcs8 -topk8/,
    ],
    ["of another kind", pair("ec", { type: "pkcs8" }), undefined, "privateKey", /an RSA key; this one is ec/],
    ["cut off", `${plain.slice(0, 200)}\n-----END PRIVATE KEY-----`, undefined, "privateKey", /whole PEM/],
  ])("%s is refused, with the cure, and not shown", (_what, key, passphrase, at, says) => {
    const problem = privateKeyProblem(key, passphrase);
    expect(problem?.key).toBe(at);
    expect(`${problem?.allowed} ${problem?.cure}`).toMatch(says);
    expect(JSON.stringify(problem)).not.toContain(key.slice(40, 80));
  });
});
