import { tokensOf, upperCase } from "./ast.ts";
import type { ParsedQuery } from "./parse-query.ts";

const open = new Set(["L_PAREN", "L_BRACKET", "L_BRACE"]);
const close = new Set(["R_PAREN", "R_BRACKET", "R_BRACE"]);

/**
 * The texts of the columns of a statement's outermost (first) SELECT, as they were written but in upper case:
 * Snowflake calls columns without a name by them.
 */
export async function columnTexts({ text }: ParsedQuery): Promise<string[]> {
  const tokens = (await tokensOf(text)) ?? [];
  let depth = 0;
  let start: number | undefined;
  const texts: string[] = [];
  const end = (at: number) => {
    if (start !== undefined) texts.push(upperCase(text.slice(start, at).trim()));
  };
  let previous = "";
  for (const token of tokens) {
    const within = previous === "WITHIN" || previous === "DISTINCT";
    const word = token.text.toUpperCase();
    previous = word;
    if (open.has(token.kind)) depth += 1;
    else if (close.has(token.kind)) depth -= 1;
    if (depth !== 0) continue;
    if (start === undefined) {
      if (token.kind === "SELECT") start = token.end;
    } else if (token.kind === "COMMA") {
      end(token.start);
      start = token.end;
    } else if (
      ["DISTINCT", "ALL"].includes(word) &&
      text.slice(start, token.start).trim() === "" &&
      texts.length === 0
    ) {
      start = token.end;
    } else if (
      /^(FROM|WHERE|GROUP|HAVING|QUALIFY|ORDER|LIMIT|UNION|INTERSECT|EXCEPT|MINUS|SEMICOLON)$/.test(word) &&
      token.kind !== "QUOTED_IDENTIFIER" &&
      // … WITHIN GROUP (ORDER BY …) and … IS DISTINCT FROM … belong to an expression.
      !within
    ) {
      end(token.start);
      return texts;
    }
  }
  end(text.length);
  return texts;
}
