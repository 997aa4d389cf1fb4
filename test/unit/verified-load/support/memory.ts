import { ACCOUNTING_COLUMNS } from "../../../../components/verified-load/accounting-columns.ts";
import type { Loading } from "../../../../components/verified-load/copy.ts";
import { batchName, tagOf } from "../../../../components/verified-load/history.ts";
import { reconcile } from "../../../../components/verified-load/reconcile.ts";
import type { Bind, Session } from "../../../../components/verified-load/session.ts";
import { accountingOf, settleAccounting } from "../../../../components/verified-load/table.ts";
import { settings, staged } from "./settings.ts";

const COLUMNS = ACCOUNTING_COLUMNS.map(({ name }) => name).filter((name) => name !== "DISCARDED_AT");
const at = (time: string) => new Date(`2025-06-${time}Z`);

/**
 * What Snowflake remembers of a table's loads: its query history, the results of COPYs, its load history, and the
 * accounting table. Times are days and times of June 2025: "02T10:00:00".
 */
export class Memory {
  readonly queries: Record<string, unknown>[] = [];
  readonly results = new Map<string, object[]>();
  readonly history: Record<string, unknown>[] = [];
  readonly accounting: Record<string, unknown>[] = [];
  readonly lines: string[] = [];
  readonly settings;
  now = "20T00:00:00";
  totalRows = 0;

  constructor(more: Parameters<typeof settings>[0] = {}) {
    this.settings = settings(more);
  }

  /** A COPY of this load that has ended; without a result when that is older than a day. */
  copied(queryId: string, from: string, to: string, result?: object[]): void {
    this.queries.push({
      QUERY_ID: queryId,
      QUERY_TAG: tagOf(this.settings, batchName([staged(queryId)])),
      QUERY_TEXT: "COPY INTO …",
      EXECUTION_STATUS: "SUCCESS",
      START_TIME: at(from),
      END_TIME: at(to),
    });
    if (result) this.results.set(queryId, result);
  }

  loaded(file: string, time: string, more: object = {}): void {
    this.history.push({
      FILE_NAME: file,
      STAGE_LOCATION: "s3://bucket/raw/ami/",
      LAST_LOAD_TIME: at(time),
      ...{ ROW_COUNT: 10, ROW_PARSED: 10, FILE_SIZE: 1000, STATUS: "Loaded", ...more },
    });
  }

  readonly session = {
    rows: async (sql: string, binds: readonly Bind[] = []) => {
      if (sql.includes("COPY_HISTORY")) return this.history;
      if (sql.includes("ILIKE")) return [];
      if (sql.includes("QUERY_HISTORY")) return this.queries;
      if (sql.startsWith("UPDATE")) {
        const until = new Date(`${String(binds[0]).replace(" ", "T")}Z`);
        for (const row of this.accounting)
          if (Number(row.LOADED_AT) <= until.getTime()) row.DISCARDED_AT ??= until;
      }
      if (sql.includes("SYSDATE()")) return [{ NOW: at(this.now) }];
      if (sql.startsWith("SELECT FILE, "))
        return this.accounting.toSorted((a, b) => Number(a.LOADED_AT) - Number(b.LOADED_AT));
      return sql.includes("COUNT(*)") ? [{ N: this.totalRows }] : [];
    },
    once: async (_sql: string, binds: readonly Bind[]) => {
      for (let from = 0; from < binds.length; from += COLUMNS.length) {
        const row = Object.fromEntries(COLUMNS.map((name, index) => [name, binds[from + index]]));
        const loadedAt = new Date(`${String(row.LOADED_AT).replace(" ", "T")}Z`);
        this.accounting.push({ ...row, LOADED_AT: loadedAt, DISCARDED_AT: null });
      }
      return [];
    },
    status: async () => "SUCCESS",
    result: async (queryId: string) => {
      const result = this.results.get(queryId);
      if (!result) throw new Error("Statement not found");
      return result;
    },
  } as unknown as Session;

  /** What every load does before it plans: reads the accounting and brings it up to date. */
  async catchUp(files = ["a", "b"]): Promise<Loading> {
    const seenAt = at(this.now).getTime();
    const table = { rows: this.totalRows, createdAt: at("01T00:00:00").getTime(), seenAt };
    const start: Loading = {
      ...{ session: this.session, settings: this.settings, log: (line) => void this.lines.push(line) },
      lock: { starting: (begin) => begin(), close: async () => {}, release: async () => {} },
      listed: files.map((name) => staged(name)),
      accounting: { records: [], discarded: [], discardedAt: 0 },
    };
    const loading = { ...start, accounting: await accountingOf(start, table) };
    await reconcile(loading);
    await settleAccounting(loading, table);
    return loading;
  }
}

/** A row of COPY's result. */
export const copyRow = (name: string, more: object = {}) => ({
  file: `s3://bucket/raw/ami/ami_interval_readings/${name}`,
  ...{ status: "LOADED", rows_parsed: 10, rows_loaded: 10, ...more },
});
