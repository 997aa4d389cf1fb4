import { MAX_TEXT } from "../engine/types.ts";
import { unsupported } from "../errors.ts";
import type { ColumnType } from "../result.ts";
import { binary, call, number, parenthesised, type Tree, text } from "./ast.ts";
import type { Translate } from "./function-context.ts";
import { asText, literalNumber } from "./query-types.ts";

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

const regexpSubstr: Translate = (args, context, name) => {
  const [first, pattern, position, occurrence, parameters, group] = args;
  if (literalNumber(position, 1) !== 1 || literalNumber(occurrence, 1) !== 1) {
    throw unsupported(`${name} with a position or occurrence other than 1`);
  }
  const value = asText(first, context);
  const wantsGroup = group !== undefined || String(parameters?.literal?.value ?? "").includes("e");
  return wantsGroup
    ? { tree: call("sf_regexp_group", value, pattern, group ?? number(1)), type: TEXT }
    : { tree: call("regexp_substr", value, pattern), type: TEXT };
};

const regexpLike: Translate = ([value, ...rest], context) => ({
  tree: call("regexp_full_match", asText(value, context), ...rest),
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
  CHR: ([code]) => ({ tree: call("chr", code), type: TEXT }),
  CHAR: ([code]) => ({ tree: call("chr", code), type: TEXT }),
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
  REGEXP_REPLACE: textual("sf_regexp_replace", TEXT),
  REGEXP_COUNT: textual("regexp_count", INTEGER),
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
