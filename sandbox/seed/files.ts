import { createHash } from "node:crypto";
import type { Fault, Place } from "./faults.ts";
import { READINGS_PER_METER_DAY, type SeedOptions } from "./options.ts";

/** Raise it whenever the same options begin to give other bytes. */
const GENERATOR_VERSION = 1;

/** Larger days are cut into several files, so that a file stays near the 200 MB that Snowflake loads best. */
export const MAX_METERS_PER_FILE = 150_000;

/** One parquet file to make: a run of meters on one day. */
export interface ReadingsFile {
  readonly key: string;
  /** YYYY-MM-DD */
  readonly day: string;
  /** Numbers of the first meter and of the one after the last. */
  readonly firstMeter: number;
  readonly endMeter: number;
  /** Readings, before faults add or take some. */
  readonly rows: number;
  readonly faults: readonly Fault[];
  readonly place: Place;
  /** Names the content: files of equal fingerprint have equal bytes. */
  readonly fingerprint: string;
}

/** All files the options ask for, in time order. */
export function* plannedFiles(options: SeedOptions): Generator<ReadingsFile> {
  const first = Date.parse(`${options.from}T00:00:00Z`);
  for (let index = 0; index < options.days; index++) {
    const day = new Date(first + index * 86_400_000).toISOString().slice(0, 10);
    const place = { before: index > 0, after: index < options.days - 1 };
    const where = options.faults.includes("late") ? [place] : [];
    for (let firstMeter = 0; firstMeter < options.meters; firstMeter += MAX_METERS_PER_FILE) {
      const endMeter = Math.min(firstMeter + MAX_METERS_PER_FILE, options.meters);
      const part = String(firstMeter / MAX_METERS_PER_FILE).padStart(3, "0");
      yield {
        key: `${options.prefix}ami_interval_readings_${day}_${part}.snappy.parquet`,
        day,
        firstMeter,
        endMeter,
        rows: (endMeter - firstMeter) * READINGS_PER_METER_DAY,
        faults: options.faults,
        place,
        fingerprint: createHash("sha256")
          .update(
            JSON.stringify([
              GENERATOR_VERSION,
              options.seed,
              day,
              firstMeter,
              endMeter,
              ...options.faults,
              ...where,
            ]),
          )
          .digest("hex")
          .slice(0, 32),
      };
    }
  }
}
