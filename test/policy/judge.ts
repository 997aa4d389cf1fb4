import type {
  PolicyResource,
  ReportViolation,
  ResourceValidationArgs,
  ResourceValidationPolicy,
  StackValidationPolicy,
} from "@pulumi/policy";
import * as proxy from "@pulumi/policy/proxy.js";

// The engine's guard around inputs: it throws when a rule touches a value that is not known yet. Its types are stripped.
const { unknownCheckingProxy } = proxy as unknown as { unknownCheckingProxy<T>(props: T): T };

/** A resource as the program declares it. */
export interface Declared {
  type: string;
  name: string;
  // biome-ignore lint/suspicious/noExplicitAny: inputs of any resource type
  props: Record<string, any>;
  protect?: boolean;
  /** Stays in its cloud when the stack lets go of it. */
  retainOnDelete?: boolean;
  /** Exists already, and is taken into the stack. */
  imported?: boolean;
  ignoreChanges?: string[];
  /** Type of the component that it is part of. */
  within?: string;
  /** Goes on where a resource of another type was, by an alias. */
  aliased?: boolean;
  /** Only looked at, and nothing of the stack's. */
  read?: boolean;
  /** Name of the login that it is made with. */
  login?: string;
  /** Names of the resources that an input comes from, by input. */
  from?: Record<string, string[]>;
}

/** The settings the engine hands a policy: its schema's defaults, overridden by the settings file. */
function settingsOf(policy: ResourceValidationPolicy | StackValidationPolicy, overrides: object): object {
  const properties = policy.configSchema?.properties ?? {};
  const defaults = Object.fromEntries(
    Object.entries(properties).flatMap(([key, schema]) =>
      schema.default === undefined ? [] : [[key, schema.default]],
    ),
  );
  return { ...defaults, ...overrides };
}

const urnOf = ({ type, name, within }: Declared) =>
  `urn:pulumi:test::flux-ami::${within ? `${within}$` : ""}${type}::${name}`;

function common(declared: Declared) {
  const { type, name, props, protect = false, ignoreChanges = [] } = declared;
  const opts = { protect, ignoreChanges, aliases: [], additionalSecretOutputs: [] };
  return { type, name, urn: urnOf(declared), props: unknownCheckingProxy(props), opts };
}

/** What a policy says of the resources, in order; empty when all is well. */
export async function judge(
  policy: ResourceValidationPolicy | StackValidationPolicy,
  resources: readonly Declared[],
  overrides: object = {},
): Promise<string[]> {
  const said: string[] = [];
  const report: ReportViolation = (message) => void said.push(message);
  const getConfig = () => settingsOf(policy, overrides);
  const notApplicable = () => {
    throw new Error("no policy here is inapplicable");
  };
  if ("validateStack" in policy) {
    const all = resources.map(
      (declared) =>
        ({
          ...common(declared),
          dependencies: [] as PolicyResource[],
          propertyDependencies: {},
        }) as unknown as PolicyResource,
    );
    for (const [index, { from = {} }] of resources.entries()) {
      const resource = all[index] as PolicyResource;
      for (const [input, names] of Object.entries(from)) {
        const sources = all.filter(({ name }) => names.includes(name));
        resource.propertyDependencies[input] = sources;
        resource.dependencies.push(...sources);
      }
    }
    await policy.validateStack(
      { resources: all, stackTags: new Map(), getConfig, notApplicable } as never,
      report,
    );
    return said;
  }
  const validations = [policy.validateResource ?? []].flat();
  for (const declared of resources) {
    const args = { ...common(declared), stackTags: new Map(), getConfig, notApplicable };
    for (const validate of validations) await validate(args as unknown as ResourceValidationArgs, report);
  }
  return said;
}
