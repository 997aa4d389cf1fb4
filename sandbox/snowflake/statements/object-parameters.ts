import type { ObjectType, Parameters } from "../catalog/model.ts";
import { SnowflakeError, unsupported } from "../errors.ts";
import { requireFormat } from "../functions/session-formats.ts";
import { asBoolean, asInteger, asText, invalidValue, type Reader } from "../grammar/properties.ts";
import type { Property } from "../grammar/values.ts";
import { onlyDefault, type ParameterDefinition, sessionParameters, within, words } from "../parameters.ts";

type Level = Extract<ObjectType, "WAREHOUSE" | "DATABASE" | "SCHEMA" | "TABLE">;

interface ObjectParameter extends ParameterDefinition {
  /** On what it can be set; on the account always. */
  levels: readonly Level[];
}

const inDatabases: readonly Level[] = ["DATABASE", "SCHEMA"];
const inTables: readonly Level[] = ["DATABASE", "SCHEMA", "TABLE"];
const number = (value: number, levels: readonly Level[], description: string): ObjectParameter => ({
  type: "NUMBER",
  default: String(value),
  levels,
  description,
});
const text = (value: string, levels: readonly Level[], description: string): ObjectParameter => ({
  type: "STRING",
  default: value,
  levels,
  description,
});
const flag = (value: boolean, levels: readonly Level[], description: string): ObjectParameter => ({
  type: "BOOLEAN",
  default: String(value),
  levels,
  description,
});

const SEVERITIES = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "OFF"];

/** The parameters of objects. An object without one takes that of what it lies in, up to the account (docs: Parameters). */
export const objectParameters: Readonly<Record<string, ObjectParameter>> = {
  CATALOG: text("", inDatabases, "Catalog integration for Iceberg tables"),
  DATA_RETENTION_TIME_IN_DAYS: within({ most: 90 }, number(1, inTables, "Days of Time Travel")),
  DEFAULT_DDL_COLLATION: onlyDefault(text("", inTables, "Collation of new text columns")),
  ENABLE_CONSOLE_OUTPUT: flag(false, inDatabases, "Show the output of stored procedures"),
  EXTERNAL_VOLUME: text("", inDatabases, "Volume for Iceberg tables"),
  LOG_LEVEL: words(SEVERITIES, text("OFF", inDatabases, "Least severity that is logged")),
  // Nothing waits for a warehouse here: how many statements it runs, and how long one may wait, changes nothing.
  MAX_CONCURRENCY_LEVEL: within(
    { least: 1 },
    number(8, ["WAREHOUSE"], "Statements a cluster runs at a time"),
  ),
  MAX_DATA_EXTENSION_TIME_IN_DAYS: within(
    { most: 90 },
    number(14, inTables, "Days by which retention is lengthened for streams"),
  ),
  METRIC_LEVEL: words(["ALL", "NONE"], text("NONE", inDatabases, "Metrics that are collected")),
  PIPE_EXECUTION_PAUSED: flag(false, ["SCHEMA"], "Pause pipes"),
  QUOTED_IDENTIFIERS_IGNORE_CASE: onlyDefault(
    flag(false, inDatabases, "Fold quoted identifiers to upper case"),
  ),
  REPLACE_INVALID_CHARACTERS: flag(false, inDatabases, "Replace invalid UTF-8 in Iceberg tables"),
  STATEMENT_QUEUED_TIMEOUT_IN_SECONDS: number(
    0,
    ["WAREHOUSE"],
    "Seconds a statement may wait for a warehouse; 0 for no limit",
  ),
  STATEMENT_TIMEOUT_IN_SECONDS: within(
    { most: 604_800 },
    number(172_800, ["WAREHOUSE"], "Seconds after which a running statement is cancelled"),
  ),
  STORAGE_SERIALIZATION_POLICY: text("OPTIMIZED", inDatabases, "Encoding of Iceberg tables"),
  SUSPEND_TASK_AFTER_NUM_FAILURES: number(10, inDatabases, "Failures after which a task is suspended"),
  TASK_AUTO_RETRY_ATTEMPTS: number(0, inDatabases, "Retries of a failed task graph"),
  TRACE_LEVEL: words(
    ["ALWAYS", "ON_EVENT", "PROPAGATE", "OFF"],
    text("OFF", inDatabases, "Trace events that are kept"),
  ),
  USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE: text("Medium", inDatabases, "First size of serverless tasks"),
  USER_TASK_MINIMUM_TRIGGER_INTERVAL_IN_SECONDS: number(
    30,
    inDatabases,
    "Least seconds between triggered tasks",
  ),
  USER_TASK_TIMEOUT_MS: number(3_600_000, inDatabases, "Milliseconds after which a task run ends"),
};

function ofLevel(name: string, level: Level): ObjectParameter {
  const definition = Object.hasOwn(objectParameters, name) ? objectParameters[name] : undefined;
  if (!definition?.levels.includes(level)) {
    throw new SnowflakeError(
      "001420",
      "22023",
      `SQL compilation error:\ninvalid property '${name}' for '${level}'`,
    );
  }
  return definition;
}

/** What a database that is mounted from a share does not have: its data are the publisher's. */
export const isPublishers = (name: string): boolean =>
  name === "DATA_RETENTION_TIME_IN_DAYS" || name === "MAX_DATA_EXTENSION_TIME_IN_DAYS";

/** Whether a property of CREATE or ALTER is a parameter of that kind of object. */
export const isObjectParameter = (name: string, level: Level): boolean =>
  Object.hasOwn(objectParameters, name) && (objectParameters[name]?.levels.includes(level) ?? false);

/** What parameters are set of; what is transient or temporary has a day of Time Travel at most (docs: Understanding & using Time Travel). Retention has no further effect here. */
interface Holder {
  readonly parameters: Parameters;
  readonly transient?: boolean;
  readonly temporary?: boolean;
}

/** Checks the values and answers the change to be made. */
export function setObjectParameters(properties: readonly Property[], level: Level): (object: Holder) => void {
  const values = properties.map(({ name, value }): [string, string] => [
    name,
    readParameter(ofLevel(name, level))(value, name),
  ]);
  return ({ parameters, transient, temporary }) => {
    for (const [name, value] of values) {
      if ((transient || temporary) && name === "DATA_RETENTION_TIME_IN_DAYS" && Number(value) > 1)
        throw invalidValue(name, value, "0 or 1 of what is transient or temporary");
    }
    for (const [name, value] of values) parameters.set(name, value);
  };
}

export function unsetObjectParameters(parameters: Parameters, names: readonly string[], level: Level): void {
  for (const name of names) ofLevel(name, level);
  for (const name of names) parameters.delete(name);
}

/** Reads a value of a parameter's type, as SHOW PARAMETERS prints it. */
export function readParameter(definition: ParameterDefinition): Reader<string> {
  const read = readType(definition);
  return (value, name) => {
    const result = read(value, name);
    if (definition.words && !definition.words.includes(result.toUpperCase()))
      throw invalidValue(name, result, definition.words.join(", "));
    if (name === "TIMEZONE") requireTimeZone(result);
    requireFormat(name, result);
    if (definition.onlyDefault && result !== definition.default) throw unsupported(`${name} = ${result}`);
    return result;
  };
}

function requireTimeZone(zone: string): void {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
  } catch {
    throw invalidValue("TIMEZONE", zone, "a name such as UTC or America/Los_Angeles");
  }
}

function readType({ type, limits = {} }: ParameterDefinition): Reader<string> {
  const readers: Readonly<Record<ParameterDefinition["type"], Reader<string>>> = {
    STRING: (value, name) => {
      const text = asText(value, name);
      if (text.length <= (limits.most ?? Number.POSITIVE_INFINITY)) return text;
      throw invalidValue(name, `${text.slice(0, 20)}…`, `a text of up to ${limits.most} characters`);
    },
    NUMBER: (value, name) =>
      String(asInteger(limits.least ?? 0, limits.most ?? Number.MAX_SAFE_INTEGER)(value, name)),
    BOOLEAN: (value, name) => String(asBoolean(value, name)),
  };
  return readers[type];
}

/** The definition of a parameter that can be set on the account: a session's or an object's. */
export function accountParameter(name: string): ParameterDefinition | undefined {
  if (Object.hasOwn(sessionParameters, name)) return sessionParameters[name];
  return Object.hasOwn(objectParameters, name) ? objectParameters[name] : undefined;
}

/** The first value among an object's parameters and those of what it lies in, else the default. */
export function inheritedParameter(name: string, ...chain: (Parameters | undefined)[]): string {
  for (const parameters of chain) {
    const value = parameters?.get(name);
    if (value !== undefined) return value;
  }
  return objectParameters[name]?.default ?? "";
}
