/**
 * The checks, one row each: what it means, its thresholds, what is looser, its finding and its cure. Settings, their types
 * and defaults, the documentation's table and the review's "looser than before" follow from here.
 */
import { number, percent, plural } from "../format.ts";
import { coverage } from "./audit/days.ts";
import type { Evidence, RowRule } from "./audit/evidence.ts";

/**
 * What a check that does not hold means: nothing is published; the offending rows are rejected and the rest is published
 * (checks of single rows only); a warning is printed; or the check is not run.
 */
export type Severity = "fail" | "quarantine" | "warn" | "off";
const SEVERITIES: readonly Severity[] = ["fail", "quarantine", "warn", "off"];

/** A number that a finding is measured against, or a day. */
export interface Threshold<Value extends number | string = number | string> {
  readonly fallback: Value;
  /** Least and greatest value allowed; days have none. */
  readonly range?: readonly [from: number, to: number];
  /** Only whole numbers are allowed. */
  readonly whole?: true;
  /** The direction in which more is accepted. */
  readonly looser: "higher" | "lower";
  /** What a number counts, or is measured in. */
  readonly unit?: string;
  readonly meaning: string;
}
type Thresholds = Readonly<Record<string, Threshold>>;
/** Values of a check's thresholds. */
type Values<T extends Thresholds> = {
  [K in keyof T]: T[K] extends Threshold<infer Value> ? (Value extends string ? string : number) : never;
};

/** What a check found: the sentence, and whether that is accepted. */
export interface Finding {
  holds: boolean;
  figure: number;
  threshold: number;
  message: string;
  examples?: readonly string[];
}
export type Outcome = Finding | { skipped: string };

/** Settings of the load that checks go by, beside their own thresholds. */
interface CheckSettings {
  readonly maxRejectedRows: number;
  readonly maxRejectedShare: number;
  readonly metersTable?: string | undefined;
  readonly expectedFrom?: string | undefined;
  readonly expectedTo?: string | undefined;
  /** Of the check of continuity. */
  readonly intervalMinutes: number;
}

export interface Check<T extends Thresholds = Thresholds> {
  /** What holds when the check passes. */
  readonly meaning: string;
  readonly severity: Severity;
  readonly thresholds: T;
  /** Of a check of single rows, the only kind that can be a quarantine. */
  readonly row?: {
    /** Column that is to blame. */
    readonly column: string;
    /** Condition on a reading's columns, in SQL, that is true for an offender. */
    readonly offends: (values: Values<T>) => string;
  };
  /** @param own of a check of single rows: its offenders */
  readonly finding: (evidence: Evidence, values: Values<T>, settings: CheckSettings, own: RowRule) => Outcome;
  /** What to do when it fails. */
  readonly cure: string;
}
/** Keeps a row's own threshold names. */
function check<T extends Thresholds>(row: Check<T>): Check<T> {
  return row;
}
/** The same for a check of single rows. */
function rowCheck<T extends Thresholds>(row: Check<T> & Required<Pick<Check<T>, "row">>) {
  return row;
}

const COUNT = { range: [0, 1_000_000_000_000], whole: true, looser: "higher" } as const;
const SHARE = { fallback: 0, range: [0, 1], looser: "higher" } as const;
const most = (unit: string, meaning: string) => ({
  fallback: 0,
  ...COUNT,
  unit,
  meaning: `${unit} ${meaning}`,
});

/** The finding of a check of single rows that accepts so many of them. */
function offenders(rule: RowRule, max: number, clean: string, found: (rows: string) => string): Finding {
  const { rows, examples } = rule;
  return {
    holds: rows <= max,
    figure: rows,
    threshold: max,
    message: rows === 0 ? clean : found(plural(rows, "row")),
    examples,
  };
}

/** Midnight of a day, or of tomorrow, in SQL. */
function start(day: string): string {
  return day === "tomorrow" ? "DATE_TRUNC('day', DATEADD('day', 1, SYSDATE()))" : `'${day}'::TIMESTAMP_NTZ`;
}

const KEY_COLUMNS = ["METER_ID", "TIMESTAMP"];

export const CHECKS = {
  unreadableFiles: check({
    meaning: "every file can be read whole",
    severity: "fail",
    thresholds: { max: most("files", "that may stay out because they cannot be read") },
    finding: ({ unreadable }, { max }) => ({
      holds: unreadable.length <= max,
      figure: unreadable.length,
      threshold: max,
      message:
        unreadable.length === 0
          ? "every file could be read whole"
          : `${plural(unreadable.length, "file")} could not be read whole and stayed out`,
      examples: unreadable.map(({ name, why }) => `${name}: ${why}`),
    }),
    cure: "put the file there again as its producer wrote it, or remove it; or say with quality.unreadableFiles.max how many may stay out",
  }),
  rejectedRows: check({
    meaning: "a load rejects no more rows than maxRejectedRows and maxRejectedShare accept",
    severity: "fail",
    thresholds: {},
    finding: ({ rejected, landedRows }, _values, { maxRejectedRows, maxRejectedShare }) => {
      const limit = Math.max(maxRejectedRows, Math.floor(maxRejectedShare * landedRows));
      const reasons = rejected.reasons.map(({ reason, rows }) => `${reason}: ${number(rows)}`);
      return {
        holds: rejected.rows <= limit,
        figure: rejected.rows,
        threshold: limit,
        message:
          rejected.rows === 0
            ? "no row was rejected"
            : `${plural(rejected.rows, "row")} of ${number(landedRows)} rejected (${reasons.slice(0, 3).join("; ")})`,
        examples: rejected.examples,
      };
    },
    cure: "have the files named written anew; or raise maxRejectedRows or maxRejectedShare: rejected rows are kept with file, row and reason in the table <readings>_REJECTED, and come back once they are corrected (docs/loading.md)",
  }),
  accountedRows: check({
    meaning: "the table holds the rows that were published",
    severity: "fail",
    thresholds: { maxMissing: most("rows", "that may be gone all the same, deleted on purpose") },
    finding: ({ accounted: { missing, files, rows } }, { maxMissing }) => ({
      holds: missing <= maxMissing,
      figure: missing,
      threshold: maxMissing,
      message:
        missing === 0
          ? `the table holds the ${plural(rows, "row")} that were published`
          : `${plural(missing, "row")} that were published are no longer in the table`,
      examples: files,
    }),
    cure: "restore the rows with Time Travel; or forget the files named (docs/loading.md), so that the next load takes them again; or set quality.accountedRows.maxMissing to their number",
  }),
  foreignRows: check({
    meaning: "nobody but this stack put rows into the table",
    severity: "warn",
    thresholds: { max: most("rows", "by others that are accepted") },
    finding: ({ foreign }, { max }) => ({
      holds: foreign.rows <= max,
      figure: foreign.rows,
      threshold: max,
      message:
        foreign.rows === 0
          ? "every row is of a file in the accounting, or was there before it"
          : `${plural(foreign.rows, "row")} from ${foreign.from} to ${foreign.to} are in the table that no load of this stack published`,
    }),
    cure: "find out who inserted them (query history of the readings table); delete them (WHERE FILE_ID IS NULL, if nothing was there before), or set quality.foreignRows.max to their number",
  }),
  keyNulls: rowCheck({
    meaning: "no row lacks METER_ID or TIMESTAMP",
    severity: "fail",
    thresholds: { maxShare: { ...SHARE, meaning: "share of the audited rows that may lack them" } },
    row: { column: "METER_ID", offends: () => "METER_ID IS NULL OR TIMESTAMP IS NULL" },
    finding: ({ auditedRows }, { maxShare }, _settings, { rows, examples }) => {
      const share = auditedRows === 0 ? 0 : rows / auditedRows;
      return {
        holds: share <= maxShare,
        figure: share,
        threshold: maxShare,
        message:
          rows === 0
            ? "METER_ID and TIMESTAMP are never NULL"
            : `${plural(rows, "row")} with a NULL in METER_ID or TIMESTAMP`,
        examples,
      };
    },
    cure: "have the files named written anew; or reject such rows: quality.keyNulls.severity quarantine",
  }),
  meterIds: rowCheck({
    meaning: "no METER_ID is empty or blank",
    severity: "fail",
    thresholds: { max: most("rows", "with an empty METER_ID that are accepted") },
    row: { column: "METER_ID", offends: () => "TRIM(METER_ID) = ''" },
    finding: (_evidence, { max }, _settings, own) =>
      offenders(own, max, "no METER_ID is empty", (rows) => `${rows} with an empty METER_ID`),
    cure: "have the files named written anew; or reject such rows: quality.meterIds.severity quarantine",
  }),
  timestampWindow: rowCheck({
    meaning: "every TIMESTAMP lies from `from` to `to`",
    severity: "fail",
    thresholds: {
      from: { fallback: "2000-01-01", looser: "lower", meaning: "first accepted day" },
      to: { fallback: "tomorrow", looser: "higher", meaning: "last accepted day, or tomorrow" },
    },
    row: {
      column: "TIMESTAMP",
      offends: ({ from, to }) => `TIMESTAMP < ${start(from)} OR TIMESTAMP >= DATEADD('day', 1, ${start(to)})`,
    },
    finding: (_evidence, { from, to }, _settings, own) =>
      offenders(
        own,
        0,
        `all timestamps lie from ${from} to ${to}`,
        (rows) => `${rows} outside ${from} to ${to}; a file with another time unit does that`,
      ),
    cure: "have the files named written anew with TIMESTAMP as a timestamp; or widen quality.timestampWindow; or reject such rows: quality.timestampWindow.severity quarantine",
  }),
  usageFinite: rowCheck({
    meaning: "no USAGE_KWH is NaN or infinite",
    severity: "fail",
    thresholds: { max: most("rows", "of that kind that are accepted") },
    row: { column: "USAGE_KWH", offends: () => "USAGE_KWH IN ('NaN'::FLOAT, 'inf'::FLOAT, '-inf'::FLOAT)" },
    finding: (_evidence, { max }, _settings, own) =>
      offenders(
        own,
        max,
        "every USAGE_KWH is a number",
        (rows) => `${rows} with NaN or an infinity in USAGE_KWH`,
      ),
    cure: "have the files named written anew, with NULL where nothing was measured; or reject such rows: quality.usageFinite.severity quarantine",
  }),
  usageNotNegative: rowCheck({
    meaning: "no USAGE_KWH is negative",
    severity: "fail",
    thresholds: { max: most("rows", "of that kind that are accepted") },
    row: { column: "USAGE_KWH", offends: () => "USAGE_KWH < 0" },
    finding: (_evidence, { max }, _settings, own) =>
      offenders(own, max, "no USAGE_KWH is negative", (rows) => `${rows} with a negative USAGE_KWH`),
    cure: "if the meters also count what is fed in, set quality.usageNotNegative.severity to off; else have the files named written anew, or reject such rows: quality.usageNotNegative.severity quarantine",
  }),
  nullShares: check({
    meaning: "of a load's rows, few lack a column other than the key",
    severity: "fail",
    thresholds: {
      maxShare: { ...SHARE, fallback: 0.05, meaning: "share of a load's rows, for each column" },
    },
    finding: ({ nulls, newRows }, { maxShare }) => {
      const shares = Object.entries(nulls)
        .filter(([column]) => !KEY_COLUMNS.includes(column))
        .map(([column, rows]) => ({ column, share: newRows === 0 ? 0 : rows / newRows }))
        .toSorted((one, other) => other.share - one.share);
      const beyond = shares.filter(({ share }) => share > maxShare);
      const words = ({ column, share }: { column: string; share: number }) => `${column} ${percent(share)}`;
      return {
        holds: beyond.length === 0,
        figure: shares[0]?.share ?? 0,
        threshold: maxShare,
        message:
          beyond.length === 0
            ? `of each column at most ${percent(maxShare)} of the new rows are NULL`
            : `NULL in more than ${percent(maxShare)} of the new rows: ${beyond.map(words).join(", ")}`,
        examples: beyond.map(words),
      };
    },
    cure: "compare the column's name in the files with the table's; or raise quality.nullShares.maxShare",
  }),
  continuity: check({
    meaning: "a meter has one reading in each interval, from the first to the last one of the readings",
    severity: "fail",
    thresholds: {
      intervalMinutes: {
        fallback: 15,
        range: [1, 1440],
        whole: true,
        looser: "higher",
        unit: "minutes",
        meaning: "minutes between two readings of a meter; a divisor of 1440",
      },
      maxMissing: most("intervals", "without a reading, over all meters"),
      maxSurplus: most("readings", "beyond the one that an interval has, at other times within it"),
      maxOffGrid: most("readings", "at times that are not on the grid of intervals"),
      maxBeginning: most("meters", "of a load whose readings begin later than those of the others"),
      maxEnding: most("meters", "of a load whose readings end before those of the others"),
    },
    finding: ({ continuity, examples }, values) => {
      const { missing, surplus, offGrid, beginning, ending } = continuity;
      const interval = `${values.intervalMinutes}-minute interval`;
      const parts = [
        { found: missing, max: values.maxMissing, words: `${plural(missing, interval)} missing` },
        {
          found: surplus,
          max: values.maxSurplus,
          words: `${plural(surplus, "reading")} too many, at other times within a ${interval}`,
        },
        {
          found: offGrid,
          max: values.maxOffGrid,
          words: `${plural(offGrid, "reading")} off the ${values.intervalMinutes}-minute grid`,
        },
        {
          found: beginning,
          max: values.maxBeginning,
          words: `${plural(beginning, "meter")} begin later than the readings do`,
        },
        {
          found: ending,
          max: values.maxEnding,
          words: `${plural(ending, "meter")} end before the readings do`,
        },
      ];
      const found = parts.filter((part) => part.found > 0);
      const worst = found.find((part) => part.found > part.max) ?? found[0] ?? parts[0];
      return {
        holds: parts.every((part) => part.found <= part.max),
        figure: worst?.found ?? 0,
        threshold: worst?.max ?? 0,
        message:
          found.map(({ words }) => words).join("; ") ||
          `every meter has ${1440 / values.intervalMinutes} readings a day`,
        examples: examples.continuity,
      };
    },
    cure: "have the missing readings delivered as a new file: the next load takes it with the rest; or say with quality.continuity how many are accepted (maxMissing, maxSurplus, maxOffGrid, maxBeginning, maxEnding)",
  }),
  duplicates: check({
    meaning: "one row for each METER_ID and TIMESTAMP",
    severity: "fail",
    thresholds: { max: most("rows", "too many for a meter and time that are accepted") },
    finding: ({ duplicates, examples }, { max }) => ({
      holds: duplicates <= max,
      figure: duplicates,
      threshold: max,
      message:
        duplicates === 0
          ? "one reading for each meter and time"
          : `${plural(duplicates, "surplus row")} for the same meter and time`,
      examples: examples.duplicates,
    }),
    cure: "remove one of the files named; or raise quality.duplicates.max",
  }),
  voltage: check({
    meaning: "enough readings have a VOLTAGE from `min` to `max`; one without counts as outside",
    severity: "fail",
    thresholds: {
      min: {
        fallback: 110,
        range: [0, 1_000_000],
        looser: "lower",
        unit: "volts",
        meaning: "volts, inclusive",
      },
      max: {
        fallback: 125,
        range: [0, 1_000_000],
        looser: "higher",
        unit: "volts",
        meaning: "volts, inclusive",
      },
      minShare: { fallback: 0.99, range: [0, 1], looser: "lower", meaning: "share of the audited rows" },
    },
    finding: ({ voltageInRange, auditedRows, examples }, { min, max, minShare }) => {
      if (auditedRows === 0) return { skipped: "there are no rows" };
      const share = voltageInRange / auditedRows;
      return {
        holds: share >= minShare,
        figure: share,
        threshold: minShare,
        message: `${percent(share)} of readings from ${min} to ${max} V, at least ${percent(minShare)} wanted`,
        examples: examples.voltage,
      };
    },
    cure: "look at the meters named, or widen quality.voltage",
  }),
  referentialIntegrity: check({
    meaning: "every meter is in metersTable",
    severity: "fail",
    thresholds: { maxUnknown: most("meters", "that may be unknown") },
    finding: ({ unknownMeters }, { maxUnknown }, { metersTable }) => {
      if ("skipped" in unknownMeters) return unknownMeters;
      const { count, examples } = unknownMeters;
      return {
        holds: count <= maxUnknown,
        figure: count,
        threshold: maxUnknown,
        message:
          count === 0
            ? `every meter is in ${metersTable}`
            : `${plural(count, "meter")} of the readings are not in ${metersTable}`,
        examples,
      };
    },
    cure: "add the meters to metersTable, or raise quality.referentialIntegrity.maxUnknown",
  }),
  dateCoverage: check({
    meaning: "every day of the expected range has readings, its first and last day from end to end",
    severity: "fail",
    thresholds: {},
    finding: ({ days }, _values, settings) => coverage(days, settings),
    cure: "have the missing days delivered, or correct expectedFrom and expectedTo",
  }),
} as const;

export type CheckName = keyof typeof CHECKS;

type ThresholdsOf<K extends CheckName> = (typeof CHECKS)[K] extends Check<infer T> ? T : never;
/** Every check's severity and thresholds, complete. */
export type CompleteQuality = { [K in CheckName]: { severity: Severity } & Values<ThresholdsOf<K>> };
/** Severities and thresholds as they are set; whatever is left out has its default. */
export type QualitySettings = { [K in CheckName]?: Partial<CompleteQuality[K]> };

/** Names of the checks of single rows. */
export type RowCheckName = {
  [K in CheckName]: (typeof CHECKS)[K] extends { row: object } ? K : never;
}[CheckName];

/** The checks as plain rows, for whoever goes through all of them. */
export const checkRows = Object.entries(CHECKS) as unknown as [CheckName, Check][];

/** Names of the checks of single rows, in the order in which they are asked. */
export const ROW_CHECKS = checkRows.filter(([, check]) => check.row).map(([name]) => name) as RowCheckName[];

/** Fills in the defaults. */
export function completeQuality(quality: QualitySettings = {}): CompleteQuality {
  return Object.fromEntries(
    checkRows.map(([name, { severity, thresholds }]) => [
      name,
      {
        severity,
        ...Object.fromEntries(Object.entries(thresholds).map(([key, { fallback }]) => [key, fallback])),
        ...quality[name],
      },
    ]),
  ) as CompleteQuality;
}

/** Condition for an offender of a check of single rows, in SQL. */
export function offends(name: RowCheckName, quality: CompleteQuality): string {
  const { row } = CHECKS[name] as unknown as { row: { offends: (values: object) => string } };
  return row.offends(quality[name]);
}

/** What a check may be set to: only one of single rows can reject them. */
export function severitiesOf({ row }: Check): readonly Severity[] {
  return SEVERITIES.filter((severity) => severity !== "quarantine" || row);
}
