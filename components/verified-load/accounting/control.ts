/**
 * The control row and the accounting: what is published, read in one statement. Exactly-once rests on the control row's
 * token: whoever publishes changes it, in the same transaction, and only if it still is the one that the plan was made by.
 */
import { LoadError } from "../../snowflake/errors.ts";
import type { Row, Session } from "../../snowflake/session.ts";
import { instant } from "../../snowflake/times.ts";
import { literal } from "../../sql.ts";
import { inNewSession, type Run } from "../context.ts";
import { ACCOUNTING_COLUMNS, createStatement, KEPT, keptTableName, type TableColumn } from "../tables.ts";

export interface Control {
  /** Counts what was published. */
  version: number;
  /** Random, and new with each version. */
  token: string;
  /** The highest FILE_ID given so far, also where an older control row came back. */
  lastFileId: number;
  /** Rows without a FILE_ID that were there before rows had one. */
  baselineRows: number;
  /** Who published last. */
  updatedBy: string;
}

/** A file whose rows are in the readings. */
export interface PublishedFile {
  /** Undefined: loaded before rows had a FILE_ID, so its rows cannot be told from others'. */
  fileId: number | undefined;
  /** Whole URL. */
  file: string;
  size: number;
  /** Empty where nobody knows it. */
  md5: string;
  rowsParsed: number;
  rowsLoaded: number;
  rowsRejected: number;
  queryId: string;
  /** Milliseconds since 1970. */
  loadedAt: number;
}

export interface Published {
  control: Control;
  files: PublishedFile[];
  /** Rows that the readings hold now. */
  rows: number;
  /** Those of them without a FILE_ID. */
  unmarkedRows: number;
  /** Rows that the readings held when they were audited last: the sum of the days' summary. */
  summarisedRows: number;
}

/** Rows that files brought. */
export const rowsOf = (files: readonly Pick<PublishedFile, "rowsLoaded">[]): number =>
  files.reduce((sum, { rowsLoaded }) => sum + rowsLoaded, 0);

/** Whether the readings hold as many rows as were audited last. */
export const isAsAudited = ({ rows, summarisedRows }: Published): boolean => rows === summarisedRows;

/** Condition for a record of the accounting whose file's rows are in the readings. @param as alias of the accounting */
export const isLive = (as: string) => `${as}.DISCARDED_AT IS NULL AND ${as}.STATUS <> 'LOAD_FAILED'`;

/**
 * Makes the tables that the load keeps, where they are missing, and takes over what stacks of before have: their
 * accounting gets whole URLs, and the rows that are there become the baseline. Repeatable.
 */
export async function prepareTables({ session, settings, names }: Run): Promise<void> {
  const { database, schema, table } = settings;
  const shown = await session.rows(`SHOW TABLES LIKE ${literal(`${table}_%`)} IN SCHEMA ${names.schema}`);
  const there = new Set(shown.map(({ name }) => String(name)));
  for (const [kept, columns] of Object.entries(KEPT)) {
    const name = keptTableName(table, kept as keyof typeof KEPT);
    if (!there.has(name)) await session.rows(createStatement([database, schema, name], columns));
    else if (kept === "FIGURES" || kept === "CORRECTED")
      await addColumns(session, names[kept === "FIGURES" ? "figures" : "corrected"], columns);
  }
  if (there.has(keptTableName(table, "CONTROL"))) return;
  // Names of before are paths below the stage.
  await session.rows(
    `UPDATE ${names.accounting} SET FILE = ${literal(settings.stageUrl)} || FILE WHERE FILE_ID IS NULL AND NOT CONTAINS(FILE, '://')`,
  );
  // Two loads that seed the row at once with INSERT would both succeed; of two that create the table one does. A version that
  // was on record already would bring back the verdict of then.
  await session.rows(
    `CREATE TABLE IF NOT EXISTS ${names.control} AS SELECT COALESCE((SELECT MAX(VERSION) FROM ${names.runs}), 0) + 1::NUMBER(38,0) AS VERSION, UUID_STRING() AS TOKEN,
  COALESCE((SELECT MAX(FILE_ID) FROM ${names.accounting}), 0)::NUMBER(38,0) AS LAST_FILE_ID,
  ${await baselineRows(session, names)}::NUMBER(38,0) AS BASELINE_ROWS,
  SYSDATE() AS UPDATED_AT, ${literal(settings.owner)}::VARCHAR AS UPDATED_BY`,
  );
}

/**
 * Rows without a FILE_ID that are nobody's fault: all that are there before the first file is loaded under one. Where files were,
 * the control table is made anew, and only rows of files of before them are known; others were inserted by hand.
 */
async function baselineRows(session: Session, names: Run["names"]): Promise<number> {
  const [row] = await session.rows(
    `SELECT (SELECT COUNT(*) FROM ${names.readings} WHERE FILE_ID IS NULL) AS UNMARKED, COUNT(f.FILE_ID) AS MARKED_FILES,
  COALESCE(SUM(IFF(f.FILE_ID IS NULL AND ${isLive("f")}, f.ROWS_LOADED, 0)), 0) AS ROWS_BEFORE FROM ${names.accounting} f`,
  );
  const unmarked = Number(row?.UNMARKED);
  return Number(row?.MARKED_FILES) === 0 ? unmarked : Math.min(unmarked, Number(row?.ROWS_BEFORE));
}

/** Of a table of an older release, the columns that it did not have. */
async function addColumns(session: Session, table: string, columns: readonly TableColumn[]): Promise<void> {
  const shown = await session.rows(`SHOW COLUMNS IN TABLE ${table}`);
  const there = new Set(shown.map(({ column_name }) => String(column_name)));
  for (const { name, type, comment } of columns.filter((column) => !there.has(column.name)))
    await session.rows(
      `ALTER TABLE ${table} ADD COLUMN IF NOT EXISTS ${name} ${type} COMMENT ${literal(comment)}`,
    );
}

const CONTROL_COLUMNS = ["VERSION", "TOKEN", "LAST_FILE_ID", "BASELINE_ROWS", "UPDATED_BY"];

/** What is published, as the session sees it. */
export async function publishedIn(session: Session, names: Run["names"]): Promise<Published> {
  const files = ACCOUNTING_COLUMNS.map(({ name }) => `f.${name}`).join(", ");
  // Counts and the greatest FILE_ID of whole tables are answered from metadata.
  const rows = await session.rows(
    `SELECT ${CONTROL_COLUMNS.map((name) => `c.${name}`).join(", ")}, ${files},
  (SELECT COUNT(*) FROM ${names.control}) AS CONTROL_ROWS,
  (SELECT COUNT(*) FROM ${names.readings}) AS ROWS_NOW,
  (SELECT COUNT(FILE_ID) FROM ${names.readings}) AS ROWS_MARKED,
  GREATEST(COALESCE((SELECT MAX(FILE_ID) FROM ${names.readings}), 0), COALESCE((SELECT MAX(FILE_ID) FROM ${names.accounting}), 0)) AS LAST_MARK,
  (SELECT COALESCE(SUM(READINGS), 0) FROM ${names.daySummary}) AS ROWS_SUMMARISED
FROM ${names.control} c LEFT JOIN ${names.accounting} f ON ${isLive("f")}`,
  );
  const [first] = rows;
  const control = controlOf(rows, Number(first?.CONTROL_ROWS ?? 0), names.control);
  return {
    control: { ...control, lastFileId: Math.max(control.lastFileId, Number(first?.LAST_MARK)) },
    files: rows.filter(({ FILE }) => FILE !== null).map(publishedFile),
    rows: Number(first?.ROWS_NOW),
    unmarkedRows: Number(first?.ROWS_NOW) - Number(first?.ROWS_MARKED),
    summarisedRows: Number(first?.ROWS_SUMMARISED),
  };
}

/** The control row alone, read in a new session. */
export async function readControl(run: Pick<Run, "names" | "connect">): Promise<Control> {
  return inNewSession(run, (session) => controlIn(session, run.names));
}

/** The same, as the session sees it. */
export async function controlIn(session: Session, names: Run["names"]): Promise<Control> {
  const rows = await session.rows(`SELECT ${CONTROL_COLUMNS.join(", ")} FROM ${names.control}`);
  return controlOf(rows, rows.length, names.control);
}

/** @param count rows of the control table */
function controlOf([row]: readonly Row[], count: number, table: string): Control {
  if (count !== 1 || row === undefined)
    throw new LoadError(
      "control-damaged",
      `${table} has ${count} rows; it must have exactly one, which every load changes.`,
      `drop it (DROP TABLE ${table}): the next \`pulumi up\` makes it anew from the accounting, and verifies the whole table`,
    );
  return {
    version: Number(row.VERSION),
    token: String(row.TOKEN),
    lastFileId: Number(row.LAST_FILE_ID),
    baselineRows: Number(row.BASELINE_ROWS),
    updatedBy: String(row.UPDATED_BY),
  };
}

function publishedFile(row: Row): PublishedFile {
  return {
    fileId: row.FILE_ID === null ? undefined : Number(row.FILE_ID),
    file: String(row.FILE),
    size: Number(row.SIZE),
    md5: String(row.MD5),
    rowsParsed: Number(row.ROWS_PARSED),
    rowsLoaded: Number(row.ROWS_LOADED),
    rowsRejected: Number(row.ROWS_REJECTED),
    queryId: String(row.QUERY_ID ?? ""),
    loadedAt: instant(row.LOADED_AT),
  };
}
