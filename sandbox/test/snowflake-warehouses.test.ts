import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { creditsByHour } from "../snowflake/history/metering.ts";
import { type WarehouseSettings, Warehouses } from "../snowflake/history/warehouses.ts";
import { standaloneServer, TestSession } from "./support/standalone-server.ts";

const ACCOUNT = "FLUX-OPERATIONS";
const HOUR = 3_600_000;

describe("running times", () => {
  const directory = mkdtempSync(path.join(tmpdir(), "warehouses-"));
  const settings: WarehouseSettings = { id: 1, name: "WH", size: "MEDIUM", autoSuspend: 60 };
  let now = Date.UTC(2026, 0, 1);
  let warehouses: Warehouses;
  const open = () =>
    new Warehouses(
      directory,
      (_account, id) => (id === 1 ? settings : undefined),
      () => now,
    );
  const intervals = () =>
    warehouses
      .intervals(ACCOUNT, new Date(0), new Date(8e15))
      .map(({ size, start, end }) => [size, start, end === null ? null : end - start]);

  beforeAll(() => {
    warehouses = open();
  });
  afterAll(() => {
    warehouses.stop();
    rmSync(directory, { recursive: true });
  });

  test("a statement starts it, and it suspends after its idle time", () => {
    const start = now;
    warehouses.hold(ACCOUNT, 1);
    expect(warehouses.state(ACCOUNT, 1)).toMatchObject({ state: "STARTED", running: 1 });
    now += 300_000;
    expect(warehouses.state(ACCOUNT, 1).state).toBe("STARTED");
    warehouses.release(1);
    now += 59_000;
    expect(warehouses.state(ACCOUNT, 1)).toMatchObject({ state: "STARTED", running: 0 });
    now += 600_000;
    expect(warehouses.state(ACCOUNT, 1).state).toBe("SUSPENDED");
    expect(intervals()).toEqual([["MEDIUM", start, 360_000]]);
  });

  test("a change of size begins a new interval", () => {
    const start = now;
    warehouses.resume(ACCOUNT, 1);
    settings.size = "XLARGE";
    now += 10_000;
    warehouses.resized(ACCOUNT, 1);
    now += 20_000;
    warehouses.suspend(ACCOUNT, 1);
    expect(intervals().slice(1)).toEqual([
      ["MEDIUM", start, 10_000],
      ["XLARGE", start + 10_000, 20_000],
    ]);
    expect(warehouses.state(ACCOUNT, 1).resumedOn).toEqual(new Date(start));
  });

  test("one that ran when the server died has stopped when its idle time was over", () => {
    const start = now;
    warehouses.hold(ACCOUNT, 1);
    warehouses.stop();
    now += 5 * HOUR;
    warehouses = open();
    expect(warehouses.state(ACCOUNT, 1).state).toBe("SUSPENDED");
    expect(intervals().at(-1)).toEqual(["XLARGE", start, 60_000]);
  });
});

describe("credits", () => {
  const interval = (size: string, start: number, end: number | null) => ({
    id: start,
    account: ACCOUNT,
    warehouseId: 1,
    warehouse: "WH",
    size,
    start,
    resumed: start,
    lastUsed: start,
    end,
  });

  test("go by size and second, split at the hour", () => {
    expect(creditsByHour([interval("XLARGE", HOUR / 2, HOUR * 1.25)], HOUR * 2)).toEqual([
      { hour: 0, warehouse: "WH", credits: 8 },
      { hour: HOUR, warehouse: "WH", credits: 4 },
    ]);
  });

  test("a run costs a minute at least, a change of size within it does not begin a new one", () => {
    const [short] = creditsByHour([interval("MEDIUM", 0, 5_000)], HOUR);
    expect(short?.credits).toBeCloseTo(4 / 60);
    const [resized] = creditsByHour(
      [interval("MEDIUM", 0, 30_000), interval("XLARGE", 30_000, 60_000)],
      HOUR,
    );
    expect(resized?.credits).toBeCloseTo((4 + 16) / 120 + 12 / 120);
  });

  test("nodes that are added cost a minute at least; taking some away costs nothing more", () => {
    const [credits] = creditsByHour(
      [
        interval("MEDIUM", 0, 90_000),
        interval("XLARGE", 90_000, 100_000),
        interval("MEDIUM", 100_000, 190_000),
      ],
      HOUR,
    );
    expect(credits?.credits).toBeCloseTo((4 * 190 + 12 * 60) / 3600);
  });

  test("one that still runs costs until now", () => {
    expect(creditsByHour([interval("XSMALL", 0, null)], HOUR / 4)).toEqual([
      { hour: 0, warehouse: "WH", credits: 0.25 },
    ]);
  });
});

describe("on the server", () => {
  const server = standaloneServer();
  let session: TestSession;

  beforeAll(async () => {
    await server.start("--patience-seconds", "1");
    session = await TestSession.open(server.login);
    await session.run("CREATE DATABASE DB");
    await session.run("CREATE TABLE T (N NUMBER)");
    await session.run(
      "CREATE WAREHOUSE WH WAREHOUSE_SIZE = 'MEDIUM' AUTO_SUSPEND = 60 INITIALLY_SUSPENDED = TRUE",
    );
  }, 30_000);
  afterAll(async () => {
    await session.close();
    await server.stop();
  });

  const state = async () => (await session.rows("SHOW WAREHOUSES LIKE 'WH'"))[0]?.state;

  test("it resumes for the first statement that needs it, and its hours are metered", async () => {
    expect(await state()).toBe("SUSPENDED");
    await session.run("SELECT 1");
    expect(await state()).toBe("SUSPENDED");
    await session.run("SELECT COUNT(*) FROM T");
    expect(await state()).toBe("STARTED");
    await session.run("ALTER WAREHOUSE WH SET WAREHOUSE_SIZE = 'XLARGE' WAIT_FOR_COMPLETION = TRUE");
    await session.run("ALTER WAREHOUSE WH SUSPEND");
    expect(await state()).toBe("SUSPENDED");
    const metering =
      "SELECT CREDITS_USED FROM TABLE(INFORMATION_SCHEMA.WAREHOUSE_METERING_HISTORY(CURRENT_DATE() - 1, CURRENT_TIMESTAMP(), 'WH'))";
    expect(Number(await session.value(metering))).toBeGreaterThan(0.06);
  });

  test("without AUTO_RESUME a suspended one runs nothing: 000606", async () => {
    await session.run("CREATE WAREHOUSE STILL AUTO_RESUME = FALSE INITIALLY_SUSPENDED = TRUE");
    await session.run("USE WAREHOUSE STILL");
    expect(await session.failure("SELECT COUNT(*) FROM T")).toMatchObject({ code: "000606" });
    await session.run("ALTER WAREHOUSE STILL RESUME");
    expect(await session.value("SELECT COUNT(*) FROM T")).toBe(0);
    await session.run("USE WAREHOUSE WH");
  });

  test("its statement timeout holds as well as the session's", async () => {
    await session.run("ALTER WAREHOUSE WH SET STATEMENT_TIMEOUT_IN_SECONDS = 1");
    expect(
      await session.failure("INSERT INTO T SELECT SEQ8() FROM TABLE(GENERATOR(ROWCOUNT => 9000000000))"),
    ).toMatchObject({
      code: "000630",
      message: expect.stringContaining("timeout of 1 second(s)"),
    });
    await session.run("ALTER WAREHOUSE WH UNSET STATEMENT_TIMEOUT_IN_SECONDS");
  });

  test("an answer that takes long is asked for again by the driver", async () => {
    expect(await session.value("SELECT SYSTEM$WAIT(3) || '!'")).toBe("waited 3 seconds!");
  });

  test("history knows size, tag and counts of a statement", async () => {
    await session.run("INSERT INTO T VALUES (1), (2)", { parameters: { QUERY_TAG: "counted" } });
    expect(
      await session.rows(`SELECT QUERY_TYPE, WAREHOUSE_NAME, WAREHOUSE_SIZE, ROWS_INSERTED, USER_NAME, ROLE_NAME
        FROM TABLE(DB.INFORMATION_SCHEMA.QUERY_HISTORY_BY_WAREHOUSE(WAREHOUSE_NAME => 'WH', RESULT_LIMIT => 100))
        WHERE QUERY_TAG = 'counted'`),
    ).toEqual([
      {
        QUERY_TYPE: "INSERT",
        WAREHOUSE_NAME: "WH",
        WAREHOUSE_SIZE: "XLARGE",
        ROWS_INSERTED: 2,
        USER_NAME: "DEPLOYER",
        ROLE_NAME: "ACCOUNTADMIN",
      },
    ]);
  });

  test("passwords are not kept in the history", async () => {
    await session.run("CREATE USER KEEPER PASSWORD = 'not-to-be-kept'");
    const text =
      "SELECT QUERY_TEXT FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY()) WHERE QUERY_TYPE = 'CREATE_USER'";
    expect(await session.value(text)).toBe("CREATE USER KEEPER PASSWORD = '****'");
  });

  test("another user's statement is cancelled only by who operates its warehouse", async () => {
    await session.run("CREATE USER OTHER PASSWORD = 'pw'");
    const other = await TestSession.open({ ...server.login, username: "OTHER", password: "pw" });
    const { queryId } = await session.run("SELECT SYSTEM$WAIT(2)", { asyncExec: true });
    expect(await other.value("SELECT SYSTEM$CANCEL_QUERY(?)", [queryId])).toMatch("not currently executing");
    expect(await session.value("SELECT SYSTEM$CANCEL_QUERY(?)", [queryId])).toBe(
      `query [${queryId}] terminated.`,
    );
    await expect(session.connection.getResultsFromQueryId({ queryId, sqlText: "" } as never)).rejects.toThrow(
      "canceled",
    );
    await other.close();
  });
});
