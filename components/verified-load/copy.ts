/** Starts COPYs, and writes down what they did. */
import { literal } from "../sql.ts";
import { writeAccounting } from "./account.ts";
import { isTransient, messageOf } from "./errors.ts";
import { type Log, plural } from "./format.ts";
import { batchName, findCopies, type KnownCopy, loadHistory, tagOf } from "./history.ts";
import { bytesOf, type StagedFile } from "./listing.ts";
import { serverTime } from "./load-session.ts";
import type { Lock } from "./lock.ts";
import { estimateCopy } from "./plan.ts";
import {
  type Accounting,
  endings,
  type FileRecord,
  recordsOfCopy,
  recordsOfHistory,
  unaccounted,
} from "./records.ts";
import { sleep } from "./retry.ts";
import type { Session } from "./session.ts";
import { type CompleteSettings, namesOf } from "./settings.ts";
import { instant, instantOf } from "./times.ts";
import { NOTHING_KNOWN, waitForCopy, waitForOthers } from "./wait.ts";

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

/** Loads the files, batch by batch; returns the records of all of them. */
export async function copyFiles(
  loading: Loading,
  files: readonly StagedFile[],
  uncertain = false,
): Promise<FileRecord[]> {
  const { settings } = loading;
  const progress = {
    ...NOTHING_KNOWN,
    files: files.length,
    bytes: bytesOf(files),
    expectedSeconds: estimateCopy(files, settings.loadSize),
  };
  const started = Date.now();
  const written: FileRecord[] = [];
  for (const batch of batches(files, settings.filesPerCopy)) {
    await waitForOthers(loading);
    const queryId = await start(loading, batch, uncertain);
    loading.log(`load: COPY of ${plural(batch.length, "file")} started (query ${queryId})`);
    const copy = {
      queryId,
      state: "running",
      tag: "",
      owner: settings.owner,
      startedAt: Date.now(),
      error: "",
      bytesScanned: 0,
      rowsLoaded: 0,
    } as const;
    const elapsedSeconds = (Date.now() - started) / 1000;
    const ended = await waitForCopy(loading, copy, { ...progress, elapsedSeconds });
    if (ended.state === "failed")
      throw new Error(ended.error || `COPY ${queryId} failed; Snowflake gives no reason`);
    const records = await account(loading, ended, batch, { exact: true });
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
 * does, so look there before starting it again. The same files may have been copied before, into a table that was emptied
 * since, so only a COPY that began after this counts.
 */
async function start(
  { session, settings, lock, log }: Loading,
  files: readonly StagedFile[],
  uncertain: boolean,
): Promise<string> {
  const tag = tagOf(settings, batchName(files));
  const since = (await serverTime(session)).getTime();
  for (let attempt = 1; ; attempt++) {
    try {
      return await lock.starting(() => session.start(copyStatement(settings, files, uncertain), [], tag));
    } catch (error) {
      if (!isTransient(error) || attempt === 3) throw error;
      const [said] = messageOf(error).split("\n");
      log(`load: nobody knows whether Snowflake has the COPY (${said}): looking in its query history`);
      let until: number | undefined;
      do {
        const copies = await findCopies(session, settings);
        // Counted from the first answer: getting it may have taken long itself.
        until ??= Date.now() + DOUBT_SECONDS * 1000;
        const found = copies.findLast((copy) => copy.tag === tag && copy.startedAt >= since);
        if (found) return found.queryId;
        await sleep(2000);
      } while (Date.now() < until);
    }
  }
}

/**
 * Writes down what a finished COPY did, from its own result or, where that is gone, from the load history.
 * Returns what was not written down yet.
 * @param how exact: the COPY was given just these files; known: some of it is written down already
 */
export async function account(
  loading: Loading,
  copy: KnownCopy,
  asked: readonly StagedFile[],
  how: { exact?: boolean; known?: boolean } = {},
): Promise<FileRecord[]> {
  const { session, settings, accounting } = loading;
  const { queryId, startedAt, endedAt = Date.now(), owner: loadedBy } = copy;
  const { discarded } = accounting;
  const during = (at: number) => at >= startedAt - 1000 && at <= endedAt + 1000;
  let records: FileRecord[];
  try {
    const result = await session.result(queryId);
    records = recordsOfCopy(result, asked, settings, {
      ...{ queryId, startedAt, endedAt },
      ...{ exact: how.exact ?? false, loadedBy, discarded },
    });
  } catch (error) {
    if (isTransient(error)) throw error;
    // Results last a day, and only for the user who ran the statement. The load history lasts 14 days, for all.
    const history = unaccounted(await loadHistory(session, settings), accounting, settings);
    const own = history.filter((row) => during(instant(row.LAST_LOAD_TIME)));
    records = recordsOfHistory(own, asked, settings, { loadedBy, queryId });
  }
  // Of a COPY that nobody could see at the time, the files may be on record as loaded by somebody else.
  // And a stage that has moved since gives them other names.
  const there = accounting.records.filter(
    (one) =>
      (one.queryId === "" && during(instantOf(one.loadedAt))) || (how.known && one.queryId === queryId),
  );
  const names = new Set(there.map(({ file }) => file));
  const theirEndings = new Set(there.flatMap(({ file }) => endings(file)));
  const isThere = (file: string) =>
    theirEndings.has(file) || endings(file).some((ending) => names.has(ending));
  return record(
    loading,
    records.filter(({ file }) => how.exact || !isThere(file)),
  );
}

/** Writes these records down, as far as they are not there yet; returns those that were not. */
export async function record(loading: Loading, records: readonly FileRecord[]): Promise<FileRecord[]> {
  const { session, settings, accounting } = loading;
  const written = await writeAccounting(session, settings, records, accounting.records);
  accounting.records.push(...written);
  return written;
}
