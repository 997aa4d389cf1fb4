import { duckdbType, MAX_TEXT } from "../engine/types.ts";
import type { ColumnType } from "../result.ts";
import { castTo, isPlaceholder, parenthesised, type Tree } from "../translate/ast.ts";
import { isSemistructured } from "../translate/common-type.ts";
import { convert } from "./casts.ts";

type TypeOf = (tree: Tree) => ColumnType | undefined;

const REAL: ColumnType = { type: "real" };
const TEXT: ColumnType = { type: "text", length: MAX_TEXT };

export interface Operand {
  tree: Tree;
  type: ColumnType | undefined;
}

/**
 * What a text or a VARIANT counts as where numbers are wanted (docs: Data type conversion, Implicit casting): beside an
 * exact number a text is one of five digits behind the point, a literal one of its own digits; all else is floating
 * point. The manual does not tell the digits (not verified). Undefined for what stays as it is.
 */
export function numberFor(value: Tree, type: ColumnType | undefined, met: ColumnType | undefined) {
  if (!type || !met) return undefined;
  const meetsNumber = met.type === "fixed" || met.type === "real" || met.type === "text";
  if (isSemistructured(type)) return meetsNumber || isSemistructured(met) ? REAL : undefined;
  if (type.type !== "text") return undefined;
  if (met.type !== "fixed") return meetsNumber || isSemistructured(met) ? REAL : undefined;
  const literal = value?.literal?.literal_type === "string" ? String(value.literal.value) : "";
  const digits = /^[+-]?\d+(?:\.(\d*))?$/.exec(literal);
  return { type: "fixed", precision: 18, scale: digits ? Math.min(18, digits[1]?.length ?? 0) : 5 } as const;
}

/** Both sides of an arithmetic operator, as it takes them. */
export function operands(a: Tree, b: Tree, typeOf: TypeOf): [Operand, Operand] {
  // Bound text has no type of its own.
  const [from, by] = [a, b].map((value) => typeOf(value) ?? (isPlaceholder(value) ? TEXT : undefined));
  return [taken(a, from, by), taken(b, by, from)];
}

function taken(value: Tree, type: ColumnType | undefined, met: ColumnType | undefined): Operand {
  const number = numberFor(value, type, met);
  return number ? { tree: convert(value, number, type), type: number } : { tree: value, type };
}

/** A product in its type, where DuckDB keeps more digits (that they are rounded, and not cut, is not verified). */
export function inScale(
  tree: Tree,
  { type: a }: Operand,
  { type: b }: Operand,
  type: ColumnType | undefined,
) {
  const isExact = tree.mul && a?.type === "fixed" && b?.type === "fixed" && type?.type === "fixed";
  return isExact && type.scale < a.scale + b.scale ? castTo(parenthesised(tree), duckdbType(type)) : tree;
}

/** Functions over numbers that the parser has kinds for. */
export const overNumbers: ReadonlySet<string> = new Set(
  "sum avg stddev stddev_pop stddev_samp variance var_pop var_samp median abs sqrt ln exp neg".split(" "),
);

/** A value as a floating-point number, if it is text or a VARIANT. */
export function floating(value: Tree, typeOf: TypeOf): Operand {
  const type = typeOf(value);
  return type && (type.type === "text" || isSemistructured(type))
    ? { tree: convert(value, REAL, type), type: REAL }
    : { tree: value, type };
}
