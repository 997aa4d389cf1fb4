/** What MiniStack alone is milder about than AWS. */
import {
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteRoleCommand,
  GetRoleCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  SimulatePrincipalPolicyCommand,
} from "@aws-sdk/client-iam";
import {
  CreateBucketCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { ensureUser, type IamUser } from "../aws/identities.ts";
import { type Aws, clientSettings, startAws, stopAws } from "../aws/ministack.ts";
import { temporaryFolder } from "./support/folder.ts";
import { byOwnPolicies, makeKey, setKeyPolicy } from "./support/kms.ts";

const BUCKET = "strict-raw";
const KEY = "raw/ami/one.txt";
const folder = temporaryFolder("strict-aws");
const open: { destroy(): void }[] = [];
let cloud: Aws;
let owner: IamUser;
let partner: IamUser;

type Credentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
function client<C extends { destroy(): void }>(
  Client: new (settings: ReturnType<typeof clientSettings>) => C,
  credentials: Credentials,
): C {
  const made = new Client(clientSettings(cloud, credentials));
  open.push(made);
  return made;
}
const s3 = (credentials: Credentials) => client(S3Client, credentials);

beforeAll(async () => {
  cloud = (await startAws(folder.dir, true)).aws;
  owner = await ensureUser(
    cloud,
    { accountId: "111111111111", userName: "deployer", actions: ["*"] },
    undefined,
  );
  partner = await ensureUser(
    cloud,
    { accountId: "222222222222", userName: "analyst", actions: ["*"] },
    undefined,
  );
  await s3(owner).send(new CreateBucketCommand({ Bucket: BUCKET }));
  await s3(owner).send(new PutObjectCommand({ Bucket: BUCKET, Key: KEY, Body: "x" }));
}, 60_000);
afterAll(async () => {
  for (const one of open) one.destroy();
  await stopAws(folder.dir);
});

/** A role of the partner's account, with a path, that its account may assume and that may do everything. */
async function partnerRole(name: string): Promise<string> {
  const iam = client(IAMClient, partner);
  const statement = (rest: object) =>
    JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...rest }] });
  const { Role } = await iam.send(
    new CreateRoleCommand({
      RoleName: name,
      Path: "/readers/",
      AssumeRolePolicyDocument: statement({
        Principal: { AWS: "arn:aws:iam::222222222222:root" },
        Action: "sts:AssumeRole",
      }),
    }),
  );
  await iam.send(
    new PutRolePolicyCommand({
      RoleName: name,
      PolicyName: "all",
      PolicyDocument: statement({ Action: "*", Resource: "*" }),
    }),
  );
  return Role?.Arn ?? "";
}

async function session(RoleArn: string): Promise<Credentials> {
  const { Credentials: made } = await client(STSClient, partner).send(
    new AssumeRoleCommand({ RoleArn, RoleSessionName: "test" }),
  );
  return {
    accessKeyId: made?.AccessKeyId ?? "",
    secretAccessKey: made?.SecretAccessKey ?? "",
    sessionToken: made?.SessionToken ?? "",
  };
}

function letIn(AWS: unknown, condition: object = {}): Promise<unknown> {
  const both = { Effect: "Allow", Principal: { AWS }, ...condition };
  const Policy = JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      { ...both, Action: "s3:GetObject", Resource: `arn:aws:s3:::${BUCKET}/*` },
      { ...both, Action: "s3:ListBucket", Resource: `arn:aws:s3:::${BUCKET}` },
    ],
  });
  return s3(owner).send(new PutBucketPolicyCommand({ Bucket: BUCKET, Policy }));
}

const get = (credentials: Credentials) =>
  s3(credentials).send(new GetObjectCommand({ Bucket: BUCKET, Key: KEY }));
const list = (credentials: Credentials) => s3(credentials).send(new ListObjectsV2Command({ Bucket: BUCKET }));

test.each([
  ["a role", "arn:aws:iam::222222222222:role/no-such-role"],
  ["a role under another path", "arn:aws:iam::111111111111:role/readers/deployer"],
  ["a user", "arn:aws:iam::222222222222:user/nobody"],
  ["an account", "arn:aws:iam::123123123123:root"],
  ["an account by its number", "123123123123"],
  ["the unique ID of somebody who is gone", "AROAEXAMPLEID1234567"],
])("S3 takes no policy that names what does not exist: %s", async (_, principal) => {
  await expect(letIn(["arn:aws:iam::222222222222:root", principal])).rejects.toMatchObject({
    name: "MalformedPolicy",
    message: "Invalid principal in policy",
    Detail: `"${principal}"`,
  });
});

test("a role may have to be made with a boundary", async () => {
  const iam = client(IAMClient, owner);
  const PolicyDocument = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "*" }],
  });
  const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: "reads-only", PolicyDocument }));
  const PermissionsBoundary = Policy?.Arn ?? "";
  const { User } = await iam.send(new CreateUserCommand({ UserName: "bounded" }));
  const allowed = {
    Effect: "Allow",
    Action: "iam:CreateRole",
    Resource: "*",
    Condition: { StringEquals: { "iam:PermissionsBoundary": PermissionsBoundary } },
  };
  await iam.send(
    new PutUserPolicyCommand({
      UserName: "bounded",
      PolicyName: "bounded",
      PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [allowed] }),
    }),
  );
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: "bounded" }));
  const theirs = client(IAMClient, {
    accessKeyId: AccessKey?.AccessKeyId ?? "",
    secretAccessKey: AccessKey?.SecretAccessKey ?? "",
  });
  const role = { RoleName: "bounded", AssumeRolePolicyDocument: PolicyDocument };
  await expect(theirs.send(new CreateRoleCommand(role))).rejects.toThrow(/not authorized/);
  await theirs.send(new CreateRoleCommand({ ...role, PermissionsBoundary }));
  const simulate = async (...ContextKeyValues: string[]) => {
    const { EvaluationResults } = await iam.send(
      new SimulatePrincipalPolicyCommand({
        PolicySourceArn: User?.Arn,
        ActionNames: ["iam:CreateRole"],
        ContextEntries: ContextKeyValues.map((value) => ({
          ContextKeyName: "iam:PermissionsBoundary",
          ContextKeyType: "string",
          ContextKeyValues: [value],
        })),
      }),
    );
    return EvaluationResults?.[0];
  };
  expect(await simulate(PermissionsBoundary)).toMatchObject({ EvalDecision: "allowed" });
  expect(await simulate("arn:aws:iam::111111111111:policy/other")).toMatchObject({
    EvalDecision: "implicitDeny",
    MissingContextValues: [],
  });
  expect(await simulate()).toMatchObject({
    EvalDecision: "implicitDeny",
    MissingContextValues: ["iam:PermissionsBoundary"],
  });
});

test("a right on roles below a path is one for that path alone", async () => {
  const iam = client(IAMClient, owner);
  await iam.send(new CreateUserCommand({ UserName: "platform" }));
  const Resource = "arn:aws:iam::111111111111:role/platform/*";
  const Statement = [{ Effect: "Allow", Action: ["iam:CreateRole", "iam:GetRole"], Resource }];
  const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
  await iam.send(new PutUserPolicyCommand({ UserName: "platform", PolicyName: "own", PolicyDocument }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: "platform" }));
  const theirs = client(IAMClient, {
    accessKeyId: AccessKey?.AccessKeyId ?? "",
    secretAccessKey: AccessKey?.SecretAccessKey ?? "",
  });
  const role = { RoleName: "on-a-path", AssumeRolePolicyDocument: PolicyDocument };
  await expect(theirs.send(new CreateRoleCommand(role))).rejects.toThrow(/not authorized/);
  await expect(theirs.send(new CreateRoleCommand({ ...role, Path: "/other/" }))).rejects.toThrow(/not auth/);
  await theirs.send(new CreateRoleCommand({ ...role, Path: "/platform/" }));
  await theirs.send(new GetRoleCommand({ RoleName: "on-a-path" }));
  // Nobody knows the path of a role that is not there.
  await expect(theirs.send(new GetRoleCommand({ RoleName: "nowhere" }))).rejects.toThrow(/not authorized/);
});

test("a role that is deleted turns into an ID, with which no policy can be put any more", async () => {
  const arn = await partnerRole("short-lived");
  await letIn(["222222222222", arn]);
  const policy = async () =>
    (await s3(owner).send(new GetBucketPolicyCommand({ Bucket: BUCKET }))).Policy ?? "";
  expect(await policy()).toContain('"arn:aws:iam::222222222222:root"');
  expect(await policy()).toContain(arn);
  const iam = client(IAMClient, partner);
  const { DeleteRolePolicyCommand } = await import("@aws-sdk/client-iam");
  await iam.send(new DeleteRolePolicyCommand({ RoleName: "short-lived", PolicyName: "all" }));
  await iam.send(new DeleteRoleCommand({ RoleName: "short-lived" }));
  const left = await policy();
  expect(left).toMatch(/"AROA[0-9A-F]{17}"/);
  await expect(s3(owner).send(new PutBucketPolicyCommand({ Bucket: BUCKET, Policy: left }))).rejects.toThrow(
    "Invalid principal in policy",
  );
});

test("an account with a condition on aws:PrincipalArn is that role alone, in any of its sessions", async () => {
  const [meant, other] = [await partnerRole("meant"), await partnerRole("other")];
  await client(IAMClient, partner).send(new CreateUserCommand({ UserName: "meant" }));
  await letIn("222222222222", { Condition: { ArnEquals: { "aws:PrincipalArn": meant } } });
  const reader = await session(meant);
  await get(reader);
  await list(reader);
  for (const refused of [await session(other), partner]) {
    await expect(get(refused)).rejects.toThrow(/Access ?Denied/);
    await expect(list(refused)).rejects.toThrow(/Access ?Denied/);
  }
});

test("a role or user that a policy names is that one, and not its whole account", async () => {
  const arn = await partnerRole("named");
  await letIn(arn);
  await get(await session(arn));
  await expect(get(partner)).rejects.toThrow(/Access ?Denied/);
});

describe("objects encrypted with a key of KMS", () => {
  const SECRET = "raw/ami/secret.txt";
  const decrypting = (more: object) => ({ Effect: "Allow", Action: "kms:Decrypt", Resource: "*", ...more });
  const through = (service: string) => ({ Condition: { StringEquals: { "kms:ViaService": service } } });
  const read = (credentials: Credentials) =>
    s3(credentials).send(new GetObjectCommand({ Bucket: BUCKET, Key: SECRET }));
  let key = "";

  beforeAll(async () => {
    key = await makeKey(cloud, "111111111111", []);
    await s3(owner).send(
      new PutObjectCommand({
        Bucket: BUCKET,
        Key: SECRET,
        Body: "x",
        ServerSideEncryption: "aws:kms",
        SSEKMSKeyId: key,
      }),
    );
    await letIn(["111111111111", "222222222222"]);
  });

  test("are read by nobody whom the key's policy does not let, though they may get them", async () => {
    await expect(read(owner)).rejects.toThrow(
      /not authorized to perform: kms:Decrypt on resource: arn:aws:kms/,
    );
    await s3(owner).send(new GetObjectCommand({ Bucket: BUCKET, Key: KEY }));
    await setKeyPolicy(cloud, "111111111111", key, [byOwnPolicies("111111111111")]);
    await read(owner);
    await expect(read(partner)).rejects.toThrow(/kms:Decrypt/);
  });

  test("are read by another account where the key's policy says so, through S3", async () => {
    const account = { Principal: { AWS: "222222222222" } };
    await setKeyPolicy(cloud, "111111111111", key, [
      byOwnPolicies("111111111111"),
      decrypting({ ...account, ...through("ec2.us-east-1.amazonaws.com") }),
    ]);
    await expect(read(partner)).rejects.toThrow(/kms:Decrypt/);
    await setKeyPolicy(cloud, "111111111111", key, [
      byOwnPolicies("111111111111"),
      decrypting({ ...account, ...through("s3.us-east-1.amazonaws.com") }),
    ]);
    await read(partner);
  });

  test("are read by a role only when its own policies allow decrypting as well", async () => {
    const weak = await ensureUser(
      cloud,
      { accountId: "111111111111", userName: "weak", actions: ["s3:*"] },
      undefined,
    );
    await expect(read(weak)).rejects.toThrow(/kms:Decrypt/);
  });
});
