/** One row for each load, published or not: what it found, and how long its steps took. */
import type { LoadOutputs } from "../args.ts";
import type { Run } from "../context.ts";
import type { PastLoad } from "../estimate.ts";

export type Outcome = "publishing" | "published" | "refused" | "dry run";

/** Records the load, or what became of it since it was recorded. Repeatable. */
export async function recordRun(
  { session, names, settings, id, steps }: Run,
  outcome: Outcome,
  outputs: LoadOutputs,
): Promise<void> {
  await session.rows(
    `MERGE INTO ${names.runs} r USING (SELECT CAST(? AS VARCHAR) AS LOAD_ID, CAST(? AS VARCHAR) AS OWNER, CAST(? AS TIMESTAMP_NTZ) AS STARTED_AT, CAST(? AS VARCHAR) AS OUTCOME,
  CAST(? AS NUMBER(38,0)) AS VERSION, CAST(? AS VARCHAR) AS OUTPUTS, CAST(? AS VARCHAR) AS STEPS) n ON r.LOAD_ID = n.LOAD_ID
WHEN MATCHED THEN UPDATE SET r.ENDED_AT = SYSDATE(), r.OUTCOME = n.OUTCOME, r.VERSION = n.VERSION, r.OUTPUTS = n.OUTPUTS, r.STEPS = n.STEPS
WHEN NOT MATCHED THEN INSERT (LOAD_ID, OWNER, STARTED_AT, ENDED_AT, OUTCOME, VERSION, OUTPUTS, STEPS)
  VALUES (n.LOAD_ID, n.OWNER, n.STARTED_AT, SYSDATE(), n.OUTCOME, n.VERSION, n.OUTPUTS, n.STEPS)`,
    [
      id,
      settings.owner,
      steps.startedAt(),
      outcome,
      outputs.version,
      JSON.stringify(outputs),
      JSON.stringify(steps.taken()),
    ],
  );
}

/** What the load that published this version found; undefined where none is on record. */
export async function publishedOutputs(
  { session, names }: Pick<Run, "session" | "names">,
  version: number,
): Promise<LoadOutputs | undefined> {
  const [row] = await session.rows(
    `SELECT OUTPUTS FROM ${names.runs} WHERE OUTCOME = 'published' AND VERSION = ? ORDER BY ENDED_AT DESC LIMIT 1`,
    [version],
  );
  return row && (JSON.parse(String(row.OUTPUTS)) as LoadOutputs);
}

/** Loads that tell how long the next one takes. */
const PAST_LOADS = 10;

/** What the last published loads took. */
export async function pastLoads({ session, names }: Pick<Run, "session" | "names">): Promise<PastLoad[]> {
  const rows = await session.rows(
    `SELECT OUTPUTS FROM ${names.runs} WHERE OUTCOME = 'published' ORDER BY ENDED_AT DESC LIMIT ${PAST_LOADS}`,
  );
  return rows.map(({ OUTPUTS }) => (JSON.parse(String(OUTPUTS)) as LoadOutputs).cost);
}
