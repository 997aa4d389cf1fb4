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
  t: Translation,
  kind: string,
  left: Tree,
  right: Tree,
): ColumnType | undefined {
  const [a, b] = [t.typeOf(left), t.typeOf(right)];
  if (!a || !b) return a?.type === "date" ? undefined : a?.type.startsWith("timestamp") ? a : undefined;
  if (a.type === "real" || b.type === "real") return { type: "real" };
  if (a.type !== "fixed" || b.type !== "fixed") {
    return a.type === "date" && b.type === "fixed" ? a : undefined;
  }
  const scale = kind === "mul" ? Math.min(a.scale + b.scale, 37) : Math.max(a.scale, b.scale);
  return { type: "fixed", precision: 38, scale };
}

/** What is known of the type of a node that DuckDB has as it is. */
export function plainType(t: Translation, kind: string, body: Tree): ColumnType | undefined {
  switch (kind) {
    case "count":
    case "approx_distinct":
    case "row_number":
    case "rank":
    case "dense_rank":
    case "n_tile":
      return { type: "fixed", precision: 18, scale: 0 };
    case "length":
      return { type: "fixed", precision: 18, scale: 0 };
    case "min":
    case "max":
    case "any_value":
    case "lag":
    case "lead":
    case "first_value":
    case "last_value":
    case "nth_value":
    case "mode":
    case "paren":
    case "abs":
      return t.typeOf(body.this);
    case "upper":
    case "lower":
    case "trim":
    case "initcap":
      return TEXT;
    case "median": {
      const type = t.typeOf(body.this);
      return type?.type === "fixed" ? averageScale(type, 3) : type;
    }
    case "eq":
    case "neq":
    case "lt":
    case "lte":
    case "gt":
    case "gte":
    case "and":
    case "or":
    case "not":
    case "in":
    case "between":
    case "exists":
    case "is_null":
    case "is_true":
    case "is_false":
    case "null_safe_eq":
    case "null_safe_neq":
    case "starts_with":
    case "ends_with":
    case "contains":
      return BOOLEAN;
    case "sum": {
      const type = t.typeOf(body.this);
      if (type?.type === "fixed") return { type: "fixed", precision: 38, scale: type.scale };
      return type?.type === "real" ? type : undefined;
    }
    default:
      return undefined;
  }
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
