/**
 * Says which stacks the pipeline previews, deploys and watches, as a JSON list for a workflow's matrix:
 *   node review/stacks.ts --base SHA            those whose inputs differ between that commit and the working tree;
 *                         [--was DIR]           also those that leave the pipeline, which a checkout of that commit has in it
 *   node review/stacks.ts --all                 all of them
 *   node review/stacks.ts --owners              those that belong to no other stack
 *   node review/stacks.ts --loading             those that load: the environments
 *   node review/stacks.ts --partners-of prod    those that prod lets in, to be deployed after it
 * A stack is among them when its file says `flux-ami:pipeline: true`.
 */
import { execFileSync } from "node:child_process";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { type Neighbour, neighboursIn } from "../config/source.ts";
import { IGNORED, STACK_FILE } from "./checkout.ts";
import { type Reached, reachedIn } from "./reached.ts";

const ownerOf = ({ values }: Neighbour) => values["flux-ami:owner"];

/** The stacks that say so. A partner by bucket policy is a part of its owner's stack and never one of its own. */
export function deployable(stacks: readonly Neighbour[]): Neighbour[] {
  return stacks.filter(
    ({ values }) => values["flux-ami:pipeline"] === "true" && values["flux-ami:way"] !== "bucketAccess",
  );
}

/**
 * The stacks that a change of these files touches, sorted.
 * @param before stacks as they were
 * @param reached whether the program imports a file, wherever that lies
 */
export function affectedStacks(
  stacks: readonly Neighbour[],
  files: readonly string[],
  before: readonly Neighbour[] = [],
  reached: Reached = () => false,
): string[] {
  const settings = (file: string) => /^policies\/config\/(.+)\.json$/.exec(file)?.[1];
  const everywhere = files.some(
    (file) =>
      (!IGNORED.test(file) || reached(file)) && !STACK_FILE.test(file) && settings(file) === undefined,
  );
  // A partner's file that is gone can't say any more whose partner it was.
  const gone = files.some((file) => STACK_FILE.test(file) && !stacks.some((known) => known.file === file));
  const touched = new Set<string>();
  for (const neighbour of stacks) {
    const own = files.some((file) => file === neighbour.file || settings(file) === neighbour.stack);
    if (!everywhere && !gone && !own) continue;
    touched.add(neighbour.stack);
    // A partner's file also changes the owner's bucket policy.
    const owner = ownerOf(neighbour);
    if (owner !== undefined) touched.add(owner);
  }
  const names = deployable(stacks).map(({ stack }) => stack);
  // One that leaves the pipeline is looked at once more: who takes it out has to say so.
  const leaving = deployable(before).flatMap(({ stack }) => (names.includes(stack) ? [] : [stack]));
  return [...names.filter((stack) => touched.has(stack)), ...leaving].sort();
}

/** Those that belong to no other stack, or those that this one lets in. */
export function ownedBy(stacks: readonly Neighbour[], owner: string | undefined): string[] {
  const known = deployable(stacks);
  const names = new Set(known.map(({ stack }) => stack));
  return known
    .filter((neighbour) => {
      const belongsTo = ownerOf(neighbour);
      // Whose owner is deployed elsewhere comes with the owners: nobody else would start it.
      return owner === undefined ? belongsTo === undefined || !names.has(belongsTo) : belongsTo === owner;
    })
    .map(({ stack }) => stack)
    .sort();
}

/** Those that have a load. */
export function loading(stacks: readonly Neighbour[]): string[] {
  return deployable(stacks)
    .filter(({ values }) => (values["flux-ami:kind"] || "environment") === "environment")
    .map(({ stack }) => stack);
}

function chosen(): string[] {
  const { values } = parseArgs({
    options: {
      base: { type: "string" },
      was: { type: "string" },
      all: { type: "boolean" },
      owners: { type: "boolean" },
      loading: { type: "boolean" },
      "partners-of": { type: "string" },
    },
  });
  const stacks = neighboursIn(".", "");
  const { base, all, owners, "partners-of": owner } = values;
  if (all) return deployable(stacks).map(({ stack }) => stack);
  if (values.loading) return loading(stacks);
  if (owners) return ownedBy(stacks, undefined);
  if (owner !== undefined) return ownedBy(stacks, owner);
  if (base === undefined || !/^[0-9a-f]{7,64}$/.test(base)) {
    throw new Error(
      "usage: node review/stacks.ts --all | --owners | --loading | --partners-of NAME | --base SHA (a commit, in hexadecimal) [--was DIR]",
    );
  }
  const names = execFileSync("git", ["diff", "--name-only", "-z", base], { encoding: "utf8" });
  return affectedStacks(
    stacks,
    names.split("\0").filter((name) => name !== ""),
    values.was === undefined ? [] : neighboursIn(values.was, ""),
    reachedIn("."),
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) console.log(JSON.stringify(chosen()));
