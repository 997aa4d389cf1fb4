/**
 * Files as pyarrow and pandas write them, beside those of load-writers.test.ts: times, numbers and texts in other types,
 * every encoding and codec. Each loads right, or is named; without the engine, where an account tells each file's types
 * and where it merges them.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import execa from "execa";
import { clients } from "../../sandbox/paths.ts";
import type { Switches } from "../../sandbox/snowflake/switches.ts";
import { readings } from "../../sandbox/test/support/parquet-fixtures.ts";
import { type LoadCloud, startLoadCloud } from "./support/load-cloud.ts";
import { loadDirectly } from "./support/load-directly.ts";

jest.setTimeout(240_000);

/** Shapes of foreign_files.py that say the same. */
const SAME = [
  "arrow",
  "pandas",
  "pandasIndex",
  "seconds",
  "millis",
  "nanos",
  "utc",
  "utcNanos",
  "berlin",
  "int96",
  "coerced",
  "isoText",
  "isoZ",
  "isoMillisZ",
  "isoOffset",
  "isoShortOffset",
  "postgresText",
  "utcText",
  "minuteText",
  "microsText",
  "nanosText",
  "blankText",
  "epochSeconds",
  "epochMillis",
  "epochMicros",
  "epochNanos",
  "epochDouble",
  "epochText",
  "usageFloat",
  "usageDecimal",
  "usageText",
  "voltageByte",
  "voltageUnsigned",
  "voltageDouble",
  "voltageDecimal",
  "voltageText",
  "voltageExponent",
  "factorDecimal",
  "factorFloat",
  "factorText",
  "largeText",
  "bytes",
  "allBytes",
  "categories",
  "noDictionary",
  "delta",
  "pagesV2",
  "version1",
  "tinyGroups",
  "checksums",
  "noArrowSchema",
  "brotli",
  "lz4",
  "gzip",
  "zstd",
  "none",
  "lowerCase",
  "otherOrder",
  "notNull",
];
/** Shapes of which some rows are rejected, with how many and why. */
const PARTLY: Record<string, [rows: number, reason: RegExp]> = {
  longText: [1, /^CUSTOMER_SEGMENT_ID: does not convert to VARCHAR\(11\)/],
  notANumber: [2, /^USAGE_KWH: usageFinite/],
  wrongTimes: [4, /^TIMESTAMP: does not convert to TIMESTAMP_NTZ\(9\)/],
  wrongNumbers: [3, /^VOLTAGE: does not convert to NUMBER\(22,0\)/],
  huge: [2, /^VOLTAGE: does not convert to NUMBER\(22,0\)/],
};
/** Shapes that stop a load, and what is said of them. */
const STOPS: Record<string, RegExp> = {
  allNull: /column SOURCE_TABLE is VARIANT, .*allNull\.parquet/,
  nested: /column EXTRA is VARIANT: nested\.parquet/,
  boolean: /column VOLTAGE is BOOLEAN, .*boolean\.parquet/,
  timeOfDay: /column TIMESTAMP is TIME, .*timeOfDay\.parquet/,
  realMeters: /column METER_ID is REAL, .*realMeters\.parquet/,
  twice: /differ only by case: VOLTAGE, voltage: twice\.parquet/,
  lacking: /no column POWER_FACTOR: lacking\.parquet/,
};
const LOADED = [...SAME, ...Object.keys(PARTLY), "unicode"];

/** A day for each; among them the one that has 29, and those on which Europe changes its clocks. */
const days = new Map<string, string>([
  ["arrow", "2026-01-01"],
  ["utc", "2028-02-29"],
  ["berlin", "2026-03-29"],
  ["isoOffset", "2026-10-25"],
]);
for (const [index, name] of [...LOADED, ...Object.keys(STOPS)].entries())
  if (!days.has(name)) days.set(name, new Date(Date.UTC(2027, 0, 1 + index)).toISOString().slice(0, 10));
const dayOf = (name: string) => days.get(name) as string;

let cloud: LoadCloud;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "foreign-files-"));
  await execa(join(clients.python, "bin", "python"), [join(__dirname, "support", "foreign_files.py")], {
    input: JSON.stringify({ folder, shapes: Object.fromEntries(days), rows: readings({ meters: 1 }) }),
  });
  cloud = await startLoadCloud();
}, 120_000);
afterAll(async () => {
  await cloud?.stopAll();
  rmSync(folder, { recursive: true, force: true });
});

const put = (table: string, name: string) =>
  cloud.put(table, `${name}.parquet`, readFileSync(join(folder, `${name}.parquet`)));

const SETTINGS = {
  maxRejectedShare: 0.05,
  quality: {
    timestampWindow: { to: "2029-01-01" },
    usageFinite: { severity: "quarantine" },
    continuity: { severity: "off" },
    dateCoverage: { severity: "off" },
  },
} as const;

const ACCOUNTS: [name: string, switches: Partial<Switches>][] = [
  ["tells each file's types", { emptyParquetText: "load" }],
  ["merges them", { emptyParquetText: "load", inferredTypes: "merged" }],
];

describe.each(ACCOUNTS)("an account that %s", (_name, switches) => {
  const table = `FOREIGN_${ACCOUNTS.findIndex(([, others]) => others === switches)}`;
  const full = (suffix = "") => `FLUX_LOAD_TEST.PRODUCTION.${table}${suffix}`;
  let outcome: Awaited<ReturnType<typeof loadDirectly>>;
  let settings: Awaited<ReturnType<LoadCloud["makeTable"]>>;

  beforeAll(async () => {
    await cloud.restartSnowflake("SIGTERM", { switches });
    settings = await cloud.makeTable(table);
    for (const name of LOADED) await put(table, name);
    outcome = await loadDirectly(cloud, { ...settings, ...SETTINGS });
  }, 240_000);

  test("files that say the same in another way are the same: clock times, values, texts", async () => {
    expect(outcome.reasons).toEqual([]);
    expect(outcome.outputs?.files.unreadable).toEqual([]);
    const rows = await cloud.sql(
      `SELECT TIMESTAMP::DATE::VARCHAR AS DAY, COUNT(*) AS N, COUNT(DISTINCT TIMESTAMP) AS TIMES, MIN(TO_CHAR(TIMESTAMP, 'HH24:MI')) AS FIRST_AT,
  MAX(TO_CHAR(TIMESTAMP, 'HH24:MI')) AS LAST_AT, ROUND(SUM(USAGE_KWH), 4) AS KWH, SUM(VOLTAGE) AS VOLTS, SUM(POWER_FACTOR) AS FACTORS,
  MIN(METER_ID) AS METER, MAX(METER_ID) AS LAST_METER, MIN(CUSTOMER_SEGMENT_ID) AS SEGMENT, MIN(SOURCE_TABLE) AS SOURCE FROM ${full()} GROUP BY 1`,
    );
    const byDay = new Map(rows.map(({ DAY, ...rest }) => [DAY, rest]));
    const plain = readings({ meters: 1 });
    const sum = (of: "usageKwh" | "voltage") => plain.reduce((total, row) => total + row[of], 0);
    expect(byDay.get(dayOf("arrow"))).toMatchObject({
      N: 96,
      TIMES: 96,
      FIRST_AT: "00:00",
      LAST_AT: "23:45",
      KWH: sum("usageKwh"),
      VOLTS: sum("voltage"),
      METER: "MTR-00000001",
      SEGMENT: "RESIDENTIAL",
      SOURCE: "AMI_READINGS",
    });
    const found = Object.fromEntries(SAME.map((name) => [name, byDay.get(dayOf(name))]));
    expect(found).toEqual(Object.fromEntries(SAME.map((name) => [name, byDay.get(dayOf("arrow"))])));
  });

  test("rows that do not convert are rejected with the reason, the others of their file are not", async () => {
    const rejected = await cloud.sql(
      `SELECT SPLIT_PART(FILE, '/', -1) AS FILE, COUNT(*) AS N, MIN(REASON) AS FIRST, MAX(REASON) AS LAST FROM ${full("_REJECTED")} GROUP BY 1`,
    );
    expect(rejected.map(({ FILE }) => FILE).toSorted()).toEqual(
      Object.keys(PARTLY)
        .map((name) => `${name}.parquet`)
        .toSorted(),
    );
    for (const [name, [rows, reason]] of Object.entries(PARTLY)) {
      const found = rejected.find(({ FILE }) => FILE === `${name}.parquet`);
      expect(found).toMatchObject({ N: rows, FIRST: expect.stringMatching(reason), LAST: found?.FIRST });
    }
  });

  test("texts stay as they are, whichever way an accent is written", async () => {
    const segments = await cloud.sql(
      `SELECT DISTINCT CUSTOMER_SEGMENT_ID AS SEGMENT FROM ${full()} WHERE TIMESTAMP::DATE = '${dayOf("unicode")}' ORDER BY LENGTH(SEGMENT)`,
    );
    expect(segments.map(({ SEGMENT }) => SEGMENT)).toEqual(["Résidu 😀", "Re\u0301sidu 😀"]);
  });

  test("an index that pandas wrote is told as a column that nobody asked for", () => {
    expect(outcome.outputs?.files.differences).toEqual([
      expect.stringMatching(/column __index_level_0__ \(NUMBER\(38, ?0\)\).*: pandasIndex\.parquet/),
    ]);
  });

  test("what does not fit is named, all of it, before anything is copied", async () => {
    const copies = cloud.copiesOf(table).length;
    for (const name of Object.keys(STOPS)) await put(table, name);
    const error = await loadDirectly(cloud, { ...settings, ...SETTINGS }).catch((thrown: Error) => thrown);
    expect(error).toBeInstanceOf(Error);
    for (const told of Object.values(STOPS)) expect((error as Error).message).toMatch(told);
    expect(cloud.copiesOf(table)).toHaveLength(copies);
  });
});

test("where an empty text is no value, a file with one stays out and is named, and the others are loaded", async () => {
  await cloud.restartSnowflake("SIGTERM", { switches: { emptyParquetText: "reject" } });
  const settings = await cloud.makeTable("FOREIGN_EMPTY");
  for (const name of ["arrow", "wrongNumbers"]) await put("FOREIGN_EMPTY", name);
  const quality = { ...SETTINGS.quality, unreadableFiles: { max: 1 } };
  const { reasons, outputs } = await loadDirectly(cloud, { ...settings, ...SETTINGS, quality });
  expect(reasons).toEqual([]);
  expect(outputs?.files.unreadable).toEqual([expect.stringMatching(/^wrongNumbers\.parquet: .*empty/i)]);
  expect(outputs?.totalRows).toBe(96);
});
