import { MAX_TEXT } from "../engine/types.ts";
import { unsupported } from "../errors.ts";
import type { ColumnType } from "../result.ts";
import { binary, call, castTo, number, type Tree, text } from "./ast.ts";
import type { FunctionContext, Translate } from "./query-functions.ts";
import { convert, invalidArguments, isMoment } from "./query-types.ts";

const DATE: ColumnType = { type: "date" };
const NTZ: ColumnType = { type: "timestamp_ntz", scale: 9 };
const LTZ: ColumnType = { type: "timestamp_ltz", scale: 9 };
const TEXT: ColumnType = { type: "text", length: MAX_TEXT };
const INTEGER: ColumnType = { type: "fixed", precision: 38, scale: 0 };

/** Snowflake's names of date parts, with DuckDB's. */
const parts: Readonly<Record<string, string>> = Object.fromEntries(
  (
    [
      ["year", "YEAR Y YY YYY YYYY YR YEARS YRS"],
      ["quarter", "QUARTER Q QTR QTRS QUARTERS"],
      ["month", "MONTH MM MON MONS MONTHS"],
      ["week", "WEEK W WK WEEKOFYEAR WOY WY WEEKS WEEKISO WEEK_ISO"],
      ["day", "DAY D DD DAYS DAYOFMONTH"],
      ["dayofweek", "DAYOFWEEK WEEKDAY DOW DW DAYOFWEEKNUMBER"],
      ["isodow", "DAYOFWEEKISO WEEKDAY_ISO DOW_ISO DW_ISO DAYOFWEEK_ISO"],
      ["dayofyear", "DAYOFYEAR YEARDAY DOY DY"],
      ["isoyear", "YEAROFWEEK YEAROFWEEKISO"],
      ["hour", "HOUR H HH HR HOURS HRS"],
      ["minute", "MINUTE M MI MIN MINUTES MINS"],
      ["second", "SECOND S SEC SECONDS SECS"],
      ["millisecond", "MILLISECOND MS MSEC MILLISECONDS"],
      ["microsecond", "MICROSECOND US USEC MICROSECONDS"],
      ["nanosecond", "NANOSECOND NS NSEC NANOSEC NSECOND NANOSECONDS NANOSECS NSECONDS"],
      ["epoch", "EPOCH EPOCH_SECOND EPOCH_SECONDS"],
      ["epoch_ms", "EPOCH_MILLISECOND EPOCH_MILLISECONDS"],
      ["epoch_us", "EPOCH_MICROSECOND EPOCH_MICROSECONDS"],
    ] as const
  ).flatMap(([part, aliases]) => aliases.split(" ").map((alias) => [alias, part])),
);

/** A date part that was written as a word or as text. */
const partOf = (tree: Tree, name: string): string => {
  const written =
    tree?.var?.this ?? tree?.literal?.value ?? tree?.column?.name?.name ?? tree?.identifier?.name;
  const part = parts[String(written ?? "").toUpperCase()];
  if (part === undefined) throw invalidArguments(name, `'${written}' is not a date part`);
  return part;
};

const wholeDays = new Set(["year", "quarter", "month", "week", "day"]);

/** A value as a moment, if it is not one already. */
const moment = (value: Tree, context: FunctionContext): Tree => {
  const type = context.typeOf(value);
  return type && isMoment(type) ? value : convert(value, NTZ, type);
};

const add: Translate = ([part, amount, value], context, name) => {
  const unit = partOf(part, name);
  const type = context.typeOf(value);
  const count = castTo(amount, unit === "second" ? "DOUBLE" : "BIGINT");
  const interval: Record<string, () => Tree> = {
    year: () => call("to_years", castTo(amount, "INTEGER")),
    quarter: () => call("to_months", binary("mul", number(3), castTo(amount, "INTEGER"))),
    month: () => call("to_months", castTo(amount, "INTEGER")),
    week: () => call("to_days", binary("mul", number(7), castTo(amount, "INTEGER"))),
    day: () => call("to_days", castTo(amount, "INTEGER")),
    hour: () => call("to_hours", count),
    minute: () => call("to_minutes", count),
    second: () => call("to_seconds", count),
    millisecond: () => call("to_milliseconds", castTo(amount, "DOUBLE")),
    microsecond: () => call("to_microseconds", count),
  };
  const make = interval[unit];
  if (!make) throw invalidArguments(name, `${unit} cannot be added`);
  const sum = { paren: { this: binary("add", moment(value, context), make()), trailing_comments: [] } };
  if (type?.type === "date" && wholeDays.has(unit)) return { tree: castTo(sum, "DATE"), type: DATE };
  return { tree: sum, type: type && isMoment(type) && type.type !== "date" ? type : NTZ };
};

const difference: Translate = ([part, from, to], context, name) => {
  const unit = partOf(part, name);
  // Moments with and without a time zone do not mix: both are taken in the session's zone.
  const plain = (value: Tree) => convert(value, NTZ, context.typeOf(value));
  return { tree: call("date_diff", text(unit), plain(from), plain(to)), type: INTEGER };
};

const truncate: Translate = ([part, value], context, name) => {
  const unit = partOf(part, name);
  const type = context.typeOf(value);
  const truncated = call("date_trunc", text(unit), moment(value, context));
  if (type?.type === "date") return { tree: castTo(truncated, "DATE"), type: DATE };
  return { tree: truncated, type: type && isMoment(type) ? type : NTZ };
};

const extract: Translate = ([part, value], context, name) => {
  const unit = partOf(part, name);
  const at = moment(value, context);
  const tree: Record<string, () => Tree> = {
    epoch: () => castTo(call("floor", call("epoch", at)), "BIGINT"),
    epoch_ms: () => call("epoch_ms", at),
    epoch_us: () => call("epoch_us", at),
    nanosecond: () => binary("mod", call("epoch_ns", at), number(1_000_000_000)),
  };
  return { tree: tree[unit]?.() ?? call("date_part", text(unit), at), type: INTEGER };
};

const field =
  (part: string): Translate =>
  ([value], context, name) =>
    extract([text(part), value], context, name);

/** Snowflake's format elements, longest first, with DuckDB's. */
const elements: readonly (readonly [string, string])[] = [
  ["YYYY", "%Y"],
  ["MMMM", "%B"],
  ["HH24", "%H"],
  ["HH12", "%I"],
  ["TZH:TZM", "%z"],
  ["TZHTZM", "%z"],
  ["TZH", "%z"],
  ["FF3", "%g"],
  ["FF6", "%f"],
  ["FF9", "%n"],
  ["MON", "%b"],
  ["YY", "%y"],
  ["MM", "%m"],
  ["DD", "%d"],
  ["DY", "%a"],
  ["AM", "%p"],
  ["PM", "%p"],
  ["MI", "%M"],
  ["SS", "%S"],
  ["FF", "%n"],
];

/** A Snowflake date format in the words of strftime. */
const strftimeFormat = (tree: Tree, name: string): Tree => {
  const format = tree?.literal?.value;
  if (typeof format !== "string") throw unsupported(`${name} with a format that is not a literal`);
  let converted = "";
  for (let rest = format; rest !== ""; ) {
    const quoted = /^"([^"]*)"/.exec(rest);
    const element = elements.find(([snowflake]) => rest.toUpperCase().startsWith(snowflake));
    if (quoted) converted += quoted[1]?.replaceAll("%", "%%");
    else if (element) converted += element[1];
    else if (/^(?:FF\d|[$09XSG])/i.test(rest) && !/^[ST]/i.test(rest)) {
      throw unsupported(`${name} with the format '${format}'`);
    } else converted += rest[0] === "%" ? "%%" : rest[0];
    rest = rest.slice(quoted?.[0].length ?? element?.[0].length ?? 1);
  }
  return text(converted);
};

const parsed =
  (type: ColumnType, duckdb: string, trying = false): Translate =>
  ([value, format], context, name) => {
    const from = context.typeOf(value);
    if (format === undefined) return { tree: convert(value, type, from, trying), type };
    if (format.literal?.literal_type === "number") {
      const scale = Number(format.literal.value);
      const micros = binary(
        "mul",
        castTo(value, "DECIMAL(38,9)"),
        castTo(number(10 ** (6 - scale)), "DECIMAL(19,9)"),
      );
      return { tree: castTo(call("make_timestamp", castTo(micros, "BIGINT")), duckdb), type };
    }
    if (String(format.literal?.value).toUpperCase() === "AUTO") {
      return { tree: convert(value, type, from, trying), type };
    }
    const parse = trying ? "try_strptime" : "strptime";
    return { tree: castTo(call(parse, call("sf_text", value), strftimeFormat(format, name)), duckdb), type };
  };

const formatted: Translate = ([value, format], context, name) => {
  if (format === undefined) return { tree: convert(value, TEXT, context.typeOf(value)), type: TEXT };
  return { tree: call("strftime", moment(value, context), strftimeFormat(format, name)), type: TEXT };
};

const now =
  (type: ColumnType): Translate =>
  (_args, context) => ({ tree: context.constant(context.now(), type), type });

const slice: Translate = ([value, length, unit], context, name) => {
  const width = call(`to_${partOf(unit, name)}s`, castTo(length, "INTEGER"));
  return { tree: call("time_bucket", width, moment(value, context)), type: context.typeOf(value) ?? NTZ };
};

const zone: Translate = (args, context) => {
  const [first, second, value] = args;
  const at = (what: Tree, name: Tree): Tree => call("timezone", name, what);
  if (value !== undefined) {
    return { tree: at(at(castTo(value, "TIMESTAMP"), first), second), type: NTZ };
  }
  const type = context.typeOf(second);
  const moved = type?.type === "timestamp_ntz" ? castTo(second, "TIMESTAMPTZ") : convert(second, LTZ, type);
  // DuckDB shows a moment in the session's zone: the reading of the clock in the other zone is what is kept.
  return { tree: at(moved, first), type: NTZ };
};

/** Functions over dates and moments, by Snowflake's name. */
export const dateFunctions: Readonly<Record<string, Translate>> = {
  DATEADD: add,
  TIMEADD: add,
  TIMESTAMPADD: add,
  DATEDIFF: difference,
  TIMEDIFF: difference,
  TIMESTAMPDIFF: difference,
  DATE_TRUNC: truncate,
  DATE_PART: extract,
  EXTRACT: extract,
  YEAR: field("YEAR"),
  QUARTER: field("QUARTER"),
  MONTH: field("MONTH"),
  WEEK: field("WEEK"),
  WEEKOFYEAR: field("WEEK"),
  WEEKISO: field("WEEK"),
  DAY: field("DAY"),
  DAYOFMONTH: field("DAY"),
  DAYOFWEEK: field("DOW"),
  DAYOFWEEKISO: field("DOW_ISO"),
  DAYOFYEAR: field("DOY"),
  HOUR: field("HOUR"),
  MINUTE: field("MINUTE"),
  SECOND: field("SECOND"),
  LAST_DAY: ([value], context) => ({ tree: call("last_day", moment(value, context)), type: DATE }),
  NEXT_DAY: ([value, name]) => ({ tree: call("next_day", value, name), type: DATE }),
  DAYNAME: ([value], context) => ({ tree: call("dayname", moment(value, context)), type: TEXT }),
  MONTHNAME: ([value], context) => ({ tree: call("monthname", moment(value, context)), type: TEXT }),
  ADD_MONTHS: ([value, months], context) => ({
    tree: call("add_months", moment(value, context), months),
    type: DATE,
  }),
  MONTHS_BETWEEN: ([a, b], context) => ({
    tree: call("months_between", moment(a, context), moment(b, context)),
    type: { type: "real" },
  }),
  DATE_FROM_PARTS: (args) => ({ tree: call("date_from_parts", ...args), type: DATE }),
  DATEFROMPARTS: (args) => ({ tree: call("date_from_parts", ...args), type: DATE }),
  TIMESTAMP_FROM_PARTS: (args) => ({ tree: call("timestamp_from_parts", ...args), type: NTZ }),
  TIMESTAMP_NTZ_FROM_PARTS: (args) => ({ tree: call("timestamp_from_parts", ...args), type: NTZ }),
  TIME_SLICE: slice,
  CONVERT_TIMEZONE: zone,
  TO_DATE: parsed(DATE, "DATE"),
  DATE: parsed(DATE, "DATE"),
  TRY_TO_DATE: parsed(DATE, "DATE", true),
  TO_TIME: parsed({ type: "time", scale: 9 }, "TIME"),
  TO_TIMESTAMP: parsed(NTZ, "TIMESTAMP"),
  TO_TIMESTAMP_NTZ: parsed(NTZ, "TIMESTAMP"),
  TRY_TO_TIMESTAMP: parsed(NTZ, "TIMESTAMP", true),
  TRY_TO_TIMESTAMP_NTZ: parsed(NTZ, "TIMESTAMP", true),
  TO_TIMESTAMP_LTZ: parsed(LTZ, "TIMESTAMPTZ"),
  TO_TIMESTAMP_TZ: parsed({ type: "timestamp_tz", scale: 9 }, "TIMESTAMPTZ"),
  TO_VARCHAR: formatted,
  TO_CHAR: formatted,
  CURRENT_TIMESTAMP: now(LTZ),
  LOCALTIMESTAMP: now(LTZ),
  GETDATE: now(LTZ),
  SYSTIMESTAMP: now(LTZ),
  SYSDATE: now(NTZ),
  CURRENT_DATE: now(DATE),
  CURRENT_TIME: now({ type: "time", scale: 9 }),
};
