/** Files as other writers make them: each loads right, or is reported. By the load alone, without the engine. */
import { accountingTableName } from "../../components/verified-load/accounting-columns.ts";
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
    `SELECT SPLIT_PART(FILE, '/', 2) AS FILE, STATUS, ROWS_PARSED, ROWS_LOADED, ROWS_REJECTED, FIRST_ERROR FROM ${full(accountingTableName(table))} ORDER BY FILE`,
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
    accounts
      .filter(({ FILE }) => FILE !== "noRows.parquet")
      .map(({ STATUS, ROWS_LOADED }) => [STATUS, ROWS_LOADED]),
  ).toEqual(RIGHT.slice(1).map(() => ["LOADED", 96]));
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
    `SELECT COUNT_IF(USAGE_KWH = ROUND(USAGE_KWH)) AS WHOLE, COUNT_IF(POWER_FACTOR IS NULL AND SOURCE_TABLE IS NULL) AS ABSENT, COUNT(VOLTAGE) AS VOLTS FROM ${full(table)}`,
  );
  expect(row).toMatchObject({ ABSENT: 96, VOLTS: 3 * 96 });
  expect(Number(row?.WHOLE)).toBeGreaterThanOrEqual(96);
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

test.each(["longSegment", "badVoltage"] as const)(
  "%s: rejected rows are counted and explained",
  async (name) => {
    const { reasons, accounts } = await loadFiles(["plain", name], {
      quality: { continuity: { severity: "off" } },
    });
    expect(reasons.join("\n")).toContain(`${name}.parquet`);
    const [row] = accounts.filter(({ FILE }) => FILE === `${name}.parquet`);
    expect(row?.STATUS).not.toBe("LOADED");
    expect(row?.FIRST_ERROR).toEqual(expect.stringMatching(/.+/));
  },
);

test("keys under other names load as NULL, and that is caught", async () => {
  const { reasons } = await loadFiles(["plain", "renamedKeys"]);
  expect(reasons.join("\n")).toMatch(
    /FAIL keyNulls: 192 NULLs in the key \(METER_ID 96, TIMESTAMP 96\).*by name/,
  );
});

test("NULL meters are caught", async () => {
  const { reasons } = await loadFiles(["nullKeys"], { quality: { continuity: { severity: "off" } } });
  expect(reasons.join("\n")).toMatch(/FAIL keyNulls: 24 NULLs/);
});
