import type { ObjectType } from "../catalog/model.ts";
import type { Grantee, ObjectRef } from "./grant-statements.ts";
import type { CreateObject } from "./object-statements.ts";
import type { ObjectName } from "./values.ts";

/** Statements that show what there is. */

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
