import { unsupported } from "../errors.ts";
import type { Tree } from "../translate/ast.ts";

/** Snowflake's format elements (docs: Date and time input and output formats), longest first, with DuckDB's. */
const elements: readonly (readonly [string, string])[] = [
  ["YYYY", "%Y"],
  ["MMMM", "%B"],
  ["HH24", "%H"],
  ["HH12", "%I"],
  ["TZH:TZM", "{:}"],
  ["TZHTZM", "{o}"],
  ["FF3", "%g"],
  ["FF6", "%f"],
  ["FF9", "%n"],
  ["MON", "%b"],
  ["YY", "%y"],
  ["MM", "%m"],
  ["DD", "%d"],
  ["DY", "%a"],
  ["AM", "%p"],
  ["PM", "%p"],
  ["MI", "%M"],
  ["SS", "%S"],
  ["FF", "%n"],
];

/** A format in the words of strftime; {o} and {:} stand for the offset from UTC. */
export function strftime(format: string, name: string): string {
  let converted = "";
  for (let rest = format; rest !== ""; ) {
    const quoted = /^"([^"]*)"/.exec(rest);
    const digits = /^FF\d/i.exec(rest)?.[0].toUpperCase();
    const element = elements.find(([known]) =>
      digits === undefined ? rest.toUpperCase().startsWith(known) : known === digits,
    );
    if (quoted) converted += quoted[1]?.replaceAll("%", "%%");
    else if (element) converted += element[1];
    else if (/^(?:FF\d|TZ|[$09XSG])/i.test(rest) && !/^S/i.test(rest)) {
      throw unsupported(`${name} with the format '${format}'`);
    } else converted += rest[0] === "%" ? "%%" : rest[0];
    rest = rest.slice(quoted?.[0].length ?? element?.[0].length ?? 1);
  }
  return converted;
}

/** A format as it is written in a statement. */
export function formatText(tree: Tree, name: string): string {
  const format = literalText(tree);
  if (typeof format !== "string") throw unsupported(`${name} with a format that is not a literal`);
  return format;
}

/** A literal, or several joined by ||. */
function literalText(tree: Tree): unknown {
  if (!tree?.concat) return tree?.literal?.value;
  const [left, right] = [literalText(tree.concat.left), literalText(tree.concat.right)];
  return typeof left === "string" && typeof right === "string" ? left + right : undefined;
}

/** A format to read text by: without the offset, which is at the end and read apart; fractions have up to six digits. */
export const readingFormat = (tree: Tree, name: string): { plain: string; zoned: boolean; shown: string } =>
  reading(formatText(tree, name), name);

export function reading(shown: string, name: string): { plain: string; zoned: boolean; shown: string } {
  const format = strftime(shown, name).replaceAll(/%[gn]/g, "%f");
  const plain = format.replace(/ ?\{[o:]\}$/, "");
  if (/\{[o:]\}/.test(plain)) throw unsupported(`${name} with the format '${shown}'`);
  return { plain, zoned: plain !== format, shown };
}
