import { assertAwsAccount } from "./components/aws-account.ts";
import { ExternalStage } from "./components/external-stage.ts";
import { LoadWarehouse } from "./components/load-warehouse.ts";
import { LoaderAccess } from "./components/loader-access.ts";
import { RawBucket } from "./components/raw-bucket.ts";
import { ReadingsTable } from "./components/readings-table.ts";
import { snowflakeAccount } from "./components/snowflake-account.ts";
import { StorageTrust } from "./components/storage-trust.ts";
import { type EnvironmentConfig, loadConfig } from "./config.ts";

async function environment(config: EnvironmentConfig) {
  await assertAwsAccount(config.awsAccountId);
  const options = { providers: [snowflakeAccount()] };
  const tags = { project: "flux-ami", environment: config.environment };

  const bucket = new RawBucket(
    "raw",
    { ...config, adopt: config.adoptBucket, readers: config.bucketReaders, tags },
    options,
  );
  const trust = new StorageTrust(
    "trust",
    { ...config, bucketName: bucket.bucketName, bucketArn: bucket.arn, readableAfter: bucket.settings, tags },
    options,
  );
  const table = new ReadingsTable("readings", config, options);
  const stage = new ExternalStage(
    "ami",
    { ...config, database: table.database, schema: table.schema, trust },
    options,
  );
  const warehouse = new LoadWarehouse("compute", config, options);
  const loader = new LoaderAccess(
    "loader",
    { ...config, table, stage, warehouse: warehouse.warehouseName },
    options,
  );

  return {
    bucketName: bucket.bucketName,
    stageUrl: stage.url,
    roleArn: trust.roleArn,
    integrationName: trust.integrationName,
    stageName: stage.qualifiedName,
    tableName: table.qualifiedName,
    warehouseName: warehouse.warehouseName,
    loaderRoleName: loader.roleName,
  };
}

const config = loadConfig();
export default config.kind === "environment" ? environment(config) : {};
