import type { Table } from "../catalog/model.ts";
import type { Found } from "../catalog/scope.ts";
import type { Execution } from "../context.ts";
import { type Connection, physicalTable } from "../engine/engine.ts";
import { isAboutFile } from "../engine/parquet-errors.ts";
import { SnowflakeError } from "../errors.ts";
import type { OnError } from "../grammar/copy-options.ts";
import { quoteIdentifier, quoteLiteral } from "../grammar/identifiers.ts";
import { fileFailure } from "../storage/aws-errors.ts";
import { nameInStage, type OpenStage } from "../storage/stage.ts";
import type { LocalCopy, StoredFile } from "../storage/storage.ts";
import { fetchBatches } from "./batches.ts";
import { checkFile, type FileCheck } from "./file-check.ts";
import { inspectFile, unreadableFile } from "./inspect.ts";
import { errorColumn, type LoadOptions, type LoadPlan, loadedColumns, planLoad } from "./load-plan.ts";
import type { LoadRecord } from "./load-records.ts";

export interface LoaderOptions {
  execution: Execution;
  /** Writes, in the COPY's transaction. */
  connection: Connection;
  /** Reads files, outside it. */
  reader: Connection;
  target: Found<Table>;
  stage: OpenStage;
  load: LoadOptions;
  onError: OnError;
}

/** A file that has been read to its end, and what is to become of it. */
interface CheckedFile {
  path: string;
  record: LoadRecord;
  /** Undefined: nothing of the file is loaded. */
  plan?: LoadPlan;
}

const HINT =
  "If you would like to continue loading when an error is encountered, use other values such as 'SKIP_FILE' or 'CONTINUE' for the ON_ERROR option. For more information on loading options, please run 'info loading_data' in a SQL client.";

/** Loads the files of one COPY into its table, inside a transaction that the caller began and will end. */
export class FileLoader {
  readonly #options: LoaderOptions;

  constructor(options: LoaderOptions) {
    this.#options = options;
  }

  /** Loads files and answers one record for each. Throws when ON_ERROR says that an error ends the statement. */
  async load(files: readonly StoredFile[]): Promise<LoadRecord[]> {
    const records: LoadRecord[] = [];
    const { execution, stage } = this.#options;
    execution.record.rowsInserted = 0;
    for await (const copies of fetchBatches(stage.access, files)) {
      const checked: CheckedFile[] = [];
      for (const copy of copies) checked.push(await this.#check(copy));
      await this.#insert(checked);
      for (const { record } of checked) {
        records.push(record);
        execution.record.bytesScanned += record.size;
        execution.record.rowsInserted += record.rowsLoaded;
      }
    }
    return records;
  }

  async #check(copy: LocalCopy): Promise<CheckedFile> {
    const { file } = copy;
    const { load, reader, stage, target, execution } = this.#options;
    if (!("path" in copy))
      return this.#unreadable(file, fileFailure(copy.error, nameInStage(stage, file.url)));
    try {
      const columns = loadedColumns(target.object, load).length;
      const inspected = await inspectFile(reader, file, copy.path, load, columns);
      const plan = planLoad(target.object, inspected, file, load);
      const check = await checkFile(reader, copy.path, plan);
      return this.#judge(copy.path, file, plan, check);
    } catch (error) {
      execution.signal.throwIfAborted();
      if (error instanceof SnowflakeError || !isAboutFile(error)) throw error;
      return this.#unreadable(file, unreadableFile(error, file, load));
    }
  }

  /** A file of which no row can be read. */
  #unreadable(file: StoredFile, error: unknown): CheckedFile {
    if (!(error instanceof SnowflakeError)) throw error;
    if (this.#options.onError.action === "ABORT_STATEMENT") {
      throw new SnowflakeError(
        error.code,
        error.sqlState,
        `${error.message}\n  File '${file.key}'\n  ${HINT}`,
      );
    }
    return {
      path: "",
      record: {
        ...this.#base(file),
        status: "LOAD_FAILED",
        errorsSeen: 1,
        errorLimit: 1,
        firstError: error.message,
      },
    };
  }

  /** What ON_ERROR makes of a file's bad rows (docs: COPY INTO <table>, copyOptions). */
  #judge(path: string, file: StoredFile, plan: LoadPlan, check: FileCheck): CheckedFile {
    const { onError, target } = this.#options;
    const { rows, badRows, first } = check;
    const base = {
      ...this.#base(file),
      rowsParsed: rows,
      errorsSeen: badRows,
      errorLimit: errorLimit(onError, rows),
      firstError: first?.message ?? null,
      firstErrorLine: first?.row ?? null,
      firstErrorColumn: first ? errorColumn(target.object, first.column) : null,
    };
    const { parquetConversionError } = this.#options.execution.cloud.switches;
    const aborts = onError.action === "ABORT_STATEMENT" || parquetConversionError === "abort statement";
    if (badRows > 0 && aborts) throw this.#rowError(file, check);
    const whole = parquetConversionError === "skip file" || badRows === rows;
    if (skips(onError, rows, badRows) || (badRows > 0 && whole))
      return { path, record: { ...base, status: "LOAD_FAILED" } };
    const status = badRows > 0 ? "PARTIALLY_LOADED" : "LOADED";
    return { path, plan, record: { ...base, status, rowsLoaded: rows - badRows } };
  }

  #rowError(file: StoredFile, { first }: FileCheck): SnowflakeError {
    const message = first?.message ?? "";
    const [code, sqlState] = errorCode(message);
    const column = first ? errorColumn(this.#options.target.object, first.column) : "";
    const row = first?.row ?? 0;
    return new SnowflakeError(
      code,
      sqlState,
      `${message}\n  File '${file.key}', line ${row}\n  Row ${row}, column ${column}\n  ${HINT}`,
    );
  }

  #base(file: StoredFile): LoadRecord {
    const stageUrl = this.#options.stage.root;
    return {
      file,
      url: file.url,
      fileName: file.url.slice(stageUrl.length).replace(/^\//, ""),
      stageLocation: stageUrl,
      size: file.size,
      etag: file.etag,
      status: "LOADED",
      rowsParsed: 0,
      rowsLoaded: 0,
      errorsSeen: 0,
      errorLimit: 1,
      firstError: null,
      firstErrorLine: null,
      firstErrorColumn: null,
    };
  }

  /** Writes the rows of checked files; those of one shape in one statement, so that all cores work. */
  async #insert(files: readonly CheckedFile[]): Promise<void> {
    const loaded = files.flatMap(({ plan, ...file }) =>
      plan && file.record.rowsLoaded > 0 ? [{ ...file, plan }] : [],
    );
    for (const group of Map.groupBy(loaded, ({ plan }) => plan.shape).values()) {
      const rows = group.reduce((sum, { record }) => sum + record.rowsLoaded, 0);
      const inserted = await this.#insertFiles(group);
      if (inserted !== rows)
        throw new Error(
          `${inserted} rows were written where ${rows} had been read from ${group.length} files`,
        );
    }
  }

  async #insertFiles(files: readonly { path: string; plan: LoadPlan }[]): Promise<number> {
    const { connection, target } = this.#options;
    const [first] = files as [(typeof files)[number]];
    const names = first.plan.columns.map(({ name }) => quoteIdentifier(name)).join(", ");
    const values = first.plan.columns.map(({ value, metadata }, index) =>
      metadata === undefined ? value : metadataValue(value, index, files),
    );
    const paths = files.map(({ path }) => path);
    return await connection.run(
      `INSERT INTO ${physicalTable(target.database.id, target.object.id)} (${names})
       SELECT ${values.join(", ")} FROM ${first.plan.read(paths)}
       ${first.plan.invalid ? `WHERE NOT (${first.plan.invalid})` : ""}`,
    );
  }
}

/** A METADATA$ column of several files: what each of them has there, by the file that a row is read from. */
function metadataValue(
  value: string,
  index: number,
  files: readonly { path: string; plan: LoadPlan }[],
): string {
  const each = files.map(({ path, plan }) => [quoteLiteral(path), plan.columns[index]?.value] as const);
  if (each.every(([, other]) => other === value)) return value;
  return `CASE filename ${each.map(([path, own]) => `WHEN ${path} THEN ${own}`).join(" ")} END`;
}

/** The number of errors at which ON_ERROR gives a file up, as COPY reports it. */
function errorLimit(onError: OnError, rows: number): number {
  if (onError.action === "CONTINUE") return Math.max(rows, 1);
  if (onError.action === "ABORT_STATEMENT") return 1;
  const limit = onError.limit ?? 1;
  return onError.unit === "percent" ? Math.max(1, Math.ceil((rows * limit) / 100)) : Math.max(limit, 1);
}

function skips(onError: OnError, rows: number, badRows: number): boolean {
  if (onError.action !== "SKIP_FILE" || badRows === 0) return false;
  if (onError.unit === "percent") return (badRows * 100) / rows > (onError.limit ?? 0);
  return badRows >= (onError.limit ?? 1);
}

/** Snowflake's codes for what can be wrong with a row. */
export function errorCode(message: string): [string, string] {
  if (message.startsWith("User character length limit")) return ["100074", "54000"];
  if (message.startsWith("NULL result")) return ["100072", "22000"];
  if (message.startsWith("Number out of representable range")) return ["100132", "22003"];
  if (message.startsWith("Number of columns")) return ["100080", "22000"];
  const unrecognised = /^(Numeric value|Boolean value|Date|Time|Timestamp) '.* is not recognized$/s.exec(
    message,
  );
  return UNRECOGNISED[unrecognised?.[1] ?? ""] ?? ["100071", "22000"];
}

/** As those of TO_NUMBER and its like. */
const UNRECOGNISED: Readonly<Record<string, [string, string]>> = {
  "Numeric value": ["100038", "22018"],
  "Boolean value": ["100037", "22018"],
  Date: ["100040", "22007"],
  Time: ["100108", "22007"],
  Timestamp: ["100035", "22007"],
};
