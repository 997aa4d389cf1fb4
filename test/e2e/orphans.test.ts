/** An engine that is killed takes leave of nobody: all that it has started ends by itself. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import { tools } from "../../sandbox/paths.ts";
import { isRunning } from "../../sandbox/processes.ts";

jest.setTimeout(120_000);

const folder = mkdtempSync(join(tmpdir(), "flux-orphans-"));
const env = {
  ...process.env,
  PATH: `${tools.bin}${delimiter}${join(process.execPath, "..")}${delimiter}${process.env.PATH}`,
  PULUMI_HOME: tools.pulumiHome,
  PULUMI_BACKEND_URL: `file://${folder}`,
  PULUMI_CONFIG_PASSPHRASE: "p",
  PULUMI_SKIP_UPDATE_CHECK: "true",
};
const options = ["--stack", "orphans", "--non-interactive", "--color", "never"];
let engine: ChildProcess | undefined;

beforeAll(() => {
  symlinkSync(resolve(__dirname, "../../node_modules"), join(folder, "node_modules"));
  const files = {
    "package.json": JSON.stringify({ name: "orphans", type: "module", main: "index.ts" }),
    "Pulumi.yaml": stringify({
      name: "orphans",
      main: "index.ts",
      runtime: { name: "nodejs", options: { typescript: false } },
    }),
    // The resource is never done, and neither is the program.
    "index.ts": `
import * as pulumi from "@pulumi/pulumi";
const provider: pulumi.dynamic.ResourceProvider = {
  create: async () => {
    const { writeFileSync } = await import("node:fs");
    writeFileSync(${JSON.stringify(join(folder, "creating"))}, "");
    setInterval(() => {}, 1_000);
    return await new Promise<pulumi.dynamic.CreateResult>(() => {});
  },
};
class Never extends pulumi.dynamic.Resource {}
new Never(provider, "never", {});
setInterval(() => {}, 1_000);
`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  execFileSync("pulumi", ["stack", "init", ...options], { cwd: folder, env, stdio: "pipe" });
});
afterAll(() => {
  engine?.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

test("language host, program and dynamic provider end soon after the engine was killed", async () => {
  engine = spawn("pulumi", ["up", "--yes", "--skip-preview", ...options], {
    cwd: folder,
    env,
    stdio: "ignore",
  });
  while (!existsSync(join(folder, "creating"))) await sleep(50);
  const started = descendants(engine.pid as number);
  const commands = started.map(commandOf).join("\n");
  for (const part of ["language-nodejs", "cmd/run", "dynamic-provider"]) expect(commands).toContain(part);
  engine.kill("SIGKILL");
  while (started.some(isRunning)) await sleep(50);
});

function descendants(of: number): number[] {
  const parents = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name): [number, number] => [Number(name), parentOf(Number(name))]);
  const below = (pid: number): number[] =>
    parents.filter(([, parent]) => parent === pid).flatMap(([child]) => [child, ...below(child)]);
  return below(of);
}

const parentOf = (pid: number): number => Number(read(`/proc/${pid}/stat`).split(") ").at(-1)?.split(" ")[1]);
const commandOf = (pid: number): string => read(`/proc/${pid}/cmdline`).replaceAll("\0", " ");

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // it ended meanwhile
  }
}
