import type { RoleGrant } from "./model.ts";

/** The roles every account has. ACCOUNTADMIN may do everything. */
export const systemRoles = [
  { name: "ACCOUNTADMIN", comment: "Account administrator can manage all aspects of the account." },
  {
    name: "SECURITYADMIN",
    comment: "Security administrator can manage security aspects of the account.",
  },
  { name: "SYSADMIN", comment: "System administrator can create and manage databases and warehouses." },
  { name: "USERADMIN", comment: "User administrator can create and manage users and roles" },
  { name: "PUBLIC", comment: "Public role is automatically available to every user in the account." },
] as const;

export const isSystemRole = (name: string): boolean => systemRoles.some((role) => role.name === name);

/** How the system roles inherit from each other; PUBLIC belongs to all without a grant. */
export const systemRoleGrants = (createdOn: number): RoleGrant[] =>
  [
    ["SECURITYADMIN", "ACCOUNTADMIN"],
    ["SYSADMIN", "ACCOUNTADMIN"],
    ["USERADMIN", "SECURITYADMIN"],
  ].map(([role, to]) => ({
    role: role as string,
    to: { type: "ROLE", name: to as string },
    grantedBy: "",
    createdOn,
  }));

/** The account-level privileges that system roles have from the start. */
export const systemPrivileges: ReadonlyMap<string, readonly string[]> = new Map([
  ["SECURITYADMIN", ["MANAGE GRANTS", "CREATE ROLE", "CREATE USER", "MONITOR"]],
  ["USERADMIN", ["CREATE ROLE", "CREATE USER"]],
  ["SYSADMIN", ["CREATE DATABASE", "CREATE WAREHOUSE"]],
]);
