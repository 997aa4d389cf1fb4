/** Axes, and what charts have in common. Everything is drawn in the SVG's own units: no text is ever measured. */
import type { ScaleLinear } from "d3-scale";
import type { ComponentChildren } from "preact";

interface ChartProps {
  /** The finding that the picture shows, by its section's ID. */
  of: string;
  width: number;
  height: number;
  children: ComponentChildren;
}

export function Chart({ of, width, height, children }: ChartProps) {
  return (
    // biome-ignore lint/a11y/noSvgWithoutTitle: the section's heading, by its ID
    <svg class="chart" viewBox={`0 0 ${width} ${height}`} role="img" aria-labelledby={`${of}-finding`}>
      {children}
    </svg>
  );
}

/** A rectangle as a part of a path: thousands of them make one element. */
export const box = (x: number, y: number, width: number, height: number) =>
  `M${round(x)} ${round(y)}h${round(width)}v${round(height)}h${round(-width)}z`;
export const round = (value: number) => Math.round(value * 100) / 100;

interface AxisProps {
  scale: ScaleLinear<number, number>;
  from: number;
  to: number;
  ticks: number;
  words: (value: number) => string;
}

/** Lines from left to right, with their values at the left. */
export function LeftAxis({ scale, from, to, ticks, words }: AxisProps) {
  const values = scale.ticks(ticks);
  return (
    <g class="axis">
      <path class="grid" d={values.map((value) => `M${from} ${round(scale(value))}H${to}`).join("")} />
      {values.map((value) => (
        <text key={value} class="end" x={from - 6} y={round(scale(value)) + 4}>
          {words(value)}
        </text>
      ))}
    </g>
  );
}

interface DayTicksProps {
  days: readonly { day: string }[];
  x: (index: number) => number;
  y: number;
  /** Lines reach up to here. */
  top: number;
}

const monthFormat = new Intl.DateTimeFormat("en-GB", { month: "short", timeZone: "UTC" });
const dayFormat = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

/** Months where there are many days, else days. */
export function DayTicks({ days, x, y, top }: DayTicksProps) {
  const months = days.length > 62;
  const step = Math.ceil(days.length / 12);
  const at = (index: number) => new Date(`${days[index]?.day}T00:00:00Z`);
  const ticks = days
    .map((_, index) => index)
    .filter((index) => (months ? at(index).getUTCDate() === 1 : index % step === 0));
  const thinned = ticks.filter((_, index) => index % Math.ceil(ticks.length / 14) === 0);
  return (
    <g class="axis">
      <path class="grid" d={thinned.map((index) => `M${round(x(index))} ${top}V${y + 4}`).join("")} />
      {thinned.map((index) => (
        <text key={index} x={round(x(index)) + 3} y={y + 14}>
          {months
            ? `${monthFormat.format(at(index))}${at(index).getUTCMonth() === 0 || index === thinned[0] ? ` ${at(index).getUTCFullYear()}` : ""}`
            : dayFormat.format(at(index))}
        </text>
      ))}
    </g>
  );
}
