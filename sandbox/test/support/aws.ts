/** A MiniStack of its own for a test file: enforcing IAM, over plain HTTP, with everything kept in a temporary folder. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { root, tools } from "../../paths.ts";

const OWNER = "111111111111";
const SNOWFLAKE = "999999999999";
const START_SECONDS = 20;

export interface TestAws {
  endpoint: string;
  /** Snowflake's own IAM user, which may do nothing but assume roles. */
  snowflakeUser: { arn: string; accessKeyId: string; secretAccessKey: string };
  bucket: string;
  roleArn: string;
  /** Lets Snowflake's user assume the role with this external ID, and nobody else. */
  trust(externalId: string): Promise<void>;
  /** What the role may do: IAM actions on the bucket and its objects. */
  allow(actions: string[]): Promise<void>;
  put(key: string, body: Uint8Array | string): Promise<void>;
  remove(key: string): Promise<void>;
  stop(): Promise<void>;
}

const READ_ACTIONS = ["s3:ListBucket", "s3:GetBucketLocation", "s3:GetObject", "s3:GetObjectVersion"];

export async function startTestAws(): Promise<TestAws> {
  const directory = mkdtempSync(path.join(tmpdir(), "test-aws-"));
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const server = spawn(
    tools.python,
    [
      path.join(root, "sandbox/aws/serve.py"),
      "ministack.app:app",
      "--bind",
      `127.0.0.1:${port}`,
      "--workers",
      "0",
    ],
    {
      stdio: ["pipe", "ignore", "ignore"],
      env: {
        PATH: process.env.PATH,
        HOME: directory,
        TMPDIR: directory,
        AUTH: "true",
        SERVICES: "s3,iam,sts",
        GATEWAY_PORT: String(port),
        PYTHONDONTWRITEBYTECODE: "1",
        LOG_LEVEL: "WARNING",
      },
    },
  );
  await answering(`${endpoint}/_ministack/health`, server);

  const settings = (accountId: string) => ({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: accountId, secretAccessKey: "root" },
  });
  const iam = new IAMClient(settings(OWNER));
  const snowflakeIam = new IAMClient(settings(SNOWFLAKE));
  const s3 = new S3Client({ ...settings(OWNER), forcePathStyle: true });
  const bucket = "test-raw";
  const roleName = "snowflake-reader";
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  const snowflakeUser = await makeUser(snowflakeIam, "fx10001-s-ext");
  const trustPolicy = (externalId: string) =>
    JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { AWS: snowflakeUser.arn },
          Action: "sts:AssumeRole",
          Condition: { StringEquals: { "sts:ExternalId": externalId } },
        },
      ],
    });
  const role = await iam.send(
    new CreateRoleCommand({ RoleName: roleName, AssumeRolePolicyDocument: trustPolicy("external-1") }),
  );
  const aws: TestAws = {
    endpoint,
    snowflakeUser,
    bucket,
    roleArn: role.Role?.Arn ?? "",
    trust: async (externalId) => {
      const document = trustPolicy(externalId);
      await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: roleName, PolicyDocument: document }));
    },
    allow: async (actions) => {
      const document = {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Action: actions,
            Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
          },
        ],
      };
      await iam.send(
        new PutRolePolicyCommand({
          RoleName: roleName,
          PolicyName: "read",
          PolicyDocument: JSON.stringify(document),
        }),
      );
    },
    put: async (key, body) => {
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
    },
    remove: async (key) => {
      await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
    },
    stop: async () => {
      for (const client of [iam, snowflakeIam, s3]) client.destroy();
      const ended = new Promise((resolve) => server.once("exit", resolve));
      server.kill("SIGKILL");
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
  await aws.allow(READ_ACTIONS);
  return aws;
}

async function makeUser(iam: IAMClient, name: string) {
  const user = await iam.send(new CreateUserCommand({ UserName: name }));
  await iam.send(
    new PutUserPolicyCommand({
      UserName: name,
      PolicyName: "assume",
      PolicyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Resource: "*" }],
      }),
    }),
  );
  const key = await iam.send(new CreateAccessKeyCommand({ UserName: name }));
  return {
    arn: user.User?.Arn ?? "",
    accessKeyId: key.AccessKey?.AccessKeyId ?? "",
    secretAccessKey: key.AccessKey?.SecretAccessKey ?? "",
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

async function answering(url: string, server: ChildProcess): Promise<void> {
  for (const end = Date.now() + START_SECONDS * 1_000; Date.now() < end; await delay(50)) {
    if (server.exitCode !== null)
      throw new Error(`MiniStack ended with ${server.exitCode} before it answered`);
    const answered = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answered) return;
  }
  throw new Error(`MiniStack did not answer at ${url} within ${START_SECONDS} s`);
}
