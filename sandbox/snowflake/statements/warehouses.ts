import type { Warehouse } from "../catalog/model.ts";
import { mayKnow, requireAccountPrivilege, requirePrivilege } from "../catalog/privileges.ts";
import { accountOf } from "../catalog/scope.ts";
import { doesNotExist, SnowflakeError, unsupported } from "../errors.ts";
import { displayIdentifier } from "../grammar/identifiers.ts";
import { requireCredits } from "../history/credits.ts";
import { encodeTimestamp, fixed, text, timestampLtz } from "../result.ts";
import {
  alreadyDropped,
  created,
  done,
  dropped,
  existing,
  findAccountObject,
  forgetGrants,
  newObject,
  type ObjectKind,
  rename,
} from "./ddl.ts";
import { byName, tabulate, yesNo } from "./shown.ts";
import { displaySize, resetWarehouse, warehouseChanges } from "./warehouse-properties.ts";

const stateError = (name: string, state: string) =>
  new SnowflakeError("090064", "22000", `Invalid state. Warehouse '${name}' cannot be ${state}.`);

export const warehouses: ObjectKind = {
  create(statement, execution) {
    const account = accountOf(execution);
    const [name] = statement.name as [string];
    requireAccountPrivilege(execution, "CREATE WAREHOUSE");
    const old = account.warehouses.get(name);
    const kept = existing(execution, statement, old);
    if (kept) return kept;
    const { read, apply } = warehouseChanges(execution, statement.properties, "CREATE");
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
        warehouseChanges(execution, change.properties, "ALTER").apply(warehouse);
        warehouse.updatedOn = execution.cloud.now().getTime();
        execution.cloud.catalog.save();
        if (warehouse.size !== before) running.resized(execution.session.account, warehouse.id);
        return done();
      }
      case "unset":
        requirePrivilege(execution, "MODIFY", warehouse);
        resetWarehouse(warehouse, change.names);
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
        requireCredits(execution, warehouse);
        running.resume(execution.session.account, warehouse.id);
        return done();
      }
      case "abortAllQueries":
        requirePrivilege(execution, "OPERATE", warehouse);
        for (const statement of execution.cloud.running.values()) {
          const { account: key, warehouse: used } = statement.record;
          if (key === execution.session.account && used === name) statement.cancel();
        }
        return done();
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
          ...generationOf(warehouse),
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

/** A warehouse that nobody gave a generation is of the first one, as in accounts of older organisations. */
const generationOf = ({ warehouseType, generation = "1" }: Warehouse) =>
  warehouseType === "STANDARD"
    ? { resource_constraint: `STANDARD_GEN_${generation}`, generation }
    : { resource_constraint: "MEMORY_16X", generation: null };

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
  text("resource_constraint"),
  text("generation"),
];
