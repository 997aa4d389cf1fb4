/** What the resource's inputs may be. Whatever is refused says what it was and what is allowed, which is the cure. */
import { z } from "zod";
import { isClusterKey } from "../readings-columns.ts";
import { secondsOf } from "../snowflake/times.ts";
import { parseName } from "../sql.ts";
import { type LoadSettings, WAREHOUSE_SIZES } from "./args.ts";
import type { Check, Threshold } from "./quality/check.ts";
import { checkRows, severitiesOf } from "./quality/index.ts";
import { type CompleteSettings, complete } from "./settings.ts";
import { CONTRACT_KINDS, CONTRACT_SEVERITIES } from "./write/contract.ts";
import { isGlob } from "./write/selection.ts";

export interface Problem {
  property: string;
  reason: string;
}

/** A value that the schema takes; `must` says which those are. */
function allowed(must: string, schema: z.ZodType) {
  return z.custom((value) => schema.safeParse(value).success, must);
}

/** A value of the list. */
function oneOf(values: readonly string[]) {
  return allowed(`one of ${values.join(", ")}`, z.enum(values));
}

/** Settings by these names alone, each of which may be left out. */
function group(members: Record<string, z.ZodType>, noSuch: string) {
  const schemas = Object.entries(members).map(([name, schema]) => [name, schema.optional()] as const);
  return z.object(Object.fromEntries(schemas), "a map").catchall(z.custom(() => false, noSuch));
}

/** Days rather than hours, and yet within what a timer can count. */
const LONGEST_TIMEOUT_HOURS = 500;

const NAME = allowed("a name of at least one character", z.string().min(1));
const FLAG = allowed("true or false", z.boolean());
const DAY = allowed("a day, YYYY-MM-DD", z.iso.date());
const GLOBS = z.array(z.custom(isGlob));
const GLOBS_ALLOWED = "a list of globs on paths below the folder, like **/*.parquet";
const FROM_ZERO = allowed("a whole number from 0", z.int().min(0));
const TIMEOUT = allowed(
  `a duration up to ${LONGEST_TIMEOUT_HOURS}h, like 8h or 1h30m`,
  z
    .string()
    .transform(secondsOf)
    .pipe(
      z
        .number()
        .positive()
        .max(LONGEST_TIMEOUT_HOURS * 3600),
    ),
);

const REQUIRED = {
  database: NAME,
  schema: NAME,
  table: NAME,
  stage: NAME,
  stageUrl: allowed(
    'a URL that ends with "/", like s3://bucket/raw/ami/',
    z.string().regex(/^[a-z0-9]+:\/\/.+\/$/),
  ),
  warehouse: NAME,
  role: NAME,
  owner: NAME,
};

const OPTIONAL = {
  path: allowed(
    'empty, or a folder below the stage that ends with "/" and does not begin with it',
    z.literal("").or(
      z
        .string()
        .regex(/^[^/].*\/$/)
        .regex(/^(?!.*\.\.)/),
    ),
  ),
  include: allowed(GLOBS_ALLOWED, GLOBS.min(1)),
  exclude: allowed(GLOBS_ALLOWED, GLOBS),
  clusterBy: allowed(
    "a list of expressions on columns of the readings, one of TIMESTAMP first",
    z.array(z.string()).refine(isClusterKey),
  ),
  loadSize: oneOf(WAREHOUSE_SIZES),
  restSize: oneOf(WAREHOUSE_SIZES),
  replacedFiles: oneOf(["fail", "skip", "replace"]),
  onDelete: oneOf(["retain", "truncate", "drop"]),
  maxRejectedRows: FROM_ZERO,
  maxRejectedShare: allowed("a number from 0 to 1", z.number().min(0).max(1)),
  keepLandedDays: FROM_ZERO,
  publish: FLAG,
  verifyAll: FLAG,
  meterCredits: FLAG,
  filesPerCopy: allowed("a whole number from 1 to 1000", z.int().min(1).max(1000)),
  statementTimeoutSeconds: allowed(
    "a whole number from 60 to 86400 (a COPY ends after 24 hours at the latest)",
    z.int().min(60).max(86_400),
  ),
  expectedFrom: DAY,
  expectedTo: DAY,
  metersTable: allowed("DATABASE.SCHEMA.TABLE", z.string().refine(isTableName)),
  customTimeouts: z.record(z.string(), TIMEOUT, "a map of operations to durations"),
  contract: group(
    Object.fromEntries(CONTRACT_KINDS.map((kind) => [kind, oneOf(CONTRACT_SEVERITIES)])),
    `left out: there are ${CONTRACT_KINDS.join(", ")}`,
  ),
  quality: group(
    Object.fromEntries(checkRows.map(([name, check]) => [name, settingsOfCheck(name, check)])),
    `is no check; there are ${checkRows.map(([name]) => name).join(", ")}`,
  ),
};

const INPUTS = z.object({ ...REQUIRED, ...z.object(OPTIONAL).partial().shape });

/** A check's own settings. */
function settingsOfCheck(name: string, check: Check) {
  const thresholds = Object.entries(check.thresholds).map(
    ([key, one]) => [key, thresholdValue(one)] as const,
  );
  const members = { severity: oneOf(severitiesOf(check)), ...Object.fromEntries(thresholds) };
  return group(members, `left out: ${name} has ${Object.keys(members).join(", ")}`);
}

function thresholdValue({ fallback, range: [from, to] = [0, 1], whole, divides }: Threshold) {
  if (typeof fallback === "string")
    return allowed("a day, YYYY-MM-DD, or tomorrow", z.iso.date().or(z.literal("tomorrow")));
  const number = z.number().min(from).max(to);
  if (!whole) return allowed(`a number from ${from} to ${to}`, number);
  if (!divides) return allowed(`a whole number from ${from} to ${to}`, number.int());
  return allowed(
    `a whole number from ${from} to ${to} of those that divide ${divides.what}, like ${fallback}`,
    number.int().refine((value) => divides.total % value === 0),
  );
}

function isTableName(text: string): boolean {
  try {
    return parseName(text, 3).length === 3;
  } catch {
    return false;
  }
}

/** Values that the engine does not know yet come as this text. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
export const hasUnknowns = (inputs: unknown) => JSON.stringify(inputs)?.includes(UNKNOWN) ?? false;

/** Everything wrong with the inputs; what is not known yet is left alone. */
export function problemsOf(inputs: Record<string, unknown>): Problem[] {
  const issues = INPUTS.safeParse(inputs).error?.issues ?? [];
  const problems = issues
    .filter(({ path: [key] }) => !hasUnknowns(inputs[key as string]))
    .map(({ path, message }) => problem(path.join("."), at(inputs, path), message));
  const [from, to] = [DAY.safeParse(inputs.expectedFrom), DAY.safeParse(inputs.expectedTo)];
  if (from.success && to.success && String(from.data) > String(to.data))
    problems.push(problem("expectedTo", to.data, `not before expectedFrom (${from.data})`));
  return problems;
}

/** The settings of inputs without a problem. */
export const settingsOf = (inputs: Record<string, unknown>): CompleteSettings =>
  complete(inputs as Record<string, unknown> & LoadSettings);

function problem(property: string, got: unknown, must: string): Problem {
  const is = /^is /.test(must) ? must : `is ${JSON.stringify(got)}; it must be ${must}`;
  return { property, reason: `${property} ${is}` };
}

function at(inputs: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce((value, key) => (value as Record<PropertyKey, unknown>)[key], inputs);
}
