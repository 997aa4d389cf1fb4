/**
 * Looks at the data that is in the table: the guide's four figures and the quality checks. The readings are scanned once,
 * down to one row per meter and one per day; every check asks that small result (RESULT_SCAN), which costs next to
 * nothing. Only to name examples of missing or duplicate readings are the readings of the worst few meters read again.
 */
import type { Bind, Session } from "./session.ts";
import { type CompleteSettings, namesOf } from "./settings.ts";
import { moment } from "./times.ts";

/** Figures of the whole table. */
export interface Figures {
  totalRows: number;
  /** "YYYY-MM-DDTHH:MM:SS", empty without rows. */
  minTimestamp: string;
  maxTimestamp: string;
  uniqueMeters: number;
  /** Readings in the voltage range. */
  voltageInRange: number;
  nullMeters: number;
  nullTimestamps: number;
  /** Rows without METER_ID or TIMESTAMP. */
  keyNulls: number;
  outsideWindow: number;
  /** Surplus rows for the same METER_ID and TIMESTAMP. */
  duplicates: number;
  /** Intervals without a reading between each meter's own first and last one. */
  missing: number;
  /** Readings of a meter, at different times, that share an interval with an earlier one. */
  surplus: number;
  /** Readings at times that are not on the interval's grid. */
  offGrid: number;
  /** Days with readings, in order. */
  days: Day[];
}

export interface Day {
  /** YYYY-MM-DD. */
  day: string;
  /** First and last reading, "YYYY-MM-DDTHH:MM:SS". */
  from: string;
  to: string;
}

/**
 * One scan: per meter and day first, then per meter and, beside it, per day. NULL keys stay visible as groups of their
 * own. Timestamps outside the window take no part in continuity: one in the year 5000 would miss millions of intervals.
 * The window is one of whole days, so all readings of a day lie in it, or none.
 */
export function scanStatement(settings: CompleteSettings): { sql: string; binds: Bind[] } {
  const { voltage, timestampWindow, continuity } = settings.quality;
  const window = [timestampWindow.from, timestampWindow.to];
  const interval = continuity.intervalMinutes * 60_000;
  return {
    sql: `WITH reading AS (
  SELECT METER_ID, TIMESTAMP, DATE_TRUNC('day', TIMESTAMP) AS DAY,
    IFF(VOLTAGE BETWEEN ? AND ?, 1, 0) AS VOLTAGE_IN_RANGE,
    DATEDIFF('millisecond', '1970-01-01'::TIMESTAMP_NTZ, IFF(${IN_WINDOW}, TIMESTAMP, NULL)) AS AT_MILLISECOND
  FROM ${namesOf(settings).readings}
), meter_day AS (
  SELECT METER_ID, DAY, COUNT(*) AS N, COUNT(TIMESTAMP) AS WITH_TIMESTAMP, COUNT(DISTINCT TIMESTAMP) AS DISTINCT_TIMESTAMPS,
    COUNT(AT_MILLISECOND) AS IN_WINDOW, MIN(TIMESTAMP) AS FIRST_AT, MAX(TIMESTAMP) AS LAST_AT,
    MIN(FLOOR(AT_MILLISECOND / ${interval})) AS FIRST_SLOT, MAX(FLOOR(AT_MILLISECOND / ${interval})) AS LAST_SLOT,
    COUNT(DISTINCT FLOOR(AT_MILLISECOND / ${interval})) AS SLOTS,
    SUM(IFF(MOD(AT_MILLISECOND, ${interval}) <> 0, 1, 0)) AS OFF_GRID,
    SUM(VOLTAGE_IN_RANGE) AS VOLTAGE_IN_RANGE
  FROM reading
  GROUP BY METER_ID, DAY
), finding AS (
  SELECT METER_ID, DAY, N, FIRST_AT, LAST_AT, FIRST_SLOT, LAST_SLOT, SLOTS, OFF_GRID, VOLTAGE_IN_RANGE,
    N - WITH_TIMESTAMP AS NULL_TIMESTAMPS, WITH_TIMESTAMP - IN_WINDOW AS OUTSIDE_WINDOW,
    IFF(METER_ID IS NULL, N, N - WITH_TIMESTAMP) AS KEY_NULLS,
    IFF(METER_ID IS NULL, 0, WITH_TIMESTAMP - DISTINCT_TIMESTAMPS) AS DUPLICATES,
    IFF(METER_ID IS NULL OR IN_WINDOW = 0, 0, DISTINCT_TIMESTAMPS - SLOTS) AS SURPLUS
  FROM meter_day
)
SELECT GROUPING(METER_ID) AS IS_DAY, METER_ID, DAY, SUM(N) AS N, MIN(FIRST_AT) AS FIRST_AT, MAX(LAST_AT) AS LAST_AT,
  COALESCE(MAX(LAST_SLOT) - MIN(FIRST_SLOT) + 1, 0) - SUM(SLOTS) AS MISSING, SUM(SURPLUS) AS SURPLUS,
  SUM(DUPLICATES) AS DUPLICATES, SUM(KEY_NULLS) AS KEY_NULLS, SUM(NULL_TIMESTAMPS) AS NULL_TIMESTAMPS,
  SUM(OUTSIDE_WINDOW) AS OUTSIDE_WINDOW, SUM(OFF_GRID) AS OFF_GRID, SUM(VOLTAGE_IN_RANGE) AS VOLTAGE_IN_RANGE
FROM finding
GROUP BY GROUPING SETS ((METER_ID), (DAY))`,
    binds: [voltage.min, voltage.max, ...window],
  };
}

/** Binds: first and last day of the window. */
export const IN_WINDOW = "TIMESTAMP >= ?::TIMESTAMP_NTZ AND TIMESTAMP < DATEADD('day', 1, ?::TIMESTAMP_NTZ)";

/** The figures, from the result of the scan. */
export async function readFigures(session: Session, scan: string): Promise<Figures> {
  const [totals] = await session.rows(
    `SELECT SUM(N) AS N, COUNT(METER_ID) AS METERS, SUM(IFF(METER_ID IS NULL, N, 0)) AS NULL_METERS,
  SUM(NULL_TIMESTAMPS) AS NULL_TIMESTAMPS, SUM(KEY_NULLS) AS KEY_NULLS, SUM(OUTSIDE_WINDOW) AS OUTSIDE_WINDOW,
  SUM(DUPLICATES) AS DUPLICATES, SUM(SURPLUS) AS SURPLUS, SUM(IFF(METER_ID IS NULL, 0, MISSING)) AS MISSING,
  MIN(FIRST_AT) AS FIRST_AT, MAX(LAST_AT) AS LAST_AT,
  SUM(OFF_GRID) AS OFF_GRID, SUM(VOLTAGE_IN_RANGE) AS VOLTAGE_IN_RANGE
FROM TABLE(RESULT_SCAN(?)) WHERE IS_DAY = 0`,
    [scan],
  );
  const days = await session.rows(
    `SELECT DAY, FIRST_AT, LAST_AT FROM TABLE(RESULT_SCAN(?))
WHERE IS_DAY = 1 AND DAY IS NOT NULL AND N > OUTSIDE_WINDOW ORDER BY DAY`,
    [scan],
  );
  const figure = (name: string) => Number(totals?.[name] ?? 0);
  return {
    totalRows: figure("N"),
    minTimestamp: moment(totals?.FIRST_AT),
    maxTimestamp: moment(totals?.LAST_AT),
    uniqueMeters: figure("METERS"),
    voltageInRange: figure("VOLTAGE_IN_RANGE"),
    nullMeters: figure("NULL_METERS"),
    nullTimestamps: figure("NULL_TIMESTAMPS"),
    keyNulls: figure("KEY_NULLS"),
    outsideWindow: figure("OUTSIDE_WINDOW"),
    duplicates: figure("DUPLICATES"),
    missing: figure("MISSING"),
    surplus: figure("SURPLUS"),
    offGrid: figure("OFF_GRID"),
    days: days.map((row) => ({
      day: moment(row.DAY).slice(0, 10),
      from: moment(row.FIRST_AT),
      to: moment(row.LAST_AT),
    })),
  };
}
