/** Which files count and what their columns may be; rows that come back; columns that are new: without the engine. */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import execa from "execa";
import { readConnection } from "../../components/snowflake/connection.ts";
import type { LoadOutputs } from "../../components/verified-load/args.ts";
import { look } from "../../components/verified-load/look.ts";
import { complete } from "../../components/verified-load/settings.ts";
import { node } from "../../sandbox/paths.ts";
import {
  type FixtureName,
  fixtures,
  type Reading,
  readings,
} from "../../sandbox/test/support/parquet-fixtures.ts";
import { type LoadCloud, type Settings, startLoadCloud, WAREHOUSE } from "./support/load-cloud.ts";
import { loadDirectly } from "./support/load-directly.ts";

jest.setTimeout(180_000);

let cloud: LoadCloud;
beforeAll(async () => {
  cloud = await startLoadCloud({ switches: { inferredTypes: "merged" } });
}, 120_000);
afterAll(() => cloud?.stopAll());

const day = (number: number, more: Partial<Reading> = {}) =>
  readings({ start: `2026-07-0${number}`, meters: 1 }).map((row) => ({ ...row, ...more }));

let number = 0;
async function prepare() {
  const table = `CONTRACT_${++number}`;
  const args = await cloud.makeTable(table);
  return {
    table,
    args,
    full: (suffix = "") => `FLUX_LOAD_TEST.PRODUCTION.${table}${suffix}`,
    put: async (name: string, rows: readonly Reading[], fixture: FixtureName = "plain") =>
      cloud.put(table, name, await fixtures[fixture](rows)),
    load: (more: Partial<Settings> = {}) => loadDirectly(cloud, { ...args, ...more }),
    look: (known: Partial<LoadOutputs> = {}, more: Partial<Settings> = {}) =>
      look(
        complete({ owner: "test/direct", logicVersion: "1", ...args, ...more }),
        readConnection(() => undefined, cloud.env),
        known,
      ),
  };
}

test("what is not data is left, and named where a person may have meant it", async () => {
  const { put, load, look: sight } = await prepare();
  await put("day=2026-07-01/a.parquet", day(1));
  for (const name of ["_SUCCESS", "_delta_log/0.parquet", "x/_temporary/b.parquet", ".c.parquet"])
    await put(name, day(2), "notParquet");
  for (const name of ["B.PARQUET", "c.parq", "d", "old/e.parquet"]) await put(name, day(2));
  const { outputs, lines, reasons } = await load({ exclude: ["old/**"] });
  expect(reasons).toEqual([]);
  expect(outputs).toMatchObject({ filesLoaded: 1, totalRows: 96 });
  expect(outputs?.files.notTaken).toEqual({
    files: 4,
    examples: [
      ...["B.PARQUET", "c.parq", "d"].map((name) => `${name}: matches no glob of include`),
      "old/e.parquet: matches exclude",
    ],
  });
  expect(outputs?.files.differences).toEqual([
    expect.stringMatching(/DAY is only in the path: day=2026-07-01\/a\.parquet \(it is not loaded\)/),
  ]);
  expect(lines).toContainEqual(expect.stringMatching(/4 files below the folder not taken: B\.PARQUET/));
  // A preview says so as well, and has nothing to do about it; one that takes them in has.
  const before = await sight(outputs, { exclude: ["old/**"] });
  expect(before.findings).toEqual([]);
  expect(before.notes).toEqual([expect.stringMatching(/4 files below the folder not taken/)]);
  const after = await sight(outputs, { include: ["**/*.{parquet,parq}"], exclude: ["old/**"] });
  expect(after).toMatchObject({ pending: { files: 1 }, listed: { files: 2 } });
});

test("a file that misnames a column stops the load before anything is copied or made larger; a warning is kept", async () => {
  const { put, load, table, full } = await prepare();
  const growing = () =>
    cloud.proxy.statements.filter((sent) => sent.includes(`SET WAREHOUSE_SIZE = 'XLARGE'`)).length;
  const grown = growing();
  await put("a.parquet", day(1));
  await put("b.parquet", day(2), "missingColumns");
  await expect(load()).rejects.toThrow(
    /no column POWER_FACTOR: b\.parquet\n.*no column SOURCE_TABLE: b\.parquet\n.*schema\.missingColumns to warn/,
  );
  expect(cloud.copiesOf(table)).toEqual([]);
  expect(growing()).toBe(grown);
  const contract = { missingColumns: "warn" } as const;
  const quality = { nullShares: { maxShare: 0.5 } };
  const { outputs, reasons } = await load({ contract, quality });
  expect(reasons).toEqual([]);
  expect(outputs?.files.differences).toEqual([
    "no column POWER_FACTOR: b.parquet (it is NULL in their rows)",
    "no column SOURCE_TABLE: b.parquet (it is NULL in their rows)",
  ]);
  const [row] = await cloud.sql(`SELECT COUNT(*) AS N, COUNT(POWER_FACTOR) AS WITH_FACTOR FROM ${full()}`);
  expect(row).toEqual({ N: 192, WITH_FACTOR: 96 });
});

test("what landed in a load that was refused is held against the contract once more", async () => {
  const { put, load } = await prepare();
  await put("a.parquet", day(1, { voltage: 90 }), "extraColumns");
  const refused = await load();
  expect(refused.outputs?.checks.voltage?.status).toBe("failed");
  expect(refused.outputs?.files.differences).toHaveLength(2);
  await expect(load({ contract: { extraColumns: "fail" } })).rejects.toThrow(
    /column FIRMWARE .*: a\.parquet/,
  );
  const loaded = await load({ quality: { voltage: { severity: "warn" } } });
  expect(loaded.outputs).toMatchObject({ verified: true, totalRows: 96 });
});

test("two files of the same content, and readings off the grid, are told with their files", async () => {
  const { put, load } = await prepare();
  await put("a.parquet", day(1));
  await put("copy of a.parquet", day(1));
  const twice = await load();
  expect(twice.outputs?.files.sameContent).toEqual(["copy of a.parquet has the content of a.parquet"]);
  expect(twice.lines).toContainEqual(
    expect.stringContaining("copy of a.parquet has the content of a.parquet"),
  );
  expect(twice.outputs?.checks.duplicates).toMatchObject({ status: "failed", figure: 96 });
  expect(twice.outputs?.checks.duplicates?.examples.join()).toMatch(/a\.parquet, copy of a\.parquet/);

  const other = await prepare();
  const late = day(1).map((row) => ({
    ...row,
    timestamp: new Date((row.timestamp as Date).getTime() + 60_000),
  }));
  await other.put("late.parquet", late);
  const off = await other.load();
  expect(off.outputs?.checks.continuity).toMatchObject({ status: "failed", figure: 96 });
  expect(off.outputs?.checks.continuity?.message).toMatch(/96 readings off the 15-minute grid/);
  expect((await other.load({ quality: { continuity: { maxOffGrid: 96 } } })).reasons).toEqual([]);
});

test("rejected rows that somebody corrected come back, once, as rows of their file", async () => {
  const { put, load, look: sight, full } = await prepare();
  await put("a.parquet", day(1), "badVoltage");
  const quality = { continuity: { maxMissing: 2, maxEnding: 1, maxBeginning: 1 } };
  const first = await load({ maxRejectedRows: 1, quality });
  expect(first.outputs).toMatchObject({ totalRows: 95, rowsRejected: 1, correctedRows: 0 });

  const [documented = ""] =
    /INSERT INTO AMI_INTERVAL_READINGS_CORRECTED[^;]*/.exec(readFileSync("docs/loading.md", "utf8")) ?? [];
  const correct = (voltage: string) =>
    cloud.sql(
      documented
        .replaceAll("AMI_INTERVAL_READINGS_CORRECTED", full("_CORRECTED"))
        .replaceAll("AMI_INTERVAL_READINGS_REJECTED", full("_REJECTED"))
        .replace("118,", `${voltage},`),
    );
  await correct("-118");
  expect((await sight(first.outputs)).findings).toEqual([expect.stringMatching(/1 corrected row wait/)]);
  // It is audited like others.
  const wrong = await load({ quality: { ...quality, voltage: { minShare: 1 } } });
  expect(wrong.outputs?.checks.voltage?.status).toBe("failed");
  expect(wrong.outputs).toMatchObject({ totalRows: 95 });
  await cloud.sql(`UPDATE ${full("_CORRECTED")} SET VOLTAGE = 118`);
  const second = await load({ quality: { voltage: { minShare: 1 } } });
  expect(second.reasons).toEqual([]);
  expect(second.outputs).toMatchObject({ totalRows: 96, rowsLoaded: 96, rowsRejected: 0, correctedRows: 1 });
  const accounts = await cloud.sql(
    `SELECT STATUS, ROWS_PARSED, ROWS_LOADED, ROWS_REJECTED, (SELECT COUNT(*) FROM ${full()} r WHERE r.FILE_ID = l.FILE_ID) AS ROWS_THERE FROM ${full("_LOADS")} l`,
  );
  expect(accounts).toEqual([
    { STATUS: "LOADED", ROWS_PARSED: 96, ROWS_LOADED: 96, ROWS_REJECTED: 0, ROWS_THERE: 96 },
  ]);
  const [kept] = await cloud.sql(
    `SELECT (SELECT COUNT(*) FROM ${full("_REJECTED")}) AS REJECTED, (SELECT COUNT(*) FROM ${full("_CORRECTED")} WHERE RETURNED_BY IS NOT NULL) AS RETURNED`,
  );
  expect(kept).toEqual({ REJECTED: 1, RETURNED: 1 });

  const third = await load();
  expect(third.outputs).toMatchObject({ totalRows: 96, version: second.outputs?.version });
  expect((await sight(third.outputs)).findings).toEqual([]);
  // Neither the same row again, nor one that nobody rejected.
  await correct("117");
  await expect(load()).rejects.toThrow(/1 row that no load rejected[\s\S]*cure: .*DELETE FROM/);
  await cloud.sql(`DELETE FROM ${full("_CORRECTED")} WHERE RETURNED_AT IS NULL`);
  expect((await load()).outputs).toMatchObject({ totalRows: 96 });
});

test("corrected rows come back together with new files, and are rejected once more where they still do not hold", async () => {
  const { put, load, full } = await prepare();
  const quality = { keyNulls: { severity: "quarantine" }, continuity: { severity: "off" } } as const;
  await put("a.parquet", day(1), "nullKeys");
  await load({ maxRejectedRows: 24, quality });
  const [known] = await cloud.sql(`SELECT MIN(FILE_ID) AS FILE_ID FROM ${full("_LOADS")}`);
  await cloud.sql(
    `INSERT INTO ${full("_CORRECTED")} (FILE_ID, ROW_NUMBER, METER_ID, TIMESTAMP, USAGE_KWH, VOLTAGE)
SELECT FILE_ID, ROW_NUMBER, IFF(MOD(ROW_NUMBER, 8) < 4, 'MTR-00000001', NULL), RAW_RECORD:TIMESTAMP::VARCHAR::TIMESTAMP_NTZ, 1, 118 FROM ${full("_REJECTED")}`,
  );
  await put("b.parquet", day(2));
  const { outputs, reasons } = await load({
    maxRejectedRows: 24,
    quality: { ...quality, nullShares: { maxShare: 0.5 } },
  });
  expect(reasons).toEqual([]);
  expect(outputs).toMatchObject({
    filesLoaded: 2,
    totalRows: 72 + 12 + 96,
    rowsRejected: 12,
    correctedRows: 24,
  });
  const [rejected] = await cloud.sql(
    `SELECT COUNT(*) AS N, COUNT(DISTINCT ROW_NUMBER) AS NUMBERS FROM ${full("_REJECTED")} WHERE FILE_ID = ${known?.FILE_ID}`,
  );
  expect(rejected).toEqual({ N: 36, NUMBERS: 24 });
});

test("the outputs tell how well the table is sorted; the second load is estimated by the first", async () => {
  const { put, load, look: sight } = await prepare();
  await put("a.parquet", day(1));
  const first = await load();
  expect(first.lines).toContainEqual(expect.stringMatching(/by published figures/));
  expect(first.outputs?.clustering).toEqual({
    key: expect.stringMatching(/TIMESTAMP.*METER_ID/),
    averageDepth: expect.any(Number),
    partitions: expect.any(Number),
  });
  expect(first.outputs?.cost).toMatchObject({ estimatedBy: "published figures", generation: "1" });
  expect(first.outputs?.cost).not.toHaveProperty("meteredCredits");
  await put("b.parquet", day(2));
  expect((await sight(first.outputs)).findings.join()).toMatch(/about \d+ s \(.*by the last load\)/);

  await cloud.sql(`ALTER WAREHOUSE ${WAREHOUSE} SET GENERATION = '2'`);
  const second = await load();
  await cloud.sql(`ALTER WAREHOUSE ${WAREHOUSE} SET GENERATION = '1'`);
  expect(second.outputs?.cost).toMatchObject({ estimatedBy: "the last load", generation: "2" });
  // A minute at 16 credits an hour, and at the second generation's rate.
  expect([first, second].map(({ outputs }) => outputs?.cost.credits)).toEqual([0.267, 0.36]);
});

test("the metering is asked only where it is set, and only there told, apart from what is computed", async () => {
  const { put, load, args } = await prepare();
  await put("a.parquet", day(1));
  const asked = () => cloud.proxy.statements.filter((sent) => /_HISTORY\(/.test(sent)).length;
  const before = asked();
  await load();
  expect(asked()).toBe(before);
  await cloud.sql(`GRANT MONITOR USAGE ON ACCOUNT TO ROLE ${args.role}`);
  await put("b.parquet", day(2));
  const { outputs } = await load({ meterCredits: true });
  expect(asked()).toBeGreaterThan(before);
  expect(outputs?.cost.credits).toBe(0.267);
  expect(outputs?.cost.meteredCredits).toBeGreaterThan(0);
  expect(outputs?.clustering).toMatchObject({ creditsOfWeek: 0 });
  await cloud.sql(`REVOKE MONITOR USAGE ON ACCOUNT FROM ROLE ${args.role}`);
});

test("rows are published in the order of the key that is set", async () => {
  const { put, load, full } = await prepare();
  await put("a.parquet", readings({ start: "2026-07-01", meters: 3 }));
  const { reasons } = await load({ clusterBy: ["TO_DATE(TIMESTAMP)", "SUBSTR(METER_ID, 5, 8)"] });
  expect(reasons).toEqual([]);
  const [count] = await cloud.sql(`SELECT COUNT(*) AS N FROM ${full()}`);
  expect(count?.N).toBe(288);
});

test("more files than are asked for one by one: each is read by its own types all the same", async () => {
  const { put, load } = await prepare();
  const rows = day(1);
  for (let index = 0; index < 102; index++) {
    const row = rows[index % 96] as Reading;
    const at = new Date(Date.UTC(2026, 6, 1) + index * 900_000);
    const fixture =
      index === 50 ? "textTimestamp" : index === 60 ? "bareMicros" : index === 70 ? "zeroBytes" : "hyparquet";
    await put(`${String(index).padStart(3, "0")}, x.parquet`, [{ ...row, timestamp: at }], fixture);
  }
  const quality = { unreadableFiles: { max: 1 }, continuity: { maxMissing: 1 } };
  const { outputs, reasons } = await load({ quality });
  expect(reasons).toEqual([]);
  expect(outputs).toMatchObject({ filesLoaded: 101, totalRows: 101, minTimestamp: "2026-07-01T00:00:00" });
  expect(outputs?.files.unreadable).toEqual([expect.stringMatching(/^070, x\.parquet: /)]);
});

/** docs/loading.md says how a column is taken in; this does it, in a copy of the program. */
test("a column that files have begun to have is taken in: one line of the program, and the table's", async () => {
  const { put, load, args, full } = await prepare();
  await put("a.parquet", day(1));
  await put("b.parquet", day(2), "extraColumns");
  const before = await load();
  expect(before.outputs?.files.differences).toEqual([
    expect.stringMatching(/column FIRMWARE \(TEXT\) is none of the readings'.*: b\.parquet/),
    expect.stringMatching(/column SIGNAL_STRENGTH .*: b\.parquet/),
  ]);

  const copy = mkdtempSync(join(tmpdir(), "new-column-"));
  try {
    const root = resolve(__dirname, "../..");
    cpSync(join(root, "components"), join(copy, "components"), { recursive: true });
    cpSync(join(root, "package.json"), join(copy, "package.json"));
    symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
    const columns = join(copy, "components", "readings-columns.ts");
    const last = "] as const satisfies readonly ReadingsColumn[];";
    const line = '  { name: "FIRMWARE", type: "VARCHAR(16777216)", comment: "Firmware of the meter" },\n';
    const declared = readFileSync(columns, "utf8");
    expect(declared.split(last)).toHaveLength(2);
    writeFileSync(columns, declared.replace(last, line + last));
    const program = join(copy, "test", "e2e", "support");
    cpSync(join(__dirname, "support", "load-process.ts"), join(program, "load-process.ts"));
    // What the stack's table resource does for the new line.
    await cloud.sql(`ALTER TABLE ${full()} ADD COLUMN FIRMWARE VARCHAR(16777216)`);
    await put("c.parquet", day(3), "extraColumns");
    const settings = { ...args, quality: { nullShares: { maxShare: 0.1 } } };
    await execa(node, [join(program, "load-process.ts"), JSON.stringify(settings)], { env: cloud.env });
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
  const rows = await cloud.sql(
    `SELECT TIMESTAMP::DATE::VARCHAR AS DAY, COUNT(*) AS N, COUNT(FIRMWARE) AS WITH_IT FROM ${full()} GROUP BY 1 ORDER BY 1`,
  );
  expect(rows).toEqual([
    { DAY: "2026-07-01", N: 96, WITH_IT: 0 },
    { DAY: "2026-07-02", N: 96, WITH_IT: 0 },
    { DAY: "2026-07-03", N: 96, WITH_IT: 96 },
  ]);
});
