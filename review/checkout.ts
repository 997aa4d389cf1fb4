/** Files of a checkout, and what they are by their path. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";

/**
 * Paths that change no real stack: what describes, tests or measures the program, and the local cloud. All else counts,
 * so that a file which nobody thought of is reviewed rather than left out.
 */
export const IGNORED =
  /^(bench|docs|examples|sandbox|test)\/|\.md$|^(LICENSE|\.editorconfig|biome\.json|jest\.config\.js|knip\.json)$/;
/** A stack's settings. */
export const STACK_FILE = /^Pulumi\.[^/]+\.ya?ml$/;

/** The program and its commands. */
export const PROGRAM = /^(index\.ts$|(commands|components|config|preflight|report)\/)/;
export const JUDGES = /^(policies|review)\//;
/** What runs with a login, or judges what does. */
export const isCode = (path: string): boolean => JUDGES.test(path) || PROGRAM.test(path);

/** What is made here, and no part of a change. */
const MADE = [".report", ".review", ".sandbox", "node_modules"];

/** Paths of all files of a checkout, and of links, which are not followed: one may lead anywhere, also back. */
export function filesIn(project: string): string[] {
  return [...walk(project, ""), ...tracked(project)];
}

/** Packages that lie below a folder of the program are a part of it: Node takes the nearest. */
function walk(project: string, folder: string): string[] {
  return readdirSync(join(project, folder), { withFileTypes: true })
    .filter(({ name }) => folder !== "" || !(name === ".git" || MADE.includes(name)))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? walk(project, path) : [path];
    });
}

/** Where things are made that git has all the same: whoever checks the change out has them among what is made. */
function tracked(project: string): string[] {
  const { status, stdout, stderr } = spawnSync("git", ["ls-files", "-z", "--", ...MADE], {
    cwd: project,
    encoding: "utf8",
    maxBuffer: 1e9,
  });
  if (status !== 0)
    throw new Error(
      `nobody knows what of ${project} is part of a change, git said: ${String(stderr).trim() || "nothing"}; take a checkout (git worktree add ../main main)`,
    );
  return stdout.split("\0").filter((path) => path !== "");
}
