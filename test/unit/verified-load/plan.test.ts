import {
  estimate,
  estimateCopy,
  filesToLoad,
  makePlan,
  pendingOf,
} from "../../../components/verified-load/plan.ts";
import { record, settings, staged } from "./support/settings.ts";

const now = new Date("2025-06-10T00:00:00Z");
const names = (files: { file: string }[]) => files.map(({ file }) => file.split("/")[1]);
const plan = (
  listed: Parameters<typeof makePlan>[0]["listed"],
  records = [] as ReturnType<typeof record>[],
  totalRows = 0,
) => makePlan({ listed, records, totalRows, now });

test("what is not accounted for is new, what is the same is loaded, what changed is replaced", () => {
  const result = plan(
    [staged("a"), staged("b"), staged("c", { md5: "other" }), staged("d", { size: 7 })],
    [record("a"), record("c"), record("d")],
    30,
  );
  expect(names(result.fresh)).toEqual(["b"]);
  expect(names(result.loaded)).toEqual(["a"]);
  expect(names(result.replaced)).toEqual(["c", "d"]);
});

test("a file that failed is tried again; one that failed and was loaded later is loaded", () => {
  const failed = record("a", { status: "LOAD_FAILED", rowsLoaded: 0 });
  expect(names(plan([staged("a")], [failed]).fresh)).toEqual(["a"]);
  expect(names(plan([staged("a")], [failed, record("a")]).loaded)).toEqual(["a"]);
  expect(names(plan([staged("a")], [record("a"), failed]).loaded)).toEqual(["a"]);
});

test("old files are certain while the table is young, and uncertain when it is not", () => {
  const old = staged("old", { lastModified: new Date("2025-01-01T00:00:00Z") });
  expect(names(plan([old, staged("new")]).fresh)).toEqual(["old", "new"]);
  expect(names(plan([old], [record("x")], 10).fresh)).toEqual(["old"]);
  const longAgo = record("x", { loadedAt: "2025-02-01 00:00:00.000" });
  expect(names(plan([old, staged("new")], [longAgo], 10).uncertain)).toEqual(["old"]);
  expect(names(plan([old, staged("new")], [longAgo], 10).fresh)).toEqual(["new"]);
});

test("rows that nobody accounted for may be as old as can be", () => {
  const old = staged("old", { lastModified: new Date("2025-01-01T00:00:00Z") });
  expect(names(plan([old], [record("x")], 11).uncertain)).toEqual(["old"]);
});

test("a replaced file stops the load unless the settings decide", () => {
  const replaced = plan([staged("a", { md5: "other" }), staged("b")], [record("a")], 10);
  expect(() => filesToLoad(replaced, settings())).toThrow(
    /1 file\(s\) changed.*ami_interval_readings\/a[\s\S]*cure: .*replacedFiles/,
  );
  expect(names(filesToLoad(replaced, settings({ replacedFiles: "skip" })).certain)).toEqual(["b"]);
  expect(names(filesToLoad(replaced, settings({ replacedFiles: "load" })).certain)).toEqual(["b", "a"]);
  expect(pendingOf(replaced, settings())).toEqual({ files: 1, bytes: 1000, replaced: 1, uncertain: 0 });
  expect(pendingOf(replaced, settings({ replacedFiles: "skip" })).replaced).toBe(0);
});

test("uncertain files are never loaded unless the settings say so", () => {
  const old = staged("old", { lastModified: new Date("2025-01-01T00:00:00Z") });
  const uncertain = plan([old], [record("x", { loadedAt: "2025-02-01 00:00:00.000" })], 10);
  expect(filesToLoad(uncertain, settings())).toEqual({ certain: [], uncertain: [] });
  expect(names(filesToLoad(uncertain, settings({ uncertainFiles: "load" })).uncertain)).toEqual(["old"]);
  expect(() => filesToLoad(uncertain, settings({ uncertainFiles: "fail" }))).toThrow(
    /64-day[\s\S]*old[\s\S]*cure/,
  );
});

test("the guide's load takes about half a minute on XLARGE, its verification as long again", () => {
  const files = Array.from({ length: 385 }, (_, index) => staged(`${index}`, { size: 208_000_000 }));
  expect(estimateCopy(files, "XLARGE")).toBeGreaterThan(25);
  expect(estimateCopy(files, "XLARGE")).toBeLessThan(45);
  const xlarge = estimate(files, 80_080_000_000, "XLARGE");
  expect(xlarge).toMatchObject({ files: 385, bytes: 80_080_000_000 });
  expect(xlarge.seconds).toBeCloseTo(2 * estimateCopy(files, "XLARGE"), -1);
  expect(xlarge.credits).toBeCloseTo((xlarge.seconds / 3600) * 16, 2);
  // A small addition to a large table costs its verification, and a minute at least.
  const one = estimate(files.slice(0, 1), 80_080_000_000, "XLARGE");
  expect(one.seconds).toBeGreaterThan(30);
  expect(one.credits).toBe(0.267);
  const medium = estimate(files, 80_080_000_000, "MEDIUM");
  expect(medium.seconds).toBeGreaterThan(3 * xlarge.seconds);
  expect(medium.credits).toBeCloseTo((medium.seconds / 3600) * 4, 2);
  expect(estimate([], 80_080_000_000, "XLARGE")).toEqual({ files: 0, bytes: 0, seconds: 0, credits: 0 });
});
