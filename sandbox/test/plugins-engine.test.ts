/** The language host and the stand-in plugins under the real engine. */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import execa from "execa";
import { startAws, stopAws } from "../aws/ministack.ts";
import { processEnvironment, sandboxVariables, writeEnvironment } from "../environment.ts";
import { prepareAccounts } from "../parties.ts";
import { root } from "../paths.ts";
import { temporaryFolder } from "./support/folder.ts";

jest.setTimeout(300_000);

const folder = temporaryFolder("engine");
const { dir } = folder;
const project = join(dir, "project");
let env: Record<string, string>;

function write(path: string, text: string) {
  mkdirSync(dirname(join(project, path)), { recursive: true });
  writeFileSync(join(project, path), text);
}

async function pulumi(...args: string[]): Promise<{ code: number; out: string }> {
  const { exitCode, all = "" } = await execa("pulumi", [...args, "--color", "never", "--non-interactive"], {
    cwd: project,
    env,
    extendEnv: false,
    all: true,
    reject: false,
    timeout: 200_000,
  });
  return { code: exitCode, out: all };
}

const runtime = "runtime:\n  name: nodejs\n  options:\n    typescript: false\n";

beforeAll(async () => {
  const { aws } = await startAws(join(dir, "aws"), true);
  const { accounts } = await prepareAccounts(join(dir, "secrets"), join(dir, "snowflake"), aws);
  const variables = sandboxVariables(dir, aws, 1, accounts);
  writeEnvironment(dir, variables, aws, accounts);
  env = processEnvironment(variables);
  mkdirSync(project);
  symlinkSync(join(root, "node_modules"), join(project, "node_modules"));
  write("Pulumi.yaml", `name: proof\nmain: index.ts\n${runtime}`);
  const dependencies = { "@pulumi/pulumi": "*", "@pulumi/aws": "*", "@pulumi/random": "*" };
  write("package.json", JSON.stringify({ type: "module", main: "index.ts", dependencies }));
  write("policies/PulumiPolicy.yaml", runtime);
  write("policies/package.json", JSON.stringify({ version: "1.0.0", type: "module", main: "main.js" }));
  write("policies/main.js", 'import "./pack.ts";\n');
  write(
    "policies/pack.ts",
    `import { PolicyPack, type ResourceValidationPolicy } from "@pulumi/policy";
    const tagged: ResourceValidationPolicy = {
      name: "tagged", description: "Buckets say their team.", enforcementLevel: "mandatory",
      validateResource: ({ type, props }, report) => {
        if (type === "aws:s3/bucket:Bucket" && !props.tags?.team) report("say tags.team");
      },
    };
    new PolicyPack("proof", { policies: [tagged] });`,
  );
  await pulumi("stack", "init", "test");
});

afterAll(async () => {
  await stopAws(join(dir, "aws"));
  folder.remove();
});

const program = (tags: string) => `
  import * as aws from "@pulumi/aws";
  import * as random from "@pulumi/random";
  const id = new random.RandomId("id", { byteLength: 4 });
  const bucket = new aws.s3.Bucket("raw", { tags: ${tags}, forceDestroy: true });
  new aws.s3.BucketPublicAccessBlock("block", { bucket: bucket.id, blockPublicAcls: true });
  const trust = id.hex.apply((externalId) => JSON.stringify({ Version: "2012-10-17", Statement: [{
    Effect: "Allow", Principal: { AWS: "999999999999" }, Action: "sts:AssumeRole",
    Condition: { StringEquals: { "sts:ExternalId": externalId } } }] }));
  const role = new aws.iam.Role("reader", { assumeRolePolicy: trust });
  new aws.iam.RolePolicy("read", { role: role.id, policy: { Version: "2012-10-17", Statement: [
    { Effect: "Allow", Action: "s3:GetObject", Resource: bucket.arn.apply((arn) => arn + "/raw/*") }] } });
  export const name = bucket.bucket;
`;

it("brings a program up, sees no change, sees drift, repairs it, and takes all down", async () => {
  write("index.ts", program('{ team: "ami" }'));
  const up = await pulumi("up", "--yes", "--policy-pack", "policies");
  expect(up.out).toContain("6 created");
  expect(up.code).toBe(0);
  expect((await pulumi("preview", "--expect-no-changes", "--policy-pack", "policies")).code).toBe(0);
  expect((await pulumi("preview", "--refresh", "--expect-no-changes")).code).toBe(0);

  const bucket = (await pulumi("stack", "output", "name")).out.trim();
  const script = `const { S3Client, PutBucketTaggingCommand } = await import("@aws-sdk/client-s3");
    await new S3Client({}).send(new PutBucketTaggingCommand({ Bucket: "${bucket}",
      Tagging: { TagSet: [{ Key: "team", Value: "other" }] } }));`;
  await execa("node", ["--input-type=module", "-e", script], { cwd: project, env, extendEnv: false });
  const drift = await pulumi("preview", "--refresh", "--diff");
  expect(drift.out).toMatch(/~ team: "other" => "ami"/);
  expect((await pulumi("up", "--yes", "--refresh")).out).toContain("1 updated");
  expect((await pulumi("preview", "--refresh", "--expect-no-changes")).code).toBe(0);

  const down = await pulumi("destroy", "--yes");
  expect(down.out).toContain("6 deleted");
  expect(down.code).toBe(0);
});

it("stops what a policy forbids", async () => {
  write("index.ts", program("{}"));
  const { code, out } = await pulumi("preview", "--policy-pack", "policies");
  expect(code).not.toBe(0);
  expect(out).toMatch(/\[mandatory\]\s+tagged .*Bucket: raw/);
  expect(out).toContain("say tags.team");
});

it("tells a program's own failure once, and fails", async () => {
  write("index.ts", 'throw new Error("the config is wrong");');
  const { code, out } = await pulumi("preview");
  expect(code).not.toBe(0);
  expect(out).toContain("Error: the config is wrong");
  expect(out).not.toContain("exited with code");
});

it("fails when the program ends with an exit code of its own", async () => {
  write("index.ts", "process.exit(7);");
  const { code, out } = await pulumi("preview");
  expect(code).not.toBe(0);
  expect(out).toContain("the program exited with code 7");
});

it("names the input that a stand-in plugin does not offer", async () => {
  write("index.ts", 'import * as aws from "@pulumi/aws"; new aws.s3.Bucket("raw", { acl: "private" });');
  const { code, out } = await pulumi("preview");
  expect(code).not.toBe(0);
  expect(out).toContain('the sandbox\'s plugin does not offer "acl" of aws:s3/bucket:Bucket');
});
