import type { ResourceValidationPolicy } from "@pulumi/policy";
import { LOAD_TYPES } from "./load-inputs.ts";
import { onTypes } from "./rule.ts";

const WAREHOUSE = ["snowflake:index/warehouse:Warehouse"] as const;

/** Warehouse sizes, smallest first, each with its other spellings. */
const SIZES = [
  ["XSMALL", "X-SMALL"],
  ["SMALL"],
  ["MEDIUM"],
  ["LARGE"],
  ["XLARGE", "X-LARGE"],
  ["2XLARGE", "XXLARGE", "2X-LARGE", "X2LARGE"],
  ["3XLARGE", "XXXLARGE", "3X-LARGE", "X3LARGE"],
  ["4XLARGE", "4X-LARGE", "X4LARGE"],
  ["5XLARGE", "5X-LARGE", "X5LARGE"],
  ["6XLARGE", "6X-LARGE", "X6LARGE"],
] as const;

const size = (defaultSize: string, description: string) =>
  ({ type: "string", enum: SIZES.map(([name]) => name), default: defaultSize, description }) as const;

/** Rank of a size, 0 the smallest; -1 for no size at all. */
function rank(name: string): number {
  return SIZES.findIndex((spellings) => (spellings as readonly string[]).includes(name.toUpperCase()));
}

/** Reports a size above the limit, or one that Snowflake does not know. */
function checkSize(what: string, given: string, limit: string, violation: (message: string) => void): void {
  const known = SIZES.map(([name]) => name).join(", ");
  if (rank(given) < 0) violation(`${what} is "${given}", which is no warehouse size. Use one of ${known}.`);
  else if (rank(given) > rank(limit)) {
    violation(
      `${what} is ${given}; at most ${limit} is allowed here. Lower it, or raise the limit in the policy settings.`,
    );
  }
}

export const warehouseSizeWithinLimit: ResourceValidationPolicy = {
  name: "warehouse-size-within-limit",
  description: "A warehouse is no larger than its environment allows, between loads and during one.",
  enforcementLevel: "mandatory",
  severity: "medium",
  configSchema: {
    properties: {
      largest: size("MEDIUM", "Largest size between loads"),
      largestForLoad: size("XLARGE", "Largest size during a load"),
      mostClusters: {
        type: "integer",
        minimum: 1,
        maximum: 300,
        default: 1,
        description: "Most clusters of a warehouse",
      },
    },
  },
  validateResource: onTypes<{ largest: string; largestForLoad: string; mostClusters: number }>(
    [...WAREHOUSE, ...LOAD_TYPES],
    ({ type, props, settings }, violation) => {
      if ((LOAD_TYPES as readonly string[]).includes(type)) {
        if (props.loadSize !== undefined) {
          checkSize("the size during a load", props.loadSize, settings.largestForLoad, violation);
        }
        return;
      }
      checkSize("warehouseSize", props.warehouseSize ?? "XSMALL", settings.largest, violation);
      const clusters: number = props.maxClusterCount ?? 1;
      if (clusters > settings.mostClusters) {
        violation(
          `maxClusterCount is ${clusters}; at most ${settings.mostClusters} is allowed here. A load uses one.`,
        );
      }
    },
  ),
};

export const warehouseSuspends: ResourceValidationPolicy = {
  name: "warehouse-suspends",
  description: "A warehouse that nobody uses suspends itself within minutes.",
  enforcementLevel: "mandatory",
  severity: "high",
  configSchema: {
    properties: {
      longest: { type: "integer", minimum: 1, default: 300, description: "Longest auto-suspend, seconds" },
    },
  },
  validateResource: onTypes<{ longest: number }>(WAREHOUSE, ({ props, settings }, violation) => {
    const { autoSuspend } = props;
    if (autoSuspend === undefined) {
      violation(`autoSuspend is not set, so it is 600 s. Set it to ${settings.longest} s or less.`);
    } else if (autoSuspend <= 0) {
      violation(
        `autoSuspend is ${autoSuspend}: it never suspends. Set it between 1 and ${settings.longest} s.`,
      );
    } else if (autoSuspend > settings.longest) {
      violation(`autoSuspend is ${autoSuspend} s. Set it to ${settings.longest} s or less.`);
    }
  }),
};

export const warehouseHasMonitor: ResourceValidationPolicy = {
  name: "warehouse-has-monitor",
  description:
    "Credits are capped: a resource monitor with a quota that suspends is attached to the warehouse.",
  enforcementLevel: "mandatory",
  severity: "high",
  validateResource: onTypes(
    [...WAREHOUSE, "snowflake:index/resourceMonitor:ResourceMonitor"],
    ({ type, props }, violation) => {
      if (type.endsWith(":Warehouse")) {
        // `in` does not touch the value, which may be unknown in a preview.
        if (!("resourceMonitor" in props)) {
          violation("no resource monitor is attached. Set the stack's monthly credit quota.");
        }
        return;
      }
      if (!((props.creditQuota ?? 0) > 0)) {
        violation(
          `creditQuota is ${props.creditQuota ?? "not set"}. Set the credits a month that may be used.`,
        );
      }
      const suspends: number | undefined = props.suspendTrigger ?? props.suspendImmediateTrigger;
      if (suspends === undefined || suspends > 100) {
        violation(`no trigger suspends at the quota. Set suspendTrigger to 100 % or less.`);
      }
    },
  ),
};

export const loadHasTimeout: ResourceValidationPolicy = {
  name: "load-has-timeout",
  description:
    "The load's statements end by themselves: a statement timeout is set, and it is no longer than a COPY can take.",
  enforcementLevel: "mandatory",
  severity: "medium",
  configSchema: {
    properties: {
      longest: {
        type: "integer",
        minimum: 1,
        default: 86_400,
        description: "Longest statement timeout, seconds",
      },
    },
  },
  validateResource: onTypes<{ longest: number }>(LOAD_TYPES, ({ props, settings }, violation) => {
    const timeout: number | undefined = props.statementTimeoutSeconds;
    if (timeout === undefined) {
      violation(
        `statementTimeoutSeconds is not set; Snowflake would run for two days. Set it to ${settings.longest} s or less.`,
      );
    } else if (timeout <= 0 || timeout > settings.longest) {
      violation(`statementTimeoutSeconds is ${timeout}. Set it between 1 and ${settings.longest} s.`);
    }
  }),
};
