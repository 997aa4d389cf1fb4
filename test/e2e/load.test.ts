/** The life of a load under the real engine: first load, new files, other people's doings, bad data, the end. */
import { fixtures, readings } from "../../sandbox/test/support/parquet-fixtures.ts";
import { Stack } from "./support/engine.ts";
import { type LoadCloud, startLoadCloud, WAREHOUSE } from "./support/load-cloud.ts";
import { loadDirectly } from "./support/load-directly.ts";

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
  const args = { ...(await cloud.makeTable(table)), ...settings };
  for (const [name, body] of Object.entries(files)) await cloud.put(table, name, body);
  const stack = new Stack(cloud, `life-${number}`);
  stack.configure(args);
  const full = (suffix = "") => `FLUX_LOAD_TEST.PRODUCTION.${table}${suffix}`;
  const rows = async (suffix = "") =>
    Number((await cloud.sql(`SELECT COUNT(*) AS N FROM ${full(suffix)}`))[0]?.N);
  return { table, stack, args, full, rows };
}
/** Statements of this kind that a piece of work sends. */
async function statementsDuring<T>(pattern: RegExp, work: () => Promise<T>): Promise<[T, string[]]> {
  const before = cloud.proxy.statements.length;
  const result = await work();
  return [result, cloud.proxy.statements.slice(before).filter((sql) => pattern.test(sql))];
}
const COPY = /^COPY INTO/;

test("first load: figures, verdicts and cost come out, nothing secret goes in, then all is quiet; a new file is told and loaded", async () => {
  const { stack, table, rows } = await prepare({ "a.parquet": july1, "b.parquet": july2 });
  const first = await stack.up();
  expect(first.output).toMatch(/load: 2 files, [\d.]+ kB, about \d+ s \(.*\) and [\d.]+ credits on XLARGE/);
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
    verified: true,
    version: 2,
    landing: [],
    pending: { files: 0, bytes: 0, replaced: 0 },
    files: { listed: 2, loaded: 2, unreadable: [], notLoaded: [], gone: [] },
    cost: { files: 2, estimatedCredits: expect.any(Number), credits: expect.any(Number) },
  });
  expect(load.queryId).toMatch(/^[0-9a-f-]{36}$/);
  const { referentialIntegrity, ...others } = load.quality;
  expect(referentialIntegrity?.status).toBe("skipped");
  expect(new Set(Object.values(others).map(({ status }) => status))).toEqual(new Set(["passed"]));

  const state = stack.state();
  const { password } = cloud.sandbox.accounts.owner.snowflake;
  expect(state).not.toContain(password);
  const provider: string = JSON.parse(state).deployment.resources.find(
    ({ type }: { type: string }) => type === "pulumi-nodejs:dynamic/flux-ami:VerifiedLoad",
  ).inputs.__provider;
  expect(provider.length).toBeLessThan(6000);
  expect(provider).not.toMatch(/COPY|SELECT|password|privateKey/);

  const [quiet, reads] = await statementsDuring(/_READINGS"|^COPY|^INSERT/, () =>
    stack.preview("--refresh", "--expect-no-changes"),
  );
  expect(quiet.exitCode).toBe(0);
  expect(reads).toEqual([]);

  await cloud.put(table, "c.parquet", july3);
  const preview = await stack.preview();
  expect(preview.output).toMatch(/load: waiting to be loaded: 1 file, [\d.]+ kB, about \d+ s/);
  expect(preview.output).toContain("1 to update");
  const [run, copies] = await statementsDuring(COPY, () => stack.up());
  expect(run.exitCode).toBe(0);
  expect(copies).toEqual([expect.stringContaining("FILES = ('c.parquet')")]);
  expect(await rows()).toBe(576);
  const [again, none] = await statementsDuring(COPY, () => stack.up());
  expect(again.output).toMatch(/Resources:\s+2 unchanged/);
  expect(none).toEqual([]);
});

test("a check that fails refuses the files: the readings and the `up` before stay, and the next one copies nothing again", async () => {
  const { stack, table, args, rows } = await prepare({ "a.parquet": july1 });
  expect((await stack.up()).exitCode).toBe(0);
  const all = readings({ start: "2026-07-02" });
  await cloud.put(
    table,
    "b.parquet",
    await fixtures.plain(all.filter((_, index) => index < 40 || index > 42)),
  );
  const refused = await stack.up();
  expect(refused.exitCode).not.toBe(0);
  expect(refused.output).toMatch(
    /FAIL continuity: 3 15-minute intervals missing.*MTR-00000001: 3 missing from 2026-07-02 10:00/,
  );
  expect(refused.output).toMatch(/cure: have the missing readings delivered as a new file/);
  expect(await rows()).toBe(192);
  expect((await stack.refresh()).exitCode).toBe(0);
  expect((await stack.preview()).output).toContain("1 to update");

  const [again, copies] = await statementsDuring(COPY, () => stack.up());
  expect(again.exitCode).not.toBe(0);
  expect(copies).toEqual([]);
  await cloud.put(table, "missing.parquet", await fixtures.plain(all.slice(40, 43)));
  const repaired = await stack.up();
  expect(repaired.output).toContain("audit: ok   continuity");
  expect(repaired.exitCode).toBe(0);
  expect(stack.load()).toMatchObject({ totalRows: 384, filesLoaded: 3, verified: true });

  // Rows that do not convert are refused as well, until they are accepted: then they are kept beside the readings.
  await cloud.put(table, "c.parquet", await fixtures.badVoltage(readings({ start: "2026-07-03" })));
  const rejected = await stack.up();
  expect(rejected.output).toMatch(/rejectedRows: 1 row of 192 rejected.*c\.parquet/);
  expect(await rows("_REJECTED")).toBe(0);
  stack.configure({ ...args, maxRejectedRows: 1, quality: { continuity: { maxMissing: 1 } } });
  expect((await stack.up()).exitCode).toBe(0);
  expect(await rows("_REJECTED")).toBe(1);
  expect(stack.load()).toMatchObject({ totalRows: 384 + 191, rowsRejected: 1 });
});

test("a replaced file: the preview and the `up` say what to do, and doing it swaps its rows", async () => {
  const { stack, table, args, rows } = await prepare({ "a.parquet": july1 });
  await stack.up();
  await cloud.put(table, "a.parquet", july3);
  await cloud.put(table, "b.parquet", july2);
  expect((await stack.preview()).output).toMatch(/1 file changed under their name .*a\.parquet/);
  const [failed, copies] = await statementsDuring(COPY, () => stack.up());
  expect(failed.exitCode).not.toBe(0);
  expect(failed.output).toMatch(/a\.parquet\s+cure: set replacedFiles to replace/);
  expect(copies).toEqual([]);
  expect(await rows()).toBe(192);

  stack.configure({ ...args, replacedFiles: "skip" });
  expect((await stack.up()).exitCode).toBe(0);
  expect(stack.load().files.notLoaded).toEqual([
    expect.stringContaining("a.parquet: changed after it was loaded"),
  ]);
  expect((await stack.preview("--expect-no-changes")).exitCode).toBe(0);

  stack.configure({ ...args, replacedFiles: "replace" });
  expect((await stack.up()).exitCode).toBe(0);
  expect(stack.load()).toMatchObject({ minTimestamp: "2026-07-02T00:00:00", totalRows: 384, verified: true });
});

test("what others do is drift: rows deleted, table emptied, warehouse left large; a load of this stack's own is not", async () => {
  const { stack, table, args, full, rows } = await prepare({ "a.parquet": july1, "b.parquet": july2 });
  await stack.up();
  await cloud.put(table, "c.parquet", july3);
  const owner = `load-test/${stack.name}`;
  await loadDirectly(cloud, { ...args, owner } as never);
  expect((await stack.preview()).output).toContain("was loaded since by this stack, without an update");
  expect((await stack.refresh()).exitCode).toBe(0);
  const [taken, copies] = await statementsDuring(COPY, () => stack.up());
  expect([taken.exitCode, copies]).toEqual([0, []]);
  expect(stack.load()).toMatchObject({ totalRows: 576, version: 3, verified: true });

  await cloud.sql(`ALTER WAREHOUSE ${WAREHOUSE} SET WAREHOUSE_SIZE = 'XLARGE'`);
  await cloud.sql(
    `DELETE FROM ${full()} WHERE METER_ID = 'MTR-00000001' AND TIMESTAMP < '2026-07-01 01:00:00'`,
  );
  const preview = await stack.preview();
  expect(preview.output).toContain(`warehouse ${WAREHOUSE} is XLARGE, not MEDIUM`);
  expect(preview.output).toMatch(/4 rows of .* are gone since the last load/);
  // Also when a refresh has written the new number of rows into the state.
  expect((await stack.refresh()).exitCode).toBe(0);
  const run = await stack.up();
  expect(run.exitCode).not.toBe(0);
  expect(run.output).toMatch(/4 rows that were published are no longer in the table/);
  expect((await cloud.sql(`SHOW WAREHOUSES LIKE '${WAREHOUSE}'`))[0]?.size).toBe("Medium");

  await cloud.sql(`TRUNCATE TABLE ${full()}`);
  const emptied = await stack.preview("--refresh");
  expect(emptied.output).toContain("was emptied");
  expect(emptied.output).toMatch(/waiting to be loaded: 3 files/);
  expect((await stack.up()).exitCode).toBe(0);
  expect(await rows()).toBe(576);
});

test("tables that were dropped: the readings are loaded anew, the rest is made again from what there is", async () => {
  const { stack, table, full, rows } = await prepare({ "a.parquet": july1 });
  await stack.up();
  const all = ["", "_LOADS", "_LOAD_LOCK", "_CONTROL"];
  for (const [index, gone] of [[""], ["_CONTROL"], ["_METERS", "_DAYS"], all].entries()) {
    for (const suffix of gone) await cloud.sql(`DROP TABLE ${full(suffix)}`);
    await cloud.makeTable(
      table,
      gone.map((suffix) => table + suffix),
    );
    await cloud.put(table, `${index}.parquet`, await day(`2026-07-0${index + 2}`));
    const run = await stack.up();
    expect(`${gone}: ${run.exitCode} ${run.output}`).toMatch(new RegExp(`^${gone}: 0 `));
    expect(await rows()).toBe((index + 2) * 192);
  }
  expect(stack.load()).toMatchObject({ filesLoaded: 5, rowsLoaded: 960, verified: true });
});

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
  expect([await emptied.rows(), await emptied.rows("_METERS"), await emptied.rows("_DAYS")]).toEqual([
    0, 0, 0,
  ]);
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
