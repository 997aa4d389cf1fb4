/**
 * What a verified load is told and what it tells: plain data, no Pulumi, so that every module beside it can be run alone.
 */

/**
 * Version of the load's logic, an input of the resource. Raise it when a change means that data loaded earlier should be
 * looked at again: the next `up` then verifies once more (and loads only what was never loaded).
 */
export const LOGIC_VERSION = "1";

/** Warehouse sizes as Snowflake writes them in SQL, smallest first. */
export const WAREHOUSE_SIZES = [
  "XSMALL",
  "SMALL",
  "MEDIUM",
  "LARGE",
  "XLARGE",
  "XXLARGE",
  "XXXLARGE",
  "X4LARGE",
  "X5LARGE",
  "X6LARGE",
] as const;
export type WarehouseSize = (typeof WAREHOUSE_SIZES)[number];

/** What a check that does not hold means: the `up` fails, a warning is printed, or the check is not run. */
export type Severity = "fail" | "warn" | "off";

/** Thresholds of the quality checks. Whatever is left out has its default. */
export interface QualitySettings {
  /** Readings per meter at a fixed interval, between each meter's own first and last reading. */
  continuity?: {
    /** @default "fail" */
    severity?: Severity;
    /** Minutes between two readings of a meter; must divide a day. @default 15 */
    intervalMinutes?: number;
    /** Missing intervals, over all meters, that are still accepted. @default 0 */
    maxMissing?: number;
    /** Readings more than the one that an interval has, at other times within it, that are still accepted. @default 0 */
    maxSurplus?: number;
  };
  /** Share of readings with a voltage in the normal range; a reading without voltage counts as outside. */
  voltage?: {
    /** @default "fail" */
    severity?: Severity;
    /** Volts, inclusive. @default 110 */
    min?: number;
    /** Volts, inclusive. @default 125 */
    max?: number;
    /** Smallest accepted share in range, 0 to 1. @default 0.99 */
    minShare?: number;
  };
  /** Every METER_ID is in `metersTable`. */
  referentialIntegrity?: {
    /** @default "fail" */
    severity?: Severity;
    /** Unknown meters that are still accepted. @default 0 */
    maxUnknown?: number;
  };
  /**
   * Every day of `expectedFrom` … `expectedTo` has readings, these two from the day's first to its last interval. Of a range
   * that is open at an end, that end is the readings' own.
   */
  dateCoverage?: {
    /** @default "fail" */
    severity?: Severity;
  };
  /** One reading for each METER_ID and TIMESTAMP. */
  duplicates?: {
    /** @default "fail" */
    severity?: Severity;
    /** Surplus rows that are still accepted. @default 0 */
    max?: number;
  };
  /** No row has a NULL METER_ID or TIMESTAMP: they are what a file with other column names leaves behind. */
  keyNulls?: {
    /** @default "fail" */
    severity?: Severity;
    /** Largest accepted share of rows with a NULL in the key, 0 to 1. @default 0 */
    maxShare?: number;
  };
  /** Timestamps lie in a sane window: a wrong unit in a file puts them thousands of years away. */
  timestampWindow?: {
    /** @default "fail" */
    severity?: Severity;
    /** First accepted day, YYYY-MM-DD. @default "2000-01-01" */
    from?: string;
    /** Last accepted day, YYYY-MM-DD. @default the day after today */
    to?: string;
  };
  /** The table holds at least as many rows as the accounting says were loaded (more is only a warning). */
  accountedRows?: {
    /** @default "fail" */
    severity?: Severity;
    /** Loaded rows that may be gone all the same, because a person deleted them on purpose. @default 0 */
    maxMissing?: number;
  };
}

/** Inputs of the load, all known. Names are as Snowflake stores them (upper case unless made quoted), unquoted. */
export interface LoadSettings {
  /** Database and schema of table, stage and the two accounting tables. */
  database: string;
  schema: string;
  /** The readings table that is loaded. */
  table: string;
  /** Table with one row per file and COPY (columns: accounting-columns.ts). @default `<table>_LOADS` */
  accountingTable?: string;
  /** Table with one row per load at work (columns: accounting-columns.ts). @default `<table>_LOAD_LOCK` */
  lockTable?: string;
  /** External stage that the files are read through. */
  stage: string;
  /** The stage's URL, with its closing slash. @example "s3://bucket/raw/ami/" */
  stageUrl: string;
  /** Folder below the stage's URL. "" for all of the stage. @example "ami_interval_readings/" */
  path: string;
  /** Regular expression that a file's whole path below `path` must match. @default ".*[.]parquet" */
  pattern?: string;
  /** Warehouse that loads and verifies. */
  warehouse: string;
  /** Size of the warehouse while files are loaded. @default "XLARGE" */
  loadSize?: WarehouseSize;
  /** Size of the warehouse at all other times. @default "MEDIUM" */
  restSize?: WarehouseSize;
  /** Least-privileged role that loads. */
  role: string;
  /** Table with the known meters, "DATABASE.SCHEMA.TABLE", having a METER_ID column; left out: that check is skipped. */
  metersTable?: string;
  /** First and last day the readings must cover, YYYY-MM-DD, inclusive. */
  expectedFrom?: string;
  expectedTo?: string;
  /** Rows that may be rejected, over all files ever loaded, before `up` fails. @default 0 */
  maxRejectedRows?: number;
  /** A file that changed under its name after it was loaded: fail before loading, skip it, or load it as well. @default "fail" */
  replacedFiles?: "fail" | "skip" | "load";
  /** Files older than Snowflake's 64-day load metadata that nobody accounted for. @default "skip" (and say so) */
  uncertainFiles?: "fail" | "skip" | "load";
  /** What COPY does with a row it cannot load. The accounting rests on CONTINUE, so nothing else is accepted. @default "CONTINUE" */
  onError?: "CONTINUE";
  /** Files in one COPY, 1 to 1000. @default 1000 */
  filesPerCopy?: number;
  /** Seconds after which Snowflake itself ends a statement of the load. @default 14400 (4 hours) */
  statementTimeoutSeconds?: number;
  /** Thresholds and severities of the checks. */
  quality?: QualitySettings;
  /** What deleting the resource does to the rows. @default "retain" */
  onDelete?: "retain" | "truncate";
  /**
   * How long creating, updating, reading and deleting the resource may take ("8h", "1h30m"); set by the resource from
   * Pulumi's option of that name. When the time is up, the load ends with the warehouse small; a COPY that runs goes on,
   * and the next `up` attaches to it. @default no limit but those of the single steps
   */
  customTimeouts?: { create?: string; update?: string; read?: string; delete?: string };
  /** Environment of the stack, for policies and for people; the load does not read it. @example "dev" */
  environment?: string;
  /** Who loads, in query tags and messages. Set by the resource. @example "flux-ami/dev" */
  owner: string;
  /** Set by the resource to LOGIC_VERSION. */
  logicVersion: string;
}

/** One check's verdict, as `load.quality.<check>` shows it. */
export interface CheckResult {
  status: "passed" | "failed" | "warned" | "skipped";
  /** What was measured. */
  figure: number;
  /** What it was measured against. */
  threshold: number;
  /** One sentence for a person: the finding, or why the check was skipped. */
  message: string;
  /** First few offenders: meters, days, files. */
  examples: string[];
}

export type CheckName = keyof QualitySettings;

/** Outputs of the load, beside its inputs. */
export interface LoadOutputs {
  /** Files in the table, over all loads. */
  filesLoaded: number;
  /** Rows that COPY loaded, over all loads. */
  rowsLoaded: number;
  /** Rows that COPY parsed but did not load, over all loads. */
  rowsRejected: number;
  /** The guide's four figures. Timestamps are NTZ: "YYYY-MM-DDTHH:MM:SS", empty when there are no rows. */
  totalRows: number;
  minTimestamp: string;
  maxTimestamp: string;
  uniqueMeters: number;
  /** Query ID of the last COPY that loaded something; empty when there was none. */
  queryId: string;
  /** Verdict of each check (`load.quality` among the stack's outputs). */
  checks: Record<string, CheckResult>;
  /** Whether everything held: no check failed, no file is missing, not too many rows rejected. */
  verified: boolean;
  /** The files behind the figures. Lists are capped; counts are not. */
  files: FilesSummary;
  /** What is left to do: all zero after a good `up`; a refresh looks again. */
  pending: { files: number; bytes: number; replaced: number; uncertain: number };
  /** Fingerprint of the bucket's listing that these outputs speak of. */
  listing: string;
  /** Size of the warehouse, as seen last. */
  warehouseSize: string;
  /** What the last load that loaded something was expected to use, and used. */
  cost: LoadCost;
}

/** Every output, without a value yet. */
export const NO_OUTPUTS: Record<keyof LoadOutputs, undefined> = {
  filesLoaded: undefined,
  rowsLoaded: undefined,
  rowsRejected: undefined,
  totalRows: undefined,
  minTimestamp: undefined,
  maxTimestamp: undefined,
  uniqueMeters: undefined,
  queryId: undefined,
  checks: undefined,
  verified: undefined,
  files: undefined,
  pending: undefined,
  listing: undefined,
  warehouseSize: undefined,
  cost: undefined,
};

export interface FilesSummary {
  listed: number;
  bytes: number;
  loaded: number;
  partiallyLoaded: string[];
  failed: string[];
  /** In the bucket, not in the table, and why. */
  notLoaded: string[];
}

export interface LoadCost {
  files: number;
  bytes: number;
  estimatedSeconds: number;
  estimatedCredits: number;
  seconds: number;
  credits: number;
  /** "metering": from WAREHOUSE_METERING_HISTORY; "computed": seconds × the size's rate (60 s minimum). */
  source: "metering" | "computed";
}
