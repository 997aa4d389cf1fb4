/** The load of a deployed stack, as its state and its config have it: for commands that work without the engine. */
import { execFileSync } from "node:child_process";
import { type Connection, readConnection } from "../components/snowflake/connection.ts";
import { LOGIN_KEYS } from "../components/snowflake/login.ts";
import { LOAD_TYPE, type LoadSettings } from "../components/verified-load/args.ts";
import { problemsOf } from "../components/verified-load/input-rules.ts";
import { type CompleteSettings, complete } from "../components/verified-load/settings.ts";

export interface DeployedLoad {
  settings: CompleteSettings;
  connection: Connection;
}

/** Reads it. Throws what a person has to do when there is no such stack, or no load in it. */
export function deployedLoad(stack: string): DeployedLoad {
  const state = JSON.parse(runPulumi(["stack", "export", "--stack", stack])) as {
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
  const config = configOf(stack);
  return {
    settings: complete(inputs as unknown as LoadSettings),
    connection: readConnection((key) => config[key]?.value),
  };
}

function configOf(stack: string): Record<string, { value?: string }> {
  return JSON.parse(runPulumi(["config", "--json", "--show-secrets", "--stack", stack]));
}

/** What the stack's config says of the login to Snowflake, as the variables that say the same. */
export function loginVariables(stack: string): Record<string, string> {
  const config = configOf(stack);
  return Object.fromEntries(
    Object.entries(LOGIN_KEYS).flatMap(([key, variable]) => {
      const value = config[`snowflake:${key}`]?.value;
      return value ? [[variable, value]] : [];
    }),
  );
}

/** Runs the engine; gives what it prints, or throws what it complained of, with the cure. */
export function runPulumi(args: readonly string[], environment: Record<string, string> = {}): string {
  try {
    return execFileSync("pulumi", [...args, "--non-interactive", "--color", "never"], {
      encoding: "utf8",
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
      maxBuffer: 1e9,
    });
  } catch (error) {
    const { stdout = "", stderr = "", message } = error as Error & { stdout?: string; stderr?: string };
    const said = [stderr, stdout].map((text) => text.trim()).find((text) => text !== "") ?? message;
    throw new Error(
      `\`pulumi ${args.join(" ").replace(/ -.*/, "")}\` failed: ${said}\n  cure: ${cureOf(said)}`,
    );
  }
}

const cureOf = (said: string) =>
  /no stack named|no such stack|not found/.test(said)
    ? "`pulumi stack ls` shows the stacks there are, `pulumi stack init <name>` makes one; log in to their backend with `pulumi login`"
    : "mend what it says; `pulumi stack ls` shows the stacks, `pulumi login` logs in to their backend";

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
