/** Ownership of all policies of a role: whatever else is on it is taken off by an update, and seen by a refresh. */
import {
  AttachRolePolicyCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
} from "@aws-sdk/client-iam";
import { type Call, list, type ResourceType, text, type Value } from "../provider/schema.ts";
import { aws, unlessMissing } from "./clients.ts";

const GONE = "NoSuchEntityException";

interface Kind {
  /** The property that lists what the role has. */
  readonly property: string;
  /** What the role has now; undefined when there is no such role. */
  readonly found: (role: string, call: Call) => Promise<string[] | undefined>;
  readonly take: (role: string, what: string, call: Call) => Promise<unknown>;
  /** Absent where what is missing cannot be put on by its name alone. */
  readonly put?: (role: string, what: string, call: Call) => Promise<unknown>;
}

function exclusive({ property, found, take, put }: Kind): ResourceType {
  const settle = async (role: string, wanted: readonly string[], call: Call) => {
    const there = (await found(role, call)) ?? [];
    for (const what of there) if (!wanted.includes(what)) await take(role, what, call);
    for (const what of wanted) if (!there.includes(what)) await put?.(role, what, call);
  };
  const wantedOf = (value: Value | undefined) => (Array.isArray(value) ? value.map(String) : []);
  return {
    inputs: {
      roleName: text({ required: true, replaces: true }),
      [property]: list(text(), {
        required: true,
        // A set.
        same: (one, other) => JSON.stringify(wantedOf(one).sort()) === JSON.stringify(wantedOf(other).sort()),
      }),
    },
    outputs: [],
    async create(inputs, call) {
      await settle(String(inputs.roleName), wantedOf(inputs[property]), call);
      return { id: String(inputs.roleName), state: inputs };
    },
    async read(id, _state, call) {
      const there = await found(id, call);
      return there && { id, state: { roleName: id, [property]: there } };
    },
    async update(id, inputs, _old, call) {
      await settle(id, wantedOf(inputs[property]), call);
      return inputs;
    },
    // The policies stay, as the official plugin leaves them.
    async delete() {},
  };
}

/** Inline policies. */
export const rolePoliciesExclusive = exclusive({
  property: "policyNames",
  found: async (RoleName, { signal: abortSignal }) => {
    const command = new ListRolePoliciesCommand({ RoleName });
    const answer = await unlessMissing(aws().iam.send(command, { abortSignal }), GONE);
    return answer && (answer.PolicyNames ?? []).sort();
  },
  take: (RoleName, PolicyName, { signal: abortSignal }) =>
    aws().iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }), { abortSignal }),
});

/** Managed policies. */
export const rolePolicyAttachmentsExclusive = exclusive({
  property: "policyArns",
  found: async (RoleName, { signal: abortSignal }) => {
    const command = new ListAttachedRolePoliciesCommand({ RoleName });
    const answer = await unlessMissing(aws().iam.send(command, { abortSignal }), GONE);
    return answer && (answer.AttachedPolicies ?? []).map(({ PolicyArn = "" }) => PolicyArn).sort();
  },
  take: (RoleName, PolicyArn, { signal: abortSignal }) =>
    aws().iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }), { abortSignal }),
  put: (RoleName, PolicyArn, { signal: abortSignal }) =>
    aws().iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }), { abortSignal }),
});
