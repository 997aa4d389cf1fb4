import * as pulumi from "@pulumi/pulumi";
import { type LiveBucket, lookAt, readAwsLogin } from "./bucket-policy/bucket.ts";
import { isAlias, isAmongKeys } from "./bucket-policy/kms-keys.ts";
import { type Sample, sampleOf } from "./bucket-policy/sample.ts";
import type { BucketGuards } from "./bucket-policy/statements.ts";
import { missingGuards } from "./raw-bucket.ts";

/** What of the config says which bucket, whose, and where in it. */
interface Looked {
  readonly bucketName: string;
  readonly adoptBucket: boolean;
  readonly bucketGuards: BucketGuards;
  readonly prefix: string;
  readonly readingsPath: string;
  readonly kmsKeyArns?: readonly string[];
}

/** The bucket, and one of the files in it. */
interface Found extends LiveBucket {
  readonly sample?: Sample;
}

/**
 * Looks at the bucket before anything is planned: what the stack would change is shown against what is there, and not
 * against what its state knows. A preview does not open files: whoever previews may be allowed to look only. Throws for a bucket to be adopted that is not there.
 */
export async function lookAtBucket(config: Looked): Promise<Found> {
  const { bucketName, adoptBucket, bucketGuards, prefix, readingsPath } = config;
  const login = orStop(() => readAwsLogin(pulumi.runtime.getConfig));
  const live = await lookAt(login, bucketName).catch(stop);
  if (!live.exists && !adoptBucket) return live;
  if (!live.exists)
    throw new pulumi.RunError(
      `there is no bucket ${bucketName}; flux-ami:bucketName has to name the bucket to use, as flux-ami:adoptBucket is true. ` +
        "Nothing was changed.",
    );
  const { sample, unseen } = await sampleOf(
    login,
    bucketName,
    prefix + readingsPath,
    !pulumi.runtime.isDryRun(),
  );
  if (bucketGuards === "verify") sayGuards(bucketName, live);
  sayKeys(config, live, sample);
  for (const what of unseen)
    pulumi.log.info(
      `${what} in bucket ${bucketName} could not be looked at; Snowflake will be asked to read all the same`,
    );
  return { ...live, ...(sample && { sample }) };
}

function sayGuards(bucketName: string, live: LiveBucket): void {
  const missing = missingGuards(live);
  if (missing.length === 0) return;
  const open = Object.values(live.guards.publicAccessBlock ?? {}).includes(false);
  pulumi.log[open ? "warn" : "info"](
    `bucket ${bucketName} is guarded by its owner, and the stack only looks (flux-ami:bucketGuards is verify): ${missing.join("; ")}`,
  );
}

/** What is encrypted by a key of KMS needs that key to be read: said before anything is made. */
export function sayKeys(
  { bucketName, kmsKeyArns = [] }: Pick<Looked, "bucketName" | "kmsKeyArns">,
  { guards }: Pick<LiveBucket, "guards">,
  sample: Sample | undefined,
): void {
  const keys = new Map<string, string>();
  if (guards.kmsKeyArn) keys.set(guards.kmsKeyArn, "new objects, by the bucket's default");
  if (sample?.kmsKeyArn) keys.set(sample.kmsKeyArn, sample.key);
  for (const [key, what] of keys) {
    if (isAmongKeys(key, kmsKeyArns)) continue;
    if (isAlias(key)) {
      // AWS's own key for S3 lets everybody of the account decrypt what they may read (docs, AWS KMS: AWS managed keys).
      if (!key.endsWith("alias/aws/s3"))
        pulumi.log.info(
          `bucket ${bucketName} is encrypted with the KMS key of ${key} (${what}); whether flux-ami:kmsKeyArns names it was not looked at: ` +
            `\`aws kms describe-key --key-id ${key} --query KeyMetadata.Arn\` says which key it is`,
        );
      continue;
    }
    pulumi.log.warn(
      `bucket ${bucketName} is encrypted with the KMS key ${key} (${what}), and Snowflake's role may not decrypt with it: ` +
        `\`pulumi config set -s ${pulumi.getStack()} --path 'flux-ami:kmsKeyArns[${kmsKeyArns.length}]' ${key.startsWith("arn:") ? key : "<the key's ARN>"}\`, ` +
        "and have the key's owner add what the output keyPolicy then says",
    );
  }
}

function orStop<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    return stop(error);
  }
}

/** Without a stack trace. */
function stop(error: unknown): never {
  throw new pulumi.RunError((error as Error).message);
}
