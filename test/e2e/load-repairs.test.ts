/** What people do about a load that is not right, and what happens at the same time: by the load alone, without the engine. */
import { randomUUID } from "node:crypto";
import { readConnection } from "../../components/snowflake/connection.ts";
import { kindOf } from "../../components/snowflake/errors.ts";
import { look } from "../../components/verified-load/look.ts";
import { complete } from "../../components/verified-load/settings.ts";
import { accountingTableName } from "../../components/verified-load/tables.ts";
import { fixtures, readings } from "../../sandbox/test/support/parquet-fixtures.ts";
import type { Seen } from "./support/fault-proxy.ts";
import { type LoadCloud, type Settings, startLoadCloud } from "./support/load-cloud.ts";
import { loadDirectly } from "./support/load-directly.ts";

jest.setTimeout(180_000);

let cloud: LoadCloud;
const day = (number: number) => fixtures.plain(readings({ start: `2026-07-0${number}`, meters: 1 }));
beforeAll(async () => {
  cloud = await startLoadCloud();
}, 120_000);
afterAll(() => cloud?.stopAll());

let number = 0;
/** A table with so many days of one meter each, a file a day. */
async function prepare(days: number): Promise<{ table: string; args: Settings }> {
  const table = `REPAIR_${++number}`;
  const args = await cloud.makeTable(table);
  for (let index = 1; index <= days; index++) await cloud.put(table, `${index}.parquet`, await day(index));
  return { table, args };
}
const full = (table: string) => `FLUX_LOAD_TEST.PRODUCTION.${table}`;
const rowsOf = async (table: string) =>
  Number((await cloud.sql(`SELECT COUNT(*) AS N FROM ${full(table)}`))[0]?.N);
const accounts = (table: string) =>
  cloud.sql(
    `SELECT SPLIT_PART(FILE, '/', 2) AS FILE, STATUS, ROWS_LOADED, LOADED_BY, QUERY_ID <> '' AS BY_COPY
FROM ${full(accountingTableName(table))} WHERE DISCARDED_AT IS NULL ORDER BY FILE`,
  );
async function copiesDuring<T>(work: () => Promise<T>): Promise<[T, string[]]> {
  const before = cloud.proxy.statements.length;
  const result = await work();
  return [result, cloud.proxy.statements.slice(before).filter((sql) => sql.startsWith("COPY INTO"))];
}
/** The answer to a statement that Snowflake refuses. */
const refused = () => ({
  answer: {
    success: false,
    code: "003001",
    message: "SQL access control error:\nInsufficient privileges to operate on table 'X'.",
    data: { errorCode: "003001", sqlState: "42501", queryId: randomUUID(), internalError: false },
  },
});
const statement = (pattern: RegExp) => (seen: Seen) => pattern.test(seen.sql);

describe("rows that somebody deleted", () => {
  test("all of them, by DELETE: Snowflake still remembers the files, and `up` says what to do", async () => {
    const { table, args } = await prepare(2);
    expect((await loadDirectly(cloud, args)).reasons).toEqual([]);
    await cloud.sql(`DELETE FROM ${full(table)}`);
    for (const _attempt of [1, 2]) {
      const { reasons, outputs } = await loadDirectly(cloud, args);
      expect(reasons.join("\n")).toMatch(
        /2 files could not be loaded[\s\S]*1\.parquet: not loaded: its rows seem to have been deleted.*TRUNCATE the table/,
      );
      expect(outputs).toMatchObject({ verified: false, filesLoaded: 0, totalRows: 0, pending: { files: 2 } });
    }
    await cloud.sql(`TRUNCATE TABLE ${full(table)}`);
    const { reasons, outputs } = await loadDirectly(cloud, args);
    expect(reasons).toEqual([]);
    expect(outputs).toMatchObject({ filesLoaded: 2, rowsLoaded: 192, totalRows: 192 });
  });

  test("the rows of a bad file, on purpose: the cure that `up` names is one", async () => {
    const { table, args } = await prepare(1);
    await cloud.put(
      table,
      "2.parquet",
      await fixtures.renamedKeys(readings({ start: "2026-07-02", meters: 1 })),
    );
    const bad = await loadDirectly(cloud, args);
    expect(bad.reasons).toEqual([
      expect.stringMatching(
        /FAIL keyNulls: 96 rows with a NULL in the key[\s\S]*cure: COPY matches columns by name/,
      ),
    ]);
    await cloud.sql(`DELETE FROM ${full(table)} WHERE METER_ID IS NULL`);
    await cloud.remove(table, "2.parquet");
    await cloud.put(table, "2-anew.parquet", await day(2));
    const gone = await loadDirectly(cloud, args);
    expect(gone.reasons).toEqual([
      expect.stringMatching(
        /FAIL accountedRows: 96 rows that were loaded are no longer in the table\n {2}cure: .*accountedRows\.maxMissing/,
      ),
    ]);
    const cured = await loadDirectly(cloud, { ...args, quality: { accountedRows: { maxMissing: 96 } } });
    expect(cured.reasons).toEqual([]);
    expect(cured.outputs?.checks.accountedRows?.status).toBe("warned");
    expect(await rowsOf(table)).toBe(192);
  });
});

describe("at the same time", () => {
  const byHand = (table: string) =>
    cloud.sql(
      `COPY INTO ${full(table)} FROM @FLUX_LOAD_TEST.PRODUCTION.EXT_RAW_AMI/${table}/ FILE_FORMAT = (TYPE = PARQUET) MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE`,
    );

  test("a COPY by hand that still runs is waited for, and its rows are not loaded again", async () => {
    const { table, args } = await prepare(3);
    await cloud.restartSnowflake("SIGTERM", { objectDelayMilliseconds: 3000 });
    const hand = byHand(table);
    await new Promise((resume) => setTimeout(resume, 500));
    const [run, copies] = await copiesDuring(() => loadDirectly(cloud, args));
    await hand;
    await cloud.restartSnowflake("SIGTERM");
    expect(run.lines).toContainEqual(
      expect.stringMatching(/somebody else copies into the table \(query .*waiting/),
    );
    expect(copies).toEqual([]);
    expect(run.reasons).toEqual([]);
    expect(run.outputs).toMatchObject({ filesLoaded: 3, totalRows: 288 });
    expect(run.outputs?.checks.accountedRows?.status).toBe("passed");
    expect((await accounts(table)).map(({ LOADED_BY }) => LOADED_BY)).toEqual(["OTHER", "OTHER", "OTHER"]);
  });

  test("a COPY of an earlier run on another warehouse is found and waited for", async () => {
    const { table, args } = await prepare(3);
    await cloud.sql("CREATE WAREHOUSE OTHER_WH WAREHOUSE_SIZE = 'MEDIUM'");
    await cloud.sql("GRANT USAGE, OPERATE, MODIFY, MONITOR ON WAREHOUSE OTHER_WH TO ROLE LOAD_TEST_LOADER");
    // Its client is gone as soon as Snowflake has the COPY.
    const struck = cloud.proxy.arm({
      matches: statement(/^COPY INTO/),
      phase: "after",
      act: () => ({
        answer: { success: false, code: "003001", message: "Insufficient privileges", data: {} },
      }),
    });
    const [[lost], copies] = await copiesDuring(async () => {
      const first = await Promise.allSettled([loadDirectly(cloud, args), struck]);
      const next = await loadDirectly(cloud, { ...args, warehouse: "OTHER_WH" });
      expect(next.reasons).toEqual([]);
      expect(next.outputs?.cost).toMatchObject({ files: 3, source: "computed", credits: expect.any(Number) });
      expect(next.outputs?.cost.credits).toBeGreaterThan(0);
      return first;
    });
    expect(kindOf((lost as PromiseRejectedResult).reason)).toBe("privilege-missing");
    expect(copies).toHaveLength(1);
    expect(await rowsOf(table)).toBe(288);
    expect((await accounts(table)).map(({ LOADED_BY, BY_COPY }) => [LOADED_BY, BY_COPY])).toEqual(
      Array(3).fill(["test/direct", true]),
    );
  });
});

describe("when a statement is started", () => {
  test.each([
    ["390111", "Session no longer exists.  New login required to access the service.", /^COPY INTO/],
    ["390114", "Authentication token has expired.  The user must authenticate again.", /^COPY INTO/],
    ["390112", "Session token has expired", /^WITH reading AS/],
  ])("a session that is over (%s %s) is replaced", async (code, message, which) => {
    const { args } = await prepare(1);
    const struck = cloud.proxy.arm({
      matches: statement(which),
      phase: "before",
      act: () => ({ answer: { success: false, code, message, data: {} } }),
    });
    const [run] = await Promise.all([loadDirectly(cloud, args), struck]);
    expect(run.reasons).toEqual([]);
    expect(run.outputs?.totalRows).toBe(96);
  });

  test("a network that is gone for longer than the driver tries is lived through", async () => {
    const { table, args } = await prepare(1);
    const struck = cloud.proxy.arm({
      matches: statement(/^COPY INTO/),
      phase: "before",
      act: () => {
        cloud.proxy.cut(40_000);
        return "drop";
      },
    });
    const [run] = await Promise.all([loadDirectly(cloud, args), struck]);
    expect(run.reasons).toEqual([]);
    expect(await rowsOf(table)).toBe(96);
  });
});

test("many files go in by several COPYs; an accounting that was cut short is completed, not guessed", async () => {
  const { table, args } = await prepare(0);
  const file = await fixtures.plain(readings({ start: "2026-07-01", meters: 1 }).slice(0, 1));
  for (let index = 0; index < 210; index++)
    await cloud.put(table, `${String(index).padStart(3, "0")}.parquet`, file);
  const lenient = { quality: { duplicates: { max: 1000 } } };
  let inserts = 0;
  const struck = cloud.proxy.arm({
    matches: ({ sql }) => /^INSERT INTO .*_LOADS"/.test(sql) && ++inserts === 2,
    phase: "before",
    act: refused,
  });
  const first = await Promise.allSettled([loadDirectly(cloud, { ...args, ...lenient }), struck]);
  expect(first[0].status).toBe("rejected");
  expect(await accounts(table)).toHaveLength(200);

  const [next, copies] = await copiesDuring(() => loadDirectly(cloud, { ...args, ...lenient }));
  expect(next.reasons).toEqual([]);
  expect(copies).toEqual([]);
  expect(next.outputs).toMatchObject({ filesLoaded: 210, rowsLoaded: 210, totalRows: 210 });
  expect(
    (await accounts(table)).every(({ BY_COPY, STATUS }) => BY_COPY === true && STATUS === "LOADED"),
  ).toBe(true);

  await cloud.sql(`TRUNCATE TABLE ${full(table)}`);
  const [again, batches] = await copiesDuring(() =>
    loadDirectly(cloud, { ...args, ...lenient, filesPerCopy: 100 }),
  );
  expect(again.reasons).toEqual([]);
  expect(batches).toHaveLength(3);
  expect(again.outputs).toMatchObject({ filesLoaded: 210, totalRows: 210 });
});

test("a look never fails for what it finds, whatever the settings say about such files", async () => {
  const { table, args } = await prepare(1);
  const { outputs } = await loadDirectly(cloud, args);
  await cloud.put(table, "old.parquet", await day(2));
  await cloud.put(table, "1.parquet", await day(3));
  await cloud.restartSnowflake("SIGTERM", { clockOffsetDays: 70 });
  const settings = complete({
    ...{ owner: "test/direct", logicVersion: "1", ...args },
    ...{ uncertainFiles: "fail", replacedFiles: "fail" },
  });
  const sight = await look(
    settings,
    readConnection(() => undefined, cloud.env),
    outputs ?? {},
  );
  expect(sight.findings).toEqual([
    expect.stringMatching(/1 file changed under their name/),
    expect.stringMatching(/1 file too old to know/),
  ]);
  expect(sight.pending).toMatchObject({ replaced: 1, uncertain: 1 });
});
