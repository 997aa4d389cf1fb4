import type { Tree } from "../translate/ast.ts";
import { invalidArguments } from "./casts.ts";

/** Snowflake's names of date parts (docs: Supported date and time parts), with DuckDB's. */
const parts: Readonly<Record<string, string>> = Object.fromEntries(
  (
    [
      ["year", "YEAR Y YY YYY YYYY YR YEARS YRS"],
      ["quarter", "QUARTER Q QTR QTRS QUARTERS"],
      ["month", "MONTH MM MON MONS MONTHS"],
      ["week", "WEEK W WK WEEKOFYEAR WOY WY WEEKS"],
      ["week_iso", "WEEKISO WEEK_ISO WEEKOFYEARISO WEEKOFYEAR_ISO"],
      ["day", "DAY D DD DAYS DAYOFMONTH"],
      ["dayofweek", "DAYOFWEEK WEEKDAY DOW DW DAYOFWEEKNUMBER"],
      ["isodow", "DAYOFWEEKISO WEEKDAY_ISO DOW_ISO DW_ISO DAYOFWEEK_ISO"],
      ["dayofyear", "DAYOFYEAR YEARDAY DOY DY"],
      ["year_of_week", "YEAROFWEEK"],
      ["isoyear", "YEAROFWEEKISO"],
      ["hour", "HOUR H HH HR HOURS HRS"],
      ["minute", "MINUTE M MI MIN MINUTES MINS"],
      ["second", "SECOND S SEC SECONDS SECS"],
      ["millisecond", "MILLISECOND MS MSEC MILLISECONDS"],
      ["microsecond", "MICROSECOND US USEC MICROSECONDS"],
      ["nanosecond", "NANOSECOND NS NSEC NANOSEC NSECOND NANOSECONDS NANOSECS NSECONDS"],
      ["epoch", "EPOCH EPOCH_SECOND EPOCH_SECONDS"],
      ["epoch_ms", "EPOCH_MILLISECOND EPOCH_MILLISECONDS"],
      ["epoch_us", "EPOCH_MICROSECOND EPOCH_MICROSECONDS"],
      ["epoch_ns", "EPOCH_NANOSECOND EPOCH_NANOSECONDS"],
      ["timezone_hour", "TIMEZONE_HOUR TZH"],
      ["timezone_minute", "TIMEZONE_MINUTE TZM"],
    ] as const
  ).flatMap(([part, aliases]) => aliases.split(" ").map((alias) => [alias, part])),
);

/** A date part that was written as a word or as text. */
export function partOf(tree: Tree, name: string): string {
  const written =
    tree?.var?.this ?? tree?.literal?.value ?? tree?.column?.name?.name ?? tree?.identifier?.name;
  const part = parts[String(written ?? "").toUpperCase()];
  if (part === undefined) throw invalidArguments(name, `'${written}' is not a date part`);
  return part;
}
