/** What a property may hold, as it goes over the wire to and from the engine. */
export type Value = null | boolean | number | string | Value[] | { [key: string]: Value };
export type Values = { [key: string]: Value };

/** What the engine sends for a value that is not known yet, in a preview. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The key under which a check's answer lists the properties that it filled in itself. */
export const DEFAULTS = "__defaults";

export type Type =
  | { kind: "string"; oneOf?: readonly string[] }
  | { kind: "boolean" }
  | { kind: "integer" }
  | { kind: "map"; of: Type }
  | { kind: "list"; of: Type }
  | { kind: "object"; properties: Record<string, Property> }
  /** A JSON document, given as text or as an object; kept as text. */
  | { kind: "document" };

/** One input of a resource type. */
export interface Property {
  type: Type;
  required?: boolean;
  /** Whether a change replaces the resource. */
  replaces?: boolean;
  /** What the cloud has when the program says nothing. */
  default?: Value;
  /** Whether the cloud decides when the program says nothing: then whatever it has is right. */
  computed?: boolean;
  /** Whether the cloud does not keep it, so that a refresh cannot see it. */
  local?: boolean;
  /** Whether two values mean the same. @default equal as data */
  same?: (a: Value, b: Value) => boolean;
  /** Why a known value is refused, or undefined when it is fine. */
  refuse?: (value: Value) => string | undefined;
}

type Rest = Omit<Property, "type">;

export function text(rest: Rest & { oneOf?: readonly string[] } = {}): Property {
  const { oneOf, ...others } = rest;
  return { type: { kind: "string", ...(oneOf && { oneOf }) }, ...others };
}
export const flag = (rest: Rest = {}): Property => ({ type: { kind: "boolean" }, ...rest });
export const integer = (rest: Rest = {}): Property => ({ type: { kind: "integer" }, ...rest });
export const map = (of: Property, rest: Rest = {}): Property => ({
  type: { kind: "map", of: of.type },
  ...rest,
});
export const list = (of: Property, rest: Rest = {}): Property => ({
  type: { kind: "list", of: of.type },
  ...rest,
});
export const object = (properties: Record<string, Property>, rest: Rest = {}): Property => ({
  type: { kind: "object", properties },
  ...rest,
});
export const document = (rest: Rest = {}): Property => ({ type: { kind: "document" }, ...rest });

/** How a name comes about when the program gives none. */
export interface Autoname {
  /** The property that holds the name. */
  property: string;
  /** A property that, when given, starts the name in place of the resource's own name. */
  prefix?: string;
  maxLength: number;
  lowerCase?: boolean;
}

/** What a create, an update or a delete may lean on. */
export interface Call {
  /** Aborts when the operation's time is over, or the engine cancels. */
  signal: AbortSignal;
}

/** A resource type of a plugin: what it takes, and how it is made, read, changed and removed. */
export interface ResourceType {
  inputs: Record<string, Property>;
  /** Outputs that are no inputs. They are unknown in a preview of the creation. */
  outputs: readonly string[];
  autoname?: Autoname;
  /** Checks that concern several properties together; answers why the inputs are refused. */
  refuse?: (inputs: Values) => { property: string; reason: string } | undefined;
  create(inputs: Values, call: Call): Promise<{ id: string; state: Values }>;
  /** Its state as it is now, inputs and outputs; undefined when it does not exist. */
  read(id: string, state: Values, call: Call): Promise<{ id: string; state: Values } | undefined>;
  /** Absent where every input replaces. */
  update?(id: string, inputs: Values, old: Values, call: Call): Promise<Values>;
  delete(id: string, state: Values, call: Call): Promise<void>;
}

export interface FunctionType {
  inputs: Record<string, Property>;
  invoke(inputs: Values, call: Call): Promise<Values>;
}

/** A resource that exists, though not everything about it could be set: the engine keeps it, and tries again. */
export class PartlyCreated extends Error {
  readonly id: string;
  readonly state: Values;

  constructor(id: string, state: Values, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.id = id;
    this.state = state;
  }
}
