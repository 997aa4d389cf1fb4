import { syntaxError } from "../errors.ts";
import type { Statement } from "./statement.ts";

/** Skeleton until the grammar is here. */
export const parse = (sql: string): Statement => {
  const text = sql.trim().replace(/;$/, "");
  if (/^(select|with)\b/i.test(text)) return { kind: "query", sql: text };
  throw syntaxError(1, 0, text.split(/\s/)[0] ?? "");
};
