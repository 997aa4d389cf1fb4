import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { readConnection } from "../../../components/snowflake/connection.ts";
import { UnverifiedError } from "../../../components/snowflake/errors.ts";
import type { LoadOutputs } from "../../../components/verified-load/args.ts";
import { load } from "../../../components/verified-load/run.ts";
import { complete } from "../../../components/verified-load/settings.ts";
import { node } from "../../../sandbox/paths.ts";
import type { LoadCloud, Settings } from "./load-cloud.ts";

export interface DirectLoad {
  outputs: LoadOutputs | undefined;
  /** Why the load was not verified; empty when it was. */
  reasons: string[];
  lines: string[];
}

/** Runs the load in this process, as the provider would. Errors other than an unverified load are thrown. */
export async function loadDirectly(
  cloud: LoadCloud,
  settings: Settings,
  env: Record<string, string> = cloud.env,
): Promise<DirectLoad> {
  const lines: string[] = [];
  const connection = readConnection(() => undefined, env);
  const whole = complete({ owner: "test/direct", logicVersion: "1", ...settings });
  try {
    return { outputs: await load(whole, connection, (line) => lines.push(line)), reasons: [], lines };
  } catch (error) {
    if (!(error instanceof UnverifiedError)) throw error;
    return { outputs: error.outputs as LoadOutputs, reasons: error.reasons, lines };
  }
}

/** Runs the load in a process of its own, which can be killed. */
export function loadInProcess(cloud: LoadCloud, settings: Settings): ChildProcess {
  return spawn(node, [join(__dirname, "load-process.ts"), JSON.stringify(settings)], {
    env: cloud.env,
    stdio: ["ignore", "ignore", "inherit"],
  });
}
