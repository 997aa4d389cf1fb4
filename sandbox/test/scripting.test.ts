import { serverWithSession, type TestSession } from "./support/standalone-server.ts";

jest.setTimeout(60_000);

let session: TestSession;
const _server = serverWithSession(
  [
    "CREATE WAREHOUSE WH AUTO_SUSPEND = 60",
    "CREATE DATABASE DB",
    "CREATE TABLE T (N NUMBER(38,0), NAME VARCHAR, AT TIMESTAMP_NTZ, D DATE)",
    "CREATE TABLE VALS (V VARIANT, TZ TIMESTAMP_TZ, LTZ TIMESTAMP_LTZ, NTZ TIMESTAMP_NTZ, TM TIME, F FLOAT, X NUMBER(38,9))",
    `INSERT INTO VALS SELECT PARSE_JSON('{"a": [1, 2]}'), '2026-01-01 00:00:00 +0200', '1960-01-01 01:02:03', '2026-01-01 00:00:00.123456', '01:02:03.5', 1e-7, 12345678901234567890.123456789`,
  ],
  (opened) => {
    session = opened;
  },
);

beforeEach(async () => {
  await session.run("DELETE FROM T");
  await session.run(
    "INSERT INTO T VALUES (1, 'one', '2026-01-02 03:04:05.678', '2026-01-02'), (2, 'two', NULL, NULL)",
  );
});

const count = () => session.value("SELECT COUNT(*) FROM T");

test("a block answers what it returns, in one column of the value's type", async () => {
  const { rows, columns } = await session.run("BEGIN RETURN 'pub' || 'lished'; END;");
  expect(rows).toEqual([{ "anonymous block": "published" }]);
  expect(columns.map((column) => [column.getName(), column.getType()])).toEqual([
    ["anonymous block", "text"],
  ]);
  expect(await session.value("BEGIN RETURN 6 * 7; END")).toBe(42);
  expect(await session.value("BEGIN RETURN 1 = 1; END")).toBe(true);
  expect(await session.rows("BEGIN NULL; END;")).toEqual([{ "anonymous block": null }]);
  expect(await session.value("EXECUTE IMMEDIATE $$BEGIN RETURN 'it''s; $'; END;$$")).toBe("it's; $");
  expect(
    await session.value("-- a comment; first\n/* BEGIN */ DECLARE x DEFAULT 5; BEGIN RETURN :x; END"),
  ).toBe(5);
});

test("variables: declared, defaulted, let, assigned and bound as values", async () => {
  expect(
    await session.value(`
      DECLARE
        profit NUMBER(38, 2) DEFAULT 0.0;
        name VARCHAR;
        "mixed Case" := 'q';
      BEGIN
        LET cost NUMBER(38, 2) := 100.0;
        LET revenue NUMBER(38, 2) DEFAULT 110.456;
        profit := revenue - cost;
        name := 'O''Brien''); DROP TABLE T; --';
        INSERT INTO T (N, NAME) SELECT :profit, :name;
        RETURN (SELECT NAME FROM T WHERE N = ROUND(:profit)) || profit || "mixed Case";
      END`),
  ).toBe("O'Brien'); DROP TABLE T; --10.46q");
});

test("values keep their types: dates, timestamps, booleans, NULL", async () => {
  expect(
    await session.rows(`
      DECLARE at TIMESTAMP_NTZ; day DATE; yes BOOLEAN DEFAULT TRUE; none INTEGER; res RESULTSET;
      BEGIN
        SELECT AT, D INTO :at, :day FROM T WHERE N = 1;
        res := (SELECT N, :at = AT AS SAME_AT, :day = D AS SAME_DAY, :yes AS YES, :none AS NONE FROM T WHERE AT = :at);
        RETURN TABLE(res);
      END`),
  ).toEqual([{ N: 1, SAME_AT: true, SAME_DAY: true, YES: true, NONE: null }]);
});

test("every type comes out of a variable as it went in", async () => {
  expect(
    await session.value(`
      DECLARE v VARIANT; tz TIMESTAMP_TZ; ltz TIMESTAMP_LTZ; ntz TIMESTAMP_NTZ; tm TIME; f FLOAT; x NUMBER(38,9);
      BEGIN
        SELECT V, TZ, LTZ, NTZ, TM, F, X INTO :v, :tz, :ltz, :ntz, :tm, :f, :x FROM VALS;
        RETURN v:a[1] || (SELECT COUNT(*) FROM VALS WHERE TZ = :tz AND LTZ = :ltz AND NTZ = :ntz AND TM = :tm AND F = :f AND X = :x);
      END`),
  ).toBe("21");
});

test("branches and loops", async () => {
  expect(
    await session.value(`
      DECLARE total INTEGER DEFAULT 0; way VARCHAR DEFAULT '';
      BEGIN
        FOR i IN 1 TO 4 DO total := total + i; END FOR;
        FOR i IN REVERSE 1 TO 3 LOOP way := way || i; END LOOP;
        WHILE (total < 20) DO total := total + 5; END WHILE;
        REPEAT total := total + 1; UNTIL (total >= 25) END REPEAT;
        LOOP
          total := total + 1;
          LOOP
            IF (total < 30) THEN CONTINUE outer; ELSEIF (total = 30) THEN BREAK outer; ELSE RETURN 'missed'; END IF;
          END LOOP;
        END LOOP outer;
        CASE (total) WHEN 29 + 1 THEN way := way || 'a'; ELSE way := 'wrong'; END CASE;
        CASE WHEN CASE WHEN total = 30 THEN FALSE END THEN way := 'wrong'; WHEN total > 0 THEN way := way || 'b'; END;
        RETURN way || total;
      END`),
  ).toBe("321ab30");
});

test("cursors, result sets and rows", async () => {
  expect(
    await session.value(`
      DECLARE
        c CURSOR FOR SELECT N, NAME FROM T WHERE N >= ? ORDER BY N;
        r RESULTSET DEFAULT (SELECT NAME FROM T ORDER BY N DESC);
        all_names VARCHAR DEFAULT '';
        n INTEGER; name VARCHAR;
      BEGIN
        OPEN c USING (2);
        FETCH c INTO n, name;
        all_names := n || name;
        FETCH c INTO n, name;
        CLOSE c;
        FOR line IN r DO all_names := all_names || ',' || line.name; END FOR;
        LET again CURSOR FOR r;
        FOR line IN again DO all_names := all_names || ';' || line.NAME; END FOR;
        RETURN all_names || IFF(n IS NULL, '.', '!');
      END`),
  ).toBe("2two,two,one;two;one.");
});

test("SELECT INTO: no row gives NULLs, more than one row is an error", async () => {
  expect(
    await session.value(
      "DECLARE n INTEGER DEFAULT 7; BEGIN SELECT N INTO :n FROM T WHERE N = 9; RETURN n IS NULL; END",
    ),
  ).toBe(true);
  expect(await session.failure("DECLARE n INTEGER;\nBEGIN\n  SELECT N INTO :n FROM T;\nEND")).toMatchObject({
    message:
      "Uncaught exception of type 'STATEMENT_ERROR' on line 3 at position 2 : \nA SELECT INTO statement expects exactly 1 returned row, but got 2.",
  });
});

test("SQLROWCOUNT, SQLFOUND and SQLNOTFOUND tell about the last statement, and are NULL after one that changes nothing", async () => {
  expect(
    await session.value(`
      DECLARE seen VARCHAR DEFAULT '';
      BEGIN
        UPDATE T SET NAME = 'x' WHERE N >= 1;
        seen := SQLROWCOUNT || ',' || SQLFOUND || ',' || SQLNOTFOUND;
        DELETE FROM T WHERE N = 9;
        IF (SQLNOTFOUND) THEN seen := seen || ';' || SQLROWCOUNT; END IF;
        MERGE INTO T USING (SELECT 1 AS K UNION ALL SELECT 5) S ON N = K
          WHEN MATCHED THEN UPDATE SET T.NAME = 'm' WHEN NOT MATCHED THEN INSERT (N) VALUES (K);
        INSERT INTO T (N) VALUES (:SQLROWCOUNT);
        SELECT 1;
        RETURN seen || IFF(SQLROWCOUNT IS NULL, ';NULL', '!') || (SELECT MAX(N) - MIN(N) FROM T WHERE N = 2) || SQLID;
      END`),
  ).toMatch(/^2,true,false;0;NULL0[0-9a-f-]{36}$/);
});

test("names come from variables by IDENTIFIER, in queries, DML and DDL", async () => {
  expect(
    await session.value(`
      DECLARE t VARCHAR DEFAULT 'db.public."odd "" name"'; c VARCHAR DEFAULT 'N'; n INTEGER;
      BEGIN
        CREATE OR REPLACE TABLE IDENTIFIER(:t) (N NUMBER);
        INSERT INTO IDENTIFIER(:t) VALUES (3), (4);
        UPDATE IDENTIFIER(:t) SET N = N + 1;
        SELECT SUM(IDENTIFIER(:c)) INTO :n FROM IDENTIFIER(:t);
        DROP TABLE IDENTIFIER(:t);
        RETURN n;
      END`),
  ).toBe(9);
});

test("EXECUTE IMMEDIATE runs a text with the values of USING", async () => {
  expect(
    await session.value(`
      DECLARE q VARCHAR DEFAULT 'SELECT NAME FROM T WHERE N = ? AND NAME <> ?'; r RESULTSET; n VARCHAR;
      BEGIN
        EXECUTE IMMEDIATE 'INSERT INTO T (N, NAME) VALUES (?, ?)' USING (3, 'th''ree');
        r := (EXECUTE IMMEDIATE :q USING (1 + 2, 'x'));
        FOR line IN r DO n := line.NAME; END FOR;
        EXECUTE IMMEDIATE 'DELETE FROM ' || 'T';
        RETURN n || SQLROWCOUNT;
      END`),
  ).toBe("th'ree3");
  await session.run("SET q = 'SELECT ''session''::VARCHAR AS A'");
  expect(await session.rows("EXECUTE IMMEDIATE $q")).toEqual([{ A: "session" }]);
  expect(await session.rows("EXECUTE IMMEDIATE 'SELECT ? + ? AS SUM' USING (?, 4)", [3])).toEqual([
    { SUM: 7 },
  ]);
});

test("exceptions: raised, handled, raised again", async () => {
  const body = (handler: string) => `
DECLARE
  stale EXCEPTION (-20002, 'Raised stale.');
  plain EXCEPTION;
BEGIN
  LET n := 1;
  IF (n = 1) THEN
    RAISE stale;
  END IF;
${handler}END;`;
  expect(await session.failure(body(""))).toEqual({
    code: "-20002",
    sqlState: "P0001",
    message: "Uncaught exception of type 'STALE' on line 8 at position 4 : Raised stale.",
  });
  expect(await session.failure("DECLARE plain EXCEPTION;\nBEGIN\n  RAISE plain;\nEND")).toEqual({
    code: "-20000",
    sqlState: "P0001",
    message: "Uncaught exception of type 'PLAIN' on line 3 at position 2",
  });
  expect(
    await session.value(
      body(
        "EXCEPTION WHEN plain OR stale THEN RETURN SQLCODE || SQLSTATE || SQLERRM; WHEN OTHER THEN RETURN 'no';",
      ),
    ),
  ).toBe("-20002P0001Raised stale.");
  expect(await session.failure(body("EXCEPTION WHEN OTHER THEN ROLLBACK; RAISE;"))).toMatchObject({
    code: "-20002",
    message: expect.stringContaining("'STALE' on line 8 at position 4"),
  });
});

test("errors of statements and expressions are exceptions with the error's own code and text", async () => {
  expect(await session.failure("BEGIN\n  SELECT 1;\n  SELECT * FROM MISSING;\nEND")).toEqual({
    code: "002003",
    sqlState: "02000",
    message:
      "Uncaught exception of type 'STATEMENT_ERROR' on line 3 at position 2 : SQL compilation error:\nObject 'DB.PUBLIC.MISSING' does not exist or not authorized.",
  });
  expect(await session.failure("BEGIN\n  LET x := 1 / 0;\nEND")).toMatchObject({
    message: expect.stringMatching(
      /^Uncaught exception of type 'EXPRESSION_ERROR' on line 2 at position 11 : Division by zero/,
    ),
  });
  const handled = (statement: string) =>
    session.value(`BEGIN BEGIN ${statement} END; RETURN 'not raised';
      EXCEPTION WHEN STATEMENT_ERROR THEN RETURN 'statement ' || SQLCODE; WHEN EXPRESSION_ERROR THEN RETURN 'expression'; END`);
  expect(await handled("SELECT * FROM MISSING;")).toBe("statement 2003");
  expect(await handled("LET x INTEGER := 'x';")).toBe("expression");
  expect(await handled("LET x INTEGER := missing + 1;")).toBe("expression");
  // A variable without its colon is no variable in a SQL statement.
  expect(await handled("LET n INTEGER := 1; SELECT n;")).toBe("statement 904");
  expect(await session.failure("BEGIN RETURN (SELECT N FROM T); END")).toMatchObject({
    message: expect.stringContaining("Single-row subquery returns more than one row."),
  });
});

test("a transaction inside: committed, rolled back, or left open and rolled back with error 90232", async () => {
  await session.run(
    "BEGIN BEGIN TRANSACTION; INSERT INTO T (N) VALUES (3); LET n INTEGER := (SELECT COUNT(*) FROM T); IF (n <> 3) THEN RETURN n; END IF; COMMIT; END",
  );
  expect(await count()).toBe(3);
  await session.run("BEGIN BEGIN TRANSACTION; DELETE FROM T; ROLLBACK; END");
  expect(await count()).toBe(3);
  expect(await session.failure("BEGIN BEGIN TRANSACTION; DELETE FROM T; RETURN 'left open'; END")).toEqual({
    code: "090232",
    sqlState: "25000",
    message:
      "Stored procedure execution error: Scoped transaction started in stored procedure is incomplete and it was rolled back.",
  });
  expect(await count()).toBe(3);
  expect(
    await session.failure("BEGIN BEGIN TRANSACTION; DELETE FROM T; SELECT * FROM MISSING; COMMIT; END"),
  ).toMatchObject({
    code: "002003",
  });
  expect(await count()).toBe(3);
  expect(await session.value("SELECT CURRENT_TRANSACTION()")).toBeNull();
});

test("a block in a transaction belongs to it, and may not end it", async () => {
  await session.run("BEGIN TRANSACTION");
  await session.run("BEGIN DELETE FROM T WHERE N = 1; END");
  expect(await count()).toBe(1);
  for (const statement of ["COMMIT", "ROLLBACK", "CREATE TABLE OTHER (N NUMBER)"]) {
    expect(await session.failure(`BEGIN ${statement}; END`)).toMatchObject({
      message: expect.stringContaining(
        "Modifying a transaction that has started at a different scope is not allowed.",
      ),
    });
  }
  await session.run("ROLLBACK");
  expect(await count()).toBe(2);
});

test("another statement of the session does not see into the block's transaction", async () => {
  const { queryId } = await session.run(
    "BEGIN BEGIN TRANSACTION; DELETE FROM T; SELECT SYSTEM$WAIT(1); COMMIT; RETURN 'done'; END",
    { asyncExec: true },
  );
  expect(await count()).toBe(2);
  const statement = await session.connection.getResultsFromQueryId({ queryId, sqlText: "" } as never);
  const answer: unknown[] = [];
  for await (const row of (statement as never as { streamRows(): AsyncIterable<unknown> }).streamRows())
    answer.push(row);
  expect(answer).toEqual([{ "anonymous block": "done" }]);
  expect(await count()).toBe(0);
});
