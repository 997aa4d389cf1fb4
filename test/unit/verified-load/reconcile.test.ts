import { copyFiles } from "../../../components/verified-load/copy.ts";
import { reasonsAgainst } from "../../../components/verified-load/outcome.ts";
import { makePlan, pendingOf } from "../../../components/verified-load/plan.ts";
import { takeInOthers } from "../../../components/verified-load/reconcile.ts";
import { accountedRows, standing } from "../../../components/verified-load/records.ts";
import { copyRow, Memory } from "./support/memory.ts";
import { record, settings, staged } from "./support/settings.ts";

test("a COPY that ended unseen is written down once, under who started it", async () => {
  const memory = new Memory();
  memory.totalRows = 20;
  memory.copied("q1", "02T10:00:00", "02T10:05:00", [copyRow("a"), copyRow("b")]);
  for (const _run of [1, 2]) {
    const { accounting } = await memory.catchUp();
    expect(accounting.records.map(({ file, queryId, loadedBy }) => [file, queryId, loadedBy])).toEqual([
      ["ami_interval_readings/a", "q1", "flux-ami/dev"],
      ["ami_interval_readings/b", "q1", "flux-ami/dev"],
    ]);
    expect(accountedRows(accounting.records)).toBe(20);
  }
  expect(memory.accounting).toHaveLength(2);
});

test("loads from before the table was emptied are discarded for good, also when they are found only now", async () => {
  const memory = new Memory();
  memory.loaded("ami_interval_readings/a", "02T10:00:00");
  const first = await memory.catchUp();
  expect(first.accounting.records).toEqual([]);
  expect(first.accounting.discarded.map(({ file }) => file)).toEqual(["ami_interval_readings/a"]);
  expect(memory.lines).toContainEqual(expect.stringContaining("was emptied since these loads"));

  memory.now = "21T00:00:00";
  memory.totalRows = 10;
  memory.copied("q2", "20T10:00:00", "20T10:01:00", [copyRow("a")]);
  memory.loaded("ami_interval_readings/a", "20T10:00:30");
  const { accounting } = await memory.catchUp();
  expect(accountedRows(accounting.records)).toBe(10);
});

test("a file taken in as somebody else's is not counted again when its COPY shows up", async () => {
  const memory = new Memory();
  memory.totalRows = 10;
  memory.loaded("ami_interval_readings/a", "02T10:00:30");
  await memory.catchUp();
  memory.copied("q1", "02T10:00:00", "02T10:01:00", [copyRow("a")]);
  const { accounting } = await memory.catchUp();
  expect(accounting.records.map(({ loadedBy }) => loadedBy)).toEqual(["OTHER"]);
  expect(accountedRows(accounting.records)).toBe(10);
});

test("loads from where the stage pointed at before are not counted again under another name", async () => {
  const memory = new Memory();
  memory.totalRows = 20;
  memory.copied("q1", "02T10:00:00", "02T10:05:00", [copyRow("a"), copyRow("b")]);
  memory.loaded("ami_interval_readings/a", "02T10:04:00");
  memory.loaded("ami_interval_readings/b", "02T10:04:00");
  await memory.catchUp();
  memory.settings.stageUrl = "s3://new-bucket/raw/ami/";
  const { accounting } = await memory.catchUp();
  expect(accountedRows(accounting.records)).toBe(20);
  expect(memory.accounting).toHaveLength(2);

  // A load by hand from yet another place is on record under its whole address.
  memory.totalRows = 30;
  memory.loaded("a", "04T10:00:00", { STAGE_LOCATION: "s3://elsewhere/" });
  const later = await memory.catchUp();
  expect(later.accounting.records.map(({ file }) => file)).toContain("s3://elsewhere/a");
  expect(accountedRows(later.accounting.records)).toBe(30);
});

test.each([
  ["widened", "s3://bucket/raw/"],
  ["narrowed", "s3://bucket/raw/ami/ami_interval_readings/"],
])("a stage that is %s gives its files other names, and none is counted again", async (_how, stageUrl) => {
  const memory = new Memory();
  memory.totalRows = 10;
  memory.copied("q1", "02T10:00:00", "02T10:05:00", [copyRow("a")]);
  memory.loaded("ami_interval_readings/a", "02T10:04:00");
  await memory.catchUp();
  memory.settings.stageUrl = stageUrl;
  const { accounting } = await memory.catchUp();
  expect(accountedRows(accounting.records)).toBe(10);
  // COPY by the new name: Snowflake knows the file by its whole address.
  const skipped = record("a", {
    file: "ami/ami_interval_readings/a",
    status: "LOADED_BEFORE",
    rowsLoaded: 0,
  });
  expect(accountedRows([...accounting.records, { ...skipped, md5: "md5-a" }])).toBe(10);
});

test("a load by hand from elsewhere stays one when the stage is pointed there", async () => {
  const memory = new Memory();
  memory.totalRows = 10;
  memory.loaded("a", "02T10:00:00", { STAGE_LOCATION: "s3://elsewhere/" });
  await memory.catchUp();
  memory.settings.stageUrl = "s3://elsewhere/";
  const { accounting } = await memory.catchUp();
  expect(accounting.records.map(({ file }) => file)).toEqual(["s3://elsewhere/a"]);
});

test("the same name in the old and in the new place are two loads, each counted once", async () => {
  const memory = new Memory();
  memory.totalRows = 20;
  memory.copied("q1", "02T10:00:00", "02T10:05:00", [copyRow("a")]);
  memory.loaded("ami_interval_readings/a", "02T10:04:00");
  memory.copied("q2", "04T10:00:00", "04T10:05:00", [
    copyRow("a", { file: "s3://new-bucket/raw/ami/ami_interval_readings/a" }),
  ]);
  memory.loaded("ami_interval_readings/a", "04T10:04:00", { STAGE_LOCATION: "s3://new-bucket/raw/ami/" });
  memory.settings.stageUrl = "s3://new-bucket/raw/ami/";
  for (const _run of [1, 2]) {
    const { accounting } = await memory.catchUp();
    expect(accountedRows(accounting.records)).toBe(20);
  }
});

test("a record whose history is forgotten does not swallow a later load of its file", async () => {
  const memory = new Memory();
  memory.totalRows = 20;
  memory.copied("q1", "02T10:00:00", "02T10:05:00", [copyRow("a")]);
  await memory.catchUp();
  memory.loaded("ami_interval_readings/a", "19T10:00:00");
  const { accounting } = await memory.catchUp();
  expect(accounting.records.map(({ loadedBy }) => loadedBy)).toEqual(["flux-ami/dev", "OTHER"]);
  expect(accountedRows(accounting.records)).toBe(20);
});

test("without its result, a COPY is taken for what was loaded while it ran, and for nothing else", async () => {
  const memory = new Memory();
  memory.totalRows = 20;
  memory.copied("q1", "02T10:00:00", "02T10:01:00");
  memory.loaded("ami_interval_readings/a", "02T10:00:30");
  memory.loaded("ami_interval_readings/b", "02T10:01:40");
  for (const _run of [1, 2]) {
    const { accounting } = await memory.catchUp();
    expect(accounting.records.map(({ file, loadedBy }) => [file.at(-1), loadedBy])).toEqual([
      ["a", "flux-ami/dev"],
      ["b", "OTHER"],
    ]);
    expect(accountedRows(accounting.records)).toBe(20);
  }
});

test("what a skipped file's load rejected counts in every run, not only in the first", async () => {
  const memory = new Memory();
  memory.totalRows = 5;
  const loading = await memory.catchUp(["a"]);
  memory.results.set("own", [
    copyRow("a", {
      status: "LOAD_SKIPPED",
      rows_parsed: 0,
      rows_loaded: 0,
      first_error: "File was loaded before.",
    }),
  ]);
  const session = { ...memory.session, start: async () => "own", rows: memory.session.rows };
  memory.copied("own", "20T10:00:00", "20T10:01:00");
  session.rows = async (sql, binds) =>
    sql.includes("SYSDATE()") ? [{ NOW: new Date("2025-06-20T09:00:00Z") }] : memory.session.rows(sql, binds);
  await copyFiles({ ...loading, session }, loading.listed);
  memory.loaded("ami_interval_readings/a", "19T10:00:00", { STATUS: "Partially loaded", ROW_COUNT: 5 });
  await takeInOthers(loading);
  const rejected = ({ accounting }: typeof loading) =>
    reasonsAgainst({ ...loading, accounting }, outputs({ files: 0 }))[0];
  expect(rejected(loading)).toMatch(/5 rows rejected/);
  expect(rejected(await memory.catchUp(["a"]))).toMatch(/5 rows rejected/);
});

const outputs = (pending: object) =>
  ({
    pending: { files: 0, bytes: 0, replaced: 0, uncertain: 0, ...pending },
    files: { notLoaded: [] },
    checks: {},
  }) as unknown as Parameters<typeof reasonsAgainst>[1];

test("a new version of a file that cannot be loaded fails the `up`, though its old rows are in", async () => {
  const wish = settings({ replacedFiles: "load" });
  const listed = [staged("a", { md5: "new" })];
  const records = [
    record("a", { md5: "old" }),
    record("a", {
      md5: "new",
      queryId: "q2",
      status: "LOAD_FAILED",
      rowsLoaded: 0,
      firstError: "not a Parquet file",
    }),
  ];
  const plan = makePlan({ listed, records, totalRows: 10, now: new Date("2025-06-05T00:00:00Z") });
  const memory = new Memory({ replacedFiles: "load" });
  const loading = { ...(await memory.catchUp()), settings: wish, listed };
  const reasons = reasonsAgainst(
    { ...loading, accounting: { records, discarded: [], discardedAt: 0 } },
    outputs(pendingOf(plan, wish)),
  );
  expect(reasons[0]).toMatch(/1 file could not be loaded[\s\S]*a: not loaded: not a Parquet file/);
});

test("a new version that could not be loaded is no reason any more once it is to be skipped", async () => {
  const listed = [staged("a", { md5: "new" })];
  const records = [
    record("a", { md5: "old" }),
    record("a", { md5: "new", queryId: "q2", status: "LOAD_FAILED", rowsLoaded: 0, firstError: "broken" }),
  ];
  const memory = new Memory({ replacedFiles: "skip" });
  const loading = { ...(await memory.catchUp()), listed };
  const accounting = { records, discarded: [], discardedAt: 0 };
  expect(reasonsAgainst({ ...loading, accounting }, outputs({}))).toEqual([]);
});

test("a restored table may lack the rows that a person deleted and said so", () => {
  const made = Date.parse("2025-06-10T00:00:00Z");
  const records = [record("a"), record("b")];
  expect(standing(records, made, 19)).toBe("unclear");
  expect(standing(records, made, 19, 1)).toEqual({ records, discard: "nothing" });
  expect(standing(records, made, 21, 1)).toBe("unclear");
});

test("an empty table makes files that Snowflake only remembers count no more, so that TRUNCATE is a way out", () => {
  const remembered = record("a", { status: "LOADED_BEFORE", rowsLoaded: 0 });
  expect(standing([remembered], 0, 0)).toEqual({ records: [], discard: "all" });
  expect(standing([record("a", { status: "LOAD_FAILED", rowsLoaded: 0 })], 0, 0)).toMatchObject({
    discard: "nothing",
  });
});
