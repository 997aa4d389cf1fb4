/** What the logins of a stack may do in Snowflake, and nothing else. */
import type { EnvironmentConfig } from "../../config/index.ts";

type Names = Pick<
  EnvironmentConfig,
  "databaseName" | "warehouseName" | "integrationName" | "loaderRoleName" | "deployerRoleName" | "metersTable"
>;

/** The privileges on the account that making each object takes: its type in the state, and its name. */
export const neededPrivileges = (names: Names) => [
  {
    privilege: "CREATE DATABASE",
    type: "snowflake:index/database:Database",
    name: names.databaseName,
  },
  {
    privilege: "CREATE INTEGRATION",
    type: "snowflake:index/storageIntegration:StorageIntegration",
    name: names.integrationName,
  },
  {
    privilege: "CREATE ROLE",
    type: "snowflake:index/accountRole:AccountRole",
    name: names.loaderRoleName,
  },
  {
    privilege: "CREATE WAREHOUSE",
    type: "snowflake:index/warehouse:Warehouse",
    name: names.warehouseName,
  },
];
