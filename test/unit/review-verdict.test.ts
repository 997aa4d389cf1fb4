import type { EngineEvent } from "../../review/events.ts";
import { EXIT_CODES, type Review } from "../../review/review.ts";
import { step, summary } from "./review-events.ts";
import {
  BLOCK,
  GRANT,
  INTEGRATION,
  LOAD,
  loadChanged,
  review,
  same,
  TABLE,
  table,
  WAREHOUSE,
} from "./support/reviewing.ts";

describe("verdicts", () => {
  const cases: [string, EngineEvent[], Review["verdict"], RegExp | undefined][] = [
    ["nothing differs", [same, summary()], "nothing", undefined],
    [
      "a warehouse resized",
      [
        step("update", WAREHOUSE, "w", {
          old: { inputs: { warehouseSize: "MEDIUM" } },
          new: { inputs: { warehouseSize: "LARGE" } },
        }),
        summary(),
      ],
      "changes",
      undefined,
    ],
    [
      "an integration replaced",
      [
        step(
          "replace",
          INTEGRATION,
          "i",
          { old: { inputs: { name: "I" } }, new: { inputs: { name: "J" } } },
          ["name"],
        ),
        summary(),
      ],
      "dangerous",
      /^The storage integration J is replaced, because of name\.$/,
    ],
    [
      "a table deleted",
      [same, step("delete", TABLE, "t", { old: table("A") }), summary()],
      "dangerous",
      /^The table AMI_INTERVAL_READINGS is deleted\.$/,
    ],
    [
      "a column dropped",
      [step("update", TABLE, "t", { old: table("A", "B"), new: table("A") }), summary()],
      "dangerous",
      /^The table AMI_INTERVAL_READINGS: columns turns from .*"B".* into /,
    ],
    [
      "a column added",
      [step("update", TABLE, "t", { old: table("A"), new: table("A", "B") }), summary()],
      "changes",
      undefined,
    ],
    [
      "protection taken off",
      [step("update", TABLE, "t", { old: { ...table("A"), protect: true }, new: table("A") }), summary()],
      "dangerous",
      /is no longer protected\.$/,
    ],
    [
      "protection taken off a resource that is the same",
      [step("same", TABLE, "t", { old: { ...table("A"), protect: true }, new: table("A") }), summary()],
      "dangerous",
      /is no longer protected\.$/,
    ],
    [
      "a resource no longer retained",
      [
        step("same", TABLE, "t", { old: { ...table("A"), retainOnDelete: true }, new: table("A") }),
        summary(),
      ],
      "dangerous",
      /is no longer retained on delete\.$/,
    ],
    [
      "the public access block opened",
      [
        step("update", BLOCK, "b", {
          old: { inputs: { bucket: "raw", blockPublicPolicy: true } },
          new: { inputs: { bucket: "raw", blockPublicPolicy: false } },
        }),
        summary(),
      ],
      "dangerous",
      /^The public access block raw: blockPublicPolicy turns from true into false\.$/,
    ],
    [
      "a quality gate loosened",
      [
        step("update", LOAD, "load", {
          old: {
            inputs: { quality: { voltage: { severity: "fail" } } },
            outputs: { pending: { files: 0, bytes: 0 } },
          },
          new: {
            inputs: { quality: { voltage: { severity: "off" } } },
            outputs: { pending: { files: 0, bytes: 0 } },
          },
        }),
        summary(),
      ],
      "dangerous",
      /^The quality check voltage turns from fail into off\.$/,
    ],
    [
      "a threshold raised",
      loadChanged(
        { quality: { continuity: { maxMissing: 0 } } },
        { quality: { continuity: { maxMissing: 100 } } },
      ),
      "dangerous",
      /^The threshold maxMissing of the quality check continuity goes from 0 to 100\.$/,
    ],
    [
      "a least share lowered",
      loadChanged(
        { quality: { voltage: { minShare: 0.99, max: 125 } } },
        { quality: { voltage: { minShare: 0.5, max: 125 } } },
      ),
      "dangerous",
      /^The threshold minShare of the quality check voltage goes from 0\.99 to 0\.5\.$/,
    ],
    [
      "a window widened",
      loadChanged(
        { quality: { timestampWindow: { from: "2000-01-01" } } },
        { quality: { timestampWindow: { from: "1970-01-01" } } },
      ),
      "dangerous",
      /^The threshold from of the quality check timestampWindow goes from 2000-01-01 to 1970-01-01\.$/,
    ],
    [
      "more rejected rows allowed",
      loadChanged({ maxRejectedRows: 0 }, { maxRejectedRows: 5 }),
      "dangerous",
      /^The load's maxRejectedRows goes from 0 to 5\.$/,
    ],
    [
      "the known meters no longer looked at",
      loadChanged({ metersTable: "A.B.METERS" }, {}),
      "dangerous",
      /^The load no longer has a metersTable\.$/,
    ],
    [
      "files with other columns let in",
      loadChanged({ contract: {} }, { contract: { missingColumns: "warn", extraColumns: "fail" } }),
      "dangerous",
      /^What the load does about files with a column of the readings that files do not have.*\(schema\.missingColumns\) turns from fail into warn\.$/,
    ],
    [
      "other files taken for data",
      loadChanged({}, { include: ["2026/**"] }),
      "dangerous",
      /^The load's include goes from its default to 2026\/\*\*\.$/,
    ],
    [
      "settings that were left out until now, at their defaults, and a stricter contract",
      loadChanged(
        {},
        { include: ["**/*.parquet"], exclude: [], contract: { pathColumns: "fail" }, meterCredits: false },
      ),
      "changes",
      undefined,
    ],
    [
      "thresholds made stricter",
      loadChanged(
        { maxRejectedRows: 5, quality: { voltage: { min: 105, minShare: 0.9 }, duplicates: { max: 7 } } },
        { maxRejectedRows: 0, quality: { voltage: { min: 110, minShare: 0.99 }, duplicates: { max: 0 } } },
      ),
      "changes",
      undefined,
    ],
    [
      "a privilege given in a stack that exists",
      [
        same,
        step("create", GRANT, "g", {
          new: {
            inputs: {
              accountRoleName: "R",
              privileges: ["SELECT"],
              onSchemaObject: { objectType: "TABLE", objectName: "T" },
            },
          },
        }),
        summary(),
      ],
      "dangerous",
      /^In Snowflake, role R gains SELECT on TABLE T\.$/,
    ],
    [
      "a privilege given in a new stack",
      [
        step("create", GRANT, "g", {
          new: { inputs: { accountRoleName: "R", privileges: ["SELECT"], onAccount: true } },
        }),
        summary(),
      ],
      "changes",
      undefined,
    ],
    [
      "a mandatory policy broken",
      [
        same,
        { policyEvent: { message: "no", policyName: "p", enforcementLevel: "mandatory" } },
        summary("failed"),
      ],
      "violation",
      undefined,
    ],
    [
      "the engine failed",
      [{ diagnosticEvent: { severity: "error", message: "boom" } }, summary("failed")],
      "failed",
      undefined,
    ],
  ];

  test.each(cases)("%s", async (_what, events, verdict, danger) => {
    const found = await review(events);
    expect(found.verdict).toBe(verdict);
    expect(found.dangers.map(({ what }) => what)).toEqual(
      danger === undefined ? [] : [expect.stringMatching(danger)],
    );
  });

  test("each verdict has an exit code of its own", () => {
    expect(new Set(Object.values(EXIT_CODES)).size).toBe(5);
    expect(EXIT_CODES).toMatchObject({ nothing: 0, failed: 1 });
  });
});
