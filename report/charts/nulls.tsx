/** Share of a load's rows without a value, column by column. */
import { max } from "d3-array";
import { scaleLinear } from "d3-scale";
import { number, percent } from "../../components/format.ts";
import { Behind, Section } from "../parts/section.tsx";
import type { Report } from "../schema.ts";
import { nullWords } from "../words.ts";
import { box, Chart, round } from "./axis.tsx";

const WIDTH = 584;
const ROW = 22;
const PLOT = { left: 176, right: WIDTH - 70, top: 22 };

export function Nulls({ report }: { report: Report }) {
  const { nulls, newRows } = report;
  const columns = nulls.columns.map((one) => ({ ...one, share: newRows === 0 ? 0 : one.rows / newRows }));
  const x = scaleLinear(
    [0, Math.max(nulls.maxShare * 1.3, max(columns, ({ share }) => share) ?? 0, 0.001)],
    [PLOT.left, PLOT.right],
  );
  const bottom = PLOT.top + columns.length * ROW;
  const y = (index: number) => PLOT.top + index * ROW;
  const bars = (of: (share: number) => boolean) =>
    columns
      .map(({ share }, index) =>
        share > 0 && of(share)
          ? box(PLOT.left, y(index) + 4, Math.max(1, x(share) - PLOT.left), ROW - 8)
          : "",
      )
      .join("");
  return (
    <Section
      id="nulls"
      kind="Missing values"
      finding={nullWords(report)}
      note={`Share of this load's ${number(newRows)} rows that are NULL. Dashed: ${percent(nulls.maxShare)}, the most that is accepted outside the key.`}
    >
      <Chart of="nulls" width={WIDTH} height={bottom + 8}>
        <path class="grid" d={columns.map((_, index) => `M0 ${y(index + 1)}H${WIDTH}`).join("")} />
        <path class="f-bar" d={bars((share) => share <= nulls.maxShare)} />
        <path class="f-out" d={bars((share) => share > nulls.maxShare)} />
        <path class="limit" d={`M${round(x(nulls.maxShare))} ${PLOT.top - 6}V${bottom}`} />
        <g class="axis">
          <text class="middle" x={round(x(nulls.maxShare))} y={PLOT.top - 10}>
            {percent(nulls.maxShare)}
          </text>
          {columns.map(({ column, share }, index) => (
            <>
              <text x={0} y={y(index) + 15}>
                {column}
              </text>
              <text class="end" x={WIDTH} y={y(index) + 15}>
                {percent(share)}
              </text>
            </>
          ))}
        </g>
      </Chart>
      <Behind
        caption="NULLs by column"
        rows={columns}
        columns={[
          { title: "Column", cell: ({ column }) => column },
          { title: "Rows", number: true, cell: ({ rows }) => number(rows) },
          { title: "Share", number: true, cell: ({ share }) => percent(share) },
        ]}
      />
    </Section>
  );
}
