import { open } from "node:fs/promises";
import type { Connection } from "../engine/engine.ts";
import { inParquet, parquetFailure } from "../engine/parquet-errors.ts";
import { quoteLiteral } from "../grammar/identifiers.ts";
import type { StoredFile } from "../storage/storage.ts";

/** Unit of a parquet time or timestamp. */
type TimeUnit = "MILLIS" | "MICROS" | "NANOS";

/** What a parquet column holds, as its physical type and annotations say. */
export type ParquetType =
  | { kind: "boolean" | "integer" | "real" | "decimal" | "text" | "binary" | "date" | "nested" | "null" }
  | { kind: "int96" }
  | {
      kind: "time" | "timestamp";
      unit: TimeUnit;
      /** isAdjustedToUTC: an instant rather than a wall clock. */
      adjusted: boolean;
      /** The older ConvertedType annotation is there (too). */
      converted: boolean;
    };

export interface ParquetColumn {
  /** Name in the file. */
  name: string;
  /** Name under which DuckDB offers the column: another one where two names differ only by case. */
  reference: string;
  /** Type in which DuckDB reads it. */
  duckdbType: string;
  type: ParquetType;
  nullable: boolean;
}

/** A file as it is read: of CSV files all columns are text, and nobody has counted the rows. */
export interface ParquetFile {
  rows: number;
  columns: ParquetColumn[];
  /** A DuckDB relation over files that are read as this one is; it also has the columns of ROW_SOURCES. */
  read: (paths: readonly string[]) => string;
}

/** How a parquet file is read: part of the file format. */
export interface ReadOptions {
  /** Byte arrays without annotation are UTF-8 text. */
  binaryAsText: boolean;
}

/** A DuckDB table function over local parquet files of one shape: of others it would take the first file's types. */
const readParquet = (paths: readonly string[], options: ReadOptions): string =>
  `read_parquet([${paths.map(quoteLiteral).join(", ")}], binary_as_string = ${options.binaryAsText}, hive_partitioning = false)`;

/** What DuckDB says of a row's place, as columns that a file's own columns of that name would hide. */
const ROW_SOURCES = ["file_row_number", "filename"];

interface SchemaRow {
  name: string;
  type: string | null;
  children: bigint | null;
  converted: string | null;
  logical: string | null;
  repetition: string | null;
}

/** Something is wrong with a file, in words for the client. */
export class FileError extends Error {}

/** Reads a file's footer: its columns and how many rows it says it has. Throws DuckDB's error when there is no footer. */
export async function inspectParquet(
  connection: Connection,
  path: string,
  options: ReadOptions,
): Promise<ParquetFile> {
  await assertFooterFits(path);
  const schema = await connection.all<SchemaRow>(
    `SELECT name, type, num_children AS children, converted_type AS converted, logical_type AS logical,
       repetition_type AS repetition
     FROM parquet_schema(${quoteLiteral(path)})`,
  );
  const [metadata] = await connection.all<{ rows: bigint }>(
    `SELECT num_rows AS rows FROM parquet_file_metadata(${quoteLiteral(path)})`,
  );
  const read = await connection.all<{ column_name: string; column_type: string }>(
    `DESCRIBE FROM ${readParquet([path], options)}`,
  );
  const columns = topLevel(schema).map((row, index): ParquetColumn => {
    const seen = read[index];
    if (!seen) throw new Error(`column ${row.name} of the file is not readable`);
    return {
      name: row.name,
      reference: seen.column_name,
      duckdbType: seen.column_type,
      type: typeOf(row, seen.column_type),
      nullable: row.repetition !== "REQUIRED",
    };
  });
  const hiding = columns.find(({ name }) => ROW_SOURCES.includes(name.toLowerCase()));
  if (hiding) {
    throw new FileError(`A column called ${hiding.name} is not supported by the local Snowflake.`);
  }
  return { rows: Number(metadata?.rows ?? 0), columns, read: (paths) => readParquet(paths, options) };
}

/** At each end; the footer's length, of four bytes, stands before the last one. */
const MAGIC = "PAR1";
const TAIL = 4 + MAGIC.length;

/** DuckDB adds to the length before it compares it, beyond 32 bits: it would then take memory for what is not there. */
async function assertFooterFits(path: string): Promise<void> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    if (size < MAGIC.length + TAIL) return;
    const { buffer } = await file.read(Buffer.alloc(TAIL), 0, TAIL, size - TAIL);
    if (buffer.toString("latin1", 4) === MAGIC && buffer.readUInt32LE() > size - MAGIC.length - TAIL)
      throw new Error("the footer's length is greater than the file");
  } finally {
    await file.close();
  }
}

/** parquet_schema lists the tree depth first, the root before all. */
function topLevel(schema: SchemaRow[]): SchemaRow[] {
  const columns: SchemaRow[] = [];
  const skip = (at: number): number => {
    let next = at + 1;
    for (let child = 0; child < Number(schema[at]?.children ?? 0); child++) next = skip(next);
    return next;
  };
  for (let at = 1; at < schema.length; at = skip(at)) columns.push(schema[at] as SchemaRow);
  return columns;
}

function typeOf({ type, converted, logical }: SchemaRow, duckdbType: string): ParquetType {
  if (type === "INT96") return { kind: "int96" };
  if (type === null) return { kind: "nested" };
  if (logical?.startsWith("NullType")) return { kind: "null" };
  const timed = /^(Time|Timestamp)Type\(isAdjustedToUTC=(\d)/.exec(logical ?? "");
  if (timed) {
    return {
      kind: timed[1] === "Time" ? "time" : "timestamp",
      unit: unitOf(logical ?? ""),
      adjusted: timed[2] === "1",
      converted: converted !== null,
    };
  }
  const legacy = /^(TIME|TIMESTAMP)_(MILLIS|MICROS)$/.exec(converted ?? "");
  if (legacy) {
    return {
      kind: legacy[1] === "TIME" ? "time" : "timestamp",
      unit: legacy[2] as TimeUnit,
      adjusted: true,
      converted: true,
    };
  }
  if (duckdbType.startsWith("DECIMAL")) return { kind: "decimal" };
  if (duckdbType === "BLOB") return { kind: "binary" };
  if (duckdbType === "DATE") return { kind: "date" };
  if (duckdbType === "BOOLEAN") return { kind: "boolean" };
  if (duckdbType === "DOUBLE" || duckdbType === "FLOAT") return { kind: "real" };
  if (/INT|^U?BIGINT/.test(duckdbType)) return { kind: "integer" };
  if (/[[(]/.test(duckdbType) && !duckdbType.startsWith("ENUM")) return { kind: "nested" };
  return { kind: "text" };
}

const unitOf = (logical: string): TimeUnit =>
  logical.includes("NANOS=Nano") ? "NANOS" : logical.includes("MILLIS=Milli") ? "MILLIS" : "MICROS";

/** Why a file is no readable parquet file. The engine's own words are for the server's log. */
export function parseFailure(error: unknown, { size, url }: Pick<StoredFile, "size" | "url">): string {
  if (error instanceof FileError) return error.message;
  const message = error instanceof Error ? error.message : String(error);
  if (size === 0) return inParquet("Parquet file size is 0 bytes");
  if (size < 12) {
    return inParquet(`Parquet file size is ${size} bytes, smaller than the minimum file footer (8 bytes)`);
  }
  return parquetFailure(message, url);
}
