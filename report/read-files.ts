/** The files of a load, and the rows that were rejected, each with why. */
import type { Row, Session } from "../components/snowflake/session.ts";
import { moment } from "../components/snowflake/times.ts";
import type { LoadOutputs } from "../components/verified-load/args.ts";
import { type CompleteSettings, namesOf } from "../components/verified-load/settings.ts";
import { nameOf } from "../components/verified-load/write/listing.ts";
import type { Report, ReportFile } from "./schema.ts";

/** What is on record of rows is of that many characters at most; a file's name, and an error, can be longer. */
const MOST_CHARACTERS = 1000;
export const cut = (text: string) =>
  text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
export const countOf = (value: unknown) => Number(value ?? 0);

/** Files of the load: from the accounting when it was published, else as they were counted. */
export async function readFiles(
  session: Session,
  settings: CompleteSettings,
  id: string,
  outcome: string,
  outputs: LoadOutputs,
  counted: readonly Row[],
): Promise<Report["files"]> {
  const names = namesOf(settings);
  const files: ReportFile[] =
    outcome === "published"
      ? (
          await session.rows(
            `SELECT FILE, SIZE, STATUS, ROWS_PARSED, ROWS_REJECTED, FIRST_ERROR, LOADED_AT FROM ${names.accounting} WHERE LOAD_ID = ?`,
            [id],
          )
        ).map((row) => ({
          name: cut(nameOf(String(row.FILE), settings)),
          status: row.STATUS === "LOADED" ? "LOADED" : "PARTIALLY_LOADED",
          bytes: countOf(row.SIZE),
          rows: countOf(row.ROWS_PARSED),
          rejected: countOf(row.ROWS_REJECTED),
          at: moment(row.LOADED_AT),
          why: cut(String(row.FIRST_ERROR ?? "")),
        }))
      : counted.map((row) => ({
          name: cut(nameOf(String(row.FILE), settings)),
          status: "NOT_PUBLISHED",
          bytes: countOf(row.TOTAL),
          rows: countOf(row.ROWS_COUNTED),
          rejected: countOf(row.ROWS_REJECTED),
          at: "",
          why: cut(String(row.EXAMPLE ?? "")),
        }));
  const known = new Set(files.map(({ name }) => name));
  const { unreadable, notLoaded, gone } = outputs.files;
  const others = [
    ...unreadable.map((text) => otherFile("UNREADABLE", text)),
    ...notLoaded.map((text) => otherFile("NOT_LOADED", text)),
    ...gone.map((name) => otherFile("GONE", `${name}: no more in the bucket; its rows stay`)),
  ].filter(({ name }) => !known.has(name));
  const list = [...others, ...files].toSorted(
    (one, other) =>
      Number(one.why === "") - Number(other.why === "") ||
      (other.rejected ?? 0) - (one.rejected ?? 0) ||
      (one.name < other.name ? -1 : 1),
  );
  return { ofLoad: Math.max(files.length, outputs.cost?.files ?? 0), list };
}

/** @param text "name: why", as the outputs have it */
function otherFile(status: ReportFile["status"], text: string): ReportFile {
  const end = text.indexOf(": ");
  const [name, why] = end < 0 ? [text, ""] : [text.slice(0, end), text.slice(end + 2)];
  return { name: cut(name), status, bytes: null, rows: null, rejected: null, at: "", why: cut(why) };
}

export function rejectedOf(
  settings: CompleteSettings,
  reasons: readonly Row[],
  examples: readonly Row[],
): Report["rejected"] {
  const list = reasons
    .map((row) => ({
      reason: String(row.NAME),
      rows: countOf(row.ROWS_COUNTED),
      examples: examples
        .filter(({ NAME }) => NAME === row.NAME)
        .map((one) => ({
          file: cut(nameOf(String(one.FILE), settings)),
          row: countOf(one.ROW_NUMBER),
          record: String(one.EXAMPLE ?? ""),
        }))
        .toSorted((one, other) =>
          one.file === other.file ? one.row - other.row : one.file < other.file ? -1 : 1,
        ),
    }))
    .toSorted((one, other) => other.rows - one.rows);
  return { rows: list.reduce((sum, { rows }) => sum + rows, 0), reasons: list };
}
