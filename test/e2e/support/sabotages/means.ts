/** Things that go wrong before a first `up`, each with the one check that has to name it. */
import { generateKeyPairSync } from "node:crypto";
import { DeleteUserPolicyCommand, IAMClient, PutUserPolicyCommand } from "@aws-sdk/client-iam";
import {
  DeleteBucketPolicyCommand,
  DeleteObjectCommand,
  PutBucketEncryptionCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  type ServerSideEncryptionByDefault,
} from "@aws-sdk/client-s3";
import type { Surroundings } from "../../../../preflight/world.ts";
import { clientSettings } from "../../../../sandbox/aws/ministack.ts";
import type { PartyName, Project } from "../project.ts";

export const BUCKET = "flux-sandbox-raw-111111111111";
export const ROLE = "FLUX_DEPLOYER";

/** What a sabotage may bend for one run. */
export interface Bent {
  /** Config values; undefined takes one away. */
  config?: Record<string, string | undefined>;
  environment?: Record<string, string | undefined>;
  at?: Partial<Surroundings>;
  /** Whose AWS login it is, or a login that is none. @default the owner's */
  aws?: PartyName | "nobody" | "unreachable";
  /** Words of `pulumi` that are asked anew, under these variables. */
  pulumi?: Record<string, string | undefined>;
}

export interface Sabotage {
  /** What goes wrong. */
  what: string;
  /** Bends a run, or the cloud itself; then `undo` mends it. */
  bend: Bent | ((project: Project) => Promise<Bent | undefined>);
  undo?: (project: Project) => Promise<unknown>;
  /** The check that says so, and as what. @default fail */
  check: string;
  state?: "fail" | "advice" | "unknown";
  /** What its words hold: the thing that is wrong. */
  says: RegExp;
}

export const iam = (project: Project) =>
  new IAMClient(
    clientSettings(project.sandbox.aws, { accessKeyId: "111111111111", secretAccessKey: "111111111111" }),
  );
export const sql =
  (...statements: string[]) =>
  async (project: Project) => {
    for (const statement of statements) await project.sql("owner", statement);
    return undefined;
  };
export const s3 = (project: Project) => project.s3("owner");

/** Puts a Deny beside what the deployer may do. */
export const deny =
  (Action: string[], Resource = "*", Condition?: object) =>
  async (project: Project) => {
    await iam(project).send(
      new PutUserPolicyCommand({
        UserName: "deployer",
        PolicyName: "sabotage",
        PolicyDocument: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Deny", Action, Resource, ...(Condition && { Condition }) }],
        }),
      }),
    );
    return undefined;
  };
export const allowAgain = (project: Project) =>
  iam(project).send(new DeleteUserPolicyCommand({ UserName: "deployer", PolicyName: "sabotage" }));

export const policy =
  (...Statement: object[]) =>
  async (project: Project) => {
    await s3(project).send(
      new PutBucketPolicyCommand({
        Bucket: BUCKET,
        Policy: JSON.stringify({ Version: "2012-10-17", Statement }),
      }),
    );
    return undefined;
  };
export const noPolicy = (project: Project) =>
  s3(project).send(new DeleteBucketPolicyCommand({ Bucket: BUCKET }));

export const OTHER = "raw/ami/other/";
export const put = (Key: string, Body: string, StorageClass?: "GLACIER") => async (project: Project) => {
  await s3(project).send(
    new PutObjectCommand({
      Bucket: BUCKET,
      Key,
      Body: Buffer.from(Body),
      ...(StorageClass && { StorageClass }),
    }),
  );
  return { config: Key.startsWith(OTHER) ? { "flux-ami:readingsPath": "other/" } : {} };
};
export const remove = (Key: string) => (project: Project) =>
  s3(project).send(new DeleteObjectCommand({ Bucket: BUCKET, Key }));

export const key = () =>
  generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  }).privateKey;

export function encrypted(how: ServerSideEncryptionByDefault) {
  return async (project: Project) => {
    const Rules = [{ ApplyServerSideEncryptionByDefault: how }];
    await s3(project).send(
      new PutBucketEncryptionCommand({ Bucket: BUCKET, ServerSideEncryptionConfiguration: { Rules } }),
    );
    return undefined;
  };
}

export function ownedByBucket(project: Project) {
  const rule = { ObjectOwnership: "BucketOwnerEnforced" as const };
  return s3(project).send(
    new PutBucketOwnershipControlsCommand({ Bucket: BUCKET, OwnershipControls: { Rules: [rule] } }),
  );
}

export function closedToPublic(project: Project) {
  return s3(project).send(
    new PutPublicAccessBlockCommand({
      Bucket: BUCKET,
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    }),
  );
}
