/**
 * Audit: what the readings will be once this load is published, held against the checks. Only the days that new or removed
 * rows touch are gone over, and what is known of the rest; or the whole table, where that is asked for or cannot be avoided.
 */

import { plural } from "../../format.ts";
import { READINGS_COLUMNS } from "../../readings-columns.ts";
import { LoadError } from "../../snowflake/errors.ts";
import { timestamp } from "../../snowflake/times.ts";
import { isAsAudited, type PublishedFile } from "../accounting/control.ts";
import type { Returned } from "../accounting/corrected.ts";
import type { CheckResults } from "../args.ts";
import type { Run } from "../context.ts";
import { insertOnce } from "../insert-once.ts";
import type { Plan } from "../plan.ts";
import { dropLandings, type LandedFile, type Landing } from "../write/landing.ts";
import type { Written } from "../write/write.ts";
import { dayOf } from "./days.ts";
import type { Evidence } from "./evidence.ts";
import { findExamples } from "./examples.ts";
import { findAccounted, findDays, findRules, findSums, findUnknownMeters, type Looked } from "./findings.ts";
import { findRejected } from "./rejected.ts";
import { isRemoved, judged, readings, type Scope, type WorkTables, workTables } from "./relations.ts";
import { daysStatement, meterDaysStatement, metersStatement } from "./scan.ts";
import { verdicts } from "./verdict.ts";

/** What is to be published, and how it was found. */
export interface Audit {
  evidence: Evidence;
  checks: CheckResults;
  work: WorkTables;
  landings: Landing[];
  removed: PublishedFile[];
  /** Files with the FILE_ID that their rows get. */
  files: (LandedFile & { fileId: number })[];
  scope: Scope;
  /** Files of before, of which corrected rows come back. */
  returned: Returned["files"];
  /** Rows that each statement of the publishing must find. */
  counts: { published: number; rejected: number; removed: number };
}

/**
 * Audits what was written, and what is there.
 * @param whole reads the whole table
 */
export async function audit(
  run: Run,
  plan: Plan,
  written: Written,
  removed: PublishedFile[],
  returned: Returned,
  whole: boolean,
): Promise<Audit> {
  const { session, settings, log, step } = run;
  const { published } = plan;
  const work = workTables(run);
  step("counting what landed");
  const files = written.files.map((file, index) => ({
    ...file,
    fileId: published.control.lastFileId + index + 1,
  }));
  await writeFiles(run, work, [...files, ...returned.files]);
  await writeRemoved(run, work, removed);
  const landings = [...written.landings, ...returned.landings];
  const landedRows = await countLanded(run, landings, work);

  // Of an empty table the days of the new rows are all there are.
  const scope: Scope =
    whole || published.rows === 0
      ? { whole: true }
      : { whole: false, days: await touchedDays(run, landings, work) };
  step("auditing the readings");
  if (published.rows > 0)
    log(
      scope.whole
        ? "audit: the whole table, not only what is new"
        : `audit: ${plural(scope.days.length, "day")} with new rows; of the rest, what earlier audits found`,
    );
  const source = readings(run, landings, work, scope, removed);
  await session.rows(meterDaysStatement(source, work, settings, published.rows > 0));
  await session.rows(metersStatement(work, whole ? undefined : run.names.meterSummary));
  await session.rows(daysStatement(source, work));

  const looked = { run, landings, work, scope, removed, source };
  const correctedRows = returned.files.reduce((sum, { rows }) => sum + rows, 0);
  const evidence = await evidenceOf(looked, plan, written, { ...landedRows, correctedRows });
  return {
    evidence,
    checks: verdicts(settings, evidence),
    work,
    landings,
    removed,
    files,
    returned: returned.files,
    scope,
    counts: {
      published: evidence.newRows,
      rejected: landedRows.rejected,
      removed: await countRemoved(run, work, removed),
    },
  };
}

/** All that the checks go by. */
async function evidenceOf(
  looked: Looked,
  plan: Plan,
  { unreadable }: Written,
  { landed, rejected, nulls, correctedRows }: LandedRows & { correctedRows: number },
): Promise<Evidence> {
  const sums = await findSums(looked);
  const { readings: auditedRows, continuity, duplicates, voltageInRange } = sums;
  return {
    landedRows: landed,
    newRows: landed - rejected,
    correctedRows,
    auditedRows,
    unreadable,
    rejected: await findRejected(looked, rejected),
    ...(await findAccounted(looked.run, plan)),
    rules: await findRules(looked, sums),
    nulls,
    continuity,
    duplicates,
    voltageInRange,
    unknownMeters: await findUnknownMeters(looked),
    days: await findDays(looked),
    examples: await findExamples(looked, sums),
  };
}

/** Whether only the whole table tells what the readings will be: files leave it, or it is not what the summaries say. */
export function needsWhole(plan: Plan, removed: readonly PublishedFile[]): boolean {
  const { published } = plan;
  return removed.length > 0 || plan.emptied || !isAsAudited(published);
}

async function writeFiles(
  { session }: Run,
  work: WorkTables,
  files: readonly (LandedFile & { fileId: number })[],
): Promise<void> {
  await session.rows(
    `CREATE OR REPLACE TRANSIENT TABLE ${work.files} (FILE_ID NUMBER(38,0), LANDING VARCHAR, LANDED_AS VARCHAR, FILE VARCHAR,
  SIZE NUMBER(38,0), MD5 VARCHAR, LAST_MODIFIED TIMESTAMP_NTZ(9), ROWS_LANDED NUMBER(38,0), QUERY_ID VARCHAR) DATA_RETENTION_TIME_IN_DAYS = 0`,
  );
  await insertOnce(
    session,
    work.files,
    {
      FILE_ID: "?",
      LANDING: "?",
      LANDED_AS: "?",
      FILE: "?",
      SIZE: "?",
      MD5: "?",
      LAST_MODIFIED: "?::TIMESTAMP_NTZ",
      ROWS_LANDED: "?",
      QUERY_ID: "?",
    },
    ["FILE_ID"],
    files.map(({ fileId, landing, landedAs, staged, rows, queryId }) => [
      fileId,
      landing,
      landedAs,
      staged.file,
      staged.size,
      staged.md5,
      timestamp(staged.lastModified),
      rows,
      queryId,
    ]),
  );
}

async function writeRemoved(
  { session }: Run,
  work: WorkTables,
  removed: readonly PublishedFile[],
): Promise<void> {
  if (removed.length === 0) return;
  await session.rows(
    `CREATE OR REPLACE TRANSIENT TABLE ${work.removed} (FILE_ID NUMBER(38,0)) DATA_RETENTION_TIME_IN_DAYS = 0`,
  );
  await insertOnce(
    session,
    work.removed,
    { FILE_ID: "?" },
    ["FILE_ID"],
    removed.map(({ fileId }) => [fileId as number]),
  );
}

interface LandedRows {
  landed: number;
  rejected: number;
  nulls: Record<string, number>;
}

/** Counts the landed rows by file; the table stays for the publishing, which writes the accounting from it. */
async function countLanded(run: Run, landings: readonly Landing[], work: WorkTables): Promise<LandedRows> {
  const { session } = run;
  const accepted = "IFF(REASON IS NULL, ROW_NUMBER, NULL)";
  const nulls = READINGS_COLUMNS.map(
    ({ name }) => `COUNT_IF(REASON IS NULL AND ${name} IS NULL) AS NULL_${name}`,
  );
  await session.rows(`CREATE OR REPLACE TRANSIENT TABLE ${work.stats} DATA_RETENTION_TIME_IN_DAYS = 0 AS
SELECT f.*, COALESCE(s.LANDED, 0) AS LANDED, COALESCE(s.REJECTED, 0) AS REJECTED, s.FIRST_TIME, s.LAST_TIME, s.FIRST_ERROR, s.FIRST_ERROR_ROW,
  ${READINGS_COLUMNS.map(({ name }) => `COALESCE(s.NULL_${name}, 0) AS NULL_${name}`).join(", ")}
FROM ${work.files} f LEFT JOIN (
  SELECT FILE_ID, COUNT(*) AS LANDED, COUNT(*) - COUNT(${accepted}) AS REJECTED,
    MIN(IFF(REASON IS NULL, TIMESTAMP, NULL)) AS FIRST_TIME, MAX(IFF(REASON IS NULL, TIMESTAMP, NULL)) AS LAST_TIME,
    MIN_BY(REASON, IFF(REASON IS NULL, NULL, ROW_NUMBER)) AS FIRST_ERROR, MIN(IFF(REASON IS NULL, NULL, ROW_NUMBER)) AS FIRST_ERROR_ROW,
    ${nulls.join(", ")}
  FROM (${judged(run, landings, work)}) j GROUP BY FILE_ID
) s ON s.FILE_ID = f.FILE_ID`);
  await assertLandedOnce(run, work);
  const [row] = await session.rows(
    `SELECT COALESCE(SUM(LANDED), 0) AS LANDED, COALESCE(SUM(REJECTED), 0) AS REJECTED, ` +
      `${READINGS_COLUMNS.map(({ name }) => `COALESCE(SUM(NULL_${name}), 0) AS NULL_${name}`).join(", ")} FROM ${work.stats}`,
  );
  return {
    landed: Number(row?.LANDED),
    rejected: Number(row?.REJECTED),
    nulls: Object.fromEntries(READINGS_COLUMNS.map(({ name }) => [name, Number(row?.[`NULL_${name}`])])),
  };
}

/**
 * A COPY that its client had sent twice may have landed its rows once more since they were counted. Such a landing table is
 * forgotten, so that the next load copies its files anew.
 */
async function assertLandedOnce(run: Run, work: WorkTables): Promise<void> {
  const wrong = await run.session.rows(
    `SELECT LANDING, MIN(FILE) AS FILE FROM ${work.stats} WHERE LANDED <> ROWS_LANDED GROUP BY 1 ORDER BY 1`,
  );
  if (wrong.length === 0) return;
  await dropLandings(
    run,
    wrong.map(({ LANDING }) => String(LANDING)),
  );
  throw new LoadError(
    "landing-changed",
    `Landing tables do not hold the rows that landed any more: ${wrong.map(({ LANDING, FILE }) => `${LANDING} (${FILE})`).join(", ")}.`,
    "run `pulumi up` again: it copies their files anew",
  );
}

/** Rows that the removed files have in the readings now: fewer than they had, where somebody deleted some. */
async function countRemoved(
  { session, names }: Run,
  work: WorkTables,
  removed: readonly PublishedFile[],
): Promise<number> {
  if (removed.length === 0) return 0;
  const [row] = await session.rows(`SELECT COUNT(*) AS N FROM ${names.readings} WHERE ${isRemoved(work)}`);
  return Number(row?.N);
}

/** Days of the new rows. */
async function touchedDays(
  { session, ...run }: Run,
  landings: readonly Landing[],
  work: WorkTables,
): Promise<string[]> {
  if (landings.length === 0) return [];
  const rows = await session.rows(
    `SELECT DISTINCT TIMESTAMP::DATE AS DAY FROM (${judged(run, landings, work)}) j WHERE REASON IS NULL AND TIMESTAMP IS NOT NULL ORDER BY 1`,
  );
  return rows.map(({ DAY }) => dayOf(new Date(DAY as string | Date)));
}
