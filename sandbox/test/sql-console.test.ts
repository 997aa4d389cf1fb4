import { spawn } from "node:child_process";
import { join } from "node:path";
import { root } from "../paths.ts";
import { table } from "../table.ts";
import { standaloneServer } from "./support/standalone-server.ts";

jest.setTimeout(60_000);

const server = standaloneServer();
beforeAll(async () => {
  await server.start();
  for (const statement of [
    "CREATE WAREHOUSE FLUX_SANDBOX_LOAD_WH",
    "CREATE DATABASE FLUX_SANDBOX",
    "CREATE SCHEMA FLUX_SANDBOX.PRODUCTION",
    "CREATE TABLE FLUX_SANDBOX.PRODUCTION.METERS (METER_ID VARCHAR, KWH NUMBER(10,2), SEEN TIMESTAMP_NTZ)",
    "INSERT INTO FLUX_SANDBOX.PRODUCTION.METERS VALUES ('MTR-1', 1.50, '2026-07-01 00:15:00'), ('MTR-2', NULL, NULL)",
  ])
    await server.sql(statement);
}, 30_000);
afterAll(() => server.stop());

/** Runs the console and tells how it ended and what it printed. */
function sqlConsole(args: string[], typed = "", more: Record<string, string> = {}) {
  const { hostname, port } = new URL(server.login.accessUrl);
  const child = spawn("node", [join(root, "sandbox/sql.ts"), ...args], {
    env: {
      PATH: process.env.PATH,
      SNOWFLAKE_HOST: hostname,
      SNOWFLAKE_PORT: port,
      SNOWFLAKE_PROTOCOL: "http",
      SNOWFLAKE_ORGANIZATION_NAME: "FLUX",
      SNOWFLAKE_ACCOUNT_NAME: "OPERATIONS",
      SNOWFLAKE_USER: "DEPLOYER",
      SNOWFLAKE_PASSWORD: server.login.password,
      SNOWFLAKE_ROLE: "ACCOUNTADMIN",
      ...more,
    },
  });
  child.stdin.end(typed);
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (data: Buffer) => {
      output += data.toString();
    });
  return new Promise<{ code: number | null; output: string }>((resolve) =>
    child.once("close", (code) => resolve({ code, output })),
  );
}

test("one statement finds warehouse, database and schema in use", async () => {
  const { code, output } = await sqlConsole(["-c", "SELECT METER_ID, KWH, SEEN FROM METERS ORDER BY 1"]);
  expect(output).toMatch(
    /^METER_ID {3}KWH {2}SEEN\n─+ {2}─+ {2}─+\nMTR-1 {5}1\.50 {2}2026-07-01 00:15:00\.000\nMTR-2 {5}NULL {2}NULL\n2 rows, [\d.]+ s/,
  );
  expect(code).toBe(0);
  expect((await sqlConsole(["-c", "SELECT CURRENT_WAREHOUSE()"])).output).toContain("FLUX_SANDBOX_LOAD_WH");
});

test("a pipe may have several statements, over lines, with semicolons in texts, and blocks", async () => {
  const { code, output } = await sqlConsole(
    [],
    "SELECT ';' AS A,\n  1 AS B; -- a remark;\nSELECT\n 'it''s;' AS C;\nBEGIN\n  LET n INTEGER := 41;\n  RETURN n + 1;\nEND;\nSELECT 2 AS LAST",
  );
  expect(output).toMatch(/A {2}B\n[\s\S]*; {2}1\n[\s\S]*it's;[\s\S]*42[\s\S]*LAST\n─+\n {3}2\n1 row/);
  expect(code).toBe(0);
});

test("a mistake is told as Snowflake tells it, and ends a pipe", async () => {
  const { code, output } = await sqlConsole([], "SELECT * FROM NOWHERE;\nSELECT 'after';\n");
  expect(output).toContain("Object 'FLUX_SANDBOX.PRODUCTION.NOWHERE' does not exist or not authorized");
  expect(output).not.toContain("after");
  expect(code).toBe(1);
});

test("without a sandbox it says how to get one", async () => {
  const { code, output } = await sqlConsole(["-c", "SELECT 1"], "", { SNOWFLAKE_PORT: "9" });
  expect(output).toBe("the sandbox is not running: start it with `make up`\n");
  expect(code).toBe(1);
});

test("long values are cut short, columns aligned", () => {
  expect(
    table([
      { A: "x".repeat(70), N: "1" },
      { A: "y", N: "-22.5" },
    ]).split("\n"),
  ).toEqual([
    `A${" ".repeat(59)}      N`,
    `${"─".repeat(60)}  ${"─".repeat(5)}`,
    `${"x".repeat(59)}…      1`,
    `y${" ".repeat(59)}  -22.5`,
  ]);
});
