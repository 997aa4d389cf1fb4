import { RULES } from "../../../policies/rules.ts";
import { planOf } from "../../../review/engine-plan.ts";
import type { EngineEvent } from "../../../review/events.ts";
import { type Review, reviewPlan } from "../../../review/review.ts";
import { type Declared, judge } from "../../policy/judge.ts";
import { documents, productionStack } from "../../policy/stack.ts";
import { step, summary } from "../review-events.ts";

type Stack = Record<string, Declared> & ReturnType<typeof productionStack>;
export type Change = (stack: Stack) => unknown;
/** What is changed, the change, what the violation or danger has to name, and how the stack was before, if not in order. */
export type Hostile = readonly [what: string, change: Change, names: RegExp, start?: Change];
export type Statement = Record<string, unknown>;
export interface Doc {
  Version?: string;
  Statement: Statement[];
}

/** Changes a document of the stack through its parsed form. */
const editing =
  (name: "bucketPolicy" | "role" | "rolePolicy", field: string, made: () => Doc) =>
  (change: (document: Doc) => unknown): Change =>
  (stack) => {
    const document = made();
    change(document);
    stack[name].props[field] = JSON.stringify(document);
  };

/** Several changes, one after the other. */
export const all =
  (...changes: readonly Change[]): Change =>
  (stack) => {
    for (const change of changes) change(stack);
  };

/** Changes the document as it is, after other changes. */
export const further =
  (name: "bucketPolicy" | "role" | "rolePolicy", field: string, change: (document: Doc) => unknown): Change =>
  (stack) => {
    const document = JSON.parse(stack[name].props[field]) as Doc;
    change(document);
    stack[name].props[field] = JSON.stringify(document);
  };

export const bucketPolicy = editing("bucketPolicy", "policy", () => documents.bucket() as Doc);
export const trust = editing("role", "assumeRolePolicy", () => documents.trust() as Doc);
export const rolePolicy = editing("rolePolicy", "policy", () => documents.role() as Doc);
export const at = (document: Doc, index: number) => document.Statement[index] as Statement;

/** Sets inputs of one resource; undefined takes one away. */
export const set =
  (name: keyof ReturnType<typeof productionStack>, props: Record<string, unknown>): Change =>
  (stack) => {
    Object.assign(stack[name].props, props);
    for (const [key, value] of Object.entries(props)) if (value === undefined) delete stack[name].props[key];
  };

export const remove =
  (...names: (keyof ReturnType<typeof productionStack>)[]): Change =>
  (stack) => {
    for (const name of names) delete (stack as Record<string, Declared>)[name];
  };

export const add =
  (type: string, props: Record<string, unknown>, more: Partial<Declared> = {}): Change =>
  (stack) => {
    (stack as Record<string, Declared>).added = { type, name: "added", props, ...more };
  };

/** The engine's marker of a secret. */
export const secret = (value: string) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  ciphertext: value,
});

/** A login of AWS's with these inputs. */
export const withLogin =
  (props: Record<string, unknown>): Change =>
  (stack) => {
    const all = { region: "eu-west-1", ...props };
    Object.assign(stack, { login: { type: "pulumi:providers:aws", name: "login", props: all } });
  };

const SETTINGS: Readonly<Record<string, object>> = {
  "shares-to-known-accounts": { accounts: ["PARTNERCO.ANALYTICS"] },
};

/** The engine's steps from one stack to another. */
function stepsBetween(before: Record<string, Declared>, after: Record<string, Declared>): EngineEvent[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const side = ({ type, props, protect = false, retainOnDelete = false, login }: Declared) => ({
    inputs: props,
    outputs: {},
    protect,
    retainOnDelete,
    ...(login && {
      provider: `urn:pulumi:prod::flux-ami::pulumi:providers:${type.split(":")[0]}::${login}::id`,
    }),
  });
  return keys.flatMap((key) => {
    const [old, now] = [before[key], after[key]];
    if (now?.read)
      return [step("read", now.type, now.name, { ...(old && { old: side(old) }), new: side(now) })];
    if (old === undefined)
      return now ? [step(now.imported ? "import" : "create", now.type, now.name, { new: side(now) })] : [];
    if (now === undefined) return [step("delete", old.type, old.name, { old: side(old) })];
    // An alias lets a resource go on under another type.
    if (old.type !== now.type && now.aliased)
      return [step("update", now.type, now.name, { old: { ...side(old), type: old.type }, new: side(now) })];
    if (old.type !== now.type) {
      return [
        step("delete", old.type, old.name, { old: side(old) }),
        step("create", now.type, now.name, { new: side(now) }),
      ];
    }
    // The engine asks the provider what differs in a login, and no provider is shown what the engine keeps of it.
    const shown = (one: Declared) => {
      const { __internal, ...inputs } = one.props;
      return JSON.stringify({
        ...side(one),
        inputs: one.type.startsWith("pulumi:providers:") ? inputs : one.props,
      });
    };
    const same = shown(old) === shown(now);
    return [step(same ? "same" : "update", now.type, now.name, { old: side(old), new: side(now) })];
  });
}

export interface Judged {
  readonly violations: readonly string[];
  readonly dangers: readonly string[];
  readonly review: Review;
}

/** Versions of plugins that the lockfile has. */
export const LOCKED = { aws: "7.49.0", snowflake: "1.3.0" };

const asItIs: Change = () => {};

/**
 * Judges a change of the production stack as a preview would: the pack on what is declared, the review on the plan.
 * @param start changes the stack before; the same is then changed further.
 */
export async function judged(change: Change, start: Change = asItIs): Promise<Judged> {
  const [before, after] = [productionStack() as Stack, productionStack() as Stack];
  start(before);
  start(after);
  change(after);
  const violations: string[] = [];
  for (const rule of RULES) {
    // Of a value that only `up` tells a rule knows nothing yet: the engine says so, and stops nothing.
    const said = await judge(rule, Object.values(after), SETTINGS[rule.name] ?? {}).catch((error: Error) => {
      if (!/can't be known during preview/.test(error.message)) throw error;
      return [];
    });
    violations.push(...said.map((message) => `${rule.name}: ${message}`));
  }
  const plan = planOf([...stepsBetween(before, after), summary()], "prod");
  // No interpreter: nothing here may hang on what requests show.
  const review = await reviewPlan(plan, { python: "/nowhere/python", list: async () => [], locked: LOCKED });
  const dangers = review.dangers.map(({ what, consequence }) => `${what} ${consequence}`);
  return { violations, dangers, review };
}
