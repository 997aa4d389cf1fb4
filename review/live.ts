import { isDeepStrictEqual } from "node:util";
import { lookAt, readAwsLogin } from "../components/bucket-policy/bucket.ts";
import { canonical } from "../components/bucket-policy/edit.ts";
import { BUCKET_POLICY } from "../policies/found-documents.ts";
import type { Plan, ResourceChange } from "./engine-plan.ts";
import type { Danger } from "./judges/index.ts";
import { isUnknown, type Masker, SECRET } from "./values.ts";

/** A bucket as it is: its policy, JSON or empty, and what guards it. */
interface LiveLook {
  readonly policy: string;
  readonly guards: object;
}
export type LookAtBucket = (bucket: string) => Promise<LiveLook>;

/** Looks by the credentials that the stack's config, or the environment, gives to whoever previews. */
export function looksAt({ config }: Plan, masker: Masker): LookAtBucket {
  return async (bucket) => {
    const login = readAwsLogin((key) => (config[key] === SECRET ? undefined : config[key]));
    const { policy, guards } = await lookAt(login, bucket);
    return { policy: masker.text(policy), guards };
  };
}

/**
 * The plan with each bucket's policy as it was really found. What a program says it found decides what counts as new, and as
 * somebody else's; so it is not left to the program.
 */
export async function againstLive(
  plan: Plan,
  look: LookAtBucket,
): Promise<{ readonly plan: Plan; readonly dangers: readonly Danger[] }> {
  const dangers: Danger[] = [];
  const seen = async (change: ResourceChange): Promise<ResourceChange> => {
    const { type, urn, after } = change;
    const { bucket, found, guards } = after?.inputs ?? {};
    if (type !== BUCKET_POLICY || after === undefined || typeof bucket !== "string" || isUnknown(bucket))
      return change;
    try {
      const live = await look(bucket);
      const policy = canonical(live.policy);
      if (typeof found !== "string" || isUnknown(found) || canonical(found) !== policy)
        dangers.push({
          urn,
          what: `The program says that another policy was found on the bucket ${bucket} than is there.`,
          consequence:
            "So it may call new what is old, or its own somebody else's. Compared with what is there, below.",
        });
      if (guards !== undefined && !isDeepStrictEqual(guards, JSON.parse(JSON.stringify(live.guards))))
        dangers.push({
          urn,
          what: `The program says that something else guards the bucket ${bucket} than does.`,
          consequence: `It is: ${JSON.stringify(live.guards)}.`,
        });
      return { ...change, after: { ...after, inputs: { ...after.inputs, found: policy } } };
    } catch (error) {
      const [why = ""] = (error as Error).message.split("\n");
      dangers.push({
        urn,
        what: `Nobody could look at the policy of the bucket ${bucket}.`,
        consequence: `What was there before is what the program says: ${why}`,
      });
      return change;
    }
  };
  return { plan: { ...plan, resources: await Promise.all(plan.resources.map(seen)) }, dangers };
}
