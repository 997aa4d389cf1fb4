/**
 * A copy of the project with a stack of its own on a sandbox of its own, so that tests can change program and config as
 * a pull request would, and have the change reviewed by the script that CI calls.
 */
import { execFileSync, spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { GetRoleCommand, IAMClient, UpdateAssumeRolePolicyCommand } from "@aws-sdk/client-iam";
import { DeleteBucketPolicyCommand, S3Client } from "@aws-sdk/client-s3";
import { parse } from "yaml";
import { openSession, type Row } from "../../../components/snowflake/session.ts";
import type { Review } from "../../../review/review.ts";
import { clientSettings } from "../../../sandbox/aws/ministack.ts";
import { type Sandbox, startSandbox } from "../../../sandbox/sandbox.ts";
import { STACK_FILES } from "../../support/stack-files.ts";

const root = resolve(__dirname, "../../..");
const MINUTE = 60_000;

/** Variables beside those of the sandbox, which they replace; undefined ones are taken away. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface Outcome {
  readonly exitCode: number | null;
  /** What was printed, standard output and errors together. */
  readonly output: string;
}

export interface Reviewed extends Outcome {
  readonly report: string;
  readonly review: Review;
}

export class ReviewStack {
  readonly name: string;
  readonly sandbox: Sandbox;
  /** Folder of the copied project. */
  readonly project: string;
  private readonly folder: string;

  private constructor(name: string, sandbox: Sandbox, folder: string, project: string) {
    this.name = name;
    this.sandbox = sandbox;
    this.folder = folder;
    this.project = project;
  }

  /** Starts the sandbox and makes the stack with this config; keys without a namespace are the project's. */
  static async start(name: string, config: Record<string, unknown>): Promise<ReviewStack> {
    const folder = mkdtempSync(join(tmpdir(), "review-"));
    const project = join(folder, "project");
    const sandbox = await startSandbox({ dir: join(folder, "sandbox"), dependent: true });
    for (const part of STACK_FILES) cpSync(join(root, part), join(project, part), { recursive: true });
    for (const beside of ["node_modules", "commands", "report"])
      symlinkSync(join(root, beside), join(project, beside));
    const stack = new ReviewStack(name, sandbox, folder, project);
    stack.configure(config);
    stack.pulumi("stack", "init", name);
    return stack;
  }

  /** Writes the stack's config file anew. */
  configure(config: Record<string, unknown>, stack = this.name): void {
    const named = Object.entries(config).map(([key, value]) => [
      key.includes(":") ? key : `flux-ami:${key}`,
      value,
    ]);
    const file = join(this.project, `Pulumi.${stack}.yaml`);
    // The salt of the passphrase lies in the same file and has to stay.
    const { encryptionsalt } = existsSync(file)
      ? parse(readFileSync(file, "utf8"))
      : { encryptionsalt: undefined };
    // JSON is YAML.
    writeFileSync(file, `${JSON.stringify({ config: Object.fromEntries(named), encryptionsalt })}\n`);
  }

  /** Changes a file of the program; the text must be there. */
  edit(file: string, from: string, to: string): void {
    const path = join(this.project, file);
    const text = readFileSync(path, "utf8");
    if (!text.includes(from)) throw new Error(`${file} does not hold ${JSON.stringify(from)}`);
    writeFileSync(
      path,
      text.replace(from, () => to),
    );
  }

  /** Puts the program back as it is in the project, with this stack's config file alone. */
  restore(): void {
    for (const file of readdirSync(this.project)) {
      if (/^Pulumi\..+\.yaml$/.test(file) && file !== `Pulumi.${this.name}.yaml`)
        rmSync(join(this.project, file));
    }
    for (const part of STACK_FILES) cpSync(join(root, part), join(this.project, part), { recursive: true });
  }

  /** Makes a stack beside the first. */
  init(stack: string, config: Record<string, unknown>): void {
    this.configure(config, stack);
    this.pulumi("stack", "init", stack);
  }

  up(...options: string[]): Promise<Outcome> {
    const policies = ["--policy-pack", "policies", "--policy-pack-config", this.policySettings()];
    const quiet = ["--yes", "--non-interactive", "--color", "never"];
    return this.run("pulumi", ["up", ...quiet, "--stack", this.name, ...policies, ...options]);
  }

  preview(...options: string[]): Promise<Reviewed> {
    return this.review("preview", options);
  }

  /** Under another login, when its variables are given. */
  drift(env: Environment = {}, stack = this.name): Promise<Reviewed> {
    return this.review("drift", [], env, stack);
  }

  /** Applies the plan of the last preview, as a deployment does. */
  apply(): Promise<Outcome> {
    return this.script("review/apply.ts");
  }

  /** Runs one of the project's scripts on a stack. */
  script(path: string, args: readonly string[] = [], env: Environment = {}): Promise<Outcome> {
    return this.run("node", [join(root, path), "--stack", this.name, ...args], env);
  }

  private async review(
    of: string,
    options: readonly string[],
    env: Environment = {},
    stack = this.name,
  ): Promise<Reviewed> {
    this.policySettings();
    const args = [join(root, "review", "main.ts"), of, "--stack", stack, ...options];
    const outcome = await this.run("node", args, env);
    const read = (extension: string) =>
      readFileSync(join(this.project, ".review", `${stack}.${extension}`), "utf8");
    if (outcome.exitCode === 1) throw new Error(`no review: ${outcome.output}`);
    return { ...outcome, report: read("md"), review: JSON.parse(read("json")) };
  }

  /** This stack lives by the sandbox's settings. */
  private policySettings(): string {
    const file = join(this.project, "policies", "config", `${this.name}.json`);
    cpSync(join(root, "policies", "config", "sandbox.json"), file);
    return file;
  }

  /** As the Snowflake account's administrator, on this warehouse where the statement needs one. */
  async sql(statement: string, warehouse?: string): Promise<Row[]> {
    const { snowflake } = this.sandbox.accounts.owner;
    const session = await openSession(
      {
        account: `${snowflake.organization}-${snowflake.account}`,
        user: snowflake.user,
        password: snowflake.password,
        accessUrl: `http://127.0.0.1:${this.sandbox.snowflake.port}`,
      },
      { tag: "test", setup: ["USE ROLE ACCOUNTADMIN", ...(warehouse ? [`USE WAREHOUSE ${warehouse}`] : [])] },
    );
    try {
      return await session.rows(statement);
    } finally {
      await session.close();
    }
  }

  /** What somebody with too much power might do in AWS: lets a stranger assume the role, takes the bucket's policy away. */
  async tamper(bucket: string, role: string): Promise<void> {
    const settings = clientSettings(this.sandbox.aws, this.sandbox.accounts.owner.aws);
    const [iam, s3] = [new IAMClient(settings), new S3Client(settings)];
    try {
      const { Role } = await iam.send(new GetRoleCommand({ RoleName: role }));
      const trust = JSON.parse(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ""));
      trust.Statement.push({
        Effect: "Allow",
        Principal: { AWS: "arn:aws:iam::333333333333:root" },
        Action: "sts:AssumeRole",
      });
      await iam.send(
        new UpdateAssumeRolePolicyCommand({ RoleName: role, PolicyDocument: JSON.stringify(trust) }),
      );
      await s3.send(new DeleteBucketPolicyCommand({ Bucket: bucket }));
    } finally {
      iam.destroy();
      s3.destroy();
    }
  }

  /** The resources in the stack's state, by URN. */
  resources(): string[] {
    const { deployment } = JSON.parse(this.pulumi("stack", "export", "--stack", this.name));
    return (deployment.resources ?? []).map(({ urn }: { urn: string }) => urn);
  }

  /** Makes readings in a bucket, which is made when it is missing. */
  seed(bucket: string, meters: number, days: number, ...more: string[]): void {
    execFileSync(
      "node",
      [
        join(root, "sandbox", "seed", "main.ts"),
        "--bucket",
        bucket,
        "--meters",
        `${meters}`,
        "--days",
        `${days}`,
        "--readings-only",
        ...more,
      ],
      { env: this.sandbox.env, cwd: root, timeout: MINUTE, stdio: "pipe" },
    );
  }

  async stop(): Promise<void> {
    await this.sandbox.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private pulumi(...args: string[]): string {
    return execFileSync("pulumi", args, {
      cwd: this.project,
      env: this.sandbox.env,
      encoding: "utf8",
      timeout: MINUTE,
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  private run(command: string, args: readonly string[], env: Environment = {}): Promise<Outcome> {
    return new Promise((done, failed) => {
      const { child, output } = this.launch(command, args, env);
      child.once("error", failed);
      child.once("close", (exitCode) => done({ exitCode, output: output() }));
    });
  }

  /** Starts a command in the project's folder; `output` is what it has printed so far. */
  launch(command: string, args: readonly string[], env: Environment = {}) {
    const options = { cwd: this.project, env: { ...this.sandbox.env, ...env }, timeout: 5 * MINUTE };
    const child = spawn(command, args, options);
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        output += chunk.toString();
      });
    }
    return { child, output: () => output };
  }
}
