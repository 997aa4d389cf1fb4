import type { Guards } from "../../components/bucket-policy/bucket.ts";
import { idsIn } from "../../components/bucket-policy/edit.ts";
import { texts, UNKNOWN } from "../values.ts";
import {
  always,
  both,
  fewer,
  type InputJudge,
  judgedElsewhere,
  more,
  moved,
  raised,
  takenAway,
  unless,
  unlessCreated,
} from "./input-judge.ts";
import type { TypeJudges } from "./judge.ts";

const locked =
  "Whoever assumes it, Snowflake too, is locked out until it is back and IAM has caught up (up to a minute).";
const publicBlock = unless([true], "The bucket can be made public by a policy or ACL.");
const otherRole = always("It watches another role from now on, and no longer this one.");
const unwatched = "A policy that somebody puts on the role by hand stays there, and is not seen.";
const takesOff = "Policies on the role that are not in the list are taken off it.";
const otherBucket = always("It guards another bucket from now on, and no longer this one.");

/** By which key a bucket's rules encrypt; how often KMS is asked for it changes nothing for anybody. */
const keyOf = (rules: unknown) =>
  JSON.stringify(rules, (key, value) =>
    key === "bucketKeyEnabled" || key === "__defaults" ? undefined : value,
  );

/** Encryption at rest: a key of one's own or S3's; what is not encrypted by either is new to nobody here. */
const encrypted: InputJudge = ({ before, after, change }) => {
  const text = JSON.stringify(after ?? "");
  if (text.includes(UNKNOWN)) return undefined;
  const known = /"sseAlgorithm":"(AES256|aws:kms(:dsse)?)"/.test(text);
  if (!known) return "New objects may lie unencrypted.";
  return change.operation === "create" || keyOf(before) === keyOf(after)
    ? undefined
    : "New objects are encrypted by another key: who may not use it cannot read them.";
};

/** What guards a bucket that the stack only looks at: as found, so a change of it is somebody else's. */
const opened: InputJudge = ({ before, after, change }) => {
  const [was, is] = [before ?? {}, after ?? {}] as [Guards, Guards];
  const blocked: Readonly<Record<string, boolean>> = was.publicAccessBlock ?? {};
  const blocks: Readonly<Record<string, boolean>> = is.publicAccessBlock ?? {};
  const off = Object.keys(blocked).filter((name) => blocked[name] && blocks[name] !== true);
  if (off.length > 0)
    return `${off.join(", ")} is off now, or cannot be looked at, so the bucket can be made public by a policy or ACL.`;
  const enforced = "BucketOwnerEnforced";
  if (was.objectOwnership === enforced && is.objectOwnership !== enforced)
    return "ACLs count again, or nobody can look: whoever writes an object may say who reads it.";
  const key = ({ encryption, kmsKeyArn }: Guards) => `${encryption} ${kmsKeyArn}`;
  return before !== undefined && after !== undefined && change.operation !== "create" && key(was) !== key(is)
    ? "New objects are encrypted by another key, or nobody can look: who may not use it cannot read them."
    : undefined;
};

/** Statements that were found on the bucket are somebody else's, as long as the stack did not call them its own. */
const claimed: InputJudge = ({ before, after, change }) => {
  if (!Array.isArray(before) || !Array.isArray(after)) return undefined;
  const found = idsIn(String(change.after?.inputs.found ?? ""));
  const taken = after.filter((id) => !before.includes(id) && found.includes(id));
  return taken.length === 0
    ? undefined
    : `It takes for its own what others said there, and may change or remove it: ${taken.join(", ")}.`;
};

export const AWS_JUDGES = {
  "aws:s3/bucket:Bucket": {
    loss: "Its objects, the raw readings, go with it.",
    inputs: {
      bucket: moved(),
      region: moved(),
      forceDestroy: unless([false, undefined], "A destroy would empty the bucket for good."),
    },
  },
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": {
    creation: "Whoever was let into the bucket by an ACL, or by a policy for everybody, is locked out.",
    loss: "Nothing stops a later policy or ACL from making the bucket public.",
    inputs: {
      bucket: otherBucket,
      region: moved(),
      blockPublicAcls: publicBlock,
      blockPublicPolicy: publicBlock,
      ignorePublicAcls: publicBlock,
      restrictPublicBuckets: publicBlock,
    },
  },
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": {
    creation: "Whoever writes into the bucket with an ACL, as from another account, is refused from now on.",
    loss: "ACLs count again: whoever writes an object may say who reads it.",
    inputs: {
      bucket: otherBucket,
      region: moved(),
      rule: unless(
        [{ objectOwnership: "BucketOwnerEnforced" }],
        "ACLs count again: whoever writes an object may say who reads it.",
      ),
    },
  },
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": {
    creation: "New objects are encrypted in this way, whatever the bucket had before.",
    loss: "The bucket falls back to S3's own encryption, whatever it had before.",
    inputs: { bucket: otherBucket, region: moved(), rules: encrypted },
  },
  "pulumi-nodejs:dynamic/flux-ami:BucketPolicyStatements": {
    loss: "Partners lose their access, and plain HTTP is no longer refused where the stack did that.",
    creation: "It brings code of its own, which runs with the rights of whoever deploys.",
    inputs: {
      bucket: otherBucket,
      // What it says is judged by proof; that it is not there at all is told as well.
      policy: ({ after, change }) =>
        after === "" && texts(change.after?.inputs.own).length > 0
          ? "It is gone: plain HTTP is no longer refused where the stack did that, and partners are locked out."
          : undefined,
      own: claimed,
      keepOthers: always("What others say in the bucket's policy is kept, or not kept, from now on."),
      lasting: fewer("The bucket outlives the stack without what guards it."),
      protect: unless([true], "The bucket may be left for another, whose files are new files to the load."),
      guards: opened,
    },
  },
  "aws:iam/role:Role": {
    loss: locked,
    inputs: {
      name: moved(),
      path: moved(),
      assumeRolePolicy: judgedElsewhere,
      inlinePolicies: judgedElsewhere,
      managedPolicyArns: more(
        "The text of a managed policy is AWS's or somebody's own: nobody here has read what it allows.",
      ),
      permissionsBoundary: takenAway("The boundary no longer bounds what the role may ever do."),
      maxSessionDuration: raised("Whoever has taken on the role keeps it for longer.", 3_600),
    },
  },
  "aws:iam/rolePolicy:RolePolicy": {
    inputs: { name: judgedElsewhere, role: judgedElsewhere, policy: judgedElsewhere },
  },
  "aws:iam/rolePoliciesExclusive:RolePoliciesExclusive": {
    loss: unwatched,
    creation: takesOff,
    inputs: {
      roleName: otherRole,
      policyNames: unlessCreated(
        more("A policy of that name may be put on the role by hand, with whatever text."),
      ),
    },
  },
  "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive": {
    loss: unwatched,
    creation: takesOff,
    inputs: {
      roleName: otherRole,
      policyArns: more(
        "The text of a managed policy is AWS's or somebody's own: nobody here has read what it allows.",
      ),
    },
  },
  "random:index/randomId:RandomId": {
    loss: "The external ID is another one: whoever was told the old one is locked out.",
    inputs: {
      byteLength: both(moved(), always("The external ID is another one.")),
      keepers: moved("The external ID may be another one."),
      prefix: always("The external ID may be another one."),
    },
  },
} satisfies TypeJudges;
