import { Clients } from "./support/clients.ts";
import { standaloneServer } from "./support/standalone-server.ts";

const server = standaloneServer();
let clients: Clients;

beforeAll(async () => {
  await server.start();
  clients = new Clients(server);
}, 60_000);

afterAll(async () => {
  clients.remove();
  await server.stop();
});

test("logs in by a named connection, changes and reads rows, and sees Snowflake's codes", async () => {
  const outcomes = await clients.statements([
    "CREATE DATABASE CLIENTS",
    "CREATE WAREHOUSE CLIENTS",
    "CREATE TABLE READINGS (METER_ID VARCHAR, KWH NUMBER(10,3), AT TIMESTAMP_NTZ)",
    "INSERT INTO READINGS VALUES ('M1', 1.25, '2026-01-01 00:15:00'), ('M2', NULL, NULL)",
    "SELECT * FROM READINGS ORDER BY METER_ID",
    "SELECT * FROM NO_SUCH_TABLE",
    "SHOW TABLES LIKE 'READINGS'",
  ]);
  // To the day at least: SHOW once told a time that was days off to who reads all of its digits.
  const createdOn = outcomes.pop()?.rows?.[0]?.[0] ?? "";
  expect(Math.abs(Date.parse(createdOn) - Date.now())).toBeLessThan(3_600_000);
  expect(outcomes.slice(3)).toMatchObject([
    { rows: [["2"]] },
    {
      rows: [
        ["M1", "1.250", "2026-01-01 00:15:00.000"],
        ["M2", null, null],
      ],
    },
    { error: "002003" },
  ]);
}, 240_000);

/** One column of each type, and with it where its encoding changes. */
const EVERY_TYPE = [
  "1 AS A, -300 AS B, 70000 AS C, -5000000000 AS D, 12345678901234567890 AS E",
  "-1.25::NUMBER(10,2) AS F, 12345678901234567.891 AS G, -0.5 AS H",
  "1.5::FLOAT AS I, 'NaN'::FLOAT AS J, '-inf'::FLOAT AS K, 'é' AS L, TRUE AS M, FALSE AS N",
  "'1969-12-31'::DATE AS O, '12:34:56.789'::TIME AS P, '00:00:01'::TIME(0) AS Q",
  "'2026-01-01 00:15:00.123'::TIMESTAMP_NTZ AS R, '1960-01-01 00:15:00.5'::TIMESTAMP_NTZ(3) AS S",
  "'9999-12-31'::TIMESTAMP_NTZ AS T, '2026-07-01 00:15:00'::TIMESTAMP_LTZ AS U",
  "'1969-12-31 23:59:59.5 +0530'::TIMESTAMP_TZ AS V, '2026-07-01 00:15:00 -0800'::TIMESTAMP_TZ(0) AS W",
  "TO_BINARY('FF00') AS X, PARSE_JSON('{\"a\":[1,2]}') AS Y, ARRAY_CONSTRUCT(1, 2) AS Z, NULL AS ZZ",
].join(", ");

test("reads the same values in Arrow as in JSON", async () => {
  const nulls = Array.from({ length: 27 }, () => "NULL").join(", ");
  const statements = [
    `SELECT ${EVERY_TYPE}`,
    `SELECT ${EVERY_TYPE} UNION ALL SELECT ${nulls}`,
    `SELECT ${EVERY_TYPE} WHERE FALSE`,
  ];
  const inFormat = (format: string) =>
    clients.statements(statements, {
      session_parameters: { PYTHON_CONNECTOR_QUERY_RESULT_FORMAT: format, TIMEZONE: "Europe/Berlin" },
    });
  const [arrow, json] = [await inFormat("ARROW"), await inFormat("JSON")];
  expect(arrow.map(({ format }) => format)).toEqual(statements.map(() => "arrow"));
  expect(json.map(({ format }) => format)).toEqual(statements.map(() => "json"));
  expect(arrow.map(({ rows }) => rows)).toEqual(json.map(({ rows }) => rows));
  expect(arrow.map(({ rows }) => rows?.length)).toEqual([1, 2, 0]);
  expect(arrow[0]?.rows?.[0]).toEqual([
    "1",
    "-300",
    "70000",
    "-5000000000",
    "12345678901234567890",
    "-1.25",
    "12345678901234567.891",
    "-0.5",
    "1.5",
    "NaN",
    "-inf",
    "é",
    "TRUE",
    "FALSE",
    "1969-12-31",
    "12:34:56.789000",
    "00:00:01",
    "2026-01-01 00:15:00.123",
    "1960-01-01 00:15:00.500",
    "9999-12-31 00:00:00.000",
    "2026-07-01 00:15:00.000 +0200",
    "1969-12-31 23:59:59.500 +0530",
    "2026-07-01 00:15:00.000 -0800",
    "FF00",
    '{\n  "a": [\n    1,\n    2\n  ]\n}',
    "[\n  1,\n  2\n]",
    null,
  ]);
}, 240_000);

test("hands results over as pandas frames and Arrow tables, chunk by chunk where they are large", async () => {
  const frames = await clients.script("frames.py", {
    connect: { connection_name: "local", warehouse: "CLIENTS" },
    statements: [
      `SELECT SEQ4() AS N, IFF(N = 149999, 1e12::INT, 1) AS WIDE, N / 8 AS KWH, 'M' || N AS METER,
         DATEADD(minute, 15 * N, '2026-01-01'::TIMESTAMP_NTZ) AS AT
       FROM TABLE(GENERATOR(ROWCOUNT => 150000)) ORDER BY N`,
      "SELECT 1 AS ONE, 'x' AS TEXT WHERE FALSE",
    ],
  });
  expect(frames).toEqual([
    {
      rows: 150_000,
      types: { N: "int32", WIDE: "int64", KWH: "float64", METER: "object", AT: "datetime64[ns]" },
      sums: { N: "11249925000", WIDE: "1000000149999", KWH: "1406240625.0" },
      last: ["149999", "1000000000000", "18749.875", "M149999", "2030-04-12 11:45:00"],
      arrow:
        "[DataType(int32), DataType(int64), DataType(double), DataType(string), TimestampType(timestamp[ns])]",
      batches: 150_000,
    },
    {
      rows: 0,
      types: { ONE: "int64", TEXT: "object" },
      sums: { ONE: "0" },
      last: null,
      arrow: "[DataType(int64), DataType(string)]",
      batches: 0,
    },
  ]);
}, 240_000);

test("writes pandas frames by way of a temporary stage", async () => {
  const stored = [
    ["M1", "0.25", "1", "2026-01-01 00:15:00.000", "2026-01-01"],
    ["M2", null, "2", "2026-01-01 00:30:00.000", null],
    [null, "1.5", "3", null, null],
  ];
  const written = await clients.script("write.py", {
    connect: { connection_name: "local", database: "CLIENTS", schema: "PUBLIC", warehouse: "CLIENTS" },
  });
  expect(written).toMatchObject({
    outcomes: [
      { ok: true, chunks: 2, rows: 3, stored },
      { ok: true, chunks: 1, rows: 3, stored },
      { ok: true, chunks: 1, rows: 3, stored },
    ],
  });
}, 240_000);
