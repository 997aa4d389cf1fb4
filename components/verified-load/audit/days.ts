/** Arithmetic of days, and whether readings cover the expected ones. */
import { plural } from "../../format.ts";
import type { Outcome } from "../quality/check.ts";
import type { Day } from "./evidence.ts";

/** The day `days` after `date`, YYYY-MM-DD, UTC. */
export function dayOf(date: Date, days = 0): string {
  return new Date(date.getTime() + days * 86_400_000).toISOString().slice(0, 10);
}

/** Days from `from` to `to`, both included. More than fifty years of them are cut off: nobody reads that list. */
function daysFrom(from: string, to: string): string[] {
  const days = [];
  const last = Date.parse(to);
  for (let day = Date.parse(from); day <= last && days.length < 20_000; day += 86_400_000)
    days.push(dayOf(new Date(day)));
  return days;
}

/** Runs of days as "2025-03-01 to 2025-03-04". */
function ranges(days: readonly string[]): string[] {
  const runs: [from: string, to: string][] = [];
  for (const day of days) {
    const run = runs.at(-1);
    if (run && dayOf(new Date(run[1]), 1) === day) run[1] = day;
    else runs.push([day, day]);
  }
  return runs.map(([from, to]) => (from === to ? from : `${from} to ${to}`));
}

interface Expected {
  expectedFrom?: string | undefined;
  expectedTo?: string | undefined;
  intervalMinutes: number;
}

/** Whether each expected day has readings. An open end is the readings' own, unless they all lie beyond the other end. */
export function coverage(
  days: readonly Day[],
  { expectedFrom, expectedTo, intervalMinutes }: Expected,
): Outcome {
  const known = [days[0]?.day, days.at(-1)?.day, expectedFrom, expectedTo].filter((day) => day !== undefined);
  const from = expectedFrom ?? known.toSorted()[0];
  const to = expectedTo ?? known.toSorted().at(-1);
  if (from === undefined || to === undefined)
    return { skipped: "the table is empty, and no range is expected" };
  const there = new Map(days.map((day) => [day.day, day]));
  const wanted = daysFrom(from, to);
  const missing = wanted.filter((day) => !there.has(day));
  const cut = [
    ...cutShort(expectedFrom === undefined ? undefined : there.get(expectedFrom), "start", intervalMinutes),
    ...cutShort(expectedTo === undefined ? undefined : there.get(expectedTo), "end", intervalMinutes),
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
}

/** Says so when the first day does not begin, or the last one does not end, within one interval of midnight. */
function cutShort(day: Day | undefined, edge: "start" | "end", intervalMinutes: number): string[] {
  if (!day) return [];
  const midnight = Date.parse(edge === "start" ? day.day : dayOf(new Date(day.day), 1));
  const reading = edge === "start" ? day.from : day.to;
  const apart = Math.abs(Date.parse(`${reading}Z`) - midnight) / 60_000;
  if (apart <= intervalMinutes) return [];
  return [`${day.day} only ${edge === "start" ? "from" : "until"} ${reading.slice(11, 16)}`];
}
