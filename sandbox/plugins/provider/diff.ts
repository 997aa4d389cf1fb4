import { DEFAULTS, type Property, type ResourceType, UNKNOWN, type Value, type Values } from "./schema.ts";
import { isObject, isUnknown, same } from "./values.ts";

export type Kind = "add" | "update" | "delete";

interface Change {
  /** Path of the property, e.g. "rules[0].bucketKeyEnabled". */
  path: string;
  kind: Kind;
  replaces: boolean;
}

export interface Difference {
  changes: Change[];
  /** Whether the old one must go first: both would have the same name. */
  deleteBeforeReplace: boolean;
}

/** What must change for a resource in state `state`, made from `oldInputs`, to be as `news` says. */
export function diffResource(
  type: ResourceType,
  state: Values,
  oldInputs: Values,
  news: Values,
  ignored: readonly string[],
): Difference {
  const changes = Object.entries(type.inputs)
    .filter(([name]) => !ignored.includes(name))
    .flatMap(([name, property]) => changesOf(name, property, state[name], oldInputs[name], news[name]));
  const name = type.autoname?.property;
  const filled = news[DEFAULTS];
  const ownName = name !== undefined && !(Array.isArray(filled) && filled.includes(name));
  return {
    changes,
    deleteBeforeReplace:
      ownName && changes.some((c) => c.replaces) && !changes.some((c) => c.path === name && c.replaces),
  };
}

function changesOf(
  name: string,
  property: Property,
  state: Value | undefined,
  oldInput: Value | undefined,
  wanted: Value | undefined,
): Change[] {
  const replaces = property.replaces ?? false;
  if (wanted === undefined) {
    if (oldInput === undefined || property.computed) return [];
    if (property.default !== undefined && same(property, oldInput, property.default)) return [];
    return [{ path: name, kind: "delete", replaces }];
  }
  const had = state ?? oldInput;
  if (had === undefined) {
    if (property.default !== undefined && same(property, wanted, property.default)) return [];
    return [{ path: name, kind: "add", replaces }];
  }
  if (!isUnknown(wanted) && same(property, wanted, had)) return [];
  return changedParts(name, property, had, wanted).map((part) => ({ ...part, replaces }));
}

/** The parts of a value that differ, as deep as its type goes. */
function changedParts(
  path: string,
  { type, same: meansSame }: Property,
  had: Value,
  wanted: Value,
): Omit<Change, "replaces">[] {
  const whole: Omit<Change, "replaces">[] = [{ path, kind: "update" }];
  if (meansSame || wanted === UNKNOWN) return whole;
  const parts = (entries: [string, Property, Value | undefined, Value | undefined][]) => {
    const found = entries.flatMap(([at, property, a, b]): Omit<Change, "replaces">[] => {
      if (b === undefined) return a === undefined ? [] : removed(at, property, a);
      if (a === undefined) return same(property, b, property.default) ? [] : [{ path: at, kind: "add" }];
      return !isUnknown(b) && same(property, a, b) ? [] : changedParts(at, property, a, b);
    });
    return found.length > 0 ? found : whole;
  };
  if (type.kind === "object" && isObject(had) && isObject(wanted)) {
    return parts(
      Object.entries(type.properties).map(([key, property]) => [
        `${path}.${key}`,
        property,
        had[key],
        wanted[key],
      ]),
    );
  }
  if (type.kind === "map" && isObject(had) && isObject(wanted)) {
    const keys = [...new Set([...Object.keys(had), ...Object.keys(wanted)])];
    return parts(keys.map((key) => [step(path, key), { type: type.of }, had[key], wanted[key]]));
  }
  if (type.kind === "list" && Array.isArray(had) && Array.isArray(wanted)) {
    const indexes = Array.from({ length: Math.max(had.length, wanted.length) }, (_, i) => i);
    return parts(indexes.map((i) => [`${path}[${i}]`, { type: type.of }, had[i], wanted[i]]));
  }
  return whole;
}

const removed = (path: string, property: Property, had: Value): Omit<Change, "replaces">[] =>
  property.computed || same(property, had, property.default) ? [] : [{ path, kind: "delete" }];

const step = (path: string, key: string): string =>
  /^[A-Za-z_][\w]*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;

/**
 * The inputs that a program would have to say for the state as it is now: what a refresh or an import hands the
 * engine. Where the cloud still means what the program said, the program's own words stay.
 */
export function inputsOf(type: ResourceType, state: Values, oldInputs: Values | undefined): Values {
  const inputs: Values = {};
  for (const [name, property] of Object.entries(type.inputs)) {
    const said = oldInputs?.[name];
    const now = state[name];
    if (property.local || (said !== undefined && same(property, said, now))) {
      if (said !== undefined) inputs[name] = said;
    } else if (now === undefined || now === null) {
      // gone, or never there
    } else if (said !== undefined || (!property.computed && !same(property, now, property.default))) {
      inputs[name] = now;
    }
  }
  const filled = oldInputs?.[DEFAULTS];
  return { ...inputs, [DEFAULTS]: filled ?? [] };
}
