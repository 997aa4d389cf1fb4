/** Readings a day; below it, on its own scale, what is missing and what is too many. */
import { max } from "d3-array";
import { scaleLinear } from "d3-scale";
import { number } from "../../components/format.ts";
import { Behind, Scroll, Section } from "../parts/section.tsx";
import type { Report } from "../schema.ts";
import { daysWords, dayWords, missingOf, surplusOf } from "../words.ts";
import { box, Chart, DayTicks, LeftAxis, round } from "./axis.tsx";
import { DAYS, dayScale } from "./coverage.tsx";

const compact = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });
export const short = (value: number) => compact.format(value);

const TOP = { from: 10, to: 110 };
const BELOW = { from: 134, to: 194 };

export function Days({ report }: { report: Report }) {
  const { list } = report.days;
  const { x, width } = dayScale(list);
  const gap = width > 4 ? 1 : 0;
  const bar = width - gap;
  const readings = scaleLinear(
    [0, max(list, (day) => Math.max(day.readings, day.due ?? 0)) || 1],
    [TOP.to, TOP.from],
  ).nice(3);
  const most = { missing: max(list, missingOf) ?? 0, surplus: max(list, surplusOf) ?? 0 };
  const odd = most.missing + most.surplus > 0;
  const apart = scaleLinear([-most.missing, most.surplus], [BELOW.to, BELOW.from]).nice(3);
  const known = list.every(({ due }) => due !== null);
  const right = DAYS.width - DAYS.right;
  const bottom = odd ? BELOW.to + 4 : TOP.to;
  return (
    <Section
      id="days"
      kind="Readings a day"
      finding={daysWords(report)}
      note={
        known
          ? "Bars: readings. Line: intervals that were due. Below, on a scale of its own: readings too many above zero, missing intervals below."
          : "Bars: readings. How many intervals were due is not on record."
      }
      wide
    >
      <Scroll label="Readings a day, picture">
        <Chart of="days" width={DAYS.width} height={bottom + 20}>
          <LeftAxis scale={readings} from={DAYS.left} to={right} ticks={3} words={short} />
          <path
            class="f-day"
            d={list
              .map((day, index) =>
                box(x(index), readings(day.readings), bar, TOP.to - readings(day.readings)),
              )
              .join("")}
          />
          {known && list.length > 0 && (
            <path
              class="line"
              d={list
                .map(
                  (day, index) =>
                    `${index === 0 ? "M" : "L"}${round(x(index))} ${round(readings(day.due ?? 0))}h${round(width)}`,
                )
                .join("")}
            />
          )}
          {odd && (
            <>
              <LeftAxis scale={apart} from={DAYS.left} to={right} ticks={3} words={short} />
              <path
                class="f-surplus-bar"
                d={list
                  .map((day, index) =>
                    surplusOf(day) > 0
                      ? box(x(index), apart(surplusOf(day)), bar, apart(0) - apart(surplusOf(day)))
                      : "",
                  )
                  .join("")}
              />
              <path
                class="f-none"
                d={list
                  .map((day, index) =>
                    missingOf(day) > 0 ? box(x(index), apart(0), bar, apart(-missingOf(day)) - apart(0)) : "",
                  )
                  .join("")}
              />
              <path class="zero" d={`M${DAYS.left} ${round(apart(0))}H${right}`} />
            </>
          )}
          <DayTicks days={list} x={x} y={bottom} top={bottom} />
        </Chart>
      </Scroll>
      <Behind
        caption={odd ? "days, those with most missing or too many first" : "days, latest first"}
        rows={list
          .toReversed()
          .toSorted((one, other) => missingOf(other) + surplusOf(other) - missingOf(one) - surplusOf(one))}
        columns={[
          { title: "Day", cell: ({ day }) => dayWords(day) },
          { title: "Readings", number: true, cell: (day) => number(day.readings) },
          { title: "Due", number: true, cell: ({ due }) => (due === null ? "not on record" : number(due)) },
          { title: "Missing", number: true, cell: (day) => number(missingOf(day)) },
          { title: "Too many", number: true, cell: (day) => number(surplusOf(day)) },
          { title: "Meters", number: true, cell: ({ meters }) => number(meters) },
        ]}
      />
    </Section>
  );
}
