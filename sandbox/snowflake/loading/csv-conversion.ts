import type { TableColumn } from "../catalog/model.ts";
import { assign, duckdbType } from "../engine/types.ts";
import { unsupported } from "../errors.ts";
import { quoteIdentifier, quoteLiteral } from "../grammar/identifiers.ts";
import { type Conversion, limited, withoutNullWords } from "./conversion.ts";
import type { CsvFormat } from "./csv-file.ts";

/** How a field becomes a column of the table: as the functions TO_… read text. */
export function convertField(
  reference: string,
  { type }: Pick<TableColumn, "type">,
  csv: CsvFormat,
  truncate: boolean,
): Conversion {
  const raw = quoteIdentifier(reference);
  const value = withoutNullWords(csv.trimSpace ? `trim(${raw})` : raw, csv);
  const tried = (expression: string, kind: string): Conversion => ({
    value: expression,
    invalid: `(${value} IS NOT NULL AND ${expression} IS NULL)`,
    message: `concat('${kind} ''', ${value}, ''' is not recognized')`,
  });
  const moment = (format: string | undefined, detect: string): string =>
    format === undefined ? `${detect}(${value})` : `sf_try_read(trim(${value}), ${quoteLiteral(format)})`;
  switch (type.type) {
    case "text":
      return limited(value, type.length, truncate);
    case "fixed":
      return tried(`TRY_CAST(sf_number_text(${value}) AS ${duckdbType(type)})`, "Numeric value");
    case "real":
      return tried(`sf_try_float(${value})`, "Numeric value");
    case "boolean":
      return tried(`sf_try_boolean(${value})`, "Boolean value");
    case "date":
      return tried(`CAST(${moment(csv.dates, "sf_try_date")} AS DATE)`, "Date");
    case "time":
      return tried(`CAST(${moment(csv.times, "sf_try_time")} AS TIME)`, "Time");
    case "timestamp_ntz":
      return tried(moment(csv.timestamps, "sf_try_timestamp"), "Timestamp");
    case "timestamp_ltz":
      return tried(`CAST(${moment(csv.timestamps, "sf_try_ltz")} AS TIMESTAMPTZ)`, "Timestamp");
    case "timestamp_tz": {
      if (csv.timestamps === undefined) return tried(`sf_try_tz(${value})`, "Timestamp");
      const wall = `CAST(${moment(csv.timestamps, "")} AS TIMESTAMPTZ)`;
      return tried(assign(wall, type), "Timestamp");
    }
    default:
      throw unsupported(`CSV fields for columns of type ${type.type.toUpperCase()}`);
  }
}
