import { BUCKET_POLICY } from "../../policies/found-documents.ts";
import type { Plan, ResourceChange } from "../engine-plan.ts";
import { isUnknown, SECRET } from "../values.ts";
import type { World, WorldRole } from "./world.ts";

/** The access documents before and after a plan. */
export interface Worlds {
  readonly before: World;
  readonly after: World;
  /** Documents that `up` has to make known first; they are left as they were, or out when they are new. */
  readonly unknown: readonly string[];
}

type Side = "before" | "after";
type Read = (change: ResourceChange, side: Side) => Readonly<Record<string, unknown>>;

const ROLE = "aws:iam/role:Role";
const ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy";
const BUCKET = "aws:s3/bucket:Bucket";

/** The program's documents: inputs before and after; but a bucket's policy before is the one that was found on the bucket. */
export function plannedWorlds(plan: Plan): Worlds {
  return worldsOf(
    plan.resources.map(againstFound),
    accountOf(plan),
    (change, side) => change[side]?.inputs ?? {},
  );
}

/** What the state knows of a bucket's policy may be nothing, or old: others change it as well. */
function againstFound(change: ResourceChange): ResourceChange {
  const found = change.after?.inputs.found;
  if (change.type !== BUCKET_POLICY || change.after === undefined || typeof found !== "string") return change;
  const { bucket } = change.after.inputs;
  const known = change.before?.inputs.bucket === bucket || change.before === undefined;
  return known ? { ...change, before: { ...change.after, inputs: { bucket, policy: found } } } : change;
}

/** The documents as recorded and as a refresh found them. */
export function driftedWorlds(plan: Plan): Worlds {
  return worldsOf(plan.found, accountOf(plan), (change, side) => change[side]?.outputs ?? {});
}

function worldsOf(resources: readonly ResourceChange[], account: string, read: Read): Worlds {
  const unknown = new Set<string>();
  const build = (side: Side) => worldAt(side, resources, account, read, unknown);
  return { before: build("before"), after: build("after"), unknown: [...unknown] };
}

type Roles = Map<string, WorldRole & { policies: Map<string, string> }>;
/** A document's text: what cannot be known yet is noted, and left as it was. */
type Known = (change: ResourceChange, what: string, value: unknown) => string | undefined;

function worldAt(
  side: Side,
  resources: readonly ResourceChange[],
  account: string,
  read: Read,
  unknown: Set<string>,
): World {
  const known: Known = (change, what, value) => {
    // No policy at all.
    if (value === undefined || value === "") return undefined;
    if (typeof value === "string" && !isUnknown(value) && value !== SECRET) return value;
    unknown.add(what);
    const before = read(change, "before");
    const field = change.type === ROLE ? before.assumeRolePolicy : before.policy;
    return typeof field === "string" && !isUnknown(field) ? field : undefined;
  };
  const there = resources.filter((change) => change[side] !== undefined);
  const buckets = new Map<string, string | undefined>();
  const roles: Roles = new Map();
  for (const change of there) {
    const { bucket, name, policy, assumeRolePolicy, inlinePolicies: inline } = read(change, side);
    if (change.type === BUCKET && isText(bucket)) buckets.set(bucket, buckets.get(bucket));
    if (change.type === BUCKET_POLICY && isText(bucket)) {
      // S3 keeps the one that is written last, and nobody knows which that will be.
      if (buckets.get(bucket) !== undefined) unknown.add(`policy of bucket ${bucket}, declared twice`);
      buckets.set(bucket, known(change, `policy of bucket ${bucket}`, policy));
    }
    if (change.type === ROLE && isText(name))
      roles.set(name, {
        arn: arnOf(change, side, account, name),
        trust: known(change, `trust policy of role ${name}`, assumeRolePolicy),
        policies: inlinePolicies(inline),
      });
  }
  for (const change of there.filter(({ type }) => type === ROLE_POLICY))
    hang(change, read(change, side), roles, account, known);
  return { account, buckets, roles };
}

const isText = (value: unknown): value is string => typeof value === "string" && !isUnknown(value);

/** Hangs a policy on its role. */
function hang(
  change: ResourceChange,
  values: Readonly<Record<string, unknown>>,
  roles: Roles,
  account: string,
  known: Known,
): void {
  const name = String(values.name ?? change.name);
  const text = known(change, `policy ${name} of role ${values.role}`, values.policy);
  const role = String(values.role);
  // A policy may hang on a role that the stack does not make, and then gives that one something.
  const found = roles.get(role) ?? {
    arn: `arn:aws:iam::${account}:role/${role}`,
    trust: undefined,
    policies: new Map<string, string>(),
  };
  roles.set(role, found);
  if (text !== undefined)
    found.policies.set(found.policies.has(name) ? `${name} of ${change.name}` : name, text);
}

/** Policies written into the role itself; one that is not a text is kept as such, and found to be no document. */
function inlinePolicies(inline: unknown): Map<string, string> {
  const list = Array.isArray(inline) ? (inline as { name?: unknown; policy?: unknown }[]) : [];
  return new Map(list.map(({ name, policy }) => [`inline ${name}`, String(policy)]));
}

function arnOf(change: ResourceChange, side: Side, account: string, name: string): string {
  const { arn } = change[side]?.outputs ?? {};
  const path = String(change[side]?.inputs.path ?? "/");
  return typeof arn === "string" && arn.startsWith("arn:")
    ? arn
    : `arn:aws:iam::${account}:role${path}${name}`;
}

/** The account the stack deploys into: its config says so, or else a role's ARN; any account serves the comparison. */
function accountOf(plan: Plan): string {
  const configured = Object.entries(plan.config).find(([key]) => key.endsWith(":awsAccountId"))?.[1];
  if (configured !== undefined) return configured;
  for (const { type, before, after } of [...plan.resources, ...plan.found]) {
    const found = type === ROLE && /^arn:[^:]+:iam::(\d{12}):/.exec(String((before ?? after)?.outputs.arn));
    if (found) return found[1] ?? "";
  }
  return "111111111111";
}
