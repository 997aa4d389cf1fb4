import type { ObjectType } from "../catalog/model.ts";
import type { ColumnType } from "../result.ts";
import type { CopyOptions } from "./copy-options.ts";
import type { Script } from "./scripting.ts";

/**
 * What the grammar makes of one statement. `kind` tells the handler (statements/index.ts).
 * Names are already folded: an unquoted identifier is upper-cased, a quoted one is as written.
 */

/** One to three identifiers: database, schema, object; the missing ones come from the session. */
export type ObjectName = readonly string[];

/** Where a property or a name stands in the statement: line from 1, position (column) from 0. */
interface Place {
  line: number;
  position: number;
}

export type Value =
  | { type: "string"; value: string }
  | { type: "number"; value: number; text: string }
  | { type: "boolean"; value: boolean }
  /** A word or a dotted name that is not quoted as a string: XLARGE, "DB1"."SC1"."FF1". */
  | { type: "name"; parts: ObjectName; text: string }
  | { type: "list"; items: Value[] }
  | { type: "properties"; properties: Property[] };

/** `NAME = value`, in whatever order they were written. The name is upper-cased. */
export interface Property {
  name: string;
  value: Value;
  place: Place;
}

/** `@[db.][schema.]stage[/path]`, `@~/path` and `@%table/path`. The path has no leading slash. */
export type StageLocation =
  | { type: "stage"; stage: ObjectName; path: string }
  | { type: "userStage"; path: string }
  | { type: "tableStage"; table: ObjectName; path: string };

/** What SELECT, INSERT and their kin are: text for the query path. `sql` has no trailing semicolon. */
type QueryStatement =
  | { kind: "query"; sql: string }
  | { kind: "dml"; verb: "INSERT" | "UPDATE" | "DELETE" | "MERGE"; sql: string }
  | { kind: "call"; sql: string }
  | { kind: "explain"; sql: string };

/** Where a multi-table INSERT puts rows: all columns of its query, or the values that are named. */
export interface InsertTarget {
  table: ObjectName;
  columns?: string[];
  /** Expressions as written. */
  values?: string[];
}

/** INSERT ALL and INSERT FIRST. */
export interface MultiInsert {
  kind: "multiInsert";
  overwrite: boolean;
  /** A row goes where the first condition holds, not wherever one does. */
  first: boolean;
  /** Without a condition: every row. */
  branches: { condition?: string; into: InsertTarget[] }[];
  /** ELSE: rows for which no condition holds. */
  otherwise?: InsertTarget[];
  query: string;
}

type TransactionStatement = { kind: "begin"; name?: string } | { kind: "commit" } | { kind: "rollback" };

// ── Loading ──────────────────────────────────────────────────────────────────────────────────

export interface CopyIntoTable {
  kind: "copyIntoTable";
  table: ObjectName;
  /** The column list after the table's name, if there is one. */
  columns?: string[];
  source:
    | StageLocation
    | { type: "url"; url: string }
    /** FROM (SELECT … FROM @stage …): the text between the parentheses. */
    | { type: "query"; sql: string };
  options: CopyOptions;
}

/** COPY INTO @stage or 's3://…' FROM table or (query): unloading. */
interface CopyIntoLocation {
  kind: "copyIntoLocation";
}

export interface ListStage {
  kind: "list";
  location: StageLocation;
  /** A regular expression over the file's whole name. */
  pattern?: string;
}

/** PUT and GET. */
export interface TransferFiles {
  kind: "put" | "get";
  /** On the client's disk: a file, or a pattern of files; of GET a folder. */
  file: string;
  location: StageLocation;
  options: ReadonlyMap<string, string>;
}

export interface RemoveFiles {
  kind: "remove";
  location: StageLocation;
  pattern?: string;
}

type LoadStatement = CopyIntoTable | CopyIntoLocation | ListStage | TransferFiles | RemoveFiles;

// ── Context ──────────────────────────────────────────────────────────────────────────────────

type SessionStatement =
  | { kind: "useRole"; name: string }
  | { kind: "useWarehouse"; name: string }
  | { kind: "useDatabase"; name: string }
  | { kind: "useSchema"; name: ObjectName }
  | { kind: "useSecondaryRoles"; roles: "ALL" | "NONE" | string[] }
  | { kind: "setParameters"; scope: ParameterScope; properties: Property[] }
  | { kind: "unsetParameters"; scope: ParameterScope; names: string[] }
  /** SET name = expression: `expression` is text for the query path. */
  | { kind: "setVariables"; names: string[]; expressions: string[] }
  | { kind: "unsetVariables"; names: string[] };

type ParameterScope = { type: "SESSION" } | { type: "ACCOUNT" };

// ── Objects ──────────────────────────────────────────────────────────────────────────────────

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

/** AUTOINCREMENT or IDENTITY of a column. */
export interface Identity {
  start: number;
  increment: number;
  ordered: boolean;
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

interface CreateView extends Create {
  kind: "createView";
  name: ObjectName;
  secure: boolean;
  temporary: boolean;
  columns?: { name: string; comment?: string }[];
  comment?: string;
  query: string;
}

type AlterAction =
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

interface UndropObject {
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

// ── Looking ──────────────────────────────────────────────────────────────────────────────────

export interface Show {
  kind: "show";
  what:
    | "WAREHOUSES"
    | "DATABASES"
    | "SCHEMAS"
    | "TABLES"
    | "VIEWS"
    | "OBJECTS"
    | "COLUMNS"
    | "STAGES"
    | "FILE FORMATS"
    | "INTEGRATIONS"
    | "STORAGE INTEGRATIONS"
    | "ROLES"
    | "USERS"
    | "SHARES"
    | "RESOURCE MONITORS"
    | "REPLICATION DATABASES"
    | "USER FUNCTIONS"
    | "UNIQUE KEYS"
    | "IMPORTED KEYS"
    | "PRIMARY KEYS"
    | "USER PROCEDURES"
    | "TRANSACTIONS"
    | "LOCKS"
    | "VARIABLES";
  terse: boolean;
  history: boolean;
  /** A LIKE pattern, case-insensitive. */
  like?: string;
  scope?: ShowScope;
  /** A case-sensitive prefix. */
  startsWith?: string;
  limit?: { rows: number; from?: string };
}

type ShowScope = { type: "ACCOUNT" | "DATABASE" | "SCHEMA" | "TABLE"; name?: ObjectName };

export interface ShowParameters {
  kind: "showParameters";
  like?: string;
  scope: { type: "SESSION" | "ACCOUNT" } | { type: ObjectType; name: ObjectName };
}

export interface ShowGrants {
  kind: "showGrants";
  future: boolean;
  target:
    | { type: "self" }
    | { type: "on"; object: ObjectRef }
    | { type: "to"; grantee: Grantee }
    | { type: "of"; grantee: { type: "ROLE" | "SHARE"; name: ObjectName } }
    | { type: "in"; scope: { type: "SCHEMA" | "DATABASE"; name: ObjectName } };
}

export interface Describe {
  kind: "describe";
  type:
    | CreateObject["type"]
    | "TABLE"
    | "VIEW"
    | "RESULT"
    /** DESCRIBE INTEGRATION, whatever its kind. */
    | "INTEGRATION";
  name: ObjectName;
  /** DESCRIBE TABLE … TYPE = COLUMNS | STAGE. */
  tableType?: "COLUMNS" | "STAGE";
}

// ── Granting ─────────────────────────────────────────────────────────────────────────────────

export type Grantee = { type: "ROLE" | "USER" | "SHARE"; name: ObjectName };

export type ObjectRef = { type: "ACCOUNT" } | { type: ObjectType; name: ObjectName };

export type GrantTarget =
  | ObjectRef
  /** ON ALL|FUTURE TABLES IN SCHEMA|DATABASE x. `type` is in the singular. */
  | {
      type: ObjectType;
      each: "ALL" | "FUTURE";
      scope: { type: "SCHEMA" | "DATABASE"; name: ObjectName };
    };

export interface GrantPrivileges {
  kind: "grantPrivileges";
  /** Upper-cased; ["ALL"] for ALL [PRIVILEGES]. */
  privileges: string[];
  on: GrantTarget;
  to: Grantee;
  grantOption: boolean;
}

export interface RevokePrivileges {
  kind: "revokePrivileges";
  privileges: string[];
  on: GrantTarget;
  from: Grantee;
  grantOptionOnly: boolean;
  behaviour: "RESTRICT" | "CASCADE";
}

interface GrantOwnership {
  kind: "grantOwnership";
  on: GrantTarget;
  to: Grantee;
  currentGrants?: "REVOKE" | "COPY";
}

type RoleGrant =
  | { kind: "grantRole"; role: string; to: Grantee }
  | { kind: "revokeRole"; role: string; from: Grantee };

export type Statement =
  | Script
  | QueryStatement
  | MultiInsert
  | TransactionStatement
  | LoadStatement
  | SessionStatement
  | CreateObject
  | CreateDatabaseFromShare
  | CreateTable
  | CreateTableAs
  | CreateTableLike
  | CreateTableUsingTemplate
  | CreateView
  | AlterObject
  | AlterTable
  | DropObject
  | UndropObject
  | TruncateTable
  | Comment
  | Show
  | ShowParameters
  | ShowGrants
  | Describe
  | GrantPrivileges
  | RevokePrivileges
  | GrantOwnership
  | RoleGrant;

export type StatementOf<Kind extends Statement["kind"]> = Extract<Statement, { kind: Kind }>;
