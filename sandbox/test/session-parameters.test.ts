import { serverWithSession, TestSession } from "./support/standalone-server.ts";

let session: TestSession;
const server = serverWithSession(
  [
    "CREATE WAREHOUSE WH",
    "CREATE DATABASE DB",
    "CREATE TABLE T (A INT)",
    "INSERT INTO T VALUES (1), (2), (3)",
    "CREATE ROLE NOBODY",
    "CREATE USER PLAIN PASSWORD = 'secret' DEFAULT_ROLE = NOBODY DEFAULT_SECONDARY_ROLES = ()",
    "GRANT ROLE NOBODY TO USER PLAIN",
  ],
  (opened) => {
    session = opened;
  },
);

jest.setTimeout(30_000);

afterEach(async () => {
  await session.run(
    "ALTER SESSION UNSET ROWS_PER_RESULTSET, QUOTED_IDENTIFIERS_IGNORE_CASE, ERROR_ON_NONDETERMINISTIC_UPDATE",
  );
});

// Docs: Parameters.
test("ROWS_PER_RESULTSET cuts results, of a query's order its first", async () => {
  await session.run("ALTER SESSION SET ROWS_PER_RESULTSET = 2");
  expect(await session.rows("SELECT A FROM T ORDER BY A DESC")).toEqual([{ A: 3 }, { A: 2 }]);
  await session.run("INSERT INTO T SELECT A + 10 FROM T");
  await session.run("ALTER SESSION SET ROWS_PER_RESULTSET = 0");
  expect(await session.value("SELECT COUNT(*) FROM T")).toBe(6);
  await session.run("DELETE FROM T WHERE A > 10");
});

test("QUOTED_IDENTIFIERS_IGNORE_CASE folds quoted names, in definitions and in queries", async () => {
  expect(await session.failure('SELECT "a" FROM T')).toMatchObject({ code: "000904" });
  await session.run("ALTER SESSION SET QUOTED_IDENTIFIERS_IGNORE_CASE = TRUE");
  expect(await session.rows(`SELECT "a" AS "b", '"c"' AS C FROM "t" WHERE "a" = 1`)).toEqual([
    { B: 1, C: '"c"' },
  ]);
  await session.run('CREATE TABLE "small" ("x" INT)');
  await session.run("DROP TABLE SMALL");
});

test("ERROR_ON_NONDETERMINISTIC_UPDATE refuses an UPDATE of one row by several", async () => {
  const update = "UPDATE T SET A = S.B FROM (SELECT 1 AS K, 1 AS B UNION ALL SELECT 1, 1) S WHERE A = S.K";
  expect(await session.rows(update)).toEqual([
    { "number of rows updated": 1, "number of multi-joined rows updated": 1 },
  ]);
  await session.run("ALTER SESSION SET ERROR_ON_NONDETERMINISTIC_UPDATE = TRUE");
  expect(await session.failure(update)).toMatchObject({ code: "100090" });
  await session.run("UPDATE T SET A = S.B FROM (SELECT 1 AS K, 1 AS B) S WHERE A = S.K");
});

test.each([
  "ALTER SESSION SET TIMESTAMP_DAY_IS_ALWAYS_24H = TRUE",
  "ALTER SESSION SET STRICT_JSON_OUTPUT = TRUE",
  "ALTER SESSION SET JSON_INDENT = 0",
  "ALTER SCHEMA DB.PUBLIC SET DEFAULT_DDL_COLLATION = 'en-ci'",
  "ALTER DATABASE DB SET QUOTED_IDENTIFIERS_IGNORE_CASE = TRUE",
])("what would have no effect is refused by name: %s", async (sql) => {
  expect(await session.failure(sql)).toMatchObject({
    code: "000002",
    message: expect.stringMatching(/24H|STRICT_JSON|JSON_INDENT|COLLATION|IGNORE_CASE/),
  });
});

test.each([
  "ALTER SESSION SET TIMESTAMP_TYPE_MAPPING = 'BANANA'",
  "ALTER SESSION SET CLIENT_TIMESTAMP_TYPE_MAPPING = 'TIMESTAMP_TZ'",
  "ALTER USER PLAIN SET TIMEZONE = 'Nowhere/Nope'",
  "ALTER USER PLAIN SET TIMESTAMP_TYPE_MAPPING = 'BANANA'",
  "ALTER ACCOUNT SET TIMEZONE = 'Nowhere/Nope'",
  "ALTER DATABASE DB SET LOG_LEVEL = 'LOUD'",
  "ALTER WAREHOUSE WH SET STATEMENT_TIMEOUT_IN_SECONDS = 604801",
  "ALTER WAREHOUSE WH SET MAX_CONCURRENCY_LEVEL = 0",
  "ALTER TABLE T SET DATA_RETENTION_TIME_IN_DAYS = 91",
  // Docs: Understanding & using Time Travel.
  "CREATE TRANSIENT TABLE SHORT (A INT) DATA_RETENTION_TIME_IN_DAYS = 7",
  "CREATE TEMPORARY TABLE SHORT (A INT) DATA_RETENTION_TIME_IN_DAYS = 2",
  "CREATE TRANSIENT SCHEMA SHORT DATA_RETENTION_TIME_IN_DAYS = 2",
  "CREATE TRANSIENT DATABASE SHORT DATA_RETENTION_TIME_IN_DAYS = 2",
])("%s is beyond what it takes", async (sql) => {
  expect(await session.failure(sql)).toMatchObject({ code: "001008" });
});

test("a change of retention that is refused changes nothing else either", async () => {
  await session.run("CREATE TRANSIENT TABLE SHORT (A INT) DATA_RETENTION_TIME_IN_DAYS = 1");
  await session.failure("ALTER TABLE SHORT SET DATA_RETENTION_TIME_IN_DAYS = 2 COMMENT = 'x'");
  expect(await session.rows("SHOW TABLES LIKE 'SHORT'")).toMatchObject([
    { retention_time: "1", comment: "" },
  ]);
});

test("SHOW PARAMETERS FOR USER is for the user, and for who may know of them (not verified)", async () => {
  await session.run("ALTER USER PLAIN SET TIMEZONE = 'Europe/Vienna'");
  const plain = await TestSession.open({ ...server.login, username: "PLAIN" });
  expect(await plain.rows("SHOW PARAMETERS LIKE 'TIMEZONE' FOR USER PLAIN")).toMatchObject([
    { value: "Europe/Vienna", level: "USER" },
  ]);
  expect(await plain.failure("SHOW PARAMETERS FOR USER DEPLOYER")).toMatchObject({ code: "002003" });
  await plain.close();
});

// Docs: User management, types of users.
test("a user of the type SERVICE has no password, no name, and no login by password", async () => {
  const service = "CREATE USER ROBOT TYPE = SERVICE";
  for (const property of ["PASSWORD = 'x'", "FIRST_NAME = 'x'", "MUST_CHANGE_PASSWORD = TRUE"]) {
    expect((await session.failure(`${service} ${property}`)).message).toContain("TYPE=SERVICE");
  }
  await session.run("CREATE USER ROBOT PASSWORD = 'secret' TYPE = LEGACY_SERVICE");
  const login = { ...server.login, username: "ROBOT", password: "secret" };
  await (await TestSession.open(login)).close();
  await session.run("ALTER USER ROBOT SET TYPE = SERVICE");
  await expect(TestSession.open(login)).rejects.toThrow("Incorrect username or password");
  expect((await session.failure("ALTER USER ROBOT SET PASSWORD = 'y'")).message).toContain("TYPE=SERVICE");
});

test("what is only described does not run, nor ends a transaction", async () => {
  const describe = (sqlText: string) => session.run(sqlText, { describeOnly: true });
  await session.run("BEGIN");
  await session.run("INSERT INTO T VALUES (99)");
  for (const sql of [
    "DROP TABLE T",
    "TRUNCATE TABLE T",
    "COMMIT",
    "ALTER SESSION SET QUERY_TAG = 'x'",
    "CREATE TABLE OTHER (N INT)",
    "GRANT SELECT ON TABLE T TO ROLE NOBODY",
    "USE SCHEMA INFORMATION_SCHEMA",
  ]) {
    expect((await describe(sql)).columns.map((column) => column.getName())).toEqual(["status"]);
  }
  for (const sql of [
    "COPY INTO T FROM @~",
    "REMOVE @~",
    "EXECUTE IMMEDIATE 'DROP TABLE T'",
    "BEGIN DROP TABLE T; END",
  ]) {
    await expect(describe(sql)).rejects.toThrow("Unsupported feature");
  }
  await expect(describe("SELECT 1 ->> DROP TABLE T")).rejects.toThrow("describing several statements");
  expect((await describe("SHOW TABLES")).columns.length).toBeGreaterThan(10);
  await session.run("ROLLBACK");
  expect(await session.value("SELECT COUNT(*) FROM T")).toBe(3);
  expect(await session.rows("SHOW PARAMETERS LIKE 'QUERY_TAG'")).toMatchObject([{ value: "" }]);
  expect(await session.rows("SHOW TABLES LIKE 'OTHER'")).toEqual([]);
});
