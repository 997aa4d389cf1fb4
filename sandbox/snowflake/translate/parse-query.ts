import type { Variables } from "../context.ts";
import { syntaxError, unsupported } from "../errors.ts";
import { parseName, quoteIdentifier } from "../grammar/identifiers.ts";
import { parser, type Token, type Tree, tokensOf } from "./ast.ts";

/** A query's text made fit for the parser, and its tree. */
export interface ParsedQuery {
  /** The text that was parsed: placeholders are numbered, stages have stand-ins. */
  text: string;
  tree: Tree;
  /** What stood in FROM as `@stage/path (options)`: the table named "@0" is the first of them, and so on. */
  stages: string[];
}

const stagePattern =
  /@(?:~|%?(?:"(?:[^"]|"")*"|[\w$]+)(?:\.%?(?:"(?:[^"]|"")*"|[\w$]+))*)(?:\/[^\s();,']*)?/y;
const optionsPattern = /\s*\(\s*(?:FILE_FORMAT|PATTERN)\b/iy;

/** Parses one query or DML statement. Throws 001003 with line and position of what is wrong. */
export async function parseQuery(sql: string, variables?: Variables): Promise<ParsedQuery> {
  const { parse, Dialect } = await parser();
  const tokens = await tokensOf(sql);
  if (!tokens) throw positioned(sql, 1, 1);
  const stages: string[] = [];
  const parts: string[] = [];
  let copied = 0;
  let placeholders = 0;
  for (const [index, { kind, text, start }] of tokens.entries()) {
    if (start < copied) continue;
    const named = /^IDENTIFIER$/i.test(text) && namedBy(tokens, index, variables);
    if (named) {
      parts.push(sql.slice(copied, start), named.name);
      copied = named.end;
      continue;
    }
    // The parser knows STRING, but not with a length.
    if (/^STRING$/i.test(text) && /\w/.test(sql[start] ?? "") && tokens[index + 1]?.text === "(") {
      parts.push(sql.slice(copied, start), "VARCHAR");
      copied = start + text.length;
      continue;
    }
    // "?::" is one word to the parser.
    if ((text === "?" && (kind === "PARAMETER" || kind === "PLACEHOLDER")) || kind === "Q_D_COLON") {
      parts.push(sql.slice(copied, start), `:${++placeholders}`);
      copied = start + 1;
    } else if (
      kind === "STRING" &&
      text.startsWith("@") &&
      /^(FROM|JOIN)$/i.test(tokens[index - 1]?.text ?? "")
    ) {
      const end = endOfOptions(sql, (tokens[index] as Token).end);
      parts.push(sql.slice(copied, start), `"@${stages.length}"`);
      stages.push(sql.slice(start, end));
      copied = end;
    } else if (sql[start] === "@") {
      stagePattern.lastIndex = start;
      const match = stagePattern.exec(sql);
      if (!match) continue;
      const end = endOfOptions(sql, stagePattern.lastIndex);
      parts.push(sql.slice(copied, start), `"@${stages.length}"`);
      stages.push(sql.slice(start, end));
      copied = end;
    }
  }
  const text = parts.join("") + sql.slice(copied);
  const parsed = parse(text, Dialect.Snowflake);
  // The parser guards itself against texts that would exhaust its stack.
  if (parsed.error?.includes("E_GUARD")) throw unsupported("expressions or queries nested this deeply");
  if (!parsed.success)
    throw positioned(text, parsed.errorLine ?? 1, parsed.errorColumn ?? 1, parsed.errorStart);
  const [tree, second] = parsed.ast as Tree[];
  if (second !== undefined || tree === undefined) throw positioned(text, 1, 1);
  return { text, tree, stages };
}

/** IDENTIFIER('name') and IDENTIFIER(:variable): the name in quotes, as the parser reads it. */
function namedBy(
  tokens: readonly Token[],
  index: number,
  variables: Variables | undefined,
): { name: string; end: number } | undefined {
  const [open, ...inside] = tokens.slice(index + 1, index + 5);
  if (open?.text !== "(") return undefined;
  const [first, second, third] = inside;
  const [text, close] =
    first?.kind === "STRING"
      ? [first.text, second]
      : first?.text === ":" && second
        ? [variables?.value(second.text.toUpperCase())?.value, third]
        : [];
  const parts = typeof text === "string" ? parseName(text) : null;
  return parts && close?.text === ")"
    ? { name: parts.map(quoteIdentifier).join("."), end: close.end }
    : undefined;
}

function endOfOptions(sql: string, from: number): number {
  optionsPattern.lastIndex = from;
  if (!optionsPattern.test(sql)) return from;
  let depth = 0;
  for (let index = from; index < sql.length; index++) {
    const character = sql[index];
    if (character === "'") index = sql.indexOf("'", index + 1);
    if (index < 0) break;
    if (character === "(") depth += 1;
    if (character === ")" && --depth === 0) return index + 1;
  }
  throw syntaxError(1, from, "<EOF>");
}

function positioned(text: string, line: number, column: number, start?: number) {
  const found =
    start === undefined ? "" : (/^(?:"[^"]*"|'[^']*'|\w+|\S)/.exec(text.slice(start))?.[0] ?? "<EOF>");
  const position = start === undefined ? column - 1 : start - (text.lastIndexOf("\n", start - 1) + 1);
  return syntaxError(line, Math.max(0, position), found || "<EOF>");
}
