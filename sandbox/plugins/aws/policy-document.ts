import { isDeepStrictEqual } from "node:util";
import { document, type Property, type Value } from "../provider/schema.ts";

/** A policy document: compared by what it means, as AWS may hand back another spelling of it. */
export const policyDocument = (rest: Omit<Property, "type" | "same"> = {}): Property =>
  document({ ...rest, same: samePolicy });

/** Whether two policy documents mean the same to AWS. */
export function samePolicy(a: Value, b: Value): boolean {
  if (a === b) return true;
  try {
    return isDeepStrictEqual(normalise(JSON.parse(String(a))), normalise(JSON.parse(String(b))));
  } catch {
    return false; // one of them is no JSON, and they are not the same text
  }
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Elements of a statement that hold one value or many, in any order. */
const SETS = new Set(["Action", "NotAction", "Resource", "NotResource"]);
const PRINCIPALS = new Set(["Principal", "NotPrincipal"]);

function normalise(document: Json): Json {
  if (!isMap(document)) return document;
  const { Statement, ...rest } = document;
  return { ...rest, Statement: asList(Statement).map(statement) };
}

function statement(given: Json): Json {
  if (!isMap(given)) return given;
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      if (name === "Action" || name === "NotAction") return [name, set(value, (item) => item.toLowerCase())];
      if (SETS.has(name)) return [name, set(value)];
      if (PRINCIPALS.has(name)) return [name, principal(value)];
      if (name === "Condition") return [name, condition(value)];
      return [name, value];
    }),
  );
}

/** `"*"` and `{"AWS": "*"}` both mean anybody; an account's number means its root. */
function principal(given: Json): Json {
  const kinds = isMap(given) ? given : { AWS: given };
  return Object.fromEntries(
    Object.entries(kinds).map(([kind, value]) => [
      kind,
      set(value, (item) => (kind === "AWS" && /^\d{12}$/.test(item) ? `arn:aws:iam::${item}:root` : item)),
    ]),
  );
}

/** Keys of conditions are the same in any case; true and "true" are the same value. */
function condition(given: Json): Json {
  if (!isMap(given)) return given;
  return Object.fromEntries(
    Object.entries(given).map(([operator, keys]) => [
      operator,
      isMap(keys)
        ? Object.fromEntries(Object.entries(keys).map(([key, value]) => [key.toLowerCase(), set(value)]))
        : keys,
    ]),
  );
}

const set = (value: Json | undefined, spelling = (item: string): string => item): string[] =>
  [...new Set(asList(value).map((item) => spelling(String(item))))].sort();

const asList = (value: Json | undefined): Json[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

const isMap = (value: Json): value is { [key: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value);
