import type { Connection, Engine } from "../engine/engine.ts";
import type { TransactionHolder } from "./transaction.ts";

interface Before {
  readonly at: number;
  readonly sessionId: number;
  /** In a transaction of DuckDB's that sees what was there before the commit. */
  readonly view: Connection;
  /** When it was done: what others have kept before that may lack it. */
  doneAt?: number;
}

/**
 * Plays that sessions see each other's commits late (docs: Parameters, READ_CONSISTENCY_MODE): what another session
 * commits, a session that was there before does not see for a while. Its own commits it sees at once, with all before.
 */
export class LateCommits {
  readonly #engine: Engine;
  readonly #milliseconds: number;
  /** The state before each of the latest commits, oldest first. */
  #states: Before[] = [];

  constructor(engine: Engine, milliseconds: number) {
    this.#engine = engine;
    this.#milliseconds = milliseconds;
  }

  /** To be called right before a commit; returns what is to be called right after it. */
  async keep({ id }: Pick<TransactionHolder, "id">): Promise<() => void> {
    if (this.#milliseconds === 0) return () => {};
    // Before the view is there, which then has all that was done by then.
    const at = performance.now();
    const view = await this.#engine.connect();
    await view.run("BEGIN TRANSACTION");
    // Touches every database: DuckDB's transaction begins in each of them only then.
    await view.all("SELECT count(*) FROM duckdb_tables()");
    const old = performance.now() - this.#milliseconds;
    for (const state of this.#states) if (state.at <= old) state.view.close();
    const state: Before = { at, sessionId: id, view };
    this.#states = [...this.#states.filter((kept) => kept.at > old), state];
    return () => {
      state.doneAt = performance.now();
    };
  }

  /** Where a session reads that does not see all yet; undefined when it does. */
  view({ id, startedAt }: Pick<TransactionHolder, "id" | "startedAt">): Connection | undefined {
    const own = this.#states.findLast(({ sessionId, doneAt }) => sessionId === id && doneAt !== undefined);
    const since = Math.max(
      startedAt - performance.timeOrigin,
      performance.now() - this.#milliseconds,
      own?.doneAt ?? 0,
    );
    return this.#states.find(({ at, sessionId }) => at >= since && sessionId !== id)?.view;
  }

  stop(): void {
    for (const { view } of this.#states.splice(0)) view.close();
  }
}
