/** Values of which the report shows nothing, or should not. */
import { isDeepStrictEqual } from "node:util";
import type { Properties } from "./events.ts";
import { isMarkedSecret, isUnknown, type Masker } from "./values.ts";

/** Where the engine keeps by which plugin a login is made. */
const INTERNAL = "__internal";

/** Inputs that differ though what may be shown of them does not. */
export function hiddenDifferences(
  raw: Properties,
  rawNow: Properties,
  before: Properties = {},
  after: Properties = {},
): string[] {
  return Object.keys({ ...raw, ...rawNow }).filter(
    (input) =>
      (!input.startsWith("__") || input === INTERNAL) &&
      !isDeepStrictEqual(raw[input], rawNow[input]) &&
      isDeepStrictEqual(before[input], after[input]),
  );
}

/** Names of values that the masker hides although nobody marked them secret, and that were not so before. */
export function newlyPlain(before: Properties = {}, after: Properties = {}, masker: Masker): string[] {
  return Object.keys(after).filter((name) => {
    if (name.startsWith("__") || isDeepStrictEqual(before[name], after[name])) return false;
    const [old, now] = [plainIn(before[name], name, masker), plainIn(after[name], name, masker)];
    return now.some((text) => !old.includes(text));
  });
}

/** Texts within a value that the masker hides, bar those that the engine keeps secret or does not know yet. */
function plainIn(value: unknown, name: string, masker: Masker): string[] {
  if (typeof value === "string") {
    // A switch with such a name, as the providers of clouds have them, is none.
    const open = isUnknown(value) || /^(true|false|default)$/.test(value);
    return open || masker.value(value, name) === value ? [] : [value];
  }
  if (typeof value !== "object" || value === null || isMarkedSecret(value)) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    plainIn(item, Array.isArray(value) ? name : key, masker),
  );
}
