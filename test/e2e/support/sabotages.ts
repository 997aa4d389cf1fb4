/** Things that go wrong before a first `up`, each with the one check that has to name it. */
import { generateKeyPairSync } from "node:crypto";
import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteUserPolicyCommand,
  IAMClient,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import {
  CreateBucketCommand,
  DeleteBucketPolicyCommand,
  DeleteObjectCommand,
  DeletePublicAccessBlockCommand,
  PutBucketEncryptionCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  S3Client,
  type ServerSideEncryptionByDefault,
} from "@aws-sdk/client-s3";
import type { Surroundings } from "../../../preflight/world.ts";
import { clientSettings } from "../../../sandbox/aws/ministack.ts";
import type { PartyName, Project } from "./project.ts";

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

const iam = (project: Project) =>
  new IAMClient(
    clientSettings(project.sandbox.aws, { accessKeyId: "111111111111", secretAccessKey: "111111111111" }),
  );
const sql =
  (...statements: string[]) =>
  async (project: Project) => {
    for (const statement of statements) await project.sql("owner", statement);
    return undefined;
  };
const s3 = (project: Project) => project.s3("owner");

/** Puts a Deny beside what the deployer may do. */
const deny =
  (Action: string[], Resource = "*") =>
  async (project: Project) => {
    await iam(project).send(
      new PutUserPolicyCommand({
        UserName: "deployer",
        PolicyName: "sabotage",
        PolicyDocument: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Deny", Action, Resource }],
        }),
      }),
    );
    return undefined;
  };
const allowAgain = (project: Project) =>
  iam(project).send(new DeleteUserPolicyCommand({ UserName: "deployer", PolicyName: "sabotage" }));

const policy =
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
const noPolicy = (project: Project) => s3(project).send(new DeleteBucketPolicyCommand({ Bucket: BUCKET }));

const OTHER = "raw/ami/other/";
const put = (Key: string, Body: string, StorageClass?: "GLACIER") => async (project: Project) => {
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
const remove = (Key: string) => (project: Project) =>
  s3(project).send(new DeleteObjectCommand({ Bucket: BUCKET, Key }));

const key = () =>
  generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  }).privateKey;

const machine: Sabotage[] = [
  { what: "Windows", bend: { at: { platform: "win32" } }, check: "machine.system", says: /Windows/ },
  { what: "an old Node", bend: { at: { node: "v20.20.1" } }, check: "machine.node", says: /v20\.20\.1/ },
  {
    what: "packages that were never installed",
    bend: async (project) => ({ at: { folder: project.other({ "left-pad": "1.3.0" }) } }),
    check: "machine.packages",
    says: /left-pad is not installed/,
  },
  {
    what: "another version of the Snowflake provider",
    bend: async (project) => ({ at: { folder: project.other({ "@pulumi/snowflake": "2.0.0" }) } }),
    check: "machine.packages",
    says: /@pulumi\/snowflake is 1\.3\.0, not 2\.0\.0/,
  },
];

const pulumi: Sabotage[] = [
  {
    what: "no Pulumi CLI",
    bend: { at: { pulumi: async () => ({ exitCode: 1, stdout: "", stderr: "ENOENT: no pulumi" }) } },
    check: "pulumi.cli",
    says: /no command `pulumi`/,
  },
  {
    what: "no login to a backend",
    bend: { pulumi: { PULUMI_BACKEND_URL: "", PULUMI_HOME: "/nonexistent/home" } },
    check: "pulumi.backend",
    says: /no login to a backend/,
  },
  {
    what: "a stack that does not exist",
    bend: { at: { stack: "tset" } },
    check: "pulumi.stack",
    says: /no stack tset/,
  },
  {
    what: "no passphrase",
    bend: { pulumi: { PULUMI_CONFIG_PASSPHRASE: undefined } },
    check: "pulumi.secrets",
    says: /passphrase, which is not set/,
  },
  {
    what: "a wrong passphrase",
    bend: { pulumi: { PULUMI_CONFIG_PASSPHRASE: "wrong" } },
    check: "pulumi.secrets",
    says: /does not open/,
  },
];

const config: Sabotage[] = [
  {
    what: "no AWS account in the config",
    bend: { config: { "flux-ami:awsAccountId": undefined } },
    check: "config.valid",
    says: /flux-ami:awsAccountId is missing/,
  },
  {
    what: "a misspelt key",
    bend: { config: { "flux-ami:warehousSize": "LARGE" } },
    check: "config.valid",
    says: /warehousSize.*\n.*\n.*did you mean|warehousSize[\s\S]*nearest/,
  },
  {
    what: "two mistakes",
    bend: { config: { "flux-ami:prefix": "/raw", "aws:region": "us-esat-1" } },
    check: "config.valid",
    says: /2 mistakes:[\s\S]*aws:region[\s\S]*flux-ami:prefix/,
  },
];

const aws: Sabotage[] = [
  {
    what: "a wrong AWS key",
    bend: { aws: "nobody" },
    check: "aws.identity",
    says: /no AWS login that works/,
  },
  {
    what: "another account's login",
    bend: { aws: "stranger" },
    check: "aws.identity",
    says: /of account 333333333333 .* is 111111111111/,
  },
  {
    what: "AWS out of reach",
    bend: { aws: "unreachable" },
    check: "aws.identity",
    says: /could not be reached/,
  },
  {
    what: "a login by a role that doctor does not follow",
    bend: { config: { "aws:assumeRoles": '[{"roleArn":"arn:aws:iam::111111111111:role/deployer"}]' } },
    check: "aws.identity",
    state: "unknown",
    says: /aws:assumeRoles/,
  },
  ...["iam:CreateRole", "iam:PutRolePolicy", "s3:PutBucketPolicy", "s3:GetBucketCORS"].map((action) => ({
    what: `no ${action}`,
    bend: deny([action]),
    undo: allowAgain,
    check: "aws.actions",
    says: new RegExp(`may not ${action} on`),
  })),
  {
    what: "several actions that are not allowed",
    bend: deny(["iam:TagRole", "iam:DeleteRole"]),
    undo: allowAgain,
    check: "aws.actions",
    says: /iam:DeleteRole, iam:TagRole/,
  },
  {
    what: "nobody may simulate policies",
    bend: deny(["iam:SimulatePrincipalPolicy"]),
    undo: allowAgain,
    check: "aws.actions",
    state: "unknown",
    says: /may not simulate/,
  },
  {
    what: "a role of that name",
    bend: async (project) => {
      await iam(project).send(
        new CreateRoleCommand({
          RoleName: "flux-dev-snowflake-raw-ami",
          Path: "/team/",
          AssumeRolePolicyDocument: JSON.stringify({
            Version: "2012-10-17",
            Statement: [{ Effect: "Allow", Principal: { AWS: "111111111111" }, Action: "sts:AssumeRole" }],
          }),
        }),
      );
      return undefined;
    },
    undo: (project) => iam(project).send(new DeleteRoleCommand({ RoleName: "flux-dev-snowflake-raw-ami" })),
    check: "aws.role-name",
    says: /role\/team\/flux-dev-snowflake-raw-ami/,
  },
  {
    what: "a boundary that is not there",
    bend: { config: { "flux-ami:permissionsBoundary": "arn:aws:iam::111111111111:policy/gone" } },
    check: "aws.boundary",
    says: /policy\/gone/,
  },
];

const bucket: Sabotage[] = [
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
    says: /somebody's already/,
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
      Condition: { StringNotEquals: { "aws:SourceVpce": "vpce-1" } },
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

const snowflake: Sabotage[] = [
  {
    what: "a database to use that is not there",
    bend: { config: { "flux-ami:useDatabase": "true", "flux-ami:databaseName": "THEIRS" } },
    check: "snowflake.used",
    says: /no database THEIRS/,
  },
  {
    what: "a warehouse to use that the role may see, and not pass on",
    bend: async (project) => {
      await sql("CREATE WAREHOUSE THEIR_WH", `GRANT USAGE ON WAREHOUSE THEIR_WH TO ROLE ${ROLE}`)(project);
      return { config: { "flux-ami:useWarehouse": "true", "flux-ami:warehouseName": "THEIR_WH" } };
    },
    undo: sql("DROP WAREHOUSE THEIR_WH"),
    check: "snowflake.used",
    says: /may not give MONITOR, USAGE on warehouse THEIR_WH to role FLUX_DEV_LOADER/,
  },
  {
    what: "Snowflake out of reach",
    bend: { environment: { SNOWFLAKE_PORT: "9" } },
    check: "snowflake.login",
    says: /could not be reached/,
  },
  {
    what: "a wrong password",
    bend: { config: { "snowflake:password": "not the password" } },
    check: "snowflake.login",
    says: /refused the login/,
  },
  {
    what: "a user who does not exist",
    bend: { environment: { SNOWFLAKE_USER: "NOBODY" } },
    check: "snowflake.login",
    says: /refused the login/,
  },
  {
    what: "a user who is disabled",
    bend: async (project) => {
      await project.sql("owner", "CREATE USER GONE PASSWORD = 'Once-upon-a-time-1' DISABLED = TRUE");
      return {
        config: { "snowflake:password": "Once-upon-a-time-1" },
        environment: { SNOWFLAKE_USER: "GONE" },
      };
    },
    undo: sql("DROP USER GONE"),
    check: "snowflake.login",
    says: /disabled/i,
  },
  {
    what: "another key pair's key",
    bend: async () => ({
      config: { "snowflake:password": undefined },
      environment: { SNOWFLAKE_AUTHENTICATOR: "SNOWFLAKE_JWT", SNOWFLAKE_PRIVATE_KEY: key() },
    }),
    check: "snowflake.login",
    says: /JWT token is invalid/,
  },
  {
    what: "a role that does not exist",
    bend: { config: { "snowflake:role": "FLUX_DEPLOYERS" } },
    check: "snowflake.role",
    says: /may not use role FLUX_DEPLOYERS/,
  },
  {
    what: "a deployer's role that the user does not have",
    bend: { config: { "flux-ami:deployerRoleName": "SOMEBODY_ELSE" } },
    check: "snowflake.role",
    says: /may not use role SOMEBODY_ELSE/,
  },
  ...["CREATE DATABASE", "CREATE INTEGRATION", "CREATE ROLE", "CREATE WAREHOUSE"].map((privilege) => ({
    what: `no ${privilege}`,
    bend: sql(`REVOKE ${privilege} ON ACCOUNT FROM ROLE ${ROLE}`),
    undo: sql(`GRANT ${privilege} ON ACCOUNT TO ROLE ${ROLE}`),
    check: "snowflake.privileges",
    says: new RegExp(`lacks ${privilege} on the account`),
  })),
  {
    what: "a resource monitor without ACCOUNTADMIN",
    bend: { config: { "flux-ami:monthlyCreditQuota": "100" } },
    check: "snowflake.privileges",
    says: /monthlyCreditQuota/,
  },
  ...[
    ["database", "DATABASE FLUX_DEV", ""],
    ["warehouse", "WAREHOUSE FLUX_DEV_LOAD_WH", " WAREHOUSE_SIZE = MEDIUM"],
    ["role", "ROLE FLUX_DEV_LOADER", ""],
  ].map(([what, object = "", options]) => ({
    what: `a ${what} of that name`,
    bend: sql(
      `CREATE ${object}${options}`,
      ...(what === "role"
        ? [`GRANT ROLE FLUX_DEV_LOADER TO ROLE ${ROLE}`]
        : [`GRANT USAGE ON ${object} TO ROLE ${ROLE}`]),
    ),
    undo: sql(`DROP ${object}`),
    check: "snowflake.names",
    says: new RegExp(`${what} ${object.split(" ")[1]} exists already`),
  })),
  {
    what: "an integration of that name",
    bend: sql(
      `CREATE STORAGE INTEGRATION FLUX_DEV_S3_INTEGRATION TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE
       STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::111111111111:role/x' STORAGE_ALLOWED_LOCATIONS = ('s3://${BUCKET}/')`,
      `GRANT USAGE ON INTEGRATION FLUX_DEV_S3_INTEGRATION TO ROLE ${ROLE}`,
    ),
    undo: sql("DROP INTEGRATION FLUX_DEV_S3_INTEGRATION"),
    check: "snowflake.names",
    says: /integration FLUX_DEV_S3_INTEGRATION exists already/,
  },
  {
    what: "a bucket far from Snowflake",
    bend: async (project) => {
      const Key = "raw/ami/ami_interval_readings/a.parquet";
      const { aws, accounts } = project.sandbox;
      const there = new S3Client({ ...clientSettings(aws, accounts.owner.aws), region: "eu-central-1" });
      await there.send(new PutObjectCommand({ Bucket: "flux-in-frankfurt", Key, Body: "PAR1" }));
      return { config: { "aws:region": "eu-central-1", "flux-ami:bucketName": "flux-in-frankfurt" } };
    },
    check: "snowflake.region",
    state: "advice",
    says: /AWS_US_EAST_1, the bucket in eu-central-1/,
  },
  {
    what: "no table of known meters",
    bend: { config: { "flux-ami:metersTable": "FLUX_REFERENCE.PRODUCTION.METERS" } },
    check: "snowflake.meters",
    says: /no FLUX_REFERENCE\.PRODUCTION\.METERS/,
  },
  {
    what: "meters in a table that the config calls a view",
    bend: { config: { "flux-ami:metersTableKind": "view" } },
    check: "snowflake.meters",
    says: /is a table; .* says view/,
  },
  {
    what: "meters that the role may read, and let nobody else read",
    bend: sql(
      `REVOKE GRANT OPTION FOR SELECT ON TABLE FLUX_REFERENCE.PRODUCTION.METER_INFRASTRUCTURE FROM ROLE ${ROLE}`,
    ),
    undo: sql(
      `GRANT SELECT ON TABLE FLUX_REFERENCE.PRODUCTION.METER_INFRASTRUCTURE TO ROLE ${ROLE} WITH GRANT OPTION`,
    ),
    check: "snowflake.meters",
    says: /may not pass on SELECT on TABLE/,
  },
  {
    what: "a quota that the first load would use up",
    bend: {
      config: {
        "snowflake:role": "ACCOUNTADMIN",
        "flux-ami:monthlyCreditQuota": "1",
        "flux-ami:loadWarehouseSize": "X6LARGE",
      },
    },
    check: "load.estimate",
    says: /more than the 1 of flux-ami:monthlyCreditQuota/,
  },
];

function encrypted(how: ServerSideEncryptionByDefault) {
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

export const SABOTAGES: readonly Sabotage[] = [
  ...machine,
  ...pulumi,
  ...config,
  ...aws,
  ...bucket,
  ...snowflake,
];
