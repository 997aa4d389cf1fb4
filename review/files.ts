/**
 * Files of a checkout by what they have to do with a change: those that judge the next one, and code that runs as whoever
 * deploys. A file that nobody thought of counts as one that judges.
 */
import { lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { IGNORED, STACK_FILE } from "./stacks.ts";

/** What is made here, and no part of a change. */
const MADE = [".git", ".report", ".review", ".sandbox", "node_modules"];
/** The program and its commands. */
const PROGRAM = /^(index\.ts$|(commands|components|config|preflight|report)\/)/;
/** Of what describes, tests or measures: what is installed along with the rest, and the evaluator that requests are made to. */
const INSTALLED = ["sandbox/package.json", "sandbox/requirements.txt"];
/** The settings of program and stacks are compared key by key. */
const SETTINGS = ["Pulumi.yaml"];
const JUDGES = ["policies", "review"];
/** Below any folder but the first one. */
const PACKAGES = /\/node_modules\//;

export interface Files {
  /** Paths of files that have to do with how changes are judged, and by what code. */
  readonly judging: readonly string[];
  /** Paths of files that the deployment runs, and that no judge reads. */
  readonly running: readonly string[];
}

/**
 * Paths of all files of a checkout, and of links, which are not followed: one may lead anywhere, also back. Packages that lie
 * below a folder of the program are a part of it: Node takes the nearest.
 */
function filesIn(project: string, folder = ""): string[] {
  return readdirSync(join(project, folder), { withFileTypes: true })
    .filter(({ name }) => folder !== "" || !MADE.includes(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesIn(project, path) : [path];
    });
}

/** What pack and review are made of, wherever it lies: they import it. */
function reached(project: string, files: readonly string[]): Set<string> {
  const found = new Set<string>();
  const follow = (path: string) => {
    // A link may lead to a folder.
    if (found.has(path) || !statSync(join(project, path), { throwIfNoEntry: false })?.isFile()) return;
    found.add(path);
    const text = readFileSync(join(project, path), "utf8");
    for (const [, to = ""] of text.matchAll(/\b(?:from|import)\s*\(?\s*"(\.[^"]+)"/g))
      follow(normalize(join(dirname(path), to)));
  };
  for (const path of files) if (JUDGES.some((folder) => path.startsWith(`${folder}/`))) follow(path);
  return found;
}

/** Those of a checkout's files that differ from those of another. */
export function changedFiles(base: string, project: string): Files {
  const [before, after] = [filesIn(base), filesIn(project)];
  const judges = new Set([...reached(base, before), ...reached(project, after)]);
  const isJudge = (path: string) =>
    judges.has(path) ||
    INSTALLED.includes(path) ||
    (PACKAGES.test(path) && !IGNORED.test(path)) ||
    !(IGNORED.test(path) || PROGRAM.test(path) || STACK_FILE.test(path) || SETTINGS.includes(path));
  const read = (folder: string, path: string) => {
    const at = join(folder, path);
    const there = lstatSync(at, { throwIfNoEntry: false });
    if (there === undefined) return undefined;
    return there.isSymbolicLink() ? `link to ${readlinkSync(at)}` : readFileSync(at, "base64");
  };
  const changed = [...new Set([...before, ...after])]
    .filter((path) => isJudge(path) || PROGRAM.test(path))
    .filter((path) => read(base, path) !== read(project, path))
    .sort();
  return {
    judging: changed.filter(isJudge),
    running: changed.filter((path) => !isJudge(path)),
  };
}
