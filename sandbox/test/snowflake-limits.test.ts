import { spawn } from "node:child_process";
/** What would once stop the server, or take all memory: each statement is answered, and the server goes on. */
import { standaloneServer, TestSession } from "./support/standalone-server.ts";

jest.setTimeout(60_000);

/** A client in a process of its own, with a statement. */
const CLIENT = `
  const snowflake = require("snowflake-sdk");
  snowflake.configure({ logLevel: "OFF", additionalLogToConsole: false });
  const connection = snowflake.createConnection(JSON.parse(process.argv[1]));
  connection.connect(() => connection.execute({ sqlText: "USE WAREHOUSE WH", complete: () => {
    connection.execute({ sqlText: process.argv[2], complete: () => {} });
  } }));
`;

const server = standaloneServer();
let session: TestSession;

beforeAll(async () => {
  await server.start("--memory-mb", "512", "--detached-seconds", "1");
  session = await TestSession.open(server.login);
  await session.run("CREATE WAREHOUSE WH");
  await session.run("CREATE DATABASE DB");
});

afterAll(async () => {
  await session.close();
  await server.stop();
});

test("a list has 16,384 values at most", async () => {
  const list = (values: number) =>
    `SELECT 1 IN (${Array.from({ length: values }, (_, n) => n).join(", ")}) AS FOUND`;
  expect(await session.rows(list(16_384))).toEqual([{ FOUND: true }]);
  await expect(session.run(list(16_385))).rejects.toMatchObject({
    code: "001795",
    message: expect.stringContaining(
      "maximum number of expressions in a list exceeded, expected at most 16,384, got 16,385",
    ),
  });
});

describe("statements nested too deeply are refused, and the next one is answered", () => {
  test.each([
    [
      "CASE",
      (levels: number) => `SELECT ${"CASE WHEN TRUE THEN ".repeat(levels)} 1 ${"END ".repeat(levels)}`,
    ],
    ["NOT", (levels: number) => `SELECT ${"NOT ".repeat(levels)}TRUE`],
    ["minus", (levels: number) => `SELECT ${"- ".repeat(levels)}1`],
    ["AND", (levels: number) => `SELECT TRUE${" AND TRUE".repeat(levels)}`],
    ["sums", (levels: number) => `SELECT 1${" + 1".repeat(levels)}`],
    ["functions", (levels: number) => `SELECT ${"ABS(".repeat(levels)}1${")".repeat(levels)}`],
    ["unions", (levels: number) => `SELECT 1${" UNION ALL SELECT 1".repeat(levels)}`],
    ["sub-queries", (levels: number) => `${"SELECT (".repeat(levels)}1${")".repeat(levels)}`],
  ])("%s", async (_what, of) => {
    const answers = [];
    for (const levels of [10, 200, 999, 10_000]) {
      const failure = await session.run(of(levels)).then(
        () => undefined,
        (error) => ({ code: error.code, message: error.message }),
      );
      answers.push(failure?.code);
      if (failure) expect(failure.message).toMatch(/Unsupported feature '.*(brackets|operators|deeply)/);
    }
    expect(answers.at(0)).toBeUndefined();
    expect(answers.at(-1)).toBe("000002");
    expect(await session.value("SELECT 1")).toBe(1);
  });
});

test("long lists are no depth", async () => {
  const values = Array.from({ length: 16_000 }, (_, index) => `-${index} + 1`).join(", ");
  expect(await session.value(`SELECT 1 IN (${values})`)).toBe(true);
  expect(await session.value(`SELECT LENGTH('${"(-".repeat(100_000)}')`)).toBe(200_000);
});

describe("values and memory have limits", () => {
  test.each([
    "SELECT REPEAT('x', 2000000000)",
    "SELECT SPACE(20000000)",
    "SELECT RPAD('x', 2000000000, 'y')",
    "SELECT LPAD('x', 20000000)",
    "SELECT LENGTH(REPEAT(REPEAT('x', 10000), 10000))",
  ])("%s is too long: 100078", async (sql) => {
    expect(await session.failure(sql)).toMatchObject({
      code: "100078",
      message: expect.stringContaining("is too long and would be truncated"),
    });
  });

  test("a text of 16 MB is none too long", async () => {
    expect(await session.value("SELECT LENGTH(REPEAT('ab', 8388608))")).toBe(16_777_216);
    expect(
      await session.value("SELECT REPEAT('ab', 2) || SPACE(1) || LPAD('c', 2) || RPAD('d', 3, '-')"),
    ).toBe("abab  cd--");
  });

  test("a VARIANT has 16 MB, wherever it comes from", async () => {
    const text = "REPEAT('x', 16777216)";
    await session.run("CREATE OR REPLACE TABLE variants (v VARIANT, a ARRAY)");
    expect(await session.failure(`SELECT PARSE_JSON('"' || ${text} || '"')`)).toMatchObject({
      code: "100069",
      message: expect.stringContaining("document is too large, max size 16777216 bytes"),
    });
    for (const sql of [
      `SELECT ARRAY_CONSTRUCT(${text})`,
      `INSERT INTO variants (v) SELECT OBJECT_CONSTRUCT('k', ${text})`,
      `INSERT INTO variants (a) SELECT ARRAY_AGG(REPEAT('x', 9000000)) FROM TABLE(GENERATOR(ROWCOUNT => 2))`,
      `CREATE TABLE more AS SELECT ARRAY_CONSTRUCT(${text}) AS a`,
    ]) {
      expect(await session.failure(sql)).toMatchObject({
        code: "100082",
        message: expect.stringMatching(
          /Max LOB size \(16777216\) exceeded, actual size of parsed column is \d+/,
        ),
      });
    }
    expect(await session.value("SELECT COUNT(*) FROM variants")).toBe(0);
    expect(await session.failure(`SELECT ${text} || 'x'`)).toMatchObject({ code: "100078" });
  });

  test("a few texts of 16 MB come in parts; more than there is memory for are refused before they are made", async () => {
    const texts = (count: number) =>
      `SELECT REPEAT((SEQ4() % 10)::VARCHAR, 16777216) AS T FROM TABLE(GENERATOR(ROWCOUNT => ${count}))`;
    const rows = await session.rows(texts(5));
    expect(rows.map(({ T }) => [String(T).length, String(T)[0]])).toEqual(
      [0, 1, 2, 3, 4].map((digit) => [16_777_216, String(digit)]),
    );
    for (const count of [15, 2_000]) {
      expect(await session.failure(texts(count))).toMatchObject({ code: "000603" });
    }
    expect(await session.value("SELECT 1")).toBe(1);
  });

  test.each(["LISTAGG", "ARRAY_AGG"])("%s over endless rows ends with the memory", async (aggregate) => {
    const failure = await session.failure(
      `SELECT ${aggregate}(REPEAT('x', 2000) || RANDOM()) FROM TABLE(GENERATOR(ROWCOUNT => 1000000000))`,
    );
    expect(failure).toMatchObject({ code: "000603", message: expect.stringContaining("needs more memory") });
    expect(await session.value("SELECT 1")).toBe(1);
  });

  test("a generator of a million millions ends at its timeout", async () => {
    await session.run("ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = 1");
    expect(
      await session.failure("SELECT COUNT(*) FROM TABLE(GENERATOR(ROWCOUNT => 1000000000000))"),
    ).toMatchObject({ code: "000630" });
    await session.run("ALTER SESSION UNSET STATEMENT_TIMEOUT_IN_SECONDS");
  });
});

describe("a cross join that would run for hours", () => {
  const ENDLESS =
    "SELECT COUNT(*) FROM TABLE(GENERATOR(ROWCOUNT => 1000000)) A CROSS JOIN TABLE(GENERATOR(ROWCOUNT => 10000000)) B WHERE RANDOM() = 1";

  const selects = (tag: string) =>
    session.rows(
      `SELECT ERROR_CODE, EXECUTION_STATUS FROM TABLE(DB.INFORMATION_SCHEMA.QUERY_HISTORY())
       WHERE QUERY_TAG = '${tag}' AND QUERY_TYPE = 'SELECT'`,
    );

  /** Waits until the query with a tag runs. */
  const running = async (tag: string): Promise<void> => {
    while ((await selects(tag))[0]?.EXECUTION_STATUS !== "RUNNING");
  };

  /** Waits until the query with a tag has ended, and answers how. */
  const endOf = async (tag: string): Promise<unknown> => {
    for (;;) {
      const [{ EXECUTION_STATUS, ERROR_CODE } = {}] = await selects(tag);
      if (EXECUTION_STATUS !== undefined && EXECUTION_STATUS !== "RUNNING") return ERROR_CODE;
    }
  };

  test("ends when its client goes without a word", async () => {
    const login = JSON.stringify({ ...server.login, queryTag: "gone" });
    const client = spawn(process.execPath, ["-e", CLIENT, login, ENDLESS], { stdio: "ignore" });
    await running("gone");
    client.kill("SIGKILL");
    expect(await endOf("gone")).toBe("000604");
  });

  test("ends when its session is logged out", async () => {
    const other = await TestSession.open({ ...server.login, queryTag: "logged out" });
    await other.run("USE WAREHOUSE WH");
    const failure = other.failure(ENDLESS);
    await running("logged out");
    await other.close();
    expect(await endOf("logged out")).toBe("000604");
    await failure;
  });

  test("ends at its timeout, and when the server stops", async () => {
    await session.run("ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = 1");
    expect(await session.failure(ENDLESS)).toMatchObject({ code: "000630" });
    await session.run("ALTER SESSION UNSET STATEMENT_TIMEOUT_IN_SECONDS");
    await session.run("ALTER SESSION SET QUERY_TAG = 'stopped'");
    await session.run(ENDLESS, { asyncExec: true });
    await server.stopProcess();
    await server.start("--memory-mb", "512");
    session = await TestSession.open({ ...server.login, warehouse: "WH", database: "DB" });
    expect(await endOf("stopped")).toBe("000603");
  });
});
