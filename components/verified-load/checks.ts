/** Verdicts: figures against thresholds. Pure arithmetic and words. */
import type { CheckName, CheckResult, Severity } from "./args.ts";
import type { Examples, UnknownMeters } from "./examples.ts";
import { number, plural } from "./format.ts";
import { type CompleteSettings, dayOf } from "./settings.ts";
import type { Day, Figures } from "./verify.ts";

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
    const outcome = () =>
      severity === "off"
        ? { skipped: "switched off" }
        : evidence.figures.totalRows === 0 && !OF_THE_WHOLE.includes(name)
          ? { skipped: "the table is empty" }
          : check(settings, evidence);
    results[name] = verdict(outcome(), severity);
  }
  return results;
}

/** Checks that say something of a table without rows. */
const OF_THE_WHOLE: readonly CheckName[] = ["accountedRows", "dateCoverage"];

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
  accountedRows: ({ quality }, { figures, accountedRows }) => {
    const { totalRows } = figures;
    if (accountedRows === undefined && totalRows > 0)
      return { skipped: "files are in the table whose rows were not counted when they were loaded" };
    if (accountedRows === undefined)
      return {
        holds: false,
        figure: 0,
        threshold: 1,
        message: "the table is empty, but Snowflake remembers files that it loaded into it",
      };
    const gap = totalRows - accountedRows;
    const message =
      gap < 0
        ? `${plural(-gap, "row")} that were loaded are no longer in the table`
        : gap > 0
          ? `${plural(gap, "row")} are in the table that no load accounts for`
          : totalRows === 0
            ? "the files that were loaded hold no rows"
            : `the table holds the ${plural(totalRows, "row")} that were loaded`;
    return {
      holds: -gap <= quality.accountedRows.maxMissing,
      remarkable: gap !== 0 || totalRows === 0,
      figure: totalRows,
      threshold: accountedRows,
      message,
    };
  },

  keyNulls: ({ quality }, { figures, examples }) => {
    const { keyNulls, totalRows, nullMeters, nullTimestamps } = figures;
    const share = keyNulls / totalRows;
    const message =
      keyNulls === 0
        ? "METER_ID and TIMESTAMP are never NULL"
        : `${plural(keyNulls, "row")} with a NULL in the key (METER_ID ${number(nullMeters)}, TIMESTAMP ${number(nullTimestamps)})`;
    return {
      holds: share <= quality.keyNulls.maxShare,
      figure: share,
      threshold: quality.keyNulls.maxShare,
      message,
      examples: examples.keyNulls,
    };
  },

  timestampWindow: ({ quality }, { figures, examples }) => {
    const { from, to } = quality.timestampWindow;
    const message =
      figures.outsideWindow === 0
        ? `all timestamps lie from ${from} to ${to}`
        : `${plural(figures.outsideWindow, "timestamp")} outside ${from} to ${to} (first ${figures.minTimestamp}, last ${figures.maxTimestamp}); ` +
          "a file with another time unit does that";
    return {
      holds: figures.outsideWindow === 0,
      figure: figures.outsideWindow,
      threshold: 0,
      message,
      examples: examples.outsideWindow,
    };
  },

  continuity: ({ quality }, { figures, examples }) => {
    const { intervalMinutes, maxMissing, maxSurplus } = quality.continuity;
    const { missing, surplus, offGrid } = figures;
    const intervals = `${intervalMinutes}-minute interval`;
    const parts = [
      missing > 0 && `${plural(missing, intervals)} missing between the meters' first and last readings`,
      surplus > 0 && `${plural(surplus, "reading")} too many, at other times within a ${intervals}`,
      missing + surplus === 0 &&
        `every meter has ${1440 / intervalMinutes} readings a day between its first and its last`,
      offGrid > 0 && `${plural(offGrid, "reading")} off the ${intervalMinutes}-minute grid`,
    ].filter(Boolean);
    const ofSurplus = missing <= maxMissing && surplus > maxSurplus;
    return {
      holds: missing <= maxMissing && surplus <= maxSurplus,
      figure: ofSurplus ? surplus : missing,
      threshold: ofSurplus ? maxSurplus : maxMissing,
      message: parts.join("; "),
      examples: [...examples.missing, ...examples.surplus],
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

  voltage: ({ quality }, { figures, examples }) => {
    const { min, max, minShare } = quality.voltage;
    const share = figures.voltageInRange / figures.totalRows;
    const message = `${percent(share)} of readings from ${min} to ${max} V, at least ${percent(minShare)} wanted`;
    return {
      holds: share >= minShare,
      figure: share,
      threshold: minShare,
      message,
      examples: examples.voltage,
    };
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

  dateCoverage: ({ expectedFrom, expectedTo, quality }, { figures: { days } }) => {
    // An open end is the readings' own, unless they all lie beyond the end that is given.
    const known = [days[0]?.day, days.at(-1)?.day, expectedFrom, expectedTo].filter(
      (day) => day !== undefined,
    );
    const from = expectedFrom ?? known.toSorted()[0];
    const to = expectedTo ?? known.toSorted().at(-1);
    if (from === undefined || to === undefined)
      return { skipped: "the table is empty, and no range is expected" };
    const there = new Map(days.map((day) => [day.day, day]));
    const wanted = daysFrom(from, to);
    const missing = wanted.filter((day) => !there.has(day));
    const cut = [
      ...cutShort(expectedFrom && there.get(expectedFrom), "start", quality.continuity.intervalMinutes),
      ...cutShort(expectedTo && there.get(expectedTo), "end", quality.continuity.intervalMinutes),
    ];
    const parts = [
      missing.length > 0 && `${plural(missing.length, "day")} from ${from} to ${to} without readings`,
      cut.length > 0 && "the readings do not reach the ends of the expected range",
    ].filter(Boolean);
    return {
      holds: parts.length === 0,
      figure: missing.length + cut.length,
      threshold: 0,
      message:
        parts.join("; ") || `readings on each of the ${plural(wanted.length, "day")} from ${from} to ${to}`,
      examples: [...ranges(missing).slice(0, 5), ...cut],
    };
  },
};

/** Says so when the first day does not begin, or the last one does not end, within one interval of midnight. */
function cutShort(day: Day | "" | undefined, edge: "start" | "end", intervalMinutes: number): string[] {
  if (!day) return [];
  const midnight = Date.parse(edge === "start" ? day.day : dayOf(new Date(day.day), 1));
  const reading = edge === "start" ? day.from : day.to;
  const apart = Math.abs(Date.parse(`${reading}Z`) - midnight) / 60_000;
  if (apart <= intervalMinutes) return [];
  return [`${day.day} only ${edge === "start" ? "from" : "until"} ${reading.slice(11, 16)}`];
}

/** What to do about a check that fails. */
export const CURES: Record<CheckName, string> = {
  accountedRows:
    "restore the rows with Time Travel; or, if they were deleted on purpose, set quality.accountedRows.maxMissing to their number; " +
    "or TRUNCATE the table and run `pulumi up`, which loads everything anew",
  keyNulls:
    "COPY matches columns by name, and what it does not find becomes NULL: compare the names in the file with METER_ID and TIMESTAMP. " +
    "Have it written anew under another name, remove the wrong file, delete its rows, and set quality.accountedRows.maxMissing to their number",
  timestampWindow:
    "have the file written anew with TIMESTAMP as a timestamp (not as a bare number), or widen quality.timestampWindow",
  continuity:
    "have the missing readings delivered as a new file: the next `pulumi up` loads it; or say with quality.continuity how many may be missing or too many",
  duplicates:
    "find out which file brought them (the accounting table says what was loaded when), delete the surplus rows and set " +
    "quality.accountedRows.maxMissing to their number; or raise quality.duplicates.max",
  voltage: "look at the meters named, or widen quality.voltage",
  referentialIntegrity: "add the meters to metersTable, or raise quality.referentialIntegrity.maxUnknown",
  dateCoverage: "have the missing days delivered, or correct expectedFrom and expectedTo",
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
