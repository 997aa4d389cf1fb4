/** One object of the readings, so that reading can be tried before the load does. */
import { type AwsLogin, withS3 } from "./bucket.ts";

export interface Sample {
  readonly key: string;
  /** The key of KMS that it is encrypted with; undefined when S3's own is used. */
  readonly kmsKeyArn?: string;
}

/** What was found below a folder. */
export interface Sampled {
  /** Undefined when there is no object yet, or nobody could look. */
  readonly sample?: Sample;
  /** What could not be looked at, each with AWS's reason. */
  readonly unseen: readonly string[];
}

/** Markers of folders and empty files come first; so many are passed over. */
const FEW = 100;

/**
 * Looks for an object with something in it below the folder.
 * @param closely true to ask as well how it is encrypted, which takes the right to read it
 */
export function sampleOf(
  login: AwsLogin,
  bucket: string,
  folder: string,
  closely: boolean,
): Promise<Sampled> {
  return withS3(login, async (s3, sdk) => {
    let key: string | undefined;
    try {
      const { Contents = [] } = await s3.send(
        new sdk.ListObjectsV2Command({ Bucket: bucket, Prefix: folder, MaxKeys: FEW }),
      );
      key = Contents.find(({ Size = 0 }) => Size > 0)?.Key;
    } catch (error) {
      return { unseen: [`its files (${(error as Error).name}: ${(error as Error).message})`] };
    }
    if (key === undefined) return { unseen: [] };
    if (!closely) return { sample: { key }, unseen: [] };
    try {
      const head = await s3.send(new sdk.HeadObjectCommand({ Bucket: bucket, Key: key }));
      const kms = /^aws:kms/.test(head.ServerSideEncryption ?? "") ? head.SSEKMSKeyId : undefined;
      return { sample: { key, ...(kms && { kmsKeyArn: kms }) }, unseen: [] };
    } catch (error) {
      // S3 answers a HEAD without a body, so the reason is in the name alone.
      return { sample: { key }, unseen: [`the encryption of ${key} (${(error as Error).name})`] };
    }
  });
}
