import type { WarehouseSize } from "../catalog/model.ts";
import { requireAccountPrivilege } from "../catalog/privileges.ts";
import type { Execution } from "../context.ts";
import { SnowflakeError } from "../errors.ts";
import { encodeTimestamp, fixed, type ResultSet, text, timestampLtz } from "../result.ts";
import { creditsPerHour } from "./credits.ts";
import type { RunningInterval } from "./warehouses.ts";

const HOUR = 3_600_000;
/** A warehouse that starts is paid for a minute at least; so are the nodes that it gets when it is made larger. */
const LEAST_RUN = 60_000;

/** TABLE(INFORMATION_SCHEMA.WAREHOUSE_METERING_HISTORY(from, to, warehouse)): credits by warehouse and hour. */
export function meteringHistory(
  execution: Execution,
  filter: { from?: Date | undefined; to?: Date | undefined; warehouse?: string | undefined },
): ResultSet {
  const { cloud, session } = execution;
  // Docs: WAREHOUSE_METERING_HISTORY, usage notes. That others are refused, and not shown nothing, is not verified.
  requireAccountPrivilege(execution, "MONITOR USAGE");
  if (!filter.from) {
    throw new SnowflakeError(
      "001044",
      "42P13",
      "SQL compilation error:\nWAREHOUSE_METERING_HISTORY needs DATE_RANGE_START.",
    );
  }
  const now = cloud.now();
  const intervals = cloud.warehouses
    .intervals(session.account, filter.from, filter.to ?? now)
    .filter(
      ({ warehouse }) => filter.warehouse === undefined || warehouse === filter.warehouse.toUpperCase(),
    );
  const rows = creditsByHour(intervals, now.getTime())
    .filter(
      ({ hour }) => hour + HOUR > (filter.from as Date).getTime() && hour < (filter.to ?? now).getTime(),
    )
    .map(({ hour, warehouse, credits }) => [
      encodeTimestamp(new Date(hour)),
      encodeTimestamp(new Date(hour + HOUR)),
      warehouse,
      credits.toFixed(9),
      credits.toFixed(9),
      "0.000000000",
    ]);
  return {
    columns: [
      timestampLtz("START_TIME"),
      timestampLtz("END_TIME"),
      text("WAREHOUSE_NAME"),
      fixed("CREDITS_USED", 38, 9),
      fixed("CREDITS_USED_COMPUTE", 38, 9),
      fixed("CREDITS_USED_CLOUD_SERVICES", 38, 9),
    ],
    rows,
  };
}

/** What running intervals cost, hour by hour. One that follows another without a gap is the same run. */
export function creditsByHour(
  intervals: readonly RunningInterval[],
  now: number,
): { hour: number; warehouse: string; credits: number }[] {
  const credits = new Map<string, { hour: number; warehouse: string; credits: number }>();
  const runStarts = new Map<string, number>();
  const lastEnds = new Map<string, number>();
  const lastRates = new Map<string, number>();
  const book = (hour: number, warehouse: string, used: number) => {
    const key = `${hour} ${warehouse}`;
    const sum = credits.get(key) ?? { hour, warehouse, credits: 0 };
    sum.credits += used;
    credits.set(key, sum);
  };
  for (const [index, interval] of intervals.entries()) {
    const { warehouse, start } = interval;
    const rate = creditsPerHour[interval.size as WarehouseSize] ?? 0;
    const continues = lastEnds.get(warehouse) === start;
    const runStart = continues ? (runStarts.get(warehouse) ?? start) : start;
    const added = continues ? Math.max(0, rate - (lastRates.get(warehouse) ?? 0)) : 0;
    lastRates.set(warehouse, rate);
    runStarts.set(warehouse, runStart);
    let end = interval.end ?? now;
    lastEnds.set(warehouse, end);
    const goesOn = intervals
      .slice(index + 1)
      .some((next) => next.warehouse === warehouse && next.start === end);
    if (!goesOn) end = Math.max(end, runStart + LEAST_RUN);
    for (let hour = Math.floor(start / HOUR) * HOUR; hour < end; hour += HOUR) {
      const milliseconds = Math.min(end, hour + HOUR) - Math.max(start, hour);
      book(hour, warehouse, (rate * milliseconds) / HOUR);
    }
    book(Math.floor(start / HOUR) * HOUR, warehouse, (added * Math.max(0, LEAST_RUN - (end - start))) / HOUR);
  }
  return [...credits.values()].sort((one, other) => one.hour - other.hour);
}
