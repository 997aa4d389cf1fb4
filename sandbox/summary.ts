import { duration, type Steps } from "./steps.ts";

/** What the stack's `load` output says of the last load. */
interface Load {
  filesLoaded?: number;
  rowsLoaded?: number;
  rowsRejected?: number;
  totalRows?: number;
  minTimestamp?: string;
  maxTimestamp?: string;
  uniqueMeters?: number;
  queryId?: string;
}

const number = (value: unknown): string =>
  typeof value === "number" || typeof value === "bigint"
    ? value.toLocaleString("en-US")
    : String(value ?? "–");

/** What a person wants to see after `make up`. */
export function summary(outputs: Record<string, unknown>, steps: Steps): string {
  const { load: loaded, ...resources } = outputs;
  const load = (loaded ?? {}) as Load;
  const lines = [
    "Your stack is up",
    ...table(
      Object.entries(resources).filter(([, value]) => typeof value === "string") as [string, string][],
    ),
    "",
    "The load",
    ...table([
      ["files loaded", number(load.filesLoaded)],
      ["rows loaded", number(load.rowsLoaded)],
      ["rows rejected", number(load.rowsRejected)],
      ["rows in the table", number(load.totalRows)],
      ["readings from", String(load.minTimestamp ?? "–")],
      ["readings to", String(load.maxTimestamp ?? "–")],
      ["unique meters", number(load.uniqueMeters)],
      ["query", String(load.queryId ?? "–")],
    ]),
    "",
    "Time and memory",
    ...table(
      steps.timings.map(({ step, seconds, peakMegabytes, note }) => [
        step,
        [seconds > 0 ? duration(seconds) : "", peakMegabytes ? `peak ${peakMegabytes} MB` : "", note ?? ""]
          .filter(Boolean)
          .join(", "),
      ]),
    ),
    `  all together: ${duration(steps.seconds)}`,
    "",
    "Try next",
    "  . .sandbox/env.sh && pulumi preview --diff        # nothing to change",
    "  . .sandbox/env.sh && aws s3 ls --recursive --human-readable --summarize s3://" +
      `${String(outputs.bucketName ?? "<bucket>")}`,
    "  make down                                         # stop it; `make up` goes on where it was",
  ];
  return lines.join("\n");
}

function table(rows: [string, string][]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length), 0);
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
}
