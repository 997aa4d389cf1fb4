import { byNearness, type Field, type Fields, type Group, nearest, type Values } from "./field.ts";
import type { Mistake } from "./mistakes.ts";

/** Raw config: keys without their namespace, values as text. */
export type Raw = Readonly<Record<string, string | undefined>>;

/** Whether a value says nothing: Pulumi.yaml has to give every key a default, and these mean that there is none. */
export const isUnset = (value: string | undefined): value is undefined | "" =>
  value === undefined || ["", "{}", "[]"].includes(value);

/**
 * Reads every field of a table from raw text and notes every mistake, so that a person sees them all at once.
 * The values read are right only when no mistake was noted.
 */
export function readFields<F extends Fields>(
  fields: F,
  raw: Raw,
  namespace: string,
  mistakes: Mistake[],
): Partial<Values<F>> {
  const values: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    const value = isGroup(field)
      ? readGroup(field, raw[name], namespace + name, mistakes)
      : readField(field, raw[name], namespace + name, mistakes);
    if (value !== undefined) values[name] = value;
  }
  return values as Partial<Values<F>>;
}

/** Notes the keys that no table knows, each with the keys it was most likely meant to be. */
export function noteUnknownKeys(
  known: readonly string[],
  raw: Raw,
  namespace: string,
  mistakes: Mistake[],
): void {
  for (const [name, value] of Object.entries(raw)) {
    if (known.includes(name)) continue;
    const meant = nearest(name, known);
    mistakes.push({
      key: namespace + name,
      value,
      allowed: `no such key; the nearest are ${byNearness(name, known).slice(0, 3).join(", ")}`,
      cure: meant ? `did you mean ${namespace}${meant}?` : "remove it; docs/settings.md has every key",
    });
  }
}

function readField(
  field: Field<unknown>,
  value: string | undefined,
  key: string,
  mistakes: Mistake[],
): unknown {
  const set = isUnset(value) ? field.fallback : value;
  if (set === undefined) {
    if (field.required) mistakes.push({ key, allowed: field.allowed, cure: setting(key, field) });
    return undefined;
  }
  // What YAML made of a long number without quotes: its digits are lost.
  const mangled = /^-?\d(\.\d+)?e[+-]?\d+$/i.test(set);
  const result = field.schema.safeParse(set);
  if (result.success && !mangled) return result.data;
  const meant = field.meant?.(set);
  mistakes.push({
    key,
    value: set,
    allowed: field.allowed,
    cure: mangled
      ? "write the number out, in quotes"
      : meant
        ? `did you mean ${meant}?`
        : setting(key, field),
  });
  return undefined;
}

function readGroup({ members }: Group, value: string | undefined, key: string, mistakes: Mistake[]): unknown {
  if (isUnset(value)) return undefined;
  const names = Object.keys(members);
  const parsed = jsonOf(value);
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    const [first = ""] = names;
    mistakes.push({
      key,
      value,
      allowed: `a map with the keys ${names.join(", ")}`,
      cure: `indent them below ${key}:, beginning with ${first}:`,
    });
    return undefined;
  }
  const raw = Object.fromEntries(
    Object.entries(parsed).map(([name, member]) => [
      name,
      typeof member === "string" ? member : JSON.stringify(member),
    ]),
  );
  noteUnknownKeys(names, raw, `${key}.`, mistakes);
  return readFields(members, raw, `${key}.`, mistakes);
}

/** Reads JSON, its numbers as the text they were written as. Undefined when it is none. */
function jsonOf(text: string): unknown {
  const asWritten = (_key: string, value: unknown, context?: { source: string }) =>
    typeof value === "number" ? context?.source : value;
  try {
    return JSON.parse(text, asWritten);
  } catch {
    return undefined;
  }
}

function isGroup(field: Field<unknown> | Group): field is Group {
  return "members" in field;
}

function setting(key: string, { example }: Field<unknown>): string {
  const path = key.replace(/^.*flux-ami:/, "").includes(".") ? "--path " : "";
  const value = example.replace(/^"(.*)"$/, "$1");
  // A shell would take brackets and quotes for its own.
  return `pulumi config set ${path}${key} ${/^[\w.,:/@=+-]+$/.test(value) ? value : `'${value}'`}`;
}
