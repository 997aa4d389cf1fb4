/** Lints the workflows: `node review/lint-workflows.ts`, part of `make check`. Ends with 1 when something is wrong. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parse } from "yaml";

export interface Finding {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/** Rules for any file with steps, composite actions too. */
export function houseRules(file: string, text: string): Finding[] {
  const findings: Finding[] = [];
  const wrong = (line: number, message: string) => findings.push({ file, line, message });
  for (const [index, line] of text.split("\n").entries()) {
    const used = /^\s*(?:- )?uses:\s*(\S+)(.*)$/.exec(line);
    if (used?.[1] && !used[1].startsWith("./")) {
      if (!/@[0-9a-f]{40}$/.test(used[1]))
        wrong(index + 1, `${used[1]} is not pinned; use a commit's 40 digits`);
      else if (!/# v\d+(\.\d+)+$/.test(used[2] ?? ""))
        wrong(index + 1, `${used[1]} does not say its version; add # vX.Y.Z`);
    }
    if (/^\s*pull_request_target\b|\bon:.*pull_request_target/.test(line)) {
      wrong(index + 1, "pull_request_target gives a fork's change the secrets; use pull_request");
    }
    // An expression in a shell command lets whoever names a branch write the command.
    const command = /^\s*(?:- )?run:\s*(.*)$/.exec(line)?.[1];
    if (command?.includes("${{"))
      wrong(index + 1, "a command holds an expression; pass it by env and quote it");
  }
  const workflow = parse(text) as { jobs?: Record<string, object>; permissions?: unknown };
  if (workflow.jobs !== undefined) {
    if (workflow.permissions === undefined) wrong(1, "permissions are not set; begin with contents: read");
    for (const [name, job] of Object.entries(workflow.jobs)) {
      if (!("timeout-minutes" in job)) wrong(1, `the job ${name} has no timeout-minutes`);
    }
  }
  return findings;
}

/** Runs actionlint, which go.mod beside it pins; built once and then kept in Go's cache. */
function actionlint(files: readonly string[]): boolean {
  const args = [
    "-C",
    join(".github", "lint"),
    "tool",
    "actionlint",
    "-oneline",
    "-shellcheck=",
    "-pyflakes=",
  ];
  const { status, error } = spawnSync("go", [...args, ...files.map((file) => resolve(file))], {
    stdio: "inherit",
  });
  if (error !== undefined)
    throw new Error(`actionlint could not be run: ${error.message}; install Go 1.26 or newer`);
  return status === 0;
}

const LINT = join(".github", "lint");
const VENV = join(".sandbox", "lint");

/** Runs zizmor, which requirements.txt beside actionlint's go.mod pins by hash; installed once and then kept. */
function zizmor(): boolean {
  const pinned = join(LINT, "requirements.txt");
  const installed = join(VENV, "installed.txt");
  const wanted = readFileSync(pinned, "utf8");
  if (!existsSync(installed) || readFileSync(installed, "utf8") !== wanted) {
    run("python3", ["-m", "venv", VENV], "install Python 3.10 or newer");
    const pip = [
      "install",
      "--quiet",
      "--disable-pip-version-check",
      "--require-hashes",
      "--requirement",
      pinned,
    ];
    run(join(VENV, "bin", "pip"), pip, "it is fetched from PyPI once");
    writeFileSync(installed, wanted);
  }
  const { status } = spawnSync(join(VENV, "bin", "zizmor"), ["--offline", "--quiet", ".github"], {
    stdio: "inherit",
  });
  return status === 0;
}

function run(command: string, args: readonly string[], cure: string): void {
  const { status, error } = spawnSync(command, args, { stdio: "inherit" });
  if (status !== 0) throw new Error(`zizmor could not be installed: ${error?.message ?? command}; ${cure}`);
}

function main(): void {
  const workflows = readdirSync(join(".github", "workflows")).map((name) =>
    join(".github", "workflows", name),
  );
  const actions = readdirSync(join(".github", "actions")).map((name) =>
    join(".github", "actions", name, "action.yml"),
  );
  const findings = [...workflows, ...actions].flatMap((file) => houseRules(file, readFileSync(file, "utf8")));
  for (const { file, line, message } of findings) console.error(`${file}:${line}: ${message}`);
  const clean = [actionlint(workflows), zizmor()].every((good) => good);
  if (!clean || findings.length > 0) process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main();
