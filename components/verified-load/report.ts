/** What the load says: plain lines, the same on a terminal and in a CI log. */
import { bytes, duration, number, plural } from "../format.ts";
import type { CheckResult, LoadOutputs } from "./args.ts";
import type { Estimate } from "./estimate.ts";
import { namesOf, type Plan } from "./plan.ts";

/** What will be loaded, how long it may take and cost. */
export function planLines(plan: Plan, expected: Estimate, size: string): string[] {
  const there = `(${plural(plan.present.length, "file")} already in the table)`;
  const lines =
    expected.files === 0
      ? [`load: nothing new ${there}`]
      : [
          `load: ${plural(expected.files, "file")}, ${bytes(expected.bytes)}, about ${duration(expected.seconds)} ` +
            `and ${expected.credits} credits on ${size} ${there}`,
        ];
  return [...lines, ...exceptionLines(plan)];
}

/** The files that need a person's eye. */
function exceptionLines({ replaced, gone, emptied }: Plan): string[] {
  const lines = [];
  if (emptied) lines.push("load: the table was emptied since the last load: everything is loaded anew");
  if (replaced.length > 0)
    lines.push(
      `load: ${plural(replaced.length, "file")} changed under their name after they were loaded: ${namesOf(replaced.map(({ staged }) => staged))}`,
    );
  if (gone.length > 0)
    lines.push(
      `load: ${plural(gone.length, "file")} of the table are no more in the bucket; their rows stay`,
    );
  return lines;
}

/** What waits in the bucket, for previews. */
export function pendingLines(plan: Plan, expected: Estimate, size: string): string[] {
  if (expected.files === 0) return exceptionLines({ ...plan, gone: [] });
  const [waiting = "", ...exceptions] = planLines({ ...plan, gone: [] }, expected, size);
  return [waiting.replace("load:", "load: waiting to be loaded:"), ...exceptions];
}

const MARKS = { passed: "ok  ", failed: "FAIL", warned: "warn", skipped: "skip" } as const;

/** The verdicts. */
export function checkLines(checks: Record<string, CheckResult>): string[] {
  return Object.entries(checks).map(([check, { status, message, examples }]) => {
    const named = examples.length > 0 && status !== "passed" ? `: ${examples.join("; ")}` : "";
    return `audit: ${MARKS[status]} ${check}: ${message}${named}`;
  });
}

/** All of the verdicts in one line: those that did not pass are named. */
export function verdictLine(checks: Record<string, CheckResult>, verified: boolean): string {
  const of = (wanted: CheckResult["status"]) =>
    Object.keys(checks).filter((check) => checks[check]?.status === wanted);
  const named = (wanted: CheckResult["status"]) => {
    const found = of(wanted);
    return found.length === 0 ? [] : [`${found.length} ${wanted} (${found.join(", ")})`];
  };
  const held = of("passed").length;
  return [
    `${verified ? "verified" : "not verified"}: ${held === 1 ? "1 check holds" : `${held} checks hold`}`,
    ...(["failed", "warned", "skipped"] as const).flatMap(named),
  ].join(", ");
}

/** The figures of the table, and what the load cost. */
export function resultLines(outputs: LoadOutputs): string[] {
  const { cost } = outputs;
  return [
    `load: ${plural(outputs.filesLoaded, "file")}, ${plural(outputs.rowsLoaded, "row")} published, ${number(outputs.rowsRejected)} rejected`,
    `load: the table has ${plural(outputs.totalRows, "row")}, ${plural(outputs.uniqueMeters, "meter")}, ` +
      `${outputs.minTimestamp || "no first reading"} to ${outputs.maxTimestamp || "no last reading"}`,
    ...(cost.files > 0
      ? [
          `cost: ${cost.credits} credits (${cost.source}), ${duration(cost.seconds)}; expected ${cost.estimatedCredits} credits, ${duration(cost.estimatedSeconds)}`,
        ]
      : []),
  ];
}
