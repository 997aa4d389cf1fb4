/**
 * What the resource provider does, without Pulumi: its methods call these. Inputs and outputs come as plain values.
 */
import { isDeepStrictEqual } from "node:util";
import { discardAccounting } from "./account.ts";
import { type LoadOutputs, type LoadSettings, NO_OUTPUTS } from "./args.ts";
import { type ReadConfig, readConnection } from "./connection.ts";
import { type Deadline, type Operation, startDeadline } from "./deadline.ts";
import { explain, isTransient, LoadError, messageOf, UnverifiedError } from "./errors.ts";
import { watchEngine } from "./guard.ts";
import { load } from "./load.ts";
import { openLoadSession, serverTime, surroundingsOf } from "./load-session.ts";
import { takeLock } from "./lock.ts";
import { look, type Sight } from "./look.ts";
import { retry } from "./retry.ts";
import { cancelQuery, type Session } from "./session.ts";
import {
  type CompleteSettings,
  complete,
  hasUnknowns,
  namesOf,
  type Problem,
  problemsOf,
} from "./settings.ts";
import { waitForOthers, waitForOwn, waitForQuery } from "./wait.ts";

export type Values = Record<string, unknown>;

// Whatever is at work here is at work for an engine.
watchEngine();

/** Lines for people: the engine shows what a provider prints. */
const log = (line: string) => console.log(line);

/** The readings table makes the identity; another one is another load. */
const IDENTITY = ["database", "schema", "table"] as const;
/** Inputs that say nothing about what to load or to verify. */
const WITHOUT_EFFECT = ["__provider", "customTimeouts", "environment", "onDelete", "owner"];

const settingsOf = (values: Values): CompleteSettings => complete(values as unknown as LoadSettings);

export async function check(news: Values): Promise<{ inputs: Values; failures: Problem[] }> {
  return { inputs: news, failures: problemsOf(news) };
}

export interface Difference {
  changes: boolean;
  replaces: string[];
}

/** What an update would do: by the inputs, and by what lies in the bucket and in the table now. */
export async function diff(olds: Values, news: Values, config: ReadConfig): Promise<Difference> {
  const replaces = IDENTITY.filter((key) => news[key] !== olds[key]);
  const changed = changedInputs(olds, news);
  const effective = effectiveOf(changed);
  if (replaces.length > 0) return { changes: true, replaces };
  if (hasUnknowns(news)) {
    log("load: what waits in the bucket is not known before the resources it depends on are there");
    return { changes: true, replaces };
  }
  const outputs = olds as Partial<LoadOutputs>;
  let sight: Sight;
  try {
    sight = await look(settingsOf(news), readConnection(config), outputs);
  } catch (error) {
    log(`load: could not look what waits in the bucket, so an update has to: ${messageOf(error)}`);
    return { changes: true, replaces };
  }
  for (const line of sight.findings) log(line);
  if (effective.length > 0)
    log(`load: an update verifies the table again, because of: ${effective.join(", ")}`);
  if (outputs.verified === false)
    log("load: the table is not verified as it is now: an update verifies it and loads only what is missing");
  return { changes: changed.length > 0 || outputs.verified === false || sight.findings.length > 0, replaces };
}

/** The inputs that are not the same; outputs hold the inputs too, so those that a program no longer gives count as well. */
function changedInputs(olds: Values, news: Values): string[] {
  const inputs = Object.keys(olds).filter((key) => key in news || !(key in NO_OUTPUTS));
  return [...new Set([...inputs, ...Object.keys(news)])].filter(
    (key) => !isDeepStrictEqual(olds[key], news[key]),
  );
}

/** Those of them that change what is loaded or how it is verified. */
const effectiveOf = (changed: readonly string[]) => changed.filter((key) => !WITHOUT_EFFECT.includes(key));

export async function create(inputs: Values, config: ReadConfig): Promise<{ id: string; outs: Values }> {
  const id = namesOf(settingsOf(inputs)).plain;
  return { id, outs: await loaded("create", id, inputs, config, {}) };
}

export async function update(
  id: string,
  olds: Values,
  news: Values,
  config: ReadConfig,
): Promise<{ outs: Values }> {
  const changed = changedInputs(olds, news);
  if (effectiveOf(changed).length === 0 && olds.verified === true) {
    // Reading billions of rows again because a comment in the state changed would help nobody.
    const sight = await look(settingsOf(news), readConnection(config), olds as Partial<LoadOutputs>);
    if (sight.findings.length === 0) {
      log(`load: nothing to load and nothing to verify again (changed: ${changed.join(", ") || "nothing"})`);
      const outputs = Object.entries(olds).filter(([key]) => key in NO_OUTPUTS);
      return { outs: { ...news, ...Object.fromEntries(outputs) } };
    }
  }
  return { outs: await loaded("update", id, news, config, olds) };
}

/** Runs the load. When rows are in but something does not hold, the engine keeps the resource as one to be repaired. */
async function loaded(
  operation: Operation,
  id: string,
  inputs: Values,
  config: ReadConfig,
  prior: Partial<LoadOutputs>,
): Promise<Values> {
  try {
    return { ...inputs, ...(await load(settingsOf(inputs), readConnection(config), log, operation, prior)) };
  } catch (error) {
    if (!(error instanceof UnverifiedError)) throw error;
    const properties = { ...inputs, ...(error.outputs as LoadOutputs) };
    const message = `the readings are loaded, but not as they should be; the next \`pulumi up\` verifies again:\n${error.message}`;
    throw Object.assign(new Error(message), { id, properties, reasons: error.reasons });
  }
}

/** Drift: rows gone or added, table emptied or dropped, warehouse left large, files that wait. */
export async function read(
  id: string,
  props: Values,
  config: ReadConfig,
): Promise<{ id: string; props: Values }> {
  if (props.table === undefined)
    throw new LoadError(
      "no-import",
      `A verified load cannot be imported by its name ${id}.`,
      "declare it in the program and run `pulumi up`: what is in the table already is taken into the accounting",
    );
  let sight: Sight;
  try {
    sight = await look(settingsOf(props), readConnection(config), props as Partial<LoadOutputs>, "read");
  } catch (error) {
    // A refresh must get past what it is there to find, a trust or a stage changed by hand: the update heals that, and
    // its diff looks here again.
    log(`load: could not look at bucket and table: ${messageOf(error)}`);
    return { id, props };
  }
  for (const line of sight.findings) log(line);
  if (sight.totalRows === undefined) return { id: "", props: {} };
  const { totalRows, minTimestamp, maxTimestamp, warehouseSize, pending } = sight;
  // What was verified was another number of rows.
  const verified = props.verified === true && totalRows === props.totalRows;
  return { id, props: { ...props, totalRows, minTimestamp, maxTimestamp, warehouseSize, pending, verified } };
}

/** Leaves the rows where they are, or empties the table where the settings say so. */
export async function remove(props: Values, config: ReadConfig): Promise<void> {
  const settings = settingsOf(props);
  const { plain } = namesOf(settings);
  if (settings.onDelete !== "truncate") {
    log(
      `load: removes no rows (onDelete: retain); what becomes of ${plain} itself is decided where the table is declared`,
    );
    return;
  }
  const doing = `emptying ${plain} (onDelete: truncate)`;
  const deadline = startDeadline(settings, "delete", () => doing);
  try {
    const session = await openLoadSession(readConnection(config), settings, log);
    try {
      await empty(session, settings, deadline);
    } finally {
      await session.close();
    }
  } catch (error) {
    throw explain(error, surroundingsOf(settings), doing);
  }
}

/** Empties the table, as the only one at work on it: a COPY that is under way would fill it again. */
async function empty(session: Session, settings: CompleteSettings, deadline: Deadline): Promise<void> {
  const limited = deadline.limit(session);
  const watch = { session: limited, settings, log };
  const patience = Math.min(settings.statementTimeoutSeconds, deadline.remaining());
  const lock = await takeLock(session, settings, log, patience);
  let truncation: string | undefined;
  const start = async () => {
    truncation = await limited.start(`TRUNCATE TABLE IF EXISTS ${namesOf(settings).readings}`);
    return truncation;
  };
  try {
    await deadline.within(async () => {
      await waitForOwn(watch);
      await waitForOthers(watch);
      const queryId = await retry(() => lock.starting(start), isTransient);
      await waitForQuery(limited, settings, queryId, "emptying the table", () => {});
      await limited.result(queryId);
      truncation = undefined;
      await discardAccounting(limited, settings, (await serverTime(limited)).getTime());
    });
  } finally {
    // One that waits for other people's transactions must not empty the table after the next load.
    await lock.close();
    if (truncation !== undefined) await cancelQuery(session, truncation, log);
    await lock.release();
  }
}
