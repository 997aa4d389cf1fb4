import { parseArgs } from "node:util";
import { FAULTS, type Fault, faultsHelp } from "./faults.ts";

/** What data to make. The same options give the same bytes. */
export interface SeedOptions {
  /** How many meters. @default 1000 */
  meters: number;
  /** How many days, each of 96 readings a meter. @default 21 */
  days: number;
  /** Any number; another seed gives other readings. @default 1 */
  seed: number;
  /** First day, YYYY-MM-DD. @default "2026-07-01" */
  from: string;
  /** What is wrong in every file, sorted. @default nothing */
  faults: Fault[];
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
  from: "2026-07-01",
  faults: [],
  bucket: "flux-sandbox-raw-111111111111",
  prefix: "raw/ami/ami_interval_readings/",
  replace: false,
  readingsOnly: false,
};

/** What can be said, for a person. */
export const HELP = `Makes meter readings in the sandbox's bucket, one parquet file a day, and the meters in METER_INFRASTRUCTURE.

  make seed [METERS=N] [DAYS=N] [FROM=YYYY-MM-DD] [FAULTS=a,b] [SEED=N] [REPLACE=1]
  node sandbox/seed/main.ts [--meters N] [--days N] [--from YYYY-MM-DD] [--faults a,b] [--seed N] [--replace]
                            [--bucket NAME] [--prefix PATH/] [--readings-only]

  METERS      how many meters (${DEFAULTS.meters}); each has ${READINGS_PER_METER_DAY} readings a day
  DAYS        how many days (${DEFAULTS.days})
  FROM        the first of them (${DEFAULTS.from})
  FAULTS      what is wrong in every file that is made (nothing), one or several of those below
  SEED        another number gives other readings (${DEFAULTS.seed})
  REPLACE=1   write files anew that are there with other content

The same options give the same bytes; files that are there already are left alone.

Faults:
${faultsHelp()}

For example a new day with a gap in it:
  make seed FROM=2026-07-22 DAYS=1 FAULTS=gap
`;

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
      from: { type: "string" },
      faults: { type: "string" },
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
  const matching = (name: "from" | "bucket" | "prefix", variable: string, valid: RegExp, form: string) => {
    const text = values[name] || environment[variable] || DEFAULTS[name];
    if (!valid.test(text)) mistakes.push(`${name}: got '${text}', must be ${form}`);
    return text;
  };

  const faults = (): Fault[] => {
    const asked = (values.faults ?? environment.FAULTS ?? "").split(",").filter((name) => name !== "");
    const strange = asked.filter((name) => !(FAULTS as string[]).includes(name));
    if (strange.length > 0)
      mistakes.push(`faults: got '${strange.join(",")}', must be of ${FAULTS.join(", ")}`);
    return FAULTS.filter((fault) => asked.includes(fault));
  };

  const options: SeedOptions = {
    meters: whole("meters", 1, 10_000_000),
    days: whole("days", 1, 3660),
    seed: whole("seed", 0, Number.MAX_SAFE_INTEGER),
    from: matching("from", "FROM", /^\d{4}-\d{2}-\d{2}$/, "a day as YYYY-MM-DD"),
    faults: faults(),
    bucket: matching("bucket", "SEED_BUCKET", /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "an S3 bucket name"),
    prefix: matching("prefix", "SEED_PREFIX", /^([^/]+\/)*$/, "a key prefix that ends in '/' (or empty)"),
    replace: values.replace ?? environment.REPLACE === "1",
    readingsOnly: values["readings-only"] ?? false,
  };
  const day = new Date(`${options.from}T00:00:00Z`);
  if (Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== options.from)
    mistakes.push(`from: got '${options.from}', which is no day of the calendar`);
  if (mistakes.length > 0) throw new OptionError(mistakes.join("\n"));
  return options;
}
