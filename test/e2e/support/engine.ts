/** Runs the real engine on a program, and can end it, or its provider, at any moment. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import type { CustomResourceOptions } from "@pulumi/pulumi";
import type { LoadSettings } from "../../../components/verified-load/args.ts";
import type { LoadSummary } from "../../../components/verified-load/verified-load.ts";
import type { LoadCloud } from "./load-cloud.ts";

export interface Run {
  exitCode: number | null;
  /** All that the engine printed. */
  output: string;
  seconds: number;
}

export type Victim = "engine" | "provider" | "both";

type Settings = Partial<LoadSettings>;

/** One stack of the program. */
export class Stack {
  readonly name: string;
  readonly cloud: LoadCloud;
  /** The engine's process while it runs. */
  private child: ChildProcess | undefined;
  /** What it has printed so far. */
  private printed = "";

  constructor(cloud: LoadCloud, name: string) {
    this.cloud = cloud;
    this.name = name;
    this.pulumi("stack", "init", name);
  }

  configure(settings: Settings, options: Pick<CustomResourceOptions, "customTimeouts"> = {}): void {
    for (const [key, value] of Object.entries({ settings, options }))
      this.pulumi("config", "set", key, JSON.stringify(value), "--stack", this.name);
  }

  up(): Promise<Run> {
    return this.start("up", "--yes", "--skip-preview");
  }
  preview(...options: string[]): Promise<Run> {
    return this.start("preview", ...options);
  }
  refresh(): Promise<Run> {
    return this.start("refresh", "--yes", "--skip-preview");
  }
  destroy(): Promise<Run> {
    return this.start("destroy", "--yes", "--skip-preview");
  }

  /** What a person does after a crash: take the dead engine's lock away. */
  unlock(): void {
    this.pulumi("cancel", "--yes", "--stack", this.name);
  }

  load(): LoadSummary {
    return JSON.parse(this.pulumi("stack", "output", "--json", "--stack", this.name)).load;
  }

  state(): string {
    return this.pulumi("stack", "export", "--stack", this.name);
  }

  /** kill -9, by process ID, of what this run started. */
  kill(victim: Victim): void {
    const engine = this.child?.pid;
    if (engine === undefined) throw new Error("the engine does not run");
    const providers = descendants(engine).filter((pid) => commandOf(pid).includes("dynamic-provider"));
    if (victim !== "engine") for (const pid of providers) process.kill(pid, "SIGKILL");
    if (victim !== "provider") process.kill(engine, "SIGKILL");
  }

  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  /** Resolves once the engine has printed such a text, or has ended. */
  async prints(text: RegExp): Promise<void> {
    while (!text.test(this.printed) && this.child?.exitCode === null)
      await new Promise((resume) => setTimeout(resume, 20));
  }

  private start(...args: string[]): Promise<Run> {
    const started = Date.now();
    const child = spawn("pulumi", [...args, "--non-interactive", "--color", "never", "--stack", this.name], {
      cwd: this.cloud.program,
      env: this.cloud.env,
    });
    this.child = child;
    this.printed = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk) => {
        this.printed += String(chunk);
      });
    return new Promise((resolve, reject) => {
      child.on("error", reject);
      // Orphans may keep the pipes open after a kill: the engine's own end is what counts.
      child.on("exit", (exitCode) => {
        setTimeout(
          () => resolve({ exitCode, output: this.printed, seconds: (Date.now() - started) / 1000 }),
          50,
        );
      });
    });
  }

  private pulumi(...args: string[]): string {
    const { program: cwd, env } = this.cloud;
    return execFileSync("pulumi", [...args, "--non-interactive", "--color", "never"], {
      cwd,
      env,
      encoding: "utf8",
      stdio: "pipe",
    });
  }
}

function descendants(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const parent = parentOf(Number(entry));
    if (parent !== undefined) parents.set(Number(entry), parent);
  }
  const below = (of: number): number[] =>
    [...parents].filter(([, parent]) => parent === of).flatMap(([child]) => [child, ...below(child)]);
  return below(pid);
}

function parentOf(pid: number): number | undefined {
  try {
    return Number(readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ")[1]);
  } catch {
    return undefined; // it ended meanwhile
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return ""; // it ended meanwhile
  }
}
