import type { BucketReader } from "../bucket-policy/statements.ts";
import type { Partition } from "../storage-location.ts";

/** What partners' stacks need to know of an environment, which tells it as its output `sharing`. They cannot change it. */
export interface Sharing {
  /** Name of the environment. */
  readonly environment: string;
  /** Partition of the bucket's account. */
  readonly partition: Partition;
  /** Account of the bucket. */
  readonly awsAccountId: string;
  readonly bucketName: string;
  /** The folder that is shared. @example "raw/ami/" */
  readonly prefix: string;
  /** Folder of the reading files below it. @example "ami_interval_readings/" */
  readonly readingsPath: string;
  /** The readings table: its database, schema and name. */
  readonly databaseName: string;
  readonly schemaName: string;
  readonly tableName: string;
  /** Who is in the bucket's policy. */
  readonly bucketReaders: readonly BucketReader[];
  /** Keys of KMS that the files are encrypted with. */
  readonly kmsKeyArns?: readonly string[];
  /** Policy that bounds every role made in the bucket's account. */
  readonly permissionsBoundary?: string;
}
