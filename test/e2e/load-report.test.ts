/** What a load keeps for a picture of it, and the picture, held against the readings themselves. Without the engine. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { number } from "../../components/format.ts";
import { READINGS_COLUMNS } from "../../components/readings-columns.ts";
import { readConnection } from "../../components/snowflake/connection.ts";
import { openLoadSession } from "../../components/verified-load/load-session.ts";
import { complete } from "../../components/verified-load/settings.ts";
import { assets } from "../../report/assets.ts";
import { writeReport } from "../../report/draw.ts";
import { page } from "../../report/page.tsx";
import { readReport } from "../../report/read.ts";
import { reportSchema } from "../../report/schema.ts";
import { daysWords, missingOf, verdict } from "../../report/words.ts";
import { fixtures, type Reading, readings } from "../../sandbox/test/support/parquet-fixtures.ts";
import { type LoadCloud, type Settings, startLoadCloud } from "./support/load-cloud.ts";
import { loadDirectly } from "./support/load-directly.ts";

jest.setTimeout(180_000);

const TABLE = "PICTURED";
let cloud: LoadCloud;
let settings: Settings;
/** Three meters; the second has a gap of an hour, the third ends on the second day at 10:15. */
const rows = readings({ meters: 3, days: 2 }).filter(
  ({ meterId, timestamp }) =>
    !(at(timestamp).startsWith("02 05") && meterId?.endsWith("2")) && !ended(meterId, timestamp),
);
function at(timestamp: Reading["timestamp"]): string {
  return (timestamp?.toISOString() ?? "").slice(8, 16).replace("T", " ");
}
function ended(meterId: Reading["meterId"], timestamp: Reading["timestamp"]): boolean {
  return meterId?.endsWith("3") === true && at(timestamp) > "02 10:15";
}

beforeAll(async () => {
  cloud = await startLoadCloud();
  settings = {
    ...(await cloud.makeTable(TABLE)),
    maxRejectedRows: 2,
    quality: { continuity: { maxMissing: 100, maxEnding: 1, maxBeginning: 3 }, voltage: { minShare: 0.5 } },
  };
  await cloud.put(
    TABLE,
    "first.parquet",
    await fixtures.hyparquet(rows.filter(({ timestamp }) => at(timestamp) < "02")),
  );
  await cloud.put(
    TABLE,
    "second.parquet",
    await fixtures.hyparquet(rows.filter(({ timestamp }) => at(timestamp) > "02")),
  );
}, 120_000);
afterAll(() => cloud?.stopAll());

const name = (of = TABLE) => `${settings.database}.${settings.schema}."${of}"`;
const figures = (loadId: string | undefined, figure: string, columns: string) =>
  cloud.sql(
    `SELECT ${columns} FROM ${name(`${TABLE}_FIGURES`)} WHERE LOAD_ID = ? AND FIGURE = ? ORDER BY ${columns}`,
    [loadId ?? "", figure],
  );

test("a load keeps readings and meters of each hour and day, and when meters begin and end", async () => {
  const { outputs, reasons } = await loadDirectly(cloud, settings);
  expect(reasons).toEqual([]);
  const hours = await cloud.sql(
    `SELECT TIMESTAMP::DATE AS DAY, HOUR(TIMESTAMP) AS HOUR, COUNT(*) AS ROWS_COUNTED, COUNT(DISTINCT METER_ID) AS METERS FROM ${name()} GROUP BY 1, 2 ORDER BY 1, 2`,
  );
  expect(hours).toHaveLength(48);
  expect(await figures(outputs?.loadId, "hour", "DAY, HOUR, ROWS_COUNTED, METERS")).toEqual(hours);
  expect(await figures(outputs?.loadId, "day", "DAY, ROWS_COUNTED, METERS, TOTAL")).toEqual(
    await cloud.sql(
      `SELECT TIMESTAMP::DATE AS DAY, COUNT(*) AS ROWS_COUNTED, COUNT(DISTINCT METER_ID) AS METERS, COUNT(*)::FLOAT AS TOTAL FROM ${name()} GROUP BY 1 ORDER BY 1`,
    ),
  );
  const span = (row: object) =>
    Object.values(row).map((value) => (value instanceof Date ? value.getUTCDate() : Number(value)));
  const spans = async (figure: string) =>
    (await figures(outputs?.loadId, figure, "DAY, HOUR, METERS, TOTAL")).map(span);
  expect(await spans("begin")).toEqual([[1, 0, 3, 12]]);
  expect(await spans("end")).toEqual([
    [2, 10, 1, 2],
    [2, 23, 2, 8],
  ]);
});

test("a refused load keeps its files and the rejected rows' beginnings", async () => {
  const day = readings({ meters: 3, start: "2026-07-03" }).map((row, index) =>
    index > 10 && index < 15 ? { ...row, segment: null } : row,
  );
  await cloud.put(TABLE, "third.parquet", await fixtures.badVoltage(day));
  const { outputs, reasons } = await loadDirectly(cloud, { ...settings, maxRejectedRows: 0 });
  expect(reasons.join()).toContain("rejectedRows: 1 row");
  expect(await figures(outputs?.loadId, "file", "FILE, ROWS_COUNTED, ROWS_REJECTED")).toEqual([
    { FILE: expect.stringMatching(/third[.]parquet$/), ROWS_COUNTED: 288, ROWS_REJECTED: 1 },
  ]);
  const [example] = await figures(outputs?.loadId, "example", "NAME, ROW_NUMBER, EXAMPLE");
  expect(example).toMatchObject({
    NAME: expect.stringMatching(/^VOLTAGE: does not convert/),
    EXAMPLE: expect.stringContaining('"METER_ID":"MTR-00000001"'),
  });
});

describe("the report", () => {
  const read = async (stack: string, run?: string) => {
    const whole = complete({ owner: "test/direct", logicVersion: "1", ...settings });
    const session = await openLoadSession(
      readConnection(() => undefined, cloud.env),
      whole,
    );
    try {
      return await readReport(session, whole, { stack, run });
    } finally {
      await session.close();
    }
  };

  test("every figure equals the one in the tables, on the page too", async () => {
    const { outputs } = await loadDirectly(cloud, {
      ...settings,
      quality: { ...settings.quality, dateCoverage: { severity: "off" } },
    });
    const report = await read("e2e");
    expect(reportSchema.parse(report)).toEqual(report);
    expect(report).toMatchObject({
      latest: true,
      load: { id: outputs?.loadId, outcome: "published", version: outputs?.version },
    });
    const [table] = await cloud.sql(
      `SELECT COUNT(*) AS TOTAL, COUNT(DISTINCT METER_ID) AS METERS, MIN(TIMESTAMP) AS FIRST_AT, MAX(TIMESTAMP) AS LAST_AT FROM ${name()}`,
    );
    expect(report.figures).toMatchObject({
      totalRows: Number(table?.TOTAL),
      uniqueMeters: Number(table?.METERS),
      minTimestamp: "2026-07-01T00:00:00",
      maxTimestamp: "2026-07-03T23:45:00",
      rowsRejected: 1,
    });
    // Of the days of earlier loads as well.
    const hours = await cloud.sql(
      `SELECT TO_CHAR(TIMESTAMP, 'YYYY-MM-DD HH24') AS HOUR, COUNT(*) AS N FROM ${name()} GROUP BY 1 ORDER BY 1`,
    );
    const shown = report.days.list.flatMap(({ day, hours: list }) =>
      list.map(({ readings: N }, hour) => ({ HOUR: `${day} ${String(hour).padStart(2, "0")}`, N })),
    );
    expect(shown).toEqual(hours.map(({ HOUR, N }) => ({ HOUR, N: Number(N) })));
    const missing = report.days.list.reduce((sum, day) => sum + missingOf(day), 0);
    const continuity = report.checks.find(({ name: check }) => check === "continuity");
    expect(continuity?.message).toContain(`${missing} 15-minute intervals missing`);
    const load = `FILE_ID = (SELECT MAX(FILE_ID) FROM ${name()})`;
    const volts = await cloud.sql(
      `SELECT VOLTAGE AS VOLTS, COUNT(*) AS N FROM ${name()} WHERE ${load} GROUP BY 1 ORDER BY 1`,
    );
    expect(report.voltage.bins).toEqual(
      volts.map(({ VOLTS, N }) => ({ volts: Number(VOLTS), rows: Number(N) })),
    );
    const usage = await cloud.sql(
      `SELECT HOUR(TIMESTAMP) AS HOUR, COUNT(*) AS N, SUM(USAGE_KWH) AS KWH, ${[0.25, 0.5, 0.75].map((at, index) => `PERCENTILE_CONT(${at}) WITHIN GROUP (ORDER BY USAGE_KWH) AS Q${index + 1}`).join(", ")} FROM ${name()} WHERE ${load} GROUP BY 1 ORDER BY 1`,
    );
    expect(report.usage).toHaveLength(24);
    for (const [hour, one] of usage.entries()) {
      expect(report.usage[hour]).toMatchObject({ hour: Number(one.HOUR), rows: Number(one.N) });
      expect(report.usage[hour]?.kwh).toBeCloseTo(Number(one.KWH));
      // Approximate in the load; the readings of an hour lie 1/64 kWh apart.
      for (const [quartile, exactly] of [
        ["lower", one.Q1],
        ["median", one.Q2],
        ["upper", one.Q3],
      ] as const)
        expect(Math.abs((report.usage[hour]?.[quartile] ?? Number.NaN) - Number(exactly))).toBeLessThan(
          1 / 64,
        );
    }
    const columns = READINGS_COLUMNS.map(({ name: column }) => column);
    const [nulls] = await cloud.sql(
      `SELECT ${columns.map((column) => `COUNT_IF(${column} IS NULL) AS ${column}`).join(", ")} FROM ${name()} WHERE ${load}`,
    );
    expect(nulls?.CUSTOMER_SEGMENT_ID).toBe(4);
    expect(report.nulls.columns).toHaveLength(columns.length);
    expect(Object.fromEntries(report.nulls.columns.map((one) => [one.column, one.rows]))).toEqual(
      Object.fromEntries(columns.map((column) => [column, Number(nulls?.[column])])),
    );
    const files = await cloud.sql(
      `SELECT SIZE, ROWS_PARSED, ROWS_REJECTED, STATUS FROM ${name(`${TABLE}_LOADS`)} WHERE LOAD_ID = ?`,
      [outputs?.loadId ?? ""],
    );
    expect(report.files.list).toEqual(
      files.map((row) => ({
        name: "third.parquet",
        status: row.STATUS,
        bytes: Number(row.SIZE),
        rows: Number(row.ROWS_PARSED),
        rejected: Number(row.ROWS_REJECTED),
        at: expect.any(String),
        why: expect.stringContaining("VOLTAGE"),
      })),
    );
    const [kept] = await cloud.sql(
      `SELECT REASON, ROW_NUMBER AS N, TO_JSON(RAW_RECORD) AS RECORD FROM ${name(`${TABLE}_REJECTED`)}`,
    );
    expect(report.rejected).toEqual({
      rows: 1,
      reasons: [
        {
          reason: kept?.REASON,
          rows: 1,
          examples: [{ file: "third.parquet", row: Number(kept?.N), record: kept?.RECORD }],
        },
      ],
    });
    expect(report.trend.map(({ outcome }) => outcome)).toEqual(["published", "refused", "published"]);
    const html = page(report, assets());
    expect(html).toContain(`<dd id="total-rows">${number(Number(table?.TOTAL))}</dd>`);
    expect(html).toContain(`<dd id="meters">${number(Number(table?.METERS))}</dd>`);
    expect(html).toContain(daysWords(report));
  });

  test("an older load, and one that was refused, are drawn from their own record", async () => {
    const { trend } = await read("e2e");
    const [first, refused] = trend.map(({ id }) => id);
    const old = await read("e2e", first);
    expect(old).toMatchObject({ latest: false, load: { id: first, outcome: "published" } });
    expect(old.days.list.map(({ day }) => day)).toEqual(["2026-07-01", "2026-07-02"]);
    const failed = await read("e2e", refused);
    expect(verdict(failed).text).toMatch(/^Refused, nothing published: rejectedRows/);
    expect(failed.files.list).toMatchObject([
      { name: "third.parquet", status: "NOT_PUBLISHED", rejected: 1 },
    ]);
    await expect(read("e2e", "NO_SUCH_LOAD")).rejects.toThrow(
      /No load NO_SUCH_LOAD[\s\S]*make status STACK=e2e/,
    );
  });

  test("is written as a page with its JSON and its schema beside it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "report-"));
    try {
      const path = await writeReport(await read("e2e"), folder);
      expect(readFileSync(path, "utf8")).toMatch(/^<!DOCTYPE html>/);
      const json = JSON.parse(readFileSync(path.replace(/html$/, "json"), "utf8"));
      expect(json.$schema).toBe("./report.schema.json");
      expect(readdirSync(folder)).toContain("report.schema.json");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("figures of an older release get the columns that they did not have; its loads are drawn without them", async () => {
    await cloud.sql(
      `ALTER TABLE ${name(`${TABLE}_FIGURES`)} DROP COLUMN FILE, ROWS_REJECTED, ROW_NUMBER, EXAMPLE`,
    );
    await cloud.put(
      TABLE,
      "fourth.parquet",
      await fixtures.badVoltage(readings({ meters: 3, start: "2026-07-04" })),
    );
    const { outputs, reasons } = await loadDirectly(cloud, settings);
    expect(reasons).toEqual([]);
    const report = await read("e2e");
    expect(report.load.id).toBe(outputs?.loadId);
    expect(report.rejected.reasons).toMatchObject([{ examples: [{ file: "fourth.parquet" }] }]);
    const before = await read("e2e", report.trend.at(-2)?.id);
    expect(before.files.list).toMatchObject([{ name: "third.parquet", rejected: 1 }]);
    expect(before.rejected).toMatchObject({ rows: 1, reasons: [{ rows: 1 }] });
  });
});
