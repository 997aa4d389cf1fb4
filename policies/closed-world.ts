import type { ResourceValidationPolicy } from "@pulumi/policy";
import { isScaffold, knownType, OWN_TYPES } from "./resource-types.ts";
import { given, onEveryType } from "./rule.ts";

/** What the engine and the SDK add to the inputs by themselves. */
const INTERNAL = ["__defaults", "__provider", "urn", "id"];

/**
 * What a stack keeps whatever the config says, and refuses to change in words of its own (components/kept-names.ts): done by
 * the engine, another name would mean another bucket, or grants under a name that is gone.
 */
const KEPT: Readonly<Record<string, readonly string[]>> = {
  "aws:iam/role:Role": ["name"],
  "aws:s3/bucket:Bucket": ["bucket"],
  "snowflake:index/accountRole:AccountRole": ["name"],
  "snowflake:index/database:Database": ["name"],
  "snowflake:index/fileFormat:FileFormat": ["name"],
  "snowflake:index/schema:Schema": ["database", "name"],
  // To whom it is open is held by the ShareAccounts beside it, which hide nothing.
  "snowflake:index/share:Share": ["name", "accounts"],
  "snowflake:index/sharedDatabase:SharedDatabase": ["name"],
  "snowflake:index/stage:Stage": ["name"],
  "snowflake:index/storageIntegration:StorageIntegration": ["name"],
  "snowflake:index/table:Table": ["database", "name", "schema"],
  "snowflake:index/warehouse:Warehouse": ["name"],
};

const GRANT = "snowflake:index/grantPrivilegesToAccountRole:GrantPrivilegesToAccountRole";

/** A loader's role that was there is kept by its grant on the readings: nothing else of the stack has its name. */
function keepsRole(type: string, urn: string): boolean {
  // A name may have the look of a URN.
  const [, , types = "", ...name] = urn.split("::");
  return (
    type === GRANT &&
    types.endsWith(`flux-ami:index:LoaderAccess$${GRANT}`) &&
    name.join("::") === "loader-readings"
  );
}

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
  validateResource: onEveryType(({ type, urn, ignoreChanges }, violation) => {
    const kept = [...(KEPT[type] ?? []), ...(keepsRole(type, urn) ? ["accountRoleName"] : [])];
    const hidden = ignoreChanges.filter((input) => !kept.includes(input));
    if (hidden.length > 0) {
      violation(
        `ignoreChanges hides ${hidden.join(", ")}: neither a change nor drift would be seen. Remove it.`,
      );
    }
  }),
};
