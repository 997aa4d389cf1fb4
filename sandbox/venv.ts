import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { command } from "./command.ts";
import { stampOf } from "./stamp.ts";
import type { Step } from "./steps.ts";

const MINUTE = 60_000;

/** Makes a virtual environment from a pinned, hash-checked list, unless it was made from that very list. */
export async function installVenv(
  step: Step,
  { dir, requirements, log }: { dir: string; requirements: string; log: string },
): Promise<void> {
  const python = join(dir, "bin", "python");
  const hash = createHash("sha256").update(readFileSync(requirements)).digest("hex");
  const stamp = stampOf(join(dir, "requirements.sha256"), hash);
  if (existsSync(python) && stamp.holds()) return step.quiet();
  step.note("installed");
  rmSync(dir, { recursive: true, force: true });
  try {
    await command("python3", ["-m", "venv", dir], { log, timeout: 5 * MINUTE });
  } catch (error) {
    throw new Error(`Python 3.10 or newer with its venv module is needed: ${(error as Error).message}`, {
      cause: error,
    });
  }
  // The list names every package, so there is nothing to resolve; what is imported is compiled then.
  const pip = ["-m", "pip", "install", "--no-deps", "--no-compile", "--require-hashes"];
  const memory = await command(python, [...pip, "--only-binary", ":all:", "-r", requirements], {
    log,
    timeout: 15 * MINUTE,
  });
  step.memory(memory);
  stamp.write();
}
