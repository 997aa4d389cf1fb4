/**
 * The accounting: one row for each file and the COPY that dealt with it, kept beside the readings. Snowflake forgets
 * what it loaded after 64 days and COPY's own result after one; this table does not.
 */
import { ACCOUNTING_COLUMNS } from "./accounting-columns.ts";
import { isTransient } from "./errors.ts";
import { type Accounting, type FileRecord, type FileStatus, number, text } from "./records.ts";
import { retry } from "./retry.ts";
import type { Bind, Row, Session } from "./session.ts";
import { type CompleteSettings, namesOf } from "./settings.ts";
import { instant, timestamp } from "./times.ts";

const NAMES = ACCOUNTING_COLUMNS.map(({ name }) => name);

export async function readAccounting(session: Session, settings: CompleteSettings): Promise<Accounting> {
  const { accounting } = namesOf(settings);
  const rows = await session.rows(`SELECT ${NAMES.join(", ")} FROM ${accounting} ORDER BY LOADED_AT, FILE`);
  const discarded = rows.filter((row) => row.DISCARDED_AT !== null);
  const holding = rows.filter((row) => row.DISCARDED_AT === null);
  return {
    // A row whose writing nobody could be sure of may be there twice.
    records: [...new Map(holding.map(recordOf).map((record) => [identityOf(record), record])).values()],
    discarded: discarded.map(recordOf),
    discardedAt: Math.max(0, ...discarded.map((row) => instant(row.DISCARDED_AT))),
  };
}

const recordOf = (row: Row): FileRecord => ({
  file: String(row.FILE),
  size: Number(row.SIZE),
  md5: String(row.MD5),
  status: String(row.STATUS) as FileStatus,
  rowsParsed: Number(row.ROWS_PARSED),
  rowsLoaded: Number(row.ROWS_LOADED),
  rowsRejected: Number(row.ROWS_REJECTED),
  firstError: text(row.FIRST_ERROR),
  firstErrorLine: number(row.FIRST_ERROR_LINE),
  firstErrorColumn: text(row.FIRST_ERROR_COLUMN),
  queryId: String(row.QUERY_ID),
  loadedBy: String(row.LOADED_BY),
  loadedAt: timestamp(row.LOADED_AT),
});

/** Rows in one INSERT: keeps statements small, and the driver from sending values through a stage. */
const ROWS_PER_INSERT = 200;

/** Writes what is not there yet: a record is known by its COPY and its file, so writing again adds nothing. */
export async function writeAccounting(
  session: Session,
  settings: CompleteSettings,
  records: readonly FileRecord[],
  known: readonly FileRecord[],
): Promise<FileRecord[]> {
  const missing = withoutKnown(records, known);
  let open = missing;
  await retry(
    async () => {
      for (let from = 0; from < open.length; from += ROWS_PER_INSERT)
        await insert(session, settings, open.slice(from, from + ROWS_PER_INSERT));
    },
    async (error) => {
      if (!isTransient(error)) return false;
      // Nobody knows which of the rows went in: look, and write the others.
      open = withoutKnown(missing, (await readAccounting(session, settings)).records);
      return true;
    },
  );
  return missing;
}

function withoutKnown(records: readonly FileRecord[], known: readonly FileRecord[]): FileRecord[] {
  const there = new Set(known.map(identityOf));
  return records.filter((record) => !there.has(identityOf(record)));
}

/** What a record is known by: its COPY and its file. Loads by other people have no COPY here, but a time. */
const identityOf = ({ queryId, file, md5, loadedAt }: FileRecord) =>
  JSON.stringify(queryId === "" ? [file, md5, loadedAt] : [queryId, file]);

async function insert(
  session: Session,
  settings: CompleteSettings,
  records: readonly FileRecord[],
): Promise<void> {
  const columns = NAMES.filter((name) => name !== "DISCARDED_AT");
  const placeholders = `(${columns.map(() => "?").join(", ")})`;
  await session.once(
    `INSERT INTO ${namesOf(settings).accounting} (${columns.join(", ")}) VALUES ${records.map(() => placeholders).join(", ")}`,
    records.flatMap(bindsOf),
  );
}

const bindsOf = (record: FileRecord): Bind[] => [
  record.file,
  record.size,
  record.md5,
  record.status,
  record.rowsParsed,
  record.rowsLoaded,
  record.rowsRejected,
  record.firstError,
  record.firstErrorLine,
  record.firstErrorColumn,
  record.queryId,
  record.loadedBy,
  record.loadedAt,
];

/**
 * The table was emptied, or made anew: what was loaded until then counts no more, but stays on record.
 * @param until milliseconds, by Snowflake's clock
 */
export async function discardAccounting(
  session: Session,
  settings: CompleteSettings,
  until: number,
): Promise<void> {
  const then = timestamp(new Date(until));
  await session.rows(
    `UPDATE ${namesOf(settings).accounting} SET DISCARDED_AT = ?::TIMESTAMP_NTZ WHERE DISCARDED_AT IS NULL AND LOADED_AT <= ?::TIMESTAMP_NTZ`,
    [then, then],
  );
}
