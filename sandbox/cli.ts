/** The commands behind the Makefile: `node sandbox/cli.ts install | clients | up | down`. */
import { join } from "node:path";
import { install, installClients } from "./install.ts";
import { tools } from "./paths.ts";
import { stopSandbox } from "./sandbox.ts";
import { Steps } from "./steps.ts";
import { up } from "./up.ts";

const commands: Record<string, (steps: Steps) => Promise<void>> = {
  install,
  clients: installClients,
  up: async (steps) => {
    await install(steps);
    await up(steps);
  },
  down: async () => {
    const stopped = await stopSandbox();
    console.log(stopped.length > 0 ? `stopped: ${stopped.join(", ")}` : "nothing was running");
  },
};

// Everything that is written from here on is the sandbox's state: for its owner's eyes only.
process.umask(0o077);
const name = process.argv[2] ?? "";
const run = commands[name];
if (!run) {
  console.error(`usage: node sandbox/cli.ts ${Object.keys(commands).join(" | ")}; got "${name}"`);
  process.exit(2);
}
const steps = new Steps();
try {
  await run(steps);
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
} finally {
  if (name !== "down") steps.record(join(tools.dir, "timings.json"), name);
}
