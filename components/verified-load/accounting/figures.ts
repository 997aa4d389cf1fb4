/**
 * The figures that a picture of a load needs, counted while it is audited and kept with the accounting, so that no picture
 * needs a scan of the readings later. At most 20,000 rows a load, whatever the table's size.
 */
import { READINGS_COLUMNS } from "../../readings-columns.ts";
import { literal } from "../../sql.ts";
import type { Audit } from "../audit/audit.ts";
import { afterwards, intervalOf } from "../audit/findings.ts";
import { rejectedRows } from "../audit/rejected.ts";
import { judged } from "../audit/relations.ts";
import type { Run } from "../context.ts";

/** The latest of the audited days; with their hours, half of all rows. */
const MOST_DAYS = 400;
/** Hours in which meters begin, and in which they end. With more of them there is no telling what is due when. */
export const MOST_SPANS = 3500;
const MOST_FILES = 1000;
const MOST_REASONS = 200;
const MOST_EXAMPLES = 400;
const EXAMPLES_PER_REASON = 20;
const EXAMPLE_CHARACTERS = 500;

/** @param select what follows the load and the figure in the SELECT */
type Insert = (
  figure: string,
  columns: string,
  select: string,
  binds?: (string | number)[],
) => Promise<unknown>;

/** Writes the load's figures anew. Repeatable. */
export async function keepFigures(run: Run, audit: Audit): Promise<void> {
  const { session, names, id } = run;
  const { landings, work, evidence } = audit;
  const load = literal(id);
  await session.rows(`DELETE FROM ${names.figures} WHERE LOAD_ID = ${load}`);
  const insert: Insert = (figure, columns, select, binds) =>
    session.rows(
      `INSERT INTO ${names.figures} (LOAD_ID, FIGURE, ${columns}) SELECT ${load}, ${literal(figure)}, ${select}`,
      binds,
    );
  const days = `(SELECT * FROM ${work.days} WHERE DAY IS NOT NULL ORDER BY DAY DESC LIMIT ${MOST_DAYS}) d`;
  await insert(
    "hour",
    "DAY, HOUR, ROWS_COUNTED, METERS",
    `d.DAY, h.INDEX, h.VALUE::NUMBER(38,0), GET(d.HOUR_METERS, h.INDEX)::NUMBER(38,0) FROM ${days}, LATERAL FLATTEN(INPUT => d.HOURS) h`,
  );
  await insert(
    "day",
    "DAY, ROWS_COUNTED, METERS, TOTAL",
    `d.DAY, d.READINGS, d.METERS, d.INTERVALS FROM ${days}`,
  );
  await keepSpans(run, audit, insert);
  if (landings.length === 0) return;
  await keepFiles(run, audit, insert);
  if (evidence.newRows > 0) await keepValues(run, audit, insert);
}

/** The files, and what was rejected of them. */
async function keepFiles(run: Run, { landings, work, evidence }: Audit, insert: Insert): Promise<void> {
  await insert(
    "file",
    "FILE, TOTAL, ROWS_COUNTED, ROWS_REJECTED, ROW_NUMBER, EXAMPLE",
    `FILE, SIZE, LANDED, REJECTED, FIRST_ERROR_ROW, FIRST_ERROR FROM ${work.stats} ORDER BY REJECTED DESC, FILE LIMIT ${MOST_FILES}`,
  );
  if (evidence.rejected.rows > 0)
    await insert(
      "example",
      "NAME, FILE, ROW_NUMBER, EXAMPLE",
      `REASON, FILE, ROW_NUMBER, LEFT(TO_JSON(RAW_RECORD), ${EXAMPLE_CHARACTERS}) FROM (${rejectedRows({ run, landings, work })}) r
QUALIFY ROW_NUMBER() OVER (PARTITION BY r.REASON ORDER BY r.FILE, r.ROW_NUMBER) <= ${EXAMPLES_PER_REASON} ORDER BY REASON, FILE, r.ROW_NUMBER LIMIT ${MOST_EXAMPLES}`,
    );
  const reasons = evidence.rejected.reasons.slice(0, MOST_REASONS);
  if (reasons.length > 0)
    await insert(
      "rejected",
      "NAME, ROWS_COUNTED",
      `v.COLUMN1, v.COLUMN2 FROM (VALUES ${reasons.map(() => "(?, ?)").join(", ")}) v`,
      reasons.flatMap(({ reason, rows }) => [reason, rows]),
    );
}

/** What the new rows say: usage by the hour, voltage, NULLs. */
async function keepValues(run: Run, { landings, work, evidence }: Audit, insert: Insert): Promise<void> {
  const accepted = `(SELECT * FROM (${judged(run, landings, work)}) j WHERE REASON IS NULL) a`;
  await insert(
    "usage",
    "HOUR, ROWS_COUNTED, TOTAL, LOWER_QUARTILE, MEDIAN, UPPER_QUARTILE",
    `HOUR(TIMESTAMP), COUNT(*), SUM(USAGE_KWH), APPROX_PERCENTILE(USAGE_KWH, 0.25), APPROX_PERCENTILE(USAGE_KWH, 0.5), APPROX_PERCENTILE(USAGE_KWH, 0.75)
FROM ${accepted} WHERE TIMESTAMP IS NOT NULL AND USAGE_KWH IS NOT NULL AND NOT (USAGE_KWH IN ('NaN'::FLOAT, 'inf'::FLOAT, '-inf'::FLOAT)) GROUP BY 3`,
  );
  await insert(
    "voltage",
    "NAME, ROWS_COUNTED",
    `v.VOLTS::VARCHAR, v.N FROM (SELECT LEAST(GREATEST(VOLTAGE, 0), 1000) AS VOLTS, COUNT(*) AS N FROM ${accepted} GROUP BY 1) v`,
  );
  const nulls = READINGS_COLUMNS.map(({ name }) => `(${literal(name)}, ${evidence.nulls[name] ?? 0})`);
  await insert("nulls", "NAME, ROWS_COUNTED", `v.COLUMN1, v.COLUMN2 FROM (VALUES ${nulls.join(", ")}) v`);
}

/**
 * When meters have their first and last reading, and how many intervals are due in those hours: what is due in any hour
 * follows, in the way in which the check of continuity counts.
 */
async function keepSpans(run: Run, audit: Audit, insert: Insert): Promise<void> {
  const { intervalMinutes } = run.settings.quality.continuity;
  const hours = [
    ["begin", "FIRST_AT", `FLOOR((59 - MINUTE(SLOT_AT)) / ${intervalMinutes}) + 1`],
    ["end", "LAST_AT", `FLOOR(MINUTE(SLOT_AT) / ${intervalMinutes}) + 1`],
  ] as const;
  for (const [figure, column, due] of hours)
    await insert(
      figure,
      "DAY, HOUR, METERS, TOTAL",
      `SLOT_AT::DATE, HOUR(SLOT_AT), COUNT(*), SUM(${due}) FROM (
SELECT DATEADD('minute', ${intervalOf(column, intervalMinutes)} * ${intervalMinutes}, '1970-01-01'::TIMESTAMP_NTZ) AS SLOT_AT
FROM (${afterwards({ run, ...audit }, "meters")}) m WHERE ${column} IS NOT NULL
) s GROUP BY 3, 4 ORDER BY COUNT(*) DESC LIMIT ${MOST_SPANS}`,
    );
}
