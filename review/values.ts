import type { Properties } from "./events.ts";

/** What stands in a report for a value that must not be seen. */
export const SECRET = "[secret]";
/** What stands in a report for a value that only `up` will tell. */
export const UNKNOWN = "(known after up)";

/** The engine's marker for a secret: an object with this key. */
const SECRET_KEY = "4dabf18193072939515e22adb298388d";
/** The engine's markers for unknown values: of a boolean, number, string, array, asset, archive, object. */
const UNKNOWNS = new Set([
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** Property names whose values are hidden even where nobody marked them secret. */
const SECRET_NAMES = /pass(word|phrase)|secret|token|private_?key|credential|access_?key/i;
/** Texts that are secrets whatever they are called: AWS access keys, PEM keys, JSON web tokens. */
const SECRET_TEXTS =
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)|\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]+/g;

/** Properties of the engine's and the SDK's own, of no interest to a reviewer. */
const INTERNAL = new Set(["__provider", "__defaults"]);

export function isUnknown(value: unknown): boolean {
  return typeof value === "string" && (UNKNOWNS.has(value) || value === UNKNOWN);
}

/** Hides what looks like a secret within a text. */
export function maskText(text: string): string {
  return text.replace(SECRET_TEXTS, SECRET);
}

/** A value fit to be shown: secrets masked, unknowns in words, the engine's own properties gone. */
export function shown(value: unknown, name = ""): unknown {
  if (isUnknown(value)) return UNKNOWN;
  if (typeof value === "string") return value !== "" && SECRET_NAMES.test(name) ? SECRET : maskText(value);
  if (Array.isArray(value)) return value.map((item) => shown(item, name));
  if (typeof value !== "object" || value === null) return value;
  if (SECRET_KEY in value) return SECRET;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !INTERNAL.has(key))
      .map(([key, item]) => [key, shown(item, key)]),
  );
}

/** The properties of a resource, fit to be shown. */
export function shownProperties(properties: Properties | undefined): Properties {
  return shown(properties ?? {}) as Properties;
}
