import { isUnknown } from "./values.ts";

/** One value that differs, at the deepest level that does. */
export interface PropertyChange {
  /** E.g. `columns[2].type`, or within a JSON text `policy → Statement[0].Action`. */
  readonly path: string;
  /** Undefined when it is added. */
  readonly before?: unknown;
  /** Undefined when it is removed. */
  readonly after?: unknown;
}

/** Every difference between two values, leaf by leaf; JSON texts are compared by what they hold. */
export function diffValues(before: unknown, after: unknown, path = ""): PropertyChange[] {
  if (Object.is(before, after)) return [];
  if (isUnknown(after)) return [{ path, before, after }];
  const [left, right] = [jsonIn(before), jsonIn(after)];
  if (left !== undefined && right !== undefined) return diffValues(left, right, `${path} → `);
  if (Array.isArray(before) && Array.isArray(after)) {
    return Array.from({ length: Math.max(before.length, after.length) }, (_, index) =>
      diffValues(before[index], after[index], `${path}[${index}]`),
    ).flat();
  }
  if (isRecord(before) && isRecord(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => diffValues(before[key], after[key], join(path, key)));
  }
  return [{ path, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }];
}

function join(path: string, key: string): string {
  const plain = /^[\w$-]+$/.test(key) ? key : JSON.stringify(key);
  if (path === "" || path.endsWith("→ ")) return `${path}${plain}`;
  return plain === key ? `${path}.${key}` : `${path}[${plain}]`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object or array that a text holds, if it holds one. */
function jsonIn(value: unknown): unknown {
  if (typeof value !== "string" || !/^\s*[{[]/.test(value)) return undefined;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}
