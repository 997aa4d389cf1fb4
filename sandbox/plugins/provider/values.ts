import { isDeepStrictEqual } from "node:util";
import { type Property, type Type, UNKNOWN, type Value, type Values } from "./schema.ts";

/** Whether any part of a value is not known yet. */
export const isUnknown = (value: Value | undefined): boolean =>
  value === UNKNOWN ||
  (Array.isArray(value) && value.some(isUnknown)) ||
  (isObject(value) && Object.values(value).some(isUnknown));

export const isObject = (value: Value | undefined): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Whether two values of one property mean the same. */
export function same(property: Property, a: Value | undefined, b: Value | undefined): boolean {
  if (a === undefined || a === null || b === undefined || b === null) {
    return (a ?? null) === (b ?? null);
  }
  if (property.same) return property.same(a, b);
  return sameOfType(property.type, a, b);
}

function sameOfType(type: Type, a: Value, b: Value): boolean {
  if (type.kind === "list" && Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, i) => same({ type: type.of }, item, b[i]));
  }
  if (type.kind === "object" && isObject(a) && isObject(b)) {
    return Object.entries(type.properties).every(([name, property]) =>
      same(property, withDefault(property, a[name], b[name]), withDefault(property, b[name], a[name])),
    );
  }
  return isDeepStrictEqual(a, b);
}

/** A value in place of one that was not said: the cloud's default, or, where the cloud decides, what it has. */
const withDefault = (property: Property, value: Value | undefined, other: Value | undefined) =>
  value ?? property.default ?? (property.computed ? other : undefined);

/** A copy without what is undefined or null: on the wire, a property is there or it is not. */
export function compact(values: { [key: string]: Value | undefined }): Values {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, Value] => (entry[1] ?? null) !== null),
  );
}
