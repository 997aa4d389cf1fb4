import type { Execution } from "../context.ts";
import { SnowflakeError } from "../errors.ts";
import { type ConversionOptions, sourceOf, sourceValue } from "../loading/conversion.ts";
import { parquetFormat } from "../loading/file-format.ts";
import { metadataOf } from "../loading/load-plan.ts";
import {
  inspectParquet,
  type ParquetFile,
  parseFailure,
  type ReadOptions,
  readParquet,
} from "../loading/parquet-file.ts";
import { parameterOf } from "../parameters.ts";
import { quoteIdentifier } from "../sql/identifiers.ts";
import { parseStageReference } from "../sql/parse.ts";
import { fileFailure } from "./aws-errors.ts";
import { listStage, nameInStage, openStage } from "./stage.ts";
import type { StoredFile } from "./storage.ts";

/** A stage that a query reads as a relation. */
export interface StageSource {
  /**
   * A DuckDB SELECT over local copies of the files: the files' top-level columns by their names, of all files
   * together, and the METADATA$ columns.
   */
  sql: string;
  /** Names of the files' columns, in order. */
  columns: string[];
  /** Deletes the local copies: to be called when the rows are read. */
  release(): Promise<void>;
}

/** METADATA$ columns of a stage; also when it has no file. */
const METADATA = {
  METADATA$FILENAME: "VARCHAR",
  METADATA$FILE_ROW_NUMBER: "BIGINT",
  METADATA$FILE_CONTENT_KEY: "VARCHAR",
  METADATA$FILE_LAST_MODIFIED: "TIMESTAMP",
  METADATA$START_SCAN_TIME: "TIMESTAMP WITH TIME ZONE",
};

interface LocalFile {
  stored: StoredFile;
  path: string;
  parquet: ParquetFile;
}

/**
 * Opens what stands in a query's FROM for a stage, for example `@EXT_RAW_AMI/readings/ (FILE_FORMAT => 'F')`.
 * With `rowsWanted`, files are fetched only until they hold that many rows: for a bare SELECT … LIMIT.
 */
export async function stageSource(
  execution: Execution,
  text: string,
  rowsWanted = Number.POSITIVE_INFINITY,
): Promise<StageSource> {
  const { location, fileFormat, pattern } = parseStageReference(text);
  const stage = await openStage(execution, location);
  const releases: (() => Promise<void>)[] = [];
  const release = async () => {
    stage.close();
    await Promise.all(releases.map((each) => each()));
  };
  try {
    const format = parquetFormat(execution, fileFormat ?? stage.stage.object.fileFormat);
    const options = { ...format, truncate: false, timeZone: parameterOf(execution.session, "TIMEZONE") };
    const pending = await listStage(stage, pattern);
    const files: LocalFile[] = [];
    let rows = 0;
    while (pending.length > 0 && rows < rowsWanted) {
      // All at once when all are needed: then two queries never wait for each other's copies.
      const next = pending.splice(0, Number.isFinite(rowsWanted) ? 1 : pending.length);
      const copies = await stage.access.localCopies(next);
      releases.push(copies.release);
      for (const copy of copies.outcomes) {
        if (!("path" in copy)) throw fileFailure(copy.error, nameInStage(stage, copy.file.url));
        const parquet = await inspect(execution, copy.file, copy.path, options);
        files.push({ stored: copy.file, path: copy.path, parquet });
        rows += parquet.rows;
      }
    }
    return { ...relation(files, options, execution.cloud.now()), release };
  } catch (error) {
    await release();
    throw error;
  }
}

async function inspect(
  execution: Execution,
  file: StoredFile,
  path: string,
  options: ReadOptions,
): Promise<ParquetFile> {
  try {
    return await inspectParquet(await execution.connection(), path, options);
  } catch (error) {
    execution.signal.throwIfAborted();
    throw new SnowflakeError("100152", "22000", `${parseFailure(error, file)}\n  File '${file.key}'`);
  }
}

function relation(
  files: readonly LocalFile[],
  options: ConversionOptions & ReadOptions,
  scanTime: Date,
): Omit<StageSource, "release"> {
  const columns = [...new Set(files.flatMap(({ parquet }) => parquet.columns.map(({ name }) => name)))];
  if (files.length === 0) {
    const empty = Object.entries(METADATA).map(
      ([name, type]) => `CAST(NULL AS ${type}) AS ${quoteIdentifier(name)}`,
    );
    return { columns, sql: `SELECT ${empty.join(", ")} WHERE false` };
  }
  const selects = files.map(({ stored, path, parquet }) => {
    const values = parquet.columns.map((column) => {
      const value = sourceValue(column, sourceOf(column.type, options), options);
      return `${value} AS ${quoteIdentifier(column.name)}`;
    });
    const metadata = Object.entries(metadataOf(stored, scanTime)).map(
      ([name, value]) => `${value} AS ${quoteIdentifier(name)}`,
    );
    return `SELECT ${[...values, ...metadata].join(", ")} FROM ${readParquet([path], options)}`;
  });
  return { columns, sql: selects.join("\nUNION ALL BY NAME\n") };
}
