/** About how long a load takes and what it costs: by the table's own past loads, or by published figures. */
import type { LoadCost, WarehouseSize } from "./args.ts";
import { creditsPerHour, type Generation, NODES } from "./warehouse-sizes.ts";
import { bytesOf } from "./write/listing.ts";

/**
 * Bytes of parquet that one thread lands in a second. Published: 28.8 billion rows (TPC-DS STORE_SALES, about 1.3 TB)
 * by the vectorised scanner in 614 s on 32 nodes (Snowflake engineering blog, "Loading Terabytes Into Snowflake").
 */
const BYTES_PER_THREAD_SECOND = 8_000_000;
const THREADS_PER_NODE = 8;
/** What auditing and publishing take, in shares of the landing: both go over the same rows again, once. */
const AFTER_LANDING = 1.5;
/** Starting, planning, committing. */
const FIXED_SECONDS = 8;
/** By these factors other files than those published were faster or slower: few or many columns, text or numbers. */
const PUBLISHED_SPAN = [0.5, 2] as const;
/** Snowflake bills at least this long for each start of a cluster. */
const MINIMUM_BILLED_SECONDS = 60;
/** A past load tells something of one that has up to so many times its bytes. */
const TELLS_OF = 10;

export interface Estimate {
  files: number;
  bytes: number;
  seconds: number;
  /** What it may take at best, and at worst. Seconds. */
  least: number;
  most: number;
  credits: number;
  /** Where the figures come from, in words. */
  basis: string;
}

/** What is paid for: a warehouse of a size, and of a generation. */
export interface Billing {
  readonly size: WarehouseSize;
  readonly generation?: Generation | undefined;
}

/** A load that was published: what it took. */
export type PastLoad = Pick<LoadCost, "files" | "bytes" | "seconds" | "warehouseSize">;

/** Bytes that each of the threads at work has to land: one file does not gain by a second thread. */
function bytesPerThread(files: number, bytes: number, size: WarehouseSize): number {
  return bytes / Math.max(1, Math.min(files, NODES[size] * THREADS_PER_NODE));
}

/** About how long landing, auditing and publishing the files takes, and about what it costs. */
export function estimate(
  files: readonly { size: number }[],
  billing: Billing,
  past: readonly PastLoad[] = [],
): Estimate {
  const bytes = bytesOf(files);
  const basis = "published figures";
  if (files.length === 0) return { files: 0, bytes, seconds: 0, least: 0, most: 0, credits: 0, basis };
  const work = bytesPerThread(files.length, bytes, billing.size);
  const known = past.filter((one) => one.files > 0 && workOf(one, billing) * TELLS_OF >= work);
  const taken = known.map((one) => secondsLike(one, work, billing)).toSorted((one, other) => one - other);
  const published = FIXED_SECONDS + (work / BYTES_PER_THREAD_SECOND) * (1 + AFTER_LANDING);
  const [least, seconds, most] =
    taken.length > 0
      ? [taken[0], taken[Math.floor(taken.length / 2)], taken.at(-1)]
      : [published * PUBLISHED_SPAN[0], published, published * PUBLISHED_SPAN[1]];
  const whole = Math.ceil(seconds as number);
  return {
    files: files.length,
    bytes,
    seconds: whole,
    least: Math.ceil(least as number),
    most: Math.ceil(most as number),
    credits: creditsOf(whole, billing),
    basis:
      taken.length === 0 ? basis : taken.length === 1 ? "the last load" : `the last ${taken.length} loads`,
  };
}

const workOf = ({ files, bytes, warehouseSize }: PastLoad, { size }: Billing) =>
  bytesPerThread(files, bytes, warehouseSize ?? size);

/** How long a load of so much work takes, if it goes as that one did: what is fixed stays, the rest grows with the bytes. */
function secondsLike(past: PastLoad, work: number, billing: Billing): number {
  const fixed = Math.min(past.seconds, FIXED_SECONDS);
  return fixed + (past.seconds - fixed) * (work / Math.max(1, workOf(past, billing)));
}

/** Credits for a run of so many seconds, with the minimum of a start; rounded to a thousandth. */
export function creditsOf(seconds: number, billing: Billing): number {
  if (seconds <= 0) return 0;
  const hours = Math.max(seconds, MINIMUM_BILLED_SECONDS) / 3600;
  return Math.round(hours * creditsPerHour(billing.size, billing.generation) * 1000) / 1000;
}
