import { BUCKET_GUARDS } from "../components/bucket-policy/statements.ts";
import { METERS_TABLE_KINDS } from "../components/loader-access.ts";
import { day, type Fields, flag, listOf, number, oneOf, text, type Values, whole } from "./field.ts";
import { clusterBy, globs, schemaContract } from "./load-fields.ts";
import * as names from "./name-rules.ts";
import { quality } from "./quality.ts";
import { warehouseSize } from "./warehouse-size.ts";

/** A key that says that an object is there: it is used instead of made. */
const used = (what: string, how: string) => ({
  ...flag(true),
  fallback: "false" as const,
  about: `Use the ${what} of that name, which exists: ${how}`,
});

/** Every key of an environment's stack config. Keys without a fallback get a name derived from the environment. */
export const environmentFields = {
  environment: {
    ...text(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, {
      allowed:
        "the environment's name: lower-case letters, digits and single hyphens, starting with a letter",
      example: "dev",
    }),
    about: "Name of the environment, part of every account-level name. Unset: the stack's name",
  },
  awsAccountId: {
    ...names.accountId,
    required: true,
    about: "AWS account of bucket and role, 12 digits in quotes; other credentials are refused",
  },
  protect: {
    ...flag(true),
    fallback: "true",
    about: "Guard bucket, integration, role, database and tables against destroy and delete",
  },

  bucketName: {
    ...names.bucketName,
    about: "S3 bucket of the readings. Unset: flux-<environment>-raw-<account>",
  },
  useBucket: {
    ...flag(true),
    fallback: "false",
    about:
      "Use the bucket of that name, which exists: the stack adds its own statements to the policy, takes back no other, and the bucket stays",
  },
  adoptBucket: { ...flag(true), fallback: "false", about: "Another word for useBucket" },
  bucketGuards: {
    ...oneOf(BUCKET_GUARDS, "verify"),
    about:
      "Who sees to encryption, object ownership, public access block and the refusal of plain HTTP: manage (the stack sets them) or verify (it looks and says what is missing). Unset: verify for a bucket that was there, else manage",
  },
  deleteRawData: {
    ...flag(true),
    fallback: "false",
    about: "Delete the files with the bucket that the stack made, on destroy. Otherwise that bucket stays",
  },
  prefix: {
    ...names.prefix,
    fallback: "raw/ami/",
    about: "Folder of the bucket that the stage shows; Snowflake may read this and nothing else",
  },
  readingsPath: {
    ...names.prefix,
    example: "ami_interval_readings/",
    fallback: "ami_interval_readings/",
    about: "Folder of the reading files below prefix",
  },

  include: {
    ...globs('["**/*.parquet"]'),
    about:
      "Globs on a file's path below readingsPath; what matches none is not loaded. Unset: every .parquet file",
  },
  exclude: {
    ...globs('["backup/**"]'),
    about:
      "Globs of files that are not loaded all the same; parts that begin with _ or . never are. Unset: none",
  },
  schema: {
    ...schemaContract,
    about:
      "What happens when files have other columns than the readings: fail or warn, by kind; see docs/checks.md",
  },

  roleName: {
    ...names.roleName,
    about: "IAM role that Snowflake assumes. Unset: flux-<environment>-snowflake-raw-ami",
  },
  rolePath: { ...names.rolePath, fallback: "/", about: "IAM path of that role" },
  permissionsBoundary: { ...names.policyArn, about: "ARN of a policy that bounds that role. Unset: none" },
  integrationName: {
    ...names.identifier("FLUX_DEV_S3_INTEGRATION"),
    about: "Storage integration. Unset: FLUX_<ENVIRONMENT>_S3_INTEGRATION",
  },
  useIntegration: used(
    "storage integration",
    "its role and its external ID are its own, and are neither made nor changed",
  ),
  externalId: {
    ...names.externalId,
    about: "External ID of the trust, 16 characters or more. Unset: random",
  },
  kmsKeyArns: {
    ...listOf(/^arn:(aws|aws-us-gov|aws-cn):kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/, {
      allowed: "a list of ARNs of KMS keys, not of aliases: arn:<partition>:kms:<region>:<account>:key/<ID>",
      example: '["arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"]',
    }),
    about:
      "Keys of KMS that the files are encrypted with: the role may decrypt with them through S3, and the output keyPolicy says what their owner has to add. Unset: none",
  },
  readinessTimeoutSeconds: {
    ...whole(10, 1800, "seconds", 180),
    fallback: "180",
    about: "How long to wait until Snowflake can read the bucket, 10 to 1800 seconds",
  },

  databaseName: {
    ...names.ownDatabase("FLUX_DEV"),
    about: "Database. Unset: FLUX_<ENVIRONMENT>",
  },
  useDatabase: used("database", "it is neither changed nor dropped"),
  schemaName: {
    ...names.ownSchema("PRODUCTION"),
    fallback: "PRODUCTION",
    about: "Schema of table, stage and file format",
  },
  useSchema: used("schema", "it is neither changed nor dropped; its database is used as well"),
  tableName: {
    ...names.readingsTable("AMI_INTERVAL_READINGS"),
    fallback: "AMI_INTERVAL_READINGS",
    about: "The readings table",
  },
  stageName: { ...names.identifier("EXT_RAW_AMI"), fallback: "EXT_RAW_AMI", about: "The external stage" },
  fileFormatName: {
    ...names.identifier("PARQUET_SNAPPY"),
    fallback: "PARQUET_SNAPPY",
    about: "The parquet file format",
  },
  clusterBy: {
    ...clusterBy,
    about:
      "The table's clustering key, a list of expressions, a time first. Unset: day of TIMESTAMP, then METER_ID",
  },
  metersTable: {
    ...names.tableName,
    about: "DATABASE.SCHEMA.TABLE with the known meters. Unset: readings are not checked against it",
  },

  metersTableKind: {
    ...oneOf(METERS_TABLE_KINDS, "view"),
    fallback: "table",
    about:
      "What metersTable is, which decides about the loader's grants: table, view, or imported (in a shared database)",
  },

  warehouseName: {
    ...names.identifier("FLUX_DEV_LOAD_WH"),
    about: "Warehouse that loads. Unset: FLUX_<ENVIRONMENT>_LOAD_WH",
  },
  useWarehouse: used("warehouse", "it is not changed, and keeps its size while it loads"),
  warehouseSize: { ...warehouseSize("MEDIUM"), fallback: "MEDIUM", about: "Size of the warehouse at rest" },
  loadWarehouseSize: {
    ...warehouseSize("XLARGE"),
    fallback: "XLARGE",
    about: "Size of the warehouse while it loads",
  },
  autoSuspendSeconds: {
    ...whole(60, 300, "seconds", 60),
    fallback: "60",
    about: "Idle seconds after which the warehouse stops, 60 to 300",
  },
  statementTimeoutSeconds: {
    ...whole(60, 86_400, "seconds", 14_400),
    fallback: "14400",
    about: "Seconds after which Snowflake ends a statement, 60 to 86400",
  },
  monthlyCreditQuota: {
    ...whole(1, 1_000_000, "credits a month", 100),
    about: "Credits a month, a whole number, after which the warehouse stops. Unset: no resource monitor",
  },

  meterCredits: {
    ...flag(true),
    fallback: "false",
    about:
      "true: the loader role gets MONITOR USAGE on the account, and the load tells metered credits as well",
  },

  loaderRoleName: {
    ...names.ownRole("FLUX_DEV_LOADER"),
    about: "Snowflake role under which the load runs. Unset: FLUX_<ENVIRONMENT>_LOADER",
  },
  useRole: used(
    "role",
    "it is given what it needs on objects that the stack makes, and has to have the rest",
  ),
  deployerRoleName: {
    ...names.deployerRole("SYSADMIN"),
    about: "Snowflake role that deploys. Unset: snowflake:role, SNOWFLAKE_ROLE or ACCOUNTADMIN",
  },

  maxRejectedRows: {
    ...whole(0, 1_000_000_000, "rows", 0),
    fallback: "0",
    about: "Rows of one load that may be rejected before it is refused",
  },
  maxRejectedShare: {
    ...number(0, 1, "", 0.001),
    fallback: "0",
    about: "The same as a share of its rows, 0 to 1; the larger of the two limits holds",
  },
  replacedFiles: {
    ...oneOf(["fail", "skip", "replace"], "fail"),
    fallback: "fail",
    about:
      "A file that changed under its name after it was loaded: fail, skip (keep its rows) or replace (swap them)",
  },
  publish: {
    ...flag(true),
    fallback: "true",
    about: "false: a dry run, which audits new files and publishes nothing",
  },
  verifyAll: {
    ...flag(false),
    fallback: "false",
    about: "true: each load audits the whole table, not only the days that new rows touch",
  },
  keepLandedDays: {
    ...whole(0, 365, "days", 7),
    fallback: "7",
    about: "Days for which landed files of a load that was refused are kept, 0 to 365",
  },
  onDelete: {
    ...oneOf(["retain", "truncate", "drop"], "retain"),
    fallback: "retain",
    about:
      "What destroy does to the readings and all that is kept beside them: retain, truncate (empty the table), or drop (the database with everything in it)",
  },
  expectedFrom: {
    ...day("2025-01-01"),
    about: "First day that must have readings, YYYY-MM-DD. Unset: the readings' own first day",
  },
  expectedTo: {
    ...day("2025-04-30"),
    about: "Last day that must have readings, YYYY-MM-DD. Unset: the readings' own last day",
  },
  quality: {
    ...quality,
    about: "Severities (fail, quarantine, warn, off) and thresholds of the checks; see docs/loading.md",
  },
} satisfies Fields;

export type EnvironmentValues = Values<typeof environmentFields>;
