import type { Execution } from "../context.ts";
import { assign, duckdbType, MAX_TEXT } from "../engine/types.ts";
import { SnowflakeError } from "../errors.ts";
import type { FileFormatReference } from "../grammar/copy-options.ts";
import { quoteIdentifier } from "../grammar/identifiers.ts";
import { parseStageReference } from "../grammar/parse.ts";
import { asJson, type ConversionOptions, sourceOf, sourceValue } from "../loading/conversion.ts";
import { type LoadFormat, loadFormat } from "../loading/file-format.ts";
import { inspectFile, unreadableFile } from "../loading/inspect.ts";
import { metadataOf } from "../loading/load-plan.ts";
import type { ParquetFile } from "../loading/parquet-file.ts";
import { parameterOf } from "../parameters.ts";
import type { ColumnType } from "../result.ts";
import { fileFailure } from "./aws-errors.ts";
import { listStage, nameInStage, openStage } from "./stage.ts";
import type { StoredFile } from "./storage.ts";

interface StageColumn {
  /** Name in the files. */
  name: string;
  /** Name in the relation: another one where two names differ only by case. */
  reference: string;
}

/** A stage that a query reads as a relation. */
export interface StageSource {
  /**
   * A DuckDB SELECT over local copies of the files: the files' top-level columns by their names, of all files
   * together, and the METADATA$ columns.
   */
  sql: string;
  /** The files' columns, in order. */
  columns: StageColumn[];
  /** Its rows have fields, $1, $2 and so on, and not all in $1. */
  fields: boolean;
  /** Deletes the local copies: to be called when the rows are read. */
  release(): Promise<void>;
}

/** METADATA$ columns of a stage; also when it has no file (docs: Querying metadata for staged files). */
const METADATA: Readonly<Record<string, ColumnType>> = {
  METADATA$FILENAME: { type: "text", length: MAX_TEXT },
  METADATA$FILE_ROW_NUMBER: { type: "fixed", precision: 38, scale: 0 },
  METADATA$FILE_CONTENT_KEY: { type: "text", length: MAX_TEXT },
  METADATA$FILE_LAST_MODIFIED: { type: "timestamp_ntz", scale: 9 },
  METADATA$START_SCAN_TIME: { type: "timestamp_ltz", scale: 9 },
};

/** The METADATA$ columns as the query sees them. */
export const stageMetadata = Object.entries(METADATA).map(([name, type]) => ({ name, type }));

/** Files of a stage that a statement has chosen beforehand. */
export interface StagedFiles {
  fileFormat: FileFormatReference | undefined;
  files: readonly StoredFile[];
}

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
  staged?: StagedFiles,
): Promise<StageSource> {
  const { location, fileFormat, pattern } = parseStageReference(text);
  const stage = await openStage(execution, location);
  const releases: (() => Promise<void>)[] = [];
  const release = async () => {
    stage.close();
    await Promise.all(releases.map((each) => each()));
  };
  try {
    const format = loadFormat(execution, staged?.fileFormat ?? fileFormat ?? stage.stage.object.fileFormat);
    const options = { ...format, truncate: false, timeZone: parameterOf(execution.session, "TIMEZONE") };
    const pending = staged ? [...staged.files] : await listStage(stage, pattern);
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
    return { ...relation(files, options, execution.cloud.now()), fields: format.csv !== undefined, release };
  } catch (error) {
    await release();
    throw error;
  }
}

async function inspect(
  execution: Execution,
  file: StoredFile,
  path: string,
  format: LoadFormat,
): Promise<ParquetFile> {
  try {
    return await inspectFile(await execution.connection(), file, path, format);
  } catch (error) {
    execution.signal.throwIfAborted();
    if (error instanceof SnowflakeError) throw error;
    const { code, sqlState, message } = unreadableFile(error, file, format);
    throw new SnowflakeError(code, sqlState, `${message}\n  File '${file.key}'`);
  }
}

/** A column of a file: its value, and what it is taken for. */
interface FileValue {
  name: string;
  source: ReturnType<typeof sourceOf>;
  duckdbType: string;
  value: string;
}

/**
 * All files together, each column by its very name. Objects and lists, and the values of a column whose type differs from
 * file to file, are JSON, as they would be in a VARIANT: DuckDB's UNION would make text of numbers, and an error of objects beside lists.
 */
function relation(
  files: readonly LocalFile[],
  options: ConversionOptions,
  scanTime: Date,
): Pick<StageSource, "sql" | "columns"> {
  const read = files.map(({ stored, path, parquet }) => ({
    stored,
    path,
    parquet,
    values: parquet.columns.map((column): FileValue => {
      const source = sourceOf(column.type, options);
      return {
        name: column.name,
        source,
        duckdbType: column.duckdbType,
        value: sourceValue(column, source, options),
      };
    }),
  }));
  const kinds = Map.groupBy(
    read.flatMap(({ values }) => values),
    ({ name }) => name,
  );
  const columns = distinct([...kinds.keys()]);
  if (read.length === 0) {
    const empty = Object.entries(METADATA).map(
      ([name, type]) => `CAST(NULL AS ${duckdbType(type)}) AS ${quoteIdentifier(name)}`,
    );
    return { columns, sql: `SELECT ${empty.join(", ")} WHERE false` };
  }
  const selects = read.map(({ stored, path, parquet, values }) => {
    const own = new Map(values.map((each) => [each.name, each]));
    const selection = columns.map(({ name, reference }) => {
      const alike = kinds.get(name) ?? [];
      return `${valueIn(own.get(name), alike)} AS ${quoteIdentifier(reference)}`;
    });
    const metadata = Object.entries(metadataOf(stored, scanTime)).map(
      ([name, value]) => `${assign(value, METADATA[name] as ColumnType)} AS ${quoteIdentifier(name)}`,
    );
    return `SELECT ${[...selection, ...metadata].join(", ")} FROM ${parquet.read([path])}`;
  });
  return { columns, sql: selects.join("\nUNION ALL\n") };
}

function valueIn(own: FileValue | undefined, alike: readonly FileValue[]): string {
  if (!own) return "NULL";
  const same = alike.every(
    ({ source, duckdbType }) => source === own.source && duckdbType === own.duckdbType,
  );
  return same && own.source !== "variant" ? own.value : `CAST(${asJson(own.value, own.source)} AS JSON)`;
}

/** Names for DuckDB, which takes two that differ only by case for one. */
function distinct(names: readonly string[]): StageColumn[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let reference = name;
    for (let count = 2; taken.has(reference.toUpperCase()); count++) reference = `${name}_${count}`;
    taken.add(reference.toUpperCase());
    return { name, reference };
  });
}
