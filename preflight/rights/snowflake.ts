/** What the logins of a stack may do in Snowflake, and nothing else, as SQL that an account administrator runs. */
import type { EnvironmentConfig } from "../../config/index.ts";

type Names = Pick<
  EnvironmentConfig,
  | "environment"
  | "databaseName"
  | "schemaName"
  | "stageName"
  | "fileFormatName"
  | "warehouseName"
  | "integrationName"
  | "loaderRoleName"
  | "metersTable"
  | "metersTableKind"
>;

/** The privilege on the account that making each object takes: its type in the state, and its name. */
export const neededPrivileges = ({ databaseName, integrationName, loaderRoleName, warehouseName }: Names) => [
  { privilege: "CREATE DATABASE", type: "snowflake:index/database:Database", name: databaseName },
  {
    privilege: "CREATE INTEGRATION",
    type: "snowflake:index/storageIntegration:StorageIntegration",
    name: integrationName,
  },
  { privilege: "CREATE ROLE", type: "snowflake:index/accountRole:AccountRole", name: loaderRoleName },
  { privilege: "CREATE WAREHOUSE", type: "snowflake:index/warehouse:Warehouse", name: warehouseName },
];

const prefixOf = ({ environment }: Names) => `FLUX_${environment.toUpperCase().replaceAll("-", "_")}`;

/** A role, and a service's user with a key pair who has that role alone. */
const loginOf = (name: string, comment: string) => `USE ROLE ACCOUNTADMIN;
CREATE ROLE IF NOT EXISTS ${name} COMMENT = '${comment}';
CREATE USER IF NOT EXISTS ${name} TYPE = SERVICE DEFAULT_ROLE = ${name} DEFAULT_SECONDARY_ROLES = ()
  RSA_PUBLIC_KEY = '<public key>';
GRANT ROLE ${name} TO USER ${name};`;

/** For `up`, `refresh` and `destroy`. */
export function deployerSql(names: Names): string {
  const role = `${prefixOf(names)}_DEPLOYER`;
  const [database = "", schema = ""] = names.metersTable?.split(".") ?? [];
  const kind = names.metersTableKind === "view" ? "VIEW" : "TABLE";
  const meters =
    names.metersTableKind === "imported"
      ? `GRANT MANAGE GRANTS ON ACCOUNT TO ROLE ${role};`
      : `GRANT USAGE ON DATABASE ${database} TO ROLE ${role} WITH GRANT OPTION;
GRANT USAGE ON SCHEMA ${database}.${schema} TO ROLE ${role} WITH GRANT OPTION;
GRANT SELECT ON ${kind} ${names.metersTable} TO ROLE ${role} WITH GRANT OPTION;`;
  return `-- Who deploys: makes what the stack has in Snowflake, and owns it. A resource monitor (monthlyCreditQuota) is the one
-- thing that only ACCOUNTADMIN can make.
${loginOf(role, "Deploys the readings stack")}
-- So that account administrators see and administer what it makes.
GRANT ROLE ${role} TO ROLE SYSADMIN;

GRANT ${neededPrivileges(names)
    .map(({ privilege }) => privilege)
    .join(", ")} ON ACCOUNT TO ROLE ${role};
${
  names.metersTable
    ? `
-- The known meters, which the stack lets the loader read.
${meters}
`
    : ""
}`;
}

/** For `preview`, drift and doctor: after the first \`up\`, because it is about what that made. */
export function viewerSql(names: Names): string {
  const role = `${prefixOf(names)}_VIEWER`;
  const schema = `${names.databaseName}.${names.schemaName}`;
  const [database = "", metersSchema = ""] = names.metersTable?.split(".") ?? [];
  const meters =
    names.metersTableKind === "imported"
      ? `GRANT IMPORTED PRIVILEGES ON DATABASE ${database} TO ROLE ${role};`
      : `GRANT USAGE ON DATABASE ${database} TO ROLE ${role};
GRANT USAGE ON SCHEMA ${database}.${metersSchema} TO ROLE ${role};
GRANT REFERENCES ON ${names.metersTableKind === "view" ? "VIEW" : "TABLE"} ${names.metersTable} TO ROLE ${role};`;
  return `-- Who only looks: previews, drift and doctor. To be run after the first \`up\`, and anew when a stack was built again.
${loginOf(role, "Looks at the readings stack, and changes nothing")}

GRANT USAGE ON DATABASE ${names.databaseName} TO ROLE ${role};
GRANT USAGE ON SCHEMA ${schema} TO ROLE ${role};
GRANT SELECT ON ALL TABLES IN SCHEMA ${schema} TO ROLE ${role};
GRANT SELECT ON FUTURE TABLES IN SCHEMA ${schema} TO ROLE ${role};
GRANT USAGE ON STAGE ${schema}.${names.stageName} TO ROLE ${role};
GRANT USAGE ON FILE FORMAT ${schema}.${names.fileFormatName} TO ROLE ${role};
GRANT USAGE ON INTEGRATION ${names.integrationName} TO ROLE ${role};
GRANT USAGE ON WAREHOUSE ${names.warehouseName} TO ROLE ${role};
${names.metersTable ? `\n-- To see who may read the known meters, not the meters.\n${meters}\n` : ""}`;
}
