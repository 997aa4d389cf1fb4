import * as pulumi from "@pulumi/pulumi";
import * as snowflake from "@pulumi/snowflake";
import { child, keepsName, stateful, type Transform } from "./child.ts";
import { COLUMNS_BEFORE_FILE_ID, READINGS_CLUSTER_BY, READINGS_COLUMNS } from "./readings-columns.ts";
import { qualified } from "./sql.ts";
import {
  ACCOUNTING_COLUMNS,
  accountingTableName,
  LINEAGE_COLUMN,
  LOCK_COLUMNS,
  lockTableName,
  type TableColumn,
} from "./verified-load/tables.ts";

export interface ReadingsTableArgs {
  /** Database of the tables. @example "FLUX_DEV" */
  readonly databaseName: string;
  /** True when the database is there already: it is neither made nor changed. @default false */
  readonly useDatabase?: boolean;
  /** Schema in it. @default "PRODUCTION" */
  readonly schemaName?: string;
  /** True when the schema is there already. @default false */
  readonly useSchema?: boolean;
  /** The readings table's name. @default "AMI_INTERVAL_READINGS" */
  readonly tableName?: string;
  /** Expressions of its clustering key. @default day of TIMESTAMP, then METER_ID @example ["TO_DATE(TIMESTAMP)"] */
  readonly clusterBy?: readonly string[];
  /** Guards database, schema and tables against destroy and delete. @default true */
  readonly protect?: boolean;
  /** What destroying the stack does to them; only `drop` removes them from Snowflake. @default "retain" */
  readonly onDelete?: "retain" | "truncate" | "drop";
  /** Escape hatch for each child. */
  readonly transform?: {
    readonly database?: Transform<snowflake.DatabaseArgs>;
    readonly schema?: Transform<snowflake.SchemaArgs>;
    readonly readings?: Transform<snowflake.TableArgs>;
    readonly loads?: Transform<snowflake.TableArgs>;
    readonly lock?: Transform<snowflake.TableArgs>;
  };
}

/**
 * Database, schema, the readings table, and beside it the accounting of its files. The load makes its other tables itself.
 * @example new ReadingsTable("readings", { databaseName: "FLUX_DEV" })
 */
export class ReadingsTable extends pulumi.ComponentResource {
  readonly database: pulumi.Output<string>;
  readonly schema: pulumi.Output<string>;
  /** The readings table's own name. */
  readonly tableName: pulumi.Output<string>;
  /** The readings table's full name, quoted. */
  readonly qualifiedName: pulumi.Output<string>;
  /** Name of the table with one row for each file. */
  readonly accountingTable: pulumi.Output<string>;
  /** Name of the table with one row for each load at work. */
  readonly lockTable: pulumi.Output<string>;

  constructor(name: string, args: ReadingsTableArgs, options?: pulumi.ComponentResourceOptions) {
    super("flux-ami:index:ReadingsTable", name, {}, options);
    const { protect = true, onDelete = "retain", tableName = "AMI_INTERVAL_READINGS", transform = {} } = args;
    const lasting = stateful(this, protect, { retainOnDelete: onDelete !== "drop" });

    const { database, schema } = this.home(name, args, lasting);
    // What is told to lie in another database or schema is made anew there, empty. Where these are not the stack's, nothing
    // else keeps their names: what lies in them does.
    const within = [...(args.useDatabase ? ["database"] : []), ...(args.useSchema ? ["schema"] : [])];
    const table = (
      suffix: string,
      transform: Transform<snowflake.TableArgs> | undefined,
      tableArgs: Omit<snowflake.TableArgs, "database" | "schema">,
    ) =>
      new snowflake.Table(
        `${name}-${suffix}`,
        ...child(transform, { database, schema, ...tableArgs }, keepsName(lasting, ...within)),
      );
    const readings = table("table", transform.readings, {
      name: tableName,
      columns: [
        ...READINGS_COLUMNS.slice(0, COLUMNS_BEFORE_FILE_ID),
        LINEAGE_COLUMN,
        ...READINGS_COLUMNS.slice(COLUMNS_BEFORE_FILE_ID),
      ].map(columnArgs),
      clusterBies: [...(args.clusterBy ?? READINGS_CLUSTER_BY)],
      comment: "Meter readings every 15 minutes",
    });
    const loads = table("loads", transform.loads, {
      name: accountingTableName(tableName),
      columns: ACCOUNTING_COLUMNS.map(columnArgs),
      comment: `One row for each file that is, or was, in ${tableName}`,
    });
    const lock = table("load-lock", transform.lock, {
      name: lockTableName(tableName),
      columns: LOCK_COLUMNS.map(columnArgs),
      comment: `One row for each load of ${tableName} at work`,
    });
    this.database = args.useDatabase ? readings.database : database;
    this.schema = args.useSchema ? readings.schema : schema;
    this.tableName = readings.name;
    this.accountingTable = loads.name;
    this.lockTable = lock.name;
    this.qualifiedName = pulumi
      .all([this.database, this.schema, this.tableName])
      .apply((parts) => qualified(...parts));
    this.registerOutputs();
  }

  /** Database and schema, which may have been there. */
  private home(name: string, args: ReadingsTableArgs, lasting: pulumi.CustomResourceOptions) {
    const { schemaName = "PRODUCTION", transform = {} } = args;
    const database = args.useDatabase
      ? pulumi.output(args.databaseName)
      : new snowflake.Database(
          `${name}-database`,
          ...child(
            transform.database,
            { name: args.databaseName, comment: "Smart-meter readings" },
            keepsName(lasting),
          ),
        ).name;
    const schema = args.useSchema
      ? pulumi.output(schemaName)
      : new snowflake.Schema(
          `${name}-schema`,
          ...child(
            transform.schema,
            { database, name: schemaName, comment: "Readings as loaded" },
            keepsName(lasting, ...(args.useDatabase ? ["database"] : [])),
          ),
        ).name;
    return { database, schema };
  }
}

function columnArgs({ name, type, comment, nullable = true }: TableColumn) {
  return { name, type, comment, nullable };
}
