import {
  checkRows,
  completeQuality,
  type QualitySettings,
} from "../../components/verified-load/quality/index.ts";

/** In which direction a threshold lets more pass. */
export type Looser = "higher" | "lower";

/** Directions by check and threshold, as the checks declare them. */
const LOOSER: Readonly<Record<string, Looser>> = Object.fromEntries(
  checkRows.flatMap(([check, { thresholds }]) =>
    Object.entries(thresholds).map(([threshold, { looser }]) => [`${check}.${threshold}`, looser]),
  ),
);

/** The direction in which a check's threshold lets more pass; undefined for one that nobody knows. */
export function looserOf(check: string, threshold: string): Looser | undefined {
  return LOOSER[`${check}.${threshold}`];
}

/** Every check with the values in effect, so that a value left out is compared as its default. */
export function checksInEffect(given: unknown): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  return completeQuality((given ?? {}) as QualitySettings);
}
