/**
 * Random sequences of what producers, people and loads do, held against a plain model: after each step the account shows
 * what the model says, whatever was killed or ran at the same time.
 *
 * LOAD_MODEL_SEQUENCES says how many, LOAD_MODEL_SEED which; a failure prints both and the shortest sequence found.
 */
import fc from "fast-check";
import { type LoadCloud, startLoadCloud } from "./support/load-cloud.ts";
import type { ModelSettings } from "./support/load-model.ts";
import { KINDS, type Kind, LoadWorld, type Mishap } from "./support/load-world.ts";

const sequences = Number(process.env.LOAD_MODEL_SEQUENCES ?? 20);
const seed = Number(process.env.LOAD_MODEL_SEED ?? Math.floor(Math.random() * 2 ** 31));

jest.setTimeout(60_000 + sequences * 60_000);

let cloud: LoadCloud;
beforeAll(async () => {
  cloud = await startLoadCloud();
  // What a hand-made COPY makes of instants hangs on it; another time zone has its own test.
  await cloud.sql("ALTER SESSION SET TIMEZONE = 'UTC'");
}, 180_000);
afterAll(() => cloud?.stopAll());

const name = fc.constantFrom("a.parquet", "b.parquet", "c.parquet");
const day = fc.integer({ min: 1, max: 3 });
const meters = fc.integer({ min: 1, max: 3 });
const kind: fc.Arbitrary<Kind> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Kind>("hyparquet") },
  { weight: 2, arbitrary: fc.constantFrom(...KINDS) },
);
/** The second value of each is the lenient one: a sequence should publish now and then. */
const settings: fc.Arbitrary<ModelSettings> = fc.record({
  replacedFiles: fc.constantFrom("fail", "skip", "replace", "replace", "replace"),
  negative: fc.constantFrom("fail", "quarantine", "quarantine"),
  duplicates: fc.constantFrom("fail", "warn", "warn"),
  maxRejectedRows: fc.constantFrom(0, 10, 10),
  maxUnreadable: fc.constantFrom(0, 10, 10),
  publish: fc.constantFrom(true, true, true, false),
  verifyAll: fc.constantFrom(false, false, true),
});
const mishap: fc.Arbitrary<Mishap> = fc.record({
  kind: fc.constantFrom("kill", "drop"),
  statement: fc.integer({ min: 1, max: 90 }),
  phase: fc.constantFrom("before", "after"),
});

/** One step, as a plain value: fast-check prints it when a sequence fails. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("upload" as const), name, kind, day, meters }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("remove" as const), name }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("load" as const), settings }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("rivals" as const),
      settings,
      loads: fc.constantFrom(2, 2, 2, 3, 5),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("mishap" as const), settings, mishap }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("truncate" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("delete" as const), day, meters }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("insert" as const), day, meters }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("copy" as const), name }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("forget" as const), name }) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

const LENIENT: ModelSettings = {
  replacedFiles: "replace",
  negative: "quarantine",
  duplicates: "warn",
  maxRejectedRows: 1000,
  maxUnreadable: 1000,
  publish: true,
  verifyAll: false,
};

function take(world: LoadWorld, step: Step): Promise<void> {
  switch (step.do) {
    case "upload":
      return world.upload(step.name, step.kind, step.day, step.meters);
    case "remove":
      return world.remove(step.name);
    case "load":
      return world.load(step.settings);
    case "rivals":
      return world.load(step.settings, step.loads);
    case "mishap":
      return world.loadWith(step.settings, step.mishap);
    case "truncate":
      return world.truncate();
    case "delete":
      return world.deleteByHand(step.day, step.meters);
    case "insert":
      return world.insertByHand(step.day, step.meters);
    case "copy":
      return world.copyByHand(step.name);
    case "forget":
      return world.forget(step.name);
  }
}

test(`${sequences} random sequences end as the model says (seed ${seed})`, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8, size: "max" }), async (steps) => {
      const world = await LoadWorld.create(cloud);
      await world.upload("first.parquet", "hyparquet", 1, 1);
      await world.load(LENIENT);
      await world.compare();
      for (const step of steps) {
        await take(world, step);
        if (step.do !== "upload" && step.do !== "remove") await world.compare();
      }
      // Whatever happened: one more load makes of it what should be there.
      await world.load(LENIENT);
      await world.compare();
      await world.expectWarehouseAtRest();
    }),
    { numRuns: sequences, seed, endOnFailure: process.env.LOAD_MODEL_SHRINK === "no" },
  );
});
