import {
  DeleteBucketPolicyCommand,
  GetBucketPolicyCommand,
  PutBucketPolicyCommand,
} from "@aws-sdk/client-s3";
import { type ResourceType, text, type Values } from "../provider/schema.ts";
import { aws, unlessMissing } from "./clients.ts";
import { policyDocument, samePolicy } from "./policy-document.ts";

async function put(inputs: Values, signal: AbortSignal): Promise<void> {
  const command = new PutBucketPolicyCommand({
    Bucket: String(inputs.bucket),
    Policy: String(inputs.policy),
  });
  await aws().s3.send(command, { abortSignal: signal });
}

export const bucketPolicy: ResourceType = {
  inputs: {
    bucket: text({ required: true, replaces: true }),
    policy: policyDocument({ required: true }),
    region: text({ replaces: true, computed: true }),
  },
  outputs: ["region"],

  async create(inputs, { signal }) {
    await put(inputs, signal);
    return { id: String(inputs.bucket), state: { ...inputs, region: aws().region } };
  },

  async read(id, state, { signal }) {
    const found = await unlessMissing(
      aws().s3.send(new GetBucketPolicyCommand({ Bucket: id }), { abortSignal: signal }),
      "NoSuchBucketPolicy",
      "NoSuchBucket",
    );
    if (!found?.Policy) return undefined;
    // The spelling in the state stays as long as it means the same.
    const policy =
      typeof state.policy === "string" && samePolicy(state.policy, found.Policy)
        ? state.policy
        : found.Policy;
    return { id, state: { bucket: id, policy, region: aws().region } };
  },

  async update(_id, inputs, old, { signal }) {
    await put(inputs, signal);
    return { ...old, ...inputs };
  },

  async delete(id, _state, { signal }) {
    await unlessMissing(
      aws().s3.send(new DeleteBucketPolicyCommand({ Bucket: id }), { abortSignal: signal }),
      "NoSuchBucket",
      "NoSuchBucketPolicy",
    );
  },
};
