import { isDeepStrictEqual } from "node:util";
import { type KnownType, knownType, nounOf, OWN_TYPES } from "../../policies/resource-types.ts";
import { LOAD, type ResourceChange } from "../plan.ts";
import { isUnknown, SECRET } from "../values.ts";
import { AWS_JUDGES } from "./aws.ts";
import type { Danger } from "./danger.ts";
import type { InputJudge } from "./input-judge.ts";
import type { TypeJudge } from "./judge.ts";
import { loadDangers } from "./load.ts";
import { meaningOf } from "./outside.ts";
import { SNOWFLAKE_JUDGES } from "./snowflake.ts";

export type { Danger } from "./danger.ts";

/** Every known type has a judge: the compiler sees to it. */
const JUDGES: { readonly [T in KnownType]: TypeJudge<T> } = { ...AWS_JUDGES, ...SNOWFLAKE_JUDGES };

interface AnyJudge {
  readonly loss?: string;
  readonly creation?: string;
  readonly inputs: Readonly<Record<string, InputJudge>>;
}

type Found = Omit<Danger, "urn">;

/** The name that Snowflake or AWS knows a resource by, or else its name in the program. */
function realName({ before, after, name }: ResourceChange): string {
  const inputs = after?.inputs ?? before?.inputs ?? {};
  const real = inputs.name ?? inputs.bucket;
  return typeof real === "string" && real !== "" ? real : name;
}

/** A resource in words: `table AMI_INTERVAL_READINGS`. */
export function describeResource(change: ResourceChange): string {
  const noun = nounOf(change.type);
  // A stack has one load, and its name in the program says nothing.
  return LOAD.test(change.type) ? noun : `${noun} ${realName(change)}`;
}

/**
 * All dangers of a change but those of access documents and grants, which are judged together. What no judge knows is a
 * danger: a type, an input, a value that only `up` will tell, a difference that does not show.
 * @param first true for a stack that has nothing yet, where creating is no danger by itself
 */
export function dangersOf(change: ResourceChange, first = false): Danger[] {
  const found = [
    ...(isLetGo(change) ? [] : judged(change, first)),
    ...lossOfProtection(change),
    ...takenOverOrLetGo(change),
  ];
  return found.map((danger) => ({
    urn: change.urn,
    ...danger,
  }));
}

const VERBS = { create: "created", update: "changed", replace: "replaced", delete: "deleted" } as const;

/** What gives somebody something, and is taken back by being deleted; unless it is told to stay. */
const GIVING =
  /^aws:iam\/rolePolicy:|^snowflake:index\/(grant\w+|share):|^pulumi-nodejs:dynamic\/flux-ami:BucketPolicyStatements$/;

/** True for a deletion that the cloud never hears of. */
export const isLetGo = ({ operation, before }: ResourceChange) =>
  operation === "delete" && before?.retained === true;

/** What stays in its cloud, or is taken from it, without the stack having made it. */
function takenOverOrLetGo(change: ResourceChange): Found[] {
  const noun = describeResource(change);
  const { type, before, after } = change;
  if (isLetGo(change))
    return [
      {
        what: `The ${noun} is let go.`,
        consequence:
          "It stays in its cloud as it is (retainOnDelete), and from now on nobody reviews, watches or takes it away.",
      },
    ];
  return [
    ...(change.imported
      ? [
          {
            what: `The ${noun} is taken over (import).`,
            consequence:
              "It exists already, somebody may rely on it, and from now on this stack changes and deletes it.",
          },
        ]
      : []),
    ...(GIVING.test(type) && after?.retained && !before?.retained
      ? [
          {
            what: `The ${noun} is retained on delete.`,
            consequence: "Taking it out of the stack will not take back what it gives.",
          },
        ]
      : []),
  ];
}

function judged(change: ResourceChange, first: boolean): Found[] {
  const { operation, type } = change;
  if (operation === "same" || operation === "read") return [];
  const what = `The ${describeResource(change)} is ${VERBS[operation]}${reasons(change)}.`;
  if (Object.hasOwn(OWN_TYPES, type) && operation === "create" && !first) {
    const consequence = "It brings code of its own, which runs with the rights of whoever deploys.";
    return [{ what, consequence }];
  }
  if (LOAD.test(type)) return loadDangers(change);
  if (Object.hasOwn(OWN_TYPES, type)) {
    return operation === "delete" ? [{ what, consequence: "Nobody waits any more until it holds." }] : [];
  }
  if (type.startsWith("pulumi:providers:")) return providerDangers(change, first);
  const known = knownType(type);
  if (known === undefined) return [{ what, consequence: meaningOf(type) }];
  const judge: AnyJudge = JUDGES[type as KnownType];
  if (operation === "delete") return judge.loss === undefined ? [] : [{ what, consequence: judge.loss }];
  const found: Found[] = [];
  if (operation === "replace" && judge.loss !== undefined) found.push({ what, consequence: judge.loss });
  if (operation === "create" && judge.creation !== undefined && !first) {
    found.push({ what, consequence: judge.creation });
  }
  return [...found, ...inputDangers(change, judge, known.free, first)];
}

const reasons = ({ operation, replacedBy }: ResourceChange) =>
  operation === "replace" && replacedBy.length > 0 ? `, because of ${replacedBy.join(", ")}` : "";

/** What the engine and the SDK add to the inputs. */
const INTERNAL = /^__/;

function inputDangers(
  change: ResourceChange,
  judge: AnyJudge,
  free: readonly string[],
  first: boolean,
): Found[] {
  const before = change.before?.inputs ?? {};
  const after = change.after?.inputs ?? {};
  const differing = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (input) => !INTERNAL.test(input) && !isDeepStrictEqual(before[input], after[input]),
  );
  const unseen = differing.length === 0 && change.operation === "update" && !change.otherwise;
  const secret = change.hidden.filter((input) => !free.includes(input));
  const hidden: Found[] =
    unseen || secret.length > 0
      ? [
          {
            what: `The ${describeResource(change)} is changed, and ${secret.length > 0 ? `the difference of ${secret.join(", ")} is kept secret` : "no difference shows"}.`,
            consequence: "So nobody has judged it: look at it in the program.",
          },
        ]
      : [];
  const shown = differing
    .filter((input) => !free.includes(input))
    .flatMap((input) => {
      const [from, to] = [before[input], after[input]];
      const told = { change, input, before: from, after: to };
      const where = `The ${describeResource(change)}: ${input}`;
      const openLater = !first && holds(to, isUnknown);
      if (openLater || holds(to, (value) => value === SECRET)) {
        return [
          {
            what: `${where} is ${openLater ? "known only after up" : "kept secret"}.`,
            consequence: "So nobody has judged it: look at it once it is known.",
          },
        ];
      }
      const consequence = Object.hasOwn(judge.inputs, input)
        ? judge.inputs[input]?.(told)
        : "No judge knows this input, so nobody has looked what it gives, costs or deletes.";
      return consequence === undefined
        ? []
        : [{ what: `${where} turns from ${short(from)} into ${short(to)}.`, consequence }];
    });
  return [...hidden, ...shown];
}

/** Whether a value, or something in it, is such a one. */
function holds(value: unknown, such: (value: unknown) => boolean): boolean {
  if (such(value)) return true;
  return (
    typeof value === "object" && value !== null && Object.values(value).some((item) => holds(item, such))
  );
}

const LONGEST = 120;

function short(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const signs = [...text];
  return signs.length > LONGEST ? `${signs.slice(0, LONGEST).join("")}…` : text;
}

/** Inputs of a login that say nothing about where and as whom. */
const FREE_OF_PROVIDERS = ["version", "previewFeaturesEnabled"];

function providerDangers(change: ResourceChange, first: boolean): Found[] {
  if (change.operation === "delete" || first) return [];
  const [before, after] = [change.before?.inputs ?? {}, change.after?.inputs ?? {}];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((input) => !FREE_OF_PROVIDERS.includes(input) && !INTERNAL.test(input))
    .filter((input) => !isDeepStrictEqual(before[input], after[input]) || change.hidden.includes(input))
    .map((input) => ({
      what: `The login ${change.name} (${change.type.slice("pulumi:providers:".length)}) has another ${input}.`,
      consequence: "Everything made with it may land in another account, or be made by another role.",
    }));
}

/** What guards against deletion is no input: it changes on resources that the engine calls the same. */
function lossOfProtection(change: ResourceChange): Found[] {
  const { before, after } = change;
  const lost =
    before && after && ((before.protect && !after.protect) || (before.retained && !after.retained));
  if (!lost) return [];
  return [
    {
      what: `The ${describeResource(change)} is no longer ${before.protect && !after.protect ? "protected" : "retained on delete"}.`,
      consequence: "A later change or a destroy may delete it without being stopped.",
    },
  ];
}
