import { standaloneServer, TestSession } from "./support/standalone-server.ts";

const server = standaloneServer();
let session: TestSession;

beforeAll(async () => {
  await server.start();
  session = await TestSession.open(server.login);
  for (const sql of ["CREATE WAREHOUSE WH", "CREATE DATABASE DB", "CREATE TABLE T (TEXT VARCHAR)"]) {
    await session.run(sql);
  }
}, 60_000);

afterAll(async () => {
  await session.close();
  await server.stop();
});

jest.setTimeout(30_000);

// Docs: QUERY_HISTORY, COPY_HISTORY, AUTOMATIC_CLUSTERING_HISTORY and WAREHOUSE_METERING_HISTORY: "Arguments".
test.each([
  ["QUERY_HISTORY(END_TIME_RANGE_START => DATEADD(day, -%, CURRENT_TIMESTAMP()))", 6, 8],
  ["QUERY_HISTORY_BY_USER(END_TIME_RANGE_START => DATEADD(day, -%, CURRENT_TIMESTAMP()))", 7, 8],
  ["COPY_HISTORY(TABLE_NAME => 'T', START_TIME => DATEADD(day, -%, CURRENT_TIMESTAMP()))", 14, 15],
  ["AUTOMATIC_CLUSTERING_HISTORY(DATE_RANGE_START => DATEADD(day, -%, CURRENT_TIMESTAMP()))", 14, 15],
  ["WAREHOUSE_METERING_HISTORY(DATEADD(day, -%, CURRENT_TIMESTAMP()))", 180, 190],
])("%s reaches %i days back, not %i", async (call, within, beyond) => {
  const query = (days: number) =>
    `SELECT COUNT(*) AS N FROM TABLE(INFORMATION_SCHEMA.${call.replace("%", String(days))})`;
  expect(await session.rows(query(within))).toHaveLength(1);
  expect(await session.failure(query(beyond))).toMatchObject({ code: "001018" });
});

test("RESULT_LIMIT is from 1 to 10,000, and counts before WHERE (docs: QUERY_HISTORY, Usage notes)", async () => {
  const history = (limit: number) =>
    `SELECT COUNT(*) AS N FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY(RESULT_LIMIT => ${limit})) WHERE QUERY_TEXT = 'SELECT ''needle'''`;
  await session.run("SELECT 'needle'");
  for (let other = 0; other < 3; other++) await session.run("SELECT 1");
  expect(await session.value(history(2))).toBe(0);
  expect(Number(await session.value(history(10_000)))).toBeGreaterThan(0);
  for (const limit of [0, 10_001]) {
    expect(await session.failure(history(limit))).toMatchObject({ code: "001018" });
  }
});

// Docs: Parameters.
test.each([
  ["QUERY_TAG", `'${"x".repeat(2_000)}'`, `'${"x".repeat(2_001)}'`],
  ["STATEMENT_TIMEOUT_IN_SECONDS", "604800", "604801"],
  ["STATEMENT_QUEUED_TIMEOUT_IN_SECONDS", "60", "-1"],
  ["LOCK_TIMEOUT", "0", "-1"],
  ["WEEK_START", "7", "8"],
  ["CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY", "900", "899"],
])("%s has a range", async (name, within, beyond) => {
  await session.run(`ALTER SESSION SET ${name} = ${within}`);
  expect(await session.failure(`ALTER SESSION SET ${name} = ${beyond}`)).toMatchObject({ code: "001008" });
  await session.run(`ALTER SESSION UNSET ${name}`);
});

test("a tag that comes with a statement or a login is held to the same", async () => {
  const tag = "x".repeat(2_001);
  await expect(session.run("SELECT 1", { parameters: { QUERY_TAG: tag } })).rejects.toThrow("QUERY_TAG");
  await expect(TestSession.open({ ...server.login, queryTag: tag })).rejects.toThrow();
  expect((await TestSession.open({ ...server.login, queryTag: "short" })).connection.isUp()).toBe(true);
});

test("a statement has up to 1 MB (docs: Query size limits)", async () => {
  const literal = (length: number) => `SELECT LENGTH('${"x".repeat(length)}') AS L`;
  expect(await session.value(literal(1_000_000))).toBe(1_000_000);
  expect((await session.failure(literal(1_050_000))).message).toContain("maximum");
  expect((await session.failure(`SELECT '${"ä".repeat(600_000)}'`)).message).toContain("maximum");
});

test("a variable has up to 16 KB, and none of the names that are reserved (docs: SET)", async () => {
  await session.run("SET LONG = REPEAT('x', 16384)");
  expect((await session.failure("SET (OTHER, LONG) = ('x', REPEAT('ä', 8193))")).message).toContain(
    "size limit",
  );
  expect(await session.value("SELECT LENGTH($LONG)")).toBe(16_384);
  expect(await session.failure("SET PUBLIC = 1")).toMatchObject({ code: "000002" });
});

test("a name has up to 255 characters (docs: Identifier requirements)", async () => {
  const long = "N".repeat(255);
  await session.run(`CREATE TABLE ${long} (${long} INT)`);
  for (const sql of [
    `CREATE TABLE ${long}X (N INT)`,
    `CREATE TABLE OTHER (${long}X INT)`,
    `ALTER TABLE ${long} RENAME TO ${long}X`,
    `ALTER TABLE ${long} RENAME COLUMN ${long} TO ${long}X`,
    `CREATE ROLE ${long}X`,
  ]) {
    expect((await session.failure(sql)).message).toContain("exceeds maximum length limit of 255 characters");
  }
});

test("a VARCHAR has up to 16 MB (docs: String & binary data types)", async () => {
  await session.run("INSERT INTO T SELECT REPEAT('x', 16777216)");
  expect(await session.failure("INSERT INTO T SELECT REPEAT('x', 16777217)")).toMatchObject({
    code: "100078",
  });
  expect(await session.value("SELECT SUM(LENGTH(TEXT)) FROM T")).toBe(16_777_216);
});
