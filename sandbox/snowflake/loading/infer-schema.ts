import type { Execution } from "../context.ts";
import { SnowflakeError, unsupported } from "../errors.ts";
import { displayIdentifier } from "../grammar/identifiers.ts";
import type { ObjectName, StageLocation } from "../grammar/values.ts";
import { fixed, type ResultSet, text } from "../result.ts";
import { fileFailure, remoteFileNotFound } from "../storage/aws-errors.ts";
import { listStage, nameInStage, type OpenStage, openStage } from "../storage/stage.ts";
import type { StoredFile } from "../storage/storage.ts";
import { sourceOf } from "./conversion.ts";
import { loadFormat, type ParquetFormat } from "./file-format.ts";
import { namedFiles } from "./file-selection.ts";
import { inspectParquet, type ParquetColumn, type ParquetFile, parseFailure } from "./parquet-file.ts";

export interface InferSchemaOptions {
  location: StageLocation;
  /** A named file format: nothing else is documented. */
  formatName: ObjectName;
  /** Names that go on where the location's URL ends. */
  files?: readonly string[];
  ignoreCase: boolean;
  /** How many of the listed files are looked at. */
  maxFileCount?: number;
}

/** One answer: a column as one or more files have it. */
interface InferredColumn {
  name: string;
  type: string;
  nullable: boolean;
  /** Where it stands in the first file that has it. */
  order: number;
  files: string[];
}

const COLUMNS = [
  text("COLUMN_NAME"),
  text("TYPE"),
  { name: "NULLABLE", type: "boolean" as const, nullable: true },
  text("EXPRESSION"),
  text("FILENAMES"),
  fixed("ORDER_ID"),
];

/** Footers that are read at the same time. */
const TOGETHER = 16;

/**
 * TABLE(INFER_SCHEMA(…)): the columns that parquet files have, from their footers alone (docs: INFER_SCHEMA). Whether
 * Snowflake merges the types of a column over several files is not documented: the usual answer here is a row for each
 * type that a column has, with the files that have it. FILENAMES are paths in the bucket, as METADATA$FILENAME (not verified).
 */
export async function inferSchema(execution: Execution, options: InferSchemaOptions): Promise<ResultSet> {
  const format = loadFormat(execution, { formatName: options.formatName, options: {} });
  if (format.csv) throw unsupported("INFER_SCHEMA of CSV files");
  const stage = await openStage(execution, options.location);
  try {
    const files = chosen(await listStage(stage), stage, options);
    const found = new Map<string, InferredColumn>();
    const merging = execution.cloud.switches.inferredTypes === "merged";
    for (let from = 0; from < files.length; from += TOGETHER) {
      const footers = await readFooters(execution, stage, files.slice(from, from + TOGETHER), format);
      for (const { file, parquet } of footers) collect(found, file, parquet, { ...options, format, merging });
    }
    return { columns: COLUMNS, rows: [...found.values()].sort(byOrder).map((each) => row(each, options)) };
  } finally {
    stage.close();
  }
}

function chosen(
  listed: readonly StoredFile[],
  stage: OpenStage,
  { files, maxFileCount }: InferSchemaOptions,
): readonly StoredFile[] {
  if (files === undefined) return listed.slice(0, maxFileCount);
  const { found, missing } = namedFiles(listed, stage.url, files);
  // "If any of the specified files cannot be found, the query will be aborted."
  if (missing[0] !== undefined) throw remoteFileNotFound(nameInStage(stage, missing[0]));
  return found.slice(0, maxFileCount);
}

async function readFooters(
  execution: Execution,
  stage: OpenStage,
  files: readonly StoredFile[],
  format: ParquetFormat,
): Promise<{ file: StoredFile; parquet: ParquetFile }[]> {
  const connection = await execution.connection();
  const copies = await stage.access.localFooters(files);
  const footers: { file: StoredFile; parquet: ParquetFile }[] = [];
  try {
    for (const copy of copies.outcomes) {
      const { file } = copy;
      if (!("path" in copy)) throw fileFailure(copy.error, nameInStage(stage, file.url));
      try {
        footers.push({ file, parquet: await inspectParquet(connection, copy.path, format) });
      } catch (error) {
        execution.signal.throwIfAborted();
        throw new SnowflakeError("100152", "22000", `${parseFailure(error, file)}\n  File '${file.key}'`);
      }
    }
  } finally {
    await copies.release();
  }
  return footers;
}

interface Collecting {
  ignoreCase: boolean;
  format: ParquetFormat;
  merging: boolean;
}

function collect(
  found: Map<string, InferredColumn>,
  file: StoredFile,
  parquet: ParquetFile,
  { ignoreCase, format, merging }: Collecting,
): void {
  for (const [order, column] of parquet.columns.entries()) {
    const name = ignoreCase ? column.name.toUpperCase() : column.name;
    const type = inferredType(column, format);
    const key = JSON.stringify(merging ? [name] : [name, type]);
    const known = found.get(key);
    if (!known) {
      found.set(key, { name, type, nullable: column.nullable, order, files: [file.key] });
      continue;
    }
    known.type = widened(known.type, type);
    known.nullable ||= column.nullable;
    if (!known.files.includes(file.key)) known.files.push(file.key);
  }
}

const byOrder = (one: InferredColumn, other: InferredColumn) => one.order - other.order;

function row({ name, type, nullable, order, files }: InferredColumn, { ignoreCase }: InferSchemaOptions) {
  const shown = /^[A-Za-z_][\w$]*$/.test(name) ? name : displayIdentifier(name);
  const value = ignoreCase ? `GET_IGNORE_CASE ($1, ${shown})` : `$1:${shown}`;
  return [name, type, String(nullable), `${value}::${type}`, files.join(", "), String(order)];
}

/**
 * The type of a column of the file, as the format's scanner reads it. Of nested ones the manual shows an object as
 * VARIANT; a list as ARRAY, and whole numbers as NUMBER(38, 0) whatever their width, are from reports (not verified).
 */
function inferredType(column: ParquetColumn, format: ParquetFormat): string {
  switch (sourceOf(column.type, format)) {
    case "integer":
      return "NUMBER(38, 0)";
    case "decimal":
      return column.duckdbType.replace(/^DECIMAL\((\d+),\s*(\d+)\)$/, "NUMBER($1, $2)");
    case "ntz":
      return "TIMESTAMP_NTZ";
    case "ltz":
      return "TIMESTAMP_LTZ";
    case "variant":
      return column.duckdbType.endsWith("]") ? "ARRAY" : "VARIANT";
    case "null":
      return "VARIANT";
    case "boolean":
    case "real":
    case "text":
    case "binary":
    case "date":
    case "time":
      return sourceOf(column.type, format).toUpperCase();
  }
}

/** The type that holds the values of two (not documented: see above). */
function widened(one: string, other: string): string {
  if (one === other) return one;
  const [a, b] = [one, other].map((type) => /^NUMBER\((\d+), (\d+)\)$/.exec(type));
  if (a && b) {
    const scale = Math.max(Number(a[2]), Number(b[2]));
    const whole = Math.max(Number(a[1]) - Number(a[2]), Number(b[1]) - Number(b[2]));
    return `NUMBER(${Math.min(38, whole + scale)}, ${scale})`;
  }
  const numeric = (type: string) => type === "REAL" || type.startsWith("NUMBER");
  if (numeric(one) && numeric(other)) return "REAL";
  const nested = [one, other].some((type) => type === "ARRAY" || type === "VARIANT");
  return nested ? "VARIANT" : "TEXT";
}
