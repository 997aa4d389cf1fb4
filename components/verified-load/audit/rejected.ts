/** Rejected rows: why, how many, and the first of them. */
import { number } from "../../format.ts";
import type { Evidence } from "./evidence.ts";
import type { Looked } from "./findings.ts";
import { judged, REASON_SEPARATOR } from "./relations.ts";

const MOST_REASONS = 20;
const MOST_FILES = 5;

export async function findRejected(
  { run, landings, work }: Pick<Looked, "run" | "landings" | "work">,
  rows: number,
): Promise<Evidence["rejected"]> {
  if (rows === 0) return { rows, reasons: [], examples: [] };
  const reasons = await run.session.rows(
    `SELECT REASON, COUNT(*) AS N FROM (${judged(run, landings, work)}) j WHERE REASON IS NOT NULL GROUP BY 1 ORDER BY N DESC, 1 LIMIT ${MOST_REASONS}`,
  );
  const files = await run.session.rows(
    `SELECT FILE, LANDED, REJECTED, FIRST_ERROR, FIRST_ERROR_ROW FROM ${work.stats} WHERE REJECTED > 0 ORDER BY REJECTED DESC, FILE LIMIT ${MOST_FILES}`,
  );
  return {
    rows,
    reasons: reasons.map(({ REASON, N }) => ({ reason: String(REASON), rows: Number(N) })),
    examples: files.map(
      (row) =>
        `${String(row.FILE).split("/").at(-1)}: ${number(Number(row.REJECTED))} of ${number(Number(row.LANDED))}, first in row ${row.FIRST_ERROR_ROW} (${row.FIRST_ERROR})`,
    ),
  };
}

/** The rejected rows, with what `<table>_REJECTED` holds of them. */
export function rejectedRows({ run, landings, work }: Pick<Looked, "run" | "landings" | "work">): string {
  return `SELECT j.FILE_ID, f.FILE, j.ROW_NUMBER, SPLIT_PART(j.REASON, '${REASON_SEPARATOR}', 1) AS COLUMN_NAME, j.REASON, j.RAW_RECORD
FROM (${judged(run, landings, work, true)}) j JOIN ${work.files} f ON f.FILE_ID = j.FILE_ID WHERE j.REASON IS NOT NULL`;
}
