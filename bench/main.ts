/**
 * Measures the sandbox and the load on a fresh sandbox of its own, and holds each figure against a named limit.
 *
 *     make bench                   # 10 million readings: 1,000 meters, 105 days
 *     make bench METERS=5000       # 50 million
 *
 * Most figures are ratios of two things measured in the same run, so that they mean the same on a slow machine.
 * Ends with a non-zero code when a limit is exceeded.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { defaultDir, startSandbox } from "../sandbox/sandbox.ts";
import { type Figure, judge, table } from "./figures.ts";
import { measureLoad } from "./measure-load.ts";
import { measureStack } from "./measure-stack.ts";

const METERS = Number(process.env.METERS ?? 1000);
const DAYS = Number(process.env.DAYS ?? 105);

const dir = mkdtempSync(join(defaultDir, "bench-"));
const say = (line: string) => process.stdout.write(`${line}\n`);
try {
  const begun = performance.now();
  const sandbox = await startSandbox({ dir, log: say, dependent: true });
  try {
    const figures: Figure[] = [
      {
        name: "start of the sandbox",
        value: (performance.now() - begun) / 1000,
        unit: "s",
        atMost: 10,
      },
      ...(await measureStack(sandbox, METERS, DAYS, say)),
      ...(await measureLoad(sandbox, METERS * DAYS * 96, say)),
    ];
    say(`\n${table(figures)}`);
    const exceeded = figures.filter((figure) => !judge(figure));
    if (exceeded.length > 0) {
      say(`\n${exceeded.length} of ${figures.length} limits exceeded`);
      process.exitCode = 1;
    } else say(`\nall ${figures.length} limits kept`);
  } finally {
    await sandbox.stop();
  }
} finally {
  rmSync(dir, { recursive: true, force: true });
}
