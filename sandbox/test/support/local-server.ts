/** The local Snowflake as a process of its own, and a driver's connection to it: for tests that kill it. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import snowflake from "snowflake-sdk";
import { root } from "../../paths.ts";
import type { Switches } from "../../snowflake/switches.ts";
import type { TestAws } from "./aws.ts";

const START_SECONDS = 20;
const PASSWORD = "secret";

export type Row = Record<string, unknown>;

export class LocalServer {
  readonly #switches: Partial<Switches>;
  /** Where it keeps its data. */
  readonly directory = mkdtempSync(path.join(tmpdir(), "local-server-"));
  #process: ChildProcess | undefined;
  #connection: snowflake.Connection | undefined;
  #port = 0;

  constructor(aws: Pick<TestAws, "endpoint" | "snowflakeUser">, switches: Partial<Switches> = {}) {
    this.#switches = switches;
    const accounts = {
      aws: { endpoint: aws.endpoint, region: "us-east-1" },
      accounts: [
        {
          organization: "FLUX",
          name: "OPERATIONS",
          locator: "FX10001",
          region: "AWS_US_EAST_1",
          users: [{ name: "DEPLOYER", password: PASSWORD, defaultRole: "ACCOUNTADMIN" }],
          awsIamUser: aws.snowflakeUser,
        },
      ],
    };
    writeFileSync(path.join(this.directory, "accounts.json"), JSON.stringify(accounts));
  }

  start(...flags: string[]): Promise<void> {
    return this.startWith({}, ...flags);
  }

  /** Starts it with more in its environment than this process has. */
  async startWith(env: NodeJS.ProcessEnv, ...flags: string[]): Promise<void> {
    const main = path.join(root, "sandbox", "snowflake", "main.ts");
    const server = spawn(process.execPath, [main, "--data", this.directory, "--port", "0", ...flags], {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, SNOWFLAKE_SWITCHES: JSON.stringify(this.#switches), ...env },
    });
    this.#process = server;
    const lines = createInterface({ input: server.stdout });
    this.#port = await new Promise<number>((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Error(`the local Snowflake did not start within ${START_SECONDS} s`)),
        START_SECONDS * 1_000,
      );
      lines.once("line", (line) => {
        clearTimeout(late);
        resolve(JSON.parse(line).port);
      });
      server.once("exit", (code) => reject(new Error(`the local Snowflake ended with ${code}`)));
    });
    await this.#connect();
  }

  /** Its process ID. */
  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  /** Where a driver logs in. */
  get login() {
    return {
      account: "FLUX-OPERATIONS",
      accessUrl: `http://127.0.0.1:${this.#port}`,
      username: "DEPLOYER",
      password: PASSWORD,
    };
  }

  async #connect(): Promise<void> {
    snowflake.configure({ logLevel: "OFF", additionalLogToConsole: false });
    this.#connection = snowflake.createConnection({ ...this.login, timeout: 10_000 });
    await this.#connection.connectAsync();
  }

  /** Runs a statement; with `asyncExec` it answers as soon as the statement runs. */
  sql(sqlText: string, asyncExec = false): Promise<Row[]> {
    return new Promise((resolve, reject) => {
      this.#connection?.execute({
        sqlText,
        asyncExec,
        complete: (error, _statement, rows) => (error ? reject(error) : resolve(rows ?? [])),
      });
    });
  }

  /** Ends it like a power cut. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Ends it as `make down` does; it may be started again. */
  async stopProcess(): Promise<void> {
    await this.#end("SIGTERM");
  }

  async stop(): Promise<void> {
    await this.stopProcess();
    rmSync(this.directory, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const server = this.#process;
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const ended = new Promise((resolve) => server.once("exit", resolve));
    server.kill(signal);
    await ended;
  }
}
