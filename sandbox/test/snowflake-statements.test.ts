import { setTimeout as delay } from "node:timers/promises";
import type snowflake from "snowflake-sdk";
import { standaloneServer, TestSession } from "./support/standalone-server.ts";

jest.setTimeout(60_000);

const server = standaloneServer();
let session: TestSession;

beforeAll(async () => {
  await server.start();
  session = await TestSession.open(server.login);
  for (const sql of [
    "CREATE WAREHOUSE WH AUTO_SUSPEND = 60",
    "CREATE DATABASE DB",
    "CREATE TABLE DB.PUBLIC.NUMBERS (N NUMBER(38,0), NAME VARCHAR)",
    "INSERT INTO DB.PUBLIC.NUMBERS SELECT SEQ4(), 'row ' || SEQ4() FROM TABLE(GENERATOR(ROWCOUNT => 100000))",
  ]) {
    await session.run(sql);
  }
}, 60_000);

afterAll(async () => {
  await session.close();
  await server.stop();
});

const endless = "SELECT COUNT(*) FROM NUMBERS A, NUMBERS B, NUMBERS C WHERE A.N + B.N + C.N = 3";

test("a result of 100,000 rows arrives whole and in order", async () => {
  const { rows } = await session.run("SELECT N, NAME FROM NUMBERS ORDER BY N");
  expect(rows).toHaveLength(100_000);
  expect(rows[0]).toEqual({ N: 0, NAME: "row 0" });
  expect(rows[99_999]).toEqual({ N: 99_999, NAME: "row 99999" });
  expect(rows.every(({ N }, index) => N === index)).toBe(true);
});

test("a chunk of a result is not given out without its key", async () => {
  const { queryId } = await session.run("SELECT N FROM NUMBERS");
  const response = await fetch(`${server.login.accessUrl}/results/${queryId}/0?key=${"0".repeat(64)}`);
  expect(response.status).toBe(404);
});

test("a result can be asked again, with conditions: RESULT_SCAN", async () => {
  const { queryId } = await session.run("SELECT N, NAME FROM NUMBERS");
  const again = "SELECT COUNT(*) AS COUNT, SUM(N) AS SUM FROM TABLE(RESULT_SCAN(?)) WHERE N >= 10";
  expect(await session.rows(again, [queryId])).toEqual([{ COUNT: 99_990, SUM: 4_999_949_955 }]);
  await session.run("SELECT 7 AS SEVEN, 'x' AS \"lower\", CURRENT_DATE AS TODAY");
  expect(
    await session.rows('SELECT SEVEN + 1 AS EIGHT, "lower" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))'),
  ).toEqual([{ EIGHT: 8, lower: "x" }]);
  await session.run("SHOW WAREHOUSES");
  expect(await session.rows('SELECT "name" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))')).toEqual([
    { name: "WH" },
  ]);
});

test("an asynchronous statement is followed by its ID, from any session of its user", async () => {
  const { queryId } = await session.run("SELECT SYSTEM$WAIT(1), 5 AS FIVE", { asyncExec: true });
  expect(await session.connection.getQueryStatus(queryId)).toBe("RUNNING");
  const other = await TestSession.open(server.login);
  const statement = await other.connection.getResultsFromQueryId({ queryId, sqlText: "" } as never);
  const rows: unknown[] = [];
  for await (const row of (statement as snowflake.RowStatement).streamRows()) rows.push(row);
  expect(rows).toMatchObject([{ FIVE: 5 }]);
  expect(await other.connection.getQueryStatus(queryId)).toBe("SUCCESS");
  await other.close();
});

test("statements of one session run side by side", async () => {
  const { queryId } = await session.run("SELECT SYSTEM$WAIT(2)", { asyncExec: true });
  const running = `SELECT EXECUTION_STATUS FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY_BY_SESSION()) WHERE QUERY_ID = ?`;
  expect(await session.value(running, [queryId])).toBe("RUNNING");
});

test("a statement that fails asynchronously tells why", async () => {
  const { queryId } = await session.run("SELECT 1 / (SELECT MIN(N) FROM NUMBERS)", { asyncExec: true });
  await expect(
    session.connection.getResultsFromQueryId({ queryId, sqlText: "" } as never),
  ).rejects.toMatchObject({
    message: expect.stringContaining("Division by zero"),
  });
});

test("cancelling interrupts the engine: 000604", async () => {
  let cancel = () => {};
  const outcome = new Promise<snowflake.SnowflakeError & { sqlState?: string }>((resolve) => {
    const statement = session.connection.execute({
      sqlText: endless,
      parameters: { QUERY_TAG: "to be cancelled" },
      complete: (error) => resolve(error as never),
    });
    cancel = () => statement.cancel(() => {});
  });
  const history = `SELECT EXECUTION_STATUS FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY()) WHERE QUERY_TAG = 'to be cancelled'`;
  while ((await session.value(history)) !== "RUNNING") await delay(20);
  cancel();
  expect(await outcome).toMatchObject({
    code: "000604",
    sqlState: "57014",
    message: "SQL execution canceled",
  });
});

test("a statement ends after its timeout: 000630", async () => {
  const options = { parameters: { STATEMENT_TIMEOUT_IN_SECONDS: 1 } };
  await expect(session.run(endless, options)).rejects.toMatchObject({
    code: "000630",
    message: "Statement reached its statement or warehouse timeout of 1 second(s) and was canceled.",
  });
});

test("a repeated request does not run its statement again", async () => {
  await session.run("CREATE TABLE ONCE (N NUMBER)");
  const requestId = crypto.randomUUID();
  const first = await session.run("INSERT INTO ONCE VALUES (1)", { requestId });
  const second = await session.run("INSERT INTO ONCE VALUES (1)", { requestId });
  expect(second.queryId).toBe(first.queryId);
  expect(second.rows).toEqual([{ "number of rows inserted": 1 }]);
  expect(await session.value("SELECT COUNT(*) FROM ONCE")).toBe(1);
});

test("a statement goes on when its client's connection is cut", async () => {
  const client = new AbortController();
  const login = await fetch(`${server.login.accessUrl}/session/v1/login-request`, {
    method: "POST",
    body: JSON.stringify({
      data: { ACCOUNT_NAME: "FLUX-OPERATIONS", LOGIN_NAME: "DEPLOYER", PASSWORD: server.login.password },
    }),
  });
  const { data } = (await login.json()) as { data: { token: string } };
  const request = fetch(
    `${server.login.accessUrl}/queries/v1/query-request?requestId=${crypto.randomUUID()}`,
    {
      method: "POST",
      signal: client.signal,
      headers: { authorization: `Snowflake Token="${data.token}"` },
      body: JSON.stringify({
        sqlText: "SELECT SYSTEM$WAIT(1) AS DETACHED",
        parameters: { QUERY_TAG: "detached" },
      }),
    },
  );
  const history = `SELECT EXECUTION_STATUS FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY()) WHERE QUERY_TAG = 'detached'`;
  while ((await session.value(history)) !== "RUNNING") await delay(20);
  client.abort();
  await expect(request).rejects.toThrow();
  while ((await session.value(history)) === "RUNNING") await delay(50);
  expect(await session.value(history)).toBe("SUCCESS");
});

describe("transactions", () => {
  beforeAll(async () => {
    await session.run("CREATE OR REPLACE TABLE LEDGER (N NUMBER)");
  });

  const count = (from: TestSession) => from.value("SELECT COUNT(*) FROM DB.PUBLIC.LEDGER");

  test("what is not committed is seen by its session alone, and can be taken back", async () => {
    const other = await TestSession.open({ ...server.login, warehouse: "WH" });
    await session.run("BEGIN");
    await session.run("INSERT INTO LEDGER VALUES (1), (2)");
    expect(await count(session)).toBe(2);
    expect(await count(other)).toBe(0);
    await session.run("ROLLBACK");
    expect(await count(session)).toBe(0);
    await session.run("BEGIN");
    await session.run("INSERT INTO LEDGER VALUES (3)");
    await session.run("COMMIT");
    expect(await count(other)).toBe(1);
    await other.close();
  });

  test("a session that ends takes its open transaction back", async () => {
    const other = await TestSession.open({ ...server.login, warehouse: "WH" });
    const before = await count(session);
    await other.run("BEGIN");
    await other.run("INSERT INTO DB.PUBLIC.LEDGER VALUES (9)");
    await other.close();
    expect(await count(session)).toBe(before);
  });
});

test("after kill -9: what was committed is there, results can be fetched, what ran has failed", async () => {
  const finished = await session.run("SELECT COUNT(*) AS ROWS_THERE, MAX(NAME) AS LAST FROM NUMBERS");
  const large = await session.run("SELECT N FROM NUMBERS ORDER BY N DESC");
  const { queryId } = await session.run(endless, { asyncExec: true });
  while ((await session.connection.getQueryStatus(queryId)) !== "RUNNING") await delay(20);
  await server.kill();
  await server.start();
  session = await TestSession.open({ ...server.login, warehouse: "WH", database: "DB", schema: "PUBLIC" });

  expect(await session.value("SELECT COUNT(*) FROM NUMBERS")).toBe(100_000);
  const rowsOf = async (id: string) => {
    const statement = await session.connection.getResultsFromQueryId({ queryId: id, sqlText: "" } as never);
    const rows: unknown[] = [];
    for await (const row of (statement as snowflake.RowStatement).streamRows()) rows.push(row);
    return rows;
  };
  expect(await rowsOf(finished.queryId)).toEqual([{ ROWS_THERE: 100_000, LAST: "row 99999" }]);
  const again = await rowsOf(large.queryId);
  expect(again).toHaveLength(100_000);
  expect(again[0]).toEqual({ N: 99_999 });
  const status = `SELECT EXECUTION_STATUS AS STATUS, QUERY_TYPE AS TYPE, ERROR_CODE AS CODE
    FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY()) WHERE QUERY_ID = ?`;
  expect(await session.rows(status, [queryId])).toEqual([
    { STATUS: "FAILED_WITH_INCIDENT", TYPE: "SELECT", CODE: "000603" },
  ]);
}, 40_000);
