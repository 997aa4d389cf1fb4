/** What the engine and the resource provider do for a load: its logic can change, its time can be limited, it shows progress. */
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { lockTableName } from "../../components/verified-load/tables.ts";
import { fixtures, readings } from "../../sandbox/test/support/parquet-fixtures.ts";
import { Stack } from "./support/engine.ts";
import type { Seen } from "./support/fault-proxy.ts";
import { type LoadCloud, startLoadCloud, WAREHOUSE } from "./support/load-cloud.ts";

jest.setTimeout(180_000);

let cloud: LoadCloud;
let july1: Buffer;
let july2: Buffer;
beforeAll(async () => {
  cloud = await startLoadCloud();
  july1 = await fixtures.plain(readings({ start: "2026-07-01" }));
  july2 = await fixtures.plain(readings({ start: "2026-07-02" }));
}, 120_000);
afterAll(() => cloud?.stopAll());

let number = 0;
async function prepare(settings = {}, options = {}) {
  const table = `PROVIDER_${++number}`;
  const given = { ...(await cloud.makeTable(table)), ...settings };
  await cloud.put(table, "a.parquet", july1);
  const stack = new Stack(cloud, `provider-${number}`);
  stack.configure(given, options);
  return { table, stack, given };
}
const full = (table: string) => `FLUX_LOAD_TEST.PRODUCTION.${table}`;
const rowsOf = async (table: string) =>
  Number((await cloud.sql(`SELECT COUNT(*) AS N FROM ${full(table)}`))[0]?.N);
const warehouseSize = async () => (await cloud.sql(`SHOW WAREHOUSES LIKE '${WAREHOUSE}'`))[0]?.size;
const sleep = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

test("a change of the logic changes nothing in the state, and is at work with the next `up`", async () => {
  const { stack, table } = await prepare();
  expect((await stack.up()).exitCode).toBe(0);
  const serialised = () =>
    JSON.parse(stack.state()).deployment.resources.find(
      ({ type }: { type: string }) => type === "pulumi-nodejs:dynamic/flux-ami:VerifiedLoad",
    ).inputs.__provider;
  const before = serialised();
  expect(before).toContain("handlers.ts");

  const components = join(cloud.program, "components");
  rmSync(components);
  cpSync(resolve(__dirname, "../../components"), components, { recursive: true });
  const logic = join(components, "verified-load/report.ts");
  writeFileSync(logic, readFileSync(logic, "utf8").replaceAll("rejected`", "turned away`"));
  expect((await stack.preview("--expect-no-changes")).exitCode).toBe(0);

  await cloud.put(table, "b.parquet", july2);
  const run = await stack.up();
  expect(run.output).toContain("load: 2 files, 384 rows loaded, 0 turned away");
  expect(run.exitCode).toBe(0);
  expect(serialised()).toBe(before);
});

describe("customTimeouts", () => {
  const statement = (pattern: RegExp) => (seen: Seen) => pattern.test(seen.sql);
  test.each<[name: string, matches: (seen: Seen) => boolean, while_: RegExp, copies: number]>([
    ["the warehouse grows", statement(/WAREHOUSE_SIZE = 'XLARGE'/), /while: setting warehouse/, 0],
    [
      "the COPY runs",
      ({ path }) => path.startsWith("/monitoring/queries/"),
      /while: copying files into the table/,
      1,
    ],
    ["the table is verified", statement(/^WITH reading AS/), /while: verifying the table/, 1],
  ])("create, while %s: the warehouse is small, and the next `up` goes on", async (...point) => {
    const [, matches, doing, copies] = point;
    const { stack, table, given } = await prepare({}, { customTimeouts: { create: "6s" } });
    const struck = cloud.proxy.arm({
      matches,
      phase: "after",
      act: async () => {
        await sleep(9000);
        return "pass" as const;
      },
    });
    const [run] = await Promise.all([stack.up(), struck]);
    expect(run.exitCode).not.toBe(0);
    expect(run.output).toMatch(/had not ended after 6s, the limit that customTimeouts\.create sets/);
    expect(run.output).toMatch(doing);
    expect(run.output).toMatch(/cure: run `pulumi up` again/);
    expect(await warehouseSize()).toBe("Medium");
    expect(await cloud.sql(`SELECT * FROM ${full(lockTableName(table))}`)).toEqual([]);

    stack.configure(given, { customTimeouts: { create: "10m" } });
    const next = await stack.up();
    expect(next.exitCode).toBe(0);
    expect(await rowsOf(table)).toBe(192);
    expect(cloud.copiesOf(table)).toHaveLength(1);
    expect(copies === 1).toBe(!next.output.includes("load: COPY of 1 file started"));
  });

  test("update, read and delete have their own", async () => {
    const limits = { update: "4s", read: "3s", delete: "3s" };
    const { stack, table, given } = await prepare({ onDelete: "truncate" }, { customTimeouts: limits });
    expect((await stack.up()).exitCode).toBe(0);
    const hold = (matches: (seen: Seen) => boolean) =>
      cloud.proxy.arm({
        matches,
        phase: "after",
        act: async () => {
          await sleep(6000);
          return "pass" as const;
        },
      });

    const [refreshed] = await Promise.all([stack.refresh(), hold(statement(/^LIST /))]);
    expect(refreshed.output).toMatch(/could not look at bucket and table: The read of .* after 3s/);
    expect(refreshed.exitCode).toBe(0);

    await cloud.put(table, "b.parquet", july2);
    const [updated] = await Promise.all([stack.up(), hold(statement(/^COPY INTO/))]);
    expect(updated.output).toMatch(/The update of .* after 4s, the limit that customTimeouts\.update sets/);
    expect(updated.exitCode).not.toBe(0);
    expect(await warehouseSize()).toBe("Medium");

    const [destroyed] = await Promise.all([stack.destroy(), hold(statement(/^TRUNCATE/))]);
    expect(destroyed.output).toMatch(/The delete of .* after 3s[\s\S]*while: emptying .*onDelete: truncate/);
    expect(destroyed.exitCode).not.toBe(0);

    // What was cut short is found and done: the emptied table is full again, with each file once.
    stack.configure(given);
    expect((await stack.up()).exitCode).toBe(0);
    expect(await rowsOf(table)).toBe(384);
  });

  test("changed limits are taken over without reading the table again; impossible ones are refused", async () => {
    const { stack, given } = await prepare();
    expect((await stack.up()).exitCode).toBe(0);
    const before = cloud.proxy.statements.length;
    stack.configure(given, { customTimeouts: { update: "2h" } });
    const run = await stack.up();
    expect(run.output).toContain("nothing to load and nothing to verify again (changed: customTimeouts)");
    expect(run.exitCode).toBe(0);
    expect(cloud.proxy.statements.slice(before).filter((sql) => /^(COPY|WITH)/.test(sql))).toEqual([]);
    expect(stack.load()).toMatchObject({ filesLoaded: 1, totalRows: 192 });
    expect((await stack.preview("--expect-no-changes")).exitCode).toBe(0);

    stack.configure(given, { customTimeouts: { update: "501h" } });
    expect((await stack.preview()).output).toMatch(
      /customTimeouts\.update is "501h"; it must be a duration up to 500h/,
    );
  });
});

test("a long COPY shows that it lives: a plain line every ten seconds", async () => {
  const { stack } = await prepare();
  await cloud.restartSnowflake("SIGTERM", { objectDelayMilliseconds: 12_000 });
  const run = await stack.up();
  expect(run.exitCode).toBe(0);
  expect(run.output).toMatch(/load: 0 of 1 file, (.*, )?1\d s so far, (about|longer than expected)/);
  expect(run.output).not.toMatch(/(?!\n)\p{Cc}/u);
});
