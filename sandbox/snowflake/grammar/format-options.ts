import {
  asBoolean,
  asInteger,
  asText,
  asTexts,
  asWord,
  invalidValue,
  type Reader,
  readProperties,
  valueText,
} from "./properties.ts";
import type { Property } from "./values.ts";

export type FormatType = "PARQUET" | "CSV" | "JSON" | "AVRO" | "ORC" | "XML";
export type FormatValue = string | number | boolean | string[];

/** TYPE and the options of that type by Snowflake's names, for example { TYPE: "PARQUET", COMPRESSION: "SNAPPY" }. */
export type FormatOptions = { TYPE: FormatType } & Record<string, FormatValue>;

/** One option of a file format: how it is read and what it is when nobody says. */
interface Option {
  reader: Reader<FormatValue>;
  default: FormatValue;
  /** As DESCRIBE STAGE names it. */
  type: "String" | "Boolean" | "Integer" | "List";
}

const word = (fallback: string, ...words: string[]): Option => ({
  reader: asWord(fallback, ...words),
  default: fallback,
  type: "String",
});
const flag = (fallback: boolean): Option => ({
  reader: asBoolean,
  default: fallback,
  type: "Boolean",
});
const count = (): Option => ({
  reader: asInteger(0, Number.MAX_SAFE_INTEGER),
  default: 0,
  type: "Integer",
});
const text = (fallback: string): Option => ({ reader: asText, default: fallback, type: "String" });
const texts = (...fallback: string[]): Option => ({
  reader: asTexts,
  default: fallback,
  type: "List",
});

const compressions = ["GZIP", "BZ2", "BROTLI", "ZSTD", "DEFLATE", "RAW_DEFLATE", "NONE"];

/** The options of each type, in the order in which DESCRIBE STAGE prints them. */
const optionsOf: Readonly<Record<FormatType, Readonly<Record<string, Option>>>> = {
  PARQUET: {
    TRIM_SPACE: flag(false),
    NULL_IF: texts(),
    // GZIP is not in the manual, but write_pandas of the Python connector makes its stages with it.
    COMPRESSION: word("AUTO", "LZO", "SNAPPY", "NONE", "GZIP"),
    SNAPPY_COMPRESSION: flag(true),
    BINARY_AS_TEXT: flag(true),
    USE_LOGICAL_TYPE: flag(false),
    USE_VECTORIZED_SCANNER: flag(false),
    REPLACE_INVALID_CHARACTERS: flag(false),
  },
  CSV: {
    RECORD_DELIMITER: text("\n"),
    FIELD_DELIMITER: text(","),
    FILE_EXTENSION: text(""),
    SKIP_HEADER: count(),
    PARSE_HEADER: flag(false),
    DATE_FORMAT: text("AUTO"),
    TIME_FORMAT: text("AUTO"),
    TIMESTAMP_FORMAT: text("AUTO"),
    BINARY_FORMAT: word("HEX", "BASE64", "UTF8"),
    ESCAPE: text("NONE"),
    ESCAPE_UNENCLOSED_FIELD: text("\\"),
    TRIM_SPACE: flag(false),
    FIELD_OPTIONALLY_ENCLOSED_BY: text("NONE"),
    NULL_IF: texts("\\N"),
    COMPRESSION: word("AUTO", ...compressions),
    ERROR_ON_COLUMN_COUNT_MISMATCH: flag(true),
    VALIDATE_UTF8: flag(true),
    SKIP_BLANK_LINES: flag(false),
    REPLACE_INVALID_CHARACTERS: flag(false),
    EMPTY_FIELD_AS_NULL: flag(true),
    SKIP_BYTE_ORDER_MARK: flag(true),
    ENCODING: text("UTF8"),
  },
  JSON: {
    FILE_EXTENSION: text(""),
    DATE_FORMAT: text("AUTO"),
    TIME_FORMAT: text("AUTO"),
    TIMESTAMP_FORMAT: text("AUTO"),
    BINARY_FORMAT: word("HEX", "BASE64", "UTF8"),
    TRIM_SPACE: flag(false),
    NULL_IF: texts(),
    COMPRESSION: word("AUTO", ...compressions),
    ENABLE_OCTAL: flag(false),
    ALLOW_DUPLICATE: flag(false),
    STRIP_OUTER_ARRAY: flag(false),
    STRIP_NULL_VALUES: flag(false),
    IGNORE_UTF8_ERRORS: flag(false),
    REPLACE_INVALID_CHARACTERS: flag(false),
    SKIP_BYTE_ORDER_MARK: flag(true),
  },
  AVRO: {
    TRIM_SPACE: flag(false),
    NULL_IF: texts(),
    COMPRESSION: word("AUTO", ...compressions),
    REPLACE_INVALID_CHARACTERS: flag(false),
  },
  ORC: { TRIM_SPACE: flag(false), NULL_IF: texts(), REPLACE_INVALID_CHARACTERS: flag(false) },
  XML: {
    COMPRESSION: word("AUTO", ...compressions),
    IGNORE_UTF8_ERRORS: flag(false),
    PRESERVE_SPACE: flag(false),
    STRIP_OUTER_ELEMENT: flag(false),
    DISABLE_SNOWFLAKE_DATA: flag(false),
    DISABLE_AUTO_CONVERT: flag(false),
    REPLACE_INVALID_CHARACTERS: flag(false),
    SKIP_BYTE_ORDER_MARK: flag(true),
  },
};

const types = Object.keys(optionsOf) as FormatType[];

/** What was written, apart from defaults. Options of another type than TYPE (or, in an ALTER, `base`) are refused. */
export function readFormatOptions(
  properties: readonly Property[],
  base?: FormatType,
): Partial<FormatOptions> {
  const written = properties.find(({ name }) => name === "TYPE");
  const type = written ? asWord(...types)(written.value, "TYPE") : base;
  const known: Record<string, Reader<FormatValue>> = { TYPE: asWord(...types) };
  for (const candidate of type ? [type] : types) {
    for (const [name, { reader }] of Object.entries(optionsOf[candidate])) {
      known[name] = type || name !== "COMPRESSION" ? reader : asText;
    }
  }
  // FIELD_DELIMITER = NONE and its like are words, NULL_IF takes one text as well as a list.
  const nullIf = properties.find(({ name, value }) => name === "NULL_IF" && value.type !== "list");
  if (nullIf) throw invalidValue("NULL_IF", valueText(nullIf.value), "a list ('…', '…')");
  return readProperties(properties, "FILE FORMAT", known) as Partial<FormatOptions>;
}

/** Every option of the type: what was written, and defaults for the rest. CSV is what nobody says otherwise. */
export function completeFormatOptions(written: Partial<FormatOptions>): FormatOptions {
  const type = written.TYPE ?? "CSV";
  const defaults = Object.fromEntries(
    Object.entries(optionsOf[type]).map(([name, option]) => [name, option.default]),
  );
  return { ...defaults, ...written, TYPE: type } as FormatOptions;
}

/** The rows that DESCRIBE STAGE and DESCRIBE FILE FORMAT print: name, type and default of each option of a type. */
export const formatOptionRows = (type: FormatType) => [
  { name: "TYPE", type: "String", default: "CSV" as FormatValue },
  ...Object.entries(optionsOf[type]).map(([name, option]) => ({
    name,
    type: option.type,
    default: option.default,
  })),
];
