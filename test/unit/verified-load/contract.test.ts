import { READINGS_COLUMNS } from "../../../components/readings-columns.ts";
import type { LandedColumn } from "../../../components/verified-load/audit/convert.ts";
import { problemsOf } from "../../../components/verified-load/input-rules.ts";
import {
  assertContract,
  CONTRACT_KINDS,
  type ContractKind,
  completeContract,
  landedColumn,
  withoutStrangers,
} from "../../../components/verified-load/write/contract.ts";
import { given, staged } from "./support/settings.ts";

/** Columns as they should be, but for some: another type, another name, or none. */
const columns = (
  changes: Record<string, string | undefined> = {},
  ...more: LandedColumn[]
): LandedColumn[] => [
  ...READINGS_COLUMNS.flatMap(({ name, type }) => {
    if (!(name in changes)) return [{ name, type: type.replace(/\(\d+\)$/, "") }];
    const other = changes[name];
    return other === undefined ? [] : [{ name, type: other }];
  }),
  ...more,
];
const WARN = completeContract(
  Object.fromEntries(CONTRACT_KINDS.map((kind) => [kind, "warn"])) as Record<ContractKind, "warn">,
);
const shape = (of: LandedColumn[], ...names: string[]) => ({
  columns: withoutStrangers(of),
  files: names.map((name) => staged(name)),
});

/** What differs, its kind, and whether the load stops for it when nothing is set. */
const CASES: [kind: ContractKind, stops: boolean, of: LandedColumn[], file: string, told: RegExp][] = [
  ["missingColumns", true, columns({ VOLTAGE: undefined }), "a", /no column VOLTAGE: a/],
  [
    "missingColumns",
    true,
    columns({ USAGE_KWH: undefined }, { name: "usageKwh", type: "REAL" }),
    "a",
    /no column USAGE_KWH \(is it usageKwh\?\): a/,
  ],
  [
    "missingColumns",
    true,
    columns({ CUSTOMER_SEGMENT_ID: undefined }),
    "customer_segment_id=RES/a",
    /no column CUSTOMER_SEGMENT_ID \(it stands only in the path, as CUSTOMER_SEGMENT_ID=…\)/,
  ],
  [
    "extraColumns",
    false,
    columns({}, { name: "FIRMWARE", type: "TEXT" }),
    "a",
    /column FIRMWARE \(TEXT\).*: a/,
  ],
  ["unconvertibleTypes", true, columns({ VOLTAGE: "BOOLEAN" }), "a", /column VOLTAGE is BOOLEAN.*: a/],
  ["unconvertibleTypes", true, columns({ POWER_FACTOR: "TIME" }), "a", /column POWER_FACTOR is TIME/],
  [
    "caseDuplicates",
    true,
    columns({}, { name: "voltage", type: "REAL" }),
    "a",
    /differ only by case: VOLTAGE, voltage: a/,
  ],
  ["nestedColumns", true, columns({}, { name: "raw", type: "ARRAY" }), "a", /column raw is ARRAY: a/],
  ["nestedColumns", true, columns({ SOURCE_TABLE: "VARIANT" }), "a", /column SOURCE_TABLE is VARIANT/],
  ["pathColumns", false, columns(), "day=2026-07-01/a", /DAY is only in the path: day=2026-07-01\/a/],
];

test.each(CASES)("%s (stops: %j)", (kind, stops, of, file, told) => {
  const all = [shape(columns(), "right"), shape(of, file)];
  const assert = (contract = completeContract()) => assertContract(all, contract);
  if (stops) expect(() => assert()).toThrow(told);
  else expect(assert()).toEqual([expect.stringMatching(told)]);
  expect(assert(WARN).join("\n")).toMatch(told);
  const only = { ...WARN, [kind]: "fail" } as typeof WARN;
  expect(() => assert(only)).toThrow(new RegExp(`${told.source}[\\s\\S]*cure: .*schema\\.${kind} to warn`));
});

test.each([
  ["METER_ID", undefined, /no column METER_ID; there are TIMESTAMP, USAGE_KWH.*: a/],
  ["TIMESTAMP", "BOOLEAN", /column TIMESTAMP is BOOLEAN/],
  ["TIMESTAMP", "VARIANT", /column TIMESTAMP is VARIANT/],
  ["METER_ID", "REAL", /column METER_ID is REAL/],
])("%s as %s stops a load whatever is set", (name, type, told) => {
  expect(() => assertContract([shape(columns({ [name]: type }), "a")], WARN)).toThrow(told);
});

test("files that are right differ in nothing, and everything wrong is said at once, the same thing once", () => {
  expect(assertContract([shape(columns(), "a")], completeContract())).toEqual([]);
  const wrong = [
    shape(columns({ VOLTAGE: undefined }), "a", "b"),
    shape(columns({ VOLTAGE: undefined, USAGE_KWH: "BOOLEAN" }), "c"),
  ];
  expect(() => assertContract(wrong, completeContract())).toThrow(
    /no column VOLTAGE: a, b, c\n.*USAGE_KWH is BOOLEAN.*: c\n/,
  );
});

test("of columns that differ only by case the one in capitals is loaded, or else the first", () => {
  const both = withoutStrangers(columns({}, { name: "voltage", type: "REAL" }));
  expect(landedColumn(both, "VOLTAGE")?.name).toBe("VOLTAGE");
  const neither = withoutStrangers(
    columns({ VOLTAGE: undefined }, { name: "Voltage", type: "REAL" }, { name: "voltage", type: "REAL" }),
  );
  expect(landedColumn(neither, "VOLTAGE")?.name).toBe("Voltage");
  expect(both.filter(({ left }) => left).map(({ name }) => name)).toEqual(["voltage"]);
});

test("what has no place in a landing table stays out of it", () => {
  const found = withoutStrangers(
    columns({ VOLTAGE: "BOOLEAN" }, { name: "n", type: "OBJECT" }, { name: "odd", type: "VECTOR(FLOAT, 3)" }),
  );
  expect(found.filter(({ left }) => left).map(({ name }) => name)).toEqual(["VOLTAGE", "n", "odd"]);
});

test("settings that do not exist are refused", () => {
  const said = problemsOf({ ...given, contract: { missingColumns: "off", columns: "warn" } });
  expect(said.map(({ property }) => property)).toEqual(["contract.missingColumns", "contract.columns"]);
});
