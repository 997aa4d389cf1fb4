import { LOAD_TYPE } from "../components/verified-load/args.ts";
import { type EngineEvent, type EventMetadata, type EventState, isLogin, type Properties } from "./events.ts";
import { diffValues, type PropertyChange } from "./property-diff.ts";
import { hiddenDifferences, newlyPlain } from "./unseen.ts";
import { type Masker, maskerOf } from "./values.ts";

type Operation = "create" | "update" | "replace" | "delete" | "same" | "read";

/** A resource at one moment; values are masked. */
export interface ResourceState {
  readonly id: string;
  readonly protect: boolean;
  /** True when the resource stays in its cloud though the stack lets go of it. */
  readonly retained: boolean;
  /** URN of the login that it is made with; empty where none is told. */
  readonly login: string;
  readonly inputs: Properties;
  readonly outputs: Properties;
}

/** What would happen to one resource. */
export interface ResourceChange {
  readonly urn: string;
  readonly type: string;
  /** The resource's name in the program. */
  readonly name: string;
  readonly operation: Operation;
  readonly before?: ResourceState;
  readonly after?: ResourceState;
  readonly properties: readonly PropertyChange[];
  /** Inputs that force a replacement. */
  readonly replacedBy: readonly string[];
  /** Inputs that differ in what is kept secret, and so look the same. */
  readonly hidden: readonly string[];
  /** True when something other than inputs explains an update: protection, retention. */
  readonly otherwise: boolean;
  /** True for what exists already, and is taken into the stack. */
  readonly imported?: true;
  /** True when the code of a resource that brings its own is another. */
  readonly recoded?: true;
  /** The type that the state knows it by, where that is another. */
  readonly wasType?: string;
  /** Inputs in which something that looks like a secret stands in plain, and did not before. */
  readonly plain: readonly string[];
}

export interface PolicyResult {
  readonly policy: string;
  /** mandatory, advisory or remediate. */
  readonly level: string;
  readonly urn: string;
  readonly message: string;
}

interface Message {
  /** error, warning or info. */
  readonly severity: string;
  readonly urn: string;
  readonly text: string;
}

/** All that one preview says. */
export interface Plan {
  readonly stack: string;
  readonly config: Readonly<Record<string, string>>;
  /** Every resource, unchanged ones too, in the engine's order. */
  readonly resources: readonly ResourceChange[];
  /** The logins that resources are made with. */
  readonly providers: readonly ResourceChange[];
  /** Every resource that a refresh looked at: as recorded, and as found. */
  readonly found: readonly ResourceChange[];
  /** What of it differs in what the stack asked for. */
  readonly drift: readonly ResourceChange[];
  /** The stack's outputs in which something that looks like a secret stands in plain, and did not before. */
  readonly plainOutputs: readonly string[];
  readonly policies: readonly PolicyResult[];
  readonly policiesPassed: readonly string[];
  readonly messages: readonly Message[];
  readonly succeeded: boolean;
  readonly seconds: number;
}

/**
 * What the load left, not only what it was told, can drift. Files that wait are the next load's, and the warehouse's size is
 * told by the warehouse itself.
 */
const LOADED = ["totalRows", "minTimestamp", "maxTimestamp"];

const OPERATIONS: Readonly<Record<string, Operation>> = {
  create: "create",
  import: "create",
  update: "update",
  replace: "replace",
  "create-replacement": "replace",
  "delete-replaced": "replace",
  "import-replacement": "replace",
  delete: "delete",
  same: "same",
  read: "read",
  "read-replacement": "read",
  // The engine forgets what it had only read.
  discard: "read",
  "discard-replaced": "read",
};

/** Steps that change nothing but the engine's own notes. */
const IDLE = ["refresh", "remove-pending-replace"];

/** The stack itself. */
const STACK = "pulumi:pulumi:Stack";

/** The last part of a URN: the name the program gave. */
export function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}

function changeOf(
  metadata: EventMetadata,
  operation: Operation,
  by: "inputs" | "outputs",
  masker: Masker,
): ResourceChange {
  const { urn, type, keys } = metadata;
  const stateOf = (state: EventState | null): ResourceState | undefined =>
    state === null
      ? undefined
      : {
          id: state.id ?? "",
          protect: state.protect ?? false,
          retained: state.retainOnDelete ?? false,
          login: (state.provider ?? "").replace(/::[^:]*$/, ""),
          inputs: masker.value(state.inputs ?? {}) as Properties,
          outputs: masker.value(state.outputs ?? {}) as Properties,
        };
  const before = stateOf(metadata.old);
  const after = stateOf(operation === "delete" ? null : metadata.new);
  const changed = operation === "update" || operation === "replace";
  const [raw, rawNow] = [metadata.old?.inputs ?? {}, metadata.new?.inputs ?? {}];
  const was = metadata.old?.type;
  return {
    urn,
    type,
    name: nameOf(urn),
    operation,
    ...(before && { before }),
    ...(after && { after }),
    properties: changed ? diffValues(shown(before?.[by]), shown(after?.[by])) : [],
    // The provider's own bookkeeping differs whenever something else does.
    replacedBy: (keys ?? []).filter((key) => !key.startsWith("__")),
    hidden:
      changed || operation === "read" || isLogin(type)
        ? hiddenDifferences(raw, rawNow, before?.inputs, after?.inputs)
        : [],
    otherwise: before?.protect !== after?.protect || before?.retained !== after?.retained,
    ...(metadata.op.startsWith("import") && { imported: true as const }),
    ...(before && after && raw.__provider !== rawNow.__provider && { recoded: true as const }),
    ...(was !== undefined && was !== type && { wasType: was }),
    plain: newlyPlain(raw, rawNow, masker),
  };
}

/** What is shown of a resource's values: not the policy and the file that the program looked at, which nobody declares. */
function shown(values: Properties = {}): Properties {
  const { found, sample, ...rest } = values;
  return rest;
}

/**
 * What a refresh found to differ in what the stack asked for. Providers report much else, such as whether a warehouse
 * runs at the moment, that nobody declared and that no update would put back.
 */
function driftOf(change: ResourceChange): ResourceChange[] {
  if (change.operation === "delete") return [change];
  const declared = new Set([
    ...Object.keys(change.before?.inputs ?? {}),
    ...(change.type === LOAD_TYPE && !loadedLater(change) ? LOADED : []),
  ]);
  const properties = change.properties.filter(({ path }) => declared.has(/^[\w$-]+/.exec(path)?.[0] ?? ""));
  return properties.length === 0 ? [] : [{ ...change, properties }];
}

/** Whether the stack itself has loaded since, without the engine: a load that others changed the rows after is not verified. */
const loadedLater = ({ before, after }: ResourceChange) =>
  after?.outputs.verified === true && after.outputs.loadId !== before?.outputs.loadId;

/**
 * Reads the events of one preview.
 * @param masker hides secrets in all that is read
 */
export function planOf(events: readonly EngineEvent[], stack: string, masker = maskerOf()): Plan {
  const resources = new Map<string, ResourceChange>();
  const providers = new Map<string, ResourceChange>();
  const found = new Map<string, ResourceChange>();
  const logins = new Map<string, EventMetadata>();
  const noteBy = (metadata: EventMetadata) => {
    if (isLogin(metadata.type)) logins.set(metadata.urn, metadata);
    note(isLogin(metadata.type) ? providers : resources, metadata, masker);
  };
  const refreshing = new Set<string>();
  const policies: PolicyResult[] = [];
  let plainOutputs: readonly string[] = [];
  const passed = new Set<string>();
  const failed = new Set<string>();
  const messages: Message[] = [];
  let config: Readonly<Record<string, string>> = {};
  let summary: EngineEvent["summaryEvent"];

  for (const event of events) {
    config = (masker.value(event.preludeEvent?.config) as typeof config | undefined) ?? config;
    summary = event.summaryEvent ?? summary;
    const before = event.resourcePreEvent?.metadata;
    if (before?.op === "refresh") refreshing.add(before.urn);
    else if (before !== undefined) noteBy(before);

    const done = event.resOutputsEvent?.metadata;
    if (done !== undefined && refreshing.delete(done.urn)) {
      const operation = done.op === "delete" ? "delete" : "update";
      if (done.new?.custom || done.old?.custom)
        found.set(done.urn, changeOf(done, operation, "outputs", masker));
    } else if (done?.op === "read") noteBy(done);
    if (done?.type === STACK) plainOutputs = newlyPlain(done.old?.outputs, done.new?.outputs, masker);

    const { policyEvent, diagnosticEvent } = event;
    if (policyEvent !== undefined) policies.push(resultOf(policyEvent, masker));
    for (const done of [event.policyAnalyzeSummaryEvent, event.policyAnalyzeStackSummaryEvent]) {
      for (const name of done?.passed ?? []) passed.add(name);
      for (const name of done?.failed ?? []) failed.add(name);
    }
    if (diagnosticEvent !== undefined && /^(error|warning|info)/.test(diagnosticEvent.severity)) {
      const text = masker.text(plain(diagnosticEvent.message)).trim();
      const severity = diagnosticEvent.severity.replace("#err", "");
      if (text !== "") messages.push({ severity, urn: diagnosticEvent.urn ?? "", text });
    }
  }
  return {
    stack,
    config,
    resources: [...resources.values()],
    providers: paired([...providers.values()], logins),
    found: [...found.values()],
    drift: [...found.values()].flatMap(driftOf),
    plainOutputs,
    policies,
    policiesPassed: [...passed].filter((name) => !failed.has(name)).sort(),
    messages,
    succeeded: summary?.result === undefined ? summary !== undefined : summary.result === "succeeded",
    seconds: summary?.durationSeconds ?? 0,
  };
}

/** What a rule of the pack says. */
function resultOf(event: NonNullable<EngineEvent["policyEvent"]>, masker: Masker): PolicyResult {
  const { policyName, enforcementLevel, resourceUrn = "", message } = event;
  const text = masker.text(plain(message)).trim();
  return { policy: policyName, level: enforcementLevel, urn: resourceUrn, message: text };
}

/** Notes a step; a replacement comes in several, of which the first that knows both sides counts. */
function note(resources: Map<string, ResourceChange>, metadata: EventMetadata, masker: Masker): void {
  // What a step of an engine of tomorrow does is not known, so it may change anything.
  const operation = IDLE.includes(metadata.op) ? undefined : (OPERATIONS[metadata.op] ?? "update");
  if (operation === undefined || metadata.type === STACK) return;
  // A component is a name for what is in it, which is reported by itself.
  if (!(metadata.new ?? metadata.old)?.custom) return;
  const noted = resources.get(metadata.urn);
  if (noted?.operation === "replace" && (noted.after !== undefined || metadata.new === null)) return;
  resources.set(metadata.urn, changeOf(metadata, operation, "inputs", masker));
}

/**
 * The SDK names a login after its version: a new one stands where an old one of its kind stood.
 * @param told what the engine said of each, secrets too, by URN
 */
function paired(
  providers: readonly ResourceChange[],
  told: ReadonlyMap<string, EventMetadata>,
): ResourceChange[] {
  return providers.map((provider) => {
    if (provider.before !== undefined) return provider;
    const old = providers.find(({ type, before }) => type === provider.type && before !== undefined);
    if (old?.before === undefined) return provider;
    const [raw, rawNow] = [told.get(old.urn)?.old?.inputs ?? {}, told.get(provider.urn)?.new?.inputs ?? {}];
    const hidden = hiddenDifferences(raw, rawNow, old.before.inputs, provider.after?.inputs);
    return { ...provider, before: old.before, hidden };
  });
}

/** Takes the engine's colour marks, `<{%reset%}>` and the like, and terminal codes out of a text. */
function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal codes begin with one
  return text.replace(/<\{%[^%]*%\}>|\u001b\[[0-9;]*[A-Za-z]/g, "");
}
