/** Installs the tools that every sandbox shares, under the ignored folder `.sandbox`. What is there already stays. */
import { createHash } from "node:crypto";
import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import execa from "execa";
import { command } from "./command.ts";
import { findEngine, findPlugin } from "./found-tools.ts";
import { clients, node, root, tools } from "./paths.ts";
import { requiredPackages } from "./plugins/language-nodejs/packages.ts";
import { stampOf } from "./stamp.ts";
import type { Step, Steps } from "./steps.ts";
import { installVenv } from "./venv.ts";

const sandbox = join(root, "sandbox");
const logs = join(tools.dir, "logs");
const MINUTE = 60_000;

/** Plugins that are written here, in TypeScript; the others are built. */
const STAND_INS = ["aws", "random"];

/** Puts everything in place that a sandbox needs to start. */
export async function install(steps: Steps): Promise<void> {
  mkdirSync(tools.bin, { recursive: true });
  const versions = new Map(requiredPackages(root).map(({ name, version }) => [name, version]));
  await steps.run("Pulumi engine", async (step) => {
    const output = join(tools.bin, "pulumi");
    if (await taken(step, output, engineVersion(), () => findEngine(engineVersion()))) return;
    await goBuild(step, {
      module: join(sandbox, "toolchain", "engine"),
      target: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
      output,
      variables: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": engineVersion() },
    });
  });
  await steps.run("Snowflake provider", async (step) => {
    const version = versions.get("snowflake") ?? "";
    const output = join(pluginFolder("snowflake", versions), "pulumi-resource-snowflake");
    if (await taken(step, output, version, () => findPlugin("snowflake", version))) return;
    await goBuild(step, {
      module: join(sandbox, "toolchain", "snowflake-provider"),
      target: ".",
      output,
      variables: { "main.version": version },
    });
  });
  await steps.run("AWS emulator, in a virtual environment", (step) =>
    installVenv(step, {
      dir: tools.venv,
      requirements: join(sandbox, "requirements.txt"),
      log: join(logs, "venv.log"),
    }),
  );
  await steps.run("language host and stand-in plugins", async (step) => {
    step.quiet();
    script(join(tools.bin, "pulumi-language-nodejs"), join(sandbox, "plugins", "language-nodejs", "main.ts"));
    script(
      join(tools.bin, "pulumi-resource-pulumi-nodejs"),
      join(sandbox, "plugins", "dynamic-provider", "main.ts"),
    );
    for (const name of STAND_INS) {
      const folder = pluginFolder(name, versions);
      script(join(folder, `pulumi-resource-${name}`), join(sandbox, "plugins", name, "main.ts"));
    }
  });
}

/** Puts the clients in place that tests talk to the local Snowflake with. */
export async function installClients(steps: Steps): Promise<void> {
  await steps.run("install the Python clients into virtual environments", async (step) => {
    mkdirSync(clients.dir, { recursive: true });
    const install = (name: "python" | "snow") =>
      installVenv(step, {
        dir: clients[name],
        requirements: join(sandbox, "clients", `${name}.txt`),
        log: join(logs, `venv-${name}.log`),
      });
    await Promise.all([install("python"), install("snow")]);
  });
}

/** Whether the tools are there; startSandbox asks before it starts anything. */
export function assertInstalled(): void {
  const missing = [tools.python, join(tools.bin, "pulumi")].find((path) => !existsSync(path));
  if (missing)
    throw new Error(`the sandbox's tools are not installed (${missing} is missing): run \`make install\``);
}

/** Where the engine looks for a plugin: its folder says its exact version. */
function pluginFolder(name: string, versions: Map<string, string>): string {
  const version = versions.get(name);
  if (!version) throw new Error(`package.json depends on no SDK package of the ${name} provider`);
  const folder = join(tools.pulumiHome, "plugins", `resource-${name}-v${version}`);
  mkdirSync(folder, { recursive: true });
  return folder;
}

function engineVersion(): string {
  const goMod = readFileSync(join(sandbox, "toolchain", "engine", "go.mod"), "utf8");
  const version = /^\s*github\.com\/pulumi\/pulumi\/pkg\/v3 (v\S+)/m.exec(goMod)?.[1];
  if (!version) throw new Error("sandbox/toolchain/engine/go.mod names no version of the engine");
  return version;
}

/**
 * Takes a copy of a program that is on the machine already; false when there is none, or when one was built here before.
 * A copy and no link: the engine looks for its language hosts beside the real file.
 */
async function taken(
  step: Step,
  output: string,
  version: string,
  find: () => string | undefined | Promise<string | undefined>,
): Promise<boolean> {
  const stamp = stampOf(`${output}.version`, version);
  if (existsSync(output) && stamp.holds()) {
    step.quiet();
    return true;
  }
  if (existsSync(output) && existsSync(`${output}.sha256`)) return false;
  const found = await find();
  if (found === undefined) return false;
  copyFileSync(found, `${output}.new`, constants.COPYFILE_FICLONE);
  renameSync(`${output}.new`, output);
  stamp.write();
  step.note(`taken from ${found}`);
  return true;
}

interface GoBuild {
  /** Folder of the Go module. */
  module: string;
  target: string;
  output: string;
  /** String variables that the linker sets. */
  variables: Record<string, string>;
}

/** Builds a Go program, unless the one that is there was built from the very same files. */
async function goBuild(step: Step, { module, target, output, variables }: GoBuild): Promise<void> {
  const goVersion = await goVersionOf(module);
  const linker = ["-s", "-w", ...Object.entries(variables).map(([name, value]) => `-X ${name}=${value}`)];
  const args = ["build", "-trimpath", "-buildvcs=false", "-ldflags", linker.join(" ")];
  const hash = createHash("sha256").update(JSON.stringify([goVersion, args, target]));
  for (const name of readdirSync(module).sort()) hash.update(name).update(readFileSync(join(module, name)));
  const stamp = stampOf(`${output}.sha256`, hash.digest("hex"));
  if (existsSync(output) && stamp.holds()) return step.quiet();
  step.note("built");
  step.say("builds it from its Go module, which takes some minutes the first time");
  const fresh = `${output}.new`;
  step.memory(
    await command("go", [...args, "-o", fresh, target], {
      cwd: module,
      env: { ...(process.env as Record<string, string>), CGO_ENABLED: "0" },
      log: join(logs, `build-${target === "." ? "snowflake-provider" : "engine"}.log`),
      timeout: 60 * MINUTE,
    }),
  );
  renameSync(fresh, output);
  stamp.write();
}

async function goVersionOf(module: string): Promise<string> {
  try {
    return (await execa("go", ["env", "GOVERSION", "GOOS", "GOARCH"], { cwd: module })).stdout;
  } catch (error) {
    throw new Error("Go is needed to build the engine: install Go 1.26 or newer (https://go.dev/dl)", {
      cause: error,
    });
  }
}

/** Writes an executable that runs a TypeScript file of the sandbox on this Node. */
function script(path: string, file: string): void {
  writeFileSync(`${path}.new`, `#!/bin/sh\nexec '${node}' '${file}' "$@"\n`);
  chmodSync(`${path}.new`, 0o755);
  renameSync(`${path}.new`, path);
}
