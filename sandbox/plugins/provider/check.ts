import type { Value, Values } from "./schema.ts";
import { type Autoname, DEFAULTS, type Property, type ResourceType, type Type, UNKNOWN } from "./schema.ts";
import { compact, isObject, isUnknown } from "./values.ts";

/** Why an input is refused. */
export interface Failure {
  property: string;
  reason: string;
}

export interface Checked {
  inputs: Values;
  failures: Failure[];
}

/**
 * Checks what a program says of a resource, and fills in its name. An input that is not offered is a failure: nothing
 * is ever ignored.
 * @param hex random hexadecimal digits for a name, the same for the same resource in preview and update
 */
export function checkResource(
  token: string,
  type: ResourceType,
  resourceName: string,
  news: Values,
  olds: Values,
  hex: string,
): Checked {
  const { [DEFAULTS]: _given, ...given } = compact(news);
  const { inputs, failures } = checkValues(token, type.inputs, given);
  const filled: Values = {};
  if (type.autoname && inputs[type.autoname.property] === undefined) {
    const { property } = type.autoname;
    filled[property] = isFilled(olds, property) ?? autoname(type.autoname, resourceName, inputs, hex);
  }
  const all = { ...inputs, ...filled };
  const refused = failures.length === 0 ? type.refuse?.(all) : undefined;
  return {
    inputs: { ...all, [DEFAULTS]: Object.keys(filled) },
    failures: refused ? [refused] : failures,
  };
}

/** The value of a property that an earlier check filled in. */
function isFilled(olds: Values, property: string): Value | undefined {
  const filled = olds[DEFAULTS];
  return Array.isArray(filled) && filled.includes(property) ? olds[property] : undefined;
}

function autoname(rule: Autoname, resourceName: string, inputs: Values, hex: string): string {
  const given = rule.prefix === undefined ? undefined : inputs[rule.prefix];
  if (given === UNKNOWN) return UNKNOWN;
  const start = typeof given === "string" ? given : `${resourceName}-`;
  const name = `${start.slice(0, rule.maxLength - hex.length)}${hex}`;
  return rule.lowerCase ? name.toLowerCase() : name;
}

/** Checks values against what is offered. Unknown values pass: they are checked again when they are known. */
export function checkValues(token: string, offered: Record<string, Property>, given: Values): Checked {
  const failures: Failure[] = [];
  const inputs: Values = {};
  for (const [name, value] of Object.entries(given)) {
    const property = offered[name];
    if (!property) {
      const list = Object.keys(offered).join(", ") || "none";
      failures.push({
        property: name,
        reason: `the sandbox's plugin does not offer "${name}" of ${token}; it offers: ${list}`,
      });
      continue;
    }
    inputs[name] = coerce(property.type, value);
    failures.push(...failuresOf(name, property, inputs[name]));
  }
  for (const [name, property] of Object.entries(offered)) {
    if (property.required && inputs[name] === undefined) {
      failures.push({ property: name, reason: `${token} needs "${name}"` });
    }
  }
  return { inputs, failures };
}

/** A document given as an object becomes text; everything else stays as it is. */
function coerce(type: Type, value: Value): Value {
  return type.kind === "document" && isObject(value) && !isUnknown(value) ? JSON.stringify(value) : value;
}

function failuresOf(path: string, property: Property, value: Value): Failure[] {
  if (isUnknown(value) && (value === UNKNOWN || property.type.kind === "document")) return [];
  const failures = failuresOfType(path, property.type, value);
  if (failures.length === 0 && !isUnknown(value)) {
    const reason = property.refuse?.(value);
    if (reason) failures.push({ property: path, reason });
  }
  return failures;
}

function failuresOfType(path: string, type: Type, value: Value): Failure[] {
  if (value === UNKNOWN) return [];
  const wrong = (wanted: string): Failure[] => [
    { property: path, reason: `"${path}" must be ${wanted}, not ${JSON.stringify(value)}` },
  ];
  switch (type.kind) {
    case "string":
      if (typeof value !== "string") return wrong("a string");
      return type.oneOf && !type.oneOf.includes(value) ? wrong(`one of ${type.oneOf.join(", ")}`) : [];
    case "boolean":
      return typeof value === "boolean" ? [] : wrong("true or false");
    case "integer":
      return Number.isInteger(value) ? [] : wrong("a whole number");
    case "document":
      return typeof value === "string" && isJsonObject(value) ? [] : wrong("a JSON document");
    case "map":
      if (!isObject(value)) return wrong("an object");
      return Object.entries(value).flatMap(([key, item]) => failuresOfType(`${path}.${key}`, type.of, item));
    case "list":
      if (!Array.isArray(value)) return wrong("a list");
      return value.flatMap((item, i) => failuresOfType(`${path}[${i}]`, type.of, item));
    case "object": {
      if (!isObject(value)) return wrong("an object");
      const nested = checkValues(path, type.properties, compact(value));
      return nested.failures.map(({ property, reason }) => ({ property: `${path}.${property}`, reason }));
    }
  }
}

function isJsonObject(text: string): boolean {
  try {
    return isObject(JSON.parse(text));
  } catch {
    return false; // not JSON at all
  }
}
