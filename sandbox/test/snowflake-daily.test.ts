import { serverWithSession, type TestSession } from "./support/standalone-server.ts";

jest.setTimeout(60_000);

/** What people and their tools type in a day. */
let session: TestSession;
const _server = serverWithSession(
  ["CREATE WAREHOUSE wh", "CREATE DATABASE d", "CREATE TABLE t (a INT, b VARCHAR)"],
  (opened) => {
    session = opened;
  },
);
const cells = async (sql: string) => (await session.rows(sql)).map((row) => Object.values(row));

/** Docs: CREATE TABLE, AUTOINCREMENT | IDENTITY. */
test("AUTOINCREMENT counts where a row names no value, and tells of itself", async () => {
  await session.run(`CREATE OR REPLACE TABLE counted (
    id INT AUTOINCREMENT, n VARCHAR, x INT IDENTITY START 10 INCREMENT 5 ORDER, y INT IDENTITY (100, -1) NOORDER)`);
  await session.run("INSERT INTO counted (n) VALUES ('a'), ('b')");
  await session.run("INSERT INTO counted VALUES (7, 'own', 8, 9)");
  await session.run(
    "MERGE INTO counted USING (SELECT 'c' AS n) s ON counted.n = s.n WHEN NOT MATCHED THEN INSERT (n) VALUES (s.n)",
  );
  expect(await cells("SELECT * FROM counted ORDER BY n")).toEqual([
    [1, "a", 10, 100],
    [2, "b", 15, 99],
    [3, "c", 20, 98],
    [7, "own", 8, 9],
  ]);
  expect((await session.rows("DESCRIBE TABLE counted")).map((row) => row.default)).toEqual([
    "IDENTITY START 1 INCREMENT 1 NOORDER",
    null,
    "IDENTITY START 10 INCREMENT 5 ORDER",
    "IDENTITY START 100 INCREMENT -1 NOORDER",
  ]);
  expect(
    await cells(`SELECT COLUMN_NAME, IS_IDENTITY, IDENTITY_START, IDENTITY_INCREMENT FROM INFORMATION_SCHEMA.COLUMNS
      WHERE TABLE_NAME = 'COUNTED' ORDER BY ORDINAL_POSITION LIMIT 2`),
  ).toEqual([
    ["ID", "YES", "1", "1"],
    ["N", "NO", null, null],
  ]);
  await session.run("DROP TABLE counted");
});

/** Docs: GET_DDL. */
test("GET_DDL writes a table that can be made by it, and a view as it was written", async () => {
  await session.run(`CREATE OR REPLACE TABLE "Odd" (a NUMBER(10,2) NOT NULL DEFAULT 1, "b c" VARCHAR(5) COMMENT 'it''s',
    PRIMARY KEY (a)) CLUSTER BY (a)`);
  const ddl = String(await session.value(`SELECT GET_DDL('TABLE', '"Odd"')`));
  expect(ddl).toContain("\tA NUMBER(10,2) NOT NULL DEFAULT 1,\n");
  await session.run(ddl);
  expect(await session.value(`SELECT GET_DDL('TABLE', '"Odd"')`)).toBe(ddl);
  await session.run("CREATE OR REPLACE VIEW v AS SELECT a FROM t");
  expect(await session.value("SELECT GET_DDL('VIEW', 'v')")).toBe(
    "CREATE OR REPLACE VIEW v AS SELECT a FROM t;",
  );
  expect(await session.failure("SELECT GET_DDL('TABLE', 'nowhere')")).toMatchObject({ code: "002003" });
});

/** Docs: Flow operators. */
test("->> hands results on", async () => {
  expect(await cells(`SHOW TABLES LIKE 't' ->> SELECT "name", "kind" FROM $1`)).toEqual([["T", "TABLE"]]);
  expect(
    await cells(
      "SELECT 1 AS a UNION ALL SELECT 2 ->> SELECT SUM(a) AS s FROM $1 ->> SELECT s, MAX(b.a) FROM $1, $2 b GROUP BY s",
    ),
  ).toEqual([[3, 2]]);
  expect(await session.failure("SELECT 1 ->> SELECT * FROM $2")).toBeDefined();
  expect(await session.value("SELECT '->>' /* ->> */")).toBe("->>");
});

test("SHOW and INFORMATION_SCHEMA have what tools look for", async () => {
  expect(await cells("SHOW USER FUNCTIONS")).toEqual([]);
  expect((await session.rows("SHOW OBJECTS LIKE 't'"))[0]).toMatchObject({
    kind: "TABLE",
    is_dynamic: "N",
    is_iceberg: "N",
  });
  expect(
    await cells("SELECT IS_TEMPORARY, IS_DYNAMIC FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME = 'T'"),
  ).toEqual([["NO", "NO"]]);
});

test("FLATTEN and its like make rows of values", async () => {
  expect(
    await cells(`SELECT path, key, index, TO_JSON(value) FROM TABLE(FLATTEN(
      INPUT => PARSE_JSON('{"a": [1, {"b": 2}], "c": 3}'), RECURSIVE => TRUE))`),
  ).toEqual([
    ["a", "a", null, '[1,{"b":2}]'],
    ["a[0]", null, 0, "1"],
    ["a[1]", null, 1, '{"b":2}'],
    ["a[1].b", "b", null, "2"],
    ["c", "c", null, "3"],
  ]);
  expect(
    await cells("SELECT path FROM TABLE(FLATTEN(PARSE_JSON('{\"b\": [77, 88]}'), PATH => 'b'))"),
  ).toEqual([["b[0]"], ["b[1]"]]);
  expect(await cells("SELECT * FROM TABLE(SPLIT_TO_TABLE('a.b', '.')) ORDER BY index")).toEqual([
    [1, 1, "a"],
    [1, 2, "b"],
  ]);
});

describe("what is not there is refused by its name, not as a mistake", () => {
  test.each([
    ["CREATE STREAM s ON TABLE t", "CREATE STREAM"],
    ["CREATE OR REPLACE TASK x SCHEDULE = '1 minute' AS SELECT 1", "CREATE OR REPLACE TASK"],
    ["CREATE PIPE p AS COPY INTO t FROM @s", "CREATE PIPE"],
    ["CREATE FUNCTION f(x INT) RETURNS INT LANGUAGE PYTHON AS 'x'", "CREATE FUNCTION"],
    ["CREATE DYNAMIC TABLE dt TARGET_LAG = '1 minute' WAREHOUSE = wh AS SELECT 1", "CREATE DYNAMIC TABLE"],
    ["CREATE HYBRID TABLE h (a INT PRIMARY KEY)", "CREATE HYBRID TABLE"],
    ["CREATE GIT REPOSITORY g ORIGIN = 'x'", "CREATE GIT REPOSITORY"],
    ["CREATE SEMANTIC VIEW s AS x", "CREATE SEMANTIC VIEW"],
    ["CREATE TABLE c CLONE t AT (OFFSET => -60)", "time travel"],
    ["SELECT * FROM t BEFORE (STATEMENT => 'x')", "time travel"],
    ["UNDROP TABLE t", "UNDROP"],
    ["ALTER TABLE t ADD SEARCH OPTIMIZATION", "ALTER TABLE … ADD SEARCH OPTIMIZATION"],
    ["ALTER TABLE t MODIFY COLUMN a SET MASKING POLICY m", "ALTER TABLE … SET MASKING POLICY"],
    ["GRANT USAGE ON FUNCTION f(INT) TO ROLE r", "GRANT USAGE ON FUNCTION"],
    ["SELECT AI_COMPLETE('x')", "function AI_COMPLETE"],
    ["SELECT SOUNDEX('x')", "function SOUNDEX"],
    ["CREATE STAGE g URL = 'gcs://bucket/'", "stages of gcs"],
  ])("%s", async (sql, name) => {
    expect(await session.failure(sql)).toMatchObject({
      code: "000002",
      message: expect.stringContaining(name),
    });
  });
});
