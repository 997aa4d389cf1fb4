/** Chooses checks, runs them, and says what came of them. */

import { LOGIN_KEYS } from "../components/snowflake/login.ts";
import { STACK_KINDS } from "../config/index.ts";
import { neighboursIn, SNOWFLAKE_SECRETS } from "../config/source.ts";
import { type Check, GROUPS, groupOf } from "./check.ts";
import { CHECKS, checksFor, type KindOfStack } from "./checks/index.ts";
import { json, text } from "./report.ts";
import { exitCodeOf, type Limits, type Result, run } from "./run.ts";
import { type Surroundings, World } from "./world.ts";

export interface Wishes {
  /** IDs or groups; all that they need comes along. @default everything */
  readonly only?: readonly string[];
  readonly skip?: readonly string[];
  /** Asks neither AWS nor Snowflake nor the backend. */
  readonly offline?: boolean;
  readonly verbose?: boolean;
  readonly output?: "text" | "json";
  readonly limits?: Limits;
  readonly progress?: (pending: readonly Check[]) => void;
}

export interface Outcome {
  readonly exitCode: number;
  readonly output: string;
  readonly results: readonly Result[];
}

/** A wish that nobody can fulfil, such as a check that does not exist. */
export class WishError extends Error {
  override readonly name = "WishError";
}

export async function doctor(at: Surroundings, wishes: Wishes = {}): Promise<Outcome> {
  const skipped = skipping(wishes);
  const world = new World(at);
  try {
    const { limits, progress } = wishes;
    if (!CHECKS.some((check) => check.service === "pulumi" && skipped(check) !== undefined)) world.begin();
    const results = await run(checksFor(kindOf(at)), world, {
      skipped,
      ...(limits && { limits }),
      ...(progress && { progress }),
    });
    const reporting = { stack: at.stack, verbose: wishes.verbose ?? false, secrets: secretsOf(world) };
    const output = (wishes.output === "json" ? json : text)(results, reporting);
    return { exitCode: exitCodeOf(results), output, results };
  } finally {
    await world.close();
  }
}

/** Why a check is not run; undefined when it is. Throws for what is no check. */
function skipping({ only, skip = [], offline = false }: Wishes): (check: Check) => string | undefined {
  const known = [...GROUPS, ...CHECKS.map(({ id }) => id)] as string[];
  for (const name of [...(only ?? []), ...skip])
    if (!known.includes(name))
      throw new WishError(`there is no check and no group ${name}; --list shows them`);
  const isOne = (names: readonly string[], check: Check) =>
    names.includes(check.id) || names.includes(groupOf(check));
  const asked = new Set(CHECKS.filter((check) => !only || isOne(only, check)).map(({ id }) => id as string));
  // A set grows while it is walked through: what is needed by what is needed comes along.
  for (const id of asked)
    for (const need of CHECKS.find((check) => check.id === id)?.needs ?? []) asked.add(need);
  return (check) => {
    if (isOne(skip, check)) return "--skip";
    if (!asked.has(check.id)) return "--only";
    return offline && check.service !== "local" ? "--offline" : undefined;
  };
}

/** What the stack's file says it is, and which way: which checks there are must not hang on whether the backend answers. */
function kindOf({ folder, stack, known }: Surroundings): KindOfStack {
  if (known) return known.config;
  const file = neighboursIn(folder, "").find((one) => one.stack === stack.split("/").at(-1));
  const { "flux-ami:kind": said, "flux-ami:way": way } = file?.values ?? {};
  return { kind: STACK_KINDS.find((kind) => kind === said) ?? "environment", way };
}

/** All that must not be shown, though an answer might repeat it; a passphrase that is the stack's name is no secret. */
function secretsOf({ at: { environment, stack }, secrets }: World): string[] {
  const variables = [
    ...SNOWFLAKE_SECRETS.map((key) => LOGIN_KEYS[key]),
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "PULUMI_CONFIG_PASSPHRASE",
    "PULUMI_ACCESS_TOKEN",
  ];
  const values = [...secrets, ...variables.flatMap((name) => environment[name] ?? [])];
  return values.filter((value) => value !== stack.split("/").at(-1));
}
