/** The load of a deployed stack, as its state and its config have it: for commands that work without the engine. */
import { callPulumi, resourcesOf } from "../components/existing/engine.ts";
import { onStack } from "../components/on-stack.ts";
import { type Connection, readConnection } from "../components/snowflake/connection.ts";
import { LOGIN_KEYS } from "../components/snowflake/login.ts";
import { LOAD_TYPE } from "../components/verified-load/args.ts";
import { problemsOf, settingsOf } from "../components/verified-load/input-rules.ts";
import type { CompleteSettings } from "../components/verified-load/settings.ts";

export interface DeployedLoad {
  settings: CompleteSettings;
  connection: Connection;
}

/** Reads it. Rejects with what a person has to do when there is no such stack, or no load in it. */
export async function deployedLoad(stack: string): Promise<DeployedLoad> {
  const state = resourcesOf(await runPulumi(["stack", "export", "--stack", stack]));
  const inputs = state.find(({ type }) => type === LOAD_TYPE)?.inputs;
  if (inputs === undefined)
    throw new Error(`stack ${stack} has no load yet; run \`pulumi up -s ${stack}\` first`);
  const problems = problemsOf(inputs);
  if (problems.length > 0)
    throw new Error(
      `the load of stack ${stack} was deployed by another version of this project (${problems.map(({ reason }) => reason).join("; ")}); run \`pulumi up -s ${stack}\` first`,
    );
  const config = await configOf(stack);
  return {
    settings: settingsOf(inputs),
    connection: readConnection((key) => config[key]?.value),
  };
}

async function configOf(stack: string): Promise<Record<string, { value?: string }>> {
  return JSON.parse(await runPulumi(["config", "--json", "--show-secrets", "--stack", stack]));
}

/** What the stack's config says of the login to Snowflake, as the variables that say the same. */
export async function loginVariables(stack: string): Promise<Record<string, string>> {
  const config = await configOf(stack);
  return Object.fromEntries(
    Object.entries(LOGIN_KEYS).flatMap(([key, variable]) => {
      const value = config[`snowflake:${key}`]?.value;
      return value ? [[variable, value]] : [];
    }),
  );
}

/** Runs the engine; gives what it prints, or rejects with what it complained of, with the cure. */
export async function runPulumi(
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<string> {
  const { exitCode, stdout, stderr } = await callPulumi(args, { environment });
  if (exitCode === 0) return stdout;
  const said =
    [stderr, stdout].map((text) => text.trim()).find((text) => text !== "") ?? `exit code ${exitCode}`;
  throw new Error(
    `\`pulumi ${args.join(" ").replace(/ -.*/, "")}\` failed: ${said}\n  cure: ${cureOf(said)}`,
  );
}

const cureOf = (said: string) =>
  /no stack named|no such stack|not found/.test(said)
    ? "`pulumi stack ls` shows the stacks there are, `pulumi stack init <name> --secrets-provider <as the other stacks have it>` makes one; log in to their backend with `pulumi login`"
    : "mend what it says; `pulumi stack ls` shows the stacks, `pulumi login` logs in to their backend";

/** The stack that the command line names, by `--stack NAME`. */
export function stackArgument(args: readonly string[]): string {
  const stack = nameIn(args);
  if (!stack) throw new Error("say which stack: --stack dev");
  return stack;
}

const nameIn = (args: readonly string[]) =>
  args.includes("--stack") ? args[args.indexOf("--stack") + 1] : undefined;

/**
 * Runs a command; prints what went wrong as a person reads it, and ends the process with its code.
 * @param failed code of a command that threw
 */
export async function main(command: () => Promise<number>, failed = 1): Promise<void> {
  try {
    process.exitCode = await command();
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    console.error(onStack(said, nameIn(process.argv)));
    process.exitCode = failed;
  }
}
