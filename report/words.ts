/** What the page says in sentences: the verdict, and of each picture what there is to see. */
import { duration, number, percent, plural } from "../components/format.ts";
import type { Report, ReportCheck, ReportDay } from "./schema.ts";

export type Tone = "good" | "bad" | "warn" | "open";
/** Glyph and word, so that nothing is said by colour alone. */
export const GLYPHS: Record<Tone, string> = { good: "✓", bad: "✗", warn: "!", open: "○" };
export const TONES = {
  passed: "good",
  failed: "bad",
  warned: "warn",
  skipped: "open",
} as const satisfies Record<ReportCheck["status"], Tone>;

const names = (checks: readonly ReportCheck[]) => checks.map(({ name }) => name).join(", ");
const share = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);
/** A day as people write it: "9 Jul 2026". */
export const dayWords = (day: string) => dayFormat.format(new Date(`${day}T00:00:00Z`));
const dayFormat = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
  timeZone: "UTC",
});

export function verdict({ load, checks, figures, cost, newRows }: Report): {
  tone: Tone;
  text: string;
  more: string;
} {
  const by = (status: ReportCheck["status"]) => checks.filter((check) => check.status === status);
  const [failed, warned, skipped] = [by("failed"), by("warned"), by("skipped")];
  const held = `${plural(by("passed").length, "check")} held`;
  const parts = [
    warned.length > 0 && `${plural(warned.length, "warning")}: ${names(warned)}`,
    skipped.length > 0 && `not looked at: ${names(skipped)}`,
  ].filter(Boolean);
  const more = [held, ...parts].join("; ");
  const loaded = `${plural(newRows, "row")} of ${plural(cost.files, "file")}`;
  if (load.outcome === "published")
    return {
      tone: warned.length > 0 ? "warn" : "good",
      text:
        cost.files > 0
          ? `Verified and published: ${loaded}; the table has ${plural(figures.totalRows, "row")}.`
          : `Verified anew: the ${plural(figures.totalRows, "row")} of the table.`,
      more,
    };
  if (load.outcome === "refused")
    return {
      tone: "bad",
      text: `Refused, nothing published: ${names(failed)} failed; ${loaded} stay out.`,
      more: `The table has ${plural(figures.totalRows, "row")}, as before; ${more}`,
    };
  if (load.outcome === "dry run")
    return { tone: "open", text: `Dry run: ${loaded} were audited, nothing was published.`, more };
  return {
    tone: "warn",
    text: "Unfinished: audited, and on its way to be published; how that ended is not on record.",
    more: `the next load finds out, and publishes nothing twice; ${more}`,
  };
}

/** Missing intervals of a day, and readings beyond one for each interval. */
export const missingOf = ({ due, intervals }: ReportDay) => (due === null ? 0 : Math.max(0, due - intervals));
export const surplusOf = ({ readings, intervals }: ReportDay) => Math.max(0, readings - intervals);

const STATES = ["not due", "none", "short", "complete", "surplus", "unjudged"] as const;
export type HourState = (typeof STATES)[number];

export function stateOf({ readings, due }: ReportDay["hours"][number]): HourState {
  if (due === null) return readings > 0 ? "unjudged" : "not due";
  if (readings > due) return "surplus";
  if (due === 0) return "not due";
  if (readings === 0) return "none";
  return readings < due ? "short" : "complete";
}

export function coverageWords({ days }: Report): string {
  const { list } = days;
  const states = list.flatMap((day) => day.hours.map(stateOf));
  const count = (state: HourState) => states.filter((one) => one === state).length;
  const span = spanWords(list);
  if (list.length === 0) return "There are no days with readings";
  if (count("unjudged") > 0)
    return `Readings in ${number(count("unjudged"))} hours, ${span}; how many were due is not on record`;
  const due = states.length - count("not due");
  const parts = [
    count("none") > 0 && `${plural(count("none"), "hour")} without any reading`,
    count("short") > 0 && `${plural(count("short"), "hour")} short of readings`,
    count("surplus") > 0 && `${plural(count("surplus"), "hour")} with too many`,
  ].filter(Boolean);
  return parts.length > 0
    ? `${parts.join(", ")}, of ${number(due)}, ${span}`
    : `Each of ${plural(due, "hour")} has the readings that were due, ${span}`;
}

function spanWords(list: readonly ReportDay[]): string {
  const [first, last] = [list[0]?.day ?? "", list.at(-1)?.day ?? ""];
  return first === last ? dayWords(first || "1970-01-01") : `${dayWords(first)} to ${dayWords(last)}`;
}

export function daysWords({ days: { list } }: Report): string {
  const total = (of: (day: ReportDay) => number) => list.reduce((sum, day) => sum + of(day), 0);
  const bad = list.filter((day) => missingOf(day) + surplusOf(day) > 0);
  if (list.some(({ due }) => due === null))
    return `${plural(
      total(({ readings }) => readings),
      "reading",
    )} on ${plural(list.length, "day")}`;
  if (bad.length === 0)
    return `No interval is missing and none has two readings, on ${plural(list.length, "day")}`;
  return `${plural(total(missingOf), "interval")} missing and ${plural(total(surplusOf), "reading")} too many, on ${number(bad.length)} of ${plural(list.length, "day")}`;
}

/** Rows of the load by where their voltage lies. */
export function voltageShares({ voltage: { min, max, bins, without } }: Report) {
  const rows = (of: (volts: number) => boolean) =>
    bins.filter(({ volts }) => of(volts)).reduce((sum, bin) => sum + bin.rows, 0);
  const [below, within, above] = [
    rows((volts) => volts < min),
    rows((volts) => volts >= min && volts <= max),
    rows((volts) => volts > max),
  ];
  return { below, within, above, without, all: below + within + above + without };
}

export function voltageWords(report: Report): string {
  const { within, all } = voltageShares(report);
  const { min, max } = report.voltage;
  if (all === 0) return "This load brought no voltages";
  return `${percent(share(within, all))} of the load's readings lie from ${min} to ${max} V`;
}

const kwh = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3 });
export const kwhWords = (value: number) => kwh.format(value);

export function usageWords({ usage, intervalMinutes }: Report): string {
  if (usage.length === 0) return "This load brought no usage";
  const peak = usage.reduce((best, one) => (one.median > best.median ? one : best));
  const low = usage.reduce((best, one) => (one.median < best.median ? one : best));
  const hour = (one: number) => `${String(one).padStart(2, "0")}:00`;
  return `Half of all readings use ${kwhWords(low.median)} kWh or more in ${intervalMinutes} minutes at ${hour(low.hour)}, ${kwhWords(peak.median)} at ${hour(peak.hour)}`;
}

export function nullWords({ nulls, newRows }: Report): string {
  if (newRows === 0) return "This load brought no rows that could lack values";
  const lacking = nulls.columns
    .filter(({ rows }) => rows > 0)
    .toSorted((one, other) => other.rows - one.rows);
  const [worst] = lacking;
  return worst === undefined
    ? "No value is missing in any column"
    : `${worst.column} is NULL in ${percent(share(worst.rows, newRows))} of the rows${lacking.length > 1 ? `, ${plural(lacking.length - 1, "other column")} in fewer` : ""}`;
}

export function stepsWords({ steps }: Report): string {
  const total = steps.reduce((sum, { seconds }) => sum + seconds, 0);
  const longest = steps.reduce((best, one) => (one.seconds > best.seconds ? one : best), {
    step: "",
    seconds: -1,
  });
  return steps.length === 0
    ? "No steps are on record"
    : `${duration(total)} in all; ${duration(longest.seconds)} of it ${longest.step}`;
}

export function costWords({ cost }: Report): string {
  if (cost.files === 0) return "Nothing was loaded, so nothing was estimated";
  const difference = share(cost.credits, cost.estimatedCredits);
  const against = difference > 1.05 ? "more than" : difference < 0.95 ? "less than" : "about";
  return `${cost.credits} credits used, ${against} the ${cost.estimatedCredits} expected`;
}

export function trendWords({ trend }: Report): string {
  const bad = trend.filter(({ outcome }) => outcome === "refused").length;
  return trend.length < 2
    ? "This is the first load on record"
    : `The last ${number(trend.length)} loads: ${bad === 0 ? "none was refused" : `${number(bad)} refused`}`;
}

export function filesWords({ files }: Report): string {
  const odd = files.list.filter(({ status }) => status !== "LOADED").length;
  return `${plural(files.ofLoad, "file")} in this load${odd > 0 ? `, ${number(odd)} with something to say` : ", each loaded whole"}`;
}

export function rejectedWords({ rejected: { rows, reasons } }: Report): string {
  return rows === 0
    ? "No row was rejected"
    : `${plural(rows, "row")} rejected, for ${plural(reasons.length, "reason")}`;
}
