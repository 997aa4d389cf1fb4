/** Clients of the local Snowflake in other languages, as processes; `make clients` installs them. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
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

  /** Clients that log in to a server, which has been started, by the connection "local". */
  constructor({ login }: Pick<LocalServer, "login">) {
    if (!existsSync(path.join(clients.snow, "requirements.sha256")))
      throw new Error("the Python clients are not installed: run `make clients`");
    const { protocol, hostname, port } = new URL(login.accessUrl);
    const connection = {
      account: login.account,
      user: login.username,
      password: login.password,
      host: hostname,
      protocol: protocol.replace(":", ""),
    };
    const lines = Object.entries(connection).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
    const file = path.join(this.home, "connections.toml");
    writeFileSync(file, `[local]\n${lines.join("\n")}\nport = ${port}\n`, { mode: 0o600 });
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

  async #run(program: string, args: string[], input = ""): Promise<string> {
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
      },
    });
    return stdout;
  }

  remove(): void {
    rmSync(this.home, { recursive: true, force: true });
  }
}
