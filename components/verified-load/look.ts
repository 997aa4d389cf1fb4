/** Looks without changing anything: what waits in the bucket, and what became of the table and the warehouse. */
import { plural } from "../format.ts";
import type { Connection } from "../snowflake/connection.ts";
import { explain, kindOf } from "../snowflake/errors.ts";
import type { Session } from "../snowflake/session.ts";
import { moment } from "../snowflake/times.ts";
import { literal } from "../sql.ts";
import { isAsAudited, type Published, publishedIn } from "./accounting/control.ts";
import { pastLoads, publishedOutputs } from "./accounting/runs.ts";
import type { CheckResults, LoadOutputs } from "./args.ts";
import type { Run } from "./context.ts";
import { type Operation, startDeadline } from "./deadline.ts";
import { estimate } from "./estimate.ts";
import { leftLines, pendingLines } from "./lines.ts";
import { openLookingSession, surroundingsOf } from "./load-session.ts";
import { outputsOf } from "./outputs.ts";
import { filesToLoad, makePlan, type Plan, pendingOf } from "./plan.ts";
import { type CompleteSettings, namesOf } from "./settings.ts";
import { keptTableName } from "./tables.ts";
import { warehouseNow, warehouseSize } from "./warehouse.ts";
import { bytesOf, fingerprint, type Listing, listFolder } from "./write/listing.ts";

export interface Sight {
  /** Undefined when the table is gone. */
  totalRows: number | undefined;
  /** Whether the readings are other than the outputs say. */
  changed: boolean;
  minTimestamp: string;
  maxTimestamp: string;
  warehouseSize: string;
  pending: LoadOutputs["pending"];
  /** Files below the folder; undefined when they could not be listed. */
  listed?: { files: number; bytes: number };
  /** One line for each thing that is not as the outputs say. */
  findings: string[];
  /** What is good to know, and no reason for an update. */
  notes: string[];
  /** Outputs of a later load by this stack, which ran without an `up`. */
  later?: LoadOutputs;
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
    const session = await openLookingSession(connection, settings);
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
  const names = namesOf(settings);
  const shown = await rowsOfTables(session, settings);
  const totalRows = shown.get(settings.table);
  const sight: Sight = {
    totalRows,
    changed: false,
    minTimestamp: known.minTimestamp ?? "",
    maxTimestamp: known.maxTimestamp ?? "",
    warehouseSize: await warehouseSize(session, settings),
    pending: { files: 0, bytes: 0, replaced: 0 },
    findings: [],
    notes: [],
  };
  if (totalRows === undefined) {
    sight.findings.push(
      `load: ${names.plain} is gone, or was made anew without the rights of ${settings.role}: \`pulumi up --refresh -s <stack>\` makes and grants it again and loads it; a partner's share that it was in gets it back by \`pulumi up --refresh -s <partner>\``,
    );
    return sight;
  }
  if (sight.warehouseSize !== settings.restSize)
    sight.findings.push(
      `load: warehouse ${settings.warehouse} is ${sight.warehouseSize}, not ${settings.restSize}`,
    );

  const corrected = (shown.get(keptTableName(settings.table, "CORRECTED")) ?? 0) - (known.correctedRows ?? 0);
  if (corrected > 0)
    sight.findings.push(`load: ${plural(corrected, "corrected row")} wait: the next update takes them in`);
  const listing = await filesOrFinding(session, settings, sight);
  if (listing === undefined) sight.pending = known.pending ?? sight.pending;
  else {
    sight.listed = { files: listing.files.length, bytes: bytesOf(listing.files) };
    sight.notes.push(...leftLines(listing.left));
  }
  try {
    sight.changed = totalRows !== known.totalRows || !(await isAsLeft(session, names, known, totalRows));
    const settled =
      listing === undefined || (fingerprint(listing.files) === known.listing && isSettled(known, settings));
    if (!sight.changed && settled) return sight;
    const published = await publishedIn(session, names);
    const plan = listing && makePlan(listing.files, published, listing.left);
    if (sight.changed) await lookAtTable({ session, settings, names }, known, published, plan, sight);
    if (plan !== undefined) await lookAtFiles({ session, settings, names }, plan, sight);
  } catch (error) {
    if (kindOf(error) !== "object-missing") throw error;
    sight.findings.push(
      "load: the next update makes the tables that the load keeps, and takes over what is there",
    );
  }
  return sight;
}

/** Rows of the readings and of the tables beside them, by metadata alone. */
async function rowsOfTables(session: Session, settings: CompleteSettings): Promise<Map<string, number>> {
  try {
    const rows = await session.rows(
      `SHOW TABLES LIKE ${literal(`${settings.table}%`)} IN SCHEMA ${namesOf(settings).schema}`,
    );
    return new Map(rows.map(({ name, rows }) => [String(name), Number(rows)]));
  } catch (error) {
    // The schema went, and the tables with it.
    if (kindOf(error) === "object-missing") return new Map();
    throw error;
  }
}

/**
 * Whether version and marks are those that the outputs know. Of whole tables, maxima and counts of a column's values are
 * answered from metadata (docs: Micro-partitions & Data Clustering), so no warehouse runs for it.
 */
async function isAsLeft(
  session: Session,
  { control, readings }: ReturnType<typeof namesOf>,
  known: Partial<LoadOutputs>,
  totalRows: number,
): Promise<boolean> {
  const [row] = await session.rows(
    `SELECT (SELECT MAX(VERSION) FROM ${control}) AS VERSION, (SELECT COUNT(FILE_ID) FROM ${readings}) AS MARKED`,
  );
  // Outputs of an older release do not know the unmarked rows.
  const { version, unmarkedRows = totalRows - Number(row?.MARKED) } = known;
  return Number(row?.VERSION) === version && totalRows - Number(row?.MARKED) === unmarkedRows;
}

/** The table is not as the outputs say: by a later load of this stack, or by somebody else. */
async function lookAtTable(
  context: Pick<Run, "session" | "settings" | "names">,
  known: Partial<LoadOutputs>,
  published: Published,
  plan: Plan | undefined,
  sight: Sight,
): Promise<void> {
  const { session, settings, names } = context;
  const { plain, readings } = names;
  const { control } = published;
  const [row] = await session.rows(
    `SELECT MIN(TIMESTAMP) AS FIRST_AT, MAX(TIMESTAMP) AS LAST_AT FROM ${readings}`,
  );
  sight.minTimestamp = moment(row?.FIRST_AT);
  sight.maxTimestamp = moment(row?.LAST_AT);
  const ours = control.updatedBy === settings.owner && control.version > (known.version ?? 0);
  const record =
    ours && isAsAudited(published) ? await publishedOutputs(context, control.version) : undefined;
  const others = published.unmarkedRows !== (record?.unmarkedRows ?? published.unmarkedRows);
  if (record === undefined || plan === undefined || others) {
    sight.findings.push(drift(sight.totalRows ?? 0, known.totalRows ?? 0, plain));
    return;
  }
  // What a load that was killed right after its commit has on record are the figures of before.
  sight.later = await outputsOf(context, plan, {
    checks: record.checks as CheckResults,
    verified: true,
    unreadable: [],
    differences: record.files?.differences ?? [],
    loadId: record.loadId,
    cost: record.cost,
    clustering: record.clustering,
  });
  sight.findings.push(
    `load: ${plain} was loaded since by this stack, without an update (load ${record.loadId})`,
  );
}

async function lookAtFiles(
  { session, settings, names }: Pick<Run, "session" | "settings" | "names">,
  plan: Plan,
  sight: Sight,
): Promise<void> {
  sight.pending = pendingOf(plan, settings);
  // A look never fails for what it finds.
  const replacedFiles = settings.replacedFiles === "replace" ? "replace" : "skip";
  const waiting =
    replacedFiles === "replace" && plan.replaced.some(({ published }) => published.fileId === undefined)
      ? plan.fresh
      : filesToLoad(plan, { ...settings, replacedFiles }).files;
  const { generation } = await warehouseNow(session, settings);
  const past = waiting.length > 0 ? await pastLoads({ session, names }) : [];
  const expected = estimate(waiting, { size: settings.loadSize, generation }, past);
  sight.findings.push(...pendingLines(plan, expected, settings.loadSize));
}

/**
 * The files, or a finding when they cannot be listed: a stage that somebody dropped, or a trust that somebody broke, is
 * drift to be told and must not keep a refresh from seeing it.
 */
async function filesOrFinding(
  session: Session,
  settings: CompleteSettings,
  sight: Sight,
): Promise<Listing | undefined> {
  try {
    const listing = await listFolder(session, settings);
    // Names that are no paths below the folder: somebody moved the stage.
    if (listing.files.every(({ name, file }) => name !== file)) return listing;
    sight.findings.push(stageElsewhere(settings));
    return undefined;
  } catch (error) {
    const { message } = explain(error, surroundingsOf(settings), "listing the files");
    sight.findings.push(`load: what waits in the bucket cannot be listed: ${message}`);
    return undefined;
  }
}

/** The settings have moved, and the stage has not: it moves with the update. */
export const stageElsewhere = ({ stageUrl, path }: CompleteSettings) =>
  `load: the stage shows another place: what waits below ${stageUrl}${path} is known after the update`;

/** True when nothing waited at the last look. A file that was skipped then may be wanted now. */
const isSettled = ({ pending, files }: Partial<LoadOutputs>, { replacedFiles }: CompleteSettings) =>
  pending !== undefined &&
  pending.files + pending.replaced === 0 &&
  (replacedFiles === "skip" || files?.notLoaded.length === 0);

function drift(now: number, before: number, table: string): string {
  if (now === before) return `load: ${table} was changed since the last load, by somebody else`;
  if (now === 0) return `load: ${table} was emptied: the next update loads it anew`;
  const gap = plural(Math.abs(now - before), "row");
  return now < before
    ? `load: ${gap} of ${table} are gone since the last load`
    : `load: ${table} has ${gap} more than after the last load`;
}
