import * as pulumi from "@pulumi/pulumi";

// Pulumi reads a provider's code through the inspector, which does not see into Jest's own modules. That the real code can
// be kept in the state is tested on the real engine.
jest.mock("@pulumi/pulumi/runtime/closure/serializeClosure", () => ({
  serializeFunction: async () => ({ text: "provider", containsSecrets: false }),
}));

/** One resource as the program registered it. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
  /** Set when the resource is read and not made. */
  readonly id?: string | undefined;
  /** Options that the engine is told. */
  readonly options: {
    readonly parent: string;
    readonly protect: boolean;
    readonly retainOnDelete: boolean;
    readonly deleteBeforeReplace: boolean;
    /** Names of the resources that come first, whatever the reason. */
    readonly after: readonly string[];
  };
}

/** What the cloud would add to a resource's inputs, by type. */
const COMPUTED: Record<string, (inputs: Record<string, unknown>) => Record<string, unknown>> = {
  "aws:iam/role:Role": (inputs) => ({ arn: `arn:aws:iam::111111111111:role/${inputs.name}` }),
  "random:index/randomId:RandomId": () => ({ hex: "0123456789abcdef0123456789abcdef" }),
  "snowflake:index/storageIntegration:StorageIntegration": () => ({
    createdOn: "2026-11-24 10:00:00 +0000 UTC",
    storageAwsIamUserArn: "arn:aws:iam::999999999999:user/snowflake",
    storageAwsExternalId: "FLUX_SFCRole=made-up-by-snowflake",
  }),
  "snowflake:index/resourceMonitor:ResourceMonitor": (inputs) => ({ fullyQualifiedName: `"${inputs.name}"` }),
};

/** Builds a part of the program against mocks; gives what it registered and what it returned. */
export async function build<T>(
  program: () => T,
  computed: typeof COMPUTED = {},
): Promise<{ made: T; resources: Registered[]; one: (type: string, name?: string) => Registered }> {
  const resources: Registered[] = [];
  const told = new Map<string, Registered["options"]>();
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs, id }) => {
        resources.push({ type, name, inputs, id, options: told.get(`${type} ${name}`) ?? NO_OPTIONS });
        const state = computed[type]?.(inputs) ?? COMPUTED[type]?.(inputs);
        return { id: id || `${name}-id`, state: { ...(id && { bucket: id }), ...inputs, ...state } };
      },
      call: () => ({ accountId: "111111111111", arn: "arn:aws:iam::111111111111:user/deployer" }),
    },
    "flux-ami",
    "test",
    false,
  );
  hear(told);
  const made = program();
  await pulumi.runtime.disconnect();
  const one = (type: string, name?: string) => {
    const found = resources.filter((resource) => resource.type === type && (!name || resource.name === name));
    if (found.length !== 1 || !found[0])
      throw new Error(
        `${found.length} resources ${type} ${name ?? ""} among ${resources.map((r) => r.name)}`,
      );
    return found[0];
  };
  return { made, resources, one };
}

/** Notes the options of each resource, of which Pulumi's mocks are told nothing. */
function hear(told: Map<string, Registered["options"]>) {
  const monitor = pulumi.runtime.getMonitor() as unknown as { registerResource: Register };
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) => {
    told.set(`${request.getType()} ${request.getName()}`, {
      parent: nameOf(request.getParent()),
      protect: request.getProtect(),
      retainOnDelete: request.getRetainondelete(),
      deleteBeforeReplace: request.getDeletebeforereplace(),
      after: request.getDependenciesList().map(nameOf).sort(),
    });
    return register(request, callback);
  };
}

type Register = (request: Request, callback: unknown) => unknown;
interface Request {
  getType(): string;
  getName(): string;
  getParent(): string;
  getProtect(): boolean;
  getRetainondelete(): boolean;
  getDeletebeforereplace(): boolean;
  getDependenciesList(): string[];
}

const NO_OPTIONS = {
  parent: "",
  protect: false,
  retainOnDelete: false,
  deleteBeforeReplace: false,
  after: [],
};

const nameOf = (urn: string) => urn.split("::").at(-1) ?? "";

/** The value of an output, once it is known. */
export const value = <T>(output: pulumi.Output<T>): Promise<T> =>
  new Promise((resolve) => output.apply((known) => resolve(known as T)));

/** A policy document as parsed from an input. */
export function policy(text: unknown): { Version: string; Statement: Record<string, unknown>[] } {
  return JSON.parse(String(text));
}
