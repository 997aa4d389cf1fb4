import type { ColumnType } from "../result.ts";
import type { Identity, ObjectName, Property } from "./values.ts";

/** Statements that make, change and drop objects. */

interface Create {
  orReplace: boolean;
  ifNotExists: boolean;
}

/** CREATE of everything that is a name and properties. */
export interface CreateObject extends Create {
  kind: "createObject";
  type:
    | "WAREHOUSE"
    | "DATABASE"
    | "SCHEMA"
    | "STAGE"
    | "FILE FORMAT"
    | "STORAGE INTEGRATION"
    | "ROLE"
    | "USER"
    | "SHARE"
    | "RESOURCE MONITOR";
  name: ObjectName;
  /** TRANSIENT, TEMPORARY, WITH MANAGED ACCESS. */
  transient: boolean;
  temporary: boolean;
  managedAccess: boolean;
  properties: Property[];
  /** Resource monitors: ON <percent> PERCENT DO <action>. */
  triggers?: Trigger[];
}

export interface Trigger {
  percent: number;
  action: "SUSPEND" | "SUSPEND_IMMEDIATE" | "NOTIFY";
}

export interface CreateDatabaseFromShare extends Create {
  kind: "createDatabaseFromShare";
  name: string;
  /** Account (or organization and account), then the share's name. */
  share: ObjectName;
  properties: Property[];
}

export interface ColumnDefinition {
  name: string;
  /** Undefined only in CREATE TABLE name (column, …) AS SELECT. */
  type?: ColumnType;
  notNull: boolean;
  default?: string;
  autoincrement?: Identity;
  collate?: string;
  comment?: string;
  primaryKey?: boolean;
  unique?: boolean;
}

export interface TableConstraint {
  type: "PRIMARY KEY" | "UNIQUE";
  name?: string;
  columns: string[];
}

export interface CreateTable extends Create {
  kind: "createTable";
  name: ObjectName;
  transient: boolean;
  temporary: boolean;
  columns: ColumnDefinition[];
  constraints: TableConstraint[];
  /** Expressions as written; undefined without CLUSTER BY. */
  clusterBy?: string[];
  properties: Property[];
}

/** CREATE TABLE … AS SELECT: columns, if named, have no types. */
export interface CreateTableAs extends Create {
  kind: "createTableAs";
  name: ObjectName;
  transient: boolean;
  temporary: boolean;
  columns: ColumnDefinition[];
  clusterBy?: string[];
  properties: Property[];
  /** The query's text. */
  query: string;
}

export interface CreateTableLike extends Create {
  kind: "createTableLike";
  name: ObjectName;
  source: ObjectName;
  transient: boolean;
  temporary: boolean;
  /** LIKE copies the columns, CLONE the rows as well. */
  clone: boolean;
}

/** CREATE TABLE … USING TEMPLATE (query). */
export interface CreateTableUsingTemplate extends Create {
  kind: "createTableUsingTemplate";
  name: ObjectName;
  transient: boolean;
  temporary: boolean;
  clusterBy?: string[];
  properties: Property[];
  /** The query's text. */
  query: string;
}

export interface CreateView extends Create {
  kind: "createView";
  name: ObjectName;
  secure: boolean;
  temporary: boolean;
  columns?: { name: string; comment?: string }[];
  comment?: string;
  query: string;
}

export type AlterAction =
  | { action: "set"; properties: Property[] }
  | { action: "unset"; names: string[] }
  | { action: "rename"; to: ObjectName }
  | { action: "suspend" }
  | { action: "resume"; ifSuspended: boolean }
  | { action: "abortAllQueries" }
  | { action: "managedAccess"; enable: boolean }
  | { action: "addAccounts" | "removeAccounts" | "setAccounts"; accounts: ObjectName[] }
  | { action: "refresh" };

/** ALTER of everything that CreateObject creates. */
export interface AlterObject {
  kind: "alterObject";
  type: CreateObject["type"];
  name: ObjectName;
  ifExists: boolean;
  change: AlterAction;
  triggers?: Trigger[];
}

export type TableAction =
  | { action: "set"; properties: Property[] }
  | { action: "unset"; names: string[] }
  | { action: "rename"; to: ObjectName }
  | { action: "swap"; with: ObjectName }
  | { action: "clusterBy"; expressions: string[] }
  | { action: "dropClusteringKey" }
  | { action: "recluster"; resume: boolean }
  | { action: "addColumns"; columns: (ColumnDefinition & { ifNotExists: boolean })[] }
  | { action: "dropColumns"; columns: string[]; ifExists: boolean }
  | { action: "renameColumn"; column: string; to: string }
  | { action: "alterColumns"; changes: ColumnChange[] }
  | { action: "addConstraint"; constraint: TableConstraint }
  | { action: "dropPrimaryKey" };

export type ColumnChange = { column: string } & (
  | { change: "type"; type: ColumnType }
  | { change: "setNotNull" | "dropNotNull" | "dropDefault" | "unsetComment" }
  | { change: "comment"; comment: string }
);

export interface AlterTable {
  kind: "alterTable";
  name: ObjectName;
  ifExists: boolean;
  change: TableAction;
}

export interface DropObject {
  kind: "dropObject";
  type: CreateObject["type"] | "TABLE" | "VIEW";
  name: ObjectName;
  ifExists: boolean;
  cascade: boolean;
}

export interface UndropObject {
  kind: "undrop";
  type: string;
  name: ObjectName;
}

export interface TruncateTable {
  kind: "truncateTable";
  name: ObjectName;
  ifExists: boolean;
}

export interface Comment {
  kind: "comment";
  type: CreateObject["type"] | "TABLE" | "VIEW" | "COLUMN";
  name: ObjectName;
  ifExists: boolean;
  comment: string;
}
