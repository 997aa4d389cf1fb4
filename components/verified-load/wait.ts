/** Waits for statements that run in Snowflake, whoever started them; every wait has a limit. */
import { LoadError, messageOf } from "./errors.ts";
import { duration, type Log, throttled } from "./format.ts";
import { findCopies, findForeignCopies, type KnownCopy } from "./history.ts";
import { type CopyProgress, progressLine } from "./report.ts";
import { sleep } from "./retry.ts";
import type { Session } from "./session.ts";
import type { CompleteSettings } from "./settings.ts";

/** What it takes to watch. */
export interface Watch {
  session: Session;
  settings: CompleteSettings;
  log: Log;
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
export const NOTHING_KNOWN: CopyProgress = {
  files: 0,
  filesDone: 0,
  bytes: 0,
  bytesDone: 0,
  rows: 0,
  elapsedSeconds: 0,
  expectedSeconds: 0,
};

/** Waits for the COPY and returns it as the query history knows it when it has ended. */
export async function waitForCopy(
  { session, settings, log }: Watch,
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
    return messageOf(error);
  }
}

/** Waits until no COPY of this load is under way, whichever run started it. */
export async function waitForOwn(watch: Watch): Promise<void> {
  for (const copy of await findCopies(watch.session, watch.settings)) {
    if (copy.state !== "running") continue;
    watch.log(`load: a COPY is still under way (query ${copy.queryId}): waiting for it`);
    await waitForCopy(watch, copy, NOTHING_KNOWN);
  }
}

/**
 * Waits until nobody else copies into the table any more. What two COPYs of the same file do at the same moment is
 * documented nowhere, so a load by hand has to end first.
 */
export async function waitForOthers({ session, settings, log }: Watch): Promise<void> {
  const started = Date.now();
  const say = throttled(log);
  for (;;) {
    const running = await findForeignCopies(session, settings);
    if (running.length === 0) return;
    const elapsed = (Date.now() - started) / 1000;
    say(
      `load: somebody else copies into the table (query ${running.join(", ")}): waiting for it, ${duration(elapsed)} so far`,
    );
    if (elapsed > settings.statementTimeoutSeconds)
      throw new LoadError(
        "others-at-work",
        `Somebody else's COPY into the table (query ${running.join(", ")}) has not ended after ${duration(elapsed)}.`,
        `end it with SELECT SYSTEM$CANCEL_QUERY('${running[0]}'), or run \`pulumi up\` again when it is over`,
      );
    await sleep(2000);
  }
}
