/**
 * What a load used, beside what it was expected to use. Computed and metered credits are never mixed: what is computed
 * is this load's seconds at the warehouse's rate; what is metered is all that ran on the warehouse in the same hours.
 */
import type { LoadCost } from "./args.ts";
import type { Run } from "./context.ts";
import { creditsOf, type Estimate } from "./estimate.ts";
import { serverTime } from "./load-session.ts";
import { creditsSince, type WarehouseNow } from "./warehouse.ts";

export interface CostStart {
  /** Milliseconds since 1970, by this machine's clock. */
  startedAt: number;
  /** By Snowflake's clock; undefined where the metering is not asked. */
  since: Date | undefined;
  creditsBefore: number;
  generation: WarehouseNow["generation"];
}

export async function startCost(
  { session, settings }: Run,
  { generation }: WarehouseNow,
): Promise<CostStart> {
  const startedAt = Date.now();
  if (!settings.meterCredits) return { startedAt, since: undefined, creditsBefore: 0, generation };
  const since = await serverTime(session);
  return { startedAt, since, creditsBefore: (await creditsSince(session, settings, since)) ?? 0, generation };
}

export async function costSince(run: Run, start: CostStart, expected: Estimate): Promise<LoadCost> {
  const { settings } = run;
  const { generation } = start;
  const seconds = (Date.now() - start.startedAt) / 1000;
  const metered = start.since && (await meteredSince(run, start, start.since));
  return {
    files: expected.files,
    bytes: expected.bytes,
    estimatedSeconds: expected.seconds,
    estimatedCredits: expected.credits,
    estimatedBy: expected.basis,
    seconds: Math.round(seconds * 10) / 10,
    credits: creditsOf(seconds, { size: settings.loadSize, generation }),
    warehouseSize: settings.loadSize,
    ...(generation !== undefined && { generation }),
    ...(metered !== undefined && { meteredCredits: metered }),
  };
}

/** The metering is a figure of whole hours and comes hours late (docs: WAREHOUSE_METERING_HISTORY): undefined until then. */
async function meteredSince(
  { session, settings }: Run,
  { creditsBefore }: CostStart,
  since: Date,
): Promise<number | undefined> {
  const after = await creditsSince(session, settings, since);
  const metered = Math.round(((after ?? 0) - creditsBefore) * 1000) / 1000;
  return after !== undefined && metered > 0 ? metered : undefined;
}
