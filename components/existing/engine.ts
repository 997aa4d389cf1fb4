/** The engine's command line, called from this project's own programs. */
import { execFile } from "node:child_process";
import { retry } from "../snowflake/retry.ts";

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

/** Calls `pulumi`, and once more where the state was being written. Never rejects: the answer says what went wrong. */
export function callPulumi(
  args: readonly string[],
  { environment = {}, timeout = 0 }: CallOptions = {},
): Promise<Answer> {
  const call = async () => {
    const answer = await callOnce(args, { ...process.env, ...environment }, timeout);
    if (answer.exitCode !== 0 && HALF_WRITTEN.test(answer.stderr)) throw new HalfWritten(answer);
    return answer;
  };
  return retry(call, (error) => error instanceof HalfWritten, { firstPause: 50, longestPause: 1_000 }).catch(
    (error) => {
      if (error instanceof HalfWritten) return error.answer;
      throw error;
    },
  );
}

class HalfWritten extends Error {
  readonly answer: Answer;
  constructor(answer: Answer) {
    super(answer.stderr);
    this.answer = answer;
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
