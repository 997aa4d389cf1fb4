import { bytes, duration } from "../components/verified-load/format.ts";
import type { AccessChange } from "./access/diff.ts";
import type { SnowflakeAccess } from "./access/snowflake.ts";
import { describeResource } from "./danger.ts";
import type { ResourceChange } from "./plan.ts";
import type { PropertyChange } from "./property-diff.ts";
import type { AccessReview, Review } from "./review.ts";

/** A part of the report; what is folded can be shortened first. */
export interface Section {
  readonly title: string;
  readonly lines: readonly string[];
  /** Blocks that open on a click, longest-lived first; they are the first to go when the report is too long. */
  readonly folded?: readonly Folded[];
}

export interface Folded {
  readonly summary: string;
  readonly body: string;
}

const VERBS: Readonly<Record<string, string>> = {
  create: "created",
  update: "updated",
  replace: "replaced",
  delete: "deleted",
};
const SIGNS: Readonly<Record<string, string>> = { create: "+", update: "~", replace: "±", delete: "−" };
const LONGEST_VALUE = 300;

/** Text within a line of Markdown: no HTML, no table cell ended early, no name or ARN taken for emphasis. */
function inline(text: string): string {
  return text
    .replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`)
    .replace(/\|/g, "\\|")
    .replace(/\s*\n\s*/g, " ")
    .split(/(`[^`]*`)/)
    .map((part, index) => (index % 2 === 1 ? part : withoutEmphasis(part)))
    .join("");
}

/** A star always marks emphasis, an underscore only at a word's edge. */
const withoutEmphasis = (text: string) => text.replace(/\*|(?<![^\W_])_|_(?![^\W_])/g, "\\$&");

/** Code within a line, whatever it holds. */
function code(text: string): string {
  const fence = "`".repeat(Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  const pad = /^`|`$/.test(text) ? " " : "";
  return `${fence}${pad}${text.replace(/\s*\n\s*/g, " ").replace(/\|/g, "\\|")}${pad}${fence}`;
}

/** One sentence that says what changes and whether it is safe. */
export function headline(review: Review): string {
  const counts = Object.entries(review.counts).map(
    ([operation, count]) => `${count} ${VERBS[operation] ?? operation}`,
  );
  const changed = counts.length === 0 ? "Nothing changes" : `Resources: ${counts.join(", ")}`;
  switch (review.verdict) {
    case "nothing":
      return "**Nothing changes.**";
    case "failed":
      return "**The preview failed**, so nothing can be said about the change.";
    case "violation": {
      const broken = [...new Set(review.violations.map(({ policy }) => policy))];
      return `**Stopped by ${broken.length === 1 ? "a policy" : `${broken.length} policies`}:** ${broken.map(code).join(", ")}. ${changed}.`;
    }
    case "dangerous":
      return `**Look closely: ${review.dangers.length} dangerous ${review.dangers.length === 1 ? "change" : "changes"}.** ${changed}.`;
    case "changes":
      return `**${changed}.** Nothing dangerous: nothing irreplaceable goes, ${review.first ? "and all access is new" : "and nobody gains access"}.`;
  }
}

/** The sections of a preview's report, the most pressing first. */
export function previewSections(review: Review): Section[] {
  const problems = problemsSection(review);
  // What a preview that broke off has not seen, it must not call unchanged.
  if (review.verdict === "failed") return problems === undefined ? [] : [problems];
  return [
    problems,
    dangerSection(review),
    violationSection(review),
    accessSection(review),
    loadSection(review),
    policySection(review),
    driftSection(review),
    changesSection(review),
  ].filter((section) => section !== undefined);
}

function problemsSection({ errors, warnings }: Review): Section | undefined {
  if (errors.length + warnings.length === 0) return undefined;
  return {
    title: errors.length > 0 ? "Errors" : "Warnings",
    lines: [...errors, ...warnings].map((text) => `- ${inline(text)}`),
  };
}

export function dangerSection({ dangers }: Review): Section | undefined {
  if (dangers.length === 0) return undefined;
  return {
    title: "Dangerous: look here first",
    lines: dangers.map(({ what, consequence }) => `- **${inline(what)}** ${inline(consequence)}`),
  };
}

function violationSection({ violations }: Review): Section | undefined {
  if (violations.length === 0) return undefined;
  return {
    title: "Broken policies: `up` would stop",
    lines: violations.map(({ policy, message }) => `- ${code(policy)} ${inline(message)}`),
  };
}

export function accessSection({ access, first }: Review): Section {
  const lines: string[] = [];
  const { gains, losses, snowflake, undecided, unknown, problem } = access;
  if (problem !== undefined) lines.push(`Nobody looked: ${inline(problem)}`);
  if (noChange(access)) {
    lines.push(
      access.sameMeaning
        ? "No change of access."
        : "No change of access: the documents differ, what they allow does not.",
    );
  }
  if (gains.length + losses.length > 0) {
    lines.push("", `| | Who | ${first ? "May" : "Action"} | Where | How |`, "|---|---|---|---|---|");
    lines.push(...accessRows("loses", losses), ...accessRows("gains", gains));
  }
  if (snowflake.gains.length + snowflake.losses.length > 0) {
    lines.push("", "| | Who in Snowflake | Privilege | On |", "|---|---|---|---|");
    lines.push(...snowflakeRows("loses", snowflake.losses), ...snowflakeRows("gains", snowflake.gains));
  }
  if (undecided.length > 0) {
    lines.push("", "Not decided by trying, so read it:", "");
    lines.push(...undecided.map(({ side, what, part }) => `- ${side} in the ${inline(what)}: ${code(part)}`));
  }
  if (unknown.length > 0) {
    lines.push("", `Known only after \`up\`: ${unknown.map(inline).join("; ")}.`);
  }
  return { title: "Access", lines: lines[0] === "" ? lines.slice(1) : lines };
}

/** The changes with the same key, in one; in the order of their keys. */
function grouped<T>(list: readonly T[], key: (item: T) => string): T[][] {
  const groups = Map.groupBy(list, key);
  return [...groups.keys()].sort().map((name) => groups.get(name) ?? []);
}

/** A row for everybody, place and way, with all actions in it. */
function accessRows(verb: string, list: readonly AccessChange[]): string[] {
  return grouped(list, ({ who, where, how }) => JSON.stringify([who, where, how])).map((group) => {
    const [{ who, where, how } = { who: "", where: "", how: "" }] = group;
    const actions = group
      .map(({ action }) => action)
      .sort()
      .map(code);
    return `| ${[verb, code(who), actions.join(", "), code(where), inline(how)].join(" | ")} |`;
  });
}

/** A row for everybody and every object, with all privileges in it. */
function snowflakeRows(verb: string, list: readonly SnowflakeAccess[]): string[] {
  return grouped(list, ({ who, on }) => JSON.stringify([who, on])).map((group) => {
    const [{ who, on } = { who: "", on: "" }] = group;
    const privileges = group.map(({ privilege }) => privilege).sort();
    return `| ${[verb, code(who), inline(privileges.join(", ")), code(on)].join(" | ")} |`;
  });
}

function noChange({ gains, losses, snowflake, undecided, problem, unknown }: AccessReview): boolean {
  const found =
    gains.length + losses.length + undecided.length + snowflake.gains.length + snowflake.losses.length;
  return found === 0 && problem === undefined && unknown.length === 0;
}

function loadSection({ load }: Review): Section | undefined {
  if (load === undefined) return undefined;
  const { expected, note, said, warehouseSize, gates, maxRejectedRows } = load;
  const lines: string[] = [];
  if (expected !== undefined) {
    lines.push(
      expected.files === 0
        ? "No file waits."
        : `${expected.files} ${expected.files === 1 ? "file waits" : "files wait"}: **${bytes(expected.bytes)}**, about ` +
            `**${duration(expected.seconds)}** and **${expected.credits} credits** on ${warehouseSize}.`,
    );
  }
  if (note !== undefined) lines.push(inline(note));
  if (said.length > 0) lines.push("", ...said.map((line) => `- ${inline(line)}`));
  const on = gates.filter(({ severity }) => severity !== "off");
  const off = gates.filter(({ severity }) => severity === "off").map(({ check }) => check);
  lines.push(
    "",
    `Rejected rows allowed: ${maxRejectedRows}. Quality gates:`,
    "",
    "| Check | Fails or warns | Threshold |",
    "|---|---|---|",
  );
  lines.push(
    ...on.map(({ check, severity, thresholds }) => `| ${check} | ${severity} | ${inline(thresholds)} |`),
  );
  if (off.length > 0) lines.push("", `**Switched off: ${off.join(", ")}.**`);
  return { title: "The load", lines };
}

function policySection({ advice, unjudged, policiesPassed, violations }: Review): Section {
  const lines = [
    `${policiesPassed.length} passed, ${new Set(violations.map(({ policy }) => policy)).size} broken, ` +
      `${new Set(advice.map(({ policy }) => policy)).size} with advice.`,
    ...advice.map(({ policy, message }) => `- ${code(policy)} ${inline(message)}`),
  ];
  const waiting = [...new Set(unjudged.map(({ policy }) => policy))];
  if (waiting.length > 0) {
    lines.push(
      "",
      `Judged only during \`up\`, when their values are known: ${waiting.map(code).join(", ")}.`,
    );
  }
  const folded =
    policiesPassed.length === 0 ? [] : [{ summary: "Passed", body: policiesPassed.map(code).join(", ") }];
  return { title: "Policies", lines, folded };
}

export function driftSection({ drift }: Review): Section | undefined {
  if (drift.length === 0) return undefined;
  return {
    title: "Drift: changed outside the stack",
    lines: drift.map((change) => `- ${driftLine(change)}`),
    folded: drift.filter(({ properties }) => properties.length > 0).map(foldedChange),
  };
}

function driftLine(change: ResourceChange): string {
  if (change.operation === "delete")
    return `**The ${inline(describeResource(change))} is gone.** \`up\` makes it again.`;
  const paths = [...new Set(change.properties.map(({ path }) => path.replace(/ → .*/, "")))];
  return `The ${inline(describeResource(change))} was changed: ${paths.map(code).join(", ") || "see below"}.`;
}

function changesSection({ changes }: Review): Section | undefined {
  if (changes.length === 0) return undefined;
  const order = ["delete", "replace", "update", "create"];
  const rank = ({ operation, type, name }: ResourceChange) => `${order.indexOf(operation)} ${type} ${name}`;
  const sorted = [...changes].sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
  return { title: "Changes", lines: [], folded: sorted.map(foldedChange) };
}

function foldedChange(change: ResourceChange): Folded {
  const sign = SIGNS[change.operation] ?? "";
  const because = change.replacedBy.length > 0 ? ` because of ${change.replacedBy.join(", ")}` : "";
  const summary = `${sign} ${VERBS[change.operation] ?? change.operation}: ${inline(describeResource(change))} (${inline(change.name)})${inline(because)}`;
  const lines =
    change.operation === "create"
      ? Object.entries(change.after?.inputs ?? {}).map(([path, after]) => `+ ${path}: ${valueText(after)}`)
      : change.properties.flatMap(propertyLines);
  return { summary, body: fenced(lines.length > 0 ? lines : ["  (no property differs)"]) };
}

function propertyLines({ path, before, after }: PropertyChange): string[] {
  return [
    ...(before === undefined ? [] : [`- ${path}: ${valueText(before)}`]),
    ...(after === undefined ? [] : [`+ ${path}: ${valueText(after)}`]),
  ];
}

function valueText(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const line = text.replace(/\n/g, "\\n");
  return line.length > LONGEST_VALUE ? `${line.slice(0, LONGEST_VALUE)}… (${line.length} characters)` : line;
}

/** A fenced block that nothing inside can close. */
function fenced(lines: readonly string[]): string {
  const text = lines.join("\n");
  const fence = "`".repeat(Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  return `${fence}diff\n${text}\n${fence}`;
}
