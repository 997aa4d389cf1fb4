import type { Bind } from "../context.ts";
import { syntaxError } from "../errors.ts";
import { quoteLiteral } from "./identifiers.ts";
import type { TransferFiles } from "./load-statements.ts";
import { parseStageReference } from "./parse.ts";

const start = /^(?:\s|\/\*[\s\S]*?\*\/|--[^\n]*\n)*(PUT|GET)\s+/i;
/** The words of PUT and GET: a text, `name = value`, or anything up to a blank. In a local path `//` is no comment. */
const word =
  /\s*(?:\/\*[\s\S]*?\*\/\s*)*('(?:''|\\[\s\S]|[^'\\])*'|[A-Za-z_]+\s*=\s*(?:'(?:''|\\[\s\S]|[^'\\])*'|[^\s']+)|[^\s']+)/y;

/** PUT and GET, which the grammar does not know; undefined for all others. */
export function parseTransfer(sql: string, binds: ReadonlyMap<string, Bind>): TransferFiles | undefined {
  const begin = start.exec(sql);
  if (!begin) return undefined;
  const text = sql.replace(/[\s;]+$/, "");
  const words: string[] = [];
  word.lastIndex = begin[0].length;
  while (word.lastIndex < text.length) {
    const at = word.lastIndex;
    const found = word.exec(text)?.[1];
    if (found === undefined) throw syntaxError(1, at, text.slice(at).trim());
    words.push(found);
  }
  let placeholders = 0;
  const bound = words.map((each) =>
    each === "?" ? quoteLiteral(String(binds.get(String(++placeholders))?.value ?? "")) : each,
  );
  const kind = begin[1]?.toUpperCase() === "PUT" ? "put" : "get";
  const [first = "", second = "", ...rest] = bound;
  const [file, stage] = kind === "put" ? [first, second] : [second, first];
  const local = /^file:\/\/(.+)$/s.exec(plain(file))?.[1];
  if (local === undefined) throw syntaxError(1, begin[0].length, file || "<EOF>");
  return {
    kind,
    file: local,
    location: parseStageReference(quoteLiteral(plain(stage))).location,
    options: new Map(rest.map((each) => option(each))),
  };
}

const plain = (text: string): string =>
  text.startsWith("'")
    ? text
        .slice(1, -1)
        .replaceAll("''", "'")
        .replace(/\\([\s\S])/g, "$1")
    : text;

function option(text: string): [string, string] {
  const [, name, value] = /^([A-Za-z_]+)\s*=\s*([\s\S]+)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) throw syntaxError(1, 0, text);
  return [name.toUpperCase(), plain(value)];
}
