import { existsSync } from "node:fs";
import { join } from "node:path";
import execa from "execa";
import { command } from "./command.ts";
import { engineLines } from "./engine-lines.ts";
import { node, root } from "./paths.ts";
import { peakMemory, runningPid } from "./processes.ts";
import { type Sandbox, startSandbox } from "./sandbox.ts";
import type { Steps } from "./steps.ts";
import { summary } from "./summary.ts";

/** The stack of the sandbox. */
const STACK = "sandbox";
const MINUTE = 60_000;

/** Starts the sandbox, makes its data, and brings up the stack on it. Tools must be installed. */
export async function up(steps: Steps): Promise<void> {
  const sandbox = await steps.run("start the AWS emulator and the local Snowflake", async (step) => {
    const started = await startSandbox({ log: (line) => step.say(line) });
    if (started.started.length === 0) step.note("were running");
    return started;
  });
  const log = (name: string): string => join(sandbox.dir, "logs", `${name}.log`);

  await steps.run("make the meter readings", async (step) => {
    step.memory(
      await command(node, [join(root, "sandbox", "seed", "main.ts")], {
        cwd: root,
        env: sandbox.env,
        log: log("seed"),
        onLine: step.say,
        timeout: 120 * MINUTE,
      }),
    );
  });
  await steps.run(`pulumi up, stack ${STACK}`, async (step) => {
    await selectStack(sandbox);
    const readable = engineLines();
    const args = ["up", "--stack", STACK, "--yes", "--non-interactive", ...policyArguments()];
    step.memory(
      await command("pulumi", args, {
        cwd: root,
        env: sandbox.env,
        log: log("pulumi-up"),
        onLine: (line) => {
          for (const shown of readable(line)) step.say(shown);
        },
        timeout: 120 * MINUTE,
      }),
    );
  });
  for (const [name, title] of [
    ["aws/ministack", "AWS emulator, since its start"],
    ["snowflake/snowflake", "local Snowflake, since its start"],
  ] as const) {
    const [folder, service] = name.split("/") as [string, string];
    const pid = runningPid(join(sandbox.dir, folder), service);
    const peakMegabytes = pid === undefined ? undefined : peakMemory(pid);
    if (peakMegabytes !== undefined) steps.timings.push({ step: title, seconds: 0, peakMegabytes });
  }
  process.stdout.write(`\n${summary(await stackOutputs(sandbox), steps)}\n`);
}

/** Policies: the pack, and what the sandbox's stack relaxes of it. */
function policyArguments(): string[] {
  const config = join("policies", "config", `${STACK}.json`);
  return [
    ...["--policy-pack", "policies"],
    ...(existsSync(join(root, config)) ? ["--policy-pack-config", config] : []),
  ];
}

async function selectStack(sandbox: Sandbox): Promise<void> {
  await execa("pulumi", ["stack", "select", "--create", STACK, "--non-interactive"], {
    cwd: root,
    env: sandbox.env,
    extendEnv: false,
    timeout: MINUTE,
  });
}

async function stackOutputs(sandbox: Sandbox): Promise<Record<string, unknown>> {
  const { stdout } = await execa("pulumi", ["stack", "output", "--stack", STACK, "--json"], {
    cwd: root,
    env: sandbox.env,
    extendEnv: false,
    timeout: MINUTE,
  });
  return JSON.parse(stdout);
}
