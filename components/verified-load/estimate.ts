/** About how long a load takes and what it costs, before there is a figure of the table's own. */
import type { WarehouseSize } from "./args.ts";
import { CREDITS_PER_HOUR, NODES } from "./warehouse-sizes.ts";
import { bytesOf } from "./write/listing.ts";

/** Bytes of parquet that one thread of a warehouse lands in a second: 80 GB in half a minute on 16 nodes of 8 threads. */
const BYTES_PER_THREAD_SECOND = 20_000_000;
const THREADS_PER_NODE = 8;
/** What auditing and publishing take, in shares of the landing: both go over the same rows again, once. */
const AFTER_LANDING = 1.5;
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

/** About how long landing the files takes on a warehouse of that size. Seconds. */
function estimateLanding(files: readonly { size: number }[], size: WarehouseSize): number {
  const threads = Math.max(1, Math.min(files.length, NODES[size] * THREADS_PER_NODE));
  return files.length === 0
    ? 0
    : Math.ceil(bytesOf(files) / (threads * BYTES_PER_THREAD_SECOND) + FIXED_SECONDS);
}

/** About how long landing, auditing and publishing the files takes, and about what it costs. */
export function estimate(files: readonly { size: number }[], size: WarehouseSize): Estimate {
  const seconds = Math.ceil(estimateLanding(files, size) * (1 + AFTER_LANDING));
  return { files: files.length, bytes: bytesOf(files), seconds, credits: creditsOf(seconds, size) };
}

/** Credits for a run of so many seconds, with the minimum of a start; rounded to a thousandth. */
export function creditsOf(seconds: number, size: WarehouseSize, least = MINIMUM_BILLED_SECONDS): number {
  if (seconds <= 0) return 0;
  const hours = Math.max(seconds, least) / 3600;
  return Math.round(hours * CREDITS_PER_HOUR[size] * 1000) / 1000;
}
