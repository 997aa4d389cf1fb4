/** Window functions: what stands around OVER, and its frame. */
import { call, kindOf, type Tree } from "./ast.ts";
import type { Translation } from "./translation.ts";

/** Functions that look at the whole partition unless a frame is named (docs: FIRST_VALUE, LAST_VALUE, NTH_VALUE). */
const lasting = new Set(["first_value", "last_value", "nth_value"]);
const wholePartition = {
  kind: "Rows",
  start: "UnboundedPreceding",
  end: "UnboundedFollowing",
  exclude: null,
};

/** What was put around an aggregate has to stand around its OVER clause. */
export function aroundWindow(t: Translation, node: Tree): Tree {
  const { this: inner } = node.window_function;
  const type = t.typeOf(inner);
  const window = (aggregate: Tree): Tree => ({
    window_function: { ...node.window_function, this: aggregate },
  });
  if (inner.function?.name === "sf_ratio") {
    const [value] = inner.function.args;
    return t.typed(call("sf_divide", value, window(call("sum", value))), type);
  }
  if (inner.cast) return t.typed({ cast: { ...inner.cast, this: window(inner.cast.this) } }, type);
  if (lasting.has(kindOf(inner) ?? "") && !node.window_function.over.frame) {
    const over = { ...node.window_function.over, frame: wholePartition };
    return t.typed({ window_function: { ...node.window_function, over } }, type);
  }
  if (inner.function && ["to_json", "coalesce"].includes(inner.function.name)) {
    const [first, ...rest] = inner.function.args;
    return t.typed(call(inner.function.name, window(first), ...rest), type);
  }
  return t.typed(node, type);
}
