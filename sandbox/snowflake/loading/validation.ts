import type { TableColumn } from "../catalog/model.ts";
import { type ColumnHint, fetchResult } from "../engine/fetch.ts";
import { isAboutFile } from "../engine/parquet-errors.ts";
import { SnowflakeError } from "../errors.ts";
import type { ValidationMode } from "../grammar/copy-options.ts";
import { quoteIdentifier } from "../grammar/identifiers.ts";
import { fixed, type ResultSet, text } from "../result.ts";
import { fileFailure } from "../storage/aws-errors.ts";
import { nameInCopy, nameInStage } from "../storage/stage.ts";
import type { LocalCopy, StoredFile } from "../storage/storage.ts";
import { fetchBatches } from "./batches.ts";
import { checkFile, type RowError, rowErrors } from "./file-check.ts";
import { errorCode, type LoaderOptions } from "./file-loader.ts";
import { inspectFile, unreadableFile } from "./inspect.ts";
import { errorColumn, type LoadPlan, loadedColumns, planLoad } from "./load-plan.ts";

/** Columns of what RETURN_ERRORS answers (docs: COPY INTO <table>, "Validate data files without loading"). */
const COLUMNS = [
  text("ERROR"),
  text("FILE"),
  fixed("LINE"),
  fixed("CHARACTER"),
  fixed("BYTE_OFFSET"),
  text("CATEGORY"),
  fixed("CODE"),
  text("SQL_STATE"),
  text("COLUMN_NAME"),
  fixed("ROW_NUMBER"),
  fixed("ROW_START_LINE"),
];

type ReadableCopy = Extract<LocalCopy, { path: string }>;
type Loading = Omit<LoaderOptions, "connection" | "onError">;

/** COPY with VALIDATION_MODE: reads files and says what is wrong with them, or shows their first rows, and loads nothing. */
export async function validateFiles(
  loading: Loading,
  files: readonly StoredFile[],
  mode: ValidationMode,
): Promise<ResultSet> {
  const errors: ResultSet["rows"] = [];
  const shown: ResultSet = { columns: [], rows: [] };
  for await (const copies of fetchBatches(loading.stage.access, files)) {
    for (const copy of copies) {
      try {
        if (!("path" in copy)) throw fileFailure(copy.error, nameInStage(loading.stage, copy.file.url));
        const plan = await planOf(loading, copy.path, copy.file);
        if (mode.mode !== "RETURN_ROWS") errors.push(...(await told(loading, copy, plan)));
        else await show(loading, copy, plan, mode.rows - shown.rows.length, shown);
      } catch (thrown) {
        const error = aboutFile(loading, copy.file, thrown);
        if (mode.mode === "RETURN_ROWS") throw error;
        errors.push(unreadable(loading, copy.file, error));
      }
    }
  }
  if (mode.mode !== "RETURN_ROWS") return { columns: COLUMNS, rows: errors };
  if (shown.columns.length > 0) return shown;
  return { columns: hintsOf(loading).map(({ name }) => text(name)), rows: [] };
}

async function planOf({ reader, target, load }: Loading, path: string, file: StoredFile): Promise<LoadPlan> {
  const columns = loadedColumns(target.object, load).length;
  return planLoad(target.object, await inspectFile(reader, file, path, load, columns), file, load);
}

/** What is said of a file that cannot be read; anything else is thrown on. */
function aboutFile({ execution, load }: Loading, file: StoredFile, error: unknown): SnowflakeError {
  execution.signal.throwIfAborted();
  if (error instanceof SnowflakeError) return error;
  if (!isAboutFile(error)) throw error;
  return unreadableFile(error, file, load);
}

async function told(
  { reader, target, stage }: Loading,
  { path, file }: ReadableCopy,
  plan: LoadPlan,
): Promise<ResultSet["rows"]> {
  // Reads the file to its end, even where every value of it would do.
  const { badRows } = await checkFile(reader, path, plan);
  const errors = badRows > 0 ? await rowErrors(reader, path, plan) : [];
  return errors.map(({ row, message, column }) => {
    const [code, sqlState] = errorCode(message);
    const place = errorColumn(target.object, column);
    const at = String(row);
    return [
      message,
      nameInCopy(stage, file.url),
      at,
      null,
      null,
      "conversion",
      code,
      sqlState,
      place,
      at,
      at,
    ];
  });
}

function unreadable({ stage }: Loading, { url }: StoredFile, error: SnowflakeError): (string | null)[] {
  const { message, code, sqlState } = error;
  return [message, nameInCopy(stage, url), null, null, null, "parsing", code, sqlState, null, null, null];
}

/** The first rows of a file as the table would have them; an error among them ends the statement. */
async function show(
  { reader, target, execution }: Loading,
  { path, file }: ReadableCopy,
  plan: LoadPlan,
  wanted: number,
  shown: ResultSet,
): Promise<void> {
  if (wanted <= 0) return;
  const [wrong] = await rowErrors(reader, path, plan, 1);
  if (wrong && wrong.row <= wanted) throw rowError(wrong, file, errorColumn(target.object, wrong.column));
  const values = plan.columns.map(({ name, value }) => `${value} AS ${quoteIdentifier(name)}`).join(", ");
  const sql = `SELECT ${values} FROM ${plan.read([path])} ORDER BY file_row_number LIMIT ${wanted}`;
  const hints = plan.columns.map(({ name }) =>
    hint(
      target.object.columns.find((each) => each.name === name),
      name,
    ),
  );
  const { cloud, queryId } = execution;
  const spill = { path: cloud.results.file(queryId), spill: () => cloud.engine.connect() };
  const { columns, rows } = await fetchResult(reader, sql, [], hints, spill);
  shown.columns = columns;
  shown.rows.push(...rows);
}

const hint = (column: TableColumn | undefined, name: string): ColumnHint => ({ name, type: column?.type });

const hintsOf = ({ target, load }: Loading): ColumnHint[] =>
  loadedColumns(target.object, load).map((column) => hint(column, column.name));

function rowError({ message, row }: RowError, { key }: StoredFile, column: string): SnowflakeError {
  const [code, sqlState] = errorCode(message);
  return new SnowflakeError(
    code,
    sqlState,
    `${message}\n  File '${key}', line ${row}\n  Row ${row}, column ${column}`,
  );
}
