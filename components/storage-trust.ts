import { Role, type RoleArgs } from "@pulumi/aws/iam/role.js";
import { RolePolicy, type RolePolicyArgs } from "@pulumi/aws/iam/rolePolicy.js";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import * as snowflake from "@pulumi/snowflake";
import { child, keepsName, stateful, type Transform } from "./child.ts";
import { decryptObjects, keyPolicyStatement } from "./kms.ts";
import { assumeWithExternalId, policyJson, readFolder } from "./policy-document.ts";
import { Refusal } from "./refusal.ts";
import { ownPolicies } from "./role-policies.ts";
import { identifier, literal } from "./sql.ts";
import { type Partition, storageProvider, storageUrl } from "./storage-location.ts";
import { StorageReadiness } from "./storage-readiness.ts";

/** What the trust needs of a bucket. */
interface ReadableBucket {
  readonly bucketName: pulumi.Input<string>;
  readonly arn: pulumi.Input<string>;
  /** What must stand before it can be read, such as its own policy. */
  readonly prerequisites?: readonly pulumi.Resource[];
}

export interface StorageTrustArgs {
  /** The storage integration's name. @example "FLUX_DEV_S3_INTEGRATION" */
  readonly integrationName: string;
  /** Name of the IAM role that Snowflake assumes. @example "flux-dev-snowflake-raw-ami" */
  readonly roleName: string;
  /** IAM path of that role. @default "/" @example "/platform/" */
  readonly rolePath?: string;
  /** Account the role lives in: the bucket's. @example "111111111111" */
  readonly awsAccountId: string;
  /** Partition of that account. @default "aws" */
  readonly partition?: Partition;
  /** Bucket that Snowflake may read. */
  readonly bucket: ReadableBucket;
  /** The folder it may read, and no other; with its closing slash. @example "raw/ami/" */
  readonly prefix: string;
  /** Keys of KMS that objects are encrypted with. @default none @example ["arn:aws:kms:us-east-1:111111111111:key/…"] */
  readonly kmsKeyArns?: readonly string[];
  /**
   * An object that Snowflake has to be able to read.
   * @default none: there is none yet, so listing alone is tried
   * @example { key: "raw/ami/ami_interval_readings/2026-07-01.parquet" }
   */
  readonly sample?: { readonly key: string; readonly kmsKeyArn?: string };
  /** External ID, at least 16 characters. @default a random one, made once and kept */
  readonly externalId?: string;
  /** Policy that bounds what the role may ever do. @default none @example "arn:aws:iam::111111111111:policy/boundary" */
  readonly permissionsBoundary?: string;
  /** Role of the Snowflake session that deploys; it checks that the trust works. @example "FLUX_DEV_DEPLOYER" */
  readonly deployerRoleName: string;
  /** Seconds to wait until Snowflake can read; a new role needs up to a minute. @default 180 */
  readonly readinessTimeoutSeconds?: number;
  /** Guards integration and role against destroy and delete. @default true */
  readonly protect?: boolean;
  /** Tags of the role. @default none @example { project: "flux-ami" } */
  readonly tags?: Record<string, string>;
  /** Escape hatch for each child. */
  readonly transform?: {
    readonly externalId?: Transform<random.RandomIdArgs>;
    readonly integration?: Transform<snowflake.StorageIntegrationArgs>;
    readonly role?: Transform<RoleArgs>;
    readonly readPolicy?: Transform<RolePolicyArgs>;
  };
}

/**
 * The trust between Snowflake and AWS, in one update although each side names the other: the role's ARN is computed from
 * its fixed name, so the integration can be made first; the role then trusts the integration's IAM user. The external ID
 * is ours and not the one Snowflake makes up with every new integration, so replacing the integration changes nothing
 * for the role, nor for whoever was told the ID.
 * @example new StorageTrust("trust", { integrationName, roleName, awsAccountId, bucket, prefix: "raw/ami/", deployerRoleName })
 */
export class StorageTrust extends pulumi.ComponentResource {
  /** The integration's name. */
  readonly integrationName: pulumi.Output<string>;
  /** Changes when the integration is replaced, also by hand under its old name. */
  readonly integrationIdentity: pulumi.Output<string>;
  /** The role's name. */
  readonly roleName: pulumi.Output<string>;
  /** ARN of the role. */
  readonly roleArn: pulumi.Output<string>;
  /** The external ID both sides hold. */
  readonly externalId: pulumi.Output<string>;
  /** URL of the folder. @example "s3://bucket/raw/ami/" */
  readonly url: pulumi.Output<string>;
  /** What the owner of the keys has to add to each key's policy; empty without keys. */
  readonly keyPolicy: string;
  /** Resolves when Snowflake can read the folder. */
  readonly ready: StorageReadiness;

  constructor(name: string, args: StorageTrustArgs, options?: pulumi.ComponentResourceOptions) {
    super("flux-ami:index:StorageTrust", name, {}, options);
    const { partition = "aws", rolePath = "/", transform = {} } = args;
    const roleArn = `arn:${partition}:iam::${args.awsAccountId}:role${rolePath}${args.roleName}`;
    this.url = pulumi
      .output(args.bucket.bucketName)
      .apply((bucket) => storageUrl(partition, bucket, args.prefix));
    this.externalId = args.externalId
      ? pulumi.output(args.externalId)
      : this.randomExternalId(name, transform);

    const integration = this.integration(name, args, roleArn);
    this.integrationName = integration.name;
    this.integrationIdentity = integration.createdOn;

    const pinned = this.pin(name, integration);
    const role = this.role(name, args, integration.storageAwsIamUserArn);
    this.roleName = role.name;
    this.roleArn = pulumi
      .all([role.arn, role.name])
      .apply(([arn, roleName]) =>
        sameRole(arn, `arn:${partition}:iam::${args.awsAccountId}:role${rolePath}${roleName}`),
      );
    const keys = args.kmsKeyArns ?? [];
    this.keyPolicy = keys.length === 0 ? "" : JSON.stringify(keyPolicyStatement(keys, roleArn));

    const readPolicy = this.readPolicy(name, args, role);
    ownPolicies(name, role, [readPolicy], { parent: this });

    this.ready = new StorageReadiness(
      `${name}-readiness`,
      {
        integration: integration.name,
        integrationIdentity: this.integrationIdentity,
        url: this.url,
        roleArn: this.roleArn,
        externalId: this.externalId,
        iamUserArn: integration.storageAwsIamUserArn,
        trustPolicy: role.assumeRolePolicy,
        readPolicy: readPolicy.policy,
        sample: args.sample?.key.slice(args.prefix.length) ?? "",
        sampleKmsKeyArn: args.sample?.kmsKeyArn ?? "",
        sessionRole: args.deployerRoleName,
        timeoutSeconds: args.readinessTimeoutSeconds ?? 180,
      },
      {
        parent: this,
        dependsOn: [pinned, readPolicy, ...(args.bucket.prerequisites ?? [])],
        deletedWith: integration,
      },
    );
    this.registerOutputs();
  }

  private integration(name: string, args: StorageTrustArgs, roleArn: string): snowflake.StorageIntegration {
    const { partition = "aws", protect = true, transform = {} } = args;
    return new snowflake.StorageIntegration(
      `${name}-integration`,
      ...child(
        transform.integration,
        {
          name: args.integrationName,
          type: "EXTERNAL_STAGE",
          storageProvider: storageProvider(partition),
          storageAwsRoleArn: roleArn,
          storageAllowedLocations: [this.url],
          enabled: true,
          comment: "Reads raw meter readings; external ID pinned by the stack",
        },
        // The name is fixed, so a replacement can only be made once the old one is gone.
        keepsName(stateful(this, protect, { deleteBeforeReplace: true })),
      ),
    );
  }

  private role(name: string, args: StorageTrustArgs, iamUserArn: pulumi.Output<string>): Role {
    const { protect = true, rolePath = "/", transform = {} } = args;
    return new Role(
      `${name}-role`,
      ...child(
        transform.role,
        {
          name: args.roleName,
          ...(rolePath !== "/" && { path: rolePath }),
          description: `Snowflake reads ${args.prefix} through integration ${args.integrationName}`,
          assumeRolePolicy: policyJson([assumeWithExternalId(iamUserArn, this.externalId)]),
          forceDetachPolicies: true,
          ...(args.permissionsBoundary && { permissionsBoundary: args.permissionsBoundary }),
          ...(args.tags && { tags: args.tags }),
        },
        keepsName(stateful(this, protect, { deleteBeforeReplace: true })),
      ),
    );
  }

  /** Gives the integration the external ID. */
  private pin(name: string, integration: snowflake.StorageIntegration): snowflake.Execute {
    return new snowflake.Execute(
      `${name}-pinned-external-id`,
      {
        execute: pulumi.interpolate`ALTER STORAGE INTEGRATION ${integration.name.apply(identifier)} SET STORAGE_AWS_EXTERNAL_ID = ${this.externalId.apply(literal)} -- of ${this.integrationIdentity}`,
        // Nothing to take back: the ID goes with the integration.
        revert: "SELECT 1",
      },
      { parent: this, deletedWith: integration },
    );
  }

  private readPolicy(name: string, args: StorageTrustArgs, role: Role): RolePolicy {
    const { bucket, prefix, kmsKeyArns = [] } = args;
    return new RolePolicy(
      `${name}-read-policy`,
      ...child(
        args.transform?.readPolicy,
        {
          name: "read-raw-readings",
          role: role.name,
          policy: policyJson([
            ...readFolder({ bucketArn: bucket.arn, prefix }),
            ...decryptObjects(kmsKeyArns),
          ]),
        },
        { parent: this },
      ),
    );
  }

  private randomExternalId(name: string, transform: StorageTrustArgs["transform"]): pulumi.Output<string> {
    const id = new random.RandomId(
      `${name}-external-id`,
      ...child(transform?.externalId, { byteLength: 16 }, { parent: this }),
    );
    return id.hex;
  }
}

/** The integration was given a computed ARN; a role made under another one (a path, another account) would not be it. */
function sameRole(actual: string, computed: string): string {
  if (actual === computed) return actual;
  throw new Refusal(
    `the IAM role was made as ${actual}, but the storage integration expects ${computed}; ` +
      "remove what moves the role (other credentials, a transform), or set flux-ami:awsAccountId and flux-ami:rolePath to where it is",
  );
}
