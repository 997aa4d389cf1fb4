/**
 * Runs the load alone and keeps what it said, for the issue that a refusal opens; run in the project's folder:
 *   node review/run-load.ts --stack prod [--out .review]
 * Writes <out>/<stack>.load.txt and <out>/<stack>.load.json (its exit code, and whether a check refused it), and ends with the
 * load's own code.
 */
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { FAILED, REFUSED, TOLD_REFUSED } from "./load-ends.ts";
import { secretsOf } from "./secrets.ts";
import { maskerOf } from "./values.ts";

const { values } = parseArgs({
  options: { stack: { type: "string" }, out: { type: "string", default: ".review" } },
});
const { stack, out } = values;
if (stack === undefined) throw new Error("usage: node review/run-load.ts --stack NAME [--out DIR]");

const child = spawn(process.execPath, [join("commands", "load.ts"), "--stack", stack], {
  stdio: ["ignore", "pipe", "pipe", "ipc"],
});
let refused = false;
child.on("message", (told) => {
  refused ||= told === TOLD_REFUSED;
});
// A cancelled job tells this process alone: the load has to hear it, so that it frees its lock.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
let said = "";
for (const stream of [child.stdout, child.stderr]) {
  stream?.on("data", (chunk: Buffer) => {
    process.stdout.write(chunk);
    said = (said + chunk.toString()).slice(-200_000);
  });
}
const code = await new Promise<number>((resolve) => child.once("close", (code) => resolve(code ?? FAILED)));
mkdirSync(out, { recursive: true });
writeFileSync(join(out, `${stack}.load.txt`), maskerOf(secretsOf(stack, process.cwd())).text(said));
writeFileSync(
  join(out, `${stack}.load.json`),
  `${JSON.stringify({ code, refused: refused && code === REFUSED })}\n`,
);
process.exitCode = code;
