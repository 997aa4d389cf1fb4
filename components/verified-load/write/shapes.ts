/**
 * What the files look like, from their footers (INFER_SCHEMA), before anything is copied: files of one shape land in one
 * table, whose columns have the files' own types, so that COPY converts nothing.
 */

import { READINGS_COLUMNS } from "../../readings-columns.ts";
import { LoadError } from "../../snowflake/errors.ts";
import type { Row, Session } from "../../snowflake/session.ts";
import { literal, qualified } from "../../sql.ts";
import { convert, type LandedColumn } from "../audit/convert.ts";
import type { Run } from "../context.ts";
import { namesOf as namesOfFiles } from "../plan.ts";
import { isFile, type StagedFile } from "./listing.ts";

/** Files with the same columns of the same types. */
export interface Shape {
  columns: LandedColumn[];
  files: StagedFile[];
}

/** docs: INFER_SCHEMA, FILES: "The maximum number of files names that can be specified is 1000." */
const MOST_FILES = 1000;

/** Types as INFER_SCHEMA writes them; anything else has no place in a statement. */
const TYPE = /^[A-Z][A-Z_]*(\(\d+(, ?\d+)?\))?$/;

/**
 * Groups the files by shape. A file without a readable footer comes back as unreadable. Throws when files lack a column
 * of the key, or have one whose type has no conversion.
 */
export async function findShapes(
  run: Run,
  files: readonly StagedFile[],
): Promise<{ shapes: Shape[]; unreadable: { file: StagedFile; why: string }[] }> {
  const columns = new Map<string, LandedColumn[]>();
  const unreadable: { file: StagedFile; why: string }[] = [];
  for (let from = 0; from < files.length; from += MOST_FILES)
    await inferAll(run, files.slice(from, from + MOST_FILES), columns, unreadable);

  const shapes = new Map<string, Shape>();
  for (const file of files) {
    const found = columns.get(file.file);
    if (found === undefined) continue;
    const sorted = found.toSorted((one, other) => (one.name < other.name ? -1 : 1));
    const key = JSON.stringify(sorted);
    const shape = shapes.get(key);
    if (shape) shape.files.push(file);
    else shapes.set(key, { columns: sorted, files: [file] });
  }
  const found = [...shapes.values()];
  assertContract(found);
  return { shapes: found, unreadable };
}

/** Asks for many files at once, and for halves of them when one of them cannot be read. */
async function inferAll(
  run: Run,
  files: readonly StagedFile[],
  columns: Map<string, LandedColumn[]>,
  unreadable: { file: StagedFile; why: string }[],
): Promise<void> {
  let rows: Row[];
  try {
    rows = await inferSchema(run.session, run, files);
  } catch (error) {
    if (!isAboutFiles(error)) throw error;
    if (files.length === 1 && files[0]) {
      unreadable.push({ file: files[0], why: (error as Error).message.split("\n")[0] ?? "" });
      return;
    }
    const half = Math.ceil(files.length / 2);
    await inferAll(run, files.slice(0, half), columns, unreadable);
    await inferAll(run, files.slice(half), columns, unreadable);
    return;
  }
  const found = columnsByFile(rows, files);
  for (const file of files) {
    let own = found.get(file.file);
    // Whether types of several files are merged is documented nowhere: where one column has two types, ask file by file.
    if (own === "unclear")
      own = columnsByFile(await inferSchema(run.session, run, [file]), [file]).get(file.file);
    if (own === undefined || own === "unclear")
      unreadable.push({ file, why: "its footer names no columns, or one column twice" });
    else columns.set(file.file, own);
  }
}

/** A fault of the files, not of the session, the rights or the network. */
function isAboutFiles(error: unknown): boolean {
  return /parquet|footer|magic|invalid file|error parsing|file '/i.test(
    error instanceof Error ? error.message : "",
  );
}

async function inferSchema(
  session: Session,
  { settings, names }: Run,
  files: readonly StagedFile[],
): Promise<Row[]> {
  const { database, schema, fileFormat } = settings;
  return session.rows(
    `SELECT COLUMN_NAME, TYPE, FILENAMES FROM TABLE(INFER_SCHEMA(LOCATION => ${literal(plainLocation(names.files))}, ` +
      `FILE_FORMAT => ${literal(qualified(database, schema, fileFormat))}, ` +
      `FILES => (${files.map(({ name }) => literal(name)).join(", ")})))`,
  );
}

/** The location without the quotes that a path with other than plain characters has in FROM. */
const plainLocation = (location: string) =>
  location.startsWith("'") ? location.slice(1, -1).replaceAll("''", "'").replaceAll("\\\\", "\\") : location;

/** The columns of each file; "unclear" for a file of which one column has two rows. */
function columnsByFile(
  rows: readonly Row[],
  files: readonly StagedFile[],
): Map<string, LandedColumn[] | "unclear"> {
  const found = new Map<string, LandedColumn[] | "unclear">();
  for (const row of rows) {
    const column = { name: String(row.COLUMN_NAME), type: String(row.TYPE).toUpperCase() };
    for (const named of String(row.FILENAMES).split(/\s*,\s*/)) {
      const file = files.find((file) => isFile(named, file));
      if (file === undefined) continue;
      const own = found.get(file.file) ?? [];
      if (own === "unclear") continue;
      const twice = own.some(({ name }) => name === column.name);
      found.set(file.file, twice ? "unclear" : [...own, column]);
    }
  }
  return found;
}

/** The file's column that is matched to the readings' column: by name, whatever the case, as COPY does. */
export const landedColumn = (columns: readonly LandedColumn[], name: string): LandedColumn | undefined =>
  columns.find((column) => column.name.toUpperCase() === name);

/** What is wrong with files before a row of them is read. Every finding is named at once. */
function assertContract(shapes: readonly Shape[]): void {
  const problems: string[] = [];
  for (const { columns, files } of shapes) {
    const of = namesOfFiles(files);
    for (const { name } of columns.filter(({ type }) => !TYPE.test(type)))
      problems.push(`column ${name} has a type that Snowflake writes in no known way: ${of}`);
    const folded = columns.map(({ name }) => name.toUpperCase());
    for (const name of new Set(folded.filter((name, index) => folded.indexOf(name) !== index)))
      problems.push(`columns that differ only by case, ${name}: ${of}`);
    for (const column of READINGS_COLUMNS) {
      const landed = landedColumn(columns, column.name);
      if (landed === undefined && KEY.includes(column.name))
        problems.push(
          `no column ${column.name} (there are ${columns.map(({ name }) => name).join(", ")}): ${of}`,
        );
      else if (convert(column, landed) === undefined)
        problems.push(
          `column ${landed?.name} is ${landed?.type}, which does not convert to ${column.type}: ${of}`,
        );
    }
  }
  if (problems.length > 0)
    throw new LoadError(
      "schema-mismatch",
      `The files do not fit the readings:\n${problems.map((problem) => `    ${problem}`).join("\n")}`,
      "have the files written anew with the table's names and types (README and docs/loading.md list them), or remove them",
    );
}

/** Without these a row is no reading. */
const KEY: readonly string[] = ["METER_ID", "TIMESTAMP"];
