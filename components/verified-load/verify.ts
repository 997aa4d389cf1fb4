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
  outsideWindow: number;
  /** Surplus rows for the same METER_ID and TIMESTAMP. */
  duplicates: number;
  /** Intervals without a reading between each meter's own first and last one. */
  missing: number;
  /** Readings at times that are not on the interval's grid. */
  offGrid: number;
  worst: { meter: string; missing: number; duplicates: number }[];
  /** Days with readings, YYYY-MM-DD, in order. */
  days: string[];
}

/** Meters of which examples are named. */
const WORST_METERS = 5;

/**
 * One scan: per meter and day first, then per meter and, beside it, per day. NULL keys stay visible as groups of their
 * own. Timestamps outside the window take no part in continuity: one in the year 5000 would miss millions of intervals.
 */
export function scanStatement(settings: CompleteSettings): { sql: string; binds: Bind[] } {
  const { voltage, timestampWindow, continuity } = settings.quality;
  const inWindow = "TIMESTAMP >= ?::TIMESTAMP_NTZ AND TIMESTAMP < DATEADD('day', 1, ?::TIMESTAMP_NTZ)";
  const window = [timestampWindow.from, timestampWindow.to];
  const seconds = continuity.intervalMinutes * 60;
  return {
    sql: `WITH reading AS (
  SELECT METER_ID, TIMESTAMP, DATE_TRUNC('day', TIMESTAMP) AS DAY,
    IFF(VOLTAGE BETWEEN ? AND ?, 1, 0) AS VOLTAGE_IN_RANGE,
    IFF(${inWindow}, TIMESTAMP, NULL) AS SANE,
    DATEDIFF('second', '1970-01-01'::TIMESTAMP_NTZ, IFF(${inWindow}, TIMESTAMP, NULL)) AS AT_SECOND
  FROM ${namesOf(settings).readings}
), meter_day AS (
  SELECT METER_ID, DAY, COUNT(*) AS N, COUNT(TIMESTAMP) AS WITH_TIMESTAMP, COUNT(DISTINCT TIMESTAMP) AS DISTINCT_TIMESTAMPS,
    COUNT(SANE) AS SANE_READINGS, MIN(TIMESTAMP) AS FIRST_AT, MAX(TIMESTAMP) AS LAST_AT,
    MIN(FLOOR(AT_SECOND / ${seconds})) AS FIRST_SLOT, MAX(FLOOR(AT_SECOND / ${seconds})) AS LAST_SLOT,
    COUNT(DISTINCT FLOOR(AT_SECOND / ${seconds})) AS SLOTS,
    SUM(IFF(MOD(AT_SECOND, ${seconds}) = 0, 0, IFF(SANE IS NULL, 0, 1))) AS OFF_GRID,
    SUM(VOLTAGE_IN_RANGE) AS VOLTAGE_IN_RANGE
  FROM reading
  GROUP BY METER_ID, DAY
)
SELECT GROUPING(METER_ID) AS IS_DAY, METER_ID, DAY, SUM(N) AS N,
  SUM(N - WITH_TIMESTAMP) AS NULL_TIMESTAMPS, SUM(WITH_TIMESTAMP - SANE_READINGS) AS OUTSIDE_WINDOW,
  SUM(IFF(METER_ID IS NULL, 0, WITH_TIMESTAMP - DISTINCT_TIMESTAMPS)) AS DUPLICATES,
  MIN(FIRST_AT) AS FIRST_AT, MAX(LAST_AT) AS LAST_AT,
  COALESCE(MAX(LAST_SLOT) - MIN(FIRST_SLOT) + 1, 0) - SUM(SLOTS) AS MISSING,
  SUM(OFF_GRID) AS OFF_GRID, SUM(VOLTAGE_IN_RANGE) AS VOLTAGE_IN_RANGE
FROM meter_day
GROUP BY GROUPING SETS ((METER_ID), (DAY))`,
    binds: [voltage.min, voltage.max, ...window, ...window],
  };
}

/** The figures, from the result of the scan. */
export async function readFigures(session: Session, scan: string): Promise<Figures> {
  const [totals] = await session.rows(
    `SELECT SUM(N) AS N, COUNT(METER_ID) AS METERS, SUM(IFF(METER_ID IS NULL, N, 0)) AS NULL_METERS,
  SUM(NULL_TIMESTAMPS) AS NULL_TIMESTAMPS, SUM(OUTSIDE_WINDOW) AS OUTSIDE_WINDOW, SUM(DUPLICATES) AS DUPLICATES,
  MIN(FIRST_AT) AS FIRST_AT, MAX(LAST_AT) AS LAST_AT, SUM(IFF(METER_ID IS NULL, 0, MISSING)) AS MISSING,
  SUM(OFF_GRID) AS OFF_GRID, SUM(VOLTAGE_IN_RANGE) AS VOLTAGE_IN_RANGE
FROM TABLE(RESULT_SCAN(?)) WHERE IS_DAY = 0`,
    [scan],
  );
  const worst = await session.rows(
    `SELECT METER_ID, MISSING, DUPLICATES FROM TABLE(RESULT_SCAN(?))
WHERE IS_DAY = 0 AND METER_ID IS NOT NULL AND MISSING + DUPLICATES > 0
ORDER BY MISSING + DUPLICATES DESC, METER_ID LIMIT ${WORST_METERS}`,
    [scan],
  );
  const days = await session.rows(
    "SELECT DAY FROM TABLE(RESULT_SCAN(?)) WHERE IS_DAY = 1 AND DAY IS NOT NULL AND N > OUTSIDE_WINDOW ORDER BY DAY",
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
    outsideWindow: figure("OUTSIDE_WINDOW"),
    duplicates: figure("DUPLICATES"),
    missing: figure("MISSING"),
    offGrid: figure("OFF_GRID"),
    worst: worst.map((row) => ({
      meter: String(row.METER_ID),
      missing: Number(row.MISSING),
      duplicates: Number(row.DUPLICATES),
    })),
    days: days.map((row) => moment(row.DAY).slice(0, 10)),
  };
}

/** Where the worst meters' readings are missing or doubled: "M000017: 3 missing from 2025-03-04 10:15". */
export async function findExamples(
  session: Session,
  settings: CompleteSettings,
  figures: Figures,
): Promise<Examples> {
  const examples: Examples = { missing: [], duplicates: [] };
  if (figures.worst.length === 0) return examples;
  const rows = await session.rows(
    ...examplesStatement(
      settings,
      figures.worst.map(({ meter }) => meter),
    ),
  );
  for (const row of rows) {
    const at = moment(row.FOUND_AT).replace("T", " ").slice(0, 16);
    const times = Number(row.N);
    if (String(row.KIND) === "missing") examples.missing.push(`${row.METER_ID}: ${times} missing from ${at}`);
    else examples.duplicates.push(`${row.METER_ID}: ${times} rows at ${at}`);
  }
  return examples;
}

export interface Examples {
  missing: string[];
  duplicates: string[];
}

/** The first gap and the first duplicate of each of these meters. */
function examplesStatement(
  settings: CompleteSettings,
  meters: readonly string[],
): [sql: string, binds: Bind[]] {
  const { intervalMinutes } = settings.quality.continuity;
  const { from, to } = settings.quality.timestampWindow;
  const seconds = intervalMinutes * 60;
  return [
    `WITH slot AS (
  SELECT METER_ID, TIMESTAMP, COUNT(*) AS N, FLOOR(DATEDIFF('second', '1970-01-01'::TIMESTAMP_NTZ, TIMESTAMP) / ${seconds}) AS SLOT
  FROM ${namesOf(settings).readings}
  WHERE METER_ID IN (${meters.map(() => "?").join(", ")})
    AND TIMESTAMP >= ?::TIMESTAMP_NTZ AND TIMESTAMP < DATEADD('day', 1, ?::TIMESTAMP_NTZ)
  GROUP BY METER_ID, TIMESTAMP
), step AS (
  SELECT METER_ID, TIMESTAMP, N, SLOT, LEAD(SLOT) OVER (PARTITION BY METER_ID ORDER BY TIMESTAMP) AS NEXT_SLOT FROM slot
), finding AS (
  SELECT METER_ID, 'missing' AS KIND, DATEADD('minute', ${intervalMinutes}, TIMESTAMP) AS FOUND_AT, NEXT_SLOT - SLOT - 1 AS N
  FROM step WHERE NEXT_SLOT - SLOT > 1
  UNION ALL
  SELECT METER_ID, 'duplicate' AS KIND, TIMESTAMP AS FOUND_AT, N FROM step WHERE N > 1
), numbered AS (
  SELECT METER_ID, KIND, FOUND_AT, N, ROW_NUMBER() OVER (PARTITION BY METER_ID, KIND ORDER BY FOUND_AT) AS NTH FROM finding
)
SELECT METER_ID, KIND, FOUND_AT, N FROM numbered WHERE NTH = 1 ORDER BY FOUND_AT, METER_ID`,
    [...meters, from, to],
  ];
}

export type UnknownMeters = { count: number; examples: string[] } | { skipped: string };

/** Meters of the readings that the meters table does not have. */
export async function findUnknownMeters(
  session: Session,
  settings: CompleteSettings,
  scan: string,
): Promise<UnknownMeters> {
  const { meters } = namesOf(settings);
  if (meters === undefined) return { skipped: "no metersTable is configured" };
  try {
    const rows = await session.rows(
      `SELECT r.METER_ID, COUNT(*) OVER () AS UNKNOWN_METERS FROM TABLE(RESULT_SCAN(?)) r
LEFT JOIN (SELECT DISTINCT METER_ID FROM ${meters}) m ON m.METER_ID = r.METER_ID
WHERE r.IS_DAY = 0 AND r.METER_ID IS NOT NULL AND m.METER_ID IS NULL
ORDER BY r.METER_ID LIMIT ${WORST_METERS}`,
      [scan],
    );
    return { count: Number(rows[0]?.UNKNOWN_METERS ?? 0), examples: rows.map((row) => String(row.METER_ID)) };
  } catch (error) {
    // Only its absence (which Snowflake does not tell from a missing grant) is no failure of the load.
    if (!/does not exist or not authorized/i.test(error instanceof Error ? error.message : "")) throw error;
    return { skipped: `${settings.metersTable} does not exist, or role ${settings.role} may not read it` };
  }
}
