import { type Unproved, unproved } from "../../policies/containment.ts";
import { DocumentError, describe, parseDocument, type Statement } from "../../policies/iam-document.ts";
import type { World } from "./world.ts";

/** A part of an access document that could not be shown to give nothing new. */
interface OpenPart {
  /** The document: `policy of bucket raw`. */
  readonly what: string;
  /** `added`: an Allow that no Allow of before covers; `removed`: a Deny that no Deny from now on covers. */
  readonly side: Unproved["side"];
  /** The statement in one line. */
  readonly part: string;
}

export interface Proof {
  /** How many documents there are to compare. */
  readonly documents: number;
  readonly open: readonly OpenPart[];
}

/** The documents of one subject, which together say what it may do or who may reach it. */
interface Subject {
  readonly what: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** Proves, document by document, that a world gives nobody more than another, and says what it could not prove. */
export function prove(before: World, after: World): Proof {
  const subjects = subjectsOf(before, after);
  return {
    documents: subjects.length,
    open: subjects.flatMap(({ what, before, after }) => {
      try {
        return unproved(before.flatMap(parseDocument), after.flatMap(parseDocument)).map(
          ({ side, statement }) => ({ what, side, part: inWords(statement) }),
        );
      } catch (error) {
        if (!(error instanceof DocumentError)) throw error;
        return [{ what, side: "added" as const, part: `the document cannot be read: ${error.message}` }];
      }
    }),
  };
}

/** True when two worlds' documents say the same in other words: each is proved to give no more than the other. */
export function sameMeaning(before: World, after: World): boolean {
  return (
    prove(before, after).open.length === 0 &&
    prove(after, before).open.length === 0 &&
    [...before.buckets.keys()].every((bucket) => after.buckets.has(bucket)) &&
    [...before.roles.keys()].every((role) => after.roles.has(role))
  );
}

function subjectsOf(before: World, after: World): Subject[] {
  const given = (text: string | undefined) => (text === undefined ? [] : [text]);
  const buckets = [...new Set([...before.buckets.keys(), ...after.buckets.keys()])];
  return [
    ...buckets.map((bucket) => ({
      what: `policy of bucket ${bucket}`,
      before: given(before.buckets.get(bucket)),
      after: given(after.buckets.get(bucket)),
    })),
    // A role that is gone gives nobody anything, whatever its Deny statements said.
    ...[...after.roles].flatMap(([name, { trust, policies }]) => {
      const old = before.roles.get(name);
      return [
        { what: `trust policy of role ${name}`, before: given(old?.trust), after: given(trust) },
        {
          what: `policies of role ${name}`,
          before: [...(old?.policies.values() ?? [])],
          after: [...policies.values()],
        },
      ];
    }),
  ].filter((subject) => subject.before.length + subject.after.length > 0);
}

/** A statement in one line: `statement 2 ("Reads"): Allow s3:GetObject on … for … if …`. */
function inWords({ label, effect, principals, actions, resources, conditions }: Statement): string {
  const list = ({ not, patterns }: { not: boolean; patterns: readonly string[] }) =>
    `${not ? "all but " : ""}${patterns.join(", ")}`;
  const who = principals && `${principals.not ? "all but " : ""}${principals.list.map(describe).join(", ")}`;
  return [
    `${label}: ${effect} ${list(actions)}`,
    resources && `on ${list(resources)}`,
    who && `for ${who}`,
    ...conditions.map(({ operator, key, values }) => `if ${operator} ${key} ${values.join(", ")}`),
  ]
    .filter((text) => text !== undefined)
    .join(" ");
}
