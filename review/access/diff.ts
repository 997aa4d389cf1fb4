import { parseDocument } from "../../policies/iam-document.ts";
import { type Answer, ask } from "./ask.ts";
import { questionsFor, type Undecidable, undecidableParts } from "./questions.ts";
import { documentsOf, type World } from "./world.ts";

/** Access that somebody has on one side of a change and not on the other. */
export type AccessChange = Omit<Answer, "allowed">;

export interface AccessDiff {
  readonly gains: readonly AccessChange[];
  readonly losses: readonly AccessChange[];
  /** Parts added or removed that requests cannot decide; a person has to read those. */
  readonly undecided: readonly (Undecidable & { readonly side: "added" | "removed" })[];
  /** True when documents differ in spelling at most, so nothing was asked. */
  readonly sameMeaning: boolean;
}

/** The documents of a world in one spelling, to see whether two worlds say the same. */
function meaning(world: World): string {
  const lower = (texts: readonly string[]) => [...new Set(texts.map((text) => text.toLowerCase()))].sort();
  const documents = documentsOf(world).map(({ what, text }) => [
    what,
    parseDocument(text)
      .map(({ effect, principals, actions, resources, conditions }) =>
        JSON.stringify([
          effect,
          principals && [principals.not, principals.list.map(({ type, id }) => `${type} ${id}`).sort()],
          [actions.not, lower(actions.patterns)],
          resources && [resources.not, [...new Set(resources.patterns)].sort()],
          conditions.map(({ operator, key, values }) => `${operator} ${key} ${[...values].sort()}`).sort(),
        ]),
      )
      .sort(),
  ]);
  return JSON.stringify([
    world.account,
    [...world.buckets.keys()].sort(),
    [...world.roles.keys()].sort(),
    documents.sort(),
  ]);
}

/**
 * Who gains and who loses access between two worlds, decided by requests to an emulator that enforces the documents.
 * @param python interpreter of the environment that `ministack` is installed in
 */
export async function diffAccess(python: string, before: World, after: World): Promise<AccessDiff> {
  if (meaning(before) === meaning(after)) return { gains: [], losses: [], undecided: [], sameMeaning: true };
  const questions = questionsFor([before, after]);
  const [was, will] = await Promise.all([ask(python, before, questions), ask(python, after, questions)]);
  return {
    gains: missing(will, was),
    losses: missing(was, will),
    undecided: [
      ...without(undecidableParts(after), undecidableParts(before)).map((part) => ({
        ...part,
        side: "added" as const,
      })),
      ...without(undecidableParts(before), undecidableParts(after)).map((part) => ({
        ...part,
        side: "removed" as const,
      })),
    ],
    sameMeaning: false,
  };
}

const keyOf = ({ who, action, where, how }: AccessChange) => JSON.stringify([who, action, where, how]);

/** What is allowed in `these` and not in `those`. */
function missing(these: readonly Answer[], those: readonly Answer[]): AccessChange[] {
  const allowed = new Set(those.filter((answer) => answer.allowed).map(keyOf));
  return these
    .filter((answer) => answer.allowed && !allowed.has(keyOf(answer)))
    .map(({ who, action, where, how }) => ({ who, action, where, how }));
}

function without(these: readonly Undecidable[], those: readonly Undecidable[]): Undecidable[] {
  const known = new Set(those.map(({ what, part }) => `${what}\n${part}`));
  return these.filter(({ what, part }) => !known.has(`${what}\n${part}`));
}
