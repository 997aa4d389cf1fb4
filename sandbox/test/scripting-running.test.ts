import { setTimeout as delay } from "node:timers/promises";
import type snowflake from "snowflake-sdk";
import { serverWithSession, TestSession } from "./support/standalone-server.ts";

jest.setTimeout(60_000);

let session: TestSession;
const server = serverWithSession(
  [
    "CREATE WAREHOUSE WH AUTO_SUSPEND = 60",
    "CREATE DATABASE DB",
    "CREATE TABLE CONTROL (TOKEN VARCHAR, STATE VARCHAR)",
    "CREATE TABLE READINGS (METER_ID VARCHAR, USAGE FLOAT)",
    "CREATE TABLE METERS (METER_ID VARCHAR, COUNT NUMBER)",
  ],
  (opened) => {
    session = opened;
  },
);

beforeEach(async () => {
  await session.run("DELETE FROM CONTROL");
  await session.run("DELETE FROM READINGS");
  await session.run("INSERT INTO CONTROL VALUES ('t1', 'LOADED')");
});

const count = () => session.value("SELECT COUNT(*) FROM READINGS");

async function ended(queryId: string, from = session): Promise<string> {
  for (;;) {
    const status = await from.connection.getQueryStatus(queryId);
    if (status !== "RUNNING") return status;
    await delay(50);
  }
}

const publish = (token: string) => `
DECLARE
  n INTEGER;
  stale EXCEPTION (-20001, 'The publication is stale.');
BEGIN
  BEGIN TRANSACTION;
  UPDATE CONTROL SET STATE = 'PUBLISHED' WHERE TOKEN = '${token}' AND STATE = 'LOADED';
  IF (SQLROWCOUNT <> 1) THEN RAISE stale; END IF;
  SELECT COUNT(*) INTO :n FROM READINGS;
  LET m INTEGER := (SELECT COUNT(*) FROM METERS);
  DELETE FROM READINGS WHERE METER_ID = 'old';
  INSERT INTO READINGS SELECT 'M' || SEQ4(), :n + :m FROM TABLE(GENERATOR(ROWCOUNT => 3)) ORDER BY 1;
  MERGE INTO METERS USING (SELECT METER_ID, COUNT(*) AS C FROM READINGS GROUP BY METER_ID) S
    ON METERS.METER_ID = S.METER_ID
    WHEN MATCHED THEN UPDATE SET METERS.COUNT = S.C
    WHEN NOT MATCHED THEN INSERT (METER_ID, COUNT) VALUES (S.METER_ID, S.C);
  COMMIT;
  RETURN 'published';
EXCEPTION
  WHEN OTHER THEN
    ROLLBACK;
    RAISE;
END;`;

test("a publication, submitted asynchronously, answers by its query ID, to RESULT_SCAN as well", async () => {
  const { queryId } = await session.run(publish("t1"), { asyncExec: true });
  expect(await ended(queryId)).toBe("SUCCESS");
  const statement = await session.connection.getResultsFromQueryId({ queryId, sqlText: "" } as never);
  const rows: unknown[] = [];
  for await (const row of (statement as snowflake.RowStatement).streamRows()) rows.push(row);
  expect(rows).toEqual([{ "anonymous block": "published" }]);
  expect(await session.rows("SELECT * FROM TABLE(RESULT_SCAN(?))", [queryId])).toEqual(rows);
  expect(await session.rows("SELECT METER_ID, COUNT FROM METERS ORDER BY METER_ID")).toEqual([
    { METER_ID: "M0", COUNT: 1 },
    { METER_ID: "M1", COUNT: 1 },
    { METER_ID: "M2", COUNT: 1 },
  ]);
});

test("a stale publication changes nothing, and its error is there for who asks later", async () => {
  const { queryId } = await session.run(publish("t0"), { asyncExec: true });
  expect(await ended(queryId)).toBe("FAILED_WITH_ERROR");
  await expect(
    session.connection.getResultsFromQueryId({ queryId, sqlText: "" } as never),
  ).rejects.toMatchObject({
    message: expect.stringContaining(
      "Uncaught exception of type 'STALE' on line 8 at position 29 : The publication is stale.",
    ),
  });
  expect(await count()).toBe(0);
});

test("the history has the block and its statements, and to the session the block is one statement", async () => {
  const { queryId } = await session.run(publish("t1"));
  expect(await session.value("SELECT LAST_QUERY_ID()")).toBe(queryId);
  const rows = await session.rows(`
    SELECT QUERY_TYPE, EXECUTION_STATUS, ROWS_INSERTED FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY_BY_SESSION())
    WHERE START_TIME >= (SELECT START_TIME FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY_BY_SESSION()) WHERE QUERY_ID = '${queryId}')
      AND QUERY_TEXT NOT LIKE '%LAST_QUERY_ID%' AND QUERY_TEXT NOT LIKE '%QUERY_HISTORY%'
    ORDER BY START_TIME`);
  expect(rows.map(({ QUERY_TYPE: type }) => type)).toEqual(
    expect.arrayContaining(["BEGIN_TRANSACTION", "UPDATE", "SELECT", "DELETE", "INSERT", "MERGE", "COMMIT"]),
  );
  expect(rows).toContainEqual({ QUERY_TYPE: "INSERT", EXECUTION_STATUS: "SUCCESS", ROWS_INSERTED: 3 });
});

const slow = (seconds: number, handler = "") => `
BEGIN
  BEGIN TRANSACTION;
  INSERT INTO READINGS VALUES ('slow', 1);
  SELECT SYSTEM$WAIT(${seconds});
  COMMIT;
  RETURN 'done';
${handler}END`;

test("a block goes on to its end when its client is gone", async () => {
  const other = await TestSession.open(server.login);
  await other.run("USE WAREHOUSE WH");
  await other.run("USE SCHEMA DB.PUBLIC");
  await other.run("ALTER SESSION SET ABORT_DETACHED_QUERY = FALSE");
  const { queryId } = await other.run(slow(2), { asyncExec: true });
  await other.close();
  expect(await session.connection.getQueryStatus(queryId)).toBe("RUNNING");
  expect(await ended(queryId)).toBe("SUCCESS");
  expect(await count()).toBe(1);
});

test("cancelling ends a block, which cannot handle that, and rolls back", async () => {
  const { queryId } = await session.run(slow(60, "EXCEPTION WHEN OTHER THEN COMMIT; RETURN 'handled';\n"), {
    asyncExec: true,
  });
  while ((await session.rows("SHOW TRANSACTIONS")).length === 0) await delay(20);
  expect(await session.value("SELECT SYSTEM$CANCEL_QUERY(?)", [queryId])).toBe(
    `query [${queryId}] terminated.`,
  );
  expect(await ended(queryId)).toBe("FAILED_WITH_ERROR");
  await expect(
    session.connection.getResultsFromQueryId({ queryId, sqlText: "" } as never),
  ).rejects.toMatchObject({ message: expect.stringContaining("SQL execution canceled") });
  expect(await count()).toBe(0);
});

test("STATEMENT_TIMEOUT_IN_SECONDS holds for the block as a whole, in statements and between them", async () => {
  await session.run("ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = 1");
  for (const sql of [
    slow(60),
    "BEGIN LOOP NULL; END LOOP; END",
    "BEGIN LOOP SELECT SYSTEM$WAIT(100, 'MILLISECONDS'); END LOOP; END",
  ]) {
    expect(await session.failure(sql)).toMatchObject({ code: "000630" });
  }
  await session.run("ALTER SESSION UNSET STATEMENT_TIMEOUT_IN_SECONDS");
  expect(await count()).toBe(0);
});

test("what a session is set to in a block stays; rights are those of the role", async () => {
  await session.run("BEGIN USE SCHEMA INFORMATION_SCHEMA; ALTER SESSION SET QUERY_TAG = 'in block'; END");
  expect(await session.value("SELECT CURRENT_SCHEMA()")).toBe("INFORMATION_SCHEMA");
  await session.run("USE SCHEMA DB.PUBLIC");
  await session.run("ALTER SESSION UNSET QUERY_TAG");
  await session.run("CREATE ROLE READER");
  await session.run("GRANT USAGE ON DATABASE DB TO ROLE READER");
  await session.run("GRANT USAGE ON SCHEMA DB.PUBLIC TO ROLE READER");
  await session.run("GRANT SELECT ON TABLE DB.PUBLIC.READINGS TO ROLE READER");
  await session.run("GRANT USAGE ON WAREHOUSE WH TO ROLE READER");
  await session.run("GRANT ROLE READER TO USER DEPLOYER");
  await session.run("USE ROLE READER");
  await session.run("USE SECONDARY ROLES NONE");
  expect(await session.failure("BEGIN DELETE FROM READINGS; END")).toMatchObject({ code: "003001" });
  expect(await session.value("BEGIN RETURN (SELECT COUNT(*) FROM READINGS); END")).toBe(0);
  await session.run("USE ROLE ACCOUNTADMIN");
  await session.run("USE SECONDARY ROLES ALL");
});

test.each([
  ["CALL p()", "BEGIN CALL p(); END"],
  ["CREATE PROCEDURE", "BEGIN CREATE PROCEDURE p() RETURNS INT AS 'x'; END"],
  ["ASYNC", "BEGIN LET r RESULTSET := ASYNC (SELECT 1); END"],
  ["AWAIT", "BEGIN AWAIT r; END"],
  ["CONTINUE", "BEGIN NULL; EXCEPTION WHEN OTHER CONTINUE THEN NULL; END"],
  ["EXECUTE IMMEDIATE FROM", "EXECUTE IMMEDIATE FROM @s/x.sql"],
])("refused by name: %s", async (_name, sql) => {
  expect(await session.failure(sql)).toMatchObject({ code: "000002" });
});

test("client binds are refused in a block", async () => {
  await expect(session.run("BEGIN RETURN ?; END", { binds: [1] })).rejects.toMatchObject({
    message: expect.stringContaining("bind variables in an anonymous block"),
  });
});

test("large and broken blocks: time grows with the text, no crash", async () => {
  const large = `BEGIN ${"LET x := 'a;b';\n".repeat(3)}${"IF (FALSE) THEN SELECT 'x;y' FROM t WHERE a = 'b'; END IF;\n".repeat(100)}RETURN 1; END`;
  expect(await session.value(large)).toBe(1);
  expect(await session.failure(`BEGIN ${"IF (1 = 1) THEN ".repeat(5_000)}`)).toMatchObject({
    sqlState: expect.anything(),
  });
  expect(await session.failure(`BEGIN ${"BEGIN ".repeat(50_000)}`)).toMatchObject({
    sqlState: expect.anything(),
  });
  expect(await session.failure(`BEGIN ${"SELECT 'a' ; ".repeat(20_000)} SELECT 'open`)).toMatchObject({
    code: "001003",
  });
  expect(await session.failure("BEGIN SELECT 1")).toMatchObject({ code: "001003" });
  expect(await session.failure("DECLARE x INT BEGIN NULL; END")).toMatchObject({ code: "001003" });
  expect(await session.failure("BEGIN NULL; END; SELECT 1")).toMatchObject({ code: "000008" });
}, 30_000);
