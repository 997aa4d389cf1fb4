/** Files as other writers make them: each loads right, or is reported. By the load alone, without the engine. */
import { accountingTableName } from "../../components/verified-load/tables.ts";
import { type FixtureName, fixtures, readings } from "../../sandbox/test/support/parquet-fixtures.ts";
import { type LoadCloud, startLoadCloud } from "./support/load-cloud.ts";
import { loadDirectly } from "./support/load-directly.ts";

jest.setTimeout(180_000);

let cloud: LoadCloud;
beforeAll(async () => {
  cloud = await startLoadCloud();
}, 120_000);
afterAll(() => cloud?.stopAll());

const full = (table: string) => `FLUX_LOAD_TEST.PRODUCTION.${table}`;
let number = 0;

/** Loads one file of each kind, a day each. */
async function loadFiles(names: readonly FixtureName[], settings = {}) {
  const table = `WRITER_${++number}`;
  const args = await cloud.makeTable(table);
  for (const [index, name] of names.entries()) {
    const start = new Date(Date.parse("2026-07-01") + index * 86_400_000).toISOString().slice(0, 10);
    await cloud.put(table, `${name}.parquet`, await fixtures[name](readings({ start, meters: 1 })));
  }
  const result = await loadDirectly(cloud, { ...args, ...settings });
  const accounts = await cloud.sql(
    `SELECT SPLIT_PART(FILE, '/', 2) AS FILE, STATUS, ROWS_PARSED, ROWS_LOADED, ROWS_REJECTED, FIRST_ERROR, FIRST_ERROR_LINE FROM ${full(accountingTableName(table))} ORDER BY FILE`,
  );
  return { ...result, table, accounts };
}

const RIGHT = [
  "plain",
  "hyparquet",
  "int96",
  "utcMillis",
  "utcMicros",
  "utcNanos",
  "localMicrosConverted",
  "localMicros",
  "localMillis",
  "localNanos",
  "textTimestamp",
  "usageDecimal",
  "otherCase",
  "extraColumns",
  "zstd",
  "gzip",
  "uncompressed",
  "noRows",
] as const satisfies FixtureName[];

test("files that say the same in another way load the same", async () => {
  const { outputs, reasons, table, accounts } = await loadFiles(RIGHT, {
    quality: { dateCoverage: { severity: "off" }, continuity: { severity: "off" } },
  });
  expect(reasons).toEqual([]);
  expect(
    Object.fromEntries(accounts.map(({ FILE, STATUS, ROWS_LOADED }) => [FILE, [STATUS, ROWS_LOADED]])),
  ).toEqual(
    Object.fromEntries(RIGHT.map((name) => [`${name}.parquet`, ["LOADED", name === "noRows" ? 0 : 96]])),
  );
  expect(outputs).toMatchObject({
    totalRows: 17 * 96,
    minTimestamp: "2026-07-01T00:00:00",
    maxTimestamp: "2026-07-17T23:45:00",
    uniqueMeters: 1,
  });
  // Every day is the same day: same clock times, same values, whoever wrote it.
  const days = await cloud.sql(
    `SELECT COUNT(*) AS N, COUNT(DISTINCT TIMESTAMP) AS TIMES, MIN(TO_CHAR(TIMESTAMP, 'HH24:MI')) AS FIRST_AT, MAX(TO_CHAR(TIMESTAMP, 'HH24:MI')) AS LAST_AT,
       ROUND(SUM(USAGE_KWH), 4) AS KWH, SUM(VOLTAGE) AS VOLTS, SUM(POWER_FACTOR) AS FACTORS
     FROM ${full(table)} GROUP BY TO_DATE(TIMESTAMP)`,
  );
  expect(days).toHaveLength(17);
  expect(new Set(days.map((row) => JSON.stringify(row))).size).toBe(1);
  expect(days[0]).toMatchObject({ N: 96, TIMES: 96, FIRST_AT: "00:00", LAST_AT: "23:45" });
});

test("numbers of other types are converted as the columns want them", async () => {
  const { outputs, table } = await loadFiles(["usageInteger", "voltageDouble", "missingColumns"], {
    quality: { continuity: { severity: "off" } },
  });
  expect(outputs?.totalRows).toBe(3 * 96);
  const [row] = await cloud.sql(
    `SELECT COUNT_IF(POWER_FACTOR IS NULL AND SOURCE_TABLE IS NULL) AS ABSENT,
       MIN(VOLTAGE) AS LEAST, MAX(VOLTAGE) AS MOST, SUM(VOLTAGE) AS VOLTS,
       SUM(IFF(TO_DATE(TIMESTAMP) = '2026-07-01', USAGE_KWH, NULL)) AS WHOLE_KWH FROM ${full(table)}`,
  );
  const volts = readings({ meters: 1 }).map(({ voltage }) => voltage);
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  expect(row).toMatchObject({
    ABSENT: 96,
    LEAST: Math.min(...volts),
    // Half volts are rounded up.
    MOST: Math.max(...volts) + 1,
    VOLTS: 3 * sum(volts) + 96,
    WHOLE_KWH: sum(readings({ meters: 1 }).map(({ usageKwh }) => Math.round(usageKwh))),
  });
});

test.each(["truncated", "corrupt", "notParquet", "zeroBytes"] as const)(
  "%s: not loaded, named with its error, and the rest goes in",
  async (name) => {
    const { reasons, outputs, accounts } = await loadFiles(["plain", name]);
    expect(reasons.join("\n")).toMatch(
      new RegExp(`1 file could not be loaded[\\s\\S]*${name}\\.parquet: not loaded: .+`),
    );
    expect(outputs).toMatchObject({
      totalRows: 96,
      filesLoaded: 1,
      files: { failed: [expect.stringContaining(name)] },
    });
    expect(accounts).toContainEqual(
      expect.objectContaining({
        FILE: `${name}.parquet`,
        STATUS: "LOAD_FAILED",
        FIRST_ERROR: expect.stringMatching(/.+/),
      }),
    );
  },
);

test.each([
  ["longSegment", 77, 19, 5],
  ["badVoltage", 95, 1, 3],
] as const)("%s: rejected rows are counted and explained", async (name, loaded, rejected, line) => {
  const { reasons, accounts } = await loadFiles(["plain", name], {
    quality: { continuity: { severity: "off" } },
  });
  expect(reasons.join("\n")).toContain(`${name}.parquet`);
  const [row] = accounts.filter(({ FILE }) => FILE === `${name}.parquet`);
  expect(row).toMatchObject({
    STATUS: "PARTIALLY_LOADED",
    ROWS_PARSED: 96,
    ROWS_LOADED: loaded,
    ROWS_REJECTED: rejected,
    FIRST_ERROR: expect.stringMatching(/.+/),
    FIRST_ERROR_LINE: line,
  });
});

test("keys under other names load as NULL, and that is caught", async () => {
  const { reasons } = await loadFiles(["plain", "renamedKeys"]);
  expect(reasons.join("\n")).toMatch(
    /FAIL keyNulls: 96 rows with a NULL in the key \(METER_ID 96, TIMESTAMP 96\): no TIMESTAMP: 96 rows\n {2}cure: .*by name/,
  );
});

test("timestamps in another unit are caught, though no calendar has their years", async () => {
  const { reasons, outputs } = await loadFiles(["plain", "bareMicros"]);
  expect(reasons.join("\n")).toMatch(
    /FAIL timestampWindow: 96 timestamps outside .*last about the year \d{6,}\).*: about the year \d{6,}: /,
  );
  expect(outputs?.maxTimestamp).toMatch(/^about the year \d{6,}$/);
});

test("NULL meters are caught", async () => {
  const { reasons } = await loadFiles(["nullKeys"], { quality: { continuity: { severity: "off" } } });
  expect(reasons.join("\n")).toMatch(/FAIL keyNulls: 24 rows with a NULL .*: 2026-07-01: 24 rows/);
});
