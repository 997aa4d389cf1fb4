import { type Warehouse, type WarehouseSize, warehouseSizes } from "../catalog/model.ts";
import { mayKnow, requirePrivilege } from "../catalog/privileges.ts";
import { accountOf, type Context } from "../catalog/scope.ts";
import { doesNotExist, unsupported } from "../errors.ts";
import { displayIdentifier } from "../grammar/identifiers.ts";
import {
  asBoolean,
  asInteger,
  asName1,
  asText,
  asWord,
  invalidValue,
  orNull,
  type Reader,
  readProperties,
  valueText,
} from "../grammar/properties.ts";
import type { Property } from "../grammar/values.ts";
import { setObjectParameters, unsetObjectParameters } from "./object-parameters.ts";

/** All spellings of a size: with and without hyphens, in words and in digits. */
const spellings: ReadonlyMap<string, WarehouseSize> = new Map([
  ...warehouseSizes.map((size) => [size, size] as const),
  ["X4LARGE", "X4LARGE"],
  ["4XLARGE", "X4LARGE"],
  ["5XLARGE", "X5LARGE"],
  ["6XLARGE", "X6LARGE"],
  ["2XLARGE", "XXLARGE"],
  ["X2LARGE", "XXLARGE"],
  ["3XLARGE", "XXXLARGE"],
  ["X3LARGE", "XXXLARGE"],
]);

/** A size as SHOW WAREHOUSES prints it. */
export const displaySize: Readonly<Record<WarehouseSize, string>> = {
  XSMALL: "X-Small",
  SMALL: "Small",
  MEDIUM: "Medium",
  LARGE: "Large",
  XLARGE: "X-Large",
  XXLARGE: "2X-Large",
  XXXLARGE: "3X-Large",
  X4LARGE: "4X-Large",
  X5LARGE: "5X-Large",
  X6LARGE: "6X-Large",
};

const asSize: Reader<WarehouseSize> = (value, name) => {
  const size = spellings.get(asText(value, name).toUpperCase().replaceAll("-", ""));
  if (!size) throw invalidValue(name, valueText(value), warehouseSizes.join(", "));
  return size;
};

const readers = {
  WAREHOUSE_TYPE: asWord("STANDARD", "SNOWPARK-OPTIMIZED"),
  WAREHOUSE_SIZE: asSize,
  GENERATION: asWord("1", "2"),
  RESOURCE_CONSTRAINT: asWord("STANDARD_GEN_1", "STANDARD_GEN_2"),
  MAX_CLUSTER_COUNT: asInteger(1, 10),
  MIN_CLUSTER_COUNT: asInteger(1, 10),
  SCALING_POLICY: asWord("STANDARD", "ECONOMY"),
  AUTO_SUSPEND: orNull(asInteger(0, 2_147_483_647)),
  AUTO_RESUME: asBoolean,
  INITIALLY_SUSPENDED: asBoolean,
  WAIT_FOR_COMPLETION: asBoolean,
  RESOURCE_MONITOR: orNull(asName1),
  COMMENT: asText,
  ENABLE_QUERY_ACCELERATION: asBoolean,
  QUERY_ACCELERATION_MAX_SCALE_FACTOR: asInteger(0, 100),
};

const parameterNames = [
  "MAX_CONCURRENCY_LEVEL",
  "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS",
  "STATEMENT_TIMEOUT_IN_SECONDS",
];

/** Reads and checks everything before anything is changed, then answers the change itself. */
export function warehouseChanges(
  context: Context,
  properties: readonly Property[],
  statement: "CREATE" | "ALTER",
) {
  const own = properties.filter(({ name }) => !parameterNames.includes(name));
  const read = readProperties(own, "WAREHOUSE", readers);
  const wrong = statement === "CREATE" ? "WAIT_FOR_COMPLETION" : "INITIALLY_SUSPENDED";
  if (read[wrong] !== undefined)
    throw invalidValue(wrong, String(read[wrong]), `none in ${statement} WAREHOUSE`);
  const monitor = read.RESOURCE_MONITOR;
  if (typeof monitor === "string") requireMonitor(context, monitor);
  const parameters = setObjectParameters(
    properties.filter(({ name }) => parameterNames.includes(name)),
    "WAREHOUSE",
  );
  const apply = (warehouse: Warehouse): void => {
    // To be rid of its monitor takes what it takes to give it one: else who may MODIFY a warehouse lifts its limit.
    if (monitor !== undefined && warehouse.resourceMonitor)
      requireMonitor(context, warehouse.resourceMonitor);
    const minClusterCount = read.MIN_CLUSTER_COUNT ?? warehouse.minClusterCount;
    const maxClusterCount = read.MAX_CLUSTER_COUNT ?? warehouse.maxClusterCount;
    if (minClusterCount > maxClusterCount) {
      throw invalidValue(
        "MIN_CLUSTER_COUNT",
        String(minClusterCount),
        `up to MAX_CLUSTER_COUNT, ${maxClusterCount}`,
      );
    }
    const generation =
      read.GENERATION ??
      (read.RESOURCE_CONSTRAINT?.at(-1) as Warehouse["generation"]) ??
      warehouse.generation;
    const changed = {
      minClusterCount,
      maxClusterCount,
      warehouseType: read.WAREHOUSE_TYPE ?? warehouse.warehouseType,
      size: read.WAREHOUSE_SIZE ?? warehouse.size,
      ...(generation && { generation }),
    };
    requireGeneration(changed);
    Object.assign(warehouse, changed);
    warehouse.scalingPolicy = read.SCALING_POLICY ?? warehouse.scalingPolicy;
    // 0 and NULL both mean that it never suspends by itself; SHOW prints 0 and NULL as they were set.
    if (read.AUTO_SUSPEND === null) delete warehouse.autoSuspend;
    else if (read.AUTO_SUSPEND !== undefined) warehouse.autoSuspend = read.AUTO_SUSPEND;
    warehouse.autoResume = read.AUTO_RESUME ?? warehouse.autoResume;
    if (monitor === null) delete warehouse.resourceMonitor;
    else if (monitor !== undefined) warehouse.resourceMonitor = monitor;
    warehouse.comment = read.COMMENT ?? warehouse.comment;
    warehouse.enableQueryAcceleration = read.ENABLE_QUERY_ACCELERATION ?? warehouse.enableQueryAcceleration;
    warehouse.queryAccelerationMaxScaleFactor =
      read.QUERY_ACCELERATION_MAX_SCALE_FACTOR ?? warehouse.queryAccelerationMaxScaleFactor;
    parameters(warehouse);
  };
  return { read, apply };
}

/** Docs: Snowflake generation 2 standard warehouses. */
function requireGeneration({
  warehouseType,
  size,
  generation,
}: Pick<Warehouse, "warehouseType" | "size" | "generation">): void {
  if (generation === undefined) return;
  if (warehouseType !== "STANDARD")
    throw invalidValue("GENERATION", generation, "none but for STANDARD warehouses");
  if (generation === "2" && /^X[56]LARGE$/.test(size)) {
    throw invalidValue("GENERATION", generation, `'1' for a warehouse of size ${displaySize[size]}`);
  }
}

/**
 * Who may put a warehouse under a monitor, or take it from one: not verified; the manual has monitors made by account
 * administrators, who let other roles view and modify them (docs: Working with resource monitors).
 */
function requireMonitor(context: Context, name: string): void {
  const monitor = accountOf(context).resourceMonitors.get(name);
  if (!monitor || !mayKnow(context, monitor)) throw doesNotExist("Resource monitor", displayIdentifier(name));
  requirePrivilege(context, "MODIFY", monitor);
}

export function resetWarehouse(context: Context, warehouse: Warehouse, names: readonly string[]): void {
  const defaults: Record<string, () => void> = {
    COMMENT: () => {
      warehouse.comment = "";
    },
    AUTO_SUSPEND: () => {
      warehouse.autoSuspend = 600;
    },
    AUTO_RESUME: () => {
      warehouse.autoResume = true;
    },
    RESOURCE_MONITOR: () => {
      if (warehouse.resourceMonitor) requireMonitor(context, warehouse.resourceMonitor);
      delete warehouse.resourceMonitor;
    },
    WAREHOUSE_TYPE: () => {
      warehouse.warehouseType = "STANDARD";
    },
    MAX_CLUSTER_COUNT: () => {
      warehouse.maxClusterCount = 1;
      warehouse.minClusterCount = 1;
    },
    MIN_CLUSTER_COUNT: () => {
      warehouse.minClusterCount = 1;
    },
    GENERATION: () => {
      delete warehouse.generation;
    },
    SCALING_POLICY: () => {
      warehouse.scalingPolicy = "STANDARD";
    },
    ENABLE_QUERY_ACCELERATION: () => {
      warehouse.enableQueryAcceleration = false;
    },
    QUERY_ACCELERATION_MAX_SCALE_FACTOR: () => {
      warehouse.queryAccelerationMaxScaleFactor = 8;
    },
  };
  const parameters = names.filter((name) => parameterNames.includes(name));
  for (const name of names) {
    if (parameters.includes(name)) continue;
    const reset = Object.hasOwn(defaults, name) ? defaults[name] : undefined;
    if (!reset) throw unsupported(`ALTER WAREHOUSE … UNSET ${name}`);
    reset();
  }
  unsetObjectParameters(warehouse.parameters, parameters, "WAREHOUSE");
}
