/** Brings the accounting up to date with what happened while nobody looked. */

import { account, type Loading, record } from "./copy.ts";
import { plural } from "./format.ts";
import { findCopies, loadHistory } from "./history.ts";
import { type FileRecord, OTHER, recordsOfHistory, unaccounted } from "./records.ts";
import { NOTHING_KNOWN, waitForCopy, waitForOthers } from "./wait.ts";

/** What COPYs of earlier runs did that nobody had written down. */
export interface Unseen {
  records: FileRecord[];
  /** How long they took. */
  seconds: number;
}

/**
 * Waits for COPYs of the table that still run, writes down those of this load that finished unseen, and takes in loads
 * that other people did. Returns the former.
 */
export async function reconcile(loading: Loading): Promise<Unseen> {
  const { session, settings, log, accounting } = loading;
  const known = new Set(accounting.records.map(({ queryId }) => queryId));
  const copies = await findCopies(session, settings);
  // The client may have died while it wrote down the last one: look at that again.
  const last = copies.findLast(({ queryId }) => known.has(queryId));
  const unseen: Unseen = { records: [], seconds: 0 };
  for (const copy of copies) {
    if ((known.has(copy.queryId) && copy !== last) || copy.state === "failed") continue;
    if (copy.endedAt !== undefined && copy.endedAt <= accounting.discardedAt) continue;
    if (copy.state === "running")
      log(`load: a COPY of an earlier run is still under way (query ${copy.queryId}): waiting for it`);
    const ended = await waitForCopy(loading, copy, NOTHING_KNOWN);
    if (ended.state === "failed") {
      log(`load: that COPY failed and loaded nothing: ${ended.error}`);
      continue;
    }
    const written = await account(loading, ended, loading.listed, { known: known.has(copy.queryId) });
    if (written.length === 0) continue;
    unseen.records.push(...written);
    unseen.seconds += Math.max(0, (ended.endedAt ?? ended.startedAt) - ended.startedAt) / 1000;
    log(`load: wrote down what that COPY (query ${copy.queryId}) did: ${plural(written.length, "file")}`);
  }
  await waitForOthers(loading);
  await takeInOthers(loading);
  return unseen;
}

/** Writes down loads that Snowflake remembers and nobody here did. */
export async function takeInOthers(loading: Loading): Promise<void> {
  const { session, settings, log, accounting } = loading;
  const foreign = unaccounted(await loadHistory(session, settings), accounting, settings);
  if (foreign.length === 0) return;
  log(`load: ${plural(foreign.length, "file")} loaded by somebody else: taking them into the accounting`);
  await record(
    loading,
    recordsOfHistory(foreign, loading.listed, settings, { loadedBy: OTHER, queryId: "" }),
  );
}
