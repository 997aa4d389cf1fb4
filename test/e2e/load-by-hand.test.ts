/**
 * What people do to the table, its bucket and its records beside the loads, without the engine: nothing of it is verified
 * that no audit saw, and nothing is lost without a word.
 */
import { readConnection } from "../../components/snowflake/connection.ts";
import { LoadError } from "../../components/snowflake/errors.ts";
import { look } from "../../components/verified-load/look.ts";
import { complete } from "../../components/verified-load/settings.ts";
import { status } from "../../components/verified-load/status.ts";
import { fixtures, type Reading, readings } from "../../sandbox/test/support/parquet-fixtures.ts";
import { type LoadCloud, type Settings, startLoadCloud } from "./support/load-cloud.ts";
import { loadDirectly } from "./support/load-directly.ts";

jest.setTimeout(240_000);

let cloud: LoadCloud;
beforeAll(async () => {
  cloud = await startLoadCloud();
});
afterAll(() => cloud?.stopAll());
afterEach(() => cloud.proxy.disarm());

const ROWS = 96;
const BLOCK = /^DECLARE[\s\S]*BEGIN TRANSACTION/;
const day = (number: number): Reading[] =>
  readings({ meters: 1, start: `2026-06-0${number}` }).map((row) => ({ ...row, voltage: 120 }));
const named = (table: string, suffix = "") => `FLUX_LOAD_TEST.PRODUCTION.${table}${suffix}`;

/** A table whose bucket has so many days, each a file, loaded. */
async function loadedTable(table: string, days = 1): Promise<Settings> {
  const settings = await cloud.makeTable(table);
  for (let number = 1; number <= days; number++) await putDay(table, number);
  expect((await loadDirectly(cloud, settings)).outputs?.verified).toBe(true);
  return settings;
}
const putDay = async (table: string, number: number) =>
  cloud.put(table, `${number}.parquet`, await fixtures.hyparquet(day(number)));

/** Something happens at the first statement of that kind, on either side of it. */
const at = (statement: RegExp, phase: "before" | "after", act: () => Promise<unknown>) =>
  cloud.proxy.arm({
    matches: ({ sql }) => statement.test(sql),
    phase,
    act: async () => {
      await act();
      return "pass" as const;
    },
  });

const settled = (settings: Settings) => complete({ owner: "test/direct", logicVersion: "1", ...settings });
async function findings(settings: Settings, outputs: unknown): Promise<string[]> {
  const connection = readConnection(() => undefined, cloud.env);
  return (await look(settled(settings), connection, outputs as never)).findings;
}
const insertBadRow = (table: string) =>
  cloud.sql(
    `INSERT INTO ${named(table)} (METER_ID, TIMESTAMP, USAGE_KWH, VOLTAGE) VALUES ('SOMEBODY', '2026-06-01', -1, 500)`,
  );

/** A table whose one file had a row rejected, which waits, corrected. */
async function correctedTable(table: string, more: Partial<Settings> = {}): Promise<Settings> {
  const quality = { continuity: { severity: "warn" } } as NonNullable<Settings["quality"]>;
  const settings = { ...(await cloud.makeTable(table)), maxRejectedRows: 1, quality, ...more };
  await cloud.put(table, "1.parquet", await fixtures.badVoltage(day(1)));
  await loadDirectly(cloud, settings);
  await cloud.sql(
    `INSERT INTO ${named(table, "_CORRECTED")} (FILE_ID, ROW_NUMBER, METER_ID, TIMESTAMP, USAGE_KWH, VOLTAGE)
SELECT FILE_ID, ROW_NUMBER, 'MTR-1', '2026-06-01 00:30', 1, 118 FROM ${named(table, "_REJECTED")}`,
  );
  return settings;
}

test("a row that somebody inserts between audit and publishing is audited before anything is published", async () => {
  const settings = await cloud.makeTable("BETWEEN");
  await putDay("BETWEEN", 1);
  const struck = at(BLOCK, "before", () => insertBadRow("BETWEEN"));
  const { reasons, lines, outputs } = await loadDirectly(cloud, settings);
  await struck;
  expect(lines).toContain("load: another load published, or rows came or went, meanwhile: planning again");
  expect(reasons.map((reason) => reason.split(":")[0])).toContain("usageNotNegative");
  expect(outputs?.checks.foreignRows?.status).toBe("warned");
  expect(await cloud.sql(`SELECT COUNT(*) AS N FROM ${named("BETWEEN")}`)).toEqual([{ N: 1 }]);
});

test("rows that come or go right after the publishing are not part of what is verified", async () => {
  const settings = await loadedTable("AFTER");
  await putDay("AFTER", 2);
  const struck = at(BLOCK, "after", async () => {
    void at(/^LIST /, "before", () =>
      cloud.sql(`DELETE FROM ${named("AFTER")} WHERE FILE_ID = 1 AND HOUR(TIMESTAMP) = 3`),
    );
  });
  const { outputs, lines } = await loadDirectly(cloud, settings);
  await struck;
  expect(outputs).toMatchObject({ verified: true, totalRows: 2 * ROWS });
  expect(lines).toContain(
    `load: somebody else changed the table while the load ended: it has ${2 * ROWS - 4} rows, ${2 * ROWS} were audited`,
  );
  expect(await findings(settings, outputs)).toEqual([
    expect.stringContaining("4 rows of FLUX_LOAD_TEST.PRODUCTION.AFTER are gone since the last load"),
  ]);
  await insertBadRow("AFTER");
  const { lines: said, well } = await status(
    settled(settings),
    readConnection(() => undefined, cloud.env),
  );
  expect(well).toBe(false);
  expect(said).toContain(
    `changed by hand since: ${2 * ROWS} rows were audited; the next load audits the whole table`,
  );
});

test("a folder that lies in itself: each file's rows are its own", async () => {
  const settings = await cloud.makeTable("NESTED");
  await putDay("NESTED", 1);
  await cloud.put("NESTED", "raw/ami/NESTED/1.parquet", await fixtures.hyparquet(day(2)));
  const { outputs } = await loadDirectly(cloud, settings);
  expect(outputs?.verified).toBe(true);
  expect(
    await cloud.sql(
      `SELECT FILE, TIMESTAMP::DATE::VARCHAR AS DAY, COUNT(*) AS N FROM ${named("NESTED")} r JOIN ${named("NESTED", "_LOADS")} f ON f.FILE_ID = r.FILE_ID GROUP BY 1, 2 ORDER BY 1`,
    ),
  ).toEqual([
    { FILE: expect.stringMatching(/ami\/NESTED\/1\.parquet$/), DAY: "2026-06-01", N: ROWS },
    { FILE: expect.stringMatching(/NESTED\/raw\/ami\/NESTED\/1\.parquet$/), DAY: "2026-06-02", N: ROWS },
  ]);
});

test("TRUNCATE of rows whose file is gone is a loss, and told as one", async () => {
  const settings = await loadedTable("EMPTIED", 2);
  await cloud.remove("EMPTIED", "1.parquet");
  await cloud.sql(`TRUNCATE TABLE ${named("EMPTIED")}`);
  const { reasons, lines } = await loadDirectly(cloud, settings);
  expect(lines).toContain(
    "load: the table was emptied since the last load: what is in the bucket is loaded anew; 1 file of it is not there any more",
  );
  expect(reasons).toEqual([
    expect.stringMatching(
      /^accountedRows: 96 rows that were published are no longer in the table.*: 1\.parquet: 96 rows/,
    ),
  ]);
  const accepted = await loadDirectly(cloud, {
    ...settings,
    quality: { accountedRows: { maxMissing: ROWS } },
  });
  expect(accepted.outputs).toMatchObject({ verified: true, totalRows: ROWS });
});

test("TRUNCATE with all files there brings everything back, and says which corrections it does not", async () => {
  const settings = await correctedTable("CORRECTED_AGAIN");
  expect((await loadDirectly(cloud, settings)).outputs?.totalRows).toBe(ROWS);
  await cloud.sql(`TRUNCATE TABLE ${named("CORRECTED_AGAIN")}`);
  const { outputs, lines } = await loadDirectly(cloud, settings);
  expect(outputs).toMatchObject({ verified: true, totalRows: ROWS - 1 });
  expect(outputs?.checks.accountedRows?.message).toMatch(/all files of the 96 rows .* are there/);
  expect(lines.join("\n")).toMatch(/the table was emptied, and 1 corrected row with it/);
  expect(await findings(settings, outputs)).toEqual([]);
});

test("a control table that was dropped takes nobody's rows for those of before", async () => {
  const settings = await loadedTable("CONTROL_GONE");
  await insertBadRow("CONTROL_GONE");
  await cloud.sql(`DROP TABLE ${named("CONTROL_GONE", "_CONTROL")}`);
  const { outputs, reasons } = await loadDirectly(cloud, settings);
  expect(outputs?.checks.foreignRows).toMatchObject({ status: "warned", figure: 1 });
  expect(reasons.map((reason) => reason.split(":")[0])).toContain("usageNotNegative");
});

test("a correction of a file that went waits for nothing", async () => {
  const settings = await correctedTable("STALE_CORRECTION", { replacedFiles: "replace" });
  await putDay("STALE_CORRECTION", 1);
  const { outputs } = await loadDirectly(cloud, settings);
  expect(outputs?.totalRows).toBe(ROWS);
  expect(await findings(settings, outputs)).toEqual([]);
});

test("a file that goes while it is copied is left for the next load", async () => {
  const settings = await cloud.makeTable("VANISHED");
  await putDay("VANISHED", 1);
  await putDay("VANISHED", 2);
  const struck = at(/^COPY INTO/, "before", () => cloud.remove("VANISHED", "2.parquet"));
  const { outputs, lines } = await loadDirectly(cloud, settings);
  await struck;
  expect(outputs).toMatchObject({ verified: true, totalRows: ROWS });
  expect(lines).toContain("load: 2.parquet changed, or went, while it was copied: left for the next load");
});

test("a file that may stay unread keeps no preview from being clean", async () => {
  const settings = {
    ...(await loadedTable("TOLERATED")),
    quality: { unreadableFiles: { max: 1 } },
  } as Settings;
  await cloud.put("TOLERATED", "2.parquet", await fixtures.truncated(day(2)));
  const { outputs } = await loadDirectly(cloud, settings);
  expect(outputs).toMatchObject({
    verified: true,
    files: { unreadable: [expect.stringContaining("2.parquet")] },
  });
  expect(await findings(settings, outputs)).toEqual([]);
});

test("what fails after the publishing says that it was published", async () => {
  const settings = await cloud.makeTable("FAILED_LATER");
  await putDay("FAILED_LATER", 1);
  const refused = {
    success: false,
    code: "003001",
    message: "SQL access control error:\nInsufficient privileges",
    data: {},
  };
  const struck = at(BLOCK, "after", async () => {
    const again = () =>
      void cloud.proxy.arm({
        matches: ({ sql }) => /^LIST /.test(sql),
        phase: "before",
        act: () => {
          again();
          return { answer: refused };
        },
      });
    again();
  });
  const error = await loadDirectly(cloud, settings).catch((thrown: unknown) => thrown);
  await struck;
  expect(error).toBeInstanceOf(LoadError);
  expect((error as LoadError).message).toMatch(
    /^The load was published and is verified; what failed came after it\./,
  );
  expect(await cloud.sql(`SELECT COUNT(*) AS N FROM ${named("FAILED_LATER")}`)).toEqual([{ N: ROWS }]);
});
