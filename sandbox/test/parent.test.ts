/** Who is killed takes leave of nobody: what it has started ends by itself, however early in its life that was. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { node, root, tools } from "../paths.ts";
import { isRunning } from "../processes.ts";
import { temporaryFolder } from "./support/folder.ts";
import { standaloneServer } from "./support/standalone-server.ts";

jest.setTimeout(60_000);

const folder = temporaryFolder("parent");
const data = standaloneServer();
const started: ChildProcess[] = [];
afterAll(async () => {
  for (const each of started) each.kill("SIGKILL");
  await data.stop();
  folder.remove();
});

/** Starts a command as the engine starts a plugin and prints its process ID, at once or when it serves. */
const PARENT = `
  const [, when, ...command] = process.argv;
  const child = require("node:child_process").spawn(command[0], command.slice(1), { stdio: "pipe" });
  const tell = () => console.log(child.pid);
  if (when === "at once") tell();
  else for (const output of [child.stdout, child.stderr]) output.once("data", tell);
  setInterval(() => {}, 1000);
`;

/** Kills a parent that has printed its child's process ID, and waits until the child has ended as well. */
async function killed(parent: ChildProcess): Promise<void> {
  started.push(parent);
  const [line] = await once(createInterface(parent.stdout as NodeJS.ReadableStream), "line");
  const pid = Number(line);
  expect(isRunning(pid)).toBe(true);
  parent.kill("SIGKILL");
  while (isRunning(pid)) await sleep(50);
}

const program = (...parts: string[]) => [node, join(root, "sandbox", ...parts), "127.0.0.1:1"];
const plugins = join(tools.pulumiHome, "plugins");
function provider(name: string): string[] {
  const dir = readdirSync(plugins).find((each) => each.startsWith(`resource-${name}-`)) ?? "";
  return [join(plugins, dir, `pulumi-resource-${name}`), "127.0.0.1:1"];
}
const emulator = ["ministack.app:app", "--bind", "127.0.0.1:0", "--workers", "0"];

const commands: Record<string, string[]> = {
  "the language host": program("plugins", "language-nodejs", "main.ts"),
  "the aws plugin": program("plugins", "aws", "main.ts"),
  "the random plugin": program("plugins", "random", "main.ts"),
  "the Snowflake provider": provider("snowflake"),
  "the local Snowflake": [node, join(root, "sandbox", "snowflake", "main.ts"), "--data", data.directory],
  "the AWS emulator": [tools.python, join(root, "sandbox", "aws", "serve.py"), ...emulator],
};

test.each(["at once", "when it serves"])("all end that were started by who is killed %s", async (when) => {
  await Promise.all(
    Object.values(commands).map((command) =>
      killed(spawn(node, ["-e", PARENT, when, ...command], { stdio: ["ignore", "pipe", "inherit"] })),
    ),
  );
});

/** Starts a service and prints its process ID; the service ends with its standard input, as the real ones do. */
const COMMAND = `
  const [, module, dir, name, dependent] = process.argv;
  const service = "process.stdin.on('end', () => process.exit()).resume(); setInterval(() => {}, 1000)";
  import(module).then(async ({ startService, runningPid }) => {
    const how = { command: process.execPath, args: ["-e", service], env: {}, ready: async () => true };
    await startService({ dir, name, dependent: dependent === "true", ...how });
    console.log(runningPid(dir, name));
    setInterval(() => {}, 1000);
  });
`;

test("a service ends with who started it where it depends on that", async () => {
  const args = [join(root, "sandbox", "processes.ts"), folder.dir, "dependent", "true"];
  await killed(spawn(node, ["-e", COMMAND, ...args], { stdio: ["ignore", "pipe", "inherit"] }));
});
