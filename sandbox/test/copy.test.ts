import { setImmediate as nextTurn } from "node:timers/promises";
import type { Table } from "../snowflake/catalog/model.ts";
import { accountOf } from "../snowflake/catalog/scope.ts";
import type { SnowflakeError } from "../snowflake/errors.ts";
import { copyHistory, loadHistory } from "../snowflake/history/load-history.ts";
import { forgetLoads } from "../snowflake/loading/load-records.ts";
import type { ResultSet } from "../snowflake/result.ts";
import { startTestAws, type TestAws } from "./support/aws.ts";
import { column, LocalAccount, READINGS_COLUMNS } from "./support/local-account.ts";
import { type FixtureName, fixtures, type Reading, readings } from "./support/parquet-fixtures.ts";

jest.setTimeout(60_000);

const PATH = "raw/ami/ami_interval_readings/";
const COPY = `COPY INTO AMI_INTERVAL_READINGS FROM @EXT_RAW_AMI/ami_interval_readings/
  FILE_FORMAT = (TYPE = PARQUET USE_LOGICAL_TYPE = TRUE) MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE`;
const CONTINUE = `${COPY} ON_ERROR = 'CONTINUE'`;

let aws: TestAws;
let local: LocalAccount;
let table: Table;
let placed: string[] = [];

async function put(name: string, kind: FixtureName, rows: readonly Reading[] = readings()) {
  const key = `${PATH}${name}`;
  await aws.put(key, await fixtures[kind](rows));
  placed.push(key);
}
const url = (name: string) => `s3://${aws.bucket}/${PATH}${name}`;
async function figures(of = table) {
  const [row] = await local.rows<Record<string, unknown>>(
    of,
    `SELECT count(*)::INT AS rows, count(DISTINCT METER_ID)::INT AS meters, min("TIMESTAMP")::VARCHAR AS first, max("TIMESTAMP")::VARCHAR AS last FROM $T`,
  );
  return row;
}
async function failure(sql: string): Promise<SnowflakeError> {
  const outcome = await local.execute(sql).outcome;
  if (!("error" in outcome)) throw new Error(`${sql} should have failed`);
  return outcome.error;
}
const RIGHT = { rows: 192, meters: 2, first: "2026-07-01 00:00:00", last: "2026-07-01 23:45:00" };

beforeAll(async () => {
  aws = await startTestAws();
  local = await LocalAccount.start(aws);
});
afterAll(async () => {
  await local?.stop();
  await aws?.stop();
});
beforeEach(async () => {
  table = await local.createTable("AMI_INTERVAL_READINGS");
  local.offsetDays = 0;
});
afterEach(async () => {
  for (const key of placed) await aws.remove(key);
  placed = [];
});

describe("files from other writers", () => {
  const right: FixtureName[] = [
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
    "usageDecimal",
    "usageInteger",
    "missingColumns",
    "extraColumns",
    "otherCase",
    "zstd",
    "gzip",
    "uncompressed",
  ];
  it.each(right)("%s loads whole, with the right times", async (kind) => {
    await put("a.parquet", kind);
    const [row] = await local.sql(CONTINUE);
    expect(row).toMatchObject({
      file: url("a.parquet"),
      status: "LOADED",
      rows_parsed: "192",
      rows_loaded: "192",
      errors_seen: "0",
      first_error: null,
    });
    expect(await figures()).toEqual(RIGHT);
  });

  it("converts values as Snowflake does", async () => {
    await put("a.parquet", "voltageDouble");
    await local.sql(CONTINUE);
    const [row] = await local.rows(
      table,
      `SELECT VOLTAGE::VARCHAR AS v, POWER_FACTOR::VARCHAR AS p, USAGE_KWH AS u FROM $T WHERE METER_ID = 'MTR-00000001' ORDER BY "TIMESTAMP" LIMIT 1`,
    );
    // 118.5 rounds away from zero
    expect(row).toEqual({ v: "119", p: "0.90", u: 0.25 });
  });

  it("loads an integer USAGE_KWH and a decimal one as FLOAT", async () => {
    await put("a.parquet", "usageInteger");
    await put("b.parquet", "usageDecimal", readings({ firstMeter: 3 }));
    await local.sql(CONTINUE);
    const rows = await local.rows(
      table,
      "SELECT METER_ID AS m, max(USAGE_KWH) AS u FROM $T GROUP BY METER_ID ORDER BY 1",
    );
    expect(rows.map(({ u }) => u)).toEqual([2, 2, 1.734375, 1.734375]);
  });

  it("leaves missing columns NULL and ignores extra ones", async () => {
    await put("a.parquet", "missingColumns");
    await put("b.parquet", "extraColumns", readings({ firstMeter: 3 }));
    await local.sql(CONTINUE);
    const rows = await local.rows(
      table,
      "SELECT count(POWER_FACTOR)::INT AS p, count(SOURCE_TABLE)::INT AS s, count(*)::INT AS n FROM $T",
    );
    expect(rows).toEqual([{ p: 192, s: 192, n: 384 }]);
  });

  it("loads NULL keys when the file calls them otherwise", async () => {
    await put("a.parquet", "renamedKeys");
    expect(await local.sql(CONTINUE)).toMatchObject([{ status: "LOADED", rows_loaded: "192" }]);
    expect(await figures()).toMatchObject({ rows: 192, meters: 0, first: null });
  });

  it("a file without rows is loaded, and leaves no load metadata", async () => {
    await put("a.parquet", "noRows");
    const loaded = [{ status: "LOADED", rows_parsed: "0", rows_loaded: "0" }];
    expect(await local.sql(CONTINUE)).toMatchObject(loaded);
    expect(await local.sql(CONTINUE)).toMatchObject(loaded);
  });

  it("matches case only when asked to", async () => {
    await put("a.parquet", "otherCase");
    await local.sql(`${CONTINUE.replace("CASE_INSENSITIVE", "CASE_SENSITIVE")}`);
    expect(await figures()).toMatchObject({ rows: 192, meters: 0 });
  });
});

describe("times without logical types", () => {
  const plainCopy = COPY.replace("USE_LOGICAL_TYPE = TRUE", "");
  const firstTime = async (kind: FixtureName, sql: string, timeZone = "UTC") => {
    await put("a.parquet", kind);
    const session = local.newSession();
    session.parameters.set("TIMEZONE", timeZone);
    await local.sql(sql, session);
    return (await figures())?.first;
  };

  it.each<[FixtureName, string]>([
    ["plain", "2026-07-01 00:00:00"],
    ["utcMillis", "2026-07-01 00:00:00"],
    ["int96", "2026-07-01 00:00:00"],
    // an instant, shown on the session's clock
    ["localMicrosConverted", "2026-06-30 17:00:00"],
    // integers count as seconds
    ["localMillis", "58466-09-17 00:00:00"],
    ["localMicros", "294247-01-10 04:00:54"],
    ["localNanos", "294247-01-10 04:00:54"],
    ["utcNanos", "294247-01-10 04:00:54"],
  ])("%s begins at %s", async (kind, first) => {
    expect(await firstTime(kind, plainCopy, "America/Los_Angeles")).toBe(first);
  });

  it("shows an adjusted time on the session's clock when logical types are on", async () => {
    expect(await firstTime("plain", COPY, "America/Los_Angeles")).toBe("2026-06-30 17:00:00");
  });

  it("takes INT96 for an instant with the vectorized scanner", async () => {
    const sql = COPY.replace("USE_LOGICAL_TYPE = TRUE", "USE_VECTORIZED_SCANNER = TRUE");
    expect(await firstTime("int96", sql, "America/Los_Angeles")).toBe("2026-06-30 17:00:00");
  });
});

describe("ON_ERROR", () => {
  const broken: [FixtureName, RegExp][] = [
    ["truncated", /^Error parsing the parquet file: Invalid: Parquet magic bytes not found in footer/],
    ["corrupt", /^Error parsing the parquet file: /],
    ["notParquet", /^Error parsing the parquet file: Invalid: Parquet magic bytes not found in footer/],
    ["zeroBytes", /^Error parsing the parquet file: Invalid: Parquet file size is 0 bytes/],
  ];
  it.each(broken)("CONTINUE reports a %s file and loads the others", async (kind, message) => {
    await put("a.parquet", "plain");
    await put("b.parquet", kind);
    await put("c.parquet", "zstd", readings({ firstMeter: 3 }));
    const rows = await local.sql(CONTINUE);
    expect(rows.map(({ status }) => status)).toEqual(["LOADED", "LOAD_FAILED", "LOADED"]);
    expect(rows[1]).toMatchObject({
      file: url("b.parquet"),
      rows_parsed: "0",
      rows_loaded: "0",
      errors_seen: "1",
      first_error: expect.stringMatching(message),
    });
    expect(rows[1]?.first_error).not.toMatch(/\/tmp|objects/);
    expect(await figures()).toMatchObject({ rows: 384, meters: 4 });
  });

  it.each(broken)("ABORT_STATEMENT stops at a %s file and loads nothing", async (kind, message) => {
    await put("a.parquet", "plain");
    await put("b.parquet", kind);
    const error = await failure(COPY);
    expect(error.message).toMatch(message);
    expect(error.message).toContain(`File '${PATH}b.parquet'`);
    expect(await figures()).toMatchObject({ rows: 0 });
    expect(await local.sql(`${COPY} PATTERN = '.*a[.]parquet'`)).toMatchObject([{ status: "LOADED" }]);
  });

  it("CONTINUE leaves out rows whose text is too long", async () => {
    await put("a.parquet", "longSegment");
    expect(await local.sql(CONTINUE)).toEqual([
      {
        file: url("a.parquet"),
        status: "PARTIALLY_LOADED",
        rows_parsed: "192",
        rows_loaded: "154",
        error_limit: "192",
        errors_seen: "38",
        first_error: "User character length limit (11) exceeded by string 'RESIDENTIAL-TIME-OF-USE'",
        first_error_line: "5",
        first_error_character: null,
        first_error_column_name: '"AMI_INTERVAL_READINGS"["CUSTOMER_SEGMENT_ID":6]',
      },
    ]);
    expect(await figures()).toMatchObject({ rows: 154 });
    expect(await local.sql(CONTINUE)).toEqual([{ status: "Copy executed with 0 files processed." }]);
  });

  it.each(["TRUNCATECOLUMNS = TRUE", "ENFORCE_LENGTH = FALSE"])("%s cuts it instead", async (option) => {
    await put("a.parquet", "longSegment");
    expect(await local.sql(`${CONTINUE} ${option}`)).toMatchObject([
      { status: "LOADED", rows_loaded: "192" },
    ]);
    const rows = await local.rows(table, "SELECT DISTINCT CUSTOMER_SEGMENT_ID AS s FROM $T");
    expect(rows).toEqual([{ s: "RESIDENTIAL" }]);
  });

  it("CONTINUE leaves out rows that cannot be converted", async () => {
    await put("a.parquet", "badVoltage");
    expect(await local.sql(CONTINUE)).toMatchObject([
      {
        status: "PARTIALLY_LOADED",
        rows_parsed: "192",
        rows_loaded: "191",
        first_error: 'Failed to cast variant value "n/a" to FIXED',
        first_error_line: "3",
        first_error_column_name: '"AMI_INTERVAL_READINGS"["VOLTAGE":4]',
      },
    ]);
  });

  it("ABORT_STATEMENT names file, row and column", async () => {
    await put("a.parquet", "badVoltage");
    const error = await failure(COPY);
    expect(error).toMatchObject({ code: "100071", sqlState: "22000" });
    expect(error.message).toContain('Failed to cast variant value "n/a" to FIXED');
    expect(error.message).toContain('Row 3, column "AMI_INTERVAL_READINGS"["VOLTAGE":4]');
    expect(error.message).toContain("use other values such as 'SKIP_FILE' or 'CONTINUE'");
    expect(await figures()).toMatchObject({ rows: 0 });
  });

  it.each([
    ["SKIP_FILE", "LOAD_FAILED", "0"],
    ["SKIP_FILE_38", "LOAD_FAILED", "0"],
    ["SKIP_FILE_39", "PARTIALLY_LOADED", "154"],
    ["'SKIP_FILE_19%'", "LOAD_FAILED", "0"],
    ["'SKIP_FILE_20%'", "PARTIALLY_LOADED", "154"],
  ])("%s makes of 38 bad rows in 192: %s", async (onError, status, loaded) => {
    await put("a.parquet", "longSegment");
    await put("b.parquet", "plain", readings({ firstMeter: 3 }));
    const rows = await local.sql(`${COPY} ON_ERROR = ${onError}`);
    expect(rows[0]).toMatchObject({ status, rows_loaded: loaded, rows_parsed: "192", errors_seen: "38" });
    expect(rows[1]).toMatchObject({ status: "LOADED", rows_loaded: "192" });
  });

  it("refuses NULL where the table does not allow it", async () => {
    const strict = await local.createTable(
      "AMI_INTERVAL_READINGS",
      READINGS_COLUMNS.map((each) => (each.name === "METER_ID" ? { ...each, nullable: false } : each)),
    );
    await put("a.parquet", "nullKeys");
    expect(await local.sql(CONTINUE)).toMatchObject([
      {
        status: "PARTIALLY_LOADED",
        rows_loaded: "144",
        first_error: "NULL result in a non-nullable column",
        first_error_line: "1",
      },
    ]);
    expect(await figures(strict)).toMatchObject({ rows: 144 });
  });
});

describe("load metadata", () => {
  it("loads each file once, and new ones the next time", async () => {
    await put("a.parquet", "plain");
    await put("b.parquet", "plain", readings({ firstMeter: 3 }));
    expect(await local.sql(CONTINUE)).toHaveLength(2);
    expect(await local.sql(CONTINUE)).toEqual([{ status: "Copy executed with 0 files processed." }]);
    await put("c.parquet", "plain", readings({ firstMeter: 5 }));
    expect(await local.sql(CONTINUE)).toMatchObject([{ file: url("c.parquet"), status: "LOADED" }]);
    expect(await figures()).toMatchObject({ rows: 576, meters: 6 });
  });

  it("loads a replaced file again, and its old rows stay", async () => {
    await put("a.parquet", "plain");
    await local.sql(CONTINUE);
    await put("a.parquet", "plain", readings({ firstMeter: 7 }));
    expect(await local.sql(CONTINUE)).toMatchObject([{ status: "LOADED" }]);
    expect(await figures()).toMatchObject({ rows: 384, meters: 4 });
  });

  it("FORCE loads all again", async () => {
    await put("a.parquet", "plain");
    await local.sql(CONTINUE);
    expect(await local.sql(`${CONTINUE} FORCE = TRUE`)).toMatchObject([{ status: "LOADED" }]);
    expect(await figures()).toMatchObject({ rows: 384, meters: 2 });
  });

  it("tries a failed file again", async () => {
    await put("a.parquet", "truncated");
    await local.sql(CONTINUE);
    expect(await local.sql(CONTINUE)).toMatchObject([{ status: "LOAD_FAILED" }]);
    await put("a.parquet", "plain");
    expect(await local.sql(CONTINUE)).toMatchObject([{ status: "LOADED" }]);
  });

  it("says of a file named in FILES that it was loaded before", async () => {
    await put("a.parquet", "plain");
    await put("b.parquet", "plain", readings({ firstMeter: 3 }));
    await local.sql(`${CONTINUE} FILES = ('a.parquet')`);
    expect(await local.sql(`${CONTINUE} FILES = ('a.parquet', 'b.parquet')`)).toMatchObject([
      { file: url("b.parquet"), status: "LOADED" },
      {
        file: url("a.parquet"),
        status: "LOAD_SKIPPED",
        rows_parsed: "0",
        rows_loaded: "0",
        first_error: "File was loaded before.",
      },
    ]);
  });

  it("is forgotten with TRUNCATE and with a new table", async () => {
    await put("a.parquet", "plain");
    await local.sql(CONTINUE);
    const connection = await local.cloud.engine.connect();
    await connection.run("BEGIN");
    await forgetLoads(connection, local.databaseId, table.id);
    await connection.run("COMMIT");
    connection.close();
    expect(await local.sql(CONTINUE)).toMatchObject([{ status: "LOADED" }]);
    await local.createTable("AMI_INTERVAL_READINGS");
    expect(await local.sql(CONTINUE)).toMatchObject([{ status: "LOADED" }]);
  });

  it("keeps uncertain files out after 64 days, unless asked", async () => {
    await put("a.parquet", "plain");
    await local.sql(CONTINUE);
    local.offsetDays = 63;
    expect(await local.sql(CONTINUE)).toEqual([{ status: "Copy executed with 0 files processed." }]);
    local.offsetDays = 65;
    expect(await local.sql(CONTINUE)).toEqual([{ status: "Copy executed with 0 files processed." }]);
    expect(await local.sql(`${CONTINUE} LOAD_UNCERTAIN_FILES = TRUE`)).toMatchObject([{ status: "LOADED" }]);
  });

  it("loads old files into a table that was never loaded", async () => {
    await put("a.parquet", "plain");
    local.offsetDays = 65;
    expect(await local.sql(CONTINUE)).toMatchObject([{ status: "LOADED" }]);
  });

  it("lets two COPYs at once load each file once", async () => {
    for (const meter of [1, 3, 5, 7]) await put(`${meter}.parquet`, "plain", readings({ firstMeter: meter }));
    const outcomes = await Promise.all(
      [1, 2, 3].map(() => local.execute(CONTINUE, local.newSession()).outcome),
    );
    expect(outcomes.filter((outcome) => "error" in outcome)).toEqual([]);
    expect(await figures()).toMatchObject({ rows: 768, meters: 8 });
  });

  it.each([
    ["COMMIT", [{ status: "Copy executed with 0 files processed." }]],
    ["ROLLBACK", [{ status: "LOADED" }]],
  ] as const)("a COPY waits for a transaction that has loaded into its table: %s", async (how, expected) => {
    await put("a.parquet", "plain");
    const open = local.newSession();
    const { transactions } = local.cloud;
    transactions.begin(open);
    expect(await local.sql(CONTINUE, open)).toMatchObject([{ status: "LOADED" }]);
    expect(await figures()).toMatchObject({ rows: 0 });
    const waiting = local.sql(CONTINUE, local.newSession());
    await transactions.end(open, how);
    expect(await waiting).toMatchObject(expected);
    expect(await figures()).toMatchObject({ rows: 192 });
  });

  it("a transaction does not load what another one has loaded since it began", async () => {
    await put("a.parquet", "plain");
    await put("b.parquet", "plain", readings({ firstMeter: 3 }));
    const open = local.newSession();
    const { transactions } = local.cloud;
    transactions.begin(open);
    await local.sql(`${CONTINUE} PATTERN = '.*a.parquet'`);
    expect(await local.sql(CONTINUE, open)).toMatchObject([{ file: url("b.parquet"), status: "LOADED" }]);
    await transactions.end(open, "COMMIT");
    expect(await figures()).toMatchObject({ rows: 384 });
  });
});

describe("which files", () => {
  it("PATTERN must match the whole path", async () => {
    await put("a.parquet", "plain");
    await put("b.txt", "notParquet");
    expect(await local.sql(`${COPY} PATTERN = 'a.parquet'`)).toEqual([
      { status: "Copy executed with 0 files processed." },
    ]);
    expect(await local.sql(`${COPY} PATTERN = '.*[.]parquet'`)).toMatchObject([{ file: url("a.parquet") }]);
    const error = await failure(`${COPY} PATTERN = '(('`);
    expect(error.code).toBe("100048");
  });

  it("FILES must be there: ABORT_STATEMENT fails, CONTINUE reports", async () => {
    await put("a.parquet", "plain");
    const error = await failure(`${COPY} FILES = ('a.parquet', 'gone.parquet')`);
    expect(error).toMatchObject({ code: "091016", sqlState: "22000" });
    expect(error.message).toContain(
      "Remote file '@EXT_RAW_AMI/ami_interval_readings/gone.parquet' was not found.",
    );
    expect(await figures()).toMatchObject({ rows: 0 });
    const rows = await local.sql(`${CONTINUE} FILES = ('gone.parquet', 'a.parquet')`);
    expect(rows).toMatchObject([
      { file: url("a.parquet"), status: "LOADED" },
      {
        file: url("gone.parquet"),
        status: "LOAD_FAILED",
        rows_parsed: "0",
        error_limit: "1",
        errors_seen: "1",
        first_error: expect.stringContaining("There are several potential causes."),
      },
    ]);
  });

  it("SIZE_LIMIT stops after the file that passes it", async () => {
    const size = (await fixtures.plain(readings())).length;
    for (const meter of [1, 3, 5]) await put(`${meter}.parquet`, "plain", readings({ firstMeter: meter }));
    expect(await local.sql(`${COPY} SIZE_LIMIT = ${size + 1}`)).toHaveLength(2);
    expect(await local.sql(`${COPY} SIZE_LIMIT = 1`)).toHaveLength(1);
  });

  it("PURGE deletes what was loaded where the role may, and is silent where it may not", async () => {
    await put("a.parquet", "plain");
    await local.sql(`${CONTINUE} PURGE = TRUE`);
    expect(await local.sql("LIST @EXT_RAW_AMI/ami_interval_readings/")).toHaveLength(1);
    await aws.allow(["s3:ListBucket", "s3:GetObject", "s3:DeleteObject"]);
    await local.sql(`${CONTINUE} PURGE = TRUE FORCE = TRUE`);
    expect(await local.sql("LIST @EXT_RAW_AMI/ami_interval_readings/")).toHaveLength(0);
  });

  it("RETURN_FAILED_ONLY hides what went well", async () => {
    await put("a.parquet", "plain");
    await put("b.parquet", "notParquet");
    expect(await local.sql(`${CONTINUE} RETURN_FAILED_ONLY = TRUE`)).toMatchObject([
      { file: url("b.parquet") },
    ]);
  });
});

describe("columns", () => {
  it("needs MATCH_BY_COLUMN_NAME for a table of several columns", async () => {
    await put("a.parquet", "plain");
    const error = await failure(COPY.replace(/MATCH_BY.*/, ""));
    expect(error).toMatchObject({ code: "002019", sqlState: "0A000" });
    expect(error.message).toContain(
      "PARQUET file format can produce one and only one column of type variant",
    );
  });

  it("loads whole rows into one VARIANT column", async () => {
    const raw = await local.createTable("RAW", [column("V", { type: "variant" })]);
    await put("a.parquet", "nullKeys");
    await local.sql("COPY INTO RAW FROM @EXT_RAW_AMI/ami_interval_readings/ FILE_FORMAT = (TYPE = PARQUET)");
    const rows = await local.rows<{ v: string }>(raw, "SELECT V::VARCHAR AS v FROM $T LIMIT 2");
    expect(JSON.parse(rows[0]?.v ?? "")).toEqual({
      TIMESTAMP: "2026-07-01 00:00:00.000",
      USAGE_KWH: 0.25,
      VOLTAGE: 118,
      POWER_FACTOR: 0.9,
      CUSTOMER_SEGMENT_ID: "RESIDENTIAL",
      SOURCE_TABLE: "AMI_READINGS",
    });
    expect(JSON.parse(rows[1]?.v ?? "")).toHaveProperty("METER_ID", "MTR-00000001");
  });

  it("INCLUDE_METADATA fills columns from the file", async () => {
    const traced = await local.createTable("TRACED", [
      ...READINGS_COLUMNS,
      column("FILE_NAME", { type: "text", length: 16_777_216 }),
      column("ROW_NUMBER", { type: "fixed", precision: 38, scale: 0 }),
    ]);
    await put("a.parquet", "plain");
    await put("b.parquet", "plain", readings({ firstMeter: 3 }));
    await local.sql(
      `${CONTINUE.replace("AMI_INTERVAL_READINGS", "TRACED")} INCLUDE_METADATA = (FILE_NAME = METADATA$FILENAME, ROW_NUMBER = METADATA$FILE_ROW_NUMBER)`,
    );
    const rows = await local.rows(
      traced,
      "SELECT FILE_NAME AS f, min(ROW_NUMBER)::INT AS low, max(ROW_NUMBER)::INT AS high FROM $T GROUP BY 1 ORDER BY 1",
    );
    expect(rows).toEqual([
      { f: `${PATH}a.parquet`, low: 1, high: 192 },
      { f: `${PATH}b.parquet`, low: 1, high: 192 },
    ]);
  });
});

describe("history", () => {
  const ask = async (work: Parameters<LocalAccount["run"]>[2]) => {
    let result: ResultSet | undefined;
    await local.run("SELECT 1", local.session, async (execution) => {
      result = await work(execution);
      return result;
    }).outcome;
    const columns = result?.columns ?? [];
    return (result?.rows ?? []).map((row) =>
      Object.fromEntries(columns.map(({ name }, index) => [name, row[index] ?? null])),
    );
  };
  const today = new Date(Date.now() - 3_600_000);

  it("COPY_HISTORY tells what became of each file; an aborted COPY leaves no trace", async () => {
    await put("a.parquet", "plain");
    await put("b.parquet", "longSegment", readings({ firstMeter: 3 }));
    await put("c.parquet", "notParquet");
    await failure(COPY);
    const history = () =>
      ask((execution) =>
        copyHistory(execution, { tableName: "FLUX.PRODUCTION.AMI_INTERVAL_READINGS", startTime: today }),
      );
    expect(await history()).toEqual([]);
    await local.sql(CONTINUE);
    expect(await history()).toMatchObject([
      {
        FILE_NAME: "ami_interval_readings/a.parquet",
        STAGE_LOCATION: `s3://${aws.bucket}/raw/ami/`,
        STATUS: "Loaded",
        ROW_COUNT: "192",
        ROW_PARSED: "192",
        ERROR_COUNT: "0",
        TABLE_NAME: "AMI_INTERVAL_READINGS",
        TABLE_SCHEMA_NAME: "PRODUCTION",
        TABLE_CATALOG_NAME: "FLUX",
      },
      { STATUS: "Partially loaded", ROW_COUNT: "154", ROW_PARSED: "192", ERROR_COUNT: "38" },
      { STATUS: "Load failed", ROW_COUNT: "0", FIRST_ERROR_MESSAGE: expect.stringContaining("Parquet") },
    ]);
  });

  it("both histories are late by a switch", async () => {
    await put("a.parquet", "plain");
    await local.sql(CONTINUE);
    const histories = async () => [
      await ask((execution) =>
        copyHistory(execution, { tableName: "FLUX.PRODUCTION.AMI_INTERVAL_READINGS", startTime: today }),
      ),
      await ask((execution) => loadHistory(execution, "FLUX")),
    ];
    await local.withSwitches({ loadHistoryDelaySeconds: 86_400 }, async () => {
      expect(await histories()).toEqual([[], []]);
    });
    expect((await histories()).map((rows) => rows.length > 0)).toEqual([true, true]);
  });

  it("LOAD_HISTORY shows the database's loads", async () => {
    await put("a.parquet", "plain");
    await local.sql(CONTINUE);
    const rows = await ask((execution) => loadHistory(execution, "FLUX"));
    expect(rows.at(-1)).toMatchObject({
      SCHEMA_NAME: "PRODUCTION",
      TABLE_NAME: "AMI_INTERVAL_READINGS",
      FILE_NAME: url("a.parquet"),
      STATUS: "LOADED",
      ROW_COUNT: "192",
    });
  });

  it("a COPY shows its progress and its size", async () => {
    await put("a.parquet", "plain");
    const execution = local.execute(CONTINUE);
    await execution.outcome;
    expect(execution.record).toMatchObject({ rowsInserted: 192, bytesScanned: expect.any(Number) });
    expect(execution.record.bytesScanned).toBeGreaterThan(1_000);
  });
});

it("a cancelled COPY loads nothing and can be repeated", async () => {
  for (const meter of [1, 3, 5]) await put(`${meter}.parquet`, "plain", readings({ firstMeter: meter }));
  const execution = local.execute(CONTINUE);
  const { id } = accountOf(local).warehouses.get("WH") as { id: number };
  while (local.cloud.warehouses.state(local.session.account, id).running === 0) await nextTurn();
  execution.cancel();
  expect(await execution.outcome).toMatchObject({ error: { code: "000604" } });
  expect(await figures()).toMatchObject({ rows: 0 });
  expect(await local.sql(CONTINUE)).toHaveLength(3);
});

it("needs a warehouse", async () => {
  const session = local.newSession();
  session.warehouse = null;
  await put("a.parquet", "plain");
  await expect(local.sql(COPY, session)).rejects.toMatchObject({ code: "000606" });
});
