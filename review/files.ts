/**
 * Files of a checkout by what they have to do with a change: those that judge the next one, and code that runs as whoever
 * deploys. A file that nobody thought of counts as one that judges.
 */
import { lstatSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { filesIn, IGNORED, isCode, JUDGES, PROGRAM, STACK_FILE } from "./checkout.ts";
import { importsOf, type Reached } from "./reached.ts";

/** Of what describes, tests or measures: what is installed along with the rest, and the evaluator that requests are made to. */
const INSTALLED = ["sandbox/package.json", "sandbox/requirements.txt"];
/** The settings of program and stacks are compared key by key. */
const SETTINGS = ["Pulumi.yaml"];
/** Below any folder but the first one. */
const PACKAGES = /\/node_modules\//;

export interface Files {
  /** Paths of files that have to do with how changes are judged, and by what code. */
  readonly judging: readonly string[];
  /** Paths of files that the deployment runs, and that no judge reads. */
  readonly running: readonly string[];
}

/** Those of a checkout's files that differ from those of another. */
export function changedFiles(base: string, project: string): Files {
  const [before, after] = [filesIn(base), filesIn(project)];
  const imports = [importsOf(base, before.filter(isCode)), importsOf(project, after.filter(isCode))];
  const [byJudges, byProgram] = [JUDGES, PROGRAM].map((from) => imports.map((reached) => reached(from)));
  const isIn = (reached: readonly Reached[] | undefined, path: string) => reached?.some((has) => has(path));
  const isJudge = (path: string) =>
    JUDGES.test(path) ||
    isIn(byJudges, path) ||
    INSTALLED.includes(path) ||
    (PACKAGES.test(path) && (!IGNORED.test(path) || isIn(byProgram, path))) ||
    !(IGNORED.test(path) || PROGRAM.test(path) || STACK_FILE.test(path) || SETTINGS.includes(path));
  const [was, is] = [new Set(before), new Set(after)];
  // What lies among what is made and is part of one side alone is new or gone, whatever the other one has made there.
  const isSame = (path: string) => was.has(path) === is.has(path) && read(base, path) === read(project, path);
  const changed = [...new Set([...before, ...after])]
    .filter((path) => isJudge(path) || PROGRAM.test(path) || isIn(byProgram, path))
    .filter((path) => !isSame(path))
    .sort();
  return {
    judging: changed.filter(isJudge),
    running: changed.filter((path) => !isJudge(path)),
  };
}

/** What a path of a checkout holds; undefined where there is nothing. */
function read(folder: string, path: string): string | undefined {
  const at = join(folder, path);
  const there = lstatSync(at, { throwIfNoEntry: false });
  if (there?.isSymbolicLink()) return `link to ${readlinkSync(at)}`;
  // Of another repository, which nobody fetches, only that it belongs there is known.
  if (there?.isDirectory()) return "another repository";
  return there && readFileSync(at, "base64");
}
