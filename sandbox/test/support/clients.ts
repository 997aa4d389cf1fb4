/** Clients of the local Snowflake in other languages, as processes; `make clients` installs them. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import execa from "execa";
import { clients, root } from "../../paths.ts";
import type { LocalServer } from "./local-server.ts";

/** Against a hang. */
const TIMEOUT = 240_000;

const scripts = path.join(root, "sandbox", "clients");

/** What became of a statement that run.py ran. */
export interface PythonOutcome {
  format?: "json" | "arrow";
  rows?: (string | null)[][];
  error?: string;
  message?: string;
}

export class Clients {
  /** Their home: settings, caches, and nothing of the user's own. */
  readonly home = mkdtempSync(path.join(tmpdir(), "clients-"));

  readonly #login: LocalServer["login"];

  /** Clients that log in to a server, which has been started, by the connection "local". */
  constructor({ login }: Pick<LocalServer, "login">) {
    this.#login = login;
    if (!existsSync(path.join(clients.snow, "requirements.sha256")))
      throw new Error("the Python clients are not installed: run `make clients`");
    const { host, port } = this.#address;
    const connection = {
      account: login.account,
      user: login.username,
      password: login.password,
      host,
      protocol: "http",
    };
    const lines = Object.entries(connection).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
    const file = path.join(this.home, "connections.toml");
    writeFileSync(file, `[local]\n${lines.join("\n")}\nport = ${port}\n`, { mode: 0o600 });
  }

  get #address() {
    const { hostname, port } = new URL(this.#login.accessUrl);
    return { host: hostname, port };
  }

  /** Runs statements by the Python connector, all in one session. */
  async statements(
    statements: readonly string[],
    connect: Record<string, unknown> = {},
  ): Promise<PythonOutcome[]> {
    return (await this.script("run.py", {
      connect: { connection_name: "local", ...connect },
      statements,
    })) as PythonOutcome[];
  }

  /** Runs a script of sandbox/clients, and answers the JSON that it prints. */
  async script(name: string, input: unknown): Promise<unknown> {
    const program = path.join(clients.python, "bin", "python");
    return JSON.parse(await this.#run(program, [path.join(scripts, name)], JSON.stringify(input)));
  }

  /** Runs Snowflake's command line on the connection "local", and answers the JSON that it prints. */
  async snow(...args: string[]): Promise<unknown> {
    const program = path.join(clients.snow, "bin", "snow");
    const output = await this.#run(program, [...args, "--connection", "local", "--format", "json"]);
    return JSON.parse(output);
  }

  /** Runs dbt on the project of sandbox/clients/dbt; what it makes of the models, tests and sources by their names. */
  async dbt(args: string[], env: Record<string, string>): Promise<Record<string, string>> {
    const program = path.join(clients.python, "bin", "dbt");
    const project = path.join(scripts, "dbt");
    const target = path.join(this.home, "target");
    const { host, port } = this.#address;
    await this.#run(program, ["--no-version-check", ...args], "", {
      SNOWFLAKE_ACCOUNT: this.#login.account,
      SNOWFLAKE_USER: this.#login.username,
      SNOWFLAKE_PASSWORD: this.#login.password,
      SNOWFLAKE_HOST: host,
      SNOWFLAKE_PORT: port,
      SNOWFLAKE_PROTOCOL: "http",
      SNOWFLAKE_ROLE: "ACCOUNTADMIN",
      DBT_PROJECT_DIR: project,
      DBT_PROFILES_DIR: project,
      DBT_TARGET_PATH: target,
      DBT_LOG_PATH: path.join(this.home, "logs"),
      ...env,
    }).catch((error: execa.ExecaError) => {
      // 1: something that it ran has failed, which is in the results.
      if (error.exitCode !== 1 || !existsSync(path.join(target, "run_results.json"))) throw error;
    });
    const results = path.join(target, "run_results.json");
    if (!existsSync(results)) return {};
    const { results: each } = JSON.parse(readFileSync(results, "utf8")) as {
      results: { unique_id: string; status: string }[];
    };
    return Object.fromEntries(each.map(({ unique_id, status }) => [unique_id.split(".")[2], status]));
  }

  async #run(
    program: string,
    args: string[],
    input = "",
    more: Record<string, string> = {},
  ): Promise<string> {
    const { stdout } = await execa(program, args, {
      input,
      timeout: TIMEOUT,
      extendEnv: false,
      env: {
        PATH: `${path.dirname(program)}${path.delimiter}${process.env.PATH ?? ""}`,
        HOME: this.home,
        SNOWFLAKE_HOME: this.home,
        NO_PROXY: "127.0.0.1",
        // Where bytecode is not kept each start compiles half a library.
        PYTHONDONTWRITEBYTECODE: "",
        ...more,
      },
    });
    return stdout;
  }

  remove(): void {
    rmSync(this.home, { recursive: true, force: true });
  }
}
