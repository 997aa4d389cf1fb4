import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { serverWithSession, type TestSession } from "./support/standalone-server.ts";

jest.setTimeout(60_000);

/** CSV files from PUT to rows (docs: CREATE FILE FORMAT, TYPE = CSV; COPY INTO <table>). */
const folder = mkdtempSync(path.join(tmpdir(), "csv-"));
let session: TestSession;
serverWithSession(
  [
    "CREATE WAREHOUSE WH",
    "CREATE DATABASE DB",
    `CREATE FILE FORMAT CSV TYPE = CSV SKIP_HEADER = 1 FIELD_OPTIONALLY_ENCLOSED_BY = '"' NULL_IF = ('NULL', '\\\\N')`,
    "CREATE STAGE FILES FILE_FORMAT = CSV",
    "CREATE TABLE READINGS (METER_ID VARCHAR(6) NOT NULL, AT TIMESTAMP_NTZ, KWH NUMBER(10,3))",
  ],
  (opened) => {
    session = opened;
  },
);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const HEADER = "meter_id,at,kwh\n";
let count = 0;
/** Puts a file into a folder of its own, and answers the folder. */
async function put(content: string | Buffer): Promise<string> {
  const name = typeof content === "string" ? "readings.csv" : "readings.csv.gz";
  writeFileSync(path.join(folder, name), content);
  const at = `@FILES/${++count}`;
  await session.run(`PUT 'file://${path.join(folder, name)}' ${at} OVERWRITE = TRUE`);
  return at;
}
async function load(content: string | Buffer, options = "", columns = "") {
  await session.run("TRUNCATE TABLE READINGS");
  return await session.rows(`COPY INTO READINGS${columns} FROM ${await put(content)} ${options}`);
}
const cells = async (sql = "SELECT METER_ID, AT::VARCHAR, KWH FROM READINGS ORDER BY METER_ID") =>
  (await session.rows(sql)).map((row) => Object.values(row));
const failure = async (content: string | Buffer, options = "") =>
  await session.failure(`COPY INTO READINGS FROM ${await put(content)} ${options}`);

test("PUT and COPY load values, NULLs and enclosed fields as they are meant", async () => {
  const rows = `M1,2026-01-01 00:15:00,0.25\n"M,""2""",NULL,\n"M\n3",,1e1\nM4,2026-01-01T00:15:00Z,\\N\n`;
  expect(await load(HEADER + rows)).toMatchObject([{ status: "LOADED", rows_parsed: 4, rows_loaded: 4 }]);
  expect(await cells()).toEqual([
    ["M\n3", null, 10],
    ['M,"2"', null, null],
    ["M1", "2026-01-01 00:15:00.000", 0.25],
    ["M4", "2026-01-01 00:15:00.000", null],
  ]);
});

test("an empty field is NULL, an enclosed one is an empty text", async () => {
  const format = `FILE_FORMAT = (TYPE = CSV FIELD_OPTIONALLY_ENCLOSED_BY = '"'`;
  await session.run("CREATE OR REPLACE TEMPORARY TABLE TEXTS (A VARCHAR, B VARCHAR)");
  await session.run(`COPY INTO TEXTS FROM ${await put('1,\n2,""\n')} ${format})`);
  expect(await cells("SELECT A, B FROM TEXTS ORDER BY A")).toEqual([
    ["1", null],
    ["2", ""],
  ]);
  await session.run("TRUNCATE TABLE TEXTS");
  await session.run(`COPY INTO TEXTS FROM ${await put("1,\n")} ${format} EMPTY_FIELD_AS_NULL = FALSE)`);
  expect(await cells("SELECT A, B FROM TEXTS")).toEqual([["1", ""]]);
});

test("other delimiters, formats, zipped files and headers", async () => {
  const dated = `FILE_FORMAT = (TYPE = CSV FIELD_DELIMITER = '|' TIMESTAMP_FORMAT = 'DD.MM.YYYY HH24:MI' TRIM_SPACE = TRUE)`;
  await load(gzipSync(" M1 |01.02.2026 10:15| 7\n"), `${dated}`);
  expect(await cells()).toEqual([["M1", "2026-02-01 10:15:00.000", 7]]);
  await load(
    "kwh;x;METER_ID\n3;y;M9\n",
    `FILE_FORMAT = (TYPE = CSV PARSE_HEADER = TRUE FIELD_DELIMITER = ';') MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE`,
  );
  expect(await cells()).toEqual([["M9", null, 3]]);
  await load(`${HEADER}M1,,1\r\n`.replaceAll(/\r?\n/g, "\r\n"));
  expect(await cells()).toEqual([["M1", null, 1]]);
  await load("kwh,meter_id\n5,M5\n", "", " (KWH, METER_ID)");
  expect(await cells()).toEqual([["M5", null, 5]]);
});

describe("rows that are wrong", () => {
  test.each([
    ["M1,2026-01-01,many\n", "100038", "Numeric value 'many' is not recognized"],
    ["M1,someday,1\n", "100035", "Timestamp 'someday' is not recognized"],
    [",2026-01-01,1\n", "100072", "NULL result in a non-nullable column"],
    ["M1234567,2026-01-01,1\n", "100074", "User character length limit (6) exceeded by string 'M1234567'"],
    [
      "M1,2026-01-01\n",
      "100080",
      "Number of columns in file (2) does not match that of the corresponding table (3)",
    ],
    ["M1,2026-01-01,1,2\n", "100080", "Number of columns in file (4) does not match"],
    ["M1,2026-01-01,1,2,3,4,5,6\n", "100080", "Number of columns in file (8) does not match"],
    ['M1,"2026"-01-01,1\n', "100016", "Found character"],
  ])("%j end a COPY with %s", async (row, code, message) => {
    expect(await failure(HEADER + row)).toMatchObject({ code, message: expect.stringContaining(message) });
  });

  test("are left out by ON_ERROR = CONTINUE, counted and told", async () => {
    const rows = "M1,2026-01-01,1\nM2,x,2\nM3\nM4,2026-01-01,4\n";
    expect(await load(HEADER + rows, "ON_ERROR = CONTINUE")).toMatchObject([
      {
        status: "PARTIALLY_LOADED",
        rows_parsed: 4,
        rows_loaded: 2,
        errors_seen: 2,
        first_error: "Timestamp 'x' is not recognized",
        first_error_line: 2,
        first_error_column_name: '"READINGS"["AT":2]',
      },
    ]);
    expect((await cells()).map(([meter]) => meter)).toEqual(["M1", "M4"]);
    expect(await load(HEADER + rows, "ON_ERROR = SKIP_FILE")).toMatchObject([{ status: "LOAD_FAILED" }]);
  });

  test("may be shorter or longer where that is no error", async () => {
    await load(
      "M1\nM2,2026-01-01,2,more\n",
      "FILE_FORMAT = (TYPE = CSV ERROR_ON_COLUMN_COUNT_MISMATCH = FALSE)",
    );
    expect(await cells()).toEqual([
      ["M1", null, null],
      ["M2", "2026-01-01 00:00:00.000", 2],
    ]);
  });
});

test("a stage of CSV files is read by $1, $2 and so on, and transformed", async () => {
  const at = await put(`${HEADER}M1,2026-01-01,1\nM2,2026-01-02,"2"\n`);
  expect(
    await cells(
      `SELECT $1, $3::INT + 1, t.$2::DATE::VARCHAR, $9, METADATA$FILE_ROW_NUMBER FROM ${at} t ORDER BY 1`,
    ),
  ).toEqual([
    ["M1", 2, "2026-01-01", null, 1],
    ["M2", 3, "2026-01-02", null, 2],
  ]);
  await session.run("TRUNCATE TABLE READINGS");
  await session.run(`COPY INTO READINGS (METER_ID, KWH) FROM (SELECT LOWER($1), $3::INT * 2 FROM ${at})`);
  expect(await cells()).toEqual([
    ["m1", null, 2],
    ["m2", null, 4],
  ]);
});

/** Docs: COPY INTO <table>, VALIDATION_MODE. */
test("VALIDATION_MODE tells errors or shows rows, and loads nothing", async () => {
  await session.run("TRUNCATE TABLE READINGS");
  const at = await put(`${HEADER}M1,2026-01-01,1\nM2,x,2\nM3,2026-01-03,y\n`);
  const copy = `COPY INTO READINGS FROM ${at}`;
  const errors = await session.rows(`${copy} VALIDATION_MODE = RETURN_ERRORS`);
  expect(errors).toMatchObject([
    {
      ERROR: "Timestamp 'x' is not recognized",
      CODE: 100035,
      ROW_NUMBER: 2,
      COLUMN_NAME: '"READINGS"["AT":2]',
    },
    { ERROR: "Numeric value 'y' is not recognized", CODE: 100038, ROW_NUMBER: 3, CATEGORY: "conversion" },
  ]);
  expect(await session.rows(`${copy} VALIDATION_MODE = RETURN_1_ROWS`)).toMatchObject([
    { METER_ID: "M1", KWH: 1 },
  ]);
  expect(await session.failure(`${copy} VALIDATION_MODE = RETURN_2_ROWS`)).toMatchObject({ code: "100035" });
  expect(await session.value("SELECT COUNT(*) FROM READINGS")).toBe(0);
  await session.run(`${copy} ON_ERROR = CONTINUE`);
  expect(await session.rows(`${copy} VALIDATION_MODE = RETURN_ERRORS`)).toEqual([]);
  expect(await session.rows(`${copy} VALIDATION_MODE = RETURN_ALL_ERRORS`)).toEqual(errors);
  expect(
    await session.failure(`${copy} MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE VALIDATION_MODE = RETURN_ERRORS`),
  ).toMatchObject({ code: "000002", message: expect.stringContaining("MATCH_BY_COLUMN_NAME") });
  const broken = `COPY INTO READINGS FROM ${await put(`${HEADER}M1,"x"y,1\n`)} VALIDATION_MODE = RETURN_ERRORS`;
  expect(await session.rows(broken)).toMatchObject([{ CATEGORY: "parsing", CODE: 100016 }]);
  expect(
    await session.failure(
      `COPY INTO READINGS FROM (SELECT $1, $2, $3 FROM ${at}) VALIDATION_MODE = RETURN_ERRORS`,
    ),
  ).toMatchObject({
    message: expect.stringContaining("VALIDATION_MODE is not supported with copy transform"),
  });
});

describe("what is not there is refused by its name", () => {
  test.each([
    ["ESCAPE = '\\\\'", "ESCAPE = '\\'"],
    ["RECORD_DELIMITER = ';'", "RECORD_DELIMITER"],
    ["ENCODING = 'ISO-8859-1'", "ENCODING"],
    ["COMPRESSION = BZ2", "COMPRESSION = BZ2"],
    ["TYPE = JSON", "TYPE = JSON"],
  ])("%s", async (option, name) => {
    const type = option.startsWith("TYPE") ? "" : "TYPE = CSV ";
    const copy = `COPY INTO READINGS FROM ${await put(`${HEADER}M1,,1\n`)} FILE_FORMAT = (${type}${option})`;
    expect(await session.failure(copy)).toMatchObject({
      code: "000002",
      message: expect.stringContaining(name),
    });
  });

  test.each([
    ["M1,,1\n\nM2,,2\n", "An empty line without SKIP_BLANK_LINES"],
    ["M\\,1,,1\n", "An escape by ESCAPE_UNENCLOSED_FIELD"],
  ])("%j", async (rows, name) => {
    expect(await failure(HEADER + rows)).toMatchObject({ message: expect.stringContaining(name) });
  });
});

test("empty lines are passed over where that is asked for, and files without rows load none", async () => {
  await load("M1,,1\n\nM2,,2\n", "FILE_FORMAT = (TYPE = CSV SKIP_BLANK_LINES = TRUE)");
  expect(await cells()).toHaveLength(2);
  expect(await load(HEADER)).toMatchObject([{ status: "LOADED", rows_loaded: 0 }]);
  expect(await load("")).toMatchObject([{ status: "LOADED", rows_loaded: 0 }]);
});
