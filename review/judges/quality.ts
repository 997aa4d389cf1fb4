import type { QualitySettings } from "../../components/verified-load/args.ts";
import { completeQuality } from "../../components/verified-load/settings.ts";

/** In which direction a threshold lets more pass. */
export type Looser = "higher" | "lower";

/** Directions by threshold, or by check and threshold where its name alone does not say it. */
const LOOSER: Readonly<Record<string, Looser>> = {
  maxMissing: "higher",
  maxSurplus: "higher",
  maxUnknown: "higher",
  maxShare: "higher",
  max: "higher",
  min: "lower",
  minShare: "lower",
  intervalMinutes: "higher",
  "timestampWindow.from": "lower",
  "timestampWindow.to": "higher",
  // Of days that are expected, fewer is looser.
  "dateCoverage.from": "higher",
  "dateCoverage.to": "lower",
};

/** The direction in which a check's threshold lets more pass; undefined for one that nobody knows. */
export function looserOf(check: string, threshold: string): Looser | undefined {
  return LOOSER[`${check}.${threshold}`] ?? LOOSER[threshold];
}

/** Every check with the values in effect, so that a value left out is compared as its default. */
export function checksInEffect(given: unknown): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  return completeQuality((given ?? {}) as QualitySettings);
}
