/**
 * A local Snowflake without its HTTP front, for tests of loading: one account with a warehouse, an integration, a stage
 * and the readings table, on a catalog and an engine of its own in a temporary folder.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { applyBootstrap, type Bootstrap } from "../../snowflake/catalog/bootstrap.ts";
import { Catalog } from "../../snowflake/catalog/catalog.ts";
import type { Stage, StorageIntegration, Table, TableColumn } from "../../snowflake/catalog/model.ts";
import type { Cloud, Handler, Session } from "../../snowflake/context.ts";
import { Engine, physicalTable } from "../../snowflake/engine/engine.ts";
import { duckdbType } from "../../snowflake/engine/types.ts";
import { Execution } from "../../snowflake/execution.ts";
import { parse } from "../../snowflake/grammar/parse.ts";
import type { Statement } from "../../snowflake/grammar/statement.ts";
import { QueryHistory } from "../../snowflake/history/queries.ts";
import { Results } from "../../snowflake/history/results.ts";
import { Warehouses } from "../../snowflake/history/warehouses.ts";
import type { ColumnType, ResultSet } from "../../snowflake/result.ts";
import { copy } from "../../snowflake/statements/copy.ts";
import { list } from "../../snowflake/statements/list-stage.ts";
import { Storage } from "../../snowflake/storage/account-storage.ts";
import { readSwitches, type Switches } from "../../snowflake/switches.ts";
import { Transactions } from "../../snowflake/transactions/transactions.ts";
import type { TestAws } from "./aws.ts";

const ACCOUNT = "FLUX-OPERATIONS";
const HANDLERS = { copyIntoTable: copy, list } as unknown as Partial<Record<Statement["kind"], Handler>>;

const column = (name: string, type: ColumnType, nullable = true): TableColumn => ({
  name,
  type,
  nullable,
  primaryKey: false,
  unique: false,
});
const text = (length = 16_777_216): ColumnType => ({ type: "text", length });

/** The guide's seven columns. */
export const READINGS_COLUMNS: TableColumn[] = [
  column("METER_ID", text()),
  column("TIMESTAMP", { type: "timestamp_ntz", scale: 9 }),
  column("USAGE_KWH", { type: "real" }),
  column("VOLTAGE", { type: "fixed", precision: 22, scale: 0 }),
  column("POWER_FACTOR", { type: "fixed", precision: 23, scale: 2 }),
  column("CUSTOMER_SEGMENT_ID", text(11)),
  column("SOURCE_TABLE", text()),
];
export { column };

export class LocalAccount {
  readonly cloud: Cloud;
  readonly session: Session;
  readonly integration: StorageIntegration;
  readonly stage: Stage;
  /** Added to the clock. */
  offsetDays = 0;
  readonly #directory: string;
  readonly #engine: Engine;
  readonly #catalog: Catalog;
  readonly #switches: Record<string, unknown> = {};

  private constructor(
    directory: string,
    engine: Engine,
    catalog: Catalog,
    aws: TestAws,
    bootstrap: Bootstrap,
  ) {
    this.#directory = directory;
    this.#engine = engine;
    this.#catalog = catalog;
    const switches = this.#switches;
    const now = () => new Date(Date.now() + this.offsetDays * 86_400_000);
    applyBootstrap(catalog, bootstrap, now());
    const account = catalog.accountOfKey(ACCOUNT);
    const base = (name: string) => ({
      id: catalog.nextId(),
      name,
      owner: "ACCOUNTADMIN",
      comment: "",
      createdOn: Date.now(),
    });
    account.warehouses.set("WH", {
      ...base("WH"),
      type: "WAREHOUSE",
      warehouseType: "STANDARD",
      size: "XSMALL",
      autoSuspend: 60,
      autoResume: true,
      minClusterCount: 1,
      maxClusterCount: 1,
      scalingPolicy: "STANDARD",
      enableQueryAcceleration: false,
      queryAccelerationMaxScaleFactor: 8,
      parameters: new Map(),
      updatedOn: Date.now(),
    });
    this.integration = {
      ...base("S3_INTEGRATION"),
      type: "INTEGRATION",
      enabled: true,
      provider: "S3",
      awsRoleArn: aws.roleArn,
      awsExternalId: "external-1",
      allowedLocations: [`s3://${aws.bucket}/raw/ami/`],
      blockedLocations: [],
    };
    account.integrations.set(this.integration.name, this.integration);
    this.stage = {
      ...base("EXT_RAW_AMI"),
      type: "STAGE",
      url: `s3://${aws.bucket}/raw/ami/`,
      integration: { id: this.integration.id, name: this.integration.name },
      fileFormat: { options: { TYPE: "PARQUET", USE_LOGICAL_TYPE: true } },
      copyOptions: {},
      directoryEnabled: false,
    };
    const schema = {
      ...base("PRODUCTION"),
      type: "SCHEMA" as const,
      transient: false,
      managedAccess: false,
      tables: new Map(),
      views: new Map(),
      stages: new Map([[this.stage.name, this.stage]]),
      fileFormats: new Map(),
      parameters: new Map(),
    };
    account.databases.set("FLUX", {
      ...base("FLUX"),
      type: "DATABASE",
      transient: false,
      schemas: new Map([["PRODUCTION", schema]]),
      parameters: new Map(),
    });
    const history = path.join(directory, "history");
    this.cloud = {
      catalog,
      engine,
      queries: new QueryHistory(history, Date.now()),
      results: new Results(path.join(directory, "results"), engine),
      warehouses: new Warehouses(
        history,
        (_account, id) => [...account.warehouses.values()].find((warehouse) => warehouse.id === id),
        () => now().getTime(),
      ),
      storage: new Storage(bootstrap, {
        cacheDirectory: path.join(directory, "objects"),
        cacheBytes: 100_000_000,
        delayPerObject: 0,
      }),
      bootstrap,
      dataDirectory: directory,
      get switches() {
        return readSwitches(switches);
      },
      transactions: new Transactions(engine, readSwitches(), now),
      now,
    } as unknown as Cloud;
    this.session = this.newSession();
  }

  static async start(aws: TestAws): Promise<LocalAccount> {
    const directory = mkdtempSync(path.join(tmpdir(), "local-snowflake-"));
    const bootstrap: Bootstrap = {
      aws: { endpoint: aws.endpoint, region: "us-east-1" },
      accounts: [
        {
          organization: "FLUX",
          name: "OPERATIONS",
          locator: "FX10001",
          region: "AWS_US_EAST_1",
          users: [{ name: "DEPLOYER", password: "secret", defaultRole: "ACCOUNTADMIN" }],
          awsIamUser: aws.snowflakeUser,
        },
      ],
    };
    writeFileSync(path.join(directory, "accounts.json"), JSON.stringify(bootstrap));
    const engine = await Engine.start(path.join(directory, "databases"), {
      memoryMegabytes: 512,
      threads: 2,
    });
    return new LocalAccount(directory, engine, Catalog.open(directory), aws, bootstrap);
  }

  /** A login as ACCOUNTADMIN with the warehouse, FLUX.PRODUCTION and TIMEZONE = UTC. */
  newSession(): Session {
    return {
      id: this.#catalog.nextId(),
      account: ACCOUNT,
      user: "DEPLOYER",
      role: "ACCOUNTADMIN",
      warehouse: "WH",
      database: "FLUX",
      schema: "PRODUCTION",
      parameters: new Map([["TIMEZONE", "UTC"]]),
      secondaryRoles: [],
      transaction: null,
      running: 0,
      queryIds: [],
      variables: new Map(),
      temporary: new Map(),
    } as unknown as Session;
  }

  /** Some work with switches set. */
  async withSwitches<Result>(switches: Partial<Switches>, work: () => Promise<Result>): Promise<Result> {
    Object.assign(this.#switches, switches);
    try {
      return await work();
    } finally {
      for (const name of Object.keys(switches)) delete this.#switches[name];
    }
  }

  /** Makes (or makes anew) a table in FLUX.PRODUCTION. */
  async createTable(name: string, columns: TableColumn[] = READINGS_COLUMNS): Promise<Table> {
    const { database, schema } = this.#place();
    const table: Table = {
      type: "TABLE",
      id: this.#catalog.nextId(),
      name,
      owner: "ACCOUNTADMIN",
      comment: "",
      createdOn: Date.now(),
      transient: false,
      columns,
      primaryKey: [],
      clusterBy: [],
      automaticClustering: false,
      changeTracking: false,
      parameters: new Map(),
    };
    await this.#engine.attach(database.id);
    const definitions = columns.map(
      ({ name: each, type, nullable }) => `"${each}" ${duckdbType(type)}${nullable ? "" : " NOT NULL"}`,
    );
    await this.#engine.run(
      `CREATE TABLE ${physicalTable(database.id, table.id)} (${definitions.join(", ")})`,
    );
    schema.tables.set(name, table);
    return table;
  }

  get databaseId(): number {
    return this.#place().database.id;
  }

  /** Runs LIST or COPY and answers rows as objects of text. */
  async sql(sql: string, session = this.session): Promise<Record<string, string | null>[]> {
    const outcome = await this.execute(sql, session).outcome;
    if ("error" in outcome) throw outcome.error;
    const { columns } = this.#last as ResultSet;
    return (this.#last as ResultSet).rows.map((row) =>
      Object.fromEntries(columns.map((each, index) => [each.name, row[index] ?? null])),
    );
  }
  #last: ResultSet | undefined;

  /** Begins LIST or COPY. */
  execute(sql: string, session = this.session): Execution {
    return this.run(sql, session, async (execution) => {
      const statement = parse(sql);
      const handler = HANDLERS[statement.kind];
      if (!handler) throw new Error(`${statement.kind} is not for these tests`);
      this.#last = await handler(statement, execution);
      return this.#last;
    });
  }

  /** Runs anything that needs an execution. */
  run(sql: string, session: Session, work: (execution: Execution) => Promise<ResultSet>): Execution {
    return new Execution(
      this.cloud,
      session,
      { sql, binds: new Map(), parameters: new Map(), describeOnly: false },
      (execution) => work(execution as Execution),
    );
  }

  /** Asks DuckDB; $T stands for a table's physical name. */
  async rows<Row = Record<string, unknown>>(table: Table, sql: string): Promise<Row[]> {
    const connection = await this.#engine.connect();
    try {
      return await connection.all<Row>(sql.replaceAll("$T", physicalTable(this.databaseId, table.id)));
    } finally {
      connection.close();
    }
  }

  async stop(): Promise<void> {
    this.cloud.transactions.stop();
    this.cloud.warehouses.stop();
    await this.#engine.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #place() {
    const database = this.#catalog.accountOfKey(ACCOUNT).databases.get("FLUX");
    const schema = database?.schemas.get("PRODUCTION");
    if (!database || !schema) throw new Error("the test's database is gone");
    return { database, schema };
  }
}
