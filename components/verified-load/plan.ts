/** What has to be loaded: the listing minus the accounting. */
import type { WarehouseSize } from "./args.ts";
import { LoadError } from "./errors.ts";
import { bytesOf, type StagedFile } from "./listing.ts";
import { type FileRecord, isLoaded, latestByFile } from "./records.ts";
import type { CompleteSettings } from "./settings.ts";
import { instantOf } from "./times.ts";
import { CREDITS_PER_HOUR, NODES } from "./warehouse.ts";

/** Snowflake keeps a table's load metadata for so many days. */
const METADATA_DAYS = 64;

export interface Plan {
  /** Not in the table, as far as anybody knows; failed ones are tried again. */
  fresh: StagedFile[];
  /** Loaded before under the same name with other content. */
  replaced: StagedFile[];
  /** Too old for Snowflake to know whether they were loaded, and not in the accounting. */
  uncertain: StagedFile[];
  /** In the table. */
  loaded: StagedFile[];
}

export interface PlanInput {
  listed: readonly StagedFile[];
  records: readonly FileRecord[];
  /** Rows that the table holds now. */
  totalRows: number;
  now: Date;
}

/** Sorts the listed files by what is known of them. */
export function makePlan({ listed, records, totalRows, now }: PlanInput): Plan {
  const plan: Plan = { fresh: [], replaced: [], uncertain: [], loaded: [] };
  const latest = latestByFile(records);
  const horizon = now.getTime() - METADATA_DAYS * 86_400_000;
  const firstLoad = Math.min(...records.filter(isLoaded).map(({ loadedAt }) => instantOf(loadedAt)));
  // Snowflake is only uncertain of a table that got its first rows before the horizon. Rows that nobody accounted for
  // may be as old as can be.
  const accounted = records.reduce((sum, { rowsLoaded }) => sum + rowsLoaded, 0);
  const tableIsOld = totalRows > 0 && (firstLoad < horizon || totalRows > accounted);
  for (const file of listed) {
    const record = latest.get(file.file);
    if (record && isLoaded(record)) {
      const same = record.md5 === file.md5 && record.size === file.size;
      (same ? plan.loaded : plan.replaced).push(file);
    } else if (tableIsOld && file.lastModified.getTime() < horizon) plan.uncertain.push(file);
    else plan.fresh.push(file);
  }
  return plan;
}

/** The files to load by the plan and the settings. Throws where the settings say that a person must decide. */
export function filesToLoad(
  plan: Plan,
  settings: CompleteSettings,
): { certain: StagedFile[]; uncertain: StagedFile[] } {
  if (plan.replaced.length > 0 && settings.replacedFiles === "fail")
    throw new LoadError(
      "replaced-files",
      `${plan.replaced.length} file(s) changed under their name after they were loaded; their old rows are in the table, ` +
        `and loading them again would leave both: ${namesOfFiles(plan.replaced)}`,
      "put the old files back or give the new ones new names; or set replacedFiles to skip (keep the old rows) or load (have both); " +
        "to start over, TRUNCATE the table and run `pulumi up`",
    );
  if (plan.uncertain.length > 0 && settings.uncertainFiles === "fail")
    throw new LoadError(
      "uncertain-files",
      `${plan.uncertain.length} file(s) are older than Snowflake's ${METADATA_DAYS}-day memory of loads and not in the accounting, ` +
        `so nobody knows whether their rows are in the table: ${namesOfFiles(plan.uncertain)}`,
      "look for their readings in the table; then set uncertainFiles to skip (they are in) or load (they are not)",
    );
  return {
    certain: [...plan.fresh, ...(settings.replacedFiles === "load" ? plan.replaced : [])],
    uncertain: settings.uncertainFiles === "load" ? plan.uncertain : [],
  };
}

/** What waits, for people and for `pending`. */
export function pendingOf(plan: Plan, settings: CompleteSettings) {
  return {
    files: plan.fresh.length,
    bytes: bytesOf(plan.fresh),
    replaced: settings.replacedFiles === "skip" ? 0 : plan.replaced.length,
    uncertain: settings.uncertainFiles === "skip" ? 0 : plan.uncertain.length,
  };
}

/** Bytes of parquet that one thread of a warehouse reads in a second: 80 GB in half a minute on 16 nodes of 8 threads. */
const BYTES_PER_THREAD_SECOND = 20_000_000;
const THREADS_PER_NODE = 8;
/** Starting, planning, committing. */
const FIXED_SECONDS = 3;
/** Snowflake bills at least this long for each start of a cluster. */
const MINIMUM_BILLED_SECONDS = 60;

export interface Estimate {
  files: number;
  bytes: number;
  seconds: number;
  credits: number;
}

/** About how long COPY takes for the files on a warehouse of that size. Seconds. */
export function estimateCopy(files: readonly { size: number }[], size: WarehouseSize): number {
  const threads = Math.max(1, Math.min(files.length, NODES[size] * THREADS_PER_NODE));
  return files.length === 0
    ? 0
    : Math.ceil(bytesOf(files) / (threads * BYTES_PER_THREAD_SECOND) + FIXED_SECONDS);
}

/**
 * About how long loading the files takes, and about what it costs: the COPY, and the verification, which reads the whole
 * table about as fast as its files were loaded.
 * @param allBytes of all files that will then be in the table
 */
export function estimate(
  files: readonly { size: number }[],
  allBytes: number,
  size: WarehouseSize,
): Estimate {
  const verification = allBytes / (NODES[size] * THREADS_PER_NODE * BYTES_PER_THREAD_SECOND);
  const seconds = files.length === 0 ? 0 : Math.ceil(estimateCopy(files, size) + verification);
  return { files: files.length, bytes: bytesOf(files), seconds, credits: creditsOf(seconds, size) };
}

/** Credits for a run of so many seconds, with the minimum of a start; rounded to a thousandth. */
export function creditsOf(seconds: number, size: WarehouseSize, least = MINIMUM_BILLED_SECONDS): number {
  if (seconds <= 0) return 0;
  const hours = Math.max(seconds, least) / 3600;
  return Math.round(hours * CREDITS_PER_HOUR[size] * 1000) / 1000;
}

/** At most ten names, and how many more. */
export function namesOfFiles(files: readonly { file: string }[], most = 10): string {
  const names = files.slice(0, most).map(({ file }) => file);
  const more = files.length - names.length;
  return names.join(", ") + (more > 0 ? ` and ${more} more` : "");
}
