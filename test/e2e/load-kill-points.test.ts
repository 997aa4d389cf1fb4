/**
 * The plug is pulled at every step of a load. Whatever was cut short, one more load ends with what a plain model says: each
 * file published once, its rejected rows kept, the summaries right, the warehouse small, no transaction open.
 */
import { once } from "node:events";
import { openSession } from "../../components/snowflake/session.ts";
import { fixtures, type Reading, readings } from "../../sandbox/test/support/parquet-fixtures.ts";
import type { Seen } from "./support/fault-proxy.ts";
import { type LoadCloud, type Settings, startLoadCloud } from "./support/load-cloud.ts";
import { loadDirectly, loadInProcess } from "./support/load-directly.ts";
import { auditTables, faultsOf, type Model } from "./support/model.ts";

jest.setTimeout(180_000);

let cloud: LoadCloud;
beforeAll(async () => {
  cloud = await startLoadCloud();
}, 120_000);
afterAll(() => cloud?.stopAll());
afterEach(() => cloud.proxy.disarm());

const rejects = ({ usageKwh }: Reading) => usageKwh < 0;
/** A day of two meters, one row of which is rejected. */
const day = (number: number, voltage: number) =>
  readings({ start: new Date(Date.UTC(2026, 5, number)).toISOString().slice(0, 10) }).map((row, index) => ({
    ...row,
    voltage,
    ...(index === 7 && { usageKwh: -1 }),
  }));

/** One table for a group of tests: each of them brings a new file, replaces the file of the one before, and is cut short. */
class Group {
  readonly model: Model;
  readonly args: Settings;
  private days = 0;

  private constructor(table: string, args: Settings) {
    this.model = { table, files: new Map(), rejects };
    this.args = {
      ...args,
      maxRejectedRows: 1000,
      replacedFiles: "replace",
      quality: { usageNotNegative: { severity: "quarantine" }, continuity: { severity: "warn" } },
    };
  }

  static async start(table: string): Promise<Group> {
    const group = new Group(table, await cloud.makeTable(table));
    await group.upload();
    await group.load();
    return group;
  }

  async upload(): Promise<void> {
    const before = this.days;
    this.days += 1;
    await this.put(this.days, 120);
    if (before > 0) await this.put(before, 118);
  }
  private async put(number: number, voltage: number) {
    const rows = day(number, voltage);
    this.model.files.set(`${number}.parquet`, rows);
    await cloud.put(this.model.table, `${number}.parquet`, await fixtures.plain(rows));
  }

  /** A load that ends well. */
  async load(): Promise<string[]> {
    const { reasons, lines } = await loadDirectly(cloud, this.args);
    expect(reasons).toEqual([]);
    return lines;
  }
  /** A load of which nobody knows how it ends. */
  attempt = () => loadDirectly(cloud, this.args).catch((error: Error) => error);

  /** What the model says, and no work of an audit by a load that went on to its end. */
  async expectRight({ killed = 0 }: { killed?: number } = {}) {
    expect(await faultsOf(cloud, this.model)).toEqual([]);
    const loads = new Set(
      (await auditTables(cloud, this.model.table)).map(
        (name) => /_(\d{8}_\d{6}_[0-9A-F]{8})_/.exec(name)?.[1],
      ),
    );
    expect(loads.size).toBeLessThanOrEqual(killed);
  }
}

const statement = (pattern: RegExp) => (seen: Seen) => pattern.test(seen.sql);
const statusOf = ({ path }: Seen) => path.startsWith("/monitoring/queries/");
const resultOf = ({ path }: Seen) => /^\/queries\/[0-9a-f-]+\/result/.test(path);
/** The first request of that kind after a statement. */
function following(first: RegExp, then: (seen: Seen) => boolean) {
  let passed = false;
  return (seen: Seen) => {
    passed ||= first.test(seen.sql);
    return passed && then(seen);
  };
}
const BLOCK = /^DECLARE/;

type Point = [name: string, matches: () => (seen: Seen) => boolean, phase: "before" | "after"];
const at = (name: string, phase: Point[2], matches: () => (seen: Seen) => boolean): Point => [
  name,
  matches,
  phase,
];
const POINTS: Point[] = [
  at(
    "when it has logged in",
    "after",
    () =>
      ({ path }) =>
        path.startsWith("/session/v1/login-request"),
  ),
  at("when it has its turn", "after", () => statement(/^INSERT INTO .*_LOAD_LOCK"/)),
  at("when the files are listed", "after", () => statement(/^LIST /)),
  at("when the plan is read", "after", () => statement(/^SELECT c\.VERSION/)),
  at("when the warehouse has grown", "after", () => statement(/WAREHOUSE_SIZE = 'XLARGE'/)),
  at("when the footers are read", "after", () => statement(/INFER_SCHEMA/)),
  at("when a landing table is made", "after", () => statement(/^CREATE TRANSIENT TABLE .*_LANDING_/)),
  at("before the COPY reaches Snowflake", "before", () => statement(/^COPY INTO/)),
  at("when Snowflake has the COPY", "after", () => statement(/^COPY INTO/)),
  at("while the COPY runs", "after", () => following(/^COPY INTO/, statusOf)),
  at("before the COPY's result is read", "before", () => following(/^COPY INTO/, resultOf)),
  at("before it is on record what landed", "before", () => statement(/^INSERT INTO .*_LANDED"/)),
  at("when it is on record what landed", "after", () => statement(/^INSERT INTO .*_LANDED"/)),
  at("while it is audited", "after", () => statement(/^CREATE .*_METER_DAYS"/)),
  at("when its figures are kept", "after", () => statement(/^INSERT INTO .*_FIGURES"/)),
  at("when the run is on record", "after", () => statement(/^MERGE INTO .*_RUNS"/)),
  at("before the publishing reaches Snowflake", "before", () => statement(BLOCK)),
  at("when Snowflake has the publishing", "after", () => statement(BLOCK)),
  at("before the publishing's result is read", "before", () => following(BLOCK, resultOf)),
  at("when it was published, before it is looked at", "before", () =>
    following(BLOCK, statement(/^SELECT VERSION/)),
  ),
  at("before the warehouse shrinks", "before", () => statement(/WAREHOUSE_SIZE = 'MEDIUM'/)),
  at("while its work is dropped", "before", () => statement(/^DROP TABLE .*_AUDIT_/)),
  at("before what landed is dropped", "before", () => statement(/^DROP TABLE .*_LANDING_/)),
  at("when what landed is dropped", "after", () => statement(/^DELETE FROM .*_LANDED"/)),
  at("before the turn is given back", "before", () => statement(/^DELETE FROM .*_LOAD_LOCK"/)),
];
const points = (...names: RegExp[]) => POINTS.filter(([name]) => names.some((pattern) => pattern.test(name)));

/** Arms a fault; a load that goes by without meeting it fails the test. */
function armed(matches: (seen: Seen) => boolean, phase: Point[2], act: () => Promise<"drop" | "pass">) {
  let struck = false;
  void cloud.proxy.arm({
    matches,
    phase,
    act: async () => {
      struck = true;
      return act();
    },
  });
  return () => expect(struck).toBe(true);
}

describe("the client is killed", () => {
  let group: Group;
  beforeAll(async () => {
    group = await Group.start("KILLED");
  });
  let killed = 0;

  test.each(POINTS)("%s", async (_name, matches, phase) => {
    await group.upload();
    const client = loadInProcess(cloud, group.args);
    const ended = once(client, "exit");
    const struck = armed(matches(), phase, async () => {
      client.kill("SIGKILL");
      await ended;
      return "drop";
    });
    await ended;
    struck();
    killed += 1;
    await group.load();
    await group.expectRight({ killed });
  });
});

describe("the client is told to end: it is at rest before any other load", () => {
  let group: Group;
  beforeAll(async () => {
    group = await Group.start("TOLD");
  });
  let killed = 0;

  test.each(
    points(
      /warehouse has grown/,
      /while the COPY runs/,
      /while it is audited/,
      /Snowflake has the publishing/,
      /work is dropped/,
    ),
  )("%s", async (_name, matches, phase) => {
    await group.upload();
    const client = loadInProcess(cloud, group.args);
    const ended = once(client, "exit");
    const struck = armed(matches(), phase, async () => {
      client.kill("SIGTERM");
      return "pass";
    });
    expect(await ended).toEqual([130, null]);
    struck();
    killed += 1;
    const sizes = await cloud.sql("SHOW WAREHOUSES LIKE 'LOAD_TEST_WH'");
    expect(sizes.map(({ size }) => size)).toEqual(["Medium"]);
    await group.load();
    await group.expectRight({ killed });
  });
});

describe("the network drops an answer: the load itself goes on to its end", () => {
  let group: Group;
  beforeAll(async () => {
    group = await Group.start("DROPPED");
  });
  let doubtful = 0;

  test.each(
    points(
      /landing table is made/,
      /before the COPY reaches/,
      /Snowflake has the COPY/,
      /while the COPY runs/,
      /COPY's result is read/,
      /it is on record what landed/,
      /run is on record/,
      /before the publishing reaches/,
      /Snowflake has the publishing/,
      /publishing's result is read/,
    ),
  )("%s", async (_name, matches, phase) => {
    await group.upload();
    const struck = armed(matches(), phase, async () => "drop");
    const lines = await group.load();
    struck();
    // The landing table of a COPY in doubt is left alone.
    if (lines.some((line) => line.includes("nobody knows what became of the COPY"))) doubtful += 1;
    await group.expectRight({ killed: doubtful });
  });
});

describe("Snowflake is killed", () => {
  let group: Group;
  beforeAll(async () => {
    group = await Group.start("DOWN");
  });
  let killed = 0;
  const restart = async () => {
    await cloud.restartSnowflake("SIGKILL");
    return "drop" as const;
  };
  const goOn = async () => {
    killed += 1;
    await group.load();
    await group.expectRight({ killed });
  };

  test.each(
    points(
      /while the COPY runs/,
      /it is on record what landed/,
      /while it is audited/,
      /Snowflake has the publishing/,
      /before the publishing's result/,
      /what landed is dropped/,
    ),
  )("%s", async (_name, matches, phase) => {
    await group.upload();
    const struck = armed(matches(), phase, restart);
    await group.attempt();
    struck();
    await goOn();
  });

  // Another transaction holds the table that the statement needs; the block waits there, all that comes before it done.
  test.each([
    ["taking the fence", "_CONTROL", "VERSION"],
    ["discarding the replaced file's record", "_LOADS", "SIZE"],
    ["deleting the replaced file's rows", "", "VOLTAGE"],
    ["recording the run, all rows inserted", "_RUNS", "OWNER"],
    ["changing the meters' summary", "_METERS", "READINGS"],
    ["changing the days' summary, last of all", "_DAYS", "READINGS"],
  ])("within the publishing: %s", async (_name, suffix, column) => {
    await group.upload();
    const { rows, close } = await administrator();
    const struck = armed(statement(BLOCK), "before", async () => {
      await rows("BEGIN TRANSACTION");
      await rows(`UPDATE FLUX_LOAD_TEST.PRODUCTION.${group.model.table}${suffix} SET ${column} = ${column}`);
      void waitsForLock().then(() => cloud.restartSnowflake("SIGKILL"));
      return "pass";
    });
    await group.attempt();
    struck();
    await close();
    await goOn();
  });

  // What only adds rows waits for nobody: the server ends itself as it begins the statement.
  test.each([
    ["inserting the readings", 'INSERT INTO [^ ]*"DOWN" '],
    ["inserting the rejected rows", 'INSERT INTO [^ ]*"DOWN_REJECTED" '],
    ["inserting into the accounting", 'INSERT INTO [^ ]*"DOWN_LOADS" '],
    ["inserting into the meters' summary", 'INSERT INTO [^ ]*"DOWN_METERS" '],
    ["inserting into the days' summary", 'INSERT INTO [^ ]*"DOWN_DAYS" '],
    ["committing", "COMMIT"],
  ])("within the publishing: %s", async (_name, pattern) => {
    await group.upload();
    await cloud.restartSnowflake("SIGTERM", { switches: { killedAt: `^\\s*${pattern}` } });
    const attempt = group.attempt();
    await cloud.restartSnowflake("by itself");
    await attempt;
    await goOn();
  });
});

/** A session of the account's administrator, for a transaction of its own. */
async function administrator() {
  const { snowflake } = cloud.sandbox.accounts.owner;
  const { organization, account, user, password } = snowflake;
  return openSession(
    {
      account: `${organization}-${account}`,
      user,
      password,
      accessUrl: `http://127.0.0.1:${cloud.sandbox.snowflake.port}`,
    },
    { tag: "test", setup: ["USE ROLE ACCOUNTADMIN", "USE WAREHOUSE LOAD_TEST_WH"] },
  );
}

/** Resolves once some statement waits for a lock. */
async function waitsForLock(): Promise<void> {
  for (;;) {
    const locks = await cloud.sql("SHOW LOCKS IN ACCOUNT");
    if (locks.some(({ status }) => status === "WAITING")) return;
    await new Promise((resume) => setTimeout(resume, 20));
  }
}
