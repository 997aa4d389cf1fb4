/**
 * What people do to a table, its files and its loads, and what happens at the same time: by the load alone, without the
 * engine, on an account whose query and load history comes too late for anybody.
 */
import { once } from "node:events";
import { readConnection } from "../../components/snowflake/connection.ts";
import { look } from "../../components/verified-load/look.ts";
import { complete } from "../../components/verified-load/settings.ts";
import { fixtures, type Reading, readings } from "../../sandbox/test/support/parquet-fixtures.ts";
import type { Seen } from "./support/fault-proxy.ts";
import { type LoadCloud, type Settings, startLoadCloud } from "./support/load-cloud.ts";
import { loadDirectly, loadInProcess } from "./support/load-directly.ts";
import { faultsOf, type Model } from "./support/model.ts";

jest.setTimeout(180_000);

let cloud: LoadCloud;
beforeAll(async () => {
  cloud = await startLoadCloud();
}, 120_000);
afterAll(() => cloud?.stopAll());
afterEach(() => cloud.proxy.disarm());

const day = (number: number, voltage = 120) =>
  readings({ start: `2026-07-0${number}`, meters: 1 }).map((row) => ({ ...row, voltage }));

let number = 0;
/** A table of one meter with its model, a file a day. */
async function prepare(days: number) {
  const table = `REPAIR_${++number}`;
  const args = await cloud.makeTable(table);
  const model: Model = { table, files: new Map() };
  const put = async (name: string, rows: readonly Reading[]) => {
    model.files.set(name, rows);
    await cloud.put(table, name, await fixtures.plain(rows));
  };
  for (let index = 1; index <= days; index++) await put(`${index}.parquet`, day(index));
  const load = (more: Partial<Settings> = {}) => loadDirectly(cloud, { ...args, ...more });
  return {
    table,
    args,
    model,
    put,
    load,
    full: (suffix = "") => `FLUX_LOAD_TEST.PRODUCTION.${table}${suffix}`,
    /** A load that ends well, with the table as the model says. */
    loadRight: async (more: Partial<Settings> = {}) => {
      const result = await load(more);
      expect(result.reasons).toEqual([]);
      expect(await faultsOf(cloud, model)).toEqual([]);
      return result;
    },
    look: (known = {}) =>
      look(
        complete({ owner: "test/direct", logicVersion: "1", ...args }),
        readConnection(() => undefined, cloud.env),
        known,
      ),
  };
}
const statement = (pattern: RegExp) => (seen: Seen) => pattern.test(seen.sql);
const BLOCK = /^DECLARE/;
/** Does something when a request passes that matches; resolves when it is done. */
const when = (matches: (seen: Seen) => boolean, phase: "before" | "after", act: () => Promise<unknown>) =>
  cloud.proxy.arm({
    matches,
    phase,
    act: async () => {
      await act();
      return "pass" as const;
    },
  });
const byHand = (table: string, file: string) =>
  `COPY INTO FLUX_LOAD_TEST.PRODUCTION.${table} FROM @FLUX_LOAD_TEST.PRODUCTION.EXT_RAW_AMI/${table}/ FILES = ('${file}') FILE_FORMAT = (TYPE = PARQUET USE_LOGICAL_TYPE = TRUE) MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE`;

test("a file that is overwritten between LIST and COPY is left for the next load, which takes it as it is then", async () => {
  const { put, load, loadRight, model } = await prepare(2);
  const overwritten = when(statement(/^COPY INTO/), "before", () => put("2.parquet", day(2, 119)));
  const [first] = await Promise.all([load(), overwritten]);
  expect(first.outputs).toMatchObject({ totalRows: 96, filesLoaded: 1, pending: { files: 1 } });
  const now = model.files.get("2.parquet") as readonly Reading[];
  model.files.delete("2.parquet");
  expect(await faultsOf(cloud, model)).toEqual([]);
  model.files.set("2.parquet", now);
  await loadRight();

  // Whoever puts the old file back has a replaced file, not a quiet one.
  await put("2.parquet", day(2, 120));
  await expect(load()).rejects.toThrow(/1 file .* changed under their name.*2\.parquet/);
  await loadRight({ replacedFiles: "replace" });
});

test("after TRUNCATE and a load that was killed, a look sees that it is not done, and the next load does it", async () => {
  const { full, args, look: sight, loadRight } = await prepare(2);
  const { outputs } = await loadRight();
  await cloud.sql(`TRUNCATE TABLE ${full()}`);
  const client = loadInProcess(cloud, args);
  const ended = once(client, "exit");
  void when(statement(/^COPY INTO/), "after", async () => client.kill("SIGKILL"));
  await ended;
  const { findings, pending, totalRows } = await sight(outputs);
  expect(findings.join("\n")).toMatch(
    /was emptied: the next update loads it anew[\s\S]*waiting to be loaded: 2 files/,
  );
  expect({ pending, totalRows }).toMatchObject({ pending: { files: 2 }, totalRows: 0 });
  const again = await loadRight();
  expect(again.outputs).toMatchObject({ verified: true, filesLoaded: 2 });
});

test("a load that slept while another one published publishes nothing of it again", async () => {
  const { put, args, loadRight, full } = await prepare(1);
  await loadRight();
  await put("2.parquet", day(2));
  const sleeper = loadInProcess(cloud, args);
  const ended = once(sleeper, "exit");
  await when(statement(BLOCK), "before", async () => {
    sleeper.kill("SIGSTOP");
    // It has given no sign of life for so long that its turn is void.
    await cloud.sql(`UPDATE ${full("_LOAD_LOCK")} SET RENEWED_AT = DATEADD('minute', -5, SYSDATE())`);
    await loadDirectly(cloud, args);
  });
  sleeper.kill("SIGCONT");
  expect(await ended).toEqual([0, null]);
  await loadRight();
});

test("a file that nobody took for ten weeks is loaded all the same", async () => {
  const { put, loadRight } = await prepare(1);
  await loadRight();
  await put("2.parquet", day(2));
  await cloud.restartSnowflake("SIGTERM", { clockOffsetDays: 70 });
  try {
    const { outputs } = await loadRight();
    expect(outputs).toMatchObject({ filesLoaded: 2, pending: { files: 0 }, verified: true });
  } finally {
    await cloud.restartSnowflake("SIGTERM");
  }
});

test("rows that somebody copied in by hand, in another time zone, are told by number and span, and nothing goes on top", async () => {
  const { table, full, put, load, loadRight } = await prepare(1);
  await loadRight();
  await put("2.parquet", day(2));
  await cloud.sql("ALTER SESSION SET TIMEZONE = 'America/New_York'");
  await cloud.sql(byHand(table, "2.parquet"));
  await cloud.sql("ALTER SESSION UNSET TIMEZONE");
  const refused = await load();
  expect(refused.outputs?.checks.foreignRows).toMatchObject({ status: "warned", figure: 96 });
  expect(refused.outputs?.checks.foreignRows?.message).toMatch(
    /96 rows from 2026-07-0\S+ to 2026-07-0\S+ are in the table/,
  );
  expect(refused.outputs?.checks.duplicates?.status).toBe("failed");
  expect(refused.outputs).toMatchObject({ filesLoaded: 1, verified: false, totalRows: 192 });
  await cloud.sql(`DELETE FROM ${full()} WHERE FILE_ID IS NULL`);
  await loadRight();
});

test("others' statements, whatever their tags, and a history that comes too late hold nothing up", async () => {
  const { args, full, loadRight } = await prepare(2);
  await cloud.sql("ALTER SESSION SET QUERY_TAG = 'nightly'");
  await cloud.sql(`INSERT INTO ${full()} (METER_ID) SELECT 'X' WHERE FALSE`);
  await cloud.sql("ALTER SESSION UNSET QUERY_TAG");
  // Its client is gone as soon as Snowflake has the COPY.
  const client = loadInProcess(cloud, args);
  const ended = once(client, "exit");
  void when(statement(/^COPY INTO/), "after", async () => client.kill("SIGKILL"));
  await ended;
  await loadRight();
});

test("a COPY by hand that runs while files are audited makes the load plan or audit anew, never publish on top unseen", async () => {
  const { table, full, put, load, loadRight } = await prepare(1);
  await loadRight();
  await put("2.parquet", day(2));
  await Promise.all([load(), when(statement(BLOCK), "before", () => cloud.sql(byHand(table, "1.parquet")))]);
  // Nobody can keep an administrator from inserting rows: the next load tells of them.
  const next = await load();
  expect(next.outputs?.checks.foreignRows).toMatchObject({ status: "warned", figure: 96 });
  await cloud.sql(`DELETE FROM ${full()} WHERE FILE_ID IS NULL`);
  await loadRight();
});

test("rows deleted by hand are refused with the file's name; its cures are cures", async () => {
  const { full, load, loadRight, model } = await prepare(2);
  await loadRight();
  await cloud.sql(`DELETE FROM ${full()} WHERE TIMESTAMP >= '2026-07-02'`);
  const lost = await load();
  expect(lost.outputs?.checks.accountedRows).toMatchObject({ status: "failed", figure: 96 });
  expect(lost.reasons.join()).toMatch(/2\.parquet: 96 rows[\s\S]*cure: .*quality\.accountedRows\.maxMissing/);
  const accepted = await load({ quality: { accountedRows: { maxMissing: 96 } } });
  expect(accepted.reasons).toEqual([]);
  expect(accepted.outputs).toMatchObject({ totalRows: 96, verified: true });
  await cloud.sql(`TRUNCATE TABLE ${full()}`);
  await loadRight();
  expect(model.files.size).toBe(2);
});

test("a file that went from the bucket keeps its rows, and is told", async () => {
  const { table, loadRight } = await prepare(2);
  await loadRight();
  await cloud.remove(table, "2.parquet");
  const { outputs, lines } = await loadRight();
  expect(outputs?.files.gone).toEqual(["2.parquet"]);
  expect(lines).toContainEqual(
    expect.stringMatching(/1 file of the table are no more in the bucket; their rows stay/),
  );
});

test("many files land by several COPYs, and in one transaction", async () => {
  const { table, put, model, load } = await prepare(0);
  const [row] = day(1);
  for (let index = 0; index < 210; index++)
    await put(`${String(index).padStart(3, "0")}.parquet`, [
      { ...(row as Reading), timestamp: new Date(Date.UTC(2026, 6, 1) + index * 900_000) },
    ]);
  const { reasons, outputs } = await load({ filesPerCopy: 100 });
  expect(reasons).toEqual([]);
  expect(outputs).toMatchObject({ filesLoaded: 210, rowsLoaded: 210, version: 2 });
  expect(cloud.copiesOf(table)).toHaveLength(3);
  expect(await faultsOf(cloud, model)).toEqual([]);
});

test("a look never fails for what it finds, whatever the settings say about such files", async () => {
  const { put, look: sight, loadRight } = await prepare(1);
  const { outputs } = await loadRight();
  await put("1.parquet", day(3));
  await put("2.parquet", day(2));
  const { findings, pending } = await sight(outputs);
  expect(findings.join("\n")).toMatch(/waiting to be loaded: 1 file,[\s\S]*1 file changed under their name/);
  expect(pending).toMatchObject({ files: 1, replaced: 1 });
});

test("as many rows gone as came by hand: a look sees it, and the next load counts both", async () => {
  const { full, look: sight, load, loadRight } = await prepare(2);
  const { outputs } = await loadRight();
  expect((await sight(outputs)).findings).toEqual([]);
  const other = `SELECT 'OTHER', TIMESTAMP, USAGE_KWH, VOLTAGE FROM ${full()} WHERE TIMESTAMP >= '2026-07-02'`;
  await cloud.sql(`INSERT INTO ${full()} (METER_ID, TIMESTAMP, USAGE_KWH, VOLTAGE) ${other}`);
  await cloud.sql(`DELETE FROM ${full()} WHERE TIMESTAMP >= '2026-07-02' AND FILE_ID IS NOT NULL`);
  expect(await sight(outputs)).toMatchObject({ changed: true, totalRows: 192 });
  const next = await load();
  expect(next.outputs?.checks.accountedRows).toMatchObject({ status: "failed", figure: 96 });
  expect(next.outputs?.checks.foreignRows).toMatchObject({ status: "warned", figure: 96 });
});

test("another stack's load of the same table is seen, also where the number of rows is the same", async () => {
  const { load, look: sight, loadRight } = await prepare(1);
  const { outputs } = await loadRight();
  await load({ owner: "test/other", verifyAll: true });
  const { findings, changed } = await sight(outputs);
  expect(changed).toBe(true);
  expect(findings).toEqual([expect.stringMatching(/was changed since the last load, by somebody else/)]);
  const { outputs: after } = await loadRight();
  expect((await sight(after)).findings).toEqual([]);
});

test("what a load published that was killed right after its commit, a look takes over with the figures of now", async () => {
  const { put, args, look: sight, loadRight } = await prepare(1);
  const { outputs } = await loadRight();
  await put("2.parquet", day(2));
  const client = loadInProcess(cloud, { ...args, owner: "test/direct" });
  const ended = once(client, "exit");
  // The first look at the control row after the block says that it has committed.
  await when(statement(BLOCK), "before", async () => {});
  await when(statement(/^SELECT VERSION, TOKEN/), "before", async () => client.kill("SIGKILL"));
  await ended;
  const { later, findings } = await sight(outputs);
  expect(later).toMatchObject({ totalRows: 192, filesLoaded: 2, version: 3, verified: true });
  expect(later?.maxTimestamp).toBe("2026-07-02T23:45:00");
  expect(findings).toEqual([
    expect.stringMatching(/warehouse LOAD_TEST_WH is XLARGE, not MEDIUM/),
    expect.stringMatching(/was loaded since by this stack, without an update/),
  ]);
  expect(await sight(later)).toMatchObject({ changed: false, pending: { files: 0 } });
});

test("a file of which rows were deleted by hand can be replaced", async () => {
  const { full, put, load, loadRight } = await prepare(2);
  await loadRight();
  await cloud.sql(`DELETE FROM ${full()} WHERE TIMESTAMP >= '2026-07-02'`);
  const accepting = { quality: { accountedRows: { maxMissing: 96 } } };
  expect((await load(accepting)).reasons).toEqual([]);
  await put("2.parquet", day(2, 121));
  await loadRight({ ...accepting, replacedFiles: "replace" });
});

test("files that cannot be read publish nothing, time after time", async () => {
  const { table, load, loadRight } = await prepare(1);
  const { outputs } = await loadRight();
  await cloud.put(table, "torn.parquet", Buffer.from("PAR1 torn"));
  const accepting = { quality: { unreadableFiles: { max: 1 } } };
  for (const _time of [1, 2]) {
    const next = await load(accepting);
    expect(next.reasons).toEqual([]);
    expect(next.outputs).toMatchObject({ version: outputs?.version, verified: true, totalRows: 96 });
    expect(next.outputs?.files.unreadable).toEqual([expect.stringMatching(/^torn\.parquet/)]);
  }
});
