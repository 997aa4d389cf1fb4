/** What a check is, and what most of them are made of. */
import { plural } from "../../format.ts";
import type { Evidence, RowRule } from "../audit/evidence.ts";

/**
 * What a check that does not hold means: nothing is published; the offending rows are rejected and the rest is published
 * (checks of single rows only); a warning is printed; or the check is not run.
 */
export type Severity = "fail" | "quarantine" | "warn" | "off";
export const SEVERITIES: readonly Severity[] = ["fail", "quarantine", "warn", "off"];

/** A number that a finding is measured against, or a day. */
export interface Threshold<Value extends number | string = number | string> {
  readonly fallback: Value;
  /** Least and greatest value allowed; days have none. */
  readonly range?: readonly [from: number, to: number];
  /** Only whole numbers are allowed. */
  readonly whole?: true;
  /** Only those are that divide this. */
  readonly divides?: { readonly total: number; readonly what: string };
  /** The direction in which more is accepted. */
  readonly looser: "higher" | "lower";
  /** What a number counts, or is measured in. */
  readonly unit?: string;
  readonly meaning: string;
}
export type Thresholds = Readonly<Record<string, Threshold>>;
/** Values of a check's thresholds. */
export type Values<T extends Thresholds> = {
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
    offends(values: Values<T>): string;
  };
  /** @param own of a check of single rows: its offenders */
  finding(evidence: Evidence, values: Values<T>, settings: CheckSettings, own: RowRule): Outcome;
  /** What to do when it fails. */
  readonly cure: string;
}
/** Keeps a row's own threshold names. */
export function check<T extends Thresholds>(row: Check<T>): Check<T> {
  return row;
}
/** The same for a check of single rows. */
export function rowCheck<T extends Thresholds>(row: Check<T> & Required<Pick<Check<T>, "row">>) {
  return row;
}

const COUNT = { range: [0, 1_000_000_000_000], whole: true, looser: "higher" } as const;
export const SHARE = { fallback: 0, range: [0, 1], looser: "higher" } as const;
export const most = (unit: string, meaning: string) => ({
  fallback: 0,
  ...COUNT,
  unit,
  meaning: `${unit} ${meaning}`,
});

/** The finding of a check of single rows that accepts so many of them. */
export function offenders(
  rule: RowRule,
  max: number,
  clean: string,
  found: (rows: string) => string,
): Finding {
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
export function start(day: string): string {
  return day === "tomorrow" ? "DATE_TRUNC('day', DATEADD('day', 1, SYSDATE()))" : `'${day}'::TIMESTAMP_NTZ`;
}
