/**
 * One load, from the lock to the verdict. Every step may be the last one that happens: whatever was done before it is
 * found again by the next run (COPYs by their query tag, files by the accounting), so running it again is always right.
 */

import { literal, qualified } from "../sql.ts";
import {
  type Accounting,
  discardAccounting,
  isLoaded,
  latestByFile,
  readAccounting,
  standing,
  totalsOf,
} from "./account.ts";
import type { FilesSummary, LoadCost, LoadOutputs } from "./args.ts";
import { judge } from "./checks.ts";
import type { Connection } from "./connection.ts";
import { copyFiles, type Loading, reconcile, waitForQuery } from "./copy.ts";
import { explain, LoadError, type Surroundings, UnverifiedError } from "./errors.ts";
import { guard } from "./guard.ts";
import { tagOf } from "./history.ts";
import { bytesOf, fingerprint, listFiles, type StagedFile } from "./listing.ts";
import { takeLock } from "./lock.ts";
import { creditsOf, estimate, filesToLoad, makePlan, type Plan, pendingOf } from "./plan.ts";
import {
  checkLine,
  duration,
  type Log,
  planLines,
  plural,
  rejectedLines,
  resultLines,
  throttled,
} from "./report.ts";
import { openSession, type Session } from "./session.ts";
import { type CompleteSettings, namesOf } from "./settings.ts";
import { instant } from "./times.ts";
import { findExamples, findUnknownMeters, readFigures, scanStatement } from "./verify.ts";
import { creditsToday, resize, warehouseSize } from "./warehouse.ts";

export const surroundingsOf = (settings: CompleteSettings): Surroundings => {
  const names = namesOf(settings);
  return {
    role: settings.role,
    warehouse: settings.warehouse,
    stage: names.stage,
    table: names.readings,
    stageUrl: settings.stageUrl + settings.path,
    loadSize: settings.loadSize,
    statementTimeoutSeconds: settings.statementTimeoutSeconds,
  };
};

/** Opens a session as the load needs it. */
export function openLoadSession(connection: Connection, settings: CompleteSettings): Promise<Session> {
  const tag = tagOf(settings);
  return openSession(connection, {
    tag,
    setup: [
      `USE ROLE ${qualified(settings.role)}`,
      `USE WAREHOUSE ${namesOf(settings).warehouse}`,
      // Statements outlive this client, but not their own limit; instants in files become UTC.
      `ALTER SESSION SET ABORT_DETACHED_QUERY = FALSE STATEMENT_TIMEOUT_IN_SECONDS = ${settings.statementTimeoutSeconds} ` +
        `TIMEZONE = 'UTC' QUERY_TAG = ${literal(tag)}`,
    ],
  });
}

/**
 * Loads what is not loaded yet and verifies the table. Throws an UnverifiedError, with all outputs, when rows are in but
 * something does not hold; any other error means that this run added nothing that is not accounted for by the next.
 */
export async function load(
  settings: CompleteSettings,
  connection: Connection,
  log: Log,
  prior: Partial<LoadOutputs> = {},
): Promise<LoadOutputs> {
  let doing = "logging in";
  const step = (name: string) => {
    doing = name;
  };
  try {
    const session = await openLoadSession(connection, settings);
    try {
      return await locked(session, settings, log, prior, step);
    } finally {
      await session.close();
    }
  } catch (error) {
    throw explain(error, surroundingsOf(settings), doing);
  }
}

type Step = (name: string) => void;

/** Takes the lock; gives lock and warehouse back whatever happens. */
async function locked(
  session: Session,
  settings: CompleteSettings,
  log: Log,
  prior: Partial<LoadOutputs>,
  step: Step,
): Promise<LoadOutputs> {
  step("waiting for other loads of the table");
  const lock = await takeLock(session, settings, log, settings.statementTimeoutSeconds);
  const giveBack = async () => {
    try {
      if (await resize(session, settings, settings.restSize))
        log(`load: warehouse ${settings.warehouse} is ${settings.restSize} again`);
    } finally {
      await lock.release();
    }
  };
  const unguard = guard(log, giveBack);
  const loading = { session, settings, lock, log, listed: [], accounting: { records: [], discardedAt: 0 } };
  let outputs: LoadOutputs;
  try {
    outputs = await run(loading, prior, step);
  } catch (error) {
    unguard();
    // The first failure is the one to tell; another one on the way out must not hide it.
    await giveBack().catch((second) =>
      log(
        `load: could not set warehouse ${settings.warehouse} back to ${settings.restSize}: ${messageOf(second)}`,
      ),
    );
    throw error;
  }
  unguard();
  await giveBack();
  return outputs;
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

async function run(start: Loading, prior: Partial<LoadOutputs>, step: Step): Promise<LoadOutputs> {
  const { session, settings, log } = start;
  step(`listing the files of stage ${namesOf(settings).stage}`);
  const listed = await listFiles(session, settings);

  step("reading what was loaded before");
  const table = await tableNow(session, settings);
  const accounting = await accountingOf(start, table);
  const loading: Loading = { ...start, listed, accounting };
  await reconcile(loading);
  await settleAccounting(loading, table);

  const plan = await planNow(loading);
  if (listed.length === 0 && table.rows === 0) throw noFiles(settings);
  const todo = filesToLoad(plan, settings);
  const all = [...todo.certain, ...todo.uncertain];
  const expected = estimate(all, settings.loadSize);
  for (const line of planLines(plan, expected, settings.loadSize)) log(line);

  const started = Date.now();
  const creditsBefore = all.length > 0 ? await creditsToday(session, settings) : undefined;
  if (all.length > 0) {
    step(`setting warehouse ${settings.warehouse} to ${settings.loadSize}`);
    await resize(session, settings, settings.loadSize);
    step("copying files into the table");
    if (todo.certain.length > 0) await copyFiles(loading, todo.certain);
    if (todo.uncertain.length > 0) await copyFiles(loading, todo.uncertain, true);
  }

  step("verifying the table");
  const verdict = await verify(loading);
  if (all.length > 0) await resize(session, settings, settings.restSize);
  const cost =
    all.length === 0
      ? prior.cost
      : await costOf(loading, expected, (Date.now() - started) / 1000, creditsBefore);
  const after = await planNow(loading);
  const outputs: LoadOutputs = {
    ...totalsOf(accounting.records),
    ...verdict.figures,
    queryId: lastQueryId(accounting) ?? prior.queryId ?? "",
    checks: verdict.checks,
    verified: true,
    files: summary(accounting, listed, after, settings),
    pending: pendingOf(after, settings),
    listing: fingerprint(listed),
    warehouseSize: await warehouseSize(session, settings),
    cost: cost ?? {
      files: 0,
      bytes: 0,
      estimatedSeconds: 0,
      estimatedCredits: 0,
      seconds: 0,
      credits: 0,
      source: "computed",
    },
  };
  for (const line of resultLines(outputs)) log(line);
  const reasons = reasonsAgainst(loading, outputs);
  if (reasons.length > 0) throw new UnverifiedError({ ...outputs, verified: false }, reasons);
  return outputs;
}

/** The readings table as it stands. */
export interface TableNow {
  rows: number;
  /** When it was made, milliseconds. */
  createdAt: number;
}

/** Looks the table up by its metadata, which takes no warehouse; undefined when there is none. */
export async function findTable(session: Session, settings: CompleteSettings): Promise<TableNow | undefined> {
  const rows = await session.rows(
    `SHOW TABLES LIKE ${literal(settings.table)} IN SCHEMA ${namesOf(settings).schema}`,
  );
  const row = rows.find(({ name }) => name === settings.table);
  return row && { rows: Number(row.rows), createdAt: instant(row.created_on) };
}

async function tableNow(session: Session, settings: CompleteSettings): Promise<TableNow> {
  const table = await findTable(session, settings);
  if (table) return table;
  throw new LoadError(
    "object-missing",
    `Table ${namesOf(settings).plain} does not exist, or role ${settings.role} may not see it.`,
    "run `pulumi up` with the whole stack: it makes the table and its grants",
  );
}

/** Reads the accounting; an emptied table starts a new one. COPYs from before the table was made are none of its own. */
async function accountingOf({ session, settings, log }: Loading, table: TableNow): Promise<Accounting> {
  let accounting = await readAccounting(session, settings);
  const now = standing(accounting.records, table.createdAt, table.rows);
  if (now !== "unclear" && now.discard === "all") {
    log(`load: ${namesOf(settings).plain} was emptied since the last load: loading it anew`);
    await discardAccounting(session, settings);
    accounting = await readAccounting(session, settings);
  }
  return { ...accounting, discardedAt: Math.max(accounting.discardedAt, table.createdAt) };
}

/** With all COPYs known, the rows tell which records hold. */
async function settleAccounting(
  { session, settings, accounting, log }: Loading,
  table: TableNow,
): Promise<void> {
  const rows = await countRows(session, settings);
  const now = standing(accounting.records, table.createdAt, rows);
  if (now === "unclear") {
    const made = new Date(table.createdAt).toISOString();
    throw new LoadError(
      "table-replaced",
      `${namesOf(settings).plain} was replaced at ${made} by a table with ${rows} rows, which fit neither what was loaded since then nor before.`,
      "restore the table as it was, or TRUNCATE it and run `pulumi up`, which loads everything anew",
    );
  }
  if (now.discard === "older") {
    log(
      `load: ${namesOf(settings).plain} was made anew: what was loaded into its predecessor counts no more`,
    );
    await discardAccounting(session, settings, table.createdAt);
  }
  accounting.records.splice(0, accounting.records.length, ...now.records);
}

/** Rows in the table; Snowflake knows them without reading. */
async function countRows(session: Session, settings: CompleteSettings): Promise<number> {
  const [row] = await session.rows(`SELECT COUNT(*) AS N FROM ${namesOf(settings).readings}`);
  return Number(row?.N);
}

async function planNow({ session, settings, listed, accounting }: Loading): Promise<Plan> {
  const totalRows = await countRows(session, settings);
  return makePlan({ listed, records: accounting.records, totalRows, now: await serverTime(session) });
}

/** Snowflake's clock, which is the one that its load metadata ages by. */
export async function serverTime(session: Session): Promise<Date> {
  const [row] = await session.rows("SELECT SYSDATE() AS NOW");
  return new Date(instant(row?.NOW));
}

function noFiles(settings: CompleteSettings): LoadError {
  return new LoadError(
    "no-files",
    `No file below ${settings.stageUrl}${settings.path} matches ${settings.pattern}.`,
    "check the stage's URL, `path` and `pattern`, and whether the files have been uploaded",
  );
}

async function verify(loading: Loading) {
  const { session, settings, log, accounting } = loading;
  const { sql, binds } = scanStatement(settings);
  const scan = await session.start(sql, binds);
  const say = throttled(log);
  const status = await waitForQuery(session, settings, scan, "the verification", (elapsed) => {
    if (elapsed > 5) say(`verify: reading the table, ${duration(elapsed)} so far`);
  });
  // The result of a failed statement is its error.
  if (status !== "SUCCESS") await session.result(scan);
  const figures = await readFigures(session, scan);
  const uncounted = accounting.records.some(({ status }) => status === "LOADED_BEFORE");
  const { continuity, duplicates, referentialIntegrity } = settings.quality;
  const wanted =
    (continuity.severity !== "off" && figures.missing > 0) ||
    (duplicates.severity !== "off" && figures.duplicates > 0);
  const checks = judge(settings, {
    figures,
    examples: wanted ? await findExamples(session, settings, figures) : { missing: [], duplicates: [] },
    unknownMeters:
      referentialIntegrity.severity === "off"
        ? { skipped: "switched off" }
        : await findUnknownMeters(session, settings, scan),
    accountedRows: uncounted ? undefined : totalsOf(accounting.records).rowsLoaded,
  });
  const { totalRows, minTimestamp, maxTimestamp, uniqueMeters } = figures;
  return { figures: { totalRows, minTimestamp, maxTimestamp, uniqueMeters }, checks };
}

async function costOf(
  { session, settings }: Loading,
  expected: ReturnType<typeof estimate>,
  seconds: number,
  before: number | undefined,
): Promise<LoadCost> {
  const after = before === undefined ? undefined : await creditsToday(session, settings);
  const metered =
    after === undefined || before === undefined ? 0 : Math.round((after - before) * 1000) / 1000;
  return {
    files: expected.files,
    bytes: expected.bytes,
    estimatedSeconds: expected.seconds,
    estimatedCredits: expected.credits,
    seconds: Math.round(seconds * 10) / 10,
    ...(metered > 0
      ? { credits: metered, source: "metering" as const }
      : { credits: creditsOf(seconds, settings.loadSize), source: "computed" as const }),
  };
}

const lastQueryId = ({ records }: Accounting) =>
  records.findLast((record) => record.rowsLoaded > 0 && record.queryId !== "")?.queryId;

/** Names in an output's list; the counts beside it are whole. */
const MOST_NAMES = 20;

function summary(
  accounting: Accounting,
  listed: readonly StagedFile[],
  after: Plan,
  settings: CompleteSettings,
): FilesSummary {
  const latest = latestByFile(accounting.records);
  const names = (files: readonly { file: string }[]) => files.slice(0, MOST_NAMES).map(({ file }) => file);
  const failed = after.fresh.filter(({ file }) => latest.get(file)?.status === "LOAD_FAILED");
  const notLoaded = [
    ...after.fresh.map(
      ({ file }) => `${file}: ${latest.get(file)?.firstError ?? "COPY did not report on it"}`,
    ),
    ...after.replaced.map(
      ({ file }) => `${file}: changed after it was loaded (replacedFiles: ${settings.replacedFiles})`,
    ),
    ...after.uncertain.map(
      ({ file }) => `${file}: too old to know (uncertainFiles: ${settings.uncertainFiles})`,
    ),
  ];
  return {
    listed: listed.length,
    bytes: bytesOf(listed),
    loaded: after.loaded.length,
    partiallyLoaded: names([...latest.values()].filter(({ status }) => status === "PARTIALLY_LOADED")),
    failed: names(failed),
    notLoaded: notLoaded.slice(0, MOST_NAMES),
  };
}

/** Why `up` must fail although rows are in; empty when all is well. Files that left the bucket are no reason any more. */
function reasonsAgainst(loading: Loading, outputs: LoadOutputs): string[] {
  const { settings, accounting, listed } = loading;
  const reasons: string[] = [];
  const there = new Set(listed.map(({ file }) => file));
  const latest = [...latestByFile(accounting.records).values()].filter(({ file }) => there.has(file));
  const failed = latest.filter((record) => !isLoaded(record));
  const rejected = latest.reduce((sum, { rowsRejected }) => sum + rowsRejected, 0);
  const list = (lines: string[]) => lines.map((line) => `\n  ${line}`).join("");
  if (rejected > settings.maxRejectedRows)
    reasons.push(
      `${plural(rejected, "row")} rejected, maxRejectedRows is ${settings.maxRejectedRows}; what was loaded stays:` +
        list([
          ...rejectedLines(latest),
          "cure: put the rejected rows into a new file and remove the old one, or raise maxRejectedRows",
        ]),
    );
  else if (failed.length > 0)
    reasons.push(
      `${plural(failed.length, "file")} could not be loaded; what was loaded stays:` +
        list([...rejectedLines(failed), "cure: replace or remove them, or leave them out by `pattern`"]),
    );
  if (outputs.pending.files > failed.length)
    reasons.push(
      `${plural(outputs.pending.files - failed.length, "file")} of the bucket are not in the table, and COPY gave no reason:` +
        list([
          ...outputs.files.notLoaded,
          "cure: run `pulumi up` again; if they stay, look at the table's COPY_HISTORY",
        ]),
    );
  for (const [name, check] of Object.entries(outputs.checks))
    if (check.status === "failed") reasons.push(checkLine(name, check));
  return reasons;
}
