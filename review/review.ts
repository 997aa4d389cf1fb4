import { dirname } from "node:path";
import { type AccessDiff, diffAccess } from "./access/diff.ts";
import { type Proof, prove, sameMeaning } from "./access/proof.ts";
import { diffSnowflakeAccess, type SnowflakeDiff } from "./access/snowflake.ts";
import { driftedWorlds, plannedWorlds, type Worlds } from "./access/worlds.ts";
import type { Plan, PolicyResult, ResourceChange, ResourceState } from "./engine-plan.ts";
import {
  type Danger,
  dangersOf,
  isLetGo,
  lockedVersions,
  movedLogins,
  outputDangers,
  type Versions,
} from "./judges/index.ts";
import { againstLive, type LookAtBucket } from "./live.ts";
import { forecastLoad, type ListFiles, type LoadForecast } from "./load-forecast.ts";
import { type RuleInEffect, silentRules } from "./rules.ts";

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

/** Access given and taken, in AWS and in Snowflake, by three judges: a proof, requests, and the list of grants. */
export interface AccessReview extends AccessDiff {
  readonly proof: Proof;
  /** True when the documents say the same in the same or other words, so that no request was made. */
  readonly sameMeaning: boolean;
  readonly snowflake: SnowflakeDiff;
  /** Documents that cannot be read yet: known only after `up`, kept secret, or declared twice. */
  readonly unknown: readonly string[];
  /** Why no requests could be made; undefined when they were, or were not needed. */
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
  /** Rules that are switched off or made mild for this stack, in words. */
  readonly relaxed: readonly string[];
  /** Whether the rules were compared with the base branch's. */
  readonly rulesCompared: boolean;
  /**
   * Files of the program that differ from the base branch's. They run as whoever deploys, and no judge reads them. Undefined
   * where nobody compared them.
   */
  readonly unread?: readonly string[];
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
  readonly list: ListFiles;
  /** The rules in effect, and what the change does to them. @default nobody looks at the rules */
  readonly rules?: {
    readonly inEffect: readonly RuleInEffect[];
    /** Undefined when there is no base branch's checkout to compare with. */
    readonly changed: readonly Danger[] | undefined;
    /** Files of the program that the change touches. @default nobody compared them */
    readonly unread?: readonly string[];
  };
  /** Looks at a bucket as it is. @default what the program says it found there is believed */
  readonly look?: LookAtBucket;
  /** What was found beside the stack's own resources; only a drift run looks. @default nothing */
  readonly beside?: readonly Danger[];
  /** Versions of plugins that the lockfile of the judged checkout has. @default those of this checkout */
  readonly locked?: Versions;
  /** What differs: the program from the state (preview), or the world from the state (drift). @default "preview" */
  readonly of?: "preview" | "drift";
}

const ROOT = dirname(import.meta.dirname);

/** Judges a plan. */
export async function reviewPlan(
  told: Plan,
  { python, list, look, rules, beside = [], locked = lockedVersions(ROOT), of = "preview" }: ReviewOptions,
): Promise<Review> {
  const drift = of === "drift";
  const { plan, dangers: forged } =
    drift || look === undefined ? { plan: told, dangers: [] } : await againstLive(told, look);
  const changes = plan.resources.filter(({ operation }) => operation !== "same" && operation !== "read");
  const looked = drift ? plan.drift : changes;
  const first = !drift && plan.resources.every(({ before }) => before === undefined);
  // What stays in its cloud gives what it gave.
  const stays = (change: ResourceChange): ResourceChange =>
    isLetGo(change) && change.before ? { ...change, after: change.before } : change;
  const kept = { ...plan, resources: plan.resources.map(stays) };
  const access = await reviewAccess(
    python,
    drift ? driftedWorlds(plan) : plannedWorlds(kept),
    looked.map(stays),
  );
  const dangers = [
    ...(rules === undefined || drift ? [] : [...silentRules(plan, rules.inEffect), ...(rules.changed ?? [])]),
    ...forged,
    ...beside,
    ...judgements(plan, { looked, first, drift, locked }),
    ...widenings(access, first),
    ...(first || drift
      ? []
      : [...new Set(plan.policies.filter(unjudged).map(({ policy }) => policy))].sort().map(notYetJudged)),
    ...access.unknown.filter((what) => what.endsWith("declared twice")).map(declaredTwice),
  ];
  const violations = inOrder(plan.policies.filter(mandatory));
  const load = drift ? undefined : await forecastLoad(plan, list);
  const errors = errorsIn(plan, violations);
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
    rulesCompared: rules?.changed !== undefined,
    relaxed: (rules?.inEffect ?? []).flatMap(relaxedInWords),
    ...(rules?.unread && { unread: rules.unread }),
    ...(load && { load }),
    changes,
    drift: [...plan.drift].sort((a, b) => (a.urn < b.urn ? -1 : 1)),
    errors,
    warnings: plan.messages.filter(({ severity }) => severity === "warning").map(({ text }) => text),
    seconds: plan.seconds,
  };
}

const mandatory = ({ level }: PolicyResult) => level === "mandatory" || level === "remediate";
const unjudged = ({ message }: PolicyResult) => /can't run policy .* during preview/.test(message);

/** Errors, but for the engine's last word on a preview that policies stopped: these are told by themselves. */
const errorsIn = ({ messages }: Plan, violations: readonly PolicyResult[]) =>
  messages
    .filter(
      ({ severity, text }) =>
        severity === "error" && !(violations.length > 0 && /^(preview|update) failed$/.test(text.trim())),
    )
    .map(({ text }) => text);

interface Judged {
  readonly looked: readonly ResourceChange[];
  readonly first: boolean;
  readonly drift: boolean;
  readonly locked: Versions;
}

/** What the judges say of resources and logins. */
function judgements(plan: Plan, { looked, first, drift, locked }: Judged): Danger[] {
  const resources = drift ? looked.map(asFound) : plan.resources;
  const found = [resources, drift ? [] : plan.providers].flatMap((changes) =>
    inOrderOf(changes.flatMap((change) => dangersOf(change, first, locked))),
  );
  return drift ? found : [...found, ...inOrderOf(movedLogins(plan)), ...outputDangers(plan)];
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

/** Drift shows in what a resource is, not in what it was told: what was declared, as recorded and as found. */
function asFound(change: ResourceChange): ResourceChange {
  const declared = Object.keys(change.before?.inputs ?? {});
  const of = (state: ResourceState | undefined) =>
    state && {
      ...state,
      inputs: Object.fromEntries(
        declared.flatMap((key) => (key in state.outputs ? [[key, state.outputs[key]]] : [])),
      ),
    };
  const [before, after] = [of(change.before), of(change.after)];
  return { ...change, hidden: [], ...(before && { before }), ...(after && { after }) };
}

function inOrderOf(dangers: readonly Danger[]): Danger[] {
  return [...dangers].sort((a, b) => (a.what < b.what ? -1 : 1));
}

const declaredTwice = (what: string): Danger => ({
  urn: "",
  what: `The ${what}.`,
  consequence: "The one that is written last counts, and nobody knows which that will be.",
});

const notYetJudged = (policy: string): Danger => ({
  urn: "",
  what: `The rule ${policy} waits for values that are known only after up.`,
  consequence:
    "It runs then, right before the resource is made, and stops the update half-way if it is broken.",
});

function relaxedInWords({ name, level, settings }: RuleInEffect): string[] {
  const given = Object.entries(settings).map(([key, value]) => `${key} ${JSON.stringify(value)}`);
  const words = [...(level === "mandatory" ? [] : [level]), ...given];
  return words.length === 0 ? [] : [`${name}: ${words.join(", ")}`];
}

async function reviewAccess(
  python: string,
  { before, after, unknown }: Worlds,
  changes: readonly ResourceChange[],
): Promise<AccessReview> {
  const judged = { snowflake: diffSnowflakeAccess(changes), unknown, proof: prove(before, after) };
  const nothing = { gains: [], losses: [], undecided: [] };
  if (sameMeaning(before, after)) return { ...nothing, ...judged, sameMeaning: true };
  try {
    return { ...(await diffAccess(python, before, after)), ...judged, sameMeaning: false };
  } catch (error) {
    return { ...nothing, ...judged, sameMeaning: false, problem: (error as Error).message };
  }
}

/** Access that grows is a danger, whatever else changes; so is every statement that is not proved to give nothing new. */
function widenings({ proof, gains, snowflake }: AccessReview, first: boolean): Danger[] {
  const dangers: Danger[] = [];
  // All access that a new stack gives is new, and listed as such; what it takes away was there before.
  if (first) return proof.open.filter(({ side }) => side === "removed").map(notProved);
  const who = [...new Set(gains.map((gain) => gain.who))].sort();
  if (who.length > 0) {
    dangers.push({
      urn: "",
      what: `Access widens for ${who.join(", ")}.`,
      consequence: "What they gain is listed under Access; approve only if each line is meant.",
    });
  }
  for (const { who, privilege, on } of snowflake.gains) {
    dangers.push({
      urn: "",
      what: `In Snowflake, ${who} gains ${privilege} on ${on}.`,
      consequence: "Approve only if that is meant.",
    });
  }
  return [...dangers, ...proof.open.map(notProved)];
}

const notProved = ({ what, side, part }: Proof["open"][number]): Danger => ({
  urn: "",
  what: side === "added" ? `New in the ${what}: ${part}.` : `Gone from the ${what}: ${part}.`,
  consequence:
    side === "added"
      ? "No Allow of before covers it (containment proof), so it may let somebody in or further in."
      : "No Deny from now on covers it (containment proof), so what it refused may be allowed.",
});
