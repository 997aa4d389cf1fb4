/** The load of a deployed stack, as its state and its config have it: for commands that work without the engine. */
import { execFileSync } from "node:child_process";
import { type Connection, readConnection } from "../components/snowflake/connection.ts";
import type { LoadSettings } from "../components/verified-load/args.ts";
import { type CompleteSettings, complete, problemsOf } from "../components/verified-load/settings.ts";

const LOAD_TYPE = "pulumi-nodejs:dynamic/flux-ami:VerifiedLoad";

export interface DeployedLoad {
  settings: CompleteSettings;
  connection: Connection;
}

/** Reads it. Throws what a person has to do when there is no such stack, or no load in it. */
export function deployedLoad(stack: string): DeployedLoad {
  const state = JSON.parse(pulumi("stack", "export", "--stack", stack)) as {
    deployment?: { resources?: { type: string; inputs?: Record<string, unknown> }[] };
  };
  const inputs = state.deployment?.resources?.find(({ type }) => type === LOAD_TYPE)?.inputs;
  if (inputs === undefined)
    throw new Error(`stack ${stack} has no load yet; run \`pulumi up -s ${stack}\` first`);
  const problems = problemsOf(inputs);
  if (problems.length > 0)
    throw new Error(
      `the load of stack ${stack} was deployed by another version of this project (${problems.map(({ reason }) => reason).join("; ")}); run \`pulumi up -s ${stack}\` first`,
    );
  const config = JSON.parse(pulumi("config", "--json", "--show-secrets", "--stack", stack)) as Record<
    string,
    { value?: string }
  >;
  return {
    settings: complete(inputs as unknown as LoadSettings),
    connection: readConnection((key) => config[key]?.value),
  };
}

function pulumi(...args: string[]): string {
  try {
    return execFileSync("pulumi", [...args, "--non-interactive"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      maxBuffer: 1e9,
    });
  } catch (error) {
    const said = (error as { stderr?: string }).stderr?.trim();
    throw new Error(
      `\`pulumi ${args.slice(0, 2).join(" ")}\` failed: ${said || (error as Error).message}\n  cure: \`pulumi stack ls\` shows the stacks; log in to their backend with \`pulumi login\``,
    );
  }
}

/** The stack that the command line names, by `--stack NAME`. */
export function stackArgument(args: readonly string[]): string {
  const stack = args[args.indexOf("--stack") + 1];
  if (!args.includes("--stack") || !stack) throw new Error("say which stack: --stack dev");
  return stack;
}

/** Runs a command; prints what went wrong as a person reads it, and ends the process with its code. */
export async function main(command: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await command();
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
