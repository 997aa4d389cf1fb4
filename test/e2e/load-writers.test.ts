/**
 * Files as other writers make them: right ones, odd ones and broken ones, in one load, without the engine. What an account
 * does with a bad parquet value or with columns of several types is documented nowhere for good: the table is the same.
 */
import type { Switches } from "../../sandbox/snowflake/switches.ts";
import { type FixtureName, fixtures, readings } from "../../sandbox/test/support/parquet-fixtures.ts";
import { type LoadCloud, startLoadCloud } from "./support/load-cloud.ts";
import { loadDirectly } from "./support/load-directly.ts";

jest.setTimeout(240_000);

let cloud: LoadCloud;
beforeAll(async () => {
  cloud = await startLoadCloud();
}, 120_000);
afterAll(() => cloud?.stopAll());

/** They say the same in another way. */
const SAME = [
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
  "bareMicros",
  "usageDecimal",
  "otherCase",
  "extraColumns",
  "zstd",
  "gzip",
  "uncompressed",
] as const satisfies FixtureName[];
/** Their values are others, or some of them are no values. */
const ODD = [
  "usageInteger",
  "voltageDouble",
  "missingColumns",
  "longSegment",
  "badVoltage",
  "nullKeys",
  "noRows",
] as const satisfies FixtureName[];
const BROKEN = ["truncated", "corrupt", "notParquet", "zeroBytes"] as const satisfies FixtureName[];
const ALL: readonly FixtureName[] = [...SAME, ...ODD, ...BROKEN];

/** A day of one meter for each kind of file. */
const rowsOf = (name: FixtureName) =>
  readings({
    start: new Date(Date.UTC(2026, 6, 1 + ALL.indexOf(name))).toISOString().slice(0, 10),
    meters: 1,
  });
const dayOf = (name: FixtureName) => rowsOf(name)[0]?.timestamp?.toISOString().slice(0, 10);
const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);

const SETTINGS = {
  maxRejectedShare: 0.05,
  contract: { missingColumns: "warn" },
  quality: {
    keyNulls: { severity: "quarantine" },
    unreadableFiles: { max: BROKEN.length },
    nullShares: { maxShare: 0.1 },
    continuity: { severity: "off" },
    dateCoverage: { severity: "off" },
  },
} as const;

const ACCOUNTS: [name: string, switches: Partial<Switches>][] = [
  ["rejects the row", { parquetConversionError: "reject row", emptyParquetText: "load" }],
  [
    "rejects the row, and tells one type that holds all",
    { parquetConversionError: "reject row", inferredTypes: "merged" },
  ],
  ["skips the file", { parquetConversionError: "skip file" }],
  ["ends the statement", { inferredTypes: "merged" }],
];

describe.each(ACCOUNTS)("where a bad parquet value %s", (_name, switches) => {
  const table = `WRITERS_${ACCOUNTS.findIndex(([, others]) => others === switches)}`;
  const full = (suffix = "") => `FLUX_LOAD_TEST.PRODUCTION.${table}${suffix}`;
  let outcome: Awaited<ReturnType<typeof loadDirectly>>;

  beforeAll(async () => {
    await cloud.restartSnowflake("SIGTERM", { switches });
    const args = await cloud.makeTable(table);
    for (const name of ALL) await cloud.put(table, `${name}.parquet`, await fixtures[name](rowsOf(name)));
    outcome = await loadDirectly(cloud, { ...args, ...SETTINGS });
  }, 240_000);

  test("every file is accounted for: its rows are published or rejected, or it is named as unreadable", async () => {
    expect(outcome.reasons).toEqual([]);
    const accounts = await cloud.sql(
      `SELECT SPLIT_PART(FILE, '/', -1) AS FILE, STATUS, ROWS_PARSED, ROWS_LOADED, ROWS_REJECTED FROM ${full("_LOADS")}`,
    );
    const whole = { STATUS: "LOADED", ROWS_PARSED: 96, ROWS_LOADED: 96, ROWS_REJECTED: 0 };
    const partly = (rejected: number) => ({
      STATUS: "PARTIALLY_LOADED",
      ROWS_PARSED: 96,
      ROWS_LOADED: 96 - rejected,
      ROWS_REJECTED: rejected,
    });
    const others: Partial<Record<FixtureName, object>> = {
      longSegment: partly(19),
      badVoltage: partly(1),
      nullKeys: partly(24),
      noRows: { ...whole, ROWS_PARSED: 0, ROWS_LOADED: 0 },
    };
    expect(Object.fromEntries(accounts.map(({ FILE, ...rest }) => [FILE, rest]))).toEqual(
      Object.fromEntries([...SAME, ...ODD].map((name) => [`${name}.parquet`, others[name] ?? whole])),
    );
    expect(outcome.outputs?.files.unreadable.map((line) => line.split(".")[0]).toSorted()).toEqual(
      BROKEN.toSorted(),
    );
    expect(outcome.outputs).toMatchObject({
      totalRows: (SAME.length + ODD.length - 1) * 96 - 44,
      rowsRejected: 44,
      uniqueMeters: 1,
      pending: { files: 0 },
    });
  });

  test("what says the same in another way is the same: clock times, values", async () => {
    const days = await cloud.sql(
      `SELECT TIMESTAMP::DATE::VARCHAR AS DAY, COUNT(*) AS N, COUNT(DISTINCT TIMESTAMP) AS TIMES, MIN(TO_CHAR(TIMESTAMP, 'HH24:MI')) AS FIRST_AT,
  MAX(TO_CHAR(TIMESTAMP, 'HH24:MI')) AS LAST_AT, ROUND(SUM(USAGE_KWH), 4) AS KWH, SUM(VOLTAGE) AS VOLTS, SUM(POWER_FACTOR) AS FACTORS,
  MIN(METER_ID) AS METER, MIN(CUSTOMER_SEGMENT_ID) AS SEGMENT, MIN(SOURCE_TABLE) AS SOURCE FROM ${full()} GROUP BY 1`,
    );
    const byDay = new Map(days.map(({ DAY, ...rest }) => [DAY, JSON.stringify(rest)]));
    const found = Object.fromEntries(SAME.map((name) => [name, byDay.get(dayOf(name))]));
    expect(found).toEqual(Object.fromEntries(SAME.map((name) => [name, byDay.get(dayOf("plain"))])));
    const plain = rowsOf("plain");
    expect(JSON.parse(byDay.get(dayOf("plain")) as string)).toMatchObject({
      N: 96,
      TIMES: 96,
      FIRST_AT: "00:00",
      LAST_AT: "23:45",
      KWH: sum(plain.map(({ usageKwh }) => usageKwh)),
      VOLTS: sum(plain.map(({ voltage }) => voltage)),
      METER: "MTR-00000001",
      SEGMENT: "RESIDENTIAL",
      SOURCE: "AMI_READINGS",
    });
  });

  test("numbers become what the columns are; what a file does not have is NULL", async () => {
    const figures = async (name: FixtureName, expression: string) =>
      (
        await cloud.sql(`SELECT ${expression} AS F FROM ${full()} WHERE TIMESTAMP::DATE = '${dayOf(name)}'`)
      )[0]?.F;
    expect(await figures("usageInteger", "SUM(USAGE_KWH)")).toBe(
      sum(rowsOf("usageInteger").map(({ usageKwh }) => Math.round(usageKwh))),
    );
    // Half volts are rounded up.
    expect(await figures("voltageDouble", "SUM(VOLTAGE)")).toBe(
      sum(rowsOf("voltageDouble").map(({ voltage }) => voltage)) + 96,
    );
    expect(await figures("missingColumns", "COUNT_IF(POWER_FACTOR IS NULL AND SOURCE_TABLE IS NULL)")).toBe(
      96,
    );
  });

  test("every rejected row is kept with file, row number, column, reason and raw record", async () => {
    const rows = await cloud.sql(
      `SELECT SPLIT_PART(FILE, '/', -1) AS FILE, ROW_NUMBER, COLUMN_NAME, REASON, RAW_RECORD FROM ${full("_REJECTED")} ORDER BY FILE, ROW_NUMBER`,
    );
    const numbers = (file: FixtureName) =>
      rows.filter(({ FILE }) => FILE === `${file}.parquet`).map(({ ROW_NUMBER }) => Number(ROW_NUMBER));
    // Whether an account counts rows from 0 or from 1 is its own affair.
    const [first = 0] = numbers("nullKeys");
    expect(numbers("nullKeys").map((row) => row - first)).toEqual(
      Array.from({ length: 24 }, (_, index) => index * 4),
    );
    expect(numbers("longSegment").map((row) => row - first)).toEqual(
      Array.from({ length: 19 }, (_, index) => 4 + index * 5),
    );
    expect(numbers("badVoltage").map((row) => row - first)).toEqual([2]);
    expect(rows.find(({ FILE }) => FILE === "badVoltage.parquet")).toMatchObject({
      COLUMN_NAME: "VOLTAGE",
      REASON: expect.stringContaining("does not convert to NUMBER(22,0)"),
      RAW_RECORD: expect.objectContaining({ VOLTAGE: "n/a", METER_ID: "MTR-00000001" }),
    });
    expect(rows.find(({ FILE }) => FILE === "nullKeys.parquet")).toMatchObject({
      COLUMN_NAME: "METER_ID",
      REASON: expect.stringContaining("keyNulls"),
      RAW_RECORD: expect.objectContaining({ METER_ID: null, VOLTAGE: 118 }),
    });
    expect(rows).toHaveLength(44);
  });
});
