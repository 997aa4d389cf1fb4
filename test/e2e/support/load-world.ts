/** One readings table with its bucket's folder, beside the model of it: every step is done to both, and then compared. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LoadError } from "../../../components/snowflake/errors.ts";
import { moment } from "../../../components/snowflake/times.ts";
import { LOCK_COLUMNS, lockTableName } from "../../../components/verified-load/tables.ts";
import { type FixtureName, fixtures, type Reading } from "../../../sandbox/test/support/parquet-fixtures.ts";
import { startFaultProxy } from "./fault-proxy.ts";
import { type LoadCloud, type Settings, WAREHOUSE } from "./load-cloud.ts";
import { loadDirectly } from "./load-directly.ts";
import { type Ending, expected, LoadModel, type ModelSettings } from "./load-model.ts";

export const KINDS = [
  "hyparquet",
  "int96",
  "textTimestamp",
  "negative",
  "badVoltage",
  "noRows",
  "truncated",
  "corrupt",
  "zeroBytes",
  "renamedKeys",
] as const;
export type Kind = (typeof KINDS)[number];

/** What befalls a load: its client dies, or a request or its answer is lost, at a statement. */
export interface Mishap {
  kind: "kill" | "drop";
  /** Counted from 1. */
  statement: number;
  phase: "before" | "after";
}

const READINGS_A_DAY = 4;
const INTERVAL_MINUTES = 1440 / READINGS_A_DAY;
const UNREADABLE: readonly Kind[] = ["truncated", "corrupt", "zeroBytes"];
const ROW_OF_BAD_VOLTAGE = 2;
/** Loads at once, each with a table of its own for the courtesy lock, so that they do not see each other. */
const MOST_LOADS = 5;

let tables = 0;

export class LoadWorld {
  readonly model = new LoadModel();
  readonly table: string;
  private readonly cloud: LoadCloud;
  private readonly settings: Settings;
  private serial = 0;

  private constructor(cloud: LoadCloud, table: string, settings: Settings) {
    this.cloud = cloud;
    this.table = table;
    this.settings = settings;
  }

  static async create(cloud: LoadCloud): Promise<LoadWorld> {
    const table = `MODEL_${++tables}`;
    const settings = await cloud.makeTable(table);
    const world = new LoadWorld(cloud, table, settings);
    for (let load = 1; load < MOST_LOADS; load++)
      await cloud.sql(
        `CREATE TABLE ${world.name(lockOf(table, load))} (${LOCK_COLUMNS.map(({ name, type }) => `${name} ${type}`).join(", ")})`,
      );
    await cloud.sql(
      `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${settings.database}.${settings.schema} TO ROLE ${settings.role}`,
    );
    return world;
  }

  /** The readings table, or one beside it. */
  name(of = this.table): string {
    return `${this.settings.database}.${this.settings.schema}."${of}"`;
  }

  private sql(statement: string) {
    return this.cloud.sql(statement);
  }

  // ── What people and producers do ──────────────────────────────────────────────────────────

  async upload(name: string, kind: Kind, day: number, meters: number): Promise<void> {
    const rows = kind === "noRows" ? [] : this.readings(day, meters);
    const negative = rows.map((row, index) => (index === 1 ? { ...row, usageKwh: -row.usageKwh } : row));
    const contents = kind === "negative" ? negative : rows;
    const fixture: FixtureName = kind === "negative" ? "hyparquet" : kind;
    const body = await fixtures[fixture](contents);
    await this.cloud.put(this.table, name, body);
    const bad = kind === "badVoltage" ? ROW_OF_BAD_VOLTAGE : -1;
    this.model.bucket.set(name, {
      body,
      rows: contents.filter((_row, index) => index !== bad),
      bad: bad < 0 ? 0 : 1,
      unreadable: UNREADABLE.includes(kind),
      keyless: kind === "renamedKeys",
    });
  }

  async remove(name: string): Promise<void> {
    if (!this.model.bucket.delete(name)) return;
    await this.cloud.remove(this.table, name);
  }

  async truncate(): Promise<void> {
    await this.sql(`TRUNCATE TABLE ${this.name()}`);
    this.model.truncate();
  }

  /** Deletes readings of a day and of meters up to one, of whatever file. */
  async deleteByHand(day: number, meters: number): Promise<void> {
    const gone = ({ meterId, timestamp }: Reading) =>
      (meterId ?? "") <= meter(meters) && timestamp?.toISOString().slice(0, 10) === dayOf(day);
    await this.sql(
      `DELETE FROM ${this.name()} WHERE METER_ID <= '${meter(meters)}' AND TIMESTAMP::DATE = '${dayOf(day)}'`,
    );
    for (const file of this.model.live.values()) file.rows = file.rows.filter((row) => !gone(row));
    this.model.foreign = this.model.foreign.filter((row) => !gone(row));
    this.model.byHand();
  }

  async insertByHand(day: number, meters: number): Promise<void> {
    const rows = this.readings(day, meters);
    await this.sql(
      `INSERT INTO ${this.name()} (METER_ID, TIMESTAMP, USAGE_KWH, VOLTAGE) VALUES ${rows
        .map(
          ({ meterId, timestamp, usageKwh, voltage }) =>
            `('${meterId}', '${timestamp?.toISOString().slice(0, 19)}', ${usageKwh}, ${voltage})`,
        )
        .join(", ")}`,
    );
    this.model.foreign.push(...rows);
    this.model.byHand();
  }

  /** COPY of a file that reads well into the readings, past every load. */
  async copyByHand(name: string): Promise<void> {
    const file = this.model.bucket.get(name);
    if (!file || file.unreadable || file.keyless || file.bad > 0 || file.rows.length === 0) return;
    if (file.rows.some(({ usageKwh }) => usageKwh < 0)) return;
    await this.sql(
      `COPY INTO ${this.name()} FROM @${this.settings.database}.${this.settings.schema}.${this.settings.stage}/${this.table}/ FILES = ('${name}') FILE_FORMAT = (TYPE = PARQUET USE_VECTORIZED_SCANNER = TRUE) MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE FORCE = TRUE`,
    );
    this.model.foreign.push(...file.rows);
    this.model.byHand();
  }

  /** By the very block that the documentation gives. */
  async forget(name: string): Promise<void> {
    if (!this.model.live.has(name)) return;
    const [row] = await this.sql(
      `SELECT FILE_ID FROM ${this.name(`${this.table}_LOADS`)} WHERE DISCARDED_AT IS NULL AND ENDSWITH(FILE, '/${name}')`,
    );
    const block = forgetBlock()
      .replaceAll(/\bAMI_INTERVAL_READINGS(_\w+)?\b/g, (_all, suffix = "") =>
        this.name(`${this.table}${suffix}`),
      )
      .replaceAll("FILE_ID = 7", `FILE_ID = ${row?.FILE_ID}`);
    const [answer] = await this.sql(block);
    expect(Object.values(answer ?? {})).toEqual(["forgotten"]);
    this.model.forget(name);
  }

  // ── Loads ─────────────────────────────────────────────────────────────────────────────────

  /** Loads once, or so many times at once, and compares how they ended with the model. */
  async load(settings: ModelSettings, loads = 1): Promise<void> {
    const endings = await Promise.all(Array.from({ length: loads }, (_, load) => this.start(settings, load)));
    const foreseen = [this.model.load(settings)];
    // Whoever comes second finds what the first has published.
    if (loads > 1) foreseen.push(this.model.load(settings));
    for (const ending of endings) expect(foreseen).toContainEqual(ending);
    await this.expectAtRest();
  }

  /** A load to which something happens. After a lost request it ends as ever; after a kill, all of it is there, or nothing. */
  async loadWith(settings: ModelSettings, mishap: Mishap): Promise<void> {
    const proxy = await startFaultProxy(() => this.cloud.sandbox.snowflake.port);
    let seen = 0;
    const dead = { success: false, code: "000002", message: "the client is dead", data: {} };
    const kill = () => {
      void proxy.arm({
        matches: () => true,
        phase: "before",
        act: () => {
          kill();
          return { answer: dead };
        },
      });
    };
    void proxy.arm({
      matches: ({ sql }) => sql !== "" && ++seen === mishap.statement,
      phase: mishap.phase,
      act: () => {
        if (mishap.kind === "drop") return "drop";
        kill();
        return { answer: dead };
      },
    });
    try {
      const before = await this.version();
      const ending = await this.start(settings, 0, { ...this.cloud.env, SNOWFLAKE_PORT: String(proxy.port) });
      if (mishap.kind === "drop" || seen < mishap.statement) {
        expect(ending).toEqual(this.model.load(settings));
        await this.expectAtRest();
        return;
      }
      await this.settle();
      if ((await this.version()) !== before) this.model.load(settings);
      // Its process is that of these tests, and lives: nobody else would take it for dead.
      await this.sql(`DELETE FROM ${this.name(lockTableName(this.table))}`);
    } finally {
      await proxy.stop();
    }
  }

  private async start(settings: ModelSettings, load: number, env = this.cloud.env): Promise<Ending> {
    const { negative, duplicates, maxUnreadable, ...others } = settings;
    const warn = { severity: "warn" } as const;
    try {
      const { reasons } = await loadDirectly(
        this.cloud,
        {
          ...this.settings,
          ...others,
          owner: `test/${load}`,
          lockTable: lockOf(this.table, load),
          quality: {
            continuity: { ...warn, intervalMinutes: INTERVAL_MINUTES },
            dateCoverage: warn,
            voltage: warn,
            nullShares: warn,
            usageNotNegative: { severity: negative },
            duplicates: { severity: duplicates },
            unreadableFiles: { max: maxUnreadable },
          },
        } as Settings,
        env,
      );
      return reasons.length === 0 ? "well" : { refused: reasons.map((reason) => reason.split(":")[0] ?? "") };
    } catch (error) {
      if (error instanceof LoadError) return { error: error.kind === "other" ? error.message : error.kind };
      throw error;
    }
  }

  private async version(): Promise<number> {
    const [row] = await this.sql(`SELECT VERSION FROM ${this.name(`${this.table}_CONTROL`)}`);
    return Number(row?.VERSION);
  }

  /** Waits until nothing that a load sent is at work any more. */
  private async settle(): Promise<void> {
    for (;;) {
      const [row] = await this.sql(
        `SELECT COUNT(*) AS N FROM TABLE(${this.settings.database}.INFORMATION_SCHEMA.QUERY_HISTORY(RESULT_LIMIT => 100)) WHERE EXECUTION_STATUS = 'RUNNING' AND NOT CONTAINS(QUERY_TEXT, 'QUERY_HISTORY')`,
      );
      if (row?.N === 0) return;
      await new Promise((resume) => setTimeout(resume, 50));
    }
  }

  // ── What must hold ────────────────────────────────────────────────────────────────────────

  private async expectAtRest(): Promise<void> {
    for (let load = 0; load < MOST_LOADS; load++)
      expect(await this.sql(`SELECT * FROM ${this.name(lockOf(this.table, load))}`)).toEqual([]);
  }

  /** Compares the account with the model. */
  async compare(): Promise<void> {
    const of = (suffix: string) => this.name(this.table + suffix);
    const file = (url: unknown) => String(url).split("/").at(-1);
    const live = "a.DISCARDED_AT IS NULL";
    const readings = await this.sql(
      `SELECT a.FILE, r.METER_ID, r.TIMESTAMP, r.USAGE_KWH FROM ${this.name()} r LEFT JOIN ${of("_LOADS")} a ON a.FILE_ID = r.FILE_ID AND ${live}`,
    );
    const accounting = await this.sql(
      `SELECT FILE, ROWS_LOADED, ROWS_REJECTED, ROWS_PARSED FROM ${of("_LOADS")} a WHERE ${live}`,
    );
    const rejected = await this.sql(
      `SELECT a.FILE, COUNT(*) AS N FROM ${of("_REJECTED")} r JOIN ${of("_LOADS")} a ON a.FILE_ID = r.FILE_ID AND ${live} GROUP BY 1`,
    );
    const meters = await this.sql(`SELECT * FROM ${of("_METERS")}`);
    const days = await this.sql(`SELECT * FROM ${of("_DAYS")}`);
    const shown = {
      readings: readings
        .map(
          ({ FILE, METER_ID, TIMESTAMP, USAGE_KWH }) =>
            `${FILE === null ? "nobody's" : file(FILE)}: ${METER_ID} ${moment(TIMESTAMP)} ${USAGE_KWH}`,
        )
        .sort(),
      accounting: accounting
        .map((row) => `${file(row.FILE)}: ${row.ROWS_LOADED} and ${row.ROWS_REJECTED} rejected`)
        .sort(),
      rejected: rejected.map(({ FILE, N }) => `${file(FILE)}: ${N}`).sort(),
      ...(this.model.summariesHold && {
        meters: meters
          .map(
            (row) =>
              `${row.METER_ID} ${moment(row.FIRST_AT)} ${moment(row.LAST_AT)} ${row.READINGS} ${row.INTERVALS}`,
          )
          .sort(),
        days: days
          .map(
            (row) =>
              `${moment(row.DAY).slice(0, 10)} ${moment(row.FIRST_AT)} ${moment(row.LAST_AT)} ${row.READINGS} ${row.METERS} ${row.INTERVALS}`,
          )
          .sort(),
      }),
    };
    expect(shown).toEqual(expected(this.model));
    for (const { ROWS_PARSED, ROWS_LOADED, ROWS_REJECTED } of accounting)
      expect(ROWS_PARSED).toBe(Number(ROWS_LOADED) + Number(ROWS_REJECTED));
    expect(await this.sql(`SELECT COUNT(*) AS N FROM ${of("_CONTROL")}`)).toEqual([{ N: 1 }]);
    expect(await this.sql("SHOW TRANSACTIONS IN ACCOUNT")).toEqual([]);
  }

  async expectWarehouseAtRest(): Promise<void> {
    const [warehouse] = await this.sql(`SHOW WAREHOUSES LIKE '${WAREHOUSE}'`);
    expect(warehouse?.size).toBe("Medium");
  }

  /** Readings whose kWh are those of no other upload. */
  private readings(day: number, meters: number): Reading[] {
    const serial = ++this.serial;
    return Array.from({ length: meters * READINGS_A_DAY }, (_, index): Reading => {
      const interval = index % READINGS_A_DAY;
      return {
        meterId: meter(1 + Math.floor(index / READINGS_A_DAY)),
        timestamp: new Date(Date.parse(`${dayOf(day)}T00:00:00Z`) + interval * INTERVAL_MINUTES * 60_000),
        usageKwh: serial + interval / READINGS_A_DAY,
        voltage: 120,
        powerFactor: 0.9,
        segment: "RESIDENTIAL",
        sourceTable: "AMI_READINGS",
      };
    });
  }
}

const meter = (number: number) => `MTR-${number}`;
const dayOf = (day: number) => `2026-07-0${day}`;
const lockOf = (table: string, load: number) =>
  load === 0 ? lockTableName(table) : `${lockTableName(table)}_${load}`;

function forgetBlock(): string {
  const page = readFileSync(join(__dirname, "../../../docs/loading.md"), "utf8");
  const block = /^BEGIN\n {2}BEGIN TRANSACTION;[\s\S]*?^END;/m.exec(page)?.[0];
  if (block === undefined) throw new Error("docs/loading.md has no block that forgets a file");
  return block;
}
