/** Verdicts: figures against thresholds. Pure arithmetic and words. */
import type { CheckName, CheckResult, Severity } from "./args.ts";
import { number, plural } from "./report.ts";
import { type CompleteSettings, dayOf } from "./settings.ts";
import type { Examples, Figures, UnknownMeters } from "./verify.ts";

export interface Evidence {
  figures: Figures;
  examples: Examples;
  unknownMeters: UnknownMeters;
  /** Rows that the accounting says were loaded; undefined where files are in whose rows nobody counted. */
  accountedRows: number | undefined;
}

type Finding = Omit<CheckResult, "status" | "examples"> & {
  holds: boolean;
  /** It holds, and yet a person should know. */
  remarkable?: boolean;
  examples?: string[];
};
type Outcome = Finding | { skipped: string };

/** Every check's verdict, in the order they are shown. */
export function judge(settings: CompleteSettings, evidence: Evidence): Record<CheckName, CheckResult> {
  const results = {} as Record<CheckName, CheckResult>;
  for (const [name, check] of Object.entries(CHECKS) as [CheckName, Check][]) {
    const { severity } = settings.quality[name];
    results[name] = verdict(
      severity === "off" ? { skipped: "switched off" } : check(settings, evidence),
      severity,
    );
  }
  return results;
}

function verdict(outcome: Outcome, severity: Severity): CheckResult {
  if ("skipped" in outcome)
    return {
      status: "skipped",
      figure: 0,
      threshold: 0,
      message: `skipped: ${outcome.skipped}`,
      examples: [],
    };
  const { holds, remarkable, figure, threshold, message, examples = [] } = outcome;
  const status = holds && !remarkable ? "passed" : holds || severity === "warn" ? "warned" : "failed";
  return { status, figure, threshold, message, examples: holds ? [] : examples };
}

type Check = (settings: CompleteSettings, evidence: Evidence) => Outcome;

const CHECKS: Record<CheckName, Check> = {
  accountedRows: (_settings, { figures, accountedRows }) => {
    if (accountedRows === undefined)
      return { skipped: "files are in the table whose rows were not counted when they were loaded" };
    const { totalRows } = figures;
    const gap = totalRows - accountedRows;
    const message =
      gap === 0
        ? `the table holds the ${plural(totalRows, "row")} that were loaded`
        : gap < 0
          ? `${plural(-gap, "row")} that were loaded are no longer in the table (restore them with Time Travel, or TRUNCATE the table and load anew)`
          : `${plural(gap, "row")} are in the table that no load accounts for`;
    return { holds: gap >= 0, remarkable: gap > 0, figure: totalRows, threshold: accountedRows, message };
  },

  keyNulls: ({ quality }, { figures }) => {
    const nulls = figures.nullMeters + figures.nullTimestamps;
    const share = figures.totalRows === 0 ? 0 : nulls / figures.totalRows;
    const message =
      nulls === 0
        ? "METER_ID and TIMESTAMP are never NULL"
        : `${plural(nulls, "NULL")} in the key (METER_ID ${number(figures.nullMeters)}, TIMESTAMP ${number(figures.nullTimestamps)}); ` +
          "COPY matches columns by name: files whose columns are named otherwise load as NULL";
    return {
      holds: share <= quality.keyNulls.maxShare,
      figure: share,
      threshold: quality.keyNulls.maxShare,
      message,
    };
  },

  timestampWindow: ({ quality }, { figures }) => {
    const { from, to } = quality.timestampWindow;
    const message =
      figures.outsideWindow === 0
        ? `all timestamps lie from ${from} to ${to}`
        : `${plural(figures.outsideWindow, "timestamp")} outside ${from} to ${to} (first ${figures.minTimestamp}, last ${figures.maxTimestamp}); ` +
          "a file with another time unit does that";
    return { holds: figures.outsideWindow === 0, figure: figures.outsideWindow, threshold: 0, message };
  },

  continuity: ({ quality }, { figures, examples }) => {
    const { intervalMinutes, maxMissing } = quality.continuity;
    const perDay = 1440 / intervalMinutes;
    const grid =
      figures.offGrid > 0
        ? `; ${plural(figures.offGrid, "reading")} off the ${intervalMinutes}-minute grid`
        : "";
    const message =
      (figures.missing === 0
        ? `every meter has ${perDay} readings a day between its first and its last`
        : `${plural(figures.missing, `${intervalMinutes}-minute interval`)} missing between the meters' first and last readings`) +
      grid;
    return {
      holds: figures.missing <= maxMissing,
      figure: figures.missing,
      threshold: maxMissing,
      message,
      examples: examples.missing,
    };
  },

  duplicates: ({ quality }, { figures, examples }) => {
    const { max } = quality.duplicates;
    const message =
      figures.duplicates === 0
        ? "one reading for each meter and time"
        : `${plural(figures.duplicates, "surplus row")} for the same meter and time`;
    return {
      holds: figures.duplicates <= max,
      figure: figures.duplicates,
      threshold: max,
      message,
      examples: examples.duplicates,
    };
  },

  voltage: ({ quality }, { figures }) => {
    const { min, max, minShare } = quality.voltage;
    if (figures.totalRows === 0) return { skipped: "the table is empty" };
    const share = figures.voltageInRange / figures.totalRows;
    const message = `${percent(share)} of readings from ${min} to ${max} V, at least ${percent(minShare)} wanted`;
    return { holds: share >= minShare, figure: share, threshold: minShare, message };
  },

  referentialIntegrity: ({ quality, metersTable }, { unknownMeters }) => {
    if ("skipped" in unknownMeters) return unknownMeters;
    const { maxUnknown } = quality.referentialIntegrity;
    const { count, examples } = unknownMeters;
    const message =
      count === 0
        ? `every meter is in ${metersTable}`
        : `${plural(count, "meter")} of the readings are not in ${metersTable}`;
    return { holds: count <= maxUnknown, figure: count, threshold: maxUnknown, message, examples };
  },

  dateCoverage: ({ expectedFrom, expectedTo }, { figures }) => {
    const from = expectedFrom ?? figures.days[0];
    const to = expectedTo ?? figures.days.at(-1);
    if (from === undefined || to === undefined)
      return { skipped: "the table is empty, and no range is expected" };
    const there = new Set(figures.days);
    const wanted = daysFrom(from, to);
    const missing = wanted.filter((day) => !there.has(day));
    const message =
      missing.length === 0
        ? `readings on each of the ${plural(wanted.length, "day")} from ${from} to ${to}`
        : `${plural(missing.length, "day")} from ${from} to ${to} without readings`;
    return {
      holds: missing.length === 0,
      figure: missing.length,
      threshold: 0,
      message,
      examples: ranges(missing).slice(0, 5),
    };
  },
};

const percent = (share: number) => `${(Math.floor(share * 10_000) / 100).toFixed(2)} %`;

/** Days from `from` to `to`, both included. More than fifty years of them are cut off: nobody reads that list. */
export function daysFrom(from: string, to: string): string[] {
  const days = [];
  const last = Date.parse(to);
  for (let day = Date.parse(from); day <= last && days.length < 20_000; day += 86_400_000)
    days.push(dayOf(new Date(day)));
  return days;
}

/** Runs of days as "2025-03-01 to 2025-03-04". */
export function ranges(days: readonly string[]): string[] {
  const runs: [first: string, last: string][] = [];
  for (const day of days) {
    const run = runs.at(-1);
    if (run && dayOf(new Date(Date.parse(run[1])), 1) === day) run[1] = day;
    else runs.push([day, day]);
  }
  return runs.map(([first, last]) => (first === last ? first : `${first} to ${last}`));
}
