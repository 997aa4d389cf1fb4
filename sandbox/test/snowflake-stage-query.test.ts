import { startTestAws, type TestAws } from "./support/aws.ts";
import { LocalServer } from "./support/local-server.ts";
import { fixtures, readings } from "./support/parquet-fixtures.ts";
import { type MixedFile, MixtureWriter } from "./support/parquet-mixtures.ts";
import { TestSession } from "./support/standalone-server.ts";

/** SELECT straight from files in a stage, through the official driver. */
jest.setTimeout(60_000);
let aws: TestAws;
let server: LocalServer;
let session: TestSession;
let writer: MixtureWriter;

beforeAll(async () => {
  aws = await startTestAws();
  server = new LocalServer(aws);
  writer = await MixtureWriter.start();
  await aws.put("raw/ami/readings/one.parquet", await fixtures.plain(readings({ meters: 1 })));
  await aws.put("raw/ami/readings/two.parquet", await fixtures.plain(readings({ meters: 1, firstMeter: 2 })));
  await aws.put("raw/ami/other/three.parquet", await fixtures.plain(readings({ meters: 1, firstMeter: 3 })));
  await server.start();
  session = await TestSession.open(server.login);
  for (const sql of [
    "ALTER SESSION SET TIMEZONE = 'UTC'",
    "CREATE WAREHOUSE WH",
    "CREATE DATABASE DB",
    `CREATE STORAGE INTEGRATION SI TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE
       STORAGE_AWS_ROLE_ARN = '${aws.roleArn}' STORAGE_ALLOWED_LOCATIONS = ('s3://${aws.bucket}/raw/ami/')`,
    "ALTER STORAGE INTEGRATION SI SET STORAGE_AWS_EXTERNAL_ID = 'external-1'",
    `CREATE STAGE RAW URL = 's3://${aws.bucket}/raw/ami/' STORAGE_INTEGRATION = SI`,
  ]) {
    await session.run(sql);
  }
}, 60_000);

afterAll(async () => {
  await session?.close();
  await server?.stop();
  await writer?.stop();
  await aws?.stop();
}, 20_000);

const stage = "@DB.PUBLIC.RAW/readings/ (FILE_FORMAT => (TYPE = PARQUET))";

test("the guide's sample query", async () => {
  const { rows, columns } = await session.run(`SELECT $1:METER_ID::VARCHAR as METER_ID,
       $1:TIMESTAMP::TIMESTAMP_NTZ as TIMESTAMP,
       $1:USAGE_KWH::FLOAT as USAGE_KWH
FROM @DB.PUBLIC.RAW/readings/
(FILE_FORMAT => (TYPE = PARQUET))
LIMIT 10;`);
  expect(columns.map((column) => `${column.getName()} ${column.getType()}`)).toEqual([
    "METER_ID text",
    "TIMESTAMP timestamp_ntz",
    "USAGE_KWH real",
  ]);
  expect(rows).toHaveLength(10);
  expect(String(rows[0]?.METER_ID)).not.toContain('"');
  expect(new Date(String(rows[0]?.TIMESTAMP)).getUTCFullYear()).toBe(2026);
});

test("conditions, grouping and the files' names", async () => {
  const rows = await session.rows(`SELECT METADATA$FILENAME AS FILE, COUNT(*) AS ROWS_THERE,
      COUNT(DISTINCT $1:METER_ID::VARCHAR) AS METERS, MIN(METADATA$FILE_ROW_NUMBER) >= 0 AS NUMBERED
    FROM ${stage} GROUP BY 1 ORDER BY 1`);
  expect(rows).toEqual([
    { FILE: "raw/ami/readings/one.parquet", ROWS_THERE: 96, METERS: 1, NUMBERED: true },
    { FILE: "raw/ami/readings/two.parquet", ROWS_THERE: 96, METERS: 1, NUMBERED: true },
  ]);
});

test("PATTERN chooses files; the alias of a stage qualifies $1", async () => {
  const sql = `SELECT COUNT(*) FROM @RAW (FILE_FORMAT => (TYPE = PARQUET), PATTERN => '.*three[.]parquet') T
    WHERE T.$1:VOLTAGE::NUMBER > 0`;
  expect(await session.value(sql)).toBe(96);
});

test("$1 alone is the whole row; a column that the files lack is NULL; names are case-sensitive", async () => {
  const [row] = await session.rows(
    `SELECT $1 AS ALL_OF_IT, $1:NO_SUCH::VARCHAR AS MISSING, $1:meter_id::VARCHAR AS OTHER_CASE FROM ${stage} LIMIT 1`,
  );
  expect(row).toMatchObject({ MISSING: null, OTHER_CASE: null });
  expect(Object.keys(row?.ALL_OF_IT as object)).toEqual(
    expect.arrayContaining(["METER_ID", "TIMESTAMP", "USAGE_KWH"]),
  );
});

test("a table is made of a stage's rows", async () => {
  await session.run(
    `CREATE TABLE TAKEN AS SELECT $1:METER_ID::VARCHAR AS METER_ID, $1:TIMESTAMP::TIMESTAMP_NTZ AS TS FROM ${stage}`,
  );
  await session.run(
    `INSERT INTO TAKEN SELECT $1:METER_ID, $1:TIMESTAMP FROM @RAW/other/ (FILE_FORMAT => (TYPE = PARQUET))`,
  );
  expect(await session.value("SELECT COUNT(DISTINCT METER_ID) FROM TAKEN")).toBe(3);
});

describe("files whose columns differ", () => {
  const columns = (...each: [name: string, kind: string][]) =>
    writer.write({
      writer: "duckdb",
      rows: 2,
      columns: each.map(([name, kind]) => ({ name, kind, nullable: false })),
    } as MixedFile);
  const from = "@RAW/mixed/ (FILE_FORMAT => (TYPE = PARQUET USE_LOGICAL_TYPE = TRUE))";

  beforeAll(async () => {
    await aws.put(
      "raw/ami/mixed/1.parquet",
      await columns(["USAGE", "int32"], ["V", "struct"], ["T", "timestamp"], ["Id", "text"]),
    );
    await aws.put(
      "raw/ami/mixed/2.parquet",
      await columns(["USAGE", "double"], ["V", "list"], ["T", "dateText"], ["ID", "int64"]),
    );
  });

  test("each value is what its own file has", async () => {
    const rows = await session.rows(
      `SELECT METADATA$FILENAME AS F, $1:USAGE::FLOAT AS U, $1:V AS V, $1:T::VARCHAR AS T FROM ${from}
       WHERE METADATA$FILE_ROW_NUMBER = 2 ORDER BY 1`,
    );
    expect(rows).toEqual([
      { F: "raw/ami/mixed/1.parquet", U: 3, V: { a: 1, b: 0.3 }, T: "2026-01-01 00:15:00.000" },
      { F: "raw/ami/mixed/2.parquet", U: 0.3, V: [1, 2], T: "2026-01-02" },
    ]);
  });

  test("a column of the files, and a whole row of them, is a VARIANT", async () => {
    const { columns: described } = await session.run(
      `SELECT $1:USAGE AS U, $1:ID AS I, $1 AS R FROM ${from} LIMIT 1`,
    );
    expect(described.map((each) => each.getType())).toEqual(["variant", "variant", "variant"]);
    const one = "@RAW/mixed/1.parquet (FILE_FORMAT => (TYPE = PARQUET USE_LOGICAL_TYPE = TRUE))";
    expect(await session.rows(`SELECT $1:V AS V, $1:V.b::FLOAT AS B, $1 AS R FROM ${one} LIMIT 1`)).toEqual([
      { V: { a: 0, b: 0 }, B: 0, R: expect.objectContaining({ USAGE: 0, V: { a: 0, b: 0 }, Id: "text 0" }) },
    ]);
  });

  test("names that differ by case are different columns", async () => {
    const rows = await session.rows(
      `SELECT $1:"Id"::VARCHAR AS A, $1:ID::VARCHAR AS B, $1:id AS C FROM ${from}
       WHERE METADATA$FILE_ROW_NUMBER = 1 ORDER BY METADATA$FILENAME`,
    );
    expect(rows).toEqual([
      { A: "text 0", B: null, C: null },
      { A: null, B: "0", C: null },
    ]);
  });

  test("a column of the files has no name of its own", async () => {
    expect(await session.failure(`SELECT USAGE FROM ${from}`)).toMatchObject({ code: "000904" });
    expect(await session.failure(`SELECT COUNT(*) FROM ${from} WHERE usage > 1`)).toMatchObject({
      code: "000904",
    });
  });

  test("METADATA$ columns have their types", async () => {
    const { columns: described, rows } = await session.run(
      `SELECT METADATA$FILENAME, METADATA$FILE_ROW_NUMBER, METADATA$FILE_CONTENT_KEY, METADATA$FILE_LAST_MODIFIED,
         METADATA$START_SCAN_TIME FROM ${from} ORDER BY 1, 2 LIMIT 1`,
    );
    expect(described.map((each) => `${each.getName()} ${each.getType()}`)).toEqual([
      "METADATA$FILENAME text",
      "METADATA$FILE_ROW_NUMBER fixed",
      "METADATA$FILE_CONTENT_KEY text",
      "METADATA$FILE_LAST_MODIFIED timestamp_ntz",
      "METADATA$START_SCAN_TIME timestamp_ltz",
    ]);
    const [listed] = await session.rows("LIST @RAW/mixed/1.parquet");
    expect(rows[0]).toMatchObject({ METADATA$FILE_ROW_NUMBER: 1, METADATA$FILE_CONTENT_KEY: listed?.md5 });
    expect(new Date(String(rows[0]?.METADATA$FILE_LAST_MODIFIED)).toUTCString()).toBe(listed?.last_modified);
  });
});

test("a stage that is not there, and one that may not be read", async () => {
  expect(await session.failure("SELECT $1 FROM @NO_STAGE")).toMatchObject({ code: "002003" });
  await aws.trust("another-id");
  try {
    const fresh = await session.failure(`SELECT COUNT(*) FROM @RAW/other/ (FILE_FORMAT => (TYPE = PARQUET))`);
    expect(fresh.message).toContain("Error assuming AWS_ROLE");
  } finally {
    await aws.trust("external-1");
  }
});
