import {
  CreateBucketCommand,
  DeleteObjectCommand,
  DeletePublicAccessBlockCommand,
  GetBucketLocationCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import { type Caller, makeCallers } from "./callers.ts";
import type { Action, Questions } from "./questions.ts";
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
    const versions = await makeBuckets(scratch, world, questions.prefixes);
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
    if (name === "NoSuchBucketPolicy") return { ...about, allowed: true };
    if (/^AccessDenied/.test(name) || $metadata?.httpStatusCode === 403) return { ...about, allowed: false };
    throw new Error(`the access evaluator could not decide ${about.action} on ${about.where}: ${error}`);
  }
}

/** Puts an object under every prefix of every bucket; gives their version IDs by `bucket/key`. */
async function makeBuckets(
  scratch: Scratch,
  world: World,
  prefixes: readonly string[],
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
    for (const prefix of prefixes) {
      const key = `${prefix}object`;
      const { VersionId = "" } = await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: "x" }));
      versions.set(`${bucket}/${key}`, VersionId);
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

function bucketTrials(
  scratch: Scratch,
  { who, credentials }: Caller,
  world: World,
  { prefixes }: Questions,
  versions: ReadonlyMap<string, string>,
): Trial[] {
  const s3 = scratch.s3(credentials);
  const plain = scratch.s3(credentials, false);
  return [...world.buckets.keys()].flatMap((Bucket) => {
    const trial = (action: Action, where: string, send: () => Promise<unknown>, how = ""): Trial => ({
      who,
      action,
      where: `${Bucket}${where}`,
      how,
      send,
    });
    const inFolder = (client: S3Client, prefix: string) => ({
      get: () => client.send(new GetObjectCommand({ Bucket, Key: `${prefix}object` })),
      version: () =>
        client.send(
          new GetObjectCommand({
            Bucket,
            Key: `${prefix}object`,
            VersionId: versions.get(`${Bucket}/${prefix}object`),
          }),
        ),
      put: () => client.send(new PutObjectCommand({ Bucket, Key: `${prefix}written`, Body: "x" })),
      delete: () => client.send(new DeleteObjectCommand({ Bucket, Key: `${prefix}nothing` })),
      list: () => client.send(new ListObjectsV2Command({ Bucket, Prefix: prefix, MaxKeys: 1 })),
    });
    return [
      trial("s3:GetBucketLocation", "", () => s3.send(new GetBucketLocationCommand({ Bucket }))),
      trial("s3:GetBucketPolicy", "", () => s3.send(new GetBucketPolicyCommand({ Bucket }))),
      ...prefixes.flatMap((prefix) => {
        const over = inFolder(s3, prefix);
        const where = `/${prefix}*`;
        return [
          trial("s3:GetObject", where, over.get),
          trial("s3:GetObject", where, inFolder(plain, prefix).get, "over plain HTTP"),
          trial("s3:GetObjectVersion", where, over.version),
          trial("s3:PutObject", where, over.put),
          trial("s3:DeleteObject", where, over.delete),
          trial("s3:ListBucket", where, over.list),
        ];
      }),
    ];
  });
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
