import { accessSection } from "./access-section.ts";
import type { ResourceChange } from "./engine-plan.ts";
import { dangerSection, driftSection, headline, previewSections } from "./markdown.ts";
import type { Review } from "./review.ts";
import type { Folded, Lasting, Section } from "./section.ts";
import { code, inline, size } from "./text.ts";

/** Most characters that a pull request comment or an issue may have. */
export const COMMENT_LIMIT = 65_536;

export interface ReportOptions {
  /** Most characters; bytes count, so that the limit holds however characters are counted. @default COMMENT_LIMIT */
  readonly limit?: number;
  /** Where the whole report is, for a report that had to be shortened: a URL or a path. */
  readonly pointer: string;
}

/** The report of a preview in Markdown. Its first line marks the comment, one for each stack. */
export function previewReport(review: Review, options: ReportOptions): string {
  const lead = [
    `<!-- flux-ami preview ${review.stack} -->`,
    `## Preview of \`${review.stack}\``,
    "",
    headline(review),
  ];
  return assemble(lead, previewSections(review), options);
}

/** The report of drift in Markdown. */
export function driftReport(review: Review, options: ReportOptions): string {
  const clean = review.drift.length === 0 && review.dangers.length === 0;
  const lead = [
    `<!-- flux-ami drift ${review.stack} -->`,
    `## Drift of \`${review.stack}\``,
    "",
    review.verdict === "failed"
      ? "**The refresh failed**, so nothing can be said about drift."
      : clean
        ? "**No drift:** everything is as the stack left it, and nothing was added beside it."
        : review.drift.length === 0
          ? `**What the stack made is as it left it, but ${review.dangers.length} ${review.dangers.length === 1 ? "thing is" : "things are"} beside it** that the stack did not make.`
          : `**${review.drift.length} ${review.drift.length === 1 ? "resource differs" : "resources differ"} from what the stack left.** ${driftAdvice(review)}`,
  ];
  const problems: Section[] =
    review.errors.length > 0
      ? [{ title: "Errors", lines: review.errors.map((text) => `- ${inline(text)}`) }]
      : [];
  const sections =
    clean || review.verdict === "failed"
      ? problems
      : [...problems, dangerSection(review), accessSection(review), driftSection(review)];
  return assemble(
    lead,
    sections.filter((section) => section !== undefined),
    options,
  );
}

/** How to heal it. What would cost values is never the advice. */
function driftAdvice({ drift, stack }: Review): string {
  const heal = `\`pulumi up --refresh -s ${stack}\``;
  const added = drift.flatMap(addedColumns);
  if (added.length === 0)
    return `${heal} puts it back; if the change was meant, put it into the program instead.`;
  return (
    `**Do not heal this by ${heal} alone:** it would drop ${added.length === 1 ? "the column" : "the columns"} ` +
    `${added.map(code).join(", ")}, which somebody added, with all values. Take ${added.length === 1 ? "it" : "them"} into ` +
    "`components/readings-columns.ts` first, or have the values saved; then it puts back the rest."
  );
}

/** Columns that a table has and the stack did not give it. */
function addedColumns({ type, before, after }: ResourceChange): string[] {
  if (!type.endsWith(":Table")) return [];
  const names = (columns: unknown) =>
    (Array.isArray(columns) ? (columns as { name?: unknown }[]) : []).map(({ name }) => String(name));
  const known = new Set(names(before?.outputs.columns));
  return names(after?.outputs.columns).filter((name) => !known.has(name));
}

/**
 * Puts the report together within the limit. Lines come before folded blocks; of both, the first ones are the most
 * pressing, so what is left out is left out from the end, and counted.
 */
function assemble(
  lead: readonly string[],
  sections: readonly Section[],
  { limit = COMMENT_LIMIT, pointer }: ReportOptions,
): string {
  const whole = render(lead, sections);
  if (size(whole) <= limit) return whole;

  const note = `\n> **Shortened** to fit into a comment. The whole report: ${pointer}\n`;
  // Room for the titles and the sentences about what is left out.
  const overhead = size(lead.join("\n")) + size(note) + sections.length * 200;
  const purse = { left: limit - overhead };
  const lasting = shorten(sections, purse);
  const kept = lasting.map((section) => ({ ...section, ...spend(section.lines, purse, "line") }));
  const shortened = kept.map((section) => keepFolded(section, purse));
  return render([...lead, note], shortened);
}

interface Purse {
  left: number;
}

/** So much of the report may go to the lines that stay, and so little is enough for one of them. */
const LASTING_SHARE = 0.9;
const SHORTEST_LINE = 18;

/** Shortens the lines that stay, each to its share, when there is no room for them as they are. */
function shorten(sections: readonly Section[], purse: Purse): Section[] {
  const all = sections.flatMap(({ lasting = [] }) => lasting);
  const whole = all.reduce((sum, line) => sum + size(line.whole) + 1, 0);
  const room = purse.left * LASTING_SHARE;
  const share = Math.max(SHORTEST_LINE, Math.floor(room / Math.max(1, all.length)) - 1);
  const text = (line: Lasting) => (whole <= room ? line.whole : shortened(line, share));
  return sections.map((section) => {
    const lines = (section.lasting ?? []).map(text);
    for (const line of lines) purse.left -= size(line) + 1;
    const { lasting: _, ...rest } = section;
    return { ...rest, lasting: lines.map((line) => ({ whole: line, shortened: () => line })) };
  });
}

const shortened = (line: Lasting, bytes: number) =>
  size(line.whole) <= bytes ? line.whole : line.shortened(bytes);

/** As many lines as there is room for, and a sentence for the rest. */
function spend(lines: readonly string[], purse: Purse, what: string): { lines: string[] } {
  const kept: string[] = [];
  for (const line of lines) {
    if (size(line) + 1 > purse.left) break;
    purse.left -= size(line) + 1;
    kept.push(line);
  }
  const missing = lines.length - kept.length;
  return {
    lines:
      missing === 0
        ? kept
        : [...kept, "", `… and ${missing} more ${what}${missing === 1 ? "" : "s"} in the whole report.`],
  };
}

function keepFolded(section: Section, purse: Purse): Section {
  const kept: Folded[] = [];
  for (const folded of section.folded ?? []) {
    const cost = size(block(folded));
    if (cost > purse.left) continue;
    purse.left -= cost;
    kept.push(folded);
  }
  const missing = (section.folded ?? []).length - kept.length;
  if (missing === 0) return section;
  return {
    ...section,
    folded: kept,
    lines: [
      ...section.lines,
      "",
      `${missing} of ${missing + kept.length} details are in the whole report only.`,
    ],
  };
}

function render(lead: readonly string[], sections: readonly Section[]): string {
  const parts = sections.map(({ title, lasting = [], lines, folded = [] }) =>
    [
      `### ${title}`,
      "",
      ...lasting.map(({ whole }) => whole),
      ...lines,
      ...(lines.length > 0 && folded.length > 0 ? [""] : []),
      ...folded.map(block),
    ]
      .join("\n")
      .trimEnd(),
  );
  return `${[lead.join("\n"), ...parts].join("\n\n")}\n`;
}

function block({ summary, body }: Folded): string {
  return `<details><summary>${summary}</summary>\n\n${body}\n\n</details>\n`;
}
