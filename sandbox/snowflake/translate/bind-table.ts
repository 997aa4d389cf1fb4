import type { Bind } from "../context.ts";
import { duckdbType } from "../engine/types.ts";
import { SnowflakeError } from "../errors.ts";
import { quoteIdentifier } from "../grammar/identifiers.ts";
import type { ColumnType } from "../result.ts";
import { arrayBindType } from "./bind-values.ts";
import type { Translation } from "./translation.ts";

/** Puts array binds into a temporary table, a row for each element, and has placeholders read from it. */
export async function bindArrays(t: Translation): Promise<void> {
  const { binds } = t.execution;
  const arrays = [...binds].filter(([, { value }]) => Array.isArray(value));
  if (arrays.length === 0) return;
  const rows = Math.max(...arrays.map(([, { value }]) => (value as unknown[]).length));
  const columns = [...binds].map(([name, bind]) => ({
    name,
    cells: cellsOf(name, bind, rows),
    type: arrayBindType(bind),
  }));
  const table = t.temporaryName();
  const connection = await t.execution.connection();
  const text = `${table}_text`;
  await connection.run(
    `CREATE TEMP TABLE ${quoteIdentifier(text)} (${columns.map(({ name }) => `"b${name}" VARCHAR`).join(", ")})`,
  );
  await connection.use(async (duckdb) => {
    const appender = await duckdb.createAppender(text, "main", "temp");
    for (let row = 0; row < rows; row++) {
      for (const { cells } of columns) {
        const cell = cells(row);
        if (cell === null) appender.appendNull();
        else appender.appendVarchar(cell);
      }
      appender.endRow();
    }
    appender.closeSync();
  });
  const selection = columns.map(({ name, type }) => `${decoded(`"b${name}"`, type)} AS "B${name}"`);
  await connection.run(
    `CREATE TEMP TABLE ${quoteIdentifier(table)} AS SELECT ${selection.join(", ")} FROM ${quoteIdentifier(text)}`,
  );
  t.whenDone(async () => {
    await connection.run(`DROP TABLE IF EXISTS temp.main.${quoteIdentifier(text)}`);
    await connection.run(`DROP TABLE IF EXISTS temp.main.${quoteIdentifier(table)}`);
  });
  t.bindTable = table;
}

function cellsOf(name: string, { value }: Bind, rows: number): (row: number) => string | null {
  if (!Array.isArray(value)) return () => value;
  if (value.length !== rows) {
    throw new SnowflakeError(
      "002212",
      "42601",
      `SQL compilation error:\nArray bind :${name} has ${value.length} values, others have ${rows}.`,
    );
  }
  return (row) => value[row] ?? null;
}

/** Drivers bind dates in milliseconds, times and timestamps in nanoseconds; some bind text for all. */
function decoded(cell: string, type: ColumnType): string {
  const counted = (sql: string, otherwise: string) =>
    `CASE WHEN regexp_full_match(${cell}, '-?[0-9]+') THEN ${sql} ELSE ${otherwise} END`;
  const integer = `TRY_CAST(${cell} AS BIGINT)`;
  const micros = `CASE WHEN ${integer} % 1000 <> 0 THEN sf_below_micros() ELSE ${integer} // 1000 END`;
  switch (type.type) {
    case "text":
      return cell;
    case "date":
      return counted(
        `DATE '1970-01-01' + CAST(floor(${integer} / 86400000) AS INTEGER)`,
        `TRY_CAST(${cell} AS DATE)`,
      );
    case "timestamp_ntz":
      return counted(`make_timestamp(${micros})`, `CAST(${cell} AS TIMESTAMP)`);
    case "timestamp_ltz":
      return counted(`make_timestamptz(${micros})`, `CAST(${cell} AS TIMESTAMPTZ)`);
    case "timestamp_tz": {
      const [nanoseconds, offset] = [1, 2].map((part) => `CAST(split_part(${cell}, ' ', ${part}) AS BIGINT)`);
      const at = `make_timestamp(CASE WHEN ${nanoseconds} % 1000 <> 0 THEN sf_below_micros() ELSE ${nanoseconds} // 1000 END)`;
      return `CASE WHEN ${cell} IS NOT NULL THEN {'at': ${at}, 'offset': CAST(${offset} - 1440 AS SMALLINT)} END`;
    }
    case "time":
      return counted(`TIME '00:00:00' + to_microseconds(${micros})`, `CAST(${cell} AS TIME)`);
    case "boolean":
      return `sf_boolean(${cell})`;
    case "binary":
      return `unhex(${cell})`;
    default:
      return `CAST(${cell} AS ${duckdbType(type)})`;
  }
}
