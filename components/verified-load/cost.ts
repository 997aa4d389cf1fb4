/** What a load used, beside what it was expected to use. */
import type { LoadCost } from "./args.ts";
import type { Run } from "./context.ts";
import { creditsOf, type Estimate } from "./estimate.ts";
import { serverTime } from "./load-session.ts";
import { creditsSince } from "./warehouse.ts";

export interface CostStart {
  /** Milliseconds since 1970, by this machine's clock. */
  startedAt: number;
  /** By Snowflake's clock. */
  since: Date;
  creditsBefore: number;
}

export async function startCost({ session, settings }: Run): Promise<CostStart> {
  const since = await serverTime(session);
  return {
    startedAt: Date.now(),
    since,
    creditsBefore: (await creditsSince(session, settings, since)) ?? 0,
  };
}

/**
 * The metering is a figure of whole hours and comes late: it counts where it has seen at least what the seconds alone must
 * have cost; else the credits are computed from seconds and size.
 */
export async function costSince(
  { session, settings }: Run,
  { startedAt, since, creditsBefore }: CostStart,
  expected: Estimate,
): Promise<LoadCost> {
  const seconds = (Date.now() - startedAt) / 1000;
  const after = await creditsSince(session, settings, since);
  const metered = Math.round(((after ?? 0) - creditsBefore) * 1000) / 1000;
  const counts = metered > 0 && metered >= creditsOf(seconds, settings.loadSize, 0);
  return {
    files: expected.files,
    bytes: expected.bytes,
    estimatedSeconds: expected.seconds,
    estimatedCredits: expected.credits,
    seconds: Math.round(seconds * 10) / 10,
    credits: counts ? metered : creditsOf(seconds, settings.loadSize),
    source: counts ? "metering" : "computed",
  };
}
