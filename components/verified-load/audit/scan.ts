/**
 * The scans of an audit. The readings are gone over down to one row for each meter and day; every check asks that small
 * table. Only meter-days whose count and intervals differ are looked at reading by reading.
 */
import { offends, ROW_CHECKS } from "../quality/index.ts";
import type { CompleteSettings } from "../settings.ts";
import type { WorkTables } from "./relations.ts";

/** Condition for a TIMESTAMP within the accepted times: one in the year 5000 would miss millions of intervals. */
function inWindow({ quality }: CompleteSettings): string {
  return `(TIMESTAMP IS NOT NULL AND NOT (${offends("timestampWindow", quality)}))`;
}

/**
 * The readings with their place in the day: DAY, AT_MS (milliseconds since midnight, NULL outside the window), SLOT. What is
 * divided has no remainder: a quotient keeps six digits (docs: Arithmetic operators), which lift 00:59:59.999 into 01:00.
 */
export function placed(readings: string, settings: CompleteSettings): string {
  const interval = settings.quality.continuity.intervalMinutes * 60_000;
  return `SELECT *, ((AT_MS - MOD(AT_MS, ${interval})) / ${interval})::NUMBER(9,0) AS SLOT FROM (
SELECT *, TIMESTAMP::DATE AS DAY, IFF(${inWindow(settings)}, DATEDIFF('millisecond', DATE_TRUNC('day', TIMESTAMP), TIMESTAMP), NULL) AS AT_MS FROM (
${readings}
) r) p`;
}

/** Condition for a reading (as placed) that is not on the interval's grid. */
const offGrid = ({ quality }: CompleteSettings) =>
  `MOD(AT_MS, ${quality.continuity.intervalMinutes * 60_000}) <> 0`;

/**
 * One row for each meter and day. A day's intervals are counted as bits (docs: Using Bitmaps to Compute Distinct Values for
 * Hierarchical Aggregations), which costs a fraction of COUNT(DISTINCT). What is odd about single readings is counted as one
 * figure; which oddity it is, is asked only where there is one. HOURS has a bit for each hour of the day with a reading.
 * @param published whether readings that were published before are among them
 */
export function meterDaysStatement(
  readings: string,
  work: WorkTables,
  settings: CompleteSettings,
  published: boolean,
): string {
  const { voltage } = settings.quality;
  const intervals = (slot: string) => `COALESCE(BITMAP_COUNT(BITMAP_CONSTRUCT_AGG(${slot})), 0)`;
  const asked = ROW_CHECKS.filter((name) => settings.quality[name].severity !== "off");
  const odd = [...asked.map((name) => offends(name, settings.quality)), offGrid(settings)];
  return `CREATE OR REPLACE TRANSIENT TABLE ${work.meterDays} DATA_RETENTION_TIME_IN_DAYS = 0 AS
SELECT METER_ID, DAY, COUNT(*) AS READINGS, COUNT(AT_MS) AS IN_WINDOW, COUNT(TIMESTAMP) - COUNT(AT_MS) AS OUTSIDE,
  ${intervals("SLOT")} AS INTERVALS,
  ${published ? "COUNT_IF(NOT IS_NEW)" : "0"} AS PUBLISHED, ${published ? intervals("IFF(IS_NEW, NULL, SLOT)") : "0"} AS PUBLISHED_INTERVALS,
  MIN(IFF(AT_MS IS NULL, NULL, TIMESTAMP)) AS FIRST_AT, MAX(IFF(AT_MS IS NULL, NULL, TIMESTAMP)) AS LAST_AT,
  COUNT_IF(VOLTAGE BETWEEN ${voltage.min} AND ${voltage.max}) AS VOLTAGE_IN_RANGE,
  COUNT_IF(${odd.map((condition) => `(${condition})`).join(" OR ")}) AS ODD,
  COALESCE(BITOR_AGG(BITSHIFTLEFT(1, HOUR(TIMESTAMP))), 0) AS HOURS
FROM (
${placed(readings, settings)}
) placed GROUP BY METER_ID, DAY`;
}

/** Column that counts the offenders of a check of single rows. */
export const offendersColumn = (check: string) => `OFFENDS_${check.toUpperCase()}`;

/** What is odd about single readings; one row. */
export function oddStatement(readings: string, settings: CompleteSettings): string {
  const rules = ROW_CHECKS.map(
    (name) => `COUNT_IF(${offends(name, settings.quality)}) AS ${offendersColumn(name)}`,
  );
  return `SELECT COUNT_IF(${offGrid(settings)}) AS OFF_GRID, ${rules.join(", ")} FROM (
${placed(readings, settings)}
) placed`;
}

/** Meters with the most readings off the grid. */
export function offGridStatement(readings: string, settings: CompleteSettings, most: number): string {
  return `SELECT METER_ID, COUNT_IF(${offGrid(settings)}) AS FOUND, COUNT(*) AS N FROM (
${placed(readings, settings)}
) placed GROUP BY METER_ID HAVING COUNT_IF(${offGrid(settings)}) > 0 ORDER BY FOUND DESC, METER_ID LIMIT ${most}`;
}

/**
 * What each audited meter will come to. Of a part of the days, the rest is known from the summary: its intervals on the
 * audited days are replaced by those that will be there.
 */
export function metersStatement(work: WorkTables, summary: string | undefined): string {
  const audited = `SELECT METER_ID, MIN(FIRST_AT) AS FIRST_AT, MAX(LAST_AT) AS LAST_AT, SUM(READINGS) AS READINGS, SUM(INTERVALS) AS INTERVALS,
  SUM(PUBLISHED) AS PUBLISHED, SUM(PUBLISHED_INTERVALS) AS PUBLISHED_INTERVALS
FROM ${work.meterDays} WHERE METER_ID IS NOT NULL GROUP BY METER_ID`;
  const create = `CREATE OR REPLACE TRANSIENT TABLE ${work.meters} DATA_RETENTION_TIME_IN_DAYS = 0 AS`;
  if (summary === undefined)
    return `${create}
SELECT METER_ID, FIRST_AT, LAST_AT, READINGS, INTERVALS FROM (${audited}) a`;
  return `${create}
SELECT a.METER_ID, LEAST(COALESCE(s.FIRST_AT, a.FIRST_AT), COALESCE(a.FIRST_AT, s.FIRST_AT)) AS FIRST_AT,
  GREATEST(COALESCE(s.LAST_AT, a.LAST_AT), COALESCE(a.LAST_AT, s.LAST_AT)) AS LAST_AT,
  COALESCE(s.READINGS, 0) - a.PUBLISHED + a.READINGS AS READINGS,
  COALESCE(s.INTERVALS, 0) - a.PUBLISHED_INTERVALS + a.INTERVALS AS INTERVALS
FROM (${audited}) a LEFT JOIN ${summary} s ON s.METER_ID = a.METER_ID`;
}

/** What each audited day will come to, with the readings, and the meters, of each hour. */
export function daysStatement(readings: string, work: WorkTables): string {
  const hours = Array.from({ length: 24 }, (_, hour) => `SUM(IFF(HOUR = ${hour}, N, 0))`);
  const meters = hours.map((_, hour) => `COUNT_IF(METER_ID IS NOT NULL AND BITAND(HOURS, ${2 ** hour}) > 0)`);
  return `CREATE OR REPLACE TRANSIENT TABLE ${work.days} DATA_RETENTION_TIME_IN_DAYS = 0 AS
SELECT d.DAY, d.FIRST_AT, d.LAST_AT, d.READINGS, d.METERS, d.INTERVALS, d.HOUR_METERS, h.HOURS FROM (
  SELECT DAY, MIN(FIRST_AT) AS FIRST_AT, MAX(LAST_AT) AS LAST_AT, SUM(READINGS) AS READINGS, COUNT(METER_ID) AS METERS, SUM(INTERVALS) AS INTERVALS,
    ARRAY_CONSTRUCT(${meters.join(", ")}) AS HOUR_METERS
  FROM ${work.meterDays} GROUP BY DAY
) d LEFT JOIN (
  SELECT DAY, ARRAY_CONSTRUCT(${hours.join(", ")})::VARIANT AS HOURS FROM (
    SELECT TIMESTAMP::DATE AS DAY, HOUR(TIMESTAMP) AS HOUR, COUNT(*) AS N FROM (
${readings}
    ) r WHERE TIMESTAMP IS NOT NULL GROUP BY 1, 2
  ) n GROUP BY DAY
) h ON h.DAY = d.DAY`;
}

/** Readings, times and intervals of the meter-days where these may differ; one row. */
export function crowdedStatement(readings: string, work: WorkTables, settings: CompleteSettings): string {
  return `SELECT COALESCE(SUM(N - TIMES), 0) AS DUPLICATES, COALESCE(SUM(TIMES_IN_WINDOW - INTERVALS), 0) AS SURPLUS FROM (
  SELECT COUNT(p.TIMESTAMP) AS N, COUNT(DISTINCT p.TIMESTAMP) AS TIMES, COUNT(DISTINCT IFF(p.AT_MS IS NULL, NULL, p.TIMESTAMP)) AS TIMES_IN_WINDOW,
    COUNT(DISTINCT p.SLOT) AS INTERVALS
  FROM (
${placed(readings, settings)}
  ) p JOIN ${work.meterDays} d ON d.METER_ID = p.METER_ID AND d.DAY = p.DAY
  WHERE ${CROWDED} GROUP BY p.METER_ID, p.DAY
) c`;
}

/** Meter-days (as `d`) in which an interval, or a moment outside the window, may have more than one reading. */
export const CROWDED = "(d.IN_WINDOW <> d.INTERVALS OR d.OUTSIDE > 1)";
