/** What the load did when, on a warehouse of which size. */
import { scaleLinear } from "d3-scale";
import { duration } from "../../components/format.ts";
import { Behind, Section } from "../parts/section.tsx";
import type { Report } from "../schema.ts";
import { stepsWords } from "../words.ts";
import { box, Chart, round } from "./axis.tsx";

const WIDTH = 584;
const ROW = 22;
const PLOT = { left: 236, right: WIDTH - 150, top: 18 };
const MOST_STEPS = 24;
/** A step names what it is about, which may be long. */
const MOST_CHARACTERS = 38;

export function Steps({ report }: { report: Report }) {
  const steps = shownSteps(report);
  const begin = Math.min(...steps.map(({ from }) => from));
  const end = Math.max(...steps.map(({ from, seconds }) => from + seconds), begin + 0.001);
  const x = scaleLinear([0, end - begin], [PLOT.left, PLOT.right]);
  const bottom = PLOT.top + steps.length * ROW;
  const sizes = [...new Set(steps.map(({ warehouseSize }) => warehouseSize))];
  const bars = (size: string) =>
    steps
      .map((step, index) =>
        step.warehouseSize === size
          ? box(
              x(step.from - begin),
              PLOT.top + index * ROW + 4,
              Math.max(1.5, x(step.seconds) - x(0)),
              ROW - 8,
            )
          : "",
      )
      .join("");
  return (
    <Section
      id="steps"
      kind="Timeline"
      finding={stepsWords(report)}
      note={
        sizes.length > 1
          ? `Light: on ${sizes[0]}. Dark: on ${sizes.slice(1).join(", ")}.`
          : sizes.length === 1
            ? `All on ${sizes[0]}.`
            : undefined
      }
    >
      {steps.length > 0 && (
        <Chart of="steps" width={WIDTH} height={bottom + 6}>
          <path
            class="grid"
            d={x
              .ticks(4)
              .map((at) => `M${round(x(at))} ${PLOT.top - 4}V${bottom}`)
              .join("")}
          />
          {sizes.map((size, index) => (
            <path key={size} class={index === 0 ? "f-light" : "f-bar"} d={bars(size)} />
          ))}
          <g class="axis">
            {x.ticks(4).map((at) => (
              <text key={at} class="middle" x={round(x(at))} y={PLOT.top - 8}>
                {`${at} s`}
              </text>
            ))}
            {steps.map(({ step, seconds, warehouseSize }, index) => (
              <>
                <text x={0} y={PLOT.top + index * ROW + 15}>
                  {step.length > MOST_CHARACTERS ? `${step.slice(0, MOST_CHARACTERS - 1)}…` : step}
                </text>
                <text class="end" x={WIDTH - 84} y={PLOT.top + index * ROW + 15}>
                  {exact(seconds)}
                </text>
                <text x={WIDTH - 76} y={PLOT.top + index * ROW + 15}>
                  {warehouseSize}
                </text>
              </>
            ))}
          </g>
        </Chart>
      )}
      <Behind
        caption="steps in order"
        rows={report.steps}
        most={MOST_STEPS}
        columns={[
          { title: "Step", cell: ({ step }) => step },
          { title: "Began (UTC)", cell: ({ startedAt }) => startedAt.slice(11, 19) },
          { title: "Time", number: true, cell: ({ seconds }) => exact(seconds) },
          { title: "Warehouse", cell: ({ warehouseSize }) => warehouseSize },
        ]}
      />
    </Section>
  );
}

const exact = (seconds: number) => (seconds < 10 ? `${seconds.toFixed(1)} s` : duration(seconds));

/** The longest ones, in order. */
function shownSteps({ steps }: Report) {
  const timed = steps.map((step) => ({ ...step, from: Date.parse(`${step.startedAt}Z`) / 1000 }));
  const limit =
    timed.map(({ seconds }) => seconds).toSorted((one, other) => other - one)[MOST_STEPS - 1] ?? 0;
  return timed.filter(({ seconds }) => seconds >= limit).slice(0, MOST_STEPS);
}
