import { serverWithSession, type TestSession } from "./support/standalone-server.ts";

jest.setTimeout(30_000);

let session: TestSession;
const _server = serverWithSession(["CREATE WAREHOUSE WH", "CREATE DATABASE DB"], (opened) => {
  session = opened;
});
/** The rows of every statement of a text, as the driver hands them out. */
const resultsOf = (sqlText: string, count: number): Promise<unknown[]> =>
  new Promise((resolve, reject) => {
    const results: unknown[] = [];
    session.connection.execute({
      sqlText,
      parameters: { MULTI_STATEMENT_COUNT: count },
      complete: (error, statement, rows) => {
        if (error) return reject(error);
        results.push(rows);
        const several = statement as unknown as { hasNext(): boolean; NextResult(): void };
        if (several.hasNext()) several.NextResult();
        else resolve(results);
      },
    });
  });

test("each statement has a result of its own, in order", async () => {
  const text =
    "CREATE TABLE T (A INT); INSERT INTO T VALUES (1), (2); SELECT ';' AS S, COUNT(*) AS N FROM T; -- end";
  for (const count of [3, 0]) {
    const results = await resultsOf(count === 0 ? text.replace("CREATE", "CREATE OR REPLACE") : text, count);
    expect(results).toEqual([
      [{ status: "Table T successfully created." }],
      [{ "number of rows inserted": 2 }],
      [{ S: ";", N: 2 }],
    ]);
  }
});

test("another number than was said is 000008, and nothing has run", async () => {
  await expect(resultsOf("CREATE TABLE U (A INT); SELECT 1", 3)).rejects.toMatchObject({
    code: "000008",
    message: "Actual statement count 2 did not match the desired statement count 3.",
  });
  await expect(resultsOf("CREATE TABLE U (A INT); SELECT 1", 1)).rejects.toMatchObject({ code: "000008" });
  expect(await session.rows("SHOW TABLES LIKE 'U'")).toEqual([]);
});

test("the first that fails is the error, and what came before it stays", async () => {
  await expect(
    resultsOf("CREATE TABLE V (A INT); SELECT * FROM NOWHERE; DROP TABLE V", 0),
  ).rejects.toMatchObject({
    code: "002003",
  });
  expect(await session.rows("SHOW TABLES LIKE 'V'")).toHaveLength(1);
});

test("ALTER SESSION allows it for the session", async () => {
  await session.run("ALTER SESSION SET MULTI_STATEMENT_COUNT = 0");
  await session.run("SET X = 1; SET Y = 2");
  expect(await session.value("SELECT $X + $Y")).toBe(3);
  await session.run("ALTER SESSION UNSET MULTI_STATEMENT_COUNT");
});
