import { bytes, duration, plural } from "../../components/format.ts";
import { shown } from "../../components/snowflake/shown.ts";
import { estimate } from "../../components/verified-load/estimate.ts";
import { sizeOf } from "../../components/verified-load/warehouse-sizes.ts";
import { type Check, fail, pass } from "../check.ts";
import type { World } from "../world.ts";
import { countingFiles } from "./bucket.ts";

export const loadChecks: Check[] = [
  {
    id: "load.estimate",
    title: "what the first load takes",
    service: "aws",
    needs: ["bucket.files"],
    run: async (world) => {
      const config = await world.environment();
      if ((await world.bucket()).state === "missing") return pass("nothing yet");
      const { files, all } = await world.files();
      const counting = countingFiles(files, config);
      const loadSize = (await usedSize(world)) ?? config.loadWarehouseSize;
      const { seconds, credits, bytes: size } = estimate(counting, { size: loadSize });
      const said = `${all ? "" : "at least "}${plural(counting.length, "file")} of ${bytes(size)}: about ${duration(seconds)} and ${credits} credits on ${loadSize}`;
      const { monthlyCreditQuota: quota, statementTimeoutSeconds: limit } = config;
      const set = `pulumi config set -s ${world.at.stack} flux-ami:`;
      if (quota !== undefined && credits > quota)
        return fail(
          `${said}, more than the ${quota} of flux-ami:monthlyCreditQuota: Snowflake would stop it half-way`,
          `${set}monthlyCreditQuota ${Math.ceil(credits * 1.5)}`,
        );
      if (seconds > limit)
        return fail(
          `${said}, longer than the ${duration(limit)} of flux-ami:statementTimeoutSeconds: Snowflake would end it`,
          `${set}loadWarehouseSize <a larger size>`,
        );
      return pass(said);
    },
  },
];

/** Size of a warehouse that was there: it keeps that while it loads. */
async function usedSize(world: World) {
  const { useWarehouse, warehouseName } = await world.environment();
  if (!useWarehouse) return undefined;
  const row = await shown(await world.provider(), "WAREHOUSES", warehouseName);
  return sizeOf(String(row?.size));
}
