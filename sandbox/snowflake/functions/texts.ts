import { MAX_TEXT } from "../engine/types.ts";
import { unsupported } from "../errors.ts";
import type { ColumnType } from "../result.ts";
import { binary, call, number, parenthesised, type Tree, text } from "../translate/ast.ts";
import { asText, literalNumber } from "./casts.ts";
import type { Translate } from "./function-context.ts";

const TEXT: ColumnType = { type: "text", length: MAX_TEXT };
const INTEGER: ColumnType = { type: "fixed", precision: 38, scale: 0 };
const BOOLEAN: ColumnType = { type: "boolean" };
const ARRAY: ColumnType = { type: "array" };

/** A function over text: what comes first is made text of, as Snowflake does it by itself. */
const textual =
  (name: string, type: ColumnType = TEXT, count = 1): Translate =>
  (args, context) => ({
    tree: call(
      name,
      ...args.map((argument, index) => (index < count ? asText(argument, context) : argument)),
    ),
    type,
  });

const chain = (values: Tree[]): Tree =>
  parenthesised(values.reduce((left, right) => binary("concat", left, right)));

/** A pattern with the flags that a parameter says (docs: String functions (regular expressions), "Parameters"). */
function flagged(pattern: Tree, parameters: Tree): Tree {
  const written = String(parameters?.literal?.value ?? "").replaceAll(/[ce]/g, "");
  return written === "" ? pattern : binary("concat", text(`(?${[...new Set(written)].join("")})`), pattern);
}

const regexpSubstr: Translate = (args, context) => {
  const [first, pattern, position, occurrence, parameters, group] = args;
  const value = asText(first, context);
  const wantsGroup = group !== undefined || String(parameters?.literal?.value ?? "").includes("e");
  const part = wantsGroup ? (group ?? number(1)) : number(0);
  const plain = [position, occurrence].every((each) => each === undefined || literalNumber(each, 0) === 1);
  return {
    tree: plain
      ? call("sf_regexp_group", value, flagged(pattern, parameters), part)
      : call("sf_regexp_nth", value, flagged(pattern, parameters), position, occurrence ?? number(1), part),
    type: TEXT,
  };
};

const regexpReplace: Translate = (args, context, name) => {
  const [value, pattern, replacement, position, occurrence, parameters] = args;
  const nth = literalNumber(occurrence, 0);
  if (literalNumber(position, 1) !== 1 || nth > 1) {
    throw unsupported(`${name} with a position or occurrence beyond 1`);
  }
  const given = [asText(value, context), flagged(pattern, parameters), replacement ?? text("")];
  return { tree: call(nth === 1 ? "regexp_replace" : "sf_regexp_replace", ...given), type: TEXT };
};

const regexpLike: Translate = ([value, pattern, parameters], context) => ({
  tree: call("regexp_full_match", asText(value, context), flagged(pattern, parameters)),
  type: BOOLEAN,
});

const sha2: Translate = ([value, size], context, name) => {
  if (literalNumber(size, 256) !== 256) throw unsupported(`${name} of a size other than 256`);
  return { tree: call("sha256", asText(value, context)), type: TEXT };
};

/** Functions over text, by Snowflake's name. */
export const textFunctions: Readonly<Record<string, Translate>> = {
  CHARINDEX: textual("charindex", INTEGER, 2),
  POSITION: textual("charindex", INTEGER, 2),
  SPLIT_PART: textual("sf_split_part", TEXT),
  SPLIT: textual("sf_split", ARRAY),
  STRTOK: textual("strtok", TEXT),
  REPLACE: textual("sf_replace", TEXT),
  LPAD: textual("sf_lpad", TEXT),
  RPAD: textual("sf_rpad", TEXT),
  LEFT: textual("sf_left", TEXT),
  RIGHT: textual("sf_right", TEXT),
  SUBSTR: textual("sf_substr", TEXT),
  LTRIM: textual("ltrim", TEXT),
  RTRIM: textual("rtrim", TEXT),
  REVERSE: textual("reverse", TEXT),
  REPEAT: textual("sf_repeat", TEXT),
  SPACE: ([count]) => ({ tree: call("sf_repeat", text(" "), count), type: TEXT }),
  ASCII: textual("ascii", INTEGER),
  CHR: ([code]) => ({ tree: call("sf_chr", code), type: TEXT }),
  CHAR: ([code]) => ({ tree: call("sf_chr", code), type: TEXT }),
  CONCAT: (args, context) => ({ tree: chain(args.map((part) => asText(part, context))), type: TEXT }),
  CONCAT_WS: ([separator, ...rest], context) => ({
    tree: chain(
      rest
        .map((part) => asText(part, context))
        .flatMap((part, index) => (index === 0 ? [part] : [separator, part])),
    ),
    type: TEXT,
  }),
  REGEXP_LIKE: regexpLike,
  RLIKE: regexpLike,
  REGEXP_SUBSTR: regexpSubstr,
  REGEXP_REPLACE: regexpReplace,
  REGEXP_COUNT: textual("regexp_count", INTEGER),
  REGEXP_INSTR: textual("sf_regexp_instr", INTEGER),
  REGEXP_SUBSTR_ALL: textual("sf_regexp_all", ARRAY),
  REGEXP_EXTRACT_ALL: textual("sf_regexp_all", ARRAY),
  INITCAP: textual("sf_initcap", TEXT),
  TRANSLATE: textual("translate", TEXT),
  INSERT: textual("sf_insert", TEXT),
  STRTOK_TO_ARRAY: textual("sf_strtok_to_array", ARRAY),
  UNICODE: textual("unicode", INTEGER),
  RTRIMMED_LENGTH: textual("sf_rtrimmed_length", INTEGER),
  BIT_LENGTH: ([value], context) => ({
    tree: binary("mul", call("strlen", asText(value, context)), number(8)),
    type: INTEGER,
  }),
  EDITDISTANCE: textual("editdistance", INTEGER, 2),
  MD5: textual("md5", TEXT),
  MD5_HEX: textual("md5", TEXT),
  SHA1: textual("sha1", TEXT),
  SHA1_HEX: textual("sha1", TEXT),
  SHA2: sha2,
  SHA2_HEX: sha2,
  OCTET_LENGTH: textual("strlen", INTEGER),
  BASE64_ENCODE: textual("base64_encode", TEXT),
  BASE64_DECODE_STRING: textual("base64_decode_string"),
  UUID_STRING: () => ({ tree: call("sf_uuid"), type: TEXT }),
};
