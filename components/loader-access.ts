import * as pulumi from "@pulumi/pulumi";
import * as snowflake from "@pulumi/snowflake";
import { child, keepsName, type Transform } from "./child.ts";
import type { ExternalStage } from "./external-stage.ts";
import type { LoadWarehouse } from "./load-warehouse.ts";
import type { ReadingsTable } from "./readings-table.ts";
import { parseName, qualified } from "./sql.ts";
import { ACCOUNTING_PRIVILEGES } from "./verified-load/tables.ts";

/** Snowflake grants SELECT on a view as on a VIEW, and nothing single within an imported database. */
export const METERS_TABLE_KINDS = ["table", "view", "imported"] as const;
type MetersTableKind = (typeof METERS_TABLE_KINDS)[number];

export interface LoaderAccessArgs {
  /** Name of the role. @example "FLUX_DEV_LOADER" */
  readonly loaderRoleName: string;
  /**
   * True when the role is there already: it is then given nothing on objects that were there as well, because taking that
   * back would take what it had.
   * @default false
   */
  readonly useRole?: boolean;
  /** True for what was there already. @default false, each */
  readonly useDatabase?: boolean;
  readonly useSchema?: boolean;
  readonly useWarehouse?: boolean;
  /** Role that deploys: it gets the loader role, to run the load under it. @example "FLUX_DEV_DEPLOYER" */
  readonly deployerRoleName: string;
  /** The readings table and the load's own tables beside it. */
  readonly table: Pick<ReadingsTable, "database" | "schema" | "tableName" | "accountingTable" | "lockTable">;
  /** The stage and its file format, in the same schema. */
  readonly stage: Pick<ExternalStage, "stageName" | "fileFormatName">;
  readonly warehouse: Pick<LoadWarehouse, "warehouseName">;
  /** Table of known meters that the load checks against. @default none @example "REFERENCE.PUBLIC.METERS" */
  readonly metersTable?: string;
  /** What it is: a table, a view, or one or the other in a database that was imported from a share. @default "table" */
  readonly metersTableKind?: MetersTableKind;
  /** The role may see what the account's warehouses used: MONITOR USAGE. @default false */
  readonly meterCredits?: boolean;
  /** Guards the role against destroy and delete. @default true */
  readonly protect?: boolean;
  /** What destroying the stack does to the readings: where they stay, the role stays that owns the tables beside them. @default "retain" */
  readonly onDelete?: "retain" | "truncate" | "drop";
  /** Escape hatch for each child. */
  readonly transform?: { readonly role?: Transform<snowflake.AccountRoleArgs> };
}

type On = Omit<snowflake.GrantPrivilegesToAccountRoleArgs, "accountRoleName" | "privileges">;

/**
 * The role under which the load runs: it may load and verify this table on this warehouse, and nothing else.
 * @example new LoaderAccess("loader", { loaderRoleName: "FLUX_DEV_LOADER", deployerRoleName, table, stage, warehouse })
 */
export class LoaderAccess extends pulumi.ComponentResource {
  /** The role's name. */
  readonly roleName: pulumi.Output<string>;
  /** Everything that must stand before the role can load. */
  readonly grants: readonly pulumi.Resource[];

  constructor(name: string, args: LoaderAccessArgs, options?: pulumi.ComponentResourceOptions) {
    super("flux-ami:index:LoaderAccess", name, {}, options);
    const { table, useRole = false } = args;
    const role = useRole ? undefined : this.role(name, args);
    const below = { parent: this, ...(role && { deletedWith: role }) };
    const readings = new snowflake.GrantPrivilegesToAccountRole(
      `${name}-readings`,
      {
        accountRoleName: role?.name ?? args.loaderRoleName,
        // DELETE swaps the rows of a file that was replaced.
        privileges: ["DELETE", "INSERT", "SELECT"],
        ...onObject(table, "TABLE", table.tableName),
      },
      // The load makes its tables as this role. One that was there keeps its name here, where nothing else does.
      useRole ? { ...below, ignoreChanges: ["accountRoleName"] } : below,
    );
    this.roleName = role?.name ?? readings.accountRoleName.apply((name) => name ?? args.loaderRoleName);
    const grant: Grant = (suffix, privileges, on) =>
      new snowflake.GrantPrivilegesToAccountRole(
        `${name}-${suffix}`,
        { accountRoleName: this.roleName, privileges: [...privileges], ...on },
        below,
      );
    const grants = [readings, ...grantsOnOwn(args, grant)];
    if (!useRole)
      grants.push(
        new snowflake.GrantAccountRole(
          `${name}-deployer`,
          { roleName: this.roleName, parentRoleName: args.deployerRoleName },
          below,
        ),
      );
    // docs: WAREHOUSE_METERING_HISTORY and AUTOMATIC_CLUSTERING_HISTORY, usage notes.
    if (args.meterCredits && !useRole) grants.push(grant("metering", ["MONITOR USAGE"], { onAccount: true }));
    this.grants = [...grants, ...grantsOnMeters(args, grant)];
    this.registerOutputs();
  }

  private role(name: string, args: LoaderAccessArgs): snowflake.AccountRole {
    return new snowflake.AccountRole(
      `${name}-role`,
      ...child(
        args.transform?.role,
        { name: args.loaderRoleName, comment: "Loads and verifies meter readings" },
        // The load makes its tables as this role. Dropped, it would leave them to the role that drops it (docs: DROP ROLE), and
        // a new one of its name could not read them.
        keepsName({
          parent: this,
          protect: args.protect ?? true,
          retainOnDelete: args.onDelete !== "drop",
        }),
      ),
    );
  }
}

type Grant = (suffix: string, privileges: readonly string[], on: On) => pulumi.Resource;

const onDatabase = (objectName: pulumi.Input<string>): On => ({
  onAccountObject: { objectType: "DATABASE", objectName },
});

/** An object beside the readings. */
function onObject(
  { database, schema }: LoaderAccessArgs["table"],
  objectType: string,
  objectName: pulumi.Input<string>,
): On {
  const fullName = pulumi.all([database, schema, objectName]).apply((parts) => qualified(...parts));
  return { onSchemaObject: { objectType, objectName: fullName } };
}

/** On what the load works with, beside the readings; a role that was there is given nothing on what was there as well. */
function grantsOnOwn(args: LoaderAccessArgs, grant: Grant): pulumi.Resource[] {
  const { table, stage, warehouse, useRole } = args;
  const { database, schema } = table;
  const unless = (used: boolean | undefined, make: () => pulumi.Resource) =>
    useRole && used ? [] : [make()];
  return [
    ...unless(args.useDatabase, () => grant("database", ["USAGE"], onDatabase(database))),
    // Landing tables, rejected rows, control row and summaries: the load makes them, here and nowhere else.
    ...unless(args.useSchema, () =>
      grant("schema", ["CREATE TABLE", "USAGE"], {
        onSchema: { schemaName: pulumi.all([database, schema]).apply((parts) => qualified(...parts)) },
      }),
    ),
    grant("loads", ACCOUNTING_PRIVILEGES, onObject(table, "TABLE", table.accountingTable)),
    grant("load-lock", ACCOUNTING_PRIVILEGES, onObject(table, "TABLE", table.lockTable)),
    grant("stage", ["USAGE"], onObject(table, "STAGE", stage.stageName)),
    grant("file-format", ["USAGE"], onObject(table, "FILE FORMAT", stage.fileFormatName)),
    // MODIFY and OPERATE to make it larger and put it back, MONITOR to see the load's queries.
    ...unless(args.useWarehouse, () =>
      grant(
        "warehouse",
        args.useWarehouse ? ["MONITOR", "USAGE"] : ["MODIFY", "MONITOR", "OPERATE", "USAGE"],
        { onAccountObject: { objectType: "WAREHOUSE", objectName: warehouse.warehouseName } },
      ),
    ),
  ];
}

/** On the table of known meters, and on what it lies in. */
function grantsOnMeters(
  { metersTable, metersTableKind = "table" }: LoaderAccessArgs,
  grant: Grant,
): pulumi.Resource[] {
  if (!metersTable) return [];
  const [database = "", schema = "", meters = ""] = parseName(metersTable, 3);
  if (metersTableKind === "imported")
    return [grant("meters-database", ["IMPORTED PRIVILEGES"], onDatabase(database))];
  return [
    grant("meters-database", ["USAGE"], onDatabase(database)),
    grant("meters-schema", ["USAGE"], { onSchema: { schemaName: qualified(database, schema) } }),
    grant("meters", ["SELECT"], {
      onSchemaObject: {
        objectType: metersTableKind.toUpperCase(),
        objectName: qualified(database, schema, meters),
      },
    }),
  ];
}
