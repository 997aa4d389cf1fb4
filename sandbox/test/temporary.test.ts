import { readdirSync } from "node:fs";
import path from "node:path";
import { standaloneServer, TestSession } from "./support/standalone-server.ts";

jest.setTimeout(60_000);

/** Docs: Working with temporary and transient tables; CREATE TABLE, VIEW, STAGE, FILE FORMAT. */
const server = standaloneServer();
let mine: TestSession;
let other: TestSession;

async function inSchema(name: string, role = "ACCOUNTADMIN") {
  const session = await TestSession.open(server.login);
  await session.run(`USE ROLE ${role}`);
  await session.run("USE SECONDARY ROLES NONE");
  await session.run("USE WAREHOUSE wh");
  await session.run(`USE SCHEMA d.${name}`);
  return session;
}

beforeAll(async () => {
  await server.start();
  const admin = await TestSession.open(server.login);
  await admin.run("CREATE WAREHOUSE wh");
  await admin.run("CREATE DATABASE d");
  await admin.run("CREATE SCHEMA d.s");
  await admin.close();
  mine = await inSchema("s");
  other = await inSchema("s");
}, 60_000);

afterAll(async () => {
  await mine.close();
  await other.close();
  await server.stop();
});

const kinds = async (session: TestSession, sql: string) => (await session.rows(sql)).map(({ kind }) => kind);

describe("temporary tables", () => {
  test.each(["TEMPORARY", "TEMP", "VOLATILE", "LOCAL TEMPORARY", "GLOBAL TEMP"])(
    "%s: seen by their session alone",
    async (word) => {
      await mine.run(`CREATE OR REPLACE ${word} TABLE t1 (a INT)`);
      await mine.run("INSERT INTO t1 VALUES (1), (2)");
      expect(await mine.value("SELECT SUM(a) FROM t1")).toBe(3);
      expect(await kinds(mine, "SHOW TABLES LIKE 't1'")).toEqual(["TEMPORARY"]);
      expect(
        await mine.rows("SELECT TABLE_TYPE FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME = 'T1'"),
      ).toEqual([{ TABLE_TYPE: "LOCAL TEMPORARY" }]);
      expect(await other.failure("SELECT * FROM t1")).toMatchObject({ code: "002003" });
      expect(await kinds(other, "SHOW TABLES LIKE 't1'")).toEqual([]);
      await mine.run("DROP TABLE t1");
      expect(await mine.failure("SELECT * FROM t1")).toMatchObject({ code: "002003" });
    },
  );

  test("hide a permanent table of their name in their session, whatever is done to it", async () => {
    await mine.run("CREATE OR REPLACE TABLE t2 AS SELECT 'permanent' AS which");
    await mine.run("CREATE TEMPORARY TABLE t2 AS SELECT 'temporary' AS which");
    expect(await mine.value("SELECT which FROM t2")).toBe("temporary");
    expect(await other.value("SELECT which FROM t2")).toBe("permanent");
    expect((await kinds(mine, "SHOW TABLES LIKE 't2'")).sort()).toEqual(["TABLE", "TEMPORARY"]);
    await mine.run("ALTER TABLE t2 ADD COLUMN b INT");
    await mine.run("TRUNCATE TABLE t2");
    expect(await mine.value("SELECT COUNT(*) FROM t2")).toBe(0);
    expect(await other.rows("SELECT * FROM t2")).toEqual([{ WHICH: "permanent" }]);
    await mine.run("DROP TABLE t2");
    expect(await mine.value("SELECT which FROM t2")).toBe("permanent");
  });

  test("OR REPLACE of a permanent table takes the temporary one of its name away", async () => {
    await mine.run("CREATE OR REPLACE TEMPORARY TABLE t3 AS SELECT 'temporary' AS which");
    await mine.run("CREATE TABLE t3 AS SELECT 'hidden' AS which");
    expect(await mine.value("SELECT which FROM t3")).toBe("temporary");
    await mine.run("CREATE OR REPLACE TABLE t3 AS SELECT 'permanent' AS which");
    expect(await mine.value("SELECT which FROM t3")).toBe("permanent");
    expect(await kinds(mine, "SHOW TABLES LIKE 't3'")).toEqual(["TABLE"]);
  });

  test("have LIKE, CLONE, USING TEMPLATE and IF NOT EXISTS as others do", async () => {
    await mine.run("CREATE OR REPLACE TABLE source AS SELECT 1 AS a");
    await mine.run("CREATE TEMP TABLE copied LIKE source");
    await mine.run("CREATE TEMP TABLE cloned CLONE source");
    await mine.run("CREATE TEMP TABLE IF NOT EXISTS cloned (b INT)");
    expect(await mine.value("SELECT COUNT(*) FROM copied")).toBe(0);
    expect(await mine.value("SELECT a FROM cloned")).toBe(1);
    expect(await mine.failure("CREATE TABLE kept CLONE cloned")).toMatchObject({ code: "002119" });
    expect(await mine.failure("ALTER TABLE cloned SWAP WITH source")).toMatchObject({ code: "000002" });
    await mine.run("ALTER TABLE cloned RENAME TO renamed");
    expect(await mine.value("SELECT a FROM renamed")).toBe(1);
    expect(await kinds(mine, "SHOW TABLES LIKE 'renamed'")).toEqual(["TEMPORARY"]);
  });

  test("are there in transactions and in blocks", async () => {
    await mine.run("CREATE OR REPLACE TEMP TABLE t4 (a INT)");
    await mine.run("BEGIN");
    await mine.run("INSERT INTO t4 VALUES (1)");
    await mine.run("ROLLBACK");
    await mine.run(
      "EXECUTE IMMEDIATE $$BEGIN CREATE OR REPLACE TEMP TABLE t5 AS SELECT 5 AS a; INSERT INTO t4 SELECT a FROM t5; END$$",
    );
    expect(await mine.rows("SELECT t4.a FROM t4 JOIN t5 USING (a)")).toEqual([{ A: 5 }]);
  });

  test("need no privilege to create tables, but the ownership of a table that they hide", async () => {
    for (const sql of [
      "CREATE ROLE IF NOT EXISTS reader",
      "GRANT ROLE reader TO USER deployer",
      "GRANT USAGE ON WAREHOUSE wh TO ROLE reader",
      "GRANT USAGE ON DATABASE d TO ROLE reader",
      "GRANT USAGE ON SCHEMA d.s TO ROLE reader",
      "CREATE OR REPLACE TABLE theirs (a INT)",
    ]) {
      await mine.run(sql);
    }
    const reader = await inSchema("s", "reader");
    await reader.run("CREATE TEMPORARY TABLE own (a INT)");
    await reader.run("INSERT INTO own VALUES (1)");
    expect(await reader.failure("CREATE TABLE own2 (a INT)")).toMatchObject({ code: "003001" });
    expect(await reader.failure("CREATE TEMPORARY TABLE theirs (a INT)")).toMatchObject({ code: "003001" });
    await reader.close();
  });
});

test("temporary views, stages and file formats hide others and are their session's alone", async () => {
  await mine.run("CREATE OR REPLACE VIEW v AS SELECT 'permanent' AS which");
  await mine.run("CREATE OR REPLACE TEMPORARY VIEW v AS SELECT 'temporary' AS which");
  await mine.run("CREATE OR REPLACE TABLE under (which TEXT)");
  await mine.run("CREATE TEMP VIEW under AS SELECT 'over a table' AS which");
  expect(await mine.value("SELECT which FROM v")).toBe("temporary");
  expect(await mine.value("SELECT which FROM under")).toBe("over a table");
  expect(await other.value("SELECT which FROM v")).toBe("permanent");
  expect(await other.rows("SELECT which FROM under")).toEqual([]);

  await mine.run("CREATE TEMPORARY FILE FORMAT f TYPE = CSV");
  await mine.run("CREATE TEMP STAGE st FILE_FORMAT = (FORMAT_NAME = f)");
  expect((await mine.rows("SHOW STAGES")).map(({ name }) => name)).toEqual(["ST"]);
  expect((await mine.rows("SHOW FILE FORMATS")).map(({ name }) => name)).toEqual(["F"]);
  expect(await other.rows("SHOW STAGES")).toEqual([]);
  expect(await other.rows("SHOW FILE FORMATS")).toEqual([]);
  expect(await other.failure("DESCRIBE STAGE st")).toMatchObject({ code: "002003" });
  for (const sql of ["DROP VIEW v", "DROP STAGE st", "DROP FILE FORMAT f"]) await mine.run(sql);
  expect(await mine.value("SELECT which FROM v")).toBe("permanent");
});

test("what cannot be temporary is no statement", async () => {
  expect(await mine.failure("CREATE TEMPORARY WAREHOUSE w")).toMatchObject({ code: "001003" });
  expect(await mine.failure("CREATE TEMPORARY SCHEMA x")).toMatchObject({ code: "001003" });
});

test("all go with their session, and with the server", async () => {
  const short = await inSchema("s");
  await short.run("CREATE TEMP TABLE gone AS SELECT 1 AS a");
  await short.run("CREATE SCHEMA dropped");
  await short.run("CREATE TEMP TABLE gone_before AS SELECT 1 AS a");
  await short.run("DROP SCHEMA dropped");
  await short.close();
  await mine.run("CREATE OR REPLACE TEMP TABLE lost AS SELECT 1 AS a");
  await server.kill();
  await server.start();
  const later = await inSchema("s");
  const tables = await later.rows("SHOW TABLES IN DATABASE d");
  expect(tables.filter(({ kind }) => kind !== "TABLE")).toEqual([]);
  expect(await later.failure("SELECT * FROM lost")).toMatchObject({ code: "002003" });
  expect(
    readdirSync(path.join(server.directory, "databases")).filter((file) => /\.duckdb$/.test(file)),
  ).toHaveLength(1);
  await later.close();
}, 60_000);
