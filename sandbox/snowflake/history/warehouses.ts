import path from "node:path";
import { Journal } from "./journal.ts";

/** A span in which a warehouse ran at one size. Times are milliseconds since 1970. */
export interface RunningInterval {
  readonly id: number;
  readonly account: string;
  /** The catalog's ID of the warehouse, and its name when the interval began. */
  readonly warehouseId: number;
  readonly warehouse: string;
  readonly size: string;
  readonly start: number;
  /** When the run began that it is part of: a change of size begins an interval, not a run. */
  readonly resumed: number;
  /** When a statement last held the warehouse; idle time counts from here. */
  lastUsed: number;
  /** Null while it runs. */
  end: number | null;
}

/** What this has to know of a warehouse in the catalog. */
export interface WarehouseSettings {
  id: number;
  name: string;
  size: string;
  /** Idle seconds until it suspends; undefined or 0: never. */
  autoSuspend?: number | undefined;
}

export interface WarehouseState {
  state: "STARTED" | "SUSPENDED";
  /** Statements that hold it now. */
  running: number;
  queued: number;
  /** When it last started; null: never. */
  resumedOn: Date | null;
}

const KEPT_DAYS = 365;

/**
 * What warehouses do at run time: the catalog knows what they are, this knows whether they run and for how long (docs: Overview of
 * warehouses, auto-suspension and auto-resumption).
 */
export class Warehouses {
  readonly #intervals = new Map<number, RunningInterval>();
  /** The open interval of each warehouse that runs, and its last closed one. */
  readonly #open = new Map<number, RunningInterval>();
  readonly #latest = new Map<number, RunningInterval>();
  readonly #holders = new Map<number, number>();
  readonly #journal: Journal<RunningInterval>;
  readonly #find: (account: string, warehouseId: number) => WarehouseSettings | undefined;
  readonly #now: () => number;
  readonly #timer: NodeJS.Timeout;
  #nextId = 1;

  constructor(
    directory: string,
    find: (account: string, warehouseId: number) => WarehouseSettings | undefined,
    now: () => number,
  ) {
    this.#journal = new Journal<RunningInterval>(path.join(directory, "warehouses.jsonl"), () =>
      this.#intervals.values(),
    );
    this.#find = find;
    this.#now = now;
    for (const interval of this.#journal.read()) this.#intervals.set(interval.id, interval);
    for (const interval of this.#intervals.values()) {
      this.#nextId = Math.max(this.#nextId, interval.id + 1);
      if ((interval.end ?? now()) < now() - KEPT_DAYS * 86_400_000) this.#intervals.delete(interval.id);
      this.#latest.set(interval.warehouseId, interval);
      // It went on running while the server was down, until it had been idle for long enough.
      if (interval.end === null) this.#open.set(interval.warehouseId, interval);
    }
    this.#journal.shorten();
    this.#suspendIdle();
    this.#timer = setInterval(() => this.#suspendIdle(), 1_000);
    this.#timer.unref();
  }

  /** Starts a suspended warehouse. No-op when it runs. */
  resume(account: string, warehouseId: number): void {
    if (this.#open.has(warehouseId)) return;
    const settings = this.#find(account, warehouseId);
    if (settings) this.#begin(account, settings, this.#now());
  }

  /** Stops a warehouse; statements that run on it finish. No-op when it is suspended. */
  suspend(account: string, warehouseId: number): void {
    this.#suspendIdle();
    const interval = this.#open.get(warehouseId);
    if (interval?.account === account) this.#finish(interval, this.#now());
  }

  /** To be called after the size of a warehouse changed in the catalog: one that runs goes on at the new size. */
  resized(account: string, warehouseId: number): void {
    const interval = this.#open.get(warehouseId);
    const settings = this.#find(account, warehouseId);
    if (!interval || !settings || interval.size === settings.size) return;
    const now = this.#now();
    this.#finish(interval, now);
    this.#begin(account, settings, now, interval.resumed);
  }

  /** To be called before a warehouse leaves the catalog. */
  dropped(account: string, warehouseId: number): void {
    this.suspend(account, warehouseId);
    this.#latest.delete(warehouseId);
  }

  state(_account: string, warehouseId: number): WarehouseState {
    this.#suspendIdle();
    const resumed = this.#latest.get(warehouseId)?.resumed;
    return {
      state: this.#open.has(warehouseId) ? "STARTED" : "SUSPENDED",
      running: this.#holders.get(warehouseId) ?? 0,
      queued: 0,
      resumedOn: resumed === undefined ? null : new Date(resumed),
    };
  }

  /** A statement takes hold of a warehouse: it runs, and stays running, until `release`. */
  hold(account: string, warehouseId: number): void {
    this.#suspendIdle();
    this.resume(account, warehouseId);
    this.#holders.set(warehouseId, (this.#holders.get(warehouseId) ?? 0) + 1);
    this.#used(warehouseId);
  }

  release(warehouseId: number): void {
    this.#holders.set(warehouseId, Math.max(0, (this.#holders.get(warehouseId) ?? 0) - 1));
    this.#used(warehouseId);
  }

  /** All running intervals of an account that touch the range, oldest first. */
  intervals(account: string, from: Date, to: Date): RunningInterval[] {
    this.#suspendIdle();
    return [...this.#intervals.values()].filter(
      (interval) =>
        interval.account === account &&
        interval.start < to.getTime() &&
        (interval.end ?? Number.POSITIVE_INFINITY) > from.getTime(),
    );
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #begin(account: string, settings: WarehouseSettings, now: number, resumed = now): void {
    const interval: RunningInterval = {
      id: this.#nextId++,
      account,
      warehouseId: settings.id,
      warehouse: settings.name,
      size: settings.size,
      start: now,
      resumed,
      lastUsed: now,
      end: null,
    };
    this.#intervals.set(interval.id, interval);
    this.#open.set(settings.id, interval);
    this.#latest.set(settings.id, interval);
    this.#journal.appendSoon(interval);
  }

  #finish(interval: RunningInterval, end: number): void {
    interval.end = end;
    this.#open.delete(interval.warehouseId);
    this.#journal.appendSoon(interval);
  }

  #used(warehouseId: number): void {
    const interval = this.#open.get(warehouseId);
    if (!interval) return;
    interval.lastUsed = this.#now();
    this.#journal.appendSoon(interval);
  }

  /** Ends the intervals of warehouses that have been idle long enough, at the moment they should have suspended. */
  #suspendIdle(): void {
    const now = this.#now();
    for (const interval of [...this.#open.values()]) {
      if ((this.#holders.get(interval.warehouseId) ?? 0) > 0) continue;
      const settings = this.#find(interval.account, interval.warehouseId);
      if (!settings) this.#finish(interval, interval.lastUsed);
      else if (settings.autoSuspend) {
        const due = interval.lastUsed + settings.autoSuspend * 1_000;
        if (due <= now) this.#finish(interval, due);
      }
    }
  }
}
