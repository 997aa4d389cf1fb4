import { serverWithSession, type TestSession } from "./support/standalone-server.ts";

/** Quoted identifiers match by case, whatever DuckDB does (docs: Identifier requirements). */
jest.setTimeout(60_000);
let session: TestSession;
const _server = serverWithSession(
  [
    "CREATE WAREHOUSE WH",
    "CREATE DATABASE DB",
    `CREATE TABLE T ("Meter_Id" VARCHAR, USAGE NUMBER, "FLUX$FILE" VARCHAR)`,
    `INSERT INTO T ("Meter_Id", USAGE) VALUES ('M1', 1), ('M2', 2)`,
  ],
  (opened) => {
    session = opened;
  },
);
test("a column is stored and found as it is named", async () => {
  expect((await session.rows("DESC TABLE T")).map(({ name }) => name)).toEqual([
    "Meter_Id",
    "USAGE",
    "FLUX$FILE",
  ]);
  expect(await session.rows(`SELECT "Meter_Id", usage, T.FLUX$FILE FROM T ORDER BY USAGE LIMIT 1`)).toEqual([
    { Meter_Id: "M1", USAGE: 1, FLUX$FILE: null },
  ]);
  expect(await session.rows("SELECT * FROM T WHERE USAGE = 2")).toEqual([
    { Meter_Id: "M2", USAGE: 2, FLUX$FILE: null },
  ]);
});

test.each([
  "SELECT METER_ID FROM T",
  "SELECT COUNT(*) FROM T WHERE meter_id = 'M1'",
  `SELECT "usage" FROM T`,
  `SELECT X."METER_ID" FROM T X`,
  "SELECT METER_ID FROM (SELECT * FROM T)",
  "WITH C AS (SELECT * FROM T) SELECT METER_ID FROM C",
  "SELECT COUNT(*) FROM T GROUP BY METER_ID",
  "SELECT USAGE FROM T ORDER BY METER_ID",
  "SELECT 1 FROM T A JOIN T B ON A.METER_ID = B.METER_ID",
  `SELECT (SELECT MAX(USAGE) FROM T I WHERE I."Meter_Id" = O.METER_ID) FROM T O`,
  "INSERT INTO T (METER_ID) VALUES ('M3')",
  "UPDATE T SET METER_ID = 'M3'",
  "UPDATE T SET USAGE = 3 WHERE METER_ID = 'M3'",
  "DELETE FROM T WHERE METER_ID = 'M1'",
  "MERGE INTO T USING (SELECT 'M1' AS K) S ON T.METER_ID = S.K WHEN MATCHED THEN UPDATE SET USAGE = 9",
  "ALTER TABLE T DROP COLUMN METER_ID",
  "ALTER TABLE T RENAME COLUMN METER_ID TO M",
])("%s does not find it in another case", async (sql) => {
  expect(await session.failure(sql)).toMatchObject({ code: "000904" });
});

test("the alias of a column may be its name in another case", async () => {
  expect(
    await session.rows(
      `SELECT UPPER("Meter_Id") AS METER_ID, USAGE AS "usage" FROM T ORDER BY METER_ID DESC, "usage"`,
    ),
  ).toEqual([
    { METER_ID: "M2", usage: 2 },
    { METER_ID: "M1", usage: 1 },
  ]);
});

test("columns that differ only by case are refused by name", async () => {
  const both = /columns that differ only by case \("Meter_Id" and "METER_ID"\)/;
  expect((await session.failure(`CREATE TABLE U ("Meter_Id" VARCHAR, METER_ID VARCHAR)`)).message).toMatch(
    both,
  );
  expect((await session.failure("ALTER TABLE T ADD COLUMN METER_ID VARCHAR")).message).toMatch(both);
  expect((await session.failure("ALTER TABLE T RENAME COLUMN USAGE TO METER_ID")).message).toMatch(both);
  expect((await session.failure(`SELECT "a" FROM (SELECT 1 AS A, 2 AS "a")`)).message).toContain(
    "differ only by case",
  );
});

test("a column may be renamed to its name in another case", async () => {
  await session.run(`CREATE TABLE R (METER_ID VARCHAR)`);
  await session.run(`INSERT INTO R VALUES ('M1')`);
  await session.run(`ALTER TABLE R RENAME COLUMN METER_ID TO "Meter_Id"`);
  expect(await session.rows(`SELECT "Meter_Id" FROM R`)).toEqual([{ Meter_Id: "M1" }]);
  expect(await session.failure("SELECT METER_ID FROM R")).toMatchObject({ code: "000904" });
});
