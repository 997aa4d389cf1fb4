/** What a load tells: figures of the table as it is, and of the files behind them. */
import { moment } from "../snowflake/times.ts";
import { isLive, type Published, rowsOf } from "./accounting/control.ts";
import { publishedOutputs } from "./accounting/runs.ts";
import type { CheckResults, Clustering, FilesSummary, LoadCost, LoadOutputs } from "./args.ts";
import type { Run } from "./context.ts";
import { leftFiles, resultLines } from "./lines.ts";
import { type Plan, pendingOf, sameContentLines } from "./plan.ts";
import { warehouseSize } from "./warehouse.ts";
import { landingTables } from "./write/landing.ts";
import { bytesOf, fingerprint, nameOf } from "./write/listing.ts";
import type { Unreadable } from "./write/staged-file.ts";

/** Names in an output's list; the counts beside it are whole. */
const MOST_NAMES = 20;

/** What is known beside the table itself. */
export interface Known {
  checks: CheckResults;
  verified: boolean;
  unreadable: readonly Unreadable[];
  differences: readonly string[];
  loadId: string;
  cost: LoadCost;
  clustering?: Clustering | undefined;
  /** Rows that were audited, and those of them without a FILE_ID. @default those that are there now */
  audited?: { rows: number; unmarkedRows: number };
}

export const NO_COST: LoadCost = {
  files: 0,
  bytes: 0,
  estimatedSeconds: 0,
  estimatedCredits: 0,
  seconds: 0,
  credits: 0,
};

/** @param plan the listing against what is published now */
export async function outputsOf(
  run: Pick<Run, "session" | "settings" | "names">,
  plan: Plan,
  known: Known,
): Promise<LoadOutputs> {
  const { session, settings, names } = run;
  const { published, listed } = plan;
  // The guide's figures; Snowflake answers them from metadata (docs: Optimizing query performance, metadata-only operations).
  const [table] = await session.rows(
    `SELECT COUNT(*) AS N, MIN(TIMESTAMP) AS FIRST_AT, MAX(TIMESTAMP) AS LAST_AT FROM ${names.readings}`,
  );
  const [meters] = await session.rows(`SELECT COUNT(*) AS N FROM ${names.meterSummary}`);
  const [corrected] = await session.rows(
    `SELECT COUNT(*) AS N, COUNT_IF(c.RETURNED_AT IS NULL AND f.FILE_ID IS NOT NULL) AS WAITING FROM ${names.corrected} c
LEFT JOIN ${names.accounting} f ON f.FILE_ID = c.FILE_ID AND ${isLive("f")}`,
  );
  const { files } = published;
  // What may stay out because nobody can read it waits no more.
  const stayOut = new Set(known.verified ? known.unreadable.map(({ name }) => name) : []);
  return {
    filesLoaded: files.length,
    rowsLoaded: rowsOf(files),
    rowsRejected: files.reduce((sum, { rowsRejected }) => sum + rowsRejected, 0),
    totalRows: known.audited?.rows ?? Number(table?.N),
    minTimestamp: moment(table?.FIRST_AT),
    maxTimestamp: moment(table?.LAST_AT),
    uniqueMeters: Number(meters?.N),
    queryId: lastQueryId(published),
    checks: known.checks,
    verified: known.verified,
    files: filesSummary(plan, known, settings),
    pending: pendingOf({ ...plan, fresh: plan.fresh.filter(({ name }) => !stayOut.has(name)) }, settings),
    listing: fingerprint(listed),
    unmarkedRows: known.audited?.unmarkedRows ?? published.unmarkedRows,
    correctedRows: Number(corrected?.N) - Number(corrected?.WAITING),
    ...(known.clustering && { clustering: known.clustering }),
    version: published.control.version,
    loadId: known.loadId,
    landing: (await landingTables(run)).map(({ name }) => name).slice(0, MOST_NAMES),
    warehouseSize: await warehouseSize(session, settings),
    cost: known.cost,
  };
}

/** The figures where nothing is to be done: the verdict is that of the load that published what is there. */
export async function upToDate(
  run: Run,
  plan: Plan,
  prior: Partial<LoadOutputs> = {},
): Promise<LoadOutputs | undefined> {
  const { version } = plan.control;
  const verdict =
    prior.version === version && prior.verified === true && prior.checks
      ? prior
      : await publishedOutputs(run, version);
  if (!verdict?.checks) return undefined;
  // As many rows as were audited, but some of them are others.
  const { unmarkedRows } = plan.published;
  if ((verdict.unmarkedRows ?? unmarkedRows) !== unmarkedRows) return undefined;
  const outputs = await outputsOf(run, plan, {
    checks: verdict.checks as CheckResults,
    verified: true,
    unreadable: [],
    differences: verdict.files?.differences ?? [],
    loadId: verdict.loadId ?? "",
    cost: verdict.cost ?? NO_COST,
    clustering: verdict.clustering,
  });
  for (const line of resultLines(outputs)) run.log(line);
  return outputs;
}

function lastQueryId({ files }: Published): string {
  const landed = files.filter(({ queryId, rowsLoaded }) => queryId !== "" && rowsLoaded > 0);
  return landed.toSorted((one, other) => one.loadedAt - other.loadedAt).at(-1)?.queryId ?? "";
}

function filesSummary(plan: Plan, known: Known, settings: Run["settings"]): FilesSummary {
  const some = (names: readonly string[]) => names.slice(0, MOST_NAMES);
  const left = leftFiles(plan.left);
  const unreadable = new Map(known.unreadable.map(({ name, why }) => [name, why]));
  return {
    listed: plan.listed.length,
    bytes: bytesOf(plan.listed),
    loaded: plan.published.files.length,
    partiallyLoaded: some(
      plan.published.files
        .filter(({ rowsRejected }) => rowsRejected > 0)
        .map(({ file }) => nameOf(file, settings)),
    ),
    unreadable: some(known.unreadable.map(({ name, why }) => `${name}: ${why}`)),
    notLoaded: some([
      ...plan.fresh
        .filter(({ name }) => !unreadable.has(name))
        .map(
          ({ name }) =>
            `${name}: ${known.verified ? "arrived, or changed, while this load was at work" : "not published: see checks"}`,
        ),
      ...plan.replaced.map(
        ({ staged }) =>
          `${staged.name}: changed after it was loaded (replacedFiles: ${settings.replacedFiles})`,
      ),
    ]),
    gone: some(plan.gone.map(({ file }) => nameOf(file, settings))),
    notTaken: { files: left.length, examples: some(left) },
    differences: some(known.differences),
    sameContent: some(sameContentLines(plan, settings)),
  };
}
