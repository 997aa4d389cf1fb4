import type { Bind } from "../context.ts";
import { SnowflakeError, unsupported } from "../errors.ts";
import { quoteLiteral } from "./identifiers.ts";
import { lexemes } from "./lexer.ts";

/**
 * A statement that is no query with its bound values in place, as in CREATE STAGE IDENTIFIER(?): its grammar knows
 * nothing of placeholders. Those of a query in it are left to the query.
 */
export function withBinds(sql: string, binds: ReadonlyMap<string, Bind>): string {
  if (binds.size === 0) return sql;
  let text = "";
  let [placed, left, depth] = [0, 0, 0];
  let query = Number.POSITIVE_INFINITY;
  for (const { kind, start, end } of lexemes(sql)) {
    const lexeme = sql.slice(start, end);
    if (lexeme === "(") depth += 1;
    if (lexeme === ")") depth -= 1;
    if (depth < query) query = Number.POSITIVE_INFINITY;
    if (kind === "word" && /^(SELECT|WITH)$/i.test(lexeme)) query = Math.min(query, depth);
    const isPlace = kind === "symbol" && lexeme === "?";
    if (isPlace && depth >= query) left += 1;
    text += isPlace && depth < query ? literal(binds.get(String(++placed))) : lexeme;
  }
  if (placed > 0 && left > 0) throw unsupported("bound values both in and outside of a statement's query");
  return text;
}

function literal(bind: Bind | undefined): string {
  if (!bind) {
    throw new SnowflakeError("002049", "42601", "SQL compilation error:\nBind variable ? not set.");
  }
  if (Array.isArray(bind.value)) throw unsupported("arrays of bound values in this statement");
  if (bind.value === null) return "NULL";
  const plain = bind.type === "FIXED" || bind.type === "BOOLEAN";
  return plain ? bind.value : quoteLiteral(bind.value.replaceAll("\\", "\\\\"));
}
