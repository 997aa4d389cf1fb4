/** Starts COPYs, watches them, and writes down what they did. */
import { literal } from "../sql.ts";
import {
  type Accounting,
  type FileRecord,
  OTHER,
  recordsOfCopy,
  recordsOfHistory,
  unaccounted,
  writeAccounting,
} from "./account.ts";
import { isTransient, LoadError } from "./errors.ts";
import { batchName, findCopies, type KnownCopy, loadHistory, tagOf } from "./history.ts";
import { bytesOf, type StagedFile } from "./listing.ts";
import type { Lock } from "./lock.ts";
import { estimateCopy } from "./plan.ts";
import { type CopyProgress, duration, type Log, plural, progressLine, throttled } from "./report.ts";
import { sleep } from "./retry.ts";
import type { Session } from "./session.ts";
import { type CompleteSettings, namesOf } from "./settings.ts";
import { instant } from "./times.ts";

/**
 * The COPY statement for these files. The files are named one by one: the quickest way for Snowflake, and it loads
 * exactly what was planned. Logical types make timestamps of all parquet writers come out right (the session's time zone
 * is UTC for those that are stored as instants).
 */
export function copyStatement(
  settings: CompleteSettings,
  files: readonly StagedFile[],
  uncertain = false,
): string {
  const names = files.map(({ file }) => literal(file.slice(settings.path.length)));
  return [
    `COPY INTO ${namesOf(settings).readings}`,
    `FROM ${namesOf(settings).files}`,
    `FILES = (${names.join(", ")})`,
    "FILE_FORMAT = (TYPE = PARQUET USE_LOGICAL_TYPE = TRUE)",
    "MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE",
    `ON_ERROR = ${literal(settings.onError)}`,
    ...(uncertain ? ["LOAD_UNCERTAIN_FILES = TRUE"] : []),
  ].join("\n");
}

/** Files in batches that one COPY may name. */
export function batches<T>(files: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(files.length / size) }, (_, index) =>
    files.slice(index * size, (index + 1) * size),
  );
}

export interface Loading {
  session: Session;
  settings: CompleteSettings;
  lock: Lock;
  log: Log;
  listed: readonly StagedFile[];
  accounting: Accounting;
}

/**
 * Brings the accounting up to date with what happened while nobody looked: waits for COPYs of this load that still run,
 * writes down those that finished unseen, and takes in loads that other people did.
 */
export async function reconcile(loading: Loading): Promise<void> {
  const { session, settings, log, accounting } = loading;
  const known = new Set(accounting.records.map(({ queryId }) => queryId));
  for (const copy of await findCopies(session, settings)) {
    if (known.has(copy.queryId) || copy.state === "failed") continue;
    if (copy.endedAt !== undefined && copy.endedAt <= accounting.discardedAt) continue;
    if (copy.state === "running")
      log(`load: a COPY of an earlier run is still under way (query ${copy.queryId}): waiting for it`);
    const ended = await waitForCopy(loading, copy, NOTHING_KNOWN);
    if (ended.state === "failed") {
      log(`load: that COPY failed and loaded nothing: ${ended.error}`);
      continue;
    }
    const records = await account(loading, ended, loading.listed);
    if (records.length > 0)
      log(`load: wrote down what that COPY (query ${copy.queryId}) did: ${plural(records.length, "file")}`);
  }
  const foreign = unaccounted(await loadHistory(session, settings), accounting, settings);
  if (foreign.length === 0) return;
  log(`load: ${plural(foreign.length, "file")} loaded by somebody else: taking them into the accounting`);
  await record(
    loading,
    recordsOfHistory(foreign, loading.listed, settings, { loadedBy: OTHER, queryId: "" }),
  );
}

/** Loads the files, batch by batch; returns the records of all of them. */
export async function copyFiles(
  loading: Loading,
  files: readonly StagedFile[],
  uncertain = false,
): Promise<FileRecord[]> {
  const { session, settings, lock } = loading;
  const progress = {
    ...NOTHING_KNOWN,
    files: files.length,
    bytes: bytesOf(files),
    expectedSeconds: estimateCopy(files, settings.loadSize),
  };
  const started = Date.now();
  const written: FileRecord[] = [];
  for (const batch of batches(files, settings.filesPerCopy)) {
    const queryId = await lock.starting(() => start(session, settings, batch, uncertain, loading.accounting));
    loading.log(`load: COPY of ${plural(batch.length, "file")} started (query ${queryId})`);
    const copy = {
      queryId,
      state: "running",
      tag: "",
      startedAt: Date.now(),
      error: "",
      bytesScanned: 0,
      rowsLoaded: 0,
    } as const;
    const elapsedSeconds = (Date.now() - started) / 1000;
    const ended = await waitForCopy(loading, copy, { ...progress, elapsedSeconds });
    if (ended.state === "failed")
      throw new Error(ended.error || `COPY ${queryId} failed; Snowflake gives no reason`);
    const records = await account(loading, ended, batch, true);
    written.push(...records);
    progress.filesDone += batch.length;
    progress.bytesDone += bytesOf(batch);
    progress.rows += records.reduce((sum, { rowsLoaded }) => sum + rowsLoaded, 0);
  }
  return written;
}

/** How long to look in the query history for a COPY of which nobody knows whether Snowflake got it. */
const DOUBT_SECONDS = 20;

/**
 * Starts the COPY once. When the network fails at that moment, nobody knows whether Snowflake got it: the query history
 * does, so look there before starting it again.
 */
async function start(
  session: Session,
  settings: CompleteSettings,
  files: readonly StagedFile[],
  uncertain: boolean,
  accounting: Accounting,
): Promise<string> {
  const tag = tagOf(settings, batchName(files));
  for (let attempt = 1; ; attempt++) {
    try {
      return await session.start(copyStatement(settings, files, uncertain), [], tag);
    } catch (error) {
      if (!isTransient(error) || attempt === 3) throw error;
      const known = new Set(accounting.records.map(({ queryId }) => queryId));
      const until = Date.now() + DOUBT_SECONDS * 1000;
      do {
        const copies = await findCopies(session, settings);
        const found = copies.find(
          (copy) => copy.tag === tag && copy.state !== "failed" && !known.has(copy.queryId),
        );
        if (found) return found.queryId;
        await sleep(2000);
      } while (Date.now() < until);
    }
  }
}

const RUNNING = [
  "RUNNING",
  "QUEUED",
  "RESUMING_WAREHOUSE",
  "QUEUED_REPARING_WAREHOUSE",
  "BLOCKED",
  "RESTARTED",
];
/** Right after the start the service may know nothing of a query yet. */
const UNKNOWN = ["NO_DATA", "NO_QUERY_DATA"];
const UNKNOWN_SECONDS = 20;

/** Waits for a statement to end, a little beyond its own limit at most, and returns its status; `tick` is called between looks. */
export async function waitForQuery(
  session: Session,
  settings: CompleteSettings,
  queryId: string,
  what: string,
  tick: (elapsedSeconds: number) => void | Promise<void>,
): Promise<string> {
  const started = Date.now();
  for (let pause = 100; ; pause = Math.min(pause * 1.5, 2000)) {
    const status = await session.status(queryId);
    const elapsed = (Date.now() - started) / 1000;
    const unknown = UNKNOWN.includes(status);
    if (!unknown && !RUNNING.includes(status)) return status;
    if (unknown && elapsed > UNKNOWN_SECONDS)
      throw new LoadError(
        "query-lost",
        `Snowflake knows nothing of ${what} (query ${queryId}).`,
        "run `pulumi up` again: it looks in the query history for what was started",
      );
    if (elapsed > settings.statementTimeoutSeconds + 600)
      throw new LoadError(
        "timeout",
        `${what} (query ${queryId}) has not ended after ${duration(elapsed)}.`,
        `look at it in Snowflake; end it there with SELECT SYSTEM$CANCEL_QUERY('${queryId}') and run \`pulumi up\` again`,
      );
    await tick(elapsed);
    await sleep(pause);
  }
}

/** Of a COPY that somebody else started. */
const NOTHING_KNOWN: CopyProgress = {
  files: 0,
  filesDone: 0,
  bytes: 0,
  bytesDone: 0,
  rows: 0,
  elapsedSeconds: 0,
  expectedSeconds: 0,
};

/** Waits for the COPY and returns it as the query history knows it when it has ended. */
async function waitForCopy(
  { session, settings, log }: Loading,
  copy: KnownCopy,
  before: CopyProgress,
): Promise<KnownCopy> {
  const say = throttled(log);
  let looked = 0;
  const find = async () =>
    (await findCopies(session, settings)).find(({ queryId }) => queryId === copy.queryId);
  if (copy.state !== "running") return copy;
  const status = await waitForQuery(session, settings, copy.queryId, "the COPY", async (elapsedSeconds) => {
    if (elapsedSeconds < looked + 10) return;
    looked = elapsedSeconds;
    const seen = await find();
    say(
      progressLine({
        ...before,
        bytesDone: before.bytesDone + (seen?.bytesScanned ?? 0),
        rows: before.rows + (seen?.rowsLoaded ?? 0),
        elapsedSeconds: before.elapsedSeconds + elapsedSeconds,
      }),
    );
  });
  if (status !== "SUCCESS")
    return { ...copy, state: "failed", error: await errorOf(session, copy.queryId, status) };
  for (let attempt = 0; attempt < 30; attempt++) {
    const seen = await find();
    if (seen && seen.state !== "running") return seen;
    // The history lags a moment behind the statement's own status.
    await sleep(Math.min(100 * 2 ** attempt, 2000));
  }
  throw new LoadError(
    "history-late",
    `The COPY (query ${copy.queryId}) has ended, but Snowflake's query history does not show it yet.`,
    `run \`pulumi up\` again: it goes on from there; role ${settings.role} needs MONITOR on warehouse ${settings.warehouse} to see it`,
  );
}

/** Why a statement failed: its result is its error. */
async function errorOf(session: Session, queryId: string, status: string): Promise<string> {
  try {
    await session.result(queryId);
    return `it ended as ${status}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * Writes down what a finished COPY did, from its own result or, where that is gone, from the load history.
 * @param exact the COPY was given just these files
 */
async function account(
  loading: Loading,
  copy: KnownCopy,
  asked: readonly StagedFile[],
  exact = false,
): Promise<FileRecord[]> {
  const { session, settings } = loading;
  const { queryId, startedAt, endedAt = Date.now() } = copy;
  let records: FileRecord[];
  try {
    const result = await session.result(queryId);
    records = recordsOfCopy(result, asked, settings, { queryId, startedAt, endedAt, exact });
  } catch (error) {
    if (isTransient(error)) throw error;
    // Results last a day, and only for the user who ran the statement. The load history lasts 14 days, for all.
    const history = unaccounted(await loadHistory(session, settings), loading.accounting, settings);
    const during = history.filter((row) => {
      const at = instant(row.LAST_LOAD_TIME);
      return at >= startedAt - 1000 && at <= endedAt + 60_000;
    });
    records = recordsOfHistory(during, asked, settings, { loadedBy: settings.owner, queryId });
  }
  await record(loading, records);
  return records;
}

async function record(loading: Loading, records: readonly FileRecord[]): Promise<void> {
  const { session, settings, accounting } = loading;
  accounting.records.push(...(await writeAccounting(session, settings, records, accounting.records)));
}
