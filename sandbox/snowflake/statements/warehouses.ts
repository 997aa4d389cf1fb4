import { type Warehouse, type WarehouseSize, warehouseSizes } from "../catalog/model.ts";
import { mayKnow, requireAccountPrivilege, requirePrivilege } from "../catalog/privileges.ts";
import { accountOf, type Context } from "../catalog/scope.ts";
import { doesNotExist, SnowflakeError, unsupported } from "../errors.ts";
import { encodeTimestamp, fixed, text, timestampLtz } from "../result.ts";
import { displayIdentifier } from "../sql/identifiers.ts";
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
} from "../sql/properties.ts";
import type { Property } from "../sql/statement.ts";
import {
  alreadyDropped,
  created,
  done,
  dropped,
  existing,
  type Family,
  findAccountObject,
  forgetGrants,
  newObject,
  rename,
} from "./ddl.ts";
import { byName, tabulate, yesNo } from "./listing.ts";
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
const displaySize: Readonly<Record<WarehouseSize, string>> = {
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
const changes = (context: Context, properties: readonly Property[], statement: "CREATE" | "ALTER") => {
  const own = properties.filter(({ name }) => !parameterNames.includes(name));
  const read = readProperties(own, "WAREHOUSE", readers);
  const wrong = statement === "CREATE" ? "WAIT_FOR_COMPLETION" : "INITIALLY_SUSPENDED";
  if (read[wrong] !== undefined)
    throw invalidValue(wrong, String(read[wrong]), `none in ${statement} WAREHOUSE`);
  const monitor = read.RESOURCE_MONITOR;
  if (typeof monitor === "string" && !accountOf(context).resourceMonitors.has(monitor)) {
    throw doesNotExist("Resource monitor", displayIdentifier(monitor));
  }
  const parameters = setObjectParameters(
    properties.filter(({ name }) => parameterNames.includes(name)),
    "WAREHOUSE",
  );
  const apply = (warehouse: Warehouse): void => {
    const clusters = {
      least: read.MIN_CLUSTER_COUNT ?? warehouse.minClusterCount,
      most: read.MAX_CLUSTER_COUNT ?? warehouse.maxClusterCount,
    };
    if (clusters.least > clusters.most) {
      throw invalidValue(
        "MIN_CLUSTER_COUNT",
        String(clusters.least),
        `up to MAX_CLUSTER_COUNT, ${clusters.most}`,
      );
    }
    warehouse.minClusterCount = clusters.least;
    warehouse.maxClusterCount = clusters.most;
    warehouse.warehouseType = read.WAREHOUSE_TYPE ?? warehouse.warehouseType;
    warehouse.size = read.WAREHOUSE_SIZE ?? warehouse.size;
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
    parameters(warehouse.parameters);
  };
  return { read, apply };
};

const unset = (warehouse: Warehouse, names: readonly string[]): void => {
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
};

const stateError = (name: string, state: string) =>
  new SnowflakeError("090064", "22000", `Invalid state. Warehouse '${name}' cannot be ${state}.`);

export const warehouses: Family = {
  create(statement, execution) {
    const account = accountOf(execution);
    const [name] = statement.name as [string];
    requireAccountPrivilege(execution, "CREATE WAREHOUSE");
    const old = account.warehouses.get(name);
    const kept = existing(execution, statement, old);
    if (kept) return kept;
    const { read, apply } = changes(execution, statement.properties, "CREATE");
    const warehouse: Warehouse = {
      type: "WAREHOUSE",
      ...newObject(execution, name),
      warehouseType: "STANDARD",
      size: "XSMALL",
      autoSuspend: 600,
      autoResume: true,
      minClusterCount: 1,
      maxClusterCount: 1,
      scalingPolicy: "STANDARD",
      enableQueryAcceleration: false,
      queryAccelerationMaxScaleFactor: 8,
      parameters: new Map(),
      updatedOn: execution.cloud.now().getTime(),
    };
    apply(warehouse);
    if (old) {
      execution.cloud.warehouses.dropped(execution.session.account, old.id);
      forgetGrants(execution, old.id);
    }
    account.warehouses.set(name, warehouse);
    execution.cloud.catalog.save();
    if (!read.INITIALLY_SUSPENDED) {
      execution.cloud.warehouses.resume(execution.session.account, warehouse.id);
    }
    execution.session.warehouse = name;
    return created("Warehouse", name);
  },

  alter(statement, execution) {
    const account = accountOf(execution);
    const [name] = statement.name as [string];
    const warehouse = findAccountObject(account.warehouses, name, "Warehouse", statement.ifExists);
    if (!warehouse) return done();
    if (!mayKnow(execution, warehouse)) throw doesNotExist("Warehouse", displayIdentifier(name));
    const { warehouses: running } = execution.cloud;
    const { change } = statement;
    switch (change.action) {
      case "set": {
        requirePrivilege(execution, "MODIFY", warehouse);
        const before = warehouse.size;
        changes(execution, change.properties, "ALTER").apply(warehouse);
        warehouse.updatedOn = execution.cloud.now().getTime();
        execution.cloud.catalog.save();
        if (warehouse.size !== before) running.resized(execution.session.account, warehouse.id);
        return done();
      }
      case "unset":
        requirePrivilege(execution, "MODIFY", warehouse);
        unset(warehouse, change.names);
        break;
      case "rename":
        requirePrivilege(execution, "OWNERSHIP", warehouse);
        rename(account.warehouses, warehouse, change.to[0] as string);
        break;
      case "suspend": {
        requirePrivilege(execution, "OPERATE", warehouse);
        const { state } = running.state(execution.session.account, warehouse.id);
        if (state === "SUSPENDED") throw stateError(name, "suspended");
        running.suspend(execution.session.account, warehouse.id);
        return done();
      }
      case "resume": {
        requirePrivilege(execution, "OPERATE", warehouse);
        const { state } = running.state(execution.session.account, warehouse.id);
        if (state === "STARTED" && !change.ifSuspended) throw stateError(name, "resumed");
        running.resume(execution.session.account, warehouse.id);
        return done();
      }
      default:
        throw unsupported(`ALTER WAREHOUSE … ${change.action}`);
    }
    warehouse.updatedOn = execution.cloud.now().getTime();
    execution.cloud.catalog.save();
    return done();
  },

  drop(statement, execution) {
    const account = accountOf(execution);
    const [name] = statement.name as [string];
    const warehouse = findAccountObject(account.warehouses, name, "Warehouse", statement.ifExists);
    if (!warehouse) return alreadyDropped(name);
    requirePrivilege(execution, "OWNERSHIP", warehouse);
    execution.cloud.warehouses.dropped(execution.session.account, warehouse.id);
    account.warehouses.delete(name);
    forgetGrants(execution, warehouse.id);
    execution.cloud.catalog.save();
    if (execution.session.warehouse === name) execution.session.warehouse = null;
    return dropped(name);
  },

  show(_statement, execution) {
    const { session, cloud } = execution;
    const rows = byName(accountOf(execution).warehouses.values())
      .filter((warehouse) => mayKnow(execution, warehouse))
      .map((warehouse) => {
        const { state, running, queued, resumedOn } = cloud.warehouses.state(session.account, warehouse.id);
        const started = state === "STARTED";
        return {
          name: warehouse.name,
          state,
          type: warehouse.warehouseType,
          size: displaySize[warehouse.size],
          min_cluster_count: String(warehouse.minClusterCount),
          max_cluster_count: String(warehouse.maxClusterCount),
          started_clusters: started ? "1" : "0",
          running: String(running),
          queued: String(queued),
          is_default: "N",
          is_current: yesNo(warehouse.name === session.warehouse),
          auto_suspend: warehouse.autoSuspend === undefined ? null : String(warehouse.autoSuspend),
          auto_resume: String(warehouse.autoResume),
          available: started ? "100" : "",
          provisioning: started ? "0" : "",
          quiescing: started ? "0" : "",
          other: started ? "0" : "",
          created_on: encodeTimestamp(new Date(warehouse.createdOn)),
          resumed_on: encodeTimestamp(resumedOn ?? new Date(warehouse.createdOn)),
          updated_on: encodeTimestamp(new Date(warehouse.updatedOn)),
          owner: warehouse.owner,
          comment: warehouse.comment,
          enable_query_acceleration: String(warehouse.enableQueryAcceleration),
          query_acceleration_max_scale_factor: String(warehouse.queryAccelerationMaxScaleFactor),
          resource_monitor: warehouse.resourceMonitor ?? "null",
          actives: started ? "1" : "0",
          pendings: "0",
          failed: "0",
          suspended: started ? "0" : "1",
          uuid: String(warehouse.id),
          scaling_policy: warehouse.scalingPolicy,
          budget: null,
          owner_role_type: "ROLE",
        };
      });
    return { columns: showColumns, rows };
  },

  describe(statement, execution) {
    const [name] = statement.name as [string];
    const warehouse = accountOf(execution).warehouses.get(name);
    if (!warehouse || !mayKnow(execution, warehouse))
      throw doesNotExist("Warehouse", displayIdentifier(name));
    return tabulate(
      [timestampLtz("created_on"), text("name"), text("kind")],
      [
        {
          created_on: encodeTimestamp(new Date(warehouse.createdOn)),
          name: warehouse.name,
          kind: "WAREHOUSE",
        },
      ],
    );
  },
};

const showColumns = [
  text("name"),
  text("state"),
  text("type"),
  text("size"),
  fixed("min_cluster_count"),
  fixed("max_cluster_count"),
  fixed("started_clusters"),
  fixed("running"),
  fixed("queued"),
  text("is_default"),
  text("is_current"),
  fixed("auto_suspend"),
  text("auto_resume"),
  text("available"),
  text("provisioning"),
  text("quiescing"),
  text("other"),
  timestampLtz("created_on"),
  timestampLtz("resumed_on"),
  timestampLtz("updated_on"),
  text("owner"),
  text("comment"),
  text("enable_query_acceleration"),
  fixed("query_acceleration_max_scale_factor"),
  text("resource_monitor"),
  text("actives"),
  text("pendings"),
  text("failed"),
  text("suspended"),
  text("uuid"),
  text("scaling_policy"),
  text("budget"),
  text("owner_role_type"),
];
