import type { ColumnType } from "../result.ts";
import { binary, call, castTo, number, parenthesised, type Tree, text } from "../translate/ast.ts";
import { convert, invalidArguments, isMoment } from "./casts.ts";
import { partOf } from "./date-parts.ts";
import { formatted, LTZ, moment, NTZ, parsed, parsedAsMapped, TEXT, TZ } from "./date-texts.ts";
import type { FunctionContext, Translate, Translated } from "./function-context.ts";

const DATE: ColumnType = { type: "date" };
const TIME: ColumnType = { type: "time", scale: 9 };
const INTEGER: ColumnType = { type: "fixed", precision: 38, scale: 0 };

const wholeDays = new Set(["year", "quarter", "month", "week", "day"]);

/** What was computed with a moment, as the type that the moment had. */
function likewise(computed: Tree, value: Tree, context: FunctionContext): Translated {
  const type = context.typeOf(value);
  if (type?.type !== "timestamp_tz") {
    return { tree: computed, type: type && isMoment(type) && type.type !== "date" ? type : NTZ };
  }
  return { tree: call("sf_tz_of", computed, call("struct_extract", value, text("offset"))), type };
}

/** The first day of the week: 1 for Monday, as WEEK_START = 0 means too (docs: WEEK_START). */
const weekStart = (context: FunctionContext): number => Number(context.parameter("WEEK_START")) || 1;

const add: Translate = ([part, amount, value], context, name) => {
  const unit = partOf(part, name);
  const type = context.typeOf(value);
  // A fraction is rounded (docs: DATEADD, usage notes).
  const count = (kind: string): Tree =>
    castTo(
      amount.literal && /^\d+$/.test(amount.literal.value) ? amount : call("round", call("sf_float", amount)),
      kind,
    );
  const interval: Record<string, () => Tree> = {
    year: () => call("to_years", count("INTEGER")),
    quarter: () => call("to_months", binary("mul", number(3), count("INTEGER"))),
    month: () => call("to_months", count("INTEGER")),
    week: () => call("to_days", binary("mul", number(7), count("INTEGER"))),
    day: () => call("to_days", count("INTEGER")),
    hour: () => call("to_hours", count("BIGINT")),
    minute: () => call("to_minutes", count("BIGINT")),
    second: () => call("to_microseconds", binary("mul", number(1_000_000), count("BIGINT"))),
    millisecond: () => call("to_microseconds", binary("mul", number(1_000), count("BIGINT"))),
    microsecond: () => call("to_microseconds", count("BIGINT")),
    nanosecond: () => call("to_microseconds", call("sf_scaled_micros", amount, number("0.001"))),
  };
  const make = interval[unit];
  if (!make) throw invalidArguments(name, `${unit} cannot be added`);
  if (type?.type === "time")
    return { tree: castTo(parenthesised(binary("add", value, make())), "TIME"), type };
  const sum = parenthesised(binary("add", moment(value, context), make()));
  if (type?.type === "date" && wholeDays.has(unit)) return { tree: castTo(sum, "DATE"), type: DATE };
  return likewise(sum, value, context);
};

const difference: Translate = ([part, from, to], context, name) => {
  const unit = partOf(part, name);
  // Moments with and without a time zone do not mix: both are taken in the session's zone.
  const plain = (value: Tree): Tree =>
    context.typeOf(value)?.type === "time"
      ? castTo(binary("add", castTo(text("1970-01-01"), "DATE"), value), "TIMESTAMP")
      : convert(value, NTZ, context.typeOf(value));
  if (unit === "nanosecond") {
    const micros = call("date_diff", text("microsecond"), plain(from), plain(to));
    return { tree: binary("mul", castTo(micros, "HUGEINT"), number(1000)), type: INTEGER };
  }
  if (unit === "week" || unit === "week_iso") {
    // Borders between weeks are counted (docs: DATEDIFF; DuckDB counts whole weeks).
    const start = number(unit === "week" ? weekStart(context) : 1);
    const [one, other] = [from, to].map((value) => call("sf_week", plain(value), start));
    return {
      tree: castTo(binary("div", parenthesised(binary("sub", other, one)), number(7)), "BIGINT"),
      type: INTEGER,
    };
  }
  return { tree: call("date_diff", text(unit), plain(from), plain(to)), type: INTEGER };
};

const truncate: Translate = (args, context, name) => {
  // Both orders are taken: DATE_TRUNC(part, value) and TRUNC(value, part).
  const [part, value] = args;
  const unit = partOf(part, name);
  const type = context.typeOf(value);
  if (type?.type === "time") {
    const at = binary("add", castTo(text("1970-01-01"), "DATE"), value);
    return { tree: castTo(call("date_trunc", text(unit), at), "TIME"), type };
  }
  const at = moment(value, context);
  const truncated =
    unit === "week" && weekStart(context) !== 1
      ? castTo(
          call("sf_week", at, number(weekStart(context))),
          type?.type === "timestamp_ltz" ? "TIMESTAMPTZ" : "TIMESTAMP",
        )
      : call("date_trunc", text(unit === "week_iso" ? "week" : unit), at);
  if (type?.type === "date") return { tree: castTo(truncated, "DATE"), type: DATE };
  return likewise(truncated, value, context);
};

const extract: Translate = ([part, value], context, name) => {
  const unit = partOf(part, name);
  const type = context.typeOf(value);
  const clock = type?.type === "time" ? value : moment(value, context);
  // Since 1970, a zoned moment counts by itself and not by its clock.
  const since = type?.type === "timestamp_tz" ? convert(value, LTZ, type) : clock;
  const offset =
    type?.type === "timestamp_tz"
      ? call("struct_extract", value, text("offset"))
      : call("sf_ltz_offset", clock);
  const weekly = (macro: string): Tree =>
    call(macro, clock, number(weekStart(context)), number(Number(context.parameter("WEEK_OF_YEAR_POLICY"))));
  const whole = (micros: number): Tree =>
    castTo(call("floor", binary("div", call("epoch_us", since), number(micros))), "BIGINT");
  const tree: Record<string, () => Tree> = {
    epoch: () => whole(1_000_000),
    epoch_ms: () => whole(1_000),
    epoch_us: () => call("epoch_us", since),
    epoch_ns: () => binary("mul", castTo(call("epoch_us", since), "HUGEINT"), number(1000)),
    nanosecond: () =>
      binary(
        "mul",
        binary("mod", call("date_part", text("microsecond"), clock), number(1_000_000)),
        number(1000),
      ),
    microsecond: () => binary("mod", call("date_part", text("microsecond"), clock), number(1_000_000)),
    millisecond: () => binary("mod", call("date_part", text("millisecond"), clock), number(1_000)),
    week_iso: () => call("date_part", text("week"), clock),
    week: () => weekly("sf_week_number"),
    year_of_week: () => weekly("sf_week_year"),
    // From 1 for the first day of the week, or without one from 0 for Sunday.
    dayofweek: () =>
      context.parameter("WEEK_START") === "0"
        ? call("dayofweek", clock)
        : call("sf_day_of_week", clock, number(weekStart(context))),
    timezone_hour: () => call("sf_toward_zero", offset, number(60)),
    timezone_minute: () => call("abs", binary("mod", offset, number(60))),
  };
  return { tree: tree[unit]?.() ?? call("date_part", text(unit), clock), type: INTEGER };
};

const field =
  (part: string): Translate =>
  ([value], context, name) =>
    extract([text(part), value], context, name);

/** LAST_DAY(value [, part]): the last day of the month, or of another part (docs: LAST_DAY). */
const lastDay: Translate = ([value, part], context, name) => {
  const unit = part === undefined ? "month" : partOf(part, name);
  const spans: Record<string, Tree> = {
    year: call("to_years", number(1)),
    quarter: call("to_months", number(3)),
    month: call("to_months", number(1)),
    week: call("to_days", number(7)),
  };
  const span = spans[unit];
  if (!span) throw invalidArguments(name, `'${unit}'`);
  const at = castTo(moment(value, context), "DATE");
  const first =
    unit === "week" ? call("sf_week", at, number(weekStart(context))) : call("date_trunc", text(unit), at);
  return {
    tree: castTo(
      binary("sub", parenthesised(binary("add", first, span)), call("to_days", number(1))),
      "DATE",
    ),
    type: DATE,
  };
};

const now =
  (type: ColumnType): Translate =>
  (_args, context) => ({ tree: context.constant(context.now(), type), type });

/** TIME_SLICE(value, length, part [, 'START' | 'END']). */
const slice: Translate = ([value, length, part, end], context, name) => {
  const unit = partOf(part, name);
  const units: Record<string, [string, number]> = {
    year: ["to_years", 1],
    quarter: ["to_months", 3],
    month: ["to_months", 1],
    week: ["to_days", 7],
    day: ["to_days", 1],
    hour: ["to_hours", 1],
    minute: ["to_minutes", 1],
    second: ["to_seconds", 1],
  };
  const known = units[unit];
  if (!known) throw invalidArguments(name, `'${unit}'`);
  const width = call(known[0], castTo(binary("mul", castTo(length, "INTEGER"), number(known[1])), "INTEGER"));
  // Slices are counted from 1970-01-01, those of weeks from a first day of the week.
  const origin = castTo(
    text(
      unit === "week" ? `1970-01-0${weekStart(context) === 7 ? 4 : 4 + weekStart(context)}` : "1970-01-01",
    ),
    "TIMESTAMP",
  );
  const start = call("time_bucket", width, castTo(moment(value, context), "TIMESTAMP"), origin);
  const border =
    String(end?.literal?.value ?? "START").toUpperCase() === "END" ? binary("add", start, width) : start;
  const type = context.typeOf(value);
  if (type?.type === "date") return { tree: castTo(border, "DATE"), type };
  if (type?.type === "timestamp_ltz") return { tree: castTo(border, "TIMESTAMPTZ"), type };
  return likewise(border, value, context);
};

/** CONVERT_TIMEZONE: with a source zone of wall clocks (TIMESTAMP_NTZ), without one of moments (TIMESTAMP_TZ). */
const zone: Translate = (args, context) => {
  const [first, second, value] = args;
  const at = (what: Tree, name: Tree): Tree => call("timezone", name, what);
  if (value !== undefined) {
    return { tree: at(at(convert(value, NTZ, context.typeOf(value)), first), second), type: NTZ };
  }
  const instant = convert(second, LTZ, context.typeOf(second));
  // A moment's clock in UTC needs no table of zones.
  const utc = String(first?.literal?.value).toUpperCase() === "UTC";
  const wall = utc ? call("make_timestamp", call("epoch_us", instant)) : at(instant, first);
  return { tree: call("sf_in_zone", wall, instant), type: TZ };
};

const fromParts =
  (name: string, type: ColumnType): Translate =>
  (args) => ({ tree: convert(call(name, ...args), type, type === DATE ? DATE : NTZ), type });

const timeFromParts: Translate = (args) => ({ tree: call("time_from_parts", ...args), type: TIME });

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
  YEAROFWEEK: field("YEAROFWEEK"),
  YEAROFWEEKISO: field("YEAROFWEEKISO"),
  QUARTER: field("QUARTER"),
  MONTH: field("MONTH"),
  WEEK: field("WEEK"),
  WEEKOFYEAR: field("WEEK"),
  WEEKISO: field("WEEKISO"),
  DAY: field("DAY"),
  DAYOFMONTH: field("DAY"),
  DAYOFWEEK: field("DOW"),
  DAYOFWEEKISO: field("DOW_ISO"),
  DAYOFYEAR: field("DOY"),
  HOUR: field("HOUR"),
  MINUTE: field("MINUTE"),
  SECOND: field("SECOND"),
  LAST_DAY: lastDay,
  NEXT_DAY: ([value, name], context) => ({
    tree: call("next_day", moment(value, context), name),
    type: DATE,
  }),
  PREVIOUS_DAY: ([value, name], context) => ({
    tree: call("previous_day", moment(value, context), name),
    type: DATE,
  }),
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
  DATE_FROM_PARTS: fromParts("date_from_parts", DATE),
  DATEFROMPARTS: fromParts("date_from_parts", DATE),
  TIMESTAMP_FROM_PARTS: fromParts("timestamp_from_parts", NTZ),
  TIMESTAMP_NTZ_FROM_PARTS: fromParts("timestamp_from_parts", NTZ),
  TIME_FROM_PARTS: timeFromParts,
  TIMEFROMPARTS: timeFromParts,
  TIMESTAMP_LTZ_FROM_PARTS: fromParts("timestamp_from_parts", LTZ),
  TIME_SLICE: slice,
  CONVERT_TIMEZONE: zone,
  TO_DATE: parsed(DATE),
  DATE: parsed(DATE),
  TRY_TO_DATE: parsed(DATE, true),
  TO_TIME: parsed(TIME),
  TIME: parsed(TIME),
  TRY_TO_TIME: parsed(TIME, true),
  TO_TIMESTAMP: parsedAsMapped(),
  TO_TIMESTAMP_NTZ: parsed(NTZ),
  TO_TIMESTAMP_LTZ: parsed(LTZ),
  TO_TIMESTAMP_TZ: parsed(TZ),
  TRY_TO_TIMESTAMP: parsedAsMapped(true),
  TRY_TO_TIMESTAMP_NTZ: parsed(NTZ, true),
  TRY_TO_TIMESTAMP_LTZ: parsed(LTZ, true),
  TRY_TO_TIMESTAMP_TZ: parsed(TZ, true),
  TO_VARCHAR: formatted,
  TO_CHAR: formatted,
  CURRENT_TIMESTAMP: now(LTZ),
  LOCALTIMESTAMP: now(LTZ),
  GETDATE: now(LTZ),
  SYSTIMESTAMP: now(LTZ),
  SYSDATE: now(NTZ),
  CURRENT_DATE: now(DATE),
  CURRENT_TIME: now(TIME),
  LOCALTIME: now(TIME),
};
