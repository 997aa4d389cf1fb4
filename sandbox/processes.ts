import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A long-running server that outlives the command that started it. */
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
}

interface Recorded {
  pid: number;
  /** When the process started, so that a reused pid is not taken for ours. */
  startedAt: string;
}

const pidFile = (dir: string, name: string): string => join(dir, `${name}.pid`);
export const logFile = (dir: string, name: string): string => join(dir, `${name}.log`);

/** When process `pid` started, in the system's own words; undefined when there is no such process. */
function startTime(pid: number): string | undefined {
  if (existsSync("/proc/self/stat")) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      // After the command name, which may hold blanks and brackets: field 3 is the state, field 22 the start.
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return fields[0] === "Z" ? undefined : fields[19];
    } catch {
      return undefined; // the process ended
    }
  }
  const { stdout, status } = spawnSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" });
  return status === 0 && stdout.trim() !== "" ? stdout.trim() : undefined;
}

/** The pid of the running service `name`, or undefined when it does not run. */
export function runningPid(dir: string, name: string): number | undefined {
  const file = pidFile(dir, name);
  if (!existsSync(file)) return undefined;
  const { pid, startedAt } = JSON.parse(readFileSync(file, "utf8")) as Recorded;
  return startTime(pid) === startedAt ? pid : undefined;
}

/**
 * Starts a service in a process group of its own and waits until it answers. One already running is left alone.
 * @returns true when it was started, false when it was running.
 * @throws when it ends or does not answer in time; the error ends with the last lines of its log.
 */
export async function startService(service: Service): Promise<boolean> {
  const { name, dir, command, args, env, ready, timeout = 30_000 } = service;
  if (runningPid(dir, name) !== undefined) {
    await answers(service, () => runningPid(dir, name) !== undefined, timeout);
    return false;
  }
  const log = openSync(logFile(dir, name), "a");
  const child = spawn(command, args, { cwd: dir, env, detached: true, stdio: ["ignore", log, log] });
  closeSync(log);
  let failure: Error | undefined;
  child.once("error", (error) => {
    failure = error;
  });
  const alive = (): boolean => failure === undefined && child.exitCode === null && child.signalCode === null;
  try {
    if (child.pid !== undefined) {
      const recorded: Recorded = { pid: child.pid, startedAt: startTime(child.pid) ?? "" };
      writeFileSync(pidFile(dir, name), JSON.stringify(recorded));
    }
    await answers({ name, dir, ready }, alive, timeout, () => failure?.message ?? describeEnd(child));
    child.unref();
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

/** Whether anything of the group still runs; a zombie, which only its parent can bury, does not count. */
const groupAlive = (pid: number): boolean =>
  signalGroup(pid, 0) && (startTime(pid) !== undefined || membersOf(pid) > 0);

function membersOf(group: number): number {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pgid=,stat="], { encoding: "utf8" });
  return (stdout ?? "")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([pgid, stat]) => pgid === String(group) && !stat?.startsWith("Z")).length;
}

/** The most resident memory that a process ever had, in MB; undefined where the system does not tell (no /proc). */
export function peakMemory(pid: number): number | undefined {
  const file = `/proc/${pid}/status`;
  if (!existsSync(file)) return undefined;
  const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(file, "utf8"))?.[1];
  return kilobytes === undefined ? undefined : Math.round((Number(kilobytes) * 1024) / 1e6);
}
