import { planOf } from "../../review/engine-plan.ts";
import { parseEvents } from "../../review/events.ts";
import { diffValues } from "../../review/property-diff.ts";
import { maskerOf, SECRET, UNKNOWN } from "../../review/values.ts";
import { refreshed, SECRET_VALUE, step, summary, UNKNOWN_VALUE } from "./review-events.ts";

const WAREHOUSE = "snowflake:index/warehouse:Warehouse";

describe("reading the engine's events", () => {
  test("a line that is no event is passed over", () => {
    const text = 'warning: something\n{"summaryEvent":{"durationSeconds":1}}\n{half';
    expect(parseEvents(text)).toEqual([{ summaryEvent: { durationSeconds: 1 } }]);
  });

  const sides = { old: { inputs: { name: "A" } }, new: { inputs: { name: "B" } } };
  const steps = [
    step("create-replacement", WAREHOUSE, "w", sides, ["name", "__meta"]),
    step("replace", WAREHOUSE, "w", sides, ["name"]),
    step("delete-replaced", WAREHOUSE, "w", { old: sides.old }),
  ];
  const orders = [
    ["made first", steps],
    ["deleted first", [...steps].reverse()],
  ] as const;
  test.each(orders)("a replacement in three steps is one change, with its reasons: %s", (_which, order) => {
    const plan = planOf([...order, summary()], "prod");
    expect(plan.resources).toHaveLength(1);
    expect(plan.resources[0]).toMatchObject({
      operation: "replace",
      replacedBy: ["name"],
      properties: [{ path: "name", before: "A", after: "B" }],
    });
  });

  test("a refresh that finds another value, or nothing, is drift and no change of the program", () => {
    const plan = planOf(
      [
        ...refreshed(
          "update",
          WAREHOUSE,
          "w",
          { inputs: { size: "MEDIUM" }, outputs: { size: "MEDIUM", running: true } },
          { inputs: { size: "MEDIUM" }, outputs: { size: "LARGE", running: false } },
        ),
        ...refreshed(
          "update",
          WAREHOUSE,
          "ran",
          { outputs: { running: true } },
          { outputs: { running: false } },
        ),
        ...refreshed("delete", "snowflake:index/stage:Stage", "s", { outputs: { name: "S" } }, undefined),
        ...refreshed(
          "same",
          WAREHOUSE,
          "quiet",
          { outputs: { size: "MEDIUM" } },
          { outputs: { size: "MEDIUM" } },
        ),
        summary(),
      ],
      "prod",
    );
    expect(plan.resources).toEqual([]);
    expect(plan.drift.map(({ name, operation, properties }) => [name, operation, properties])).toEqual([
      ["w", "update", [{ path: "size", before: "MEDIUM", after: "LARGE" }]],
      ["s", "delete", []],
    ]);
  });

  test("rows that the stack's own load brought since are no drift, nor are files that wait; rows that others took are", () => {
    const driftTo = (found: Record<string, unknown>) => {
      const left = { totalRows: 4, loadId: "A", verified: true, pending: { files: 0 } };
      const sides = [{ outputs: left }, { outputs: { ...left, ...found } }] as const;
      const type = "pulumi-nodejs:dynamic/flux-ami:VerifiedLoad";
      const { drift } = planOf([...refreshed("update", type, "load", ...sides), summary()], "prod");
      return drift.flatMap(({ properties }) => properties.map(({ path }) => path));
    };
    expect(driftTo({ totalRows: 8, loadId: "B" })).toEqual([]);
    expect(driftTo({ pending: { files: 2 } })).toEqual([]);
    expect(driftTo({ totalRows: 0, verified: false })).toEqual(["totalRows"]);
    expect(driftTo({ totalRows: 7, loadId: "B", verified: false })).toEqual(["totalRows"]);
  });

  test("policy results, messages and the outcome are kept; debug lines and colours are not", () => {
    const plan = planOf(
      [
        {
          policyEvent: {
            resourceUrn: "u",
            message: "<{%fg 1%}>bad<{%reset%}>\n",
            policyName: "p",
            enforcementLevel: "mandatory",
          },
        },
        { policyAnalyzeSummaryEvent: { passed: ["a", "p"], failed: ["p"] } },
        { diagnosticEvent: { severity: "debug", message: "secret of the SDK" } },
        { diagnosticEvent: { severity: "info#err", message: "load: 3 files" } },
        summary("failed"),
      ],
      "prod",
    );
    expect(plan.policies).toEqual([{ policy: "p", level: "mandatory", urn: "u", message: "bad" }]);
    expect(plan.policiesPassed).toEqual(["a"]);
    expect(plan.messages).toEqual([{ severity: "info", urn: "", text: "load: 3 files" }]);
    expect(plan.succeeded).toBe(false);
  });

  test("a stream that breaks off has not succeeded", () => {
    expect(planOf([step("same", WAREHOUSE, "w", { old: {}, new: {} })], "prod").succeeded).toBe(false);
  });
});

describe("values", () => {
  test.each([
    ["the engine's secret", SECRET_VALUE, SECRET],
    ["an unknown", UNKNOWN_VALUE, UNKNOWN],
    ["a password nobody marked", { snowflakePassword: "hunter2" }, { snowflakePassword: SECRET }],
    ["an access key within a text", "key AKIAIOSFODNN7EXAMPLE here", `key ${SECRET} here`],
    ["a PEM key", "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\nrest", `${SECRET}\nrest`],
    ["a web token", "Bearer eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.SflKxwRJSM", `Bearer ${SECRET}`],
    ["the provider's code", { __provider: "exports.handler", size: 1 }, { size: 1 }],
    ["a secret deep in a list", [{ a: [SECRET_VALUE] }], [{ a: [SECRET] }]],
  ])("%s", (_what, value, expected) => {
    expect(maskerOf().value(value)).toEqual(expected);
  });
});

describe("differences of properties", () => {
  test("JSON texts are compared by what they hold", () => {
    const text = (action: string) => JSON.stringify({ Statement: [{ Action: action, Effect: "Allow" }] });
    expect(diffValues({ policy: text("s3:GetObject") }, { policy: text("s3:*") })).toEqual([
      { path: "policy → Statement[0].Action", before: "s3:GetObject", after: "s3:*" },
    ]);
    expect(diffValues({ policy: '{"a": 1}' }, { policy: '{ "a":1 }' })).toEqual([]);
  });

  test("added, removed and unknown values", () => {
    expect(diffValues({ a: 1, list: [1, 2] }, { b: 2, list: [1], c: UNKNOWN_VALUE })).toEqual([
      { path: "a", before: 1 },
      { path: "list[1]", before: 2 },
      { path: "b", after: 2 },
      { path: "c", before: undefined, after: UNKNOWN_VALUE },
    ]);
  });

  test("a key that is no word is quoted", () => {
    expect(diffValues({ tags: { "a.b": 1 } }, { tags: { "a.b": 2 } })).toEqual([
      { path: 'tags["a.b"]', before: 1, after: 2 },
    ]);
  });
});
