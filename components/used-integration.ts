import * as pulumi from "@pulumi/pulumi";
import type { FoundIntegration } from "./existing/look.ts";
import { type Partition, storageUrl } from "./storage-location.ts";
import { StorageReadiness } from "./storage-readiness.ts";

export interface UsedIntegrationArgs {
  /** The integration as it was found. */
  readonly found: FoundIntegration;
  /** Partition of the bucket's account. @default "aws" */
  readonly partition?: Partition;
  /** The bucket that it reads. */
  readonly bucket: { readonly bucketName: pulumi.Input<string> };
  /** The folder it reads, with its closing slash. @example "raw/ami/" */
  readonly prefix: string;
  /**
   * An object that Snowflake has to be able to read.
   * @default none: there is none yet, so listing alone is tried
   * @example { key: "raw/ami/ami_interval_readings/2026-07-01.parquet" }
   */
  readonly sample?: { readonly key: string; readonly kmsKeyArn?: string };
  /** Role of the Snowflake session that deploys; it checks that the trust works. @example "FLUX_DEV_DEPLOYER" */
  readonly deployerRoleName: string;
  /** Seconds to wait until Snowflake can read. @default 180 */
  readonly readinessTimeoutSeconds?: number;
}

/**
 * A storage integration that was there, with a role and an external ID of its own: nothing of it is made or changed.
 * @example new UsedIntegration("trust", { found, bucket, prefix: "raw/ami/", deployerRoleName: "FLUX_DEV_DEPLOYER" })
 */
export class UsedIntegration extends pulumi.ComponentResource {
  readonly integrationName: pulumi.Output<string>;
  /** Changes when the integration is replaced. */
  readonly integrationIdentity: pulumi.Output<string>;
  readonly roleArn: pulumi.Output<string>;
  readonly url: pulumi.Output<string>;
  /** Resolves when Snowflake can read the folder. */
  readonly ready: StorageReadiness;

  constructor(name: string, args: UsedIntegrationArgs, options?: pulumi.ComponentResourceOptions) {
    super("flux-ami:index:UsedIntegration", name, {}, options);
    const { found, partition = "aws", prefix, sample } = args;
    this.integrationName = pulumi.output(found.name);
    this.integrationIdentity = pulumi.output(found.createdOn);
    this.roleArn = pulumi.output(found.roleArn);
    this.url = pulumi.output(args.bucket.bucketName).apply((bucket) => storageUrl(partition, bucket, prefix));
    this.ready = new StorageReadiness(
      `${name}-readiness`,
      {
        integration: found.name,
        integrationIdentity: found.createdOn,
        url: this.url,
        roleArn: found.roleArn,
        // The integration's own, which is for its owner to keep.
        externalId: "",
        iamUserArn: found.iamUserArn,
        trustPolicy: "",
        readPolicy: "",
        sample: sample?.key.slice(prefix.length) ?? "",
        sampleKmsKeyArn: sample?.kmsKeyArn ?? "",
        sessionRole: args.deployerRoleName,
        timeoutSeconds: args.readinessTimeoutSeconds ?? 180,
      },
      { parent: this },
    );
    this.registerOutputs();
  }
}
