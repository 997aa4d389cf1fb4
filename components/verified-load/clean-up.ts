/** Drops the tables of loads that need them no more. */
import { instant } from "../snowflake/times.ts";
import { literal } from "../sql.ts";
import { auditPrefix, workPrefix } from "./audit/relations.ts";
import type { Run } from "./context.ts";
import { serverTime } from "./load-session.ts";
import { dropLandings, type Landing, landingPrefix, landingTables } from "./write/landing.ts";

const DAY = 86_400_000;

/**
 * Drops this load's work tables, the landing tables that were published, those that are older than keepLandedDays, and work
 * tables that loads of yesterday and before left.
 */
export async function sweep(run: Run, published: readonly Landing[]): Promise<void> {
  const { session, settings, names, step } = run;
  step("dropping the load's work tables");
  const now = (await serverTime(session)).getTime();
  // Another load may be at work with tables that are younger than a day.
  const own = landingPrefix(settings.table) + run.id;
  const old = (await landingTables(run)).filter(
    ({ name, createdAt }) =>
      now - createdAt > Math.max(1, settings.keepLandedDays) * DAY ||
      (settings.keepLandedDays === 0 && name.startsWith(own)),
  );
  await dropLandings(run, [...new Set([...published, ...old].map(({ name }) => name))]);
  const prefix = auditPrefix(settings.table);
  const left = await session.rows(`SHOW TABLES LIKE ${literal(`${prefix}%`)} IN SCHEMA ${names.schema}`);
  for (const { name, created_on } of left)
    if (
      String(name).startsWith(workPrefix(run)) ||
      (String(name).startsWith(prefix) && now - instant(created_on) > DAY)
    )
      await session.rows(`DROP TABLE IF EXISTS ${names.work(String(name))}`);
}
