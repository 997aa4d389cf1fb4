import type { ColumnType } from "../result.ts";

/** The type that values of several types have together, as in CASE; undefined where that is not known. */
export function commonType(types: readonly (ColumnType | undefined)[]): ColumnType | undefined {
  let common: ColumnType | undefined;
  for (const type of types) {
    if (!type) return undefined;
    common = common ? both(common, type) : type;
    if (!common) return undefined;
  }
  return common;
}

function both(a: ColumnType, b: ColumnType): ColumnType | undefined {
  if (a.type === "fixed" && b.type === "fixed") {
    const scale = Math.max(a.scale, b.scale);
    const whole = Math.max(a.precision - a.scale, b.precision - b.scale);
    return { type: "fixed", precision: Math.min(38, whole + scale), scale };
  }
  if (isNumber(a) && isNumber(b)) return { type: "real" };
  if (isSemistructured(a) || isSemistructured(b)) return a.type === b.type ? a : { type: "variant" };
  if ("length" in a && "length" in b && a.type === b.type) return a.length > b.length ? a : b;
  if ("scale" in a && "scale" in b && a.type === b.type) return a.scale > b.scale ? a : b;
  if (a.type === b.type) return a;
  if (a.type === "date" && b.type.startsWith("timestamp")) return b;
  if (b.type === "date" && a.type.startsWith("timestamp")) return a;
  return undefined;
}

const isNumber = (type: ColumnType): boolean => type.type === "fixed" || type.type === "real";

export const isSemistructured = (type: ColumnType): boolean =>
  type.type === "variant" || type.type === "object" || type.type === "array";
