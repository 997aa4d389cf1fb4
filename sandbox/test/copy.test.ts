import { setImmediate as nextTurn } from "node:timers/promises";
import { accountOf } from "../snowflake/catalog/scope.ts";
import { CONTINUE, COPY, copying, PATH, RIGHT } from "./support/copying.ts";
import { column, READINGS_COLUMNS } from "./support/local-account.ts";
import { type FixtureName, readings } from "./support/parquet-fixtures.ts";

jest.setTimeout(60_000);

const at = copying();

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
    await at.put("a.parquet", kind);
    const [row] = await at.local.sql(CONTINUE);
    expect(row).toMatchObject({
      file: at.url("a.parquet"),
      status: "LOADED",
      rows_parsed: "192",
      rows_loaded: "192",
      errors_seen: "0",
      first_error: null,
    });
    expect(await at.figures()).toEqual(RIGHT);
  });

  it("converts values as Snowflake does", async () => {
    await at.put("a.parquet", "voltageDouble");
    await at.local.sql(CONTINUE);
    const [row] = await at.local.rows(
      at.table,
      `SELECT VOLTAGE::VARCHAR AS v, POWER_FACTOR::VARCHAR AS p, USAGE_KWH AS u FROM $T WHERE METER_ID = 'MTR-00000001' ORDER BY "TIMESTAMP" LIMIT 1`,
    );
    // 118.5 rounds away from zero
    expect(row).toEqual({ v: "119", p: "0.90", u: 0.25 });
  });

  it("loads an integer USAGE_KWH and a decimal one as FLOAT", async () => {
    await at.put("a.parquet", "usageInteger");
    await at.put("b.parquet", "usageDecimal", readings({ firstMeter: 3 }));
    await at.local.sql(CONTINUE);
    const rows = await at.local.rows(
      at.table,
      "SELECT METER_ID AS m, max(USAGE_KWH) AS u FROM $T GROUP BY METER_ID ORDER BY 1",
    );
    expect(rows.map(({ u }) => u)).toEqual([2, 2, 1.734375, 1.734375]);
  });

  it("leaves missing columns NULL and ignores extra ones", async () => {
    await at.put("a.parquet", "missingColumns");
    await at.put("b.parquet", "extraColumns", readings({ firstMeter: 3 }));
    await at.local.sql(CONTINUE);
    const rows = await at.local.rows(
      at.table,
      "SELECT count(POWER_FACTOR)::INT AS p, count(SOURCE_TABLE)::INT AS s, count(*)::INT AS n FROM $T",
    );
    expect(rows).toEqual([{ p: 192, s: 192, n: 384 }]);
  });

  it("loads NULL keys when the file calls them otherwise", async () => {
    await at.put("a.parquet", "renamedKeys");
    expect(await at.local.sql(CONTINUE)).toMatchObject([{ status: "LOADED", rows_loaded: "192" }]);
    expect(await at.figures()).toMatchObject({ rows: 192, meters: 0, first: null });
  });

  it("a file without rows is loaded, and leaves no load metadata", async () => {
    await at.put("a.parquet", "noRows");
    const loaded = [{ status: "LOADED", rows_parsed: "0", rows_loaded: "0" }];
    expect(await at.local.sql(CONTINUE)).toMatchObject(loaded);
    expect(await at.local.sql(CONTINUE)).toMatchObject(loaded);
  });

  it("matches case only when asked to", async () => {
    await at.put("a.parquet", "otherCase");
    await at.local.sql(`${CONTINUE.replace("CASE_INSENSITIVE", "CASE_SENSITIVE")}`);
    expect(await at.figures()).toMatchObject({ rows: 192, meters: 0 });
  });
});

describe("times without logical types", () => {
  const plainCopy = COPY.replace("USE_LOGICAL_TYPE = TRUE", "");
  const firstTime = async (kind: FixtureName, sql: string, timeZone = "UTC") => {
    await at.put("a.parquet", kind);
    const session = at.local.newSession();
    session.parameters.set("TIMEZONE", timeZone);
    await at.local.sql(sql, session);
    return (await at.figures())?.first;
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
    await at.put("a.parquet", "plain");
    await at.put("b.parquet", kind);
    await at.put("c.parquet", "zstd", readings({ firstMeter: 3 }));
    const rows = await at.local.sql(CONTINUE);
    expect(rows.map(({ status }) => status)).toEqual(["LOADED", "LOAD_FAILED", "LOADED"]);
    expect(rows[1]).toMatchObject({
      file: at.url("b.parquet"),
      rows_parsed: "0",
      rows_loaded: "0",
      errors_seen: "1",
      first_error: expect.stringMatching(message),
    });
    expect(rows[1]?.first_error).not.toMatch(/\/tmp|objects/);
    expect(await at.figures()).toMatchObject({ rows: 384, meters: 4 });
  });

  it.each(broken)("ABORT_STATEMENT stops at a %s file and loads nothing", async (kind, message) => {
    await at.put("a.parquet", "plain");
    await at.put("b.parquet", kind);
    const error = await at.failure(COPY);
    expect(error.message).toMatch(message);
    expect(error.message).toContain(`File '${PATH}b.parquet'`);
    expect(await at.figures()).toMatchObject({ rows: 0 });
    expect(await at.local.sql(`${COPY} PATTERN = '.*a[.]parquet'`)).toMatchObject([{ status: "LOADED" }]);
  });

  it("CONTINUE leaves out rows whose text is too long", async () => {
    await at.put("a.parquet", "longSegment");
    expect(await at.local.sql(CONTINUE)).toEqual([
      {
        file: at.url("a.parquet"),
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
    expect(await at.figures()).toMatchObject({ rows: 154 });
    expect(await at.local.sql(CONTINUE)).toEqual([{ status: "Copy executed with 0 files processed." }]);
  });

  it.each(["TRUNCATECOLUMNS = TRUE", "ENFORCE_LENGTH = FALSE"])("%s cuts it instead", async (option) => {
    await at.put("a.parquet", "longSegment");
    expect(await at.local.sql(`${CONTINUE} ${option}`)).toMatchObject([
      { status: "LOADED", rows_loaded: "192" },
    ]);
    const rows = await at.local.rows(at.table, "SELECT DISTINCT CUSTOMER_SEGMENT_ID AS s FROM $T");
    expect(rows).toEqual([{ s: "RESIDENTIAL" }]);
  });

  it("CONTINUE leaves out rows that cannot be converted", async () => {
    await at.put("a.parquet", "badVoltage");
    expect(await at.local.sql(CONTINUE)).toMatchObject([
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
    await at.put("a.parquet", "badVoltage");
    const error = await at.failure(COPY);
    expect(error).toMatchObject({ code: "100071", sqlState: "22000" });
    expect(error.message).toContain('Failed to cast variant value "n/a" to FIXED');
    expect(error.message).toContain('Row 3, column "AMI_INTERVAL_READINGS"["VOLTAGE":4]');
    expect(error.message).toContain("use other values such as 'SKIP_FILE' or 'CONTINUE'");
    expect(await at.figures()).toMatchObject({ rows: 0 });
  });

  it.each([
    ["SKIP_FILE", "LOAD_FAILED", "0"],
    ["SKIP_FILE_38", "LOAD_FAILED", "0"],
    ["SKIP_FILE_39", "PARTIALLY_LOADED", "154"],
    ["'SKIP_FILE_19%'", "LOAD_FAILED", "0"],
    ["'SKIP_FILE_20%'", "PARTIALLY_LOADED", "154"],
  ])("%s makes of 38 bad rows in 192: %s", async (onError, status, loaded) => {
    await at.put("a.parquet", "longSegment");
    await at.put("b.parquet", "plain", readings({ firstMeter: 3 }));
    const rows = await at.local.sql(`${COPY} ON_ERROR = ${onError}`);
    expect(rows[0]).toMatchObject({ status, rows_loaded: loaded, rows_parsed: "192", errors_seen: "38" });
    expect(rows[1]).toMatchObject({ status: "LOADED", rows_loaded: "192" });
  });

  it("refuses NULL where the table does not allow it", async () => {
    const strict = await at.local.createTable(
      "AMI_INTERVAL_READINGS",
      READINGS_COLUMNS.map((each) => (each.name === "METER_ID" ? { ...each, nullable: false } : each)),
    );
    await at.put("a.parquet", "nullKeys");
    expect(await at.local.sql(CONTINUE)).toMatchObject([
      {
        status: "PARTIALLY_LOADED",
        rows_loaded: "144",
        first_error: "NULL result in a non-nullable column",
        first_error_line: "1",
      },
    ]);
    expect(await at.figures(strict)).toMatchObject({ rows: 144 });
  });
});

describe("columns", () => {
  it("needs MATCH_BY_COLUMN_NAME for a table of several columns", async () => {
    await at.put("a.parquet", "plain");
    const error = await at.failure(COPY.replace(/MATCH_BY.*/, ""));
    expect(error).toMatchObject({ code: "002019", sqlState: "0A000" });
    expect(error.message).toContain(
      "PARQUET file format can produce one and only one column of type variant",
    );
  });

  it("loads whole rows into one VARIANT column", async () => {
    const raw = await at.local.createTable("RAW", [column("V", { type: "variant" })]);
    await at.put("a.parquet", "nullKeys");
    await at.local.sql(
      "COPY INTO RAW FROM @EXT_RAW_AMI/ami_interval_readings/ FILE_FORMAT = (TYPE = PARQUET)",
    );
    const rows = await at.local.rows<{ v: string }>(raw, "SELECT V::VARCHAR AS v FROM $T LIMIT 2");
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
    const traced = await at.local.createTable("TRACED", [
      ...READINGS_COLUMNS,
      column("FILE_NAME", { type: "text", length: 16_777_216 }),
      column("ROW_NUMBER", { type: "fixed", precision: 38, scale: 0 }),
    ]);
    await at.put("a.parquet", "plain");
    await at.put("b.parquet", "plain", readings({ firstMeter: 3 }));
    await at.local.sql(
      `${CONTINUE.replace("AMI_INTERVAL_READINGS", "TRACED")} INCLUDE_METADATA = (FILE_NAME = METADATA$FILENAME, ROW_NUMBER = METADATA$FILE_ROW_NUMBER)`,
    );
    const rows = await at.local.rows(
      traced,
      "SELECT FILE_NAME AS f, min(ROW_NUMBER)::INT AS low, max(ROW_NUMBER)::INT AS high FROM $T GROUP BY 1 ORDER BY 1",
    );
    expect(rows).toEqual([
      { f: `${PATH}a.parquet`, low: 1, high: 192 },
      { f: `${PATH}b.parquet`, low: 1, high: 192 },
    ]);
  });
});

it("a cancelled COPY loads nothing and can be repeated", async () => {
  for (const meter of [1, 3, 5]) await at.put(`${meter}.parquet`, "plain", readings({ firstMeter: meter }));
  const execution = at.local.execute(CONTINUE);
  const { id } = accountOf(at.local).warehouses.get("WH") as { id: number };
  while (at.local.cloud.warehouses.state(at.local.session.account, id).running === 0) await nextTurn();
  execution.cancel();
  expect(await execution.outcome).toMatchObject({ error: { code: "000604" } });
  expect(await at.figures()).toMatchObject({ rows: 0 });
  expect(await at.local.sql(CONTINUE)).toHaveLength(3);
});

it("needs a warehouse", async () => {
  const session = at.local.newSession();
  session.warehouse = null;
  await at.put("a.parquet", "plain");
  await expect(at.local.sql(COPY, session)).rejects.toMatchObject({ code: "000606" });
});
