/**
 * The access documents of a stack at one moment: what an IAM evaluator needs to say who may do what.
 */

/** A role of the stack: who may assume it, and what it may do then. */
export interface WorldRole {
  readonly arn: string;
  /** Trust policy, JSON text; undefined while it is not known. */
  readonly trust: string | undefined;
  /** Policies of the role by name, JSON text. */
  readonly policies: ReadonlyMap<string, string>;
}

export interface World {
  /** The 12 digits of the account that owns buckets and roles. */
  readonly account: string;
  /** Bucket names, each with its policy as JSON text or undefined when it has none. */
  readonly buckets: ReadonlyMap<string, string | undefined>;
  readonly roles: ReadonlyMap<string, WorldRole>;
}

/** Every document of a world with a name for people, in a fixed order. */
export function documentsOf(world: World): { what: string; text: string }[] {
  const found: { what: string; text: string }[] = [];
  for (const [bucket, text] of world.buckets) {
    if (text !== undefined) found.push({ what: `policy of bucket ${bucket}`, text });
  }
  for (const [name, { trust, policies }] of world.roles) {
    if (trust !== undefined) found.push({ what: `trust policy of role ${name}`, text: trust });
    for (const [policy, text] of policies) found.push({ what: `policy ${policy} of role ${name}`, text });
  }
  return found;
}
