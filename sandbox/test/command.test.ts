import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { precise } from "../../components/format.ts";
import { command } from "../command.ts";
import { root } from "../paths.ts";
import { isRunning } from "../processes.ts";
import { Steps } from "../steps.ts";
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
      /exit code 4.*all of its output: .*command\.log.*working.*disk full/s,
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
    while (isRunning(Number(lines[0]))) await sleep(20);
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

/** A screen that keeps what is written on it. */
function screen(properties: { isTTY?: boolean; columns?: number } = {}) {
  const stream = Object.assign(new PassThrough(), properties);
  return { stream, text: () => String(stream.read() ?? "") };
}

describe("steps", () => {
  it("have a line each, with what they took, and keep the figures, with a file for all runs", async () => {
    const { stream, text } = screen();
    const steps = new Steps(stream);
    await steps.run("build it", async (step) => {
      step.say("from scratch");
      step.note("built");
      step.memory(42);
    });
    await steps.run("look", async (step) => step.quiet());
    await steps.run("all of it", async (step) => {
      step.done("the half");
      step.warn("hot");
      step.done("the rest");
      step.quiet();
    });
    await expect(steps.run("break it", () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
    expect(text().replaceAll(/\d+\.\d s/g, "… s")).toBe(
      "✓ build it: built (… s)\n✓ the half (… s)\n! hot\n✓ the rest (… s)\n✗ break it (… s)\n",
    );
    const file = join(folder.dir, "timings.json");
    steps.record(file, "up");
    steps.record(file, "up");
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject([
      {
        command: "up",
        steps: [
          { step: "build it", seconds: expect.any(Number), peakMegabytes: 42 },
          { step: "look" },
          { step: "all of it" },
        ],
      },
      { command: "up" },
    ]);
  });

  /** Runs two steps in a process of its own, on what takes itself for a terminal. */
  const onTerminal = (variables: Record<string, string>): string => {
    const program = `
      import { WriteStream } from "node:tty";
      import { Steps } from ${JSON.stringify(join(root, "sandbox", "steps.ts"))};
      const terminal = Object.assign(process.stdout, { isTTY: true, columns: 30 });
      terminal.getColorDepth = WriteStream.prototype.getColorDepth;
      await new Steps(terminal).run("work", async (step) => {
        step.say("a file with a name that is longer than the terminal is wide");
        step.done("a part");
      });`;
    const env = { PATH: process.env.PATH, TERM: "xterm-256color", ...variables };
    return execFileSync(process.execPath, ["--input-type=module", "-e", program], { env, encoding: "utf8" });
  };
  const COLOUR = "\u001b[32m";

  it("are drawn on a terminal while they run, no wider than it is, in colour", () => {
    const text = onTerminal({});
    expect(text).toContain(`${COLOUR}✓`);
    const drawn = text.split("\r\u001b[2K").map((line) => stripVTControlCharacters(line));
    expect(drawn.some((line) => /^[⠋-⠿] work, \d+\.\d s/.test(line))).toBe(true);
    for (const line of drawn) expect(line.trimEnd().length).toBeLessThan(30);
  });

  it("are without colour where NO_COLOR says so, and not drawn over in CI", () => {
    expect(onTerminal({ NO_COLOR: "1" })).not.toContain(COLOUR);
    expect(onTerminal({ CI: "true", NO_COLOR: "1" }).replaceAll(/\d+\.\d s/g, "… s")).toBe(
      "✓ a part (… s)\n✓ work (… s)\n",
    );
  });

  it.each([
    [0.04, "0.0 s"],
    [9.44, "9.4 s"],
    [10.4, "10 s"],
    [59.6, "1 min 0 s"],
    [185, "3 min 5 s"],
  ])("tell %d seconds as %s", (seconds, text) => expect(precise(seconds)).toBe(text));
});
