import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import execa from "execa";
import { command } from "./command.ts";
import { EngineReader } from "./engine-lines.ts";
import { node, root } from "./paths.ts";
import { peakMemory, runningPid } from "./processes.ts";
import { type Sandbox, startSandbox } from "./sandbox.ts";
import type { Step, Steps } from "./steps.ts";
import { summary } from "./summary.ts";

/** The stack of the sandbox. */
const STACK = "sandbox";
const MINUTE = 60_000;
/** Of what the engine printed last, where it told no cause. */
const KEEP_LINES = 15;

/** Starts the sandbox, makes its data, and brings up the stack on it. Tools must be installed. */
export async function up(steps: Steps): Promise<void> {
  const sandbox = await steps.run("AWS emulator and local Snowflake", async (step) => {
    const started = await startSandbox({ log: step.say });
    step.note(started.started.length === 0 ? "were running" : "started");
    return started;
  });
  const log = (name: string): string => join(sandbox.dir, "logs", `${name}.log`);

  await steps.run("meter readings", async (step) => {
    step.memory(
      await command(node, [join(root, "sandbox", "seed", "main.ts")], {
        cwd: root,
        env: sandbox.env,
        log: log("seed"),
        onLine: (line) => {
          const [made] = /^[\d,]+ readings in \d+ files?|\d+ files?(?= in .* already$)/.exec(line) ?? [];
          if (made !== undefined)
            step.note(made.includes("readings") ? made.replace(" readings", "") : `${made} there already`);
          step.say(line);
        },
        timeout: 120 * MINUTE,
      }),
    );
  });
  await steps.run(`pulumi up -s ${STACK}`, async (step) => {
    await selectStack(sandbox);
    step.memory(await engineUp(sandbox, step, log("pulumi-up")));
    step.quiet();
  });
  const report = await steps.run("report of the load", (step) => drawReport(sandbox, step, log("report")));
  for (const [name, title] of [
    ["aws/ministack", "AWS emulator, since its start"],
    ["snowflake/snowflake", "local Snowflake, since its start"],
  ] as const) {
    const [folder, service] = name.split("/") as [string, string];
    const pid = runningPid(join(sandbox.dir, folder), service);
    const peakMegabytes = pid === undefined ? undefined : peakMemory(pid);
    if (peakMegabytes !== undefined) steps.timings.push({ step: title, seconds: 0, peakMegabytes });
  }
  steps.text(`\n${summary(await stackOutputs(sandbox), report, steps)}`);
}

/** Draws what the load left on record. Returns the page's path, or how to draw it: the stack is up in any case. */
async function drawReport(sandbox: Sandbox, step: Step, log: string): Promise<string> {
  let path = `make report STACK=${STACK}`;
  const args = [join(root, "commands", "report.ts"), "--stack", STACK];
  const onLine = (line: string) => {
    path = /^report: (.+)$/.exec(line)?.[1] ?? path;
  };
  try {
    step.memory(await command(node, args, { cwd: root, env: sandbox.env, log, onLine, timeout: 5 * MINUTE }));
    step.quiet();
  } catch (error) {
    step.warn(`the report was not drawn: ${(error as Error).message.split("\n")[0]}`);
  }
  return path;
}

/** Runs the engine and shows what a person follows of it. Throws the cause when it fails. */
async function engineUp(sandbox: Sandbox, step: Step, log: string): Promise<number | undefined> {
  const reader = new EngineReader();
  const last: string[] = [];
  const onLine = (line: string) => {
    if (line.trim() !== "") last.push(line);
    if (last.length > KEEP_LINES) last.shift();
    for (const { kind, text } of reader.take(line)) step[kind](text);
  };
  const args = [
    "up",
    "--stack",
    STACK,
    "--yes",
    "--non-interactive",
    "--color",
    "never",
    ...policyArguments(),
  ];
  let interrupted = false;
  const interrupt = () => {
    interrupted = true;
  };
  process.on("SIGINT", interrupt);
  try {
    return await command("pulumi", args, {
      cwd: root,
      env: sandbox.env,
      log,
      onLine,
      timeout: 120 * MINUTE,
    });
  } catch (error) {
    // Between its preview and its update the engine does not hear of Ctrl-C: it dies, and its lock stays.
    const others = last.some((line) => line.includes("is currently locked"));
    if (interrupted && !others) await unlock(sandbox);
    throw new Error(
      [
        `What stands, stays: \`make status STACK=${STACK}\` says what is in the table, and the stack's outputs tell of the last`,
        "load that was published. `make up` goes on from here.",
        `All that the engine printed: ${relative(root, log)}`,
        "",
        reader.cause() || last.join("\n"),
      ].join("\n"),
      { cause: error },
    );
  } finally {
    process.off("SIGINT", interrupt);
  }
}

/** Takes the lock away that an engine which is gone has left; says nothing where there is none. */
async function unlock({ env }: Sandbox): Promise<void> {
  const args = ["cancel", STACK, "--yes", "--non-interactive"];
  await execa("pulumi", args, { cwd: root, env, extendEnv: false, timeout: MINUTE });
}

/** Policies: the pack, and what the sandbox's stack relaxes of it. */
function policyArguments(): string[] {
  const config = join("policies", "config", `${STACK}.json`);
  return [
    "--policy-pack",
    "policies",
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
