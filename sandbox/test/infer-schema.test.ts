import { startTestAws, type TestAws } from "./support/aws.ts";
import { LocalServer } from "./support/local-server.ts";
import { type MixedFile, MixtureWriter } from "./support/parquet-mixtures.ts";
import { TestSession } from "./support/standalone-server.ts";

/** INFER_SCHEMA and CREATE TABLE … USING TEMPLATE, through the official driver. */
jest.setTimeout(60_000);
let aws: TestAws;
let server: LocalServer;
let session: TestSession;
let writer: MixtureWriter;

const duckdb = (columns: [name: string, kind: string][]): Promise<Buffer> =>
  writer.write({
    writer: "duckdb",
    rows: 3,
    columns: columns.map(([name, kind]) => ({ name, kind, nullable: true })),
  } as MixedFile);

async function prepare(opened: TestSession) {
  for (const sql of [
    "ALTER SESSION SET TIMEZONE = 'UTC'",
    "CREATE WAREHOUSE WH",
    "CREATE DATABASE DB",
    `CREATE STORAGE INTEGRATION SI TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE
       STORAGE_AWS_ROLE_ARN = '${aws.roleArn}' STORAGE_ALLOWED_LOCATIONS = ('s3://${aws.bucket}/raw/ami/')`,
    "ALTER STORAGE INTEGRATION SI SET STORAGE_AWS_EXTERNAL_ID = 'external-1'",
    `CREATE STAGE RAW URL = 's3://${aws.bucket}/raw/ami/' STORAGE_INTEGRATION = SI`,
    `CREATE FILE FORMAT "Fmt" TYPE = PARQUET USE_VECTORIZED_SCANNER = TRUE`,
    "CREATE FILE FORMAT PLAIN TYPE = PARQUET",
  ]) {
    await opened.run(sql);
  }
}

beforeAll(async () => {
  aws = await startTestAws();
  server = new LocalServer(aws);
  writer = await MixtureWriter.start();
  const put = (name: string, body: Buffer | string) => aws.put(`raw/ami/${name}`, body);
  await put(
    "all/one.parquet",
    await duckdb([
      ["Meter_Id", "text"],
      ["TS", "timestampTz"],
      ["LOCAL", "timestampMs"],
      ["D", "date"],
      ["T", "time"],
      ["N32", "int32"],
      ["N64", "int64"],
      ["P", "decimal30"],
      ["R", "double"],
      ["B", "boolean"],
      ["O", "struct"],
      ["L", "list"],
      ["with blank", "float"],
    ]),
  );
  await put(
    "all/two.parquet",
    await writer.write({
      writer: "hyparquet",
      rows: 1,
      columns: [
        { name: "RAW", kind: "bareBytes", nullable: false },
        { name: "LOCAL", kind: "localNanos", nullable: true },
      ],
    }),
  );
  await put("drift/1.parquet", await duckdb([["USAGE_KWH", "int32"]]));
  await put(
    "drift/2.parquet",
    await duckdb([
      ["USAGE_KWH", "double"],
      ["EXTRA", "text"],
    ]),
  );
  await put("drift/3.parquet", await duckdb([["usage_kwh", "int64"]]));
  await put("drift/4.parquet", await duckdb([["USAGE_KWH", "int64"]]));
  await put("broken/empty.parquet", Buffer.alloc(0));
  await put("broken/text.parquet", "METER_ID,USAGE_KWH\nM,1\n".repeat(20));
  await server.start();
  session = await TestSession.open(server.login);
  await prepare(session);
}, 60_000);

afterAll(async () => {
  await session?.close();
  await server?.stop();
  await writer?.stop();
  await aws?.stop();
}, 20_000);

const infer = (path: string, options = "", format = 'DB.PUBLIC."Fmt"') =>
  `TABLE(INFER_SCHEMA(LOCATION => '@DB.PUBLIC.RAW/${path}', FILE_FORMAT => '${format}'${options}))`;

test("tells each column's name, type and place as the vectorized scanner reads them", async () => {
  const { columns, rows } = await session.run(
    `SELECT * FROM ${infer("all/", ", FILES => ('one.parquet')")} ORDER BY ORDER_ID`,
  );
  expect(columns.map((column) => `${column.getName()} ${column.getType()}`)).toEqual([
    "COLUMN_NAME text",
    "TYPE text",
    "NULLABLE boolean",
    "EXPRESSION text",
    "FILENAMES text",
    "ORDER_ID fixed",
  ]);
  expect(rows.map(({ COLUMN_NAME, TYPE, ORDER_ID }) => `${ORDER_ID} ${COLUMN_NAME} ${TYPE}`)).toEqual([
    "0 Meter_Id TEXT",
    "1 TS TIMESTAMP_LTZ",
    "2 LOCAL TIMESTAMP_NTZ",
    "3 D DATE",
    "4 T TIME",
    "5 N32 NUMBER(38, 0)",
    "6 N64 NUMBER(38, 0)",
    "7 P NUMBER(30, 6)",
    "8 R REAL",
    "9 B BOOLEAN",
    "10 O VARIANT",
    "11 L ARRAY",
    "12 with blank REAL",
  ]);
  expect(rows[0]).toEqual({
    COLUMN_NAME: "Meter_Id",
    TYPE: "TEXT",
    NULLABLE: true,
    EXPRESSION: "$1:Meter_Id::TEXT",
    FILENAMES: "raw/ami/all/one.parquet",
    ORDER_ID: 0,
  });
});

test("bytes without annotation are BINARY for the vectorized scanner, TEXT else; required columns are not nullable", async () => {
  const types = (format?: string) =>
    session.rows(
      `SELECT COLUMN_NAME, TYPE, NULLABLE FROM ${infer("all/", ", FILES => 'two.parquet'", format)} ORDER BY ORDER_ID`,
    );
  expect(await types()).toEqual([
    { COLUMN_NAME: "RAW", TYPE: "BINARY", NULLABLE: false },
    { COLUMN_NAME: "LOCAL", TYPE: "TIMESTAMP_NTZ", NULLABLE: true },
  ]);
  expect(await types("plain")).toEqual([
    { COLUMN_NAME: "RAW", TYPE: "TEXT", NULLABLE: false },
    { COLUMN_NAME: "LOCAL", TYPE: "NUMBER(38, 0)", NULLABLE: true },
  ]);
});

test("a column that files have with several types has a row for each, with its files", async () => {
  const answer = (options = "") =>
    session.rows(
      `SELECT COLUMN_NAME, TYPE, EXPRESSION, FILENAMES FROM ${infer("drift/", options)} ORDER BY FILENAMES, COLUMN_NAME`,
    );
  const path = "raw/ami/drift";
  expect(await answer()).toEqual([
    {
      COLUMN_NAME: "USAGE_KWH",
      TYPE: "NUMBER(38, 0)",
      EXPRESSION: "$1:USAGE_KWH::NUMBER(38, 0)",
      FILENAMES: `${path}/1.parquet, ${path}/4.parquet`,
    },
    { COLUMN_NAME: "EXTRA", TYPE: "TEXT", EXPRESSION: "$1:EXTRA::TEXT", FILENAMES: `${path}/2.parquet` },
    {
      COLUMN_NAME: "USAGE_KWH",
      TYPE: "REAL",
      EXPRESSION: "$1:USAGE_KWH::REAL",
      FILENAMES: `${path}/2.parquet`,
    },
    {
      COLUMN_NAME: "usage_kwh",
      TYPE: "NUMBER(38, 0)",
      EXPRESSION: "$1:usage_kwh::NUMBER(38, 0)",
      FILENAMES: `${path}/3.parquet`,
    },
  ]);
  expect(
    await answer(", IGNORE_CASE => TRUE, MAX_FILE_COUNT => 3, MAX_RECORDS_PER_FILE => 10"),
  ).toMatchObject([
    {
      COLUMN_NAME: "USAGE_KWH",
      EXPRESSION: "GET_IGNORE_CASE ($1, USAGE_KWH)::NUMBER(38, 0)",
      FILENAMES: `${path}/1.parquet, ${path}/3.parquet`,
    },
    { COLUMN_NAME: "EXTRA" },
    { COLUMN_NAME: "USAGE_KWH", TYPE: "REAL" },
  ]);
});

test("a switch merges the types that files have", async () => {
  const merging = new LocalServer(aws, { inferredTypes: "merged" });
  await merging.start();
  try {
    const other = await TestSession.open(merging.login);
    await prepare(other);
    const rows = await other.rows(
      `SELECT COLUMN_NAME, TYPE, FILENAMES FROM ${infer("drift/", ", IGNORE_CASE => TRUE")} ORDER BY COLUMN_NAME DESC`,
    );
    expect(rows).toEqual([
      {
        COLUMN_NAME: "USAGE_KWH",
        TYPE: "REAL",
        FILENAMES: [1, 2, 3, 4].map((each) => `raw/ami/drift/${each}.parquet`).join(", "),
      },
      { COLUMN_NAME: "EXTRA", TYPE: "TEXT", FILENAMES: "raw/ami/drift/2.parquet" },
    ]);
    await other.close();
  } finally {
    await merging.stop();
  }
});

test("a table is made of the template", async () => {
  const template = (path: string, options = "") =>
    `(SELECT ARRAY_AGG(OBJECT_CONSTRUCT(*)) WITHIN GROUP (ORDER BY ORDER_ID) FROM ${infer(path, options)})`;
  await session.run(
    `CREATE TRANSIENT TABLE LANDING DATA_RETENTION_TIME_IN_DAYS = 0 USING TEMPLATE ${template("all/", ", FILES => ('one.parquet')")}`,
  );
  expect((await session.rows("DESC TABLE LANDING")).map(({ name, type }) => `${name} ${type}`)).toEqual([
    "Meter_Id VARCHAR(16777216)",
    "TS TIMESTAMP_LTZ(9)",
    "LOCAL TIMESTAMP_NTZ(9)",
    "D DATE",
    "T TIME(9)",
    "N32 NUMBER(38,0)",
    "N64 NUMBER(38,0)",
    "P NUMBER(30,6)",
    "R FLOAT",
    "B BOOLEAN",
    "O VARIANT",
    "L ARRAY",
    "with blank FLOAT",
  ]);
  const report = await session.rows(
    `COPY INTO LANDING FROM @RAW/all/ FILES = ('one.parquet') FILE_FORMAT = (FORMAT_NAME = 'DB.PUBLIC."Fmt"')
     MATCH_BY_COLUMN_NAME = CASE_SENSITIVE`,
  );
  expect(report).toMatchObject([{ status: "LOADED", rows_loaded: 3 }]);
  expect(
    await session.rows(
      `SELECT "Meter_Id", "with blank" IS NULL AS E, L, O:a AS A FROM LANDING WHERE N32 = 3`,
    ),
  ).toEqual([{ Meter_Id: "text 1", E: false, L: [1, 2], A: 1 }]);
  expect(await session.failure(`CREATE TABLE TWICE USING TEMPLATE ${template("drift/")}`)).toMatchObject({
    code: "002025",
  });
  expect(await session.failure("CREATE TABLE NONE USING TEMPLATE (SELECT 1)")).toMatchObject({
    code: "002026",
  });
});

test("only footers are fetched, however large a file is", async () => {
  const large = await writer.writeSelect("SELECT i, hash(i) AS h FROM range(300000) AS t(i)");
  expect(large.length).toBeGreaterThan(1_000_000);
  // All pages are spoilt: whoever read them would fail.
  const footer = large.readUInt32LE(large.length - 8) + 8;
  large.fill(0x5a, 4, large.length - footer);
  await aws.put("raw/ami/large/one.parquet", large);
  expect(await session.rows(`SELECT COLUMN_NAME, TYPE FROM ${infer("large/")} ORDER BY 1`)).toEqual([
    { COLUMN_NAME: "h", TYPE: "NUMBER(38, 0)" },
    { COLUMN_NAME: "i", TYPE: "NUMBER(38, 0)" },
  ]);
});

test("what is wrong is said", async () => {
  const failure = async (from: string) => await session.failure(`SELECT * FROM ${from}`);
  expect(await failure(infer("all/", ", FILES => ('one.parquet', 'none.parquet')"))).toMatchObject({
    code: "091016",
  });
  expect((await failure(infer("broken/", ", FILES => ('empty.parquet')"))).message).toContain("0 bytes");
  expect((await failure(infer("broken/", ", FILES => ('text.parquet')"))).message).toContain("magic bytes");
  expect(await failure(infer("all/", "", "NO_SUCH"))).toMatchObject({ code: "002003" });
  expect((await failure(infer("all/", ", PATTERN => '.*'"))).message).toContain("PATTERN");
  expect((await failure("TABLE(INFER_SCHEMA(LOCATION => '@RAW/all/'))")).message).toContain("FILE_FORMAT");
  const many = Array.from({ length: 1_001 }, (_, index) => `'${index}'`);
  expect((await failure(infer("all/", `, FILES => (${many})`))).message).toContain("up to 1000 files");
  await aws.trust("another-id");
  try {
    expect((await failure(infer("all/"))).message).toContain("Error assuming AWS_ROLE");
  } finally {
    await aws.trust("external-1");
  }
});
