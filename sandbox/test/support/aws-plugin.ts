/** The plugin for AWS against a local AWS, as its tests need both. */
import { IAMClient } from "@aws-sdk/client-iam";
import { S3Client } from "@aws-sdk/client-s3";
import { ensureUser, type IamUser } from "../../aws/identities.ts";
import { type Aws, clientSettings, startAws, stopAws } from "../../aws/ministack.ts";
import { temporaryFolder } from "./folder.ts";
import { PluginUnderTest, type Values } from "./plugin.ts";

export const BUCKET = "aws:s3/bucket:Bucket";
export const POLICY = "aws:s3/bucketPolicy:BucketPolicy";
export const BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock";
export const ENCRYPTION =
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration";
export const OWNERSHIP = "aws:s3/bucketOwnershipControls:BucketOwnershipControls";
export const VERSIONING = "aws:s3/bucketVersioning:BucketVersioning";
export const ROLE = "aws:iam/role:Role";
export const POLICIES = "aws:iam/rolePoliciesExclusive:RolePoliciesExclusive";
export const ATTACHMENTS = "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive";
export const ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy";

export const ACCOUNT = "111111111111";
const folder = temporaryFolder("aws-plugin");
export let cloud: Aws;
export let owner: IamUser;
export let aws: PluginUnderTest;
export let s3: S3Client;
export let iam: IAMClient;
let count = 0;

/** A name that no other test uses. */
export const fresh = (): string => `plugin-test-${++count}`;

export const environment = (key: IamUser): NodeJS.ProcessEnv => ({
  AWS_ENDPOINT_URL: cloud.endpoint,
  AWS_REGION: cloud.region,
  AWS_ACCESS_KEY_ID: key.accessKeyId,
  AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
  NODE_EXTRA_CA_CERTS: cloud.certificates.authority,
});

/** Brings up AWS and its plugin for the tests of a file, and takes them down. */
export function withAwsPlugin(): void {
  beforeAll(async () => {
    cloud = (await startAws(folder.dir, true)).aws;
    owner = await ensureUser(cloud, { accountId: ACCOUNT, userName: "deployer", actions: ["*"] }, undefined);
    aws = await PluginUnderTest.start("aws", environment(owner));
    await aws.configure();
    s3 = new S3Client(clientSettings(cloud, owner));
    iam = new IAMClient(clientSettings(cloud, owner));
  }, 60_000);

  afterAll(async () => {
    s3?.destroy();
    iam?.destroy();
    await aws?.stop();
    await stopAws(folder.dir);
    folder.remove();
  });
}

/** Expects that a refresh finds nothing, and that the same program then changes nothing. */
export async function expectSettled(type: string, made: { id: string; inputs: Values; state: Values }) {
  const read = await aws.read(type, made.id, made.state, made.inputs);
  expect(read).toEqual({ id: made.id, state: made.state, inputs: made.inputs });
  expect(await aws.diff(type, made.state, made.inputs, made.inputs)).toMatchObject({
    changed: false,
    detailed: {},
  });
}

export const makeBucket = async (): Promise<string> => (await aws.make(BUCKET, "b", { bucket: fresh() })).id;

export const trust = (externalId: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { AWS: "arn:aws:iam::999999999999:root" },
        Action: "sts:AssumeRole",
        Condition: { StringEquals: { "sts:ExternalId": externalId } },
      },
    ],
  });
