import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isRunning, runningPid, type Service, startService, stopService } from "../processes.ts";
import { temporaryFolder } from "./support/folder.ts";

const folder = temporaryFolder("processes");
const { dir } = folder;
const started: string[] = [];

afterAll(async () => {
  for (const name of started) await stopService(dir, name, 100);
  folder.remove();
});

/** A service that is a small program. It is ready once it has written its file. */
function service(name: string, program: string, rest: Partial<Service> = {}): Service {
  started.push(name);
  const flag = join(dir, `${name}.ready`);
  return {
    name,
    dir,
    command: process.execPath,
    args: ["-e", `const flag = ${JSON.stringify(flag)}; ${program}`],
    env: { PATH: process.env.PATH },
    ready: async () => existsSync(flag),
    ...rest,
  };
}

const STAY = "require('fs').writeFileSync(flag, ''); setInterval(() => {}, 1000);";

it("starts a service once: a second start finds it running", async () => {
  const wish = service("once", STAY);
  expect(await startService(wish)).toBe(true);
  const pid = runningPid(dir, "once");
  expect(await startService(wish)).toBe(false);
  expect(runningPid(dir, "once")).toBe(pid);
});

it("ends a service with all of its children, and may be asked again", async () => {
  const program = `
    const child = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    // It is there at once with all that is in it: what waits for it reads it.
    require('fs').writeFileSync(flag + '.new', String(child.pid)); require('fs').renameSync(flag + '.new', flag);
    setInterval(() => {}, 1000);`;
  await startService(service("family", program));
  const pid = runningPid(dir, "family") ?? 0;
  const child = Number(readFileSync(join(dir, "family.ready"), "utf8"));
  expect([isRunning(pid), isRunning(child)]).toEqual([true, true]);
  expect(await stopService(dir, "family")).toBe(true);
  expect([isRunning(pid), isRunning(child)]).toEqual([false, false]);
  expect(await stopService(dir, "family")).toBe(false);
});

it("ends by force what does not end by itself", async () => {
  await startService(service("stubborn", `process.on('SIGTERM', () => {}); ${STAY}`));
  const pid = runningPid(dir, "stubborn") ?? 0;
  expect(await stopService(dir, "stubborn", 200)).toBe(true);
  expect(isRunning(pid)).toBe(false);
});

it("lets a service end its work before it is gone", async () => {
  const done = join(dir, "saved");
  const save = `process.on('SIGTERM', () => setTimeout(() => {
    require('fs').writeFileSync(${JSON.stringify(done)}, 'yes'); process.exit(0); }, 300));`;
  await startService(service("saving", `${save} ${STAY}`));
  await stopService(dir, "saving");
  expect(readFileSync(done, "utf8")).toBe("yes");
});

it("says how a service failed, with the last that it wrote", async () => {
  const failing = service("failing", "console.error('no disk left'); process.exit(3);");
  await expect(startService(failing)).rejects.toThrow(
    /failing did not start: it exited with code 3\n.*last lines of .*failing.log:\n\s+no disk left/s,
  );
  expect(runningPid(dir, "failing")).toBeUndefined();
});

it("gives up on a service that never answers, and leaves no process", async () => {
  const silent = service("silent", "console.log('pid', process.pid); setInterval(() => {}, 1000);", {
    timeout: 700,
  });
  await expect(startService(silent)).rejects.toThrow(/silent did not answer within 0.7 s/);
  const pid = Number(/pid (\d+)/.exec(readFileSync(join(dir, "silent.log"), "utf8"))?.[1]);
  expect(isRunning(pid)).toBe(false);
});

it("says so when the program is missing", async () => {
  const missing = service("missing", "", { command: "/nowhere/program" });
  await expect(startService(missing)).rejects.toThrow(/missing did not start: .*ENOENT/);
});

it("does not take another process, which got the same pid later, for its own", async () => {
  const bystander = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  try {
    const pid = bystander.pid ?? 0;
    writeFileSync(join(dir, "reused.pid"), JSON.stringify({ pid, startedAt: "1" }));
    expect(runningPid(dir, "reused")).toBeUndefined();
    expect(await stopService(dir, "reused")).toBe(false);
    expect(isRunning(pid)).toBe(true);
  } finally {
    bystander.kill();
  }
});
