/**
 * The plug is pulled at every step of a load; the next `up` must end with each file in the table exactly once, all of
 * them accounted for, the warehouse small, and no lock left.
 */
import { accountingTableName, lockTableName } from "../../components/verified-load/tables.ts";
import { fixtures, readings } from "../../sandbox/test/support/parquet-fixtures.ts";
import { Stack, type Victim } from "./support/engine.ts";
import type { Seen } from "./support/fault-proxy.ts";
import { type LoadCloud, startLoadCloud, WAREHOUSE } from "./support/load-cloud.ts";

jest.setTimeout(180_000);

let cloud: LoadCloud;
/** Two days of two meters each: name → contents. */
const files = new Map<string, Buffer>();
const ROWS_PER_FILE = 2 * 96;

beforeAll(async () => {
  cloud = await startLoadCloud({ objectDelayMilliseconds: 250 });
  for (const day of ["01", "02", "03"])
    files.set(`2026-07-${day}.parquet`, await fixtures.plain(readings({ start: `2026-07-${day}` })));
}, 120_000);
afterAll(() => cloud?.stopAll());

let number = 0;
/** A table of its own, with its files in the bucket and a stack that loads it. */
async function prepare(settings = {}) {
  const table = `KILL_${++number}`;
  const args = await cloud.makeTable(table);
  for (const [name, body] of files) await cloud.put(table, name, body);
  const stack = new Stack(cloud, `kill-${number}`);
  stack.configure({ ...args, ...settings });
  return { table, stack };
}

/** What must be true after the last `up`, whatever happened before. */
async function expectExactlyOnce(table: string, stack: Stack) {
  const name = (of: string) => `FLUX_LOAD_TEST.PRODUCTION.${of}`;
  const days = await cloud.sql(
    `SELECT TO_CHAR(TIMESTAMP, 'YYYY-MM-DD') AS DAY, COUNT(*) AS N FROM ${name(table)} GROUP BY 1 ORDER BY 1`,
  );
  expect(days.map(({ DAY, N }) => [`${DAY}.parquet`, N])).toEqual(
    [...files.keys()].map((file) => [file, ROWS_PER_FILE]),
  );
  const accounts = await cloud.sql(
    `SELECT FILE, ROWS_LOADED, STATUS FROM ${name(accountingTableName(table))} WHERE STATUS = 'LOADED' ORDER BY FILE`,
  );
  expect(accounts).toEqual(
    [...files.keys()].map((file) => ({
      FILE: `${table}/${file}`,
      ROWS_LOADED: ROWS_PER_FILE,
      STATUS: "LOADED",
    })),
  );
  expect(await cloud.sql(`SELECT * FROM ${name(lockTableName(table))}`)).toEqual([]);
  const [warehouse] = await cloud.sql(`SHOW WAREHOUSES LIKE '${WAREHOUSE}'`);
  expect(warehouse?.size).toBe("Medium");
  expect(stack.load()).toMatchObject({
    filesLoaded: 3,
    rowsLoaded: 3 * ROWS_PER_FILE,
    totalRows: 3 * ROWS_PER_FILE,
    rowsRejected: 0,
  });
}

const statement = (pattern: RegExp) => (seen: Seen) => pattern.test(seen.sql);
const statusOfCopy = ({ path }: Seen) => path.startsWith("/monitoring/queries/");

type Point = [name: string, matches: (seen: Seen) => boolean, phase: "before" | "after", victim: Victim];
const BEFORE_THE_COPY: Point[] = [
  ["while logging in", ({ path }) => path.startsWith("/session/v1/login-request"), "after", "provider"],
  ["before the lock is taken", statement(/^INSERT INTO .*LOAD_LOCK/), "before", "both"],
  ["when the lock is taken", statement(/^INSERT INTO .*LOAD_LOCK/), "after", "both"],
  ["after listing the files", statement(/^LIST /), "after", "engine"],
  ["before the warehouse grows", statement(/WAREHOUSE_SIZE = 'XLARGE'/), "before", "provider"],
  ["when the warehouse has grown", statement(/WAREHOUSE_SIZE = 'XLARGE'/), "after", "both"],
  ["before the COPY reaches Snowflake", statement(/^COPY INTO/), "before", "both"],
];
const ONCE_SNOWFLAKE_HAS_THE_COPY: Point[] = [
  ["before anybody knows its ID", statement(/^COPY INTO/), "after", "both"],
  ["while the COPY runs: the engine", statusOfCopy, "after", "engine"],
  ["while the COPY runs: the provider", statusOfCopy, "after", "provider"],
  [
    "when the COPY is over, before its result is read",
    ({ path }) => /^\/queries\/[0-9a-f-]+\/result/.test(path),
    "before",
    "both",
  ],
  ["before the accounting is written", statement(/^INSERT INTO .*_LOADS"/), "before", "both"],
  ["when the accounting is written", statement(/^INSERT INTO .*_LOADS"/), "after", "provider"],
  ["before verification", statement(/^WITH reading AS/), "before", "both"],
  ["during verification", statement(/RESULT_SCAN/), "before", "engine"],
  ["before the warehouse shrinks", statement(/WAREHOUSE_SIZE = 'MEDIUM'/), "before", "both"],
  [
    "when the warehouse has shrunk, before the state is written",
    statement(/WAREHOUSE_SIZE = 'MEDIUM'/),
    "after",
    "both",
  ],
  ["before the lock is given back", statement(/^DELETE FROM .*LOAD_LOCK/), "before", "both"],
];

describe("kill -9", () => {
  const killAndGoOn = async ([, matches, phase, victim]: Point) => {
    const { table, stack } = await prepare();
    const struck = cloud.proxy.arm({
      matches,
      phase,
      act: () => {
        stack.kill(victim);
        return "drop";
      },
    });
    const [killed] = await Promise.all([stack.up(), struck]);
    expect(killed.exitCode).not.toBe(0);
    if (victim !== "provider") stack.unlock();
    const next = await stack.up();
    expect(next.output).toContain("verify: ok");
    expect(next.exitCode).toBe(0);
    await expectExactlyOnce(table, stack);
    return cloud.copiesOf(table);
  };

  test.each(BEFORE_THE_COPY)("%s", async (...point) => {
    await killAndGoOn(point);
  });

  test.each(ONCE_SNOWFLAKE_HAS_THE_COPY)("once Snowflake has the COPY: %s", async (...point) => {
    // The next `up` attaches to it, or finds it done; it starts none of its own.
    expect(await killAndGoOn(point)).toHaveLength(1);
  });
});

/** From now on: waits until the load's provider has cleaned up by itself; returns the sizes that the warehouse was given. */
function cleanUp(table: string) {
  const from = cloud.proxy.statements.length;
  return async () => {
    const since = () => cloud.proxy.statements.slice(from);
    const released = () => since().some((sql) => /^DELETE FROM .*LOAD_LOCK" WHERE HOLDER = \?$/.test(sql));
    for (let waited = 0; !released() && waited < 60; waited++)
      await new Promise((resume) => setTimeout(resume, 500));
    await new Promise((resume) => setTimeout(resume, 500));
    const [warehouse] = await cloud.sql(`SHOW WAREHOUSES LIKE '${WAREHOUSE}'`);
    expect(warehouse?.size).toBe("Medium");
    expect(await cloud.sql(`SELECT * FROM FLUX_LOAD_TEST.PRODUCTION.${lockTableName(table)}`)).toEqual([]);
    return since().flatMap((sql) => /WAREHOUSE_SIZE = '(\w+)'/.exec(sql)?.[1] ?? []);
  };
}

test("the engine dies while the warehouse is being made larger: without any next `up` it is small again", async () => {
  const { table, stack } = await prepare();
  const ended = cleanUp(table);
  const struck = cloud.proxy.arm({
    matches: statement(/WAREHOUSE_SIZE = 'XLARGE'/),
    phase: "before",
    act: async () => {
      stack.kill("engine");
      // Long enough for the provider to notice and to begin to clean up.
      await new Promise((resume) => setTimeout(resume, 4000));
      return "pass" as const;
    },
  });
  await Promise.all([stack.up(), struck]);
  expect(await ended()).toEqual(["XLARGE", "MEDIUM"]);
  stack.unlock();
  expect((await stack.up()).exitCode).toBe(0);
  await expectExactlyOnce(table, stack);
});

describe("the first `up` itself survives", () => {
  test.each<[name: string, matches: (seen: Seen) => boolean, phase: "before" | "after"]>([
    ["a network cut before the COPY reaches Snowflake", statement(/^COPY INTO/), "before"],
    ["a network cut when Snowflake has the COPY and nobody knows its ID", statement(/^COPY INTO/), "after"],
    ["a network cut while the COPY runs", statusOfCopy, "after"],
    ["a network cut while the accounting is written", statement(/^INSERT INTO .*_LOADS"/), "after"],
  ])("%s", async (_name, matches, phase) => {
    const { table, stack } = await prepare();
    const struck = cloud.proxy.arm({
      matches,
      phase,
      act: () => {
        cloud.proxy.cut(1500);
        return "drop";
      },
    });
    const [run] = await Promise.all([stack.up(), struck]);
    expect(run.exitCode).toBe(0);
    await expectExactlyOnce(table, stack);
  });

  test.each([
    ["390112", "Session token has expired"],
    ["390111", "Session no longer exists.  New login required to access the service."],
    ["390114", "Authentication token has expired.  The user must authenticate again."],
  ])("an expired session (%s)", async (code, message) => {
    const { table, stack } = await prepare();
    const struck = cloud.proxy.arm({
      matches: statusOfCopy,
      phase: "before",
      act: () => ({ answer: { success: false, code, message, data: null } }),
    });
    const [run] = await Promise.all([stack.up(), struck]);
    expect(run.exitCode).toBe(0);
    await expectExactlyOnce(table, stack);
  });
});

describe("Snowflake restarted while the COPY runs", () => {
  test.each(["SIGTERM", "SIGKILL"] as const)("%s", async (signal) => {
    const { table, stack } = await prepare();
    const struck = cloud.proxy.arm({
      matches: statusOfCopy,
      phase: "after",
      act: async () => {
        await cloud.restartSnowflake(signal);
        return "drop" as const;
      },
    });
    const [first] = await Promise.all([stack.up(), struck]);
    if (first.exitCode !== 0) expect((await stack.up()).exitCode).toBe(0);
    await expectExactlyOnce(table, stack);
  });
});

test("Ctrl-C: the engine waits for the load, or the next `up` goes on; never a large warehouse or a double row", async () => {
  const { table, stack } = await prepare();
  const struck = cloud.proxy.arm({
    matches: statusOfCopy,
    phase: "after",
    act: () => {
      stack.signal("SIGINT");
      return "pass";
    },
  });
  const [run] = await Promise.all([stack.up(), struck]);
  if (run.exitCode !== 0) expect((await stack.up()).exitCode).toBe(0);
  await expectExactlyOnce(table, stack);
});

test("Ctrl-C twice: the engine leaves at once, the warehouse is small again by itself, the COPY is attached to", async () => {
  const { table, stack } = await prepare();
  const ended = cleanUp(table);
  const struck = cloud.proxy.arm({
    matches: statusOfCopy,
    phase: "after",
    act: async () => {
      stack.signal("SIGINT");
      await new Promise((resume) => setTimeout(resume, 300));
      stack.signal("SIGINT");
      return "pass" as const;
    },
  });
  const [run] = await Promise.all([stack.up(), struck]);
  expect(run.exitCode).not.toBe(0);
  expect(await ended()).toEqual(["XLARGE", "MEDIUM"]);
  const next = await stack.up();
  if (next.output.includes("currently locked")) {
    stack.unlock();
    expect((await stack.up()).exitCode).toBe(0);
  } else expect(next.exitCode).toBe(0);
  await expectExactlyOnce(table, stack);
  expect(cloud.copiesOf(table)).toHaveLength(1);
});

test("two `up`s at once, from two stacks: one loads, the other waits and finds it done", async () => {
  const { table, stack } = await prepare();
  const other = new Stack(cloud, `kill-${number}-other`);
  other.configure(cloud.settingsOf(table));
  const runs = await Promise.all([stack.up(), other.up()]);
  expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  await expectExactlyOnce(table, stack);
  await expectExactlyOnce(table, other);
});
