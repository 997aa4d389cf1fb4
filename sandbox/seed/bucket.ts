import { createReadStream } from "node:fs";
import {
  CreateBucketCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  NotFound,
  type S3Client,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import type { ReadingsFile } from "./files.ts";

/** Object metadata that says which content an object has (see ReadingsFile.fingerprint). */
const FINGERPRINT = "seed-fingerprint";

/** Megabytes of one part of a multipart upload; at most two parts of a file are in memory. */
const PART_MEGABYTES = 8;

/** Makes the bucket unless it is there. */
export async function ensureBucket(s3: S3Client, bucket: string): Promise<void> {
  try {
    await s3.send(new HeadBucketCommand({ Bucket: bucket }));
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  }
}

/** "missing", "same", or "different": what lies under the file's key. */
export async function stateOf(
  s3: S3Client,
  bucket: string,
  file: ReadingsFile,
): Promise<"missing" | "same" | "different"> {
  try {
    const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: file.key }));
    return head.Metadata?.[FINGERPRINT] === file.fingerprint ? "same" : "different";
  } catch (error) {
    if (error instanceof NotFound) return "missing";
    throw error;
  }
}

/** Uploads a local file in parts, so that memory stays constant whatever its size. */
export async function upload(
  s3: S3Client,
  bucket: string,
  file: ReadingsFile,
  localPath: string,
): Promise<void> {
  const transfer = new Upload({
    client: s3,
    params: {
      Bucket: bucket,
      Key: file.key,
      Body: createReadStream(localPath),
      ContentType: "application/vnd.apache.parquet",
      Metadata: { [FINGERPRINT]: file.fingerprint },
    },
    queueSize: 2,
    partSize: PART_MEGABYTES * 1024 * 1024,
  });
  await transfer.done();
}
