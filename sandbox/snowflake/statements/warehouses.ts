import type { Warehouse } from "../catalog/model.ts";
import { requireAccountPrivilege, requirePrivilege } from "../catalog/privileges.ts";
import { accountOf } from "../catalog/scope.ts";
import type { Execution } from "../context.ts";
import { SnowflakeError, unsupported } from "../errors.ts";
import type { AlterAction } from "../grammar/object-statements.ts";
import { requireCredits } from "../history/credits.ts";
import { encodeTimestamp, fixed, text, timestampLtz } from "../result.ts";
import {
  type AccountKind,
  alterAccountObject,
  createAccountObject,
  describedObject,
  dropAccountObject,
  knownObjects,
  requireKnown,
} from "./account-objects.ts";
import { forgetGrants, newObject, type ObjectKind, rename } from "./ddl.ts";
import { tabulate, yesNo } from "./shown.ts";
import { displaySize, resetWarehouse, warehouseChanges } from "./warehouse-properties.ts";

const stateError = (name: string, state: string) =>
  new SnowflakeError("090064", "22000", `Invalid state. Warehouse '${name}' cannot be ${state}.`);

const newWarehouse = (execution: Execution, name: string): Warehouse => ({
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
});

function removeWarehouse(execution: Execution, { id }: Warehouse): void {
  execution.cloud.warehouses.dropped(execution.session.account, id);
  forgetGrants(execution, id);
}

function change(execution: Execution, warehouse: Warehouse, action: AlterAction): void {
  switch (action.action) {
    case "set": {
      requirePrivilege(execution, "MODIFY", warehouse);
      const before = warehouse.size;
      warehouseChanges(execution, action.properties, "ALTER").apply(warehouse);
      if (warehouse.size !== before)
        execution.cloud.warehouses.resized(execution.session.account, warehouse.id);
      break;
    }
    case "unset":
      requirePrivilege(execution, "MODIFY", warehouse);
      resetWarehouse(execution, warehouse, action.names);
      break;
    case "rename":
      requirePrivilege(execution, "OWNERSHIP", warehouse);
      rename(accountOf(execution).warehouses, warehouse, action.to[0] as string);
      break;
    default:
      operate(execution, warehouse, action);
      return;
  }
  warehouse.updatedOn = execution.cloud.now().getTime();
}

/** What is done with a warehouse, and changes nothing of it. */
function operate(execution: Execution, warehouse: Warehouse, action: AlterAction): void {
  const { session, cloud } = execution;
  const { id, name } = warehouse;
  const { state } = cloud.warehouses.state(session.account, id);
  switch (action.action) {
    case "suspend":
      requirePrivilege(execution, "OPERATE", warehouse);
      if (state === "SUSPENDED") throw stateError(name, "suspended");
      cloud.warehouses.suspend(session.account, id);
      break;
    case "resume":
      requirePrivilege(execution, "OPERATE", warehouse);
      if (state === "STARTED" && !action.ifSuspended) throw stateError(name, "resumed");
      requireCredits(execution, warehouse);
      cloud.warehouses.resume(session.account, id);
      break;
    case "abortAllQueries":
      requirePrivilege(execution, "OPERATE", warehouse);
      for (const statement of cloud.running.values()) {
        const { account: key, warehouse: used } = statement.record;
        if (key === session.account && used === name) statement.cancel();
      }
      break;
    default:
      throw unsupported(`ALTER WAREHOUSE … ${action.action}`);
  }
}

const kind: AccountKind<Warehouse> = { label: "Warehouse", objects: ({ warehouses }) => warehouses };

export const warehouses: ObjectKind = {
  create(statement, execution) {
    const { session, cloud } = execution;
    let suspended = false;
    return createAccountObject(statement, execution, kind, {
      allow: () => requireAccountPrivilege(execution, "CREATE WAREHOUSE"),
      make: (name) => {
        const { read, apply } = warehouseChanges(execution, statement.properties, "CREATE");
        suspended = read.INITIALLY_SUSPENDED === true;
        const warehouse = newWarehouse(execution, name);
        apply(warehouse);
        return warehouse;
      },
      replace: (old) => removeWarehouse(execution, old),
      after: ({ id, name }) => {
        if (!suspended) cloud.warehouses.resume(session.account, id);
        session.warehouse = name;
      },
    });
  },

  alter(statement, execution) {
    return alterAccountObject(statement, execution, kind, (warehouse) => {
      requireKnown(execution, kind.label, warehouse);
      change(execution, warehouse, statement.change);
    });
  },

  drop(statement, execution) {
    const { session } = execution;
    return dropAccountObject(statement, execution, kind, {
      remove: (warehouse) => removeWarehouse(execution, warehouse),
      after: ({ name }) => {
        if (session.warehouse === name) session.warehouse = null;
      },
    });
  },

  show(_statement, execution) {
    const { session, cloud } = execution;
    const rows = knownObjects(execution, kind).map((warehouse) => {
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
    const warehouse = describedObject(statement, execution, kind);
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
