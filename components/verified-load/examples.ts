/**
 * Names offenders: which meters, which days. Most are in the small result of the scan; only to say where readings are
 * missing or doubled are the readings of a few meters read again.
 */
import { LoadError, messageOf } from "./errors.ts";
import { plural } from "./format.ts";
import type { Bind, Session } from "./session.ts";
import { type CompleteSettings, namesOf } from "./settings.ts";
import { moment } from "./times.ts";
import { type Figures, IN_WINDOW } from "./verify.ts";

/** Offenders that are named of each kind. */
const MOST = 5;

/** First offenders of each kind; empty where there are none. */
export interface Examples {
  missing: string[];
  surplus: string[];
  duplicates: string[];
  keyNulls: string[];
  outsideWindow: string[];
  voltage: string[];
}

/** The worst of every kind of finding whose check is on: "M000017: 3 missing from 2025-03-04 10:15". */
export async function findExamples(
  session: Session,
  settings: CompleteSettings,
  figures: Figures,
  scan: string,
): Promise<Examples> {
  const { continuity, duplicates, keyNulls, timestampWindow, voltage } = settings.quality;
  const worst = async (wanted: boolean, figure: string, of: "METER_ID" | "DAY") =>
    wanted ? await worstBy(session, scan, figure, of) : [];
  const looked = continuity.severity !== "off";
  const places = {
    missing: await worst(looked && figures.missing > 0, "IFF(METER_ID IS NULL, 0, MISSING)", "METER_ID"),
    surplus: await worst(looked && figures.surplus > 0, "SURPLUS", "METER_ID"),
    duplicates: await worst(
      duplicates.severity !== "off" && figures.duplicates > 0,
      "DUPLICATES",
      "METER_ID",
    ),
  };
  const nulls = await worst(keyNulls.severity !== "off" && figures.keyNulls > 0, "KEY_NULLS", "DAY");
  const outside = await worst(
    timestampWindow.severity !== "off" && figures.outsideWindow > 0,
    "OUTSIDE_WINDOW",
    "DAY",
  );
  const volts = await worst(
    voltage.severity !== "off" && figures.voltageInRange < voltage.minShare * figures.totalRows,
    "N - VOLTAGE_IN_RANGE",
    "METER_ID",
  );
  return {
    ...(await whereTheyAre(session, settings, places)),
    keyNulls: nulls.map(({ name, count }) => `${name || "no TIMESTAMP"}: ${plural(count, "row")}`),
    outsideWindow: outside.map(({ name, count }) => `${name}: ${plural(count, "reading")}`),
    voltage: volts.map(({ name, count, of }) => `${name || "no METER_ID"}: ${count} of ${of} out of range`),
  };
}

interface Worst {
  /** The meter, or the day; empty for NULL. */
  name: string;
  count: number;
  /** Readings of the meter, or of the day. */
  of: number;
}

/** The meters, or the days, with the most of a finding. */
async function worstBy(
  session: Session,
  scan: string,
  figure: string,
  of: "METER_ID" | "DAY",
): Promise<Worst[]> {
  const rows = await session.rows(
    `SELECT ${of}, ${figure} AS FOUND, N FROM TABLE(RESULT_SCAN(?))
WHERE IS_DAY = ${of === "DAY" ? 1 : 0} AND ${figure} > 0 ORDER BY FOUND DESC, ${of} LIMIT ${MOST}`,
    [scan],
  );
  const name =
    of === "DAY"
      ? (value: unknown) => moment(value).replace(/T.*/, "")
      : (value: unknown) => String(value ?? "");
  return rows.map((row) => ({ name: name(row[of]), count: Number(row.FOUND), of: Number(row.N) }));
}

/** Where each of these meters has its first gap, its first crowded interval and its first duplicate. */
async function whereTheyAre(
  session: Session,
  settings: CompleteSettings,
  worst: Record<"missing" | "surplus" | "duplicates", Worst[]>,
): Promise<Pick<Examples, "missing" | "surplus" | "duplicates">> {
  const found = { missing: [] as string[], surplus: [] as string[], duplicates: [] as string[] };
  const meters = new Set(Object.values(worst).flatMap((some) => some.map(({ name }) => name)));
  if (meters.size === 0) return found;
  const words = {
    missing: (times: number, at: string) => `${times} missing from ${at}`,
    surplus: (times: number, at: string) => `${times} readings in the interval from ${at}`,
    duplicates: (times: number, at: string) => `${times} rows at ${at}`,
  };
  for (const row of await session.rows(...placesStatement(settings, [...meters]))) {
    const kind = String(row.KIND) as keyof typeof words;
    const meter = String(row.METER_ID);
    if (!worst[kind].some(({ name }) => name === meter)) continue;
    const at = moment(row.FOUND_AT)
      .replace("T", " ")
      .replace(/:\d\d$/, "");
    found[kind].push(`${meter}: ${words[kind](Number(row.N), at)}`);
  }
  return found;
}

function placesStatement(
  settings: CompleteSettings,
  meters: readonly string[],
): [sql: string, binds: Bind[]] {
  const { intervalMinutes } = settings.quality.continuity;
  const { from, to } = settings.quality.timestampWindow;
  const startOf = (slot: string) =>
    `DATEADD('minute', ${slot} * ${intervalMinutes}, '1970-01-01'::TIMESTAMP_NTZ)`;
  return [
    `WITH reading AS (
  SELECT METER_ID, TIMESTAMP, COUNT(*) AS N,
    FLOOR(DATEDIFF('millisecond', '1970-01-01'::TIMESTAMP_NTZ, IFF(${IN_WINDOW}, TIMESTAMP, NULL)) / ${intervalMinutes * 60_000}) AS SLOT
  FROM ${namesOf(settings).readings}
  WHERE METER_ID IN (${meters.map(() => "?").join(", ")}) AND TIMESTAMP IS NOT NULL
  GROUP BY METER_ID, TIMESTAMP
), step AS (
  SELECT METER_ID, SLOT, LEAD(SLOT) OVER (PARTITION BY METER_ID ORDER BY TIMESTAMP) AS NEXT_SLOT FROM reading
), finding AS (
  SELECT METER_ID, 'missing' AS KIND, ${startOf("(SLOT + 1)")} AS FOUND_AT, NEXT_SLOT - SLOT - 1 AS N
  FROM step WHERE NEXT_SLOT - SLOT > 1
  UNION ALL
  SELECT METER_ID, 'surplus' AS KIND, ${startOf("SLOT")} AS FOUND_AT, COUNT(*) AS N
  FROM reading WHERE SLOT IS NOT NULL GROUP BY METER_ID, SLOT HAVING COUNT(*) > 1
  UNION ALL
  SELECT METER_ID, 'duplicates' AS KIND, TIMESTAMP AS FOUND_AT, N FROM reading WHERE N > 1
), numbered AS (
  SELECT METER_ID, KIND, FOUND_AT, N, ROW_NUMBER() OVER (PARTITION BY METER_ID, KIND ORDER BY FOUND_AT) AS NTH FROM finding
)
SELECT METER_ID, KIND, FOUND_AT, N FROM numbered WHERE NTH = 1 ORDER BY FOUND_AT, METER_ID`,
    [from, to, ...meters],
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
LEFT JOIN (SELECT DISTINCT k.METER_ID::VARCHAR AS METER_ID FROM ${meters} k) m ON m.METER_ID = r.METER_ID
WHERE r.IS_DAY = 0 AND r.METER_ID IS NOT NULL AND m.METER_ID IS NULL
ORDER BY r.METER_ID LIMIT ${MOST}`,
      [scan],
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
