/**
 * IAM policy documents, read once into one shape, whatever spelling they came in: a single statement or an array,
 * a single string or an array, element names and condition keys in any case, NotAction, NotPrincipal, NotResource.
 * Rules look at this shape and never at the document's text.
 */

/** Who a statement is about, e.g. `{ type: "AWS", id: "arn:aws:iam::111122223333:role/reader" }`. */
export interface Principal {
  /** AWS, Service, Federated or CanonicalUser; the bare `"*"` reads as AWS. */
  readonly type: string;
  readonly id: string;
}

/** One test of a condition block; all tests of a statement must hold. */
export interface Condition {
  /** The operator in lower case, with its prefix and suffix: `stringequals`, `foranyvalue:stringlikeifexists`. */
  readonly operator: string;
  /** The condition key in lower case: `sts:externalid`. */
  readonly key: string;
  readonly values: readonly string[];
}

/** A positive list (`Action`) or its complement (`NotAction`). */
export interface Matcher {
  readonly not: boolean;
  readonly patterns: readonly string[];
}

export interface Statement {
  /** Where it stands, for messages: `statement 2 ("ReadPrefix")`. */
  readonly label: string;
  readonly effect: "Allow" | "Deny";
  /** Undefined in a policy that hangs on an identity: those name no principal. */
  readonly principals?: { readonly not: boolean; readonly list: readonly Principal[] };
  readonly actions: Matcher;
  /** Undefined in a trust policy, whose resource is the role itself. */
  readonly resources?: Matcher;
  readonly conditions: readonly Condition[];
  /** True where `${…}` is a variable: Version 2012-10-17. Older documents, and those without Version, take it as text. */
  readonly variables: boolean;
}

/** A document that cannot be read; the message says what is wrong with it, in lower case. */
export class DocumentError extends Error {}

type Json = Record<string, unknown>;

/**
 * Lower case of A to Z alone, which is how AWS compares. Other alphabets have letters whose lower case is one of a to z, so
 * that a Deny which stands for nothing would read like one that stands.
 */
export function lower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

function strings(value: unknown, where: string): string[] {
  return list(value).map((item) => {
    if (typeof item === "string") return item;
    if (typeof item === "boolean" || typeof item === "number") return String(item);
    throw new DocumentError(`${where} holds ${JSON.stringify(item)}, but only strings are allowed there`);
  });
}

/** The element of that name in any case; twice in two spellings is an error, since readers would differ. */
function element(object: Json, name: string): unknown {
  const keys = Object.keys(object).filter((key) => lower(key) === lower(name));
  if (keys.length > 1) throw new DocumentError(`${keys.join(" and ")} are the same element, given twice`);
  return keys[0] === undefined ? undefined : object[keys[0]];
}

function matcher(statement: Json, name: string, label: string): Matcher | undefined {
  const positive = element(statement, name);
  const negative = element(statement, `Not${name}`);
  if (positive !== undefined && negative !== undefined) {
    throw new DocumentError(`${label} has both ${name} and Not${name}`);
  }
  if (positive !== undefined) return { not: false, patterns: strings(positive, `${name} of ${label}`) };
  if (negative !== undefined) return { not: true, patterns: strings(negative, `Not${name} of ${label}`) };
  return undefined;
}

function principals(value: unknown, label: string): Principal[] {
  if (typeof value === "string") return [{ type: "AWS", id: value }];
  if (!isObject(value)) throw new DocumentError(`Principal of ${label} is neither "*" nor an object`);
  return Object.entries(value).flatMap(([type, ids]) =>
    strings(ids, `Principal ${type} of ${label}`).map((id) => ({ type, id })),
  );
}

function conditions(value: unknown, label: string): Condition[] {
  if (value === undefined) return [];
  if (!isObject(value)) throw new DocumentError(`Condition of ${label} is not an object`);
  return Object.entries(value).flatMap(([operator, tests]) => {
    if (!isObject(tests)) throw new DocumentError(`${operator} of ${label} is not an object`);
    return Object.entries(tests).map(([key, values]) => ({
      operator: lower(operator),
      key: lower(key),
      values: strings(values, `${operator} ${key} of ${label}`),
    }));
  });
}

function statement(value: unknown, index: number, variables: boolean): Statement {
  if (!isObject(value)) throw new DocumentError(`statement ${index + 1} is not an object`);
  const sid = element(value, "Sid");
  const label = `statement ${index + 1}${typeof sid === "string" && sid !== "" ? ` ("${sid}")` : ""}`;
  const effect = element(value, "Effect");
  if (effect !== "Allow" && effect !== "Deny") {
    throw new DocumentError(`${label} has Effect ${JSON.stringify(effect)}; it must be "Allow" or "Deny"`);
  }
  const actions = matcher(value, "Action", label);
  if (actions === undefined) throw new DocumentError(`${label} has neither Action nor NotAction`);
  const resources = matcher(value, "Resource", label);
  const positive = element(value, "Principal");
  const negative = element(value, "NotPrincipal");
  if (positive !== undefined && negative !== undefined) {
    throw new DocumentError(`${label} has both Principal and NotPrincipal`);
  }
  const named = positive ?? negative;
  return {
    label,
    effect,
    actions,
    ...(resources && { resources }),
    ...(named !== undefined && {
      principals: { not: positive === undefined, list: principals(named, label) },
    }),
    conditions: conditions(element(value, "Condition"), label),
    variables,
  };
}

/** How many members a JSON text writes: its strings with a colon behind them. */
const keysWritten = (text: string): number =>
  [...text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/gs)].filter(([, colon]) => colon !== undefined).length;

/** How many members a value has, within others too. */
function keysOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const own = Array.isArray(value) ? 0 : Object.keys(value).length;
  return Object.values(value).reduce((sum, item) => sum + keysOf(item), own);
}

/**
 * Reads a policy document, given as JSON text or as the parsed object.
 * @throws DocumentError when it is no policy document.
 */
export function parseDocument(document: unknown): Statement[] {
  let parsed = document;
  if (typeof document === "string") {
    try {
      parsed = JSON.parse(document);
    } catch (error) {
      throw new DocumentError(`it is not JSON (${(error as Error).message})`);
    }
    if (keysWritten(document) !== keysOf(parsed))
      throw new DocumentError("it gives the same element twice, and readers differ in which one counts");
  }
  if (!isObject(parsed)) throw new DocumentError("it is not a JSON object");
  const statements = element(parsed, "Statement");
  if (statements === undefined) throw new DocumentError("it has no Statement");
  const variables = element(parsed, "Version") === "2012-10-17";
  return list(statements).map((value, index) => statement(value, index, variables));
}

/** A principal in words, for messages. */
export function describe(principal: Principal): string {
  return principal.id === "*" ? "everybody" : `${principal.type} ${principal.id}`;
}
