import { bytes, duration, namesOf, percent, plural, precise, throttled } from "../../components/format.ts";
import { moment, timestamp } from "../../components/snowflake/times.ts";

test.each([
  [0.4, "0 s"],
  [59.4, "59 s"],
  [59.5, "1 min 0 s"],
  [3599, "59 min 59 s"],
  [3600, "1 h 0 min"],
  [9_045, "2 h 30 min"],
])("%d seconds are %s", (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

test("tenths count below ten seconds alone", () => {
  expect([0.04, 9.44, 10, 75].map(precise)).toEqual(["0.0 s", "9.4 s", "10 s", "1 min 15 s"]);
});

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 kB"],
  [99_950, "100 kB"],
  [999_499, "999 kB"],
  [999_500, "1.0 MB"],
  [80e9, "80.0 GB"],
  [5e15, "5000 TB"],
])("%d bytes are %s", (size, text) => {
  expect(bytes(size)).toBe(text);
});

test("a share is rounded towards zero, so that what misses a threshold does not look as if it met it", () => {
  expect([0.98999, 0.99, 1].map(percent)).toEqual(["98.99 %", "99.00 %", "100.00 %"]);
});

test("one is one, and all else are several", () => {
  expect([0, 1, 1200].map((count) => plural(count, "row"))).toEqual(["0 rows", "1 row", "1,200 rows"]);
});

test("five names are told, and how many more there are", () => {
  const files = Array.from("abcdefg", (name) => ({ name }));
  expect(namesOf(files.slice(0, 5))).toBe("a, b, c, d, e");
  expect(namesOf(files)).toBe("a, b, c, d, e and 2 more");
});

test("a throttled log speaks at once, and then every ten seconds at most", () => {
  let now = 1000;
  const lines: string[] = [];
  const log = throttled(
    (line) => lines.push(line),
    () => now,
  );
  for (const [at, line] of [
    [1000, "first"],
    [10_999, "too soon"],
    [11_000, "second"],
    [20_000, "too soon"],
  ] as const) {
    now = at;
    log(line);
  }
  expect(lines).toEqual(["first", "second"]);
});

test("a time as Snowflake reads it back keeps its milliseconds", () => {
  expect(timestamp(new Date("2026-07-01T00:15:00.123Z"))).toBe("2026-07-01 00:15:00.123");
  expect(timestamp("2026-07-01T02:15:00+02:00")).toBe("2026-07-01 00:15:00.000");
});

test.each([
  [null, ""],
  [undefined, ""],
  [new Date("2026-07-01T00:15:00.123Z"), "2026-07-01T00:15:00"],
  [new Date(Date.UTC(20_000, 0, 1)), "20000-01-01T00:00:00"],
  ["no time", "no time"],
  [{ getEpochSeconds: () => 31_556_952 * 53_000 }, "about the year 54970"],
])("for people %p is %j", (value, text) => {
  expect(moment(value)).toBe(text);
});
