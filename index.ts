import { assertAwsAccount } from "./components/aws-account.ts";
import { watchForExisting } from "./components/existing/watch.ts";
import { ExternalStage } from "./components/external-stage.ts";
import { keptNames } from "./components/kept-names.ts";
import { LoadWarehouse } from "./components/load-warehouse.ts";
import { LoaderAccess } from "./components/loader-access.ts";
import { lookAtBucket } from "./components/look-at-bucket.ts";
import { lookAtExisting } from "./components/look-at-used.ts";
import { letPartnerIn, wayOf } from "./components/partner/let-in.ts";
import { partnerRoleName } from "./components/partner/partner-role.ts";
import { SharedReadings } from "./components/partner/shared-readings.ts";
import { RawBucket } from "./components/raw-bucket.ts";
import { ReadingsTable } from "./components/readings-table.ts";
import { StorageTrust } from "./components/storage-trust.ts";
import { UsedIntegration } from "./components/used-integration.ts";
import { VerifiedLoad } from "./components/verified-load/verified-load.ts";
import { environmentOf } from "./config/default-names.ts";
import {
  type ConsumerConfig,
  configOfProgram,
  type EnvironmentConfig,
  type PartnerConfig,
} from "./config/index.ts";
import { settingsOfLoad } from "./config/load-settings.ts";
import { sharing, sharingOfOwner } from "./config/sharing.ts";
import { snowflakeProvider } from "./config/snowflake-provider.ts";
import { usedBy } from "./config/used.ts";
import { assertReady } from "./preflight/before-up.ts";

// The SDK takes a stack trace with each promise and looks for source maps of each frame. There are none to find: Node strips
// the types in place, and what it prints by itself is right.
Object.assign(Error, { prepareStackTrace: undefined });

const config = configOfProgram();
export default config.kind === "environment"
  ? environment(config)
  : config.kind === "partner"
    ? partner(config)
    : consumer(config);

async function environment(config: EnvironmentConfig) {
  await assertAwsAccount(config.awsAccountId);
  await assertReady(config);
  const existing = watchForExisting({ ...config, externalIdOf: { integration: config.integrationName } });
  const options = { providers: [snowflakeProvider()] };
  const tags = { project: "flux-ami", environment: config.environment };

  const { adoptBucket: adopt, bucketReaders: readers } = config;
  const [{ sample, ...live }, { integration, warehouseSize }] = await Promise.all([
    lookAtBucket(config),
    lookAtExisting(usedBy(config)),
  ]);
  const bucket = new RawBucket("raw", { ...config, adopt, live, readers, tags }, options);
  const shown = { ...config, bucket, ...(sample && { sample }) };
  const trust = integration
    ? new UsedIntegration("trust", { ...shown, found: integration }, options)
    : new StorageTrust("trust", { ...shown, tags }, options);
  const table = new ReadingsTable("readings", config, options);
  const { database, schema } = table;
  const stage = new ExternalStage("ami", { ...config, database, schema, trust }, options);
  const warehouse = new LoadWarehouse("compute", config, options);
  const loader = new LoaderAccess("loader", { ...config, table, stage, warehouse }, options);
  const names = namesToKeep(config, { bucket, trust, table, stage, warehouse, loader });
  const load = new VerifiedLoad(
    "load",
    {
      ...settingsOfLoad(config, warehouseSize),
      database: names.databaseName,
      schema: names.schemaName,
      table: names.tableName,
      accountingTable: table.accountingTable,
      lockTable: table.lockTable,
      stage: stage.stageName,
      stageUrl: stage.url,
      fileFormat: stage.fileFormatName,
      warehouse: warehouse.warehouseName,
      role: loader.roleName,
    },
    { dependsOn: [trust, table, stage, warehouse, loader], customTimeouts: { create: "5h", update: "5h" } },
  );

  await existing.refuse();

  return {
    bucketName: bucket.bucketName,
    stageUrl: stage.url,
    roleArn: trust.roleArn,
    ...("keyPolicy" in trust && trust.keyPolicy && { keyPolicy: trust.keyPolicy }),
    integrationName: trust.integrationName,
    stageName: stage.qualifiedName,
    tableName: table.qualifiedName,
    warehouseName: warehouse.warehouseName,
    load: load.figures,
    sharing: bucket.leftOut.apply((leftOut) => sharing(config, leftOut)),
  };
}

interface Named {
  readonly bucket: RawBucket;
  readonly trust: StorageTrust | UsedIntegration;
  readonly table: ReadingsTable;
  readonly stage: ExternalStage;
  readonly warehouse: LoadWarehouse;
  readonly loader: LoaderAccess;
}

/** What the environment's objects are called; fails where the config calls them otherwise. */
function namesToKeep(config: EnvironmentConfig, { bucket, trust, table, stage, warehouse, loader }: Named) {
  return keptNames({
    stack: config.stack,
    wanted: config,
    deployerRoleName: config.deployerRoleName,
    environmentOf: (names) => environmentOf(names, config.awsAccountId),
    used: {
      databaseName: config.useDatabase,
      schemaName: config.useSchema,
      loaderRoleName: config.useRole,
    },
    actual: {
      bucketName: bucket.bucketName,
      integrationName: trust.integrationName,
      // An integration that was there has a role that the config does not name.
      roleName: "roleName" in trust ? trust.roleName : config.roleName,
      databaseName: table.database,
      schemaName: table.schema,
      tableName: table.tableName,
      stageName: stage.stageName,
      fileFormatName: stage.fileFormatName,
      warehouseName: warehouse.warehouseName,
      loaderRoleName: loader.roleName,
    },
  });
}

async function partner(config: PartnerConfig) {
  const owner = await sharingOfOwner(config);
  await assertReady(config);
  const role = partnerRoleName(owner.environment, config.partner);
  const existing = watchForExisting({ externalIdOf: { role } });
  const partner = await letPartnerIn(
    config,
    owner,
    wayOf(config.way)?.clouds.includes("snowflake") ? { providers: [snowflakeProvider()] } : {},
  );
  await existing.refuse();
  return partner;
}

async function consumer(config: ConsumerConfig) {
  await assertReady(config);
  const existing = watchForExisting({});
  const shared = new SharedReadings("shared", config, { providers: [snowflakeProvider()] });
  await existing.refuse();
  return { databaseName: shared.databaseName };
}
