/** A Snowflake column type as the drivers' protocol names it. */
export type ColumnType =
  | { type: "text"; length: number }
  | { type: "fixed"; precision: number; scale: number }
  | { type: "real" }
  | { type: "boolean" }
  | { type: "date" }
  | { type: "time"; scale: number }
  | { type: "timestamp_ntz" | "timestamp_ltz" | "timestamp_tz"; scale: number }
  | { type: "variant" | "object" | "array" }
  | { type: "binary"; length: number };

export type Column = ColumnType & { name: string; nullable: boolean };

/**
 * What a statement answers. Cells are already in the protocol's encoding: text or null
 * (a timestamp is seconds since 1970 with as many digits as its scale, a date is days since 1970, a boolean "1" or "0").
 */
export interface ResultSet {
  columns: Column[];
  rows: (string | null)[][];
  /** A result too large for memory: `rows` has only its first rows, this file has them all. */
  file?: { path: string; total: number };
  /** Of PUT and GET: what the client is to copy from where to where. */
  transfer?: Record<string, unknown>;
  /** Of a request with several statements: theirs, which clients fetch by query ID. */
  children?: { queryId: string; queryType: string }[];
}

export const text = (name: string, nullable = true): Column => ({
  name,
  type: "text",
  length: 16777216,
  nullable,
});
export const fixed = (name: string, precision = 38, scale = 0, nullable = true): Column => ({
  name,
  type: "fixed",
  precision,
  scale,
  nullable,
});
export const timestampLtz = (name: string, nullable = true): Column => ({
  name,
  type: "timestamp_ltz",
  scale: 3,
  nullable,
});

/** The protocol's form of a moment of scale 3: seconds since 1970. */
export function encodeTimestamp(moment: Date): string {
  const milliseconds = moment.getTime();
  const size = Math.abs(milliseconds);
  const sign = milliseconds < 0 ? "-" : "";
  return `${sign}${Math.floor(size / 1000)}.${String(size % 1000).padStart(3, "0")}`;
}

/** The one-row answer of DDL: a sentence in a column called status. */
export const statusResult = (message: string): ResultSet => ({
  columns: [text("status")],
  rows: [[message]],
});
