/** Days and moments from texts, and texts of them (docs: Date and time input and output formats). */
import { MAX_TEXT } from "../engine/types.ts";
import type { ColumnType } from "../result.ts";
import { binary, call, castTo, number, parenthesised, type Tree, text } from "../translate/ast.ts";
import { convert, isMoment, literalNumber } from "./casts.ts";
import { binaryText } from "./conversions.ts";
import { formatText, readingFormat, strftime } from "./date-formats.ts";
import type { FunctionContext, Translate } from "./function-context.ts";
import { formattedNumber, isNumberFormat } from "./number-formats.ts";

export const NTZ: ColumnType = { type: "timestamp_ntz", scale: 9 };
export const LTZ: ColumnType = { type: "timestamp_ltz", scale: 9 };
export const TZ: ColumnType = { type: "timestamp_tz", scale: 9 };
export const TEXT: ColumnType = { type: "text", length: MAX_TEXT };

/** A value as a moment that DuckDB computes with: a zoned one is read off its own clock. */
export function moment(value: Tree, context: FunctionContext): Tree {
  const type = context.typeOf(value);
  return type && isMoment(type) && type.type !== "timestamp_tz" ? value : convert(value, NTZ, type);
}

export const parsed =
  (type: ColumnType, trying = false): Translate =>
  ([value, format], context, name) => {
    const from = context.typeOf(value);
    if (format === undefined || String(format.literal?.value).toUpperCase() === "AUTO") {
      return { tree: convert(value, type, from, trying), type };
    }
    if (format.literal?.literal_type === "number" || context.typeOf(format)?.type === "fixed") {
      const scale = literalNumber(format, Number.NaN);
      const unit = Number.isNaN(scale)
        ? call("power", number(10), binary("sub", number(6), parenthesised(format)))
        : number(scale > 6 ? `1e-${scale - 6}` : 10 ** (6 - scale));
      const micros = call("sf_scaled_micros", value, unit);
      // What it counts from is 1970 in UTC, whatever the session's zone is.
      return type.type === "timestamp_ltz" || type.type === "timestamp_tz"
        ? { tree: convert(call("make_timestamptz", micros), type, LTZ), type }
        : { tree: convert(call("make_timestamp", micros), type, NTZ), type };
    }
    const written = textOf(value, from, trying);
    const { plain, zoned, shown } = readingFormat(format, name);
    const clock = zoned ? call("sf_offset_clock", written) : written;
    const wall = trying
      ? call("sf_try_read", clock, text(plain))
      : call("sf_read", written, clock, text(plain), text(shown));
    if (!zoned || type.type === "timestamp_ntz" || type.type === "date" || type.type === "time") {
      return { tree: convert(wall, type, NTZ), type };
    }
    return { tree: convert(call("sf_tz_of", wall, call("sf_offset_minutes", written)), type, TZ), type };
  };

/** TIMESTAMP by itself is what TIMESTAMP_TYPE_MAPPING says. */
export const parsedAsMapped =
  (trying = false): Translate =>
  (args, context, name) => {
    const mapped = { TIMESTAMP_LTZ: LTZ, TIMESTAMP_TZ: TZ }[
      context.parameter("TIMESTAMP_TYPE_MAPPING").toUpperCase()
    ];
    return parsed(mapped ?? NTZ, trying)(args, context, name);
  };

function textOf(value: Tree, from: ColumnType | undefined, trying: boolean): Tree {
  if (trying) return convert(value, TEXT, from, true);
  return from?.type === "text" ? value : call("sf_text", value);
}

export const formatted: Translate = ([value, format], context, name) => {
  const type = context.typeOf(value);
  if (format === undefined) return { tree: convert(value, TEXT, type), type: TEXT };
  if (type?.type === "binary") return { tree: binaryText(value, format, name), type: TEXT };
  const written = formatText(format, name);
  const isNumber = type ? type.type === "fixed" || type.type === "real" : isNumberFormat(written);
  if (isNumber) return { tree: formattedNumber(value, written, name), type: TEXT };
  const converted = text(strftime(written, name));
  if (type?.type === "time") {
    return {
      tree: call("strftime", binary("add", castTo(text("1970-01-01"), "DATE"), value), converted),
      type: TEXT,
    };
  }
  if (type?.type === "timestamp_ltz") {
    const clock = castTo(value, "TIMESTAMP");
    return { tree: call("sf_strftime", clock, call("sf_ltz_offset", value), converted), type: TEXT };
  }
  const offset = type?.type === "timestamp_tz" ? call("struct_extract", value, text("offset")) : number(0);
  return { tree: call("sf_strftime", moment(value, context), offset, converted), type: TEXT };
};
