/**
 * Rejected rows that somebody corrected: they wait in `<table>_CORRECTED`, and the next load takes them in as rows of the
 * files that they come from. They land, are audited and are published like others, under the same fence.
 */
import { plural } from "../../format.ts";
import { READINGS_COLUMNS } from "../../readings-columns.ts";
import { LoadError } from "../../snowflake/errors.ts";
import { identifier, literal } from "../../sql.ts";
import { workPrefix } from "../audit/relations.ts";
import type { Run } from "../context.ts";
import type { LandedFile, Landing } from "../write/landing.ts";
import { nameOf } from "../write/listing.ts";
import { isLive, type Published, type PublishedFile } from "./control.ts";

/** Corrected rows of one file. */
export interface Correction {
  file: PublishedFile & { fileId: number };
  rows: number;
}

/** The same, landed. */
export interface Returned {
  landings: Landing[];
  files: (LandedFile & { fileId: number })[];
}

const NOTHING_RETURNED: Returned = { landings: [], files: [] };

const WAITING = "RETURNED_AT IS NULL";

/** Corrected rows that wait. Throws where they are no corrections of rows that were rejected, or are there twice. */
export async function findCorrections(
  { session, names, settings, log }: Run,
  published: Published,
): Promise<Correction[]> {
  const rows = await session.rows(
    `SELECT c.FILE_ID, COUNT(*) AS N, COUNT(DISTINCT c.ROW_NUMBER) AS DISTINCT_ROWS,
  COUNT_IF(COALESCE(r.N, 0) - COALESCE(t.N, 0) < 1) AS NEVER_REJECTED
FROM (SELECT FILE_ID, ROW_NUMBER FROM ${names.corrected} WHERE ${WAITING}) c
LEFT JOIN (SELECT FILE_ID, ROW_NUMBER, COUNT(*) AS N FROM ${names.rejected} GROUP BY FILE_ID, ROW_NUMBER) r ON r.FILE_ID = c.FILE_ID AND r.ROW_NUMBER = c.ROW_NUMBER
LEFT JOIN (SELECT FILE_ID, ROW_NUMBER, COUNT(*) AS N FROM ${names.corrected} WHERE NOT ${WAITING} GROUP BY FILE_ID, ROW_NUMBER) t ON t.FILE_ID = c.FILE_ID AND t.ROW_NUMBER = c.ROW_NUMBER
GROUP BY c.FILE_ID ORDER BY c.FILE_ID`,
  );
  const live = new Map(published.files.map((file) => [file.fileId, file]));
  const found: Correction[] = [];
  const faults: string[] = [];
  for (const row of rows) {
    const [fileId, count] = [Number(row.FILE_ID), Number(row.N)];
    const file = live.get(fileId);
    const wrong = Number(row.NEVER_REJECTED);
    const twice = count - Number(row.DISTINCT_ROWS);
    if (wrong > 0) faults.push(`FILE_ID ${row.FILE_ID}: ${plural(wrong, "row")} that no load rejected`);
    else if (twice > 0) faults.push(`FILE_ID ${row.FILE_ID}: ${plural(twice, "row")} twice`);
    else if (file === undefined)
      log(
        `load: ${plural(count, "corrected row")} of FILE_ID ${row.FILE_ID} stay out: the file is no more in the table`,
      );
    else {
      log(`load: ${plural(count, "corrected row")} of ${nameOf(file.file, settings)}`);
      found.push({ file: { ...file, fileId }, rows: count });
    }
  }
  if (faults.length > 0)
    throw new LoadError(
      "corrected-rows",
      `${names.corrected} has rows that are no corrections: ${faults.slice(0, 5).join("; ")}.`,
      `give each the FILE_ID and the ROW_NUMBER of the rejected row, once, or delete them: DELETE FROM ${names.corrected} WHERE ${WAITING}`,
    );
  return found;
}

/** Of a table that was emptied, whose files get other FILE_IDs: corrections do not come back by themselves. */
export async function tellOfCorrections({ session, names, log }: Run): Promise<void> {
  const [row] = await session.rows(
    `SELECT COUNT(*) AS N FROM ${names.corrected} WHERE FILE_ID IN (SELECT a.FILE_ID FROM ${names.accounting} a WHERE ${isLive("a")})`,
  );
  const corrected = Number(row?.N);
  if (corrected > 0)
    log(
      `load: the table was emptied, and ${plural(corrected, "corrected row")} with it: their rows are rejected anew; give the corrections again under the files' new FILE_IDs (they stand in ${names.corrected})`,
    );
}

/** As many values as a list of IN may have, with room to spare (Snowflake's error 001795 says 16,384). */
const MOST_VALUES = 10_000;

/** Condition for a FILE_ID among these. */
function isOf(files: readonly number[], column = "FILE_ID"): string {
  const lists = Array.from({ length: Math.ceil(files.length / MOST_VALUES) }, (_, list) =>
    files.slice(list * MOST_VALUES, (list + 1) * MOST_VALUES).join(", "),
  );
  return `(${lists.map((list) => `${column} IN (${list})`).join(" OR ")})`;
}

/** Puts corrected rows where the audit finds them. They have the readings' own types already. */
export async function landCorrections(run: Run, corrections: readonly Correction[]): Promise<Returned> {
  if (corrections.length === 0) return NOTHING_RETURNED;
  const name = `${workPrefix(run)}${run.count("corrected")}_CORRECTED`;
  const columns = READINGS_COLUMNS.map(({ name, type }) => ({ name, type }));
  await run.session.rows(
    `CREATE OR REPLACE TRANSIENT TABLE ${run.names.work(name)} DATA_RETENTION_TIME_IN_DAYS = 0 AS
SELECT FILE_ID::VARCHAR AS "FLUX$FILE", ROW_NUMBER AS "FLUX$ROW", ${columns.map((column) => identifier(column.name)).join(", ")}
FROM ${run.names.corrected} WHERE ${WAITING} AND ${isOf(corrections.map(({ file }) => file.fileId))}`,
  );
  return {
    landings: [{ name, columns }],
    files: corrections.map(({ file, rows }) => ({
      fileId: file.fileId,
      landing: name,
      landedAs: String(file.fileId),
      rows,
      queryId: file.queryId,
      staged: {
        file: file.file,
        name: nameOf(file.file, run.settings),
        size: file.size,
        md5: file.md5,
        lastModified: new Date(file.loadedAt),
      },
    })),
  };
}

/** Statements of the publishing: the files' records count the rows as published, and each correction is taken once. */
export function returning(
  { names, id }: Pick<Run, "names" | "id">,
  files: readonly { fileId: number; rows: number }[],
  stats: string,
): { sql: string; rows: number; what: string }[] {
  if (files.length === 0) return [];
  const ids = files.map(({ fileId }) => fileId);
  return [
    {
      sql: `UPDATE ${names.accounting} a SET ROWS_LOADED = a.ROWS_LOADED + s.LANDED - s.REJECTED, ROWS_REJECTED = a.ROWS_REJECTED - s.LANDED + s.REJECTED,
  STATUS = IFF(a.ROWS_REJECTED - s.LANDED + s.REJECTED = 0, 'LOADED', 'PARTIALLY_LOADED'),
  FIRST_TIME = LEAST(COALESCE(a.FIRST_TIME, s.FIRST_TIME), COALESCE(s.FIRST_TIME, a.FIRST_TIME)),
  LAST_TIME = GREATEST(COALESCE(a.LAST_TIME, s.LAST_TIME), COALESCE(s.LAST_TIME, a.LAST_TIME))
FROM ${stats} s WHERE s.FILE_ID = a.FILE_ID AND a.DISCARDED_AT IS NULL AND ${isOf(ids, "s.FILE_ID")};`,
      rows: files.length,
      what: "records of the files of corrected rows",
    },
    {
      sql: `UPDATE ${names.corrected} SET RETURNED_AT = SYSDATE(), RETURNED_BY = ${literal(id)} WHERE ${WAITING} AND ${isOf(ids)};`,
      rows: files.reduce((sum, { rows }) => sum + rows, 0),
      what: "corrected rows",
    },
  ];
}
