import fc from "fast-check";
import type { LoadSettings } from "../../../components/verified-load/args.ts";
import { daysFrom, judge, ranges } from "../../../components/verified-load/checks.ts";
import {
  type Examples,
  findExamples,
  findUnknownMeters,
} from "../../../components/verified-load/examples.ts";
import type { Session } from "../../../components/verified-load/session.ts";
import { type Figures, readFigures, scanStatement } from "../../../components/verified-load/verify.ts";
import { duckdbSession } from "./support/duckdb-session.ts";
import { settings as complete } from "./support/settings.ts";

let session: Session;
let run: (sql: string) => Promise<unknown>;

beforeAll(async () => {
  ({ session, run } = await duckdbSession());
  await run("CREATE SCHEMA PRODUCTION");
  await run("ATTACH ':memory:' AS FLUX");
  await run("CREATE SCHEMA FLUX.PRODUCTION");
  await run(
    "CREATE TABLE FLUX.PRODUCTION.AMI_INTERVAL_READINGS (METER_ID VARCHAR, TIMESTAMP TIMESTAMP, USAGE_KWH DOUBLE, VOLTAGE DECIMAL(22,0))",
  );
  await run(
    "CREATE TABLE FLUX.PRODUCTION.METERS AS SELECT * FROM (VALUES ('M1'), ('M2'), ('M2')) AS t(METER_ID)",
  );
});
afterAll(() => session.close());
beforeEach(() => run("DELETE FROM FLUX.PRODUCTION.AMI_INTERVAL_READINGS"));

type Reading = [meter: string | null, at: string | null, volts: number | null];
const minute = (n: number) =>
  new Date(Date.parse("2025-01-01T00:00:00Z") + n * 60_000).toISOString().slice(0, 19);
/** Readings of one meter in these 15-minute slots of the year. */
const slots = (meter: string, numbers: number[]): Reading[] =>
  numbers.map((n) => [meter, minute(n * 15), 120]);
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

async function insert(readings: Reading[]) {
  const text = (value: string | null) => (value === null ? "NULL" : `'${value}'`);
  const rows = readings.map(([meter, at, volts]) => `(${text(meter)}, ${text(at)}, 1, ${volts ?? "NULL"})`);
  if (rows.length > 0)
    await run(`INSERT INTO FLUX.PRODUCTION.AMI_INTERVAL_READINGS VALUES ${rows.join(", ")}`);
}

async function figuresOf(readings: Reading[], more: Partial<LoadSettings> = {}) {
  const settings = complete(more);
  await insert(readings);
  const { sql, binds } = scanStatement(settings);
  const scan = await session.start(sql, binds);
  return { settings, scan, figures: await readFigures(session, scan) };
}

async function checksOf(readings: Reading[], more: Partial<LoadSettings> = {}) {
  const { settings, scan, figures } = await figuresOf(readings, more);
  const examples = await findExamples(session, settings, figures, scan);
  const unknownMeters = await findUnknownMeters(session, settings, scan);
  return judge(settings, { figures, examples, unknownMeters, accountedRows: readings.length });
}

const meters = { metersTable: "FLUX.PRODUCTION.METERS" };

test("good readings: the guide's four figures, and every check passes", async () => {
  const readings = [...slots("M1", range(0, 192)), ...slots("M2", range(0, 192))];
  const { figures } = await figuresOf(readings);
  expect(figures).toMatchObject({
    totalRows: 384,
    minTimestamp: "2025-01-01T00:00:00",
    maxTimestamp: "2025-01-02T23:45:00",
    uniqueMeters: 2,
    missing: 0,
    duplicates: 0,
    surplus: 0,
    days: [
      { day: "2025-01-01", from: "2025-01-01T00:00:00", to: "2025-01-01T23:45:00" },
      { day: "2025-01-02", from: "2025-01-02T00:00:00", to: "2025-01-02T23:45:00" },
    ],
  } satisfies Partial<Figures>);
  await run("DELETE FROM FLUX.PRODUCTION.AMI_INTERVAL_READINGS");
  const checks = await checksOf(readings, {
    ...meters,
    expectedFrom: "2025-01-01",
    expectedTo: "2025-01-02",
  });
  expect(Object.entries(checks).map(([name, { status }]) => [name, status])).toEqual(
    Object.keys(checks).map((name) => [name, "passed"]),
  );
});

test("missing and duplicate readings are told apart, with where they are", async () => {
  const missing = range(0, 192).filter((n) => n !== 41 && n !== 42);
  const checks = await checksOf([...slots("M1", missing), ...slots("M2", [...range(0, 192), 100, 100])]);
  expect(checks.continuity).toMatchObject({
    status: "failed",
    figure: 2,
    examples: ["M1: 2 missing from 2025-01-01 10:15"],
  });
  expect(checks.duplicates).toMatchObject({
    status: "failed",
    figure: 2,
    examples: ["M2: 3 rows at 2025-01-02 01:00"],
  });
});

test("as many missing as duplicate readings do not cancel out", async () => {
  const checks = await checksOf(slots("M1", [0, 1, 1, 3]));
  expect(checks.continuity.figure).toBe(1);
  expect(checks.duplicates.figure).toBe(1);
});

test("a meter that starts or stops within the range misses nothing; a gap of whole days does", async () => {
  const checks = await checksOf([
    ...slots("M1", range(0, 960)),
    ...slots("M2", range(50, 101)),
    ...slots("M3", [0, 96 * 5]),
  ]);
  expect(checks.continuity).toMatchObject({
    figure: 96 * 5 - 1,
    examples: ["M3: 479 missing from 2025-01-01 00:15"],
  });
});

test("days of the clock changes and leap days have 96 readings like all others: the times have no zone", async () => {
  const days = ["2024-02-28", "2024-03-10", "2024-10-27", "2024-11-03"].map(
    (day) => (Date.parse(day) - Date.parse("2025-01-01")) / 900_000,
  );
  const checks = await checksOf(
    days.flatMap((first, index) => slots(`M${index}`, range(first, first + 3 * 96))),
  );
  expect(checks.continuity).toMatchObject({ status: "passed", figure: 0 });
  expect(checks.dateCoverage.status).toBe("failed");
});

test("readings off the grid are said, and do not hide missing ones", async () => {
  const checks = await checksOf([
    ["M1", minute(0), 120],
    ["M1", minute(22), 120],
    ["M1", minute(60), 120],
  ]);
  expect(checks.continuity).toMatchObject({
    figure: 2,
    message: expect.stringContaining("1 reading off the 15-minute grid"),
  });
});

test("voltage: the share in range counts NULL as outside, limits as inside", async () => {
  const volts = [110, 125, 109, 126, null, ...range(0, 95).map(() => 120)];
  const readings = volts.map((v, n): Reading => ["M1", minute(n * 15), v]);
  expect((await checksOf(readings)).voltage).toMatchObject({
    status: "failed",
    figure: 0.97,
    threshold: 0.99,
    examples: ["M1: 3 of 100 out of range"],
  });
  await run("DELETE FROM FLUX.PRODUCTION.AMI_INTERVAL_READINGS");
  const lenient = await checksOf(readings, { quality: { voltage: { minShare: 0.97 } } });
  expect(lenient.voltage.status).toBe("passed");
});

test("severity decides whether a finding fails, warns or is not looked for", async () => {
  const quality = { continuity: { severity: "warn" }, duplicates: { severity: "off" } } as const;
  const checks = await checksOf(slots("M1", [0, 1, 1, 3]), { quality });
  expect(checks.continuity.status).toBe("warned");
  expect(checks.duplicates).toMatchObject({ status: "skipped", message: "skipped: switched off" });
});

test("meters that the meters table does not have are counted and named", async () => {
  const checks = await checksOf([...slots("M1", [0]), ...slots("M8", [0]), ...slots("M9", [0])], meters);
  expect(checks.referentialIntegrity).toMatchObject({ status: "failed", figure: 2, examples: ["M8", "M9"] });
});

test("no meters table: skipped, and said so", async () => {
  const checks = await checksOf(slots("M1", [0]));
  expect(checks.referentialIntegrity).toMatchObject({
    status: "skipped",
    message: expect.stringContaining("no metersTable"),
  });
  const absent = {
    rows: async () =>
      Promise.reject(new Error("SQL compilation error:\nTable 'X' does not exist or not authorized.")),
  } as unknown as Session;
  await expect(findUnknownMeters(absent, complete(meters), "scan")).resolves.toEqual({
    skipped: expect.stringContaining("FLUX.PRODUCTION.METERS"),
  });
  const invalid = {
    rows: () =>
      Promise.reject(new Error("SQL compilation error: error line 2\ninvalid identifier 'K.METER_ID'")),
  } as unknown as Session;
  await expect(findUnknownMeters(invalid, complete(meters), "scan")).rejects.toThrow(
    /FLUX\.PRODUCTION\.METERS cannot tell.*no column METER_ID[\s\S]*cure: set metersTable to/,
  );
  const broken = { rows: async () => Promise.reject(new Error("something else")) } as unknown as Session;
  await expect(findUnknownMeters(broken, complete(meters), "scan")).rejects.toThrow("something else");
});

test("date coverage: against the expected range, runs of days named", async () => {
  const checks = await checksOf([...slots("M1", [0]), ...slots("M1", [96 * 4])], {
    expectedFrom: "2024-12-31",
    expectedTo: "2025-01-06",
  });
  expect(checks.dateCoverage).toMatchObject({
    status: "failed",
    figure: 5,
    examples: ["2024-12-31", "2025-01-02 to 2025-01-04", "2025-01-06"],
  });
});

test("date coverage: the first day begins and the last one ends within an interval of midnight", async () => {
  const expected = { expectedFrom: "2025-01-01", expectedTo: "2025-01-02" };
  // Readings that are stamped with the end of their interval: 00:15 to 24:00.
  const ends = await checksOf(slots("M1", range(1, 193)), expected);
  expect(ends.dateCoverage.status).toBe("passed");
  await run("DELETE FROM FLUX.PRODUCTION.AMI_INTERVAL_READINGS");
  const cut = await checksOf(slots("M1", range(90, 97)), expected);
  expect(cut.dateCoverage).toMatchObject({
    status: "failed",
    figure: 2,
    message: "the readings do not reach the ends of the expected range",
    examples: ["2025-01-01 only from 22:30", "2025-01-02 only until 00:00"],
  });
});

test.each([{ expectedFrom: "2026-08-01" }, { expectedTo: "2024-08-01" }])(
  "date coverage: readings that all lie beyond %j do not cover it",
  async (expected) => {
    const checks = await checksOf(slots("M1", range(0, 96)), expected);
    expect(checks.dateCoverage).toMatchObject({ status: "failed", figure: 1 });
    await run("DELETE FROM FLUX.PRODUCTION.AMI_INTERVAL_READINGS");
    expect((await checksOf([], expected)).dateCoverage).toMatchObject({ status: "failed", figure: 1 });
  },
);

test("more readings than a day has intervals are found, whatever the clock of the meter", async () => {
  const half = (meter: string, numbers: number[], seconds: number) =>
    numbers.map((n): Reading => [meter, `${minute(n * 15).slice(0, 17)}${seconds}.5`, 120]);
  const twice = await checksOf([...slots("M1", range(0, 96)), ...half("M1", range(40, 43), 10)]);
  expect(twice.continuity).toMatchObject({
    status: "failed",
    figure: 3,
    threshold: 0,
    message:
      "3 readings too many, at other times within a 15-minute interval; 3 readings off the 15-minute grid",
    examples: ["M1: 2 readings in the interval from 2025-01-01 10:00"],
  });
  expect(twice.duplicates.status).toBe("passed");
  await run("DELETE FROM FLUX.PRODUCTION.AMI_INTERVAL_READINGS");
  const late = await checksOf(half("M1", range(0, 96), 10));
  expect(late.continuity).toMatchObject({
    status: "passed",
    message: expect.stringContaining("96 readings off the 15-minute grid"),
  });
});

test("examples are named of each kind, however many there are of another", async () => {
  const gaps = range(0, 6).flatMap((n) => slots(`GAP${n}`, [0, 50]));
  const checks = await checksOf([...gaps, ...slots("TWICE", [7, 7])]);
  expect(checks.continuity.examples).toHaveLength(5);
  expect(checks.duplicates.examples).toEqual(["TWICE: 2 rows at 2025-01-01 01:45"]);
});

test("a gap is named by its first missing interval, also where readings are off the grid", async () => {
  const checks = await checksOf([
    ["M1", minute(22), 120],
    ["M1", minute(60), 120],
  ]);
  expect(checks.continuity.examples).toEqual(["M1: 2 missing from 2025-01-01 00:30"]);
});

test("NULL keys, as files with other column names leave them, are caught", async () => {
  const checks = await checksOf([...slots("M1", [0, 1]), [null, null, null], [null, minute(0), 120]]);
  expect(checks.keyNulls).toMatchObject({
    status: "failed",
    figure: 0.5,
    message: "2 rows with a NULL in the key (METER_ID 2, TIMESTAMP 1)",
    examples: ["2025-01-01: 1 row", "no TIMESTAMP: 1 row"],
  });
  expect(checks.duplicates.figure).toBe(0);
});

test("wrong years are caught and do not make continuity absurd", async () => {
  const checks = await checksOf([
    ...slots("M1", [0, 1]),
    ["M1", "9999-12-31 00:00:00", 120],
    ["M1", "1970-01-20 00:00:00", 120],
  ]);
  expect(checks.timestampWindow).toMatchObject({
    status: "failed",
    figure: 2,
    examples: ["1970-01-20: 1 reading", "9999-12-31: 1 reading"],
  });
  expect(checks.continuity.figure).toBe(0);
  expect(checks.dateCoverage.status).toBe("passed");
});

test("an empty table gives zeroes, and rows lost or added show against the accounting", async () => {
  const { figures, settings } = await figuresOf([]);
  expect(figures).toMatchObject({ totalRows: 0, minTimestamp: "", uniqueMeters: 0, missing: 0, days: [] });
  const none = { missing: [], surplus: [], duplicates: [], keyNulls: [], outsideWindow: [], voltage: [] };
  const examples: Examples = none;
  const evidence = { figures, examples, unknownMeters: { skipped: "x" } };
  expect(judge(settings, { ...evidence, accountedRows: 0 })).toMatchObject({
    accountedRows: { status: "warned", message: "the files that were loaded hold no rows" },
    continuity: { status: "skipped", message: "skipped: the table is empty" },
    dateCoverage: { status: "skipped", message: "skipped: the table is empty, and no range is expected" },
  });
  const tolerant = complete({ quality: { accountedRows: { maxMissing: 5 } } });
  expect(judge(tolerant, { ...evidence, accountedRows: 5 }).accountedRows).toMatchObject({
    status: "warned",
    message: "5 rows that were loaded are no longer in the table",
  });
  expect(judge(settings, { ...evidence, accountedRows: 5 }).accountedRows).toMatchObject({
    status: "failed",
    figure: 0,
    threshold: 5,
  });
  expect(
    judge(settings, { ...evidence, figures: { ...figures, totalRows: 7 }, accountedRows: 5 }).accountedRows,
  ).toMatchObject({
    status: "warned",
    message: expect.stringContaining("2 rows are in the table that no load accounts for"),
  });
});

test("the arithmetic agrees with counting one by one, for any readings", async () => {
  const reading = fc.tuple(
    fc.constantFrom("A", "B", "C"),
    fc.integer({ min: 0, max: 300 }),
    fc.constantFrom(0, 0, 0, 7),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(reading, { maxLength: 60 }), async (list) => {
      await run("DELETE FROM FLUX.PRODUCTION.AMI_INTERVAL_READINGS");
      const { figures } = await figuresOf(
        list.map(([meter, slot, late]): Reading => [meter, minute(slot * 15 + late), 120]),
      );
      const byMeter = Map.groupBy(list, ([meter]) => meter);
      let missing = 0;
      let duplicates = 0;
      let surplus = 0;
      for (const readings of byMeter.values()) {
        const taken = new Set(readings.map(([, slot]) => slot));
        const times = new Set(readings.map(([, slot, late]) => slot * 15 + late));
        duplicates += readings.length - times.size;
        surplus += times.size - taken.size;
        for (const slot of range(Math.min(...taken), Math.max(...taken))) if (!taken.has(slot)) missing++;
      }
      expect(figures).toMatchObject({
        totalRows: list.length,
        uniqueMeters: byMeter.size,
        missing,
        duplicates,
        surplus,
      });
    }),
    { numRuns: 40 },
  );
});

test("days and runs of days", () => {
  expect(daysFrom("2024-02-28", "2024-03-01")).toEqual(["2024-02-28", "2024-02-29", "2024-03-01"]);
  expect(ranges(daysFrom("2024-02-28", "2024-03-01").concat("2024-03-03"))).toEqual([
    "2024-02-28 to 2024-03-01",
    "2024-03-03",
  ]);
});
