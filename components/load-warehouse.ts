import * as pulumi from "@pulumi/pulumi";
import * as snowflake from "@pulumi/snowflake";
import { child, keepsName, type Transform } from "./child.ts";
import type { WarehouseSize } from "./verified-load/args.ts";

export interface LoadWarehouseArgs {
  /** The warehouse's name. @example "FLUX_DEV_LOAD_WH" */
  readonly warehouseName: string;
  /** True when it is there already: it is neither made nor changed, and keeps its size while it loads. @default false */
  readonly useWarehouse?: boolean;
  /**
   * Size at rest. The load makes it larger while it runs and puts it back; that is the load's business and no change here.
   * @default "MEDIUM"
   */
  readonly warehouseSize?: WarehouseSize;
  /** Seconds without a query after which it stops and costs nothing. @default 60 */
  readonly autoSuspendSeconds?: number;
  /** Seconds after which Snowflake ends a statement on it. @default 14400 (4 hours) */
  readonly statementTimeoutSeconds?: number;
  /** Credits a month; at 80 % account administrators are told, at 100 % the warehouse stops. @default no monitor @example 200 */
  readonly monthlyCreditQuota?: number;
  /** Escape hatch for each child. */
  readonly transform?: {
    readonly monitor?: Transform<snowflake.ResourceMonitorArgs>;
    readonly warehouse?: Transform<snowflake.WarehouseArgs>;
  };
}

/**
 * The warehouse that loads and verifies, with what keeps its cost within bounds.
 * @example new LoadWarehouse("compute", { warehouseName: "FLUX_DEV_LOAD_WH", monthlyCreditQuota: 200 })
 */
export class LoadWarehouse extends pulumi.ComponentResource {
  /** The warehouse's name. */
  readonly warehouseName: pulumi.Output<string>;

  constructor(name: string, args: LoadWarehouseArgs, options?: pulumi.ComponentResourceOptions) {
    super("flux-ami:index:LoadWarehouse", name, {}, options);
    const { transform = {}, monthlyCreditQuota } = args;
    if (args.useWarehouse) {
      this.warehouseName = pulumi.output(args.warehouseName);
      this.registerOutputs();
      return;
    }

    const monitor =
      monthlyCreditQuota === undefined
        ? undefined
        : new snowflake.ResourceMonitor(
            `${name}-monitor`,
            ...child(
              transform.monitor,
              {
                name: `${args.warehouseName}_MONITOR`,
                creditQuota: monthlyCreditQuota,
                frequency: "MONTHLY",
                startTimestamp: "IMMEDIATELY",
                notifyTriggers: [80],
                suspendTrigger: 100,
              },
              { parent: this },
            ),
          );
    const warehouse = new snowflake.Warehouse(
      `${name}-warehouse`,
      ...child(
        transform.warehouse,
        {
          name: args.warehouseName,
          warehouseSize: args.warehouseSize ?? "MEDIUM",
          autoSuspend: args.autoSuspendSeconds ?? 60,
          autoResume: "true",
          initiallySuspended: true,
          statementTimeoutInSeconds: args.statementTimeoutSeconds ?? 14_400,
          ...(monitor && { resourceMonitor: monitor.fullyQualifiedName }),
          comment: "Loads and verifies meter readings",
        },
        keepsName({ parent: this }),
      ),
    );
    this.warehouseName = warehouse.name;
    this.registerOutputs();
  }
}
