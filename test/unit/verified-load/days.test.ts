import { coverage, dayOf } from "../../../components/verified-load/audit/days.ts";

/** Days with readings from end to end. */
const days = (...names: string[]) =>
  names.map((day) => ({ day, from: `${day}T00:00:00`, to: `${day}T23:45:00` }));
function held(...args: Parameters<typeof coverage>) {
  const outcome = coverage(...args);
  if ("skipped" in outcome) throw new Error(outcome.skipped);
  return outcome;
}

test("days go on over leap days", () => {
  expect(dayOf(new Date("2024-02-28T23:59:59Z"), 1)).toBe("2024-02-29");
  expect(dayOf(new Date("2023-12-31T00:00:00Z"), 1)).toBe("2024-01-01");
});

test("missing days in a row are one range, over the ends of months", () => {
  const range = { expectedFrom: "2025-02-27", expectedTo: "2025-03-05", intervalMinutes: 15 };
  const outcome = held(days("2025-02-27", "2025-03-02", "2025-03-04", "2025-03-05"), range);
  expect(outcome).toMatchObject({ figure: 3, examples: ["2025-02-28 to 2025-03-01", "2025-03-03"] });
});

test("without an expected range the readings' own days must be whole", () => {
  expect(held(days("2025-01-01", "2025-01-02"), { intervalMinutes: 15 })).toMatchObject({
    holds: true,
    figure: 0,
  });
  expect(held(days("2025-01-01", "2025-01-04"), { intervalMinutes: 15 })).toMatchObject({
    holds: false,
    figure: 2,
    examples: ["2025-01-02 to 2025-01-03"],
  });
});

test("an open end is the readings' own, unless they lie beyond the other end", () => {
  const outcome = held(days("2025-01-01"), { expectedFrom: "2025-01-03", intervalMinutes: 15 });
  expect(outcome).toMatchObject({ holds: false, examples: ["2025-01-03"] });
  expect(held(days("2025-01-05"), { expectedTo: "2025-01-03", intervalMinutes: 15 })).toMatchObject({
    holds: false,
    examples: ["2025-01-03"],
  });
});

test("the ends of the expected range must be reached, within one interval", () => {
  const [first, last] = [
    { day: "2025-01-01", from: "2025-01-01T00:15:00", to: "2025-01-01T23:45:00" },
    { day: "2025-01-02", from: "2025-01-02T00:00:00", to: "2025-01-02T21:00:00" },
  ];
  const range = { expectedFrom: "2025-01-01", expectedTo: "2025-01-02", intervalMinutes: 15 };
  expect(held([first, last], range)).toMatchObject({
    holds: false,
    figure: 1,
    examples: ["2025-01-02 only until 21:00"],
  });
  expect(held([first, last], { ...range, intervalMinutes: 180 })).toMatchObject({ holds: true });
});

test("an open end need not be reached, a named one has to be", () => {
  const late = { day: "2025-01-01", from: "2025-01-01T02:00:00", to: "2025-01-01T20:00:00" };
  const named = { expectedFrom: "2025-01-01", expectedTo: "2025-01-01", intervalMinutes: 15 };
  const examples = (range: Parameters<typeof coverage>[1]) => held([late], range).examples;
  expect(examples(named)).toEqual(["2025-01-01 only from 02:00", "2025-01-01 only until 20:00"]);
  expect(examples({ expectedFrom: "2025-01-01", intervalMinutes: 15 })).toEqual([
    "2025-01-01 only from 02:00",
  ]);
  expect(examples({ expectedTo: "2025-01-01", intervalMinutes: 15 })).toEqual([
    "2025-01-01 only until 20:00",
  ]);
  expect(examples({ intervalMinutes: 15 })).toEqual([]);
});

test("one reading in the year 1900 does not make a list of all days since", () => {
  const outcome = held(days("1900-01-01", "2025-01-01"), { intervalMinutes: 15 });
  expect(outcome.figure).toBe(19_999);
});

test("a year with two days is told in a line", () => {
  const range = { expectedFrom: "2025-01-01", expectedTo: "2025-12-31", intervalMinutes: 15 };
  const outcome = held(days("2025-01-01", "2025-12-31"), range);
  expect(outcome.message).toBe("363 days from 2025-01-01 to 2025-12-31 without readings");
  expect(outcome.examples).toEqual(["2025-01-02 to 2025-12-30"]);
});

test("of an empty table nothing is expected, unless a range is", () => {
  expect(coverage([], { intervalMinutes: 15 })).toHaveProperty("skipped");
  expect(
    held([], { expectedFrom: "2025-01-01", expectedTo: "2025-01-02", intervalMinutes: 15 }),
  ).toMatchObject({
    holds: false,
    figure: 2,
  });
});
