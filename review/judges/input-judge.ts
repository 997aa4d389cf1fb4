import { isDeepStrictEqual } from "node:util";
import type { ResourceChange } from "../engine-plan.ts";

/** One input of a resource, as it was and as it would be. */
interface InputChange {
  readonly change: ResourceChange;
  readonly input: string;
  /** Undefined when it is added. */
  readonly before: unknown;
  /** Undefined when it is removed. */
  readonly after: unknown;
}

/** What follows from the change, for a reviewer; undefined when nobody gains, loses or is misled by it. */
export type InputJudge = (change: InputChange) => string | undefined;

const created = ({ change }: InputChange) => change.operation === "create";

/** Somebody else judges it: the containment proof, the list of grants, or a rule of the pack in every case. */
export const judgedElsewhere: InputJudge = () => undefined;

/** Every change of it is a danger. */
export function always(consequence: string): InputJudge {
  return (change) => (created(change) ? undefined : consequence);
}

/** A name or place: where it forces a replacement, that is told by itself. */
export function moved(
  consequence = "Whoever knows it by the old name does not find it any more.",
): InputJudge {
  return (change) => (created(change) || change.change.operation === "replace" ? undefined : consequence);
}

/** A danger unless it ends at one of these values; undefined stands for "not set". */
export function unless(values: readonly unknown[], consequence: string): InputJudge {
  return ({ after }) => (values.some((value) => isDeepStrictEqual(value, after)) ? undefined : consequence);
}

/** A danger when the number grows; `unset` is what leaving it out means. */
export function raised(consequence: string, unset = Number.NaN): InputJudge {
  return compared((before, after) => after <= before, consequence, unset);
}

/** A danger when the number shrinks. */
export function lowered(consequence: string, unset = Number.NaN): InputJudge {
  return compared((before, after) => after >= before, consequence, unset);
}

function compared(
  harmless: (before: number, after: number) => boolean,
  consequence: string,
  unset: number,
): InputJudge {
  const number = (value: unknown) => (value === undefined || value === "" ? unset : Number(value));
  // What is no number compares as false, and so as a danger.
  return (change) =>
    created(change) || harmless(number(change.before), number(change.after)) ? undefined : consequence;
}

/** A danger when the list gains something; its order says nothing. */
export function more(consequence: string): InputJudge {
  return ({ before, after }) => {
    const added = without(after, before);
    return added.length === 0 ? undefined : `${consequence} New: ${added.join(", ")}.`;
  };
}

/** The same, except where the resource is new. */
export function unlessCreated(judge: InputJudge): InputJudge {
  return (change) => (created(change) ? undefined : judge(change));
}

/** A danger when the list loses something. */
export function fewer(consequence: string): InputJudge {
  return ({ before, after }) => {
    const gone = without(before, after);
    return gone.length === 0 ? undefined : `${consequence} Gone: ${gone.join(", ")}.`;
  };
}

/** A danger when something that was set is not any more, or is something else. */
export function takenAway(consequence: string): InputJudge {
  return ({ before }) => (before === undefined || before === "" ? undefined : consequence);
}

/** Several judges of one input; the first that sees a danger speaks. */
export function both(...judges: readonly InputJudge[]): InputJudge {
  return (change) => {
    for (const judge of judges) {
      const found = judge(change);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

function without(these: unknown, those: unknown): string[] {
  const list = (value: unknown) =>
    (Array.isArray(value) ? value : value === undefined ? [] : [value]).map((item) =>
      typeof item === "string" ? item : JSON.stringify(item),
    );
  const known = new Set(list(those));
  return list(these).filter((item) => !known.has(item));
}
