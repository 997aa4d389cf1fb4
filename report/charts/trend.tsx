/** The loads up to this one: four small pictures on one scale of loads. */
import { max } from "d3-array";
import { scaleLinear, scalePoint } from "d3-scale";
import { duration, number } from "../../components/format.ts";
import { Behind, Scroll, Section } from "../parts/section.tsx";
import type { Report } from "../schema.ts";
import { trendWords } from "../words.ts";
import { Chart, LeftAxis, round } from "./axis.tsx";
import { short } from "./days.tsx";

type Run = Report["trend"][number];
const WIDTH = 1200;
const PANEL = { width: 288, gap: 16, left: 46, top: 30, bottom: 104 };
const PANELS: readonly { title: string; of: (run: Run) => number; words: (value: number) => string }[] = [
  { title: "Rows in the table", of: ({ totalRows }) => totalRows, words: short },
  { title: "Rows rejected, of all its files", of: ({ rowsRejected }) => rowsRejected, words: short },
  { title: "Seconds", of: ({ seconds }) => seconds, words: short },
  { title: "Credits", of: ({ credits }) => credits, words: (value) => String(round(value)) },
];

const CIRCLE = "m-3 0a3 3 0 1 0 6 0a3 3 0 1 0 -6 0";
const MARKS: readonly { name: string; className: string; mark: string; of: (outcome: string) => boolean }[] =
  [
    { name: "published", className: "f-bar", mark: CIRCLE, of: (outcome) => outcome === "published" },
    {
      name: "refused",
      className: "cross",
      mark: "m-4 -4l8 8m0 -8l-8 8",
      of: (outcome) => outcome === "refused",
    },
    {
      name: "neither",
      className: "ring",
      mark: CIRCLE,
      of: (outcome) => outcome !== "published" && outcome !== "refused",
    },
  ];

export function Trend({ report }: { report: Report }) {
  const { trend } = report;
  return (
    <Section
      id="trend"
      kind="Trend"
      finding={trendWords(report)}
      note={
        <>
          From the earliest, left, to this load, right.
          {MARKS.map(({ name, className, mark }) => (
            <span key={name} class="mark">
              <svg class="swatch plain" viewBox="-6 -6 12 12" aria-hidden="true">
                <path class={className} d={`M0 0${mark}`} />
              </svg>
              {name}
            </span>
          ))}
        </>
      }
      wide
    >
      {trend.length > 1 && (
        <Scroll label="Trend, picture">
          <Chart of="trend" width={WIDTH} height={122}>
            {PANELS.map((panel, index) => (
              <Panel key={panel.title} {...panel} trend={trend} left={index * (PANEL.width + PANEL.gap)} />
            ))}
          </Chart>
        </Scroll>
      )}
      <Behind
        caption="loads, latest first"
        rows={trend.toReversed()}
        columns={[
          { title: "Load", code: true, cell: ({ id }) => id },
          { title: "Began (UTC)", cell: ({ startedAt }) => startedAt.replace("T", " ") },
          { title: "Outcome", cell: ({ outcome }) => outcome },
          { title: "Files", number: true, cell: ({ filesLoaded }) => number(filesLoaded) },
          { title: "Rows in the table", number: true, cell: ({ totalRows }) => number(totalRows) },
          { title: "Rejected", number: true, cell: ({ rowsRejected }) => number(rowsRejected) },
          { title: "Time", number: true, cell: ({ seconds }) => duration(seconds) },
          { title: "Credits", number: true, cell: ({ credits }) => credits },
        ]}
      />
    </Section>
  );
}

function Panel({
  title,
  of,
  words,
  trend,
  left,
}: (typeof PANELS)[number] & { trend: readonly Run[]; left: number }) {
  const x = scalePoint(
    trend.map(({ id }) => id),
    [left + PANEL.left + 8, left + PANEL.width - 8],
  );
  const y = scaleLinear([0, max(trend, of) || 1], [PANEL.bottom, PANEL.top]).nice(3);
  const at = (run: Run) => `${round(x(run.id) ?? 0)} ${round(y(of(run)))}`;
  return (
    <g>
      <text class="strong" x={left} y={14}>
        {title}
      </text>
      <LeftAxis scale={y} from={left + PANEL.left} to={left + PANEL.width} ticks={3} words={words} />
      <path class="thin" d={`M${trend.map(at).join("L")}`} />
      {MARKS.map(({ name, className, mark, of: isOf }) => (
        <path
          key={name}
          class={className}
          d={trend
            .filter(({ outcome }) => isOf(outcome))
            .map((run) => `M${at(run)}${mark}`)
            .join("")}
        />
      ))}
    </g>
  );
}
