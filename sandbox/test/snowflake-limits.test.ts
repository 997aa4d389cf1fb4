/** What would once stop the server, or take all memory: each statement is answered, and the server goes on. */
import { standaloneServer, TestSession } from "./support/standalone-server.ts";

jest.setTimeout(60_000);

const server = standaloneServer();
let session: TestSession;

beforeAll(async () => {
  await server.start("--memory-mb", "512");
  session = await TestSession.open(server.login);
  await session.run("CREATE WAREHOUSE WH");
  await session.run("CREATE DATABASE DB");
});

afterAll(async () => {
  await session.close();
  await server.stop();
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
  const values = Array.from({ length: 20_000 }, (_, index) => `-${index} + 1`).join(", ");
  expect(await session.value(`SELECT 1 IN (${values})`)).toBe(true);
  expect(await session.value(`SELECT LENGTH('${"(-".repeat(100_000)}')`)).toBe(200_000);
});
