import { createHash, createSign, generateKeyPairSync } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { standaloneServer, TestSession } from "./support/standalone-server.ts";

const server = standaloneServer();
const keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
const secondKeys = generateKeyPairSync("rsa", { modulusLength: 2048 });
const strangerKeys = generateKeyPairSync("rsa", { modulusLength: 2048 });
const pem = (key: typeof keys.privateKey) => key.export({ type: "pkcs8", format: "pem" }).toString();

beforeAll(async () => {
  await server.start("--session-ttl-seconds", "2");
  const body = ({ publicKey }: typeof keys) =>
    publicKey
      .export({ type: "spki", format: "pem" })
      .toString()
      .replace(/-----[A-Z ]+-----|\s/g, "");
  await server.sql(
    `CREATE USER ROBOT RSA_PUBLIC_KEY = '${body(keys)}' RSA_PUBLIC_KEY_2 = '${body(secondKeys)}' DEFAULT_ROLE = 'READER'`,
  );
  await server.sql("CREATE ROLE READER");
  await server.sql("GRANT ROLE READER TO USER ROBOT");
  await server.sql("CREATE WAREHOUSE WH");
  await server.sql("CREATE DATABASE DB");
}, 30_000);

afterAll(() => server.stop());

const open = (options: object) => TestSession.open({ ...server.login, ...options });
async function failureOf(options: object): Promise<{ code: unknown; message: string }> {
  try {
    await open(options);
  } catch (error) {
    return error as { code: unknown; message: string };
  }
  throw new Error("the login should have failed");
}

/** A request of the protocol, as a driver would send it. */
async function post(path: string, body: object, token?: string) {
  const response = await fetch(`${server.login.accessUrl}${path}`, {
    method: "POST",
    body: JSON.stringify(body),
    headers: token === undefined ? {} : { authorization: `Snowflake Token="${token}"` },
  });
  return {
    status: response.status,
    body: (await response.json()) as { code: string; success: boolean; data: never },
  };
}

async function login() {
  const { body } = await post("/session/v1/login-request", {
    data: { ACCOUNT_NAME: "FLUX-OPERATIONS", LOGIN_NAME: "DEPLOYER", PASSWORD: server.login.password },
  });
  return body.data as { token: string; masterToken: string };
}

const select = (token: string) =>
  post(`/queries/v1/query-request?requestId=${crypto.randomUUID()}`, { sqlText: "SELECT 1" }, token);

test.each([
  "FLUX-OPERATIONS",
  "flux_operations",
  "FX10001",
  "fx10001.us-east-1",
  "flux-operations.eu-west-1",
])("an account is known as %s", async (account) => {
  const session = await open({ account });
  expect(await session.value("SELECT CURRENT_ACCOUNT_NAME()")).toBe("OPERATIONS");
  await session.close();
});

test("a session starts with the role, warehouse, database and parameters that were asked for", async () => {
  const session = await open({ role: "SYSADMIN", warehouse: "wh", database: "DB", queryTag: "tagged" });
  const context = "SELECT CURRENT_ROLE(), CURRENT_WAREHOUSE(), CURRENT_DATABASE(), CURRENT_SCHEMA()";
  expect(Object.values((await session.rows(context))[0] ?? {})).toEqual(["SYSADMIN", "WH", "DB", "PUBLIC"]);
  expect(await session.rows("SHOW PARAMETERS LIKE 'QUERY_TAG'")).toMatchObject([{ value: "tagged" }]);
  await session.close();
});

test("a database that is not there is not set, and the login succeeds", async () => {
  const session = await open({ database: "NOWHERE" });
  expect(await session.value("SELECT CURRENT_DATABASE()")).toBeNull();
  await session.close();
});

test("a wrong password is refused with 390100", async () => {
  expect(await failureOf({ password: "wrong" })).toMatchObject({
    code: "390100",
    message: "Incorrect username or password was specified.",
  });
  expect(await failureOf({ username: "NOBODY" })).toMatchObject({ code: "390100" });
});

test("a role that was not granted is refused with 390189", async () => {
  expect(await failureOf({ role: "READER_OF_ALL" })).toMatchObject({
    code: "390189",
    message: expect.stringContaining("Role 'READER_OF_ALL' specified in the connect string does not exist"),
  });
});

test("an account that is not there answers 403", async () => {
  const { status } = await post("/session/v1/login-request", {
    data: { ACCOUNT_NAME: "OTHER-ACCOUNT", LOGIN_NAME: "DEPLOYER", PASSWORD: server.login.password },
  });
  expect(status).toBe(403);
});

describe("with a key pair", () => {
  /** A token as a driver makes it, its claims by hand where they matter. */
  const token = (claims: object = {}, key = keys, header: object = { alg: "RS256", typ: "JWT" }) => {
    const der = key.publicKey.export({ type: "spki", format: "der" });
    const sub = "FLUX-OPERATIONS.ROBOT";
    const now = Math.floor(Date.now() / 1_000);
    const iss = `${"sub" in claims ? claims.sub : sub}.SHA256:${createHash("sha256").update(der).digest("base64")}`;
    const text = [header, { sub, iss, iat: now, exp: now + 60, ...claims }]
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .join(".");
    return `${text}.${createSign("RSA-SHA256").update(text).sign(key.privateKey, "base64url")}`;
  };

  /** What a login with only a token answers: the code of its error, or null. */
  const codeOf = async (jwt: string, data: object = {}) => {
    const { body } = await post("/session/v1/login-request", {
      data: { ACCOUNT_NAME: "FLUX-OPERATIONS", AUTHENTICATOR: "SNOWFLAKE_JWT", TOKEN: jwt, ...data },
    });
    return body.code;
  };

  const withKey = { username: "ROBOT", password: undefined, authenticator: "SNOWFLAKE_JWT" };

  test("the user's key logs in, with the user's default role", async () => {
    const session = await open({ ...withKey, privateKey: pem(keys.privateKey) });
    expect(await session.value("SELECT CURRENT_USER() || '/' || CURRENT_ROLE()")).toBe("ROBOT/READER");
    await session.close();
  });

  test("another key is refused with 390144", async () => {
    const failure = await failureOf({ ...withKey, privateKey: pem(strangerKeys.privateKey) });
    expect(failure).toMatchObject({
      code: "390144",
      message: expect.stringContaining("JWT token is invalid."),
    });
  });

  test("the user is the one in the token where the login names none", async () => {
    expect(await codeOf(token())).toBeNull();
    expect(await codeOf(token(), { LOGIN_NAME: "" })).toBeNull();
    expect(await codeOf(token(), { LOGIN_NAME: "robot" })).toBeNull();
    expect(await codeOf(token(), { LOGIN_NAME: "DEPLOYER" })).toBe("390144");
  });

  test("both of a user's keys log in, until they are unset", async () => {
    expect(await codeOf(token({}, secondKeys))).toBeNull();
    await server.sql("ALTER USER ROBOT UNSET RSA_PUBLIC_KEY_2");
    expect(await codeOf(token({}, secondKeys))).toBe("390144");
    expect(await codeOf(token())).toBeNull();
  });

  test.each(["FX10001.ROBOT", "flux-operations.robot", "FLUX_OPERATIONS.ROBOT"])(
    "the account may be written as in %s",
    async (sub) => expect(await codeOf(token({ sub }))).toBeNull(),
  );

  const now = Math.floor(Date.now() / 1_000);
  test.each([
    ["of another account", { sub: "PARTNERCO-ANALYTICS.ROBOT" }],
    ["of nobody", { sub: "FLUX-OPERATIONS.NOBODY" }],
    ["without a user", { sub: "FLUX-OPERATIONS" }],
    ["issued by somebody else", { iss: "FLUX-OPERATIONS.ROBOT.SHA256:AAAA" }],
    ["that has expired", { iat: now - 600, exp: now - 300 }],
    ["made more than an hour ago", { iat: now - 4_000, exp: now + 4_000 }],
    ["from the future", { iat: now + 4_000, exp: now + 8_000 }],
    ["without a time", { iat: undefined }],
  ])("a token %s is refused with 390144", async (_what, claims) => {
    expect(await codeOf(token(claims))).toBe("390144");
  });

  test("a token that is none, or is signed in no way, is refused with 390144", async () => {
    const unsigned = token({}, keys, { alg: "none" });
    for (const text of [
      "",
      "a.b.c",
      "bnVsbA.bnVsbA.x",
      `${unsigned.slice(0, unsigned.lastIndexOf("."))}.`,
      unsigned,
    ])
      expect(await codeOf(text)).toBe("390144");
  });

  test("a user without a key is refused with 390144", async () => {
    const failure = await failureOf({ ...withKey, username: "DEPLOYER", privateKey: pem(keys.privateKey) });
    expect(failure).toMatchObject({ code: "390144" });
  });
});

test("an expired session token answers 390112, and the driver renews it by itself", async () => {
  const { token } = await login();
  const session = await open({});
  while ((await select(token)).body.success) await delay(100);
  expect((await select(token)).body).toMatchObject({ success: false, code: "390112" });
  expect(await session.value("SELECT 1")).toBe(1);
  await session.close();
});

test("a renewed token replaces the old one", async () => {
  const { token, masterToken } = await login();
  const renewed = await post(
    "/session/token-request",
    { oldSessionToken: token, requestType: "RENEW" },
    masterToken,
  );
  const { sessionToken } = renewed.body.data as { sessionToken: string };
  expect((await select(sessionToken)).body.success).toBe(true);
  expect((await select(token)).body).toMatchObject({ success: false, code: "390111" });
});

test("after logout the session is gone: 390111", async () => {
  const { token } = await login();
  expect((await post("/session/heartbeat", {}, token)).body.success).toBe(true);
  expect((await post("/session?delete=true", {}, token)).body.success).toBe(true);
  expect((await select(token)).body).toMatchObject({ success: false, code: "390111" });
});

test("telemetry is accepted", async () => {
  expect((await post("/telemetry/send", { logs: [] })).body.success).toBe(true);
});
