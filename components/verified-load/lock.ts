/**
 * A courtesy among loads of one table: who comes second waits, so that nothing is copied twice for nothing. No correctness
 * rests on it: two loads that do not see each other publish each file once all the same.
 */

import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { duration, throttled } from "../format.ts";
import { messageOf } from "../snowflake/errors.ts";
import type { Row } from "../snowflake/session.ts";
import type { Run } from "./context.ts";
import { insertOnce } from "./insert-once.ts";

/** Seconds. */
const RENEW_EVERY = 5;
const VOID_AFTER = 20;
const LOOK_EVERY = 2;

/**
 * Waits until no other load is at work, or for so many seconds; then puts this one down as the one at work.
 * @returns ends that
 */
export async function takeTurn(run: Run, patienceSeconds: number): Promise<() => Promise<void>> {
  const { session, names, settings, id } = run;
  const holder = `${hostname()}:${process.pid}:${id}`;
  await takeOut(run, await waitForTurn(run, patienceSeconds));
  const columns = { HOLDER: "?", OWNER: "?", RENEWED_AT: "SYSDATE()" };
  await insertOnce(session, names.lock, columns, ["HOLDER"], [[holder, settings.owner]]);
  const timer = setInterval(() => {
    // One that does not succeed is followed by the next one.
    session
      .rows(`UPDATE ${names.lock} SET RENEWED_AT = SYSDATE() WHERE HOLDER = ?`, [holder])
      .catch(() => {});
  }, RENEW_EVERY * 1000);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await session
      .rows(`DELETE FROM ${names.lock} WHERE HOLDER = ?`, [holder])
      .catch((error) => run.log(`load: could not take its row out of ${names.lock}: ${messageOf(error)}`));
  };
}

type Looking = Pick<Run, "session" | "names">;

/** Loads that are put down as being at work; the dead ones are not: they were killed, or their machine sleeps. */
async function holdersOf({ session, names }: Looking): Promise<{ alive: Row[]; dead: string[] }> {
  const rows = await session.rows(
    `SELECT HOLDER, OWNER, DATEDIFF('second', RENEWED_AT, SYSDATE()) AS AGE FROM ${names.lock}`,
  );
  const isDead = ({ HOLDER, AGE }: Row) => Number(AGE) >= VOID_AFTER || isGone(String(HOLDER));
  return {
    alive: rows.filter((row) => !isDead(row)),
    dead: rows.filter(isDead).map(({ HOLDER }) => String(HOLDER)),
  };
}

async function takeOut({ session, names }: Looking, holders: readonly string[]): Promise<void> {
  for (const one of holders) await session.rows(`DELETE FROM ${names.lock} WHERE HOLDER = ?`, [one]);
}

/** Takes out what dead loads have left, and says who is at work, if somebody is. */
export async function clearTurns(looking: Looking): Promise<string | undefined> {
  const { alive, dead } = await holdersOf(looking);
  await takeOut(looking, dead);
  return alive[0] && String(alive[0].OWNER);
}

/** @returns the dead, once nobody else is at work, or it was waited for long enough */
async function waitForTurn(run: Run, patienceSeconds: number): Promise<string[]> {
  const started = Date.now();
  const say = throttled(run.log);
  for (;;) {
    const {
      alive: [alive],
      dead,
    } = await holdersOf(run);
    const elapsed = (Date.now() - started) / 1000;
    if (alive === undefined || elapsed > patienceSeconds) return dead;
    say(`load: ${alive.OWNER} loads the table already: waiting for it, ${duration(elapsed)} so far`);
    await sleep(LOOK_EVERY * 1000);
  }
}

/** Whether the holder was a process of this machine that is no more. */
function isGone(holder: string): boolean {
  const [host, pid] = holder.split(":");
  if (host !== hostname() || !pid) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
