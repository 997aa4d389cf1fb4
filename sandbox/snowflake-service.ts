import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Aws } from "./aws/ministack.ts";
import { node, privateFolder, root } from "./paths.ts";
import { choosePort, rememberedPort } from "./ports.ts";
import { pidFile, runningPid, startService, stopService } from "./processes.ts";
import type { Switches } from "./snowflake/switches.ts";

const NAME = "snowflake";

/** Where the process ID of the local Snowflake in `dir` stands. */
export const snowflakePidFile = (dir: string): string => pidFile(dir, NAME);

/** How the local Snowflake differs from a usual one. */
export interface SnowflakeSettings {
  /** Shifts its clock, e.g. to see load metadata expire. @default 0 */
  clockOffsetDays?: number;
  /** Milliseconds that each object takes longer to read from S3, to play a slow network. @default 0 */
  objectDelayMilliseconds?: number;
  /** Where it is to differ from its usual self. */
  switches?: Partial<Switches>;
  /** Whether it ends with this process. @default false */
  dependent?: boolean;
}

/** Starts the local Snowflake with its data in `dir`, whose `accounts.json` must be there. */
export async function startSnowflake(
  dir: string,
  aws: Aws,
  { clockOffsetDays = 0, objectDelayMilliseconds = 0, switches = {}, dependent = false }: SnowflakeSettings,
): Promise<{ port: number; fresh: boolean }> {
  privateFolder(dir);
  mkdirSync(join(dir, "tmp"), { recursive: true });
  const portFile = join(dir, "port");
  const running = runningPid(dir, NAME) === undefined ? undefined : rememberedPort(portFile);
  const port = running ?? (await choosePort(portFile));
  const fresh = await startService({
    name: NAME,
    dir,
    command: node,
    args: [
      join(root, "sandbox", "snowflake", "main.ts"),
      "--data",
      dir,
      "--port",
      String(port),
      "--clock-offset-days",
      String(clockOffsetDays),
      "--copy-delay-ms",
      String(objectDelayMilliseconds),
    ],
    env: {
      PATH: process.env.PATH,
      HOME: join(dir, "tmp"),
      TMPDIR: join(dir, "tmp"),
      SNOWFLAKE_SWITCHES: JSON.stringify(switches),
      NODE_EXTRA_CA_CERTS: aws.certificates.authority,
    },
    ready: () => answersHttp(port),
    dependent,
  });
  return { port, fresh };
}

/** Stops the local Snowflake; false when it was not running. */
export const stopSnowflake = (dir: string): Promise<boolean> => stopService(dir, NAME);

/** Whether an HTTP server answers on the port, whatever it says. */
async function answersHttp(port: number): Promise<boolean> {
  try {
    await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(2_000) });
    return true;
  } catch {
    return false; // nobody listens yet
  }
}
