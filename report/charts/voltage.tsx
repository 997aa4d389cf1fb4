/** Rows of the load by voltage, with the normal band. */
import { max, range } from "d3-array";
import { scaleLinear } from "d3-scale";
import { number, percent } from "../../components/format.ts";
import { Behind, Section } from "../parts/section.tsx";
import type { Report } from "../schema.ts";
import { voltageShares, voltageWords } from "../words.ts";
import { box, Chart, LeftAxis, round } from "./axis.tsx";
import { short } from "./days.tsx";

const WIDTH = 584;
const PLOT = { left: 52, right: WIDTH - 8, top: 30, bottom: 178 };
const MOST_BINS = 60;
/** Volts on both sides of the band; what lies farther off is counted in the outermost bins. */
const MARGIN = 12;

interface Bin {
  from: number;
  to: number;
  rows: number;
  words: string;
}

export function Voltage({ report }: { report: Report }) {
  const { min, max: top, minShare } = report.voltage;
  const bins = binsOf(report);
  const x = scaleLinear([bins[0]?.from ?? min, bins.at(-1)?.to ?? top], [PLOT.left, PLOT.right]);
  const y = scaleLinear([0, max(bins, ({ rows }) => rows) || 1], [PLOT.bottom, PLOT.top]).nice(3);
  const bars = (of: (bin: Bin) => boolean) =>
    bins
      .filter((bin) => of(bin) && bin.rows > 0)
      .map(({ from, to, rows }) => box(x(from) + 0.5, y(rows), x(to) - x(from) - 1, PLOT.bottom - y(rows)))
      .join("");
  const inside = ({ from, to }: Bin) => from >= min && to <= top + 1;
  const { below, within, above, without, all } = voltageShares(report);
  const shareOf = (rows: number) => percent(all === 0 ? 0 : rows / all);
  return (
    <Section
      id="voltage"
      kind="Voltage"
      finding={voltageWords(report)}
      note={
        <>
          Rows of this load by whole volts; the shaded band, {min} to {top} V, must hold {percent(minShare)}.
          {without > 0 && ` ${number(without)} rows without a voltage count as outside.`}
        </>
      }
    >
      <Chart of="voltage" width={WIDTH} height={212}>
        <path
          class="f-band"
          d={box(x(min), PLOT.top - 18, x(top + 1) - x(min), PLOT.bottom - PLOT.top + 18)}
        />
        <LeftAxis scale={y} from={PLOT.left} to={PLOT.right} ticks={3} words={short} />
        <path class="f-bar" d={bars(inside)} />
        <path class="f-out" d={bars((bin) => !inside(bin))} />
        <g class="axis">
          <text class="middle strong" x={round((x(min) + x(top + 1)) / 2)} y={PLOT.top - 5}>
            {shareOf(within)}
          </text>
          <text x={PLOT.left + 2} y={PLOT.top - 5}>{`${shareOf(below)} below`}</text>
          <text class="end" x={PLOT.right} y={PLOT.top - 5}>{`${shareOf(above)} above`}</text>
          {x.ticks(8).map((volts) => (
            <text key={volts} class="middle" x={round(x(volts + 0.5))} y={PLOT.bottom + 15}>
              {volts}
            </text>
          ))}
          <text class="middle" x={(PLOT.left + PLOT.right) / 2} y={PLOT.bottom + 31}>
            volts
          </text>
        </g>
      </Chart>
      <Behind
        caption="rows by voltage, most first"
        rows={bins.filter(({ rows }) => rows > 0).toSorted((one, other) => other.rows - one.rows)}
        columns={[
          { title: "Volts", cell: ({ words }) => words },
          { title: "Rows", number: true, cell: ({ rows }) => number(rows) },
          { title: "Share", number: true, cell: ({ rows }) => shareOf(rows) },
        ]}
      />
    </Section>
  );
}

function binsOf({ voltage: { bins, min, max: top } }: Report): Bin[] {
  if (bins.length === 0) return [];
  const first = Math.floor(Math.max(bins[0]?.volts ?? min, min - MARGIN));
  const last = Math.floor(Math.min(bins.at(-1)?.volts ?? top, top + MARGIN));
  const [from, to] = [Math.min(first, min - 1), Math.max(last, top + 1)];
  const step = Math.ceil((to - from + 1) / MOST_BINS);
  return range(from, to + 1, step).map((start) => {
    const [isFirst, isLast] = [start === from, start + step > to];
    const rows = bins
      .filter(({ volts }) => (isFirst || volts >= start) && (isLast || volts < start + step))
      .reduce((sum, bin) => sum + bin.rows, 0);
    const own = step === 1 ? String(start) : `${start} to ${start + step - 1}`;
    const words =
      isFirst && (bins[0]?.volts ?? start) < start
        ? `${start + step - 1} or less`
        : isLast && (bins.at(-1)?.volts ?? start) >= start + step
          ? `${start} or more`
          : own;
    return { from: start, to: start + step, rows, words };
  });
}
