/** How many readings were due, held against a plain count meter by meter. */
import fc from "fast-check";
import { daysOf, type KeptDay, type Span } from "../../../report/days.ts";
import { stateOf } from "../../../report/words.ts";

const START = Date.parse("2026-07-01T00:00:00Z");
const dayOf = (moment: number) => new Date(moment).toISOString().slice(0, 10);

interface Meter {
  /** Numbers of intervals since the start. */
  first: number;
  length: number;
}

/** As the load counts them: by the hour, with the intervals that are due from the first one on, or up to the last. */
function spansOf(meters: readonly Meter[], minutes: number) {
  const spans = (slots: readonly number[], due: (minute: number) => number): Span[] => {
    const groups = Map.groupBy(slots, (slot) =>
      new Date(START + slot * minutes * 60_000).toISOString().slice(0, 13),
    );
    return [...groups].map(([hour, of]) => ({
      day: hour.slice(0, 10),
      hour: Number(hour.slice(11)),
      meters: of.length,
      due: of.reduce((sum, slot) => sum + due((slot * minutes) % 60), 0),
    }));
  };
  return {
    begins: spans(
      meters.map(({ first }) => first),
      (minute) => Math.floor((59 - minute) / minutes) + 1,
    ),
    ends: spans(
      meters.map(({ first, length }) => first + length - 1),
      (minute) => Math.floor(minute / minutes) + 1,
    ),
  };
}

test("what is due in an hour is one reading for each interval of each meter from its first to its last one", () => {
  const meter = fc.record({ first: fc.nat(300), length: fc.integer({ min: 1, max: 300 }) });
  fc.assert(
    fc.property(
      fc.array(meter, { minLength: 1, maxLength: 6 }),
      fc.constantFrom(5, 15, 30, 60, 90, 360, 1440),
      (meters, minutes) => {
        const expected = new Map<string, number>();
        for (const { first, length } of meters)
          for (let slot = first; slot < first + length; slot++) {
            const hour = new Date(START + slot * minutes * 60_000).toISOString().slice(0, 13);
            expected.set(hour, (expected.get(hour) ?? 0) + 1);
          }
        const { list, cut } = daysOf([], spansOf(meters, minutes), minutes, true);
        const found = list.flatMap(({ day, hours }) =>
          hours
            .map(({ due }, hour) => [`${day}T${String(hour).padStart(2, "0")}`, due] as const)
            .filter(([, due]) => due !== 0),
        );
        const shown = [...expected].toSorted().filter(([hour]) => hour.slice(0, 10) >= (list[0]?.day ?? ""));
        expect(found).toEqual(shown);
        expect(list.length + cut).toBe(
          (Date.parse(list.at(-1)?.day ?? "") -
            Date.parse([...expected.keys()].toSorted()[0]?.slice(0, 10) ?? "")) /
            86_400_000 +
            1,
        );
      },
    ),
    { numRuns: 60 },
  );
});

const kept = (day: string, readings: number): KeptDay => ({
  day,
  readings,
  meters: 1,
  intervals: readings,
  audited: true,
  readingsOfHours: Array.from({ length: 24 }, (_, hour) => (hour === 0 ? readings : 0)),
  metersOfHours: Array.from({ length: 24 }, () => 1),
});

test("days without any reading are there, those beyond the accepted times are counted apart", () => {
  const spans = spansOf([{ first: 0, length: 3 * 96 }], 15);
  const { list, outside } = daysOf(
    [kept("2026-07-01", 4), kept("2026-07-03", 4), kept("5000-01-01", 7)],
    spans,
    15,
    true,
  );
  expect(list.map(({ day, readings, due }) => [day, readings, due])).toEqual([
    ["2026-07-01", 4, 96],
    ["2026-07-02", 0, 96],
    ["2026-07-03", 4, 96],
  ]);
  expect(outside).toEqual({ days: 1, readings: 7 });
});

test("of a load that audited some days only, the others are not judged", () => {
  const spans = spansOf([{ first: 0, length: 3 * 96 }], 15);
  const { list } = daysOf([kept("2026-07-02", 4)], spans, 15, false);
  expect(list.map(({ day, due }) => [day, due])).toEqual([["2026-07-02", 96]]);
});

test("without a record of what was due nothing is judged", () => {
  const { list } = daysOf([kept(dayOf(START), 4)], undefined, 15, true);
  expect(list.map(({ due }) => due)).toEqual([null]);
  expect(list[0]?.hours.slice(0, 2).map(stateOf)).toEqual(["unjudged", "not due"]);
});

test.each([
  [{ readings: 0, due: 0 }, "not due"],
  [{ readings: 0, due: 4 }, "none"],
  [{ readings: 3, due: 4 }, "short"],
  [{ readings: 4, due: 4 }, "complete"],
  [{ readings: 5, due: 4 }, "surplus"],
  [{ readings: 1, due: 0 }, "surplus"],
] as const)("%j is %s", (hour, state) => {
  expect(stateOf({ ...hour, meters: null })).toBe(state);
});
