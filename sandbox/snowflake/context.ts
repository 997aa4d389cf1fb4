import type { Bootstrap } from "./catalog/bootstrap.ts";
import type { Catalog } from "./catalog/catalog.ts";
import type { TemporaryObjects } from "./catalog/model.ts";
import type { Connection, Engine } from "./engine/engine.ts";
import type { SnowflakeError } from "./errors.ts";
import type { Statement } from "./grammar/statement.ts";
import type { QueryHistory, QueryRecord } from "./history/queries.ts";
import type { Results } from "./history/results.ts";
import type { Warehouses } from "./history/warehouses.ts";
import type { ColumnType, ResultSet } from "./result.ts";
import type { Storage } from "./storage/account-storage.ts";
import type { Switches } from "./switches.ts";
import type { TransactionHolder } from "./transactions/transaction.ts";
import type { Transactions } from "./transactions/transactions.ts";

/**
 * One login. Many statements of a session may run at the same time (asynchronous ones, several sockets of one
 * client), so nothing here belongs to a single statement.
 */
export interface Session extends TransactionHolder {
  /** The current role, warehouse, database and schema: names as the catalog has them, or null where none is set. */
  role: string;
  /** Whose privileges count besides: USE SECONDARY ROLES. */
  secondaryRoles: "ALL" | readonly string[];
  warehouse: string | null;
  database: string | null;
  schema: string | null;
  /** Session parameters that were set (upper-case name → value as text); unset ones have the account's value or the default. */
  readonly parameters: Map<string, string>;
  /** Where this is what a Snowflake Scripting block sees of a session: the session around it. */
  readonly enclosing?: Session;
  /** Session variables (SET name = value) by upper-case name. */
  readonly variables: Map<string, Value>;
  /** Its temporary objects, by the ID of the schema that they lie in. */
  readonly temporary: Map<number, TemporaryObjects>;
  /** Query IDs of this session, oldest first: LAST_QUERY_ID() reads them. */
  readonly queryIds: string[];
}

/** A value bound to a placeholder, as the drivers send it: Snowflake's type name and text (an array for array binds). */
export interface Bind {
  type: string;
  value: string | null | (string | null)[];
}

/** A value in the protocol's encoding. */
export interface Value {
  type: ColumnType;
  value: string | null;
}

/** What a statement in a Snowflake Scripting block sees of the block's variables. */
export interface Variables {
  /** Its value by its upper-case name, or that of a field of the row that it holds; undefined when there is none. */
  value(name: string, field?: string): Value | undefined;
  /** Whether a name that is no column is a variable's: in expressions of the block, not in its SQL statements. */
  readonly bare: boolean;
}

/** A statement that has been run as part of another. */
export interface ChildResult {
  queryId: string;
  record: QueryRecord;
  result: ResultSet;
}

/** One statement while it runs: all that a handler may use. */
export interface Execution {
  readonly cloud: Cloud;
  readonly session: Session;
  readonly queryId: string;
  /** The statement's text as the client sent it. */
  readonly sql: string;
  /** Bound values by placeholder: "1", "2", … or a name. */
  readonly binds: ReadonlyMap<string, Bind>;
  /** Of a statement in a Snowflake Scripting block. */
  readonly variables?: Variables | undefined;
  /** The client wants to know the columns of the result, not to run the statement. */
  readonly describeOnly: boolean;
  /** The history's record of this statement: a handler may add rowsProduced, rowsInserted, bytesScanned …. */
  readonly record: QueryRecord;
  /** Aborts when the statement is cancelled or runs out of time. Engine connections are interrupted by themselves. */
  readonly signal: AbortSignal;
  /**
   * The engine connection of this statement (the transaction's inside BEGIN … COMMIT). Made at first use and
   * closed, with its temporary tables, when the statement ends.
   */
  connection(): Promise<Connection>;
  /**
   * To be awaited by every statement that needs compute (queries over tables, DML, COPY): refuses when the session
   * has no warehouse (000606), resumes a suspended one, and keeps it running until the statement ends.
   */
  useWarehouse(): Promise<void>;
  /** How many statements the text may have; 0 for any number (docs: Parameters, MULTI_STATEMENT_COUNT). */
  readonly statementCount: number;
  /** Runs a statement as part of this one, with a query ID and a record of its own: it ends when this one does. */
  child(sql: string, session: Session, variables?: Variables): Promise<ChildResult>;
}

/** A statement that can be cancelled. */
interface RunningStatement {
  readonly record: QueryRecord;
  /** Settles when it has ended, in whatever way. */
  readonly outcome: Promise<unknown>;
  cancel(why?: SnowflakeError): void;
}

/** The whole local Snowflake: what lives as long as the server. */
export interface Cloud {
  readonly catalog: Catalog;
  readonly engine: Engine;
  readonly queries: QueryHistory;
  readonly results: Results;
  /** Statements that have not ended, by query ID. */
  readonly running: Map<string, RunningStatement>;
  readonly warehouses: Warehouses;
  readonly storage: Storage;
  /** accounts.json: how AWS is reached, and with which keys for each account. */
  readonly bootstrap: Bootstrap;
  /** Folder that holds everything the server keeps. */
  readonly dataDirectory: string;
  readonly switches: Switches;
  readonly transactions: Transactions;
  /** The clock all rules use; honours --clock-offset-days. */
  now(): Date;
}

/** Runs one kind of statement. An error that is not a SnowflakeError is reported as an internal error (000603). */
export type Handler<S extends Statement = Statement> = (
  statement: S,
  execution: Execution,
) => ResultSet | Promise<ResultSet>;
