/** The file that `pulumi import --file` reads (docs: pulumi import, bulk import). */
import type { Existing } from "../components/existing/kinds.ts";

/** A resource as a preview tells it. */
export interface Declared {
  /** What the engine would do with it. */
  readonly op: string;
  readonly type: string;
  readonly urn: string;
  /** Whether a provider makes it; components are made by the program alone. */
  readonly custom?: boolean;
  readonly parent?: string;
  /** URN and ID of its provider. */
  readonly provider?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
}

interface Entry {
  readonly type: string;
  /** How other entries name it. */
  readonly name: string;
  readonly logicalName: string;
  readonly id?: string;
  readonly parent?: string;
  readonly provider?: string;
  readonly version?: string;
  readonly component?: true;
  readonly inputs?: Readonly<Record<string, unknown>>;
}

export interface ImportFile {
  readonly nameTable: Readonly<Record<string, string>>;
  readonly resources: readonly Entry[];
}

const STACK = "pulumi:pulumi:Stack";
const nameOf = (urn: string) => urn.slice(urn.lastIndexOf("::") + 2);
const isDefaultProvider = (urn: string) => /^default(_|$)/.test(nameOf(urn));

/**
 * What exists, with the components and providers above it that the state does not know either.
 * @param declared every resource of the program
 */
export function importFile(
  existing: readonly Existing[],
  declared: ReadonlyMap<string, Declared>,
): ImportFile {
  const nameTable: Record<string, string> = {};
  const resources = new Map<string, Entry>();

  /** The name of something that others refer to; adds it where the state does not know it. */
  function refer(urn: string, entry: (known: Declared) => Partial<Entry>): string {
    const known = declared.get(urn);
    if (known?.op === "create") {
      const { type } = known;
      resources.set(urn, { type, name: urn, logicalName: nameOf(urn), ...entry(known) });
    } else nameTable[urn] = urn;
    return urn;
  }
  const parentOf = ({ parent }: Declared): Partial<Entry> =>
    parent === undefined || parent.includes(`::${STACK}::`)
      ? {}
      : { parent: refer(parent, (component) => ({ component: true, ...parentOf(component) })) };
  const providerOf = ({ provider = "" }: Declared): Partial<Entry> => {
    const urn = provider.slice(0, provider.lastIndexOf("::"));
    // One by default is the engine's own affair; it needs the version that the program asks for.
    if (isDefaultProvider(urn)) {
      const version = /^default_(\d+)_(\d+)_(\d+)$/.exec(nameOf(urn));
      return version === null ? {} : { version: version.slice(1).join(".") };
    }
    return { provider: refer(urn, ({ inputs }) => providerEntry(inputs)) };
  };

  for (const { urn, id } of existing) {
    const known = declared.get(urn);
    if (known === undefined) continue;
    const above = { ...parentOf(known), ...providerOf(known) };
    resources.set(urn, { type: known.type, name: urn, logicalName: nameOf(urn), id, ...above });
  }
  return { nameTable, resources: [...resources.values()] };
}

/** Its login, where the config has one, is not told by a preview, and the next update says it anew. */
function providerEntry(inputs: Declared["inputs"] = {}): Partial<Entry> {
  const { __internal: _, version, ...rest } = inputs;
  const told = Object.entries(rest).filter(([, value]) => value !== "[secret]");
  return {
    ...(typeof version === "string" && { version }),
    inputs: Object.fromEntries(told),
  };
}
