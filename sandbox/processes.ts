import { type ChildProcess, type StdioOptions, spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A long-running server that outlives the command that started it, unless it is to end with that. */
export interface Service {
  /** Short name: names its pid file and its log. */
  name: string;
  /** Folder for pid file and log. */
  dir: string;
  command: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  /** Resolves to true once the service answers; asked again until it does. */
  ready: () => Promise<boolean>;
  /** How long it may take to answer, in ms. @default 30 000 */
  timeout?: number;
  /** Ends when the process that started it has ended, however that came. @default false */
  dependent?: boolean;
}

interface Recorded {
  pid: number;
  /** When the process started, so that a reused pid is not taken for ours. */
  startedAt: string;
}

export const pidFile = (dir: string, name: string): string => join(dir, `${name}.pid`);
export const logFile = (dir: string, name: string): string => join(dir, `${name}.log`);

/** What the system tells of a process; undefined when there is no such process. */
interface Facts {
  group: number;
  /** When it started, in the system's own words. */
  startedAt: string;
  /** It has ended, and only waits for its parent to ask how. */
  zombie: boolean;
}

const hasProc = existsSync("/proc/self/stat");

function factsOf(pid: number): Facts | undefined {
  if (hasProc) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      // After the command's name, which may hold blanks and brackets: state, parent, group, … and 19 on, the start.
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return { group: Number(fields[2]), startedAt: fields[19] ?? "", zombie: fields[0] === "Z" };
    } catch {
      return undefined; // the process ended
    }
  }
  const { stdout } = spawnSync("ps", ["-o", "pgid=,stat=,lstart=", "-p", String(pid)], { encoding: "utf8" });
  const [, group, state, startedAt] = /^\s*(\d+)\s+(\S+)\s+(.+?)\s*$/.exec(stdout) ?? [];
  return startedAt === undefined
    ? undefined
    : { group: Number(group), startedAt, zombie: state?.startsWith("Z") ?? false };
}

/** Whether process `pid` runs. */
export function isRunning(pid: number): boolean {
  const facts = factsOf(pid);
  return facts !== undefined && !facts.zombie;
}

function allPids(): number[] {
  const names = hasProc
    ? readdirSync("/proc")
    : spawnSync("ps", ["-A", "-o", "pid="], { encoding: "utf8" }).stdout.split("\n");
  return names.map((name) => Number.parseInt(name, 10)).filter(Number.isInteger);
}

/** The pid of the running service `name`, or undefined when it does not run. */
export function runningPid(dir: string, name: string): number | undefined {
  const file = pidFile(dir, name);
  if (!existsSync(file)) return undefined;
  const { pid, startedAt } = JSON.parse(readFileSync(file, "utf8")) as Recorded;
  return isRunning(pid) && factsOf(pid)?.startedAt === startedAt ? pid : undefined;
}

/**
 * Starts a service in a process group of its own and waits until it answers. One already running is left alone.
 * @returns true when it was started, false when it was running.
 * @throws when it ends or does not answer in time; the error ends with the last lines of its log.
 */
export async function startService(service: Service): Promise<boolean> {
  const { name, dir, command, args, env, ready, timeout = 30_000, dependent = false } = service;
  if (runningPid(dir, name) !== undefined) {
    await answers(service, () => runningPid(dir, name) !== undefined, timeout);
    return false;
  }
  const log = openSync(logFile(dir, name), "a", 0o600);
  // What depends on this process watches the pipe between them (watchParent, serve.py).
  const stdio: StdioOptions = [dependent ? "pipe" : "ignore", log, log];
  const child = spawn(command, args, { cwd: dir, env, detached: true, stdio });
  closeSync(log);
  let failure: Error | undefined;
  child.once("error", (error) => {
    failure = error;
  });
  const alive = (): boolean => failure === undefined && child.exitCode === null && child.signalCode === null;
  try {
    if (child.pid !== undefined) {
      const recorded: Recorded = { pid: child.pid, startedAt: factsOf(child.pid)?.startedAt ?? "" };
      writeFileSync(pidFile(dir, name), JSON.stringify(recorded));
    }
    await answers({ name, dir, ready }, alive, timeout, () => failure?.message ?? describeEnd(child));
    child.unref();
    (child.stdin as Socket | null)?.unref();
    return true;
  } catch (error) {
    await stopService(dir, name);
    throw error;
  }
}

const describeEnd = (child: ChildProcess): string =>
  child.signalCode ? `it was ended by ${child.signalCode}` : `it exited with code ${child.exitCode}`;

async function answers(
  { name, dir, ready }: Pick<Service, "name" | "dir" | "ready">,
  alive: () => boolean,
  timeout: number,
  end: () => string = () => "it ended",
): Promise<void> {
  const deadline = Date.now() + timeout;
  while (!(await ready())) {
    if (!alive()) throw new Error(`${name} did not start: ${end()}\n${tail(dir, name)}`);
    if (Date.now() > deadline) {
      throw new Error(`${name} did not answer within ${timeout / 1000} s\n${tail(dir, name)}`);
    }
    await sleep(50);
  }
}

function tail(dir: string, name: string): string {
  const file = logFile(dir, name);
  const lines = existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n").slice(-15) : [];
  return [`last lines of ${file}:`, ...lines].join("\n  ");
}

/**
 * Ends a service: its whole process group, first kindly, after `grace` ms by force.
 * @returns true when it was running.
 */
export async function stopService(dir: string, name: string, grace = 15_000): Promise<boolean> {
  const pid = runningPid(dir, name);
  if (pid === undefined) {
    rmSync(pidFile(dir, name), { force: true });
    return false;
  }
  signalGroup(pid, "SIGTERM");
  const deadline = Date.now() + grace;
  while (groupAlive(pid)) {
    if (Date.now() > deadline) signalGroup(pid, "SIGKILL");
    if (Date.now() > deadline + 5_000)
      throw new Error(`${name} (pid ${pid}) does not end, not even by SIGKILL`);
    await sleep(25);
  }
  rmSync(pidFile(dir, name), { force: true });
  return true;
}

function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}

/** Whether anything of the group still runs; zombies do not count. */
const groupAlive = (group: number): boolean =>
  signalGroup(group, 0) &&
  (isRunning(group) || allPids().some((pid) => factsOf(pid)?.group === group && isRunning(pid)));

/** The most resident memory that a process ever had, in MB; undefined where the system does not tell (no /proc). */
export function peakMemory(pid: number): number | undefined {
  const file = `/proc/${pid}/status`;
  if (!existsSync(file)) return undefined;
  const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(file, "utf8"))?.[1];
  return kilobytes === undefined ? undefined : Math.round((Number(kilobytes) * 1024) / 1e6);
}
