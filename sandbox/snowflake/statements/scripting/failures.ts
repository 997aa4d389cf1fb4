import { SnowflakeError } from "../../errors.ts";
import type { Place } from "../../grammar/scripting.ts";
import { ScriptException } from "./exceptions.ts";

/** What goes wrong in a block's own statements. Where no words are said to be Snowflake's they are not verified. */

/** The words are Snowflake's, the number is not verified. */
export const moreRows = (count: number) =>
  new SnowflakeError(
    "090231",
    "P0000",
    `\nA SELECT INTO statement expects exactly 1 returned row, but got ${count}.`,
  );

export const wrongCount = (targets: number, columns: number) =>
  new SnowflakeError(
    "002213",
    "42601",
    `SQL compilation error:\nINTO names ${targets} variables, the query answers ${columns} columns.`,
  );

export const invalidIdentifier = (name: string) =>
  new SnowflakeError(
    "000904",
    "42000",
    `SQL compilation error: error line 1 at position 0\ninvalid identifier '${name}'`,
  );

export const notAQuery = (written: string) =>
  new SnowflakeError(
    "001003",
    "42000",
    `SQL compilation error:\nsyntax error: '${written}' is no query in parentheses.`,
  );

export const notOpen = (name: string, place: Place) =>
  new ScriptException(
    "EXPRESSION_ERROR",
    { code: "090228", sqlState: "24000", message: `Cursor '${name}' is not open.` },
    place,
  );

export const notSet = (name: string, place: Place) =>
  new ScriptException(
    "EXPRESSION_ERROR",
    { code: "090228", sqlState: "24000", message: `RESULTSET '${name}' has no query.` },
    place,
  );
