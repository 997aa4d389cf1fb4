/**
 * Says which stacks a change touches, as a JSON list for a workflow's matrix:
 *   node review/stacks.ts --base SHA     stacks whose inputs differ between that commit and the working tree
 *   node review/stacks.ts --all          every stack
 * The sandbox stack is never among them: it needs no accounts and has a job of its own.
 */
import { execFileSync } from "node:child_process";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { type Neighbour, neighboursIn } from "../config/source.ts";

/**
 * Paths that change no real stack: what describes, tests or measures the program, and the local cloud. All else counts,
 * so that a file which nobody thought of is reviewed rather than left out.
 */
const IGNORED =
  /^(bench|docs|examples|sandbox|test)\/|\.md$|^(LICENSE|\.editorconfig|biome\.json|jest\.config\.js|knip\.json)$/;
const STACK_FILE = /^Pulumi\.[^/]+\.ya?ml$/;
const SANDBOX = "sandbox";

/** The stacks that a change of these files touches, sorted. */
export function affectedStacks(stacks: readonly Neighbour[], files: readonly string[]): string[] {
  const real = stacks.filter(({ stack }) => stack !== SANDBOX);
  const settings = (file: string) => /^policies\/config\/(.+)\.json$/.exec(file)?.[1];
  const everywhere = files.some(
    (file) => !IGNORED.test(file) && !STACK_FILE.test(file) && settings(file) === undefined,
  );
  const touched = new Set<string>();
  for (const { stack, file, values } of real) {
    const own = files.some((changed) => changed === file || settings(changed) === stack);
    if (everywhere || own) touched.add(stack);
    // A partner's file also changes the owner's bucket policy.
    const owner = values["flux-ami:owner"];
    if (own && owner !== undefined && owner !== SANDBOX) touched.add(owner);
  }
  // A partner's file that is gone can't say any more whose partner it was.
  const gone = files.some((file) => STACK_FILE.test(file) && !stacks.some((known) => known.file === file));
  if (gone) for (const { stack } of real) touched.add(stack);
  return [...touched].sort();
}

function main(): void {
  const { values } = parseArgs({
    options: { base: { type: "string" }, all: { type: "boolean", default: false } },
  });
  const stacks = neighboursIn(".", "");
  if (values.all) {
    console.log(JSON.stringify(stacks.map(({ stack }) => stack).filter((stack) => stack !== SANDBOX)));
    return;
  }
  const { base } = values;
  if (base === undefined || !/^[0-9a-f]{7,64}$/.test(base)) {
    throw new Error(
      "usage: node review/stacks.ts --all | --base SHA (the commit to compare with, in hexadecimal)",
    );
  }
  const names = execFileSync("git", ["diff", "--name-only", "-z", base], { encoding: "utf8" });
  console.log(
    JSON.stringify(
      affectedStacks(
        stacks,
        names.split("\0").filter((name) => name !== ""),
      ),
    ),
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main();
