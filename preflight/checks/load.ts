import { bytes, duration, plural } from "../../components/format.ts";
import { shown } from "../../components/snowflake/shown.ts";
import { type Billing, estimate } from "../../components/verified-load/estimate.ts";
import { generationOf } from "../../components/verified-load/warehouse.ts";
import { sizeOf } from "../../components/verified-load/warehouse-sizes.ts";
import { type Check, fail, pass } from "../check.ts";
import type { World } from "../world.ts";
import { countingFiles } from "./bucket.ts";

export const loadChecks: Check[] = [
  {
    id: "load.estimate",
    title: "what the first load takes",
    service: "aws",
    // What an hour costs hangs on the warehouse.
    needs: ["bucket.files", "snowflake.role"],
    run: async (world) => {
      const config = await world.environment();
      if ((await world.bucket()).state === "missing") return pass("nothing yet");
      const { files, all } = await world.files();
      const counting = countingFiles(files, config);
      const billing = await billed(world);
      const { seconds, credits, bytes: size } = estimate(counting, billing);
      const said = `${all ? "" : "at least "}${plural(counting.length, "file")} of ${bytes(size)}: about ${duration(seconds)} and ${credits} credits on ${billing.size}${billing.generation === "2" ? " of generation 2" : ""}`;
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

/** What is paid for, of a warehouse that is there already: one that is used keeps its size while it loads. */
async function billed(world: World): Promise<Billing> {
  const { useWarehouse, warehouseName, loadWarehouseSize } = await world.environment();
  const row = await shown(await world.provider(), "WAREHOUSES", warehouseName);
  return {
    size: (useWarehouse && row && sizeOf(String(row.size))) || loadWarehouseSize,
    generation: row && generationOf(row),
  };
}
