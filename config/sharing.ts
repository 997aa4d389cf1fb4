import * as pulumi from "@pulumi/pulumi";
import { accountOf } from "../components/bucket-policy/statements.ts";
import type { Sharing } from "../components/partner/sharing.ts";
import { type EnvironmentConfig, neighbouringEnvironment, type PartnerConfig } from "./index.ts";
import { ConfigError } from "./mistakes.ts";

/**
 * What an environment's config says that partners' stacks need to know.
 * @param leftOut accounts that do not exist, so that the bucket's policy cannot name them
 */
export function sharing(config: EnvironmentConfig, leftOut: readonly string[] = []): Sharing {
  const { permissionsBoundary, kmsKeyArns } = config;
  return {
    environment: config.environment,
    partition: config.partition,
    awsAccountId: config.awsAccountId,
    bucketName: config.bucketName,
    prefix: config.prefix,
    readingsPath: config.readingsPath,
    databaseName: config.databaseName,
    schemaName: config.schemaName,
    tableName: config.tableName,
    bucketReaders: config.bucketReaders.filter(({ principal }) => !leftOut.includes(accountOf(principal))),
    ...(permissionsBoundary && { permissionsBoundary }),
    ...(kmsKeyArns && { kmsKeyArns }),
  };
}

/** What the owner of a partner's stack tells of itself. Throws when the partner's config does not go with it. */
export async function sharingOfOwner(config: PartnerConfig): Promise<Sharing> {
  const owner = await sharingOf(config.owner);
  const { partnerPrefix } = config;
  if (partnerPrefix === undefined || partnerPrefix.startsWith(owner.prefix)) return owner;
  throw new ConfigError(config.stack, [
    {
      key: "flux-ami:partnerPrefix",
      value: partnerPrefix,
      allowed: `a folder within ${owner.prefix}, the only one that environment ${owner.environment} shares`,
      cure: `begin it with ${owner.prefix}, or remove it to share all of that folder`,
    },
  ]);
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
