import { moment, secondsOf, timestamp } from "../../../components/snowflake/times.ts";

test.each([
  ["8h", 28_800],
  ["1h30m", 5_400],
  ["90s", 90],
  ["12.25m", 735],
  ["250ms", 0.25],
  ["10us", 1e-5],
  ["10µs", 1e-5],
  ["1000ns", 1e-6],
])("%s is %p seconds", (duration, seconds) => {
  expect(secondsOf(duration)).toBeCloseTo(seconds, 12);
});

test.each(["", "8", "h", "8 h", "x8h", "8hx", "8d", "1.h", ".5h", "-1h"])("%p is no duration", (duration) => {
  expect(secondsOf(duration)).toBeNaN();
});

test("a moment is written without its zone, and years as they are", () => {
  expect(moment("2026-07-01T10:15:00.500Z")).toBe("2026-07-01T10:15:00");
  expect(moment(new Date(Date.UTC(10_000, 0, 1)))).toBe("10000-01-01T00:00:00");
  expect(moment(new Date(Date.UTC(12_000, 0, 1)))).toBe("12000-01-01T00:00:00");
  expect([moment(null), moment(undefined)]).toEqual(["", ""]);
  expect(timestamp("2026-07-01T10:15:00.500Z")).toBe("2026-07-01 10:15:00.500");
});

test("what no date holds is about a year, or as it is written", () => {
  expect(moment({ getEpochSeconds: () => 31_556_952 * 98_030 })).toBe("about the year 100000");
  expect(moment("soon")).toBe("soon");
});
