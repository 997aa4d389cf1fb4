/**
 * What the resource provider does, without Pulumi: its methods call these. Inputs and outputs come as plain values.
 */
import { isDeepStrictEqual } from "node:util";
import { type ReadConfig, readConnection } from "../snowflake/connection.ts";
import { LoadError, messageOf, UnverifiedError } from "../snowflake/errors.ts";
import { qualified } from "../sql.ts";
import { type LoadOutputs, type LoadSettings, NO_OUTPUTS } from "./args.ts";
import type { Operation } from "./deadline.ts";
import { empty } from "./empty.ts";
import { watchEngine } from "./guard.ts";
import { hasUnknowns, type Problem, problemsOf, settingsOf } from "./input-rules.ts";
import { foundLine } from "./lines.ts";
import { look, type Sight, stageElsewhere } from "./look.ts";
import { load } from "./run.ts";
import { type CompleteSettings, namesOf } from "./settings.ts";
import { KEPT_TABLES } from "./tables.ts";

export type Values = Record<string, unknown>;

// Whatever is at work here is at work for an engine.
watchEngine();

/** Lines for people: the engine shows what a provider prints. */
const log = (line: string) => console.log(line);

/** The readings table makes the identity; another one is another load. */
const IDENTITY = ["database", "schema", "table"] as const;
/** Inputs that say nothing about what the readings must be: changing them audits nothing again. */
const WITHOUT_EFFECT = [
  "__provider",
  "clusterBy",
  "contract",
  "customTimeouts",
  "environment",
  "exclude",
  "filesPerCopy",
  "include",
  "keepLandedDays",
  "loadSize",
  "maxRejectedRows",
  "maxRejectedShare",
  "meterCredits",
  "onDelete",
  "owner",
  "pattern",
  "path",
  "replacedFiles",
  "restSize",
  "statementTimeoutSeconds",
  "warehouse",
];

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
  const settings = settingsOf(news);
  const through = throughStage(olds, settings);
  if (through === undefined) {
    log(stageElsewhere(settings));
    return { changes: true, replaces };
  }
  let sight: Sight;
  try {
    sight = await look(through, readConnection(config), outputs);
  } catch (error) {
    log(`load: could not look what waits in the bucket, so an update has to: ${messageOf(error)}`);
    return { changes: true, replaces };
  }
  for (const line of [...sight.findings, ...sight.notes]) log(line);
  if (sight.listed && changed.some((key) => SELECTING.includes(key)))
    log(foundLine(settings, sight.listed, sight.pending));
  if (effective.length > 0)
    log(`load: an update audits the whole table, because of: ${effective.join(", ")}`);
  if (outputs.verified === false)
    log(
      "load: the last load was refused, or the table changed since: an update loads what is missing and audits it",
    );
  return { changes: changed.length > 0 || outputs.verified === false || sight.findings.length > 0, replaces };
}

/** Inputs that say which files there are. */
const SELECTING = ["stageUrl", "path", "include", "exclude"];

/** The settings by which a stage shows the folder before it moves; undefined when it does not show it. */
function throughStage({ stageUrl }: Values, settings: CompleteSettings): CompleteSettings | undefined {
  if (typeof stageUrl !== "string" || stageUrl === settings.stageUrl) return settings;
  const folder = settings.stageUrl + settings.path;
  return folder.startsWith(stageUrl)
    ? { ...settings, stageUrl, path: folder.slice(stageUrl.length) }
    : undefined;
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
      log(`load: nothing to load and nothing to audit again (changed: ${changed.join(", ") || "nothing"})`);
      const outputs = Object.entries(olds).filter(([key]) => key in NO_OUTPUTS);
      return { outs: { ...news, ...Object.fromEntries(outputs) } };
    }
  }
  return { outs: await loaded("update", id, news, config, olds, auditing(olds, changed)) };
}

/** Whether what the readings must be has changed, so that those of before are looked at again. */
function auditing(olds: Values, changed: readonly string[]): boolean {
  return effectiveOf(changed).some((key) => key in olds && key !== "publish" && key !== "verifyAll");
}

/** What the engine shows after a failure, in words: it prints the outputs as if they went, and keeps them. */
const refused = ({ owner }: LoadSettings) =>
  "nothing was published: the readings are as they were before this load. Outputs that the engine lists as removed are kept, and " +
  `tell of the load before. \`make status STACK=${owner.split("/").at(-1)}\` tells of this one`;

/** Runs the load. When a check refuses it, the engine keeps the resource as one to be repaired. */
async function loaded(
  operation: Operation,
  id: string,
  inputs: Values,
  config: ReadConfig,
  prior: Partial<LoadOutputs>,
  whole = false,
): Promise<Values> {
  try {
    const outputs = await load(settingsOf(inputs), readConnection(config), log, { operation, prior, whole });
    return { ...inputs, ...outputs };
  } catch (error) {
    if (!(error instanceof UnverifiedError)) throw error;
    const properties = { ...inputs, ...(error.outputs as LoadOutputs) };
    // Of a resource that is kept as one to be repaired, the engine prints the reasons alone.
    const reasons = [refused(settingsOf(inputs)), ...error.reasons];
    throw Object.assign(new Error(reasons.join("\n")), { id, properties, reasons });
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
  for (const line of [...sight.findings, ...sight.notes]) log(line);
  if (sight.totalRows === undefined) return { id: "", props: {} };
  const { totalRows, minTimestamp, maxTimestamp, warehouseSize, pending, later } = sight;
  if (later) return { id, props: { ...props, ...later, warehouseSize, pending } };
  // What was verified were other rows.
  const verified = props.verified === true && !sight.changed;
  return { id, props: { ...props, totalRows, minTimestamp, maxTimestamp, warehouseSize, pending, verified } };
}

/** Leaves the rows where they are, and says what that is, or empties the table where the settings say so. */
export async function remove(props: Values, config: ReadConfig): Promise<void> {
  const settings = settingsOf(props);
  const { plain } = namesOf(settings);
  if (settings.onDelete === "truncate") return empty(settings, readConnection(config), log);
  if (settings.onDelete === "drop") return;
  const { database, schema, table } = settings;
  const beside = ["LOADS", ...KEPT_TABLES, "LANDING_…"].map((kept) => `_${kept}`).join(", ");
  log(
    `load: removes no rows (onDelete: retain): ${plain} stays with what the load kept beside it (${table}${beside}); ` +
      `DROP SCHEMA ${qualified(database, schema)} removes it all; \`make import STACK=${settings.owner.split("/").at(-1)}\` takes it over again`,
  );
}
