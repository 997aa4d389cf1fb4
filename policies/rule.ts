import type { ReportViolation, ResourceValidation } from "@pulumi/policy";
import { DocumentError, parseDocument, type Statement } from "./iam-document.ts";

/** The inputs of a resource as the engine hands them over: plain values, secrets opened, unknowns throwing. */
// biome-ignore lint/suspicious/noExplicitAny: every resource type has its own shape
export type Props = Record<string, any>;

/** A resource as one rule sees it. */
interface Subject<Settings> {
  readonly type: string;
  readonly name: string;
  readonly props: Props;
  /** True when the program protects the resource from deletion. */
  readonly protect: boolean;
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
  return (args, report: ReportViolation) => {
    if (!types.includes(args.type)) return;
    const { type, name, props, opts } = args;
    rule({ type, name, props, protect: opts.protect, settings: args.getConfig<Settings>() }, (message) =>
      report(`${name}: ${message}`),
    );
  };
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
