/** What no input of a resource shows: how the engine is told to treat it, and what it makes it with. */
import { isDeepStrictEqual } from "node:util";
import { LOAD_TYPE } from "../../components/verified-load/args.ts";
import { isScaffold, knownType, nounOf, OWN_TYPES } from "../../policies/resource-types.ts";
import type { Plan, ResourceChange } from "../engine-plan.ts";
import type { Danger, Found } from "./danger.ts";
import { internalsOf } from "./plugins.ts";

const REFERENCE = "pulumi:pulumi:StackReference";

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
  return change.type === LOAD_TYPE ? noun : `${noun} ${realName(change)}`;
}

/** What gives somebody something, and is taken back by being deleted; unless it is told to stay. */
export const GIVING =
  /^aws:iam\/rolePolicy:|^snowflake:index\/(grant\w+|share):|^pulumi-nodejs:dynamic\/flux-ami:(BucketPolicyStatements|ShareAccounts)$/;

/** True for a deletion that the cloud never hears of. */
export const isLetGo = ({ operation, before }: ResourceChange) =>
  operation === "delete" && before?.retained === true;

/** How the engine is told to treat a resource, whatever its inputs say. */
export function engineDangers(change: ResourceChange, first: boolean): Found[] {
  return [
    ...(first ? [] : read(change)),
    ...lossOfProtection(change),
    ...takenOverOrLetGo(change),
    ...anotherThing(change),
    ...plain(`The ${describeResource(change)}`, change.plain),
  ];
}

/** What is only looked at gives nobody anything; but whoever looks sees it, secrets too. */
function read(change: ResourceChange): Found[] {
  const { operation, type, name, before, after, hidden } = change;
  if (operation !== "read") return [];
  if (type === REFERENCE)
    return before?.inputs.name === after?.inputs.name
      ? []
      : [
          {
            what: `The program reads the stack ${after?.inputs.name ?? name}.`,
            consequence: "It sees all that this stack gives out, secrets too, and believes it.",
          },
        ];
  const same =
    before?.id === after?.id && hidden.length === 0 && isDeepStrictEqual(before?.inputs, after?.inputs);
  if (same || knownType(type) || Object.hasOwn(OWN_TYPES, type) || isScaffold(type)) return [];
  return [
    {
      what: `The program reads the ${describeResource(change)}.`,
      consequence: "No judge knows this type, so nobody has looked what the program learns by that.",
    },
  ];
}

/** What stays in its cloud, or is taken from it, without the stack having made it. */
function takenOverOrLetGo(change: ResourceChange): Found[] {
  const noun = describeResource(change);
  const { type, before, after } = change;
  if (isLetGo(change))
    return [
      {
        what: `The ${noun} is let go.`,
        consequence:
          "It stays in its cloud as it is (retainOnDelete, or deletedWith what does not take it along), and from now on nobody reviews, watches or takes it away.",
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

/** A resource that goes on under its name, and is another thing: by an alias, or by its own code. */
function anotherThing(change: ResourceChange): Found[] {
  const { recoded, wasType } = change;
  return [
    ...(recoded
      ? [
          {
            what: `The ${describeResource(change)} runs other code of its own.`,
            consequence: "It runs with the rights of whoever deploys: read what of the program it is.",
          },
        ]
      : []),
    ...(wasType
      ? [
          {
            what: `The ${describeResource(change)} was a ${nounOf(wasType)} until now (alias).`,
            consequence:
              "What that was is taken for this, and forgotten: nobody has judged what becomes of it.",
          },
        ]
      : []),
  ];
}

const plain = (what: string, names: readonly string[]): Found[] =>
  names.length === 0
    ? []
    : [
        {
          what: `${what} holds in plain what looks like a secret: ${names.join(", ")}.`,
          consequence: "Whoever reads state, preview or log reads it: take it out, and change the secret.",
        },
      ];

/** The stack's outputs, which every reader of the stack sees. */
export const outputDangers = ({ plainOutputs }: Plan): Danger[] =>
  plain("An output of the stack", plainOutputs).map((danger) => ({ urn: "", ...danger }));

/** Inputs of a login that say nothing about where and as whom; by which plugin is judged by itself. */
const FREE_OF_PROVIDERS = ["version", "previewFeaturesEnabled", "__internal"];

/** What a login says about where, as whom and by which plugin. */
function saysOf({ before, after }: ResourceChange): object {
  const state = after ?? before;
  const inputs = Object.entries(state?.inputs ?? {});
  const told = inputs.filter(([key]) => !FREE_OF_PROVIDERS.includes(key));
  return { ...Object.fromEntries(told), internals: internalsOf(state) };
}

/** Resources that are made with another login than before: nothing of them differs but where they are. */
export function movedLogins({ resources, providers }: Plan): Danger[] {
  const of = (urn: string | undefined) => providers.find((provider) => provider.urn === urn);
  return resources.flatMap((change) => {
    const [was, is] = [change.before?.login, change.after?.login];
    if (!was || !is || was === is) return [];
    const [old, now] = [of(was), of(is)];
    const same = old && now && now.hidden.length === 0 && isDeepStrictEqual(saysOf(old), saysOf(now));
    if (same) return [];
    return [
      {
        urn: change.urn,
        what: `The ${describeResource(change)} is made with another login, ${now?.name ?? is}.`,
        consequence: "It may land in another account, or be made by another role.",
      },
    ];
  });
}

/** A login that is another one. */
export function providerDangers(change: ResourceChange, first: boolean): Found[] {
  if (change.operation === "delete" || first) return [];
  const [before, after] = [change.before?.inputs ?? {}, change.after?.inputs ?? {}];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((input) => !FREE_OF_PROVIDERS.includes(input))
    .filter((input) => !isDeepStrictEqual(before[input], after[input]) || change.hidden.includes(input))
    .map((input) => ({
      what: `The login ${change.name} (${change.type.slice("pulumi:providers:".length)}) has another ${input}.`,
      consequence: "Everything made with it may land in another account, or be made by another role.",
    }));
}
