/** The sandbox's stand-in for the random plugin: values made once, kept in the state. */
import { randomBytes, randomInt, randomUUID } from "node:crypto";
import sdk from "@pulumi/random/package.json" with { type: "json" };
import { flag, integer, map, type ResourceType, text, type Values } from "../provider/schema.ts";
import { serve } from "../provider/serve.ts";

const keepers = map(text(), { replaces: true });

const alphabets = {
  lower: "abcdefghijklmnopqrstuvwxyz",
  upper: "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  numeric: "0123456789",
  special: "!@#$%&*()-_=+[]{}<>:?",
} as const;

type Alphabet = keyof typeof alphabets;
const minimum = {
  lower: "minLower",
  upper: "minUpper",
  numeric: "minNumeric",
  special: "minSpecial",
} as const;

/** Random characters: the wanted minimum of each kind, the rest of any kind, shuffled. */
function randomString(inputs: Values): string {
  const length = Number(inputs.length);
  const pools = (Object.keys(alphabets) as Alphabet[]).map((kind) => ({
    characters:
      inputs[kind] === false ? "" : String((kind === "special" && inputs.overrideSpecial) || alphabets[kind]),
    least: Number(inputs[minimum[kind]] ?? 0),
  }));
  const all = pools.map(({ characters }) => characters).join("");
  const pick = (from: string): string => from.charAt(randomInt(from.length));
  const chosen = pools.flatMap(({ characters, least }) =>
    Array.from({ length: least }, () => pick(characters)),
  );
  while (chosen.length < length) chosen.push(pick(all));
  for (let i = chosen.length - 1; i > 0; i--) {
    const j = randomInt(i + 1);
    [chosen[i], chosen[j]] = [chosen[j] ?? "", chosen[i] ?? ""];
  }
  return chosen.join("");
}

/** A value that exists only in the state: reading it finds what the state says. */
const kept: Pick<ResourceType, "read" | "delete"> = {
  read: async (id, state) => (Object.keys(state).length > 0 ? { id, state } : undefined),
  delete: async () => {},
};

function idForms(bytes: Buffer, prefix: string): Values {
  return {
    b64Std: prefix + bytes.toString("base64"),
    b64Url: prefix + bytes.toString("base64url"),
    hex: prefix + bytes.toString("hex"),
    dec: prefix + BigInt(`0x${bytes.toString("hex") || "0"}`).toString(),
  };
}

const randomId: ResourceType = {
  ...kept,
  inputs: {
    byteLength: integer({
      required: true,
      replaces: true,
      refuse: (value) => (Number(value) >= 1 ? undefined : `byteLength must be at least 1, not ${value}`),
    }),
    keepers,
    prefix: text({ replaces: true }),
  },
  outputs: ["b64Std", "b64Url", "dec", "hex"],
  async create({ byteLength, prefix = "" }) {
    const bytes = randomBytes(Number(byteLength));
    return { id: bytes.toString("base64url"), state: idForms(bytes, String(prefix)) };
  },
  /** Imported by its value in base64url; a prefix goes before it, with a comma between. */
  async read(id, state) {
    if (Object.keys(state).length > 0) return { id, state };
    const comma = id.lastIndexOf(",");
    const prefix = comma < 0 ? "" : id.slice(0, comma);
    const bytes = Buffer.from(id.slice(comma + 1), "base64url");
    return {
      id: bytes.toString("base64url"),
      state: { byteLength: bytes.length, ...(prefix && { prefix }), ...idForms(bytes, prefix) },
    };
  },
};

const stringInputs: ResourceType["inputs"] = {
  keepers,
  length: integer({ required: true, replaces: true }),
  ...Object.fromEntries(
    Object.keys(alphabets).map((kind) => [kind, flag({ replaces: true, default: true })]),
  ),
  ...Object.fromEntries(
    Object.values(minimum).map((name) => [name, integer({ replaces: true, default: 0 })]),
  ),
  overrideSpecial: text({ replaces: true }),
};

const randomStringType: ResourceType = {
  ...kept,
  inputs: stringInputs,
  outputs: ["result"],
  refuse(inputs) {
    const least = Object.values(minimum).reduce((sum, name) => sum + Number(inputs[name] ?? 0), 0);
    if (typeof inputs.length === "number" && (inputs.length < 1 || inputs.length < least)) {
      return {
        property: "length",
        reason: `length must be at least ${Math.max(1, least)}, not ${inputs.length}`,
      };
    }
    const nothing = (Object.keys(alphabets) as Alphabet[]).every((kind) => inputs[kind] === false);
    return nothing
      ? { property: "lower", reason: "at least one kind of character must be allowed" }
      : undefined;
  },
  async create(inputs) {
    const result = randomString(inputs);
    return { id: result, state: { result } };
  },
};

const randomUuid: ResourceType = {
  ...kept,
  inputs: { keepers },
  outputs: ["result"],
  async create() {
    const result = randomUUID();
    return { id: result, state: { result } };
  },
  read: async (id, state) => ({ id, state: { ...state, result: id } }),
};

serve({
  name: "random",
  version: sdk.version,
  config: {},
  resources: {
    "random:index/randomId:RandomId": randomId,
    "random:index/randomString:RandomString": randomStringType,
    "random:index/randomUuid:RandomUuid": randomUuid,
  },
  functions: {},
});
