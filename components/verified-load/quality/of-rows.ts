/** Checks of single rows. */
import { plural } from "../../format.ts";
import { most, offenders, rowCheck, SHARE, start } from "./check.ts";

export const OF_ROWS = {
  keyNulls: rowCheck({
    meaning: "no row lacks METER_ID or TIMESTAMP",
    severity: "fail",
    thresholds: { maxShare: { ...SHARE, meaning: "share of the audited rows that may lack them" } },
    row: { column: "METER_ID", offends: () => "METER_ID IS NULL OR TIMESTAMP IS NULL" },
    finding: ({ auditedRows }, { maxShare }, _settings, { rows, examples }) => {
      const share = auditedRows === 0 ? 0 : rows / auditedRows;
      return {
        holds: share <= maxShare,
        figure: share,
        threshold: maxShare,
        message:
          rows === 0
            ? "METER_ID and TIMESTAMP are never NULL"
            : `${plural(rows, "row")} with a NULL in METER_ID or TIMESTAMP`,
        examples,
      };
    },
    cure: "have the files named written anew; or reject such rows: quality.keyNulls.severity quarantine",
  }),
  meterIds: rowCheck({
    meaning: "no METER_ID is empty or blank",
    severity: "fail",
    thresholds: { max: most("rows", "with an empty METER_ID that are accepted") },
    row: { column: "METER_ID", offends: () => "TRIM(METER_ID) = ''" },
    finding: (_evidence, { max }, _settings, own) =>
      offenders(own, max, "no METER_ID is empty", (rows) => `${rows} with an empty METER_ID`),
    cure: "have the files named written anew; or reject such rows: quality.meterIds.severity quarantine",
  }),
  timestampWindow: rowCheck({
    meaning: "every TIMESTAMP lies from `from` to `to`",
    severity: "fail",
    thresholds: {
      from: { fallback: "2000-01-01", looser: "lower", meaning: "first accepted day" },
      to: { fallback: "tomorrow", looser: "higher", meaning: "last accepted day, or tomorrow" },
    },
    row: {
      column: "TIMESTAMP",
      offends: ({ from, to }) => `TIMESTAMP < ${start(from)} OR TIMESTAMP >= DATEADD('day', 1, ${start(to)})`,
    },
    finding: (_evidence, { from, to }, _settings, own) =>
      offenders(
        own,
        0,
        `all timestamps lie from ${from} to ${to}`,
        (rows) => `${rows} outside ${from} to ${to}; a file with another time unit does that`,
      ),
    cure: "have the files named written anew with TIMESTAMP as a timestamp; or widen quality.timestampWindow; or reject such rows: quality.timestampWindow.severity quarantine",
  }),
  usageFinite: rowCheck({
    meaning: "no USAGE_KWH is NaN or infinite",
    severity: "fail",
    thresholds: { max: most("rows", "of that kind that are accepted") },
    row: { column: "USAGE_KWH", offends: () => "USAGE_KWH IN ('NaN'::FLOAT, 'inf'::FLOAT, '-inf'::FLOAT)" },
    finding: (_evidence, { max }, _settings, own) =>
      offenders(
        own,
        max,
        "every USAGE_KWH is a number",
        (rows) => `${rows} with NaN or an infinity in USAGE_KWH`,
      ),
    cure: "have the files named written anew, with NULL where nothing was measured; or reject such rows: quality.usageFinite.severity quarantine",
  }),
  usageNotNegative: rowCheck({
    meaning: "no USAGE_KWH is negative",
    severity: "fail",
    thresholds: { max: most("rows", "of that kind that are accepted") },
    row: { column: "USAGE_KWH", offends: () => "USAGE_KWH < 0" },
    finding: (_evidence, { max }, _settings, own) =>
      offenders(own, max, "no USAGE_KWH is negative", (rows) => `${rows} with a negative USAGE_KWH`),
    cure: "if the meters also count what is fed in, set quality.usageNotNegative.severity to off; else have the files named written anew, or reject such rows: quality.usageNotNegative.severity quarantine",
  }),
} as const;
