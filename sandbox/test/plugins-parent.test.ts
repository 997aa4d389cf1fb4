import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { node, root } from "../paths.ts";

jest.setTimeout(60_000);

/** Starts a plugin and prints its process ID once it serves: an engine, as far as the plugin can tell. */
const ENGINE = `
  const { spawn } = require("node:child_process");
  const plugin = spawn(process.execPath, [process.argv[1], "127.0.0.1:1"], { stdio: ["ignore", "pipe", "ignore"] });
  plugin.stdout.once("data", () => console.log(plugin.pid));
  setInterval(() => {}, 1000);
`;

/** Ended, even if nobody has asked for its exit code yet. */
function hasEnded(pid: number): boolean {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8").split(")").at(-1) ?? "");
  } catch {
    return true; // there is no such process any more
  }
}

test.each(["language-nodejs", "aws", "random"])("%s ends soon after its engine was killed", async (name) => {
  const engine = spawn(node, ["-e", ENGINE, join(root, "sandbox/plugins", name, "main.ts")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(createInterface(engine.stdout), "line");
  const pid = Number(line);
  expect(hasEnded(pid)).toBe(false);
  engine.kill("SIGKILL");
  for (let waited = 0; waited < 100 && !hasEnded(pid); waited++) await sleep(100);
  expect(hasEnded(pid)).toBe(true);
});
