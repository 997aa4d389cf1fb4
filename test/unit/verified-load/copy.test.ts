import fc from "fast-check";
import { batches, copyFiles, copyStatement, type Loading } from "../../../components/verified-load/copy.ts";
import { batchName, tagOf } from "../../../components/verified-load/history.ts";
import { belowStage, fingerprint } from "../../../components/verified-load/listing.ts";
import type { Session } from "../../../components/verified-load/session.ts";
import { settings, staged } from "./support/settings.ts";

test("the COPY names its files, matches columns by name, goes on after errors, and never forces", () => {
  expect(copyStatement(settings(), [staged("2025-01-01.parquet"), staged("it's.parquet")])).toBe(
    `COPY INTO "FLUX"."PRODUCTION"."AMI_INTERVAL_READINGS"
FROM @"FLUX"."PRODUCTION"."EXT_RAW_AMI"/ami_interval_readings/
FILES = ('2025-01-01.parquet', 'it''s.parquet')
FILE_FORMAT = (TYPE = PARQUET USE_LOGICAL_TYPE = TRUE)
MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE
ON_ERROR = 'CONTINUE'`,
  );
  expect(copyStatement(settings(), [staged("a")], true)).toContain("LOAD_UNCERTAIN_FILES = TRUE");
});

test("batches hold every file once, in order, none too large", () => {
  fc.assert(
    fc.property(fc.array(fc.nat()), fc.integer({ min: 1, max: 1000 }), (files, size) => {
      const split = batches(files, size);
      expect(split.flat()).toEqual(files);
      expect(split.every((batch) => batch.length > 0 && batch.length <= size)).toBe(true);
    }),
  );
});

test("the tag depends on table and files only, and begins alike for every load of the table", () => {
  const files = ["a", "b", "c"].map((name) => staged(name));
  const tag = tagOf(settings(), batchName(files));
  expect(tagOf(settings(), batchName(files.toReversed()))).toBe(tag);
  expect(tagOf(settings(), batchName([...files.slice(1), staged("a", { md5: "other" })]))).not.toBe(tag);
  expect(JSON.parse(tag)).toMatchObject({
    app: "verified-load",
    table: "FLUX.PRODUCTION.AMI_INTERVAL_READINGS",
    owner: "flux-ami/dev",
  });
  expect(tag.startsWith('{"app":"verified-load","table":"FLUX.PRODUCTION.AMI_INTERVAL_READINGS",')).toBe(
    true,
  );
  expect(tag.length).toBeLessThan(2000);
});

test("a listing's fingerprint changes with any file", () => {
  const files = [staged("a"), staged("b")];
  const changes = [
    [staged("a")],
    [staged("a"), staged("b", { size: 1 })],
    [staged("a"), staged("b", { md5: "x" })],
    [staged("a"), staged("c")],
  ];
  expect(new Set([files, ...changes].map(fingerprint)).size).toBe(5);
  expect(fingerprint([])).toBe("");
});

test.each([
  ["s3://bucket/raw/ami/x/y.parquet", "x/y.parquet"],
  ["x/y.parquet", "x/y.parquet"],
  ["/x/y.parquet", "x/y.parquet"],
])("%s is %s below the stage", (name, below) => {
  expect(belowStage(name, "s3://bucket/raw/ami/")).toBe(below);
});

describe("a COPY of which nobody knows whether Snowflake got it", () => {
  const files = [staged("a")];
  const tag = tagOf(settings(), batchName(files));
  const inHistory = (id: string, startedAt: number) => ({
    QUERY_ID: id,
    QUERY_TAG: tag,
    EXECUTION_STATUS: "SUCCESS",
    START_TIME: new Date(startedAt),
    END_TIME: new Date(startedAt + 1000),
  });
  /** A Snowflake whose answers to the first starts are lost. */
  function snowflake(lost: number, history: () => object[]) {
    const lines: string[] = [];
    const started: string[] = [];
    const session = {
      rows: async (sql: string) =>
        sql.includes("SYSDATE()")
          ? [{ NOW: new Date(100_000) }]
          : sql.includes("QUERY_HISTORY")
            ? history()
            : [],
      once: async () => [],
      start: async () => {
        started.push(`own-${started.length + 1}`);
        if (started.length <= lost) throw new Error("read ECONNRESET");
        return started.at(-1) as string;
      },
      status: async () => "SUCCESS",
      result: async () => [
        {
          file: "s3://bucket/raw/ami/ami_interval_readings/a",
          status: "LOADED",
          rows_parsed: 7,
          rows_loaded: 7,
        },
      ],
    } as unknown as Session;
    const loading: Loading = {
      session,
      settings: settings(),
      lock: { starting: (start) => start(), close: async () => {}, release: async () => {} },
      log: (line) => void lines.push(line),
      listed: files,
      accounting: { records: [], discarded: [], discardedAt: 0 },
    };
    return { loading, lines, started };
  }

  test("is taken for what began since, not for an older one of the same files", async () => {
    const { loading, lines, started } = snowflake(1, () => [
      inHistory("old", 50_000),
      inHistory("new", 101_000),
    ]);
    const written = await copyFiles(loading, files);
    expect(written.map(({ queryId, rowsLoaded }) => [queryId, rowsLoaded])).toEqual([["new", 7]]);
    expect(started).toHaveLength(1);
    expect(lines[0]).toBe(
      "load: nobody knows whether Snowflake has the COPY (read ECONNRESET): looking in its query history",
    );
  });

  test("is started again when the history does not show it for a while", async () => {
    jest.useFakeTimers();
    try {
      const { loading, started } = snowflake(1, () => [
        inHistory("old", 50_000),
        ...(started.length > 1 ? [inHistory("own-2", 130_000)] : []),
      ]);
      const written = copyFiles(loading, files);
      await jest.advanceTimersByTimeAsync(30_000);
      expect((await written).map(({ queryId }) => queryId)).toEqual(["own-2"]);
      expect(started).toEqual(["own-1", "own-2"]);
    } finally {
      jest.useRealTimers();
    }
  });

  test("ends the load when the network stays away", async () => {
    jest.useFakeTimers();
    try {
      const { loading, started } = snowflake(9, () => []);
      const written = expect(copyFiles(loading, files)).rejects.toThrow("read ECONNRESET");
      await jest.advanceTimersByTimeAsync(90_000);
      await written;
      expect(started).toHaveLength(3);
    } finally {
      jest.useRealTimers();
    }
  });
});
