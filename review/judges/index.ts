import { isDeepStrictEqual } from "node:util";
import { LOAD_TYPE } from "../../components/verified-load/args.ts";
import { type KnownType, knownType, OWN_TYPES } from "../../policies/resource-types.ts";
import type { ResourceChange } from "../engine-plan.ts";
import { isLogin } from "../events.ts";
import { isUnknown, SECRET } from "../values.ts";
import { AWS_JUDGES } from "./aws.ts";
import type { Danger, Found } from "./danger.ts";
import { describeResource, engineDangers, isLetGo, providerDangers } from "./engine.ts";
import type { InputJudge } from "./input-judge.ts";
import type { TypeJudge } from "./judge.ts";
import { FREE_OF_LOAD, loadDangers } from "./load.ts";
import { meaningOf } from "./outside.ts";
import { pluginDangers, type Versions } from "./plugins.ts";
import { FREE_OF_READINESS, READINESS } from "./readiness.ts";
import { SNOWFLAKE_JUDGES } from "./snowflake.ts";

export { type Danger, dangerBeside } from "./danger.ts";
export { describeResource, isLetGo, movedLogins, outputDangers } from "./engine.ts";
export { lockedVersions, type Versions } from "./plugins.ts";

/** Every known type has a judge: the compiler sees to it. */
const JUDGES: { readonly [T in KnownType]: TypeJudge<T> } = { ...AWS_JUDGES, ...SNOWFLAKE_JUDGES };

interface AnyJudge {
  readonly loss?: string;
  readonly creation?: string;
  readonly inputs: Readonly<Record<string, InputJudge>>;
}

/**
 * All dangers of a change but those of access documents and grants, which are judged together. What no judge knows is a
 * danger: a type, an input, a value that only `up` will tell, a difference that does not show.
 * @param first true for a stack that has nothing yet, where creating is no danger by itself
 * @param locked versions of plugins that the lockfile has
 */
export function dangersOf(change: ResourceChange, first = false, locked: Versions = {}): Danger[] {
  const found = [
    ...(isLetGo(change) ? [] : judged(change, first)),
    ...engineDangers(change, first),
    ...pluginDangers(change, locked),
  ];
  return found.map((danger) => ({
    urn: change.urn,
    ...danger,
  }));
}

const VERBS = { create: "created", update: "changed", replace: "replaced", delete: "deleted" } as const;

function judged(change: ResourceChange, first: boolean): Found[] {
  const { operation, type } = change;
  // Of a login the engine calls much the same that is not.
  if (isLogin(type)) return providerDangers(change, first);
  if (operation === "same" || operation === "read") return [];
  const what = `The ${describeResource(change)} is ${VERBS[operation]}${reasons(change)}.`;
  if (Object.hasOwn(OWN_TYPES, type) && operation === "create" && !first) {
    const consequence = "It brings code of its own, which runs with the rights of whoever deploys.";
    return [{ what, consequence }];
  }
  if (type === LOAD_TYPE) return [...veiledInputs(change, FREE_OF_LOAD, first), ...loadDangers(change)];
  if (Object.hasOwn(OWN_TYPES, type)) {
    if (operation === "delete") return [{ what, consequence: "Nobody waits any more until it holds." }];
    return operation === "create" ? [] : inputDangers(change, READINESS, FREE_OF_READINESS, first);
  }
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

/** Inputs that differ, seen or not. */
function differingInputs({ before, after }: ResourceChange): string[] {
  const [old, now] = [before?.inputs ?? {}, after?.inputs ?? {}];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].filter(
    (input) => !INTERNAL.test(input) && !isDeepStrictEqual(old[input], now[input]),
  );
}

/** Why nobody can judge what an input turns into; undefined where one can. */
function veil(value: unknown, first: boolean): string | undefined {
  if (!first && holds(value, isUnknown)) return "known only after up";
  return holds(value, (item) => item === SECRET) ? "kept secret" : undefined;
}

/** Inputs that differ where nobody can see it, or turn into what nobody can see. */
function veiledInputs(change: ResourceChange, free: readonly string[], first: boolean): Found[] {
  const noun = describeResource(change);
  const secret = change.hidden.filter((input) => !free.includes(input));
  // Of its own types the stack says itself when there is something to do though no input differs.
  const unseen =
    !Object.hasOwn(OWN_TYPES, change.type) &&
    change.operation === "update" &&
    !change.otherwise &&
    !change.recoded &&
    differingInputs(change).length === 0;
  return [
    ...(unseen || secret.length > 0
      ? [
          {
            what: `The ${noun} is changed, and ${secret.length > 0 ? `the difference of ${secret.join(", ")} is kept secret` : "no difference shows"}.`,
            consequence: "So nobody has judged it: look at it in the program.",
          },
        ]
      : []),
    ...differingInputs(change)
      .filter((input) => !free.includes(input))
      .flatMap((input) => {
        const why = veil(change.after?.inputs[input], first);
        const consequence = "So nobody has judged it: look at it once it is known.";
        return why === undefined ? [] : [{ what: `The ${noun}: ${input} is ${why}.`, consequence }];
      }),
  ];
}

function inputDangers(
  change: ResourceChange,
  judge: AnyJudge,
  free: readonly string[],
  first: boolean,
): Found[] {
  const { before, after } = change;
  const shown = differingInputs(change)
    .filter((input) => !free.includes(input) && veil(after?.inputs[input], first) === undefined)
    .flatMap((input) => {
      const [from, to] = [before?.inputs[input], after?.inputs[input]];
      const consequence = Object.hasOwn(judge.inputs, input)
        ? judge.inputs[input]?.({ change, input, before: from, after: to })
        : "No judge knows this input, so nobody has looked what it gives, costs or deletes.";
      const what = `The ${describeResource(change)}: ${input} turns from ${short(from)} into ${short(to)}.`;
      return consequence === undefined ? [] : [{ what, consequence }];
    });
  return [...veiledInputs(change, free, first), ...shown];
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
  if (value === undefined || value === "") return "nothing";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const signs = [...text];
  return signs.length > LONGEST ? `${signs.slice(0, LONGEST).join("")}…` : text;
}
