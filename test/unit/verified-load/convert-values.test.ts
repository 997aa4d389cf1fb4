/** What becomes of values, in a Snowflake: each conversion by the types that INFER_SCHEMA names. */
import { READINGS_COLUMNS } from "../../../components/readings-columns.ts";
import { convert } from "../../../components/verified-load/audit/convert.ts";
import { standaloneSession } from "../support/standalone-session.ts";

jest.setTimeout(60_000);

const session = standaloneSession(
  "CREATE WAREHOUSE WH",
  "CREATE DATABASE DB",
  "ALTER SESSION SET TIMEZONE = 'UTC'",
);

/** What values of a type become in a column of the readings; "rejected" for those whose row is. */
async function converted(column: string, type: string, values: readonly string[]): Promise<unknown[]> {
  const target = READINGS_COLUMNS.find(({ name }) => name === column);
  if (target === undefined) throw new Error(`the readings have no column ${column}`);
  const conversion = convert(target, { name: "x", type });
  const { value, fails = "FALSE", prepared } = conversion ?? { value: "NULL" };
  const below = prepared ? `, ${prepared.value} AS ${prepared.name}` : "";
  const rows = await session().rows(
    `SELECT N, TO_VARCHAR(${value}) AS BECOMES, ${fails} AS FAILS FROM (SELECT v.*${below} FROM (${values
      .map((literal, index) => `SELECT ${index} AS N, ${literal}::${type} AS "x"`)
      .join(" UNION ALL ")}) v) w ORDER BY N`,
  );
  return rows.map(({ BECOMES, FAILS }) => (FAILS ? "rejected" : BECOMES));
}

const MOMENT = "2026-07-01 10:15:00.000";
const text = (value: string) => `'${value}'`;

test.each([
  ["2026-07-01T10:15:00", MOMENT],
  ["2026-07-01 10:15:00", MOMENT],
  ["2026-07-01T10:15", MOMENT],
  ["2026-07-01T10:15:00Z", MOMENT],
  ["2026-07-01t10:15:00z", MOMENT],
  ["2026-07-01 10:15:00 UTC", MOMENT],
  ["2026-07-01 10:15:00+00", MOMENT],
  ["2026-07-01T12:15:00+02:00", MOMENT],
  ["2026-07-01T12:15+0200", MOMENT],
  ["2026-07-01 05:15:00.000 -05:00", MOMENT],
  ["2026-07-01T10:15:00.250Z", "2026-07-01 10:15:00.250"],
  ["2026-07-01 10:15:00,250", "2026-07-01 10:15:00.250"],
  ["2026-07-01T10:15:00.123456", "2026-07-01 10:15:00.123"],
  ["  2026-07-01 10:15:00 ", MOMENT],
  ["2026-07-01", "2026-07-01 00:00:00.000"],
  ["2028-02-29T23:45:00", "2028-02-29 23:45:00.000"],
  ["1782900900", MOMENT],
  ["1782900900000", MOMENT],
  ["1782900900000000", MOMENT],
  ["1782900900000000000", MOMENT],
  ["01.07.2026 10:15", "rejected"],
  ["07/01/2026 10:15", "rejected"],
  ["2026-02-29T00:00:00", "rejected"],
  ["2026-07-01T25:00:00", "rejected"],
  ["2026-07-01T10:15:00 Europe/Berlin", "rejected"],
  ["today", "rejected"],
  ["", "rejected"],
])("the text %j as a TIMESTAMP: %s", async (value, becomes) => {
  expect(await converted("TIMESTAMP", "TEXT", [text(value)])).toEqual([becomes]);
});

test("numbers as a TIMESTAMP: seconds to nanoseconds by their size, whole or not", async () => {
  const whole = ["1782900900", "1782900900000", "1782900900000000", "1782900900000000000"];
  expect(await converted("TIMESTAMP", "NUMBER(38,0)", [...whole, "NULL", "1e30"])).toEqual([
    ...whole.map(() => MOMENT),
    null,
    "rejected",
  ]);
  expect(await converted("TIMESTAMP", "REAL", ["1782900900.25", "1782900900250", "'NaN'", "'inf'"])).toEqual([
    "2026-07-01 10:15:00.250",
    "2026-07-01 10:15:00.250",
    "rejected",
    "rejected",
  ]);
  expect(await converted("TIMESTAMP", "NUMBER(20,3)", ["1782900900.25"])).toEqual([
    "2026-07-01 10:15:00.250",
  ]);
  expect(await converted("TIMESTAMP", "DATE", ["'2026-07-01'"])).toEqual(["2026-07-01 00:00:00.000"]);
  expect(await converted("TIMESTAMP", "TIMESTAMP_TZ", ["'2026-07-01 12:15:00 +0200'"])).toEqual([MOMENT]);
});

test("numbers and texts as VOLTAGE: rounded half away from zero, or rejected", async () => {
  expect(
    await converted("VOLTAGE", "REAL", ["117.5", "-117.5", "117.4", "'NaN'", "'inf'", "1e22", "1e300"]),
  ).toEqual(["118", "-118", "117", ...Array.from({ length: 4 }, () => "rejected")]);
  expect(await converted("VOLTAGE", "NUMBER(38,3)", ["117.5", "9999999999999999999999.5"])).toEqual([
    "118",
    "rejected",
  ]);
  const texts = ["118", " 118 ", "118.5", "1.18e2", "-3", "1,180", "118 V", "", "n/a"].map(text);
  expect(await converted("VOLTAGE", "TEXT", texts)).toEqual([
    "118",
    "118",
    "119",
    "118",
    "-3",
    ...Array.from({ length: 4 }, () => "rejected"),
  ]);
});

test("POWER_FACTOR keeps two digits, USAGE_KWH all of them", async () => {
  expect(await converted("POWER_FACTOR", "REAL", ["0.955", "0.9", "NULL"])).toEqual(["0.96", "0.90", null]);
  expect(await converted("POWER_FACTOR", "TEXT", ["'0.955'"])).toEqual(["0.96"]);
  expect(await converted("USAGE_KWH", "NUMBER(38,10)", ["0.1234567891"])).toEqual(["0.1234567891"]);
  expect(await converted("USAGE_KWH", "TEXT", ["'0.25'", "'1e-3'", "'0,25'"])).toEqual([
    "0.25",
    "0.001",
    "rejected",
  ]);
});

test("texts stay as they are; bytes are text; what is too long is rejected", async () => {
  expect(
    await converted("CUSTOMER_SEGMENT_ID", "TEXT", ["'RESIDENTIAL'", "'RESIDENTIAL-X'", "' a '", "''"]),
  ).toEqual(["RESIDENTIAL", "rejected", " a ", ""]);
  expect(await converted("METER_ID", "NUMBER(38,0)", ["90071992547409931"])).toEqual(["90071992547409931"]);
  expect(await converted("METER_ID", "BINARY", ["'4D31'", "'FF'"])).toEqual(["M1", "rejected"]);
  expect(await converted("VOLTAGE", "BINARY", ["'313138'"])).toEqual(["118"]);
  expect(await converted("TIMESTAMP", "BINARY", ["TO_BINARY('2026-07-01T10:15:00Z', 'UTF-8')"])).toEqual([
    MOMENT,
  ]);
});
