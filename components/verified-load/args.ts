/**
 * What a verified load is told and what it tells: plain data, no Pulumi, so that every module beside it can be run alone.
 */
import type { CheckName, QualitySettings } from "./quality/index.ts";
import type { CompleteContract } from "./write/contract.ts";

/**
 * Version of the load's logic, an input of the resource. Raise it when a change means that data loaded earlier should be
 * looked at again: the next `up` then verifies the whole table once (and loads only what was never loaded).
 */
export const LOGIC_VERSION = "2";

/** The resource's type, as the engine, policies and the review know it. */
export const LOAD_TYPE = "pulumi-nodejs:dynamic/flux-ami:VerifiedLoad";

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

/** Inputs of the load, all known. Names are as Snowflake stores them (upper case unless made quoted), unquoted. */
export interface LoadSettings {
  /** Database and schema of the readings, the stage and the load's own tables. */
  database: string;
  schema: string;
  /** The readings table that is loaded. */
  table: string;
  /** Table with one row per file (columns: tables.ts). @default `<table>_LOADS` */
  accountingTable?: string;
  /** Table with one row per load at work (columns: tables.ts). @default `<table>_LOAD_LOCK` */
  lockTable?: string;
  /** External stage that the files are read through. */
  stage: string;
  /** The stage's URL, with its closing slash. @example "s3://bucket/raw/ami/" */
  stageUrl: string;
  /** Named file format by which the files' footers are read. @default "PARQUET_SNAPPY" */
  fileFormat?: string;
  /** Folder below the stage's URL. "" for all of the stage. @example "ami_interval_readings/" */
  path: string;
  /** Globs on a file's path below `path`; one that matches none of them is not taken. @default every .parquet file */
  include?: readonly string[];
  /** Globs of files that are not taken all the same. @default none */
  exclude?: readonly string[];
  /** Warehouse that loads and audits. */
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
  /** Rows of one load that may be rejected. @default 0 */
  maxRejectedRows?: number;
  /** Share of a load's rows that may be rejected, 0 to 1; the larger of the two limits holds. @default 0 */
  maxRejectedShare?: number;
  /** A file that changed under its name after it was loaded: fail before loading, keep its old rows, or swap them. @default "fail" */
  replacedFiles?: "fail" | "skip" | "replace";
  /** Files in one COPY, 1 to 1000. @default 1000 */
  filesPerCopy?: number;
  /** Seconds after which Snowflake itself ends a statement of the load. @default 14400 (4 hours) */
  statementTimeoutSeconds?: number;
  /** Expressions of the table's clustering key, in which order rows are published. @default READINGS_CLUSTER_BY */
  clusterBy?: readonly string[];
  /** What happens when the files' columns are not those of the readings, by kind: write/contract.ts. */
  contract?: Partial<CompleteContract>;
  /** Thresholds and severities of the checks. */
  quality?: QualitySettings;
  /** False: a dry run, which lands and audits, and publishes nothing. @default true */
  publish?: boolean;
  /** True: every load audits the whole table, not only the days that new rows touch. @default false */
  verifyAll?: boolean;
  /** True: asks WAREHOUSE_METERING_HISTORY, which takes MONITOR USAGE on the account. @default false */
  meterCredits?: boolean;
  /** Days for which the landed files of a load that was not published are kept. @default 7 */
  keepLandedDays?: number;
  /**
   * What deleting the resource does to the rows: leave them, empty the table, or nothing, because the table is dropped with
   * its database. @default "retain"
   */
  onDelete?: "retain" | "truncate" | "drop";
  /**
   * How long creating, updating, reading and deleting the resource may take ("8h", "1h30m"); set by the resource from
   * Pulumi's option of that name. @default no limit but those of the single steps
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

/** Outputs of the load, beside its inputs. */
export interface LoadOutputs {
  /** Files in the table, over all loads. */
  filesLoaded: number;
  /** Rows of these files that are in the table. */
  rowsLoaded: number;
  /** Rows of these files that were rejected; each is in `<table>_REJECTED`. */
  rowsRejected: number;
  /** The guide's four figures. Timestamps are NTZ: "YYYY-MM-DDTHH:MM:SS", empty when there are no rows. */
  totalRows: number;
  minTimestamp: string;
  maxTimestamp: string;
  uniqueMeters: number;
  /** Query ID of the last COPY that landed something; empty when there was none. */
  queryId: string;
  /** Verdict of each check (`load.quality` among the stack's outputs). */
  checks: Record<string, CheckResult>;
  /** Whether all that is in the table was audited and held, and nothing waits that was refused. */
  verified: boolean;
  /** The files behind the figures. Lists are capped; counts are not. */
  files: FilesSummary;
  /** What is left to do: all zero after a good `up`; a refresh looks again. */
  pending: { files: number; bytes: number; replaced: number };
  /** Fingerprint of the bucket's listing that these outputs speak of. */
  listing: string;
  /** Rows of the table that carry no FILE_ID: of before rows had one, or somebody else's. */
  unmarkedRows: number;
  /** Rows of `<table>_CORRECTED` that were taken in, or whose file is no more in the table; what it has beyond waits. */
  correctedRows: number;
  /** How well the table was sorted by its key after the last load that published. */
  clustering?: Clustering;
  /** Version of the readings, which every load that publishes raises by one. */
  version: number;
  /** The load that published last; its figures are in `<table>_RUNS` and `<table>_FIGURES`. */
  loadId: string;
  /** Landing tables of loads that were not published. */
  landing: string[];
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
  unmarkedRows: undefined,
  correctedRows: undefined,
  clustering: undefined,
  version: undefined,
  loadId: undefined,
  landing: undefined,
  warehouseSize: undefined,
  cost: undefined,
};

export type CheckResults = Record<CheckName, CheckResult>;

export interface FilesSummary {
  listed: number;
  bytes: number;
  loaded: number;
  /** Loaded, with rows rejected. */
  partiallyLoaded: string[];
  /** Could not be read whole, and why. */
  unreadable: string[];
  /** In the bucket, not in the table, and why. */
  notLoaded: string[];
  /** In the table, and no more in the bucket. */
  gone: string[];
  /** Below the folder, and not taken: by include and exclude. */
  notTaken: { files: number; examples: string[] };
  /** What of the columns of the last load's files differed from the readings', and what came of it. */
  differences: string[];
  /** Files to load, or in the table, that have the content of another one. */
  sameContent: string[];
}

/** What SYSTEM$CLUSTERING_INFORMATION tells. */
export interface Clustering {
  key: string;
  /** Micro-partitions that overlap at a value of the key: 1 is best. */
  averageDepth: number;
  partitions: number;
  /** With meterCredits: what automatic clustering of the table used in the last seven days. */
  creditsOfWeek?: number;
}

export interface LoadCost {
  files: number;
  bytes: number;
  estimatedSeconds: number;
  estimatedCredits: number;
  /** Where the estimate came from: published figures, or so many past loads. */
  estimatedBy?: string;
  seconds: number;
  /** Computed: seconds × the warehouse's rate, 60 s at least. */
  credits: number;
  warehouseSize?: WarehouseSize;
  /** Of the warehouse, where the account tells it: another rate. */
  generation?: string;
  /**
   * With meterCredits: what WAREHOUSE_METERING_HISTORY showed, when the load ended, of all that ran on the warehouse since
   * it began. Missing as long as it showed nothing: it comes hours late.
   */
  meteredCredits?: number;
}
