/**
 * Deletions that the cloud never hears of: what says `deletedWith` is forgotten when that other thing goes, for it takes it along.
 * No event tells that, so the state is asked; and not everything takes along what it is said to.
 */
import { callPulumi, resourcesIn } from "../components/existing/engine.ts";
import type { Plan, ResourceChange } from "./engine-plan.ts";
import { namesObject } from "./granted.ts";
import { GIVING, isLetGo } from "./judges/engine.ts";

/** URN of what a resource is said to go with, by its own. */
export type DeletedWith = ReadonlyMap<string, string>;

/** What the state of a stack says. */
export async function deletedWithIn(stack: string, project: string): Promise<DeletedWith> {
  const state = resourcesIn(await callPulumi(["--cwd", project, "stack", "export", "--stack", stack]));
  return new Map(state.flatMap(({ urn, deletedWith }) => (deletedWith ? [[urn, deletedWith]] : [])));
}

/**
 * The plan in which what gives somebody something, and would not be taken back, stays.
 * @param ask what the state says; asked only where something is to be taken back
 */
export async function withUnheard(plan: Plan, ask: () => Promise<DeletedWith>): Promise<Plan> {
  const goes = ({ operation }: ResourceChange) => operation === "delete" || operation === "replace";
  const isTakenBack = ({ operation, type }: ResourceChange) => operation === "delete" && GIVING.test(type);
  if (!plan.resources.some(isTakenBack)) return plan;
  const deletedWith = await ask();
  const going = new Map(plan.resources.filter(goes).map((change) => [change.urn, change]));
  const resources = plan.resources.map((change): ResourceChange => {
    const { before } = change;
    const other = going.get(deletedWith.get(change.urn) ?? "");
    if (!isTakenBack(change) || !before || !other) return change;
    if (takesAlong(other, before.inputs) && !isLetGo(other)) return change;
    return { ...change, before: { ...before, retained: true } };
  });
  return { ...plan, resources };
}

type Values = Readonly<Record<string, unknown>>;

/** Inputs by which something belongs to what has a name of its own in its cloud. */
const OWNERS: Readonly<Record<string, readonly string[]>> = {
  "aws:iam/role:Role": ["role"],
  "aws:s3/bucket:Bucket": ["bucket"],
  "snowflake:index/accountRole:AccountRole": ["accountRoleName", "roleName", "parentRoleName"],
  "snowflake:index/share:Share": ["toShare", "share"],
};

/** Whether AWS or Snowflake itself takes this away when the other thing goes: it is granted to it, on it, or within it. */
function takesAlong({ type, before }: ResourceChange, inputs: Values): boolean {
  const { database, schema, name = before?.inputs.bucket } = before?.inputs ?? {};
  const owners = OWNERS[type];
  if (owners) return owners.some((input) => inputs[input] !== undefined && inputs[input] === name);
  return type.startsWith("snowflake:") && namesObject(inputs, [database, schema, name]);
}
