import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import type * as proto from "@pulumi/pulumi/proto/provider_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { checkResource, checkValues, type Failure } from "./check.ts";
import { diffResource, inputsOf, type Kind } from "./diff.ts";
import {
  type Call,
  DEFAULTS,
  type FunctionType,
  PartlyCreated,
  type Property,
  type ResourceType,
  UNKNOWN,
  type Values,
} from "./schema.ts";
import { compact, isUnknown } from "./values.ts";

/** A provider plugin. */
export interface Plugin {
  name: string;
  /** The version of the official SDK package whose tokens, inputs and outputs it offers. */
  version: string;
  /** The provider's own settings. */
  config: Record<string, Property>;
  /** Called once, before anything else; what it throws is told to the user. */
  configure?: (config: Values) => Promise<void> | void;
  resources: Record<string, ResourceType>;
  functions: Record<string, FunctionType>;
}

type Struct = InstanceType<typeof struct.Struct>;

const DEFAULT_TIMEOUT_SECONDS = 600;
const HEX_DIGITS = 7;

const toValues = (message: Struct | undefined): Values => (message?.toJavaScript() ?? {}) as Values;
export const toStruct = (values: Values): Struct => struct.Struct.fromJavaScript(values);

/** What the engine may ask of a provider, by the protocol's names. */
export class Methods {
  readonly #offered: Plugin;
  readonly #cancelled = new AbortController();

  constructor(offered: Plugin) {
    this.#offered = offered;
  }

  getPluginInfo() {
    return new plugin.PluginInfo().setVersion(this.#offered.version);
  }

  getSchema() {
    const { name, version } = this.#offered;
    return new messages.GetSchemaResponse().setSchema(JSON.stringify({ name, version }));
  }

  attach() {
    return new empty.Empty();
  }

  cancel() {
    this.#cancelled.abort(new Error("cancelled"));
    return new empty.Empty();
  }

  checkConfig(request: proto.CheckRequest) {
    const { version: _version, ...given } = toValues(request.getNews());
    const { failures } = checkValues(
      `provider ${this.#offered.name}`,
      this.#offered.config,
      parseSettings(given),
    );
    return checkResponse(toValues(request.getNews()), failures);
  }

  diffConfig() {
    return new messages.DiffResponse().setChanges(NONE);
  }

  async configure(request: proto.ConfigureRequest) {
    const { version: _version, ...given } = toValues(request.getArgs());
    const settings = parseSettings(given);
    const { failures } = checkValues(`provider ${this.#offered.name}`, this.#offered.config, settings);
    if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join("; "));
    if (!isUnknown(settings)) await this.#offered.configure?.(settings);
    return new messages.ConfigureResponse().setSupportspreview(true);
  }

  check(request: proto.CheckRequest) {
    const token = typeOf(request.getUrn());
    const hex = Buffer.from(request.getRandomseed_asU8()).toString("hex").slice(0, HEX_DIGITS);
    const { inputs, failures } = checkResource(
      token,
      this.#resourceType(token),
      nameOf(request.getUrn()),
      toValues(request.getNews()),
      toValues(request.getOlds()),
      hex,
    );
    return checkResponse(inputs, failures);
  }

  diff(request: proto.DiffRequest) {
    const { changes, deleteBeforeReplace } = diffResource(
      this.#resourceType(typeOf(request.getUrn())),
      toValues(request.getOlds()),
      toValues(request.getOldInputs()),
      toValues(request.getNews()),
      request.getIgnorechangesList(),
    );
    const response = new messages.DiffResponse()
      .setChanges(changes.length > 0 ? SOME : NONE)
      .setHasdetaileddiff(true)
      .setDeletebeforereplace(deleteBeforeReplace);
    for (const { path, kind, replaces } of changes) {
      response.addDiffs(rootOf(path));
      if (replaces) response.addReplaces(rootOf(path));
      response
        .getDetaileddiffMap()
        .set(path, new messages.PropertyDiff().setKind(diffKind(kind, replaces)).setInputdiff(true));
    }
    return response;
  }

  async create(request: proto.CreateRequest) {
    const token = typeOf(request.getUrn());
    const type = this.#resourceType(token);
    const { [DEFAULTS]: _filled, ...inputs } = toValues(request.getProperties());
    if (request.getPreview()) {
      const outputs = Object.fromEntries(type.outputs.map((name) => [name, UNKNOWN]));
      return new messages.CreateResponse().setProperties(toStruct({ ...outputs, ...inputs }));
    }
    const { id, state } = await this.#within(`creating ${token}`, request.getTimeout(), (call) =>
      type.create(inputs, call),
    );
    return new messages.CreateResponse().setId(id).setProperties(toStruct({ ...inputs, ...compact(state) }));
  }

  async read(request: proto.ReadRequest) {
    const token = typeOf(request.getUrn());
    const type = this.#resourceType(token);
    const state = toValues(request.getProperties());
    const inputs = toValues(request.getInputs());
    const found = await this.#within(`reading ${token} "${request.getId()}"`, request.getTimeout(), (call) =>
      type.read(request.getId(), state, call),
    );
    if (!found) return new messages.ReadResponse(); // an empty id: it does not exist
    const local = Object.entries(type.inputs).flatMap(([name, property]) => {
      const kept = property.local ? (state[name] ?? inputs[name] ?? property.default) : undefined;
      return kept === undefined ? [] : [[name, kept] as const];
    });
    const now = { ...Object.fromEntries(local), ...compact(found.state) };
    const said = Object.keys(inputs).length > 0 ? inputs : undefined;
    return new messages.ReadResponse()
      .setId(found.id)
      .setProperties(toStruct(now))
      .setInputs(toStruct(inputsOf(type, now, said)));
  }

  async update(request: proto.UpdateRequest) {
    const token = typeOf(request.getUrn());
    const { update } = this.#resourceType(token);
    const { [DEFAULTS]: _filled, ...inputs } = toValues(request.getNews());
    const old = toValues(request.getOlds());
    if (request.getPreview()) {
      return new messages.UpdateResponse().setProperties(toStruct({ ...old, ...inputs }));
    }
    if (!update) throw new Error(`${token} cannot be updated: every change replaces it`);
    const state = await this.#within(`updating ${token} "${request.getId()}"`, request.getTimeout(), (call) =>
      update(request.getId(), inputs, old, call),
    );
    return new messages.UpdateResponse().setProperties(toStruct({ ...inputs, ...compact(state) }));
  }

  async delete(request: proto.DeleteRequest) {
    const token = typeOf(request.getUrn());
    const type = this.#resourceType(token);
    await this.#within(`deleting ${token} "${request.getId()}"`, request.getTimeout(), (call) =>
      type.delete(request.getId(), toValues(request.getProperties()), call),
    );
    return new empty.Empty();
  }

  async invoke(request: proto.InvokeRequest) {
    const token = request.getTok();
    const type = this.#offered.functions[token];
    if (!type) {
      throw new Error(
        `the sandbox's ${this.#offered.name} plugin does not offer ${token}; ` +
          `it offers: ${Object.keys(this.#offered.functions).join(", ") || "no functions"}`,
      );
    }
    const { inputs, failures } = checkValues(token, type.inputs, compact(toValues(request.getArgs())));
    const response = new messages.InvokeResponse();
    if (failures.length > 0) return response.setFailuresList(failures.map(failureMessage));
    return response.setReturn(toStruct(await this.#within(token, 0, (call) => type.invoke(inputs, call))));
  }

  #resourceType(token: string): ResourceType {
    const type = this.#offered.resources[token];
    if (type) return type;
    throw new Error(
      `the sandbox's ${this.#offered.name} plugin does not offer ${token}; ` +
        `it offers: ${Object.keys(this.#offered.resources).join(", ")}`,
    );
  }

  /** Runs an operation within its time; says what it was when it fails. */
  async #within<T>(what: string, seconds: number, work: (call: Call) => Promise<T>): Promise<T> {
    const limit = seconds > 0 ? seconds : DEFAULT_TIMEOUT_SECONDS;
    const timeout = AbortSignal.timeout(limit * 1000);
    try {
      return await work({ signal: AbortSignal.any([timeout, this.#cancelled.signal]) });
    } catch (error) {
      if (error instanceof PartlyCreated) throw error;
      if (timeout.aborted) throw new Error(`${what}: not done within ${limit} s`, { cause: error });
      throw new Error(`${what}: ${reasonOf(error)}`, { cause: error });
    }
  }
}

const { DIFF_NONE: NONE, DIFF_SOME: SOME } = messages.DiffResponse.DiffChanges;

function diffKind(kind: Kind, replaces: boolean): proto.PropertyDiff.Kind {
  const { Kind: kinds } = messages.PropertyDiff;
  const pairs = {
    add: [kinds.ADD, kinds.ADD_REPLACE],
    update: [kinds.UPDATE, kinds.UPDATE_REPLACE],
    delete: [kinds.DELETE, kinds.DELETE_REPLACE],
  } as const;
  return pairs[kind][replaces ? 1 : 0];
}

const rootOf = (path: string): string => path.split(/[.[]/, 1)[0] ?? path;
/** "urn:pulumi:stack::project::parent$type::name" → type */
const typeOf = (urn: string): string => urn.split("::")[2]?.split("$").at(-1) ?? "";
const nameOf = (urn: string): string => urn.split("::").slice(3).join("::");

/** Settings of a default provider come as text: everything but strings is JSON. */
function parseSettings(given: Values): Values {
  const parse = (value: Values[string]) => {
    if (typeof value !== "string" || !/^([[{]|true$|false$)/.test(value)) return value;
    try {
      return JSON.parse(value) as Values[string];
    } catch {
      return value; // a plain string that merely starts like JSON
    }
  };
  return compact(Object.fromEntries(Object.entries(given).map(([name, value]) => [name, parse(value)])));
}

function failureMessage({ property, reason }: Failure): proto.CheckFailure {
  return new messages.CheckFailure().setProperty(property).setReason(reason);
}

const checkResponse = (inputs: Values, failures: Failure[]): proto.CheckResponse =>
  new messages.CheckResponse().setInputs(toStruct(inputs)).setFailuresList(failures.map(failureMessage));

/** What went wrong, with the name that a cloud's service gave it. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isPlain = ["Error", "TypeError", "RangeError"].includes(error.name);
  return isPlain ? error.message : `${error.name}: ${error.message}`;
}
