/**
 * One load of a table at a time.
 *
 * Snowflake's load metadata keeps a file from being loaded again once its COPY has committed; what two COPYs of the same
 * file do that run at the same moment is documented nowhere. So only one load at a time may look, plan and start a COPY.
 * Snowflake has no unique keys to build a lock on, but it shows every statement all that was committed before. Hence:
 * put in a row of one's own, then look; whoever sees another live row takes his own back and waits. Two who come at the
 * same moment both step back and try again after a random pause; never do both go on.
 *
 * A row lives by being renewed. One that is old, or whose process on this machine is gone, is void. Once a COPY runs, its
 * query tag protects it: whoever comes next finds it and waits for it, whether or not its client still lives.
 */
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { LoadError, toldToEnd } from "./errors.ts";
import { throttled } from "./format.ts";
import { sleep } from "./retry.ts";
import { cancelQuery, type Row, type Session } from "./session.ts";
import { type CompleteSettings, namesOf } from "./settings.ts";

interface LockTimings {
  /** A row that was not renewed for so long is void. Seconds, as Snowflake's clock counts them. */
  lease: number;
  renewEvery: number;
  lookEvery: number;
  /** The row of a process that is gone lives on for so long: its last request may still be on the way. */
  grace: number;
}
const TIMINGS: LockTimings = { lease: 60, renewEvery: 10, lookEvery: 1, grace: 5 };

export interface Lock {
  /**
   * Starts a statement that only the holder may start, and returns its query ID. Refuses when the lock was lost or is being
   * given back; when it turns out to have been lost meanwhile, the statement is cancelled.
   */
  starting(start: () => Promise<string>): Promise<string>;
  /** From now on nothing is started any more; waits for what is being started. */
  close(): Promise<void>;
  /** Closes, and gives the lock back. */
  release(): Promise<void>;
}

/** Waits until this load is the only one at work on the table, `limitSeconds` at most. */
export async function takeLock(
  session: Session,
  settings: CompleteSettings,
  log: (line: string) => void,
  limitSeconds: number,
  timings = TIMINGS,
): Promise<Lock> {
  const { lock: table, plain } = namesOf(settings);
  const holder = `${processIdentity() ?? `${hostname()}:unknown:${process.pid}`}:${randomUUID()}`;
  const others = () => liveOthers(session, table, holder, timings);
  const withdraw = () => session.rows(`DELETE FROM ${table} WHERE HOLDER = ?`, [holder]);
  const deadline = Date.now() + limitSeconds * 1000;
  const say = throttled(log);
  for (;;) {
    let before = await others();
    if (before.length === 0) {
      await session.rows(`INSERT INTO ${table} (HOLDER, OWNER, RENEWED_AT) SELECT ?, ?, SYSDATE()`, [
        holder,
        settings.owner,
      ]);
      before = await others();
      if (before.length === 0) break;
      await withdraw();
      await sleep(Math.random() * 500 * timings.lookEvery);
    }
    say(
      `load: another load of ${plain} is at work (${before.map(({ OWNER }) => OWNER).join(", ")}): waiting for it`,
    );
    if (Date.now() > deadline)
      throw new LoadError(
        "locked",
        `Another load of ${plain} was still at work after ${limitSeconds} s of waiting: ${before.map(({ HOLDER }) => HOLDER).join(", ")}`,
        `wait for it, or end it; if it is gone for good, its row in ${table} becomes void by itself after ${timings.lease} s`,
      );
    await sleep(timings.lookEvery * 1000);
  }

  const renew = async () => {
    const [row] = await session.rows(`UPDATE ${table} SET RENEWED_AT = SYSDATE() WHERE HOLDER = ?`, [holder]);
    if (!(Number(row?.["number of rows updated"]) > 0))
      throw new LoadError(
        "lock-lost",
        `This load lost its lock on ${plain}: it gave no sign of life for ${timings.lease} s, and another one took over.`,
        "run `pulumi up` again: it finds what was started",
      );
  };
  let failure: unknown;
  let closed = false;
  const underWay = new Set<Promise<unknown>>();
  const timer = setInterval(() => {
    renew().catch((error) => {
      failure = error;
    });
  }, timings.renewEvery * 1000);
  timer.unref();
  const close = async () => {
    closed = true;
    await Promise.allSettled(underWay);
  };
  return {
    starting: async (start) => {
      if (failure instanceof LoadError) throw failure;
      await renew();
      if (closed) throw toldToEnd();
      const started = start().then(async (queryId) => {
        // Starting may have taken longer than the lease.
        await renew().catch(async (error) => {
          if (error instanceof LoadError) await cancelQuery(session, queryId, log);
          throw error;
        });
        return queryId;
      });
      underWay.add(started);
      return started.finally(() => underWay.delete(started));
    },
    close,
    release: async () => {
      await close();
      clearInterval(timer);
      await withdraw();
    },
  };
}

/** Rows of other loads that count; void ones are taken away. */
async function liveOthers(
  session: Session,
  table: string,
  holder: string,
  { lease, grace }: LockTimings,
): Promise<Row[]> {
  const rows = await session.rows(
    `SELECT HOLDER, OWNER, DATEDIFF('second', RENEWED_AT, SYSDATE()) AS AGE FROM ${table} WHERE HOLDER <> ?`,
    [holder],
  );
  const live: Row[] = [];
  for (const row of rows) {
    const limit = processIsGone(String(row.HOLDER)) ? grace : lease;
    if (Number(row.AGE) < limit) live.push(row);
    else
      await session.rows(
        // Only while it is still old: its holder may have renewed it this very moment.
        `DELETE FROM ${table} WHERE HOLDER = ? AND DATEDIFF('second', RENEWED_AT, SYSDATE()) >= ${limit}`,
        [String(row.HOLDER)],
      );
  }
  return live;
}

/**
 * Names this process beyond doubt: this boot of the machine, the process namespace (containers have their own), the
 * process and when it started. Undefined where the system does not tell.
 */
function processIdentity(pid: number | string = process.pid): string | undefined {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const namespace = readlinkSync("/proc/self/ns/pid").replaceAll(/\D/g, "");
    return `${boot}:${namespace}:${pid}:${startOf(pid)}`;
  } catch {
    return undefined;
  }
}

/** Clock ticks from boot to the start of the process: field 22 of its stat, counted after the closing bracket. */
const startOf = (pid: number | string) =>
  readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ")[19] as string;

/** Whether the holder was a process of this very machine and namespace that is no more. */
function processIsGone(holder: string): boolean {
  const [boot, namespace, pid, started] = holder.split(":");
  const own = processIdentity()?.split(":");
  if (!own || boot !== own[0] || namespace !== own[1] || !pid || !started) return false;
  // Where the system hides other users' processes, not seeing one says nothing.
  if (!existsSync("/proc/1/stat")) return false;
  return processIdentity(pid) !== `${boot}:${namespace}:${pid}:${started}`;
}
