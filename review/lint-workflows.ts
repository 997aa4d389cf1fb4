/** Lints the workflows: `node review/lint-workflows.ts`, part of `make check`. Ends with 1 when something is wrong. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
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

function main(): void {
  const workflows = readdirSync(join(".github", "workflows")).map((name) =>
    join(".github", "workflows", name),
  );
  const actions = readdirSync(join(".github", "actions")).map((name) =>
    join(".github", "actions", name, "action.yml"),
  );
  const findings = [...workflows, ...actions].flatMap((file) => houseRules(file, readFileSync(file, "utf8")));
  for (const { file, line, message } of findings) console.error(`${file}:${line}: ${message}`);
  if (!actionlint(workflows) || findings.length > 0) process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main();
