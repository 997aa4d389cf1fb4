import { isClusterKey, READINGS_CLUSTER_BY } from "../readings-columns.ts";
import { secondsOf } from "../snowflake/times.ts";
import { parseName, qualified, stageLocation } from "../sql.ts";
import { type LoadSettings, WAREHOUSE_SIZES } from "./args.ts";
import { CHECKS, type Check, type CompleteQuality, completeQuality, severitiesOf } from "./quality.ts";
import { accountingTableName, type KEPT, keptTableName, lockTableName } from "./tables.ts";
import {
  CONTRACT,
  CONTRACT_KINDS,
  CONTRACT_SEVERITIES,
  type CompleteContract,
  completeContract,
} from "./write/contract.ts";
import { EVERY_PARQUET_FILE, isGlob } from "./write/selection.ts";

/** Settings with every default filled in. */
export type CompleteSettings = Required<Omit<LoadSettings, OptionalName | "quality" | "contract">> &
  Pick<LoadSettings, OptionalName> & { quality: CompleteQuality; contract: CompleteContract };
type OptionalName = "metersTable" | "expectedFrom" | "expectedTo" | "environment" | "customTimeouts";

/** Fills in the defaults. */
export function complete(settings: LoadSettings): CompleteSettings {
  return {
    accountingTable: accountingTableName(settings.table),
    lockTable: lockTableName(settings.table),
    fileFormat: "PARQUET_SNAPPY",
    include: EVERY_PARQUET_FILE,
    exclude: [],
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

export interface Problem {
  property: string;
  reason: string;
}

/** Values that the engine does not know yet come as this text. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
export const hasUnknowns = (inputs: unknown) => JSON.stringify(inputs)?.includes(UNKNOWN) ?? false;

/** Everything wrong with the inputs, each with the value got, what is allowed, and thereby the cure. */
export function problemsOf(inputs: Record<string, unknown>): Problem[] {
  const problems: Problem[] = [];
  const known = (key: string) =>
    inputs[key] !== undefined && inputs[key] !== UNKNOWN && !hasUnknowns(inputs[key]);
  const report = (property: string, allowed: string, got: unknown) =>
    problems.push({ property, reason: `${property} is ${JSON.stringify(got)}; it must be ${allowed}` });
  const check = (key: string, allowed: string, ok: (value: unknown) => boolean) => {
    if (known(key) && !ok(inputs[key])) report(key, allowed, inputs[key]);
  };

  for (const key of ["database", "schema", "table", "stage", "stageUrl", "warehouse", "role", "owner"]) {
    if (inputs[key] === undefined) report(key, "given", undefined);
    check(key, "a name of at least one character", (value) => typeof value === "string" && value !== "");
  }
  const oneOf = (key: string, values: readonly string[]) =>
    check(key, `one of ${values.join(", ")}`, (value) => values.includes(value as string));
  const day = (value: unknown) => typeof value === "string" && isDay(value);
  check("stageUrl", 'a URL that ends with "/", like s3://bucket/raw/ami/', (v) =>
    /^[a-z0-9]+:\/\/.+\/$/.test(String(v)),
  );
  check(
    "path",
    'empty, or a folder below the stage that ends with "/" and does not begin with it',
    (v) => v === "" || (/^[^/].*\/$/.test(String(v)) && !String(v).includes("..")),
  );
  for (const key of ["include", "exclude"])
    check(
      key,
      "a list of globs on paths below the folder, like **/*.parquet",
      (value) => Array.isArray(value) && value.every(isGlob) && (key === "exclude" || value.length > 0),
    );
  check(
    "clusterBy",
    "a list of expressions on columns of the readings, one of TIMESTAMP first",
    (value) => Array.isArray(value) && isClusterKey(value),
  );
  oneOf("loadSize", WAREHOUSE_SIZES);
  oneOf("restSize", WAREHOUSE_SIZES);
  oneOf("replacedFiles", ["fail", "skip", "replace"]);
  oneOf("onDelete", ["retain", "truncate", "drop"]);
  check(
    "maxRejectedRows",
    "a whole number from 0",
    (value) => Number.isInteger(value) && (value as number) >= 0,
  );
  check("maxRejectedShare", "a number from 0 to 1", (v) => typeof v === "number" && v >= 0 && v <= 1);
  check("keepLandedDays", "a whole number from 0", (v) => Number.isInteger(v) && (v as number) >= 0);
  for (const key of ["publish", "verifyAll", "meterCredits"])
    check(key, "true or false", (value) => typeof value === "boolean");
  check(
    "filesPerCopy",
    "a whole number from 1 to 1000",
    (v) => Number.isInteger(v) && (v as number) >= 1 && (v as number) <= 1000,
  );
  check(
    "statementTimeoutSeconds",
    "a whole number from 60 to 86400 (a COPY ends after 24 hours at the latest)",
    (v) => Number.isInteger(v) && (v as number) >= 60 && (v as number) <= 86_400,
  );
  check("expectedFrom", "a day, YYYY-MM-DD", day);
  check("expectedTo", "a day, YYYY-MM-DD", day);
  if (
    day(inputs.expectedFrom) &&
    day(inputs.expectedTo) &&
    String(inputs.expectedFrom) > String(inputs.expectedTo)
  )
    report("expectedTo", `not before expectedFrom (${inputs.expectedFrom})`, inputs.expectedTo);
  check("metersTable", "DATABASE.SCHEMA.TABLE", (value) => {
    try {
      return parseName(String(value), 3).length === 3;
    } catch {
      return false;
    }
  });
  const timeouts = known("customTimeouts") ? (inputs.customTimeouts as Record<string, unknown>) : {};
  for (const [operation, limit] of Object.entries(timeouts)) {
    const seconds = typeof limit === "string" ? secondsOf(limit) : Number.NaN;
    if (!(seconds > 0 && seconds <= LONGEST_TIMEOUT_HOURS * 3600))
      report(
        `customTimeouts.${operation}`,
        `a duration up to ${LONGEST_TIMEOUT_HOURS}h, like 8h or 1h30m`,
        limit,
      );
  }
  if (known("contract"))
    for (const [kind, severity] of Object.entries(inputs.contract as Record<string, unknown>)) {
      if (!(kind in CONTRACT))
        report(`contract.${kind}`, `left out: there are ${CONTRACT_KINDS.join(", ")}`, severity);
      else if (!CONTRACT_SEVERITIES.includes(severity as never))
        report(`contract.${kind}`, `one of ${CONTRACT_SEVERITIES.join(", ")}`, severity);
    }
  if (known("quality")) problems.push(...qualityProblems(inputs.quality));
  return problems;
}

/** Days rather than hours, and yet within what a timer can count. */
const LONGEST_TIMEOUT_HOURS = 500;

/** Thresholds and severities that no check has, or that are out of range. */
function qualityProblems(quality: unknown): Problem[] {
  const problems: Problem[] = [];
  for (const [name, settings] of Object.entries((quality ?? {}) as Record<string, Record<string, unknown>>)) {
    const check = (CHECKS as Record<string, unknown>)[name] as Check | undefined;
    if (!check) {
      const reason = `quality.${name} is no check; there are ${Object.keys(CHECKS).join(", ")}`;
      problems.push({ property: `quality.${name}`, reason });
      continue;
    }
    for (const [key, value] of Object.entries(settings ?? {})) {
      const property = `quality.${name}.${key}`;
      const must = allowedOf(check, name, key, value);
      if (must !== undefined)
        problems.push({ property, reason: `${property} is ${JSON.stringify(value)}; it must be ${must}` });
    }
  }
  return problems;
}

/** What is allowed instead; undefined when the value is. */
function allowedOf(check: Check, name: string, key: string, value: unknown): string | undefined {
  if (key === "severity") {
    const allowed = severitiesOf(check);
    return allowed.includes(value as never) ? undefined : `one of ${allowed.join(", ")}`;
  }
  const threshold = check.thresholds[key];
  if (!threshold) return `left out: ${name} has ${["severity", ...Object.keys(check.thresholds)].join(", ")}`;
  if (typeof threshold.fallback === "string")
    return isDay(String(value)) || value === "tomorrow" ? undefined : "a day, YYYY-MM-DD, or tomorrow";
  const [from, to] = threshold.range ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  if (!(typeof value === "number" && value >= from && value <= to)) return `a number from ${from} to ${to}`;
  if (threshold.whole && !Number.isInteger(value)) return `a whole number from ${from} to ${to}`;
  if (key === "intervalMinutes" && 1440 % value !== 0) return "minutes that divide a day, like 15";
  return undefined;
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
