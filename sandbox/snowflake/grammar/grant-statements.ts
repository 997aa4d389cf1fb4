import type { ObjectType } from "../catalog/model.ts";
import type { ObjectName } from "./values.ts";

/** Statements about privileges. */

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

export interface GrantOwnership {
  kind: "grantOwnership";
  on: GrantTarget;
  to: Grantee;
  currentGrants?: "REVOKE" | "COPY";
}

export type RoleGrant =
  | { kind: "grantRole"; role: string; to: Grantee }
  | { kind: "revokeRole"; role: string; from: Grantee };
