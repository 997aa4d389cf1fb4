/**
 * What the files look like, from their footers (INFER_SCHEMA), before anything is copied: files of one shape land in one
 * table, whose columns have the files' own types, so that COPY converts nothing.
 */
import { READINGS_COLUMNS } from "../../readings-columns.ts";
import { firstLineOf, messageOf } from "../../snowflake/errors.ts";
import type { Row } from "../../snowflake/session.ts";
import { literal, qualified } from "../../sql.ts";
import { isUnmistakable, type LandedColumn } from "../audit/convert.ts";
import type { Run } from "../context.ts";
import { landedColumn, type Shape, withoutStrangers } from "./contract.ts";
import { filesNamed } from "./listing.ts";
import type { StagedFile } from "./staged-file.ts";

/** docs: INFER_SCHEMA, FILES: "The maximum number of files names that can be specified is 1000." */
const MOST_FILES = 1000;
/** Up to so many files are asked for one by one, whatever they are. */
const FEW_FILES = 100;
/** Footers that are asked for at the same time: as many statements as a warehouse runs (MAX_CONCURRENCY_LEVEL). */
const TOGETHER = 8;

export interface Footers {
  shapes: Shape[];
  unreadable: { file: StagedFile; why: string }[];
}

type Found = Pick<Footers, "unreadable"> & { columns: Map<string, LandedColumn[]> };

/** Groups the files by shape. A file without a readable footer comes back as unreadable. */
export async function findShapes(run: Run, files: readonly StagedFile[]): Promise<Footers> {
  const found: Found = { columns: new Map(), unreadable: [] };
  for (let from = 0; from < files.length; from += MOST_FILES)
    await inferAll(run, files.slice(from, from + MOST_FILES), found);

  const shapes = new Map<string, Shape>();
  for (const file of files) {
    const columns = found.columns.get(file.file);
    if (columns === undefined) continue;
    const sorted = withoutStrangers(columns.toSorted((one, other) => (one.name < other.name ? -1 : 1)));
    const key = JSON.stringify(sorted);
    const shape = shapes.get(key);
    if (shape) shape.files.push(file);
    else shapes.set(key, { columns: sorted, files: [file] });
  }
  return { shapes: [...shapes.values()], unreadable: found.unreadable };
}

/**
 * Whether an account tells each type that files have for a column, or one that holds them all, is documented nowhere, and
 * an answer about several files does not show it. So many files are asked for together, and those for which it would make
 * a difference one by one. A question that fails because of one of its files is halved.
 */
async function inferAll(run: Run, files: readonly StagedFile[], found: Found): Promise<void> {
  if (files.length <= FEW_FILES) return inferEach(run, files, found);
  let rows: Row[];
  try {
    rows = await inferSchema(run, files);
  } catch (error) {
    if (!isAboutFiles(error)) throw error;
    const half = Math.ceil(files.length / 2);
    await inferAll(run, files.slice(0, half), found);
    await inferAll(run, files.slice(half), found);
    return;
  }
  const answered = columnsByFile(rows, files, run.settings);
  const unsure: StagedFile[] = [];
  for (const file of files) {
    const columns = answered.get(file.file);
    if (columns && isSure(columns)) found.columns.set(file.file, columns);
    else unsure.push(file);
  }
  await inferEach(run, unsure, found);
}

/** Whether columns convert alike, even where their types are those that hold the types of several files. */
const isSure = (columns: readonly LandedColumn[]) =>
  new Set(columns.map(({ name }) => name)).size === columns.length &&
  READINGS_COLUMNS.every((column) => {
    const landed = landedColumn(columns, column.name);
    return landed !== undefined && isUnmistakable(column, landed);
  });

async function inferEach(run: Run, files: readonly StagedFile[], found: Found): Promise<void> {
  const waiting = [...files];
  const worker = async () => {
    for (let file = waiting.shift(); file; file = waiting.shift()) await inferOne(run, file, found);
  };
  await Promise.all(Array.from({ length: Math.min(TOGETHER, files.length) }, worker));
}

async function inferOne(run: Run, file: StagedFile, { columns, unreadable }: Found): Promise<void> {
  try {
    const own = (await inferSchema(run, [file])).map(columnOf);
    if (own.length > 0 && new Set(own.map(({ name }) => name)).size === own.length)
      columns.set(file.file, own);
    else unreadable.push({ file, why: "its footer names no columns, or one column twice" });
  } catch (error) {
    if (!isAboutFiles(error)) throw error;
    unreadable.push({ file, why: firstLineOf(error) });
  }
}

/** A fault of the files, not of the session, the rights or the network. */
function isAboutFiles(error: unknown): boolean {
  return /parquet|footer|magic|invalid file|error parsing|file '/i.test(messageOf(error));
}

function inferSchema({ session, settings, names }: Run, files: readonly StagedFile[]): Promise<Row[]> {
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

const columnOf = (row: Row): LandedColumn => ({
  name: String(row.COLUMN_NAME),
  type: String(row.TYPE).toUpperCase(),
});

/** The columns of each file, as far as FILENAMES, a list with commas, can be told apart. */
function columnsByFile(
  rows: readonly Row[],
  files: readonly StagedFile[],
  settings: Run["settings"],
): Map<string, LandedColumn[]> {
  const namesIn = (row: Row) => String(row.FILENAMES).split(/\s*,\s*/);
  const named = filesNamed([...new Set(rows.flatMap(namesIn))], files, settings);
  const found = new Map<string, LandedColumn[]>();
  for (const row of rows)
    for (const name of namesIn(row)) {
      const file = named.get(name);
      if (file === undefined || file.name.includes(",")) continue;
      found.set(file.file, [...(found.get(file.file) ?? []), columnOf(row)]);
    }
  return found;
}
