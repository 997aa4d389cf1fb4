import { parseName, qualified, stageLocation } from "../sql.ts";
import { accountingTableName, lockTableName } from "./accounting-columns.ts";
import {
  type CheckName,
  type LoadSettings,
  type QualitySettings,
  type Severity,
  WAREHOUSE_SIZES,
} from "./args.ts";
import { secondsOf } from "./times.ts";

/** Settings with every default filled in. */
export type CompleteSettings = Required<Omit<LoadSettings, OptionalName | "quality">> &
  Pick<LoadSettings, OptionalName> & { quality: CompleteQuality };
type OptionalName = "metersTable" | "expectedFrom" | "expectedTo" | "environment" | "customTimeouts";
export type CompleteQuality = { [K in CheckName]: Required<NonNullable<QualitySettings[K]>> };

const fail: Severity = "fail";

export function completeQuality(quality: QualitySettings = {}, today = new Date()): CompleteQuality {
  return {
    continuity: { severity: fail, intervalMinutes: 15, maxMissing: 0, maxSurplus: 0, ...quality.continuity },
    voltage: { severity: fail, min: 110, max: 125, minShare: 0.99, ...quality.voltage },
    referentialIntegrity: { severity: fail, maxUnknown: 0, ...quality.referentialIntegrity },
    dateCoverage: { severity: fail, ...quality.dateCoverage },
    duplicates: { severity: fail, max: 0, ...quality.duplicates },
    keyNulls: { severity: fail, maxShare: 0, ...quality.keyNulls },
    timestampWindow: { severity: fail, from: "2000-01-01", to: dayOf(today, 1), ...quality.timestampWindow },
    accountedRows: { severity: fail, maxMissing: 0, ...quality.accountedRows },
  };
}

/** Fills in the defaults. */
export function complete(settings: LoadSettings): CompleteSettings {
  return {
    accountingTable: accountingTableName(settings.table),
    lockTable: lockTableName(settings.table),
    pattern: ".*[.]parquet",
    loadSize: "XLARGE",
    restSize: "MEDIUM",
    maxRejectedRows: 0,
    replacedFiles: "fail",
    uncertainFiles: "skip",
    onError: "CONTINUE",
    filesPerCopy: 1000,
    statementTimeoutSeconds: 14_400,
    onDelete: "retain",
    ...settings,
    quality: completeQuality(settings.quality),
  };
}

/** The day `days` after `date`, YYYY-MM-DD, UTC. */
export function dayOf(date: Date, days = 0): string {
  return new Date(date.getTime() + days * 86_400_000).toISOString().slice(0, 10);
}

/** Quoted names of all that the load touches. */
export function namesOf(settings: CompleteSettings) {
  const { database, schema } = settings;
  const inSchema = (name: string) => qualified(database, schema, name);
  return {
    readings: inSchema(settings.table),
    accounting: inSchema(settings.accountingTable),
    lock: inSchema(settings.lockTable),
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
  check("pattern", "a regular expression", isRegularExpression);
  oneOf("loadSize", WAREHOUSE_SIZES);
  oneOf("restSize", WAREHOUSE_SIZES);
  oneOf("replacedFiles", ["fail", "skip", "load"]);
  oneOf("uncertainFiles", ["fail", "skip", "load"]);
  oneOf("onDelete", ["retain", "truncate"]);
  oneOf("onError", ["CONTINUE"]);
  check(
    "maxRejectedRows",
    "a whole number from 0",
    (value) => Number.isInteger(value) && (value as number) >= 0,
  );
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
  if (known("quality")) problems.push(...qualityProblems(inputs.quality));
  return problems;
}

/** Days rather than hours, and yet within what a timer can count. */
const LONGEST_TIMEOUT_HOURS = 500;

const RANGES: Record<string, [from: number, to: number]> = {
  minShare: [0, 1],
  maxShare: [0, 1],
  maxMissing: [0, Number.MAX_SAFE_INTEGER],
  maxSurplus: [0, Number.MAX_SAFE_INTEGER],
  maxUnknown: [0, Number.MAX_SAFE_INTEGER],
  min: [0, 1_000_000],
  max: [0, Number.MAX_SAFE_INTEGER],
  intervalMinutes: [1, 1440],
};

function qualityProblems(quality: unknown): Problem[] {
  const problems: Problem[] = [];
  const defaults = completeQuality() as Record<string, Record<string, unknown>>;
  for (const [check, settings] of Object.entries(
    (quality ?? {}) as Record<string, Record<string, unknown>>,
  )) {
    const allowed = defaults[check];
    if (!allowed) {
      const reason = `quality.${check} is no check; there are ${Object.keys(defaults).join(", ")}`;
      problems.push({ property: `quality.${check}`, reason });
      continue;
    }
    for (const [key, value] of Object.entries(settings ?? {})) {
      const property = `quality.${check}.${key}`;
      const wrong = (must: string) =>
        problems.push({ property, reason: `${property} is ${JSON.stringify(value)}; it must be ${must}` });
      const range = RANGES[key];
      if (!(key in allowed)) wrong(`left out: ${check} has ${Object.keys(allowed).join(", ")}`);
      else if (key === "severity") {
        if (!["fail", "warn", "off"].includes(value as string)) wrong("one of fail, warn, off");
      } else if (key === "from" || key === "to") {
        if (!isDay(String(value))) wrong("a day, YYYY-MM-DD");
      } else if (range && !(typeof value === "number" && value >= range[0] && value <= range[1]))
        wrong(`a number from ${range[0]} to ${range[1]}`);
      else if (key === "intervalMinutes" && 1440 % (value as number) !== 0)
        wrong("minutes that divide a day, like 15");
    }
  }
  return problems;
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

function isRegularExpression(value: unknown): boolean {
  try {
    new RegExp(String(value));
    return typeof value === "string" && value !== "";
  } catch {
    return false;
  }
}
