/** A bucket as it is at the moment, and changes of its policy. Plain module: the resource is the only part that knows Pulumi. */
import { setTimeout as sleep } from "node:timers/promises";
import type { S3Client } from "@aws-sdk/client-s3";
import {
  type Encryption,
  encryptionOf,
  ownershipOf,
  type PublicAccessBlock,
  policyOf,
  publicAccessBlockOf,
  UNSET,
} from "./bucket-settings.ts";
import { canonical, edited, othersChanged, sameMeaning } from "./edit.ts";

/** What guards a bucket, as found; undefined where it could not be looked at. */
export interface Guards {
  /** All false where there is none. */
  readonly publicAccessBlock?: PublicAccessBlock;
  /** Whether ACLs count. @example "BucketOwnerEnforced" */
  readonly objectOwnership?: string;
  /** What encrypts new objects. @example "AES256" */
  readonly encryption?: string;
  /** The key, where it is not S3's own. */
  readonly kmsKeyArn?: string;
}

/** A bucket as found. */
export interface LiveBucket {
  readonly exists: boolean;
  /** JSON, or empty without one. */
  readonly policy: string;
  readonly guards: Guards;
  /** Those that somebody has set. */
  readonly set: readonly GuardName[];
  /** What could not be looked at, each with AWS's reason. */
  readonly unseen: readonly string[];
}

export type GuardName = "publicAccess" | "ownership" | "encryption";

/** Where and as whom to ask. */
export interface AwsLogin {
  readonly region: string;
  readonly profile?: string;
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
}

/** Keys of `aws:` by which the AWS provider becomes another role, which it tells nobody. */
export const ROLES = ["assumeRole", "assumeRoles", "assumeRoleWithWebIdentity"] as const;

/** Reads the login from the same keys as the AWS provider: stack config, then what the SDK finds by itself. */
export function readAwsLogin(config: (key: string) => string | undefined): AwsLogin {
  const other = ROLES.find((key) => config(`aws:${key}`));
  if (other)
    throw new Error(
      `the bucket's policy is read without the AWS provider, which does not tell the role of aws:${other}; ` +
        "name that role in a profile (role_arn, source_profile) and set aws:profile to it",
    );
  const login = loginFrom((key) => config(`aws:${key}`));
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  return { ...login, region: login.region ?? AWS_REGION ?? AWS_DEFAULT_REGION ?? "us-east-1" };
}

/** What of the keys of `aws:` the SDK's clients are told. */
export function loginFrom(value: (key: string) => string | undefined): Partial<AwsLogin> {
  const [region, profile, accessKeyId, secretAccessKey, sessionToken] = [
    "region",
    "profile",
    "accessKey",
    "secretKey",
    "token",
  ].map((key) => value(key) || undefined);
  return {
    ...(region && { region }),
    ...(profile && { profile }),
    ...(accessKeyId &&
      secretAccessKey && {
        credentials: { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) },
      }),
  };
}

/** The SDK is slow to load, so only who asks loads it. */
export async function withS3<T>(login: AwsLogin, use: (s3: S3Client, sdk: Sdk) => Promise<T>): Promise<T> {
  const sdk = await import("@aws-sdk/client-s3");
  const s3 = new sdk.S3Client({ ...login, followRegionRedirects: true });
  try {
    return await use(s3, sdk);
  } finally {
    s3.destroy();
  }
}
type Sdk = typeof import("@aws-sdk/client-s3");

/** Looks at a bucket and changes nothing. Throws when its policy cannot be read: it could not be kept then. */
export function lookAt(login: AwsLogin, bucket: string): Promise<LiveBucket> {
  return withS3(login, async (s3) => {
    const policy = await textOf(s3, bucket);
    if (policy === undefined) return { exists: false, policy: "", guards: {}, set: [], unseen: [] };
    const unseen: string[] = [];
    const set: GuardName[] = [];
    const seen = async <T>(guard: GuardName, what: string, look: Promise<T | undefined>, unset: T) => {
      try {
        const found = await look;
        if (found !== undefined) set.push(guard);
        return found ?? unset;
      } catch (error) {
        unseen.push(`${what} (${(error as Error).name}: ${(error as Error).message})`);
        return undefined;
      }
    };
    const { publicAccessBlock, objectOwnership, encryption } = UNSET;
    const [block, ownership, encrypted] = await Promise.all([
      seen(
        "publicAccess",
        "its public access block",
        publicAccessBlockOf(s3, bucket),
        publicAccessBlock as PublicAccessBlock,
      ),
      seen("ownership", "its object ownership", ownershipOf(s3, bucket), objectOwnership as string),
      seen("encryption", "its encryption", encryptionOf(s3, bucket), encryption as Encryption),
    ]);
    const guards: Guards = {
      ...(block && { publicAccessBlock: block }),
      ...(ownership && { objectOwnership: ownership }),
      ...(encrypted && { encryption: encrypted.algorithm }),
      ...(encrypted?.key && { kmsKeyArn: encrypted.key }),
    };
    return { exists: true, policy, guards, set, unseen };
  });
}

/** The policy, empty without one; undefined when there is no such bucket. */
async function textOf(s3: S3Client, bucket: string): Promise<string | undefined> {
  try {
    return (await policyOf(s3, bucket)) ?? "";
  } catch (error) {
    const { name, message } = error as Error;
    if (name === "NoSuchBucket") return undefined;
    throw new Error(
      `cannot read the policy of bucket ${bucket}, so it cannot be kept as it is: ${name}: ${message}. ` +
        "Allow s3:GetBucketPolicy to whoever deploys, or correct flux-ami:bucketName. Nothing was changed.",
    );
  }
}

/** A change of the stack's own statements. */
export interface Change {
  readonly bucket: string;
  /** The stack's statements as they should be, JSON. */
  readonly statements: string;
  /** IDs of every statement that is or was the stack's. */
  readonly own: readonly string[];
  readonly keepOthers: boolean;
  /** True when there is nothing to do for a bucket that is not there any more. @default false */
  readonly mayBeGone?: boolean;
  /** The policy as it was when the change was planned. @default as it is now */
  readonly planned?: string;
}

/** Waits before each look after a write: a bucket's settings need a moment to be the same everywhere (docs, S3: data consistency model). */
const PAUSES_MS = [0, 0, 500, 1_000, 2_000, 4_000];

/**
 * Changes the stack's statements and no other. S3 only takes a whole policy and has no way to say "unless it changed", so
 * it is read right before it is written and right after: what somebody else changed since the plan is kept and told, and
 * who wrote over it in between is followed by another try.
 * @returns the policy, and the accounts that do not exist, whose statements S3 did not take
 */
export function change(login: AwsLogin, wanted: Change, say: (line: string) => void): Promise<Changed> {
  return withS3(login, async (s3, sdk) => {
    const { bucket, own, keepOthers, mayBeGone = false } = wanted;
    const leftOut: string[] = [];
    const told = new Set<string>();
    for (const pause of PAUSES_MS) {
      await sleep(pause);
      for (;;) {
        const statements = without(wanted.statements, leftOut);
        const live = await textOf(s3, bucket);
        if (live === undefined) {
          if (mayBeGone) return { policy: "", leftOut };
          throw new Error(`there is no bucket ${bucket}`);
        }
        if (keepOthers && wanted.planned !== undefined)
          for (const what of othersChanged(wanted.planned, live, own)) told.add(what);
        const next = edited(live, statements, own, keepOthers);
        if (sameMeaning(live, next)) {
          for (const what of told)
            say(`bucket ${bucket}: somebody else changed its policy meanwhile, and it is kept so: ${what}`);
          return { policy: canonical(live), leftOut };
        }
        try {
          if (next === "") await s3.send(new sdk.DeleteBucketPolicyCommand({ Bucket: bucket }));
          else await s3.send(new sdk.PutBucketPolicyCommand({ Bucket: bucket, Policy: next }));
          break;
        } catch (error) {
          const account = accountRefused(error as Error, bucket, statements);
          leftOut.push(account);
          say(
            `bucket ${bucket}: AWS account ${account} does not exist, so its policy lets nobody of it in; correct the partner's file`,
          );
        }
      }
    }
    throw new Error(`somebody else changes the policy of bucket ${bucket} again and again; try later`);
  });
}

interface Changed {
  readonly policy: string;
  readonly leftOut: readonly string[];
}

/** The account of the stack's own statements that S3 refuses as a principal. Throws whatever else it refuses. */
function accountRefused(error: Error, bucket: string, statements: string): string {
  const { name, message, Detail = "" } = error as Error & { Detail?: string };
  const told = `the policy of bucket ${bucket} was not changed: ${name}: ${message}${Detail && ` (${Detail})`}`;
  if (!/invalid principal/i.test(message)) throw new Error(told);
  // S3 names one of them, in the way the policy does.
  const account = /^"?(?:arn:[^:]+:iam::)?(\d{12})(?::root)?"?$/.exec(Detail)?.[1];
  if (account && statements.includes(`"${account}"`)) return account;
  throw new Error(
    `${told}. A statement that is not this stack's names somebody who does not exist any more; S3 takes no change until ` +
      "the bucket's owner has removed that principal",
  );
}

/** The statements without some accounts, and without those that then let nobody in. */
function without(statements: string, accounts: readonly string[]): string {
  if (accounts.length === 0) return statements;
  const among = (arn: string) => accounts.some((account) => arn === account || arn.includes(`:${account}:`));
  type Told = {
    Principal?: { AWS?: string | string[] };
    Condition?: Record<string, Record<string, string | string[]>>;
  };
  const kept = (JSON.parse(statements) as Told[]).flatMap((statement) => {
    const named = statement.Principal?.AWS;
    if (named === undefined) return [statement];
    const AWS = [named].flat().filter((id) => !among(id));
    if (AWS.length === 0) return [];
    const arns = statement.Condition?.ArnEquals?.["aws:PrincipalArn"];
    const Condition = {
      ...statement.Condition,
      ...(arns && { ArnEquals: { "aws:PrincipalArn": [arns].flat().filter((arn) => !among(arn)) } }),
    };
    return [{ ...statement, Principal: { AWS }, Condition }];
  });
  return JSON.stringify(kept);
}
