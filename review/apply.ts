/**
 * Carries out what was reviewed, and nothing else; run in the project's folder:
 *   node review/apply.ts --stack prod [--out .review]
 * Reads the reviewed changes in <out>/<stack>.json and previews once more. What differs from what was reviewed stops the
 * update before anything is changed, but for files that arrived meanwhile, which the load takes along. The engine is
 * then held to that last preview; when files arrive even while it works, it is planned again and goes on.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Plan, planOf } from "./engine-plan.ts";
import { describeResource } from "./judges/index.ts";
import { policyArguments } from "./policies.ts";
import { runPreview } from "./preview.ts";
import type { Review } from "./review.ts";
import { unreviewed } from "./reviewed.ts";
import { secretsOf } from "./secrets.ts";
import { type Masker, maskerOf } from "./values.ts";

const MOST_ATTEMPTS = 3;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { stack: { type: "string" }, out: { type: "string", default: ".review" } },
  });
  const { stack, out } = values;
  if (stack === undefined) throw new Error("usage: node review/apply.ts --stack NAME [--out DIR]");
  const file = join(out, `${stack}.json`);
  const { verdict, changes } = JSON.parse(readFileSync(file, "utf8")) as Pick<Review, "verdict" | "changes">;
  if (verdict === "violation" || verdict === "failed") {
    throw new Error(
      `${stack}: the preview ended with "${verdict}", so there is nothing to apply; mend it and preview again`,
    );
  }
  const masker = maskerOf(secretsOf(stack, process.cwd()));
  const planFile = resolve(out, `${stack}.plan.json`);
  for (let attempt = 1; ; attempt += 1) {
    const plan = await previewAgain(stack, planFile, masker);
    const now = plan.resources.filter(({ operation }) => operation !== "same" && operation !== "read");
    if (now.length === 0) {
      console.log(`${stack}: nothing to do`);
      return 0;
    }
    const surprises = unreviewed(changes, now);
    if (surprises.length > 0) {
      const list = surprises.map((change) => `  ${change.operation}: the ${describeResource(change)}`);
      throw new Error(
        `${stack}: nothing was changed. This is not what was reviewed:\n${list.join("\n")}\n` +
          "The world has changed since the preview: preview again, and look at what is new.",
      );
    }
    const { code, said } = await update(stack, planFile);
    if (code === 0) return 0;
    if (!/violates plan/.test(said) || attempt === MOST_ATTEMPTS) {
      console.error(`${stack}: the update did not end well; what is left to do, another one does.`);
      return code;
    }
    console.error(`${stack}: something arrived while the update went on; planning what is left`);
  }
}

async function previewAgain(stack: string, planFile: string, masker: Masker): Promise<Plan> {
  const project = process.cwd();
  const events = await runPreview({
    stack,
    project,
    masker,
    rules: project,
    refresh: true,
    savePlan: planFile,
    progress: (line) => console.error(`${stack}: ${line}`),
  });
  const plan = planOf(events, stack, masker);
  const broken = plan.policies.filter(({ level }) => level === "mandatory");
  if (plan.succeeded && broken.length === 0) return plan;
  const errors = plan.messages.filter(({ severity }) => severity === "error").map(({ text }) => text);
  throw new Error(
    `${stack}: nothing was changed. The last preview failed:\n${[...broken.map(({ message }) => message), ...errors].join("\n")}`,
  );
}

async function update(stack: string, planFile: string): Promise<{ code: number; said: string }> {
  const args = [
    "up",
    "--stack",
    stack,
    "--yes",
    "--non-interactive",
    "--refresh",
    "--skip-preview",
    "--plan",
    planFile,
    ...policyArguments(process.cwd(), stack),
  ];
  const child = spawn("pulumi", args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
  });
  const released = forwardSignals(child);
  let said = "";
  for (const [stream, to] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ] as const) {
    stream.on("data", (chunk: Buffer) => {
      to.write(chunk);
      said = (said + chunk.toString()).slice(-200_000);
    });
  }
  try {
    const code = await new Promise<number>((done, failed) => {
      child.once("error", (error) =>
        failed(new Error(`pulumi could not be run: ${error.message}; is it on PATH?`)),
      );
      child.once("close", (code) => done(code ?? 1));
    });
    return { code, said };
  } finally {
    released();
  }
}

/** A cancelled job tells this process alone: the engine has to hear it, so that it ends the load and frees the stack. */
function forwardSignals(child: ChildProcess): () => void {
  const forward = (signal: NodeJS.Signals) => void child.kill(signal === "SIGTERM" ? "SIGINT" : signal);
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.on(signal, forward);
  return () => {
    for (const signal of signals) process.off(signal, forward);
  };
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
