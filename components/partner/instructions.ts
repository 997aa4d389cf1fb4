/**
 * What a partner has to run on their side, ready to send. Plain text from plain values, so that every statement can be
 * tried in a test just as a partner would.
 */
import { PARQUET } from "../parquet.ts";
import { READINGS_COLUMNS } from "../readings-columns.ts";
import { literal } from "../sql.ts";

/** Names of the objects on the partner's side; theirs to change. */
const OURS = {
  integration: "FLUX_READINGS_S3",
  warehouse: "FLUX_READINGS_WH",
  database: "FLUX_READINGS_COPY",
  schema: "PUBLIC",
  fileFormat: "FLUX_PARQUET",
  stage: "FLUX_READINGS",
} as const;

/** A warehouse to run statements on, without a cost until the first and after the last. */
const WAREHOUSE = `-- A warehouse to work on; name your own instead where you have one.
CREATE WAREHOUSE IF NOT EXISTS ${OURS.warehouse} WAREHOUSE_SIZE = XSMALL AUTO_SUSPEND = 60 INITIALLY_SUSPENDED = TRUE;
USE WAREHOUSE ${OURS.warehouse};
`;

export interface IntegrationInstructions {
  readonly storageProvider: string;
  readonly roleArn: string;
  readonly externalId: string;
  /** Folder they may read. @example "s3://bucket/raw/ami/" */
  readonly url: string;
}

/** The first statement: its answer is what the owner needs to open the role. */
export function firstSql({ storageProvider, roleArn, externalId, url }: IntegrationInstructions): string {
  return `-- 1. Run this as ACCOUNTADMIN, or another role with CREATE INTEGRATION, and send back the value of
-- STORAGE_AWS_IAM_USER_ARN that the last statement shows.
CREATE STORAGE INTEGRATION ${OURS.integration}
  TYPE = EXTERNAL_STAGE
  STORAGE_PROVIDER = ${literal(storageProvider)}
  ENABLED = TRUE
  STORAGE_AWS_ROLE_ARN = ${literal(roleArn)}
  STORAGE_AWS_EXTERNAL_ID = ${literal(externalId)}
  STORAGE_ALLOWED_LOCATIONS = (${literal(url)});
DESC STORAGE INTEGRATION ${OURS.integration};
`;
}

/** The rest: works as it is, once the owner has opened the role, and may be run again. */
export function loadSql({ url }: Pick<IntegrationInstructions, "url">, readingsPath: string): string {
  const columns = READINGS_COLUMNS.map(({ name, type }) => `  ${name} ${type}`).join(",\n");
  return `-- 2. Once you have heard that the role is open: see the files, and load them. Run it under the role of before.
${WAREHOUSE}-- The database and schema that the readings go to.
CREATE DATABASE IF NOT EXISTS ${OURS.database};
USE SCHEMA ${OURS.database}.${OURS.schema};
CREATE FILE FORMAT IF NOT EXISTS ${OURS.fileFormat} ${PARQUET};
CREATE STAGE IF NOT EXISTS ${OURS.stage}
  URL = ${literal(url)}
  STORAGE_INTEGRATION = ${OURS.integration}
  FILE_FORMAT = (FORMAT_NAME = ${OURS.fileFormat});
LIST @${OURS.stage};
CREATE TABLE IF NOT EXISTS AMI_INTERVAL_READINGS (
${columns}
);
-- All files, or none: an error names the file and its row, and leaves the table as it was. When you run it again, it leaves out
-- what it has loaded, which Snowflake remembers for 64 days.
COPY INTO AMI_INTERVAL_READINGS
  FROM @${OURS.stage}/${readingsPath}
  FILE_FORMAT = (FORMAT_NAME = ${OURS.fileFormat})
  MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE
  ON_ERROR = ABORT_STATEMENT;
`;
}

export interface ShareInstructions {
  /** ORGANIZATION.ACCOUNT.SHARE */
  readonly share: string;
  /** Schema and table within the shared database. */
  readonly schema: string;
  readonly table: string;
}

/** Mounting a share: the one statement, a grant, and a first query. */
export function mountSql({ share, schema, table }: ShareInstructions): string {
  return `-- Run it as ACCOUNTADMIN, or another role with IMPORT SHARE, CREATE DATABASE and CREATE WAREHOUSE.
${WAREHOUSE}CREATE DATABASE FLUX_READINGS FROM SHARE ${share};
GRANT IMPORTED PRIVILEGES ON DATABASE FLUX_READINGS TO ROLE SYSADMIN;
SELECT COUNT(*) FROM FLUX_READINGS.${schema}.${table};
`;
}
