/**
 * Landing tables: files as they are, in the files' own types. What landed whole is on record (`<table>_LANDED`), so that a
 * later load need not copy it again as long as the file is the same.
 */
import { instant, timestamp } from "../../snowflake/times.ts";
import { literal } from "../../sql.ts";
import type { LandedColumn } from "../audit/convert.ts";
import type { Run } from "../context.ts";
import { insertOnce } from "../insert-once.ts";
import { sameContent } from "./listing.ts";
import type { StagedFile } from "./staged-file.ts";

/** A file all of whose rows lie in a landing table. */
export interface LandedFile {
  staged: StagedFile;
  landing: string;
  /** The file as METADATA$FILENAME names it. */
  landedAs: string;
  rows: number;
  queryId: string;
}

/** A landing table and the columns of its files. */
export interface Landing {
  name: string;
  columns: LandedColumn[];
}

/** Columns of a landing table that tell where a row comes from. docs: COPY INTO <table>, INCLUDE_METADATA. */
export const METADATA = {
  FLUX$FILE: { type: "VARCHAR", of: "METADATA$FILENAME" },
  FLUX$ROW: { type: "NUMBER(18,0)", of: "METADATA$FILE_ROW_NUMBER" },
  FLUX$KEY: { type: "VARCHAR", of: "METADATA$FILE_CONTENT_KEY" },
  FLUX$MODIFIED: { type: "TIMESTAMP_NTZ(9)", of: "METADATA$FILE_LAST_MODIFIED" },
} as const;

const LANDING = "_LANDING_";
export const landingPrefix = (table: string) => table + LANDING;

/** Landing tables that are there, with the moment they were made. Needs no running warehouse. */
export async function landingTables({
  session,
  settings,
  names,
}: Pick<Run, "session" | "settings" | "names">): Promise<{ name: string; createdAt: number }[]> {
  const prefix = landingPrefix(settings.table);
  // In the pattern of LIKE an underscore stands for any character, so names are compared once more.
  const rows = await session.rows(`SHOW TABLES LIKE ${literal(`${prefix}%`)} IN SCHEMA ${names.schema}`);
  return rows
    .map((row) => ({ name: String(row.name), createdAt: instant(row.created_on) }))
    .filter(({ name }) => name.startsWith(prefix));
}

/** Files that landed in an earlier load, and have not changed since. */
export async function landedBefore(
  run: Run,
  files: readonly StagedFile[],
): Promise<{ files: LandedFile[]; landings: Landing[] }> {
  const tables = new Set((await landingTables(run)).map(({ name }) => name));
  if (tables.size === 0) return { files: [], landings: [] };
  const rows = await run.session.rows(
    `SELECT LANDING, LANDED_AS, FILE, SIZE, MD5, LAST_MODIFIED, ROWS_LANDED, QUERY_ID, SHAPE FROM ${run.names.landed} ORDER BY LANDED_AT`,
  );
  const byFile = new Map(files.map((file) => [file.file, file]));
  const found = new Map<string, LandedFile>();
  const landings = new Map<string, Landing>();
  for (const row of rows) {
    const staged = byFile.get(String(row.FILE));
    const landing = String(row.LANDING);
    if (!staged || !tables.has(landing)) continue;
    const same =
      sameContent(staged, { size: Number(row.SIZE), md5: String(row.MD5) }) &&
      staged.lastModified.getTime() === instant(row.LAST_MODIFIED);
    if (!same) continue;
    landings.set(landing, { name: landing, columns: JSON.parse(String(row.SHAPE)) as LandedColumn[] });
    found.set(staged.file, {
      staged,
      landing,
      landedAs: String(row.LANDED_AS),
      rows: Number(row.ROWS_LANDED),
      queryId: String(row.QUERY_ID),
    });
  }
  const used = new Set([...found.values()].map(({ landing }) => landing));
  return {
    files: [...found.values()],
    landings: [...landings.values()].filter(({ name }) => used.has(name)),
  };
}

/** Puts it on record that these files landed whole. Repeatable. */
export async function recordLanded(
  { session, names }: Run,
  files: readonly LandedFile[],
  columns: readonly LandedColumn[],
): Promise<void> {
  const shape = JSON.stringify(columns);
  await insertOnce(
    session,
    names.landed,
    {
      LANDING: "?",
      LANDED_AS: "?",
      FILE: "?",
      SIZE: "?",
      MD5: "?",
      LAST_MODIFIED: "?::TIMESTAMP_NTZ",
      ROWS_LANDED: "?",
      QUERY_ID: "?",
      SHAPE: "?",
      LANDED_AT: "SYSDATE()",
    },
    ["LANDING", "FILE"],
    files.map(({ staged, landing, landedAs, rows, queryId }) => [
      landing,
      landedAs,
      staged.file,
      staged.size,
      staged.md5,
      timestamp(staged.lastModified),
      rows,
      queryId,
      shape,
    ]),
  );
}

/** Drops landing tables, and what is on record of them. */
export async function dropLandings(
  { session, names }: Pick<Run, "session" | "names">,
  landings: readonly string[],
): Promise<void> {
  for (const landing of landings) await session.rows(`DROP TABLE IF EXISTS ${names.work(landing)}`);
  if (landings.length > 0)
    await session.rows(
      `DELETE FROM ${names.landed} WHERE LANDING IN (${landings.map(() => "?").join(", ")})`,
      landings,
    );
}
