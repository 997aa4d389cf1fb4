/**
 * The figures that a picture of a load needs, counted while it is audited and kept with the accounting, so that no picture
 * needs a scan of the readings later. At most 20,000 rows a load, whatever the table's size.
 */
import { READINGS_COLUMNS } from "../../readings-columns.ts";
import { literal } from "../../sql.ts";
import type { Audit } from "../audit/audit.ts";
import { judged } from "../audit/relations.ts";
import type { Run } from "../context.ts";

/** 400 days of hours, and then some. */
const MOST_HOURS = 18_000;
const MOST_REASONS = 200;

/** Writes the load's figures anew. Repeatable. */
export async function keepFigures(run: Run, { landings, work, evidence }: Audit): Promise<void> {
  const { session, names, id } = run;
  const load = literal(id);
  const accepted = `(SELECT * FROM (${judged(run, landings, work)}) j WHERE REASON IS NULL) a`;
  await session.rows(`DELETE FROM ${names.figures} WHERE LOAD_ID = ${load}`);
  const insert = (columns: string, select: string) =>
    session.rows(`INSERT INTO ${names.figures} (LOAD_ID, FIGURE, ${columns}) ${select}`);
  await insert(
    "DAY, HOUR, ROWS_COUNTED",
    `SELECT ${load}, 'hour', d.DAY, h.INDEX, h.VALUE::NUMBER(38,0) FROM ${work.days} d, LATERAL FLATTEN(INPUT => d.HOURS) h ORDER BY d.DAY DESC, h.INDEX LIMIT ${MOST_HOURS}`,
  );
  if (evidence.newRows === 0) return;
  await insert(
    "HOUR, ROWS_COUNTED, TOTAL, LOWER_QUARTILE, MEDIAN, UPPER_QUARTILE",
    `SELECT ${load}, 'usage', HOUR(TIMESTAMP), COUNT(*), SUM(USAGE_KWH), APPROX_PERCENTILE(USAGE_KWH, 0.25), APPROX_PERCENTILE(USAGE_KWH, 0.5), APPROX_PERCENTILE(USAGE_KWH, 0.75)
FROM ${accepted} WHERE TIMESTAMP IS NOT NULL AND USAGE_KWH IS NOT NULL AND NOT (USAGE_KWH IN ('NaN'::FLOAT, 'inf'::FLOAT, '-inf'::FLOAT)) GROUP BY 3`,
  );
  await insert(
    "NAME, ROWS_COUNTED",
    `SELECT ${load}, 'voltage', LEAST(GREATEST(VOLTAGE, 0), 1000)::VARCHAR, COUNT(*) FROM ${accepted} GROUP BY 3`,
  );
  const nulls = READINGS_COLUMNS.map(({ name }) => `(${literal(name)}, ${evidence.nulls[name] ?? 0})`);
  await insert(
    "NAME, ROWS_COUNTED",
    `SELECT ${load}, 'nulls', v.COLUMN1, v.COLUMN2 FROM (VALUES ${nulls.join(", ")}) v`,
  );
  const reasons = evidence.rejected.reasons.slice(0, MOST_REASONS);
  if (reasons.length > 0)
    await session.rows(
      `INSERT INTO ${names.figures} (LOAD_ID, FIGURE, NAME, ROWS_COUNTED)
SELECT ${load}, 'rejected', v.COLUMN1, v.COLUMN2 FROM (VALUES ${reasons.map(() => "(?, ?)").join(", ")}) v`,
      reasons.flatMap(({ reason, rows }) => [reason, rows]),
    );
}
