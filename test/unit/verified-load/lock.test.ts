import { spawnSync } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";
import { takeLock } from "../../../components/verified-load/lock.ts";
import type { Session } from "../../../components/verified-load/session.ts";
import { settings } from "./support/settings.ts";

interface LockRow {
  holder: string;
  owner: string;
  renewedAt: number;
}

/** The lock table as Snowflake keeps it: each statement sees what was committed before it, and takes its time. */
function lockTable() {
  const rows: LockRow[] = [];
  const cancelled: string[] = [];
  const pause = () => new Promise((resolve) => setTimeout(resolve, Math.random() * 3));
  const session = {
    rows: async (sql: string, binds: readonly string[] = []) => {
      await pause();
      const [holder = "", owner = ""] = binds;
      const age = (row: LockRow) => (Date.now() - row.renewedAt) / 1000;
      let answer: object[] = [];
      if (sql.startsWith("INSERT")) rows.push({ holder, owner, renewedAt: Date.now() });
      else if (sql.includes("SYSTEM$CANCEL_QUERY")) cancelled.push(holder);
      else if (sql.startsWith("SELECT"))
        answer = rows
          .filter((row) => row.holder !== holder)
          .map((row) => ({ HOLDER: row.holder, OWNER: row.owner, AGE: age(row) }));
      else if (sql.startsWith("UPDATE")) {
        const own = rows.filter((row) => row.holder === holder);
        for (const row of own) row.renewedAt = Date.now();
        answer = [{ "number of rows updated": own.length }];
      } else {
        const least = Number(/>= ([\d.]+)/.exec(sql)?.[1] ?? 0);
        for (const row of rows.filter((one) => one.holder === holder && age(one) >= least))
          rows.splice(rows.indexOf(row), 1);
      }
      await pause();
      return answer;
    },
  } as unknown as Session;
  return { rows, session, cancelled };
}

const timings = { lease: 0.5, renewEvery: 0.1, lookEvery: 0.02, grace: 0.1 };
const silent = () => {};
const query = async () => "query";

test("of many loads at once, one works at a time, and all get their turn", async () => {
  const { session, rows } = lockTable();
  let working = 0;
  let most = 0;
  let turns = 0;
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      const lock = await takeLock(session, settings(), silent, 60, timings);
      most = Math.max(most, ++working);
      await lock.starting(() => new Promise((resolve) => setTimeout(() => resolve("query"), 10)));
      turns++;
      working--;
      await lock.release();
    }),
  );
  expect({ most, turns, rows }).toEqual({ most: 1, turns: 8, rows: [] });
});

test("a row that nobody renews becomes void; its holder then may not start anything", async () => {
  const { session, rows } = lockTable();
  const lost = await takeLock(session, settings(), silent, 60, { ...timings, renewEvery: 1000 });
  const lines: string[] = [];
  const next = await takeLock(session, settings({ owner: "other" }), (line) => lines.push(line), 60, timings);
  expect(lines).toEqual([
    expect.stringMatching(
      /another load of FLUX\.PRODUCTION\.AMI_INTERVAL_READINGS is at work \(flux-ami\/dev\)/,
    ),
  ]);
  await expect(lost.starting(query)).rejects.toThrow(/lost its lock[\s\S]*cure/);
  await next.release();
  await lost.release();
  expect(rows).toEqual([]);
});

test("what was started while the lock was lost is cancelled, and the load ends", async () => {
  const { session, rows, cancelled } = lockTable();
  const lost = await takeLock(session, settings(), silent, 60, { ...timings, renewEvery: 1000 });
  const starting = lost.starting(async () => {
    // So slow a start that another load takes over.
    const next = await takeLock(session, settings({ owner: "other" }), silent, 60, timings);
    await next.release();
    return "query-7";
  });
  await expect(starting).rejects.toThrow(/lost its lock[\s\S]*cure/);
  expect(cancelled).toEqual(["query-7"]);
  expect(rows).toEqual([]);
});

test("once closed nothing is started any more, and the lock is still held", async () => {
  const { session, rows } = lockTable();
  const lock = await takeLock(session, settings(), silent, 60, timings);
  await lock.close();
  await expect(lock.starting(query)).rejects.toThrow(/told to end/);
  expect(rows).toHaveLength(1);
  await lock.release();
  expect(rows).toEqual([]);
});

test("giving back waits for what is being started", async () => {
  const { session, rows } = lockTable();
  const lock = await takeLock(session, settings(), silent, 60, timings);
  let started = false;
  const starting = lock.starting(async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(rows).toHaveLength(1);
    started = true;
    return "query";
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  await lock.release();
  expect(started).toBe(true);
  await starting;
});

test("a lock that is renewed outlives its lease", async () => {
  const { session } = lockTable();
  const lock = await takeLock(session, settings(), silent, 60, timings);
  await expect(takeLock(session, settings(), silent, 1.5, timings)).rejects.toThrow(
    /still at work after 1\.5 s[\s\S]*cure/,
  );
  await expect(lock.starting(query)).resolves.toBe("query");
  await lock.release();
  await expect(lock.starting(query)).rejects.toThrow(/lost its lock|told to end/);
});

test("the row of a process of this machine that is gone is void after a moment", async () => {
  const { session, rows } = lockTable();
  const ended = spawnSync("true").pid;
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  const namespace = readlinkSync("/proc/self/ns/pid").replaceAll(/\D/g, "");
  rows.push({ holder: `${boot}:${namespace}:${ended}:1:x`, owner: "dead", renewedAt: Date.now() });
  const lock = await takeLock(session, settings(), silent, 0.4, timings);
  expect(rows.map(({ owner }) => owner)).toEqual(["flux-ami/dev"]);
  await lock.release();
  rows.push({ holder: `another-machine:${namespace}:${ended}:1:x`, owner: "far", renewedAt: Date.now() });
  await expect(takeLock(session, settings(), silent, 0, timings)).rejects.toThrow("still at work");
});
