import { SnowflakeError } from "../errors.ts";

/** What holds locks: a transaction, or the statement that is a transaction of its own. */
export interface LockOwner {
  /** The transaction's ID. */
  readonly id: number;
  /** The session that it is of. */
  readonly session: { readonly id: number; readonly account: string; readonly user: string };
  readonly startedAt: Date;
}

/** What is locked. */
export interface Resource {
  readonly key: string;
  /** The table's name alone, as messages have it. */
  readonly name: string;
  readonly fullName: string;
  /** Locks that Snowflake does not know are not in SHOW LOCKS. */
  readonly hidden?: boolean;
}

interface LockRequest {
  readonly queryId: string;
  readonly signal: AbortSignal;
  readonly timeoutSeconds: number;
}

interface Waiter {
  readonly owner: LockOwner;
  readonly queryId: string;
  grant(): void;
  refuse(why: SnowflakeError): void;
}

interface Lock {
  readonly resource: Resource;
  owner: LockOwner;
  /** The statement that took it. */
  queryId: string;
  acquiredAt: Date;
  readonly waiters: Waiter[];
}

/** More do not queue at one lock: Snowflake's message tells this number. */
const MOST_WAITERS = 20;
const LONGEST_TIMER = 2_147_483_647;

/**
 * The locks on tables (docs: Transactions, "Resource locking"): one transaction has a lock until it ends, others wait in
 * the order in which they came.
 */
export class Locks {
  readonly #locks = new Map<string, Lock>();
  readonly #now: () => Date;
  readonly #onWait: (holder: LockOwner) => void;

  /** `onWait` is told of the holder that a statement begins to wait for. */
  constructor(now: () => Date, onWait: (holder: LockOwner) => void) {
    this.#now = now;
    this.#onWait = onWait;
  }

  /** Takes a lock, or waits for it until the statement is cancelled or LOCK_TIMEOUT is over. */
  async acquire(resource: Resource, owner: LockOwner, request: LockRequest): Promise<void> {
    request.signal.throwIfAborted();
    const lock = this.#locks.get(resource.key);
    if (!lock) {
      const { queryId } = request;
      this.#locks.set(resource.key, { resource, owner, queryId, acquiredAt: this.#now(), waiters: [] });
      return;
    }
    if (lock.owner === owner) return;
    const refused = (why: string) => notReleased(lock, request.queryId, why);
    if (lock.waiters.length >= MOST_WAITERS) {
      throw refused(`the number of waiters for this lock exceeds the ${MOST_WAITERS} statements limit.`);
    }
    // The statement that closes the circle is the victim; its transaction stays open (docs: Transactions, "Deadlocks").
    if (
      [lock.owner, ...lock.waiters.map((waiter) => waiter.owner)].some((each) => this.#waits(each, owner))
    ) {
      throw refused("it would wait for a transaction that waits for its own: a deadlock.");
    }
    if (request.timeoutSeconds === 0) throw refused("LOCK_TIMEOUT is 0.");
    await this.#wait(lock, owner, request, () =>
      refused(`it has waited for ${request.timeoutSeconds} seconds, as LOCK_TIMEOUT says.`),
    );
  }

  /** Gives all locks of an owner to those who are next, and refuses what still waits on its behalf. */
  release(owner: LockOwner, why?: SnowflakeError): void {
    for (const lock of [...this.#locks.values()]) {
      if (why) for (const waiter of lock.waiters.filter((each) => each.owner === owner)) waiter.refuse(why);
      if (lock.owner !== owner) continue;
      const [next] = lock.waiters;
      if (!next) {
        this.#locks.delete(lock.resource.key);
        continue;
      }
      lock.owner = next.owner;
      lock.queryId = next.queryId;
      lock.acquiredAt = this.#now();
      for (const waiter of lock.waiters.filter((each) => each.owner === next.owner)) waiter.grant();
    }
  }

  /** Whether anybody waits for what an owner holds. */
  isBlocking(owner: LockOwner): boolean {
    return [...this.#locks.values()].some((lock) => lock.owner === owner && lock.waiters.length > 0);
  }

  /** Locks as SHOW LOCKS lists them: each with its holder first, then those who wait. */
  list(): { resource: Resource; owner: LockOwner; queryId: string; acquiredAt: Date | undefined }[] {
    return [...this.#locks.values()]
      .filter(({ resource }) => !resource.hidden)
      .flatMap(({ resource, owner, queryId, acquiredAt, waiters }) => [
        { resource, owner, queryId, acquiredAt },
        ...waiters.map((waiter) => ({
          resource,
          owner: waiter.owner,
          queryId: waiter.queryId,
          acquiredAt: undefined,
        })),
      ]);
  }

  async #wait(lock: Lock, owner: LockOwner, request: LockRequest, tooLate: () => SnowflakeError) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = { owner, queryId: request.queryId, grant: resolve, refuse: reject };
    const cancelled = () => reject(request.signal.reason);
    request.signal.addEventListener("abort", cancelled, { once: true });
    const timer = setTimeout(
      () => reject(tooLate()),
      Math.min(request.timeoutSeconds * 1_000, LONGEST_TIMER),
    );
    lock.waiters.push(waiter);
    this.#onWait(lock.owner);
    try {
      await promise;
    } finally {
      lock.waiters.splice(lock.waiters.indexOf(waiter), 1);
      clearTimeout(timer);
      request.signal.removeEventListener("abort", cancelled);
    }
  }

  /** Whether one waits for another, be it by way of others. */
  #waits(one: LockOwner, other: LockOwner, seen = new Set<LockOwner>()): boolean {
    if (one === other) return true;
    if (seen.has(one)) return false;
    seen.add(one);
    return [...this.#locks.values()].some((lock) => {
      const place = lock.waiters.findIndex((waiter) => waiter.owner === one);
      if (place < 0) return false;
      const before = [lock.owner, ...lock.waiters.slice(0, place).map((waiter) => waiter.owner)];
      return before.some((each) => each !== one && this.#waits(each, other, seen));
    });
  }
}

/** 000625, in the words that statements on real accounts have ended with. What follows "because" is not verified. */
const notReleased = ({ resource, owner, queryId }: Lock, mine: string, why: string) =>
  new SnowflakeError(
    "000625",
    "57014",
    `Statement '${queryId}' has locked table '${resource.name}' in transaction ${owner.id} and this lock has not yet been released.\nYour statement '${mine}' was aborted because ${why}`,
  );
