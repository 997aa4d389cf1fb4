import { serverWithSession, TestSession } from "./support/standalone-server.ts";

jest.setTimeout(60_000);

/** What people and their tools type in a day. */
let session: TestSession;
const server = serverWithSession(
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

/** Docs: PIVOT, UNPIVOT. */
test("PIVOT and UNPIVOT turn rows into columns and back", async () => {
  await session.run(`CREATE OR REPLACE TEMPORARY TABLE quarters AS SELECT * FROM VALUES
    (0, 1.5, 'a'), (15, 2, 'a'), (0, 3, 'b'), (30, 9, 'b'), (0, 1, 'a') AS v (m, kwh, meter)`);
  expect(
    await session.rows("SELECT * FROM quarters PIVOT (SUM(kwh) FOR m IN (0, 15)) ORDER BY meter"),
  ).toEqual([
    { METER: "a", 0: 2.5, 15: 2 },
    { METER: "b", 0: 3, 15: null },
  ]);
  expect(
    await session.rows(`SELECT p.* FROM quarters PIVOT (COUNT(kwh) FOR m IN (0, 15 AS q) DEFAULT ON NULL (0))
      AS p (meter, hours, quarters) ORDER BY 1`),
  ).toEqual([
    { METER: "a", HOURS: 2, QUARTERS: 1 },
    { METER: "b", HOURS: 1, QUARTERS: 0 },
  ]);
  expect(
    await cells(`WITH s AS (SELECT meter, kwh FROM quarters)
      SELECT "'a'" FROM s PIVOT (MAX(kwh) FOR meter IN ('a', 'b'))`),
  ).toEqual([[2]]);
  const months = "(SELECT 1 AS id, 10 AS jan, 20 AS feb, NULL AS mar)";
  expect(
    await cells(`SELECT * FROM ${months} UNPIVOT (kwh FOR month IN (jan, feb, mar)) ORDER BY kwh`),
  ).toEqual([
    [1, "JAN", 10],
    [1, "FEB", 20],
  ]);
  expect(
    await cells(`SELECT u.month, kwh FROM ${months}
      UNPIVOT INCLUDE NULLS (kwh FOR month IN (jan AS 'January', mar)) u ORDER BY month`),
  ).toEqual([
    ["January", 10],
    ["MAR", null],
  ]);
});

/** Docs: SAMPLE / TABLESAMPLE. */
test("SAMPLE takes a share of the rows, or so many", async () => {
  await session.run(
    "CREATE OR REPLACE TEMPORARY TABLE many AS SELECT SEQ4() AS n FROM TABLE(GENERATOR(ROWCOUNT => 1000))",
  );
  for (const [sample, rows] of [
    ["SAMPLE (100)", 1_000],
    ["TABLESAMPLE BERNOULLI (0)", 0],
    ["SAMPLE (30 ROWS)", 30],
    ["AS m SAMPLE SYSTEM (100) REPEATABLE (7)", 1_000],
  ] as const)
    expect(await session.value(`SELECT COUNT(*) FROM many ${sample}`)).toBe(rows);
  const half = Number(await session.value("SELECT COUNT(*) FROM (SELECT * FROM many) SAMPLE ROW (50)"));
  expect(half).toBeGreaterThan(350);
  expect(half).toBeLessThan(650);
  expect(await session.failure("SELECT * FROM many SAMPLE (101)")).toMatchObject({ code: "002019" });
});

/** Docs: EXPLAIN, "compiles the SQL statement, but does not execute it", and needs no warehouse. */
test("EXPLAIN compiles a statement without running it", async () => {
  const other = await TestSession.open({ ...server.login, database: "D" });
  expect(await other.rows("EXPLAIN SELECT b FROM t q WHERE a > 1")).toMatchObject([
    { operation: "GlobalStats", step: null },
    { operation: "Result", expressions: "B" },
    { operation: "TableScan", objects: "D.PUBLIC.T", alias: "Q", expressions: "A, B" },
  ]);
  expect(JSON.parse(String(await other.value("EXPLAIN USING JSON SELECT a FROM t")))).toMatchObject({
    Operations: [[{ operation: "Result" }, { operation: "TableScan", objects: ["D.PUBLIC.T"] }]],
  });
  expect(await other.value("EXPLAIN USING TEXT INSERT INTO t SELECT * FROM t")).toMatch(
    /Insert\n.*TableScan/,
  );
  expect(await session.value("SELECT COUNT(*) FROM t")).toBe(0);
  expect(await other.failure("EXPLAIN SELECT nothing FROM t")).toMatchObject({ code: "000904" });
  expect(await other.failure("EXPLAIN SHOW TABLES")).toMatchObject({ code: "000002" });
  await other.close();
});

/** Docs: SQL format models, fixed-position numeric formats. */
test.each([
  ["1234.5, '9,999.99'", " 1,234.50"],
  ['-12.391, \'">"$99.0"<"\'', ">-$12.4<"],
  ["0, 'B9.0'", "  .0"],
  ["0, '99'", "  0"],
  ["0, '$99.0'", "  $0.0"],
  ["3987, '$99.0'", " $##.#"],
  ["7, '0000'", " 0007"],
  ["-7, 'FM0000'", "-0007"],
  ["7, 'S999'", "  +7"],
  ["-7, '99MI'", " 7-"],
  ["1234567::FLOAT, '9G999G990'", " 1,234,567"],
])("TO_CHAR(%s) is '%s'", async (args, formatted) => {
  expect(await session.value(`SELECT TO_CHAR(${args})`)).toBe(formatted);
});

test("a TIMESTAMP_TZ that is not known is NULL, whatever was done to it", async () => {
  const read = "TRY_TO_TIMESTAMP_TZ(a, 'YYYY-MM-DD HH24:MI:SS TZHTZM')";
  expect(
    await cells(`SELECT COALESCE(${read}, TRY_TO_TIMESTAMP_TZ(a))::VARCHAR, ${read} IS NULL,
        DATEADD(day, 1, ${read}) IS NULL, DATE_TRUNC('day', ${read}) IS NULL, CONVERT_TIMEZONE('UTC', ${read}) IS NULL
      FROM VALUES ('x'), ('2026-01-02 03:04:05 +0100'), ('2026-01-02T03:04:05Z') AS v (a) ORDER BY a`),
  ).toEqual([
    ["2026-01-02 03:04:05.000 +0100", false, false, false, false],
    ["2026-01-02 03:04:05.000 +0000", true, true, true, true],
    [null, true, true, true, true],
  ]);
  expect(
    await session.failure("SELECT TO_TIMESTAMP_TZ('2026-01-02 03:04:05', 'YYYY-MM-DD HH24:MI:SS TZHTZM')"),
  ).toMatchObject({ code: "100096" });
  expect(
    await session.value("SELECT NULL::TIMESTAMP_TZ IS NULL AND DATEADD(day, 1, NULL::TIMESTAMP_TZ) IS NULL"),
  ).toBe(true);
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
    ["SELECT * FROM t PIVOT (SUM(a) FOR b IN (ANY))", "PIVOT … IN (ANY)"],
    ["SELECT TO_CHAR(12, '0XXX')", "TO_CHAR with the format '0XXX'"],
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

test("weeks begin and belong to years by WEEK_START and WEEK_OF_YEAR_POLICY (docs: Calendar weeks and weekdays)", async () => {
  const week = (day: string) =>
    session.rows(
      `SELECT DAYOFWEEK(D) AS DAY, WEEK(D) AS WEEK, YEAROFWEEK(D) AS YEAR, WEEKISO(D) AS ISO FROM (SELECT '${day}'::DATE AS D)`,
    );
  const seen: unknown[] = [];
  for (const [start, policy, day] of [
    [0, 0, "2026-03-01"],
    [7, 0, "2026-03-01"],
    [1, 0, "2026-03-01"],
    [1, 1, "2016-01-02"],
    [1, 1, "2024-12-30"],
    [0, 0, "2016-01-02"],
  ] as const) {
    await session.run(`ALTER SESSION SET WEEK_START = ${start}, WEEK_OF_YEAR_POLICY = ${policy}`);
    seen.push(...(await week(day)));
  }
  await session.run("ALTER SESSION UNSET WEEK_START, WEEK_OF_YEAR_POLICY");
  expect(seen).toEqual([
    { DAY: 0, WEEK: 9, YEAR: 2026, ISO: 9 },
    { DAY: 1, WEEK: 9, YEAR: 2026, ISO: 9 },
    { DAY: 7, WEEK: 9, YEAR: 2026, ISO: 9 },
    { DAY: 6, WEEK: 1, YEAR: 2016, ISO: 53 },
    { DAY: 1, WEEK: 53, YEAR: 2024, ISO: 1 },
    { DAY: 6, WEEK: 53, YEAR: 2015, ISO: 53 },
  ]);
});

test("UPDATE … FROM counts each row once, and those that several rows join; DELETE … USING takes a query", async () => {
  await session.run("CREATE OR REPLACE TABLE JOINED (ID INT, V VARCHAR)");
  await session.run("INSERT INTO JOINED VALUES (1, 'a'), (2, 'b'), (3, 'c')");
  const updated = (rows: string) =>
    session.rows(
      `UPDATE JOINED SET V = S.V FROM (SELECT * FROM VALUES ${rows} AS S(ID, V)) S WHERE JOINED.ID = S.ID`,
    );
  const names = ["number of rows updated", "number of multi-joined rows updated"];
  const counts = async (rows: string) => (await updated(rows)).map((row) => names.map((name) => row[name]));
  expect(await counts("(1, 'x'), (1, 'y'), (1, 'z'), (2, 'p')")).toEqual([[2, 1]]);
  expect(await counts("(3, 'q')")).toEqual([[1, 0]]);
  expect(await counts("(9, 'r')")).toEqual([[0, 0]]);
  expect(
    await session.rows("DELETE FROM JOINED USING (SELECT 2 AS ID) AS S WHERE JOINED.ID = S.ID"),
  ).toMatchObject([{ "number of rows deleted": 1 }]);
  expect(await session.rows("SELECT V FROM JOINED WHERE ID = 3")).toEqual([{ V: "q" }]);
});
