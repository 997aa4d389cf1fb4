/**
 * The proof of access: who may do what where, each cell decided by a real request against the enforcing emulator under
 * the policies that the program declared. The table is also the one in docs/access.md, which this test keeps true
 * (UPDATE_DOCS=1 writes it).
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  DeleteObjectCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { ensureUser } from "../../sandbox/aws/identities.ts";
import { type AccessKey, clientSettings } from "../../sandbox/aws/ministack.ts";
import { Project } from "./support/project.ts";

jest.setTimeout(300_000);

const BUCKET = "flux-sandbox-raw-111111111111";
const INSIDE = "raw/ami/proof.txt";
const PART = "raw/ami/eu/proof.txt";
const OUTSIDE = "raw/other/proof.txt";
const DOCUMENT = join(__dirname, "../../docs/access.md");

/** One request; refused when it throws. */
const ACTIONS: Record<string, (client: S3Client) => Promise<unknown>> = {
  "list raw/ami/": (client) => client.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: "raw/ami/" })),
  "list raw/ami/eu/": (client) =>
    client.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: "raw/ami/eu/" })),
  "list raw/other/": (client) =>
    client.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: "raw/other/" })),
  "list all": (client) => client.send(new ListObjectsV2Command({ Bucket: BUCKET })),
  "get in raw/ami/": (client) => client.send(new GetObjectCommand({ Bucket: BUCKET, Key: INSIDE })),
  "get in raw/ami/eu/": (client) => client.send(new GetObjectCommand({ Bucket: BUCKET, Key: PART })),
  "get in raw/other/": (client) => client.send(new GetObjectCommand({ Bucket: BUCKET, Key: OUTSIDE })),
  "get without TLS": (client) => {
    client.middlewareStack.add(
      (next) => (args) => {
        const { headers } = args.request as { headers: Record<string, string> };
        headers["x-forwarded-proto"] = "http";
        return next(args);
      },
      { step: "finalizeRequest", name: "withoutTls", override: true },
    );
    return client
      .send(new GetObjectCommand({ Bucket: BUCKET, Key: INSIDE }))
      .finally(() => client.middlewareStack.remove("withoutTls"));
  },
  locate: (client) => client.send(new GetBucketLocationCommand({ Bucket: BUCKET })),
  "put in raw/ami/": (client) =>
    client.send(new PutObjectCommand({ Bucket: BUCKET, Key: "raw/ami/new.txt", Body: "x" })),
  "delete in raw/ami/": (client) =>
    client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: "raw/ami/new.txt" })),
  "change policy": (client) =>
    client.send(
      new PutBucketPolicyCommand({ Bucket: BUCKET, Policy: policyNow, ChecksumAlgorithm: "CRC32" }),
    ),
};

/** Columns as they should be; the deploying owner may everything, but for plain HTTP. */
const ALL = Object.keys(ACTIONS);
const READ_AMI = ["list raw/ami/", "list raw/ami/eu/", "get in raw/ami/", "get in raw/ami/eu/", "locate"];
const READ_EU = ["list raw/ami/eu/", "get in raw/ami/eu/", "locate"];
const EXPECTED: Record<string, readonly string[]> = {
  "owner, who deploys": ALL.filter((action) => action !== "get without TLS"),
  "Snowflake, for the load": READ_AMI,
  "Snowflake, without the external ID": [],
  "partner's AWS account (bucket access)": READ_AMI,
  "partner's AWS account, confined to raw/ami/eu/": READ_EU,
  "partner's Snowflake (storage integration)": READ_AMI,
  "partner's Snowflake, wrong external ID": [],
  "partner's Snowflake, before the role is opened": [],
  "partner's Snowflake, on the load's role": [],
  "stranger's AWS account": [],
  "stranger's Snowflake, on the partner's role": [],
  anonymous: [],
};

let project: Project;
let policyNow = "";
const clients: Record<string, S3Client | undefined> = {};

const OWNER = {
  "aws:region": "us-east-1",
  "flux-ami:awsAccountId": "111111111111",
  "flux-ami:bucketName": BUCKET,
  "flux-ami:adoptBucket": true,
  "flux-ami:bucketGuards": "manage",
  "flux-ami:protect": false,
  "flux-ami:onDelete": "drop",
};
const partner = (way: string, more: object = {}) => ({
  "aws:region": "us-east-1",
  "flux-ami:kind": "partner",
  "flux-ami:owner": "prod",
  "flux-ami:way": way,
  ...more,
});

beforeAll(async () => {
  project = await Project.start();
  await project.seed(5, 1);
  project.write("gridworks", partner("bucketAccess", { "flux-ami:partnerPrincipal": "222222222222" }));
  project.write(
    "euro",
    partner("bucketAccess", {
      "flux-ami:partnerPrincipal": "333333333333",
      "flux-ami:partnerPrefix": "raw/ami/eu/",
    }),
  );
  await project.init("prod", OWNER);
  await project.up("prod");
  const user = (name: string) => `arn:aws:iam::999999999999:user/${name}-s-ext`;
  await project.init(
    "open",
    partner("storageIntegration", { "flux-ami:snowflakeIamUserArn": user("pc20002") }),
  );
  await project.init("closed", partner("storageIntegration"));
  for (const stack of ["open", "closed"]) await project.up(stack);

  clients["owner, who deploys"] = project.s3("owner");
  clients["partner's AWS account (bucket access)"] = project.s3("partner");
  clients["partner's AWS account, confined to raw/ami/eu/"] = project.s3("stranger");
  const stranger = { accountId: "444444444444", userName: "stranger", actions: ["s3:*"] };
  clients["stranger's AWS account"] = new S3Client({
    ...clientSettings(project.sandbox.aws, await ensureUser(project.sandbox.aws, stranger, undefined)),
    forcePathStyle: true,
  });
  clients.anonymous = anonymous();
  for (const Key of [INSIDE, PART, OUTSIDE])
    await clients["owner, who deploys"].send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: "proof" }));

  const state = JSON.parse(await project.pulumiOk("prod", ["stack", "export"])) as {
    deployment: { resources: { urn: string; outputs?: Record<string, string> }[] };
  };
  policyNow =
    state.deployment.resources.find(({ urn }) => urn.endsWith("::raw-policy"))?.outputs?.policy ?? "";
  const held = await project.sql("owner", 'DESC STORAGE INTEGRATION "FLUX_PROD_S3_INTEGRATION"');
  const externalId = String(held.find((row) => row.property === "STORAGE_AWS_EXTERNAL_ID")?.property_value);
  const { roleArn } = (await project.outputs("prod")) as { roleArn: string };
  const open = (await project.outputs("open")) as { roleArn: string; externalId: string };
  const closed = (await project.outputs("closed")) as { roleArn: string; externalId: string };
  const as = async (who: string, snowflake: string, role: string, id?: string) => {
    clients[who] = await assume(snowflake, role, id);
  };
  await as("Snowflake, for the load", "FLUX", roleArn, externalId);
  await as("Snowflake, without the external ID", "FLUX", roleArn);
  await as("partner's Snowflake (storage integration)", "PARTNERCO", open.roleArn, open.externalId);
  await as(
    "partner's Snowflake, wrong external ID",
    "PARTNERCO",
    open.roleArn,
    "not-the-one-they-were-given",
  );
  await as("partner's Snowflake, before the role is opened", "PARTNERCO", closed.roleArn, closed.externalId);
  await as("partner's Snowflake, on the load's role", "PARTNERCO", roleArn, externalId);
  await as("stranger's Snowflake, on the partner's role", "STRANGER", open.roleArn, open.externalId);
});
afterAll(async () => {
  for (const client of Object.values(clients)) client?.destroy();
  await project.stop();
});

/** S3 as Snowflake reads it: by the role, if its trust policy lets that account's IAM user assume it. */
async function assume(
  organization: string,
  RoleArn: string,
  ExternalId?: string,
): Promise<S3Client | undefined> {
  const file = join(project.sandbox.dir, "snowflake", "accounts.json");
  const { accounts } = JSON.parse(readFileSync(file, "utf8")) as {
    accounts: { organization: string; awsIamUser: AccessKey }[];
  };
  const user = accounts.find((account) => account.organization === organization)?.awsIamUser;
  if (!user) throw new Error(`no Snowflake account of organization ${organization}`);
  const sts = new STSClient(clientSettings(project.sandbox.aws, user));
  try {
    const { Credentials } = await sts.send(
      new AssumeRoleCommand({ RoleArn, RoleSessionName: "proof", ...(ExternalId && { ExternalId }) }),
    );
    const credentials = {
      accessKeyId: Credentials?.AccessKeyId ?? "",
      secretAccessKey: Credentials?.SecretAccessKey ?? "",
      sessionToken: Credentials?.SessionToken ?? "",
    };
    return new S3Client({ ...clientSettings(project.sandbox.aws, user), credentials, forcePathStyle: true });
  } catch (error) {
    if ((error as Error).name !== "AccessDenied") throw error;
    return undefined;
  } finally {
    sts.destroy();
  }
}

/** A client that signs nothing. */
function anonymous(): S3Client {
  const { aws, accounts } = project.sandbox;
  return new S3Client({
    ...clientSettings(aws, accounts.owner.aws),
    forcePathStyle: true,
    signer: { sign: async (request) => request },
  });
}

async function allowed(client: S3Client | undefined, action: string): Promise<boolean> {
  if (!client) return false;
  try {
    await ACTIONS[action]?.(client);
    return true;
  } catch (error) {
    const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } };
    if (name === "AccessDenied" || $metadata?.httpStatusCode === 403) return false;
    throw error;
  }
}

/** A Markdown table, its columns as wide as the formatter makes them. */
function aligned(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: string[]) =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`;
  const [head = [], ...body] = rows;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join("\n");
}

test("everyone may do just what they should", async () => {
  const actual: Record<string, string[]> = {};
  for (const who of Object.keys(EXPECTED)) {
    actual[who] = [];
    for (const action of ALL) if (await allowed(clients[who], action)) actual[who].push(action);
  }
  expect(actual).toEqual(EXPECTED);

  const rows = [
    ["who", ...ALL],
    ...Object.entries(actual).map(([who, may]) => [
      who,
      ...ALL.map((action) => (may.includes(action) ? "yes" : "–")),
    ]),
  ];
  const table = aligned(rows);
  const [start, end] = [
    "<!-- table: written by test/e2e/access.test.ts -->\n\n",
    "\n\n<!-- end of table -->",
  ];
  const text = readFileSync(DOCUMENT, "utf8");
  const [head = "", rest = ""] = text.split(start);
  const tail = rest.split(end)[1] ?? "";
  const proved = `${head}${start}${table}${end}${tail}`;
  if (process.env.UPDATE_DOCS === "1") writeFileSync(DOCUMENT, proved);
  expect(readFileSync(DOCUMENT, "utf8")).toBe(proved);
});
