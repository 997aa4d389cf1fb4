import type { CheckResult, LoadOutputs } from "../../../components/verified-load/args.ts";
import { estimate } from "../../../components/verified-load/estimate.ts";
import {
  checkLines,
  pendingLines,
  planLines,
  resultLines,
  verdictLine,
} from "../../../components/verified-load/lines.ts";
import { makePlan } from "../../../components/verified-load/plan.ts";
import { accounted, published, settings, staged } from "./support/settings.ts";

const expected = (...files: { size: number }[]) => estimate(files, { size: "XLARGE" });

test("what will be loaded is said with size, time and cost", () => {
  const fresh = staged("a", { size: 2_500_000 });
  const plan = makePlan([fresh, staged("b")], published([accounted("b")]));
  expect(planLines(plan, expected(fresh), settings())).toEqual([
    expect.stringMatching(
      /^load: 1 file, 2\.5 MB, about \d+ s \(\d+ s to \d+ s, by published figures\) and [\d.]+ credits on XLARGE \(1 file already in the table\)$/,
    ),
  ]);
});

test("what needs a person's eye has a line of its own", () => {
  const plan = makePlan(
    [staged("a", { md5: "other" })],
    published([accounted("a"), accounted("gone", { fileId: 2 })]),
  );
  expect(planLines(plan, expected(), settings())).toEqual([
    "load: nothing new (0 files already in the table)",
    "load: 1 file changed under their name after they were loaded: a",
    "load: 1 file of the table are no more in the bucket; their rows stay",
  ]);
  const emptied = makePlan([staged("a")], published([accounted("a")], { rows: 0 }));
  expect(planLines(emptied, expected(staged("a")), settings())).toContain(
    "load: the table was emptied since the last load: all its files are loaded anew",
  );
});

test("a preview says what waits, and nothing when nothing does", () => {
  const waiting = makePlan([staged("a")], published([]));
  expect(pendingLines(waiting, expected(staged("a")), "XLARGE")).toEqual([
    expect.stringContaining("load: waiting to be loaded: 1 file"),
  ]);
  // Files that went are said by the load: a preview has nothing to do about them.
  expect(pendingLines(makePlan([], published([accounted("a")])), expected(), "XLARGE")).toEqual([]);
});

const result = (status: CheckResult["status"], examples: string[] = []): CheckResult => ({
  status,
  figure: 1,
  threshold: 0,
  examples,
  message: `finding`,
});

test("each check has a line; offenders are named where it did not pass", () => {
  expect(
    checkLines({
      one: result("passed", ["hidden"]),
      two: result("failed", ["M1", "M2"]),
      three: result("warned", ["M3"]),
      four: result("skipped"),
    }),
  ).toEqual([
    "audit: ok   one: finding",
    "audit: FAIL two: finding: M1; M2",
    "audit: warn three: finding: M3",
    "audit: skip four: finding",
  ]);
});

test("the result says what was published and rejected, and what it cost where something was loaded", () => {
  const outputs = {
    filesLoaded: 2,
    rowsLoaded: 1234,
    rowsRejected: 1,
    totalRows: 1234,
    uniqueMeters: 1,
    minTimestamp: "2025-01-01T00:00:00",
    maxTimestamp: "",
    cost: {
      files: 0,
      credits: 0.25,
      seconds: 61,
      estimatedCredits: 0.3,
      estimatedSeconds: 50,
    },
  } as LoadOutputs;
  expect(resultLines(outputs)).toEqual([
    "load: 2 files, 1,234 rows published, 1 rejected",
    "load: the table has 1,234 rows, 1 meter, 2025-01-01T00:00:00 to no last reading",
  ]);
  expect(resultLines({ ...outputs, cost: { ...outputs.cost, files: 2 } }).at(-1)).toBe(
    "cost: 0.25 credits (computed), 1 min 1 s; expected 0.3 credits, 50 s",
  );
});

test("all verdicts in a line: those that did not pass are named", () => {
  const of = (status: CheckResult["status"]): CheckResult => ({
    status,
    figure: 0,
    threshold: 0,
    message: "",
    examples: [],
  });
  const passed = { continuity: of("passed"), duplicates: of("passed") };
  expect(verdictLine(passed, true)).toBe("verified: 2 checks hold");
  expect(verdictLine({ ...passed, voltage: of("warned") }, true)).toBe(
    "verified: 2 checks hold, 1 warned (voltage)",
  );
  expect(verdictLine({ continuity: of("passed"), duplicates: of("failed") }, false)).toBe(
    "not verified: 1 check holds, 1 failed (duplicates)",
  );
});
