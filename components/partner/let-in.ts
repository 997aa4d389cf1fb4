import * as pulumi from "@pulumi/pulumi";
import { assertAwsAccount } from "../aws-account.ts";
import { decryptObjects, keyPolicyStatement } from "../kms.ts";
import { storageProvider, storageUrl } from "../storage-location.ts";
import { firstSql, loadSql, mountSql } from "./instructions.ts";
import { PartnerRole } from "./partner-role.ts";
import { PartnerShare } from "./partner-share.ts";
import type { Sharing } from "./sharing.ts";

/** One way in which another account is let in. */
interface LettingIn {
  readonly letIn: (args: PartnerArgs, owner: Sharing, options: pulumi.ComponentResourceOptions) => unknown;
  /** Keys that a partner's stack has to have for it, and those that it may have. */
  readonly needs: readonly PartnerKey[];
  readonly may: readonly PartnerKey[];
  /** True where the bucket's policy names them: the owner's stack takes that from their file. */
  readonly inBucketPolicy?: true;
  /** Clouds that such a stack deploys into; none where the owner's stack does it all. */
  readonly clouds: readonly ("aws" | "snowflake")[];
}
type PartnerKey = (typeof PARTNER_KEYS)[number];

/** Keys of a partner's stack that some ways use and others do not. */
export const PARTNER_KEYS = [
  "partnerPrincipal",
  "partnerSnowflakeAccount",
  "snowflakeIamUserArn",
  "externalId",
  "partnerPrefix",
] as const;

/** The ways, one row each: config, its refusals and its documentation follow from here. */
export const WAYS = {
  bucketAccess: {
    letIn: byBucketPolicy,
    needs: ["partnerPrincipal"],
    may: ["partnerPrefix"],
    inBucketPolicy: true,
    clouds: [],
  },
  storageIntegration: {
    letIn: byStorageIntegration,
    needs: [],
    may: ["snowflakeIamUserArn", "externalId", "partnerPrefix"],
    clouds: ["aws"],
  },
  dataShare: {
    letIn: byDataShare,
    needs: ["partnerSnowflakeAccount"],
    may: [],
    clouds: ["snowflake"],
  },
} as const satisfies Readonly<Record<string, LettingIn>>;
export type Way = keyof typeof WAYS;

/** A way's row; undefined for another word. */
export const wayOf = (way: string | undefined): LettingIn | undefined =>
  way !== undefined && Object.hasOwn(WAYS, way) ? WAYS[way as Way] : undefined;

export interface PartnerArgs {
  /** Name of the partner's stack. */
  readonly stack: string;
  /** Name of the owner's stack. */
  readonly owner: string;
  /** The partner's name. */
  readonly partner: string;
  readonly way: Way;
  /** The folder they may read. @default the owner's prefix */
  readonly partnerPrefix?: string;
  /** bucketAccess: their AWS account ID, or the ARN of one role or user. */
  readonly partnerPrincipal?: string;
  /** storageIntegration: IAM user of their Snowflake account. @default nobody may assume the role yet */
  readonly snowflakeIamUserArn?: string;
  /** storageIntegration: external ID, at least 16 characters. @default a random one */
  readonly externalId?: string;
  /** Last day on which they are let in, for the status. */
  readonly partnerUntil?: string;
  /** True once that day has passed: nobody is let in any more. */
  readonly ended: boolean;
  /** dataShare: their Snowflake account. @example "PARTNERCO.ANALYTICS" */
  readonly partnerSnowflakeAccount?: string;
  /** dataShare: the owner's Snowflake account. */
  readonly snowflake: { readonly organizationName: string; readonly accountName: string };
}

/** Lets one partner in, the way their config says, and tells what is left to do. */
export function letPartnerIn(
  args: PartnerArgs,
  owner: Sharing,
  options: pulumi.ComponentResourceOptions = {},
) {
  if (args.ended)
    pulumi.log.warn(
      `partner ${args.partner} was let in until ${args.partnerUntil}; this ends their access. To go on: ` +
        `pulumi config set -s ${args.stack} flux-ami:partnerUntil <a later day>`,
    );
  const way: LettingIn = WAYS[args.way];
  return way.letIn(args, owner, options);
}

/** The bucket has one policy, and the owner's stack holds it: this stack only says whether the partner is in it. */
function byBucketPolicy(args: PartnerArgs, owner: Sharing) {
  const prefix = args.partnerPrefix ?? owner.prefix;
  const open = owner.bucketReaders.some(
    ({ partner, principal, prefix: readable }) =>
      partner === args.partner && principal === args.partnerPrincipal && readable === prefix,
  );
  const url = storageUrl("aws", owner.bucketName, prefix);
  return {
    status: args.ended
      ? ended(args, open ? `; \`pulumi up -s ${args.owner}\` takes them out of the bucket's policy` : "")
      : open
        ? `open: ${args.partnerPrincipal} may read ${url}`
        : `not yet open: run \`pulumi up -s ${args.owner}\`, whose bucket policy takes this partner up from their file`,
    bucketName: owner.bucketName,
    prefix,
    ...forKeys(owner, args.partnerPrincipal ?? "", args.partner),
    tryIt: `aws s3 ls ${url} && aws s3 cp --recursive ${url}${owner.readingsPath} .`,
  };
}

async function byStorageIntegration(
  args: PartnerArgs,
  owner: Sharing,
  options: pulumi.ComponentResourceOptions,
) {
  await assertAwsAccount(owner.awsAccountId);
  const { externalId } = args;
  const snowflakeIamUserArn = args.ended ? undefined : args.snowflakeIamUserArn;
  const prefix = args.partnerPrefix ?? owner.prefix;
  const role = new PartnerRole(
    "partner",
    {
      partner: args.partner,
      owner: owner.environment,
      partition: owner.partition,
      bucketName: owner.bucketName,
      prefix,
      tags: { project: "flux-ami", environment: owner.environment, partner: args.partner },
      ...(owner.permissionsBoundary && { permissionsBoundary: owner.permissionsBoundary }),
      ...(snowflakeIamUserArn && { snowflakeIamUserArn }),
      ...(externalId && { externalId }),
      ...(owner.kmsKeyArns && { kmsKeyArns: owner.kmsKeyArns }),
    },
    options,
  );
  const path = prefix === owner.prefix ? owner.readingsPath : "";
  return {
    status: args.ended
      ? ended(args)
      : snowflakeIamUserArn
        ? `open: ${snowflakeIamUserArn} may assume the role under the external ID`
        : "closed: nobody may assume the role yet. Send the partner theirFirstSql; set the ARN they send back with " +
          `\`pulumi config set flux-ami:snowflakeIamUserArn <ARN> -s ${args.stack}\` and run \`pulumi up -s ${args.stack}\` again`,
    roleArn: role.roleArn,
    externalId: role.externalId,
    theirFirstSql: pulumi
      .all([role.roleArn, role.externalId])
      .apply(([roleArn, externalId]) =>
        firstSql({ storageProvider: storageProvider(owner.partition), roleArn, externalId, url: role.url }),
      ),
    theirLoadSql: loadSql(role, path),
    ...(owner.kmsKeyArns && {
      keyPolicy: role.roleArn.apply((arn) => keyPolicy(owner.kmsKeyArns ?? [], arn, args.partner)),
    }),
  };
}

function byDataShare(args: PartnerArgs, owner: Sharing, options: pulumi.ComponentResourceOptions) {
  const { organizationName, accountName } = args.snowflake;
  const { databaseName, schemaName, tableName } = owner;
  const share = new PartnerShare(
    "partner",
    {
      shareName: shareName(owner.environment, args.partner),
      partnerSnowflakeAccount: args.partnerSnowflakeAccount ?? "",
      closed: args.ended,
      database: databaseName,
      schema: schemaName,
      table: tableName,
    },
    options,
  );
  const fullName = pulumi.interpolate`${organizationName}.${accountName}.${share.shareName}`;
  return {
    status: args.ended ? ended(args) : `open: ${args.partnerSnowflakeAccount} may mount the share`,
    share: fullName,
    theirSql: fullName.apply((share) => mountSql({ share, schema: schemaName, table: tableName })),
  };
}

/** What files that are encrypted with keys of KMS take beside the bucket's policy, on either side. */
function forKeys({ kmsKeyArns }: Sharing, principal: string, partner: string) {
  return (
    kmsKeyArns && {
      theirKmsPolicy: JSON.stringify({ Version: "2012-10-17", Statement: decryptObjects(kmsKeyArns) }),
      keyPolicy: keyPolicy(kmsKeyArns, principal, partner),
    }
  );
}

const keyPolicy = (kmsKeyArns: readonly string[], principal: string, partner: string) =>
  JSON.stringify(
    keyPolicyStatement(kmsKeyArns, principal, `Partner${partner.replaceAll("-", "X")}DecryptsThroughS3`),
  );

const ended = ({ partner, partnerUntil }: PartnerArgs, more = "") =>
  `ended: ${partner} was let in until ${partnerUntil}${more}`;

/** Name of the share by which an environment lets a partner in. */
export const shareName = (environment: string, partner: string): string =>
  `FLUX_${environment}_${partner}`.toUpperCase().replaceAll("-", "_");
