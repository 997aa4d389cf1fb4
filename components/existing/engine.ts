/** The engine's command line, called from this project's own programs: without its SDK, which takes half a second to load. */
import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

/** What a call of `pulumi` came to. */
export interface Answer {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CallOptions {
  /** Variables beside those of this process. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Milliseconds after which the call is ended. @default no limit */
  readonly timeout?: number;
}

/**
 * What reading a state says while another process writes it: in a folder, what describes the file is emptied before it is
 * filled, and only the file itself is put in place at once [gocloud.dev, fileblob, the sidecar `.attrs`].
 */
const HALF_WRITTEN = /failed to load checkpoint: (unexpected )?EOF/;

const ATTEMPTS = 8;
const LONGEST_PAUSE_MS = 1_000;

/** Calls `pulumi`, and once more where the state was being written. Never rejects: the answer says what went wrong. */
export async function callPulumi(
  args: readonly string[],
  { environment = {}, timeout = 0 }: CallOptions = {},
): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    const answer = await callOnce(args, { ...process.env, ...environment }, timeout);
    if (answer.exitCode === 0 || !HALF_WRITTEN.test(answer.stderr) || attempt === ATTEMPTS) return answer;
    await sleep(Math.min(25 * 2 ** attempt, LONGEST_PAUSE_MS));
  }
}

function callOnce(args: readonly string[], env: NodeJS.ProcessEnv, timeout: number): Promise<Answer> {
  const words = [...args, "--non-interactive", "--color", "never"];
  return new Promise((resolve) => {
    const child = execFile(
      "pulumi",
      words,
      { encoding: "utf8", maxBuffer: 1e9, env, timeout },
      (error, stdout, stderr) => {
        const missing = (error as NodeJS.ErrnoException | null)?.code === "ENOENT";
        const exitCode = error ? (typeof error.code === "number" ? error.code : 1) : 0;
        resolve({ exitCode, stdout, stderr: missing ? "ENOENT: there is no command `pulumi`" : stderr });
      },
    );
    child.stdin?.end();
  });
}

/** A resource of a stack's state. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  /** Of what was made: its ID. */
  readonly id?: string;
  /** True for what is only read. */
  readonly external?: boolean;
  /** True for what stays in its cloud when the stack lets go of it. */
  readonly retainOnDelete?: boolean;
  /** URN of what it is said to go with. */
  readonly deletedWith?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
}

/** The resources of a state that was to be exported. Throws what `pulumi` said where it was not. */
export function resourcesIn({ exitCode, stdout, stderr }: Answer): readonly StateResource[] {
  if (exitCode !== 0) throw new Error(`\`pulumi stack export\` failed: ${stderr.trim()}`);
  return resourcesOf(stdout);
}

/** The resources of an exported state. */
export const resourcesOf = (state: string): readonly StateResource[] =>
  (JSON.parse(state) as { deployment?: { resources?: StateResource[] } }).deployment?.resources ?? [];
