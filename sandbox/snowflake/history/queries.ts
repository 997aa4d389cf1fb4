import path from "node:path";
import { Journal } from "./journal.ts";

/** EXECUTION_STATUS as QUERY_HISTORY shows it. */
type QueryStatus = "RUNNING" | "SUCCESS" | "FAILED_WITH_ERROR" | "FAILED_WITH_INCIDENT";

/** One statement in the query history. Times are milliseconds since 1970 by the cloud's clock. */
export interface QueryRecord {
  readonly queryId: string;
  /** The catalog key, "ORGANIZATION-NAME", of the account. */
  readonly account: string;
  readonly sql: string;
  readonly tag: string;
  readonly sessionId: number;
  readonly user: string;
  readonly role: string;
  readonly database: string | null;
  readonly schema: string | null;
  /** SELECT, INSERT, COPY, CREATE_TABLE …, as QUERY_TYPE shows it. */
  queryType: string;
  /** Set once the statement holds a warehouse. */
  warehouse: string | null;
  warehouseSize: string | null;
  status: QueryStatus;
  errorCode: string | null;
  sqlState: string | null;
  errorMessage: string | null;
  readonly startTime: number;
  endTime: number | null;
  rowsProduced: number | null;
  rowsInserted: number | null;
  rowsUpdated: number | null;
  rowsDeleted: number | null;
  bytesScanned: number;
}

const KEPT_DAYS = 14;
/** As many as QUERY_HISTORY could ever show of ten sessions; what is older than these is forgotten. */
const MOST_RECORDS = 100_000;
/** Characters of all their texts together. */
const MOST_SQL = 64_000_000;
const LONGEST_SQL = 100_000;
const MILLISECONDS_A_DAY = 86_400_000;

/** All statements of the last 14 days, running ones included; kept on disk in a journal. */
export class QueryHistory {
  readonly #records = new Map<string, QueryRecord>();
  readonly #journal: Journal<QueryRecord>;
  #characters = 0;

  constructor(directory: string, now: number) {
    this.#journal = new Journal<QueryRecord>(path.join(directory, "queries.jsonl"), () =>
      this.#records.values(),
    );
    for (const record of this.#journal.read()) {
      const before = this.#records.get(record.queryId);
      if (before) this.#records.set(record.queryId, record);
      else this.#keep(record);
    }
    for (const record of this.#records.values()) {
      if (record.startTime < now - KEPT_DAYS * MILLISECONDS_A_DAY) this.#forget(record);
      // It ran when the server died: nothing of it was committed, or its commit is there for the client to see.
      if (record.status === "RUNNING") {
        record.status = "FAILED_WITH_INCIDENT";
        record.errorCode = "000603";
        record.sqlState = "XX000";
        record.errorMessage = "SQL execution internal error:\nProcessing aborted: the server was stopped.";
        record.endTime = Math.max(record.startTime, now);
      }
    }
    this.#journal.shorten();
  }

  get(queryId: string): QueryRecord | undefined {
    return this.#records.get(queryId.toLowerCase());
  }

  /** Newest first. */
  ofAccount(account: string): QueryRecord[] {
    return [...this.#records.values()].filter((record) => record.account === account).reverse();
  }

  /** Takes in a statement that starts. */
  begin(record: QueryRecord): QueryRecord {
    const kept = { ...record, sql: withoutSecrets(record.sql).slice(0, LONGEST_SQL) };
    this.#journal.append(kept);
    this.#keep(kept);
    return kept;
  }

  /** Writes down what is known of a statement by now: what kind it is, how it ended. */
  update(record: QueryRecord): void {
    // The statement has happened, whether or not that can be written down.
    this.#journal.appendSoon(record);
  }

  #keep(record: QueryRecord): void {
    this.#records.set(record.queryId, record);
    this.#characters += record.sql.length;
    for (const oldest of this.#records.values()) {
      if (this.#records.size <= MOST_RECORDS && this.#characters <= MOST_SQL) break;
      if (oldest.status !== "RUNNING") this.#forget(oldest);
    }
  }

  #forget(record: QueryRecord): void {
    this.#records.delete(record.queryId);
    this.#characters -= record.sql.length;
  }
}

/** Secrets in a statement's text are not kept. */
const withoutSecrets = (sql: string): string =>
  sql.replace(
    /\b(PASSWORD|RSA_PUBLIC_KEY_2|RSA_PUBLIC_KEY|AWS_SECRET_KEY|AWS_TOKEN|MASTER_KEY)(\s*=\s*)'(?:[^'\\]|''|\\.)*(?:'|$)/gi,
    "$1$2'****'",
  );
