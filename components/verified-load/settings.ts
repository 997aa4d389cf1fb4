import { READINGS_CLUSTER_BY } from "../readings-columns.ts";
import { parseName, qualified, stageLocation } from "../sql.ts";
import type { LoadSettings } from "./args.ts";
import { type CompleteQuality, completeQuality } from "./quality/index.ts";
import { accountingTableName, type KEPT, keptTableName, lockTableName } from "./tables.ts";
import { type CompleteContract, completeContract } from "./write/contract.ts";
import { EVERY_PARQUET_FILE } from "./write/selection.ts";

/** Settings with every default filled in. */
export type CompleteSettings = Required<Omit<LoadSettings, OptionalName | "quality" | "contract">> &
  Pick<LoadSettings, OptionalName> & { quality: CompleteQuality; contract: CompleteContract };
type OptionalName = "metersTable" | "expectedFrom" | "expectedTo" | "environment" | "customTimeouts";

/** What holds where a setting is left out; the checks and the contract have their own. */
export function defaultsOf(table: string) {
  return {
    accountingTable: accountingTableName(table),
    lockTable: lockTableName(table),
    fileFormat: "PARQUET_SNAPPY",
    include: EVERY_PARQUET_FILE,
    exclude: [] as readonly string[],
    clusterBy: READINGS_CLUSTER_BY,
    loadSize: "XLARGE",
    restSize: "MEDIUM",
    maxRejectedRows: 0,
    maxRejectedShare: 0,
    replacedFiles: "fail",
    filesPerCopy: 1000,
    statementTimeoutSeconds: 14_400,
    publish: true,
    verifyAll: false,
    meterCredits: false,
    keepLandedDays: 7,
    onDelete: "retain",
  } satisfies Partial<LoadSettings>;
}

/** Fills in the defaults. */
export function complete(settings: LoadSettings): CompleteSettings {
  return {
    ...defaultsOf(settings.table),
    ...settings,
    quality: completeQuality(settings.quality),
    contract: completeContract(settings.contract),
  };
}

/** Quoted names of all that the load touches. */
export function namesOf(settings: CompleteSettings) {
  const { database, schema } = settings;
  const inSchema = (name: string) => qualified(database, schema, name);
  const kept = (of: keyof typeof KEPT | "CONTROL") => inSchema(keptTableName(settings.table, of));
  return {
    readings: inSchema(settings.table),
    accounting: inSchema(settings.accountingTable),
    lock: inSchema(settings.lockTable),
    control: kept("CONTROL"),
    rejected: kept("REJECTED"),
    corrected: kept("CORRECTED"),
    meterSummary: kept("METERS"),
    daySummary: kept("DAYS"),
    runs: kept("RUNS"),
    figures: kept("FIGURES"),
    landed: kept("LANDED"),
    /** A table of one load alone, of rows as they landed or of what the audit found. */
    work: (name: string) => inSchema(name),
    stage: inSchema(settings.stage),
    files: stageLocation([database, schema, settings.stage], settings.path),
    schema: qualified(database, schema),
    information: `${qualified(database)}.INFORMATION_SCHEMA`,
    meters: settings.metersTable === undefined ? undefined : qualified(...parseName(settings.metersTable, 3)),
    warehouse: qualified(settings.warehouse),
    /** The readings table as people and tags write it. */
    plain: `${database}.${schema}.${settings.table}`,
  };
}
