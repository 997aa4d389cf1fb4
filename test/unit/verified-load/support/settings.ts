import type { LoadSettings } from "../../../../components/verified-load/args.ts";
import type { StagedFile } from "../../../../components/verified-load/listing.ts";
import type { FileRecord } from "../../../../components/verified-load/records.ts";
import { complete } from "../../../../components/verified-load/settings.ts";

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

export const staged = (name: string, more: Partial<StagedFile> = {}): StagedFile => ({
  file: `ami_interval_readings/${name}`,
  size: 1000,
  md5: `md5-${name}`,
  lastModified: new Date("2025-06-01T00:00:00Z"),
  ...more,
});

export const record = (name: string, more: Partial<FileRecord> = {}): FileRecord => ({
  file: `ami_interval_readings/${name}`,
  size: 1000,
  md5: `md5-${name}`,
  status: "LOADED",
  rowsParsed: 10,
  rowsLoaded: 10,
  rowsRejected: 0,
  firstError: null,
  firstErrorLine: null,
  firstErrorColumn: null,
  queryId: "q1",
  loadedBy: "flux-ami/dev",
  loadedAt: "2025-06-02 00:00:00.000",
  ...more,
});
