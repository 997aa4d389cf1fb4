import { parseArgs } from "node:util";

/** What data to make. The same options give the same bytes. */
export interface SeedOptions {
  /** How many meters. @default 1000 */
  meters: number;
  /** How many days, each of 96 readings a meter. @default 21 */
  days: number;
  /** Any number; another seed gives other readings. @default 1 */
  seed: number;
  /** First day, YYYY-MM-DD. @default "2026-07-01" */
  start: string;
  /** Bucket to write to; made when it is missing. @default "flux-sandbox-raw-111111111111" */
  bucket: string;
  /** Key prefix of the readings, with a slash at its end. @default "raw/ami/ami_interval_readings/" */
  prefix: string;
  /** Overwrite readings that other options made. @default false */
  replace: boolean;
  /** Write the readings only, without METER_INFRASTRUCTURE: needs no Snowflake. @default false */
  readingsOnly: boolean;
}

export const READINGS_PER_METER_DAY = 96;

const DEFAULTS: SeedOptions = {
  meters: 1000,
  days: 21,
  seed: 1,
  start: "2026-07-01",
  bucket: "flux-sandbox-raw-111111111111",
  prefix: "raw/ami/ami_interval_readings/",
  replace: false,
  readingsOnly: false,
};

/** A wrong option, worded for the person who typed it. */
export class OptionError extends Error {
  override readonly name = "OptionError";
}

/** Reads flags (--meters 500) and, where a flag is missing, the environment (METERS=500). All mistakes are told at once. */
export function readOptions(args: string[], environment: NodeJS.ProcessEnv): SeedOptions {
  const mistakes: string[] = [];
  const { values } = parseArgs({
    args,
    options: {
      meters: { type: "string" },
      days: { type: "string" },
      seed: { type: "string" },
      start: { type: "string" },
      bucket: { type: "string" },
      prefix: { type: "string" },
      replace: { type: "boolean" },
      "readings-only": { type: "boolean" },
    },
  });

  const whole = (name: "meters" | "days" | "seed", low: number, high: number): number => {
    const text = values[name] ?? environment[name.toUpperCase()];
    if (text === undefined || text === "") return DEFAULTS[name];
    const value = Number(text);
    if (Number.isInteger(value) && value >= low && value <= high) return value;
    mistakes.push(`${name}: got '${text}', must be a whole number from ${low} to ${high}`);
    return DEFAULTS[name];
  };
  const matching = (name: "start" | "bucket" | "prefix", variable: string, valid: RegExp, form: string) => {
    const text = values[name] || environment[variable] || DEFAULTS[name];
    if (!valid.test(text)) mistakes.push(`${name}: got '${text}', must be ${form}`);
    return text;
  };

  const options: SeedOptions = {
    meters: whole("meters", 1, 10_000_000),
    days: whole("days", 1, 3660),
    seed: whole("seed", 0, Number.MAX_SAFE_INTEGER),
    start: matching("start", "START", /^\d{4}-\d{2}-\d{2}$/, "a day as YYYY-MM-DD"),
    bucket: matching("bucket", "SEED_BUCKET", /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "an S3 bucket name"),
    prefix: matching("prefix", "SEED_PREFIX", /^([^/]+\/)*$/, "a key prefix that ends in '/' (or empty)"),
    replace: values.replace ?? environment.REPLACE === "1",
    readingsOnly: values["readings-only"] ?? false,
  };
  const day = new Date(`${options.start}T00:00:00Z`);
  if (Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== options.start)
    mistakes.push(`start: got '${options.start}', which is no day of the calendar`);
  if (mistakes.length > 0) throw new OptionError(mistakes.join("\n"));
  return options;
}
