import { type Answer, ask } from "./ask.ts";
import { questionsFor, type Undecidable, undecidableParts } from "./questions.ts";
import type { World } from "./world.ts";

/** Access that somebody has on one side of a change and not on the other. */
export type AccessChange = Omit<Answer, "allowed">;

/** What requests show of a change. */
export interface AccessDiff {
  readonly gains: readonly AccessChange[];
  readonly losses: readonly AccessChange[];
  /** Parts added or removed that requests cannot decide; a person has to read those. */
  readonly undecided: readonly (Undecidable & { readonly side: "added" | "removed" })[];
}

/** The emulator knows the partition `aws` alone; documents of another one are asked about as if they were of that. */
function inAws(world: World): World {
  const translate = (text: string) => text.replaceAll(/\barn:aws-(?:us-gov|cn):/g, "arn:aws:");
  return {
    account: world.account,
    buckets: new Map([...world.buckets].map(([name, text]) => [name, text && translate(text)])),
    roles: new Map(
      [...world.roles].map(([name, { arn, trust, policies }]) => [
        name,
        {
          arn: translate(arn),
          trust: trust && translate(trust),
          policies: new Map([...policies].map(([policy, text]) => [policy, translate(text)])),
        },
      ]),
    ),
  };
}

/**
 * Who gains and who loses access between two worlds, shown by requests to an emulator that enforces the documents. What
 * no request shows may be there all the same.
 * @param python interpreter of the environment that `ministack` is installed in
 */
export async function diffAccess(python: string, before: World, after: World): Promise<AccessDiff> {
  const [left, right] = [inAws(before), inAws(after)];
  const questions = questionsFor([left, right]);
  const [was, will] = await Promise.all([ask(python, left, questions), ask(python, right, questions)]);
  const [parts, newParts] = [undecidableParts(before), undecidableParts(after)];
  return {
    gains: missing(will, was),
    losses: missing(was, will),
    undecided: [
      ...(questions.untried > 0
        ? [
            {
              what: "documents",
              part: `${questions.untried} keys or prefixes more than are tried`,
              side: "added" as const,
            },
          ]
        : []),
      ...without(newParts, parts).map((part) => ({ ...part, side: "added" as const })),
      ...without(parts, newParts).map((part) => ({ ...part, side: "removed" as const })),
    ],
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
