import { bytes, duration } from "../components/format.ts";
import { BUCKET_POLICY } from "../policies/found-documents.ts";
import { accessSection } from "./access-section.ts";
import type { ResourceChange } from "./engine-plan.ts";
import { describeResource } from "./judges/index.ts";
import type { PropertyChange } from "./property-diff.ts";
import type { Review } from "./review.ts";
import type { Folded, Section } from "./section.ts";
import { code, cut, fenced, inline } from "./text.ts";

const VERBS: Readonly<Record<string, string>> = {
  create: "created",
  update: "updated",
  replace: "replaced",
  delete: "deleted",
};
const SIGNS: Readonly<Record<string, string>> = { create: "+", update: "~", replace: "±", delete: "−" };
const LONGEST_VALUE = 300;

/** One sentence that says what changes, and what stands against it. */
export function headline(review: Review): string {
  const counts = Object.entries(review.counts).map(
    ([operation, count]) => `${count} ${VERBS[operation] ?? operation}`,
  );
  const changed = counts.length === 0 ? "Nothing changes" : `Resources: ${counts.join(", ")}`;
  switch (review.verdict) {
    case "nothing":
      return `**Nothing changes.**${unreadCode(review)}`;
    case "failed":
      return "**The preview failed**, so nothing can be said about the change.";
    case "violation": {
      const broken = [...new Set(review.violations.map(({ policy }) => policy))];
      return `**Stopped by ${broken.length === 1 ? "a policy" : `${broken.length} policies`}:** ${broken.map(code).join(", ")}. ${changed}.`;
    }
    case "dangerous":
      return `**Look closely: ${review.dangers.length} dangerous ${review.dangers.length === 1 ? "change" : "changes"}.** ${changed}.`;
    case "changes":
      return `**${changed}.** ${noDanger(review)}${unreadCode(review)}`;
  }
}

/** A sentence about safety does not hold for what nobody has read. */
const unreadCode = ({ unread = [] }: Review) =>
  unread.length === 0
    ? ""
    : ` Not judged: code in ${unread.length === 1 ? "1 file" : `${unread.length} files`} of the program, listed under Policies; read it.`;

/** Says that nothing dangerous was found, and by whom: each judge is named with what it looked at. */
function noDanger({ first, access, policiesPassed }: Review): string {
  if (first) {
    return "The stack is new, so nothing is lost, and **all access it gives is listed below as new**: read it.";
  }
  const { documents } = access.proof;
  const proof =
    documents === 0
      ? "there is no access document"
      : `in ${documents} access ${documents === 1 ? "document" : "documents"} no Allow is new and no Deny is gone (containment proof)`;
  return (
    "No danger found: every changed input has a judge that lets it pass and nothing irreplaceable goes (judges by type); " +
    `${proof}; no grant and no account of a share is new (list of grants); ${policiesPassed.length} rules passed (policy pack).`
  );
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
    lines: [],
    lasting: dangers.map(({ what, consequence }) => ({
      whole: `- **${inline(what)}** ${inline(consequence)}`,
      shortened: (bytes) => `- **${inline(cut(what, bytes - 6, inline))}**`,
    })),
  };
}

function violationSection({ violations }: Review): Section | undefined {
  if (violations.length === 0) return undefined;
  return {
    title: "Broken policies: `up` would stop",
    lines: violations.map(({ policy, message }) => `- ${code(policy)} ${inline(message)}`),
  };
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
            `**${duration(expected.seconds)}** (${duration(expected.least)} to ${duration(expected.most)}, by ` +
            `${expected.basis}) and **${expected.credits} credits** on ${warehouseSize}.`,
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
    ...on.map(
      ({ check, severity, thresholds }) =>
        `| ${inline(check)} | ${inline(severity)} | ${inline(thresholds)} |`,
    ),
  );
  if (off.length > 0) lines.push("", `**Switched off: ${inline(off.join(", "))}.**`);
  return { title: "The load", lines };
}

function policySection({
  advice,
  unjudged,
  policiesPassed,
  violations,
  relaxed,
  rulesCompared,
  unread,
}: Review): Section {
  const lines = [
    `${policiesPassed.length} passed, ${new Set(violations.map(({ policy }) => policy)).size} broken, ` +
      `${new Set(advice.map(({ policy }) => policy)).size} with advice.`,
    ...advice.map(({ policy, message }) => `- ${code(policy)} ${inline(message)}`),
  ];
  if (!rulesCompared)
    lines.push(
      "The rules and the program's code are this checkout's own; nobody compared them with the base branch's.",
    );
  if (unread !== undefined && unread.length > 0)
    lines.push(
      "",
      `Code that runs as whoever deploys, and that no judge reads: ${unread.map(code).join(", ")}.`,
    );
  if (relaxed.length > 0) {
    lines.push(
      "",
      "Milder than production for this stack:",
      "",
      ...relaxed.map((rule) => `- ${inline(rule)}`),
    );
  }
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
  if (change.type === BUCKET_POLICY && change.after?.outputs.policy === "")
    return `**The ${inline(describeResource(change))} is gone.** \`up\` puts the stack's statements back.`;
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
  const kept = cut(line, LONGEST_VALUE);
  return kept === line ? line : `${kept} (${line.length} characters)`;
}
