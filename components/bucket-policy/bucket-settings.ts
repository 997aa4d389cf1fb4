/** What is set on a bucket, each read on its own: undefined where nobody has set it, an error where it cannot be looked at. */
import type { S3Client } from "@aws-sdk/client-s3";

export const BLOCKS = [
  "blockPublicAcls",
  "blockPublicPolicy",
  "ignorePublicAcls",
  "restrictPublicBuckets",
] as const;

/** The four settings of a bucket's own public access block. */
export type PublicAccessBlock = Readonly<Record<(typeof BLOCKS)[number], boolean>>;

export interface Encryption {
  /** @example "AES256" */
  readonly algorithm: string;
  /** Of KMS, where one is named. */
  readonly key?: string;
}

/** What a bucket has that nobody set anything on. */
export const UNSET = {
  publicAccessBlock: {
    blockPublicAcls: false,
    blockPublicPolicy: false,
    ignorePublicAcls: false,
    restrictPublicBuckets: false,
  },
  objectOwnership: "ObjectWriter",
  // Since January 2023 S3 encrypts what nobody said anything about by itself.
  encryption: { algorithm: "AES256" },
} as const satisfies {
  publicAccessBlock: PublicAccessBlock;
  objectOwnership: string;
  encryption: Encryption;
};

/** The SDK is slow to load, so only who asks loads it. */
const sdk = () => import("@aws-sdk/client-s3");

/** The policy's text. */
export async function policyOf(s3: S3Client, bucket: string): Promise<string | undefined> {
  const { GetBucketPolicyCommand } = await sdk();
  const found = await unless("NoSuchBucketPolicy", s3.send(new GetBucketPolicyCommand({ Bucket: bucket })));
  return found?.Policy;
}

export async function publicAccessBlockOf(
  s3: S3Client,
  bucket: string,
): Promise<PublicAccessBlock | undefined> {
  const { GetPublicAccessBlockCommand } = await sdk();
  const found = await unless(
    "NoSuchPublicAccessBlockConfiguration",
    s3.send(new GetPublicAccessBlockCommand({ Bucket: bucket })),
  );
  if (!found) return undefined;
  const { BlockPublicAcls, BlockPublicPolicy, IgnorePublicAcls, RestrictPublicBuckets } =
    found.PublicAccessBlockConfiguration ?? {};
  return {
    blockPublicAcls: BlockPublicAcls === true,
    blockPublicPolicy: BlockPublicPolicy === true,
    ignorePublicAcls: IgnorePublicAcls === true,
    restrictPublicBuckets: RestrictPublicBuckets === true,
  };
}

/** @returns whether ACLs count, as S3 calls it: "BucketOwnerEnforced" when not */
export async function ownershipOf(s3: S3Client, bucket: string): Promise<string | undefined> {
  const { GetBucketOwnershipControlsCommand } = await sdk();
  const found = await unless(
    "OwnershipControlsNotFoundError",
    s3.send(new GetBucketOwnershipControlsCommand({ Bucket: bucket })),
  );
  return found?.OwnershipControls?.Rules?.[0]?.ObjectOwnership;
}

export async function encryptionOf(s3: S3Client, bucket: string): Promise<Encryption | undefined> {
  const { GetBucketEncryptionCommand } = await sdk();
  const found = await unless(
    "ServerSideEncryptionConfigurationNotFoundError",
    s3.send(new GetBucketEncryptionCommand({ Bucket: bucket })),
  );
  const rule = found?.ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault;
  if (!rule?.SSEAlgorithm) return undefined;
  return { algorithm: rule.SSEAlgorithm, ...(rule.KMSMasterKeyID && { key: rule.KMSMasterKeyID }) };
}

async function unless<T>(name: string, answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if ((error as Error).name === name) return undefined;
    throw error;
  }
}
