import { standaloneServer, TestSession } from "./support/standalone-server.ts";

jest.setTimeout(120_000);

const server = standaloneServer({ blockingTransactionIdleSeconds: 1 });
let one: TestSession;
let two: TestSession;
const sessions: TestSession[] = [];

async function login() {
  const session = await TestSession.open(server.login);
  sessions.push(session);
  await session.run("USE WAREHOUSE WH");
  await session.run("USE SCHEMA DB.PUBLIC");
  return session;
}

beforeAll(async () => {
  await server.start();
  const first = await TestSession.open(server.login);
  for (const sql of ["CREATE WAREHOUSE WH", "CREATE DATABASE DB"]) await first.run(sql);
  await first.close();
}, 60_000);

beforeEach(async () => {
  one = await login();
  two = await login();
  for (const sql of [
    "CREATE OR REPLACE TABLE CONTROL (ID INT, TOKEN VARCHAR)",
    "INSERT INTO CONTROL VALUES (1, 'a')",
    "CREATE OR REPLACE TABLE ROWS_ (N INT NOT NULL)",
    "INSERT INTO ROWS_ VALUES (1), (2)",
  ]) {
    await one.run(sql);
  }
});

afterEach(async () => {
  for (const session of sessions.splice(0)) await session.close();
});

afterAll(() => server.stop());

/** Waits until a statement of a session waits for a lock. */
async function waiter(session: TestSession, count = 1): Promise<Record<string, unknown>> {
  for (;;) {
    const waiting = (await session.rows("SHOW LOCKS")).filter(({ status }) => status === "WAITING");
    if (waiting.length >= count) return waiting[0] as Record<string, unknown>;
  }
}

describe("locks (docs: Transactions, Resource locking)", () => {
  test("an UPDATE waits for the transaction that has updated the table, and then sees what it has committed", async () => {
    await one.run("BEGIN");
    await one.run("UPDATE CONTROL SET TOKEN = 'b' WHERE TOKEN = 'a'");
    const late = two.rows("UPDATE CONTROL SET TOKEN = 'c' WHERE TOKEN = 'a'");
    expect(await waiter(one)).toMatchObject({
      resource: "DB.PUBLIC.CONTROL",
      type: "PARTITIONS",
      acquired_on: null,
    });
    await one.run("COMMIT");
    expect(await late).toMatchObject([{ "number of rows updated": 0 }]);
    expect(await two.value("SELECT TOKEN FROM CONTROL")).toBe("b");
    expect(await one.rows("SHOW LOCKS")).toEqual([]);
  });

  test("a transaction that begins with an UPDATE sees what was committed by whom it waited for", async () => {
    await two.run("BEGIN");
    await one.run("BEGIN");
    await one.run("UPDATE CONTROL SET TOKEN = 'b'");
    await one.run("INSERT INTO ROWS_ VALUES (3)");
    const late = two.rows("UPDATE CONTROL SET TOKEN = TOKEN || '!'");
    await waiter(one);
    await one.run("COMMIT");
    await late;
    expect(await two.value("SELECT COUNT(*) FROM ROWS_")).toBe(3);
    expect(await two.value("SELECT TOKEN FROM CONTROL")).toBe("b!");
    await two.run("COMMIT");
  });

  test.each([
    "DELETE FROM CONTROL",
    "MERGE INTO CONTROL USING ROWS_ ON ID = N WHEN MATCHED THEN UPDATE SET CONTROL.TOKEN = 'm'",
    "TRUNCATE TABLE CONTROL",
    "INSERT OVERWRITE INTO CONTROL VALUES (2, 'o')",
    "ALTER TABLE CONTROL ADD COLUMN MORE INT",
  ])("%s waits too", async (sql) => {
    await one.run("BEGIN");
    await one.run("UPDATE CONTROL SET TOKEN = 'b'");
    const late = two.run(sql);
    await waiter(one);
    await one.run("ROLLBACK");
    await late;
  });

  test("INSERT and SELECT do not wait", async () => {
    await one.run("BEGIN");
    await one.run("UPDATE CONTROL SET TOKEN = 'b'");
    await two.run("INSERT INTO CONTROL VALUES (2, 'x')");
    expect(await two.value("SELECT LISTAGG(TOKEN, ',') WITHIN GROUP (ORDER BY ID) FROM CONTROL")).toBe("a,x");
    await one.run("COMMIT");
    expect(await two.value("SELECT LISTAGG(TOKEN, ',') WITHIN GROUP (ORDER BY ID) FROM CONTROL")).toBe("b,x");
  });

  test("LOCK_TIMEOUT ends the wait, with the statement and transaction that hold the lock", async () => {
    await one.run("BEGIN");
    const { queryId } = await one.run("UPDATE CONTROL SET TOKEN = 'b'");
    const id = await one.value("SELECT CURRENT_TRANSACTION()");
    for (const seconds of [0, 1]) {
      await two.run(`ALTER SESSION SET LOCK_TIMEOUT = ${seconds}`);
      const { code, message } = await two.failure("DELETE FROM CONTROL");
      expect(code).toBe("000625");
      expect(message).toContain(
        `Statement '${queryId}' has locked table 'CONTROL' in transaction ${id} and this lock has not yet been released.`,
      );
    }
    await one.run("COMMIT");
  });

  test("a statement that waits can be cancelled, and reaches its timeout", async () => {
    await one.run("BEGIN");
    await one.run("UPDATE CONTROL SET TOKEN = 'b'");
    const late = two.failure("DELETE FROM CONTROL");
    const { query_id } = await waiter(one);
    await one.run(`SELECT SYSTEM$CANCEL_QUERY('${query_id}')`);
    expect(await late).toMatchObject({ code: "000604" });
    await two.run("ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = 1");
    expect(await two.failure("DELETE FROM CONTROL")).toMatchObject({ code: "000630" });
    await one.run("ROLLBACK");
    expect(await two.value("SELECT COUNT(*) FROM CONTROL")).toBe(1);
  });

  test("a deadlock ends the statement that closes it; its transaction stays open", async () => {
    await one.run("BEGIN");
    await two.run("BEGIN");
    await one.run("UPDATE CONTROL SET TOKEN = 'one'");
    await two.run("UPDATE ROWS_ SET N = N + 10");
    const late = one.run("DELETE FROM ROWS_");
    await waiter(two);
    expect(await two.failure("DELETE FROM CONTROL")).toMatchObject({ code: "000625" });
    await two.run("COMMIT");
    await late;
    await one.run("COMMIT");
    expect(await one.value("SELECT COUNT(*) FROM ROWS_")).toBe(0);
  });

  test("more than 20 do not wait for a lock", async () => {
    await one.run("BEGIN");
    await one.run("UPDATE CONTROL SET TOKEN = 'b'");
    for (let count = 0; count < 20; count++) {
      await two.run(`UPDATE CONTROL SET TOKEN = TOKEN || ${count % 10}`, { asyncExec: true });
    }
    await waiter(one, 20);
    expect((await two.failure("DELETE FROM CONTROL")).message).toContain(
      "the number of waiters for this lock exceeds the 20 statements limit",
    );
    await one.run("COMMIT");
    await two.run("UPDATE CONTROL SET ID = 2");
    expect(String(await one.value("SELECT TOKEN FROM CONTROL"))).toHaveLength(21);
  });
});

describe("transactions", () => {
  test("SHOW TRANSACTIONS and SYSTEM$ABORT_TRANSACTION", async () => {
    await one.run("BEGIN TRANSACTION NAME T1");
    await one.run("DELETE FROM CONTROL");
    const [shown, ...others] = await two.rows("SHOW TRANSACTIONS");
    expect(others).toEqual([]);
    expect(shown).toMatchObject({ user: "DEPLOYER", name: "T1", state: "running", scope: 0 });
    const late = two.rows("UPDATE CONTROL SET TOKEN = 'late'");
    await waiter(one);
    const aborting = await login();
    expect(await aborting.value(`SELECT SYSTEM$ABORT_TRANSACTION(${shown?.id})`)).toBe(
      `Aborted transaction id: ${shown?.id}`,
    );
    expect(await late).toMatchObject([{ "number of rows updated": 1 }]);
    expect(await one.value("SELECT CURRENT_TRANSACTION()")).toBeNull();
    expect(await one.value("SELECT LAST_TRANSACTION()")).toBe(String(shown?.id));
    expect(await two.rows("SHOW TRANSACTIONS")).toEqual([]);
  });

  test("a statement that fails is undone alone: the transaction stays open (docs: Failed statements within a transaction)", async () => {
    await one.run("BEGIN");
    await one.run("UPDATE CONTROL SET TOKEN = 'b'");
    await one.run("INSERT INTO ROWS_ SELECT MAX(N) + 1 FROM ROWS_");
    expect(await one.failure("INSERT INTO ROWS_ SELECT NULL")).toMatchObject({ code: "100072" });
    expect(await one.failure("SELECT 1 / (N - N) FROM ROWS_")).toMatchObject({ code: "100051" });
    expect(await one.failure("INSERT INTO ROWS_ SELECT NOSUCH FROM ROWS_")).toMatchObject({ code: "000904" });
    expect(await one.value("SELECT SUM(N) FROM ROWS_")).toBe(6);
    await one.run("COMMIT");
    expect(await two.value("SELECT TOKEN || (SELECT SUM(N) FROM ROWS_) FROM CONTROL")).toBe("b6");
  });

  test("with TRANSACTION_ABORT_ON_ERROR it can only be rolled back", async () => {
    await one.run("ALTER SESSION SET TRANSACTION_ABORT_ON_ERROR = TRUE");
    await one.run("BEGIN");
    await one.run("UPDATE CONTROL SET TOKEN = 'b'");
    await one.failure("SELECT 1 / 0");
    expect((await one.failure("SELECT TOKEN FROM CONTROL")).message).toContain("TRANSACTION_ABORT_ON_ERROR");
    await one.run("ROLLBACK");
    expect(await one.value("SELECT TOKEN FROM CONTROL")).toBe("a");
  });

  test("READ COMMITTED: a statement sees what was committed before it began, and its transaction's changes", async () => {
    await one.run("BEGIN");
    expect(await one.value("SELECT COUNT(*) FROM ROWS_")).toBe(2);
    await two.run("INSERT INTO ROWS_ VALUES (3)");
    expect(await one.value("SELECT COUNT(*) FROM ROWS_")).toBe(3);
    await one.run("UPDATE CONTROL SET TOKEN = 'b'");
    await two.run("INSERT INTO ROWS_ VALUES (4)");
    await two.run("CREATE OR REPLACE TABLE NEWER AS SELECT 5 AS N");
    expect(await one.rows("SELECT COUNT(*) AS C, MAX(TOKEN) AS T FROM ROWS_, CONTROL")).toEqual([
      { C: 4, T: "b" },
    ]);
    expect(await one.value("SELECT N FROM NEWER")).toBe(5);
    await one.run("DELETE FROM ROWS_ WHERE N = 4");
    await one.run("COMMIT");
    expect(await two.value("SELECT COUNT(*) FROM ROWS_")).toBe(3);
  });

  test("what cannot be seen as Snowflake would show it is refused, and the transaction goes on", async () => {
    await one.run("BEGIN");
    await one.run("INSERT INTO CONTROL SELECT COUNT(*), 'count' FROM ROWS_");
    await two.run("INSERT INTO ROWS_ VALUES (3)");
    expect(await one.failure("SELECT COUNT(*) FROM ROWS_")).toMatchObject({ code: "000002" });
    expect(await one.value("SELECT MAX(ID) FROM CONTROL")).toBe(2);
    await one.run("COMMIT");
    expect(await two.value("SELECT ID FROM CONTROL WHERE TOKEN = 'count'")).toBe(2);
  });

  test("DDL commits (docs: Transactions, DDL)", async () => {
    await one.run("BEGIN");
    await one.run("DELETE FROM CONTROL");
    await one.run("CREATE OR REPLACE TABLE OTHER (N INT)");
    await one.run("ROLLBACK");
    expect(await two.value("SELECT COUNT(*) FROM CONTROL")).toBe(0);
  });

  test("AUTOCOMMIT = FALSE: the first DML opens a transaction, which logout rolls back", async () => {
    await one.run("ALTER SESSION SET AUTOCOMMIT = FALSE");
    await one.run("SELECT * FROM CONTROL");
    expect(await one.value("SELECT CURRENT_TRANSACTION()")).toBeNull();
    await one.run("UPDATE CONTROL SET TOKEN = 'b'");
    expect(await one.value("SELECT CURRENT_TRANSACTION()")).not.toBeNull();
    expect(await two.value("SELECT TOKEN FROM CONTROL")).toBe("a");
    await one.run("COMMIT");
    await one.run("TRUNCATE TABLE ROWS_");
    await one.run("UPDATE CONTROL SET TOKEN = 'c'");
    await sessions.splice(0, 1)[0]?.close();
    expect(await two.rows("UPDATE CONTROL SET ID = 7")).toMatchObject([{ "number of rows updated": 1 }]);
    expect(await two.rows("SELECT TOKEN, (SELECT COUNT(*) FROM ROWS_) AS N FROM CONTROL")).toEqual([
      { TOKEN: "b", N: 2 },
    ]);
  });

  test("a change of AUTOCOMMIT commits", async () => {
    await one.run("ALTER SESSION SET AUTOCOMMIT = FALSE");
    await one.run("UPDATE CONTROL SET TOKEN = 'b'");
    await one.run("ALTER SESSION SET AUTOCOMMIT = TRUE");
    expect(await two.value("SELECT TOKEN FROM CONTROL")).toBe("b");
    for (const same of ["SET AUTOCOMMIT = TRUE", "UNSET AUTOCOMMIT"]) {
      await one.run("BEGIN");
      await one.run(`UPDATE CONTROL SET TOKEN = '${same}'`);
      await one.run(`ALTER SESSION ${same}`);
      expect(await two.value("SELECT TOKEN FROM CONTROL")).toBe(same);
    }
  });

  test("a transaction whose client has gone is rolled back when it blocks others (docs: Aborting transactions)", async () => {
    await one.run("BEGIN");
    await one.run("UPDATE CONTROL SET TOKEN = 'gone'");
    expect(await two.rows("UPDATE CONTROL SET TOKEN = TOKEN || '!'")).toMatchObject([
      { "number of rows updated": 1 },
    ]);
    expect(await two.value("SELECT TOKEN FROM CONTROL")).toBe("a!");
  });
});

test("100 updates of one row by five sessions at once are all kept", async () => {
  const five = await Promise.all([1, 2, 3, 4, 5].map(login));
  await Promise.all(
    five.map(async (session) => {
      for (let count = 0; count < 20; count++) await session.run("UPDATE CONTROL SET ID = ID + 1");
    }),
  );
  expect(await one.value("SELECT ID FROM CONTROL")).toBe(101);
});

describe("a block's transaction", () => {
  const publish = (token: string) => `DECLARE STALE EXCEPTION (-20001, 'stale token'); N INTEGER;
    BEGIN
      BEGIN TRANSACTION;
      UPDATE CONTROL SET TOKEN = TOKEN || '+' WHERE TOKEN = '${token}';
      IF (SQLROWCOUNT <> 1) THEN RAISE STALE; END IF;
      SELECT COUNT(*) INTO :N FROM ROWS_;
      DELETE FROM ROWS_ WHERE N > 1;
      INSERT INTO ROWS_ SELECT N + 10 FROM ROWS_;
      COMMIT;
      RETURN 'published ' || N;
    EXCEPTION WHEN OTHER THEN ROLLBACK; RAISE;
    END;`;

  test("waits for the lock, and then sees what was committed", async () => {
    await one.run("BEGIN");
    await one.run("UPDATE CONTROL SET TOKEN = 'b'");
    await one.run("INSERT INTO ROWS_ VALUES (3)");
    const late = two.rows(publish("b"));
    await waiter(one);
    await one.run("COMMIT");
    expect(await late).toEqual([{ "anonymous block": "published 3" }]);
    expect((await one.failure(publish("b"))).message).toContain("stale token");
    expect(await one.rows("SHOW LOCKS")).toEqual([]);
    expect(await one.value("SELECT LISTAGG(N, ',') WITHIN GROUP (ORDER BY N) FROM ROWS_")).toBe("1,11");
  });

  test("goes on after its client has logged out, to its end", async () => {
    await one.run("BEGIN");
    await one.run("UPDATE CONTROL SET ID = 5");
    const gone = await login();
    const { queryId } = await gone.run(publish("a"), { asyncExec: true });
    await waiter(one);
    await sessions.splice(sessions.indexOf(gone), 1)[0]?.close();
    await one.run("COMMIT");
    const { connection } = two;
    while ((await connection.getQueryStatus(queryId)) === "RUNNING");
    expect(await two.value("SELECT TOKEN FROM CONTROL")).toBe("a+");
  });
});
