/** A span in which a warehouse ran at one size. Times are milliseconds since 1970. */
export interface RunningInterval {
  readonly account: string;
  /** The catalog's ID of the warehouse, and its name when the interval began. */
  readonly warehouseId: number;
  readonly warehouse: string;
  readonly size: string;
  readonly start: number;
  /** Null while it runs. */
  end: number | null;
}

/** What warehouses do at run time: the catalog knows what they are, this knows whether they run. */
export interface Warehouses {
  /** Starts a suspended warehouse (ALTER WAREHOUSE … RESUME, CREATE without INITIALLY_SUSPENDED). No-op when it runs. */
  resume(account: string, warehouseId: number): void;
  /** Stops a warehouse (ALTER WAREHOUSE … SUSPEND). Running statements finish. No-op when it is suspended. */
  suspend(account: string, warehouseId: number): void;
  /** To be called after the size of a warehouse changed in the catalog: a running one continues at the new size. */
  resized(account: string, warehouseId: number): void;
  /** To be called before a warehouse leaves the catalog. */
  dropped(account: string, warehouseId: number): void;
  /** STARTED or SUSPENDED, how many statements run and wait, and when it last resumed (null: never). */
  state(
    account: string,
    warehouseId: number,
  ): { state: "STARTED" | "SUSPENDED"; running: number; queued: number; resumedOn: Date | null };
  /** All running intervals of an account that touch the range, oldest first. */
  intervals(account: string, from: Date, to: Date): RunningInterval[];
}
