/** kWh of a reading by hour of day: a wrong unit, or a wrong time zone, shows at once. */
import { max, sum } from "d3-array";
import { scaleLinear } from "d3-scale";
import { area, curveMonotoneX, line } from "d3-shape";
import { number } from "../../components/format.ts";
import { Behind, Section } from "../parts/section.tsx";
import type { Report } from "../schema.ts";
import { kwhWords, usageWords } from "../words.ts";
import { Chart, LeftAxis, round } from "./axis.tsx";

const WIDTH = 584;
const PLOT = { left: 52, right: WIDTH - 104, top: 12, bottom: 178 };
const LABEL_HEIGHT = 14;
type Hour = Report["usage"][number];

export function Usage({ report }: { report: Report }) {
  const { usage, intervalMinutes } = report;
  const x = scaleLinear([0, 23], [PLOT.left, PLOT.right]);
  const y = scaleLinear([0, max(usage, ({ upper }) => upper) || 1], [PLOT.bottom, PLOT.top]).nice(4);
  const at = (one: Hour) => x(one.hour);
  const between = area<Hour>(
    at,
    (one) => y(one.lower),
    (one) => y(one.upper),
  )
    .curve(curveMonotoneX)
    .digits(1);
  const middle = line<Hour>(at, (one) => y(one.median))
    .curve(curveMonotoneX)
    .digits(1);
  const last = usage.at(-1);
  return (
    <Section
      id="usage"
      kind="Load curve"
      finding={usageWords(report)}
      note={`${number(Math.round(sum(usage, ({ kwh }) => kwh)))} kWh in this load. Line: median of the readings of an hour of the day (UTC); band: the middle half of them. kWh in ${intervalMinutes} minutes.`}
    >
      <Chart of="usage" width={WIDTH} height={212}>
        <LeftAxis scale={y} from={PLOT.left} to={PLOT.right} ticks={4} words={kwhWords} />
        <path class="f-middle" d={between(usage) ?? ""} />
        <path class="line" d={middle(usage) ?? ""} />
        <g class="axis">
          {last && <Labels last={last} x={x(last.hour) + 8} y={y} />}
          {[0, 6, 12, 18, 23].map((hour) => (
            <text key={hour} class="middle" x={round(x(hour))} y={PLOT.bottom + 15}>
              {`${String(hour).padStart(2, "0")}:00`}
            </text>
          ))}
          <text class="middle" x={(PLOT.left + PLOT.right) / 2} y={PLOT.bottom + 31}>
            hour of the day, UTC
          </text>
        </g>
      </Chart>
      <Behind
        caption="kWh by hour of day"
        rows={usage}
        most={24}
        columns={[
          { title: "Hour", cell: ({ hour }) => `${String(hour).padStart(2, "0")}:00` },
          { title: "Lower quartile", number: true, cell: ({ lower }) => kwhWords(lower) },
          { title: "Median", number: true, cell: ({ median }) => kwhWords(median) },
          { title: "Upper quartile", number: true, cell: ({ upper }) => kwhWords(upper) },
          { title: "kWh", number: true, cell: ({ kwh }) => number(Math.round(kwh)) },
          { title: "Rows", number: true, cell: ({ rows }) => number(rows) },
        ]}
      />
    </Section>
  );
}

/** Names at the curves' ends, pushed apart where they would lie on each other. */
function Labels({ last, x, y }: { last: Hour; x: number; y: (kwh: number) => number }) {
  const middle = y(last.median) + 4;
  return (
    <>
      <text x={x} y={round(Math.min(y(last.upper) + 4, middle - LABEL_HEIGHT))}>
        upper quartile
      </text>
      <text class="strong" x={x} y={round(middle)}>
        median
      </text>
      <text x={x} y={round(Math.max(y(last.lower) + 4, middle + LABEL_HEIGHT))}>
        lower quartile
      </text>
    </>
  );
}
