import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import * as grpc from "@grpc/grpc-js";
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { root } from "../../paths.ts";

export type Values = Record<string, unknown>;

export interface Checked {
  inputs: Values;
  failures: { property: string; reason: string }[];
}

export interface Difference {
  changed: boolean;
  replaces: string[];
  deleteBeforeReplace: boolean;
  /** Path → "ADD", "UPDATE_REPLACE", … */
  detailed: Record<string, string>;
}

/** A plugin's process, spoken to as the engine speaks to it. */
export class PluginUnderTest {
  readonly #process: ChildProcess;
  readonly #client: grpc.Client &
    Record<string, (request: unknown, done: (e: unknown, r: never) => void) => void>;

  private constructor(process: ChildProcess, address: string) {
    this.#process = process;
    const Client = services.ResourceProviderClient as unknown as new (
      address: string,
      credentials: grpc.ChannelCredentials,
    ) => never;
    this.#client = new Client(address, grpc.credentials.createInsecure());
  }

  static async start(name: string, env: NodeJS.ProcessEnv = {}): Promise<PluginUnderTest> {
    const file = join(root, "sandbox", "plugins", name, "main.ts");
    const child = spawn(process.execPath, [file], {
      env: { PATH: process.env.PATH, ...env },
      stdio: ["pipe", "pipe", "inherit"],
    });
    const [port] = (await once(createInterface(child.stdout), "line")) as [string];
    return new PluginUnderTest(child, `127.0.0.1:${port}`);
  }

  async stop(): Promise<void> {
    this.#client.close();
    this.#process.kill();
    if (this.#process.exitCode === null) await once(this.#process, "exit");
  }

  #call(method: string, request: unknown): Promise<never> {
    return new Promise((resolve, reject) => {
      const call = this.#client[method];
      if (!call) throw new Error(`no method ${method}`);
      call.call(this.#client, request, (error, response) => (error ? reject(error) : resolve(response)));
    });
  }

  configure(args: Values = {}): Promise<unknown> {
    return this.#call("configure", new messages.ConfigureRequest().setArgs(toStruct(args)));
  }

  async check(type: string, name: string, news: Values, olds: Values = {}): Promise<Checked> {
    const request = new messages.CheckRequest()
      .setUrn(urn(type, name))
      .setNews(toStruct(news))
      .setOlds(toStruct(olds))
      .setRandomseed(Buffer.from("0123456789abcdef", "hex"));
    const response: InstanceType<typeof messages.CheckResponse> = await this.#call("check", request);
    return {
      inputs: toValues(response.getInputs()),
      failures: response.getFailuresList().map((failure) => ({
        property: failure.getProperty(),
        reason: failure.getReason(),
      })),
    };
  }

  async diff(type: string, olds: Values, oldInputs: Values, news: Values): Promise<Difference> {
    const request = new messages.DiffRequest()
      .setUrn(urn(type, "x"))
      .setOlds(toStruct(olds))
      .setOldInputs(toStruct(oldInputs))
      .setNews(toStruct(news));
    const response: InstanceType<typeof messages.DiffResponse> = await this.#call("diff", request);
    const kinds = Object.entries(messages.PropertyDiff.Kind);
    const detailed = response
      .getDetaileddiffMap()
      .toArray()
      .map(([path, diff]) => {
        const kind = (diff as unknown as [number])[0] ?? 0;
        return [path, kinds.find(([, value]) => value === kind)?.[0] ?? "?"];
      });
    return {
      changed: response.getChanges() === messages.DiffResponse.DiffChanges.DIFF_SOME,
      replaces: response.getReplacesList(),
      deleteBeforeReplace: response.getDeletebeforereplace(),
      detailed: Object.fromEntries(detailed),
    };
  }

  async create(
    type: string,
    inputs: Values,
    options: { preview?: boolean; timeout?: number } = {},
  ): Promise<{ id: string; state: Values }> {
    const request = new messages.CreateRequest()
      .setUrn(urn(type, "x"))
      .setProperties(toStruct(inputs))
      .setPreview(options.preview ?? false)
      .setTimeout(options.timeout ?? 0);
    const response: InstanceType<typeof messages.CreateResponse> = await this.#call("create", request);
    return { id: response.getId(), state: toValues(response.getProperties()) };
  }

  /** Undefined when the resource does not exist. */
  async read(
    type: string,
    id: string,
    state: Values = {},
    inputs: Values = {},
  ): Promise<{ id: string; state: Values; inputs: Values } | undefined> {
    const request = new messages.ReadRequest()
      .setUrn(urn(type, "x"))
      .setId(id)
      .setProperties(toStruct(state))
      .setInputs(toStruct(inputs));
    const response: InstanceType<typeof messages.ReadResponse> = await this.#call("read", request);
    if (response.getId() === "") return undefined;
    return {
      id: response.getId(),
      state: toValues(response.getProperties()),
      inputs: toValues(response.getInputs()),
    };
  }

  async update(type: string, id: string, olds: Values, news: Values): Promise<Values> {
    const request = new messages.UpdateRequest()
      .setUrn(urn(type, "x"))
      .setId(id)
      .setOlds(toStruct(olds))
      .setNews(toStruct(news));
    const response: InstanceType<typeof messages.UpdateResponse> = await this.#call("update", request);
    return toValues(response.getProperties());
  }

  async delete(type: string, id: string, state: Values): Promise<void> {
    const request = new messages.DeleteRequest()
      .setUrn(urn(type, "x"))
      .setId(id)
      .setProperties(toStruct(state));
    await this.#call("delete", request);
  }

  async invoke(token: string, args: Values = {}): Promise<Values> {
    const request = new messages.InvokeRequest().setTok(token).setArgs(toStruct(args));
    const response: InstanceType<typeof messages.InvokeResponse> = await this.#call("invoke", request);
    const [failure] = response.getFailuresList();
    if (failure) throw new Error(failure.getReason());
    return toValues(response.getReturn());
  }

  /** As an engine does it: check, then create; answers what a state would hold. */
  async make(type: string, name: string, program: Values) {
    const { inputs, failures } = await this.check(type, name, program);
    if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join("; "));
    return { inputs, ...(await this.create(type, inputs)) };
  }
}

const urn = (type: string, name: string): string => `urn:pulumi:test::project::${type}::${name}`;

type Struct = InstanceType<typeof struct.Struct>;
const toStruct = (values: Values): Struct => struct.Struct.fromJavaScript(values as never);
const toValues = (message: Struct | undefined): Values => (message?.toJavaScript() ?? {}) as Values;
