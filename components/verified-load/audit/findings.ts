/** What the scans come to: sums, spans and days, each from the small tables that they left. */

import { plural } from "../../format.ts";
import { LoadError, messageOf } from "../../snowflake/errors.ts";
import { moment } from "../../snowflake/times.ts";
import { type Published, type PublishedFile, rowsOf } from "../accounting/control.ts";
import type { Run } from "../context.ts";
import { expectedRows, type Plan } from "../plan.ts";
import { offends, ROW_CHECKS, type RowCheckName } from "../quality/index.ts";
import type { Landing } from "../write/landing.ts";
import { nameOf } from "../write/listing.ts";
import type { Day, Evidence, RowRule, UnknownMeters } from "./evidence.ts";
import type { Scope, WorkTables } from "./relations.ts";
import { CROWDED, crowdedStatement, oddStatement, offendersColumn } from "./scan.ts";

/** What an audit looks at. */
export interface Looked {
  run: Run;
  landings: readonly Landing[];
  work: WorkTables;
  scope: Scope;
  removed: readonly PublishedFile[];
  /** The readings as they will be, within the scope. */
  source: string;
}

export interface Sums {
  readings: number;
  voltageInRange: number;
  duplicates: number;
  continuity: Evidence["continuity"];
  offenders: Record<RowCheckName, number>;
}

export async function findSums(looked: Looked): Promise<Sums> {
  const { run, work, source } = looked;
  const { session, settings } = run;
  const [row] = await session.rows(
    `SELECT SUM(READINGS) AS READINGS, SUM(VOLTAGE_IN_RANGE) AS VOLTAGE_IN_RANGE, SUM(ODD) AS ODD, COUNT_IF(${CROWDED}) AS CROWDED FROM ${work.meterDays} d`,
  );
  const [odd] = Number(row?.ODD) > 0 ? await session.rows(oddStatement(source, settings)) : [];
  const [crowded] =
    Number(row?.CROWDED) > 0 ? await session.rows(crowdedStatement(source, work, settings)) : [];
  return {
    readings: Number(row?.READINGS ?? 0),
    voltageInRange: Number(row?.VOLTAGE_IN_RANGE ?? 0),
    duplicates: Number(crowded?.DUPLICATES ?? 0),
    continuity: {
      ...(await findSpans(looked)),
      surplus: Number(crowded?.SURPLUS ?? 0),
      offGrid: Number(odd?.OFF_GRID ?? 0),
    },
    offenders: Object.fromEntries(
      ROW_CHECKS.map((name) => [name, Number(odd?.[offendersColumn(name)] ?? 0)]),
    ) as Sums["offenders"],
  };
}

/** All meters, or days, as they will be: the audited ones, and of the summary those that were not audited. */
export function afterwards(
  { run, work, scope }: Pick<Looked, "run" | "work" | "scope">,
  of: "meters" | "days",
): string {
  const [key, audited, summary] =
    of === "meters"
      ? (["METER_ID", work.meters, run.names.meterSummary] as const)
      : (["DAY", work.days, run.names.daySummary] as const);
  const columns =
    of === "meters" ? "METER_ID, FIRST_AT, LAST_AT, READINGS, INTERVALS" : "DAY, FIRST_AT, LAST_AT, READINGS";
  const own = `SELECT ${columns} FROM ${audited}`;
  if (scope.whole) return own;
  return `${own} UNION ALL SELECT ${columns} FROM ${summary} s WHERE NOT EXISTS (SELECT 1 FROM ${audited} a WHERE EQUAL_NULL(a.${key}, s.${key}))`;
}

/** Number of an interval since 1970; intervals divide a day, so it is the same count within each day. */
export function intervalOf(time: string, minutes: number): string {
  return `FLOOR(DATEDIFF('minute', '1970-01-01'::TIMESTAMP_NTZ, ${time}) / ${minutes})`;
}

/**
 * The meters with their missing intervals, and whether they are new to begin after, or to end before, all others: what the
 * summary knows of them already was accepted by an earlier load.
 */
export function meterSpans(looked: Looked): string {
  const { run } = looked;
  const { intervalMinutes } = run.settings.quality.continuity;
  const interval = (time: string) => intervalOf(time, intervalMinutes);
  const { meterSummary, daySummary } = run.names;
  return `SELECT m.METER_ID, m.FIRST_AT, m.LAST_AT, ${interval("m.LAST_AT")} - ${interval("m.FIRST_AT")} + 1 - m.INTERVALS AS MISSING,
  IFF(${interval("m.FIRST_AT")} > ${interval("r.FIRST_AT")} AND NOT EQUAL_NULL(s.FIRST_AT, m.FIRST_AT), 1, 0) AS BEGINS,
  IFF(${interval("m.LAST_AT")} < ${interval("r.LAST_AT")} AND NOT (EQUAL_NULL(s.LAST_AT, m.LAST_AT) AND COALESCE(${interval("s.LAST_AT")} < ${interval("p.LAST_AT")}, FALSE)), 1, 0) AS ENDS
FROM (${afterwards(looked, "meters")}) m
CROSS JOIN (SELECT MIN(FIRST_AT) AS FIRST_AT, MAX(LAST_AT) AS LAST_AT FROM (${afterwards(looked, "days")}) d) r
CROSS JOIN (SELECT MAX(LAST_AT) AS LAST_AT FROM ${daySummary}) p
LEFT JOIN ${meterSummary} s ON s.METER_ID = m.METER_ID
WHERE m.FIRST_AT IS NOT NULL`;
}

async function findSpans(looked: Looked): Promise<{ missing: number; beginning: number; ending: number }> {
  const [row] = await looked.run.session.rows(
    `SELECT COALESCE(SUM(MISSING), 0) AS MISSING, COALESCE(SUM(BEGINS), 0) AS BEGINNING, COALESCE(SUM(ENDS), 0) AS ENDING FROM (${meterSpans(looked)}) m`,
  );
  return {
    missing: Number(row?.MISSING),
    beginning: Number(row?.BEGINNING),
    ending: Number(row?.ENDING),
  };
}

/** All days with readings, as they will be. */
export async function findDays(looked: Looked): Promise<Day[]> {
  const rows = await looked.run.session.rows(
    `SELECT DAY, FIRST_AT, LAST_AT FROM (${afterwards(looked, "days")}) d WHERE DAY IS NOT NULL AND FIRST_AT IS NOT NULL ORDER BY DAY`,
  );
  return rows.map((row) => ({
    day: moment(row.DAY).slice(0, 10),
    from: moment(row.FIRST_AT),
    to: moment(row.LAST_AT),
  }));
}

/** Names in a list of examples. */
export const MOST_EXAMPLES = 5;

/** Meters of all readings that the meters table does not have. */
export async function findUnknownMeters(looked: Looked): Promise<UnknownMeters> {
  const { run } = looked;
  const { settings, names } = run;
  const { meters } = names;
  if (settings.quality.referentialIntegrity.severity === "off") return { skipped: "switched off" };
  if (meters === undefined) return { skipped: "no metersTable is configured" };
  try {
    const rows = await run.session.rows(
      `SELECT r.METER_ID, COUNT(*) OVER () AS UNKNOWN_METERS FROM (${afterwards(looked, "meters")}) r
LEFT JOIN (SELECT DISTINCT k.METER_ID::VARCHAR AS METER_ID FROM ${meters} k) m ON m.METER_ID = r.METER_ID
WHERE m.METER_ID IS NULL ORDER BY r.METER_ID LIMIT ${MOST_EXAMPLES}`,
    );
    return { count: Number(rows[0]?.UNKNOWN_METERS ?? 0), examples: rows.map((row) => String(row.METER_ID)) };
  } catch (error) {
    const said = messageOf(error);
    // Only its absence (which Snowflake does not tell from a missing grant) is no failure of the load.
    if (/does not exist or not authorized/i.test(said))
      return { skipped: `${settings.metersTable} does not exist, or role ${settings.role} may not read it` };
    if (/invalid identifier/i.test(said))
      throw new LoadError(
        "meters-table",
        `${settings.metersTable} cannot tell which meters are known: it has no column METER_ID. Snowflake said: ${said}`,
        "set metersTable to a table or view with a METER_ID column, or leave it out",
        error,
      );
    throw error;
  }
}

/** Offenders of the checks of single rows, with the files that they come from. */
export async function findRules(looked: Looked, sums: Sums): Promise<Record<RowCheckName, RowRule>> {
  const rules: [RowCheckName, RowRule][] = [];
  for (const name of ROW_CHECKS) {
    const rows = sums.offenders[name];
    const wanted = rows > 0 && looked.run.settings.quality[name].severity !== "off";
    rules.push([name, { rows, examples: wanted ? await filesOfOffenders(looked, name) : [] }]);
  }
  return Object.fromEntries(rules) as Record<RowCheckName, RowRule>;
}

async function filesOfOffenders({ run, work, source }: Looked, name: RowCheckName): Promise<string[]> {
  const condition = offends(name, run.settings.quality);
  const rows = await run.session.rows(
    `SELECT COALESCE(n.FILE, p.FILE) AS FILE, COUNT(*) AS N FROM (${source}) r
LEFT JOIN ${work.files} n ON r.IS_NEW AND n.FILE_ID = r.FILE_ID
LEFT JOIN ${run.names.accounting} p ON NOT r.IS_NEW AND p.FILE_ID = r.FILE_ID AND p.DISCARDED_AT IS NULL
WHERE ${condition} GROUP BY 1 ORDER BY N DESC, 1 LIMIT ${MOST_EXAMPLES}`,
  );
  return rows.map(
    ({ FILE, N }) =>
      `${FILE === null ? "no file" : nameOf(String(FILE), run.settings)}: ${plural(Number(N), "row")}`,
  );
}

/** What is gone with a table that was emptied: rows that no file in the bucket brings back. */
function lostRows(run: Run, published: Published, lost: readonly PublishedFile[]): Evidence["accounted"] {
  const before = published.files.filter(({ fileId }) => fileId === undefined);
  const beside = Math.max(0, published.control.baselineRows - rowsOf(before));
  return {
    rows: expectedRows(published),
    missing: rowsOf(lost) + beside,
    files: [
      ...lost
        .slice(0, MOST_EXAMPLES)
        .map((file) => `${nameOf(file.file, run.settings)}: ${plural(file.rowsLoaded, "row")}`),
      ...(beside > 0 ? [`of no file, there before the first one was loaded: ${plural(beside, "row")}`] : []),
    ],
    emptied: true,
  };
}

/** Rows that are gone, and rows that nobody accounts for. Looked for only where the counts differ. */
export async function findAccounted(
  run: Run,
  { published, emptied, lost }: Plan,
): Promise<Pick<Evidence, "accounted" | "foreign">> {
  const expected = expectedRows(published);
  const clean = { rows: 0, from: "", to: "" };
  if (emptied) return { accounted: lostRows(run, published, lost), foreign: clean };
  const { baselineRows } = published.control;
  if (published.rows === expected && published.unmarkedRows === baselineRows)
    return { accounted: { rows: expected, missing: 0, files: [] }, foreign: clean };
  const rows = await run.session.rows(
    `SELECT FILE_ID, COUNT(*) AS N, MIN(TIMESTAMP) AS FIRST_AT, MAX(TIMESTAMP) AS LAST_AT FROM ${run.names.readings} GROUP BY FILE_ID`,
  );
  const found = new Map(rows.map((row) => [row.FILE_ID === null ? undefined : Number(row.FILE_ID), row]));
  const files = published.files.filter(({ fileId }) => fileId !== undefined);
  const gone = files
    .map((file) => ({ file, missing: file.rowsLoaded - Number(found.get(file.fileId)?.N ?? 0) }))
    .filter(({ missing }) => missing > 0);
  const known = new Set<number | undefined>(files.map(({ fileId }) => fileId));
  const others = rows.filter(({ FILE_ID }) => FILE_ID === null || !known.has(Number(FILE_ID)));
  const unmarked = Number(found.get(undefined)?.N ?? 0);
  // Also rows that somebody inserted under the FILE_ID of a file.
  const surplus = files
    .map(({ fileId, rowsLoaded }) => ({ fileId, rows: Number(found.get(fileId)?.N ?? 0) - rowsLoaded }))
    .filter(({ rows }) => rows > 0);
  const foreign =
    others.reduce((sum, { N }) => sum + Number(N), 0) -
    Math.min(unmarked, baselineRows) +
    surplus.reduce((sum, { rows }) => sum + rows, 0);
  const times = rows
    .filter((row) => others.includes(row) || surplus.some(({ fileId }) => fileId === Number(row.FILE_ID)))
    .flatMap(({ FIRST_AT, LAST_AT }) => [moment(FIRST_AT), moment(LAST_AT)])
    .filter(Boolean);
  const goneBefore = Math.max(0, baselineRows - unmarked);
  return {
    accounted: {
      rows: expected,
      missing: gone.reduce((sum, { missing }) => sum + missing, goneBefore),
      files: [
        ...gone
          .slice(0, MOST_EXAMPLES)
          .map(({ file, missing }) => `${nameOf(file.file, run.settings)}: ${plural(missing, "row")}`),
        ...(goneBefore > 0
          ? [`loaded before rows were marked with their file: ${plural(goneBefore, "row")}`]
          : []),
      ],
    },
    foreign: {
      rows: foreign,
      from: times.toSorted()[0] ?? "",
      to: times.toSorted().at(-1) ?? "",
    },
  };
}
