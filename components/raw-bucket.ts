import { Bucket, type BucketArgs } from "@pulumi/aws/s3/bucket.js";
import {
  BucketOwnershipControls,
  type BucketOwnershipControlsArgs,
} from "@pulumi/aws/s3/bucketOwnershipControls.js";
import { BucketPolicy, type BucketPolicyArgs } from "@pulumi/aws/s3/bucketPolicy.js";
import {
  BucketPublicAccessBlock,
  type BucketPublicAccessBlockArgs,
} from "@pulumi/aws/s3/bucketPublicAccessBlock.js";
import {
  BucketServerSideEncryptionConfiguration,
  type BucketServerSideEncryptionConfigurationArgs,
} from "@pulumi/aws/s3/bucketServerSideEncryptionConfiguration.js";
import * as pulumi from "@pulumi/pulumi";
import { child, stateful, type Transform } from "./child.ts";
import { denyInsecureTransport, policyJson, readFolder, type Statement } from "./policy-document.ts";
import type { Partition } from "./storage-location.ts";

/** Somebody of another account who may read a folder of the bucket, by the bucket's policy. */
export interface BucketReader {
  /** Name of the partner: letters, digits and hyphens; names the statements. */
  readonly partner: string;
  /** AWS account ID, or the ARN of one role or user. */
  readonly principal: string;
  /** The folder, with its closing slash. @example "raw/ami/" */
  readonly prefix: string;
}

export interface RawBucketArgs {
  /** The bucket's name. */
  readonly bucketName: string;
  /**
   * True when the bucket exists already and stays what it is: the stack then manages its policy and its guards, and
   * leaves the bucket itself alone, also on destroy. Its former policy is replaced.
   * @default false
   */
  readonly adopt?: boolean;
  /** Partition the bucket lies in. @default "aws" */
  readonly partition?: Partition;
  /** Partners to let in; their order does not matter. @default none */
  readonly readers?: readonly BucketReader[];
  /** More statements for the bucket's policy. @default none */
  readonly statements?: readonly Statement[];
  /** Guards the bucket against destroy and delete. @default true */
  readonly protect?: boolean;
  /** Deletes the objects with the bucket on destroy; otherwise the bucket stays, with what is in it. @default false */
  readonly deleteRawData?: boolean;
  /** Tags of the bucket. */
  readonly tags?: Record<string, string>;
  /** Escape hatch for each child. */
  readonly transform?: {
    readonly bucket?: Transform<BucketArgs>;
    readonly publicAccess?: Transform<BucketPublicAccessBlockArgs>;
    readonly ownership?: Transform<BucketOwnershipControlsArgs>;
    readonly encryption?: Transform<BucketServerSideEncryptionConfigurationArgs>;
    readonly policy?: Transform<BucketPolicyArgs>;
  };
}

/** The bucket the readings lie in, closed to the public and to plain HTTP, and its one policy document. */
export class RawBucket extends pulumi.ComponentResource {
  /** The bucket's name. */
  readonly bucketName: pulumi.Output<string>;
  /** The bucket's ARN. */
  readonly arn: pulumi.Output<string>;
  /** What must stand before the bucket is read: its policy, which comes last. */
  readonly settings: readonly pulumi.Resource[];

  constructor(name: string, args: RawBucketArgs, options?: pulumi.ComponentResourceOptions) {
    super("flux-ami:index:RawBucket", name, {}, options);
    const {
      bucketName,
      adopt = false,
      partition = "aws",
      protect = true,
      deleteRawData = false,
      transform = {},
    } = args;
    const readers = [...(args.readers ?? [])].sort((a, b) => (a.partner < b.partner ? -1 : 1));

    const bucket = adopt
      ? Bucket.get(`${name}-bucket`, bucketName, undefined, { parent: this })
      : new Bucket(
          `${name}-bucket`,
          ...child(
            transform.bucket,
            { bucket: bucketName, forceDestroy: deleteRawData, ...(args.tags && { tags: args.tags }) },
            stateful(this, protect, {
              retainOnDelete: protect || !deleteRawData,
              // Another name would be another bucket, and the old one would go with all that is in it: kept-names.ts.
              ignoreChanges: ["bucket"],
            }),
          ),
        );
    this.bucketName = bucket.bucket;
    this.arn = pulumi.interpolate`arn:${partition}:s3:::${this.bucketName}`;

    // A destroy that the bucket refuses must not have taken its guards away before.
    const guard = (options: pulumi.CustomResourceOptions) => ({ parent: this, protect, ...options });
    const publicAccess = new BucketPublicAccessBlock(
      `${name}-public-access`,
      ...child(
        transform.publicAccess,
        {
          bucket: this.bucketName,
          blockPublicAcls: true,
          blockPublicPolicy: true,
          ignorePublicAcls: true,
          restrictPublicBuckets: true,
        },
        guard({}),
      ),
    );
    // S3 refuses two changes of one bucket's settings at the same moment, so they follow each other.
    const ownership = new BucketOwnershipControls(
      `${name}-ownership`,
      ...child(
        transform.ownership,
        { bucket: this.bucketName, rule: { objectOwnership: "BucketOwnerEnforced" } },
        guard({ dependsOn: publicAccess }),
      ),
    );
    const encryption = new BucketServerSideEncryptionConfiguration(
      `${name}-encryption`,
      ...child(
        transform.encryption,
        {
          bucket: this.bucketName,
          rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
        },
        guard({ dependsOn: ownership }),
      ),
    );
    const policy = new BucketPolicy(
      `${name}-policy`,
      ...child(
        transform.policy,
        {
          bucket: this.bucketName,
          policy: policyJson([
            denyInsecureTransport(this.arn),
            ...readers.flatMap((reader) => letIn(reader, this.arn, partition)),
            ...(args.statements ?? []),
          ]),
        },
        guard({ dependsOn: encryption }),
      ),
    );
    this.settings = [policy];
    // Without outputs, here and in the other components: they would be sent late, to an engine that may be ending after an
    // error, and the program's complaint about that would drown the error.
    this.registerOutputs();
  }
}

/** What S3 takes of a bucket's policy, in bytes. */
export const POLICY_BYTES = 20_480;

/** Bytes that each partner's statements take, and all others' together. */
export function policyBytes(readers: readonly BucketReader[], bucketName: string, partition: Partition) {
  const arn = `arn:${partition}:s3:::${bucketName}`;
  const bytes = (statements: Statement[]) => Buffer.byteLength(JSON.stringify(statements));
  return {
    partners: readers.map((reader) => bytes(letIn(reader, arn, partition))),
    others: bytes([denyInsecureTransport(arn)]) + '{"Version":"2012-10-17","Statement":}'.length,
  };
}

function letIn(
  { partner, principal, prefix }: BucketReader,
  bucketArn: pulumi.Input<string>,
  partition: string,
): Statement[] {
  const arn = /^\d{12}$/.test(principal) ? `arn:${partition}:iam::${principal}:root` : principal;
  return readFolder({ bucketArn, prefix }, { Principal: { AWS: arn } }, sidOf(partner));
}

/** Statement IDs take letters and digits only; every name gives another ID (`a-1` is PartnerAX1, `a1` is PartnerA1). */
const sidOf = (partner: string) =>
  `Partner${`-${partner}`.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()).replaceAll("-", "X")}`;
