import { randomBytes, randomInt } from "node:crypto";
import { activeRoles, hasPrivilege } from "./catalog/privileges.ts";
import type {
  Bind,
  ChildResult,
  Cloud,
  Session,
  Execution as StatementExecution,
  Variables,
} from "./context.ts";
import type { Connection } from "./engine/engine.ts";
import { asSnowflakeError as engineError } from "./engine/errors.ts";
import { noActiveWarehouse, SnowflakeError } from "./errors.ts";
import { followSession } from "./functions/session-formats.ts";
import { requireCredits } from "./history/credits.ts";
import type { QueryRecord } from "./history/queries.ts";
import type { StoredResult } from "./history/results.ts";
import { parameterOf } from "./parameters.ts";
import type { ResultSet } from "./result.ts";
import type { Transaction } from "./transactions/transaction.ts";

/** What a client asks to be run. */
export interface StatementRequest {
  sql: string;
  binds: ReadonlyMap<string, Bind>;
  /** Session parameters for this statement alone, upper-case names. */
  parameters: ReadonlyMap<string, string>;
  /** Only the columns of the result are wanted. */
  describeOnly: boolean;
  /** Of the Snowflake Scripting block that it stands in. */
  variables?: Variables;
  /** The client does not wait for it. */
  asynchronous?: boolean;
}

/** Runs the statement's handler. */
export type Run = (execution: StatementExecution) => Promise<ResultSet>;

/** How a statement ended. */
export type Outcome = { result: StoredResult } | { error: SnowflakeError };

/** The most milliseconds that a timer takes. */
const LONGEST_TIMER = 2_147_483_647;

/** One statement from its arrival to its stored result. It runs whether or not anybody waits for it. */
export class Execution implements StatementExecution {
  readonly cloud: Cloud;
  readonly session: Session;
  readonly queryId: string;
  readonly sql: string;
  readonly binds: ReadonlyMap<string, Bind>;
  readonly describeOnly: boolean;
  readonly variables: Variables | undefined;
  readonly record: QueryRecord;
  readonly asynchronous: boolean;
  /** Whether it should end some time after its client has gone, asynchronous or not. */
  readonly abortsWhenDetached: boolean;
  /** Never rejects. */
  readonly outcome: Promise<Outcome>;
  readonly #parameters: ReadonlyMap<string, string>;
  readonly #run: Run;
  readonly #abort = new AbortController();
  #connection: Promise<Connection> | undefined;
  #warehouseId: number | undefined;
  readonly #startedAt = performance.now();
  #timeoutSeconds = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(cloud: Cloud, session: Session, request: StatementRequest, run: Run) {
    this.cloud = cloud;
    this.session = session;
    this.queryId = newQueryId();
    this.sql = request.sql;
    this.binds = request.binds;
    this.describeOnly = request.describeOnly;
    this.variables = request.variables;
    this.#parameters = request.parameters;
    this.#run = run;
    this.asynchronous = request.asynchronous ?? false;
    this.abortsWhenDetached = this.parameter("ABORT_DETACHED_QUERY") === "true";
    this.record = cloud.queries.begin({
      queryId: this.queryId,
      account: session.account,
      sql: request.sql,
      tag: this.parameter("QUERY_TAG"),
      sessionId: session.id,
      user: session.user,
      role: session.role,
      database: session.database,
      schema: session.schema,
      queryType: "UNKNOWN",
      warehouse: null,
      warehouseSize: null,
      status: "RUNNING",
      errorCode: null,
      sqlState: null,
      errorMessage: null,
      startTime: cloud.now().getTime(),
      endTime: null,
      rowsProduced: null,
      rowsInserted: null,
      rowsUpdated: null,
      rowsDeleted: null,
      bytesScanned: 0,
    });
    this.#limit(Number(this.parameter("STATEMENT_TIMEOUT_IN_SECONDS")));
    this.outcome = this.#runToEnd(run);
  }

  /** A session parameter's value for this statement. */
  parameter(name: string): string {
    return this.#parameters.get(name) ?? parameterOf(this.session, name);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Stops the statement; its outcome is then 000604. No-op once it has ended. */
  cancel(why = new SnowflakeError("000604", "57014", "SQL execution canceled")): void {
    this.#abort.abort(why);
  }

  connection(): Promise<Connection> {
    const { transaction } = this.session;
    if (transaction) return this.#within(transaction);
    this.#connection ??= this.#connect();
    return this.#connection;
  }

  /** The transaction's connection, which outlives the statement. */
  async #within(transaction: Transaction): Promise<Connection> {
    return await this.#prepared((await transaction.connection()).guardedBy(this.signal));
  }

  get statementCount(): number {
    return Number(this.parameter("MULTI_STATEMENT_COUNT"));
  }

  async child(sql: string, session: Session, variables?: Variables): Promise<ChildResult> {
    let result: ResultSet | undefined;
    const parameters = new Map([...this.#parameters, ["MULTI_STATEMENT_COUNT", "1"]]);
    const request = {
      sql,
      binds: new Map(),
      parameters,
      describeOnly: false,
      ...(variables && { variables }),
    };
    const child = new Execution(this.cloud, session, request, async (execution) => {
      result = await this.#run(execution);
      return result;
    });
    const { queryId, record } = child;
    const stop = () => child.cancel(this.signal.reason as SnowflakeError);
    this.signal.addEventListener("abort", stop);
    if (this.signal.aborted) stop();
    this.cloud.running.set(queryId, child);
    const outcome = await child.outcome;
    this.cloud.running.delete(queryId);
    this.signal.removeEventListener("abort", stop);
    if ("error" in outcome) throw outcome.error;
    return { queryId, record, result: result as ResultSet };
  }

  async #connect(): Promise<Connection> {
    return await this.#prepared((await this.cloud.engine.connect()).guardedBy(this.signal));
  }

  async #prepared(connection: Connection): Promise<Connection> {
    await followSession(connection, this.session);
    return connection;
  }

  async useWarehouse(): Promise<void> {
    if (this.#warehouseId !== undefined) return;
    const account = this.cloud.catalog.accountOfKey(this.session.account);
    const warehouse =
      this.session.warehouse === null ? undefined : account.warehouses.get(this.session.warehouse);
    // A warehouse that the role may not use is none, as on Snowflake.
    if (!warehouse || !hasPrivilege(account, activeRoles(this), "USAGE", warehouse))
      throw noActiveWarehouse();
    const { state } = this.cloud.warehouses.state(this.session.account, warehouse.id);
    if (state === "SUSPENDED" && !warehouse.autoResume) {
      throw new SnowflakeError(
        "000606",
        "57P03",
        `Warehouse '${warehouse.name}' is suspended and has AUTO_RESUME off: resume it with 'ALTER WAREHOUSE ... RESUME' to run this statement.`,
      );
    }
    requireCredits(this, warehouse);
    this.cloud.warehouses.hold(this.session.account, warehouse.id);
    this.#warehouseId = warehouse.id;
    this.record.warehouse = warehouse.name;
    this.record.warehouseSize = warehouse.size;
    this.#limit(Number(warehouse.parameters.get("STATEMENT_TIMEOUT_IN_SECONDS") ?? 0));
  }

  /** Has the statement end after so many seconds from its start; 0 for no limit. The least limit holds. */
  #limit(seconds: number): void {
    if (!(seconds > 0) || seconds >= this.#timeoutSeconds) return;
    this.#timeoutSeconds = seconds;
    clearTimeout(this.#timer);
    const left = seconds * 1_000 - (performance.now() - this.#startedAt);
    this.#timer = setTimeout(() => this.#abort.abort(timeoutError(seconds)), Math.min(left, LONGEST_TIMER));
  }

  async #runToEnd(run: Run): Promise<Outcome> {
    try {
      // One that has done its work before it noticed that it was cancelled has succeeded: it may have committed.
      const result = await run(this);
      const stored = await this.#store(result);
      this.record.rowsProduced ??= stored.total;
      this.record.status = "SUCCESS";
      return { result: stored };
    } catch (thrown) {
      const error = this.signal.aborted ? (this.signal.reason as SnowflakeError) : asSnowflakeError(thrown);
      this.record.status = error.code === "000603" ? "FAILED_WITH_INCIDENT" : "FAILED_WITH_ERROR";
      this.record.errorCode = error.code;
      this.record.sqlState = error.sqlState;
      this.record.errorMessage = error.message;
      return { error };
    } finally {
      clearTimeout(this.#timer);
      if (this.#warehouseId !== undefined) this.cloud.warehouses.release(this.#warehouseId);
      await this.#closeConnection();
      this.record.endTime = this.cloud.now().getTime();
      this.cloud.queries.update(this.record);
    }
  }

  /** Of a query whose result cannot be kept nothing is lost; what has changed something has succeeded all the same. */
  async #store(result: ResultSet): Promise<StoredResult> {
    try {
      return await this.cloud.results.store(this.queryId, result);
    } catch (error) {
      if (this.record.queryType === "SELECT") throw error;
      process.stderr.write(`the result of ${this.queryId} is not kept: ${(error as Error).message}\n`);
      return { columns: result.columns, rows: result.rows, total: result.rows.length };
    }
  }

  async #closeConnection(): Promise<void> {
    const connection = await this.#connection?.catch(() => undefined);
    connection?.close();
  }
}

const timeoutError = (seconds: number) =>
  new SnowflakeError(
    "000630",
    "57014",
    `Statement reached its statement or warehouse timeout of ${seconds} second(s) and was canceled.`,
  );

/** Whatever is not an error of Snowflake's own is a fault of this server: the log says which, the client gets its number. */
function asSnowflakeError(thrown: unknown): SnowflakeError {
  const known = engineError(thrown);
  if (known instanceof SnowflakeError) return known;
  const incident = randomInt(1_000_000, 10_000_000);
  process.stderr.write(`incident ${incident}: ${thrown instanceof Error ? thrown.stack : String(thrown)}\n`);
  return new SnowflakeError(
    "000603",
    "XX000",
    `SQL execution internal error:\nProcessing aborted by error 300010; incident ${incident}.`,
  );
}

/** A UUID whose first part grows with time, as Snowflake's query IDs do. */
function newQueryId(): string {
  const minutes = Math.floor(Date.now() / 60_000)
    .toString(16)
    .slice(-6);
  const random = randomBytes(12).toString("hex");
  return `01${minutes}-${random.slice(0, 4)}-${random.slice(4, 8)}-${random.slice(8, 12)}-${random.slice(12, 24)}`;
}
