import { join } from "node:path";
import { type Aws, startAws, stopAws } from "./aws/ministack.ts";
import { processEnvironment, sandboxVariables, writeEnvironment } from "./environment.ts";
import { assertInstalled } from "./install.ts";
import { type Accounts, prepareAccounts } from "./parties.ts";
import { privateFolder, tools } from "./paths.ts";
import { type SnowflakeSettings, startSnowflake, stopSnowflake } from "./snowflake-service.ts";

const AWS = "AWS emulator";
const SNOWFLAKE = "local Snowflake";

/** Where `make up` keeps its sandbox. */
export const defaultDir = tools.dir;

/** A running local cloud: AWS emulator and local Snowflake, with accounts that can log in. */
export interface Sandbox {
  /** Folder that holds all of its state. */
  dir: string;
  aws: Aws;
  snowflake: { host: string; port: number };
  accounts: Accounts;
  /** What `env.sh` exports, without PATH. */
  variables: Record<string, string>;
  /** The whole environment for a child process that works on this sandbox: the engine and Node 24 first in PATH. */
  env: Record<string, string>;
  /** The parts that this call started, as against found running. */
  started: string[];
  /** Ends its processes and waits until they have ended. Its state stays in `dir`. */
  stop(): Promise<void>;
}

export interface SandboxOptions extends SnowflakeSettings {
  /** Folder for ports, logs, state and secrets. @default the project's `.sandbox` */
  dir?: string;
  /** Told of each step. */
  log?: (line: string) => void;
}

/** Starts a sandbox, or finds it running. Tools must have been installed before (`make install`). */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { dir = defaultDir, log = () => {} } = options;
  assertInstalled();
  privateFolder(dir);
  const awsDir = join(dir, "aws");
  const snowflakeDir = join(dir, "snowflake");
  const started: string[] = [];
  try {
    const { aws, fresh } = await startAws(awsDir, options.dependent);
    if (fresh) started.push(AWS);
    log(`AWS emulator ${fresh ? "answers" : "was running"} at ${aws.endpoint}`);
    const { accounts, changed } = await prepareAccounts(join(dir, "secrets"), snowflakeDir, aws);
    // A server that runs with old keys for AWS must read the new ones.
    if (changed && (await stopSnowflake(snowflakeDir)))
      log("local Snowflake stopped: its accounts have changed");
    const snowflake = await startSnowflake(snowflakeDir, aws, options);
    if (snowflake.fresh) started.push(SNOWFLAKE);
    log(
      `local Snowflake ${snowflake.fresh ? "answers" : "was running"} at http://127.0.0.1:${snowflake.port}`,
    );
    const variables = sandboxVariables(dir, aws, snowflake.port, accounts);
    writeEnvironment(dir, variables, aws, accounts);
    return {
      dir,
      aws,
      snowflake: { host: "127.0.0.1", port: snowflake.port },
      accounts,
      variables,
      env: processEnvironment(variables),
      started,
      stop: async () => {
        await stopSandbox(dir);
      },
    };
  } catch (error) {
    // What was running before is left as it was found.
    if (started.includes(SNOWFLAKE)) await stopSnowflake(snowflakeDir);
    if (started.includes(AWS)) await stopAws(awsDir);
    throw error;
  }
}

/**
 * Ends the processes of the sandbox in `dir`, if any.
 * @returns the names of what was running.
 */
export async function stopSandbox(dir: string = defaultDir): Promise<string[]> {
  const stopped: string[] = [];
  if (await stopSnowflake(join(dir, "snowflake"))) stopped.push(SNOWFLAKE);
  if (await stopAws(join(dir, "aws"))) stopped.push(AWS);
  return stopped;
}
