/**
 * The one transaction that publishes, as a Snowflake Scripting block: it runs to its end, or not at all, whether or not its
 * client lives on. Whatever it finds otherwise than it was planned and audited makes it roll back and say so.
 */
import { READINGS_COLUMNS } from "../../readings-columns.ts";
import { literal } from "../../sql.ts";
import { isLive } from "../accounting/control.ts";
import { returning } from "../accounting/corrected.ts";
import type { Audit } from "../audit/audit.ts";
import { rejectedRows } from "../audit/rejected.ts";
import { isRemoved, judged } from "../audit/relations.ts";
import type { Run } from "../context.ts";
import type { Plan } from "../plan.ts";

/** What the block answers when it has published. */
export const PUBLISHED = "published";
/** What it answers when another load has published, or rows came or went, since this one planned. */
export const STALE = "stale";

/** @param token the new control row's */
export function publishBlock(run: Run, plan: Plan, audited: Audit, token: string): string {
  const statements = [
    ...fence(run, plan, audited, token),
    ...(plan.emptied ? startOver(run) : asPlanned(run, plan)),
    ...removal(run, audited),
    ...rows(run, audited),
    ...accounting(run, audited),
    ...summaries(run, audited),
    ...holdsFence(run.names.control, token),
  ];
  return `DECLARE
  n INTEGER;
BEGIN
  BEGIN TRANSACTION;
  ${statements.join("\n  ")}
  COMMIT;
  RETURN '${PUBLISHED}';
EXCEPTION
  WHEN OTHER THEN
    ROLLBACK;
    RAISE;
END;`;
}

/** Rolls back, and says why, unless the condition holds; one that is neither true nor false (of a NULL) does not. */
const unless = (condition: string, answer: string) =>
  `IF (NOT COALESCE(${condition}, FALSE)) THEN ROLLBACK; RETURN ${answer}; END IF;`;
/** The same for the rows that the last statement touched: SQLROWCOUNT is NULL again after the next one. */
const unlessRows = (count: number, what: string) =>
  `n := SQLROWCOUNT;\n  ${unless(`n = ${count}`, `${literal(`${what}: ${count} expected, not `)} || n`)}`;

/** Exactly one of all loads that planned by the same token gets past this; the others' transactions wait here for it. */
function fence(
  { names, settings }: Run,
  { control }: Plan,
  { files, removed, work }: Audit,
  token: string,
): string[] {
  return [
    `UPDATE ${names.control} SET VERSION = VERSION + 1, TOKEN = ${literal(token)}, LAST_FILE_ID = ${control.lastFileId + files.length}, UPDATED_AT = SYSDATE(), UPDATED_BY = ${literal(settings.owner)} WHERE TOKEN = ${literal(control.token)};`,
    "n := SQLROWCOUNT;",
    unless("n = 1", literal(STALE)),
    ...holdsFence(names.control, token),
    ...(removed.length === 0
      ? []
      : [
          `UPDATE ${names.accounting} SET DISCARDED_AT = SYSDATE() WHERE DISCARDED_AT IS NULL AND ${isRemoved(work)};`,
          unlessRows(removed.length, "records of the files to replace"),
        ]),
  ];
}

/**
 * The control table has one row, and it is this load's: not so when there are others, when the update was lost, or when
 * the transaction that made it was aborted from outside.
 */
function holdsFence(control: string, token: string): string[] {
  return [
    `SELECT COUNT(*) + COUNT_IF(TOKEN <> ${literal(token)}) INTO :n FROM ${control};`,
    unless("n = 1", literal("the control table does not have exactly one row, written by this load")),
  ];
}

/** No rows went or came since the plan was made: what was not audited is not published with. Metadata tells their numbers. */
function asPlanned({ names }: Run, { published }: Plan): string[] {
  const marked = published.rows - published.unmarkedRows;
  return [
    `SELECT IFF(COUNT(*) = ${published.rows} AND COUNT(FILE_ID) = ${marked}, 1, 0) INTO :n FROM ${names.readings};`,
    unless("n = 1", literal(STALE)),
  ];
}

/** The table was emptied by hand: what the accounting says of it counts no more. */
function startOver({ names }: Run): string[] {
  return [
    `SELECT COUNT(*) INTO :n FROM ${names.readings};`,
    unless("n = 0", literal(STALE)),
    `UPDATE ${names.accounting} SET DISCARDED_AT = SYSDATE() WHERE DISCARDED_AT IS NULL;`,
    `UPDATE ${names.control} SET BASELINE_ROWS = 0;`,
  ];
}

function removal({ names }: Run, { removed, work, counts }: Audit): string[] {
  if (removed.length === 0) return [];
  return [
    `DELETE FROM ${names.readings} WHERE ${isRemoved(work)};`,
    unlessRows(counts.removed, "rows of the files to replace"),
  ];
}

/** One INSERT, in the order of the clustering key, so that the table needs little reclustering afterwards. */
function rows(run: Run, audited: Audit): string[] {
  const { names, id } = run;
  const { files, returned, landings, work, counts } = audited;
  if (files.length + returned.length === 0) return [];
  const [first] = files;
  const columns = ["FILE_ID", ...READINGS_COLUMNS.map(({ name }) => name)].join(", ");
  return [
    ...(first === undefined
      ? []
      : [
          `SELECT COUNT(*) INTO :n FROM ${names.accounting} a LEFT JOIN ${work.files} f ON f.FILE = a.FILE AND f.FILE_ID >= ${first.fileId} WHERE a.FILE_ID >= ${first.fileId} OR (f.FILE IS NOT NULL AND ${isLive("a")});`,
          unless("n = 0", "'files that are in the readings already: ' || n"),
        ]),
    `INSERT INTO ${names.readings} (${columns}) SELECT ${columns} FROM (${judged(run, landings, work)}) j WHERE REASON IS NULL ORDER BY ${run.settings.clusterBy.join(", ")};`,
    unlessRows(counts.published, "rows to publish"),
    ...(counts.rejected === 0
      ? []
      : [
          `INSERT INTO ${names.rejected} (FILE_ID, FILE, ROW_NUMBER, COLUMN_NAME, REASON, RAW_RECORD, LOAD_ID, REJECTED_AT) SELECT r.*, ${literal(id)}, SYSDATE() FROM (${rejectedRows({ run, landings, work })}) r;`,
          unlessRows(counts.rejected, "rows to reject"),
        ]),
  ];
}

function accounting(run: Run, { files, returned, work }: Audit): string[] {
  const { names, settings, id } = run;
  const load = literal(id);
  const [first] = files;
  return [
    ...returning(run, returned, work.stats).flatMap(({ sql, rows, what }) => [sql, unlessRows(rows, what)]),
    ...(first === undefined
      ? []
      : [
          `INSERT INTO ${names.accounting} (FILE, SIZE, MD5, STATUS, ROWS_PARSED, ROWS_LOADED, ROWS_REJECTED, FIRST_ERROR, FIRST_ERROR_LINE, FIRST_ERROR_COLUMN, QUERY_ID, LOADED_BY, LOADED_AT, FILE_ID, LOAD_ID, FIRST_TIME, LAST_TIME)
  SELECT FILE, SIZE, MD5, IFF(REJECTED = 0, 'LOADED', 'PARTIALLY_LOADED'), LANDED, LANDED - REJECTED, REJECTED, FIRST_ERROR, FIRST_ERROR_ROW, SPLIT_PART(FIRST_ERROR, ':', 1), QUERY_ID, ${literal(settings.owner)}, SYSDATE(), FILE_ID, ${load}, FIRST_TIME, LAST_TIME FROM ${work.stats} WHERE FILE_ID >= ${first.fileId};`,
          unlessRows(files.length, "files for the accounting"),
        ]),
    `UPDATE ${names.runs} SET OUTCOME = 'published', ENDED_AT = SYSDATE(), VERSION = (SELECT VERSION FROM ${names.control}) WHERE LOAD_ID = ${load};`,
  ];
}

/** What is known of meters and days becomes what was audited. */
function summaries({ names }: Run, { work, scope }: Audit): string[] {
  const meters = "METER_ID, FIRST_AT, LAST_AT, READINGS, INTERVALS";
  const days = "DAY, FIRST_AT, LAST_AT, READINGS, METERS, INTERVALS, HOURS";
  const gone = (table: string, audited: string, key: string) =>
    scope.whole
      ? `DELETE FROM ${table};`
      : `DELETE FROM ${table} WHERE ${key} IN (SELECT a.${key} FROM ${audited} a)${key === "DAY" ? " OR DAY IS NULL" : ""};`;
  return [
    gone(names.meterSummary, work.meters, "METER_ID"),
    `INSERT INTO ${names.meterSummary} (${meters}) SELECT ${meters} FROM ${work.meters};`,
    gone(names.daySummary, work.days, "DAY"),
    `INSERT INTO ${names.daySummary} (${days}) SELECT ${days} FROM ${work.days};`,
  ];
}
