import { randomUUID } from "node:crypto";
import type { Engine } from "../engine/engine.ts";
import { SnowflakeError } from "../errors.ts";
import { numberParameterOf } from "../parameters.ts";
import type { Switches } from "../switches.ts";
import { LateCommits } from "./late-commits.ts";
import { type LockOwner, Locks, type Resource } from "./locks.ts";
import { TableChanges } from "./table-changes.ts";
import { Transaction, type TransactionHolder } from "./transaction.ts";

/** How often abandoned transactions are looked for. */
const SWEEP = 60_000;

/** All open transactions and their locks. */
export class Transactions {
  readonly changes = new TableChanges();
  readonly late: LateCommits;
  readonly locks: Locks;
  readonly #open = new Set<Transaction>();
  readonly #engine: Engine;
  readonly #switches: Switches;
  readonly #now: () => Date;
  readonly #sweep: NodeJS.Timeout;
  #lastId = 0;

  constructor(engine: Engine, switches: Switches, now: () => Date) {
    this.#engine = engine;
    this.#switches = switches;
    this.#now = now;
    this.locks = new Locks(now, (holder) => this.#watch(holder));
    this.late = new LateCommits(engine, switches.commitsSeenAfterMilliseconds);
    this.#sweep = setInterval(() => this.#abortAbandoned(), SWEEP);
    this.#sweep.unref();
  }

  /** Those of several statements, oldest first. */
  get open(): Transaction[] {
    return [...this.#open];
  }

  /** Opens a transaction for a session; nothing is read before its first statement. */
  begin(session: TransactionHolder, name = randomUUID() as string): Transaction {
    const transaction = new Transaction(this.#engine, this.changes, { ...this.owner(session), name });
    session.transaction = transaction;
    this.#open.add(transaction);
    return transaction;
  }

  /** Ends a session's transaction, if there is one, and gives its locks away. */
  async end(session: TransactionHolder, how: "COMMIT" | "ROLLBACK"): Promise<void> {
    const { transaction } = session;
    if (!transaction) return;
    if (transaction === session.enclosing?.transaction) {
      throw new SnowflakeError(
        "090233",
        "25000",
        "Modifying a transaction that has started at a different scope is not allowed.",
      );
    }
    session.transaction = null;
    session.lastTransaction = transaction.id;
    try {
      const done = how === "COMMIT" ? await this.late.keep(session) : undefined;
      await transaction.end(how);
      done?.();
    } finally {
      this.#forget(transaction);
    }
  }

  /**
   * Rolls a transaction back from outside. What runs in it fails; the session goes on without one, as after a ROLLBACK
   * (not verified).
   */
  async abort(transaction: Transaction): Promise<void> {
    if (!this.#open.has(transaction)) return;
    this.#open.delete(transaction);
    const why = new SnowflakeError("000604", "57014", `Transaction ${transaction.id} was aborted.`);
    this.locks.release(transaction, why);
    await transaction.interrupt(why);
    if (transaction.session.transaction === transaction) await this.end(transaction.session, "ROLLBACK");
    else await transaction.end("ROLLBACK");
  }

  /** Who a statement outside such a transaction locks for: itself. Its ID is when it began, made unique. */
  owner<Holder extends TransactionHolder>(session: Holder): LockOwner & { session: Holder } {
    const startedAt = this.#now();
    this.#lastId = Math.max(this.#lastId + 1, startedAt.getTime());
    return { id: this.#lastId, session, startedAt };
  }

  /** Takes a lock for a statement, as long as its session's LOCK_TIMEOUT allows. */
  async lock(
    { queryId, signal, session }: { queryId: string; signal: AbortSignal; session: TransactionHolder },
    resource: Resource,
    owner: LockOwner,
  ): Promise<void> {
    const timeoutSeconds = numberParameterOf(session, "LOCK_TIMEOUT");
    await this.locks.acquire(resource, owner, { queryId, signal, timeoutSeconds });
  }

  /** Logs a session out: its transaction is rolled back, once what runs in it has ended. */
  async close(session: TransactionHolder): Promise<void> {
    session.closed = true;
    if (session.running === 0) await this.end(session, "ROLLBACK");
  }

  stop(): void {
    clearInterval(this.#sweep);
    this.late.stop();
  }

  #forget(transaction: Transaction): void {
    this.#open.delete(transaction);
    this.locks.release(transaction);
  }

  /** While somebody waits for it, a transaction of a client that has gone is looked at more often. */
  #watch(holder: LockOwner): void {
    const timer = setInterval(
      () => {
        if (holder instanceof Transaction && this.#open.has(holder) && this.locks.isBlocking(holder)) {
          this.#abortAbandoned();
        } else clearInterval(timer);
      },
      Math.min(1_000, this.#switches.blockingTransactionIdleSeconds * 250),
    );
    timer.unref();
  }

  /**
   * Docs: Transactions, "Aborting transactions": one whose session is gone is rolled back when it blocks others and has
   * been idle for 5 minutes, else after 4 hours. A session is gone when its client asks for nothing any more.
   */
  #abortAbandoned(): void {
    const now = this.#now().getTime();
    for (const transaction of this.#open) {
      if (transaction.session.running > 0) continue;
      const idle = (now - Math.max(transaction.idleSince, transaction.session.seenAt)) / 1_000;
      const limit = this.locks.isBlocking(transaction)
        ? this.#switches.blockingTransactionIdleSeconds
        : this.#switches.idleTransactionSeconds;
      if (idle >= limit) void this.abort(transaction);
    }
  }
}
