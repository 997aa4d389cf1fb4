import { readFileSync } from "node:fs";
import path from "node:path";
import peggy from "peggy";
import type { Bind, Variables } from "../context.ts";
import { SnowflakeError, syntaxError, unsupported } from "../errors.ts";
import { withBinds } from "./bound-text.ts";
import { type CopyOptions, readCopyOptions } from "./copy-options.ts";
import { parseName } from "./identifiers.ts";
import { columnWords, reserved } from "./keywords.ts";
import { beginning, firstWords, lexemes, placeOf, splitStatements } from "./lexer.ts";
import type { Statement } from "./statement.ts";
import { columnType } from "./types.ts";
import type { StageLocation } from "./values.ts";

/**
 * Reads one statement. Throws Snowflake's syntax error (001003) with line, position and token when it is not in
 * the language, and 000002 when Snowflake knows the statement but the local one does not.
 */
export function parse(
  sql: string,
  variables?: Variables,
  timestamp = "TIMESTAMP_NTZ",
  binds: ReadonlyMap<string, Bind> = new Map(),
): Statement {
  const { length } = splitStatements(sql);
  if (length > 1) throw statementCount(length, 1);
  const { first, solid } = beginning(sql);
  const statement =
    handedOn(first, solid) ??
    run<Statement | { kind: "unsupported"; what: string }>(
      "Statement",
      // INSERT ALL leaves its own placeholders to the queries that it is made of.
      first === "INSERT" ? sql : withBinds(sql, binds),
      variables,
      timestamp,
    );
  if (statement.kind === "unsupported") throw unsupported(statement.what);
  return statement;
}

/** 000008: a request has more or fewer statements than MULTI_STATEMENT_COUNT says. */
export const statementCount = (actual: number, desired: number) =>
  new SnowflakeError(
    "000008",
    "0A000",
    `Actual statement count ${actual} did not match the desired statement count ${desired}.`,
  );

/** What the query path parses, told by its first word. */
function handedOn(first: string, sql: string): Statement | undefined {
  switch (first) {
    case "SELECT":
    case "WITH":
    case "VALUES":
    case "(":
      return { kind: "query", sql };
    case "INSERT": {
      const [, second = "", third = ""] = firstWords(sql, 3);
      const several = ["ALL", "FIRST"].includes(second === "OVERWRITE" ? third : second);
      return several ? undefined : { kind: "dml", verb: first, sql };
    }
    case "UPDATE":
    case "DELETE":
    case "MERGE":
      return { kind: "dml", verb: first, sql };
    case "CALL":
      return { kind: "call", sql };
    case "EXPLAIN":
      return { kind: "explain", sql };
    default:
      return undefined;
  }
}

/** Reads `@stage/path` that came as text. */
const parseStageLocation = (text: string): StageLocation => run("StageText", text);

/** Reads what stands in a query's FROM for a stage: `@stage/path (FILE_FORMAT => …, PATTERN => …)`. */
export const parseStageReference = (text: string): { location: StageLocation } & CopyOptions =>
  run("StageReference", text);

const run = <Result>(startRule: string, source: string, variables?: Variables, timestamp?: string): Result =>
  runGrammar(parser, startRule, source, variables, timestamp);

/** Has a grammar's parser read a text from a rule on. Throws 001003. */
export function runGrammar<Result>(
  parser: peggy.Parser,
  startRule: string,
  source: string,
  variables?: Variables,
  /** What TIMESTAMP by itself means. */
  timestamp = "TIMESTAMP_NTZ",
): Result {
  try {
    const variable = (name: string) => variables?.value(name)?.value;
    return parser.parse(source, { startRule, helpers, variable, timestamp }) as Result;
  } catch (error) {
    // Blocks are nested without brackets, which the lexer counts.
    if (error instanceof RangeError) throw unsupported("blocks nested this deeply");
    if (!(error instanceof parser.SyntaxError)) throw error;
    throw syntaxErrorAt(source, (error as peggy.parser.SyntaxError).location.start.offset);
  }
}

/** What the grammar's actions call; a stage or name in quotes is parsed by the same grammar again. */
const helpers = {
  reserved,
  columnWords,
  parseName,
  columnType,
  copyOptions: readCopyOptions,
  stageLocation: parseStageLocation,
  unsupported,
  unescape: (text: string) =>
    text.replace(/''|\\(?:[0-7]{1,3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[\s\S])/g, unescapeOne),
};

const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };

function unescapeOne(sequence: string): string {
  if (sequence === "''") return "'";
  const body = sequence.slice(1);
  if (/^[0-7]+$/.test(body)) return String.fromCodePoint(Number.parseInt(body, 8));
  if (/^[xu]./.test(body)) return String.fromCodePoint(Number.parseInt(body.slice(1), 16));
  return escapes[body] ?? body;
}

/** Keywords are the grammar's rule names in capitals that it does not define itself. */
export function compileGrammar(file: string, allowedStartRules: string[]): peggy.Parser {
  const grammar = readFileSync(path.join(import.meta.dirname, file), "utf8");
  const rules = keywordsOf(grammar).map((word) => `${word} "${word}" = "${word}"i !IdentifierPart _`);
  return peggy.generate(`${grammar}\n${rules.join("\n")}\n`, {
    allowedStartRules,
  });
}

function keywordsOf(grammar: string): string[] {
  const words = new Set<string>();
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    const { type, name } = node as { type?: unknown; name?: unknown };
    if (type === "rule_ref" && typeof name === "string" && /^[A-Z][A-Z_]+$/.test(name)) {
      words.add(name);
    }
    for (const child of Object.values(node)) visit(child);
  };
  visit(peggy.parser.parse(grammar));
  return [...words];
}

/** The parser stops where it could not go on, which may lie inside a token or before it: name the whole token. */
function syntaxErrorAt(source: string, offset: number): SnowflakeError {
  for (const { kind, start, end } of lexemes(source)) {
    if (kind === "blank" || end <= offset) continue;
    const { line, position } = placeOf(source, start);
    return syntaxError(line, position, source.slice(start, end));
  }
  const { line, position } = placeOf(source, source.length);
  return syntaxError(line, position, "<EOF>");
}

const parser = compileGrammar("snowflake.peggy", ["Statement", "StageText", "StageReference"]);
