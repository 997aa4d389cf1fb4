import * as pulumi from "@pulumi/pulumi";
import { assertAwsAccount } from "./components/aws-account.ts";
import { firstSql, loadSql, mountSql } from "./components/partner-access/instructions.ts";
import { PartnerRole } from "./components/partner-access/partner-role.ts";
import { PartnerShare } from "./components/partner-access/partner-share.ts";
import { SharedReadings } from "./components/partner-access/shared-readings.ts";
import { storageProvider, storageUrl } from "./components/storage-location.ts";
import { ConfigError } from "./config/mistakes.ts";
import { snowflakeProvider } from "./config/snowflake-provider.ts";
import {
  type ConsumerConfig,
  type EnvironmentConfig,
  neighbouringEnvironment,
  type PartnerConfig,
} from "./config.ts";

/** What an environment tells its partners' stacks, as its output `sharing`. */
type Sharing = ReturnType<typeof sharing>;

/** What partners' stacks need to know of an environment. They read it and cannot change it. */
export function sharing(config: EnvironmentConfig) {
  const { environment, partition, awsAccountId, bucketName, prefix, readingsPath } = config;
  const { databaseName, schemaName, tableName, bucketReaders, permissionsBoundary } = config;
  return {
    ...{ environment, partition, awsAccountId, bucketName, prefix, readingsPath },
    ...{ databaseName, schemaName, tableName, bucketReaders },
    ...(permissionsBoundary && { permissionsBoundary }),
  };
}

/** Lets one partner in, the way their config says, and tells what is left to do. */
export async function letPartnerIn(config: PartnerConfig) {
  const owner = await sharingOf(config.owner);
  if (config.way === "bucketAccess") return byBucketPolicy(config, owner);
  if (config.way === "storageIntegration") return byStorageIntegration(config, owner);
  return byDataShare(config, owner);
}

/** The bucket has one policy, and the owner's stack holds it: this stack only says whether the partner is in it. */
function byBucketPolicy(config: PartnerConfig, owner: Sharing) {
  const prefix = sharedPrefix(config, owner);
  const open = owner.bucketReaders.some(
    ({ partner, principal, prefix: readable }) =>
      partner === config.partner && principal === config.partnerPrincipal && readable === prefix,
  );
  const url = storageUrl("aws", owner.bucketName, prefix);
  return {
    status: open
      ? `open: ${config.partnerPrincipal} may read ${url}`
      : `not yet open: run \`pulumi up -s ${config.owner}\`, whose bucket policy takes this partner up from their file`,
    bucketName: owner.bucketName,
    prefix,
    tryIt: `aws s3 ls ${url} && aws s3 cp --recursive ${url}${owner.readingsPath} .`,
  };
}

async function byStorageIntegration(config: PartnerConfig, owner: Sharing) {
  await assertAwsAccount(owner.awsAccountId);
  const { snowflakeIamUserArn, externalId } = config;
  const prefix = sharedPrefix(config, owner);
  const role = new PartnerRole("partner", {
    partner: config.partner,
    owner: owner.environment,
    partition: owner.partition,
    bucketName: owner.bucketName,
    prefix,
    tags: { project: "flux-ami", environment: owner.environment, partner: config.partner },
    ...(owner.permissionsBoundary && { permissionsBoundary: owner.permissionsBoundary }),
    ...(snowflakeIamUserArn && { snowflakeIamUserArn }),
    ...(externalId && { externalId }),
  });
  const path = prefix === owner.prefix ? owner.readingsPath : "";
  return {
    status: snowflakeIamUserArn
      ? `open: ${snowflakeIamUserArn} may assume the role under the external ID`
      : "closed: nobody may assume the role yet. Send the partner theirFirstSql; set the ARN they send back with " +
        `\`pulumi config set flux-ami:snowflakeIamUserArn <ARN> -s ${config.stack}\` and run \`pulumi up\` again`,
    roleArn: role.roleArn,
    externalId: role.externalId,
    theirFirstSql: pulumi
      .all([role.roleArn, role.externalId])
      .apply(([roleArn, externalId]) =>
        firstSql({ storageProvider: storageProvider(owner.partition), roleArn, externalId, url: role.url }),
      ),
    theirLoadSql: loadSql(role, path),
  };
}

function byDataShare(config: PartnerConfig, owner: Sharing) {
  const { organizationName, accountName } = config.snowflake;
  const { databaseName, schemaName, tableName } = owner;
  const share = new PartnerShare(
    "partner",
    {
      shareName: shareName(owner.environment, config.partner),
      partnerSnowflakeAccount: config.partnerSnowflakeAccount ?? "",
      database: databaseName,
      schema: schemaName,
      table: tableName,
    },
    { providers: [snowflakeProvider()] },
  );
  const fullName = pulumi.interpolate`${organizationName}.${accountName}.${share.shareName}`;
  return {
    status: `open: ${config.partnerSnowflakeAccount} may mount the share`,
    share: fullName,
    theirSql: fullName.apply((share) => mountSql({ share, schema: schemaName, table: tableName })),
  };
}

/** On the partner's side: mounts the share that the owner's partner stack tells. */
export function mountShare(config: ConsumerConfig) {
  const shared = new SharedReadings("shared", config, { providers: [snowflakeProvider()] });
  return { databaseName: shared.databaseName };
}

async function sharingOf(owner: string): Promise<Sharing> {
  const stack = `${pulumi.getOrganization()}/${pulumi.getProject()}/${owner}`;
  const { value } = await new pulumi.StackReference(stack).getOutputDetails("sharing");
  if (value) return value as Sharing;
  // A stack has no outputs when its first update failed, say because the load did. That must not lock the partners'
  // stacks, and what an environment shares follows from its config.
  const config = neighbouringEnvironment(owner);
  if (config) {
    pulumi.log.warn(
      `stack ${owner} tells nothing of what it shares (its update failed, or there was none); taken from its config file instead`,
    );
    return sharing(config);
  }
  throw new pulumi.RunError(
    `stack ${owner}, which flux-ami:owner names, has nothing to share yet; bring it up first (\`pulumi up -s ${owner}\`), ` +
      "or correct flux-ami:owner",
  );
}

function sharedPrefix({ stack, partnerPrefix }: PartnerConfig, owner: Sharing): string {
  const prefix = partnerPrefix ?? owner.prefix;
  if (prefix.startsWith(owner.prefix)) return prefix;
  throw new ConfigError(`the config of stack ${stack}`, [
    {
      key: "flux-ami:partnerPrefix",
      value: prefix,
      allowed: `a folder within ${owner.prefix}, the only one that environment ${owner.environment} shares`,
      cure: `begin it with ${owner.prefix}, or remove it to share all of that folder`,
    },
  ]);
}

const shareName = (environment: string, partner: string) =>
  `FLUX_${environment}_${partner}`.toUpperCase().replaceAll("-", "_");
