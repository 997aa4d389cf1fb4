import * as pulumi from "@pulumi/pulumi";
import { Refusal } from "./refusal.ts";
import { identifier, qualified } from "./sql.ts";
import { accountingTableName, KEPT_TABLES, keptTableName, lockTableName } from "./verified-load/tables.ts";

/** Names that a stack's objects keep as long as they live, by their config keys. */
export interface ObjectNames {
  readonly bucketName: string;
  readonly roleName: string;
  readonly integrationName: string;
  readonly databaseName: string;
  readonly schemaName: string;
  readonly tableName: string;
  readonly stageName: string;
  readonly fileFormatName: string;
  readonly warehouseName: string;
  readonly loaderRoleName: string;
}
type Key = keyof ObjectNames;

const KEYS: Readonly<Record<Key, string>> = {
  bucketName: "bucket",
  roleName: "IAM role",
  integrationName: "storage integration",
  databaseName: "database",
  schemaName: "schema",
  tableName: "readings table",
  stageName: "stage",
  fileFormatName: "file format",
  warehouseName: "warehouse",
  loaderRoleName: "loader's role",
};

export interface KeptNamesArgs {
  readonly stack: string;
  /** What the config says. */
  readonly wanted: ObjectNames;
  /** What the objects are called: each ignores another name. */
  readonly actual: { readonly [K in Key]: pulumi.Input<string> };
  /** Which of them were there before the stack. @default none */
  readonly used?: { readonly [K in Key]?: boolean };
  /** Role that may rename them. */
  readonly deployerRoleName: string;
  /** The environment whose names these are, if they are those of one. */
  readonly environmentOf: (names: ObjectNames) => string | undefined;
}

/**
 * The names of a stack's objects, which are no wish but a fact: another one in the config is refused, with what to do, before
 * anything is changed. Done by the engine, a rename would leave grants under a name that is gone, make schemas anew in the
 * renamed database, and drop what cannot be renamed; and nobody would tell those who read the table.
 * @example const names = keptNames({ stack, wanted, actual: { databaseName: database.name, ... }, deployerRoleName, environmentOf })
 */
export function keptNames(args: KeptNamesArgs): pulumi.Output<ObjectNames> {
  return pulumi.output(args.actual as pulumi.Input<ObjectNames>).apply((actual) => {
    const refusal = renameRefusal({ ...args, actual });
    if (refusal !== undefined) throw new Refusal(refusal);
    return actual;
  });
}

/** Undefined when each object has the name that the config says. */
export function renameRefusal({
  stack,
  wanted,
  actual,
  used = {},
  deployerRoleName,
  environmentOf,
}: KeptNamesArgs & { actual: ObjectNames }): string | undefined {
  const other = (Object.keys(KEYS) as Key[]).filter((key) => wanted[key] !== actual[key]);
  if (other.length === 0) return undefined;
  const environment = environmentOf(actual);
  const back =
    environment !== undefined && environmentOf(wanted) !== undefined && environmentOf(wanted) !== environment
      ? [`pulumi config set -s ${stack} flux-ami:environment ${environment}`]
      : other.map((key) => `pulumi config set -s ${stack} flux-ami:${key} ${actual[key]}`);
  const statements = renameStatements(actual, wanted);
  const commands = [
    ...(other.includes("roleName") ? roleCommands(actual.roleName) : []),
    ...(other.includes("bucketName") ? bucketCommands(stack, actual.bucketName, wanted.bucketName) : []),
  ];
  const lines = [
    "a living stack keeps its names; nothing was renamed",
    ...other.map((key) => `  the ${KEYS[key]} is ${actual[key]}, and the config now calls it ${wanted[key]}`),
    "to keep it as it is:",
    ...back.map((command) => `  ${command}`),
    "to rename it all the same, while no load is at work (rows and accounting stay; queries, views and shares that name it, and" +
      " every reader, lose it until they are told the new name):",
    ...(statements.length > 0 ? [`  in Snowflake, as role ${deployerRoleName}:`] : []),
    ...statements.map((statement) => `    ${statement};`),
    ...other
      .filter((key) => used[key])
      .map(
        (key) =>
          `  the ${KEYS[key]} was there before the stack: its owner renames it, and all who use it are told`,
      ),
    ...commands.map((command) => `  ${command}`),
    `  make import STACK=${stack}`,
    `  pulumi up -s ${stack}`,
    "  pulumi up --refresh -s <stack> for each partner's stack",
  ];
  return lines.join("\n");
}

/** From the inside out, so that each finds what it names. What has no RENAME is dropped, and the next update makes it anew. */
function renameStatements(from: ObjectNames, to: ObjectNames): string[] {
  const inSchema = (name: string) => qualified(from.databaseName, from.schemaName, name);
  const rename = (key: Key, statement: () => string | string[]) =>
    from[key] === to[key] ? [] : [statement()].flat();
  const tables = (table: string) => [
    table,
    accountingTableName(table),
    lockTableName(table),
    ...KEPT_TABLES.map((kept) => keptTableName(table, kept)),
  ];
  return [
    ...rename("tableName", () => {
      const names = tables(to.tableName);
      return tables(from.tableName).map(
        (name, index) =>
          `ALTER TABLE IF EXISTS ${inSchema(name)} RENAME TO ${inSchema(names[index] as string)}`,
      );
    }),
    ...rename(
      "stageName",
      () => `ALTER STAGE ${inSchema(from.stageName)} RENAME TO ${inSchema(to.stageName)}`,
    ),
    ...rename(
      "fileFormatName",
      () => `ALTER FILE FORMAT ${inSchema(from.fileFormatName)} RENAME TO ${inSchema(to.fileFormatName)}`,
    ),
    ...rename(
      "schemaName",
      () =>
        `ALTER SCHEMA ${qualified(from.databaseName, from.schemaName)} RENAME TO ${qualified(from.databaseName, to.schemaName)}`,
    ),
    ...rename(
      "databaseName",
      () => `ALTER DATABASE ${identifier(from.databaseName)} RENAME TO ${identifier(to.databaseName)}`,
    ),
    ...rename(
      "warehouseName",
      () => `ALTER WAREHOUSE ${identifier(from.warehouseName)} RENAME TO ${identifier(to.warehouseName)}`,
    ),
    ...rename(
      "loaderRoleName",
      () => `ALTER ROLE ${identifier(from.loaderRoleName)} RENAME TO ${identifier(to.loaderRoleName)}`,
    ),
    ...rename("integrationName", () => `DROP INTEGRATION ${identifier(from.integrationName)}`),
  ];
}

/** IAM cannot rename a role, nor delete one that has policies. */
const roleCommands = (name: string) => [
  `aws iam delete-role-policy --role-name ${name} --policy-name read-raw-readings`,
  `aws iam delete-role --role-name ${name}`,
];

/** S3 cannot rename a bucket. Files that lie elsewhere are other files to the load. */
const bucketCommands = (stack: string, from: string, to: string) => [
  `pulumi config set -s ${stack} flux-ami:bucketName ${from}`,
  `pulumi config set -s ${stack} flux-ami:deleteRawData false && pulumi config set -s ${stack} flux-ami:protect false && pulumi up -s ${stack}    # so that the stack may leave ${from}, which stays`,
  `aws s3 sync s3://${from} s3://${to}    # the load takes them for new files, and finds each reading twice: load them into a table that is empty`,
  `pulumi config set -s ${stack} flux-ami:bucketName ${to} && pulumi config set -s ${stack} flux-ami:useBucket true    # and flux-ami:protect true again, once it is up`,
];

/** The one name of an object that its stack is about: told by its own component. */
export function keptName(actual: string, wanted: string, what: string, cure: string): string {
  if (actual === wanted) return actual;
  throw new Refusal(
    `the ${what} is ${actual} and cannot be renamed to ${wanted}; nothing was changed. ${cure}`,
  );
}
