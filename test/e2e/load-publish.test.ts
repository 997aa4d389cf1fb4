/** Write, audit, publish, without the engine: what becomes visible, what is refused, what is kept. */
import { fixtures, type Reading, readings } from "../../sandbox/test/support/parquet-fixtures.ts";
import { type LoadCloud, type Settings, startLoadCloud } from "./support/load-cloud.ts";
import { loadDirectly } from "./support/load-directly.ts";

jest.setTimeout(240_000);

let cloud: LoadCloud;
const day = (start: string, days = 1) => fixtures.plain(readings({ start, days }));
/** A day of readings, some of them changed. */
const changed = (start: string, change: (row: Reading, index: number) => Partial<Reading>) =>
  fixtures.plain(readings({ start }).map((row, index) => ({ ...row, ...change(row, index) })));
beforeAll(async () => {
  cloud = await startLoadCloud();
}, 120_000);
afterAll(() => cloud?.stopAll());

let number = 0;
async function prepare(files: Record<string, Buffer>, settings: Partial<Settings> = {}) {
  const table = `PUBLISH_${++number}`;
  const args = { ...(await cloud.makeTable(table)), ...settings };
  for (const [name, body] of Object.entries(files)) await cloud.put(table, name, body);
  const full = (suffix = "") => `FLUX_LOAD_TEST.PRODUCTION.${table}${suffix}`;
  return {
    table,
    full,
    load: (more: Partial<Settings> = {}) => loadDirectly(cloud, { ...args, ...more }),
    count: async (suffix = "", where = "TRUE") =>
      Number((await cloud.sql(`SELECT COUNT(*) AS N FROM ${full(suffix)} WHERE ${where}`))[0]?.N),
  };
}
const statusOf = ({ outputs }: Awaited<ReturnType<typeof loadDirectly>>, check: string) =>
  outputs?.checks[check]?.status;

test("publishes each file once, and says what the table comes to", async () => {
  const { table, load, count } = await prepare({
    "a.parquet": await day("2026-07-01"),
    "b.parquet": await day("2026-07-02"),
  });
  const first = await load();
  expect(first.reasons).toEqual([]);
  expect(first.outputs).toMatchObject({
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
  });
  const again = await load();
  expect(again.outputs).toMatchObject({ filesLoaded: 2, totalRows: 384, verified: true, version: 2 });
  await cloud.put(table, "c.parquet", await day("2026-07-03"));
  const third = await load();
  expect(third.outputs).toMatchObject({ filesLoaded: 3, totalRows: 576, verified: true, version: 3 });
  expect(await count()).toBe(576);
  expect(await count("", "FILE_ID IS NULL")).toBe(0);
  expect(await count("_METERS", "READINGS = 288 AND INTERVALS = 288")).toBe(2);
  expect(await count("_DAYS", "READINGS = 192 AND METERS = 2")).toBe(3);
});

test("a failed check leaves the readings as they were, and what landed is not copied again", async () => {
  const { table, load, count } = await prepare({ "a.parquet": await day("2026-07-01") });
  await load();
  await cloud.put(table, "b.parquet", await changed("2026-07-02", () => ({ voltage: 300 })));
  const refused = await load();
  expect(refused.reasons.join()).toMatch(/voltage: 50\.00 % of readings|voltage: 0\.00 % of readings/);
  expect(refused.outputs).toMatchObject({ totalRows: 192, filesLoaded: 1, verified: false, version: 2 });
  expect(refused.outputs?.landing).toHaveLength(1);
  expect(await count()).toBe(192);
  const copies = cloud.copiesOf(table).length;
  const accepted = await load({ quality: { voltage: { severity: "warn" } } });
  expect(accepted.outputs).toMatchObject({ totalRows: 384, verified: true, landing: [] });
  expect(statusOf(accepted, "voltage")).toBe("warned");
  expect(cloud.copiesOf(table)).toHaveLength(copies);
});

test("a row that does not convert, or breaks a rule in quarantine, is kept with file, row and reason", async () => {
  const rows = readings({ start: "2026-07-01" });
  const { load, count, full } = await prepare({
    "a.parquet": await fixtures.longSegment(rows),
    "b.parquet": await changed("2026-07-02", (_row, index) => (index === 7 ? { usageKwh: -1 } : {})),
  });
  const refused = await load({ quality: { usageNotNegative: { severity: "quarantine" } } });
  expect(statusOf(refused, "rejectedRows")).toBe("failed");
  expect(await count()).toBe(0);
  expect(await count("_REJECTED")).toBe(0);
  const quality = {
    usageNotNegative: { severity: "quarantine" },
    continuity: { severity: "warn" },
  } as const;
  const accepted = await load({ quality, maxRejectedShare: 0.2 });
  expect(accepted.reasons).toEqual([]);
  const rejected = Math.floor(192 / 5) + 1;
  expect(accepted.outputs).toMatchObject({
    totalRows: 384 - rejected,
    rowsRejected: rejected,
    rowsLoaded: 384 - rejected,
  });
  const kept = await cloud.sql(
    `SELECT FILE, ROW_NUMBER, COLUMN_NAME, REASON, RAW_RECORD FROM ${full("_REJECTED")} ORDER BY FILE DESC, ROW_NUMBER`,
  );
  expect(kept).toHaveLength(rejected);
  expect(kept[0]).toMatchObject({
    FILE: expect.stringMatching(/^s3:.*b\.parquet$/),
    COLUMN_NAME: "USAGE_KWH",
    REASON: expect.stringContaining("usageNotNegative"),
    RAW_RECORD: expect.objectContaining({ USAGE_KWH: -1, METER_ID: "MTR-00000001" }),
  });
  expect(kept[1]).toMatchObject({
    COLUMN_NAME: "CUSTOMER_SEGMENT_ID",
    REASON: expect.stringContaining("does not convert to VARCHAR(11)"),
  });
});

test("an unreadable file stays out whole and is named; the others wait with it, until it is accepted", async () => {
  const { load, count } = await prepare({
    "a.parquet": await day("2026-07-01"),
    "b.parquet": await fixtures.truncated(readings({ start: "2026-07-02" })),
    "c.parquet": await fixtures.corrupt(readings({ start: "2026-07-02" })),
    "d.parquet": await fixtures.zeroBytes(),
  });
  const refused = await load();
  expect(statusOf(refused, "unreadableFiles")).toBe("failed");
  expect(refused.outputs?.files.unreadable.map((name) => name.split(":")[0])).toEqual(
    expect.arrayContaining(["b.parquet", "c.parquet", "d.parquet"]),
  );
  expect(await count()).toBe(0);
  const accepted = await load({ quality: { unreadableFiles: { max: 3 } } });
  expect(accepted.outputs).toMatchObject({
    totalRows: 192,
    filesLoaded: 1,
    pending: { files: 0 },
    files: { unreadable: { length: 3 } },
  });
});

test("a replaced file: fails, is skipped, or has its rows swapped in one transaction", async () => {
  const { table, load, count } = await prepare({
    "a.parquet": await day("2026-07-01"),
    "b.parquet": await day("2026-07-02"),
  });
  await load();
  await cloud.put(table, "b.parquet", await changed("2026-07-02", () => ({ voltage: 120 })));
  await expect(load()).rejects.toThrow(/changed under their name[\s\S]*set replacedFiles to replace/);
  expect((await load({ replacedFiles: "skip" })).outputs).toMatchObject({ totalRows: 384, verified: true });
  expect(await count("", "VOLTAGE <> 120")).toBeGreaterThan(300);
  const swapped = await load({ replacedFiles: "replace" });
  expect(swapped.reasons).toEqual([]);
  expect(swapped.outputs).toMatchObject({ totalRows: 384, filesLoaded: 2, verified: true });
  expect(await count("", "TIMESTAMP >= '2026-07-02' AND VOLTAGE <> 120")).toBe(0);
  expect(await count("_LOADS", "DISCARDED_AT IS NOT NULL")).toBe(1);
  expect(await count("_METERS", "READINGS = 192")).toBe(2);
});

test("rows by others are told, lost rows refused, and an emptied table is loaded anew", async () => {
  const { table, full, load, count } = await prepare({ "a.parquet": await day("2026-07-01") });
  await load();
  await cloud.sql(
    `INSERT INTO ${full()} (METER_ID, TIMESTAMP, USAGE_KWH, VOLTAGE, POWER_FACTOR, CUSTOMER_SEGMENT_ID, SOURCE_TABLE) SELECT METER_ID, DATEADD('day', 1, TIMESTAMP), USAGE_KWH, VOLTAGE, POWER_FACTOR, CUSTOMER_SEGMENT_ID, SOURCE_TABLE FROM ${full()}`,
  );
  const foreign = await load();
  expect(foreign.outputs?.checks.foreignRows).toMatchObject({ status: "warned", figure: 192 });
  expect(foreign.outputs?.checks.foreignRows?.message).toContain("2026-07-02T00:00:00");
  await cloud.sql(`DELETE FROM ${full()} WHERE FILE_ID IS NULL OR HOUR(TIMESTAMP) = 3`);
  const lost = await load();
  expect(lost.outputs?.checks.accountedRows).toMatchObject({ status: "failed", figure: 8 });
  expect(lost.reasons.join()).toContain("a.parquet: 8 rows");
  await cloud.sql(`TRUNCATE TABLE ${full()}`);
  await cloud.put(table, "b.parquet", await day("2026-07-02"));
  const anew = await load();
  expect(anew.reasons).toEqual([]);
  expect(anew.outputs).toMatchObject({ totalRows: 384, filesLoaded: 2, verified: true });
  expect(await count("_LOADS", "DISCARDED_AT IS NULL")).toBe(2);
});

test("continuity is held against all readings, not between a meter's own first and last one", async () => {
  const rows = readings({ start: "2026-07-01", days: 2 });
  const one = rows.filter(({ meterId }, index) => meterId === "MTR-00000001" || index === 250);
  const { load } = await prepare({ "a.parquet": await fixtures.plain(one) });
  const refused = await load();
  expect(refused.outputs?.checks.continuity).toMatchObject({
    status: "failed",
    message: expect.stringMatching(/1 meter begin later.*1 meter end before/),
  });
  const accepted = await load({ quality: { continuity: { maxBeginning: 1, maxEnding: 1 } } });
  expect(accepted.reasons).toEqual([]);
});

test("duplicates and crowded intervals are found, with the files that bring them", async () => {
  const { load } = await prepare({
    "a.parquet": await day("2026-07-01"),
    "b.parquet": await day("2026-07-01"),
  });
  const refused = await load();
  expect(refused.outputs?.checks.duplicates).toMatchObject({ status: "failed", figure: 192 });
  expect(refused.outputs?.checks.duplicates?.examples[0]).toMatch(/a\.parquet.*b\.parquet/);
});

test("a dry run publishes nothing", async () => {
  const { load, count } = await prepare({ "a.parquet": await day("2026-07-01") });
  const dry = await load({ publish: false });
  expect(dry.reasons).toEqual([]);
  expect(dry.outputs).toMatchObject({ verified: false, totalRows: 0, pending: { files: 1 } });
  expect(await count()).toBe(0);
  expect((await load()).outputs).toMatchObject({ verified: true, totalRows: 192 });
});

test("files of many shapes land in one load; one that lacks a key is refused before anything is copied", async () => {
  const { table, load, count } = await prepare({
    "a.parquet": await fixtures.int96(readings({ start: "2026-07-01" })),
    "b.parquet": await fixtures.textTimestamp(readings({ start: "2026-07-02" })),
    "c.parquet": await fixtures.voltageDouble(readings({ start: "2026-07-03" })),
    "d.parquet": await fixtures.noRows(readings({ start: "2026-07-04" })),
  });
  expect((await load()).outputs).toMatchObject({ totalRows: 576, filesLoaded: 4, verified: true });
  const copies = cloud.copiesOf(table).length;
  await cloud.put(table, "e.parquet", await fixtures.renamedKeys(readings({ start: "2026-07-04" })));
  await expect(load()).rejects.toThrow(/no column METER_ID.*DEVICE.*e\.parquet/s);
  expect(cloud.copiesOf(table)).toHaveLength(copies);
  expect(await count()).toBe(576);
});
