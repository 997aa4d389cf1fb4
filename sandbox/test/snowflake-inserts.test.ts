import { serverWithSession, type TestSession } from "./support/standalone-server.ts";

jest.setTimeout(60_000);

let session: TestSession;
const server = serverWithSession(["CREATE WAREHOUSE wh", "CREATE DATABASE d"], (opened) => {
  session = opened;
});
const tables = async () => ({
  t1: (await session.rows("SELECT * FROM t1 ORDER BY ALL")).map((row) => Object.values(row)),
  t2: (await session.rows("SELECT * FROM t2 ORDER BY ALL")).map((row) => Object.values(row)),
});

/** Docs: INSERT (multi-table). */
describe("INSERT into several tables", () => {
  beforeEach(async () => {
    for (const sql of [
      "CREATE OR REPLACE TABLE src (n1 NUMBER, n2 NUMBER, n3 NUMBER)",
      "INSERT INTO src VALUES (1, 11, 101), (100, 12, 102), (1000, 13, 103)",
      "CREATE OR REPLACE TABLE t1 (c1 NUMBER, c2 NUMBER DEFAULT 22, c3 NUMBER)",
      "CREATE OR REPLACE TABLE t2 (c1 NUMBER, c2 NUMBER, c3 NUMBER DEFAULT 33)",
    ]) {
      await session.run(sql);
    }
  });

  test("ALL without conditions puts every row everywhere, in columns by name, with DEFAULT and NULL", async () => {
    const { rows } = await session.run(`INSERT ALL
      INTO t1
      INTO t1 (c1, c2, c3) VALUES (n2, n1, DEFAULT)
      INTO t2 (c1, c2) VALUES (n1 * 2, NULL)
      INTO t2 VALUES (n3, n2, n1)
      SELECT n1, n2, n3 FROM src WHERE n1 < 1000`);
    expect(rows).toEqual([
      {
        "number of rows inserted into T1": 4,
        "number of rows inserted into T2": 4,
      },
    ]);
    expect(await tables()).toEqual({
      t1: [
        [1, 11, 101],
        [11, 1, null],
        [12, 100, null],
        [100, 12, 102],
      ],
      t2: [
        [2, null, 33],
        [101, 11, 1],
        [102, 12, 100],
        [200, null, 33],
      ],
    });
  });

  test.each([
    ["ALL", [[100], [1000], [1000]], [[1]]],
    ["FIRST", [[100], [1000]], [[1]]],
  ])("%s with conditions", async (mode, ones, others) => {
    await session.run(`INSERT ${mode}
      WHEN n1 > 100 THEN INTO t1 (c1) VALUES (n1)
      WHEN n1 > 10 AND CASE WHEN n2 > 0 THEN TRUE ELSE FALSE END THEN INTO t1 (c1) VALUES (n1)
      ELSE INTO t2 (c1) VALUES (n1)
      SELECT * FROM src`);
    expect((await tables()).t1.map(([c1]) => [c1])).toEqual(ones);
    expect((await tables()).t2.map(([c1]) => [c1])).toEqual(others);
  });

  test("a condition that is NULL does not hold; OVERWRITE empties all its tables; binds have their order", async () => {
    await session.run("INSERT INTO t1 (c1) VALUES (7)");
    await session.run("INSERT INTO t2 (c1) VALUES (7)");
    const overwrite = `INSERT OVERWRITE ALL
      WHEN NULLIF(n1, ?) > 1 THEN INTO t1 (c1, c3) VALUES (n1, ?)
      ELSE INTO t2 (c1) VALUES (n1)
      SELECT n1 FROM src WHERE n1 < ?`;
    await session.run(overwrite, { binds: [100, 5, 1001] });
    expect(await tables()).toEqual({
      t1: [[1000, 22, 5]],
      t2: [
        [1, null, 33],
        [100, null, 33],
      ],
    });
  });

  test("goes in all or in none, and in transactions", async () => {
    await session.run("CREATE OR REPLACE TABLE t2 (c1 NUMBER NOT NULL, c2 NUMBER, c3 NUMBER)");
    expect(
      await session.failure(
        "INSERT ALL INTO t1 (c1) VALUES (n1) INTO t2 (c1) VALUES (NULL) SELECT n1 FROM src",
      ),
    ).toMatchObject({ code: "100072" });
    await session.run("BEGIN");
    await session.run("INSERT ALL INTO t1 (c1) VALUES (n1) INTO t2 (c1) VALUES (n1) SELECT n1 FROM src");
    expect((await tables()).t2).toHaveLength(3);
    await session.run("ROLLBACK");
    expect(await tables()).toEqual({ t1: [], t2: [] });
  });

  test.each([
    ["INSERT ALL INTO t1 (c1, c2) VALUES (n1) SELECT n1 FROM src", "002020"],
    ["INSERT ALL INTO t1 SELECT n1 FROM src", "002020"],
    ["INSERT ALL INTO t1 (c1) VALUES (nowhere) SELECT n1 FROM src", "000904"],
    ["INSERT ALL INTO t1 (nowhere) VALUES (n1) SELECT n1 FROM src", "000904"],
    ["INSERT ALL INTO nowhere SELECT n1 FROM src", "002003"],
    ["INSERT FIRST INTO t1 SELECT n1 FROM src", "001003"],
  ])("%s ends in %s", async (sql, code) => {
    expect(await session.failure(sql)).toMatchObject({ code });
  });
});

test("DEFAULT in VALUES, UPDATE and MERGE is what the column says", async () => {
  await session.run(
    "CREATE OR REPLACE TABLE t1 (c1 NUMBER, c2 NUMBER DEFAULT 22, c3 VARCHAR DEFAULT 'three')",
  );
  await session.run("INSERT INTO t1 VALUES (1, DEFAULT, 'x'), (2, 2, DEFAULT), (DEFAULT, 3, 'z')");
  await session.run("UPDATE t1 SET c3 = DEFAULT WHERE c1 = 1");
  await session.run(`MERGE INTO t1 USING (SELECT 2 AS c1 UNION ALL SELECT 9) AS s ON t1.c1 = s.c1
    WHEN MATCHED THEN UPDATE SET c2 = DEFAULT WHEN NOT MATCHED THEN INSERT (c1, c2) VALUES (s.c1, DEFAULT)`);
  expect((await session.rows("SELECT * FROM t1 ORDER BY c1")).map((row) => Object.values(row))).toEqual([
    [1, 22, "three"],
    [2, 22, "three"],
    [9, 22, "three"],
    [null, 3, "z"],
  ]);
});

test.each([
  "MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN UPDATE SET",
  "MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN UPDATE SET a",
  "MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN UPDATE SET a > 1",
  "MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN UPDATE SET a = 1, 2",
  "MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN UPDATE SET (a) = (1)",
  "MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN UPDATE SET f(a) = 1",
  "MERGE INTO t USING s ON t.a = s.a WHEN NOT MATCHED THEN INSERT (1) VALUES (1)",
  "MERGE INTO t USING s ON t.a = s.a WHEN NOT MATCHED THEN INSERT",
])("%s is refused, and is no fault of the server's", async (sql) => {
  await session.run("CREATE TABLE IF NOT EXISTS t AS SELECT 1 AS a");
  await session.run("CREATE TABLE IF NOT EXISTS s AS SELECT 1 AS a");
  expect((await session.failure(sql)).code).toMatch(/^(?:001003|000002|002020)$/);
});

test("names may end in a number in brackets, wherever they stand", async () => {
  await session.run('CREATE OR REPLACE TABLE "n(1)" AS SELECT 1 AS "a(2)", \'x(3)\' AS "MAX(4)"');
  expect(
    await session.rows(`WITH "c(5)" AS (SELECT * FROM "n(1)")
      SELECT "al(6)"."a(2)", "MAX(4)" AS "out(7)" FROM "c(5)" AS "al(6)" ORDER BY "a(2)"`),
  ).toEqual([{ "a(2)": 1, "out(7)": "x(3)" }]);
  expect(await session.rows('SELECT "z(8)" FROM (SELECT 5 FROM "n(1)") AS "s(9)"("z(8)")')).toEqual([
    { "z(8)": 5 },
  ]);
  await session.run('UPDATE "n(1)" SET "a(2)" = 4');
  await session.run(
    'MERGE INTO "n(1)" USING (SELECT 4 AS "k(1)") AS s ON "n(1)"."a(2)" = s."k(1)" WHEN MATCHED THEN UPDATE SET "a(2)" = 5',
  );
  expect(await session.value('SELECT "COUNT(1)" + "SUM(1)" FROM (SELECT COUNT(1), SUM(1) FROM "n(1)")')).toBe(
    2,
  );
  expect(await session.value('SELECT "a(2)" FROM "n(1)"')).toBe(5);
});

test("bound moments keep what they have, or are refused", async () => {
  const post = async (path: string, body: object, token?: string) => {
    const headers = token === undefined ? {} : { authorization: `Snowflake Token="${token}"` };
    const url = `${server.login.accessUrl}${path}requestId=${crypto.randomUUID()}`;
    const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
    return (await response.json()) as { success: boolean; code: string; data: Record<string, never> };
  };
  const data = { ACCOUNT_NAME: "FLUX-OPERATIONS", LOGIN_NAME: "DEPLOYER", PASSWORD: server.login.password };
  const { token } = (await post("/session/v1/login-request?databaseName=D&warehouse=WH&", { data })).data;
  const bound = async (type: string, ...values: string[]) => {
    const value = values.length === 1 ? values[0] : values;
    const sqlText = values.length === 1 ? "SELECT ?" : "INSERT INTO d.public.moments VALUES (?)";
    const bindings = { 1: { type, value } };
    const answer = await post("/queries/v1/query-request?", { sqlText, bindings }, token);
    return answer.success ? answer.data.rowset?.[0]?.[0] : answer.code;
  };
  await session.run("CREATE OR REPLACE TABLE moments (m TIMESTAMP_NTZ)");
  expect(await bound("TIMESTAMP_NTZ", "1700000000123456000")).toBe("1700000000.123456000");
  for (const type of ["TIMESTAMP_NTZ", "TIMESTAMP_LTZ", "TIME"]) {
    const nanoseconds = type === "TIME" ? "1001" : "1700000000123456789";
    expect(await bound(type, nanoseconds)).toBe("000002");
  }
  // With their offset, in minutes from one day before UTC.
  expect(await bound("TIMESTAMP_TZ", "1700000000123456000 1770")).toBe("1700000000.123456000 1770");
  expect(await bound("TIMESTAMP_TZ", "-500000000 1200")).toBe("-0.500000000 1200");
  await session.run("CREATE OR REPLACE TABLE moments (m TIMESTAMP_TZ)");
  expect(await bound("TIMESTAMP_TZ", "1700000000123456000 1770", "-500000000 1200")).toBe("2");
  expect(await session.rows("SELECT m::VARCHAR AS m FROM moments ORDER BY moments.m")).toEqual([
    { M: "1969-12-31 19:59:59.500 -0400" },
    { M: "2023-11-15 03:43:20.123 +0530" },
  ]);
  await session.run("CREATE OR REPLACE TABLE moments (m TIMESTAMP_NTZ)");
  expect(await bound("TIMESTAMP_NTZ", "1700000000123456000", "1700000000123456789")).toBe("000002");
  expect(await bound("TIMESTAMP_NTZ", "1700000000123456000", "1700000000123457000")).toBe("2");
});

test("a value of a type that the column does not take is refused before any row (docs: Data type conversion)", async () => {
  await session.run(
    "CREATE OR REPLACE TABLE typed (n NUMBER(10,2), d DATE, ts TIMESTAMP_NTZ, v VARIANT, a ARRAY, t VARCHAR)",
  );
  for (const [column, value, types] of [
    ["n", "TRUE", /NUMBER\(10,2\) but got BOOLEAN for column N/],
    ["n", "CURRENT_DATE()", /NUMBER\(10,2\) but got DATE/],
    ["d", "42", /DATE but got NUMBER\(2,0\) for column D/],
    ["ts", "42", /TIMESTAMP_NTZ\(9\) but got NUMBER\(2,0\)/],
    ["v", "'abc'", /VARIANT but got VARCHAR/],
    ["a", "OBJECT_CONSTRUCT('a', 1)", /ARRAY but got OBJECT/],
  ] as const) {
    for (const sql of [
      `INSERT INTO typed (${column}) SELECT ${value} WHERE FALSE`,
      `INSERT INTO typed (${column}) VALUES (${value})`,
      `UPDATE typed SET ${column} = ${value}`,
      `MERGE INTO typed USING (SELECT 1 AS one) ON FALSE WHEN NOT MATCHED THEN INSERT (${column}) VALUES (${value})`,
      `INSERT ALL INTO typed (${column}) VALUES (x) SELECT ${value} AS x`,
    ])
      expect(await session.failure(sql)).toMatchObject({
        code: "002023",
        message: expect.stringMatching(types),
      });
  }
  await session.run(
    "INSERT INTO typed SELECT '42', '2026-01-01', CURRENT_DATE(), 42, PARSE_JSON('[1]'), PARSE_JSON('\"s\"')",
  );
  await session.run("INSERT INTO typed VALUES (NULL, CURRENT_TIMESTAMP(), NULL, NULL, NULL, 42)");
  expect(await session.value("SELECT COUNT(*) FROM typed")).toBe(2);
});
