/** What an audit found: the figures that the checks are held against. Plain data. */

import type { Unreadable } from "../write/staged-file.ts";

/** Rows that offend against a check of single rows. */
export interface RowRule {
  rows: number;
  /** The files that they come from. */
  examples: string[];
}

/** A day as it will be after the load. */
export interface Day {
  /** YYYY-MM-DD. */
  day: string;
  /** First and last reading, "YYYY-MM-DDTHH:MM:SS". */
  from: string;
  to: string;
}

export type UnknownMeters = { count: number; examples: string[] } | { skipped: string };

/** Why rows were rejected. */
interface RejectionReason {
  reason: string;
  rows: number;
}

export interface Evidence {
  /** Rows of this load's files. */
  landedRows: number;
  /** Those of them that are to be published. */
  newRows: number;
  /** Rejected rows of before that come back, corrected: among the landed ones. */
  correctedRows: number;
  /** Rows that were audited: the new ones, and what lies on the days that they touch; or the whole table. */
  auditedRows: number;
  unreadable: readonly Unreadable[];
  rejected: { rows: number; reasons: readonly RejectionReason[]; examples: readonly string[] };
  /** Published rows by the accounting, and what of them is gone: of an emptied table, what no file brings back. */
  accounted: { rows: number; missing: number; files: readonly string[]; emptied?: true };
  /** Rows of no file, beyond those that were there before the accounting. */
  foreign: { rows: number; from: string; to: string };
  /** By check of single rows. */
  rules: Readonly<Record<string, RowRule>>;
  /** New rows with a NULL, by column. */
  nulls: Record<string, number>;
  continuity: { missing: number; surplus: number; offGrid: number; beginning: number; ending: number };
  duplicates: number;
  voltageInRange: number;
  unknownMeters: UnknownMeters;
  /** All days with readings, in order. */
  days: readonly Day[];
  examples: { continuity: string[]; duplicates: string[]; voltage: string[] };
}
