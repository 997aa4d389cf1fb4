import { PluginUnderTest } from "./support/plugin.ts";

const ID = "random:index/randomId:RandomId";
const STRING = "random:index/randomString:RandomString";
const UUID = "random:index/randomUuid:RandomUuid";

let random: PluginUnderTest;

beforeAll(async () => {
  random = await PluginUnderTest.start("random");
  await random.configure();
});
afterAll(() => random.stop());

describe("RandomId", () => {
  it("gives the same bytes in every form, with base64url as its ID", async () => {
    const { id, state } = await random.make(ID, "external-id", { byteLength: 16 });
    const bytes = Buffer.from(id, "base64url");
    expect(bytes).toHaveLength(16);
    expect(state).toEqual({
      byteLength: 16,
      b64Url: id,
      b64Std: bytes.toString("base64"),
      hex: bytes.toString("hex"),
      dec: BigInt(`0x${bytes.toString("hex")}`).toString(),
    });
  });

  it("is not the same twice", async () => {
    const one = await random.make(ID, "a", { byteLength: 16 });
    const two = await random.make(ID, "a", { byteLength: 16 });
    expect(one.id).not.toBe(two.id);
  });

  it("keeps its value through a refresh, and is replaced when its keepers change", async () => {
    const program = { byteLength: 8, keepers: { integration: "one" } };
    const { id, inputs, state } = await random.make(ID, "a", program);
    const read = await random.read(ID, id, state, inputs);
    expect(read).toEqual({ id, state, inputs });
    expect(await random.diff(ID, state, inputs, inputs)).toMatchObject({ changed: false, detailed: {} });
    const { inputs: other } = await random.check(ID, "a", { byteLength: 8, keepers: { integration: "two" } });
    expect(await random.diff(ID, state, inputs, other)).toEqual({
      changed: true,
      replaces: ["keepers"],
      deleteBeforeReplace: false,
      detailed: { "keepers.integration": "UPDATE_REPLACE" },
    });
  });

  it("can be imported by its value", async () => {
    const { id, state } = await random.make(ID, "a", { byteLength: 4 });
    const read = await random.read(ID, id);
    expect(read?.state).toEqual(state);
    expect(read?.inputs).toMatchObject({ byteLength: 4 });
  });

  it("leaves its outputs open in a preview", async () => {
    const { state } = await random.create(ID, { byteLength: 4 }, { preview: true });
    expect(state).toMatchObject({ byteLength: 4, hex: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" });
  });

  it("refuses what it cannot do", async () => {
    expect((await random.check(ID, "a", { byteLength: 0 })).failures).toEqual([
      { property: "byteLength", reason: "byteLength must be at least 1, not 0" },
    ]);
    expect((await random.check(ID, "a", {})).failures).toEqual([
      { property: "byteLength", reason: `${ID} needs "byteLength"` },
    ]);
    const { failures } = await random.check(ID, "a", { byteLength: 4, lenght: 3 });
    expect(failures[0]?.reason).toContain(`does not offer "lenght" of ${ID}; it offers: byteLength,`);
  });
});

describe("RandomString", () => {
  it("honours length, kinds and minima", async () => {
    const { state } = await random.make(STRING, "a", {
      length: 40,
      upper: false,
      special: false,
      minNumeric: 10,
    });
    expect(state.result).toMatch(/^[a-z0-9]{40}$/);
    expect(String(state.result).replace(/\D/g, "").length).toBeGreaterThanOrEqual(10);
  });

  it("takes its special characters from overrideSpecial", async () => {
    const only = { lower: false, upper: false, numeric: false };
    const { state } = await random.make(STRING, "a", { length: 20, ...only, overrideSpecial: "_-" });
    expect(state.result).toMatch(/^[_-]{20}$/);
  });

  it("refuses a length below its minima", async () => {
    const { failures } = await random.check(STRING, "a", { length: 2, minLower: 2, minUpper: 1 });
    expect(failures).toEqual([{ property: "length", reason: "length must be at least 3, not 2" }]);
  });
});

it("makes a UUID that a refresh keeps, with its keepers", async () => {
  const { id, inputs, state } = await random.make(UUID, "a", { keepers: { a: "b" } });
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(await random.read(UUID, id, state, inputs)).toEqual({ id, state, inputs });
});

it("refuses a resource type that it does not offer, naming those it does", async () => {
  await expect(random.check("random:index/randomPet:RandomPet", "a", {})).rejects.toThrow(
    /random plugin does not offer random:index\/randomPet:RandomPet; it offers: random:index\/randomId:RandomId/,
  );
});
