/** How well the table is sorted by its key after a load, and what keeping it so has cost. */
import { literal } from "../../sql.ts";
import type { Clustering } from "../args.ts";
import type { Run } from "../context.ts";

/**
 * Undefined for a table without a key, or where the account does not tell: that is no failure of the load.
 * docs: SYSTEM$CLUSTERING_INFORMATION.
 */
export async function clusteringOf(run: Run): Promise<Clustering | undefined> {
  const told = await orNothing(() =>
    run.session.rows(`SELECT SYSTEM$CLUSTERING_INFORMATION(${literal(run.names.readings)}) AS TOLD`),
  );
  if (told === undefined) return undefined;
  const { cluster_by_keys, total_partition_count, average_depth } = JSON.parse(String(told[0]?.TOLD));
  const credits = run.settings.meterCredits ? await creditsOfWeek(run) : undefined;
  return {
    key: String(cluster_by_keys),
    averageDepth: Number(average_depth),
    partitions: Number(total_partition_count),
    ...(credits !== undefined && { creditsOfWeek: credits }),
  };
}

/** docs: AUTOMATIC_CLUSTERING_HISTORY: for ACCOUNTADMIN, and roles with MONITOR USAGE. */
async function creditsOfWeek({ session, names }: Run): Promise<number | undefined> {
  const rows = await orNothing(() =>
    session.rows(
      `SELECT COALESCE(SUM(CREDITS_USED), 0) AS CREDITS FROM TABLE(${names.information}.AUTOMATIC_CLUSTERING_HISTORY(
  DATE_RANGE_START => DATEADD('day', -7, CURRENT_TIMESTAMP()), TABLE_NAME => ?))`,
      [names.plain],
    ),
  );
  return rows && Number(rows[0]?.CREDITS);
}

async function orNothing<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch {
    return undefined;
  }
}
