import { catalogAccount } from "./support/catalog-account.ts";

const at = catalogAccount();

describe("parameters and context", () => {
  test("a parameter is shown with the level it is set on", async () => {
    const level = async (scope: string) => {
      const [row] = await at.cloud.rows(at.session, `SHOW PARAMETERS LIKE 'DATA_RETENTION%' IN ${scope}`);
      return [row?.value, row?.level];
    };
    expect(await level("SCHEMA d.s")).toEqual(["1", ""]);
    await at.cloud.run(at.session, "ALTER DATABASE d SET DATA_RETENTION_TIME_IN_DAYS = 7, COMMENT = 'x'");
    expect(await level("DATABASE d")).toEqual(["7", "DATABASE"]);
    expect(await level("SCHEMA d.s")).toEqual(["7", "DATABASE"]);
    await at.cloud.run(at.session, "ALTER SCHEMA d.s SET DATA_RETENTION_TIME_IN_DAYS = 3");
    expect(await level("SCHEMA d.s")).toEqual(["3", "SCHEMA"]);
    await at.cloud.run(at.session, "CREATE TABLE t (a INT)");
    expect(await at.cloud.rows(at.session, "SHOW TABLES")).toMatchObject([{ retention_time: "3" }]);
    await at.cloud.run(at.session, "ALTER SCHEMA d.s UNSET DATA_RETENTION_TIME_IN_DAYS");
    expect(await level("SCHEMA d.s")).toEqual(["7", "DATABASE"]);
  });

  test("session parameters are checked", async () => {
    await at.cloud.run(
      at.session,
      "ALTER SESSION SET QUERY_TAG = 'load', TIMEZONE = 'UTC' STATEMENT_TIMEOUT_IN_SECONDS = 5",
    );
    expect(Object.fromEntries(at.session.parameters)).toEqual({
      QUERY_TAG: "load",
      TIMEZONE: "UTC",
      STATEMENT_TIMEOUT_IN_SECONDS: "5",
    });
    expect(await at.cloud.rows(at.session, "SHOW PARAMETERS LIKE 'QUERY_TAG'")).toMatchObject([
      { value: "load", level: "SESSION", default: "" },
    ]);
    expect((await at.cloud.error(at.session, "ALTER SESSION SET TIMEZONE = 'Mars/Base'")).code).toBe(
      "001008",
    );
    expect((await at.cloud.error(at.session, "ALTER SESSION SET NO_SUCH = 1")).code).toBe("002211");
    await at.cloud.run(at.session, "ALTER SESSION UNSET QUERY_TAG");
    expect(at.session.parameters.has("QUERY_TAG")).toBe(false);
  });

  test("USE", async () => {
    await at.cloud.run(at.session, "USE DATABASE d");
    expect([at.session.database, at.session.schema]).toEqual(["D", "PUBLIC"]);
    await at.cloud.run(at.session, "USE SCHEMA s");
    expect(at.session.schema).toBe("S");
    await at.cloud.run(at.session, "USE d.public");
    expect(at.session.schema).toBe("PUBLIC");
    for (const sql of ["USE DATABASE nope", "USE SCHEMA nope", "USE WAREHOUSE nope", "USE ROLE nope"]) {
      expect((await at.cloud.error(at.session, sql)).code).toBe("002043");
    }
    await at.cloud.run(at.session, "DROP SCHEMA d.public");
    expect(at.session.schema).toBeNull();
  });

  test("SHOW filters", async () => {
    await at.cloud.all(at.session, ...["a1", "a2", "b1", '"a3"'].map((name) => `CREATE STAGE ${name}`));
    const names = async (sql: string) => (await at.cloud.rows(at.session, sql)).map(({ name }) => name);
    expect(await names("SHOW STAGES LIKE 'A_'")).toEqual(["A1", "A2", "a3"]);
    expect(await names("SHOW STAGES STARTS WITH 'A'")).toEqual(["A1", "A2"]);
    expect(await names("SHOW STAGES LIMIT 1")).toEqual(["A1"]);
    expect(await names("SHOW STAGES LIMIT 2 FROM 'A2'")).toEqual(["A2", "B1"]);
    expect(await names("SHOW STAGES IN ACCOUNT")).toEqual(["A1", "A2", "B1", "a3"]);
    expect(await names("SHOW STAGES IN d.public")).toEqual([]);
  });

  test("COMMENT ON", async () => {
    await at.cloud.all(
      at.session,
      "CREATE TABLE t (a INT)",
      "COMMENT ON TABLE t IS 'one'",
      "COMMENT ON COLUMN t.a IS 'two'",
      "COMMENT IF EXISTS ON STAGE nope IS 'x'",
    );
    expect(await at.cloud.rows(at.session, "SHOW TABLES")).toMatchObject([{ comment: "one" }]);
    expect(await at.cloud.rows(at.session, "DESC TABLE t")).toMatchObject([{ comment: "two" }]);
  });
});
