/** Checks of what a load found and did: files, rejected rows, the accounting. */
import { number, plural } from "../../format.ts";
import { check, most } from "./check.ts";

export const OF_LOADS = {
  unreadableFiles: check({
    meaning: "every file can be read whole",
    severity: "fail",
    thresholds: { max: most("files", "that may stay out because they cannot be read") },
    finding: ({ unreadable }, { max }) => ({
      holds: unreadable.length <= max,
      figure: unreadable.length,
      threshold: max,
      message:
        unreadable.length === 0
          ? "every file could be read whole"
          : `${plural(unreadable.length, "file")} could not be read whole and stayed out`,
      examples: unreadable.map(({ name, why }) => `${name}: ${why}`),
    }),
    cure: "put the file there again as its producer wrote it, or remove it; or say with quality.unreadableFiles.max how many may stay out",
  }),
  rejectedRows: check({
    meaning: "a load rejects no more rows than maxRejectedRows and maxRejectedShare accept",
    severity: "fail",
    thresholds: {},
    finding: ({ rejected, landedRows }, _values, { maxRejectedRows, maxRejectedShare }) => {
      const limit = Math.max(maxRejectedRows, Math.floor(maxRejectedShare * landedRows));
      const reasons = rejected.reasons.map(({ reason, rows }) => `${reason}: ${number(rows)}`);
      return {
        holds: rejected.rows <= limit,
        figure: rejected.rows,
        threshold: limit,
        message:
          rejected.rows === 0
            ? "no row was rejected"
            : `${plural(rejected.rows, "row")} of ${number(landedRows)} rejected (${reasons.slice(0, 3).join("; ")})`,
        examples: rejected.examples,
      };
    },
    cure: "have the files named written anew; or raise maxRejectedRows or maxRejectedShare: rejected rows are kept with file, row and reason in the table <readings>_REJECTED, and come back once they are corrected (docs/loading.md)",
  }),
  accountedRows: check({
    meaning: "the table holds the rows that were published",
    severity: "fail",
    thresholds: { maxMissing: most("rows", "that may be gone all the same, deleted on purpose") },
    finding: ({ accounted: { missing, files, rows, emptied } }, { maxMissing }) => ({
      holds: missing <= maxMissing,
      figure: missing,
      threshold: maxMissing,
      message:
        missing > 0
          ? `${plural(missing, "row")} that were published are no longer in the table${emptied ? ", which was emptied, and no file in the bucket brings them back" : ""}`
          : emptied
            ? `the table was emptied, and all files of the ${plural(rows, "row")} that were published are there to be loaded anew`
            : `the table holds the ${plural(rows, "row")} that were published`,
      examples: files,
    }),
    cure: "restore the rows with Time Travel; or forget the files named (docs/loading.md), so that the next load takes them again; or set quality.accountedRows.maxMissing to their number",
  }),
  foreignRows: check({
    meaning: "nobody but this stack put rows into the table",
    severity: "warn",
    thresholds: { max: most("rows", "by others that are accepted") },
    finding: ({ foreign }, { max }) => ({
      holds: foreign.rows <= max,
      figure: foreign.rows,
      threshold: max,
      message:
        foreign.rows === 0
          ? "every row is of a file in the accounting, or was there before it"
          : `${plural(foreign.rows, "row")} from ${foreign.from} to ${foreign.to} are in the table that no load of this stack published`,
    }),
    cure: "find out who inserted them (query history of the readings table); delete them (WHERE FILE_ID IS NULL, if nothing was there before), or set quality.foreignRows.max to their number",
  }),
} as const;
