/** Write: every file to load lies whole in a landing table afterwards, or is named. */
import { bytes, duration, plural, throttled } from "../../format.ts";
import { PARQUET } from "../../parquet.ts";
import { isTransient, LoadError, messageOf } from "../../snowflake/errors.ts";
import type { Row } from "../../snowflake/session.ts";
import { identifier, literal } from "../../sql.ts";
import type { LandedColumn } from "../audit/convert.ts";
import type { Run } from "../context.ts";
import { resultOf } from "../wait.ts";
import { assertContract, type Shape } from "./contract.ts";
import {
  type LandedFile,
  type Landing,
  landedBefore,
  landingPrefix,
  METADATA,
  recordLanded,
} from "./landing.ts";
import { bytesOf, filesNamed, listFiles, sameContent } from "./listing.ts";
import { findShapes } from "./shapes.ts";
import type { StagedFile, Unreadable } from "./staged-file.ts";

export interface Written {
  /** What of the files' columns differs from the readings' and did not stop the load. */
  differences: string[];
  files: LandedFile[];
  landings: Landing[];
  unreadable: Unreadable[];
  /** Changed while they were copied: the next load takes them. */
  changed: StagedFile[];
}

/**
 * Lands the files. Those that landed before and are unchanged are not copied again.
 * @param beforeCopy once there is something to copy, and nothing speaks against it
 */
export async function write(
  run: Run,
  files: readonly StagedFile[],
  beforeCopy: () => Promise<void>,
): Promise<Written> {
  const { session, settings, log, step } = run;
  const before = await landedBefore(run, files);
  const have = new Set(before.files.map(({ staged }) => staged.file));
  const open = files.filter(({ file }) => !have.has(file));
  if (before.files.length > 0)
    log(`load: ${plural(before.files.length, "file")} landed in an earlier load and did not change`);

  step("reading the files' footers");
  const { shapes, unreadable } = await findShapes(run, open);
  const differences = assertContract([...shapesOf(before), ...shapes], settings.contract);
  for (const difference of differences) log(`load: the files differ: ${difference}`);
  const written: Written = {
    differences,
    files: [...before.files],
    landings: [...before.landings],
    unreadable: unreadable.map(({ file, why }) => ({ name: file.name, why })),
    changed: [],
  };
  if (shapes.length > 0) await beforeCopy();
  step("copying files into landing tables");
  const progress = progressOf(
    run,
    shapes.flatMap((shape) => shape.files),
  );
  for (const { columns, files } of shapes)
    for (let from = 0; from < files.length; from += settings.filesPerCopy)
      await land(run, columns, files.slice(from, from + settings.filesPerCopy), written, progress);

  step(`listing the files of stage ${run.names.stage} again`);
  const now = new Map((await listFiles(session, settings)).map((file) => [file.file, file]));
  const changed = new Map(
    files.filter((file) => !isUnchanged(file, now.get(file.file))).map((file) => [file.name, file]),
  );
  written.changed = [...changed.values()];
  written.files = written.files.filter(({ staged }) => !changed.has(staged.name));
  // One that went may be told as one that cannot be read.
  written.unreadable = written.unreadable.filter(({ name }) => !changed.has(name));
  for (const { name } of written.changed)
    log(`load: ${name} changed, or went, while it was copied: left for the next load`);
  return written;
}

const isUnchanged = (file: StagedFile, now: StagedFile | undefined) =>
  now !== undefined && sameContent(now, file) && now.lastModified.getTime() === file.lastModified.getTime();

/** The shapes of files that landed before: what is accepted may have changed since. */
function shapesOf({ files, landings }: Pick<Written, "files" | "landings">): Shape[] {
  return landings.map(({ name, columns }) => ({
    columns,
    files: files.filter(({ landing }) => landing === name).map(({ staged }) => staged),
  }));
}

/** How often a COPY is begun anew whose fate nobody knows. */
const ATTEMPTS = 5;

/**
 * Lands files of one shape by one COPY. Nobody may know whether a COPY is running, or ran twice, whose submission got no
 * answer (docs: the driver repeats it): its landing table is then left alone, and another one begun.
 */
async function land(
  run: Run,
  columns: readonly LandedColumn[],
  files: readonly StagedFile[],
  written: Written,
  progress: Progress,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const landing = {
      name: `${landingPrefix(run.settings.table)}${run.id}_${run.count("landing")}`,
      columns: [...columns],
    };
    await createLanding(run, landing);
    const outcome = await copy(run, landing, files, progress);
    if (outcome === "in doubt" && attempt < ATTEMPTS) {
      run.log(`load: nobody knows what became of the COPY into ${landing.name}: copying into another table`);
      continue;
    }
    if (outcome === "in doubt") throw inDoubt(landing);
    if ("failed" in outcome) return landHalves(run, columns, files, written, progress, outcome.failed);
    await recordLanded(run, outcome.landed, columns);
    written.landings.push(landing);
    written.files.push(...outcome.landed);
    written.unreadable.push(...outcome.unreadable);
    progress.done(files);
    return;
  }
}

function inDoubt({ name }: Landing): LoadError {
  return new LoadError(
    "copy-in-doubt",
    `After ${ATTEMPTS} attempts nobody knows whether the COPY into ${name} ran once.`,
    "see whether the network between this machine and Snowflake is well, and run `pulumi up` again: nothing was published",
  );
}

/**
 * A COPY that failed as a whole is tried again with each half of its files, until the ones at fault are alone: what
 * ON_ERROR does with a bad parquet file differs from account to account (docs: COPY INTO <table>, usage notes).
 */
async function landHalves(
  run: Run,
  columns: readonly LandedColumn[],
  files: readonly StagedFile[],
  written: Written,
  progress: Progress,
  why: string,
): Promise<void> {
  if (files.length === 1 && files[0]) {
    written.unreadable.push({ name: files[0].name, why });
    return;
  }
  const half = Math.ceil(files.length / 2);
  await land(run, columns, files.slice(0, half), written, progress);
  await land(run, columns, files.slice(half), written, progress);
}

async function createLanding({ session, names, id }: Run, { name, columns }: Landing): Promise<void> {
  const declared = [
    ...columns.filter(({ left }) => !left).map((column) => `${identifier(column.name)} ${column.type}`),
    ...Object.entries(METADATA).map(([column, { type }]) => `${identifier(column)} ${type}`),
  ];
  await session.rows(
    `CREATE TRANSIENT TABLE IF NOT EXISTS ${names.work(name)} (${declared.join(", ")}) ` +
      `DATA_RETENTION_TIME_IN_DAYS = 0 COMMENT = ${literal(`Files as they landed in load ${id}`)}`,
  );
}

type Outcome = "in doubt" | { failed: string } | { landed: LandedFile[]; unreadable: Unreadable[] };

/** A file counts when all its rows are there, once. */
async function copy(
  run: Run,
  landing: Landing,
  files: readonly StagedFile[],
  progress: Progress,
): Promise<Outcome> {
  const { session, settings, names } = run;
  let queryId: string;
  let result: Row[];
  try {
    queryId = await session.start(copyStatement(run, landing, files));
  } catch (error) {
    if (isTransient(error)) return "in doubt";
    throw error;
  }
  try {
    result = await resultOf(session, settings, queryId, "the COPY", (seconds) => progress.tick(seconds));
  } catch (error) {
    if (!isAboutFiles(error)) throw error;
    return { failed: firstLine(messageOf(error)) };
  }
  // Rows that landed more than once have fewer numbers than there are rows; counting distinct ones would cost a sort.
  const rows = await session.rows(
    `SELECT "FLUX$FILE" AS LANDED_AS, COUNT(*) AS N, MAX("FLUX$ROW") - MIN("FLUX$ROW") + 1 AS NUMBERS FROM ${names.work(landing.name)} GROUP BY 1`,
  );
  const landed: LandedFile[] = [];
  const unreadable: Unreadable[] = [];
  const reported = rowsByFile(result, "file", files, settings);
  const counted = rowsByFile(rows, "LANDED_AS", files, settings);
  for (const staged of files) {
    const copied = reported.get(staged);
    const there = counted.get(staged);
    const n = Number(there?.N ?? 0);
    const parsed = Number(copied?.rows_parsed ?? 0);
    const twice = n > parsed || Number(there?.NUMBERS ?? 0) < n;
    if (twice) return "in doubt";
    if (copied !== undefined && /^LOADED$/i.test(String(copied.status)) && n === parsed)
      landed.push({
        staged,
        landing: landing.name,
        landedAs: String(there?.LANDED_AS ?? staged.file),
        rows: n,
        queryId,
      });
    else unreadable.push({ name: staged.name, why: reasonOf(copied, parsed, n) });
  }
  return { landed, unreadable };
}

/** The rows of an answer by the file that one of its columns names. */
function rowsByFile(
  rows: readonly Row[],
  column: string,
  files: readonly StagedFile[],
  settings: Run["settings"],
): Map<StagedFile, Row> {
  const nameIn = (row: Row) => String(row[column] ?? "");
  const named = filesNamed(rows.map(nameIn), files, settings);
  return new Map(
    rows.flatMap((row) => {
      const file = named.get(nameIn(row));
      return file ? [[file, row] as const] : [];
    }),
  );
}

function reasonOf(copied: Row | undefined, parsed: number, landed: number): string {
  if (copied === undefined) return "COPY did not report on it";
  const error = firstLine(String(copied.first_error ?? ""));
  return error || `${plural(landed, "row")} of ${parsed} landed`;
}

const firstLine = (text: string) => text.trim().split("\n")[0] ?? "";

/** A fault of the files, not of the rights, the warehouse or the session. */
function isAboutFiles(error: unknown): boolean {
  return /parquet|file '|invalid file|error parsing|could not read|failed to cast|numeric value|is not recognized/i.test(
    messageOf(error),
  );
}

/**
 * The landing table's columns have the names of the files' own, case and all. What tells where a row comes from is named
 * bare: that INCLUDE_METADATA takes quoted names the manual does not show.
 */
function copyStatement({ names }: Run, landing: Landing, files: readonly StagedFile[]): string {
  const metadata = Object.entries(METADATA).map(([column, { of }]) => `${column} = ${of}`);
  return (
    `COPY INTO ${names.work(landing.name)} FROM ${names.files} FILES = (${files.map(({ name }) => literal(name)).join(", ")}) ` +
    `FILE_FORMAT = (${PARQUET}) MATCH_BY_COLUMN_NAME = CASE_SENSITIVE ` +
    `INCLUDE_METADATA = (${metadata.join(", ")}) ON_ERROR = SKIP_FILE`
  );
}

interface Progress {
  tick(seconds: number): void;
  done(files: readonly StagedFile[]): void;
}

/** Lines about a COPY that lasts: Snowflake tells of single files only when it has ended. */
function progressOf({ log }: Run, files: readonly StagedFile[]): Progress {
  const say = throttled(log);
  let done = 0;
  let doneBytes = 0;
  const started = Date.now();
  return {
    tick: (seconds) => {
      if (seconds > 5)
        say(
          `load: ${done} of ${plural(files.length, "file")} landed, ${bytes(doneBytes)} of ${bytes(bytesOf(files))}, ` +
            `${duration((Date.now() - started) / 1000)} so far`,
        );
    },
    done: (some) => {
      done += some.length;
      doneBytes += bytesOf(some);
    },
  };
}
