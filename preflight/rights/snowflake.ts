/** What the logins of a stack may do in Snowflake, and nothing else, as SQL that an account administrator runs. */

import { SHARE, SHARED_DATABASE } from "../../components/existing/kinds.ts";
import { needsOf } from "../../components/existing/look.ts";
import {
  accountingTableName,
  KEPT_TABLES,
  keptTableName,
  lockTableName,
} from "../../components/verified-load/tables.ts";
import { deployerRole, VIEWED_TABLES, viewerRole } from "../../config/default-names.ts";
import type { EnvironmentConfig } from "../../config/index.ts";
import { type UsingConfig, usedBy } from "../../config/used.ts";

type Names = Omit<UsingConfig, "deployerRoleName"> &
  Pick<
    EnvironmentConfig,
    "environment" | "stageName" | "fileFormatName" | "metersTable" | "metersTableKind"
  > &
  Partial<Pick<EnvironmentConfig, "meterCredits">>;
type ViewedNames = Names & Pick<EnvironmentConfig, "tableName">;

/** A privilege on the account, and what is made by it: the type in the state, and the name. */
export interface NeededPrivilege {
  readonly privilege: string;
  readonly type: string;
  readonly name: string;
  /** True where what is made needs it later, too. */
  readonly always?: true;
}

/** What making each object of an environment takes. */
export const neededPrivileges = (names: Names): NeededPrivilege[] =>
  [
    {
      privilege: "CREATE DATABASE",
      type: "snowflake:index/database:Database",
      name: names.databaseName,
      used: names.useDatabase,
    },
    {
      privilege: "CREATE INTEGRATION",
      type: "snowflake:index/storageIntegration:StorageIntegration",
      name: names.integrationName,
      used: names.useIntegration,
    },
    {
      privilege: "CREATE ROLE",
      type: "snowflake:index/accountRole:AccountRole",
      name: names.loaderRoleName,
      used: names.useRole,
    },
    {
      privilege: "CREATE WAREHOUSE",
      type: "snowflake:index/warehouse:Warehouse",
      name: names.warehouseName,
      used: names.useWarehouse,
    },
  ].filter(({ used }) => !used);

/** What a partner's stack takes where it lets them in by a share. */
export const neededToShare = (share: string): NeededPrivilege[] => [
  { privilege: "CREATE SHARE", type: SHARE, name: share },
  // docs: behavior change bundle 2024_07, "New privilege MANAGE SHARE TARGET": to take accounts off, too.
  { privilege: "MANAGE SHARE TARGET", type: SHARE, name: share, always: true },
];

/** What mounting a share takes, on the partner's side. */
export const neededToMount = (database: string): NeededPrivilege[] =>
  ["CREATE DATABASE", "IMPORT SHARE"].map((privilege) => ({
    privilege,
    type: SHARED_DATABASE,
    name: database,
  }));

const listed = (needed: readonly NeededPrivilege[]) => needed.map(({ privilege }) => privilege).join(", ");

/** A role, and a service's user with a key pair who has that role alone. */
const loginOf = (name: string, comment: string) => `USE ROLE ACCOUNTADMIN;
CREATE ROLE IF NOT EXISTS ${name} COMMENT = '${comment}';
${userOf(name)}`;

/** A service's user with a key pair, named like the one role that the user has. */
const userOf = (
  role: string,
) => `CREATE USER IF NOT EXISTS ${role} TYPE = SERVICE DEFAULT_ROLE = ${role} DEFAULT_SECONDARY_ROLES = ()
  RSA_PUBLIC_KEY = '<public key>';
GRANT ROLE ${role} TO USER ${role};`;

/** Grants on objects that were there, and are used instead of made. */
function usingGrants(names: Names, deployer: string): string[] {
  const { useRole, loaderRoleName } = names;
  const needs = needsOf(usedBy({ ...names, deployerRoleName: deployer }));
  return [
    ...(useRole ? [`GRANT ROLE ${loaderRoleName} TO ROLE ${deployer};`] : []),
    ...needs.map(({ who, kind, name, privileges }) => {
      const grant = `GRANT ${privileges.join(", ")} ON ${kind} ${name.join(".")} TO ROLE`;
      if (who === "deployer") return `${grant} ${deployer};`;
      // What the stack's own role for the load needs, who deploys passes on.
      return useRole ? `${grant} ${loaderRoleName};` : `${grant} ${deployer} WITH GRANT OPTION;`;
    }),
  ];
}

/** For `up`, `refresh` and `destroy`. */
export function deployerSql(names: Names): string {
  const role = deployerRole(names.environment);
  const [database = "", schema = ""] = names.metersTable?.split(".") ?? [];
  const kind = names.metersTableKind === "view" ? "VIEW" : "TABLE";
  const privileges = listed(neededPrivileges(names));
  const using = usingGrants(names, role);
  const making = [
    ...(privileges ? [`GRANT ${privileges} ON ACCOUNT TO ROLE ${role};`] : []),
    ...(using.length > 0 ? ["-- What was there, and is used.", ...using] : []),
  ].join("\n");
  const meters =
    names.metersTableKind === "imported"
      ? `GRANT MANAGE GRANTS ON ACCOUNT TO ROLE ${role};`
      : `GRANT USAGE ON DATABASE ${database} TO ROLE ${role} WITH GRANT OPTION;
GRANT USAGE ON SCHEMA ${database}.${schema} TO ROLE ${role} WITH GRANT OPTION;
GRANT SELECT ON ${kind} ${names.metersTable} TO ROLE ${role} WITH GRANT OPTION;`;
  const metering = `
-- The metering, which the stack lets the loader see (meterCredits).
GRANT MONITOR USAGE ON ACCOUNT TO ROLE ${role} WITH GRANT OPTION;
`;
  return `-- Who deploys: makes what the stack has in Snowflake, and owns it. A resource monitor (monthlyCreditQuota) is the one
-- thing that only ACCOUNTADMIN can make.
${loginOf(role, "Deploys the readings stack")}
-- So that account administrators see and administer what it makes.
GRANT ROLE ${role} TO ROLE SYSADMIN;

${making}
${
  names.metersTable
    ? `
-- The known meters, which the stack lets the loader read.
${meters}
`
    : ""
}${names.meterCredits ? metering : ""}`;
}

/** For partners who get a share, beside what who deploys the environment has. */
export function partnerSql(names: Names): string {
  const { environment, databaseName, schemaName, useDatabase, useSchema } = names;
  const role = deployerRole(environment);
  const passOn = (on: string) => `GRANT USAGE ON ${on} TO ROLE ${role} WITH GRANT OPTION;\n`;
  return `-- Who deploys, once partners get a share of the readings. CREATE SHARE is for whatever the role owns, and MANAGE SHARE TARGET
-- for every share of the account: so they are for those alone who let partners in this way.
USE ROLE ACCOUNTADMIN;
GRANT ${listed(neededToShare(""))} ON ACCOUNT TO ROLE ${role};
${useDatabase ? passOn(`DATABASE ${databaseName}`) : ""}${useSchema ? passOn(`SCHEMA ${databaseName}.${schemaName}`) : ""}`;
}

/** For who mounts a share, in the partner's own account. */
export function consumerSql(database: string): string {
  const role = `${database}_DEPLOYER`;
  return `-- Who deploys the stack that mounts what is shared.
${loginOf(role, "Mounts shared readings")}
GRANT ROLE ${role} TO ROLE SYSADMIN;

GRANT ${listed(neededToMount(database))} ON ACCOUNT TO ROLE ${role};
`;
}

/** For loads without the engine: after the first \`up\`, which makes the role. */
export const loaderSql = ({ loaderRoleName }: Pick<Names, "loaderRoleName">): string =>
  `-- Who loads without the engine: has the loader's role and nothing else. To be run after the first \`up\`.
USE ROLE ACCOUNTADMIN;
${userOf(loaderRoleName)}
`;

/** For `preview`, drift and doctor: after the first \`up\`, because it is about what that made. */
export function viewerSql(names: ViewedNames): string {
  const { tableName } = names;
  const viewed = [
    tableName,
    accountingTableName(tableName),
    ...VIEWED_TABLES.map((kept) => keptTableName(tableName, kept)),
  ];
  const others = [
    lockTableName(tableName),
    ...KEPT_TABLES.map((kept) => keptTableName(tableName, kept)),
  ].filter((name) => !viewed.includes(name));
  const role = viewerRole(names.environment);
  const schema = `${names.databaseName}.${names.schemaName}`;
  const [database = "", metersSchema = ""] = names.metersTable?.split(".") ?? [];
  const meters =
    names.metersTableKind === "imported"
      ? `GRANT IMPORTED PRIVILEGES ON DATABASE ${database} TO ROLE ${role};`
      : `GRANT USAGE ON DATABASE ${database} TO ROLE ${role};
GRANT USAGE ON SCHEMA ${database}.${metersSchema} TO ROLE ${role};
GRANT REFERENCES ON ${names.metersTableKind === "view" ? "VIEW" : "TABLE"} ${names.metersTable} TO ROLE ${role};`;
  return `-- Who only looks: previews, drift and doctor. To be run after the first \`up\`, and anew when a stack or one of these tables was
-- built again.
${loginOf(role, "Looks at the readings stack, and changes nothing")}

GRANT USAGE ON DATABASE ${names.databaseName} TO ROLE ${role};
GRANT USAGE ON SCHEMA ${schema} TO ROLE ${role};
-- What releases before gave: every table of the schema.
REVOKE SELECT ON ALL TABLES IN SCHEMA ${schema} FROM ROLE ${role};
REVOKE SELECT ON FUTURE TABLES IN SCHEMA ${schema} FROM ROLE ${role};
-- Counts, first and last times, and what the load has on record.
${viewed.map((name) => `GRANT SELECT ON TABLE ${schema}.${name} TO ROLE ${role};`).join("\n")}
-- To see whom these are granted to, and no row of them.
${others.map((name) => `GRANT REFERENCES ON TABLE ${schema}.${name} TO ROLE ${role};`).join("\n")}
-- To list the files that wait. Who may list them may read them, too: Snowflake has one privilege for both.
GRANT USAGE ON STAGE ${schema}.${names.stageName} TO ROLE ${role};
GRANT USAGE ON FILE FORMAT ${schema}.${names.fileFormatName} TO ROLE ${role};
GRANT USAGE ON INTEGRATION ${names.integrationName} TO ROLE ${role};
GRANT USAGE ON WAREHOUSE ${names.warehouseName} TO ROLE ${role};
${names.metersTable ? `\n-- To see who may read the known meters, not the meters.\n${meters}\n` : ""}`;
}
