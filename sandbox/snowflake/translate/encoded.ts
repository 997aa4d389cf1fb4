import { duckdbType } from "../engine/types.ts";
import type { ColumnType } from "../result.ts";

/** DuckDB's value of a cell in the protocol's encoding. */
export function decoded(cell: string, type: ColumnType): string {
  switch (type.type) {
    case "date":
      return `DATE '1970-01-01' + CAST(${cell} AS INTEGER)`;
    case "time":
      return `TIME '00:00:00' + to_microseconds(CAST(CAST(${cell} AS DECIMAL(20,6)) * 1000000 AS BIGINT))`;
    case "timestamp_ntz":
      return `make_timestamp(CAST(CAST(${cell} AS DECIMAL(38,6)) * 1000000 AS BIGINT))`;
    case "timestamp_ltz":
      return `make_timestamptz(CAST(CAST(${cell} AS DECIMAL(38,6)) * 1000000 AS BIGINT))`;
    case "timestamp_tz":
      return `{'at': make_timestamp(CAST(CAST(split_part(${cell}, ' ', 1) AS DECIMAL(38,6)) * 1000000 AS BIGINT)),
        'offset': CAST(CAST(split_part(${cell}, ' ', 2) AS SMALLINT) - 1440 AS SMALLINT)}`;
    case "binary":
      return `unhex(${cell})`;
    default:
      return `CAST(${cell} AS ${duckdbType(type)})`;
  }
}
