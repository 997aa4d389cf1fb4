/** Values that meet: compared with one another, or chosen between. */
import { convert, isMoment } from "../functions/casts.ts";
import { together } from "../functions/function-context.ts";
import { requireListSize } from "../limits.ts";
import type { ColumnType } from "../result.ts";
import { call, nothing, type Tree } from "./ast.ts";
import { isSemistructured } from "./common-type.ts";
import type { Translation } from "./translation.ts";

const BOOLEAN: ColumnType = { type: "boolean" };
const LTZ: ColumnType = { type: "timestamp_ltz", scale: 9 };

/** CASE answers with the type that its branches have together. */
export function chosen(t: Translation, body: Tree): Tree {
  const branches = [...body.whens.map(([, value]: Tree[]) => value), body.else_ ?? nothing()];
  const { values, type } = together(branches, (each) => t.typeOf(each));
  const whens = body.whens.map(([condition]: Tree[], index: number) => [
    body.operand ? comparable(t, condition, body.operand) : condition,
    values[index],
  ]);
  return t.typed({ case: { ...body, whens, else_: body.else_ ? values.at(-1) : null } }, type);
}

/** A value as it is compared with another: a VARIANT, a zoned moment or a text as what it meets. */
function comparable(t: Translation, value: Tree, other: Tree): Tree {
  const [type, met] = [t.typeOf(value), t.typeOf(other)];
  if (!type || !met) return value;
  if (type.type === "timestamp_tz" || met.type === "timestamp_tz") {
    return isMoment(type) || type.type === "text" ? convert(value, LTZ, type) : value;
  }
  // A number that is not zero is true (docs: Data type conversion).
  if (met.type === "boolean" && (type.type === "fixed" || type.type === "real"))
    return convert(value, BOOLEAN, type);
  if (isSemistructured(type) && !isSemistructured(met)) {
    if (met.type === "fixed" || met.type === "real") return call("sf_try_float", value);
    return met.type === "text" ? call("sf_text", value) : convert(value, met, type);
  }
  if (type.type === "text" && !value.literal && met.type !== "text" && !isSemistructured(met)) {
    return met.type === "fixed" ? call("sf_float", value) : convert(value, met, type);
  }
  return value;
}

export function compared(t: Translation, node: Tree, kind: string, body: Tree): Tree {
  const left = comparable(t, body.left, body.right);
  const right = comparable(t, body.right, body.left);
  return left === body.left && right === body.right ? node : { [kind]: { ...body, left, right } };
}

export const betweenBounds = (t: Translation, body: Tree): Tree => ({
  between: {
    ...body,
    this: comparable(t, body.this, body.low),
    low: comparable(t, body.low, body.this),
    high: comparable(t, body.high, body.this),
  },
});

export function amongOthers(t: Translation, body: Tree): Tree {
  const others: Tree[] = body.expressions ?? [];
  requireListSize(others.length);
  const one = others.find((other) => t.typeOf(other)?.type !== "text") ?? others[0];
  return {
    in: {
      ...body,
      this: comparable(t, body.this, one),
      expressions: others.map((other) => comparable(t, other, body.this)),
    },
  };
}
