/**
 * What outlives a stack's state: the kinds of objects that can stand in an account though no state knows them, how each is
 * looked for, and the ID by which Pulumi imports it (docs: the Snowflake and AWS providers' resources, section Import).
 * What is missing here can simply be made again: a grant, a policy, a setting of a bucket, a statement.
 */
import { kindOf } from "../snowflake/errors.ts";
import type { Session } from "../snowflake/session.ts";
import { literal, qualified } from "../sql.ts";

type Inputs = Readonly<Record<string, unknown>>;

/** One object, as the program would make it. */
export interface Wanted {
  /** For people. @example "table FLUX_DEV.PRODUCTION.AMI_INTERVAL_READINGS" */
  readonly what: string;
  /** ID by which Pulumi imports it. */
  readonly id: string;
  /** Statement that lists it among others, and its name in there. Undefined for what is not in Snowflake. */
  readonly listed?: { readonly statement: string; readonly name: string };
}

/** Something that stands in an account, and that the stack is about to make. */
export interface Existing {
  readonly urn: string;
  readonly what: string;
  /** ID by which Pulumi imports it. */
  readonly id: string;
}

/** Names the file into which a preview writes what it found, a line for each, instead of refusing: `make import` reads it. */
export const EXISTING_FILE = "FLUX_AMI_EXISTING_FILE";

type Kind = (inputs: Inputs) => Wanted | undefined;

/** The values of inputs that name an object; undefined while one of them is unknown. */
function texts(inputs: Inputs, keys: readonly string[]): string[] | undefined {
  const values = keys.map((key) => inputs[key]);
  return values.every((value) => typeof value === "string" && value !== "")
    ? (values as string[])
    : undefined;
}

/** @param list what SHOW calls them */
const inAccount =
  (noun: string, list: string): Kind =>
  (inputs) => {
    const [name] = texts(inputs, ["name"]) ?? [];
    if (name === undefined) return undefined;
    return {
      what: `${noun} ${name}`,
      id: name,
      listed: { statement: `SHOW ${list} LIKE ${literal(name)}`, name },
    };
  };

const inSchema =
  (noun: string, list: string): Kind =>
  (inputs) => {
    const [database, schema, name] = texts(inputs, ["database", "schema", "name"]) ?? [];
    if (database === undefined || schema === undefined || name === undefined) return undefined;
    return {
      what: `${noun} ${database}.${schema}.${name}`,
      id: [database, schema, name].join("|"),
      listed: {
        statement: `SHOW ${list} LIKE ${literal(name)} IN SCHEMA ${qualified(database, schema)}`,
        name,
      },
    };
  };

const schema: Kind = (inputs) => {
  const [database, name] = texts(inputs, ["database", "name"]) ?? [];
  if (database === undefined || name === undefined) return undefined;
  return {
    what: `schema ${database}.${name}`,
    id: qualified(database, name),
    listed: { statement: `SHOW SCHEMAS LIKE ${literal(name)} IN DATABASE ${qualified(database)}`, name },
  };
};

const named =
  (noun: string, key: string): Kind =>
  (inputs) => {
    const [name] = texts(inputs, [key]) ?? [];
    return name === undefined ? undefined : { what: `${noun} ${name}`, id: name };
  };

export const AWS_ROLE = "aws:iam/role:Role";
export const BUCKET = "aws:s3/bucket:Bucket";
export const SHARE = "snowflake:index/share:Share";
export const SHARED_DATABASE = "snowflake:index/sharedDatabase:SharedDatabase";
export const RANDOM_ID = "random:index/randomId:RandomId";

export const KINDS: Readonly<Record<string, Kind>> = {
  [AWS_ROLE]: named("IAM role", "name"),
  [BUCKET]: named("bucket", "bucket"),
  "snowflake:index/accountRole:AccountRole": inAccount("role", "ROLES"),
  "snowflake:index/database:Database": inAccount("database", "DATABASES"),
  "snowflake:index/fileFormat:FileFormat": inSchema("file format", "FILE FORMATS"),
  "snowflake:index/resourceMonitor:ResourceMonitor": inAccount("resource monitor", "RESOURCE MONITORS"),
  "snowflake:index/schema:Schema": schema,
  [SHARE]: inAccount("share", "SHARES"),
  [SHARED_DATABASE]: inAccount("database", "DATABASES"),
  "snowflake:index/stage:Stage": inSchema("stage", "STAGES"),
  "snowflake:index/storageIntegration:StorageIntegration": inAccount(
    "storage integration",
    "STORAGE INTEGRATIONS",
  ),
  "snowflake:index/table:Table": inSchema("table", "TABLES"),
  "snowflake:index/warehouse:Warehouse": inAccount("warehouse", "WAREHOUSES"),
};

/** Whether the session sees it. */
export async function isListed(session: Session, { listed }: Wanted): Promise<boolean> {
  if (listed === undefined) return false;
  try {
    const rows = await session.rows(listed.statement);
    // Shares of others are listed as well (docs: SHOW SHARES, column kind).
    return rows.some(({ name, kind }) => name === listed.name && kind !== "INBOUND");
  } catch (error) {
    // Nothing is in a database or schema that is not there.
    if (kindOf(error) === "object-missing") return false;
    throw error;
  }
}

/** The ID by which Pulumi imports the external ID that the stack made: the same bytes in other letters. */
export function randomIdOf(externalId: string): string | undefined {
  if (!/^[0-9a-f]{32}$/.test(externalId)) return undefined;
  return Buffer.from(externalId, "hex").toString("base64url");
}
