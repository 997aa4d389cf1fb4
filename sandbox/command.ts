import { once } from "node:events";
import { createWriteStream, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import execa from "execa";

export interface CommandOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** File that keeps all the command prints. */
  log: string;
  /** Told of every line that it prints. */
  onLine?: (line: string) => void;
  /** It is ended after so many ms. */
  timeout: number;
}

const SAMPLE_MS = 500;
const KEEP_LINES = 25;

let commands = 0;
/** Whether a command runs, which hears of Ctrl-C itself. */
export const running = (): boolean => commands > 0;

/**
 * Runs a command to its end.
 * @returns the peak of the memory that it and its children took together, in MB (Linux only)
 * @throws when it fails; the error shows the last lines that it printed, unless `onLine` was told of them
 */
export async function command(
  file: string,
  args: string[],
  options: CommandOptions,
): Promise<number | undefined> {
  const { cwd, env, log, onLine, timeout } = options;
  mkdirSync(dirname(log), { recursive: true });
  const sink = createWriteStream(log);
  const child = execa(file, args, {
    ...(cwd !== undefined && { cwd }),
    ...(env !== undefined && { env, extendEnv: false }),
    all: true,
    buffer: false,
    stdin: "ignore",
    timeout,
    // An own group, so that a command ended half-way leaves nothing behind.
    detached: true,
  });
  const signal = (name: NodeJS.Signals) => child.pid !== undefined && signalGroup(child.pid, name);
  const end = () => signal("SIGTERM");
  // Being in a group of its own, it does not hear the terminal's Ctrl-C by itself.
  const interrupt = () => signal("SIGINT");
  process.once("exit", end);
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", end);
  commands += 1;
  let peak = 0;
  const sampler = setInterval(() => {
    peak = Math.max(peak, treeMemory(child.pid));
  }, SAMPLE_MS);
  const last: string[] = [];
  let rest = "";
  child.all?.on("data", (data: Buffer) => {
    sink.write(data);
    const lines = (rest + data.toString("utf8")).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      last.push(line);
      if (last.length > KEEP_LINES) last.shift();
      onLine?.(line);
    }
  });
  try {
    await child;
    return peak > 0 ? Math.round(peak / 1e6) : undefined;
  } catch (error) {
    const { shortMessage, timedOut } = error as execa.ExecaError;
    const reason = timedOut ? `not done within ${timeout / 1000} s` : shortMessage;
    const shown = onLine ? [] : [...last, rest];
    // The cause comes last, where it is seen.
    throw new Error([reason, `all of its output: ${log}`, ...shown].join("\n  "), { cause: error });
  } finally {
    commands -= 1;
    clearInterval(sampler);
    process.off("exit", end);
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", end);
    end();
    if (rest !== "") onLine?.(rest);
    sink.end();
    await once(sink, "close");
  }
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // nothing of the group is left
  }
}

/** Bytes of memory of a process and all its descendants. */
function treeMemory(root: number | undefined): number {
  if (root === undefined || !existsSync("/proc/self/smaps_rollup")) return 0;
  const children = new Map<number, number[]>();
  for (const entry of readdirSync("/proc")) {
    const pid = Number(entry);
    const parent = Number.isInteger(pid) ? parentOf(pid) : undefined;
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const sum = (pid: number): number =>
    memoryOf(pid) + (children.get(pid) ?? []).reduce((total, child) => total + sum(child), 0);
  return sum(root);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined; // the process has ended meanwhile
  }
}

function parentOf(pid: number): number | undefined {
  const stat = read(`/proc/${pid}/stat`);
  return stat === undefined ? undefined : Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

/** Memory of a process, its part of what it shares with others counted in proportion. */
const memoryOf = (pid: number): number =>
  Number(/^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`) ?? "")?.[1] ?? 0) * 1024;
