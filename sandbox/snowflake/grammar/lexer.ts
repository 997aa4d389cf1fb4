import { SnowflakeError, unsupported } from "../errors.ts";

/**
 * Takes a text apart before anything parses it: in one pass, without recursion or backtracking, so that a parser is only
 * given texts whose literals and comments end and which are not nested beyond what it can carry.
 */
export interface Lexeme {
  /** White space and comments; 'text' and $$text$$; "name"; a word or number; any other character. */
  kind: "blank" | "text" | "name" | "word" | "symbol";
  start: number;
  end: number;
}

const word = /[\p{L}_][\p{L}\p{N}_$]*|\d[\w.]*/uy;
const space = /[\s\ufeff]+/uy;

/** The lexemes of a text, from an offset on. Throws 001003 at a literal, name or comment that does not end. */
export function* lexemes(sql: string, from = 0): Generator<Lexeme> {
  for (let start = from; start < sql.length; ) {
    const lexeme = lexemeAt(sql, start);
    yield lexeme;
    start = lexeme.end;
  }
}

function lexemeAt(sql: string, start: number): Lexeme {
  const character = sql[start] as string;
  const next = sql[start + 1];
  if (character === "'") return { kind: "text", start, end: endOfText(sql, start) };
  if (character === '"') return { kind: "name", start, end: endOfName(sql, start) };
  if (character === "$" && next === "$") return { kind: "text", start, end: after(sql, "$$", start + 2) };
  if (character === "/" && next === "*") return { kind: "blank", start, end: after(sql, "*/", start + 2) };
  if ((character === "-" && next === "-") || (character === "/" && next === "/")) {
    return { kind: "blank", start, end: endOfLine(sql, start) };
  }
  space.lastIndex = start;
  if (space.test(sql)) return { kind: "blank", start, end: space.lastIndex };
  word.lastIndex = start;
  if (word.test(sql)) return { kind: "word", start, end: word.lastIndex };
  return { kind: "symbol", start, end: start + ((sql.codePointAt(start) as number) > 0xffff ? 2 : 1) };
}

function endOfText(sql: string, start: number): number {
  for (let at = start + 1; at < sql.length; at++) {
    if (sql[at] === "\\") at++;
    else if (sql[at] === "'") {
      if (sql[at + 1] !== "'") return at + 1;
      at++;
    }
  }
  throw unended(sql);
}

function endOfName(sql: string, start: number): number {
  for (let at = start + 1; at < sql.length; at++) {
    if (sql[at] !== '"') continue;
    if (sql[at + 1] !== '"') return at + 1;
    at++;
  }
  throw unended(sql);
}

function after(sql: string, mark: string, from: number): number {
  const at = sql.indexOf(mark, from);
  if (at < 0) throw unended(sql);
  return at + mark.length;
}

function endOfLine(sql: string, start: number): number {
  let at = start;
  while (at < sql.length && sql[at] !== "\n" && sql[at] !== "\r") at++;
  return at;
}

function unended(sql: string) {
  const { line, position } = placeOf(sql, sql.length);
  return new SnowflakeError(
    "001003",
    "42000",
    `SQL compilation error:\nparse error line ${line} at position ${position} near '<EOF>'.`,
  );
}

/** Line, from 1, and position in it, from 0, as Snowflake counts. */
export function placeOf(sql: string, offset: number): { line: number; position: number } {
  const before = sql.slice(0, offset).split("\n");
  return { line: before.length, position: (before.at(-1) as string).length };
}

/** Brackets within brackets. */
const MOST_DEPTH = 256;
/** Operators between two commas or brackets: each is a level of the tree, and trees are walked by recursion. */
const MOST_OPERATORS = 1_000;
const operatorWords = new Set(["AND", "OR", "XOR", "UNION", "INTERSECT", "EXCEPT", "MINUS"]);

/** What may follow END, which then ends no block. */
const endedByName = new Set(["IF", "FOR", "WHILE", "LOOP", "REPEAT"]);

/** Follows a text through the blocks of Snowflake Scripting, whose semicolons are their own. */
class Nesting {
  /** The first solid lexemes of the statement, in upper case: what tells BEGIN … END from BEGIN TRANSACTION. */
  readonly #head: string[] = [];
  #last = "";
  #depth = 0;
  #declarations = 0;

  take(lexeme: string): void {
    if (this.#head.length < 4) this.#head.push(lexeme);
    if (this.#last === "BEGIN" && [";", "WORK", "TRANSACTION"].includes(lexeme)) this.#depth -= 1;
    else if (this.#last === "END" && endedByName.has(lexeme)) this.#depth += 1;
    else if (lexeme === "END") this.#depth -= 1;
    else if (lexeme === "CASE" && this.#last !== "END") this.#depth += 1;
    else if (lexeme === "BEGIN" && this.#declarations > 0) this.#declarations -= 1;
    else if (lexeme === "BEGIN") this.#depth += 1;
    else if (lexeme === "DECLARE") {
      this.#depth += 1;
      this.#declarations += 1;
    }
    this.#last = lexeme;
  }

  /** Whether the statement is a block. */
  get isBlock(): boolean {
    const [first, second = ";", , fourth = ";"] = this.#head;
    if (first === "DECLARE") return true;
    return (
      first === "BEGIN" &&
      ![";", "WORK", "TRANSACTION"].includes(second) &&
      !(second === "NAME" && fourth === ";")
    );
  }

  /** Whether a semicolon here ends the statement. */
  get isAtEnd(): boolean {
    return !this.isBlock || this.#depth <= 0;
  }
}

/** The first lexemes of a statement that are not blank, in upper case. */
export function firstWords(sql: string, count: number): string[] {
  const words: string[] = [];
  for (const { kind, start, end } of lexemes(sql)) {
    if (kind === "blank") continue;
    words.push(sql.slice(start, end).toUpperCase());
    if (words.length === count) break;
  }
  return words;
}

/** Whether a statement is a block of Snowflake Scripting or EXECUTE IMMEDIATE. */
export function isScript(sql: string): boolean {
  const nesting = new Nesting();
  const words = firstWords(sql, 4);
  for (const each of words) nesting.take(each);
  return nesting.isBlock || (words[0] === "EXECUTE" && words[1] === "IMMEDIATE");
}

/**
 * Takes a text with several statements apart, a block being one; what is only white space or comment is left out.
 * Refuses what is nested so deeply that the parsers behind would run out of stack.
 */
export function splitStatements(sql: string): string[] {
  const statements: string[] = [];
  let start = 0;
  let solid = false;
  /** How many operators there were so far, in each bracket that is open. */
  let operators = [0];
  let nesting = new Nesting();
  const end = (at: number) => {
    if (solid) statements.push(sql.slice(start, at));
    start = at + 1;
    solid = false;
    operators = [0];
    nesting = new Nesting();
  };
  for (const { kind, start: at, end: to } of lexemes(sql)) {
    if (kind === "blank") continue;
    if (kind === "symbol" && sql[at] === ";") {
      nesting.take(";");
      operators = [0];
      if (nesting.isAtEnd) end(at);
      continue;
    }
    solid = true;
    nesting.take(kind === "word" ? sql.slice(at, to).toUpperCase() : "");
    if (kind === "word" && !operatorWords.has(sql.slice(at, to).toUpperCase())) continue;
    if (kind === "text" || kind === "name") continue;
    const symbol = kind === "symbol" ? (sql[at] as string) : "";
    // An index in brackets is an operator as well.
    if (symbol !== "" && ")]}".includes(symbol)) operators.length = Math.max(1, operators.length - 1);
    if (symbol === ",") operators[operators.length - 1] = 0;
    else if (kind === "word" || "+-*/%|&^=<>:[".includes(symbol)) {
      const count = (operators.at(-1) as number) + 1;
      if (count > MOST_OPERATORS)
        throw unsupported(`more than ${MOST_OPERATORS} operators in one expression`);
      operators[operators.length - 1] = count;
    }
    if ("([{".includes(symbol) && symbol !== "") operators.push(0);
    if (operators.length > MOST_DEPTH)
      throw unsupported(`more than ${MOST_DEPTH} brackets within each other`);
  }
  end(sql.length);
  return statements;
}

/** The statements of a chain: `one ->> other` (docs: Flow operators). One statement is a chain by itself. */
export function chained(sql: string): string[] {
  const links: string[] = [];
  let start = 0;
  let arrow = 0;
  for (const { kind, start: at, end } of lexemes(sql)) {
    const symbol = kind === "symbol" ? sql.slice(at, end) : "";
    if (arrow === 2 && symbol === ">") {
      links.push(sql.slice(start, at - 2));
      start = end;
    }
    arrow = symbol === "-" ? 1 : arrow === 1 && symbol === ">" ? 2 : 0;
  }
  return [...links, sql.slice(start)];
}

/** What a link of a chain reads of those before it, FROM $1 being the last of them, as their results' IDs say. */
export function withResults(sql: string, queryIds: readonly string[]): string {
  const parts: string[] = [];
  let copied = 0;
  let before = "";
  let dollar: number | undefined;
  for (const { kind, start, end } of lexemes(sql)) {
    if (kind === "blank") continue;
    const word = sql.slice(start, end);
    if (
      dollar !== undefined &&
      dollar + 1 === start &&
      /^\d+$/.test(word) &&
      /^(?:FROM|JOIN|,)$/i.test(before)
    ) {
      const queryId = queryIds.at(-Number(word));
      if (queryId !== undefined) {
        parts.push(sql.slice(copied, dollar), `TABLE(RESULT_SCAN('${queryId}'))`);
        copied = end;
      }
    }
    if (word === "$") dollar = start;
    else {
      dollar = undefined;
      before = word;
    }
  }
  return parts.join("") + sql.slice(copied);
}

/** A statement with its quoted names in upper case. */
export function upperNames(sql: string): string {
  const parts: string[] = [];
  for (const { kind, start, end } of lexemes(sql)) {
    const part = sql.slice(start, end);
    parts.push(kind === "name" ? part.toUpperCase() : part);
  }
  return parts.join("");
}

/** The first word of a statement, in upper case, or its first other character; and the statement without blanks around it. */
export function beginning(sql: string): { first: string; solid: string } {
  let first: Lexeme | undefined;
  let last: Lexeme | undefined;
  for (const lexeme of lexemes(sql)) {
    if (lexeme.kind === "blank") continue;
    if (lexeme.kind === "symbol" && sql[lexeme.start] === ";") break;
    first ??= lexeme;
    last = lexeme;
  }
  if (!first || !last) return { first: "", solid: "" };
  return {
    first: sql.slice(first.start, first.end).toUpperCase(),
    solid: sql.slice(first.start, last.end),
  };
}
