import { WAREHOUSE_SIZES } from "../components/verified-load/args.ts";
import { day, type Fields, flag, group, oneOf, share, text, type Values, whole } from "./field.ts";
import * as names from "./names.ts";

const SEVERITIES = ["fail", "warn", "off"] as const;
const severity = oneOf(SEVERITIES, "warn");

/** Thresholds of the quality checks; what is left out has the load's own default. */
const quality = group({
  continuity: group({
    severity,
    intervalMinutes: whole(1, 1440, "minutes", 15),
    maxMissing: whole(0, 1_000_000_000, "intervals", 0),
    maxSurplus: whole(0, 1_000_000_000, "readings", 0),
  }),
  voltage: group({
    severity,
    min: whole(1, 1000, "volts", 110),
    max: whole(1, 1000, "volts", 125),
    minShare: share(0.99),
  }),
  referentialIntegrity: group({ severity, maxUnknown: whole(0, 1_000_000_000, "meters", 0) }),
  dateCoverage: group({ severity }),
  duplicates: group({ severity, max: whole(0, 1_000_000_000, "rows", 0) }),
  keyNulls: group({ severity, maxShare: share(0.01) }),
  timestampWindow: group({ severity, from: day("2000-01-01"), to: day("2030-12-31") }),
  accountedRows: group({ severity, maxMissing: whole(0, 10_000_000_000, "rows", 0) }),
});

/** Every key of an environment's stack config. Keys without a fallback get a name derived from the environment. */
export const environmentFields = {
  environment: text(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, {
    allowed: "the environment's name: lower-case letters, digits and single hyphens, starting with a letter",
    example: "dev",
  }),
  awsAccountId: { ...names.accountId, required: true },
  protect: { ...flag(true), fallback: "true" },

  bucketName: names.bucketName,
  adoptBucket: { ...flag(true), fallback: "false" },
  prefix: { ...names.prefix, fallback: "raw/ami/" },
  readingsPath: { ...names.prefix, example: "ami_interval_readings/", fallback: "ami_interval_readings/" },

  roleName: names.roleName,
  permissionsBoundary: names.policyArn,
  integrationName: names.identifier("FLUX_DEV_S3_INTEGRATION"),
  externalId: names.externalId,
  readinessTimeoutSeconds: { ...whole(10, 1800, "seconds", 180), fallback: "180" },

  databaseName: names.identifier("FLUX_DEV"),
  schemaName: { ...names.identifier("PRODUCTION"), fallback: "PRODUCTION" },
  tableName: { ...names.identifier("AMI_INTERVAL_READINGS"), fallback: "AMI_INTERVAL_READINGS" },
  stageName: { ...names.identifier("EXT_RAW_AMI"), fallback: "EXT_RAW_AMI" },
  fileFormatName: { ...names.identifier("PARQUET_SNAPPY"), fallback: "PARQUET_SNAPPY" },
  metersTable: names.tableName,

  warehouseName: names.identifier("FLUX_DEV_LOAD_WH"),
  warehouseSize: { ...oneOf(WAREHOUSE_SIZES, "MEDIUM"), fallback: "MEDIUM" },
  loadWarehouseSize: { ...oneOf(WAREHOUSE_SIZES, "XLARGE"), fallback: "XLARGE" },
  autoSuspendSeconds: { ...whole(60, 300, "seconds", 60), fallback: "60" },
  statementTimeoutSeconds: { ...whole(60, 86_400, "seconds", 14_400), fallback: "14400" },
  monthlyCreditQuota: whole(1, 1_000_000, "credits a month", 100),

  loaderRoleName: names.identifier("FLUX_DEV_LOADER"),
  deployerRoleName: names.identifier("SYSADMIN"),

  maxRejectedRows: { ...whole(0, 1_000_000_000, "rows", 0), fallback: "0" },
  replacedFiles: { ...oneOf(["fail", "skip", "load"], "fail"), fallback: "fail" },
  uncertainFiles: { ...oneOf(["fail", "skip", "load"], "skip"), fallback: "skip" },
  onDelete: { ...oneOf(["retain", "truncate"], "retain"), fallback: "retain" },
  expectedFrom: day("2025-01-01"),
  expectedTo: day("2025-04-30"),
  quality,
} satisfies Fields;

export type EnvironmentValues = Values<typeof environmentFields>;

/** Names that an account has only once: each carries the environment, so that two never collide in one account. */
export interface AccountNames {
  /** S3 bucket. @default flux-<environment>-raw-<account ID> */
  readonly bucketName: string;
  /** IAM role that Snowflake assumes. @default flux-<environment>-snowflake-raw-ami */
  readonly roleName: string;
  /** Storage integration. @default FLUX_<ENVIRONMENT>_S3_INTEGRATION */
  readonly integrationName: string;
  /** Database. @default FLUX_<ENVIRONMENT> */
  readonly databaseName: string;
  /** Warehouse. @default FLUX_<ENVIRONMENT>_LOAD_WH */
  readonly warehouseName: string;
  /** Role under which the load runs. @default FLUX_<ENVIRONMENT>_LOADER */
  readonly loaderRoleName: string;
}

/** Derives the account-level names from the environment. Hyphens become underscores, so no two environments agree. */
export function accountNames(environment: string, awsAccountId: string): AccountNames {
  const snowflakeName = `FLUX_${environment.toUpperCase().replaceAll("-", "_")}`;
  return {
    bucketName: `flux-${environment}-raw-${awsAccountId}`,
    roleName: `flux-${environment}-snowflake-raw-ami`,
    integrationName: `${snowflakeName}_S3_INTEGRATION`,
    databaseName: snowflakeName,
    warehouseName: `${snowflakeName}_LOAD_WH`,
    loaderRoleName: `${snowflakeName}_LOADER`,
  };
}
