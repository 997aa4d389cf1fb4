import { Bucket, type BucketArgs } from "@pulumi/aws/s3/bucket.js";
import {
  BucketOwnershipControls,
  type BucketOwnershipControlsArgs,
} from "@pulumi/aws/s3/bucketOwnershipControls.js";
import {
  BucketPublicAccessBlock,
  type BucketPublicAccessBlockArgs,
} from "@pulumi/aws/s3/bucketPublicAccessBlock.js";
import {
  BucketServerSideEncryptionConfiguration,
  type BucketServerSideEncryptionConfigurationArgs,
} from "@pulumi/aws/s3/bucketServerSideEncryptionConfiguration.js";
import * as pulumi from "@pulumi/pulumi";
import type { GuardName, LiveBucket } from "./bucket-policy/bucket.ts";
import { BLOCKS } from "./bucket-policy/bucket-settings.ts";
import { canonical, edited, statementsOf } from "./bucket-policy/edit.ts";
import {
  type BucketGuards,
  type BucketOwner,
  type BucketReader,
  ownStatements,
  POLICY_BYTES,
  refusalSid,
  roomLeft,
  usualGuards,
} from "./bucket-policy/statements.ts";
import { BucketPolicyStatements, type BucketPolicyStatementsArgs } from "./bucket-policy-statements.ts";
import { child, stateful, type Transform } from "./child.ts";
import type { Partition } from "./storage-location.ts";

/** So few more partners that it is time to say so. */
const FEW = 10;

export interface RawBucketArgs {
  /** The bucket's name. @example "flux-dev-raw-111111111111" */
  readonly bucketName: string;
  /** Name of the environment; names the stack's statements in the policy. @example "prod" */
  readonly environment: string;
  /** The bucket as it was found; one that the stack makes may not exist yet. */
  readonly live: LiveBucket;
  /**
   * True when the bucket exists already and stays what it is: the stack adds its statements to the policy, takes back no
   * other than these, and leaves the bucket itself alone, also on destroy.
   * @default false
   */
  readonly adopt?: boolean;
  /**
   * Who sees to encryption, object ownership, public access block and the refusal of plain HTTP: `manage`, the stack sets
   * them; `verify`, it looks at them and says what is missing.
   * @default "manage" for a bucket that the stack makes, "verify" for one that was there
   */
  readonly bucketGuards?: BucketGuards;
  /** Partition the bucket lies in. @default "aws" */
  readonly partition?: Partition;
  /**
   * Partners to let in; their order does not matter.
   * @default none
   * @example [{ partner: "gridworks", principal: "222222222222", prefix: "raw/ami/" }]
   */
  readonly readers?: readonly BucketReader[];
  /** Guards the bucket against destroy and delete. @default true */
  readonly protect?: boolean;
  /** Deletes the objects with the bucket on destroy; otherwise the bucket stays, with what is in it. @default false */
  readonly deleteRawData?: boolean;
  /** Tags of the bucket. @default none @example { project: "flux-ami" } */
  readonly tags?: Record<string, string>;
  /** Escape hatch for each child. */
  readonly transform?: {
    readonly bucket?: Transform<BucketArgs>;
    readonly publicAccess?: Transform<BucketPublicAccessBlockArgs>;
    readonly ownership?: Transform<BucketOwnershipControlsArgs>;
    readonly encryption?: Transform<BucketServerSideEncryptionConfigurationArgs>;
    readonly policy?: Transform<BucketPolicyStatementsArgs>;
  };
}

/**
 * The bucket the readings lie in, what guards it, and what the stack says in its policy.
 * @example new RawBucket("raw", { bucketName: "flux-dev-raw-111111111111", environment: "dev", live })
 */
export class RawBucket extends pulumi.ComponentResource {
  /** The bucket's name. */
  readonly bucketName: pulumi.Output<string>;
  /** The bucket's ARN. */
  readonly arn: pulumi.Output<string>;
  /** What must stand before the bucket is read; what it says to partners is not among it. */
  readonly prerequisites: readonly pulumi.Resource[];
  /** Accounts of partners that do not exist, and are not let in therefore. */
  readonly leftOut: pulumi.Output<readonly string[]>;

  constructor(name: string, args: RawBucketArgs, options?: pulumi.ComponentResourceOptions) {
    super("flux-ami:index:RawBucket", name, {}, options);
    const { bucketName, live, adopt = false, transform = {} } = args;
    const bucketGuards = args.bucketGuards ?? usualGuards(adopt);
    const { partition = "aws", protect = true, deleteRawData = false } = args;
    const retainOnDelete = adopt || protect || !deleteRawData;

    const bucket = adopt
      ? Bucket.get(`${name}-bucket`, bucketName, undefined, { parent: this })
      : this.made(name, args, retainOnDelete);
    this.bucketName = bucket.bucket;
    this.arn = pulumi.interpolate`arn:${partition}:s3:::${this.bucketName}`;
    // A destroy that the bucket refuses must not have taken before what guards it, nor what it says to partners.
    const lasting = { parent: this, protect };
    const guards =
      bucketGuards === "manage"
        ? this.guards(name, transform, { ...lasting, retainOnDelete })
        : this.foundGuards(name, bucketName, live.set);
    this.leftOut = this.policy(name, args, guards, lasting, retainOnDelete).leftOut;
    this.prerequisites = guards;
    // Without outputs, here and in the other components: they would be sent late, to an engine that may be ending after an
    // error, and the program's complaint about that would drown the error.
    this.registerOutputs();
  }

  private made(name: string, args: RawBucketArgs, retainOnDelete: boolean): Bucket {
    const { bucketName, deleteRawData = false, protect = true, tags, transform = {} } = args;
    return new Bucket(
      `${name}-bucket`,
      ...child(
        transform.bucket,
        { bucket: bucketName, forceDestroy: deleteRawData, ...(tags && { tags }) },
        stateful(this, protect, {
          retainOnDelete,
          // Another name would be another bucket, and the old one would go with all that is in it: kept-names.ts.
          ignoreChanges: ["bucket"],
        }),
      ),
    );
  }

  /** What the stack says in the bucket's policy. */
  private policy(
    name: string,
    args: RawBucketArgs,
    guards: pulumi.Resource[],
    lasting: pulumi.CustomResourceOptions,
    retainOnDelete: boolean,
  ): BucketPolicyStatements {
    const { bucketName, environment, live, adopt = false, partition = "aws", readers = [] } = args;
    const bucketGuards = args.bucketGuards ?? usualGuards(adopt);
    const owner = { environment, bucketName, partition };
    const guarded = statementsOf(live.policy, [refusalSid(environment)]) !== "[]";
    // A refusal of the stack's that is there stays until the stack goes, also when somebody else is to guard the bucket.
    const wish = { readers, refuseHttp: bucketGuards === "manage" || guarded };
    const statements = ownStatements(owner, wish);
    const own = statements.map(({ Sid }) => String(Sid));
    const policy = edited(live.policy, JSON.stringify(statements), own, adopt);
    const bytes = Buffer.byteLength(policy);
    if (bytes > POLICY_BYTES) throw new pulumi.RunError(tooLong(bucketName, bytes, live.policy));
    this.warnOfRoom(owner, readers, bytes);
    // A bucket keeps its name, whatever the config says: its policy stays as it is while kept-names.ts refuses another one.
    const texts = this.bucketName.apply((actual) => {
      if (actual === bucketName) return { found: canonical(live.policy), policy: canonical(policy) };
      const mine = JSON.stringify(ownStatements({ ...owner, bucketName: actual }, wish));
      const kept = canonical(edited("", mine, own, adopt));
      return { found: kept, policy: kept };
    });
    return new BucketPolicyStatements(
      `${name}-policy`,
      ...child(
        args.transform?.policy,
        {
          bucket: this.bucketName,
          found: texts.found,
          policy: texts.policy,
          own,
          keepOthers: adopt,
          protect: args.protect ?? true,
          // A bucket that outlives the stack keeps what guards it; partners were let in by the stack, and go with it.
          lasting: adopt || !retainOnDelete ? [] : [refusalSid(environment)],
          ...(bucketGuards === "verify" && { guards: live.guards }),
        },
        {
          ...lasting,
          // S3 refuses two changes of one bucket's settings at the same moment, so they follow each other.
          dependsOn: guards,
          // Stacks once held the whole policy. Without this they would make these statements, and then delete the policy.
          aliases: [{ type: "aws:s3/bucketPolicy:BucketPolicy" }],
        },
      ),
    );
  }

  /** Says in time that soon no more partners fit. */
  private warnOfRoom(owner: BucketOwner, readers: readonly BucketReader[], bytes: number): void {
    const room = roomLeft(owner, readers, bytes);
    if (readers.length > 0 && room.partners < FEW)
      pulumi.log.warn(
        `the policy of bucket ${owner.bucketName} takes ${bytes} of ${POLICY_BYTES} bytes, so about ${room.partners} more partners fit; ` +
          "storageIntegration and dataShare take no room in it",
        this,
      );
  }

  /**
   * Guards that are the owner's, and only read. A stack that has set them lets go of them thereby: not declared at all, they
   * would be deleted, and AWS resets what is deleted.
   */
  private foundGuards(name: string, bucket: string, set: readonly GuardName[]): pulumi.Resource[] {
    const found = {
      publicAccess: { suffix: "public-access", of: BucketPublicAccessBlock },
      ownership: { suffix: "ownership", of: BucketOwnershipControls },
      encryption: { suffix: "encryption", of: BucketServerSideEncryptionConfiguration },
    };
    return set.map((guard) => {
      const { suffix, of } = found[guard];
      return of.get(`${name}-${suffix}`, bucket, undefined, { parent: this });
    });
  }

  private guards(
    name: string,
    transform: NonNullable<RawBucketArgs["transform"]>,
    options: pulumi.CustomResourceOptions,
  ): pulumi.Resource[] {
    const bucket = this.bucketName;
    const publicAccess = new BucketPublicAccessBlock(
      `${name}-public-access`,
      ...child(
        transform.publicAccess,
        {
          bucket,
          blockPublicAcls: true,
          blockPublicPolicy: true,
          ignorePublicAcls: true,
          restrictPublicBuckets: true,
        },
        options,
      ),
    );
    const ownership = new BucketOwnershipControls(
      `${name}-ownership`,
      ...child(
        transform.ownership,
        { bucket, rule: { objectOwnership: "BucketOwnerEnforced" } },
        { ...options, dependsOn: publicAccess },
      ),
    );
    const encryption = new BucketServerSideEncryptionConfiguration(
      `${name}-encryption`,
      ...child(
        transform.encryption,
        { bucket, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
        { ...options, dependsOn: ownership },
      ),
    );
    return [encryption];
  }
}

/** What does not guard a bucket that the stack only looks at, in words for its owner; empty when all is well. */
export function missingGuards({ policy, guards, unseen }: LiveBucket): string[] {
  const { publicAccessBlock, objectOwnership } = guards;
  const off = publicAccessBlock ? BLOCKS.filter((name) => !publicAccessBlock[name]) : [];
  return [
    ...(off.length > 0 ? [`its public access block leaves ${off.join(", ")} off`] : []),
    ...(objectOwnership && objectOwnership !== "BucketOwnerEnforced"
      ? [`ACLs count (object ownership is ${objectOwnership})`]
      : []),
    ...(/"aws:SecureTransport"/i.test(policy) ? [] : ["its policy does not refuse plain HTTP"]),
    ...unseen.map((what) => `${what} could not be looked at`),
  ];
}

const tooLong = (bucketName: string, bytes: number, found: string) =>
  `the policy of bucket ${bucketName} would have ${bytes} bytes, and S3 takes ${POLICY_BYTES}; ${Buffer.byteLength(found)} of them ` +
  "are there already. Nothing was changed. Let some partners in by way of storageIntegration or dataShare, which take no room in it";
