/** docs/real-account.md, typed from top to bottom by somebody who has two accounts: those of the sandbox. */
import { appendFileSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { CreateRoleCommand, GetRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { clientSettings } from "../../sandbox/aws/ministack.ts";
import { kms } from "../../sandbox/test/support/kms.ts";
import { Project } from "./support/project.ts";

jest.setTimeout(300_000);

const root = resolve(__dirname, "../..");
const ACCOUNT = "111111111111";
const BUCKET = "flux-sandbox-raw-111111111111";
const blocks = [
  ...readFileSync(join(root, "docs/real-account.md"), "utf8").matchAll(/```sh\n([\s\S]*?)```/g),
].map(([, text = ""]) => text);
const typed = new Set<string>();

let project: Project;
let iam: IAMClient;
/** The login of the role that deploys, as variables. */
let session = "";
/** What the page leaves to its reader. */
const blanks: Record<string, string> = {
  "<bucket for state>": "flux-state",
  "<your role>": "platform-deployer",
  "<passphrase>": "open-sesame",
};

/** All that another page gives in fenced blocks of a language. */
const blocksOf = (page: string, language: string) =>
  [
    ...readFileSync(join(root, page), "utf8").matchAll(
      new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, "g"),
    ),
  ].map(([, text = ""]) => text);

/** Types the page's one block that has these words; gives what it printed. */
async function type(words: string, left: RegExp = /^$/): Promise<string> {
  const found = blocks.filter((block) => block.includes(words));
  expect(found).toHaveLength(1);
  const [block = ""] = found;
  typed.add(block);
  const lines = block
    .split("\n")
    .filter((line) => !left.test(line))
    .map((line) => Object.entries(blanks).reduce((text, [blank, is]) => text.replaceAll(blank, is), line))
    // A login to a backend would be written down for all tests; nobody is there to say yes, nor to type a passphrase.
    .map((line) => line.replace(/^pulumi login (.*)/, "export PULUMI_BACKEND_URL=$1"))
    // Where the profile leads; the engine's own client does not trust the sandbox's authority when it assumes a role.
    .map((line) => line.replace(/^export AWS_PROFILE=.*/, `export ${session}`))
    .map((line) => line.replace(/pulumi (up|destroy) -s prod/, "pulumi $1 -s prod --yes --skip-preview"))
    .map((line) => line.replace("pulumi stack rm prod", "pulumi stack rm prod --yes"))
    .map((line) => line.replace("-out flux.p8", "-out flux.p8 -passout pass:open-sesame"))
    .map((line) => line.replace("-in flux.p8", "-in flux.p8 -passin pass:open-sesame"));
  const stdout = await run(lines);
  for (const line of lines.filter((line) => line.startsWith("export ")))
    appendFileSync(join(project.folder, "session.sh"), `${line}\n`);
  return stdout;
}

/** Types lines into a shell of whoever follows the page. */
async function run(lines: string[]): Promise<string> {
  const aws = `aws() { node ${join(root, "test/e2e/support/aws-commands.ts")} "$@"; }`;
  const text = ["set -e", aws, ". ./session.sh", ...lines].join("\n");
  const { exitCode, stdout, stderr } = await project.command("sh", ["-c", text]);
  const said = `${exitCode}: ${text}\n${stdout}${stderr}`;
  expect(said).toMatch(/^0: /);
  return stdout;
}

async function sessionOfDeployer(): Promise<string> {
  const sts = new STSClient(clientSettings(project.sandbox.aws, project.sandbox.accounts.owner.aws));
  const RoleArn = `arn:aws:iam::${ACCOUNT}:role/platform-deployer`;
  const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "page" }));
  sts.destroy();
  const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials ?? {};
  return `AWS_ACCESS_KEY_ID='${AccessKeyId}' AWS_SECRET_ACCESS_KEY='${SecretAccessKey}' AWS_SESSION_TOKEN='${SessionToken}'`;
}

/** Runs what the pages give to be run by hand, in a session that begins as they say; none of it finds a row. */
async function sqlOfPages(): Promise<void> {
  const [begun = "", ...dayTwo] = blocksOf("docs/day-two.md", "sql").filter(
    (block) => !block.startsWith("TRUNCATE"),
  );
  const loading = blocksOf("docs/loading.md", "sql").map((block) => block.replace("FLUX_DEV", "FLUX_PROD"));
  expect(begun).toMatch(
    /^USE ROLE FLUX_PROD_DEPLOYER;\nUSE WAREHOUSE FLUX_PROD_LOAD_WH;\nUSE SCHEMA FLUX_PROD\.PRODUCTION;/,
  );
  await project.sql("owner", "USE SECONDARY ROLES NONE");
  await project.script("owner", begun);
  const blocks = [...dayTwo, ...loading].map((block) =>
    block.replace("CURRENT_DATE()", "'2026-07-01'::DATE"),
  );
  expect(blocks).toHaveLength(5);
  for (const block of blocks) await project.sql("owner", block);
  await project.sql("owner", "USE ROLE ACCOUNTADMIN");
}

beforeAll(async () => {
  project = await Project.start();
  await project.seed(10, 2);
  for (const part of ["Makefile", "commands", "report", "Pulumi.dev.yaml"])
    symlinkSync(join(root, part), join(project.folder, part));
  const unset = [
    "PULUMI_BACKEND_URL",
    "PULUMI_CONFIG_PASSPHRASE",
    "SNOWFLAKE_PASSWORD",
    "SNOWFLAKE_ROLE",
    "SNOWFLAKE_USER",
  ];
  // The region of a profile need not be that of the bucket, nor of the key.
  const session = `unset ${unset.join(" ")}\nexport AWS_REGION=eu-west-1\n`;
  writeFileSync(join(project.folder, "session.sh"), session);
  iam = new IAMClient(
    clientSettings(project.sandbox.aws, { accessKeyId: ACCOUNT, secretAccessKey: ACCOUNT }),
  );
  const Statement = [{ Effect: "Allow", Principal: { AWS: ACCOUNT }, Action: "sts:AssumeRole" }];
  const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
  await iam.send(new CreateRoleCommand({ RoleName: "platform-deployer", AssumeRolePolicyDocument }));
});
afterAll(() => project.stop());

test("the project, and where state and secrets are kept", async () => {
  await type("git clone", /^(git clone|npm ci)/);
  const file = join(project.folder, "Pulumi.prod.yaml");
  const text = readFileSync(file, "utf8")
    .replace("MYORG", "FLUX")
    .replace("MYACCOUNT", "OPERATIONS")
    .replace("123456789012", ACCOUNT)
    .replace(/.*snowflake:role.*\n/, "")
    .replace(/# (flux-ami:bucketName: ).*/, `$1${BUCKET}`)
    .replace("# flux-ami:adoptBucket", "flux-ami:useBucket");
  writeFileSync(file, text);
  await type("create-bucket");
  expect(readFileSync(file, "utf8")).toContain("secretsprovider: awskms://alias/flux-prod");
});

test("rights and logins, and doctor under them", async () => {
  await type("--stack prod aws > deployer.json");
  await type("flux-prod-deployer --policy-document");
  const described = (await kms(project.sandbox.aws, ACCOUNT, "DescribeKey", {
    KeyId: "alias/flux-prod",
  })) as {
    KeyMetadata: { Arn: string };
  };
  blanks["<ARN of the key for state>"] = described.KeyMetadata.Arn;
  session = await sessionOfDeployer();
  expect(await type("flux-prod-state")).toContain("assumed-role/platform-deployer/");
  const publicKey = (await type("openssl genrsa")).trim();
  const sql = readFileSync(join(project.folder, "deployer.sql"), "utf8");
  await project.script("owner", sql.replace("<public key>", publicKey));
  await type("flux-ami:deployerRoleName");
  expect(await type("make doctor")).toContain("0 failed");
});

test("the stacks of the other pages keep their secrets under the same key, and what was kept secret before can be read", async () => {
  const file = (stack: string) => readFileSync(join(project.folder, `Pulumi.${stack}.yaml`), "utf8");
  const secretOf = async (stack: string) =>
    (await run([`pulumi config get -s ${stack} snowflake:token`])).trim();
  const init = (page: string, stack: string) =>
    blocksOf(page, "sh")
      .flatMap((block) => block.split("\n"))
      .filter((line) => line.startsWith(`pulumi stack init ${stack} `));
  await run(["pulumi config set -s prod --secret snowflake:token hush-hush"]);

  await run(["cp Pulumi.prod.yaml Pulumi.test.yaml", ...init("docs/day-two.md", "test")]);
  expect(await secretOf("test")).toBe("hush-hush");
  // The state is lost, and the file is there.
  await run(["pulumi stack rm prod --yes --preserve-config", ...init("docs/day-two.md", "prod")]);
  expect(await secretOf("prod")).toBe("hush-hush");
  const partners = init("docs/let-a-partner-in.md", "gridworks");
  expect(new Set(partners).size).toBe(1);
  await run(partners.slice(0, 1));
  const provider = /^secretsprovider: .*/m.exec(file("prod"))?.[0];
  for (const stack of ["test", "gridworks"]) {
    expect(file(stack)).toContain(provider);
    expect(file(stack)).toContain("encryptedkey: ");
  }
  await run(["test", "gridworks"].map((stack) => `pulumi stack rm ${stack} --yes`));
  await run(["pulumi config rm -s prod snowflake:token"]);
});

test("preview, up, who only looks, and undoing it all", async () => {
  expect(await type("make status")).toMatch(/verified|published/);
  expect(await type("--viewer aws")).toMatch(
    /"Version": "2012-10-17"[\s\S]*CREATE USER IF NOT EXISTS FLUX_PROD_VIEWER/,
  );
  await sqlOfPages();
  await type("pulumi destroy");
  await expect(iam.send(new GetRoleCommand({ RoleName: "flux-prod-snowflake-raw-ami" }))).rejects.toThrow();
  await project.sql("owner", "CREATE WAREHOUSE LOOKING_WH");
  expect(
    await project.sql("owner", "SELECT COUNT(*) AS N FROM FLUX_PROD.PRODUCTION.AMI_INTERVAL_READINGS"),
  ).toEqual([{ N: 10 * 2 * 96 }]);
});

test("nothing of the page was left out but what a key of files takes", () => {
  const left = blocks.filter((block) => !typed.has(block));
  expect(left).toEqual([expect.stringContaining("flux-ami:kmsKeyArns[0]")]);
});
