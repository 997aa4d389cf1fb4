import { MAX_BINARY, MAX_TEXT } from "../engine/types.ts";
import { unsupported } from "../errors.ts";
import type { ColumnType } from "../result.ts";
import { call, type Tree } from "../translate/ast.ts";
import { caseOf, convert, literalNumber } from "./casts.ts";
import type { Translate } from "./function-context.ts";

const TEXT: ColumnType = { type: "text", length: MAX_TEXT };
const REAL: ColumnType = { type: "real" };
const BOOLEAN: ColumnType = { type: "boolean" };
const BINARY: ColumnType = { type: "binary", length: MAX_BINARY };
const INTEGER: ColumnType = { type: "fixed", precision: 38, scale: 0 };

const to =
  (type: (args: Tree[], name: string) => ColumnType, trying = false): Translate =>
  (args, context, name) => {
    const target = type(args, name);
    return { tree: convert(args[0], target, context.typeOf(args[0]), trying), type: target };
  };

/** TO_NUMBER(value [, precision, scale]). */
function decimal(args: Tree[], name: string): ColumnType {
  if (args[1]?.literal?.literal_type === "string") throw unsupported(`${name} with a format`);
  return { type: "fixed", precision: literalNumber(args[1], 38), scale: literalNumber(args[2], 0) };
}

/** AS_…: the value where the VARIANT holds that type, NULL otherwise. */
const as =
  (kinds: string, type: ColumnType): Translate =>
  ([value], context) => ({
    tree: caseOf([[holds(value, kinds), convert(value, type, context.typeOf(value))]], { null: null }),
    type,
  });

/** IS_…: whether the VARIANT holds that type. */
const is =
  (kinds: string): Translate =>
  ([value]) => ({ tree: holds(value, kinds), type: BOOLEAN });

const holds = (value: Tree, kinds: string): Tree =>
  call("contains", { literal: { literal_type: "string", value: kinds } }, call("sf_type", value));

/** Binary values from text in a format, which is hexadecimal by itself, and back. */
function formatOf(format: Tree, name: string, otherwise = "HEX"): "hex" | "base64" | "utf8" {
  const written = String(format?.literal?.value ?? otherwise).toUpperCase();
  if (written === "HEX") return "hex";
  if (written === "BASE64") return "base64";
  if (written === "UTF-8" || written === "UTF8") return "utf8";
  throw unsupported(`${name} with the format '${written}'`);
}

const binaryOf =
  (trying: boolean): Translate =>
  ([value, format], context, name) => {
    if (context.typeOf(value)?.type === "binary") return { tree: value, type: BINARY };
    const kind = formatOf(format, name, context.parameter("BINARY_INPUT_FORMAT"));
    const given = call("sf_scalar", value);
    if (kind === "utf8") return { tree: call("encode", given), type: BINARY };
    return { tree: call(trying ? `sf_try_${kind}` : `sf_${kind}`, given), type: BINARY };
  };

/** A binary value as text: TO_VARCHAR(value, format). */
export const binaryText = (value: Tree, format: Tree, name: string): Tree =>
  call({ hex: "hex", base64: "to_base64", utf8: "sf_utf8" }[formatOf(format, name)], value);

const hexEncode: Translate = ([value, upper], context) => {
  const hex = call("hex", context.typeOf(value)?.type === "binary" ? value : call("sf_text", value));
  return { tree: literalNumber(upper, 1) === 0 ? call("lower", hex) : hex, type: TEXT };
};

/** Conversions, by Snowflake's name. */
export const conversionFunctions: Readonly<Record<string, Translate>> = {
  TO_NUMBER: to(decimal),
  TO_DECIMAL: to(decimal),
  TO_NUMERIC: to(decimal),
  TRY_TO_NUMBER: to(decimal, true),
  TRY_TO_DECIMAL: to(decimal, true),
  TRY_TO_NUMERIC: to(decimal, true),
  TO_DOUBLE: to(() => REAL),
  TRY_TO_DOUBLE: to(() => REAL, true),
  TO_BOOLEAN: to(() => BOOLEAN),
  TRY_TO_BOOLEAN: to(() => BOOLEAN, true),
  TO_VARIANT: to(() => ({ type: "variant" })),
  TO_OBJECT: to(() => ({ type: "object" })),
  TO_BINARY: binaryOf(false),
  TRY_TO_BINARY: binaryOf(true),
  HEX_ENCODE: hexEncode,
  HEX_DECODE_STRING: ([value]) => ({ tree: call("sf_utf8", call("sf_hex", value)), type: TEXT }),
  HEX_DECODE_BINARY: ([value]) => ({ tree: call("sf_hex", value), type: BINARY }),
  TRY_HEX_DECODE_STRING: ([value]) => ({ tree: call("sf_try_utf8", call("sf_try_hex", value)), type: TEXT }),
  TRY_HEX_DECODE_BINARY: ([value]) => ({ tree: call("sf_try_hex", value), type: BINARY }),
  AS_VARCHAR: as("VARCHAR", TEXT),
  AS_CHAR: as("VARCHAR", TEXT),
  AS_INTEGER: as("INTEGER", INTEGER),
  AS_DOUBLE: as("DOUBLE DECIMAL INTEGER", REAL),
  AS_REAL: as("DOUBLE DECIMAL INTEGER", REAL),
  AS_BOOLEAN: as("BOOLEAN", BOOLEAN),
  AS_ARRAY: as("ARRAY", { type: "array" }),
  AS_OBJECT: as("OBJECT", { type: "object" }),
  IS_VARCHAR: is("VARCHAR"),
  IS_CHAR: is("VARCHAR"),
  IS_INTEGER: is("INTEGER"),
  IS_DECIMAL: is("DECIMAL INTEGER"),
  IS_DOUBLE: is("DOUBLE DECIMAL INTEGER"),
  IS_REAL: is("DOUBLE DECIMAL INTEGER"),
  IS_BOOLEAN: is("BOOLEAN"),
  IS_ARRAY: is("ARRAY"),
  IS_OBJECT: is("OBJECT"),
};
