/** Checks of the readings as they will be, taken together. */
import { percent, plural } from "../../format.ts";
import { coverage } from "../audit/days.ts";
import { check, most, SHARE } from "./check.ts";

const KEY_COLUMNS = ["METER_ID", "TIMESTAMP"];

export const OF_READINGS = {
  nullShares: check({
    meaning: "of a load's rows, few lack a column other than the key",
    severity: "fail",
    thresholds: {
      maxShare: { ...SHARE, fallback: 0.05, meaning: "share of a load's rows, for each column" },
    },
    finding: ({ nulls, newRows, landedRows, correctedRows }, { maxShare }) => {
      // Of a few rows, each put in by hand, a share says nothing.
      if (correctedRows > 0 && correctedRows === landedRows)
        return { skipped: "the load has no rows but corrected ones" };
      const shares = Object.entries(nulls)
        .filter(([column]) => !KEY_COLUMNS.includes(column))
        .map(([column, rows]) => ({ column, share: newRows === 0 ? 0 : rows / newRows }))
        .toSorted((one, other) => other.share - one.share);
      const beyond = shares.filter(({ share }) => share > maxShare);
      const words = ({ column, share }: { column: string; share: number }) => `${column} ${percent(share)}`;
      return {
        holds: beyond.length === 0,
        figure: shares[0]?.share ?? 0,
        threshold: maxShare,
        message:
          beyond.length === 0
            ? `of each column at most ${percent(maxShare)} of the new rows are NULL`
            : `NULL in more than ${percent(maxShare)} of the new rows: ${beyond.map(words).join(", ")}`,
        examples: beyond.map(words),
      };
    },
    cure: "compare the column's name in the files with the table's; or raise quality.nullShares.maxShare",
  }),
  continuity: check({
    meaning: "a meter has one reading in each interval, from the first to the last one of the readings",
    severity: "fail",
    thresholds: {
      intervalMinutes: {
        fallback: 15,
        range: [1, 1440],
        whole: true,
        divides: { total: 1440, what: "a day" },
        looser: "higher",
        unit: "minutes",
        meaning: "minutes between two readings of a meter; a divisor of 1440",
      },
      maxMissing: most("intervals", "without a reading, over all meters"),
      maxSurplus: most("readings", "beyond the one that an interval has, at other times within it"),
      maxOffGrid: most("readings", "at times that are not on the grid of intervals"),
      maxBeginning: most("meters", "of a load whose readings begin later than those of the others"),
      maxEnding: most("meters", "of a load whose readings end before those of the others"),
    },
    finding: ({ continuity, examples }, values) => {
      const { missing, surplus, offGrid, beginning, ending } = continuity;
      const interval = `${values.intervalMinutes}-minute interval`;
      const parts = [
        { found: missing, max: values.maxMissing, words: `${plural(missing, interval)} missing` },
        {
          found: surplus,
          max: values.maxSurplus,
          words: `${plural(surplus, "reading")} too many, at other times within a ${interval}`,
        },
        {
          found: offGrid,
          max: values.maxOffGrid,
          words: `${plural(offGrid, "reading")} off the ${values.intervalMinutes}-minute grid`,
        },
        {
          found: beginning,
          max: values.maxBeginning,
          words: `${plural(beginning, "meter")} begin later than the readings do`,
        },
        {
          found: ending,
          max: values.maxEnding,
          words: `${plural(ending, "meter")} end before the readings do`,
        },
      ];
      const found = parts.filter((part) => part.found > 0);
      const worst = found.find((part) => part.found > part.max) ?? found[0] ?? parts[0];
      return {
        holds: parts.every((part) => part.found <= part.max),
        figure: worst?.found ?? 0,
        threshold: worst?.max ?? 0,
        message:
          found.map(({ words }) => words).join("; ") ||
          `every meter has ${1440 / values.intervalMinutes} readings a day`,
        examples: examples.continuity,
      };
    },
    cure: "have the missing readings delivered as a new file: the next load takes it with the rest; or say with quality.continuity how many are accepted (maxMissing, maxSurplus, maxOffGrid, maxBeginning, maxEnding)",
  }),
  duplicates: check({
    meaning: "one row for each METER_ID and TIMESTAMP",
    severity: "fail",
    thresholds: { max: most("rows", "too many for a meter and time that are accepted") },
    finding: ({ duplicates, examples }, { max }) => ({
      holds: duplicates <= max,
      figure: duplicates,
      threshold: max,
      message:
        duplicates === 0
          ? "one reading for each meter and time"
          : `${plural(duplicates, "surplus row")} for the same meter and time`,
      examples: examples.duplicates,
    }),
    cure: "remove one of the files named; or raise quality.duplicates.max",
  }),
  voltage: check({
    meaning: "enough readings have a VOLTAGE from `min` to `max`; one without counts as outside",
    severity: "fail",
    thresholds: {
      min: {
        fallback: 110,
        range: [0, 1_000_000],
        looser: "lower",
        unit: "volts",
        meaning: "volts, inclusive",
      },
      max: {
        fallback: 125,
        range: [0, 1_000_000],
        looser: "higher",
        unit: "volts",
        meaning: "volts, inclusive",
      },
      minShare: { fallback: 0.99, range: [0, 1], looser: "lower", meaning: "share of the audited rows" },
    },
    finding: ({ voltageInRange, auditedRows, examples }, { min, max, minShare }) => {
      if (auditedRows === 0) return { skipped: "there are no rows" };
      const share = voltageInRange / auditedRows;
      return {
        holds: share >= minShare,
        figure: share,
        threshold: minShare,
        message: `${percent(share)} of readings from ${min} to ${max} V, at least ${percent(minShare)} wanted`,
        examples: examples.voltage,
      };
    },
    cure: "look at the meters named, or widen quality.voltage",
  }),
  referentialIntegrity: check({
    meaning: "every meter is in metersTable",
    severity: "fail",
    thresholds: { maxUnknown: most("meters", "that may be unknown") },
    finding: ({ unknownMeters }, { maxUnknown }, { metersTable }) => {
      if ("skipped" in unknownMeters) return unknownMeters;
      const { count, examples } = unknownMeters;
      return {
        holds: count <= maxUnknown,
        figure: count,
        threshold: maxUnknown,
        message:
          count === 0
            ? `every meter is in ${metersTable}`
            : `${plural(count, "meter")} of the readings are not in ${metersTable}`,
        examples,
      };
    },
    cure: "add the meters to metersTable, or raise quality.referentialIntegrity.maxUnknown",
  }),
  dateCoverage: check({
    meaning: "every day of the expected range has readings, its first and last day from end to end",
    severity: "fail",
    thresholds: {},
    finding: ({ days }, _values, settings) => coverage(days, settings),
    cure: "have the missing days delivered, or correct expectedFrom and expectedTo",
  }),
} as const;
