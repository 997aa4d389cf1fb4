/** One measured figure and the limit it must keep. */
export interface Figure {
  name: string;
  value: number;
  /** "x" for a ratio. */
  unit: string;
  atMost?: number;
  atLeast?: number;
}

export const judge = ({ value, atMost = Number.POSITIVE_INFINITY, atLeast = 0 }: Figure): boolean =>
  Number.isFinite(value) && value <= atMost && value >= atLeast;

/** The figures as a table for people. */
export function table(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    judge(figure) ? "ok" : "EXCEEDED",
    figure.name,
    `${round(figure.value)} ${figure.unit}`,
    figure.atMost === undefined
      ? `at least ${round(figure.atLeast ?? 0)} ${figure.unit}`
      : `at most ${round(figure.atMost)} ${figure.unit}`,
  ]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")).join("\n");
}

/** Three digits, or whole thousands. */
export const round = (value: number) =>
  value >= 100 ? Math.round(value).toLocaleString("en-US") : Number(value.toPrecision(3)).toString();

/** Seconds that something takes. */
export async function seconds(action: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await action();
  return (performance.now() - begun) / 1000;
}
