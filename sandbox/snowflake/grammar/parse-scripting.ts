import { isScript, splitStatements } from "./lexer.ts";
import { compileGrammar, runGrammar, statementCount } from "./parse.ts";
import type { Script } from "./scripting.ts";

/** Reads a block or EXECUTE IMMEDIATE; undefined for a statement of any other kind. */
export function parseScript(sql: string): Script | undefined {
  if (!isScript(sql)) return undefined;
  const { length } = splitStatements(sql);
  if (length > 1) throw statementCount(length, 1);
  return runGrammar<Script>(parser, "Script", sql);
}

const parser = compileGrammar("scripting.peggy", ["Script"]);
