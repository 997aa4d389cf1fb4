import { EXPRESSIONS, REFUSED } from "./support/select-cases.ts";
import { standaloneServer, TestSession } from "./support/standalone-server.ts";

const server = standaloneServer();
let session: TestSession;

beforeAll(async () => {
  await server.start();
  session = await TestSession.open(server.login);
  for (const sql of [
    "ALTER SESSION SET TIMEZONE = 'UTC'",
    "CREATE WAREHOUSE WH",
    "CREATE DATABASE DB",
    `CREATE TABLE READINGS (METER_ID VARCHAR NOT NULL, TS TIMESTAMP_NTZ, USAGE_KWH FLOAT, VOLTAGE NUMBER(22,0),
       POWER_FACTOR NUMBER(23,2), SEGMENT VARCHAR(11), EXTRA VARIANT, DAY DATE)`,
    `INSERT INTO READINGS SELECT * FROM VALUES
       ('M1', '2026-03-01 00:00:00'::TIMESTAMP_NTZ, 1.5, 120, 0.95, 'A', PARSE_JSON('{"k": [1, {"z": "deep"}], "n": null}'), '2026-03-01'::DATE),
       ('M1', '2026-03-01 00:15:00'::TIMESTAMP_NTZ, 2.5, 121, 0.97, 'A', NULL, '2026-03-01'::DATE),
       ('M2', '2026-03-02 00:00:00'::TIMESTAMP_NTZ, NULL, 109, NULL, NULL, PARSE_JSON('[10, 20]'), '2026-03-02'::DATE)`,
    'CREATE TABLE "lower" ("c" NUMBER, "C2" VARCHAR)',
    `INSERT INTO "lower" VALUES (1, 'one')`,
  ]) {
    await session.run(sql);
  }
}, 60_000);

afterAll(async () => {
  await session.close();
  await server.stop();
});

/** The values of the first row, without their names. */
const first = async (sql: string) => Object.values((await session.rows(sql))[0] ?? {});
const plain = (value: unknown) =>
  value instanceof Date
    ? value.toISOString()
    : Object.prototype.toString.call(value) === "[object Date]"
      ? String(value)
      : value;

describe("functions and operators", () => {
  test.each(EXPRESSIONS)("%s", async (expression, expected) => {
    const [value] = await first(`SELECT ${expression} FROM READINGS`);
    expect(plain(value)).toEqual(expected);
  });
});

describe("clauses", () => {
  test("the guide's verification query names its columns as written", async () => {
    const { rows, columns } = await session.run(`SELECT COUNT(*) as total_rows,
       MIN(TS) as min_date,
       MAX(TS) as max_date,
       COUNT(DISTINCT METER_ID) as unique_meters
FROM READINGS;`);
    expect(columns.map((column) => column.getName())).toEqual([
      "TOTAL_ROWS",
      "MIN_DATE",
      "MAX_DATE",
      "UNIQUE_METERS",
    ]);
    expect(rows[0]).toMatchObject({ TOTAL_ROWS: 3, UNIQUE_METERS: 2 });
    expect(new Date(String(rows[0]?.MAX_DATE)).toISOString()).toBe("2026-03-02T00:00:00.000Z");
  });

  test("one text is cast to several kinds of number", async () => {
    const text = "SUBSTR(METER_ID, 2)";
    expect(
      await first(
        `SELECT ${text}::INT, ${text}::NUMBER(10,2), ${text}::NUMBER(4,1) + 0.5 FROM READINGS LIMIT 1`,
      ),
    ).toEqual([1, 1, 1.5]);
  });

  test("texts among the numbers of a set operation are numbers", async () => {
    expect(await session.rows("SELECT 1 AS A, 'x' AS B UNION ALL SELECT '2.5', 'y' ORDER BY A")).toEqual([
      { A: 1, B: "x" },
      { A: 2.5, B: "y" },
    ]);
  });

  test("a frame begins and ends so many rows away", async () => {
    const sum = (frame: string) => `SUM(VOLTAGE) OVER (ORDER BY VOLTAGE ROWS BETWEEN ${frame})`;
    expect(
      await session.rows(
        `SELECT ${sum("1 PRECEDING AND CURRENT ROW")} AS A, ${sum("CURRENT ROW AND 1 FOLLOWING")} AS B FROM READINGS ORDER BY VOLTAGE`,
      ),
    ).toEqual([
      { A: 109, B: 229 },
      { A: 229, B: 241 },
      { A: 241, B: 121 },
    ]);
  });

  test("columns without a name are called by their text", async () => {
    const { columns } = await session.run(
      "select count(*), max( voltage ) , 'x', ts from readings group by all limit 1",
    );
    expect(columns.map((column) => column.getName())).toEqual(["COUNT(*)", "MAX( VOLTAGE )", "'x'", "TS"]);
  });

  test.each<[string, unknown[]]>([
    [
      "SELECT METER_ID FROM READINGS QUALIFY ROW_NUMBER() OVER (PARTITION BY METER_ID ORDER BY TS DESC) = 1 ORDER BY 1",
      ["M1", "M2"],
    ],
    ["SELECT R.METER_ID FROM READINGS R JOIN READINGS S ON R.METER_ID = S.METER_ID AND R.TS < S.TS", ["M1"]],
    [
      "WITH V AS (SELECT VOLTAGE AS X FROM READINGS), W AS (SELECT MAX(X) AS X FROM V) SELECT X FROM W",
      [121],
    ],
    ["SELECT VOLTAGE FROM READINGS WHERE VOLTAGE IN (SELECT MAX(VOLTAGE) FROM READINGS)", [121]],
    ["SELECT N FROM (VALUES (1, 'a'), (2, 'b')) AS V(N, L) WHERE L <> 'a'", [2]],
    ["SELECT COLUMN1 FROM VALUES (3), (4) ORDER BY 1 DESC", [4, 3]],
    ["SELECT $1 FROM VALUES (5)", [5]],
    [
      "SELECT F.VALUE::INT FROM READINGS, LATERAL FLATTEN(INPUT => EXTRA) F WHERE METER_ID = 'M2' ORDER BY F.INDEX",
      [10, 20],
    ],
    ["SELECT VALUE::INT FROM TABLE(FLATTEN(PARSE_JSON('[7]')))", [7]],
    ["SELECT COUNT(*) FROM TABLE(GENERATOR(ROWCOUNT => 12))", [12]],
    ["SELECT VOLTAGE FROM READINGS UNION ALL SELECT 1 ORDER BY 1 LIMIT 2", [1, 109]],
    ["SELECT VOLTAGE FROM READINGS MINUS SELECT 109 ORDER BY 1", [120, 121]],
    ["SELECT VOLTAGE AS V FROM READINGS WHERE V > 110 ORDER BY V", [120, 121]],
    ["SELECT SEGMENT FROM READINGS ORDER BY SEGMENT DESC LIMIT 1", [null]],
    ["SELECT SEGMENT FROM READINGS ORDER BY SEGMENT LIMIT 1", ["A"]],
    ['SELECT "c" + 1 FROM "lower"', [2]],
    [
      "SELECT GROUPING(METER_ID) FROM READINGS GROUP BY GROUPING SETS ((METER_ID), ()) ORDER BY 1 DESC LIMIT 1",
      [1],
    ],
    ["SELECT SUM(VOLTAGE) OVER (ORDER BY TS) FROM READINGS ORDER BY TS", [120, 241, 350]],
    ["SELECT DB.PUBLIC.READINGS.VOLTAGE FROM DB.PUBLIC.READINGS ORDER BY VOLTAGE LIMIT 1", [109]],
  ])("%s", async (sql, expected) => {
    const rows = await session.rows(sql);
    expect(rows.map((row) => Object.values(row)[0])).toEqual(expected);
  });

  test("* is every column in order, EXCLUDE leaves some out", async () => {
    const { columns } = await session.run("SELECT * EXCLUDE (EXTRA, DAY) FROM READINGS");
    expect(columns.map((column) => column.getName())).toEqual([
      "METER_ID",
      "TS",
      "USAGE_KWH",
      "VOLTAGE",
      "POWER_FACTOR",
      "SEGMENT",
    ]);
  });

  test("types and nullability come from the catalog", async () => {
    const { columns } = await session.run("SELECT * FROM READINGS");
    const described = columns.map((column) =>
      [
        column.getName(),
        column.getType(),
        column.getPrecision(),
        column.getScale(),
        column.isNullable(),
      ].join(" "),
    );
    expect(described).toEqual([
      "METER_ID text   false",
      "TS timestamp_ntz 0 9 true",
      "USAGE_KWH real   true",
      "VOLTAGE fixed 22 0 true",
      "POWER_FACTOR fixed 23 2 true",
      "SEGMENT text   true",
      "EXTRA variant   true",
      "DAY date   true",
    ]);
  });

  test("session variables stand for values", async () => {
    await session.run("SET (LOW, NAME) = (110, 'M1')");
    expect(
      await session.value("SELECT COUNT(*) FROM READINGS WHERE VOLTAGE > $LOW AND METER_ID = $NAME"),
    ).toBe(2);
    await session.run("UNSET LOW");
    expect(await session.failure("SELECT $LOW")).toMatchObject({
      message: expect.stringContaining("'$LOW' does not exist"),
    });
  });

  test("a view reads with its owner's rights, where it was made", async () => {
    await session.run(
      "CREATE SECURE VIEW HIGH AS SELECT METER_ID, VOLTAGE FROM READINGS WHERE VOLTAGE > 110",
    );
    await session.run("CREATE ROLE VIEWER");
    await session.run("GRANT USAGE ON DATABASE DB TO ROLE VIEWER");
    await session.run("GRANT USAGE ON SCHEMA DB.PUBLIC TO ROLE VIEWER");
    await session.run("GRANT SELECT ON VIEW DB.PUBLIC.HIGH TO ROLE VIEWER");
    await session.run("GRANT USAGE ON WAREHOUSE WH TO ROLE VIEWER");
    await session.run("GRANT ROLE VIEWER TO USER DEPLOYER");
    const viewer = await TestSession.open({ ...server.login, role: "VIEWER", warehouse: "WH" });
    await viewer.run("USE SECONDARY ROLES NONE");
    expect(await viewer.value("SELECT COUNT(*) FROM DB.PUBLIC.HIGH")).toBe(2);
    expect(await viewer.failure("SELECT COUNT(*) FROM DB.PUBLIC.READINGS")).toMatchObject({ code: "002003" });
    await viewer.close();
  });

  test("MERGE sets columns by their bare names, and refuses two source rows for one target row", async () => {
    await session.run("CREATE TABLE MERGED AS SELECT 1 AS K, 1 AS V");
    const merge = (source: string) =>
      `MERGE INTO MERGED USING (${source}) S ON MERGED.K = S.K WHEN MATCHED THEN UPDATE SET V = S.W
       WHEN NOT MATCHED THEN INSERT (K, V) VALUES (S.K, S.W)`;
    await session.run(merge("SELECT 1 AS K, 5 AS W UNION ALL SELECT 2, 6"));
    expect(await session.rows("SELECT K, V FROM MERGED ORDER BY K")).toEqual([
      { K: 1, V: 5 },
      { K: 2, V: 6 },
    ]);
    expect(await session.failure(merge("SELECT 1 AS K, 7 AS W UNION ALL SELECT 1, 8"))).toMatchObject({
      code: "100090",
    });
    expect(await session.value("SELECT SUM(V) FROM MERGED")).toBe(11);
  });

  test("INFORMATION_SCHEMA can be asked like any other schema", async () => {
    expect(
      await session.rows(`SELECT COLUMN_NAME, DATA_TYPE, IS_NULLABLE FROM INFORMATION_SCHEMA.COLUMNS
        WHERE TABLE_NAME = 'READINGS' AND ORDINAL_POSITION <= 2 ORDER BY ORDINAL_POSITION`),
    ).toEqual([
      { COLUMN_NAME: "METER_ID", DATA_TYPE: "TEXT", IS_NULLABLE: "NO" },
      { COLUMN_NAME: "TS", DATA_TYPE: "TIMESTAMP_NTZ", IS_NULLABLE: "YES" },
    ]);
    expect(
      await session.value("SELECT ROW_COUNT FROM DB.INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME = 'READINGS'"),
    ).toBe(3);
  });

  test("clustering: its depth, its history, its estimate refused by name", async () => {
    await session.run("ALTER TABLE READINGS CLUSTER BY (TO_DATE(TS), METER_ID)");
    await session.run("ALTER TABLE READINGS SUSPEND RECLUSTER");
    expect(await session.value("SELECT SYSTEM$CLUSTERING_DEPTH('READINGS')")).toBe("1");
    expect(
      JSON.parse(String(await session.value("SELECT SYSTEM$CLUSTERING_INFORMATION('DB.PUBLIC.READINGS')"))),
    ).toMatchObject({ cluster_by_keys: "LINEAR(TO_DATE(TS), METER_ID)", total_partition_count: 1 });
    await session.run("ALTER TABLE READINGS RESUME RECLUSTER");
    await session.run("ALTER TABLE READINGS DROP CLUSTERING KEY");
    for (const keys of ["", ", 'METER_ID'", ", 3"]) {
      expect(await session.failure(`SELECT SYSTEM$CLUSTERING_INFORMATION('READINGS'${keys})`)).toMatchObject({
        message: expect.stringContaining("Invalid clustering keys or table"),
      });
    }
    expect(
      await session.rows(`SELECT TABLE_NAME, CREDITS_USED, NUM_ROWS_RECLUSTERED FROM TABLE(
        INFORMATION_SCHEMA.AUTOMATIC_CLUSTERING_HISTORY(DATE_RANGE_START => DATEADD('day', -1, CURRENT_TIMESTAMP()), TABLE_NAME => 'READINGS'))`),
    ).toEqual([]);
    expect(
      await session.failure(
        "SELECT 1 FROM TABLE(INFORMATION_SCHEMA.AUTOMATIC_CLUSTERING_HISTORY(TABLE_NAME => 'NO_SUCH'))",
      ),
    ).toMatchObject({ code: "002003" });
    expect(
      await session.failure("SELECT SYSTEM$ESTIMATE_AUTOMATIC_CLUSTERING_COSTS('READINGS')"),
    ).toMatchObject({
      code: "000002",
      message: expect.stringContaining("SYSTEM$ESTIMATE_AUTOMATIC_CLUSTERING_COSTS"),
    });
  });

  test("a clustering key is made of the table's columns, which then stay", async () => {
    for (const sql of [
      "CREATE TABLE KEYED (A INT) CLUSTER BY (TO_DATE(NO_SUCH))",
      "CREATE TABLE KEYED CLUSTER BY (NO_SUCH) AS SELECT 1 AS A",
      'CREATE TABLE KEYED (A INT) CLUSTER BY ("a")',
    ]) {
      expect(await session.failure(sql)).toMatchObject({
        code: "000904",
        message: expect.stringMatching(/invalid identifier '(NO_SUCH|"a")'/),
      });
    }
    await session.run(
      "CREATE TABLE KEYED (A TIMESTAMP_NTZ, TO_DATE INT, C INT) CLUSTER BY (TO_DATE(A), TO_DATE)",
    );
    expect(await session.failure("ALTER TABLE KEYED CLUSTER BY (NO_SUCH)")).toMatchObject({ code: "000904" });
    expect((await session.failure("ALTER TABLE KEYED DROP COLUMN C, A")).message).toContain(
      "Cannot drop column 'A' which belongs to a clustering key",
    );
    await session.run("ALTER TABLE KEYED DROP COLUMN C");
    await session.run('ALTER TABLE KEYED RENAME COLUMN A TO "at"');
    await session.run("ALTER TABLE KEYED RENAME COLUMN TO_DATE TO D");
    expect(await session.rows("SHOW TABLES LIKE 'KEYED'")).toMatchObject([
      { cluster_by: 'LINEAR(TO_DATE("at"), D)' },
    ]);
  });

  test("texts that begin alike are one clustering key: five characters count", async () => {
    await session.run("CREATE TABLE LIKES (K VARCHAR)");
    await session.run(
      "INSERT INTO LIKES SELECT 'METER-' || SEQ4() FROM TABLE(GENERATOR(ROWCOUNT => 250000)) ORDER BY 1",
    );
    expect(
      JSON.parse(String(await session.value("SELECT SYSTEM$CLUSTERING_INFORMATION('LIKES', '(K)')"))),
    ).toMatchObject({ total_partition_count: 3, total_constant_partition_count: 3, average_depth: 3 });
  });

  test("clustering is measured on the table's rows", async () => {
    const json = await session.value(
      "SELECT SYSTEM$CLUSTERING_INFORMATION('READINGS', '(TO_DATE(TS), METER_ID)')",
    );
    expect(JSON.parse(String(json))).toMatchObject({
      total_partition_count: 1,
      average_depth: 1,
      average_overlaps: 0,
    });
  });
});

describe("errors are Snowflake's", () => {
  test.each(REFUSED)("%s", async (sql, code, sqlState, message) => {
    expect(await session.failure(sql)).toEqual({ code, sqlState, message: expect.stringContaining(message) });
  });

  test("without a warehouse a table cannot be read, and a constant can", async () => {
    const other = await TestSession.open({ ...server.login, database: "DB" });
    expect(await other.failure("SELECT * FROM READINGS")).toMatchObject({
      code: "000606",
      sqlState: "57P03",
      message: expect.stringContaining("No active warehouse selected in the current session."),
    });
    expect(await other.value("SELECT 1")).toBe(1);
    // A view reads nothing until it is asked (docs: Overview of warehouses).
    await other.run("CREATE VIEW WITHOUT_WAREHOUSE AS SELECT METER_ID FROM READINGS");
    expect(await other.failure("SELECT * FROM WITHOUT_WAREHOUSE")).toMatchObject({ code: "000606" });
    await other.close();
  });
});
