/**
 * What the checks look at. Each fact is looked up once, when the first check asks for it, and shared by the others. It is
 * told what it may not find out itself: where the project lies, the variables, and how `pulumi` is called.
 */
import { type Answer, callPulumi, resourcesIn, type StateResource } from "../components/existing/engine.ts";
import { grantsTo } from "../components/existing/rights.ts";
import { type Connection, readConnection } from "../components/snowflake/connection.ts";
import { inTime } from "../components/snowflake/retry.ts";
import type { Session } from "../components/snowflake/session.ts";
import { identifier } from "../components/sql.ts";
import {
  type EnvironmentConfig,
  neighbouringEnvironment,
  readConfig,
  type StackConfig,
} from "../config/index.ts";
import { neighboursIn, type Source } from "../config/source.ts";
import { Aws, type AwsSettings, type BucketHead, type Identity, type StoredFile } from "./aws.ts";

/** How long the services may take over a goodbye, and the command line over an answer. */
const CLOSING_MS = 2_000;
const PULUMI_MS = 20_000;

/** Whether the role has a privilege on an object, or on the account; with `toGrant`, so that it may pass it on. */
export type HasGrant = (privilege: string, on: string, name?: string, toGrant?: boolean) => boolean;

export interface Surroundings {
  readonly stack: string;
  /** Folder of the project. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Runs the engine's command line in that folder. */
  readonly pulumi: (args: readonly string[]) => Promise<Answer>;
  /** Version of this Node and kind of system, as `process` has them. */
  readonly node: string;
  readonly platform: string;
  /** What the clients of AWS are told beside region and login. */
  readonly aws?: AwsSettings;
  /** The config and the login, where the program has read them already. */
  readonly known?: { config: StackConfig; values: Readonly<Record<string, string>> };
}

/** The surroundings of this process. */
export function surroundings(stack: string): Surroundings {
  return {
    stack,
    folder: process.cwd(),
    environment: process.env,
    pulumi: (args) => callPulumi(args, { timeout: PULUMI_MS }),
    node: process.version,
    platform: process.platform,
  };
}

export class World {
  readonly at: Surroundings;
  /** Values of the config that are kept encrypted, as far as they were read. */
  readonly secrets: string[] = [];
  private readonly facts = new Map<string, Promise<unknown>>();
  private readonly closing: (() => Promise<unknown>)[] = [];

  constructor(at: Surroundings) {
    this.at = at;
  }

  /** Looks a fact up the first time. */
  once<T>(name: string, look: () => Promise<T>): Promise<T> {
    const known = this.facts.get(name) ?? look();
    this.facts.set(name, known);
    return known as Promise<T>;
  }

  /** What `pulumi` answers to these words. */
  pulumi(...args: string[]): Promise<Answer> {
    return this.once(`pulumi ${args.join(" ")}`, () => this.at.pulumi(args));
  }

  /** Where the state is kept, and as whom it is read. */
  backend(): Promise<Answer> {
    return this.pulumi("whoami", "--verbose");
  }

  /** Asks ahead for what checks will ask for one after the other: the command line and the driver are slow to start. */
  begin(): void {
    for (const ask of [
      () => this.pulumi("version"),
      () => this.backend(),
      () => this.exported(),
      () => this.decrypted(),
    ])
      void ask();
    void import("../components/snowflake/session.ts");
  }

  /** Exports the state: it says whether the stack is there, and what it has made. */
  exported(): Promise<Answer> {
    return this.pulumi("stack", "export", "--stack", this.at.stack);
  }

  /** Decrypts the config. */
  decrypted(): Promise<Answer> {
    return this.pulumi("config", "--json", "--show-secrets", "--stack", this.at.stack);
  }

  /** What the stack has made so far. */
  state(): Promise<readonly StateResource[]> {
    return this.once("state", async () => resourcesIn(await this.exported()));
  }

  /** Whether the stack itself has made a resource of this type under this name. */
  async made(type: string, name: string): Promise<boolean> {
    return (await this.state()).some(
      (one) => one.type === type && (one.inputs?.name === name || one.inputs?.bucket === name),
    );
  }

  /** Every config value with its full key, and the keys of those that are kept encrypted. */
  values(): Promise<{ values: Readonly<Record<string, string>>; secretKeys: string[] }> {
    return this.once("values", () => this.readValues());
  }

  private async readValues() {
    if (this.at.known) return { values: this.at.known.values, secretKeys: [] };
    const { exitCode, stdout, stderr } = await this.decrypted();
    if (exitCode !== 0) throw new Error(`\`pulumi config\` failed: ${stderr.trim()}`);
    const all = Object.entries(JSON.parse(stdout) as Record<string, { value?: string; secret?: boolean }>);
    this.secrets.push(...all.flatMap(([, { secret, value }]) => (secret && value ? [value] : [])));
    return {
      values: Object.fromEntries(all.map(([key, { value = "" }]) => [key, value])),
      secretKeys: all.filter(([, { secret }]) => secret).map(([key]) => key),
    };
  }

  /** The config as the program reads it. Throws a ConfigError that names its mistakes. */
  config(): Promise<StackConfig> {
    return this.once("config", async () => this.at.known?.config ?? readConfig(await this.source()));
  }

  private async source(): Promise<Source> {
    const { stack, folder, environment } = this.at;
    return {
      ...(await this.values()),
      stack,
      today: new Date().toISOString().slice(0, 10),
      environment,
      neighbours: () => neighboursIn(folder, stack),
    };
  }

  /** The config of the environment that the stack is, or that lets its partner in. */
  environment(): Promise<EnvironmentConfig> {
    return this.once("environment", async () => {
      const config = await this.config();
      if (config.kind === "environment") return config;
      if (config.kind !== "partner") throw new Error(`stack ${config.stack} is of no environment`);
      const owner = neighbouringEnvironment(config.owner, await this.source());
      if (owner) return owner;
      throw new Error(
        `there is no Pulumi.${config.owner}.yaml here of an environment, which flux-ami:owner names; put it beside Pulumi.${config.stack}.yaml`,
      );
    });
  }

  /** The clients of AWS, with the login and the region of the stack. */
  aws(): Promise<Aws> {
    return this.once("aws", async () => {
      const { region } = await this.config();
      const { values } = await this.values();
      const aws = new Aws(region, values, this.at.aws);
      this.closing.push(async () => aws.close());
      return aws;
    });
  }

  /** Who the login is. */
  identity(): Promise<Identity> {
    return this.once("identity", async () => (await this.aws()).identity());
  }

  /** The bucket, as this account sees it. */
  bucket(): Promise<BucketHead> {
    return this.once("bucket", async () => {
      const { bucketName, awsAccountId } = await this.environment();
      return (await this.aws()).head(bucketName, awsAccountId);
    });
  }

  /** What lies where the files are. */
  files(): Promise<{ files: StoredFile[]; all: boolean }> {
    return this.once("files", async () => {
      const { bucketName, prefix, readingsPath } = await this.environment();
      return (await this.aws()).files(bucketName, prefix + readingsPath);
    });
  }

  async connection(): Promise<Connection> {
    const { values } = await this.values();
    return readConnection((key) => values[key], this.at.environment as NodeJS.ProcessEnv);
  }

  /** A session of the login, under whichever role it begins with. */
  session(): Promise<Session> {
    return this.once("session", () => this.open([]));
  }

  private async open(setup: readonly string[]): Promise<Session> {
    const { openSession } = await import("../components/snowflake/session.ts");
    const session = await openSession(await this.connection(), {
      tag: "flux-ami doctor",
      setup,
      loginAttempts: 1,
    });
    this.closing.push(() => session.close());
    return session;
  }

  /**
   * The role of the provider's session, which makes everything: without one in config or variables, the user's default.
   * `flux-ami:deployerRoleName` is the one that gets the loader's role, and that looks through the integration.
   */
  sessionRole(): Promise<string> {
    return this.once("session role", async () => {
      const { values } = await this.values();
      const said = values["snowflake:role"] || this.at.environment.SNOWFLAKE_ROLE;
      if (said) return said.toUpperCase();
      const [row] = await (await this.session()).rows("SELECT CURRENT_ROLE() AS ROLE");
      return String(row?.ROLE ?? "PUBLIC");
    });
  }

  /** A session of the provider's role, and no other. */
  async provider(): Promise<Session> {
    return this.under(await this.sessionRole());
  }

  /** A session of a role, and no other. */
  under(role: string): Promise<Session> {
    return this.once(`under ${role}`, () =>
      this.open([`USE ROLE ${identifier(role)}`, "USE SECONDARY ROLES NONE"]),
    );
  }

  /** What was granted to the provider's role, and to all roles that it inherits from. */
  grants(): Promise<{ roles: ReadonlySet<string>; has: HasGrant }> {
    return this.once("grants", async () => {
      const session = await this.provider();
      const { roles, grants } = await grantsTo(session, await this.sessionRole());
      const has: HasGrant = (privilege, on, name, toGrant = false) =>
        grants.some(
          (row) =>
            row.granted_on === on &&
            (name === undefined || row.name === name) &&
            (row.privilege === "OWNERSHIP" ||
              (row.privilege === privilege && (!toGrant || String(row.grant_option) === "true"))),
        );
      return { roles, has };
    });
  }

  /** Ends what was opened. */
  async close(): Promise<void> {
    await inTime(Promise.allSettled(this.closing.map((end) => end())), CLOSING_MS, () => []);
  }
}
