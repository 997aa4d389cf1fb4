/**
 * The relations that audit and publishing read, as SQL texts: the landed rows converted and judged, and the readings as
 * they will be. Both read the same texts, so that what is published is what was audited.
 */

import { READINGS_COLUMNS } from "../../readings-columns.ts";
import { LoadError } from "../../snowflake/errors.ts";
import { identifier, literal } from "../../sql.ts";
import type { PublishedFile } from "../accounting/control.ts";
import type { Run } from "../context.ts";
import { CHECKS, type CompleteQuality, offends, ROW_CHECKS } from "../quality/index.ts";
import { landedColumn } from "../write/contract.ts";
import type { Landing, METADATA } from "../write/landing.ts";
import { convert } from "./convert.ts";

/** Names of a load's own tables, quoted. */
export interface WorkTables {
  /** One row for each file to publish, with the FILE_ID that its rows get. */
  files: string;
  /** The same, with what its rows come to. */
  stats: string;
  /** FILE_IDs whose rows go. */
  removed: string;
  /** One row for each meter and day that was audited. */
  meterDays: string;
  /** What will stand in `<table>_METERS` for each audited meter. */
  meters: string;
  /** What will stand in `<table>_DAYS` for each audited day. */
  days: string;
}

const PREFIX = "_AUDIT_";
export const auditPrefix = (table: string) => table + PREFIX;

/** What the names of all work tables of one load begin with. */
export const workPrefix = ({ settings, id }: Pick<Run, "settings" | "id">) =>
  `${auditPrefix(settings.table)}${id}_`;

/** Work tables of a load's own audit: a statement of an earlier one that comes late does not touch them. */
export function workTables(run: Pick<Run, "settings" | "names" | "id" | "count">): WorkTables {
  const prefix = `${workPrefix(run)}${run.count("audit")}_`;
  const of = (what: string) => run.names.work(prefix + what);
  return {
    files: of("FILES"),
    stats: of("STATS"),
    removed: of("REMOVED"),
    meterDays: of("METER_DAYS"),
    meters: of("METERS"),
    days: of("DAYS"),
  };
}

/** Separates the column from the words in a reason. */
export const REASON_SEPARATOR = ": ";

/**
 * The rows of the load's files: FILE_ID, ROW_NUMBER, the readings' columns, and REASON for those that are rejected (column,
 * separator, words), NULL for the others.
 * @param raw adds RAW_RECORD, the row as it is in the file
 */
export function judged(
  { names, settings }: Pick<Run, "names" | "settings">,
  landings: readonly Landing[],
  work: WorkTables,
  raw = false,
): string {
  const columns = READINGS_COLUMNS.map(({ name }) => name).join(", ");
  if (landings.length === 0)
    return `SELECT NULL::NUMBER(38,0) AS FILE_ID, NULL::NUMBER(38,0) AS ROW_NUMBER, ${READINGS_COLUMNS.map(
      ({ name, type }) => `NULL::${type} AS ${name}`,
    ).join(", ")}, NULL::VARCHAR AS REASON${raw ? ", NULL::VARIANT AS RAW_RECORD" : ""} WHERE FALSE`;
  const converted = landings.map((landing) => convertedRows(names.work(landing.name), landing, work, raw));
  return `SELECT FILE_ID, ROW_NUMBER, ${columns}, COALESCE(PROBLEM${quarantine(settings.quality)}) AS REASON${raw ? ", RAW_RECORD" : ""}
FROM (${converted.join("\nUNION ALL\n")}) converted`;
}

/** Reasons of the checks whose offenders are rejected. */
function quarantine(quality: CompleteQuality): string {
  const rules = ROW_CHECKS.filter((name) => quality[name].severity === "quarantine").map((name) => {
    const { row, meaning } = CHECKS[name];
    return `, IFF(${offends(name, quality)}, ${literal(`${row.column}${REASON_SEPARATOR}${name}: ${meaning}`)}, NULL)`;
  });
  return rules.length > 0 ? rules.join("") : ", NULL";
}

function convertedRows(table: string, { name, columns }: Landing, work: WorkTables, raw: boolean): string {
  const values: string[] = [];
  const problems: string[] = [];
  const prepared: string[] = [];
  for (const column of READINGS_COLUMNS) {
    const conversion = convert(column, landedColumn(columns, column.name));
    if (conversion === undefined)
      throw new LoadError(
        "schema-mismatch",
        `Column ${column.name} of the files in ${table} does not convert to ${column.type}.`,
        "have the files written anew with the table's types",
      );
    if (conversion.prepared) prepared.push(`, ${conversion.prepared.value} AS ${conversion.prepared.name}`);
    values.push(`${conversion.value} AS ${column.name}`);
    if (conversion.fails)
      problems.push(
        `WHEN ${conversion.fails} THEN ${literal(`${column.name}${REASON_SEPARATOR}does not convert to ${column.type}`)}`,
      );
  }
  const problem = problems.length > 0 ? `CASE ${problems.join(" ")} END` : "NULL::VARCHAR";
  const landed = columns.filter(({ left }) => !left);
  const record = landed.map((column) => `${literal(column.name)}, ${identifier(column.name)}`);
  const file = identifier("FLUX$FILE" satisfies keyof typeof METADATA);
  // Files may have a column FILE_ID of their own.
  const id = identifier("FLUX$ID");
  const row = identifier("FLUX$ROW" satisfies keyof typeof METADATA);
  return `SELECT ${id} AS FILE_ID, ${row} AS ROW_NUMBER, ${values.join(", ")}, ${problem} AS PROBLEM${
    raw ? `, OBJECT_CONSTRUCT_KEEP_NULL(${record.join(", ")})::VARIANT AS RAW_RECORD` : ""
  }
FROM (SELECT landing.*, files.FILE_ID AS ${id}${prepared.join("")} FROM ${table} landing JOIN ${work.files} files ON files.LANDING = ${literal(name)} AND files.LANDED_AS = landing.${file}) landed`;
}

/** What is audited: days that new or removed rows touch, or everything. */
export type Scope = { whole: true } | { whole: false; days: readonly string[] };

/** Condition for the rows that go: by a table, as a list may have 16,384 values at most (Snowflake's error 001795). */
export const isRemoved = (work: WorkTables) => `FILE_ID IN (SELECT g.FILE_ID FROM ${work.removed} g)`;

/** Condition on the published rows that stay and lie in the scope. */
function staying(scope: Scope, removed: readonly PublishedFile[], work: WorkTables): string {
  const conditions: string[] = [];
  if (!scope.whole) {
    const [first] = scope.days;
    const last = scope.days.at(-1);
    const days = scope.days.map((day) => `${literal(day)}::DATE`).join(", ");
    // Readings without a time are of no day, and few.
    if (first === undefined || last === undefined) conditions.push("TIMESTAMP IS NULL");
    else
      conditions.push(
        `(TIMESTAMP IS NULL OR (TIMESTAMP >= ${literal(first)}::TIMESTAMP_NTZ AND TIMESTAMP < DATEADD('day', 1, ${literal(last)}::TIMESTAMP_NTZ) AND TIMESTAMP::DATE IN (${days})))`,
      );
  }
  if (removed.length > 0) conditions.push(`(FILE_ID IS NULL OR NOT ${isRemoved(work)})`);
  return conditions.join(" AND ") || "TRUE";
}

/** The readings as they will be, within the scope: FILE_ID, the readings' columns, and IS_NEW. */
export function readings(
  run: Pick<Run, "names" | "settings">,
  landings: readonly Landing[],
  work: WorkTables,
  scope: Scope,
  removed: readonly PublishedFile[],
): string {
  const columns = ["FILE_ID", ...READINGS_COLUMNS.map(({ name }) => name)].join(", ");
  return [
    `SELECT ${columns}, FALSE AS IS_NEW FROM ${run.names.readings} WHERE ${staying(scope, removed, work)}`,
    `SELECT ${columns}, TRUE AS IS_NEW FROM (${judged(run, landings, work)}) new_rows WHERE REASON IS NULL`,
  ].join("\nUNION ALL\n");
}
