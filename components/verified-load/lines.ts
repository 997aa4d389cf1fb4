/** What the load says: plain lines, the same on a terminal and in a CI log. */
import { bytes, duration, number, plural } from "../format.ts";
import type { CheckResult, LoadOutputs } from "./args.ts";
import type { Estimate } from "./estimate.ts";
import { namesOf, type Plan, sameContentLines } from "./plan.ts";
import type { CompleteSettings } from "./settings.ts";
import type { LeftFile } from "./write/listing.ts";

/** What will be loaded, how long it may take and cost. */
export function planLines(plan: Plan, expected: Estimate, settings: CompleteSettings): string[] {
  const size = settings.loadSize;
  const lines =
    expected.files === 0
      ? [`load: nothing new ${already(plan)}`]
      : [`load: ${expectedLine(plan, expected, size)}`];
  return [...lines, ...exceptionLines(plan), ...noteLines(plan, settings)];
}

/** What is good to know, and nothing waits for. */
export function noteLines(plan: Plan, settings: CompleteSettings): string[] {
  const same = sameContentLines(plan, settings).map((name) => ({ name }));
  return [
    ...(same.length > 0 ? [`load: the same content twice: ${namesOf(same)}`] : []),
    ...leftLines(plan.left),
  ];
}

const already = ({ present }: Plan) => `(${plural(present.length, "file")} already in the table)`;

function expectedLine(plan: Plan, expected: Estimate, size: string): string {
  const { files, bytes: total, seconds, least, most, credits, basis } = expected;
  const span = `${duration(least)} to ${duration(most)}`;
  return (
    `${plural(files, "file")}, ${bytes(total)}, about ${duration(seconds)} (${span}, by ${basis}) ` +
    `and ${credits} credits on ${size} ${already(plan)}`
  );
}

/** The files that need a person's eye. */
function exceptionLines({ replaced, gone, lost, emptied }: Plan): string[] {
  const lines = [];
  if (emptied)
    lines.push(
      `load: the table was emptied since the last load: ${
        lost.length === 0
          ? "all its files are loaded anew"
          : `what is in the bucket is loaded anew; ${plural(lost.length, "file")} of it ${lost.length === 1 ? "is" : "are"} not there any more`
      }`,
    );
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

const WHY_LEFT = { excluded: "matches exclude", "not included": "matches no glob of include" } as const;

/** What lies below the folder and is not taken, for people: bookkeeping is not worth a word. */
export function leftFiles(left: readonly LeftFile[]): string[] {
  return left.flatMap(({ name, why }) => (why === "bookkeeping" ? [] : [`${name}: ${WHY_LEFT[why]}`]));
}

/** The same as a line. */
export function leftLines(left: readonly LeftFile[]): string[] {
  const names = leftFiles(left).map((name) => ({ name }));
  return names.length === 0
    ? []
    : [`load: ${plural(names.length, "file")} below the folder not taken: ${namesOf(names)}`];
}

/** What waits in the bucket, for previews. */
export function pendingLines(plan: Plan, expected: Estimate, size: string): string[] {
  const exceptions = exceptionLines({ ...plan, gone: [] });
  if (expected.files === 0) return exceptions;
  return [`load: waiting to be loaded: ${expectedLine(plan, expected, size)}`, ...exceptions];
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
          `cost: ${cost.credits} credits (computed), ${duration(cost.seconds)}; expected ${cost.estimatedCredits} credits, ${duration(cost.estimatedSeconds)}` +
            (cost.meteredCredits === undefined
              ? ""
              : `; ${cost.meteredCredits} credits metered until now for all that ran on the warehouse meanwhile`),
        ]
      : []),
  ];
}

/** What lies in another place than until now, and what of it waits: written by previews, read by their review. */
export function foundLine(
  { stageUrl, path }: Pick<CompleteSettings, "stageUrl" | "path">,
  listed: { files: number; bytes: number },
  pending: { files: number; bytes: number },
): string {
  return (
    `load: ${plural(listed.files, "file")} (${bytes(listed.bytes)}) below ${stageUrl}${path}, ` +
    `of which ${pending.files} (${pending.bytes} bytes) wait`
  );
}

/** What waits, by such a line; undefined for any other. */
export function waitingIn(line: string): { files: number; bytes: number } | undefined {
  const [, files, bytes] = /, of which (\d+) \((\d+) bytes\) wait$/.exec(line) ?? [];
  return files === undefined ? undefined : { files: Number(files), bytes: Number(bytes) };
}
