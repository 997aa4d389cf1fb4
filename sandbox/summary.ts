import type { Steps } from "./steps.ts";

/** What the stack's `load` output says of the last load. */
interface Load {
  verdict?: string;
  filesLoaded?: number;
  rowsRejected?: number;
  totalRows?: number;
  minTimestamp?: string;
  maxTimestamp?: string;
  uniqueMeters?: number;
}

const NEXT = [
  ["make sql", "a console on the readings"],
  [". .sandbox/env.sh && pulumi preview -s sandbox", "nothing to change"],
  ["make down", "stop it; its state stays"],
] as const;

const count = (value: number | undefined, one: string, many = `${one}s`) =>
  `${(value ?? 0).toLocaleString("en-US")} ${value === 1 ? one : many}`;
const day = (moment: string | undefined) => (moment ?? "").slice(0, 10);

/** The last screen: the verdict, where the report is, and what to type next. */
export function summary(
  { load }: Record<string, unknown>,
  report: string,
  steps: Pick<Steps, "style">,
): string {
  const {
    verdict = "",
    filesLoaded,
    rowsRejected,
    totalRows,
    minTimestamp,
    maxTimestamp,
    uniqueMeters,
  } = (load ?? {}) as Load;
  const width = Math.max(...NEXT.map(([command]) => command.length));
  return [
    steps.style("bold", `Up, and ${verdict}.`),
    `${count(totalRows, "reading")} of ${count(uniqueMeters, "meter")}, ${day(minTimestamp)} to ${day(maxTimestamp)}, ` +
      `from ${count(filesLoaded, "file")}; ${count(rowsRejected, "row")} rejected.`,
    `The report: ${report}`,
    "",
    ...NEXT.map(
      ([command, about]) =>
        `  ${steps.style("cyan", command.padEnd(width))}  ${steps.style("dim", `# ${about}`)}`,
    ),
  ].join("\n");
}
