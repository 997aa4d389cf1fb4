/**
 * Statements with what the manual says that they answer, in this order: later ones work on what earlier ones have made.
 * Those without an answer are what Snowflake takes and the local one refuses by name.
 */
import type { Example } from "./example.ts";

type Rows = NonNullable<Example["rows"]>;

const answers = (page: string, sql: string, ...rows: Rows): Example => ({ page, sql, rows });
const fails = (page: string, sql: string, error: string): Example => ({ page, sql, error });
const refused = (page: string, ...statements: string[]): Example[] =>
  statements.map((sql) => ({ page, sql }));

const changes: Example[] = [
  answers("CREATE TABLE", "CREATE TABLE METERS (ID INT, NAME VARCHAR)", [
    "Table METERS successfully created.",
  ]),
  fails("CREATE TABLE", "CREATE TABLE METERS (ID INT)", "002002"),
  answers("CREATE TABLE", "CREATE TABLE IF NOT EXISTS METERS (ID INT)", [
    "METERS already exists, statement succeeded.",
  ]),
  answers("INSERT", "INSERT INTO METERS VALUES (1, 'a'), (2, 'b'), (3, 'c')", ["3"]),
  answers("UPDATE", "UPDATE METERS SET NAME = 'z' WHERE ID > 1", ["2", "0"]),
  answers("DELETE", "DELETE FROM METERS WHERE ID = 3", ["1"]),
  answers(
    "MERGE",
    `MERGE INTO METERS M USING (SELECT * FROM VALUES (2, 'm'), (4, 'n') AS V(ID, NAME)) S ON M.ID = S.ID
       WHEN MATCHED THEN UPDATE SET NAME = S.NAME WHEN NOT MATCHED THEN INSERT VALUES (S.ID, S.NAME)`,
    ["1", "1"],
  ),
  answers("SELECT", "SELECT * FROM METERS ORDER BY ID", ["1", "a"], ["2", "m"], ["4", "n"]),
  answers("CREATE TABLE", "CREATE TABLE COPIES AS SELECT * FROM METERS", [
    "Table COPIES successfully created.",
  ]),
  answers("CREATE VIEW", "CREATE VIEW NAMES AS SELECT NAME FROM METERS", [
    "View NAMES successfully created.",
  ]),
  answers("SELECT", "SELECT NAME FROM NAMES ORDER BY 1 LIMIT 1", ["a"]),
  answers("ALTER TABLE", "ALTER TABLE COPIES ADD COLUMN CITY VARCHAR", ["Statement executed successfully."]),
  answers("SELECT", "SELECT * FROM COPIES WHERE ID = 1", ["1", "a", null]),
  answers("TRUNCATE TABLE", "TRUNCATE TABLE COPIES", ["Statement executed successfully."]),
  answers("COMMENT", "COMMENT ON TABLE COPIES IS 'none left'", ["Statement executed successfully."]),
  answers("DROP TABLE", "DROP TABLE COPIES", ["COPIES successfully dropped."]),
  fails("DROP TABLE", "DROP TABLE COPIES", "002003"),
  answers("DROP TABLE", "DROP TABLE IF EXISTS COPIES", [
    "Drop statement executed successfully (COPIES already dropped).",
  ]),
  answers("CREATE <object> … CLONE", "CREATE TABLE TWIN CLONE METERS", ["Table TWIN successfully created."]),
  answers("DROP VIEW", "DROP VIEW NAMES", ["NAMES successfully dropped."]),
  answers("SET", "SET FLOOR = 2", ["Statement executed successfully."]),
  answers("SQL variables", "SELECT COUNT(*) FROM METERS WHERE ID >= $FLOOR", ["2"]),
  answers("UNSET", "UNSET FLOOR", ["Statement executed successfully."]),
  answers("CREATE SCHEMA", "CREATE SCHEMA OTHER", ["Schema OTHER successfully created."]),
  answers("USE SCHEMA", "USE SCHEMA PUBLIC", ["Statement executed successfully."]),
  answers("DROP SCHEMA", "DROP SCHEMA OTHER", ["OTHER successfully dropped."]),
  answers("BEGIN", "BEGIN", ["Statement executed successfully."]),
  answers("INSERT", "INSERT INTO METERS VALUES (9, 'i')", ["1"]),
  answers("ROLLBACK", "ROLLBACK", ["Statement executed successfully."]),
  answers("SELECT", "SELECT COUNT(*) FROM METERS", ["3"]),
  answers("GRANT <privileges>", "GRANT MANAGE SHARE TARGET ON ACCOUNT TO ROLE SYSADMIN", [
    "Statement executed successfully.",
  ]),
  answers("REVOKE <privileges>", "REVOKE MANAGE SHARE TARGET ON ACCOUNT FROM ROLE SYSADMIN", [
    "Statement executed successfully.",
  ]),
  fails("SELECT", "SELECT NO_SUCH_COLUMN FROM METERS", "000904"),
  fails("SELECT", "SELECT * FROM NO_SUCH_TABLE", "002003"),
  fails("SELECT", "SELEC 1", "001003"),
  fails("INSERT", "INSERT INTO METERS VALUES (1)", "002020"),
  fails("NOT NULL", "INSERT INTO READINGS (KWH) VALUES (1)", "100072"),
  fails("VARCHAR", "INSERT INTO READINGS (METER_ID) VALUES (REPEAT('x', 21))", "100078"),
];

const queries: Example[] = [
  answers(
    "GROUP BY",
    "SELECT METER_ID, SUM(KWH) FROM READINGS GROUP BY METER_ID HAVING COUNT(KWH) > 0 ORDER BY 1",
    ["M1", "0.750"],
    ["M2", "1.125"],
  ),
  answers(
    "GROUP BY",
    "SELECT METER_ID, COUNT(*) FROM READINGS GROUP BY ALL ORDER BY ALL",
    ["M1", "2"],
    ["M2", "2"],
  ),
  answers(
    "GROUP BY ROLLUP",
    "SELECT METER_ID, COUNT(*) FROM READINGS GROUP BY ROLLUP (METER_ID) ORDER BY 1",
    ["M1", "2"],
    ["M2", "2"],
    [null, "4"],
  ),
  answers(
    "QUALIFY",
    "SELECT METER_ID, KWH FROM READINGS QUALIFY ROW_NUMBER() OVER (PARTITION BY METER_ID ORDER BY AT) = 1 ORDER BY 1",
    ["M1", "0.250"],
    ["M2", "1.125"],
  ),
  answers(
    "WITH",
    "WITH L AS (SELECT METER_ID, MAX(KWH) AS K FROM READINGS GROUP BY 1) SELECT SUM(K) FROM L",
    ["1.625"],
  ),
  answers(
    "WITH",
    "WITH RECURSIVE N (I) AS (SELECT 1 UNION ALL SELECT I + 1 FROM N WHERE I < 4) SELECT SUM(I) FROM N",
    ["10"],
  ),
  answers(
    "Working with subqueries",
    "SELECT DISTINCT METER_ID FROM READINGS R WHERE EXISTS (SELECT 1 FROM READINGS S WHERE S.METER_ID = R.METER_ID AND S.KWH IS NULL)",
    ["M2"],
  ),
  answers("SELECT", "SELECT * EXCLUDE AT FROM READINGS WHERE KWH = 0.25", ["M1", "0.250"]),
  answers("SELECT", "SELECT * EXCLUDE AT RENAME KWH AS ENERGY FROM READINGS LIMIT 0"),
  answers("SELECT", "SELECT TOP 1 METER_ID FROM READINGS ORDER BY KWH DESC NULLS LAST", ["M2"]),
  answers("LIMIT / FETCH", "SELECT KWH FROM READINGS ORDER BY KWH LIMIT 1 OFFSET 1", ["0.500"]),
  answers("LIMIT / FETCH", "SELECT KWH FROM READINGS ORDER BY KWH FETCH FIRST 1 ROW ONLY", ["0.250"]),
  answers(
    "PIVOT",
    `SELECT * FROM (SELECT METER_ID, HOUR(AT) * 60 + MINUTE(AT) AS M, KWH FROM READINGS)
       PIVOT (SUM(KWH) FOR M IN (0, 15)) ORDER BY METER_ID`,
    ["M1", "0.250", "0.500"],
    ["M2", "1.125", null],
  ),
  answers(
    "UNPIVOT",
    "SELECT * FROM (SELECT 1 AS ID, 10 AS JAN, 20 AS FEB) UNPIVOT (KWH FOR MONTH IN (JAN, FEB)) ORDER BY KWH",
    ["1", "JAN", "10"],
    ["1", "FEB", "20"],
  ),
  answers("SAMPLE / TABLESAMPLE", "SELECT COUNT(*) FROM READINGS SAMPLE (100)", ["4"]),
  answers("SAMPLE / TABLESAMPLE", "SELECT COUNT(*) FROM READINGS TABLESAMPLE BERNOULLI (2 ROWS)", ["2"]),
  ...refused("PIVOT", "SELECT * FROM READINGS PIVOT (SUM(KWH) FOR METER_ID IN (ANY))"),
  answers("EXPLAIN", "EXPLAIN USING TEXT SELECT 1 WHERE FALSE", [
    "GlobalStats:\n    partitionsTotal=0\n    partitionsAssigned=0\n    bytesAssigned=0\nOperations:\n1:0     Result  1",
  ]),
  answers(
    "TO_CHAR , TO_VARCHAR",
    `SELECT TO_CHAR(COLUMN1, '">"$99.0"<"'), TO_CHAR(COLUMN1, '">"B9,999.0"<"')
       FROM VALUES (-12.391), (0), (-1), (0.10), (0.01), (3987), (1.111)`,
    [">-$12.4<", ">   -12.4<"],
    [">  $0.0<", ">      .0<"],
    ["> -$1.0<", ">    -1.0<"],
    [">  $0.1<", ">      .1<"],
    [">  $0.0<", ">      .0<"],
    ["> $##.#<", "> 3,987.0<"],
    [">  $1.1<", ">     1.1<"],
  ),
  answers("INTERSECT", "SELECT METER_ID FROM READINGS INTERSECT SELECT 'M1'", ["M1"]),
  answers("MINUS, EXCEPT", "SELECT METER_ID FROM READINGS MINUS SELECT 'M1'", ["M2"]),
  answers(
    "LATERAL",
    "SELECT V.VALUE::INT FROM (SELECT PARSE_JSON('[3, 4]') AS J) T, LATERAL FLATTEN(INPUT => T.J) V ORDER BY 1",
    ["3"],
    ["4"],
  ),
  answers(
    "ASOF JOIN",
    `SELECT L.X, R.Y FROM (SELECT 5 AS X) L ASOF JOIN (SELECT * FROM VALUES (1), (4), (6) AS V(Y)) R MATCH_CONDITION (L.X >= R.Y)`,
    ["5", "4"],
  ),
  answers(
    "ASOF JOIN",
    `SELECT L.METER_ID, R.KWH FROM (SELECT 'M2' AS METER_ID, '2025-01-01'::TIMESTAMP_NTZ AS AT) L
       ASOF JOIN READINGS R MATCH_CONDITION (L.AT >= R.AT) ON L.METER_ID = R.METER_ID`,
    ["M2", null],
  ),
  answers("VALUES", "SELECT $1, $2 FROM VALUES (1, 'a') AS V", ["1", "a"]),
  answers("GENERATOR", "SELECT COUNT(*) FROM TABLE(GENERATOR(ROWCOUNT => 7))", ["7"]),
  answers(
    "RANK",
    "SELECT KWH, RANK() OVER (ORDER BY KWH DESC NULLS LAST) FROM READINGS WHERE KWH > 0.3 ORDER BY 2",
    ["1.125", "1"],
    ["0.500", "2"],
  ),
  answers(
    "LAG",
    "SELECT KWH - LAG(KWH) OVER (PARTITION BY METER_ID ORDER BY AT) FROM READINGS WHERE METER_ID = 'M1' ORDER BY AT",
    [null],
    ["0.250"],
  ),
  answers("EXECUTE IMMEDIATE", "EXECUTE IMMEDIATE $$ BEGIN RETURN 6 * 7; END; $$", ["42"]),
  answers("RESULT_SCAN", "SELECT * FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))", ["42"]),
];

/** What is known to come out otherwise. */
const otherwise: Example[] = [
  {
    ...answers("ARRAY_CONSTRUCT", "SELECT ARRAY_CONSTRUCT(NULL, 'hello')", ['[undefined,"hello"]']),
    deviates: "an array keeps NULL as JSON's null, and shows it so",
  },
];

/** What Snowflake has and this one has not. */
const unsupported: Example[] = [
  ...refused("CREATE STREAM", "CREATE STREAM S ON TABLE READINGS"),
  ...refused("CREATE TASK", "CREATE TASK T SCHEDULE = '1 minute' AS SELECT 1"),
  ...refused("CREATE PIPE", "CREATE PIPE P AS COPY INTO READINGS FROM @S"),
  ...refused(
    "CREATE FUNCTION",
    "CREATE FUNCTION ONE() RETURNS INT LANGUAGE PYTHON RUNTIME_VERSION = '3.11' HANDLER = 'one' AS $$def one(): return 1$$",
    "CREATE FUNCTION ONE() RETURNS FLOAT LANGUAGE JAVASCRIPT AS 'return 1'",
  ),
  ...refused("CREATE PROCEDURE", "CREATE PROCEDURE ONE() RETURNS INT LANGUAGE SQL AS 'BEGIN RETURN 1; END'"),
  ...refused("CALL", "CALL ONE()"),
  ...refused("AT | BEFORE", "SELECT * FROM READINGS AT (OFFSET => -60)"),
  ...refused("UNDROP", "UNDROP TABLE COPIES"),
  ...refused("CREATE HYBRID TABLE", "CREATE HYBRID TABLE H (ID INT PRIMARY KEY)"),
  ...refused(
    "CREATE DYNAMIC TABLE",
    "CREATE DYNAMIC TABLE D TARGET_LAG = '1 minute' WAREHOUSE = CONFORMANCE AS SELECT 1 AS A",
  ),
  ...refused("CREATE EXTERNAL TABLE", "CREATE EXTERNAL TABLE E LOCATION = @S FILE_FORMAT = (TYPE = PARQUET)"),
  ...refused("CREATE MATERIALIZED VIEW", "CREATE MATERIALIZED VIEW MV AS SELECT METER_ID FROM READINGS"),
  ...refused("CREATE MASKING POLICY", "CREATE MASKING POLICY MP AS (V VARCHAR) RETURNS VARCHAR -> '*'"),
  ...refused(
    "CREATE ROW ACCESS POLICY",
    "CREATE ROW ACCESS POLICY RP AS (V VARCHAR) RETURNS BOOLEAN -> TRUE",
  ),
  ...refused("CREATE TAG", "CREATE TAG COST_CENTER"),
  ...refused("CREATE ALERT", "CREATE ALERT A IF (EXISTS (SELECT 1)) THEN SELECT 1"),
  ...refused("CREATE NETWORK POLICY", "CREATE NETWORK POLICY NP ALLOWED_IP_LIST = ('192.168.1.0/24')"),
  ...refused("COPY INTO <location>", "COPY INTO @~/x FROM READINGS"),
  ...refused(
    "MATCH_RECOGNIZE",
    "SELECT * FROM READINGS MATCH_RECOGNIZE (ORDER BY AT MEASURES FIRST(AT) AS A PATTERN (X+) DEFINE X AS KWH > 0)",
  ),
  ...refused("CONNECT BY", "SELECT 1 FROM READINGS START WITH KWH = 1 CONNECT BY KWH = PRIOR KWH"),
];

export const statements: readonly Example[] = [...changes, ...queries, ...otherwise, ...unsupported];
