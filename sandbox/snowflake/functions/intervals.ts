import { type Tree, text } from "../translate/ast.ts";
import { invalidArguments } from "./casts.ts";
import { partOf } from "./date-parts.ts";

/**
 * INTERVAL '1 day, 2 hours' for DuckDB: without commas, and its parts by their whole names; a number without a part
 * counts seconds (docs: Date & time data types, Interval constants).
 */
export function interval(node: Tree): Tree {
  const { this: value, unit } = node.interval;
  if (unit || value?.literal?.literal_type !== "string") return node;
  const written = String(value.literal.value);
  const spans = written.split(",").map((each) => {
    const [, count, part] = /^\s*([+-]?\d+)\s*(\w*)\s*$/.exec(each) ?? [];
    if (count === undefined) throw invalidArguments("INTERVAL", `'${written}'`);
    return `${count} ${part ? partOf(text(part), "INTERVAL") : "second"}`;
  });
  return { interval: { ...node.interval, this: text(spans.join(" ")) } };
}

/** Whether what is added to a date leaves it one. */
export const isWholeDays = (tree: Tree): boolean =>
  /^(?:[+-]?\d+ (?:year|quarter|month|week|day) ?)+$/.test(tree?.interval?.this?.literal?.value ?? "");
