import {
  CreateBucketCommand,
  DeletePublicAccessBlockCommand,
  PutBucketOwnershipControlsCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import {
  BUCKET,
  closedToPublic,
  encrypted,
  noPolicy,
  OTHER,
  ownedByBucket,
  policy,
  put,
  remove,
  type Sabotage,
  s3,
} from "./means.ts";

export const bucket: Sabotage[] = [
  {
    what: "no bucket of that name",
    bend: { config: { "flux-ami:bucketName": "flux-no-such-bucket" } },
    check: "bucket.exists",
    says: /no bucket flux-no-such-bucket/,
  },
  {
    what: "another account's bucket",
    bend: async (project) => {
      await project.s3("stranger").send(new CreateBucketCommand({ Bucket: "flux-strangers-own" }));
      return { config: { "flux-ami:bucketName": "flux-strangers-own" } };
    },
    check: "bucket.exists",
    says: /another account's/,
  },
  {
    what: "a name that somebody else has taken",
    bend: {
      config: { "flux-ami:adoptBucket": "false", "flux-ami:bucketName": "flux-strangers-own" },
    },
    check: "bucket.exists",
    says: /another account's or not to be listed/,
  },
  {
    what: "a bucket that is there, and not adopted",
    bend: { config: { "flux-ami:adoptBucket": "false" } },
    check: "bucket.exists",
    says: /is there already/,
  },
  {
    what: "a bucket in another region",
    bend: async (project) => {
      await s3(project).send(
        new CreateBucketCommand({
          Bucket: "flux-in-frankfurt",
          CreateBucketConfiguration: { LocationConstraint: "eu-central-1" },
        }),
      );
      return { config: { "flux-ami:bucketName": "flux-in-frankfurt" } };
    },
    check: "bucket.region",
    says: /lies in eu-central-1; aws:region is us-east-1/,
  },
  {
    what: "a Deny that may keep Snowflake out",
    bend: policy({
      Sid: "OnlyFromOurNetwork",
      Effect: "Deny",
      Principal: "*",
      Action: "s3:GetObject",
      Resource: `arn:aws:s3:::${BUCKET}/*`,
      // People are spared, as such policies do; with them doctor's own login.
      Condition: {
        StringNotEquals: { "aws:SourceVpce": "vpce-1" },
        ArnNotLike: {
          "aws:PrincipalArn": ["arn:aws:iam::111111111111:user/*", "arn:aws:iam::111111111111:root"],
        },
      },
    }),
    undo: noPolicy,
    check: "bucket.policy",
    state: "advice",
    says: /OnlyFromOurNetwork/,
  },
  {
    what: "a policy that is nearly full",
    bend: policy(
      ...Array.from({ length: 100 }, (_, index) => ({
        Sid: `AnalystsOfPartnerNumber${index}`,
        Effect: "Allow",
        Principal: { AWS: "arn:aws:iam::222222222222:root" },
        Action: "s3:GetObject",
        Resource: `arn:aws:s3:::${BUCKET}/published/${index}/*`,
      })),
    ),
    undo: noPolicy,
    check: "bucket.policy",
    state: "advice",
    says: /of 20,480 bytes/,
  },
  {
    what: "a KMS key",
    bend: encrypted({
      SSEAlgorithm: "aws:kms",
      KMSMasterKeyID: "arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555",
    }),
    undo: encrypted({ SSEAlgorithm: "AES256" }),
    check: "bucket.encryption",
    says: /key\/11111111-2222/,
  },
  {
    what: "a KMS key by its alias",
    bend: encrypted({ SSEAlgorithm: "aws:kms", KMSMasterKeyID: "alias/readings" }),
    undo: encrypted({ SSEAlgorithm: "AES256" }),
    check: "bucket.encryption",
    state: "unknown",
    says: /alias\/readings, an alias/,
  },
  {
    what: "a file under a KMS key, in a bucket that has none",
    bend: async (project) => {
      await s3(project).send(
        new PutObjectCommand({
          Bucket: BUCKET,
          Key: `${OTHER}sealed.parquet`,
          Body: "PAR1",
          ServerSideEncryption: "aws:kms",
          SSEKMSKeyId: "arn:aws:kms:us-east-1:111111111111:key/99999999-2222-3333-4444-555555555555",
        }),
      );
      return { config: { "flux-ami:readingsPath": "other/" } };
    },
    undo: remove(`${OTHER}sealed.parquet`),
    check: "bucket.file-keys",
    says: /sealed\.parquet is encrypted under .*key\/99999999/,
  },
  {
    what: "objects that are their writers'",
    bend: async (project) => {
      const rule = { ObjectOwnership: "ObjectWriter" as const };
      await s3(project).send(
        new PutBucketOwnershipControlsCommand({ Bucket: BUCKET, OwnershipControls: { Rules: [rule] } }),
      );
      return undefined;
    },
    undo: ownedByBucket,
    check: "bucket.ownership",
    state: "advice",
    says: /ObjectWriter/,
  },
  {
    what: "no guards against public access",
    bend: async (project) => {
      await s3(project).send(new DeletePublicAccessBlockCommand({ Bucket: BUCKET }));
      return undefined;
    },
    undo: closedToPublic,
    check: "bucket.public-access",
    state: "advice",
    says: /public access/,
  },
  {
    what: "an empty folder",
    bend: { config: { "flux-ami:readingsPath": "readings/" } },
    check: "bucket.files",
    says: /no file below s3:\/\/.*raw\/ami\/readings\//,
  },
  {
    what: "files of another kind",
    bend: put(`${OTHER}readings.csv`, "a,b"),
    undo: remove(`${OTHER}readings.csv`),
    check: "bucket.files",
    says: /readings\.csv/,
  },
  {
    what: "files in an archive",
    bend: put(`${OTHER}old.parquet`, "PAR1", "GLACIER"),
    undo: remove(`${OTHER}old.parquet`),
    check: "bucket.files",
    says: /archive.*old\.parquet/,
  },
  {
    what: "a file without a byte",
    bend: put("raw/ami/ami_interval_readings/zero.parquet", ""),
    undo: remove("raw/ami/ami_interval_readings/zero.parquet"),
    check: "bucket.files",
    state: "advice",
    says: /zero\.parquet/,
  },
  {
    what: "other files beside those that count",
    bend: put("raw/ami/ami_interval_readings/_SUCCESS", "ok"),
    undo: remove("raw/ami/ami_interval_readings/_SUCCESS"),
    check: "bucket.files",
    state: "advice",
    says: /_SUCCESS/,
  },
];
