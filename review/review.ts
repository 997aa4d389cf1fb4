import { type AccessDiff, diffAccess } from "./access/diff.ts";
import { diffSnowflakeAccess, type SnowflakeDiff } from "./access/snowflake.ts";
import { driftedWorlds, plannedWorlds, type Worlds } from "./access/worlds.ts";
import { type Danger, dangersOf } from "./danger.ts";
import { forecastLoad, type ListSizes, type LoadForecast } from "./load.ts";
import type { Plan, PolicyResult, ResourceChange } from "./plan.ts";

/** What a preview comes to, mildest first. `failed`: there is no preview to judge. */
export type Verdict = "nothing" | "changes" | "dangerous" | "violation" | "failed";

/** What a script that asked for a review ends with. */
export const EXIT_CODES: Readonly<Record<Verdict, number>> = {
  nothing: 0,
  failed: 1,
  changes: 2,
  dangerous: 3,
  violation: 4,
};

/** Access given and taken, in AWS and in Snowflake. */
export interface AccessReview extends AccessDiff {
  readonly snowflake: SnowflakeDiff;
  /** Documents that only `up` will tell. */
  readonly unknown: readonly string[];
  /** Why the documents could not be compared; undefined when they were. */
  readonly problem?: string;
}

/** Everything a reviewer is told; also the report for machines. */
export interface Review {
  readonly stack: string;
  readonly verdict: Verdict;
  /** `first` when the stack has nothing yet, so that all access is new and none of it widened. */
  readonly first: boolean;
  readonly counts: Readonly<Record<string, number>>;
  readonly dangers: readonly Danger[];
  readonly access: AccessReview;
  readonly violations: readonly PolicyResult[];
  readonly advice: readonly PolicyResult[];
  /** Policies that need values which only `up` will tell. */
  readonly unjudged: readonly PolicyResult[];
  readonly policiesPassed: readonly string[];
  readonly load?: LoadForecast;
  readonly changes: readonly ResourceChange[];
  readonly drift: readonly ResourceChange[];
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  readonly seconds: number;
}

export interface ReviewOptions {
  /** Python of the environment that the access evaluator is installed in. */
  readonly python: string;
  readonly list: ListSizes;
  /** What differs: the program from the state (preview), or the world from the state (drift). @default "preview" */
  readonly of?: "preview" | "drift";
}

/** Judges a plan. */
export async function reviewPlan(
  plan: Plan,
  { python, list, of = "preview" }: ReviewOptions,
): Promise<Review> {
  const drift = of === "drift";
  const changes = plan.resources.filter(({ operation }) => operation !== "same" && operation !== "read");
  const looked = drift ? plan.drift : changes;
  const first = !drift && plan.resources.every(({ before }) => before === undefined);
  const access = await reviewAccess(python, drift ? driftedWorlds(plan) : plannedWorlds(plan), looked);
  const losses = looked.flatMap(dangersOf).sort((a, b) => (a.what < b.what ? -1 : 1));
  const dangers = [...losses, ...(first ? [] : widenings(access))];
  const mandatory = ({ level }: PolicyResult) => level === "mandatory" || level === "remediate";
  const unjudged = ({ message }: PolicyResult) => /can't run policy .* during preview/.test(message);
  const violations = inOrder(plan.policies.filter(mandatory));
  const load = drift ? undefined : await forecastLoad(plan, list);
  const errors = plan.messages.filter(({ severity }) => severity === "error").map(({ text }) => text);
  const failed = !plan.succeeded && violations.length === 0;
  return {
    stack: plan.stack,
    verdict: verdictOf({ failed, violations, dangers, changed: looked.length > 0 }),
    first,
    counts: countsOf(looked),
    dangers,
    access,
    violations,
    advice: inOrder(plan.policies.filter((result) => !mandatory(result) && !unjudged(result))),
    unjudged: inOrder(plan.policies.filter(unjudged)),
    policiesPassed: plan.policiesPassed,
    ...(load && { load }),
    changes,
    drift: [...plan.drift].sort((a, b) => (a.urn < b.urn ? -1 : 1)),
    errors,
    warnings: plan.messages.filter(({ severity }) => severity === "warning").map(({ text }) => text),
    seconds: plan.seconds,
  };
}

/** The engine asks about many resources at once, so its order differs from run to run. */
function inOrder(results: readonly PolicyResult[]): PolicyResult[] {
  const key = ({ policy, urn, message }: PolicyResult) => `${policy} ${urn} ${message}`;
  return [...results].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

function verdictOf(found: {
  failed: boolean;
  violations: readonly unknown[];
  dangers: readonly unknown[];
  changed: boolean;
}): Verdict {
  if (found.failed) return "failed";
  if (found.violations.length > 0) return "violation";
  if (found.dangers.length > 0) return "dangerous";
  return found.changed ? "changes" : "nothing";
}

/** Changes by operation, in an order that does not hang on which step the engine took first. */
function countsOf(changes: readonly ResourceChange[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const operation of changes.map((change) => change.operation).sort())
    counts[operation] = (counts[operation] ?? 0) + 1;
  return counts;
}

async function reviewAccess(
  python: string,
  { before, after, unknown }: Worlds,
  changes: readonly ResourceChange[],
): Promise<AccessReview> {
  const snowflake = diffSnowflakeAccess(changes);
  try {
    return { ...(await diffAccess(python, before, after)), snowflake, unknown };
  } catch (error) {
    // Without the evaluator nobody knows who gains what, and the report has to say so rather than be silent.
    return {
      gains: [],
      losses: [],
      undecided: [],
      sameMeaning: false,
      snowflake,
      unknown,
      problem: (error as Error).message,
    };
  }
}

/** Access that grows is a danger, whatever else changes; so is what could not be decided. */
function widenings({ gains, undecided, snowflake, problem }: AccessReview): Danger[] {
  const dangers: Danger[] = [];
  const who = [
    ...new Set([...gains.map((gain) => gain.who), ...snowflake.gains.map((gain) => gain.who)]),
  ].sort();
  if (who.length > 0) {
    dangers.push({
      urn: "",
      what: `Access widens for ${who.join(", ")}.`,
      consequence: "What they gain is listed under Access; approve only if each line is meant.",
    });
  }
  const added = undecided.filter(({ side }) => side === "added");
  if (added.length > 0) {
    dangers.push({
      urn: "",
      what: `${added.length} new ${added.length === 1 ? "part" : "parts"} of access documents can't be tried here.`,
      consequence: "Read them under Access; they may widen access.",
    });
  }
  if (problem !== undefined) {
    dangers.push({
      urn: "",
      what: "The access documents could not be compared.",
      consequence: `Nobody looked who gains access: ${problem}`,
    });
  }
  return dangers;
}
