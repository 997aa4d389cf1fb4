import type { ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import { judge } from "./judge.ts";
import { productionStack, type StackName } from "./stack.ts";

export type Stack = ReturnType<typeof productionStack>;
type Policy = ResourceValidationPolicy | StackValidationPolicy;

/** One thing changed in a stack that is in order, and what the policy says then. */
export interface Mutation {
  readonly policy: Policy;
  readonly change: string;
  readonly mutate: (stack: Stack) => void;
  /** What the one violation says: the place and the cure. */
  readonly says: RegExp;
  readonly settings?: object;
}

/** A spelling that means the same, or a change the policy has no quarrel with. */
export interface Harmless extends Omit<Mutation, "says"> {}

/** Changes one document of the stack through its parsed form. */
export function edit<D>(
  name: StackName,
  field: "policy" | "assumeRolePolicy",
  document: () => D,
  change: (document: D) => void,
): (stack: Stack) => void {
  return (stack) => {
    const changed = document();
    change(changed);
    stack[name].props[field] = JSON.stringify(changed);
  };
}

/** Registers the tests of a domain: the stack in order passes all its policies; each mutation trips its own. */
export function testDomain(
  domain: Record<string, Policy>,
  mutations: readonly Mutation[],
  harmless: readonly Harmless[],
): void {
  const policies = Object.values(domain);

  test("a stack in order passes every policy", async () => {
    for (const policy of policies) {
      expect([
        policy.name,
        await judge(policy, Object.values(productionStack()), settingsFor(policy)),
      ]).toEqual([policy.name, []]);
    }
  });

  test("every policy has a mutation, a one-sentence description and a severity", () => {
    for (const policy of policies) {
      expect(mutations.map((mutation) => mutation.policy.name)).toContain(policy.name);
      expect(policy.description).toMatch(/^[^.]+\.$/);
      expect(policy.severity).toMatch(/^(low|medium|high|critical)$/);
      expect(policy.enforcementLevel).toBeDefined();
    }
  });

  test.each(mutations.map((mutation) => [mutation.policy.name, mutation.change, mutation] as const))(
    "%s refuses %s",
    async (_name, _change, { policy, mutate, says, settings }) => {
      const stack = productionStack();
      mutate(stack);
      const said = await judge(policy, Object.values(stack), { ...settingsFor(policy), ...settings });
      expect(said).toEqual([expect.stringMatching(says)]);
    },
  );

  test.each(harmless.map((mutation) => [mutation.policy.name, mutation.change, mutation] as const))(
    "%s accepts %s",
    async (_name, _change, { policy, mutate, settings }) => {
      const stack = productionStack();
      mutate(stack);
      expect(await judge(policy, Object.values(stack), { ...settingsFor(policy), ...settings })).toEqual([]);
    },
  );
}

/** What the stack's settings file would say: its one partner. */
function settingsFor(policy: Policy): object {
  return policy.name === "shares-to-known-accounts" ? { accounts: ["PARTNERCO.ANALYTICS"] } : {};
}
