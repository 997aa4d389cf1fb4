import { type DuckDBDataChunk, type DuckDBType, DuckDBTypeId, type DuckDBValue } from "@duckdb/node-api";
import { quoteIdentifier, quoteLiteral } from "../grammar/identifiers.ts";
import type { Column, ColumnType, ResultSet } from "../result.ts";
import type { Connection } from "./engine.ts";
import { encodeRows, isZoned, snowflakeType } from "./rows.ts";
import { duckdbType } from "./types.ts";

/** What is known of a result's column from Snowflake's catalog, which DuckDB does not keep. */
export interface ColumnHint {
  name: string;
  type?: ColumnType | undefined;
  nullable?: boolean | undefined;
  /** What DuckDB calls it, where that is another name. */
  reference?: string;
}

/** Rows and characters that a result has in memory; a larger one goes to a file. */
const ROWS_IN_MEMORY = 10_000;
const CHARACTERS_IN_MEMORY = 32_000_000;

/** How long a row is. */
const lengthOf = (row: readonly (string | null)[]): number =>
  row.reduce((sum, cell) => sum + (cell?.length ?? 0), 0);

/**
 * Runs a query once and takes its rows. A result that is larger than what is kept in memory is copied, chunk by chunk
 * and untouched by JavaScript, to a Parquet file.
 */
export const fetchResult = (
  connection: Connection,
  sql: string,
  values: DuckDBValue[],
  hints: readonly ColumnHint[],
  file: { path: string; spill: () => Promise<Connection> },
): Promise<ResultSet> =>
  connection.use(async (duckdb) => {
    let stream = await duckdb.stream(sql, values);
    let types = stream.columnTypes();
    if (types.some(isNested)) {
      stream = await duckdb.stream(withJson(sql, types), values);
      types = stream.columnTypes();
    }
    // What does not fit, as after a NATURAL JOIN, is no help: then DuckDB's names have to do.
    const known = hints.length === types.length ? hints : [];
    const columns = types.map((type, index) =>
      column(type, known[index] ?? { name: stream.columnName(index) }),
    );
    const rows: ResultSet["rows"] = [];
    const first: DuckDBDataChunk[] = [];
    let characters = 0;
    for (
      let chunk = await stream.fetchChunk();
      chunk && chunk.rowCount > 0;
      chunk = await stream.fetchChunk()
    ) {
      first.push(chunk);
      for (const row of encodeRows(chunk, columns)) {
        characters += lengthOf(row);
        const full = rows.length >= ROWS_IN_MEMORY || (rows.length > 0 && characters > CHARACTERS_IN_MEMORY);
        if (!full) {
          rows.push(row);
          continue;
        }
        const total = await spill(await file.spill(), file.path, types, first, () => stream.fetchChunk());
        return { columns, rows, file: { path: file.path, total } };
      }
    }
    return { columns, rows };
  });

/** The columns that a query would answer with. */
export const describeResult = (
  connection: Connection,
  sql: string,
  hints: readonly ColumnHint[],
): Promise<Column[]> =>
  connection.use(async (duckdb) => {
    const statement = await duckdb.prepare(sql);
    return Array.from({ length: statement.columnCount }, (_, index) =>
      column(statement.columnType(index), hints[index] ?? { name: statement.columnName(index) }),
    );
  });

async function spill(
  connection: Connection,
  path: string,
  types: readonly DuckDBType[],
  first: readonly DuckDBDataChunk[],
  next: () => Promise<DuckDBDataChunk | null>,
): Promise<number> {
  try {
    return await connection.use(async (duckdb) => {
      const definition = types.map((type, index) => `c${index} ${type.alias ?? type.toString()}`).join(", ");
      await duckdb.run(`CREATE TEMP TABLE spilled (${definition})`);
      const appender = await duckdb.createAppender("spilled", "main", "temp");
      let total = 0;
      const append = (chunk: DuckDBDataChunk) => {
        total += chunk.rowCount;
        appender.appendDataChunk(chunk);
      };
      first.forEach(append);
      for (let chunk = await next(); chunk && chunk.rowCount > 0; chunk = await next()) append(chunk);
      appender.closeSync();
      // Parquet has no integers of 128 bits.
      const selection = types
        .map((type, index) =>
          type.typeId === DuckDBTypeId.HUGEINT
            ? `CAST(c${index} AS DECIMAL(38,0)) AS c${index}`
            : `c${index}`,
        )
        .join(", ");
      await duckdb.run(`COPY (SELECT ${selection} FROM spilled) TO ${quoteLiteral(path)} (FORMAT parquet)`);
      return total;
    });
  } finally {
    connection.close();
  }
}

/** A part of a spilled result, in the protocol's encoding. */
export const readSpilled = (
  connection: Connection,
  path: string,
  columns: readonly Column[],
  offset: number,
  count: number,
): Promise<ResultSet["rows"]> =>
  connection.use(async (duckdb) => {
    const result = await duckdb.run(
      `SELECT * FROM read_parquet(${quoteLiteral(path)}) LIMIT ${count} OFFSET ${offset}`,
    );
    const rows: ResultSet["rows"] = [];
    for (const chunk of await result.fetchAllChunks()) rows.push(...encodeRows(chunk, columns));
    return rows;
  });

/** How long each row of a spilled result is, in characters of its texts; undefined where all are short. */
export const readLengths = (
  connection: Connection,
  path: string,
  columns: readonly Column[],
  short: number,
): Promise<number[] | undefined> =>
  connection.use(async (duckdb) => {
    const long = columns.flatMap(({ type }, index) => {
      if (type === "binary") return `coalesce(octet_length(c${index}), 0)`;
      const isText = ["text", "variant", "object", "array"].includes(type);
      return isText ? `coalesce(strlen(CAST(c${index} AS VARCHAR)), 0)` : [];
    });
    if (long.length === 0) return undefined;
    const source = `(SELECT ${long.join(" + ")} AS length FROM read_parquet(${quoteLiteral(path)}))`;
    const most = await duckdb.runAndReadAll(`SELECT max(length) FROM ${source}`);
    if (Number(most.getRowsJS()[0]?.[0] ?? 0) <= short) return undefined;
    const all = await duckdb.runAndReadAll(`SELECT length FROM ${source}`);
    return all.getColumnsJS()[0]?.map(Number);
  });

/** The least and the greatest value of each FIXED column of a spilled result: two rows, with nothing of the others. */
export const readExtremes = (
  connection: Connection,
  path: string,
  columns: readonly Column[],
): Promise<ResultSet["rows"]> =>
  connection.use(async (duckdb) => {
    const each = (extreme: string) =>
      columns.map(({ type }, index) => (type === "fixed" ? `${extreme}(c${index})` : "NULL")).join(", ");
    const source = `read_parquet(${quoteLiteral(path)})`;
    const result = await duckdb.run(
      `SELECT ${each("min")} FROM ${source} UNION ALL SELECT ${each("max")} FROM ${source}`,
    );
    return (await result.fetchAllChunks()).flatMap((chunk) => [...encodeRows(chunk, columns)]);
  });

const nested: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.LIST,
  DuckDBTypeId.ARRAY,
  DuckDBTypeId.STRUCT,
  DuckDBTypeId.MAP,
]);
const isNested = (type: DuckDBType) => nested.has(type.typeId) && !isZoned(type);

function withJson(sql: string, types: readonly DuckDBType[]): string {
  const names = types.map((_, index) => quoteIdentifier(`c${index}`));
  const selection = types.map((type, index) => (isNested(type) ? `to_json(${names[index]})` : names[index]));
  return `SELECT ${selection.join(", ")} FROM (${sql}) AS nested(${names.join(", ")})`;
}

function column(type: DuckDBType, hint: ColumnHint): Column {
  const found = snowflakeType(type);
  const known = hint.type && agrees(hint.type, found) ? hint.type : found;
  return { ...known, name: hint.name, nullable: hint.nullable ?? true };
}

/** Whether what the catalog says of a column can be true of what DuckDB found. */
const agrees = (hint: ColumnType, found: ColumnType): boolean =>
  duckdbType(hint) === duckdbType(found) ||
  // DuckDB's integers have no precision of their own.
  (hint.type === "fixed" && found.type === "fixed" && found.precision === 38 && hint.scale === found.scale);
