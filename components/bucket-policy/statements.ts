/** What the stack itself says in a bucket's policy: plain statements, so that they can be measured before anything is made. */
import { createHash } from "node:crypto";
import { denyInsecureTransport, type Statement } from "../policy-document.ts";
import type { Partition } from "../storage-location.ts";

/** Somebody of another account who may read a folder of the bucket, by the bucket's policy. */
export interface BucketReader {
  /** Name of the partner: letters, digits and hyphens. */
  readonly partner: string;
  /** AWS account ID, or the ARN of one role or user. */
  readonly principal: string;
  /** The folder, with its closing slash. @example "raw/ami/" */
  readonly prefix: string;
}

/** Whether the stack sets what guards a bucket, or looks at it and says what is missing. */
export const BUCKET_GUARDS = ["manage", "verify"] as const;
export type BucketGuards = (typeof BUCKET_GUARDS)[number];

/** Where nobody says so: who made the bucket guards it. */
export const usualGuards = (adopt: boolean): BucketGuards => (adopt ? "verify" : "manage");

/** What S3 takes of a bucket's policy, in bytes: of the text that is sent, without blanks; what it hands back may be longer. */
export const POLICY_BYTES = 20_480;

/** Bytes around the statements. */
const FRAME_BYTES = '{"Version":"2012-10-17","Statement":[]}'.length;

/** Whose statements they are: several stacks may share a bucket that none of them made. */
export interface BucketOwner {
  readonly environment: string;
  readonly bucketName: string;
  readonly partition: Partition;
}

/** Everything the stack says in the policy. */
export function ownStatements(
  owner: BucketOwner,
  { readers, refuseHttp }: { readers: readonly BucketReader[]; refuseHttp: boolean },
): Statement[] {
  return [
    ...(refuseHttp ? [{ ...denyInsecureTransport(arnOf(owner)), Sid: refusalSid(owner.environment) }] : []),
    ...letIn(owner, readers),
  ];
}

/** ID of the statement that refuses plain HTTP. */
export const refusalSid = (environment: string) => sid(environment, "RefusesPlainHttp");

/** How much room is left beside so many bytes: for how many more partners, if each takes as much as the longest there is. */
export function roomLeft(
  owner: BucketOwner,
  readers: readonly BucketReader[],
  bytes: number,
): { partners: number } {
  const length = ({ principal, prefix }: BucketReader) => principal.length + prefix.length;
  const one = [...readers].sort((a, b) => length(b) - length(a))[0];
  if (one === undefined) return { partners: 0 };
  const other = { ...one, principal: one.principal.replace(/\d{12}/, "000000000000") };
  const each = bytesOf(letIn(owner, [one, other])) - bytesOf(letIn(owner, [one]));
  return { partners: Math.floor((POLICY_BYTES - bytes) / Math.max(each, 1)) };
}

/** Bytes of a policy that says this and nothing else. */
export const bytesOf = (statements: readonly Statement[]) =>
  Buffer.byteLength(JSON.stringify(statements)) - "[]".length + FRAME_BYTES;

/**
 * Those who share a folder share its statements, so that each takes little more than their own name. S3 refuses a policy
 * that names a role or user which does not exist, and turns one that was deleted into an ID that it refuses later on; so a
 * statement names accounts, and says in a condition which of their roles and users are meant (docs, IAM: AWS JSON policy
 * elements: Principal; aws:PrincipalArn is the role's own ARN, with its path, also for a session of it). Each ARN carries
 * its account, so nobody comes in by another's account.
 */
function letIn(owner: BucketOwner, readers: readonly BucketReader[]): Statement[] {
  const groups = new Map<string, BucketReader[]>();
  for (const reader of readers) {
    const group = `${reader.prefix} ${isAccount(reader.principal) ? "Accounts" : "Principals"}`;
    groups.set(group, [...(groups.get(group) ?? []), reader]);
  }
  return [...groups.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([group, members]) => readFolder(owner, members, group.split(" ") as [string, string]));
}

function readFolder(
  owner: BucketOwner,
  members: readonly BucketReader[],
  [prefix, kind]: [prefix: string, kind: string],
): Statement[] {
  const bucket = arnOf(owner);
  const principals = sorted(members.map(({ principal }) => principal));
  const who = { AWS: oneOrMany(sorted(principals.map(accountOf))) };
  const conditions = {
    Bool: { "aws:SecureTransport": "true" },
    ...(kind === "Principals" && { ArnEquals: { "aws:PrincipalArn": oneOrMany(principals) } }),
  };
  const folder = createHash("sha256").update(prefix).digest("hex").slice(0, 8);
  return [
    {
      Sid: sid(owner.environment, `${kind}Read${folder}`),
      Effect: "Allow",
      Principal: who,
      Action: ["s3:GetObject", "s3:GetObjectVersion", "s3:GetBucketLocation"],
      Resource: [bucket, `${bucket}/${prefix}*`],
      Condition: conditions,
    },
    {
      Sid: sid(owner.environment, `${kind}List${folder}`),
      Effect: "Allow",
      Principal: who,
      Action: "s3:ListBucket",
      Resource: bucket,
      Condition: { ...conditions, StringLike: { "s3:prefix": `${prefix}*` } },
    },
  ];
}

const arnOf = ({ partition, bucketName }: BucketOwner) => `arn:${partition}:s3:::${bucketName}`;
const isAccount = (principal: string) => /^\d{12}$/.test(principal);
/** The account of a principal: 12 digits, which S3 takes for the account's root. */
export const accountOf = (principal: string) =>
  isAccount(principal) ? principal : (principal.split(":")[4] ?? "");
const sorted = (list: readonly string[]) => [...new Set(list)].sort();
const oneOrMany = (list: readonly string[]) => (list.length === 1 ? (list[0] as string) : [...list]);

/** Statement IDs take letters and digits only; every environment gives another ID (`a-1` is FluxAX1, `a1` is FluxA1). */
const sid = (environment: string, part: string) =>
  `Flux${`-${environment}`.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()).replaceAll("-", "X")}${part}`;
