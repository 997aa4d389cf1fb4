import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";

/** The project's root. */
export const root = join(import.meta.dirname, "..");

/** Tools that every sandbox shares: built once, kept under the ignored folder `.sandbox`. */
export const tools = {
  dir: join(root, ".sandbox"),
  /** The engine, its language host and the dynamic-provider plugin. */
  bin: join(root, ".sandbox", "bin"),
  /** PULUMI_HOME: the provider plugins. */
  pulumiHome: join(root, ".sandbox", "pulumi"),
  /** The virtual environment that MiniStack is installed in. */
  venv: join(root, ".sandbox", "venv"),
  /** What Node has compiled before. */
  compileCache: join(root, ".sandbox", "compile-cache"),
  python: join(root, ".sandbox", "venv", "bin", "python"),
} as const;

/** Virtual environments of Snowflake's clients, which `make clients` installs. */
export const clients = {
  dir: join(tools.dir, "clients"),
  /** The Python connector and what builds on it. */
  python: join(tools.dir, "clients", "python"),
  /** Snowflake's command line. */
  snow: join(tools.dir, "clients", "snow"),
} as const;

/** The Node that runs this; everything the sandbox starts runs on the same one. */
export const node = process.execPath;

/** Makes a folder that nobody but its owner can look into; one that is there becomes such. */
export function privateFolder(dir: string): void {
  mkdirSync(dir, { recursive: true });
  chmodSync(dir, 0o700);
}
