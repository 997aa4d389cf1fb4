/** Day × hour of day: readings against those that were due. Equal neighbours are merged, so there is one path a state. */
import { number } from "../../components/format.ts";
import { Behind, Scroll, Section } from "../parts/section.tsx";
import type { Report, ReportDay } from "../schema.ts";
import { coverageWords, dayWords, type HourState, stateOf } from "../words.ts";
import { box, Chart, DayTicks } from "./axis.tsx";

/** Shared by all pictures with days, so that a day stands in one line through all of them. */
export const DAYS = { width: 1200, left: 52, right: 8 } as const;
const ROW = 12;
const TOP = 6;
const STATES: readonly [state: HourState, className: string, words: string][] = [
  ["complete", "f-complete", "as many readings as due"],
  ["unjudged", "f-complete", "readings; not on record how many were due"],
  ["short", "f-short", "fewer than due"],
  ["none", "f-none", "none, though due"],
  ["surplus", "f-surplus", "more than due"],
  ["not due", "f-notdue", "not due: before the first meter begins, or after the last ends"],
];

/** Left edge of a day. */
export function dayScale(days: readonly ReportDay[]) {
  const width = (DAYS.width - DAYS.left - DAYS.right) / Math.max(1, days.length);
  return { width, x: (index: number) => DAYS.left + index * width };
}

export function Coverage({ report }: { report: Report }) {
  const { list, all, cut, outside } = report.days;
  const { x, width } = dayScale(list);
  const bottom = TOP + 24 * ROW;
  const paths = pathsOf(list, x);
  const used = STATES.filter(([state]) => paths.has(state));
  return (
    <Section
      id="coverage"
      kind="Coverage, hour by hour"
      finding={coverageWords(report)}
      wide
      note={
        <>
          {all
            ? "All days of the table. "
            : "The days that this load audited; later loads may have changed them. "}
          A column is a day, a row an hour of it (UTC).
          {cut > 0 && ` ${number(cut)} earlier days are left out.`}
          {outside.readings > 0 &&
            ` ${number(outside.readings)} readings without a time, or beyond the accepted times, are not shown.`}
        </>
      }
    >
      <p class="legend">
        {used.map(([state, className, words]) => (
          <span key={state}>
            <svg class="swatch" viewBox="0 0 16 12" aria-hidden="true">
              <path class={className} d="M0 0h16v12h-16z" />
            </svg>
            {words}
          </span>
        ))}
      </p>
      <Scroll id="map" label="Map of hours; the arrow keys go through it">
        <Chart of="coverage" width={DAYS.width} height={bottom + 22}>
          {used.map(([state, className]) => (
            <path key={state} class={className} d={paths.get(state)} />
          ))}
          <path class="gap" d={gaps(list.length, x, width, bottom)} />
          <g class="axis">
            {[0, 6, 12, 18].map((hour) => (
              <text key={hour} class="end" x={DAYS.left - 6} y={TOP + hour * ROW + 10}>
                {`${String(hour).padStart(2, "0")}:00`}
              </text>
            ))}
          </g>
          <DayTicks days={list} x={x} y={bottom} top={bottom} />
          <rect id="cursor" class="cursor" width={width} height={ROW} x="-100" y="-100" />
        </Chart>
      </Scroll>
      <output id="readout" class="note screen">
        Point at an hour, or go there with the arrow keys, to read its figures.
      </output>
      <Behind
        caption="hours that are not as due, worst first"
        rows={oddHours(list)}
        columns={[
          { title: "Day", cell: ({ day }) => dayWords(day) },
          { title: "Hour", cell: ({ hour }) => `${String(hour).padStart(2, "0")}:00` },
          { title: "Readings", number: true, cell: ({ readings }) => number(readings) },
          { title: "Due", number: true, cell: ({ due }) => number(due) },
          {
            title: "Meters",
            number: true,
            cell: ({ meters }) => (meters === null ? "not on record" : number(meters)),
          },
        ]}
      />
    </Section>
  );
}

export const MAP = { top: TOP, row: ROW } as const;

function pathsOf(list: readonly ReportDay[], x: (index: number) => number): Map<HourState, string> {
  const parts = new Map<HourState, string[]>();
  for (let hour = 0; hour < 24; hour++) {
    let from = 0;
    for (let index = 1; index <= list.length; index++) {
      const state = stateAt(list, from, hour);
      if (index < list.length && stateAt(list, index, hour) === state) continue;
      if (!parts.has(state)) parts.set(state, []);
      parts.get(state)?.push(box(x(from), TOP + hour * ROW, x(index) - x(from), ROW));
      from = index;
    }
  }
  return new Map([...parts].map(([state, boxes]) => [state, boxes.join("")]));
}

function stateAt(list: readonly ReportDay[], index: number, hour: number): HourState {
  const at = list[index]?.hours[hour];
  return at ? stateOf(at) : "not due";
}

/** Hairlines between cells that are large enough for them. */
function gaps(days: number, x: (index: number) => number, width: number, bottom: number): string {
  const lines = Array.from(
    { length: 23 },
    (_, hour) => `M${DAYS.left} ${TOP + (hour + 1) * ROW}H${DAYS.width - DAYS.right}`,
  );
  if (width < 6) return lines.filter((_, hour) => hour % 6 === 5).join("");
  const columns = Array.from(
    { length: Math.max(0, days - 1) },
    (_, index) => `M${Math.round(x(index + 1) * 100) / 100} ${TOP}V${bottom}`,
  );
  return [...lines, ...columns].join("");
}

function oddHours(list: readonly ReportDay[]) {
  return list
    .flatMap(({ day, hours }) =>
      hours.flatMap(({ readings, due, meters }, hour) =>
        due !== null && readings !== due ? [{ day, hour, readings, due, meters }] : [],
      ),
    )
    .toSorted((one, other) => Math.abs(other.due - other.readings) - Math.abs(one.due - one.readings));
}
