/** The settings of a bucket that are resources of their own: each is one document that is put, read and deleted. */
import {
  type BucketVersioningStatus,
  DeleteBucketEncryptionCommand,
  DeleteBucketOwnershipControlsCommand,
  DeletePublicAccessBlockCommand,
  GetBucketEncryptionCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  type ObjectOwnership,
  PutBucketEncryptionCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
  type ServerSideEncryption,
} from "@aws-sdk/client-s3";
import {
  flag,
  list,
  object,
  type Property,
  type ResourceType,
  text,
  type Value,
  type Values,
} from "../provider/schema.ts";
import { compact } from "../provider/values.ts";
import { aws, unlessMissing } from "./clients.ts";

interface Setting {
  inputs: Record<string, Property>;
  put(bucket: string, inputs: Values, options: { abortSignal: AbortSignal }): Promise<unknown>;
  /** The inputs as AWS has them; undefined when the bucket has no such setting. */
  get(bucket: string, options: { abortSignal: AbortSignal }): Promise<Values | undefined>;
  remove(bucket: string, state: Values, options: { abortSignal: AbortSignal }): Promise<unknown>;
}

/** A resource whose ID is its bucket's name. */
function setting({ inputs, put, get, remove }: Setting): ResourceType {
  return {
    inputs: {
      bucket: text({ required: true, replaces: true }),
      region: text({ replaces: true, computed: true }),
      ...inputs,
    },
    outputs: ["region"],
    async create(given, { signal }) {
      const bucket = String(given.bucket);
      await put(bucket, given, { abortSignal: signal });
      const made = await get(bucket, { abortSignal: signal });
      return { id: bucket, state: { ...given, ...made, region: aws().region } };
    },
    async read(id, _state, { signal }) {
      const found = await unlessMissing(get(id, { abortSignal: signal }), "NoSuchBucket");
      return found && { id, state: { bucket: id, ...found, region: aws().region } };
    },
    async update(id, given, old, { signal }) {
      await put(id, given, { abortSignal: signal });
      return { ...old, ...given, ...(await get(id, { abortSignal: signal })) };
    },
    async delete(id, state, { signal }) {
      await unlessMissing(Promise.resolve(remove(id, state, { abortSignal: signal })), "NoSuchBucket");
    },
  };
}

const off = (): Property => flag({ default: false });

export const publicAccessBlock = setting({
  inputs: {
    blockPublicAcls: off(),
    blockPublicPolicy: off(),
    ignorePublicAcls: off(),
    restrictPublicBuckets: off(),
    skipDestroy: flag({ default: false, local: true }),
  },
  put: (Bucket, inputs, options) =>
    aws().s3.send(
      new PutPublicAccessBlockCommand({
        Bucket,
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: inputs.blockPublicAcls === true,
          BlockPublicPolicy: inputs.blockPublicPolicy === true,
          IgnorePublicAcls: inputs.ignorePublicAcls === true,
          RestrictPublicBuckets: inputs.restrictPublicBuckets === true,
        },
      }),
      options,
    ),
  async get(Bucket, options) {
    const found = await unlessMissing(
      aws().s3.send(new GetPublicAccessBlockCommand({ Bucket }), options),
      "NoSuchPublicAccessBlockConfiguration",
    );
    const block = found?.PublicAccessBlockConfiguration;
    return (
      block && {
        blockPublicAcls: block.BlockPublicAcls ?? false,
        blockPublicPolicy: block.BlockPublicPolicy ?? false,
        ignorePublicAcls: block.IgnorePublicAcls ?? false,
        restrictPublicBuckets: block.RestrictPublicBuckets ?? false,
      }
    );
  },
  remove: async (Bucket, state, options) =>
    state.skipDestroy === true ||
    (await aws().s3.send(new DeletePublicAccessBlockCommand({ Bucket }), options)),
});

interface EncryptionRule {
  applyServerSideEncryptionByDefault?: { sseAlgorithm: ServerSideEncryption; kmsMasterKeyId?: string };
  bucketKeyEnabled?: boolean;
}

export const encryption = setting({
  inputs: {
    rules: list(
      object({
        applyServerSideEncryptionByDefault: object({
          sseAlgorithm: text({ required: true, oneOf: ["AES256", "aws:kms", "aws:kms:dsse"] }),
          kmsMasterKeyId: text({ default: "" }),
        }),
        bucketKeyEnabled: flag({ default: false }),
      }),
      { required: true },
    ),
  },
  put: (Bucket, inputs, options) =>
    aws().s3.send(
      new PutBucketEncryptionCommand({
        Bucket,
        ServerSideEncryptionConfiguration: {
          Rules: (inputs.rules as EncryptionRule[]).map((rule) => ({
            ApplyServerSideEncryptionByDefault: rule.applyServerSideEncryptionByDefault && {
              SSEAlgorithm: rule.applyServerSideEncryptionByDefault.sseAlgorithm,
              KMSMasterKeyID: rule.applyServerSideEncryptionByDefault.kmsMasterKeyId || undefined,
            },
            BucketKeyEnabled: rule.bucketKeyEnabled,
          })),
        },
      }),
      options,
    ),
  async get(Bucket, options) {
    const found = await unlessMissing(
      aws().s3.send(new GetBucketEncryptionCommand({ Bucket }), options),
      "ServerSideEncryptionConfigurationNotFoundError",
    );
    const rules = found?.ServerSideEncryptionConfiguration?.Rules;
    return (
      rules && {
        rules: rules.map((rule): Value => {
          const byDefault = rule.ApplyServerSideEncryptionByDefault;
          return compact({
            applyServerSideEncryptionByDefault:
              byDefault &&
              compact({ sseAlgorithm: byDefault.SSEAlgorithm, kmsMasterKeyId: byDefault.KMSMasterKeyID }),
            bucketKeyEnabled: rule.BucketKeyEnabled ?? false,
          });
        }),
      }
    );
  },
  // Amazon S3 then encrypts with its own keys again, as it does for every bucket.
  remove: (Bucket, _state, options) => aws().s3.send(new DeleteBucketEncryptionCommand({ Bucket }), options),
});

export const ownership = setting({
  inputs: {
    rule: object(
      {
        objectOwnership: text({
          required: true,
          oneOf: ["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"],
        }),
      },
      { required: true },
    ),
  },
  put: (Bucket, inputs, options) =>
    aws().s3.send(
      new PutBucketOwnershipControlsCommand({
        Bucket,
        OwnershipControls: {
          Rules: [{ ObjectOwnership: (inputs.rule as { objectOwnership: ObjectOwnership }).objectOwnership }],
        },
      }),
      options,
    ),
  async get(Bucket, options) {
    const found = await unlessMissing(
      aws().s3.send(new GetBucketOwnershipControlsCommand({ Bucket }), options),
      "OwnershipControlsNotFoundError",
    );
    const objectOwnership = found?.OwnershipControls?.Rules?.[0]?.ObjectOwnership;
    return objectOwnership && { rule: { objectOwnership } };
  },
  remove: (Bucket, _state, options) =>
    unlessMissing(
      aws().s3.send(new DeleteBucketOwnershipControlsCommand({ Bucket }), options),
      "OwnershipControlsNotFoundError",
    ),
});

/** "Disabled" is a bucket that was never versioned: no call says it, and no call brings it back. */
const NEVER = "Disabled";

const putVersioning = (Bucket: string, status: string, options: { abortSignal: AbortSignal }) =>
  aws().s3.send(
    new PutBucketVersioningCommand({
      Bucket,
      VersioningConfiguration: { Status: status as BucketVersioningStatus },
    }),
    options,
  );

export const versioning = setting({
  inputs: {
    versioningConfiguration: object(
      { status: text({ required: true, oneOf: ["Enabled", "Suspended", NEVER] }) },
      { required: true },
    ),
  },
  async put(bucket, inputs, options) {
    const { status } = inputs.versioningConfiguration as { status: string };
    if (status !== NEVER) return putVersioning(bucket, status, options);
    const { Status: now } = await aws().s3.send(new GetBucketVersioningCommand({ Bucket: bucket }), options);
    if (now === undefined) return undefined;
    throw new Error(`versioning of bucket ${bucket} is ${now} and cannot become ${NEVER}: say Suspended`);
  },
  async get(Bucket, options) {
    const { Status = NEVER } = await aws().s3.send(new GetBucketVersioningCommand({ Bucket }), options);
    return { versioningConfiguration: { status: Status } };
  },
  remove: async (bucket, state, options) =>
    (state.versioningConfiguration as { status: string } | undefined)?.status === "Enabled" &&
    (await putVersioning(bucket, "Suspended", options)),
});
