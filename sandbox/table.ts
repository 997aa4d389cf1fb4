const WIDEST = 60;

/** Rows as a table for a terminal: columns aligned, numbers to the right, what is long cut short. */
export function table(rows: readonly Record<string, unknown>[]): string {
  const names = Object.keys(rows[0] ?? {});
  const cells = rows.map((row) => names.map((name) => cell(row[name])));
  const columns = names.map((name, index) => {
    const texts = cells.map((line) => line[index] ?? "");
    return {
      width: Math.max(...[name, ...texts].map((text) => [...text].length)),
      numbers: texts.every((text) => text === "NULL" || /^-?\d+(\.\d+)?$/.test(text)),
    };
  });
  const line = (texts: readonly string[]) =>
    texts
      .map((text, index) => {
        const { width = 0, numbers = false } = columns[index] ?? {};
        const space = " ".repeat(Math.max(0, width - [...text].length));
        return numbers ? space + text : text + space;
      })
      .join("  ")
      .trimEnd();
  return [line(names), columns.map(({ width }) => "─".repeat(width)).join("  "), ...cells.map(line)].join(
    "\n",
  );
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return "NULL";
  const text = (typeof value === "object" ? JSON.stringify(value) : String(value)).replace(/\s*\n\s*/g, " ");
  return [...text].length > WIDEST ? `${[...text].slice(0, WIDEST - 1).join("")}…` : text;
}
