import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** The `runtime.options` of a Pulumi.yaml or PulumiPolicy.yaml that the language host honours. */
export interface RuntimeOptions {
  /** Compile with ts-node first; off where Node strips the types itself. @default true */
  typescript?: boolean;
  /** Arguments for node itself, separated by blanks. */
  nodeargs?: string;
  /** Path of the tsconfig to compile with. @default "tsconfig.json" */
  tsconfig?: string;
}

/** Children must not outlive a host that was killed and could tell them nothing. */
const END_WITH_PARENT = pathToFileURL(join(import.meta.dirname, "..", "end-with-parent.ts")).href;

const children = new Set<ChildProcess>();

/**
 * Starts one of @pulumi/pulumi's entry points (`cmd/<command>`), as installed for the program in `directory`.
 * `output` says whether it prints to the host's own output, or to pipes for the caller to read.
 */
export function start(
  command: "run" | "run-plugin" | "run-policy-pack",
  directory: string,
  args: string[],
  options: RuntimeOptions,
  env: NodeJS.ProcessEnv,
  output: "inherit" | "pipe",
): ChildProcess {
  let entry: string;
  try {
    entry = createRequire(join(directory, "package.json")).resolve(`@pulumi/pulumi/cmd/${command}`);
  } catch (error) {
    throw new Error(`@pulumi/pulumi is not installed for ${directory}: run \`npm ci\` there`, {
      cause: error,
    });
  }
  const nodeArgs = [`--import=${END_WITH_PARENT}`, ...(options.nodeargs?.split(/\s+/).filter(Boolean) ?? [])];
  const child = spawn(process.execPath, [...nodeArgs, entry, ...args], {
    cwd: directory,
    env: {
      ...process.env,
      PULUMI_NODEJS_TYPESCRIPT: String(options.typescript ?? true),
      ...(options.tsconfig && { PULUMI_NODEJS_TSCONFIG_PATH: options.tsconfig }),
      ...env,
    },
    stdio: ["pipe", output, output],
  });
  children.add(child);
  child.once("close", () => children.delete(child));
  return child;
}

/** The exit code of a child once it ends: 128 + n when signal n ended it, as a shell counts. */
export function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}

/** Passes a signal on to everything started here. */
export function signalChildren(signal: NodeJS.Signals): void {
  for (const child of children) child.kill(signal);
}
