import { MAX_TEXT } from "../engine/types.ts";
import type { ColumnType } from "../result.ts";
import type { Tree } from "./ast.ts";
import type { Translation } from "./translation.ts";

const TEXT: ColumnType = { type: "text", length: MAX_TEXT };
const BOOLEAN: ColumnType = { type: "boolean" };

/** The scale of a quotient, and of an average. */
const quotientScale = (scale: number): number => Math.max(scale, Math.min(scale + 6, 12));

/** The type of a quotient: exact where both numbers are. */
export function quotientType(a: ColumnType | undefined, b: ColumnType | undefined): ColumnType | undefined {
  if (a?.type === "fixed" && b?.type === "fixed") {
    return { type: "fixed", precision: 38, scale: quotientScale(a.scale) };
  }
  return a && b && { type: "real" };
}

/** What is known of the type of a sum, difference or product. */
export function arithmeticType(
  kind: string,
  a: ColumnType | undefined,
  b: ColumnType | undefined,
): ColumnType | undefined {
  if (!a || !b) return a?.type === "date" ? undefined : a?.type.startsWith("timestamp") ? a : undefined;
  if (a.type === "real" || b.type === "real") return { type: "real" };
  if (a.type !== "fixed" || b.type !== "fixed") {
    return a.type === "date" && b.type === "fixed" ? a : undefined;
  }
  // Docs: Arithmetic operators, "Multiplication".
  const scale =
    kind === "mul" ? Math.min(a.scale + b.scale, Math.max(a.scale, b.scale, 12)) : Math.max(a.scale, b.scale);
  return { type: "fixed", precision: 38, scale };
}

const COUNT: ColumnType = { type: "fixed", precision: 18, scale: 0 };

/** Nodes whose type does not hang on what is in them. */
const ALWAYS = new Map<string, ColumnType>([
  ...of(COUNT, "count approx_distinct row_number rank dense_rank n_tile length"),
  ...of(TEXT, "upper lower trim initcap"),
  ...of(
    BOOLEAN,
    "eq neq lt lte gt gte and or not in between exists is_null is_true is_false null_safe_eq null_safe_neq",
  ),
  ...of(BOOLEAN, "starts_with ends_with contains"),
]);

function of(type: ColumnType, kinds: string): [string, ColumnType][] {
  return kinds.split(" ").map((kind) => [kind, type]);
}

/** Nodes that have the type of what is in them. */
const SAME = new Set("min max any_value lag lead first_value last_value nth_value mode paren abs".split(" "));

/** What is known of the type of a node that DuckDB has as it is. */
export function plainType(t: Translation, kind: string, body: Tree): ColumnType | undefined {
  const always = ALWAYS.get(kind);
  if (always) return always;
  if (!SAME.has(kind) && kind !== "median" && kind !== "sum") return undefined;
  const type = t.typeOf(body.this);
  if (SAME.has(kind)) return type;
  if (kind === "median") return type?.type === "fixed" ? averageScale(type, 3) : type;
  if (type?.type === "fixed") return { type: "fixed", precision: 38, scale: type.scale };
  return type?.type === "real" ? type : undefined;
}

/** MEDIAN and PERCENTILE_CONT of exact numbers are exact, with three more digits (not verified). */
const averageScale = (type: ColumnType & { type: "fixed" }, more: number): ColumnType => ({
  type: "fixed",
  precision: 38,
  scale: Math.min(37, type.scale + more),
});

/** AVG of exact numbers is exact, with six more digits. */
export const averageType = (type: ColumnType | undefined): ColumnType | undefined =>
  type?.type === "fixed" ? { type: "fixed", precision: 38, scale: quotientScale(type.scale) } : type;
