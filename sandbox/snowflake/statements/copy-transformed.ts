import type { findTable } from "../catalog/lookup.ts";
import type { Execution } from "../context.ts";
import type { Connection } from "../engine/engine.ts";
import { asSnowflakeError } from "../engine/errors.ts";
import { SnowflakeError, unsupported } from "../errors.ts";
import type { CopyOptions } from "../grammar/copy-options.ts";
import { quoteIdentifier } from "../grammar/identifiers.ts";
import type { CopyIntoTable } from "../grammar/load-statements.ts";
import { parseStageReference } from "../grammar/parse.ts";
import type { StageLocation } from "../grammar/values.ts";
import type { LoadRecord } from "../loading/load-records.ts";
import type { OpenStage } from "../storage/stage.ts";
import type { StoredFile } from "../storage/storage.ts";
import { parseQuery } from "../translate/parse-query.ts";
import { newTranslation } from "../translate/query.ts";
import { translateChange } from "../translate/translate-dml.ts";

/** COPY INTO table (columns) FROM (SELECT … FROM @stage): an INSERT for each file. */
export interface Transformation {
  location: StageLocation;
  /** The INSERT. */
  sql: string;
  /** What a file that failed has left behind: to be run once the transaction that it aborted has ended. */
  leftovers: (() => Promise<void>)[];
}

export async function transformation({ table, columns, source }: CopyIntoTable): Promise<Transformation> {
  if (source.type !== "query") throw new Error("not a transformation");
  const { stages } = await parseQuery(source.sql);
  const [stage, second] = stages;
  if (stage === undefined || second !== undefined) {
    throw new SnowflakeError(
      "002019",
      "0A000",
      "SQL compilation error:\nCOPY statement only supports simple SELECT from stage statements for import.",
    );
  }
  const names = columns ? ` (${columns.map(quoteIdentifier).join(", ")})` : "";
  return {
    location: parseStageReference(stage).location,
    sql: `INSERT INTO ${table.map(quoteIdentifier).join(".")}${names} ${source.sql}`,
    leftovers: [],
  };
}

/** What goes with a SELECT, and what of it is not here. */
export function requireTransformable({ onError, matchByColumnName, validationMode }: CopyOptions): void {
  // Docs: COPY INTO <table>, VALIDATION_MODE: "does not support COPY statements that transform data". Its words are not verified.
  if (validationMode) {
    throw new SnowflakeError(
      "001047",
      "0A000",
      "SQL compilation error:\nVALIDATION_MODE is not supported with copy transform.",
    );
  }
  if (matchByColumnName && matchByColumnName !== "NONE") {
    // Docs: COPY INTO <table>, MATCH_BY_COLUMN_NAME: not with a SELECT. Its words are not verified.
    throw new SnowflakeError(
      "001047",
      "0A000",
      "SQL compilation error:\nMATCH_BY_COLUMN_NAME copy option is not supported with copy transform.",
    );
  }
  if (onError && onError.action !== "ABORT_STATEMENT")
    throw unsupported(`ON_ERROR = ${onError.action} in COPY INTO <table> FROM (SELECT ...)`);
}

interface Load {
  execution: Execution;
  connection: Connection;
  target: ReturnType<typeof findTable>;
  stage: OpenStage;
  options: CopyOptions;
  transformed: Transformation;
}

/** Loads files one by one, in the transaction of the connection; the first error ends the statement. */
export async function loadTransformed(load: Load, files: readonly StoredFile[]): Promise<LoadRecord[]> {
  const { record } = load.execution;
  record.rowsInserted = 0;
  const records: LoadRecord[] = [];
  for (const file of files) {
    const rows = await loadFile(load, file);
    record.rowsInserted += rows;
    record.bytesScanned += file.size;
    records.push({
      file,
      url: file.url,
      fileName: file.url.slice(load.stage.root.length).replace(/^\//, ""),
      stageLocation: load.stage.root,
      size: file.size,
      etag: file.etag,
      status: "LOADED",
      rowsParsed: rows,
      rowsLoaded: rows,
      errorsSeen: 0,
      errorLimit: 1,
      firstError: null,
      firstErrorLine: null,
      firstErrorColumn: null,
    });
  }
  return records;
}

async function loadFile(
  { execution, connection, options, transformed }: Load,
  file: StoredFile,
): Promise<number> {
  const t = await newTranslation(execution, transformed.sql);
  t.staged = { fileFormat: options.fileFormat, files: [file] };
  try {
    const change = await translateChange(t);
    const rows = await connection.run(change.sql, t.values);
    await t.release();
    return rows;
  } catch (error) {
    transformed.leftovers.push(() => t.release());
    throw asSnowflakeError(error, t.parsed);
  }
}
