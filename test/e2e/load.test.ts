/** The life of a load under the real engine: first load, new files, other people's doings, bad data, the end. */
import { accountingTableName, lockTableName } from "../../components/verified-load/tables.ts";
import { fixtures, readings } from "../../sandbox/test/support/parquet-fixtures.ts";
import { Stack } from "./support/engine.ts";
import { type LoadCloud, startLoadCloud, WAREHOUSE } from "./support/load-cloud.ts";

jest.setTimeout(180_000);

let cloud: LoadCloud;
const day = (start: string, days = 1) => fixtures.plain(readings({ start, days }));
let july1: Buffer;
let july2: Buffer;
let july3: Buffer;

beforeAll(async () => {
  cloud = await startLoadCloud();
  [july1, july2, july3] = [await day("2026-07-01"), await day("2026-07-02"), await day("2026-07-03")];
}, 120_000);
afterAll(() => cloud?.stopAll());

let number = 0;
async function prepare(files: Record<string, Buffer>, settings = {}) {
  const table = `LIFE_${++number}`;
  const args = await cloud.makeTable(table);
  for (const [name, body] of Object.entries(files)) await cloud.put(table, name, body);
  const stack = new Stack(cloud, `life-${number}`);
  stack.configure({ ...args, ...settings });
  return { table, stack, args, rows: () => rowsOf(table) };
}
const full = (table: string) => `FLUX_LOAD_TEST.PRODUCTION.${table}`;
async function rowsOf(table: string): Promise<number> {
  return Number((await cloud.sql(`SELECT COUNT(*) AS N FROM ${full(table)}`))[0]?.N);
}
/** Statements of this kind that a piece of work sends. */
async function statementsDuring<T>(pattern: RegExp, work: () => Promise<T>): Promise<[T, string[]]> {
  const before = cloud.proxy.statements.length;
  const result = await work();
  return [result, cloud.proxy.statements.slice(before).filter((sql) => pattern.test(sql))];
}
const COPY = /^COPY INTO/;

test("first load: figures, verdicts and cost come out; nothing secret goes in; then all is quiet", async () => {
  const { stack, table } = await prepare({ "a.parquet": july1, "b.parquet": july2 });
  const first = await stack.up();
  expect(first.output).toMatch(/load: 2 files, [\d.]+ kB, about \d+ s and [\d.]+ credits on XLARGE/);
  expect(first.exitCode).toBe(0);
  const load = stack.load();
  expect(load).toMatchObject({
    filesLoaded: 2,
    rowsLoaded: 384,
    rowsRejected: 0,
    totalRows: 384,
    uniqueMeters: 2,
    minTimestamp: "2026-07-01T00:00:00",
    maxTimestamp: "2026-07-02T23:45:00",
    pending: { files: 0, bytes: 0, replaced: 0, uncertain: 0 },
    files: { listed: 2, loaded: 2, failed: [], notLoaded: [] },
    cost: { files: 2, estimatedCredits: expect.any(Number), credits: expect.any(Number) },
  });
  expect(load.queryId).toMatch(/^[0-9a-f-]{36}$/);
  expect(
    Object.fromEntries(Object.entries(load.quality).map(([name, { status }]) => [name, status])),
  ).toEqual({
    accountedRows: "passed",
    keyNulls: "passed",
    timestampWindow: "passed",
    continuity: "passed",
    duplicates: "passed",
    voltage: "passed",
    referentialIntegrity: "skipped",
    dateCoverage: "passed",
  });

  const state = stack.state();
  const { password } = cloud.sandbox.accounts.owner.snowflake;
  expect(state).not.toContain(password);
  const provider: string = JSON.parse(state).deployment.resources.find(
    ({ type }: { type: string }) => type === "pulumi-nodejs:dynamic/flux-ami:VerifiedLoad",
  ).inputs.__provider;
  expect(provider.length).toBeLessThan(6000);
  expect(provider).not.toMatch(/COPY|SELECT|password|privateKey/);

  const [preview, scans] = await statementsDuring(/^(COPY|SELECT|INSERT)/, () =>
    stack.preview("--expect-no-changes"),
  );
  expect(preview.exitCode).toBe(0);
  expect(scans).toEqual([]);
  expect((await stack.preview("--refresh", "--expect-no-changes")).exitCode).toBe(0);
  const [again, copies] = await statementsDuring(COPY, () => stack.up());
  expect(again.output).toMatch(/Resources:\s+2 unchanged/);
  expect(copies).toEqual([]);
  expect(await rowsOf(table)).toBe(384);
});

test("a new file: the preview says what waits, `up` loads just that", async () => {
  const { stack, table, rows } = await prepare({ "a.parquet": july1 });
  await stack.up();
  await cloud.put(table, "b.parquet", july2);
  for (const options of [[], ["--refresh"]]) {
    const preview = await stack.preview(...options);
    expect(preview.output).toMatch(/load: waiting to be loaded: 1 file, [\d.]+ kB, about \d+ s/);
    expect(preview.output).toContain("1 to update");
  }
  const [run, copies] = await statementsDuring(COPY, () => stack.up());
  expect(run.exitCode).toBe(0);
  expect(copies).toEqual([expect.stringContaining("FILES = ('b.parquet')")]);
  expect(await rows()).toBe(384);
});

test("a load by hand is taken into the accounting, and its rows are not loaded again", async () => {
  const { stack, table, rows } = await prepare({ "a.parquet": july1 });
  await stack.up();
  await cloud.put(table, "b.parquet", july2);
  await cloud.sql(
    `COPY INTO ${full(table)} FROM @FLUX_LOAD_TEST.PRODUCTION.EXT_RAW_AMI/${table}/ FILE_FORMAT = (TYPE = PARQUET) MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE`,
  );
  await cloud.put(table, "c.parquet", july3);
  const run = await stack.up();
  expect(run.output).toContain("1 file loaded by somebody else");
  expect(run.exitCode).toBe(0);
  expect(await rows()).toBe(3 * 192);
  expect(
    await cloud.sql(`SELECT FILE, LOADED_BY FROM ${full(accountingTableName(table))} ORDER BY FILE`),
  ).toEqual([
    { FILE: `${table}/a.parquet`, LOADED_BY: `load-test/${stack.name}` },
    { FILE: `${table}/b.parquet`, LOADED_BY: "OTHER" },
    { FILE: `${table}/c.parquet`, LOADED_BY: `load-test/${stack.name}` },
  ]);
  expect(stack.load()).toMatchObject({ filesLoaded: 3, rowsLoaded: 576 });
});

describe("a file replaced under its name", () => {
  test("fail: nothing is loaded, the file and the ways out are named", async () => {
    const { stack, table, rows } = await prepare({ "a.parquet": july1 });
    await stack.up();
    await cloud.put(table, "a.parquet", july2);
    await cloud.put(table, "b.parquet", july3);
    expect((await stack.preview()).output).toMatch(/1 file changed under their name .*a\.parquet/);
    const [run, copies] = await statementsDuring(COPY, () => stack.up());
    expect(run.exitCode).not.toBe(0);
    expect(run.output).toMatch(/a\.parquet\s+cure: put the old files back/);
    expect(copies).toEqual([]);
    expect(await rows()).toBe(192);
  });

  test("skip: the old rows stay, other files go in, and it is quiet afterwards", async () => {
    const { stack, table, rows } = await prepare({ "a.parquet": july1 }, { replacedFiles: "skip" });
    await stack.up();
    await cloud.put(table, "a.parquet", july3);
    await cloud.put(table, "b.parquet", july2);
    const run = await stack.up();
    expect(run.exitCode).toBe(0);
    expect(await rows()).toBe(384);
    expect(stack.load().files.notLoaded).toEqual([
      expect.stringContaining("a.parquet: changed after it was loaded"),
    ]);
    expect((await stack.preview("--expect-no-changes")).exitCode).toBe(0);
  });

  test("load: both go in, once", async () => {
    const { stack, table, rows } = await prepare({ "a.parquet": july1 }, { replacedFiles: "load" });
    await stack.up();
    await cloud.put(table, "a.parquet", july2);
    expect((await stack.up()).exitCode).toBe(0);
    expect(await rows()).toBe(384);
    expect((await stack.preview("--expect-no-changes")).exitCode).toBe(0);
  });
});

test("a table emptied by hand is seen as drift and loaded anew", async () => {
  const { stack, table, rows } = await prepare({ "a.parquet": july1, "b.parquet": july2 });
  await stack.up();
  await cloud.sql(`TRUNCATE TABLE ${full(table)}`);
  const preview = await stack.preview("--refresh");
  expect(preview.output).toContain("was emptied");
  expect(preview.output).toMatch(/waiting to be loaded: 2 files/);
  expect((await stack.up()).exitCode).toBe(0);
  expect(await rows()).toBe(384);
  expect(stack.load()).toMatchObject({ filesLoaded: 2, rowsLoaded: 384 });
});

test("a table dropped and made again, with or without its accounting, is loaded anew", async () => {
  const { stack, table, rows } = await prepare({ "a.parquet": july1, "b.parquet": july2 });
  await stack.up();
  for (const gone of [[table, accountingTableName(table), lockTableName(table)], [table]]) {
    for (const name of gone) await cloud.sql(`DROP TABLE ${full(name)}`);
    await cloud.makeTable(table, gone);
    const run = await stack.up();
    expect(run.exitCode).toBe(0);
    expect(await rows()).toBe(384);
    expect(stack.load()).toMatchObject({ filesLoaded: 2, rowsLoaded: 384 });
  }
});

test("a lost accounting is written anew from what Snowflake remembers; nothing is loaded twice", async () => {
  const { stack, table, rows } = await prepare({ "a.parquet": july1 });
  await stack.up();
  await cloud.sql(`DROP TABLE ${full(accountingTableName(table))}`);
  await cloud.makeTable(table, [accountingTableName(table)]);
  await cloud.put(table, "b.parquet", july2);
  const run = await stack.up();
  expect(run.output).toContain("wrote down what that COPY");
  expect(run.exitCode).toBe(0);
  expect(await rows()).toBe(384);
  expect(stack.load()).toMatchObject({ filesLoaded: 2, rowsLoaded: 384 });
});

test("rows deleted by hand are seen as drift, and `up` does not hide them", async () => {
  const { stack, table } = await prepare({ "a.parquet": july1 });
  await stack.up();
  await cloud.sql(
    `DELETE FROM ${full(table)} WHERE METER_ID = 'MTR-00000001' AND TIMESTAMP < '2026-07-01 01:00:00'`,
  );
  expect((await stack.preview()).output).toMatch(/4 rows of .* are gone since the last load/);
  // Also when a refresh has written the new number of rows into the state.
  expect((await stack.refresh()).exitCode).toBe(0);
  expect((await stack.preview()).output).toMatch(/the table is not verified as it is now[\s\S]*1 to update/);
  const run = await stack.up();
  expect(run.exitCode).not.toBe(0);
  expect(run.output).toMatch(/4 rows that were loaded are no longer in the table/);
});

test("a warehouse left large is seen as drift and set back", async () => {
  const { stack } = await prepare({ "a.parquet": july1 });
  await stack.up();
  await cloud.sql(`ALTER WAREHOUSE ${WAREHOUSE} SET WAREHOUSE_SIZE = 'XLARGE'`);
  expect((await stack.preview()).output).toContain(`warehouse ${WAREHOUSE} is XLARGE, not MEDIUM`);
  expect((await stack.up()).exitCode).toBe(0);
  expect((await cloud.sql(`SHOW WAREHOUSES LIKE '${WAREHOUSE}'`))[0]?.size).toBe("Medium");
});

test("bad quality fails the `up` after the rows are in; the next one verifies again without loading; the repair passes", async () => {
  const all = readings({ start: "2026-07-01" });
  const holes = all.filter((_, index) => index < 40 || index > 42);
  const { stack, table, rows } = await prepare({ "a.parquet": await fixtures.plain(holes) });
  const bad = await stack.up();
  expect(bad.exitCode).not.toBe(0);
  expect(bad.output).toMatch(
    /FAIL continuity: 3 15-minute intervals missing.*MTR-00000001: 3 missing from 2026-07-01 10:00/,
  );
  expect(await rows()).toBe(189);

  const [again, copies] = await statementsDuring(COPY, () => stack.up());
  expect(again.exitCode).not.toBe(0);
  expect(copies).toEqual([]);
  expect((await stack.refresh()).exitCode).toBe(0);

  await cloud.put(table, "missing.parquet", await fixtures.plain(all.slice(40, 43)));
  const repaired = await stack.up();
  expect(repaired.output).toContain("verify: ok   continuity");
  expect(repaired.exitCode).toBe(0);
  expect(stack.load()).toMatchObject({ totalRows: 192, filesLoaded: 2 });
});

test("rejected rows fail the `up`, name the worst files, and stay on record; a tolerance accepts them", async () => {
  const bad = await fixtures.badVoltage(readings({ start: "2026-07-02" }));
  const { stack, table, args } = await prepare(
    { "a.parquet": july1, "b.parquet": bad },
    { quality: lenient },
  );
  const run = await stack.up();
  expect(run.exitCode).not.toBe(0);
  expect(run.output).toMatch(/b\.parquet: (\d+ of 192 rows rejected|not loaded): .*n\/a/);
  const [record] = await cloud.sql(
    `SELECT * FROM ${full(accountingTableName(table))} WHERE FILE = '${table}/b.parquet'`,
  );
  expect(record?.FIRST_ERROR).toContain("n/a");
  expect(await rowsOf(table)).toBeGreaterThanOrEqual(192);
  if (record?.STATUS === "LOAD_FAILED") await cloud.remove(table, "b.parquet");
  stack.configure({ ...args, quality: lenient, maxRejectedRows: 192 });
  expect((await stack.up()).exitCode).toBe(0);
});
const lenient = { continuity: { severity: "warn" }, dateCoverage: { severity: "warn" } } as const;

test("deleting keeps the rows, unless the settings say truncate", async () => {
  const kept = await prepare({ "a.parquet": july1 });
  await kept.stack.up();
  expect((await kept.stack.destroy()).output).toContain("removes no rows (onDelete: retain)");
  expect(await kept.rows()).toBe(192);
  expect((await kept.stack.up()).exitCode).toBe(0);
  expect(await kept.rows()).toBe(192);

  const emptied = await prepare({ "a.parquet": july1 }, { onDelete: "truncate" });
  await emptied.stack.up();
  expect((await emptied.stack.destroy()).exitCode).toBe(0);
  expect(await emptied.rows()).toBe(0);
  expect((await emptied.stack.up()).exitCode).toBe(0);
  expect(await emptied.rows()).toBe(192);
});

test("bad inputs are refused before anything runs, all of them at once", async () => {
  const { stack } = await prepare({ "a.parquet": july1 }, { loadSize: "HUGE", maxRejectedRows: -1 });
  const [run, statements] = await statementsDuring(/./, () => stack.up());
  expect(run.exitCode).not.toBe(0);
  expect(run.output).toMatch(/loadSize is "HUGE"; it must be one of XSMALL/);
  expect(run.output).toMatch(/maxRejectedRows is -1; it must be a whole number from 0/);
  expect(statements).toEqual([]);
});

test("Snowflake out of reach: the preview says so and does not pretend", async () => {
  const { stack } = await prepare({ "a.parquet": july1 });
  await stack.up();
  const env = cloud.env.SNOWFLAKE_PASSWORD;
  try {
    cloud.env.SNOWFLAKE_PASSWORD = "wrong";
    const preview = await stack.preview();
    expect(preview.output).toMatch(
      /could not look what waits in the bucket[\s\S]*Snowflake refused the login/,
    );
    expect(preview.output).toContain("1 to update");
    const run = await stack.up();
    expect(run.exitCode).not.toBe(0);
    expect(run.output).toMatch(/cure: check snowflake:user and snowflake:password/);
  } finally {
    cloud.env.SNOWFLAKE_PASSWORD = env as string;
  }
});
