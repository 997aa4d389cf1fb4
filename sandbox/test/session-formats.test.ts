import { serverWithSession, TestSession } from "./support/standalone-server.ts";

jest.setTimeout(60_000);

/** Docs: Parameters; Date and time input and output formats; Binary input and output. */
let session: TestSession;
const server = serverWithSession(["CREATE DATABASE d"], (opened) => {
  session = opened;
});
beforeEach(async () => {
  await session.run("ALTER SESSION SET TIMEZONE = 'UTC'");
});

const set = (name: string, value: string) => session.run(`ALTER SESSION SET ${name} = '${value}'`);
const unset = (name: string) => session.run(`ALTER SESSION UNSET ${name}`);

test.each([
  ["DATE_OUTPUT_FORMAT", "DD-MON-YYYY", "'2026-01-02'::DATE", "02-Jan-2026", "2026-01-02"],
  ["TIME_OUTPUT_FORMAT", "HH12:MI AM", "'13:04:05'::TIME", "01:04 PM", "13:04:05"],
  [
    "TIMESTAMP_NTZ_OUTPUT_FORMAT",
    'YYYY-MM-DD"T"HH24:MI:SS.FF6',
    "'2026-01-02 03:04:05.123456'::TIMESTAMP_NTZ",
    "2026-01-02T03:04:05.123456",
    "2026-01-02 03:04:05.123",
  ],
  [
    "TIMESTAMP_LTZ_OUTPUT_FORMAT",
    "YYYY TZH:TZM",
    "'2026-01-02 03:04:05'::TIMESTAMP_LTZ",
    "2026 +00:00",
    "2026-01-02 03:04:05.000 +0000",
  ],
  [
    "TIMESTAMP_OUTPUT_FORMAT",
    "DD TZHTZM",
    "'2026-01-02 03:04:05 +0200'::TIMESTAMP_TZ",
    "02 +0200",
    "2026-01-02 03:04:05.000 +0200",
  ],
  ["BINARY_OUTPUT_FORMAT", "BASE64", "TO_BINARY('AB', 'HEX')", "qw==", "AB"],
])("%s = %s is how %s becomes text", async (name, format, value, text, otherwise) => {
  const texts = `SELECT ARRAY_CONSTRUCT(${value}::VARCHAR, TO_VARCHAR(${value}), '' || ${value}, CONCAT(${value}, ''))`;
  await set(name, format);
  expect(await session.value(texts)).toEqual(Array(4).fill(text));
  expect((await session.rows(`SHOW PARAMETERS LIKE '${name}'`))[0]).toMatchObject({ value: format });
  await unset(name);
  expect(await session.value(texts)).toEqual(Array(4).fill(otherwise));
});

test.each([
  ["DATE_INPUT_FORMAT", "DD/MM/YYYY", "02/01/2026", "DATE", "2026-01-02", "100040"],
  ["TIME_INPUT_FORMAT", "HH24-MI", "13-04", "TIME", "13:04:00", "100108"],
  [
    "TIMESTAMP_INPUT_FORMAT",
    "DD.MM.YYYY HH24:MI",
    "02.01.2026 03:04",
    "TIMESTAMP_NTZ",
    "2026-01-02 03:04:00.000",
    "100035",
  ],
  [
    "TIMESTAMP_INPUT_FORMAT",
    "DD.MM.YYYY HH24:MI TZHTZM",
    "02.01.2026 03:04 +0100",
    "TIMESTAMP_LTZ",
    "2026-01-02 02:04:00.000 +0000",
    "100035",
  ],
])("%s = %s is how text is read, and no other", async (name, format, text, type, value, code) => {
  await set(name, format);
  expect(await session.value(`SELECT '${text}'::${type}::VARCHAR`)).toBe(value);
  expect(await session.failure(`SELECT '2026-01-02T03:04:05'::${type}`)).toMatchObject({ code });
  await unset(name);
  expect(await session.value(`SELECT TRY_CAST('${text}' AS ${type})`)).not.toEqual(value);
});

test("a format holds in the session that has it alone, and in its transactions", async () => {
  const other = await TestSession.open(server.login);
  await set("DATE_OUTPUT_FORMAT", "YYYY");
  await session.run("BEGIN");
  expect(await session.value("SELECT '2026-01-02'::DATE::VARCHAR")).toBe("2026");
  expect(await other.value("SELECT '2026-01-02'::DATE::VARCHAR")).toBe("2026-01-02");
  await unset("DATE_OUTPUT_FORMAT");
  expect(await session.value("SELECT '2026-01-02'::DATE::VARCHAR")).toBe("2026-01-02");
  await session.run("ROLLBACK");
  await other.close();
});

test("BINARY_INPUT_FORMAT is how text becomes binary", async () => {
  await set("BINARY_INPUT_FORMAT", "UTF-8");
  expect(await session.value("SELECT HEX_ENCODE('AB'::BINARY) || HEX_ENCODE(TO_BINARY('AB'))")).toBe(
    "41424142",
  );
  await unset("BINARY_INPUT_FORMAT");
  expect(await session.value("SELECT HEX_ENCODE('AB'::BINARY)")).toBe("AB");
});

test.each([
  ["TIMESTAMP_LTZ", "TIMESTAMP_LTZ"],
  ["TIMESTAMP_TZ", "TIMESTAMP_TZ"],
  ["TIMESTAMP_NTZ", "TIMESTAMP_NTZ"],
])("TIMESTAMP_TYPE_MAPPING = %s is what TIMESTAMP means", async (mapping, type) => {
  await set("TIMESTAMP_TYPE_MAPPING", mapping);
  await session.run("CREATE OR REPLACE TABLE t (a TIMESTAMP, b TIMESTAMP(3), c DATETIME)");
  expect((await session.rows("DESCRIBE TABLE t")).map((row) => row.type)).toEqual([
    `${type}(9)`,
    `${type}(3)`,
    "TIMESTAMP_NTZ(9)",
  ]);
  const { columns } = await session.run("SELECT '2026-01-02'::TIMESTAMP, TO_TIMESTAMP('2026-01-02')");
  expect(columns.map((column) => column.getType().toUpperCase())).toEqual([type, type]);
});

test.each([
  ["TIMESTAMP_OUTPUT_FORMAT", "YYYY FF5", "000002"],
  ["BINARY_OUTPUT_FORMAT", "UTF-8", "001008"],
  ["TIMESTAMP_TYPE_MAPPING", "DATETIME", "001008"],
])("%s = %s is refused", async (name, value, code) => {
  expect(await session.failure(`ALTER SESSION SET ${name} = '${value}'`)).toMatchObject({ code });
});

// Docs: TO_TIMESTAMP: what a number counts from is 1970-01-01 00:00:00 in UTC; SYSDATE: in UTC.
test("numbers of seconds and SYSDATE do not follow the session's zone", async () => {
  await set("TIMEZONE", "America/Los_Angeles");
  for (const type of ["LTZ", "TZ"]) {
    for (const args of ["0", "0, 0", "0::NUMBER * 5, 1 + 2"]) {
      expect(await session.value(`SELECT DATE_PART(epoch_second, TO_TIMESTAMP_${type}(${args}))`)).toBe(0);
    }
  }
  await session.run("CREATE WAREHOUSE IF NOT EXISTS wh");
  await session.run(
    "CREATE OR REPLACE TABLE t (n INT, utc TIMESTAMP_NTZ DEFAULT SYSDATE(), here TIMESTAMP_NTZ DEFAULT CURRENT_TIMESTAMP())",
  );
  await session.run("INSERT INTO t (n) VALUES (1)");
  expect(
    await session.rows(`SELECT ABS(DATEDIFF('second', utc, SYSDATE())) < 60 AS U,
      ABS(DATEDIFF('second', here, CURRENT_TIMESTAMP()::TIMESTAMP_NTZ)) < 60 AS H FROM t`),
  ).toEqual([{ U: true, H: true }]);
  await set("TIMEZONE", "UTC");
});

test("a TIMESTAMP_TZ(0) column has no fractions, for comparisons either (docs: Date & time data types)", async () => {
  await session.run("CREATE WAREHOUSE IF NOT EXISTS wh");
  await session.run("CREATE OR REPLACE TABLE t (a TIMESTAMP_TZ(0), b TIMESTAMP_TZ(3))");
  await session.run(
    "INSERT INTO t SELECT '2026-01-01 12:00:00.9876 +0200'::TIMESTAMP_TZ, '2026-01-01 12:00:00.9876 +0200'",
  );
  expect(
    await session.rows(`SELECT a::VARCHAR AS A, b = '2026-01-01 12:00:00.987 +0200'::TIMESTAMP_TZ AS B FROM t
      WHERE a = '2026-01-01 10:00:00 +0000'::TIMESTAMP_TZ`),
  ).toEqual([{ A: "2026-01-01 12:00:00.000 +0200", B: true }]);
});
