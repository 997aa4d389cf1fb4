import { READINGS_CLUSTER_BY, READINGS_COLUMNS } from "../../../../components/readings-columns.ts";
import type {
  Control,
  Published,
  PublishedFile,
} from "../../../../components/verified-load/accounting/control.ts";
import type { LoadSettings } from "../../../../components/verified-load/args.ts";
import { complete } from "../../../../components/verified-load/settings.ts";
import {
  ACCOUNTING_COLUMNS,
  LINEAGE_COLUMN,
  LOCK_COLUMNS,
} from "../../../../components/verified-load/tables.ts";
import type { StagedFile } from "../../../../components/verified-load/write/staged-file.ts";

export const given: LoadSettings = {
  database: "FLUX",
  schema: "PRODUCTION",
  table: "AMI_INTERVAL_READINGS",
  stage: "EXT_RAW_AMI",
  stageUrl: "s3://bucket/raw/ami/",
  path: "ami_interval_readings/",
  warehouse: "LOAD_WH",
  role: "LOADER",
  owner: "flux-ami/dev",
  logicVersion: "1",
};

export const settings = (more: Partial<LoadSettings> = {}) => complete({ ...given, ...more });

const url = (name: string) => `s3://bucket/raw/ami/ami_interval_readings/${name}`;

export const staged = (name: string, more: Partial<StagedFile> = {}): StagedFile => ({
  file: url(name),
  name,
  size: 1000,
  md5: `md5-${name}`,
  lastModified: new Date("2025-06-01T00:00:00Z"),
  ...more,
});

/** The same file in the accounting. */
export const accounted = (name: string, more: Partial<PublishedFile> = {}): PublishedFile => ({
  fileId: 1,
  file: url(name),
  size: 1000,
  md5: `md5-${name}`,
  rowsParsed: 10,
  rowsLoaded: 10,
  rowsRejected: 0,
  queryId: "q1",
  loadedAt: Date.parse("2025-06-02T00:00:00Z"),
  ...more,
});

/** What is published: these files, whole, unless it is said how many rows there are. */
export function published(
  files: PublishedFile[],
  { rows, ...control }: Partial<Control> & { rows?: number } = {},
): Published {
  const baselineRows = control.baselineRows ?? 0;
  const marked = files.filter(({ fileId }) => fileId !== undefined);
  const now = rows ?? marked.reduce((sum, { rowsLoaded }) => sum + rowsLoaded, baselineRows);
  return {
    control: {
      version: 2,
      token: "token",
      lastFileId: files.length,
      baselineRows,
      updatedBy: "flux-ami/dev",
      ...control,
    },
    files,
    rows: now,
    summarisedRows: now,
    unmarkedRows: 0,
  };
}

const table = (suffix: string, columns: readonly { name: string; type: string }[]) =>
  `CREATE TABLE ${given.database}.${given.schema}.${given.table}${suffix} (${columns.map(({ name, type }) => `${name} ${type}`).join(", ")})`;

/** Statements that make what a load finds: warehouse, schema, and the tables that the stack makes. */
export const STACK_STATEMENTS: readonly string[] = [
  `CREATE WAREHOUSE ${given.warehouse}`,
  `CREATE DATABASE ${given.database}`,
  `CREATE SCHEMA ${given.database}.${given.schema}`,
  `${table("", [...READINGS_COLUMNS, LINEAGE_COLUMN])} CLUSTER BY (${READINGS_CLUSTER_BY.join(", ")})`,
  table("_LOADS", ACCOUNTING_COLUMNS),
  table("_LOAD_LOCK", LOCK_COLUMNS),
];
