/** What the resource does, on behalf of its thin provider. */
import { type AwsLogin, change, type Guards, lookAt } from "./bucket.ts";
import { canonical, idsIn, sameMeaning, statementsOf } from "./edit.ts";
import type { BucketPolicyInputs, BucketPolicyOutputs } from "./provider.ts";

const say = (line: string) => console.log(line);

/** Puts the stack's statements in place, and takes away those that it does not make any more. */
export async function put(
  login: AwsLogin,
  inputs: BucketPolicyInputs,
  olds: BucketPolicyOutputs | undefined,
): Promise<BucketPolicyOutputs> {
  const { bucket, keepOthers, found: planned } = inputs;
  const statements = statementsOf(inputs.policy, inputs.own);
  const own = [...inputs.own, ...(olds ? (olds.own ?? formerly(olds, inputs)) : [])];
  const { policy, leftOut } = await change(login, { bucket, statements, own, keepOthers, planned }, say);
  return { ...inputs, found: policy, policy, leftOut };
}

/**
 * IDs of what a stack said when it held the whole policy, and wrote no list of its own. A refresh may have seen others'
 * statements beside them. The refusal guards the bucket, and stays where the stack does not guard it any more.
 */
const formerly = ({ policy }: BucketPolicyOutputs, { guards }: BucketPolicyInputs) =>
  idsIn(policy).filter(
    (id) =>
      /^Partner\w+(GetObjects|ListFolder|LocateBucket)$/.test(id) ||
      (id === "DenyInsecureTransport" && !guards),
  );

/**
 * Whether there is something to write: what was found lacks what is wanted, or the state has to know other names, or other
 * code: what refresh and destroy run is the code in the state, which must not be left to import a file that has moved.
 */
export function differs(olds: BucketPolicyOutputs, news: BucketPolicyInputs): boolean {
  // The state of a stack that held the whole policy has no names yet.
  if (olds.own === undefined) return true;
  const names = ({ bucket, own, lasting, keepOthers, protect }: BucketPolicyInputs) =>
    JSON.stringify([bucket, [...own].sort(), [...lasting].sort(), keepOthers, protect]);
  const code = (values: object) => (values as { readonly __provider?: string }).__provider;
  return code(olds) !== code(news) || names(olds) !== names(news) || !sameMeaning(news.found, news.policy);
}

/** Refuses another bucket while the one there is protected: to the load, every file in it is a new one. */
export function keepBucket({ bucket, protect }: BucketPolicyOutputs, wanted: BucketPolicyInputs): void {
  if (bucket === wanted.bucket || !(protect ?? wanted.protect)) return;
  const set = (key: string, value: string) => `pulumi config set -s <stack> flux-ami:${key} ${value}`;
  throw new Error(
    [
      `the stack uses bucket ${bucket}, and the config now names ${wanted.bucket}; nothing was changed`,
      "to keep it as it is:",
      `  ${set("bucketName", bucket)}`,
      "to use the other one all the same (its files are new files to the load, also those that are copies: load them into a " +
        "table that is empty):",
      `  ${set("bucketName", bucket)} && ${set("protect", "false")} && pulumi up -s <stack>`,
      `  ${set("bucketName", wanted.bucket)} && pulumi up -s <stack>`,
    ].join("\n"),
  );
}

/** The resource as it is; undefined when there is no such bucket any more. */
export async function look(
  login: AwsLogin,
  props: BucketPolicyOutputs,
): Promise<BucketPolicyOutputs | undefined> {
  const { exists, policy, guards } = await lookAt(login, props.bucket);
  if (!exists) return undefined;
  const now = canonical(policy);
  // What cannot be looked at is taken for unchanged.
  const known: Guards | undefined = props.guards && { ...props.guards, ...guards };
  return { ...props, policy: now, found: now, ...(known && { guards: known }) };
}

/** Takes the stack's statements back; the policy is then what others say in it. */
export async function takeBack(login: AwsLogin, props: BucketPolicyOutputs): Promise<void> {
  const { bucket, own, lasting, policy, found: planned } = props;
  const statements = statementsOf(policy, lasting);
  await change(login, { bucket, statements, own, keepOthers: true, mayBeGone: true, planned }, say);
}
