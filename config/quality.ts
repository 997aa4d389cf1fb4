import { z } from "zod";
import type { Threshold } from "../components/verified-load/quality/check.ts";
import {
  type CheckName,
  type CompleteQuality,
  checkRows,
  severitiesOf,
} from "../components/verified-load/quality/index.ts";
import { type Field, type Group, group, number, oneOf, textThat, whole } from "./field.ts";

type QualityFields = {
  [K in CheckName]: Group<{ [T in keyof CompleteQuality[K]]: Field<CompleteQuality[K][T]> }>;
};

/** Severities and thresholds of the checks, as the load declares them; what is left out has the load's own default. */
export const quality = group(
  Object.fromEntries(
    checkRows.map(([name, check]) => [
      name,
      group({
        severity: oneOf(severitiesOf(check), check.severity),
        ...Object.fromEntries(
          Object.entries(check.thresholds).map(([key, threshold]) => [key, thresholdField(threshold)]),
        ),
      }),
    ]),
  ),
) as unknown as Group<QualityFields>;

function thresholdField({ fallback, range = [0, 1], whole: isWhole, unit = "" }: Threshold) {
  if (typeof fallback === "string") return dayOrTomorrow(fallback);
  return isWhole ? whole(...range, unit, fallback) : number(...range, unit, fallback);
}

/** A calendar day, or the word for the day after today. */
function dayOrTomorrow(example: string) {
  return textThat((value) => value === "tomorrow" || z.iso.date().safeParse(value).success, {
    allowed: "a day that exists, YYYY-MM-DD, or tomorrow",
    example,
  });
}
