import type { ResourceValidationPolicy } from "@pulumi/policy";
import { isScaffold, knownType, OWN_TYPES } from "./resource-types.ts";
import { given, onEveryType } from "./rule.ts";

/** What the engine and the SDK add to the inputs by themselves. */
const INTERNAL = ["__defaults", "__provider", "urn", "id"];

const BUCKET = "aws:s3/bucket:Bucket";

export const onlyKnownTypes: ResourceValidationPolicy = {
  name: "only-known-types",
  description:
    "A stack has only the resource types that rules and review know, and sets only inputs they look at.",
  enforcementLevel: "mandatory",
  severity: "critical",
  validateResource: onEveryType(({ type, props }, violation) => {
    if (isScaffold(type) || Object.hasOwn(OWN_TYPES, type)) return;
    const known = knownType(type);
    if (known === undefined) {
      violation(
        `no rule knows what a ${type} does. Remove it, or add the type with its judge (policies/resource-types.ts, review/judges).`,
      );
      return;
    }
    // Keys only: values may be unknown.
    for (const input of Object.keys(props)) {
      if (INTERNAL.includes(input) || known.free.includes(input) || known.judged.includes(input)) continue;
      if (given(props, input)) {
        violation(
          `no rule looks at the input ${input} of a ${known.noun}. Remove it, or add it with its judge.`,
        );
      }
    }
  }),
};

export const nothingIsIgnored: ResourceValidationPolicy = {
  name: "nothing-is-ignored",
  description: "No resource hides changes from the engine by ignoreChanges.",
  enforcementLevel: "mandatory",
  severity: "high",
  validateResource: onEveryType(({ type, ignoreChanges }, violation) => {
    // A bucket's name: another one would mean another bucket, which the stack refuses in words of its own.
    const hidden = ignoreChanges.filter((input) => !(type === BUCKET && input === "bucket"));
    if (hidden.length > 0) {
      violation(
        `ignoreChanges hides ${hidden.join(", ")}: neither a change nor drift would be seen. Remove it.`,
      );
    }
  }),
};
