/**
 * One load, from the lock to the verdict. Every step may be the last one that happens: whatever was done before it is
 * found again by the next run (COPYs by their query tag, files by the accounting), so running it again is always right.
 */

import type { LoadCost, LoadOutputs } from "./args.ts";
import { judge } from "./checks.ts";
import type { Connection } from "./connection.ts";
import { copyFiles, type Loading } from "./copy.ts";
import { type Deadline, type Operation, startDeadline } from "./deadline.ts";
import { explain, LoadError, messageOf, UnverifiedError } from "./errors.ts";
import { findExamples, findUnknownMeters } from "./examples.ts";
import { duration, type Log, throttled } from "./format.ts";
import { guard } from "./guard.ts";
import { bytesOf, fingerprint, listFiles } from "./listing.ts";
import { openLoadSession, surroundingsOf } from "./load-session.ts";
import { takeLock } from "./lock.ts";
import { lastQueryId, reasonsAgainst, summary } from "./outcome.ts";
import { creditsOf, type Estimate, estimate, filesToLoad, makePlan, pendingOf } from "./plan.ts";
import { reconcile, takeInOthers } from "./reconcile.ts";
import { accountedRows, type FileRecord, ROWS_DELETED, totalsOf } from "./records.ts";
import { planLines, resultLines } from "./report.ts";
import type { Session } from "./session.ts";
import { type CompleteSettings, namesOf } from "./settings.ts";
import { accountingOf, countRows, type RowsNow, settleAccounting, tableNow } from "./table.ts";
import { readFigures, scanStatement } from "./verify.ts";
import { waitForQuery } from "./wait.ts";
import { type BorrowedWarehouse, borrowWarehouse, creditsSince, warehouseSize } from "./warehouse.ts";

/**
 * Loads what is not loaded yet and verifies the table. Throws an UnverifiedError, with all outputs, when rows are in but
 * something does not hold; any other error means that this run added nothing that is not accounted for by the next.
 * @param operation whose limit of customTimeouts holds
 */
export async function load(
  settings: CompleteSettings,
  connection: Connection,
  log: Log,
  operation: Operation = "create",
  prior: Partial<LoadOutputs> = {},
): Promise<LoadOutputs> {
  let doing = "logging in";
  const step = (name: string) => {
    doing = name;
  };
  const deadline = startDeadline(settings, operation, () => doing);
  try {
    const session = await openLoadSession(connection, settings, log);
    try {
      return await locked(session, deadline, { settings, log, prior, step });
    } finally {
      await session.close();
    }
  } catch (error) {
    throw explain(error, surroundingsOf(settings), doing);
  }
}

/** What one run goes by. */
interface Run {
  settings: CompleteSettings;
  log: Log;
  /** Outputs of the run before. */
  prior: Partial<LoadOutputs>;
  /** Says what comes now, for errors. */
  step: (name: string) => void;
}

/** Takes the lock; gives lock and warehouse back whatever happens. */
async function locked(session: Session, deadline: Deadline, run: Run): Promise<LoadOutputs> {
  const { settings, log, step } = run;
  step("waiting for other loads of the table");
  const patience = Math.min(settings.statementTimeoutSeconds, deadline.remaining());
  const lock = await takeLock(session, settings, log, patience);
  const warehouse = borrowWarehouse(session, settings);
  const cleanUp = async () => {
    try {
      await lock.close();
      if (await warehouse.giveBack())
        log(`load: warehouse ${settings.warehouse} is ${settings.restSize} again`);
    } finally {
      await lock.release();
    }
  };
  // Once, whoever asks for it first: the end of the run, or a signal.
  let cleaned: Promise<void> | undefined;
  const giveBack = () => {
    cleaned ??= cleanUp();
    return cleaned;
  };
  const unguard = guard(log, giveBack);
  const loading = {
    session: deadline.limit(session),
    ...{ settings, lock, log },
    listed: [],
    accounting: { records: [], discarded: [], discardedAt: 0 },
  };
  try {
    const outputs = await deadline.within(() => loadAndVerify(loading, warehouse, run));
    await giveBack();
    return outputs;
  } catch (error) {
    // The first failure is the one to tell; another one on the way out must not hide it.
    await giveBack().catch((second) => {
      if (second !== error)
        log(
          `load: could not give back warehouse ${settings.warehouse} (as ${settings.restSize}) and the lock: ${messageOf(second)}`,
        );
    });
    throw error;
  } finally {
    unguard();
  }
}

async function loadAndVerify(
  start: Loading,
  warehouse: BorrowedWarehouse,
  { prior, step }: Run,
): Promise<LoadOutputs> {
  const { session, settings, log } = start;
  step(`listing the files of stage ${namesOf(settings).stage}`);
  const listed = await listFiles(session, settings);

  step("reading what was loaded before");
  const table = await tableNow(session, settings);
  const accounting = await accountingOf(start, table);
  const loading: Loading = { ...start, listed, accounting };
  const unseen = await reconcile(loading);
  const seen = await settleAccounting(loading, table);

  const planOf = (rows: RowsNow) => makePlan({ listed, records: accounting.records, ...rows });
  const plan = planOf(seen);
  if (listed.length === 0 && table.rows === 0) throw noFiles(settings);
  const todo = filesToLoad(plan, settings);
  const all = [...todo.certain, ...todo.uncertain];
  const expect = (files: readonly { size: number }[]) => estimate(files, bytesOf(listed), settings.loadSize);
  for (const line of planLines(plan, expect(all), settings.loadSize)) log(line);

  // Whatever is new in the table, by this run or by one that was interrupted, is verified on the large warehouse.
  const loaded = [...unseen.records, ...all];
  const started = Date.now();
  const { now: since } = seen;
  const creditsBefore = loaded.length > 0 ? ((await creditsSince(session, settings, since)) ?? 0) : 0;
  if (loaded.length > 0) {
    step(`setting warehouse ${settings.warehouse} to ${settings.loadSize}`);
    await warehouse.enlarge();
  }
  if (all.length > 0) {
    step("copying files into the table");
    const written = [
      ...(await copyFiles(loading, todo.certain)),
      ...(await copyFiles(loading, todo.uncertain, true)),
    ];
    // Whoever loaded them: Snowflake may know by now.
    const skipped = ({ status, firstError }: FileRecord) =>
      status === "LOADED_BEFORE" || firstError === ROWS_DELETED;
    if (written.some(skipped)) await takeInOthers(loading);
  }

  step("verifying the table");
  const verdict = await verify(loading);
  if (loaded.length > 0) await warehouse.giveBack();
  const seconds = (Date.now() - started) / 1000;
  const cost =
    loaded.length === 0
      ? prior.cost
      : await costOf(loading, expect(loaded), { since, creditsBefore, seconds, unseen: unseen.seconds });
  const after = planOf(await countRows(session, settings));
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
  for (const line of resultLines(outputs, loaded.length > 0)) log(line);
  const reasons = reasonsAgainst(loading, outputs);
  if (reasons.length > 0) throw new UnverifiedError({ ...outputs, verified: false }, reasons);
  return outputs;
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
  const checks = judge(settings, {
    figures,
    examples: await findExamples(session, settings, figures, scan),
    unknownMeters:
      settings.quality.referentialIntegrity.severity === "off"
        ? { skipped: "switched off" }
        : await findUnknownMeters(session, settings, scan),
    accountedRows: accountedRows(accounting.records),
  });
  const { totalRows, minTimestamp, maxTimestamp, uniqueMeters } = figures;
  return { figures: { totalRows, minTimestamp, maxTimestamp, uniqueMeters }, checks };
}

/**
 * What the load used. The metering is a figure of whole hours and comes late: it counts where it has seen at least what
 * the seconds alone must have cost. Of COPYs that an interrupted run started, only how long they took is known.
 */
async function costOf(
  { session, settings }: Loading,
  expected: Estimate,
  used: { since: Date; creditsBefore: number; seconds: number; unseen: number },
): Promise<LoadCost> {
  const { since, creditsBefore } = used;
  const seconds = used.seconds + used.unseen;
  const after = await creditsSince(session, settings, since);
  const metered = Math.round(((after ?? 0) - creditsBefore) * 1000) / 1000;
  return {
    files: expected.files,
    bytes: expected.bytes,
    estimatedSeconds: expected.seconds,
    estimatedCredits: expected.credits,
    seconds: Math.round(seconds * 10) / 10,
    ...(used.unseen === 0 && metered > 0 && metered >= creditsOf(seconds, settings.loadSize, 0)
      ? { credits: metered, source: "metering" as const }
      : { credits: creditsOf(seconds, settings.loadSize), source: "computed" as const }),
  };
}
