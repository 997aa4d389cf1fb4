/**
 * The checks, one row each: what it means, its thresholds, what is looser, its finding and its cure. Settings, their types
 * and defaults, the documentation's table and the review's "looser than before" follow from here.
 */
import { type Check, SEVERITIES, type Severity, type Values } from "./check.ts";
import { OF_LOADS } from "./of-loads.ts";
import { OF_READINGS } from "./of-readings.ts";
import { OF_ROWS } from "./of-rows.ts";

export const CHECKS = {
  ...OF_LOADS,
  ...OF_ROWS,
  ...OF_READINGS,
};

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
export const checkRows = Object.entries<Check>(CHECKS) as [CheckName, Check][];

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
  const { row }: Required<Pick<Check, "row">> = CHECKS[name];
  return row.offends(quality[name]);
}

/** What a check may be set to: only one of single rows can reject them. */
export function severitiesOf({ row }: Check): readonly Severity[] {
  return SEVERITIES.filter((severity) => severity !== "quarantine" || row);
}
