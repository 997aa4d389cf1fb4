/**
 * The engine's events, as `pulumi preview --json` streams them (one JSON object a line), reduced to the fields that a
 * review reads.
 */

/** A property bag; secrets and unknowns are still the engine's markers. */
export type Properties = Record<string, unknown>;

export interface EventState {
  readonly type: string;
  readonly urn: string;
  readonly id?: string;
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
  /** True for a resource that a provider manages; components are not. */
  readonly custom?: boolean;
  /** The login that it is made with: its URN and ID. */
  readonly provider?: string;
  readonly inputs?: Properties;
  readonly outputs?: Properties;
}

export interface EventMetadata {
  readonly op: string;
  readonly urn: string;
  readonly type: string;
  readonly old: EventState | null;
  readonly new: EventState | null;
  /** Inputs that force a replacement. */
  readonly keys?: readonly string[];
  /** Paths that differ; null when the provider gives no detail. */
  readonly detailedDiff: Readonly<Record<string, { diffKind: string; inputDiff: boolean }>> | null;
}

interface PolicyEvent {
  readonly resourceUrn?: string;
  readonly message: string;
  readonly policyName: string;
  readonly enforcementLevel: string;
}

export interface EngineEvent {
  readonly preludeEvent?: { readonly config?: Readonly<Record<string, string>> };
  readonly resourcePreEvent?: { readonly metadata: EventMetadata };
  readonly resOutputsEvent?: { readonly metadata: EventMetadata };
  readonly policyEvent?: PolicyEvent;
  readonly policyAnalyzeSummaryEvent?: {
    readonly passed?: readonly string[];
    readonly failed?: readonly string[];
  };
  readonly policyAnalyzeStackSummaryEvent?: {
    readonly passed?: readonly string[];
    readonly failed?: readonly string[];
  };
  readonly diagnosticEvent?: { readonly urn?: string; readonly message: string; readonly severity: string };
  readonly summaryEvent?: { readonly durationSeconds: number; readonly result?: string };
}

/** Whether a resource is a login that others are made with; the engine calls it a provider. */
export const isLogin = (type: string): boolean => type.startsWith("pulumi:providers:");

/** Reads one line of the stream; undefined for a line that is no event (text that a plugin printed). */
export function parseEvent(line: string): EngineEvent | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line) as EngineEvent;
  } catch {
    return undefined;
  }
}

/** Reads a whole stream. */
export function parseEvents(text: string): EngineEvent[] {
  return text.split("\n").flatMap((line) => parseEvent(line) ?? []);
}
