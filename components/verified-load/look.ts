/** Looks, without changing anything: what waits in the bucket, and what became of the table and the warehouse. */
import { readAccounting } from "./account.ts";
import type { LoadOutputs } from "./args.ts";
import type { Connection } from "./connection.ts";
import { type Operation, startDeadline } from "./deadline.ts";
import { explain } from "./errors.ts";
import { plural } from "./format.ts";
import { bytesOf, fingerprint, listFiles, type StagedFile } from "./listing.ts";
import { openLoadSession, serverTime, surroundingsOf } from "./load-session.ts";
import { estimate, filesToLoad, makePlan, pendingOf } from "./plan.ts";
import { standing } from "./records.ts";
import { pendingLines } from "./report.ts";
import type { Session } from "./session.ts";
import { type CompleteSettings, namesOf } from "./settings.ts";
import { findTable } from "./table.ts";
import { moment } from "./times.ts";
import { warehouseSize } from "./warehouse.ts";

export interface Sight {
  /** Undefined when the table is gone. */
  totalRows: number | undefined;
  minTimestamp: string;
  maxTimestamp: string;
  warehouseSize: string;
  pending: LoadOutputs["pending"];
  /** One line for each thing that is not as the outputs say. */
  findings: string[];
}

/**
 * Compares Snowflake with what the outputs say. As long as nothing changed, no warehouse has to run for it: listing,
 * row count and sizes come from Snowflake's own services.
 * @param operation whose limit of customTimeouts holds; without one there is none, as for a preview
 */
export async function look(
  settings: CompleteSettings,
  connection: Connection,
  known: Partial<LoadOutputs>,
  operation?: Operation,
): Promise<Sight> {
  const doing = "looking at the bucket and the table";
  const deadline = startDeadline(settings, operation, () => doing);
  try {
    const session = await openLoadSession(connection, settings);
    try {
      return await deadline.within(() => lookAround(deadline.limit(session), settings, known));
    } finally {
      await session.close();
    }
  } catch (error) {
    throw explain(error, surroundingsOf(settings), doing);
  }
}

async function lookAround(
  session: Session,
  settings: CompleteSettings,
  known: Partial<LoadOutputs>,
): Promise<Sight> {
  const table = await findTable(session, settings);
  const totalRows = table?.rows;
  const sight: Sight = {
    totalRows,
    minTimestamp: known.minTimestamp ?? "",
    maxTimestamp: known.maxTimestamp ?? "",
    warehouseSize: await warehouseSize(session, settings),
    pending: { files: 0, bytes: 0, replaced: 0, uncertain: 0 },
    findings: [],
  };
  if (table === undefined || totalRows === undefined) {
    sight.findings.push(`load: table ${namesOf(settings).plain} is gone`);
    return sight;
  }
  if (sight.warehouseSize !== settings.restSize)
    sight.findings.push(
      `load: warehouse ${settings.warehouse} is ${sight.warehouseSize}, not ${settings.restSize}`,
    );

  const listed = await filesOrFinding(session, settings, sight);
  const rowsChanged = totalRows !== known.totalRows;
  if (rowsChanged) {
    sight.findings.push(drift(totalRows, known.totalRows ?? 0, namesOf(settings).plain));
    const [row] = await session.rows(
      `SELECT MIN(TIMESTAMP) AS FIRST_AT, MAX(TIMESTAMP) AS LAST_AT FROM ${namesOf(settings).readings}`,
    );
    sight.minTimestamp = moment(row?.FIRST_AT);
    sight.maxTimestamp = moment(row?.LAST_AT);
  }
  if (listed === undefined) return { ...sight, pending: known.pending ?? sight.pending };
  if (!rowsChanged && fingerprint(listed) === known.listing && isSettled(known, settings)) return sight;

  const accounting = await readAccounting(session, settings);
  const now = standing(
    accounting.records,
    table.createdAt,
    totalRows,
    settings.quality.accountedRows.maxMissing,
  );
  const records = now === "unclear" ? accounting.records : now.records;
  const plan = makePlan({ listed, records, totalRows, now: await serverTime(session) });
  sight.pending = pendingOf(plan, settings);
  const todo = filesToLoad(plan, {
    ...settings,
    // A look never fails for what it finds.
    replacedFiles: settings.replacedFiles === "load" ? "load" : "skip",
    uncertainFiles: settings.uncertainFiles === "load" ? "load" : "skip",
  });
  const expected = estimate([...todo.certain, ...todo.uncertain], bytesOf(listed), settings.loadSize);
  sight.findings.push(...pendingLines(plan, expected, settings.loadSize));
  return sight;
}

/**
 * The files, or a finding when they cannot be listed: a stage that somebody dropped, or a trust that somebody broke, is
 * drift to be told and must not keep a refresh from seeing it.
 */
async function filesOrFinding(
  session: Session,
  settings: CompleteSettings,
  sight: Sight,
): Promise<StagedFile[] | undefined> {
  try {
    return await listFiles(session, settings);
  } catch (error) {
    const { message } = explain(error, surroundingsOf(settings), "listing the files");
    sight.findings.push(`load: what waits in the bucket cannot be listed: ${message}`);
    return undefined;
  }
}

/** True when nothing waited at the last look, and the table held all that was loaded, but for what may be gone. */
const isSettled = (
  { pending, totalRows = 0, rowsLoaded = 0 }: Partial<LoadOutputs>,
  { quality }: CompleteSettings,
) =>
  pending !== undefined &&
  pending.files + pending.replaced + pending.uncertain === 0 &&
  totalRows + quality.accountedRows.maxMissing >= rowsLoaded;

function drift(now: number, before: number, table: string): string {
  if (now === 0) return `load: ${table} was emptied: the next update loads it anew`;
  const gap = plural(Math.abs(now - before), "row");
  return now < before
    ? `load: ${gap} of ${table} are gone since the last load`
    : `load: ${table} has ${gap} more than after the last load`;
}
