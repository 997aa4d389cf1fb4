/** Runs checks: each once what it needs has passed, several at a time, and none for longer than its time. */
import { inTime } from "../components/snowflake/retry.ts";
import { type Check, type Finding, type Service, unknown } from "./check.ts";
import type { World } from "./world.ts";

export interface Result {
  readonly check: Check;
  /** `blocked`: something that it needs did not pass. `skipped`: nobody asked for it. */
  readonly state: Finding["state"] | "blocked" | "skipped";
  readonly said: string;
  readonly cure?: string;
  /** Of a blocked check: the check that did not pass, and that nothing blocked. */
  readonly blockedBy?: string;
  readonly milliseconds: number;
}

export interface Limits {
  /** Milliseconds for one check. */
  readonly local: number;
  readonly network: number;
  /** Milliseconds for all of them. */
  readonly overall: number;
}
const LIMITS: Limits = { local: 2_000, network: 10_000, overall: 30_000 };
/** Checks at a time: of all services, and of one. */
const PARALLEL = 8;
const PARALLEL_PER_SERVICE = 4;

export interface Running {
  /** Told whenever something began or ended: the checks under way. */
  readonly progress?: (pending: readonly Check[]) => void;
  readonly limits?: Limits;
  /** Why a check is not run; undefined for one that is. @default all are */
  readonly skipped?: (check: Check) => string | undefined;
}

/** Runs them all; the results come in the order of the checks. */
export async function run(
  checks: readonly Check[],
  world: World,
  { progress = () => {}, limits = LIMITS, skipped = () => undefined }: Running = {},
): Promise<Result[]> {
  const results = new Map<string, Result>();
  const pending = new Map<string, { check: Check; done: Promise<void> }>();
  const known = new Set<string>(checks.map(({ id }) => id));
  const ends = Date.now() + limits.overall;
  const waiting = new Set(checks);
  const end = (check: Check, result: Omit<Result, "check">) => {
    waiting.delete(check);
    results.set(check.id, { check, ...result });
  };
  for (const check of checks) {
    const why = skipped(check);
    if (why !== undefined) end(check, { state: "skipped", said: why, milliseconds: 0 });
  }
  while (waiting.size > 0 || pending.size > 0) {
    for (const check of waiting) {
      // What is not among the checks is taken for given.
      const needs = (check.needs ?? []).filter((id) => known.has(id)).map((id) => results.get(id));
      // What nobody wanted to be asked holds nothing up: the check will say itself what it misses.
      const lacking = needs.find((need) => need && !["pass", "advice", "skipped"].includes(need.state));
      if (lacking) {
        const blockedBy = lacking.blockedBy ?? lacking.check.id;
        end(check, { state: "blocked", said: `blocked by ${blockedBy}`, blockedBy, milliseconds: 0 });
      } else if (needs.every(Boolean) && mayStart(check, pending)) {
        waiting.delete(check);
        const limit = Math.min(check.service === "local" ? limits.local : limits.network, ends - Date.now());
        const done = ask(check, world, limit).then((result) => {
          results.set(check.id, { check, ...result });
          pending.delete(check.id);
        });
        pending.set(check.id, { check, done });
      }
    }
    progress([...pending.values()].map(({ check }) => check));
    if (pending.size > 0) await Promise.race([...pending.values()].map(({ done }) => done));
  }
  return checks.map(({ id }) => results.get(id) as Result);
}

function mayStart({ service }: Check, pending: ReadonlyMap<string, { check: Check }>): boolean {
  const ofService = (of: Service) => [...pending.values()].filter(({ check }) => check.service === of).length;
  return pending.size < PARALLEL && (service === "local" || ofService(service) < PARALLEL_PER_SERVICE);
}

async function ask(check: Check, world: World, limit: number): Promise<Omit<Result, "check">> {
  const began = Date.now();
  const finding = await inTime(check.run(world).catch(thrown), Math.max(0, limit), () =>
    unknown(`no answer within ${Math.round(limit / 100) / 10} s`),
  );
  return { ...finding, milliseconds: Date.now() - began };
}

/** A check that breaks says nothing of what it looks at. */
function thrown(error: unknown): Finding {
  const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return unknown(`could not be asked: ${said.split("\n")[0]}`);
}

/** 0: no failure. 1: one at least. 3: none, but something essential is not known. */
export function exitCodeOf(results: readonly Result[]): 0 | 1 | 3 {
  if (results.some(({ state }) => state === "fail")) return 1;
  const open = results.some(
    ({ state, check }) => (state === "unknown" || state === "blocked") && check.essential !== false,
  );
  return open ? 3 : 0;
}
