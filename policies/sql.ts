/**
 * Just enough of SQL's lexical rules to judge a statement by its words: comments gone, quoted text kept apart.
 */

/** A word (upper case), a quoted text, or a single other character. */
export interface Token {
  readonly kind: "word" | "quoted" | "sign";
  readonly text: string;
}

const LEXEME =
  /\s+|--[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/|('(?:[^'\\]|''|\\[\s\S])*'|"(?:[^"]|"")*"|\$\$[\s\S]*?\$\$)|([A-Za-z_][A-Za-z0-9_$]*)|([\s\S])/g;

/** Splits SQL text into tokens. */
export function tokens(sql: string): Token[] {
  const found: Token[] = [];
  for (const [, quoted, word, sign] of sql.matchAll(LEXEME)) {
    if (quoted !== undefined) found.push({ kind: "quoted", text: quoted });
    if (word !== undefined) found.push({ kind: "word", text: word.toUpperCase() });
    if (sign !== undefined) found.push({ kind: "sign", text: sign });
  }
  return found;
}
