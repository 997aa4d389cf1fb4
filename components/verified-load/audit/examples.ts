/** Names offenders: which meters, and where their readings are missing or doubled. */
import { plural } from "../../format.ts";
import type { Bind } from "../../snowflake/session.ts";
import { moment } from "../../snowflake/times.ts";
import type { Evidence } from "./evidence.ts";
import { intervalOf, type Looked, MOST_EXAMPLES, meterSpans, type Sums } from "./findings.ts";
import { CROWDED, offGridStatement, placed } from "./scan.ts";

/** The worst of every kind of finding whose check is on: "M000017: 3 missing from 2025-03-04 10:15". */
export async function findExamples(looked: Looked, sums: Sums): Promise<Evidence["examples"]> {
  const { continuity, duplicates, voltage } = looked.run.settings.quality;
  const on = continuity.severity !== "off";
  const { missing, surplus, offGrid, beginning, ending } = sums.continuity;
  return {
    continuity: [
      ...(on && missing > 0 ? await gaps(looked) : []),
      ...(on && surplus > 0 ? await crowds(looked, "surplus") : []),
      ...(on && offGrid > 0 ? await offTheGrid(looked) : []),
      ...(on && beginning > 0 ? await edges(looked, "BEGINS", "FIRST_AT", "begins at") : []),
      ...(on && ending > 0 ? await edges(looked, "ENDS", "LAST_AT", "ends at") : []),
    ],
    duplicates:
      duplicates.severity !== "off" && sums.duplicates > 0 ? await crowds(looked, "duplicates") : [],
    voltage:
      voltage.severity !== "off" && sums.voltageInRange < voltage.minShare * sums.readings
        ? await worstMeters(looked, "READINGS - VOLTAGE_IN_RANGE", "out of range")
        : [],
  };
}

const minute = (value: unknown) => moment(value).replace("T", " ").slice(0, 16);

/** Meters that begin, or end, before the others do. */
async function edges(looked: Looked, flag: string, time: string, words: string): Promise<string[]> {
  const rows = await looked.run.session.rows(
    `SELECT METER_ID, ${time} AS FOUND_AT FROM (${meterSpans(looked)}) m WHERE ${flag} = 1 ORDER BY METER_ID LIMIT ${MOST_EXAMPLES}`,
  );
  return rows.map((row) => `${row.METER_ID} ${words} ${minute(row.FOUND_AT)}`);
}

/** Meters with the most of a figure. */
async function worstMeters({ run, work }: Looked, figure: string, words: string): Promise<string[]> {
  const rows = await run.session.rows(
    `SELECT METER_ID, SUM(${figure}) AS FOUND, SUM(READINGS) AS N FROM ${work.meterDays} GROUP BY METER_ID HAVING SUM(${figure}) > 0 ORDER BY FOUND DESC, METER_ID LIMIT ${MOST_EXAMPLES}`,
  );
  return rows.map((row) => `${row.METER_ID ?? "no METER_ID"}: ${row.FOUND} of ${row.N} ${words}`);
}

async function offTheGrid({ run, source }: Looked): Promise<string[]> {
  const rows = await run.session.rows(offGridStatement(source, run.settings, MOST_EXAMPLES));
  return rows.map((row) => `${row.METER_ID ?? "no METER_ID"}: ${row.FOUND} of ${row.N} off the grid`);
}

/** Where the meters with the most missing intervals have their first gap, as far as their audited days tell. */
async function gaps(looked: Looked): Promise<string[]> {
  const { run, source } = looked;
  const { intervalMinutes } = run.settings.quality.continuity;
  const worst = await run.session.rows(
    `SELECT METER_ID, MISSING FROM (${meterSpans(looked)}) m WHERE MISSING > 0 ORDER BY MISSING DESC, METER_ID LIMIT ${MOST_EXAMPLES}`,
  );
  const binds: Bind[] = worst.map(({ METER_ID }) => String(METER_ID));
  const rows = await run.session.rows(
    `SELECT METER_ID, DATEADD('minute', (MIN(SLOT_NUMBER) + 1) * ${intervalMinutes}, '1970-01-01'::TIMESTAMP_NTZ) AS FOUND_AT FROM (
  SELECT METER_ID, SLOT_NUMBER, LEAD(SLOT_NUMBER) OVER (PARTITION BY METER_ID ORDER BY SLOT_NUMBER) AS NEXT_NUMBER FROM (
    SELECT DISTINCT METER_ID, ${intervalOf("TIMESTAMP", intervalMinutes)} AS SLOT_NUMBER FROM (
${placed(source, run.settings)}
    ) p WHERE AT_MS IS NOT NULL AND METER_ID IN (${binds.map(() => "?").join(", ")})
  ) s
) n WHERE NEXT_NUMBER - SLOT_NUMBER > 1 GROUP BY METER_ID`,
    binds,
  );
  const first = new Map(rows.map((row) => [String(row.METER_ID), minute(row.FOUND_AT)]));
  return worst.map(({ METER_ID, MISSING }) => {
    const at = first.get(String(METER_ID));
    return `${METER_ID}: ${MISSING} missing${at ? ` from ${at}` : ", on days without any reading of it"}`;
  });
}

/** Moments, or intervals, with more than one reading, and the files that these come from. */
async function crowds({ run, work, source }: Looked, of: "duplicates" | "surplus"): Promise<string[]> {
  const group = of === "duplicates" ? "p.TIMESTAMP" : "p.SLOT, p.DAY";
  const rows = await run.session.rows(
    `SELECT p.METER_ID, MIN(p.TIMESTAMP) AS FOUND_AT, COUNT(*) AS N, COUNT(DISTINCT p.TIMESTAMP) AS TIMES,
  LISTAGG(DISTINCT SPLIT_PART(COALESCE(n.FILE, f.FILE, 'no file'), '/', -1), ', ')
    WITHIN GROUP (ORDER BY SPLIT_PART(COALESCE(n.FILE, f.FILE, 'no file'), '/', -1)) AS FILES
FROM (
${placed(source, run.settings)}
) p JOIN ${work.meterDays} d ON d.METER_ID = p.METER_ID AND d.DAY = p.DAY
LEFT JOIN ${work.files} n ON p.IS_NEW AND n.FILE_ID = p.FILE_ID
LEFT JOIN ${run.names.accounting} f ON NOT p.IS_NEW AND f.FILE_ID = p.FILE_ID AND f.DISCARDED_AT IS NULL
WHERE ${CROWDED} GROUP BY p.METER_ID, ${group}
HAVING ${of === "duplicates" ? "COUNT(*) > 1" : "COUNT(DISTINCT p.TIMESTAMP) > 1"} ORDER BY N DESC, 2, 1 LIMIT ${MOST_EXAMPLES}`,
  );
  return rows.map((row) => {
    const what =
      of === "duplicates"
        ? `${plural(Number(row.N), "row")} at ${minute(row.FOUND_AT)}`
        : `${plural(Number(row.TIMES), "reading")} in the interval from ${minute(row.FOUND_AT)}`;
    return `${row.METER_ID}: ${what} (${row.FILES})`;
  });
}
