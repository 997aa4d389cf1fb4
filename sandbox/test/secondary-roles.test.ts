import { standaloneServer, TestSession } from "./support/standalone-server.ts";

const server = standaloneServer();
let admin: TestSession;
const sessions: TestSession[] = [];

async function login(username: string, role?: string) {
  const session = await TestSession.open({ ...server.login, username, ...(role && { role }) });
  sessions.push(session);
  return session;
}

beforeAll(async () => {
  await server.start();
  admin = await TestSession.open(server.login);
}, 60_000);

beforeEach(async () => {
  for (const sql of [
    "CREATE OR REPLACE WAREHOUSE WH",
    "CREATE OR REPLACE DATABASE DB",
    "CREATE TABLE DB.PUBLIC.T (N INT)",
    "CREATE OR REPLACE ROLE PLAIN",
    "CREATE OR REPLACE ROLE READER",
    "CREATE OR REPLACE USER U PASSWORD = 'secret' DEFAULT_ROLE = PLAIN",
    "GRANT ROLE PLAIN TO USER U",
    "GRANT ROLE READER TO USER U",
    "GRANT USAGE ON WAREHOUSE WH TO ROLE READER",
    "GRANT USAGE ON DATABASE DB TO ROLE PLAIN",
    "GRANT USAGE ON SCHEMA DB.PUBLIC TO ROLE PLAIN",
    "GRANT SELECT ON TABLE DB.PUBLIC.T TO ROLE READER",
    "GRANT CREATE TABLE ON SCHEMA DB.PUBLIC TO ROLE READER",
  ]) {
    await admin.run(sql);
  }
});

afterEach(async () => {
  for (const session of sessions.splice(0)) await session.close();
});

afterAll(async () => {
  await admin.close();
  await server.stop();
});

test("all roles of a user count until USE SECONDARY ROLES NONE (BCR-1692)", async () => {
  const session = await login("U");
  expect(JSON.parse(String(await session.value("SELECT CURRENT_SECONDARY_ROLES()")))).toEqual({
    roles: "PLAIN,READER",
    value: "ALL",
  });
  await session.run("USE ROLE PLAIN");
  await session.run("USE WAREHOUSE WH");
  expect(await session.value("SELECT COUNT(*) FROM DB.PUBLIC.T")).toBe(0);
  await session.run("USE SECONDARY ROLES NONE");
  expect(await session.value("SELECT CURRENT_SECONDARY_ROLES()")).toBe('{"roles":"","value":""}');
  expect(await session.failure("SELECT COUNT(*) FROM DB.PUBLIC.T")).toMatchObject({ code: "002003" });
  await session.run("USE SECONDARY ROLES READER");
  expect(await session.value("SELECT COUNT(*) FROM DB.PUBLIC.T")).toBe(0);
  expect(await session.failure("USE SECONDARY ROLES ACCOUNTADMIN")).toMatchObject({ code: "003013" });
});

test("a user's DEFAULT_SECONDARY_ROLES = () leaves them off", async () => {
  await admin.run("ALTER USER U SET DEFAULT_SECONDARY_ROLES = ()");
  expect(await (await login("U")).failure("SELECT COUNT(*) FROM DB.PUBLIC.T")).toMatchObject({
    code: "002003",
  });
  await admin.run("ALTER USER U SET DEFAULT_SECONDARY_ROLES = ('ALL')");
  const session = await login("U");
  await session.run("USE WAREHOUSE WH");
  expect(await session.value("SELECT COUNT(*) FROM DB.PUBLIC.T")).toBe(0);
});

test("what is created takes the primary role's privilege (docs: USE SECONDARY ROLES)", async () => {
  const session = await login("U");
  await session.run("USE SCHEMA DB.PUBLIC");
  expect(await session.failure("CREATE TABLE OTHER (N INT)")).toMatchObject({ code: "003001" });
  await admin.run("GRANT CREATE TABLE ON SCHEMA DB.PUBLIC TO ROLE PLAIN");
  await session.run("CREATE TABLE OTHER (N INT)");
  expect(await admin.rows("SHOW TABLES LIKE 'OTHER' IN SCHEMA DB.PUBLIC")).toMatchObject([
    { owner: "PLAIN" },
  ]);
});

test("the metering and the clustering history are for ACCOUNTADMIN and holders of MONITOR USAGE (docs: each function, usage notes)", async () => {
  const metering =
    "SELECT COUNT(*) FROM TABLE(DB.INFORMATION_SCHEMA.WAREHOUSE_METERING_HISTORY(DATEADD(day, -1, CURRENT_TIMESTAMP())))";
  await admin.run("GRANT MONITOR ON WAREHOUSE WH TO ROLE READER");
  const session = await login("U");
  await session.run("USE WAREHOUSE WH");
  const clustering = "SELECT COUNT(*) FROM TABLE(DB.INFORMATION_SCHEMA.AUTOMATIC_CLUSTERING_HISTORY())";
  for (const sql of [metering, clustering])
    expect(await session.failure(sql)).toMatchObject({ code: "003001" });
  await admin.run("GRANT MONITOR USAGE ON ACCOUNT TO ROLE READER");
  expect(Number(await session.value(metering))).toBeGreaterThanOrEqual(0);
  expect(await session.value(clustering)).toBe(0);
});

test.each([
  // The driver's own number for a session that is gone (390111).
  ["DROP USER U", "407002"],
  ["ALTER USER U SET DISABLED = TRUE", "390101"],
  ["DROP ROLE PLAIN", "003030"],
  ["REVOKE ROLE PLAIN FROM USER U", "003030"],
])("a session ends with %s", async (sql, code) => {
  const session = await login("U", "PLAIN");
  const { connection } = session;
  await session.run("USE WAREHOUSE WH");
  await admin.run(sql);
  const error = await new Promise<{ code: unknown }>((resolve) => {
    connection.execute({
      sqlText: "SELECT CURRENT_USER()",
      complete: (thrown) => resolve(thrown as unknown as { code: unknown }),
    });
  });
  expect(String(error?.code)).toBe(code);
});
