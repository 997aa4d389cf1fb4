import type { CopyOptions, FileFormatReference } from "../grammar/copy-options.ts";
import type { FormatOptions } from "../grammar/format-options.ts";
import type { Identity } from "../grammar/values.ts";
import type { ColumnType } from "../result.ts";

/**
 * What a Snowflake account holds. The catalog is the truth about names, types, owners and grants; DuckDB holds
 * the rows, under names made of IDs that never change, so that a rename, a swap or CREATE OR REPLACE is one
 * write of the catalog. Whether a warehouse runs is no part of it (history/warehouses.ts).
 *
 * Moments are milliseconds since 1970. Owners and grantees are role names.
 */

export type ObjectType =
  | "ACCOUNT"
  | "WAREHOUSE"
  | "DATABASE"
  | "SCHEMA"
  | "TABLE"
  | "VIEW"
  | "STAGE"
  | "FILE FORMAT"
  | "INTEGRATION"
  | "ROLE"
  | "USER"
  | "SHARE"
  | "RESOURCE MONITOR";

/** What every object has. `id` is unique in the whole catalog and never used again. */
export interface CatalogObject {
  id: number;
  name: string;
  /** The owning role's name; "" where Snowflake shows none. */
  owner: string;
  comment: string;
  createdOn: number;
  /** It is its session's alone, and goes with it. */
  temporary?: true;
}

/** Parameters set on an object itself (not inherited). Values as Snowflake prints them. */
export type Parameters = Map<string, string>;

export interface Account {
  organization: string;
  name: string;
  /** The legacy name, for example FX10001: CURRENT_ACCOUNT() and share names use it. */
  locator: string;
  region: string;
  id: number;
  createdOn: number;
  /** The ARN of Snowflake's own IAM user for this account: what trust policies name. */
  awsIamUserArn: string;
  parameters: Parameters;
  users: Map<string, User>;
  roles: Map<string, Role>;
  warehouses: Map<string, Warehouse>;
  resourceMonitors: Map<string, ResourceMonitor>;
  integrations: Map<string, StorageIntegration>;
  databases: Map<string, Database>;
  shares: Map<string, Share>;
  grants: Grant[];
  futureGrants: FutureGrant[];
  roleGrants: RoleGrant[];
}

export interface User extends CatalogObject {
  type: "USER";
  loginName: string;
  displayName: string;
  /** scrypt:<salt>:<hash>; undefined for users without a password. */
  passwordHash?: string;
  /** PEM without header, footer and line breaks, as ALTER USER takes it. */
  rsaPublicKey?: string;
  rsaPublicKey2?: string;
  disabled: boolean;
  defaultRole?: string;
  /** [] for none; without it all count, as with ("ALL"). */
  defaultSecondaryRoles?: [];
  defaultWarehouse?: string;
  defaultNamespace?: string;
  email?: string;
  userType?: string;
  parameters: Parameters;
  lastSuccessLogin?: number;
}

export interface Role extends CatalogObject {
  type: "ROLE";
}

/** Snowflake's words for sizes, smallest first, as WAREHOUSE_SIZE takes them. */
export const warehouseSizes = [
  "XSMALL",
  "SMALL",
  "MEDIUM",
  "LARGE",
  "XLARGE",
  "XXLARGE",
  "XXXLARGE",
  "X4LARGE",
  "X5LARGE",
  "X6LARGE",
] as const;
export type WarehouseSize = (typeof warehouseSizes)[number];

export interface Warehouse extends CatalogObject {
  type: "WAREHOUSE";
  warehouseType: "STANDARD" | "SNOWPARK-OPTIMIZED";
  /** Of a standard one. @default "1" */
  generation?: "1" | "2";
  size: WarehouseSize;
  /** Idle seconds until it suspends; undefined: never. */
  autoSuspend?: number;
  autoResume: boolean;
  minClusterCount: number;
  maxClusterCount: number;
  scalingPolicy: "STANDARD" | "ECONOMY";
  resourceMonitor?: string;
  enableQueryAcceleration: boolean;
  queryAccelerationMaxScaleFactor: number;
  parameters: Parameters;
  updatedOn: number;
}

export interface ResourceMonitor extends CatalogObject {
  type: "RESOURCE MONITOR";
  creditQuota?: number;
  frequency: "MONTHLY" | "DAILY" | "WEEKLY" | "YEARLY" | "NEVER";
  startTime: number;
  endTime?: number;
  notifyUsers: string[];
  triggers: { percent: number; action: "SUSPEND" | "SUSPEND_IMMEDIATE" | "NOTIFY" }[];
  /** The monitor of the whole account. */
  accountLevel: boolean;
}

export interface StorageIntegration extends CatalogObject {
  type: "INTEGRATION";
  enabled: boolean;
  provider: "S3" | "S3GOV" | "S3CHINA";
  awsRoleArn: string;
  awsExternalId: string;
  awsObjectAcl?: string;
  /** s3:// URLs, or ["*"]. */
  allowedLocations: string[];
  blockedLocations: string[];
}

export interface Database extends CatalogObject {
  type: "DATABASE";
  transient: boolean;
  /** Mounted from a share: its contents are the provider's. */
  origin?: {
    account: AccountKey;
    share: string;
    shareId: number;
    /** The publisher took this account off the share: the mount stays dead even if it is let in again. */
    revoked?: boolean;
  };
  schemas: Map<string, Schema>;
  parameters: Parameters;
}

/** What lies in a schema. */
export interface SchemaObject {
  tables: Table;
  /** Views share one namespace with tables. */
  views: View;
  stages: Stage;
  fileFormats: FileFormat;
}

/** The same, by name. */
export type SchemaObjects = { [Kind in keyof SchemaObject]: Map<string, SchemaObject[Kind]> };

/** A session's temporary objects in one schema. They are in no catalog file: none outlives the server. */
export interface TemporaryObjects extends SchemaObjects {
  readonly databaseId: number;
}

export interface Schema extends CatalogObject, SchemaObjects {
  type: "SCHEMA";
  transient: boolean;
  managedAccess: boolean;
  parameters: Parameters;
}

export interface Table extends CatalogObject {
  type: "TABLE";
  transient: boolean;
  columns: TableColumn[];
  primaryKey: string[];
  /** Key expressions as written; empty without clustering. */
  clusterBy: string[];
  automaticClustering: boolean;
  changeTracking: boolean;
  parameters: Parameters;
}

export interface TableColumn {
  name: string;
  type: ColumnType;
  nullable: boolean;
  default?: string;
  /** Its values are counted. */
  identity?: Identity;
  collate?: string;
  comment?: string;
  primaryKey: boolean;
  unique: boolean;
}

export interface View extends CatalogObject {
  type: "VIEW";
  secure: boolean;
  /** The CREATE VIEW as written. */
  text: string;
  query: string;
  columns: TableColumn[];
  /** Where unqualified names in the query are looked up. */
  context: { database: string; schema: string };
}

export interface Stage extends CatalogObject {
  type: "STAGE";
  /** "" for an internal stage. */
  url: string;
  /**
   * The integration by its hidden ID: dropping or replacing the integration leaves the stage pointing at
   * nothing (003139), until ALTER STAGE … SET STORAGE_INTEGRATION. The name is what SHOW STAGES prints.
   */
  integration?: { id: number; name: string };
  fileFormat: FileFormatReference;
  copyOptions: CopyOptions;
  directoryEnabled: boolean;
}

export interface FileFormat extends CatalogObject {
  type: "FILE FORMAT";
  /** Every option of its type, defaults included. */
  options: FormatOptions;
}

export interface Share extends CatalogObject {
  type: "SHARE";
  /** Consumers. */
  accounts: AccountKey[];
}

/** "ORGANIZATION-NAME", as Session.account has it. */
export type AccountKey = string;

export interface Grant {
  privilege: string;
  on: { type: ObjectType; id: number };
  to: { type: "ROLE" | "SHARE"; name: string };
  grantOption: boolean;
  grantedBy: string;
  createdOn: number;
  /** It has decided something: tests hold what the project says that a role needs against it. */
  used?: true;
}

export interface FutureGrant {
  privilege: string;
  on: ObjectType;
  in: { type: "DATABASE" | "SCHEMA"; id: number };
  to: { type: "ROLE"; name: string };
  grantOption: boolean;
  createdOn: number;
}

/** Role → role or user. */
export interface RoleGrant {
  role: string;
  to: { type: "ROLE" | "USER"; name: string };
  grantedBy: string;
  createdOn: number;
}

/** Any object that a privilege can be granted on, with where it lives. */
export type SecurableObject =
  | User
  | Role
  | Warehouse
  | ResourceMonitor
  | StorageIntegration
  | Database
  | Schema
  | Table
  | View
  | Stage
  | FileFormat
  | Share;
