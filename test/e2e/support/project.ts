/**
 * The project as a person has it: its program in a folder, with stack config files beside it, on a sandbox of its own.
 * The folder is a temporary one whose entries link to the real ones, so that tests may add stacks without a trace.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import { stringify } from "yaml";
import { openSession, type Row, type Session } from "../../../components/snowflake/session.ts";
import { clientSettings } from "../../../sandbox/aws/ministack.ts";
import { type Sandbox, startSandbox } from "../../../sandbox/sandbox.ts";
import { STACK_FILES } from "../../support/stack-files.ts";

const root = resolve(__dirname, "../../..");

/** Whose login a command or a client uses. */
export type PartyName = "owner" | "partner" | "stranger";

export interface Run {
  exitCode: number;
  /** All that was printed. */
  output: string;
}

/** Variables of the environment; undefined ones are not set. */
export type Variables = Readonly<Record<string, string | undefined>>;

type Values = Record<string, string | number | boolean | object>;

export class Project {
  readonly folder: string;
  readonly sandbox: Sandbox;
  private readonly sessions = new Map<PartyName, Promise<Session>>();
  private readonly logins = new Map<PartyName, Variables>();

  private constructor(folder: string, sandbox: Sandbox) {
    this.folder = folder;
    this.sandbox = sandbox;
  }

  static async start(): Promise<Project> {
    const folder = mkdtempSync(join(tmpdir(), "flux-project-"));
    for (const entry of [...STACK_FILES, "node_modules"]) symlinkSync(join(root, entry), join(folder, entry));
    return new Project(folder, await startSandbox({ dir: join(folder, ".sandbox"), dependent: true }));
  }

  async stop(): Promise<void> {
    for (const session of this.sessions.values()) await (await session).close();
    await this.sandbox.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Makes the readings, and METER_INFRASTRUCTURE with as many meters; `more` are options of the seed. */
  async seed(meters: number, days: number, more: string[] = [], party: PartyName = "owner"): Promise<void> {
    const seed = join(root, "sandbox/seed/main.ts");
    const args = [seed, "--meters", String(meters), "--days", String(days), ...more];
    const { exitCode, output } = await this.run("node", args, party);
    if (exitCode !== 0) throw new Error(`the seed failed:\n${output}`);
  }

  /** Writes a stack's config file, as a person would; its stack need not exist. */
  write(stack: string, config: Values): void {
    writeFileSync(join(this.folder, `Pulumi.${stack}.yaml`), stringify({ config }));
  }

  /** Takes a stack's config file away. */
  remove(stack: string): void {
    rmSync(join(this.folder, `Pulumi.${stack}.yaml`));
  }

  /** Writes a stack's config file and makes the stack. */
  async init(stack: string, config: Values): Promise<void> {
    this.write(stack, config);
    await this.pulumiOk(stack, ["stack", "init"]);
  }

  /** Runs the engine on a stack and tells how it ended; `env` replaces variables of the party. */
  pulumi(
    stack: string,
    args: string[],
    party: PartyName = "owner",
    env: Record<string, string> = {},
  ): Promise<Run> {
    const fixed = ["--stack", stack, "--non-interactive", "--color", "never"];
    return this.run("pulumi", [...args, ...fixed], party, env);
  }

  /** Runs the engine on a stack; throws what it printed unless it succeeded. */
  async pulumiOk(stack: string, args: string[], party: PartyName = "owner"): Promise<string> {
    const { exitCode, output } = await this.pulumi(stack, args, party);
    if (exitCode !== 0) throw new Error(`pulumi ${args.join(" ")} on ${stack} failed:\n${output}`);
    return output;
  }

  /** Runs one of the project's commands on a stack, as `make` does. */
  make(name: string, stack: string, party: PartyName = "owner"): Promise<Run> {
    return this.run("node", [join(root, `commands/${name}.ts`), "--stack", stack], party);
  }

  /** Runs the review on a stack, from a folder of the checkout. */
  review(stack: string, folder: string): Promise<Run> {
    const script = join(root, "review/main.ts");
    return this.run("node", [script, "preview", "--stack", stack], "owner", {}, join(root, folder));
  }

  /** Replaces a stack's state. */
  async importState(stack: string, state: string): Promise<void> {
    const file = join(this.folder, "state.json");
    writeFileSync(file, state);
    await this.pulumiOk(stack, ["stack", "import", "--file", file]);
  }

  up(stack: string, party?: PartyName): Promise<string> {
    return this.pulumiOk(stack, ["up", "--yes", "--skip-preview"], party);
  }

  destroy(stack: string, party?: PartyName): Promise<string> {
    return this.pulumiOk(stack, ["destroy", "--yes", "--skip-preview"], party);
  }

  async outputs(stack: string): Promise<Record<string, unknown>> {
    return JSON.parse(await this.pulumiOk(stack, ["stack", "output", "--json"]));
  }

  /** Runs a statement in a party's Snowflake account. */
  async sql(party: PartyName, statement: string): Promise<Row[]> {
    return (await this.session(party)).rows(statement);
  }

  /** Runs a text of several statements, as a person pastes them. Gives the last one's rows. */
  async script(party: PartyName, text: string): Promise<Row[]> {
    let rows: Row[] = [];
    const statements = text.replace(/^--.*$/gm, "").split(/;\s*$/m);
    for (const statement of statements.filter((one) => one.trim() !== ""))
      rows = await this.sql(party, statement);
    return rows;
  }

  /** An S3 client with a party's own login. */
  s3(party: PartyName): S3Client {
    return new S3Client({
      ...clientSettings(this.sandbox.aws, this.sandbox.accounts[party].aws),
      forcePathStyle: true,
    });
  }

  /** Runs a command in the project's folder as its owner; `env` replaces variables, and takes undefined ones away. */
  command(
    command: string,
    args: string[],
    env: Record<string, string | undefined> = {},
  ): Promise<{ exitCode: number; stdout: string; stderr: string }> {
    const options = { cwd: this.folder, env: { ...this.environment("owner"), ...env }, maxBuffer: 1 << 26 };
    return new Promise((resolve) => {
      execFile(command, args, options, (error, stdout, stderr) => {
        const exitCode = error ? (typeof error.code === "number" ? error.code : 1) : 0;
        resolve({ exitCode, stdout, stderr });
      });
    });
  }

  /** What doctor finds on a stack, check by check; `env` as of a command. */
  async doctor(
    stack: string,
    env?: Variables,
  ): Promise<readonly { id: string; state: string; cure?: string }[]> {
    const main = join(this.folder, "preflight/main.ts");
    const { stdout, stderr } = await this.command("node", [main, "--stack", stack, "--output", "json"], env);
    if (stdout === "") throw new Error(`doctor said nothing: ${stderr}`);
    return JSON.parse(stdout).checks;
  }

  /** A folder beside this one, with the same packages and stacks, whose package.json wants more, or others. */
  other(dependencies: Record<string, string>): string {
    const folder = mkdtempSync(join(this.folder, "other-"));
    const own = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const wanted = { ...own, dependencies: { ...own.dependencies, ...dependencies } };
    writeFileSync(join(folder, "package.json"), JSON.stringify(wanted));
    for (const entry of [
      "node_modules",
      ...readdirSync(this.folder).filter((name) => /^Pulumi\./.test(name)),
    ])
      symlinkSync(join(this.folder, entry), join(folder, entry));
    return folder;
  }

  /** Lets a party's commands run under another login; without one, under the administrator's of before. */
  logIn(party: PartyName, login: Variables = {}): void {
    this.logins.set(party, login);
  }

  /** The environment in which a party works. */
  environment(party: PartyName): Variables {
    const { aws, snowflake } = this.sandbox.accounts[party];
    return {
      ...this.sandbox.env,
      AWS_ACCESS_KEY_ID: aws.accessKeyId,
      AWS_SECRET_ACCESS_KEY: aws.secretAccessKey,
      SNOWFLAKE_ORGANIZATION_NAME: snowflake.organization,
      SNOWFLAKE_ACCOUNT_NAME: snowflake.account,
      SNOWFLAKE_USER: snowflake.user,
      SNOWFLAKE_PASSWORD: snowflake.password,
      SNOWFLAKE_ROLE: snowflake.role,
      ...this.logins.get(party),
    };
  }

  private session(party: PartyName): Promise<Session> {
    const known = this.sessions.get(party);
    if (known) return known;
    const { organization, account, user, password, role } = this.sandbox.accounts[party].snowflake;
    const opened = openSession(
      {
        account: `${organization}-${account}`,
        user,
        password,
        accessUrl: `http://127.0.0.1:${this.sandbox.snowflake.port}`,
      },
      { tag: "test", setup: [`USE ROLE ${role}`, "USE SECONDARY ROLES NONE"] },
    );
    this.sessions.set(party, opened);
    return opened;
  }

  private run(
    command: string,
    args: string[],
    party: PartyName,
    env: Record<string, string> = {},
    cwd = this.folder,
  ): Promise<Run> {
    const options = {
      cwd,
      env: { ...this.environment(party), ...env },
      maxBuffer: 1 << 26,
      timeout: 240_000,
    };
    return new Promise((resolve) => {
      execFile(command, args, options, (error, stdout, stderr) => {
        const exitCode = error ? (typeof error.code === "number" ? error.code : 1) : 0;
        resolve({ exitCode, output: `${stdout}${stderr}` });
      });
    });
  }
}
