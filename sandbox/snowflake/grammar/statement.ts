import type { GrantOwnership, GrantPrivileges, RevokePrivileges, RoleGrant } from "./grant-statements.ts";
import type { LoadStatement } from "./load-statements.ts";
import type {
  AlterObject,
  AlterTable,
  Comment,
  CreateDatabaseFromShare,
  CreateObject,
  CreateTable,
  CreateTableAs,
  CreateTableLike,
  CreateTableUsingTemplate,
  CreateView,
  DropObject,
  TruncateTable,
  UndropObject,
} from "./object-statements.ts";
import type { Script } from "./scripting.ts";
import type { Describe, Show, ShowGrants, ShowParameters } from "./show-statements.ts";
import type { ObjectName, Property } from "./values.ts";

/**
 * What the grammar makes of one statement. `kind` tells the handler (statements/index.ts).
 * Names are already folded: an unquoted identifier is upper-cased, a quoted one is as written.
 */

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
