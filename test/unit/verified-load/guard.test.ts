import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

let folder: string;
let log: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "guard-"));
  log = join(folder, "log");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const start = (engine = "none") =>
  spawn(process.execPath, [join(__dirname, "support/guarded.ts"), engine, log], { stdio: "ignore" });
const lines = () => (existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : []);
async function until(condition: () => boolean) {
  const deadline = Date.now() + 15_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`not within 15 s; log: ${lines().join(" | ")}`);
    await sleep(50);
  }
}
const ended = (child: ChildProcess) => new Promise((resolve) => child.on("exit", resolve));

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("%s: cleans up, then ends", async (signal) => {
  const child = start();
  await until(() => lines().length > 0);
  child.kill(signal);
  await expect(ended(child)).resolves.toBe(130);
  expect(lines().slice(1)).toEqual([
    expect.stringContaining(`got ${signal}: setting the warehouse back`),
    "cleaned up",
  ]);
});

test("when its engine is gone: cleans up, then ends", async () => {
  let looks = 0;
  const engine = createServer((socket) => {
    looks += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => engine.listen(0, "127.0.0.1", resolve));
  const child = start(`127.0.0.1:${(engine.address() as AddressInfo).port}`);
  await until(() => lines().length > 0);
  await until(() => looks > 2);
  expect(child.exitCode).toBeNull();
  engine.close();
  await expect(ended(child)).resolves.toBe(1);
  expect(lines().slice(1)).toEqual([expect.stringContaining("the engine is gone"), "cleaned up"]);
});
