import type { LoadSettings } from "../../../components/verified-load/args.ts";
import type { Evidence } from "../../../components/verified-load/audit/evidence.ts";
import { reasonsAgainst, verdicts } from "../../../components/verified-load/audit/verdict.ts";
import { problemsOf } from "../../../components/verified-load/input-rules.ts";
import {
  CHECKS,
  type CheckName,
  checkRows,
  completeQuality,
  type QualitySettings,
  ROW_CHECKS,
  type RowCheckName,
  severitiesOf,
} from "../../../components/verified-load/quality/index.ts";
import { given, settings } from "./support/settings.ts";

const CHECK_NAMES = Object.keys(CHECKS) as CheckName[];
const problems = (quality: unknown) => problemsOf({ ...given, quality }).map(({ reason }) => reason);
/** Each threshold of each check. */
const thresholds = checkRows.flatMap(([name, check]) =>
  Object.entries(check.thresholds).map(([key, threshold]) => [name, key, threshold] as const),
);

describe("declarations", () => {
  test.each(checkRows)(
    "%s says what it means, and what to do when it fails",
    (_name, { meaning, cure, severity }) => {
      expect(meaning).toMatch(/^\S.{10,}$/);
      expect(cure).toMatch(/^\S.{10,}$/);
      expect(["fail", "warn"]).toContain(severity);
    },
  );

  test("defaults are complete, and allowed", () => {
    const quality = completeQuality();
    expect(Object.keys(quality)).toEqual(CHECK_NAMES);
    expect(problems(quality)).toEqual([]);
    for (const [name, key, { fallback }] of thresholds)
      expect((quality[name] as Record<string, unknown>)[key]).toBe(fallback);
  });

  test("one setting leaves all others at their defaults", () => {
    const quality = completeQuality({ voltage: { minShare: 0.9 }, duplicates: { severity: "off" } });
    expect(quality.voltage).toEqual({ ...completeQuality().voltage, minShare: 0.9 });
    expect(quality.duplicates).toEqual({ severity: "off", max: 0 });
    expect(quality.continuity).toEqual(completeQuality().continuity);
  });
});

describe("settings", () => {
  test.each(thresholds)("%s.%s takes what its range allows, and nothing else", (name, key, threshold) => {
    const said = (value: unknown) => problems({ [name]: { [key]: value } });
    const refusal = [expect.stringMatching(new RegExp(`^quality\\.${name}\\.${key} is .*; it must be \\S`))];
    expect(said(threshold.fallback)).toEqual([]);
    if (typeof threshold.fallback === "string") {
      expect(said("2024-02-29")).toEqual([]);
      for (const wrong of ["2025-02-29", "soon", 20250101]) expect(said(wrong)).toEqual(refusal);
      return;
    }
    const [from, to] = threshold.range ?? [Number.NaN, Number.NaN];
    for (const right of [from, to]) expect(said(right)).toEqual([]);
    for (const wrong of [from - 1, to + 1, Number.NaN, String(from), null])
      expect(said(wrong)).toEqual(refusal);
    if (threshold.whole) expect(said(from + 0.5)).toEqual(refusal);
  });

  test("only a check of single rows can be a quarantine", () => {
    const rows: CheckName[] = ["keyNulls", "meterIds", "timestampWindow", "usageFinite", "usageNotNegative"];
    expect(ROW_CHECKS).toEqual(rows);
    for (const [name, check] of checkRows) {
      expect(severitiesOf(check).includes("quarantine")).toBe(rows.includes(name));
      expect(problems({ [name]: { severity: "quarantine" } })).toHaveLength(rows.includes(name) ? 0 : 1);
      for (const severity of ["fail", "warn", "off"]) expect(problems({ [name]: { severity } })).toEqual([]);
      expect(problems({ [name]: { severity: "error" } })).toHaveLength(1);
    }
  });
});

const CLEAN: Evidence = {
  landedRows: 100,
  newRows: 100,
  correctedRows: 0,
  auditedRows: 200,
  unreadable: [],
  rejected: { rows: 0, reasons: [], examples: [] },
  accounted: { rows: 100, missing: 0, files: [] },
  foreign: { rows: 0, from: "", to: "" },
  rules: {},
  nulls: { METER_ID: 0, VOLTAGE: 0 },
  continuity: { missing: 0, surplus: 0, offGrid: 0, beginning: 0, ending: 0 },
  duplicates: 0,
  voltageInRange: 200,
  unknownMeters: { count: 0, examples: [] },
  days: [{ day: "2025-01-01", from: "2025-01-01T00:00:00", to: "2025-01-01T23:45:00" }],
  examples: { continuity: [], duplicates: [], voltage: [] },
};

const judge = (evidence: Partial<Evidence>, more: Partial<LoadSettings> = {}) =>
  verdicts(settings(more), { ...CLEAN, ...evidence });
const rule = (name: RowCheckName, rows: number) => ({
  rules: { [name]: { rows, examples: [`f: ${rows} rows`] } },
});

/** One fault of each kind, and settings that accept just that. */
const FAULTS: [CheckName, Partial<Evidence>, Partial<LoadSettings>][] = [
  [
    "unreadableFiles",
    { unreadable: [{ name: "f", why: "no footer" }] },
    { quality: { unreadableFiles: { max: 1 } } },
  ],
  [
    "rejectedRows",
    { rejected: { rows: 3, reasons: [{ reason: "r", rows: 3 }], examples: [] } },
    { maxRejectedRows: 3 },
  ],
  [
    "rejectedRows",
    { rejected: { rows: 3, reasons: [{ reason: "r", rows: 3 }], examples: [] } },
    { maxRejectedShare: 0.03 },
  ],
  [
    "accountedRows",
    { accounted: { rows: 100, missing: 5, files: ["f"] } },
    { quality: { accountedRows: { maxMissing: 5 } } },
  ],
  ["foreignRows", { foreign: { rows: 9, from: "a", to: "b" } }, { quality: { foreignRows: { max: 9 } } }],
  ["keyNulls", rule("keyNulls", 2), { quality: { keyNulls: { maxShare: 0.01 } } }],
  ["meterIds", rule("meterIds", 2), { quality: { meterIds: { max: 2 } } }],
  ["timestampWindow", rule("timestampWindow", 2), { quality: { timestampWindow: { severity: "off" } } }],
  ["usageFinite", rule("usageFinite", 2), { quality: { usageFinite: { max: 2 } } }],
  ["usageNotNegative", rule("usageNotNegative", 2), { quality: { usageNotNegative: { max: 2 } } }],
  ["nullShares", { nulls: { VOLTAGE: 6 } }, { quality: { nullShares: { maxShare: 0.06 } } }],
  ...(
    [
      ["missing", "maxMissing"],
      ["surplus", "maxSurplus"],
      ["offGrid", "maxOffGrid"],
      ["beginning", "maxBeginning"],
      ["ending", "maxEnding"],
    ] as const
  ).map(([kind, limit]): (typeof FAULTS)[number] => [
    "continuity",
    { continuity: { ...CLEAN.continuity, [kind]: 4 } },
    { quality: { continuity: { [limit]: 4 } } as QualitySettings },
  ]),
  ["duplicates", { duplicates: 1 }, { quality: { duplicates: { max: 1 } } }],
  ["voltage", { voltageInRange: 196 }, { quality: { voltage: { minShare: 0.98 } } }],
  [
    "referentialIntegrity",
    { unknownMeters: { count: 2, examples: ["M"] } },
    { quality: { referentialIntegrity: { maxUnknown: 2 } } },
  ],
  [
    "dateCoverage",
    { days: [] },
    { expectedFrom: "2025-01-01", expectedTo: "2025-01-01", quality: { dateCoverage: { severity: "off" } } },
  ],
];
const NEEDED: Partial<Record<CheckName, Partial<LoadSettings>>> = {
  dateCoverage: { expectedFrom: "2025-01-01", expectedTo: "2025-01-01" },
};

test("what is clean passes every check", () => {
  const checks = judge({}, { metersTable: "A.B.C", ...NEEDED.dateCoverage });
  expect(Object.values(checks).map(({ status }) => status)).toEqual(CHECK_NAMES.map(() => "passed"));
  expect(reasonsAgainst(checks)).toEqual([]);
});

test("every check has a fault that it finds", () => {
  expect(new Set(FAULTS.map(([name]) => name))).toEqual(new Set(CHECK_NAMES));
});

test.each(FAULTS)("%s finds its fault, and nothing else does: %j", (name, fault, accepting) => {
  const needed = NEEDED[name] ?? {};
  const checks = judge(fault, { ...needed, quality: { [name]: { severity: "fail" } } });
  const failed = CHECK_NAMES.filter((check) => checks[check].status === "failed");
  expect(failed).toEqual([name]);
  expect(reasonsAgainst(checks)).toEqual([
    expect.stringMatching(new RegExp(`^${name}: [^]*\\n {2}cure: \\S`)),
  ]);
  expect(judge(fault, { ...needed, quality: { [name]: { severity: "warn" } } })[name].status).toBe("warned");
  expect(judge(fault, { ...needed, quality: { [name]: { severity: "off" } } })[name].status).toBe("skipped");
  expect(judge(fault, accepting)[name].status).not.toMatch(/failed|warned/);
});

test("offenders are named where a check fails, and nowhere else", () => {
  const faults = { ...rule("meterIds", 2), duplicates: 1 };
  const { meterIds, duplicates, voltage, keyNulls } = judge(faults, {
    quality: { keyNulls: { severity: "off" } },
  });
  expect(meterIds.examples).toEqual(["f: 2 rows"]);
  expect(duplicates.examples).toEqual([]);
  expect(voltage.examples).toEqual([]);
  expect(keyNulls).toEqual({
    status: "skipped",
    figure: 0,
    threshold: 0,
    message: "skipped: switched off",
    examples: [],
  });
  const accepted = judge(faults, { quality: { meterIds: { max: 2 } } }).meterIds;
  expect(accepted).toMatchObject({ status: "passed", figure: 2, examples: [] });
  const reasons = reasonsAgainst(judge(faults, { quality: { meterIds: { severity: "fail" } } }));
  expect(reasons.map((reason) => reason.split("\n")[0])).toEqual([
    `meterIds: ${meterIds.message}: f: 2 rows`,
    `duplicates: ${duplicates.message}`,
  ]);
});

test("rows by others are told, and hinder nothing", () => {
  const checks = judge({ foreign: { rows: 9, from: "a", to: "b" } });
  expect(checks.foreignRows).toMatchObject({
    status: "warned",
    message: expect.stringContaining("9 rows from a to b"),
  });
  expect(reasonsAgainst(checks)).toEqual([]);
});

test("the larger of the two limits of rejected rows holds", () => {
  const rejected = { rejected: { rows: 5, reasons: [{ reason: "r", rows: 5 }], examples: [] } };
  const status = (more: Partial<LoadSettings>) => judge(rejected, more).rejectedRows.status;
  expect(status({ maxRejectedRows: 4, maxRejectedShare: 0.04 })).toBe("failed");
  expect(status({ maxRejectedRows: 4, maxRejectedShare: 0.05 })).toBe("passed");
  expect(status({ maxRejectedRows: 5, maxRejectedShare: 0 })).toBe("passed");
});

test("a share that misses its threshold by a hair does not look as if it met it", () => {
  const { voltage } = judge({ voltageInRange: 98_999, auditedRows: 100_000 });
  expect(voltage).toMatchObject({
    status: "failed",
    message: expect.stringContaining("98.99 % of readings"),
  });
});

test("looser is said of each threshold in the direction that accepts more", () => {
  const directions = Object.fromEntries(
    thresholds.map(([name, key, { looser }]) => [`${name}.${key}`, looser]),
  );
  expect(Object.keys(directions).filter((key) => directions[key] === "lower")).toEqual([
    "timestampWindow.from",
    "voltage.min",
    "voltage.minShare",
  ]);
  expect(CHECKS.voltage.thresholds.max.looser).toBe("higher");
});
