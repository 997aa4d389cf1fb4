import { assertAwsAccount } from "./components/aws-account.ts";
import { ExternalStage } from "./components/external-stage.ts";
import { LoadWarehouse } from "./components/load-warehouse.ts";
import { LoaderAccess } from "./components/loader-access.ts";
import { RawBucket } from "./components/raw-bucket.ts";
import { ReadingsTable } from "./components/readings-table.ts";
import { StorageTrust } from "./components/storage-trust.ts";
import { VerifiedLoad } from "./components/verified-load/verified-load.ts";
import { loadSettings } from "./config/load-settings.ts";
import { snowflakeProvider } from "./config/snowflake-provider.ts";
import { type EnvironmentConfig, loadConfig } from "./config.ts";
import { letPartnerIn, mountShare, sharing } from "./partner-stack.ts";

const config = loadConfig();
export default config.kind === "environment"
  ? environment(config)
  : config.kind === "partner"
    ? letPartnerIn(config)
    : mountShare(config);

async function environment(config: EnvironmentConfig) {
  await assertAwsAccount(config.awsAccountId);
  const options = { providers: [snowflakeProvider()] };
  const tags = { project: "flux-ami", environment: config.environment };

  const { adoptBucket: adopt, bucketReaders: readers } = config;
  const bucket = new RawBucket("raw", { ...config, adopt, readers, tags }, options);
  const trust = new StorageTrust("trust", { ...config, bucket, tags }, options);
  const table = new ReadingsTable("readings", config, options);
  const { database, schema } = table;
  const stage = new ExternalStage("ami", { ...config, database, schema, trust }, options);
  const warehouse = new LoadWarehouse("compute", config, options);
  const loader = new LoaderAccess("loader", { ...config, table, stage, warehouse }, options);
  const load = new VerifiedLoad(
    "load",
    {
      ...loadSettings(config),
      ...{ database, schema, table: table.tableName },
      ...{ accountingTable: table.accountingTable, lockTable: table.lockTable },
      ...{ stage: stage.stageName, stageUrl: stage.url },
      ...{ warehouse: warehouse.warehouseName, role: loader.roleName },
    },
    { dependsOn: [trust, table, stage, warehouse, loader], customTimeouts: { create: "8h", update: "8h" } },
  );

  return {
    bucketName: bucket.bucketName,
    stageUrl: stage.url,
    roleArn: trust.roleArn,
    integrationName: trust.integrationName,
    stageName: stage.qualifiedName,
    tableName: table.qualifiedName,
    warehouseName: warehouse.warehouseName,
    load: load.summary,
    sharing: sharing(config),
  };
}
