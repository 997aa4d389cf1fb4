import { WAREHOUSE_SIZES } from "../../../components/verified-load/args.ts";
import { creditsOf, estimate } from "../../../components/verified-load/estimate.ts";

const files = (count: number, size: number) => Array.from({ length: count }, () => ({ size }));

test("nothing to load takes no time and costs nothing", () => {
  expect(estimate([], "XLARGE")).toEqual({ files: 0, bytes: 0, seconds: 0, credits: 0 });
});

test("80 GB in 800 files on XLARGE: minutes, not hours", () => {
  const { seconds, credits, bytes } = estimate(files(800, 100_000_000), "XLARGE");
  expect(bytes).toBe(80_000_000_000);
  expect(seconds).toBeGreaterThan(60);
  expect(seconds).toBeLessThan(600);
  expect(credits).toBeCloseTo((seconds / 3600) * 16, 3);
});

test("a larger warehouse is never slower, and one file does not gain by it", () => {
  const many = WAREHOUSE_SIZES.map((size) => estimate(files(800, 100_000_000), size).seconds);
  expect(many).toEqual(many.toSorted((one, other) => other - one));
  expect(many[0]).toBeGreaterThan(20 * (many[5] as number));
  expect(new Set(WAREHOUSE_SIZES.map((size) => estimate(files(1, 1_000_000_000), size).seconds)).size).toBe(
    1,
  );
});

test("a start is billed for a minute at least, and a larger size costs twice as much", () => {
  expect(creditsOf(1, "MEDIUM")).toBe(creditsOf(60, "MEDIUM"));
  expect(creditsOf(3600, "MEDIUM")).toBe(4);
  expect(creditsOf(3600, "LARGE")).toBe(8);
  expect(creditsOf(36, "XLARGE", 0)).toBe(0.16);
  expect(creditsOf(0, "XLARGE")).toBe(0);
});
