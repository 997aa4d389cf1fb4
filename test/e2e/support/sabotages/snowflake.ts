import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { clientSettings } from "../../../../sandbox/aws/ministack.ts";
import { BUCKET, key, ROLE, type Sabotage, sql } from "./means.ts";

export const snowflake: Sabotage[] = [
  {
    what: "a database to use that is not there",
    bend: { config: { "flux-ami:useDatabase": "true", "flux-ami:databaseName": "THEIRS" } },
    check: "snowflake.used",
    says: /no database THEIRS/,
  },
  {
    what: "a warehouse to use that the role may see, and not pass on",
    bend: async (project) => {
      await sql("CREATE WAREHOUSE THEIR_WH", `GRANT USAGE ON WAREHOUSE THEIR_WH TO ROLE ${ROLE}`)(project);
      return { config: { "flux-ami:useWarehouse": "true", "flux-ami:warehouseName": "THEIR_WH" } };
    },
    undo: sql("DROP WAREHOUSE THEIR_WH"),
    check: "snowflake.used",
    says: /may not give MONITOR, USAGE on warehouse THEIR_WH to role FLUX_DEV_LOADER/,
  },
  {
    what: "Snowflake out of reach",
    bend: { environment: { SNOWFLAKE_PORT: "9" } },
    check: "snowflake.login",
    says: /could not be reached/,
  },
  {
    what: "a wrong password",
    bend: { config: { "snowflake:password": "not the password" } },
    check: "snowflake.login",
    says: /refused the login/,
  },
  {
    what: "a user who does not exist",
    bend: { environment: { SNOWFLAKE_USER: "NOBODY" } },
    check: "snowflake.login",
    says: /refused the login/,
  },
  {
    what: "a user who is disabled",
    bend: async (project) => {
      await project.sql("owner", "CREATE USER GONE PASSWORD = 'Once-upon-a-time-1' DISABLED = TRUE");
      return {
        config: { "snowflake:password": "Once-upon-a-time-1" },
        environment: { SNOWFLAKE_USER: "GONE" },
      };
    },
    undo: sql("DROP USER GONE"),
    check: "snowflake.login",
    says: /disabled/i,
  },
  {
    what: "another key pair's key",
    bend: async () => ({
      config: { "snowflake:password": undefined },
      environment: { SNOWFLAKE_AUTHENTICATOR: "SNOWFLAKE_JWT", SNOWFLAKE_PRIVATE_KEY: key() },
    }),
    check: "snowflake.login",
    says: /JWT token is invalid/,
  },
  {
    what: "a role that does not exist",
    bend: { config: { "snowflake:role": "FLUX_DEPLOYERS" } },
    check: "snowflake.role",
    says: /may not use role FLUX_DEPLOYERS/,
  },
  {
    what: "a deployer's role that the user does not have",
    bend: { config: { "flux-ami:deployerRoleName": "SOMEBODY_ELSE" } },
    check: "snowflake.role",
    says: /may not use role SOMEBODY_ELSE/,
  },
  ...["CREATE DATABASE", "CREATE INTEGRATION", "CREATE ROLE", "CREATE WAREHOUSE"].map((privilege) => ({
    what: `no ${privilege}`,
    bend: sql(`REVOKE ${privilege} ON ACCOUNT FROM ROLE ${ROLE}`),
    undo: sql(`GRANT ${privilege} ON ACCOUNT TO ROLE ${ROLE}`),
    check: "snowflake.privileges",
    says: new RegExp(`lacks ${privilege} on the account`),
  })),
  {
    what: "a resource monitor without ACCOUNTADMIN",
    bend: { config: { "flux-ami:monthlyCreditQuota": "100" } },
    check: "snowflake.privileges",
    says: /monthlyCreditQuota/,
  },
  ...[
    ["database", "DATABASE FLUX_DEV", ""],
    ["warehouse", "WAREHOUSE FLUX_DEV_LOAD_WH", " WAREHOUSE_SIZE = MEDIUM"],
    ["role", "ROLE FLUX_DEV_LOADER", ""],
  ].map(([what, object = "", options]) => ({
    what: `a ${what} of that name`,
    bend: sql(
      `CREATE ${object}${options}`,
      ...(what === "role"
        ? [`GRANT ROLE FLUX_DEV_LOADER TO ROLE ${ROLE}`]
        : [`GRANT USAGE ON ${object} TO ROLE ${ROLE}`]),
    ),
    undo: sql(`DROP ${object}`),
    check: "snowflake.names",
    says: new RegExp(`${what} ${object.split(" ")[1]} exists already`),
  })),
  {
    what: "an integration of that name",
    bend: sql(
      `CREATE STORAGE INTEGRATION FLUX_DEV_S3_INTEGRATION TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE
       STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::111111111111:role/x' STORAGE_ALLOWED_LOCATIONS = ('s3://${BUCKET}/')`,
      `GRANT USAGE ON INTEGRATION FLUX_DEV_S3_INTEGRATION TO ROLE ${ROLE}`,
    ),
    undo: sql("DROP INTEGRATION FLUX_DEV_S3_INTEGRATION"),
    check: "snowflake.names",
    says: /integration FLUX_DEV_S3_INTEGRATION exists already/,
  },
  {
    what: "a bucket far from Snowflake",
    bend: async (project) => {
      const Key = "raw/ami/ami_interval_readings/a.parquet";
      const { aws, accounts } = project.sandbox;
      const there = new S3Client({ ...clientSettings(aws, accounts.owner.aws), region: "eu-central-1" });
      await there.send(new PutObjectCommand({ Bucket: "flux-in-frankfurt", Key, Body: "PAR1" }));
      return { config: { "aws:region": "eu-central-1", "flux-ami:bucketName": "flux-in-frankfurt" } };
    },
    check: "snowflake.region",
    state: "advice",
    says: /AWS_US_EAST_1, the bucket in eu-central-1/,
  },
  {
    what: "no table of known meters",
    bend: { config: { "flux-ami:metersTable": "FLUX_REFERENCE.PRODUCTION.METERS" } },
    check: "snowflake.meters",
    says: /no FLUX_REFERENCE\.PRODUCTION\.METERS/,
  },
  {
    what: "meters in a table that the config calls a view",
    bend: { config: { "flux-ami:metersTableKind": "view" } },
    check: "snowflake.meters",
    says: /is a table; .* says view/,
  },
  {
    what: "meters that the role may read, and let nobody else read",
    bend: sql(
      `REVOKE GRANT OPTION FOR SELECT ON TABLE FLUX_REFERENCE.PRODUCTION.METER_INFRASTRUCTURE FROM ROLE ${ROLE}`,
    ),
    undo: sql(
      `GRANT SELECT ON TABLE FLUX_REFERENCE.PRODUCTION.METER_INFRASTRUCTURE TO ROLE ${ROLE} WITH GRANT OPTION`,
    ),
    check: "snowflake.meters",
    says: /may not pass on SELECT on TABLE/,
  },
  {
    what: "a quota that the first load would use up",
    bend: {
      config: {
        "snowflake:role": "ACCOUNTADMIN",
        "flux-ami:monthlyCreditQuota": "1",
        "flux-ami:loadWarehouseSize": "X6LARGE",
      },
    },
    check: "load.estimate",
    says: /more than the 1 of flux-ami:monthlyCreditQuota/,
  },
];
