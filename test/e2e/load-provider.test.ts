/** What the engine and the resource provider do for a load: its logic can change, its time is limited, it ends with its engine. */
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fixtures, readings } from "../../sandbox/test/support/parquet-fixtures.ts";
import { type Run, Stack } from "./support/engine.ts";
import type { Seen } from "./support/fault-proxy.ts";
import { type LoadCloud, startLoadCloud } from "./support/load-cloud.ts";
import { faultsOf, type Model } from "./support/model.ts";

jest.setTimeout(180_000);

let cloud: LoadCloud;
const july = (day: number) => readings({ start: `2026-07-0${day}` });
beforeAll(async () => {
  cloud = await startLoadCloud();
}, 120_000);
afterAll(() => cloud?.stopAll());
afterEach(() => cloud.proxy.disarm());

let number = 0;
async function prepare(settings = {}, options = {}) {
  const table = `PROVIDER_${++number}`;
  const given = { ...(await cloud.makeTable(table)), ...settings };
  const model: Model = { table, files: new Map() };
  const put = async (name: string, day: number) => {
    model.files.set(name, july(day));
    await cloud.put(table, name, await fixtures.plain(july(day)));
  };
  await put("a.parquet", 1);
  const stack = new Stack(cloud, `provider-${number}`);
  stack.configure(given, options);
  return {
    table,
    stack,
    given,
    model,
    put,
    /** The next `up` ends well, with the table as the model says. */
    upRight: async () => {
      const run = await stack.up();
      expect(`${run.exitCode}: ${run.output}`).toMatch(/^0: /);
      expect(await faultsOf(cloud, model)).toEqual([]);
      return run;
    },
  };
}
const statement = (pattern: RegExp) => (seen: Seen) => pattern.test(seen.sql);
const statusOf = ({ path }: Seen) => path.startsWith("/monitoring/queries/");
/** The answer to such a request is held back for as long as the engine runs. */
async function holding(matches: (seen: Seen) => boolean, run: () => Promise<Run>): Promise<Run> {
  const { promise: over, resolve: end } = Promise.withResolvers<void>();
  const held = cloud.proxy.arm({
    matches,
    phase: "after",
    act: async () => {
      await over;
      return "pass" as const;
    },
  });
  try {
    return await run();
  } finally {
    end();
    await held;
  }
}

test("a change of the logic changes nothing in the state, and is at work with the next `up`", async () => {
  const { stack, put, upRight } = await prepare();
  await upRight();
  const serialised = () =>
    JSON.parse(stack.state()).deployment.resources.find(
      ({ type }: { type: string }) => type === "pulumi-nodejs:dynamic/flux-ami:VerifiedLoad",
    ).inputs.__provider;
  const before = serialised();
  expect(before).toContain("handlers.ts");

  const components = join(cloud.program, "components");
  rmSync(components);
  cpSync(resolve(__dirname, "../../components"), components, { recursive: true });
  const logic = join(components, "verified-load/lines.ts");
  writeFileSync(logic, readFileSync(logic, "utf8").replaceAll("rejected`", "turned away`"));
  expect((await stack.preview("--expect-no-changes")).exitCode).toBe(0);

  await put("b.parquet", 2);
  const run = await upRight();
  expect(run.output).toContain("load: 2 files, 384 rows published, 0 turned away");
  expect(serialised()).toBe(before);
});

describe("customTimeouts", () => {
  test.each<[name: string, matches: (seen: Seen) => boolean, doing: RegExp]>([
    ["the warehouse grows", statement(/WAREHOUSE_SIZE = 'XLARGE'/), /while: setting warehouse/],
    ["the COPY runs", statusOf, /while: copying files into landing tables/],
    ["the readings are audited", statement(/^CREATE .*_METER_DAYS"/), /while: auditing the readings/],
  ])("create, while %s: the warehouse is small, and the next `up` goes on", async (_name, matches, doing) => {
    const { stack, given, upRight } = await prepare({}, { customTimeouts: { create: "6s" } });
    const run = await holding(matches, () => stack.up());
    expect(run.exitCode).not.toBe(0);
    expect(run.output).toMatch(/had not ended after 6s, the limit that customTimeouts\.create sets/);
    expect(run.output).toMatch(doing);
    expect(run.output).toMatch(/cure: run `pulumi up -s \S+` again/);
    expect((await cloud.sql("SHOW WAREHOUSES LIKE 'LOAD_TEST_WH'"))[0]?.size).toBe("Medium");
    stack.configure(given, { customTimeouts: { create: "10m" } });
    await upRight();
  });

  test("update, read and delete have their own", async () => {
    const limits = { update: "4s", read: "3s", delete: "3s" };
    const { stack, put, given, upRight } = await prepare(
      { onDelete: "truncate" },
      { customTimeouts: limits },
    );
    await upRight();
    const refreshed = await holding(statement(/^LIST /), () => stack.refresh());
    expect(refreshed.output).toMatch(/could not look at bucket and table: The read of .* after 3s/);
    expect(refreshed.exitCode).toBe(0);

    await put("b.parquet", 2);
    const updated = await holding(statement(/^COPY INTO/), () => stack.up());
    expect(updated.output).toMatch(/The update of .* after 4s, the limit that customTimeouts\.update sets/);
    expect(updated.exitCode).not.toBe(0);

    const destroyed = await holding(statement(/^BEGIN/), () => stack.destroy());
    expect(destroyed.output).toMatch(/The delete of .* after 3s[\s\S]*while: emptying .*onDelete: truncate/);
    expect(destroyed.exitCode).not.toBe(0);

    // What was cut short is found and done: the emptied table is full again, with each file once.
    stack.configure(given);
    await upRight();
  });

  test("changed limits are taken over without reading the table again; impossible ones are refused", async () => {
    const { stack, given, upRight } = await prepare();
    await upRight();
    const before = cloud.proxy.statements.length;
    stack.configure(given, { customTimeouts: { update: "2h" } });
    const run = await stack.up();
    expect(run.output).toContain("nothing to load and nothing to audit again (changed: customTimeouts)");
    expect(run.exitCode).toBe(0);
    expect(cloud.proxy.statements.slice(before).filter((sql) => /^(COPY|CREATE|DECLARE)/.test(sql))).toEqual(
      [],
    );
    expect(stack.load()).toMatchObject({ filesLoaded: 1, totalRows: 192 });
    stack.configure(given, { customTimeouts: { update: "501h" } });
    expect((await stack.preview()).output).toMatch(
      /customTimeouts\.update is "501h"; it must be a duration up to 500h/,
    );
  });
});

describe("the engine ends before the load does", () => {
  /** Resolves when the provider has given back its turn. */
  const givenBack = () =>
    cloud.proxy.arm({ matches: statement(/^DELETE FROM .*LOAD_LOCK"/), phase: "after", act: () => "pass" });
  const expectRest = async ({ table }: { table: string }) => {
    expect((await cloud.sql("SHOW WAREHOUSES LIKE 'LOAD_TEST_WH'"))[0]?.size).toBe("Medium");
    expect(await cloud.sql(`SELECT * FROM FLUX_LOAD_TEST.PRODUCTION.${table}_LOAD_LOCK`)).toEqual([]);
  };

  test("killed while the warehouse is being made larger: without any next `up` it is small again", async () => {
    const prepared = await prepare();
    const { stack, upRight } = prepared;
    const rest = givenBack();
    const shrinks = cloud.proxy.arm({
      matches: statement(/WAREHOUSE_SIZE = 'XLARGE'/),
      phase: "before",
      act: () => {
        stack.kill("engine");
        return "pass" as const;
      },
    });
    await Promise.all([stack.up(), shrinks, rest]);
    await expectRest(prepared);
    stack.unlock();
    await upRight();
  });

  test.each(["engine", "both"] as const)("killed (%s) while the publishing runs", async (victim) => {
    const { stack, upRight } = await prepare();
    const struck = cloud.proxy.arm({
      matches: statement(/^DECLARE/),
      phase: "after",
      act: () => {
        stack.kill(victim);
        return "drop";
      },
    });
    const [run] = await Promise.all([stack.up(), struck]);
    expect(run.exitCode).not.toBe(0);
    stack.unlock();
    await upRight();
  });

  test("Ctrl-C twice: the engine leaves at once, the warehouse is small again by itself, the next `up` goes on", async () => {
    const prepared = await prepare();
    const { stack, upRight } = prepared;
    const rest = givenBack();
    const struck = cloud.proxy.arm({
      matches: statusOf,
      phase: "after",
      act: async () => {
        stack.signal("SIGINT");
        await stack.prints(/cancel|interrupt/i);
        stack.signal("SIGINT");
        return "pass" as const;
      },
    });
    const [run] = await Promise.all([stack.up(), struck, rest]);
    if (run.exitCode !== 0) await expectRest(prepared);
    stack.unlock();
    await upRight();
  });
});

test("two `up`s at once, from two stacks: each file is published once, and both end well", async () => {
  const { table, stack, model } = await prepare();
  const other = new Stack(cloud, `provider-${number}-other`);
  other.configure(cloud.settingsOf(table));
  const runs = await Promise.all([stack.up(), other.up()]);
  expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  expect(await faultsOf(cloud, model)).toEqual([]);
  for (const one of [stack, other])
    expect(one.load()).toMatchObject({ filesLoaded: 1, totalRows: 192, verified: true });
});

test("a long COPY shows that it lives: a plain line every ten seconds", async () => {
  const { stack } = await prepare();
  await cloud.restartSnowflake("SIGTERM", { objectDelayMilliseconds: 12_000 });
  const run = await stack.up();
  await cloud.restartSnowflake("SIGTERM");
  expect(run.exitCode).toBe(0);
  expect(run.output).toMatch(/load: 0 of 1 file landed, .*, \d+ s so far/);
  expect(run.output).not.toMatch(/(?!\n)\p{Cc}/u);
});
