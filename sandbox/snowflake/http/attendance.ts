import type { Execution } from "../execution.ts";

/** When a statement that nobody asks for any longer is cancelled. */
export interface Detachment {
  /** One whose client waited for it: soon, but not before the client had time to repeat its request. */
  synchronousSeconds: number;
  /** One that was submitted asynchronously with ABORT_DETACHED_QUERY; without it, never. */
  asynchronousSeconds: number;
}

/**
 * Who still asks for the statements that run. With the connection to its client a synchronous statement ends whatever
 * ABORT_DETACHED_QUERY says; an asynchronous one goes on, or with the parameter ends five minutes later
 * (docs: Using the JDBC driver, asynchronous queries).
 */
export class Attendance {
  readonly #detachment: Detachment;
  /** The statements that run, with how many requests wait for each. */
  readonly #running = new Map<Execution, { requests: number; timer: NodeJS.Timeout | undefined }>();

  constructor(detachment: Detachment) {
    this.#detachment = detachment;
  }

  /** To be called for every statement that starts. */
  watch(execution: Execution): void {
    this.#running.set(execution, { requests: 0, timer: undefined });
    void execution.outcome.then(() => {
      clearTimeout(this.#running.get(execution)?.timer);
      this.#running.delete(execution);
    });
  }

  /** A request waits for the statement. */
  begin(execution: Execution): void {
    const state = this.#running.get(execution);
    if (!state) return;
    state.requests += 1;
    clearTimeout(state.timer);
  }

  /** A request has its answer, or waits no longer. */
  end(execution: Execution): void {
    const state = this.#running.get(execution);
    if (!state) return;
    state.requests -= 1;
    if (state.requests > 0 || (execution.asynchronous && !execution.abortsWhenDetached)) return;
    const { synchronousSeconds, asynchronousSeconds } = this.#detachment;
    const seconds = execution.asynchronous ? asynchronousSeconds : synchronousSeconds;
    clearTimeout(state.timer);
    state.timer = setTimeout(() => execution.cancel(), seconds * 1_000);
    state.timer.unref();
  }

  /** A request asks how the statement is getting on. */
  glance(execution: Execution): void {
    this.begin(execution);
    this.end(execution);
  }
}
