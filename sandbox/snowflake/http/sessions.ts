import { randomBytes } from "node:crypto";
import type { Cloud, Session } from "../context.ts";
import { SnowflakeError } from "../errors.ts";
import type { Execution } from "../execution.ts";
import { endSession } from "../statements/end-session.ts";
import { userDisabled } from "./login.ts";

/** A session as the protocol sees it: tokens, and what its requests started. */
export interface OpenSession {
  readonly session: Session;
  /** Whether its client reads results in Arrow. */
  readonly readsArrow: boolean;
  sessionToken: string;
  sessionTokenEnds: number;
  masterToken: string;
  masterTokenEnds: number;
  /**
   * Statements by the request that started them: a repeated request must not run its statement again. Of one that has
   * ended only the query ID is kept; its result is on disk.
   */
  readonly requests: Map<string, Execution | string>;
  /** Statements that still run. */
  readonly running: Set<Execution>;
}

/** Lifetimes in seconds. */
export interface TokenLifetimes {
  session: number;
  master: number;
}

const KEPT_REQUESTS = 1_000;

const gone = () =>
  new SnowflakeError(
    "390111",
    "08001",
    "Session no longer exists.  New login required to access the service.",
  );

/**
 * All sessions that are logged in. They do not outlive the server: clients then get 390111 and log in again. One whose
 * master token has expired can come back by nothing, and is dropped.
 */
export class Sessions {
  readonly lifetimes: TokenLifetimes;
  readonly #bySessionToken = new Map<string, OpenSession>();
  readonly #byMasterToken = new Map<string, OpenSession>();
  /** Drivers use the session's number in requests; it starts where no earlier server of the same folder has been. */
  #nextId = Date.now();

  readonly #cloud: Cloud;

  constructor(cloud: Cloud, lifetimes: TokenLifetimes) {
    this.#cloud = cloud;
    this.lifetimes = lifetimes;
  }

  open(session: Omit<Session, "id" | "startedAt">, readsArrow: boolean): OpenSession {
    const open: OpenSession = {
      readsArrow,
      session: { ...session, id: this.#nextId++, startedAt: Date.now() },
      sessionToken: "",
      sessionTokenEnds: 0,
      masterToken: "",
      masterTokenEnds: 0,
      requests: new Map(),
      running: new Set(),
    };
    this.#issue(open);
    return open;
  }

  /** The session of a request, by the token in its Authorization header. */
  find(token: string | undefined): OpenSession {
    const open = token === undefined ? undefined : this.#bySessionToken.get(token);
    if (!open) throw gone();
    if (open.sessionTokenEnds < this.#now()) {
      throw new SnowflakeError("390112", "08001", "Your session has expired. Please login again.");
    }
    this.#requireUser(open.session);
    open.session.seenAt = this.#now();
    return open;
  }

  /** Sessions end with their user. */
  #requireUser({ account, user }: Session): void {
    const known = this.#cloud.catalog.accountOfKey(account).users.get(user);
    if (!known) throw gone();
    if (known.disabled) throw userDisabled();
  }

  /** Gives a session new tokens in exchange for its master token. */
  renew(masterToken: string | undefined): OpenSession {
    const open = masterToken === undefined ? undefined : this.#byMasterToken.get(masterToken);
    if (!open) throw gone();
    if (open.masterTokenEnds < this.#now()) {
      throw new SnowflakeError(
        "390114",
        "08001",
        "Authentication token has expired.  The user must authenticate again.",
      );
    }
    this.#issue(open);
    return open;
  }

  /** Lengthens a session's life, as a heartbeat does. */
  touch(open: OpenSession): void {
    open.masterTokenEnds = this.#now() + this.lifetimes.master * 1_000;
  }

  /** Logs a session out. Statements that run asynchronously go on; others end, and an open transaction is rolled back. */
  async close(open: OpenSession): Promise<void> {
    this.#bySessionToken.delete(open.sessionToken);
    this.#byMasterToken.delete(open.masterToken);
    open.requests.clear();
    for (const execution of open.running) if (!execution.asynchronous) execution.cancel();
    await endSession(this.#cloud, open.session);
  }

  /** Drops sessions that have expired. */
  async sweep(): Promise<void> {
    const expired = [...this.#byMasterToken.values()].filter((open) => open.masterTokenEnds < this.#now());
    await Promise.all(expired.map((open) => this.close(open)));
  }

  /** How many there are. */
  get size(): number {
    return this.#byMasterToken.size;
  }

  /** Keeps the statement of a request for as long as a client may repeat the request. */
  remember(open: OpenSession, requestId: string, execution: Execution): void {
    open.requests.set(requestId, execution);
    open.running.add(execution);
    const oldest = open.requests.keys().next();
    if (open.requests.size > KEPT_REQUESTS && !oldest.done) open.requests.delete(oldest.value);
    void execution.outcome.then(() => {
      open.running.delete(execution);
      if (open.requests.get(requestId) === execution) open.requests.set(requestId, execution.queryId);
    });
  }

  #now(): number {
    return this.#cloud.now().getTime();
  }

  #issue(open: OpenSession): void {
    const now = this.#now();
    this.#bySessionToken.delete(open.sessionToken);
    this.#byMasterToken.delete(open.masterToken);
    open.sessionToken = newToken();
    open.sessionTokenEnds = now + this.lifetimes.session * 1_000;
    open.masterToken = newToken();
    open.masterTokenEnds = now + this.lifetimes.master * 1_000;
    this.#bySessionToken.set(open.sessionToken, open);
    this.#byMasterToken.set(open.masterToken, open);
  }
}

const newToken = () => `ver:3-hint:${Date.now()}-${randomBytes(48).toString("base64url")}`;
