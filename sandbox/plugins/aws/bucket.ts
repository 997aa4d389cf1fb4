import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketTaggingCommand,
  DeleteObjectsCommand,
  GetBucketAccelerateConfigurationCommand,
  GetBucketAclCommand,
  GetBucketCorsCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLoggingCommand,
  GetBucketPolicyCommand,
  GetBucketReplicationCommand,
  GetBucketRequestPaymentCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetBucketWebsiteCommand,
  GetObjectLockConfigurationCommand,
  HeadBucketCommand,
  ListObjectVersionsCommand,
  PutBucketTaggingCommand,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import {
  type Call,
  flag,
  map,
  PartlyCreated,
  type ResourceType,
  text,
  type Values,
} from "../provider/schema.ts";
import { allTags, aws, ownTags, tagList, tagMap, unlessMissing } from "./clients.ts";

/** Hosted zones of S3's website endpoints, by region; others have no value here. */
const HOSTED_ZONES: Record<string, string> = { "us-east-1": "Z3AQBSTGFAJSTF" };

/** What follows from a bucket's name. */
export function bucketNames(bucket: string, region: string): Values {
  return {
    bucket,
    arn: `arn:aws:s3:::${bucket}`,
    bucketDomainName: `${bucket}.s3.amazonaws.com`,
    bucketRegion: region,
    bucketRegionalDomainName: `${bucket}.s3.${region}.amazonaws.com`,
    hostedZoneId: HOSTED_ZONES[region] ?? "",
    region,
  };
}

/**
 * Looks a bucket up; undefined when there is none.
 * @throws when it exists but is somebody else's: S3 answers a HEAD without a body, so the reason is in the status alone.
 */
export async function headBucket(name: string, signal: AbortSignal) {
  try {
    return await unlessMissing(
      aws().s3.send(new HeadBucketCommand({ Bucket: name }), { abortSignal: signal }),
      "NotFound",
      "NoSuchBucket",
    );
  } catch (error) {
    if (!(error instanceof S3ServiceException) || error.$metadata.httpStatusCode !== 403) throw error;
    throw new Error(`403 Forbidden: bucket ${name} exists, but these credentials may not see it`, {
      cause: error,
    });
  }
}

export const bucket: ResourceType = {
  inputs: {
    bucket: text({ replaces: true, refuse: refuseName }),
    bucketPrefix: text({ replaces: true, local: true }),
    forceDestroy: flag({ default: false, local: true }),
    region: text({ replaces: true, computed: true, refuse: refuseRegion }),
    tags: map(text(), { default: {} }),
  },
  outputs: [
    "arn",
    "bucketDomainName",
    "bucketRegion",
    "bucketRegionalDomainName",
    "hostedZoneId",
    "region",
    "tagsAll",
  ],
  autoname: { property: "bucket", prefix: "bucketPrefix", maxLength: 63, lowerCase: true },

  async create(inputs, { signal }) {
    const name = String(inputs.bucket);
    const { s3, region } = aws();
    await s3.send(
      new CreateBucketCommand({
        Bucket: name,
        ...(region !== "us-east-1" && {
          CreateBucketConfiguration: { LocationConstraint: region as "eu-central-1" },
        }),
      }),
      { abortSignal: signal },
    );
    const tagsAll = allTags(inputs.tags);
    const state = { ...inputs, ...bucketNames(name, region), tagsAll };
    try {
      await putTags(name, tagsAll, signal);
    } catch (error) {
      throw new PartlyCreated(name, { ...state, tags: {}, tagsAll: {} }, error);
    }
    return { id: name, state };
  },

  async read(id, state, { signal }) {
    const { s3, region } = aws();
    const head = await headBucket(id, signal);
    if (!head) return undefined;
    await readSettings(id, signal);
    const tagging = await unlessMissing(
      s3.send(new GetBucketTaggingCommand({ Bucket: id }), { abortSignal: signal }),
      "NoSuchTagSet",
    );
    const tagsAll = tagMap(tagging?.TagSet);
    const tags = ownTags(tagsAll, state.tags);
    return { id, state: { ...bucketNames(id, head.BucketRegion ?? region), tags, tagsAll } };
  },

  async update(id, inputs, old, { signal }) {
    const tagsAll = allTags(inputs.tags);
    await putTags(id, tagsAll, signal);
    return { ...old, ...inputs, ...(inputs.tags === undefined && { tags: null }), tagsAll };
  },

  async delete(id, state, call) {
    if (state.forceDestroy === true) await emptyBucket(id, call);
    try {
      await unlessMissing(
        aws().s3.send(new DeleteBucketCommand({ Bucket: id }), { abortSignal: call.signal }),
        "NoSuchBucket",
      );
    } catch (error) {
      if (!(error instanceof Error) || error.name !== "BucketNotEmpty") throw error;
      throw new Error(
        `bucket ${id} is not empty (BucketNotEmpty): empty it, or set forceDestroy and run \`pulumi up\` before`,
        { cause: error },
      );
    }
  },
};

/**
 * The official provider reads all settings with a bucket, whatever the program says of them, and fails where it may not
 * (terraform-provider-aws, resourceBucketRead); so this one asks for the same.
 */
async function readSettings(Bucket: string, signal: AbortSignal): Promise<void> {
  const { s3 } = aws();
  const options = { abortSignal: signal };
  await Promise.all(
    [
      s3.send(new GetBucketAccelerateConfigurationCommand({ Bucket }), options),
      s3.send(new GetBucketAclCommand({ Bucket }), options),
      s3.send(new GetBucketCorsCommand({ Bucket }), options),
      s3.send(new GetBucketEncryptionCommand({ Bucket }), options),
      s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }), options),
      s3.send(new GetBucketLoggingCommand({ Bucket }), options),
      s3.send(new GetBucketPolicyCommand({ Bucket }), options),
      s3.send(new GetBucketReplicationCommand({ Bucket }), options),
      s3.send(new GetBucketRequestPaymentCommand({ Bucket }), options),
      s3.send(new GetBucketVersioningCommand({ Bucket }), options),
      s3.send(new GetBucketWebsiteCommand({ Bucket }), options),
      s3.send(new GetObjectLockConfigurationCommand({ Bucket }), options),
    ].map((answer: Promise<unknown>) =>
      answer.catch((error: unknown) => {
        // 404 says that there is no such setting.
        const { httpStatusCode } = error instanceof S3ServiceException ? error.$metadata : {};
        if (httpStatusCode !== 404) throw error;
      }),
    ),
  );
}

async function putTags(name: string, tags: Record<string, string>, signal: AbortSignal): Promise<void> {
  const { s3 } = aws();
  if (Object.keys(tags).length > 0) {
    const command = new PutBucketTaggingCommand({ Bucket: name, Tagging: { TagSet: tagList(tags) } });
    await s3.send(command, { abortSignal: signal });
  } else {
    await s3.send(new DeleteBucketTaggingCommand({ Bucket: name }), { abortSignal: signal });
  }
}

/** Deletes every version of every object, a page at a time. */
async function emptyBucket(name: string, { signal }: Call): Promise<void> {
  const { s3 } = aws();
  for (;;) {
    const page = await unlessMissing(
      s3.send(new ListObjectVersionsCommand({ Bucket: name, MaxKeys: 1000 }), { abortSignal: signal }),
      "NoSuchBucket",
    );
    const versions = [...(page?.Versions ?? []), ...(page?.DeleteMarkers ?? [])];
    if (versions.length === 0) return;
    const { Errors = [] } = await s3.send(
      new DeleteObjectsCommand({
        Bucket: name,
        Delete: { Quiet: true, Objects: versions.map(({ Key, VersionId }) => ({ Key, VersionId })) },
      }),
      { abortSignal: signal },
    );
    const [first] = Errors;
    if (first) throw new Error(`cannot delete s3://${name}/${first.Key}: ${first.Code}: ${first.Message}`);
  }
}

/** Amazon S3's rules for the names of general purpose buckets. */
function refuseName(value: unknown): string | undefined {
  const ok =
    typeof value === "string" &&
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(value) &&
    !value.includes("..") &&
    !/^\d+\.\d+\.\d+\.\d+$/.test(value);
  return ok
    ? undefined
    : `"${value}" is no name for a bucket: 3 to 63 lower-case letters, digits, dots and hyphens, ` +
        "beginning and ending with a letter or digit";
}

/** One provider serves one region here; the official one can cross regions by this input. */
function refuseRegion(value: unknown): string | undefined {
  const { region } = aws();
  return value === region
    ? undefined
    : `the sandbox's plugin works in the provider's region ${region} only, not in ${value}`;
}
