import { readFileSync } from "node:fs";
import { join } from "node:path";
import { command } from "../command.ts";
import { isRunning } from "../processes.ts";
import { duration, Steps } from "../steps.ts";
import { temporaryFolder } from "./support/folder.ts";

const folder = temporaryFolder("command");
const log = join(folder.dir, "logs", "command.log");
afterAll(folder.remove);

const node = (program: string, options: { onLine?: (line: string) => void; timeout?: number } = {}) =>
  command(process.execPath, ["-e", program], { log, timeout: 20_000, ...options });

describe("a command", () => {
  it("tells every line as it comes, also the last without an end, and keeps them all", async () => {
    const lines: string[] = [];
    await node("process.stdout.write('one\\ntw'); setTimeout(() => process.stdout.write('o\\nthree'), 50)", {
      onLine: (line) => lines.push(line),
    });
    expect(lines).toEqual(["one", "two", "three"]);
    expect(readFileSync(log, "utf8")).toBe("one\ntwo\nthree");
  });

  it("fails with its exit code and its last lines", async () => {
    await expect(node("console.log('working'); console.error('disk full'); process.exit(4)")).rejects.toThrow(
      /exit code 4.*working.*disk full.*all of its output: .*command\.log/s,
    );
  });

  it("is ended with its children when its time is over", async () => {
    const lines: string[] = [];
    const program = `
      const child = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
      console.log(child.pid); setInterval(() => {}, 1000);`;
    await expect(node(program, { timeout: 500, onLine: (line) => lines.push(line) })).rejects.toThrow(
      "not done within 0.5 s",
    );
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(isRunning(Number(lines[0]))).toBe(false);
  });

  it("runs in just the environment that it is given", async () => {
    const lines: string[] = [];
    await command(process.execPath, ["-p", "JSON.stringify([process.env.HOME, process.env.A])"], {
      log,
      timeout: 20_000,
      env: { A: "b" },
      onLine: (line) => lines.push(line),
    });
    expect(lines).toEqual(['[null,"b"]']);
  });

  it("is measured together with its children, where the system tells (Linux)", async () => {
    const hold = "const b = Buffer.alloc(100e6, 1); setTimeout(() => b.at(0), 2500);";
    const program = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(hold)}]); ${hold}`;
    const peak = await node(program);
    if (process.platform === "linux") expect(peak).toBeGreaterThan(200);
    else expect(peak).toBeUndefined();
  });
});

describe("steps", () => {
  it("say what they do and keep the figures, with a file for all runs", async () => {
    let out = "";
    const steps = new Steps((text) => {
      out += text;
    });
    await steps.run("build it", async (step) => {
      step.say("from scratch");
      step.note("is there");
      step.memory(42);
    });
    await expect(steps.run("break it", () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
    expect(out.replaceAll(/\[ +\d+:\d\d\] /g, "")).toBe(
      "build it …\n          from scratch\n✓ build it (is there), 0.0 s\nbreak it …\n✗ break it, after 0.0 s\n",
    );
    const file = join(folder.dir, "timings.json");
    steps.record(file, "up");
    steps.record(file, "up");
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject([
      { command: "up", steps: [{ step: "build it", seconds: expect.any(Number), peakMegabytes: 42 }] },
      { command: "up" },
    ]);
  });

  it.each([
    [0.04, "0.0 s"],
    [9.44, "9.4 s"],
    [10.4, "10 s"],
    [59.6, "1 min 0 s"],
    [185, "3 min 5 s"],
  ])("tell %d seconds as %s", (seconds, text) => expect(duration(seconds)).toBe(text));
});
