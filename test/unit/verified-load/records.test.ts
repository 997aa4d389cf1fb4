import {
  accountedRows,
  type FileRecord,
  latestByFile,
  recordsOfCopy,
  recordsOfHistory,
  standing,
  totalsOf,
  unaccounted,
} from "../../../components/verified-load/records.ts";
import { record, settings, staged } from "./support/settings.ts";

const copy = {
  queryId: "q1",
  startedAt: Date.parse("2025-06-02T00:00:00Z"),
  endedAt: Date.parse("2025-06-02T00:01:00Z"),
  exact: true,
  loadedBy: "flux-ami/dev",
  discarded: [],
};
const url = (name: string) => `s3://bucket/raw/ami/ami_interval_readings/${name}`;

test("COPY's result becomes one record a file, with the listing's size and checksum", () => {
  const result = [
    { file: url("a"), status: "LOADED", rows_parsed: 10, rows_loaded: 10, first_error: null },
    {
      file: url("b"),
      status: "PARTIALLY_LOADED",
      rows_parsed: 10,
      rows_loaded: 7,
      first_error: "Numeric value 'x' is not recognized",
      first_error_line: 3,
      first_error_column_name: '"VOLTAGE"',
    },
    {
      file: url("c"),
      status: "LOAD_FAILED",
      rows_parsed: 0,
      rows_loaded: 0,
      first_error: "not a Parquet file",
    },
    {
      file: url("d"),
      status: "LOAD_SKIPPED",
      rows_parsed: 0,
      rows_loaded: 0,
      first_error: "File was loaded before.",
    },
  ];
  const records = recordsOfCopy(
    result,
    ["a", "b", "c", "d"].map((name) => staged(name)),
    settings(),
    copy,
  );
  expect(records.map(({ status, rowsRejected }) => [status, rowsRejected])).toEqual([
    ["LOADED", 0],
    ["PARTIALLY_LOADED", 3],
    ["LOAD_FAILED", 0],
    ["LOADED_BEFORE", 0],
  ]);
  expect(records[1]).toEqual(
    record("b", {
      status: "PARTIALLY_LOADED",
      rowsLoaded: 7,
      rowsRejected: 3,
      firstError: "Numeric value 'x' is not recognized",
      firstErrorLine: 3,
      firstErrorColumn: '"VOLTAGE"',
      loadedAt: "2025-06-02 00:01:00.000",
    }),
  );
});

test("a file that COPY skips is in the table, unless its rows were deleted or Snowflake says otherwise", () => {
  const skipped = (name: string, first_error: string) => ({
    ...{ file: url(name), status: "LOAD_SKIPPED", rows_parsed: 0, rows_loaded: 0 },
    first_error,
  });
  const before = "File was loaded before.";
  const records = recordsOfCopy(
    [skipped("a", before), skipped("b", before), skipped("c", "The load status of the file is unknown.")],
    ["a", "b", "c"].map((name) => staged(name)),
    settings(),
    {
      ...copy,
      discarded: [record("b"), record("a", { status: "LOAD_FAILED" }), record("a", { md5: "old" })],
    },
  );
  expect(records.map(({ status, firstError }) => [status, firstError])).toEqual([
    ["LOADED_BEFORE", null],
    ["LOAD_FAILED", expect.stringMatching(/its rows seem to have been deleted.*TRUNCATE the table/)],
    ["LOAD_FAILED", "The load status of the file is unknown."],
  ]);
});

test("rows that must be there are known once every file's were counted", () => {
  const uncounted = record("a", { status: "LOADED_BEFORE", rowsLoaded: 0, queryId: "q9" });
  expect(accountedRows([record("b")])).toBe(10);
  expect(accountedRows([record("b"), uncounted])).toBeUndefined();
  expect(accountedRows([record("b"), uncounted, record("a", { loadedBy: "OTHER", queryId: "" })])).toBe(20);
  expect(accountedRows([uncounted, record("a", { md5: "replaced since" })])).toBeUndefined();
});

test("many files of other people's loads are found in no time", () => {
  const names = Array.from({ length: 20_000 }, (_, index) => `${index}`);
  const rows = names.map((name) => historyRow(name, "2025-06-02T00:00:00Z"));
  const records = names.slice(1).map((name) => record(name));
  const started = Date.now();
  const open = unaccounted(rows, { records, discarded: [], discardedAt: 0 }, settings());
  expect(open.map(({ FILE_NAME }) => FILE_NAME)).toEqual(["ami_interval_readings/0"]);
  expect(Date.now() - started).toBeLessThan(5000);
});

test("a COPY that processed none of its files says that all were loaded before", () => {
  const nothing = [{ status: "Copy executed with 0 files processed." }];
  expect(recordsOfCopy(nothing, [staged("a")], settings(), copy).map(({ status }) => status)).toEqual([
    "LOADED_BEFORE",
  ]);
  expect(recordsOfCopy(nothing, [staged("a")], settings(), { ...copy, exact: false })).toEqual([]);
});

test("a file that changed since the COPY began keeps no checksum, so it shows as replaced", () => {
  const changed = staged("a", { lastModified: new Date("2025-06-03T00:00:00Z") });
  const [row] = recordsOfCopy(
    [{ file: url("a"), status: "LOADED", rows_parsed: 1, rows_loaded: 1 }],
    [changed],
    settings(),
    copy,
  );
  expect(row?.md5).toBe("");
});

const historyRow = (name: string, at: string, more = {}) => ({
  FILE_NAME: `ami_interval_readings/${name}`,
  STAGE_LOCATION: "s3://bucket/raw/ami/",
  LAST_LOAD_TIME: new Date(at),
  ROW_COUNT: 10,
  ROW_PARSED: 10,
  FILE_SIZE: 1000,
  STATUS: "Loaded",
  ...more,
});

test("the load history names files by path or by URL, and its loads become records", () => {
  const rows = [
    historyRow("a", "2025-06-02T00:00:00Z"),
    historyRow("", "2025-06-02T00:00:00Z", { FILE_NAME: url("b"), STATUS: "Partially loaded", ROW_COUNT: 4 }),
  ];
  const records = recordsOfHistory(rows, [staged("a"), staged("b")], settings(), {
    loadedBy: "OTHER",
    queryId: "",
  });
  expect(records.map(({ file, md5, status, rowsRejected }) => [file, md5, status, rowsRejected])).toEqual([
    ["ami_interval_readings/a", "md5-a", "LOADED", 0],
    ["ami_interval_readings/b", "md5-b", "PARTIALLY_LOADED", 6],
  ]);
});

test("loads that no record speaks of are found, each load once, also of the same file twice", () => {
  const rows = [
    historyRow("a", "2025-06-02T00:00:01Z"),
    historyRow("a", "2025-06-05T00:00:00Z"),
    historyRow("b", "2025-06-01T00:00:00Z"),
    historyRow("c", "2025-06-05T00:00:00Z", { STATUS: "Load failed" }),
  ];
  const open = (records: FileRecord[], discardedAt = 0) =>
    unaccounted(rows, { records, discarded: [], discardedAt }, settings()).map((row) => [
      String(row.FILE_NAME).at(-1),
      (row.LAST_LOAD_TIME as Date).getUTCDate(),
    ]);
  expect(open([])).toEqual([
    ["a", 2],
    ["a", 5],
    ["b", 1],
  ]);
  expect(open([record("a")])).toEqual([
    ["a", 5],
    ["b", 1],
  ]);
  expect(
    open([record("a"), record("a", { queryId: "q2", loadedAt: "2025-06-05 00:00:02.000" }), record("b")]),
  ).toEqual([]);
  expect(open([], Date.parse("2025-06-03T00:00:00Z"))).toEqual([["a", 5]]);
});

test("which records hold is told by when the table was made and by its rows", () => {
  const made = Date.parse("2025-06-03T00:00:00Z");
  const old = record("a");
  const recent = record("b", { loadedAt: "2025-06-04 00:00:00.000" });
  // All as it was; a table restored from a clone, which is younger than its rows.
  expect(standing([old, recent], 0, 20)).toEqual({ records: [old, recent], discard: "nothing" });
  expect(standing([old, recent], made, 20)).toEqual({ records: [old, recent], discard: "nothing" });
  // Rows gone or added by hand in the same table are for the checks to tell.
  expect(standing([old, recent], 0, 15)).toEqual({ records: [old, recent], discard: "nothing" });
  // Emptied; made anew, and loaded since.
  expect(standing([old, recent], 0, 0)).toEqual({ records: [], discard: "all" });
  expect(standing([old], made, 0)).toEqual({ records: [], discard: "all" });
  expect(standing([old, recent], made, 10)).toEqual({ records: [recent], discard: "older" });
  // Replaced by a table with rows of an unknown past.
  expect(standing([old], made, 7)).toBe("unclear");
  expect(standing([], made, 7)).toEqual({ records: [], discard: "nothing" });
});

test("totals count every load's rows, and each file once", () => {
  expect(
    totalsOf([
      record("a", { status: "LOAD_FAILED", rowsParsed: 0, rowsLoaded: 0 }),
      record("a"),
      record("b", { status: "PARTIALLY_LOADED", rowsLoaded: 6, rowsRejected: 4 }),
      record("b", { md5: "new", queryId: "q2" }),
      record("c", { status: "LOAD_FAILED", rowsLoaded: 0, rowsRejected: 10 }),
    ]),
  ).toEqual({ filesLoaded: 2, rowsLoaded: 26, rowsRejected: 10 });
});

test("the record that holds for a file is the last one with rows", () => {
  const failed = record("a", { status: "LOAD_FAILED" });
  expect(latestByFile([record("a"), failed]).get(failed.file)?.status).toBe("LOADED");
});
