import type { ReportViolation, ResourceValidation } from "@pulumi/policy";
import { DocumentError, parseDocument, type Statement } from "./iam-document.ts";

/** The inputs of a resource as the engine hands them over: plain values, secrets opened, unknowns throwing. */
// biome-ignore lint/suspicious/noExplicitAny: every resource type has its own shape
export type Props = Record<string, any>;

/** A resource as one rule sees it. */
interface Subject<Settings> {
  readonly type: string;
  readonly name: string;
  /** Says which component of the program the resource is a part of. */
  readonly urn: string;
  readonly props: Props;
  /** True when the program protects the resource from deletion. */
  readonly protect: boolean;
  /** Inputs whose changes the program hides from the engine. */
  readonly ignoreChanges: readonly string[];
  /** The policy's settings: the defaults of its schema, overridden by `--policy-pack-config`. */
  readonly settings: Settings;
}

/** A rule on one resource: calls `violation` once for each thing that is wrong, naming the cure. */
export type Rule<Settings> = (subject: Subject<Settings>, violation: (message: string) => void) => void;

/** A validation that runs `rule` on resources of these types and leaves the others alone. */
export function onTypes<Settings extends object>(
  types: readonly string[],
  rule: Rule<Settings>,
): ResourceValidation {
  return onEveryType<Settings>((subject, violation) => {
    if (types.includes(subject.type)) rule(subject, violation);
  });
}

/** A validation that runs `rule` on every resource. */
export function onEveryType<Settings extends object>(rule: Rule<Settings>): ResourceValidation {
  return (args, report: ReportViolation) => {
    const { type, name, urn, props, opts } = args;
    const { protect, ignoreChanges } = opts;
    rule(
      { type, name, urn, props, protect, ignoreChanges, settings: args.getConfig<Settings>() },
      (message) => report(`${name}: ${message}`),
    );
  };
}

/** A switch that is on, also where it is written as a text. */
export const isOn = (value: unknown): boolean => String(value).toLowerCase() === "true";

/** True when an input says something: it is there and neither an empty text nor an empty list. An unknown one does. */
export function given(props: Props, input: string): boolean {
  if (!(input in props)) return false;
  try {
    const value = props[input];
    return (
      value !== undefined && value !== null && value !== "" && !(Array.isArray(value) && value.length === 0)
    );
  } catch {
    return true;
  }
}

/** A policy document found on a resource, already read. */
export interface FoundDocument {
  /** What it is, for messages: `the bucket policy`. */
  readonly what: string;
  readonly statements: readonly Statement[];
}

/** Reads a document, or reports why it cannot be read: what cannot be read cannot be judged. */
export function readDocument(
  what: string,
  document: unknown,
  violation: (message: string) => void,
): FoundDocument[] {
  try {
    return [{ what, statements: parseDocument(document) }];
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    violation(`${what} cannot be read: ${error.message}. Build it with JSON.stringify from an object.`);
    return [];
  }
}
