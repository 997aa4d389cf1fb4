import { SnowflakeError } from "../errors.ts";
import { parseName } from "./identifiers.ts";
import type { ObjectName, Property, Value } from "./values.ts";

/** Reads the value of a property; `name` is for the error. */
export type Reader<Result> = (value: Value, name: string) => Result;

/** 001420: the statement does not have this property. */
const invalidProperty = (name: string, kind: string) =>
  new SnowflakeError("001420", "22023", `SQL compilation error:\ninvalid property '${name}' for '${kind}'`);

/** 001008: the property does not take this value. */
export const invalidValue = (name: string, value: string, allowed?: string) =>
  new SnowflakeError(
    "001008",
    "22023",
    `SQL compilation error:\ninvalid value [${value}] for parameter '${name}'${allowed ? `: allowed is ${allowed}` : ""}`,
  );

type Results<Readers extends Record<string, Reader<unknown>>> = {
  [Name in keyof Readers]?: ReturnType<Readers[Name]>;
};

/** Reads properties by name, in any order. One that is not in `readers`, or comes twice, is an error. */
export function readProperties<Readers extends Record<string, Reader<unknown>>>(
  properties: readonly Property[],
  kind: string,
  readers: Readers,
): Results<Readers> {
  const results: Record<string, unknown> = {};
  for (const { name, value } of properties) {
    const reader = Object.hasOwn(readers, name) ? readers[name] : undefined;
    if (!reader) throw invalidProperty(name, kind);
    if (Object.hasOwn(results, name)) {
      throw new SnowflakeError(
        "001421",
        "22023",
        `SQL compilation error:\nduplicate property '${name}' for '${kind}'`,
      );
    }
    results[name] = reader(value, name);
  }
  return results as Results<Readers>;
}

/** A value as it was written, more or less, for errors and for values that have no type of their own. */
export function valueText(value: Value): string {
  switch (value.type) {
    case "string":
      return value.value;
    case "number":
    case "name":
      return value.text;
    case "boolean":
      return String(value.value).toUpperCase();
    case "list":
      return `(${value.items.map(valueText).join(", ")})`;
    case "properties":
      return `(${value.properties.map(({ name, value: inner }) => `${name} = ${valueText(inner)}`).join(" ")})`;
  }
}

export const isNull = (value: Value): boolean => value.type === "name" && value.text.toUpperCase() === "NULL";

export const asText: Reader<string> = (value, name) => {
  if (value.type === "list" || value.type === "properties") throw invalidValue(name, valueText(value));
  return valueText(value);
};

export const asBoolean: Reader<boolean> = (value, name) => {
  if (value.type === "boolean") return value.value;
  const word = value.type === "string" || value.type === "name" ? valueText(value).toLowerCase() : "";
  if (word === "true" || word === "false") return word === "true";
  throw invalidValue(name, valueText(value), "TRUE or FALSE");
};

const asNumber =
  (least: number, most: number): Reader<number> =>
  (value, name) => {
    const number =
      value.type === "number"
        ? value.value
        : value.type === "string"
          ? Number(value.value || Number.NaN)
          : Number.NaN;
    if (!(number >= least && number <= most)) {
      throw invalidValue(name, valueText(value), `a number from ${least} to ${most}`);
    }
    return number;
  };

export const asInteger =
  (least: number, most: number): Reader<number> =>
  (value, name) => {
    const number = asNumber(least, most)(value, name);
    if (!Number.isInteger(number)) throw invalidValue(name, valueText(value), "a whole number");
    return number;
  };

/** One of some words, quoted or not, in any case. */
export const asWord =
  <const Word extends string>(...words: readonly Word[]): Reader<Word> =>
  (value, name) => {
    const written = asText(value, name).toUpperCase();
    const word = words.find((allowed) => allowed === written);
    if (word === undefined) throw invalidValue(name, valueText(value), words.join(", "));
    return word;
  };

export const asTexts: Reader<string[]> = (value, name) => {
  if (value.type !== "list") throw invalidValue(name, valueText(value), "a list ('…', '…')");
  return value.items.map((item) => asText(item, name));
};

/** A name, also one written between single quotes. */
export const asName: Reader<ObjectName> = (value, name) => {
  const parts = value.type === "name" ? value.parts : value.type === "string" ? parseName(value.value) : null;
  if (!parts?.length) throw invalidValue(name, valueText(value), "a name");
  return parts;
};

/** A name of one part. */
export const asName1: Reader<string> = (value, name) => {
  const parts = asName(value, name);
  if (parts.length > 1) throw invalidValue(name, valueText(value), "a name of one part");
  return parts[0] as string;
};

export const asNames: Reader<string[]> = (value, name) => {
  if (value.type !== "list") throw invalidValue(name, valueText(value), "a list of names");
  return value.items.map((item) => asName1(item, name));
};

/** `undefined` for NULL. */
export const orNull =
  <Result>(reader: Reader<Result>): Reader<Result | null> =>
  (value, name) =>
    isNull(value) ? null : reader(value, name);
