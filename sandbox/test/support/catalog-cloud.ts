import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { applyBootstrap, type Bootstrap } from "../../snowflake/catalog/bootstrap.ts";
import { Catalog } from "../../snowflake/catalog/catalog.ts";
import type { Cloud, Execution, Handler, Session } from "../../snowflake/context.ts";
import { Engine } from "../../snowflake/engine/engine.ts";
import { parse } from "../../snowflake/grammar/parse.ts";
import { Warehouses } from "../../snowflake/history/warehouses.ts";
import type { ResultSet } from "../../snowflake/result.ts";
import { handlers } from "../../snowflake/statements/index.ts";
import { readSwitches } from "../../snowflake/switches.ts";
import { Transactions } from "../../snowflake/transactions/transactions.ts";

const account = (organization: string, name: string, locator: string, user: string) => ({
  organization,
  name,
  locator,
  region: "AWS_US_EAST_1",
  users: [{ name: user, password: "secret", defaultRole: "ACCOUNTADMIN" }],
  awsIamUser: {
    arn: `arn:aws:iam::999999999999:user/${locator.toLowerCase()}-s-ext`,
    accessKeyId: "none",
    secretAccessKey: "none",
  },
});

const bootstrap: Bootstrap = {
  aws: { endpoint: "http://127.0.0.1:1", region: "us-east-1" },
  accounts: [
    account("FLUX", "OPERATIONS", "FX10001", "DEPLOYER"),
    account("PARTNERCO", "ANALYTICS", "PC20002", "ANALYST"),
    account("STRANGER", "ACCOUNT", "ST30003", "STRANGER"),
  ],
};

export type AccountName = "FLUX-OPERATIONS" | "PARTNERCO-ANALYTICS" | "STRANGER-ACCOUNT";

/** Rows by column name. */
export type Rows = Record<string, string | null>[];

/** A local Snowflake without its HTTP side: statements go from the grammar straight to their handlers. */
export class CatalogCloud {
  readonly directory: string;
  readonly cloud: Cloud;
  readonly #engine: Engine;
  #sessions = 0;
  /** The clock stands still, at this many milliseconds since 1970, until a test moves it. */
  time = Date.parse("2026-03-01T12:00:00Z");

  private constructor(directory: string, engine: Engine) {
    this.directory = directory;
    this.#engine = engine;
    const now = () => new Date(this.time);
    const catalog = Catalog.open(directory);
    applyBootstrap(catalog, bootstrap, now());
    const warehouses = new Warehouses(
      path.join(directory, "history"),
      (key, id) =>
        [...catalog.accountOfKey(key).warehouses.values()].find((warehouse) => warehouse.id === id),
      () => now().getTime(),
    );
    this.cloud = {
      catalog,
      engine,
      warehouses,
      bootstrap,
      now,
      dataDirectory: directory,
      running: new Map(),
      switches: readSwitches(),
      transactions: new Transactions(engine, readSwitches(), now),
    } as Partial<Cloud> as Cloud;
  }

  /** Opens a folder again, or a fresh one. */
  static async open(directory = mkdtempSync(path.join(os.tmpdir(), "catalog-"))): Promise<CatalogCloud> {
    const engine = await Engine.start(path.join(directory, "databases"), {
      memoryMegabytes: 256,
      threads: 1,
    });
    return new CatalogCloud(directory, engine);
  }

  session(key: AccountName = "FLUX-OPERATIONS", role = "ACCOUNTADMIN"): Session {
    const [user] = [...this.cloud.catalog.accountOfKey(key).users.keys()];
    return {
      id: ++this.#sessions,
      account: key,
      user: user as string,
      role,
      warehouse: null,
      database: null,
      schema: null,
      parameters: new Map(),
      secondaryRoles: [],
      transaction: null,
      running: 0,
      queryIds: [],
      temporary: new Map(),
    } as Partial<Session> as Session;
  }

  async run(session: Session, sql: string): Promise<ResultSet> {
    const statement = parse(sql);
    const { signal } = new AbortController();
    const execution = {
      cloud: this.cloud,
      session,
      sql,
      queryId: "none",
      signal,
      connection: () => this.#engine.connect(),
    } as Partial<Execution> as Execution;
    return await (handlers[statement.kind] as Handler)(statement, execution);
  }

  /** Runs statements one after another. */
  async all(session: Session, ...statements: string[]): Promise<void> {
    for (const sql of statements) await this.run(session, sql);
  }

  async rows(session: Session, sql: string): Promise<Rows> {
    const { columns, rows } = await this.run(session, sql);
    return rows.map((row) => Object.fromEntries(row.map((cell, at) => [columns[at]?.name, cell])));
  }

  /** The code and message of the error that a statement has to end in. */
  async error(session: Session, sql: string): Promise<{ code: string; message: string }> {
    try {
      await this.run(session, sql);
    } catch (error) {
      const { code, message } = error as { code: string; message: string };
      return { code, message };
    }
    throw new Error(`no error from: ${sql}`);
  }

  async close(options: { keep?: boolean } = {}): Promise<void> {
    this.cloud.transactions.stop();
    this.cloud.warehouses.stop();
    await this.#engine.stop();
    if (!options.keep) rmSync(this.directory, { recursive: true, force: true });
  }
}
