import { readSwitches, type Switches } from "../snowflake/switches.ts";
import { standaloneServer, TestSession } from "./support/standalone-server.ts";

/** Runs a test on a server of its own, with a table T of one row. */
async function within(
  switches: Partial<Switches>,
  test: (login: () => Promise<TestSession>) => Promise<void>,
) {
  const server = standaloneServer(switches);
  await server.start();
  const sessions: TestSession[] = [];
  const login = async () => {
    const session = await TestSession.open({ ...server.login, warehouse: "WH", database: "DB" });
    sessions.push(session);
    return session;
  };
  try {
    const session = await login();
    for (const sql of [
      "CREATE WAREHOUSE WH",
      "CREATE DATABASE DB",
      "CREATE TABLE T (N INT, NAME VARCHAR)",
      "INSERT INTO T VALUES (1, 'a')",
    ]) {
      await session.run(sql);
    }
    await test(login);
  } finally {
    for (const session of sessions) await session.close();
    await server.stop();
  }
}

jest.setTimeout(60_000);

test("a switch that nobody knows, or a value that does not fit, is refused by name", () => {
  expect(readSwitches({ queryHistoryDelaySeconds: 5 }).queryHistoryDelaySeconds).toBe(5);
  expect(() => readSwitches({ queryHistoryDelay: 5 })).toThrow("there is no switch 'queryHistoryDelay'");
  expect(() => readSwitches({ queryHistoryDelaySeconds: "5" })).toThrow(
    'queryHistoryDelaySeconds takes a number from 0, not "5"',
  );
  expect(() => readSwitches({ lostUpdate: "(" })).toThrow("lostUpdate takes a regular expression");
});

test.each([
  [0, 1],
  [3_600, 0],
])("a query history that is %i s late has %i of what has just ended", async (delay, count) => {
  await within({ queryHistoryDelaySeconds: delay }, async (login) => {
    const session = await login();
    await session.run("SELECT 1");
    expect(
      await session.value(
        "SELECT COUNT(*) FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY()) WHERE QUERY_TEXT = 'SELECT 1'",
      ),
    ).toBe(count);
  });
});

test("commits of others are seen late, one's own and those before the login at once", async () => {
  await within({ commitsSeenAfterMilliseconds: 3_600_000 }, async (login) => {
    const [one, two] = [await login(), await login()];
    await one.run("INSERT INTO T VALUES (2, 'b')");
    await one.run("BEGIN");
    await one.run("UPDATE T SET NAME = 'c' WHERE N = 2");
    await one.run("COMMIT");
    const names = "SELECT LISTAGG(NAME, ',') WITHIN GROUP (ORDER BY N) FROM T";
    expect(await one.value(names)).toBe("a,c");
    expect(await two.value(names)).toBe("a");
    expect(await (await login()).value(names)).toBe("a,c");
    await one.run("CREATE TABLE NEWER AS SELECT 1 AS N");
    expect(await two.value("SELECT COUNT(*) FROM NEWER")).toBe(1);
    // An UPDATE has the lock, and with it the latest version.
    expect(await two.rows("UPDATE T SET NAME = 'd' WHERE NAME = 'c'")).toMatchObject([
      { "number of rows updated": 1 },
    ]);
    expect(await two.value(names)).toBe("a,d");
  });
});

test("after that time they are seen", async () => {
  await within({ commitsSeenAfterMilliseconds: 300 }, async (login) => {
    const [one, two] = [await login(), await login()];
    await one.run("INSERT INTO T VALUES (2, 'b')");
    while ((await two.value("SELECT COUNT(*) FROM T")) !== 2);
  });
});

test.each(["TRUE", "FALSE"])(
  "a lost update reports its row, and is not kept: AUTOCOMMIT = %s",
  async (autocommit) => {
    await within({ lostUpdate: "SET NAME = 'lost'" }, async (login) => {
      const session = await login();
      await session.run(`ALTER SESSION SET AUTOCOMMIT = ${autocommit}`);
      await session.run("UPDATE T SET N = 5");
      expect(await session.rows("UPDATE T SET NAME = 'lost'")).toMatchObject([
        { "number of rows updated": 1 },
      ]);
      expect(await session.rows("SELECT * FROM T")).toEqual([{ N: 5, NAME: "a" }]);
      await session.run("UPDATE T SET NAME = 'lost'");
      await session.run("COMMIT");
      expect(await (await login()).rows("SELECT * FROM T")).toEqual([{ N: 5, NAME: "lost" }]);
    });
  },
);

test("a submit that is doubled runs in two executions, of which the client knows one", async () => {
  await within({ doubledSubmit: "^INSERT INTO T VALUES \\(7" }, async (login) => {
    const session = await login();
    const { queryId } = await session.run("INSERT INTO T VALUES (7, 'twice')", { asyncExec: true });
    while ((await session.value("SELECT COUNT(*) FROM T WHERE N = 7")) !== 2);
    const ran = await session.rows(
      "SELECT QUERY_ID AS ID FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY()) WHERE QUERY_TEXT LIKE 'INSERT%twice%'",
    );
    expect(ran).toHaveLength(2);
    expect(ran.map(({ ID }) => ID)).toContain(queryId);
    await session.run("INSERT INTO T VALUES (7, 'once')");
    expect(await session.value("SELECT COUNT(*) FROM T WHERE N = 7")).toBe(3);
  });
});
