/** What a load keeps for a picture of it, and the picture, held against the readings themselves. Without the engine. */
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
    quality: { continuity: { maxMissing: 10, maxEnding: 1, maxBeginning: 3 }, voltage: { minShare: 0.5 } },
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
  const day = readings({ meters: 3, start: "2026-07-03" });
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
