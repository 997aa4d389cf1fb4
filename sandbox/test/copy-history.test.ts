import { copyHistory, loadHistory } from "../snowflake/history/load-history.ts";
import { forgetLoads } from "../snowflake/loading/load-records.ts";
import type { ResultSet } from "../snowflake/result.ts";
import { CONTINUE, COPY, copying } from "./support/copying.ts";
import type { LocalAccount } from "./support/local-account.ts";
import { fixtures, readings } from "./support/parquet-fixtures.ts";

jest.setTimeout(60_000);

const at = copying();

describe("load metadata", () => {
  it("loads each file once, and new ones the next time", async () => {
    await at.put("a.parquet", "plain");
    await at.put("b.parquet", "plain", readings({ firstMeter: 3 }));
    expect(await at.local.sql(CONTINUE)).toHaveLength(2);
    expect(await at.local.sql(CONTINUE)).toEqual([{ status: "Copy executed with 0 files processed." }]);
    await at.put("c.parquet", "plain", readings({ firstMeter: 5 }));
    expect(await at.local.sql(CONTINUE)).toMatchObject([{ file: at.url("c.parquet"), status: "LOADED" }]);
    expect(await at.figures()).toMatchObject({ rows: 576, meters: 6 });
  });

  it("loads a replaced file again, and its old rows stay", async () => {
    await at.put("a.parquet", "plain");
    await at.local.sql(CONTINUE);
    await at.put("a.parquet", "plain", readings({ firstMeter: 7 }));
    expect(await at.local.sql(CONTINUE)).toMatchObject([{ status: "LOADED" }]);
    expect(await at.figures()).toMatchObject({ rows: 384, meters: 4 });
  });

  it("FORCE loads all again", async () => {
    await at.put("a.parquet", "plain");
    await at.local.sql(CONTINUE);
    expect(await at.local.sql(`${CONTINUE} FORCE = TRUE`)).toMatchObject([{ status: "LOADED" }]);
    expect(await at.figures()).toMatchObject({ rows: 384, meters: 2 });
  });

  it("tries a failed file again", async () => {
    await at.put("a.parquet", "truncated");
    await at.local.sql(CONTINUE);
    expect(await at.local.sql(CONTINUE)).toMatchObject([{ status: "LOAD_FAILED" }]);
    await at.put("a.parquet", "plain");
    expect(await at.local.sql(CONTINUE)).toMatchObject([{ status: "LOADED" }]);
  });

  it("says of a file named in FILES that it was loaded before", async () => {
    await at.put("a.parquet", "plain");
    await at.put("b.parquet", "plain", readings({ firstMeter: 3 }));
    await at.local.sql(`${CONTINUE} FILES = ('a.parquet')`);
    expect(await at.local.sql(`${CONTINUE} FILES = ('a.parquet', 'b.parquet')`)).toMatchObject([
      { file: at.url("b.parquet"), status: "LOADED" },
      {
        file: at.url("a.parquet"),
        status: "LOAD_SKIPPED",
        rows_parsed: "0",
        rows_loaded: "0",
        first_error: "File was loaded before.",
      },
    ]);
  });

  it("is forgotten with TRUNCATE and with a new table", async () => {
    await at.put("a.parquet", "plain");
    await at.local.sql(CONTINUE);
    const connection = await at.local.cloud.engine.connect();
    await connection.run("BEGIN");
    await forgetLoads(connection, at.local.databaseId, at.table.id);
    await connection.run("COMMIT");
    connection.close();
    expect(await at.local.sql(CONTINUE)).toMatchObject([{ status: "LOADED" }]);
    await at.local.createTable("AMI_INTERVAL_READINGS");
    expect(await at.local.sql(CONTINUE)).toMatchObject([{ status: "LOADED" }]);
  });

  it("keeps uncertain files out after 64 days, unless asked", async () => {
    await at.put("a.parquet", "plain");
    await at.local.sql(CONTINUE);
    at.local.offsetDays = 63;
    expect(await at.local.sql(CONTINUE)).toEqual([{ status: "Copy executed with 0 files processed." }]);
    at.local.offsetDays = 65;
    expect(await at.local.sql(CONTINUE)).toEqual([{ status: "Copy executed with 0 files processed." }]);
    expect(await at.local.sql(`${CONTINUE} LOAD_UNCERTAIN_FILES = TRUE`)).toMatchObject([
      { status: "LOADED" },
    ]);
  });

  it("loads old files into a table that was never loaded", async () => {
    await at.put("a.parquet", "plain");
    at.local.offsetDays = 65;
    expect(await at.local.sql(CONTINUE)).toMatchObject([{ status: "LOADED" }]);
  });

  it("lets two COPYs at once load each file once", async () => {
    for (const meter of [1, 3, 5, 7])
      await at.put(`${meter}.parquet`, "plain", readings({ firstMeter: meter }));
    const outcomes = await Promise.all(
      [1, 2, 3].map(() => at.local.execute(CONTINUE, at.local.newSession()).outcome),
    );
    expect(outcomes.filter((outcome) => "error" in outcome)).toEqual([]);
    expect(await at.figures()).toMatchObject({ rows: 768, meters: 8 });
  });

  it.each([
    ["COMMIT", [{ status: "Copy executed with 0 files processed." }]],
    ["ROLLBACK", [{ status: "LOADED" }]],
  ] as const)("a COPY waits for a transaction that has loaded into its table: %s", async (how, expected) => {
    await at.put("a.parquet", "plain");
    const open = at.local.newSession();
    const { transactions } = at.local.cloud;
    transactions.begin(open);
    expect(await at.local.sql(CONTINUE, open)).toMatchObject([{ status: "LOADED" }]);
    expect(await at.figures()).toMatchObject({ rows: 0 });
    const waiting = at.local.sql(CONTINUE, at.local.newSession());
    await transactions.end(open, how);
    expect(await waiting).toMatchObject(expected);
    expect(await at.figures()).toMatchObject({ rows: 192 });
  });

  it("a transaction does not load what another one has loaded since it began", async () => {
    await at.put("a.parquet", "plain");
    await at.put("b.parquet", "plain", readings({ firstMeter: 3 }));
    const open = at.local.newSession();
    const { transactions } = at.local.cloud;
    transactions.begin(open);
    await at.local.sql(`${CONTINUE} PATTERN = '.*a.parquet'`);
    expect(await at.local.sql(CONTINUE, open)).toMatchObject([
      { file: at.url("b.parquet"), status: "LOADED" },
    ]);
    await transactions.end(open, "COMMIT");
    expect(await at.figures()).toMatchObject({ rows: 384 });
  });
});

describe("which files", () => {
  it("PATTERN must match the whole path", async () => {
    await at.put("a.parquet", "plain");
    await at.put("b.txt", "notParquet");
    expect(await at.local.sql(`${COPY} PATTERN = 'a.parquet'`)).toEqual([
      { status: "Copy executed with 0 files processed." },
    ]);
    expect(await at.local.sql(`${COPY} PATTERN = '.*[.]parquet'`)).toMatchObject([
      { file: at.url("a.parquet") },
    ]);
    const error = await at.failure(`${COPY} PATTERN = '(('`);
    expect(error.code).toBe("100048");
  });

  it("FILES must be there: ABORT_STATEMENT fails, CONTINUE reports", async () => {
    await at.put("a.parquet", "plain");
    const error = await at.failure(`${COPY} FILES = ('a.parquet', 'gone.parquet')`);
    expect(error).toMatchObject({ code: "091016", sqlState: "22000" });
    expect(error.message).toContain(
      "Remote file '@EXT_RAW_AMI/ami_interval_readings/gone.parquet' was not found.",
    );
    expect(await at.figures()).toMatchObject({ rows: 0 });
    const rows = await at.local.sql(`${CONTINUE} FILES = ('gone.parquet', 'a.parquet')`);
    expect(rows).toMatchObject([
      { file: at.url("a.parquet"), status: "LOADED" },
      {
        file: at.url("gone.parquet"),
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
    for (const meter of [1, 3, 5]) await at.put(`${meter}.parquet`, "plain", readings({ firstMeter: meter }));
    expect(await at.local.sql(`${COPY} SIZE_LIMIT = ${size + 1}`)).toHaveLength(2);
    expect(await at.local.sql(`${COPY} SIZE_LIMIT = 1`)).toHaveLength(1);
  });

  it("PURGE deletes what was loaded where the role may, and is silent where it may not", async () => {
    await at.put("a.parquet", "plain");
    await at.local.sql(`${CONTINUE} PURGE = TRUE`);
    expect(await at.local.sql("LIST @EXT_RAW_AMI/ami_interval_readings/")).toHaveLength(1);
    await at.aws.allow(["s3:ListBucket", "s3:GetObject", "s3:DeleteObject"]);
    await at.local.sql(`${CONTINUE} PURGE = TRUE FORCE = TRUE`);
    expect(await at.local.sql("LIST @EXT_RAW_AMI/ami_interval_readings/")).toHaveLength(0);
  });

  it("RETURN_FAILED_ONLY hides what went well", async () => {
    await at.put("a.parquet", "plain");
    await at.put("b.parquet", "notParquet");
    expect(await at.local.sql(`${CONTINUE} RETURN_FAILED_ONLY = TRUE`)).toMatchObject([
      { file: at.url("b.parquet") },
    ]);
  });
});

describe("history", () => {
  const ask = async (work: Parameters<LocalAccount["run"]>[2]) => {
    let result: ResultSet | undefined;
    await at.local.run("SELECT 1", at.local.session, async (execution) => {
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
    await at.put("a.parquet", "plain");
    await at.put("b.parquet", "longSegment", readings({ firstMeter: 3 }));
    await at.put("c.parquet", "notParquet");
    await at.failure(COPY);
    const history = () =>
      ask((execution) =>
        copyHistory(execution, { tableName: "FLUX.PRODUCTION.AMI_INTERVAL_READINGS", startTime: today }),
      );
    expect(await history()).toEqual([]);
    await at.local.sql(CONTINUE);
    expect(await history()).toMatchObject([
      {
        FILE_NAME: "ami_interval_readings/a.parquet",
        STAGE_LOCATION: `s3://${at.aws.bucket}/raw/ami/`,
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
    await at.put("a.parquet", "plain");
    await at.local.sql(CONTINUE);
    const histories = async () => [
      await ask((execution) =>
        copyHistory(execution, { tableName: "FLUX.PRODUCTION.AMI_INTERVAL_READINGS", startTime: today }),
      ),
      await ask((execution) => loadHistory(execution, "FLUX")),
    ];
    await at.local.withSwitches({ loadHistoryDelaySeconds: 86_400 }, async () => {
      expect(await histories()).toEqual([[], []]);
    });
    expect((await histories()).map((rows) => rows.length > 0)).toEqual([true, true]);
  });

  it("LOAD_HISTORY shows the database's loads", async () => {
    await at.put("a.parquet", "plain");
    await at.local.sql(CONTINUE);
    const rows = await ask((execution) => loadHistory(execution, "FLUX"));
    expect(rows.at(-1)).toMatchObject({
      SCHEMA_NAME: "PRODUCTION",
      TABLE_NAME: "AMI_INTERVAL_READINGS",
      FILE_NAME: at.url("a.parquet"),
      STATUS: "LOADED",
      ROW_COUNT: "192",
    });
  });

  it("a COPY shows its progress and its size", async () => {
    await at.put("a.parquet", "plain");
    const execution = at.local.execute(CONTINUE);
    await execution.outcome;
    expect(execution.record).toMatchObject({ rowsInserted: 192, bytesScanned: expect.any(Number) });
    expect(execution.record.bytesScanned).toBeGreaterThan(1_000);
  });
});
