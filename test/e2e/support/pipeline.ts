/** What the workflows do on a stack, and as whom: a load, drift under the rights of one who looks, an issue on GitHub. */
import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import { GetBucketPolicyCommand, PutBucketPolicyCommand, S3Client } from "@aws-sdk/client-s3";
import { clientSettings } from "../../../sandbox/aws/ministack.ts";
import { withKeyPair } from "./login.ts";
import type { Environment, Outcome, ReviewStack } from "./review-stack.ts";

const root = resolve(__dirname, "../../..");

/** What a login needs, as the project prints it. */
async function rights(stack: ReviewStack, ...who: string[]): Promise<string> {
  const { exitCode, output } = await stack.script("preflight/rights.ts", who);
  if (exitCode !== 0) throw new Error(output);
  return output;
}

/** Makes the one user that a printed text makes, with a key pair, the workflows' only login; gives the variables for it. */
async function keyLogin(stack: ReviewStack, sql: string): Promise<Environment> {
  const made = withKeyPair(sql);
  await administer(stack, made.sql);
  return made.env;
}

/** Runs a text of several statements, as an administrator pastes it. */
async function administer(stack: ReviewStack, text: string): Promise<void> {
  const statements = text.replace(/^--.*$/gm, "").split(/;\s*$/m);
  for (const statement of statements.filter((one) => one.trim() !== "")) await stack.sql(statement);
}

/** The login of load.yml: a user who has the loader's role alone, and nothing of AWS but the state. */
export async function loaderLogin(stack: ReviewStack): Promise<Environment> {
  const login = await keyLogin(stack, await rights(stack, "--loader", "snowflake"));
  return { ...login, AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
}

/** The login of preview.yml and drift.yml: who has the rights that are printed for looking. */
export async function viewerLogin(stack: ReviewStack): Promise<Environment> {
  const login = await keyLogin(stack, await rights(stack, "--viewer", "snowflake"));
  const PolicyDocument = await rights(stack, "--viewer", "aws");
  const iam = new IAMClient(clientSettings(stack.sandbox.aws, stack.sandbox.accounts.owner.aws));
  try {
    await iam.send(new CreateUserCommand({ UserName: "viewer" }));
    await iam.send(new PutUserPolicyCommand({ UserName: "viewer", PolicyName: "shipped", PolicyDocument }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: "viewer" }));
    return {
      ...login,
      AWS_ACCESS_KEY_ID: AccessKey?.AccessKeyId,
      AWS_SECRET_ACCESS_KEY: AccessKey?.SecretAccessKey,
    };
  } finally {
    iam.destroy();
  }
}

/** Lets people in beside what the stack declares, as somebody with too much power might. */
export async function letInBeside(stack: ReviewStack, bucket: string, role: string): Promise<void> {
  const schema = "FLUX_REVIEW.PRODUCTION";
  await administer(
    stack,
    `CREATE ROLE EVE;
GRANT SELECT ON TABLE ${schema}.AMI_INTERVAL_READINGS TO ROLE EVE;
GRANT USAGE ON STAGE ${schema}.EXT_RAW_AMI TO ROLE EVE;
GRANT USAGE ON INTEGRATION FLUX_REVIEW_S3_INTEGRATION TO ROLE EVE;
GRANT USAGE ON WAREHOUSE FLUX_REVIEW_LOAD_WH TO ROLE EVE;
GRANT ROLE FLUX_REVIEW_LOADER TO ROLE EVE;
ALTER WAREHOUSE FLUX_REVIEW_LOAD_WH SET MAX_CONCURRENCY_LEVEL = 3;`,
  );
  const settings = clientSettings(stack.sandbox.aws, stack.sandbox.accounts.owner.aws);
  const [iam, s3] = [new IAMClient(settings), new S3Client(settings)];
  const document = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });
  try {
    const PolicyDocument = document({ Effect: "Allow", Action: "s3:*", Resource: "*" });
    await iam.send(new PutRolePolicyCommand({ RoleName: role, PolicyName: "by-hand", PolicyDocument }));
    const { Policy = "" } = await s3.send(new GetBucketPolicyCommand({ Bucket: bucket }));
    const { Statement } = JSON.parse(Policy) as { Statement: object[] };
    const stranger = {
      Sid: "ByHand",
      Effect: "Allow",
      Principal: { AWS: "arn:aws:iam::333333333333:root" },
      Action: "s3:GetObject",
      Resource: `arn:aws:s3:::${bucket}/*`,
    };
    await s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: document(...Statement, stranger) }));
  } finally {
    iam.destroy();
    s3.destroy();
  }
}

interface Loaded extends Outcome {
  /** What the script left for the issue. */
  readonly left: { readonly code: number; readonly refused: boolean; readonly text: string };
}

/** Runs the script of load.yml; `started` is told of its process. */
export async function runLoad(
  stack: ReviewStack,
  env: Environment,
  started: (child: ChildProcess) => void = () => {},
): Promise<Loaded> {
  const args = [join(root, "review/run-load.ts"), "--stack", stack.name];
  const { child, output } = stack.launch("node", args, env);
  started(child);
  const exitCode = await new Promise<number | null>((done) => child.once("close", done));
  const read = (extension: string) =>
    readFileSync(join(stack.project, ".review", `${stack.name}.load.${extension}`), "utf8");
  return { exitCode, output: output(), left: { ...JSON.parse(read("json")), text: read("txt") } };
}

interface Asked {
  readonly line: string;
  readonly body: Record<string, unknown>;
}

/** Publishes what a load left, as load.yml does, on a stand-in of GitHub that has these issues; gives its last request. */
export async function publishLoad(stack: ReviewStack, ...issues: object[]): Promise<Asked | undefined> {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const text = Buffer.concat(await request.toArray()).toString();
    const line = `${request.method} ${request.url?.split("?")[0]}`;
    asked.push({ line, body: text === "" ? {} : JSON.parse(text) });
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(request.method === "GET" ? issues : {}));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  const { exitCode, output } = await stack.script(
    "review/publish.ts",
    ["load", "--run", "https://example.test/run/1"],
    { GITHUB_API_URL: `http://127.0.0.1:${port}`, GITHUB_REPOSITORY: "flux/ami", GITHUB_TOKEN: "t" },
  );
  await new Promise((closed) => server.close(closed));
  if (exitCode !== 0) throw new Error(output);
  return asked.at(-1);
}
