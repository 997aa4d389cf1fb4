import type { ResourceMonitor, Warehouse, WarehouseSize } from "../catalog/model.ts";
import { accountOf, type Context } from "../catalog/scope.ts";
import { SnowflakeError } from "../errors.ts";
import type { RunningInterval } from "./warehouses.ts";

/** Credits that a cluster of each size uses in an hour (docs: Overview of warehouses, warehouse size). */
export const creditsPerHour: Readonly<Record<WarehouseSize, number>> = {
  XSMALL: 1,
  SMALL: 2,
  MEDIUM: 4,
  LARGE: 8,
  XLARGE: 16,
  XXLARGE: 32,
  XXXLARGE: 64,
  X4LARGE: 128,
  X5LARGE: 256,
  X6LARGE: 512,
};

const leastMilliseconds = 60_000;
const hour = 3_600_000;

/** What one running interval cost; a minute at least (docs: Understanding compute cost, per-second billing). */
function creditsOf(interval: RunningInterval, now: number): number {
  const milliseconds = Math.max((interval.end ?? now) - interval.start, leastMilliseconds);
  return (milliseconds / hour) * (creditsPerHour[interval.size as WarehouseSize] ?? 0);
}

/**
 * Refuses (090073) a warehouse whose resource monitor says SUSPEND at what has been used of its quota. Statements that
 * run already are left to end, also where it says SUSPEND_IMMEDIATE.
 */
export function requireCredits(context: Context, warehouse: Warehouse): void {
  const account = accountOf(context);
  const all = [...account.warehouses.values()];
  for (const monitor of account.resourceMonitors.values()) {
    const mine = monitor.accountLevel || monitor.name === warehouse.resourceMonitor;
    const limits = monitor.triggers.filter(({ action }) => action !== "NOTIFY").map(({ percent }) => percent);
    if (!mine || monitor.creditQuota === undefined || limits.length === 0) continue;
    const watched = all.filter((each) => monitor.accountLevel || each.resourceMonitor === monitor.name);
    const limit = (monitor.creditQuota * Math.min(...limits)) / 100;
    if (usedCredits(context, monitor, watched) < limit) continue;
    throw new SnowflakeError(
      "090073",
      "22000",
      `Warehouse '${warehouse.name}' cannot be resumed because resource monitor '${monitor.name}' has exceeded its quota.`,
    );
  }
}

/** What the warehouses under a monitor have used in its current period. */
export function usedCredits(
  { cloud, session }: Context,
  monitor: ResourceMonitor,
  watched: readonly Warehouse[],
): number {
  const now = cloud.now();
  const ids = new Set(watched.map(({ id }) => id));
  return cloud.warehouses
    .intervals(session.account, periodStart(monitor, now), now)
    .filter(({ warehouseId }) => ids.has(warehouseId))
    .reduce((sum, interval) => sum + creditsOf(interval, now.getTime()), 0);
}

function periodStart({ frequency, startTime }: ResourceMonitor, now: Date): Date {
  const [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()];
  const starts: Readonly<Record<ResourceMonitor["frequency"], number>> = {
    DAILY: Date.UTC(year, month, day),
    WEEKLY: Date.UTC(year, month, day - ((now.getUTCDay() + 6) % 7)),
    MONTHLY: Date.UTC(year, month),
    YEARLY: Date.UTC(year, 0),
    NEVER: startTime,
  };
  return new Date(Math.max(starts[frequency], startTime));
}
