import { BUCKET_POLICY } from "../../policies/found-documents.ts";
import type { Plan, ResourceChange } from "../plan.ts";
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
  const build = (side: Side): World => {
    const buckets = new Map<string, string | undefined>();
    const roles = new Map<string, WorldRole & { policies: Map<string, string> }>();
    const known = (change: ResourceChange, what: string, value: unknown): string | undefined => {
      // No policy at all.
      if (value === undefined || value === "") return undefined;
      if (typeof value === "string" && !isUnknown(value) && value !== SECRET) return value;
      unknown.add(what);
      const before = read(change, "before");
      const field = change.type === ROLE ? before.assumeRolePolicy : before.policy;
      return typeof field === "string" && !isUnknown(field) ? field : undefined;
    };
    for (const change of resources.filter((change) => change[side] !== undefined)) {
      const values = read(change, side);
      if (change.type === BUCKET && typeof values.bucket === "string" && !isUnknown(values.bucket)) {
        buckets.set(values.bucket, buckets.get(values.bucket));
      }
      if (change.type === BUCKET_POLICY && typeof values.bucket === "string" && !isUnknown(values.bucket)) {
        // S3 keeps the one that is written last, and nobody knows which that will be.
        if (buckets.get(values.bucket) !== undefined)
          unknown.add(`policy of bucket ${values.bucket}, declared twice`);
        buckets.set(values.bucket, known(change, `policy of bucket ${values.bucket}`, values.policy));
      }
      if (change.type === ROLE && typeof values.name === "string" && !isUnknown(values.name)) {
        roles.set(values.name, {
          arn: arnOf(change, side, account, values.name),
          trust: known(change, `trust policy of role ${values.name}`, values.assumeRolePolicy),
          policies: inlinePolicies(values.inlinePolicies),
        });
      }
    }
    for (const change of resources.filter(({ type }) => type === ROLE_POLICY)) {
      if (change[side] === undefined) continue;
      const values = read(change, side);
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
    return { account, buckets, roles };
  };
  return { before: build("before"), after: build("after"), unknown: [...unknown] };
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
