import type { SnowflakeError } from "../snowflake/errors.ts";
import { startTestAws, type TestAws } from "./support/aws.ts";
import { column, LocalAccount, READINGS_COLUMNS } from "./support/local-account.ts";
import { type FixtureName, fixtures, readings } from "./support/parquet-fixtures.ts";
import { type MixedFile, MixtureWriter } from "./support/parquet-mixtures.ts";

/** Options of COPY INTO <table> that decide what a file's values become, and where Snowflake refuses. */
jest.setTimeout(60_000);

const PATH = "raw/ami/options/";
const COPY = `COPY INTO LANDING FROM @EXT_RAW_AMI/options/
  FILE_FORMAT = (TYPE = PARQUET USE_VECTORIZED_SCANNER = TRUE) MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE`;
const TEXT = { type: "text", length: 16_777_216 } as const;

let aws: TestAws;
let local: LocalAccount;
let writer: MixtureWriter;
let placed: string[] = [];

beforeAll(async () => {
  aws = await startTestAws();
  local = await LocalAccount.start(aws);
  writer = await MixtureWriter.start();
});
afterAll(async () => {
  await writer?.stop();
  await local?.stop();
  await aws?.stop();
});
afterEach(async () => {
  for (const key of placed) await aws.remove(key);
  placed = [];
});

async function put(name: string, body: Buffer) {
  await aws.put(PATH + name, body);
  placed.push(PATH + name);
}
const putReadings = async (name: string, kind: FixtureName = "plain") =>
  put(name, await fixtures[kind](readings({ meters: 1 })));
const duckdb = (rows: number, ...columns: [name: string, kind: string][]): Promise<Buffer> =>
  writer.write({
    writer: "duckdb",
    rows,
    columns: columns.map(([name, kind]) => ({ name, kind, nullable: false })),
  } as MixedFile);
async function failure(sql: string): Promise<SnowflakeError> {
  const outcome = await local.execute(sql).outcome;
  if (!("error" in outcome)) throw new Error(`${sql} should have failed`);
  return outcome.error;
}

describe("INCLUDE_METADATA", () => {
  const metadata = `INCLUDE_METADATA = ("FLUX$FILE" = METADATA$FILENAME, "flux row" = METADATA$FILE_ROW_NUMBER,
    "FLUX$KEY" = METADATA$FILE_CONTENT_KEY, "FLUX$MODIFIED" = METADATA$FILE_LAST_MODIFIED, FLUX$SCANNED = METADATA$START_SCAN_TIME)`;
  const columns = [
    ...READINGS_COLUMNS,
    column("FLUX$FILE", TEXT),
    column("flux row", { type: "fixed", precision: 38, scale: 0 }),
    column("FLUX$KEY", TEXT),
    column("FLUX$MODIFIED", { type: "timestamp_ntz", scale: 9 }),
    column("FLUX$SCANNED", { type: "timestamp_ltz", scale: 9 }),
  ];

  it("tells each row's file, number, key and times, whatever the columns are called", async () => {
    const table = await local.createTable("LANDING", columns);
    for (const name of ["a.parquet", "b.parquet", "c.parquet"]) await putReadings(name);
    await local.sql(`${COPY} ${metadata} ON_ERROR = SKIP_FILE`);
    const listed = await local.sql("LIST @EXT_RAW_AMI/options/");
    const rows = await local.rows(
      table,
      `SELECT "FLUX$FILE" AS f, "FLUX$KEY" AS k, strftime(min("FLUX$MODIFIED"), '%a, %d %b %Y %H:%M:%S GMT') AS m,
         count(DISTINCT "FLUX$MODIFIED")::INT AS times, min("flux row")::INT AS low, max("flux row")::INT AS high,
         bool_and("FLUX$SCANNED" BETWEEN now() - INTERVAL 1 HOUR AND now()) AS scanned
       FROM $T GROUP BY 1, 2 ORDER BY 1`,
    );
    expect(rows).toEqual(
      listed.map(({ name, md5, last_modified }) => ({
        f: name?.replace(`s3://${aws.bucket}/`, ""),
        k: md5,
        m: last_modified,
        times: 1,
        low: 1,
        high: 96,
        scanned: true,
      })),
    );
  });

  it("is refused without MATCH_BY_COLUMN_NAME, for a column that is not there, and twice for one", async () => {
    await local.createTable("LANDING", columns);
    expect(await failure(`${COPY.replace(/MATCH_BY.*/, "")} ${metadata}`)).toMatchObject({
      sqlState: "0A000",
    });
    expect(await failure(`${COPY} INCLUDE_METADATA = ("FLUX ROW" = METADATA$FILE_ROW_NUMBER)`)).toMatchObject(
      {
        code: "000904",
      },
    );
    expect(
      (
        await failure(
          `${COPY} INCLUDE_METADATA = ("FLUX$KEY" = METADATA$FILENAME, FLUX$KEY = METADATA$FILENAME)`,
        )
      ).message,
    ).toContain("INCLUDE_METADATA");
    expect((await failure(`${COPY} INCLUDE_METADATA = ("FLUX$KEY" = METADATA$FILE_SIZE)`)).message).toContain(
      "METADATA$FILE_SIZE",
    );
  });
});

describe("the vectorized scanner", () => {
  const raw = [
    column("A", { type: "variant" }),
    column("B", { type: "variant" }),
    column("C", { type: "variant" }),
  ];
  const kinds = async (format: string) => {
    const table = await local.createTable("LANDING", raw);
    await put(
      "a.parquet",
      await writer.write({
        writer: "hyparquet",
        rows: 1,
        columns: [
          { name: "A", kind: "bareBytes", nullable: false },
          { name: "B", kind: "utcMicros", nullable: false },
          { name: "C", kind: "localMillis", nullable: false },
        ],
      }),
    );
    await local.sql(COPY.replace(/\(TYPE.*?\)/, `(TYPE = PARQUET ${format})`));
    return await local.rows(table, "SELECT A::VARCHAR AS a, B::VARCHAR AS b, C::VARCHAR AS c FROM $T");
  };
  const strict = { a: '"3430"', b: '"2026-01-01 00:00:00.000 Z"', c: '"2026-01-01 00:00:00.000"' };

  it("reads bytes as BINARY and times by their annotation, whatever else is said", async () => {
    expect(await kinds("USE_VECTORIZED_SCANNER = TRUE")).toEqual([strict]);
    expect(
      await kinds("USE_VECTORIZED_SCANNER = TRUE BINARY_AS_TEXT = TRUE USE_LOGICAL_TYPE = FALSE"),
    ).toEqual([strict]);
  });

  it("without it bytes are text and times follow the older annotation, unless said otherwise", async () => {
    expect(await kinds("USE_VECTORIZED_SCANNER = FALSE")).toEqual([
      { a: '"40"', b: '"2026-01-01 00:00:00.000"', c: "1767225600000" },
    ]);
    expect(await kinds("BINARY_AS_TEXT = FALSE USE_LOGICAL_TYPE = TRUE")).toEqual([strict]);
  });
});

describe("columns that differ by case", () => {
  it("are one under CASE_INSENSITIVE, where such a file is refused, and two under CASE_SENSITIVE", async () => {
    const table = await local.createTable("LANDING", [column("Meter_Id", TEXT)]);
    const columns = [
      { name: "METER_ID", kind: "bareInt32", nullable: false } as const,
      { name: "Meter_Id", kind: "utf8", nullable: false } as const,
    ];
    await put("a.parquet", await writer.write({ writer: "hyparquet", rows: 1, columns }));
    await put("b.parquet", await duckdb(2, ["METER_ID", "text"]));
    expect(await local.sql(`${COPY} ON_ERROR = SKIP_FILE`)).toMatchObject([
      { status: "LOAD_FAILED", first_error: expect.stringContaining("'METER_ID' and 'Meter_Id'") },
      { status: "LOADED", rows_loaded: "2" },
    ]);
    await local.sql(COPY.replace("CASE_INSENSITIVE", "CASE_SENSITIVE FILES = ('a.parquet')"));
    expect(await local.rows(table, `SELECT "Meter_Id" AS m FROM $T ORDER BY 1`)).toEqual([
      { m: "text 0" },
      { m: "text 1" },
      { m: "v0" },
    ]);
  });
});

describe("switches", () => {
  it("an empty text is loaded, or is an error", async () => {
    await local.createTable("LANDING", [column("A", TEXT)]);
    await put("a.parquet", await writer.writeSelect("SELECT unnest(['x', '', NULL]) AS A"));
    const row = { rows_parsed: "3", status: "PARTIALLY_LOADED", rows_loaded: "2", first_error_line: "2" };
    await local.withSwitches({ emptyParquetText: "reject" }, async () => {
      expect(await local.sql(`${COPY} ON_ERROR = CONTINUE`)).toMatchObject([row]);
      expect((await failure(`${COPY} FORCE = TRUE`)).message).toContain("Empty column value");
    });
    expect(await local.sql(`${COPY} FORCE = TRUE`)).toMatchObject([{ status: "LOADED", rows_loaded: "3" }]);
  });

  it("a value that does not convert rejects its row, its file, or ends the statement", async () => {
    await local.createTable("LANDING", READINGS_COLUMNS);
    await putReadings("a.parquet", "badVoltage");
    await putReadings("b.parquet");
    const force = `${COPY} FORCE = TRUE ON_ERROR = CONTINUE`;
    const loaded = { status: "LOADED", rows_loaded: "96" };
    expect(await local.sql(force)).toMatchObject([{ status: "PARTIALLY_LOADED", rows_loaded: "95" }, loaded]);
    await local.withSwitches({ parquetConversionError: "skip file" }, async () => {
      expect(await local.sql(force)).toMatchObject([{ status: "LOAD_FAILED", rows_loaded: "0" }, loaded]);
    });
    await local.withSwitches({ parquetConversionError: "abort statement" }, async () => {
      expect((await failure(force)).message).toContain('Failed to cast variant value "n/a" to FIXED');
    });
  });
});

it("says in the log that ON_ERROR is not reliable for a clustered table", async () => {
  const table = await local.createTable("LANDING", READINGS_COLUMNS);
  const log = jest.spyOn(process.stderr, "write").mockReturnValue(true);
  try {
    await local.sql(`${COPY} ON_ERROR = CONTINUE`);
    expect(log).not.toHaveBeenCalled();
    table.clusterBy = ["METER_ID"];
    await local.sql(COPY);
    expect(log).not.toHaveBeenCalled();
    await local.sql(`${COPY} ON_ERROR = CONTINUE`);
    expect(log).toHaveBeenCalledWith(expect.stringContaining("the table is clustered"));
  } finally {
    log.mockRestore();
  }
});

it("takes up to 1,000 FILES", async () => {
  await local.createTable("LANDING", READINGS_COLUMNS);
  const files = (count: number) =>
    `${COPY} ON_ERROR = CONTINUE FILES = (${Array.from({ length: count }, (_, index) => `'${index}'`)})`;
  expect(await local.sql(files(1_000))).toHaveLength(1_000);
  await expect(local.sql(files(1_001))).rejects.toThrow("up to 1000 files");
});
