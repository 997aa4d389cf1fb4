/**
 * Carries out what a reviewed preview planned, and nothing else:
 *   node review/apply.ts --stack prod [--out .review]
 * Reads <out>/<stack>.json and <out>/<stack>.plan.json. Where the world has changed since, the engine stops before the
 * step that was not planned.
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { policyArguments } from "./policies.ts";
import type { Review } from "./review.ts";

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { stack: { type: "string" }, out: { type: "string", default: ".review" } },
  });
  const { stack, out } = values;
  if (stack === undefined) throw new Error("usage: node review/apply.ts --stack NAME [--out DIR]");
  const plan = join(out, `${stack}.plan.json`);
  const { verdict } = JSON.parse(readFileSync(join(out, `${stack}.json`), "utf8")) as Pick<Review, "verdict">;
  if (verdict === "nothing") {
    console.log(`${stack}: nothing to do`);
    return 0;
  }
  if (verdict === "violation" || verdict === "failed") {
    throw new Error(
      `${stack}: the preview ended with "${verdict}", so there is nothing to apply; mend it and preview again`,
    );
  }
  if (!existsSync(plan)) throw new Error(`${plan} is missing; preview with --save-plan ${plan} first`);
  const args = [
    "up",
    "--stack",
    stack,
    "--yes",
    "--non-interactive",
    "--refresh",
    "--skip-preview",
    "--plan",
    plan,
  ];
  const code = await run([...args, ...policyArguments(process.cwd(), stack)]);
  if (code !== 0) {
    console.error(
      `${stack}: the update did not end well. If it says that something violates the plan, the world has changed since ` +
        "the preview: preview again, and look at what is new.",
    );
  }
  return code;
}

function run(args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn("pulumi", args, {
      stdio: "inherit",
      env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    });
    child.once("error", (error) =>
      reject(new Error(`pulumi could not be run: ${error.message}; is it on PATH?`)),
    );
    child.once("close", (code) => resolve(code ?? 1));
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
