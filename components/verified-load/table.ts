/** The readings table as it stands, and what of the accounting holds for it. */
import { literal } from "../sql.ts";
import { discardAccounting, readAccounting } from "./account.ts";
import type { Loading } from "./copy.ts";
import { LoadError } from "./errors.ts";
import { serverTime } from "./load-session.ts";
import { type Accounting, standing } from "./records.ts";
import type { Session } from "./session.ts";
import { type CompleteSettings, namesOf } from "./settings.ts";
import { instant } from "./times.ts";

/** The readings table as it stands. */
export interface TableNow {
  rows: number;
  /** When it was made, milliseconds. */
  createdAt: number;
  /** A moment before it was looked at: whatever was committed later may be missing here. */
  seenAt: number;
}

/** Looks the table up by its metadata, which takes no warehouse; undefined when there is none. */
export async function findTable(
  session: Session,
  settings: CompleteSettings,
): Promise<Omit<TableNow, "seenAt"> | undefined> {
  const rows = await session.rows(
    `SHOW TABLES LIKE ${literal(settings.table)} IN SCHEMA ${namesOf(settings).schema}`,
  );
  const row = rows.find(({ name }) => name === settings.table);
  return row && { rows: Number(row.rows), createdAt: instant(row.created_on) };
}

export async function tableNow(session: Session, settings: CompleteSettings): Promise<TableNow> {
  const seenAt = (await serverTime(session)).getTime();
  const table = await findTable(session, settings);
  if (table) return { ...table, seenAt };
  throw new LoadError(
    "object-missing",
    `Table ${namesOf(settings).plain} does not exist, or role ${settings.role} may not see it.`,
    "run `pulumi up` with the whole stack: it makes the table and its grants",
  );
}

/** Reads the accounting; an emptied table starts a new one. COPYs from before the table was made are none of its own. */
export async function accountingOf(
  { session, settings, log }: Loading,
  table: TableNow,
): Promise<Accounting> {
  let accounting = await readAccounting(session, settings);
  const now = standing(accounting.records, table.createdAt, table.rows, maxMissing(settings));
  if (now !== "unclear" && now.discard === "all") {
    log(`load: ${namesOf(settings).plain} was emptied since the last load: loading it anew`);
    await discardAccounting(session, settings, table.seenAt);
    accounting = await readAccounting(session, settings);
  }
  return { ...accounting, discardedAt: Math.max(accounting.discardedAt, table.createdAt) };
}

/** With all COPYs known, the rows tell which records hold. Returns those that it went by. */
export async function settleAccounting(
  { session, settings, accounting, log }: Loading,
  table: TableNow,
): Promise<RowsNow> {
  const seen = await countRows(session, settings);
  const now = standing(accounting.records, table.createdAt, seen.totalRows, maxMissing(settings));
  if (now === "unclear") {
    const made = new Date(table.createdAt).toISOString();
    throw new LoadError(
      "table-replaced",
      `${namesOf(settings).plain} was replaced at ${made} by a table with ${seen.totalRows} rows, which fit neither what was loaded since then nor before.`,
      "restore the table as it was, or TRUNCATE it and run `pulumi up`, which loads everything anew",
    );
  }
  const { plain } = namesOf(settings);
  if (now.discard === "older") {
    log(`load: ${plain} was made anew: what was loaded into its predecessor counts no more`);
    await discardAccounting(session, settings, table.createdAt);
  } else if (now.discard === "all") {
    log(`load: ${plain} was emptied since these loads: loading it anew`);
    await discardAccounting(session, settings, seen.now.getTime());
  }
  if (now.discard !== "nothing") {
    const { discarded, discardedAt } = await readAccounting(session, settings);
    accounting.discarded = discarded;
    accounting.discardedAt = Math.max(accounting.discardedAt, discardedAt);
  }
  accounting.records.splice(0, accounting.records.length, ...now.records);
  return seen;
}

const maxMissing = ({ quality }: CompleteSettings) => quality.accountedRows.maxMissing;

export interface RowsNow {
  totalRows: number;
  /** A moment before they were counted, by Snowflake's clock. */
  now: Date;
}

/** Rows in the table; Snowflake knows them without reading. */
export async function countRows(session: Session, settings: CompleteSettings): Promise<RowsNow> {
  const now = await serverTime(session);
  const [row] = await session.rows(`SELECT COUNT(*) AS N FROM ${namesOf(settings).readings}`);
  return { totalRows: Number(row?.N), now };
}
