/**
 * What the publishing's fence is for: loads that do not see each other, statements that run twice or not at all, tables
 * that others change, drop or bring back meanwhile. Each is rolled back or noticed, and one more load makes it right.
 */
import { LoadError } from "../../components/snowflake/errors.ts";
import { openSession } from "../../components/snowflake/session.ts";
import { LOCK_COLUMNS, lockTableName } from "../../components/verified-load/tables.ts";
import { fixtures, type Reading, readings } from "../../sandbox/test/support/parquet-fixtures.ts";
import { type LoadCloud, type Settings, startLoadCloud } from "./support/load-cloud.ts";
import { loadDirectly } from "./support/load-directly.ts";
import { faultsOf, type Model } from "./support/model.ts";

jest.setTimeout(240_000);

let cloud: LoadCloud;
beforeAll(async () => {
  cloud = await startLoadCloud();
}, 180_000);
afterAll(() => cloud?.stopAll());
afterEach(() => cloud.proxy.disarm());

const day = (number: number, voltage = 120): Reading[] =>
  readings({ meters: 1, start: `2026-06-0${number}` }).map((row) => ({ ...row, voltage }));

let tables = 0;

/** A table with its model. Every load has a courtesy lock of its own, so that none waits for another. */
class Scene {
  readonly model: Model = { table: `FENCE_${++tables}`, files: new Map() };
  private args: Settings | undefined;
  private loads = 0;

  static async start(...days: number[]): Promise<Scene> {
    const scene = new Scene();
    scene.args = { ...(await cloud.makeTable(scene.model.table)), replacedFiles: "replace" };
    for (const number of days) await scene.put(number);
    return scene;
  }

  of = (suffix = "") => `FLUX_LOAD_TEST.PRODUCTION.${this.model.table}${suffix}`;

  async put(number: number, voltage?: number): Promise<void> {
    const rows = day(number, voltage);
    this.model.files.set(`${number}.parquet`, rows);
    await cloud.put(this.model.table, `${number}.parquet`, await fixtures.hyparquet(rows));
  }

  /** How a load ends: "well", the checks that refuse it, or an error's kind with what it says. */
  async load(more: Partial<Settings> = {}): Promise<string> {
    const lockTable = `${lockTableName(this.model.table)}_${++this.loads}`;
    const columns = LOCK_COLUMNS.map(({ name, type }) => `${name} ${type}`).join(", ");
    await cloud.sql(`CREATE TABLE FLUX_LOAD_TEST.PRODUCTION.${lockTable} (${columns})`);
    await cloud.sql(`GRANT ALL ON TABLE FLUX_LOAD_TEST.PRODUCTION.${lockTable} TO ROLE ${this.args?.role}`);
    try {
      const { reasons, outputs } = await loadDirectly(cloud, {
        ...this.args,
        ...more,
        lockTable,
      } as Settings);
      if (reasons.length > 0) return `refused: ${reasons.map((reason) => reason.split(":")[0]).join(", ")}`;
      const rows = [...this.model.files.values()].reduce((sum, { length }) => sum + length, 0);
      return outputs?.totalRows === rows ? "well" : `well, with ${outputs?.totalRows} rows`;
    } catch (error) {
      if (error instanceof LoadError) return `${error.kind}: ${error.message}`;
      throw error;
    }
  }

  /** Ends once the account is as the model says: sessions may see it late. */
  async expectRight(): Promise<void> {
    let faults = await faultsOf(cloud, this.model);
    for (let attempt = 0; faults.length > 0 && attempt < 50; attempt++) {
      await new Promise((resume) => setTimeout(resume, 100));
      faults = await faultsOf(cloud, this.model);
    }
    expect(faults).toEqual([]);
  }

  async expectMendedByOneMore(): Promise<void> {
    expect(await this.load()).toBe("well");
    await this.expectRight();
  }

  async version(): Promise<number> {
    return Number((await cloud.sql(`SELECT VERSION FROM ${this.of("_CONTROL")}`))[0]?.VERSION);
  }
}

const BLOCK = /^DECLARE[\s\S]*BEGIN TRANSACTION/;
/** Does something right before the next statement of a load that matches reaches Snowflake. */
const justBefore = (statement: RegExp, act: () => Promise<unknown>) =>
  cloud.proxy.arm({
    matches: ({ sql }) => statement.test(sql),
    phase: "before",
    act: async () => {
      await act();
      return "pass" as const;
    },
  });

const withSwitches = (switches: NonNullable<Parameters<LoadCloud["restartSnowflake"]>[1]>["switches"]) =>
  cloud.restartSnowflake("SIGTERM", { switches: switches ?? {} });

/** So many loads of the same files at once, twice. */
async function atOnce(loads: number): Promise<void> {
  const scene = await Scene.start(1, 2);
  const all = () => Promise.all(Array.from({ length: loads }, () => scene.load()));
  expect(new Set(await all())).toEqual(new Set(["well"]));
  await scene.expectRight();
  await scene.put(2, 118);
  await scene.put(3);
  expect(new Set(await all())).toEqual(new Set(["well"]));
  await scene.expectRight();
  expect(await scene.version()).toBe(3);
}

test("5 loads at once publish each file once", () => atOnce(5));

describe("sessions see each other's commits late", () => {
  beforeAll(() => withSwitches({ commitsSeenAfterMilliseconds: 2_000 }));
  afterAll(() => withSwitches({}));

  test("2 loads at once publish each file once", () => atOnce(2));

  test("a load audits against what another one published after it began", async () => {
    const scene = await Scene.start(1);
    expect(await scene.load()).toBe("well");
    await scene.put(2);
    const struck = justBefore(/^SHOW TABLES LIKE/, async () => {
      expect(await scene.load()).toBe("well");
      await scene.put(3);
    });
    expect(await scene.load()).toBe("well");
    await struck;
    await scene.expectRight();
    expect(await scene.version()).toBe(4);
  });
});

describe("a statement runs twice", () => {
  afterAll(() => withSwitches({}));

  test.each([
    ["the publishing", "BEGIN TRANSACTION"],
    ["the COPY", "^COPY INTO"],
  ])("%s", async (_what, doubledSubmit) => {
    await withSwitches({ doubledSubmit });
    const scene = await Scene.start(1, 2);
    expect(await scene.load()).toBe("well");
    await scene.expectRight();
    await scene.put(2, 118);
    await scene.expectMendedByOneMore();
  });
});

describe("an update is lost", () => {
  afterAll(() => withSwitches({}));

  test.each([
    ["of the control row", "^UPDATE .*_CONTROL", /^not-as-audited: .*exactly one row, written by this load/],
    ["of a replaced file's record", "^UPDATE .*_LOADS. SET DISCARDED_AT", /^not-as-audited: .*already: 1/],
  ])("%s: nothing is published", async (_what, lostUpdate, ending) => {
    await withSwitches({});
    const scene = await Scene.start(1, 2);
    expect(await scene.load()).toBe("well");
    await scene.expectRight();
    const version = await scene.version();
    await withSwitches({ lostUpdate });
    await scene.put(2, 118);
    expect(await scene.load()).toMatch(ending);
    expect(await scene.version()).toBe(version);
    await scene.expectMendedByOneMore();
  });
});

describe("others change the load's tables meanwhile", () => {
  test("the control table is dropped, and made anew by another load", async () => {
    const scene = await Scene.start(1);
    expect(await scene.load()).toBe("well");
    await scene.put(2);
    const struck = justBefore(BLOCK, async () => {
      await cloud.sql(`DROP TABLE ${scene.of("_CONTROL")}`);
      expect(await scene.load()).toBe("well");
    });
    expect(await scene.load()).toBe("well");
    await struck;
    await scene.expectRight();
  });

  test("the control table is dropped", async () => {
    const scene = await Scene.start(1);
    const struck = justBefore(BLOCK, () => cloud.sql(`DROP TABLE ${scene.of("_CONTROL")}`));
    expect(await scene.load()).toMatch(/^object-missing: /);
    await struck;
    expect(await cloud.sql(`SELECT * FROM ${scene.of()}`)).toEqual([]);
    await scene.expectMendedByOneMore();
  });

  const older = async (scene: Scene) => {
    await cloud.sql(`CREATE TABLE ${scene.of("_OLDER")} AS SELECT * FROM ${scene.of("_CONTROL")}`);
    return async () => {
      await cloud.sql(`DELETE FROM ${scene.of("_CONTROL")}`);
      await cloud.sql(`INSERT INTO ${scene.of("_CONTROL")} SELECT * FROM ${scene.of("_OLDER")}`);
    };
  };

  test("an older control row comes back: no FILE_ID is given twice", async () => {
    const scene = await Scene.start(1);
    expect(await scene.load()).toBe("well");
    const bringBack = await older(scene);
    await scene.put(2);
    expect(await scene.load()).toBe("well");
    await bringBack();
    await scene.put(3);
    await scene.expectMendedByOneMore();
  });

  test("an older control row comes back while a load that planned by it is at work: the readings tell, and it plans again", async () => {
    const scene = await Scene.start(1);
    expect(await scene.load()).toBe("well");
    const bringBack = await older(scene);
    await scene.put(2);
    const struck = justBefore(BLOCK, async () => {
      await scene.put(3);
      expect(await scene.load()).toBe("well");
      await bringBack();
    });
    expect(await scene.load()).toBe("well");
    await struck;
    await scene.expectRight();
  });

  test("a second control row, be it the same one, stops every load", async () => {
    const scene = await Scene.start(1);
    expect(await scene.load()).toBe("well");
    const twice = `INSERT INTO ${scene.of("_CONTROL")} SELECT * FROM ${scene.of("_CONTROL")}`;
    await scene.put(2);
    const struck = justBefore(BLOCK, () => cloud.sql(twice));
    expect(await scene.load()).toMatch(/^control-damaged: .* has 2 rows/);
    await struck;
    await cloud.sql(`DROP TABLE ${scene.of("_CONTROL")}`);
    await scene.expectMendedByOneMore();
  });

  test("the readings are emptied between plan and publishing: everything is loaded anew", async () => {
    const scene = await Scene.start(1, 2);
    expect(await scene.load()).toBe("well");
    await scene.put(3);
    const struck = justBefore(BLOCK, () => cloud.sql(`TRUNCATE TABLE ${scene.of()}`));
    expect(await scene.load()).toBe("well");
    await struck;
    await scene.expectRight();
  });

  test("readings go between plan and publishing: nothing is published on top", async () => {
    const scene = await Scene.start(1);
    expect(await scene.load()).toBe("well");
    await scene.put(2);
    const struck = justBefore(BLOCK, () => cloud.sql(`DELETE FROM ${scene.of()} WHERE HOUR(TIMESTAMP) = 3`));
    expect(await scene.load()).toBe("refused: accountedRows, continuity");
    await struck;
    expect(await scene.version()).toBe(2);
  });

  test("landed rows double after they were counted: not published, and landed anew", async () => {
    const scene = await Scene.start(1);
    const double = async () => {
      const [landing] = await cloud.sql(
        `SHOW TABLES LIKE '${scene.model.table}_LANDING_%' IN SCHEMA FLUX_LOAD_TEST.PRODUCTION`,
      );
      const name = `FLUX_LOAD_TEST.PRODUCTION."${landing?.name}"`;
      await cloud.sql(`INSERT INTO ${name} SELECT * FROM ${name}`);
    };
    const quality = { duplicates: { severity: "off" } } as const;
    const counted = justBefore(/^CREATE OR REPLACE TRANSIENT TABLE .*_STATS"/, double);
    expect(await scene.load({ quality })).toMatch(/^landing-changed: /);
    await counted;
    const audited = justBefore(BLOCK, double);
    expect(await scene.load({ quality })).toMatch(/^not-as-audited: .*rows to publish: 96 expected, not 192/);
    await audited;
    expect(await scene.load({ quality })).toMatch(/^landing-changed: /);
    expect(await cloud.sql(`SELECT * FROM ${scene.of()}`)).toEqual([]);
    await scene.expectMendedByOneMore();
  });

  test("another load publishes, and drops, the landing tables that this one reads", async () => {
    const scene = await Scene.start(1, 2);
    expect(await scene.load({ publish: false })).toBe("well, with 0 rows");
    const struck = justBefore(/^CREATE OR REPLACE TRANSIENT TABLE .*_METER_DAYS"/, async () => {
      expect(await scene.load()).toBe("well");
    });
    expect(await scene.load()).toBe("well");
    await struck;
    await scene.expectRight();
    expect(await scene.version()).toBe(2);
  });

  test.each([
    ["its transaction is aborted", (id: string) => `SELECT SYSTEM$ABORT_TRANSACTION(${id})`],
    ["it is cancelled", (_id: string, query: string) => `SELECT SYSTEM$CANCEL_QUERY('${query}')`],
  ])("the publishing is stopped halfway: %s", async (_how, stop) => {
    const scene = await Scene.start(1);
    expect(await scene.load()).toBe("well");
    await scene.put(1, 118);
    await scene.put(2);
    const { snowflake } = cloud.sandbox.accounts.owner;
    const other = await openSession(
      {
        account: `${snowflake.organization}-${snowflake.account}`,
        user: snowflake.user,
        password: snowflake.password,
        accessUrl: `http://127.0.0.1:${cloud.sandbox.snowflake.port}`,
      },
      { tag: "test", setup: ["USE ROLE ACCOUNTADMIN", "USE WAREHOUSE LOAD_TEST_WH"] },
    );
    // It waits for the meters' summary, when all rows are inserted.
    let stopped: Promise<void> | undefined;
    const struck = justBefore(BLOCK, async () => {
      await other.rows("BEGIN TRANSACTION");
      await other.rows(`UPDATE ${scene.of("_METERS")} SET READINGS = READINGS`);
      stopped = (async () => {
        for (;;) {
          const locks = await cloud.sql("SHOW LOCKS IN ACCOUNT");
          const waiting = locks.find(({ status }) => status === "WAITING");
          if (waiting !== undefined) {
            await cloud.sql(stop(String(waiting.transaction), String(waiting.query_id)));
            await other.rows("ROLLBACK");
            return;
          }
          await new Promise((resume) => setTimeout(resume, 20));
        }
      })();
    });
    expect(await scene.load()).not.toBe("well");
    await struck;
    await stopped;
    await other.close();
    expect(await scene.version()).toBe(2);
    expect(await cloud.sql(`SELECT COUNT(*) AS N FROM ${scene.of()} WHERE VOLTAGE = 120`)).toEqual([
      { N: 96 },
    ]);
    expect(await cloud.sql(`SELECT COUNT(*) AS N FROM ${scene.of()}`)).toEqual([{ N: 96 }]);
    await scene.expectMendedByOneMore();
  });
});
