/** What differs between AWS partitions when Snowflake reads S3. */
const PARTITIONS = {
  aws: { provider: "S3", scheme: "s3" },
  "aws-us-gov": { provider: "S3GOV", scheme: "s3gov" },
  "aws-cn": { provider: "S3CHINA", scheme: "s3china" },
} as const;

export type Partition = keyof typeof PARTITIONS;

/** STORAGE_PROVIDER of an integration with buckets of this partition. */
export const storageProvider = (partition: Partition): string => PARTITIONS[partition].provider;

/** A folder as Snowflake writes it. @example storageUrl("aws", "bucket", "raw/ami/") is "s3://bucket/raw/ami/" */
export const storageUrl = (partition: Partition, bucketName: string, prefix: string): string =>
  `${PARTITIONS[partition].scheme}://${bucketName}/${prefix}`;
