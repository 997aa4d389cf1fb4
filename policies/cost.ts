import type { ResourceValidationPolicy } from "@pulumi/policy";
import { LOAD_TYPE } from "../components/verified-load/args.ts";
import { given, onTypes } from "./rule.ts";

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
    [...WAREHOUSE, LOAD_TYPE],
    ({ type, props, settings }, violation) => {
      if (type === LOAD_TYPE) {
        if (props.loadSize !== undefined) {
          checkSize("the size during a load", props.loadSize, settings.largestForLoad, violation);
        }
        if (props.restSize !== undefined) {
          checkSize("the size after a load", props.restSize, settings.largest, violation);
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

export const warehouseIsPlain: ResourceValidationPolicy = {
  name: "warehouse-is-plain",
  description:
    "A warehouse is a standard one: no query acceleration, no Snowpark memory, no ECONOMY queueing.",
  enforcementLevel: "mandatory",
  severity: "medium",
  validateResource: onTypes(WAREHOUSE, ({ props }, violation) => {
    const on = (value: unknown) => value === true || String(value).toLowerCase() === "true";
    if (on(props.enableQueryAcceleration) || (props.queryAccelerationMaxScaleFactor ?? 0) > 8) {
      violation("query acceleration rents further machines. Leave enableQueryAcceleration off.");
    }
    if (given(props, "warehouseType") && String(props.warehouseType).toUpperCase() !== "STANDARD") {
      violation(
        `warehouseType is ${props.warehouseType}, which costs half as much again or more. Use STANDARD.`,
      );
    }
    if ((props.minClusterCount ?? 1) > 1) {
      violation(`minClusterCount is ${props.minClusterCount}; so many would always run. A load uses one.`);
    }
  }),
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
    "Credits are capped: a resource monitor with a quota within the limit, that suspends, is attached to the warehouse.",
  enforcementLevel: "mandatory",
  severity: "high",
  configSchema: {
    properties: {
      mostCredits: {
        type: "number",
        minimum: 1,
        default: 1_000,
        description: "Largest quota, credits a month",
      },
    },
  },
  validateResource: onTypes<{ mostCredits: number }>(
    [...WAREHOUSE, "snowflake:index/resourceMonitor:ResourceMonitor"],
    ({ type, props, settings }, violation) => {
      if (type.endsWith(":Warehouse")) {
        if (!given(props, "resourceMonitor")) {
          violation("no resource monitor is attached. Set the stack's monthly credit quota.");
        }
        return;
      }
      const quota = Number(props.creditQuota ?? 0);
      if (!(quota > 0)) {
        violation(
          `creditQuota is ${props.creditQuota ?? "not set"}. Set the credits a month that may be used.`,
        );
      } else if (quota > settings.mostCredits) {
        violation(`creditQuota is ${quota}; at most ${settings.mostCredits} is allowed here. Lower it.`);
      }
      if (given(props, "frequency") && String(props.frequency).toUpperCase() !== "MONTHLY") {
        violation(`the quota is filled up again ${props.frequency}. Set frequency to MONTHLY.`);
      }
      if (given(props, "endTimestamp")) violation("endTimestamp ends the monitor. Remove it.");
      const suspends: number | undefined = props.suspendTrigger ?? props.suspendImmediateTrigger;
      if (suspends === undefined || suspends > 100) {
        violation(`no trigger suspends at the quota. Set suspendTrigger to 100 % or less.`);
      }
    },
  ),
};

export const warehouseStopsStatements: ResourceValidationPolicy = {
  name: "warehouse-stops-statements",
  description: "A warehouse ends statements that run away: its statement timeout is set and within a day.",
  enforcementLevel: "mandatory",
  severity: "medium",
  validateResource: onTypes(WAREHOUSE, ({ props }, violation) => {
    const seconds = Number(props.statementTimeoutInSeconds ?? 0);
    if (!(seconds > 0 && seconds <= 86_400)) {
      violation(
        `statementTimeoutInSeconds is ${props.statementTimeoutInSeconds ?? "not set"}. Set it between 1 and 86400 s.`,
      );
    }
  }),
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
  validateResource: onTypes<{ longest: number }>([LOAD_TYPE], ({ props, settings }, violation) => {
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
