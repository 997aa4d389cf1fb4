import {
  CreateBucketCommand,
  DeleteObjectCommand,
  DeletePublicAccessBlockCommand,
  GetBucketAclCommand,
  GetBucketLocationCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetObjectAclCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import { type Caller, makeCallers } from "./callers.ts";
import {
  type Action,
  BUCKET_ACTIONS,
  type BucketAction,
  LIST_ACTIONS,
  type ListAction,
  OBJECT_ACTIONS,
  type ObjectAction,
  type Questions,
} from "./questions.ts";
import { rootOf, type Scratch, startScratch } from "./scratch.ts";
import { nameStandIns, type StandIns, standInsFor } from "./stand-ins.ts";
import type { World } from "./world.ts";

/** One thing somebody may or may not do. */
export interface Answer {
  readonly who: string;
  readonly action: Action;
  /** Bucket and folder, or role. */
  readonly where: string;
  /** How the request is made, beyond the usual: `over plain HTTP`, `with external ID x`, or "". */
  readonly how: string;
  readonly allowed: boolean;
}

interface Trial extends Omit<Answer, "allowed"> {
  readonly send: () => Promise<unknown>;
}

const AT_ONCE = 16;

/**
 * Builds the world in an empty AWS and makes every request; the emulator's enforcement decides.
 * @param python interpreter of the environment that `ministack` is installed in
 */
export async function ask(python: string, world: World, questions: Questions): Promise<Answer[]> {
  const scratch = await startScratch(python);
  try {
    const versions = await makeBuckets(
      scratch,
      world,
      questions.keys.map(({ key }) => key),
    );
    const standIns = standInsFor(questions.principals, world.account);
    const callers = await makeCallers(scratch, world, questions.principals, standIns);
    // Policies come last: they may deny the owner as well.
    await closeBuckets(scratch, world, standIns);
    const trials = callers.flatMap((caller) => [
      ...bucketTrials(scratch, caller, world, questions, versions),
      ...roleTrials(scratch, caller, world, questions),
    ]);
    const answers: Answer[] = [];
    for (let start = 0; start < trials.length; start += AT_ONCE) {
      answers.push(...(await Promise.all(trials.slice(start, start + AT_ONCE).map(answer))));
    }
    return answers;
  } finally {
    await scratch.stop();
  }
}

async function answer({ send, ...about }: Trial): Promise<Answer> {
  try {
    await send();
    return { ...about, allowed: true };
  } catch (error) {
    const { name, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    const status = $metadata?.httpStatusCode ?? 0;
    if (/^AccessDenied/.test(name) || status === 403) return { ...about, allowed: false };
    // Whoever is told that something is not there was let in to look.
    if (status === 404) return { ...about, allowed: true };
    throw new Error(`the access evaluator could not decide ${about.action} on ${about.where}: ${error}`);
  }
}

/** Puts an object under every key into every bucket; gives their version IDs by `bucket/key`. */
async function makeBuckets(
  scratch: Scratch,
  world: World,
  keys: readonly string[],
): Promise<Map<string, string>> {
  const s3 = scratch.s3(rootOf(world.account));
  const versions = new Map<string, string>();
  for (const bucket of world.buckets.keys()) {
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    // The documents are asked about, so nothing may stand before them.
    await s3.send(new DeletePublicAccessBlockCommand({ Bucket: bucket }));
    await s3.send(
      new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: "Enabled" } }),
    );
    for (const Key of keys) {
      const { VersionId = "" } = await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: "x" }));
      versions.set(`${bucket}/${Key}`, VersionId);
    }
  }
  return versions;
}

async function closeBuckets(
  scratch: Scratch,
  { account, buckets }: World,
  standIns: StandIns,
): Promise<void> {
  const s3 = scratch.s3(rootOf(account));
  for (const [Bucket, policy] of buckets) {
    if (policy === undefined) continue;
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: nameStandIns(policy, standIns, account) }));
  }
}

type Send = (client: S3Client) => Promise<unknown>;

/** How each action on an object is tried. Deleting marks a version as gone and takes nothing away from the others. */
function onObject(Bucket: string, Key: string, VersionId: string | undefined): Record<ObjectAction, Send> {
  return {
    "s3:GetObject": (s3) => s3.send(new GetObjectCommand({ Bucket, Key })),
    "s3:GetObjectVersion": (s3) => s3.send(new GetObjectCommand({ Bucket, Key, VersionId })),
    "s3:GetObjectAcl": (s3) => s3.send(new GetObjectAclCommand({ Bucket, Key })),
    "s3:GetObjectTagging": (s3) => s3.send(new GetObjectTaggingCommand({ Bucket, Key })),
    "s3:PutObject": (s3) => s3.send(new PutObjectCommand({ Bucket, Key, Body: "x" })),
    "s3:DeleteObject": (s3) => s3.send(new DeleteObjectCommand({ Bucket, Key: `${Key}-nothing` })),
  };
}

function onPrefix(Bucket: string, Prefix: string): Record<ListAction, Send> {
  return {
    "s3:ListBucket": (s3) => s3.send(new ListObjectsV2Command({ Bucket, Prefix, MaxKeys: 1 })),
    "s3:ListBucketVersions": (s3) => s3.send(new ListObjectVersionsCommand({ Bucket, Prefix, MaxKeys: 1 })),
  };
}

function onBucket(Bucket: string): Record<BucketAction, Send> {
  return {
    "s3:GetBucketLocation": (s3) => s3.send(new GetBucketLocationCommand({ Bucket })),
    "s3:GetBucketPolicy": (s3) => s3.send(new GetBucketPolicyCommand({ Bucket })),
    "s3:GetBucketAcl": (s3) => s3.send(new GetBucketAclCommand({ Bucket })),
    "s3:GetBucketVersioning": (s3) => s3.send(new GetBucketVersioningCommand({ Bucket })),
  };
}

/** Every action in every place, over TLS and over plain HTTP. */
function bucketTrials(
  scratch: Scratch,
  { who, credentials }: Caller,
  world: World,
  { keys, prefixes, actions }: Questions,
  versions: ReadonlyMap<string, string>,
): Trial[] {
  const ways = [
    { client: scratch.s3(credentials), how: "" },
    { client: scratch.s3(credentials, false), how: "over plain HTTP" },
  ];
  const trials = (action: Action, where: string, send: Send): Trial[] =>
    actions.has(action)
      ? ways.map(({ client, how }) => ({ who, action, where, how, send: () => send(client) }))
      : [];
  return [...world.buckets.keys()].flatMap((bucket) => [
    ...BUCKET_ACTIONS.flatMap((action) => trials(action, bucket, onBucket(bucket)[action])),
    ...prefixes.flatMap(({ key, label }) =>
      LIST_ACTIONS.flatMap((action) => trials(action, `${bucket}/${label}`, onPrefix(bucket, key)[action])),
    ),
    ...keys.flatMap(({ key, label }) => {
      const send = onObject(bucket, key, versions.get(`${bucket}/${key}`));
      return OBJECT_ACTIONS.flatMap((action) => trials(action, `${bucket}/${label}`, send[action]));
    }),
  ]);
}

function roleTrials(scratch: Scratch, caller: Caller, world: World, { externalIds }: Questions): Trial[] {
  if (caller.assumes === undefined) return [];
  const sts = scratch.sts(caller.assumes);
  return [...world.roles].flatMap(([name, { arn: RoleArn }]) =>
    [undefined, "some-other-external-id", ...externalIds].map((ExternalId): Trial => {
      const how =
        ExternalId === undefined
          ? "without external ID"
          : externalIds.includes(ExternalId)
            ? `with external ID ${ExternalId}`
            : "with any external ID";
      const request = { RoleArn, RoleSessionName: "review", ...(ExternalId !== undefined && { ExternalId }) };
      return {
        who: caller.who,
        action: "sts:AssumeRole",
        where: `role ${name}`,
        how,
        send: () => sts.send(new AssumeRoleCommand(request)),
      };
    }),
  );
}
