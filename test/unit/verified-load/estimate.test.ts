import { WAREHOUSE_SIZES, type WarehouseSize } from "../../../components/verified-load/args.ts";
import { creditsOf, estimate } from "../../../components/verified-load/estimate.ts";

const files = (count: number, size: number) => Array.from({ length: count }, () => ({ size }));

const on = (size: WarehouseSize, generation?: "1" | "2") => ({ size, generation });
const run = (seconds: number, files: number, bytes: number, warehouseSize?: WarehouseSize) => ({
  files,
  bytes,
  seconds,
  ...(warehouseSize && { warehouseSize }),
});

test("nothing to load takes no time and costs nothing", () => {
  expect(estimate([], on("XLARGE"))).toMatchObject({ files: 0, bytes: 0, seconds: 0, most: 0, credits: 0 });
});

test("80 GB in 800 files on XLARGE, by published figures: minutes, with their range", () => {
  const { seconds, least, most, credits, bytes, basis } = estimate(files(800, 100_000_000), on("XLARGE"));
  expect(bytes).toBe(80_000_000_000);
  expect(seconds).toBeGreaterThan(60);
  expect(seconds).toBeLessThan(600);
  expect([least < seconds, most > seconds, basis]).toEqual([true, true, "published figures"]);
  expect(credits).toBeCloseTo((seconds / 3600) * 16, 3);
});

test("a larger warehouse is never slower, and one file does not gain by it", () => {
  const many = WAREHOUSE_SIZES.map((size) => estimate(files(800, 100_000_000), on(size)).seconds);
  expect(many).toEqual(many.toSorted((one, other) => other - one));
  expect(many[0]).toBeGreaterThan(20 * (many[5] as number));
  const single = WAREHOUSE_SIZES.map((size) => estimate(files(1, 1_000_000_000), on(size)).seconds);
  expect(new Set(single).size).toBe(1);
});

describe("with past loads of the table", () => {
  const day = 1_000_000_000;
  const past = [run(40, 10, day), run(60, 10, day), run(200, 10, day)];

  test("the same again takes what it took, from the fastest to the slowest", () => {
    expect(estimate(files(10, day / 10), on("XLARGE"), past)).toMatchObject({
      seconds: 60,
      least: 40,
      most: 200,
      basis: "the last 3 loads",
    });
  });

  test("twice as many bytes a thread take nearly twice as long, a smaller warehouse counts", () => {
    const double = estimate(files(10, day / 5), on("XLARGE"), [run(60, 10, day)]);
    expect(double).toMatchObject({ seconds: 112, basis: "the last load" });
    const [large] = [estimate(files(64, 1e8), on("LARGE"), [run(60, 64, 64e8, "LARGE")])];
    expect(large?.seconds).toBe(60);
    expect(estimate(files(64, 1e8), on("SMALL"), [run(60, 64, 64e8, "LARGE")]).seconds).toBe(216);
  });

  test("tiny ones, and those that loaded nothing, say nothing of a large one", () => {
    const tiny = [run(9, 1, 20_000), run(5, 0, 0)];
    expect(estimate(files(10, 10_000_000_000), on("XLARGE"), tiny).basis).toBe("published figures");
  });
});

test("a start is billed for a minute at least; size and generation have their rates", () => {
  expect(creditsOf(1, on("MEDIUM"))).toBe(creditsOf(60, on("MEDIUM")));
  expect(creditsOf(3600, on("MEDIUM"))).toBe(4);
  expect(creditsOf(3600, on("LARGE"))).toBe(8);
  expect(creditsOf(3600, on("MEDIUM", "1"))).toBe(4);
  expect(creditsOf(3600, on("MEDIUM", "2"))).toBe(5.4);
  expect(creditsOf(0, on("XLARGE"))).toBe(0);
});
