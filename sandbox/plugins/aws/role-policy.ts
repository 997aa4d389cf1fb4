import { DeleteRolePolicyCommand, GetRolePolicyCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { type ResourceType, text, type Values } from "../provider/schema.ts";
import { aws, unlessMissing } from "./clients.ts";
import { policyDocument, samePolicy } from "./policy-document.ts";

const GONE = "NoSuchEntityException";

async function put({ role, name, policy }: Values, signal: AbortSignal): Promise<void> {
  const command = new PutRolePolicyCommand({
    RoleName: String(role),
    PolicyName: String(name),
    PolicyDocument: String(policy),
  });
  await aws().iam.send(command, { abortSignal: signal });
}

/** "role:policy" → its parts; neither name may hold a colon. */
function parts(id: string): { role: string; name: string } {
  const [role, name, ...rest] = id.split(":");
  if (!role || !name || rest.length > 0) {
    throw new Error(`"${id}" is no ID of an inline policy: it must read <role name>:<policy name>`);
  }
  return { role, name };
}

export const rolePolicy: ResourceType = {
  inputs: {
    name: text({ replaces: true }),
    namePrefix: text({ replaces: true, local: true }),
    policy: policyDocument({ required: true }),
    role: text({ required: true, replaces: true }),
  },
  outputs: [],
  autoname: { property: "name", prefix: "namePrefix", maxLength: 128 },

  async create(inputs, { signal }) {
    await put(inputs, signal);
    return { id: `${inputs.role}:${inputs.name}`, state: inputs };
  },

  async read(id, state, { signal }) {
    const { role, name } = parts(id);
    const found = await unlessMissing(
      aws().iam.send(new GetRolePolicyCommand({ RoleName: role, PolicyName: name }), { abortSignal: signal }),
      GONE,
    );
    if (!found) return undefined;
    const now = decodeURIComponent(found.PolicyDocument ?? "");
    const policy = typeof state.policy === "string" && samePolicy(state.policy, now) ? state.policy : now;
    return { id, state: { role, name, policy } };
  },

  async update(_id, inputs, old, { signal }) {
    await put({ ...old, ...inputs }, signal);
    return { ...old, ...inputs };
  },

  async delete(id, _state, { signal }) {
    const { role, name } = parts(id);
    await unlessMissing(
      aws().iam.send(new DeleteRolePolicyCommand({ RoleName: role, PolicyName: name }), {
        abortSignal: signal,
      }),
      GONE,
    );
  },
};
