/** How many readings were due in each hour, from when meters began and ended: the way in which continuity is checked. */
import { dayOf } from "../components/verified-load/audit/days.ts";
import type { Report, ReportDay } from "./schema.ts";

/** Meters with their first, or last, reading in an hour, and the intervals that this hour still, or already, owes. */
export interface Span {
  day: string;
  hour: number;
  meters: number;
  due: number;
}

/** A day as it is kept. */
export interface KeptDay {
  day: string;
  readings: number;
  meters: number;
  intervals: number;
  audited: boolean;
  /** 24 numbers each. */
  readingsOfHours: readonly number[];
  metersOfHours: readonly (number | null)[];
}

const MOST_DAYS = 400;
const nextDay = (day: string) => dayOf(new Date(day), 1);

/**
 * The last 400 days from the first due one to the last: also those without any reading, where all days that have some are
 * given.
 * @param spans undefined: not on record
 */
export function daysOf(
  kept: readonly KeptDay[],
  spans: { begins: readonly Span[]; ends: readonly Span[] } | undefined,
  intervalMinutes: number,
  all: boolean,
): Report["days"] {
  const there = new Map(kept.map((one) => [one.day, one]));
  const within = (spans ? [...spans.begins, ...spans.ends] : kept.filter(({ intervals }) => intervals > 0))
    .map(({ day }) => day)
    .toSorted();
  const [first = ""] = within;
  const last = within.at(-1) ?? "";
  const due = spans && dueHours(spans.begins, spans.ends, intervalMinutes);
  const list: ReportDay[] = [];
  let cut = 0;
  for (let day = first; day !== "" && day <= last; day = nextDay(day)) {
    const one = there.get(day);
    const owed = due?.(day);
    if (!one && !all) continue;
    if (list.length === MOST_DAYS) {
      list.shift();
      cut++;
    }
    list.push({
      day,
      readings: one?.readings ?? 0,
      meters: one?.meters ?? 0,
      intervals: one?.intervals ?? 0,
      due: owed ? owed.reduce((sum, hour) => sum + hour, 0) : null,
      audited: one?.audited ?? false,
      hours: Array.from({ length: 24 }, (_, hour) => ({
        readings: one?.readingsOfHours[hour] ?? 0,
        due: owed?.[hour] ?? null,
        meters: one ? (one.metersOfHours[hour] ?? null) : 0,
      })),
    });
  }
  const strays = kept.filter(({ day }) => day < first || day > last || first === "");
  return {
    all,
    cut,
    outside: { days: strays.length, readings: strays.reduce((sum, { readings }) => sum + readings, 0) },
    list,
  };
}

/** Asked for one day after the other, in order. */
function dueHours(
  begins: readonly Span[],
  ends: readonly Span[],
  intervalMinutes: number,
): (day: string) => number[] {
  const key = ({ day, hour }: Pick<Span, "day" | "hour">) => `${day} ${hour}`;
  const beginning = new Map(begins.map((span) => [key(span), span]));
  const ending = new Map(ends.map((span) => [key(span), span]));
  const intervals = intervalsOfHours(intervalMinutes);
  let active = 0;
  return (day) =>
    intervals.map((full, hour) => {
      const begin = beginning.get(key({ day, hour }));
      const end = ending.get(key({ day, hour }));
      const due = active * full + (begin?.due ?? 0) + (end ? end.due - end.meters * full : 0);
      active += (begin?.meters ?? 0) - (end?.meters ?? 0);
      return due;
    });
}

/** Intervals that begin in each hour of a day. */
function intervalsOfHours(minutes: number): number[] {
  const hours = Array.from({ length: 24 }, () => 0);
  for (let minute = 0; minute < 1440; minute += minutes) {
    const hour = Math.floor(minute / 60);
    hours[hour] = (hours[hour] ?? 0) + 1;
  }
  return hours;
}
