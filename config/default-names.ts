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
  const snowflakeName = snowflakeNameOf(environment);
  return {
    bucketName: `flux-${environment}-raw-${awsAccountId}`,
    roleName: `flux-${environment}-snowflake-raw-ami`,
    integrationName: `${snowflakeName}_S3_INTEGRATION`,
    databaseName: snowflakeName,
    warehouseName: `${snowflakeName}_LOAD_WH`,
    loaderRoleName: `${snowflakeName}_LOADER`,
  };
}

/** What every name of an environment's objects in Snowflake begins with. */
const snowflakeNameOf = (environment: string) => `FLUX_${environment.toUpperCase().replaceAll("-", "_")}`;

/** Role of who deploys an environment, as examples/accounts makes it. */
export const deployerRole = (environment: string) => `${snowflakeNameOf(environment)}_DEPLOYER`;

/** The same of who only looks. */
export const viewerRole = (environment: string) => `${snowflakeNameOf(environment)}_VIEWER`;

/**
 * Of the tables that the load keeps, those whose rows a look reads: counts, what is published, what was found last. Of the others,
 * which have rows of files or beginnings of them, who looks sees whom they are granted to, and no row.
 */
export const VIEWED_TABLES = ["CONTROL", "CORRECTED", "DAYS", "METERS", "RUNS"] as const;

/** The environment whose names these are; undefined when somebody chose one of them. */
export function environmentOf(names: AccountNames, awsAccountId: string): string | undefined {
  const environment = names.databaseName
    .replace(/^FLUX_/, "")
    .toLowerCase()
    .replaceAll("_", "-");
  const own = accountNames(environment, awsAccountId);
  // An adopted bucket has a name of its own.
  const others = Object.keys(own).filter((key) => key !== "bucketName") as (keyof AccountNames)[];
  return others.every((key) => own[key] === names[key]) ? environment : undefined;
}
