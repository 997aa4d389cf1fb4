import type { Connection } from "../engine/engine.ts";
import { SnowflakeError } from "../errors.ts";
import type { StoredFile } from "../storage/storage.ts";
import { csvFailure, inspectCsv } from "./csv-file.ts";
import type { LoadFormat } from "./file-format.ts";
import { inspectParquet, type ParquetFile, parseFailure } from "./parquet-file.ts";

/** Looks what columns a file has, and how it is to be read. Throws DuckDB's error when it is no such file. */
export async function inspectFile(
  connection: Connection,
  file: StoredFile,
  path: string,
  format: LoadFormat,
  tableColumns = 0,
): Promise<ParquetFile> {
  return format.csv
    ? inspectCsv(path, file.key, format.csv, tableColumns)
    : await inspectParquet(connection, path, format);
}

/** What is said of a file of which no row can be read. */
export const unreadableFile = (error: unknown, file: StoredFile, { csv }: LoadFormat): SnowflakeError =>
  csv
    ? new SnowflakeError("100016", "22000", csvFailure(error))
    : new SnowflakeError("100152", "22000", parseFailure(error, file));
