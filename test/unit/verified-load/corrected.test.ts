/** Rows that were rejected, corrected, and taken in: audited and published in a Snowflake, from a landing table made by hand. */
import { readFileSync } from "node:fs";
import { READINGS_COLUMNS } from "../../../components/readings-columns.ts";
import { clusteringOf } from "../../../components/verified-load/accounting/clustering.ts";
import { prepareTables, publishedIn } from "../../../components/verified-load/accounting/control.ts";
import { findCorrections, landCorrections } from "../../../components/verified-load/accounting/corrected.ts";
import { type Audit, audit } from "../../../components/verified-load/audit/audit.ts";
import { newLoadId, type Run } from "../../../components/verified-load/context.ts";
import { openLoadSession } from "../../../components/verified-load/load-session.ts";
import { makePlan, type Plan } from "../../../components/verified-load/plan.ts";
import { publish } from "../../../components/verified-load/publish/publish.ts";
import { complete, namesOf } from "../../../components/verified-load/settings.ts";
import { startSteps } from "../../../components/verified-load/steps.ts";
import type { Written } from "../../../components/verified-load/write/write.ts";
import type { LocalServer } from "../../../sandbox/test/support/local-server.ts";
import { standaloneServer, TestSession } from "../../../sandbox/test/support/standalone-server.ts";
import { given, STACK_STATEMENTS, staged } from "./support/settings.ts";

jest.setTimeout(120_000);

let server: LocalServer;
let admin: TestSession;
let run: Run;
const settings = complete({
  ...given,
  role: "ACCOUNTADMIN",
  quality: { continuity: { severity: "off" }, voltage: { minShare: 0.9 } },
});
const NOTHING = { landings: [], files: [] };
const full = (suffix = "") => `FLUX.PRODUCTION.AMI_INTERVAL_READINGS${suffix}`;
const published = () => publishedIn(run.session, run.names);

beforeAll(async () => {
  server = standaloneServer();
  await server.start();
  admin = await TestSession.open(server.login);
  for (const sql of STACK_STATEMENTS) await admin.run(sql);
  const { account, username = "", password = "", accessUrl = "" } = server.login;
  const connect = () => openLoadSession({ account, user: username, password, accessUrl }, settings);
  const counts = new Map<string, number>();
  const steps = startSteps("MEDIUM");
  run = {
    id: newLoadId(new Date()),
    settings,
    names: namesOf(settings),
    session: await connect(),
    connect,
    log: () => {},
    steps,
    step: steps.begin,
    count: (what) => counts.set(what, (counts.get(what) ?? 0) + 1).get(what) as number,
  };
  await prepareTables(run);
}, 60_000);
afterAll(async () => {
  await run?.session.close();
  await admin?.close();
  await server?.stop();
});

/** A file of a day, as it landed: the voltage of its third row is no number. */
async function landed(file: string, day: string): Promise<Written> {
  const name = `AMI_INTERVAL_READINGS_LANDING_${day.replaceAll("-", "")}`;
  const numbers = Array.from({ length: 96 }, (_, index) => `(${index + 1})`);
  await admin.run(
    `CREATE TABLE FLUX.PRODUCTION.${name} AS SELECT 'M1' AS METER_ID, TO_VARCHAR(DATEADD('minute', 15 * (N - 1), '${day}'::TIMESTAMP_NTZ)) AS TIMESTAMP,
  0.1::FLOAT AS USAGE_KWH, IFF(N = 3, 'n/a', '118') AS VOLTAGE, 0.95::FLOAT AS POWER_FACTOR, 'RES' AS CUSTOMER_SEGMENT_ID, 'AMI' AS SOURCE_TABLE,
  '${file}' AS "FLUX$FILE", N AS "FLUX$ROW" FROM (SELECT COLUMN1 AS N FROM (VALUES ${numbers.join(", ")}) v) g`,
  );
  const types = ["TEXT", "TEXT", "REAL", "TEXT", "REAL", "TEXT", "TEXT"];
  const columns = READINGS_COLUMNS.map((column, index) => ({
    name: column.name,
    type: types[index] as string,
  }));
  return {
    files: [{ staged: staged(file), landing: name, landedAs: file, rows: 96, queryId: "q" }],
    landings: [{ name, columns }],
    unreadable: [],
    changed: [],
    differences: [],
  };
}
const NO_FILES: Written = { files: [], landings: [], unreadable: [], changed: [], differences: [] };

/** Takes in the corrected rows that wait, beside new files. */
async function takeIn(written: Written = NO_FILES): Promise<{ audited: Audit; plan: Plan }> {
  const plan = makePlan([], await published());
  const returned = await landCorrections(run, await findCorrections(run, plan.published));
  return { plan, audited: await audit(run, plan, written, [], returned, false) };
}

const [documented = ""] =
  /INSERT INTO AMI_INTERVAL_READINGS_CORRECTED[^;]*/.exec(readFileSync("docs/loading.md", "utf8")) ?? [];
const correct = (voltage: string) =>
  admin.run(documented.replaceAll("AMI_INTERVAL_READINGS_", full("_")).replace("118,", `${voltage},`));
const accounts = () =>
  admin.rows(
    `SELECT FILE_ID, STATUS, ROWS_PARSED, ROWS_LOADED, ROWS_REJECTED, (SELECT COUNT(*) FROM ${full()} r WHERE r.FILE_ID = l.FILE_ID) AS ROWS_THERE FROM ${full("_LOADS")} l ORDER BY 1`,
  );
const whole = (id: number) => ({
  FILE_ID: id,
  STATUS: "LOADED",
  ROWS_PARSED: 96,
  ROWS_LOADED: 96,
  ROWS_REJECTED: 0,
  ROWS_THERE: 96,
});
const partly = (id: number) => ({
  ...whole(id),
  STATUS: "PARTIALLY_LOADED",
  ROWS_LOADED: 95,
  ROWS_REJECTED: 1,
  ROWS_THERE: 95,
});

test("a row that was rejected waits for nobody, until somebody corrects it", async () => {
  const plan = makePlan([staged("a.parquet")], await published());
  const audited = await audit(run, plan, await landed("a.parquet", "2026-07-01"), [], NOTHING, false);
  expect(await publish(run, plan, audited)).toBe("published");
  expect(await accounts()).toEqual([partly(1)]);
  expect(await findCorrections(run, await published())).toEqual([]);
});

test("corrected as the documentation says, it is audited like others, and published once", async () => {
  await correct("-118");
  const wrong = await takeIn();
  expect(wrong.audited.evidence).toMatchObject({ newRows: 1, auditedRows: 96, voltageInRange: 95 });

  await admin.run(`UPDATE ${full("_CORRECTED")} SET VOLTAGE = 119`);
  const { plan, audited } = await takeIn();
  expect(audited.evidence).toMatchObject({ newRows: 1, voltageInRange: 96, rejected: { rows: 0 } });
  expect(await publish(run, plan, audited)).toBe("published");
  // Whoever planned by the same token publishes nothing on top.
  expect(await publish(run, plan, audited)).toBe("stale");
  expect(await accounts()).toEqual([whole(1)]);
  const [row] = await admin.rows(
    `SELECT TIMESTAMP::VARCHAR AS AT, USAGE_KWH, VOLTAGE FROM ${full()} WHERE VOLTAGE = 119`,
  );
  expect(row).toEqual({ AT: "2026-07-01 00:30:00.000", USAGE_KWH: 0.1, VOLTAGE: 119 });
  const [kept] = await admin.rows(
    `SELECT (SELECT COUNT(*) FROM ${full("_REJECTED")}) AS REJECTED, (SELECT COUNT(RETURNED_AT) FROM ${full("_CORRECTED")}) AS RETURNED, (SELECT SUM(READINGS) FROM ${full("_METERS")}) AS READINGS`,
  );
  expect(kept).toEqual({ REJECTED: 1, RETURNED: 1, READINGS: 96 });
  expect(await findCorrections(run, await published())).toEqual([]);
});

test("neither the same row again, nor one that nobody rejected, nor one twice", async () => {
  const refused = async (told: RegExp) => {
    await expect(findCorrections(run, await published())).rejects.toThrow(told);
    await admin.run(`DELETE FROM ${full("_CORRECTED")} WHERE RETURNED_AT IS NULL`);
  };
  await correct("117");
  await refused(/FILE_ID 1: 1 row that no load rejected[\s\S]*cure: .*DELETE FROM/);
  await admin.run(`INSERT INTO ${full("_CORRECTED")} (FILE_ID, ROW_NUMBER) SELECT 7, 1`);
  await refused(/FILE_ID 7: 1 row that no load rejected/);
});

test("they come back beside new files, and are rejected once more where they still do not hold", async () => {
  const first = makePlan([staged("b.parquet")], await published());
  const audited = await audit(run, first, await landed("b.parquet", "2026-07-02"), [], NOTHING, false);
  await publish(run, first, audited);
  await admin.run(
    documented
      .replaceAll("AMI_INTERVAL_READINGS_", full("_"))
      .replace("FILE_ID = 1", "FILE_ID = 2")
      .replace("RAW_RECORD:METER_ID::VARCHAR", "NULL"),
  );
  const quarantine = {
    ...settings.quality,
    keyNulls: { ...settings.quality.keyNulls, severity: "quarantine" },
  } as const;
  run = { ...run, settings: { ...settings, quality: quarantine } };
  const both = await takeIn(await landed("c.parquet", "2026-07-03"));
  expect(both.audited.counts).toMatchObject({ published: 95, rejected: 2 });
  expect(await publish(run, both.plan, both.audited)).toBe("published");
  expect(await accounts()).toEqual([whole(1), partly(2), partly(3)]);
  // It may be corrected once more.
  await admin.run(
    documented
      .replaceAll("AMI_INTERVAL_READINGS_", full("_"))
      .replace("FILE_ID = 1 AND COLUMN_NAME = 'VOLTAGE'", "FILE_ID = 2 AND COLUMN_NAME = 'METER_ID'")
      .replace("RAW_RECORD:METER_ID::VARCHAR", "'M1'"),
  );
  const again = await takeIn();
  expect(await publish(run, again.plan, again.audited)).toBe("published");
  expect(await accounts()).toEqual([whole(1), whole(2), partly(3)]);
});

test("how well the table is sorted is told; what clustering cost, where that is asked for", async () => {
  expect(await clusteringOf(run)).toEqual({
    key: expect.stringMatching(/TIMESTAMP.*METER_ID/),
    averageDepth: expect.any(Number),
    partitions: expect.any(Number),
  });
  const asked = { ...run, settings: { ...run.settings, meterCredits: true } };
  expect(await clusteringOf(asked)).toMatchObject({ creditsOfWeek: 0 });
  const other = { ...run, names: { ...run.names, readings: full("_LOADS") } };
  expect(await clusteringOf(other)).toBeUndefined();
});
