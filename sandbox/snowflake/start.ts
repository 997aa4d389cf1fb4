import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { applyBootstrap, readBootstrap } from "./catalog/bootstrap.ts";
import { Catalog } from "./catalog/catalog.ts";
import { reconcile } from "./catalog/reconcile.ts";
import type { Cloud } from "./context.ts";
import { Engine } from "./engine/engine.ts";
import { SnowflakeError } from "./errors.ts";
import { QueryHistory } from "./history/queries.ts";
import { Results } from "./history/results.ts";
import { Warehouses } from "./history/warehouses.ts";
import { createServer } from "./http/server.ts";
import { run } from "./statements/run.ts";
import { Storage } from "./storage/account-storage.ts";
import { readSwitches, type Switches } from "./switches.ts";
import { Transactions } from "./transactions/transactions.ts";

export interface SnowflakeOptions {
  /** Folder with accounts.json; everything the server keeps goes there as well. */
  dataDirectory: string;
  /** 0 takes a free one. */
  port: number;
  /** Days by which the server's clock is ahead. @default 0 */
  clockOffsetDays?: number | undefined;
  /** Lifetime of a session token; the driver then renews it. @default 3600 */
  sessionSeconds?: number | undefined;
  /** Seconds for which an answer is held back while its statement runs; the driver then asks again. @default 45 */
  patienceSeconds?: number | undefined;
  /**
   * Seconds after which a statement is cancelled whose client has gone. @default 30, and 300 for an asynchronous one
   * with ABORT_DETACHED_QUERY
   */
  detachedSeconds?: number | undefined;
  /** @default 2048 */
  memoryMegabytes?: number | undefined;
  /** Threads of the query engine. @default all cores */
  threads?: number | undefined;
  /** Milliseconds added to each object that is read from S3, to play a slow network. @default 0 */
  objectDelayMilliseconds?: number | undefined;
  /** Where it is to differ from its usual self. */
  switches?: Partial<Switches> | undefined;
}

export interface RunningSnowflake {
  port: number;
  stop(): Promise<void>;
}

const MASTER_TOKEN_SECONDS = 4 * 3_600;
const RESULT_SWEEP = 3_600_000;
const OBJECT_CACHE_BYTES = 2_000_000_000;

/** Starts the local Snowflake on 127.0.0.1. */
export async function startSnowflake(options: SnowflakeOptions): Promise<RunningSnowflake> {
  const cloud = await openCloud(options);
  const server = createServer(cloud, run, {
    lifetimes: { session: options.sessionSeconds ?? 3_600, master: MASTER_TOKEN_SECONDS },
    patienceSeconds: options.patienceSeconds ?? 45,
    detachment: {
      synchronousSeconds: options.detachedSeconds ?? 30,
      asynchronousSeconds: options.detachedSeconds ?? 300,
    },
  });
  await server.listen({ host: "127.0.0.1", port: options.port });
  const sweep = setInterval(() => cloud.results.sweep(), RESULT_SWEEP);
  sweep.unref();
  return {
    port: (server.server.address() as AddressInfo).port,
    stop: async () => {
      clearInterval(sweep);
      await stopStatements(cloud);
      cloud.transactions.stop();
      cloud.warehouses.stop();
      await server.close();
      await cloud.engine.stop();
    },
  };
}

/** What lives as long as the server: what was kept, taken up again. */
async function openCloud(options: SnowflakeOptions): Promise<Cloud> {
  const { dataDirectory } = options;
  const offset = (options.clockOffsetDays ?? 0) * 86_400_000;
  const now = () => new Date(Date.now() + offset);
  const switches = readSwitches(options.switches);
  const historyDirectory = path.join(dataDirectory, "history");

  const catalog = Catalog.open(dataDirectory);
  const bootstrap = readBootstrap(dataDirectory);
  applyBootstrap(catalog, bootstrap, now());
  const engine = await Engine.start(path.join(dataDirectory, "databases"), {
    memoryMegabytes: options.memoryMegabytes ?? 2_048,
    threads: options.threads ?? os.availableParallelism(),
  });
  await reconcile(catalog, engine);
  const warehouses = new Warehouses(
    historyDirectory,
    (account, id) =>
      [...catalog.accountOfKey(account).warehouses.values()].find((warehouse) => warehouse.id === id),
    () => now().getTime(),
  );
  return {
    catalog,
    engine,
    queries: new QueryHistory(historyDirectory, now().getTime()),
    results: new Results(path.join(dataDirectory, "results"), engine),
    running: new Map(),
    warehouses,
    storage: new Storage(bootstrap, {
      cacheDirectory: path.join(dataDirectory, "objects"),
      cacheBytes: OBJECT_CACHE_BYTES,
      delayPerObject: options.objectDelayMilliseconds ?? 0,
    }),
    bootstrap,
    dataDirectory,
    switches,
    transactions: new Transactions(engine, switches, now),
    now,
  };
}

const STOPPING_SECONDS = 5;

/** Cancels what runs and waits until it has been written down; not for long, as nobody waits for an answer. */
async function stopStatements({ running }: Cloud): Promise<void> {
  const why = new SnowflakeError(
    "000603",
    "XX000",
    "SQL execution internal error:\nProcessing aborted: the server was stopped.",
  );
  const outcomes = [...running.values()].map((statement) => {
    statement.cancel(why);
    return statement.outcome;
  });
  await Promise.race([Promise.all(outcomes), delay(STOPPING_SECONDS * 1_000, undefined, { ref: false })]);
}
