/** The commands behind the Makefile: `node sandbox/cli.ts install | clients | up | down`. */
import { join } from "node:path";
import { running } from "./command.ts";
import { install, installClients } from "./install.ts";
import { tools } from "./paths.ts";
import { stopSandbox } from "./sandbox.ts";
import { Steps } from "./steps.ts";
import { up } from "./up.ts";

const commands: Record<string, (steps: Steps) => Promise<void>> = {
  install: (steps) => installed(steps, install),
  clients: (steps) => installed(steps, installClients),
  up: async (steps) => {
    await installed(steps, install);
    await up(steps);
  },
  down: async () => {
    const stopped = await stopSandbox();
    console.log(stopped.length > 0 ? `stopped: ${stopped.join(", ")}` : "nothing was running");
  },
};

/** Installs; says so as well when all was there. */
async function installed(steps: Steps, work: (steps: Steps) => Promise<void>): Promise<void> {
  const before = steps.lines;
  await work(steps);
  if (steps.lines === before) steps.text(`${steps.style("green", "✓")} tools: all there`);
}

/** What Ctrl-C does, said at once; the work itself hears of it as well, and ends what it has begun. */
let interrupts = 0;
function interrupted(steps: Steps): void {
  interrupts += 1;
  const current = steps.current;
  if (!running() || interrupts > 2) {
    leave(steps);
    process.exit(130);
  }
  steps.text(
    interrupts === 1
      ? `Ctrl-C: ${current ?? "it"} ends what it has begun, and nothing more; once more ends it now.`
      : "Ctrl-C again: it is ended now.",
  );
}

/** The last words after Ctrl-C. */
function leave(steps: Steps): void {
  steps.text(
    "\nStopped. What was made stays, and of a load that was under way nothing is visible, or all of it.",
  );
  if (interrupts > 1)
    steps.text(
      "The stack may be left locked: `. .sandbox/env.sh && pulumi cancel -s sandbox --yes` unlocks it.",
    );
  steps.text("`make up` goes on from here, `make down` stops the servers.");
}

// Everything that is written from here on is the sandbox's state: for its owner's eyes only.
process.umask(0o077);
const name = process.argv[2] ?? "";
const run = commands[name];
if (!run) {
  console.error(`usage: node sandbox/cli.ts ${Object.keys(commands).join(" | ")}; got "${name}"`);
  process.exit(2);
}
const steps = new Steps();
process.on("SIGINT", () => interrupted(steps));
try {
  await run(steps);
} catch (error) {
  if (interrupts > 0) leave(steps);
  else console.error(`\n${error instanceof Error ? error.message : error}`);
  process.exitCode = interrupts > 0 ? 130 : 1;
} finally {
  if (name !== "down") steps.record(join(tools.dir, "timings.json"), name);
}
