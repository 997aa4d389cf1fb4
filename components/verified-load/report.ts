/** What the load says: plain lines, the same on a terminal and in a CI log. */
import type { CheckResult, LoadOutputs } from "./args.ts";
import { bytes, duration, number, plural } from "./format.ts";
import { type Estimate, namesOfFiles, type Plan } from "./plan.ts";
import { type FileRecord, isLoaded } from "./records.ts";

/** What will be loaded, how long it may take and cost. */
export function planLines(plan: Plan, expected: Estimate, size: string): string[] {
  const lines = [];
  if (expected.files === 0)
    lines.push(`load: nothing new (${plural(plan.loaded.length, "file")} already in the table)`);
  else
    lines.push(
      `load: ${plural(expected.files, "file")}, ${bytes(expected.bytes)}, about ${duration(expected.seconds)} ` +
        `and ${expected.credits} credits on ${size} (${plural(plan.loaded.length, "file")} already in the table)`,
    );
  return [...lines, ...exceptionLines(plan)];
}

/** The files that need a person's eye. */
function exceptionLines(plan: Plan): string[] {
  const lines = [];
  if (plan.replaced.length > 0)
    lines.push(
      `load: ${plural(plan.replaced.length, "file")} changed under their name after they were loaded: ${namesOfFiles(plan.replaced)}`,
    );
  if (plan.uncertain.length > 0)
    lines.push(
      `load: ${plural(plan.uncertain.length, "file")} too old to know whether they were loaded: ${namesOfFiles(plan.uncertain)}`,
    );
  return lines;
}

/** What waits in the bucket, for previews. */
export function pendingLines(plan: Plan, expected: Estimate, size: string): string[] {
  if (expected.files === 0) return exceptionLines(plan);
  const [waiting = "", ...exceptions] = planLines(plan, expected, size);
  return [waiting.replace("load:", "load: waiting to be loaded:"), ...exceptions];
}

export interface CopyProgress {
  /** Files of COPYs that have ended. */
  filesDone: number;
  /** Files to load; 0 when this run did not start the COPY and does not know. */
  files: number;
  bytesDone: number;
  bytes: number;
  rows: number;
  elapsedSeconds: number;
  expectedSeconds: number;
}

/** One line about a running load. What Snowflake does not tell while it runs is estimated from the time. */
export function progressLine(progress: CopyProgress): string {
  const { filesDone, files, elapsedSeconds, expectedSeconds } = progress;
  const measured = progress.bytes > 0 ? Math.min(1, progress.bytesDone / progress.bytes) : 0;
  const total = measured > 0.02 ? elapsedSeconds / measured : expectedSeconds;
  const left = Math.max(0, total - elapsedSeconds);
  if (files === 0) return `load: ${[...seen(progress), `${duration(elapsedSeconds)} so far`].join(", ")}`;
  // Snowflake tells of single files only when a COPY has ended: until then their share of the bytes has to do.
  const share = Math.floor(measured * files);
  const parts = [
    `load: ${share > filesDone ? `about ${number(share)}` : number(filesDone)} of ${plural(files, "file")}`,
  ];
  if (measured > 0) parts.push(`${bytes(progress.bytesDone)} of ${bytes(progress.bytes)}`);
  if (progress.rows > 0) parts.push(plural(progress.rows, "row"));
  parts.push(
    `${duration(elapsedSeconds)} so far`,
    left > 0 ? `about ${duration(left)} to go` : "longer than expected",
  );
  return parts.join(", ");
}

const seen = ({ bytesDone, rows }: CopyProgress) => [
  ...(bytesDone > 0 ? [bytes(bytesDone)] : []),
  ...(rows > 0 ? [plural(rows, "row")] : []),
];

/** Files that lost rows, the worst first, with the first error of each. */
export function rejectedLines(records: readonly FileRecord[], most = 10): string[] {
  const bad = records
    .filter((record) => record.rowsRejected > 0 || !isLoaded(record))
    .sort((a, b) => Number(isLoaded(a)) - Number(isLoaded(b)) || b.rowsRejected - a.rowsRejected);
  const lines = bad.slice(0, most).map((record) => {
    const where = [
      record.firstErrorColumn && `column ${record.firstErrorColumn}`,
      record.firstErrorLine !== null && `row ${record.firstErrorLine}`,
    ].filter(Boolean);
    const error = `${record.firstError ?? "no reason given"}${where.length > 0 ? ` (${where.join(", ")})` : ""}`;
    const lost = isLoaded(record)
      ? `${number(record.rowsRejected)} of ${plural(record.rowsParsed, "row")} rejected`
      : "not loaded";
    return `${record.file}: ${lost}: ${error.replaceAll(/\s+/g, " ")}`;
  });
  if (bad.length > most) lines.push(`and ${plural(bad.length - most, "more file")}`);
  return lines;
}

const MARKS = { passed: "ok  ", failed: "FAIL", warned: "warn", skipped: "skip" } as const;

/** The figures and the verdicts. @param loaded whether this run loaded something, so that the cost is its own */
export function resultLines(outputs: LoadOutputs, loaded: boolean): string[] {
  const lines = [
    `load: ${plural(outputs.filesLoaded, "file")}, ${plural(outputs.rowsLoaded, "row")} loaded, ${number(outputs.rowsRejected)} rejected`,
    `verify: ${plural(outputs.totalRows, "row")}, ${plural(outputs.uniqueMeters, "meter")}, ` +
      `${outputs.minTimestamp || "no first reading"} to ${outputs.maxTimestamp || "no last reading"}`,
  ];
  for (const [check, result] of Object.entries(outputs.checks)) lines.push(checkLine(check, result));
  const { cost } = outputs;
  if (cost.files > 0)
    lines.push(
      `${loaded ? "cost" : "cost of the last load"}: ${cost.credits} credits (${cost.source}), ${duration(cost.seconds)}; expected ${cost.estimatedCredits} credits, ${duration(cost.estimatedSeconds)}`,
    );
  return lines;
}

export function checkLine(check: string, { status, message, examples }: CheckResult): string {
  const named = examples.length > 0 && status !== "passed" ? `: ${examples.join("; ")}` : "";
  return `verify: ${MARKS[status]} ${check}: ${message}${named}`;
}
