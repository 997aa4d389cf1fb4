/**
 * The one place where text from anywhere becomes Markdown. What comes out of here names nobody (@), links to nothing,
 * loads no image, ends no fold, cell or fence, and cannot look like a part of the report.
 */

/** Stands between two signs that would mean something together, and does not show. */
const APART = "\u200b";

/** Control and format characters, fillers and the like: they do not show, or turn the writing around. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/** One line, without signs that do not show or turn the writing around. */
function line(text: string): string {
  return text.replace(/\s*[\t\r\n\u0085\u2028\u2029]\s*/g, " ").replace(UNSEEN, "�");
}

/** What begins HTML, a link, an image, emphasis, code, a cell or mathematics; underscores do at the edge of a word. */
const SIGNS = /[&<>[\]*~`|\\$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g;
/** What begins a block at the start of a line: a heading, a list, a rule. */
const BLOCK = /^\s*(?:[#+=-]|\d+[.)])/;

/** A colon that may begin an emoji; those of an ARN's beginning stay, so that it can be copied. */
const EMOJI = /\barn:aws[a-z-]*:(?:iam|sts|s3|kms|)?:[a-z0-9-]*:\d*:|:(?=[\w+-]+:)/g;

const entity = (sign: string) => `&#${sign.charCodeAt(0)};`;

/**
 * Text within a line of Markdown. Sentences of our own go through it as well: they hold names from elsewhere. What stands
 * between backticks stays code, in which nothing means anything.
 */
export function inline(text: string): string {
  return line(text)
    .split(/(`[^`]+`)/)
    .map((part, index) => (index % 2 === 1 ? code(part.slice(1, -1)) : prose(part)))
    .join("");
}

function prose(text: string): string {
  return (
    text
      // Names of people and teams, numbers of issues, emoji; addresses that GitHub links by themselves.
      .replace(/@/g, `@${APART}`)
      .replace(/#(?=\w)/g, `#${APART}`)
      .replace(/\bGH-(?=\d)/gi, (word) => `${word}${APART}`)
      .replace(EMOJI, (found) => (found === ":" ? `:${APART}` : found))
      .replace(/:\/\//g, `:${APART}//`)
      .replace(/\bwww\./gi, (word) => `${word.slice(0, 3)}${APART}.`)
      .replace(/\b(mailto|xmpp):/gi, `$1${APART}:`)
      .replace(SIGNS, entity)
      .replace(BLOCK, (start) => start.slice(0, -1) + entity(start.slice(-1)))
  );
}

/** Code within a line, whatever it holds. */
export function code(text: string): string {
  const plain = line(text);
  const fence = "`".repeat(longestRun(plain) + 1);
  const pad = /^[` ]|[` ]$/.test(plain) || plain === "" ? " " : "";
  // In a table a backslash before a bar would take the escape for itself, and end the cell.
  return `${fence}${pad}${plain.replace(/(\\?)\|/g, (_, slash) => `${slash && slash + APART}\\|`)}${pad}${fence}`;
}

/** A fenced block that nothing inside can close. */
export function fenced(lines: readonly string[]): string {
  const text = lines.map(line).join("\n");
  const fence = "`".repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}diff\n${text}\n${fence}`;
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}

/** What a report may weigh is counted in bytes, so that the limit holds however characters are counted. */
export function size(text: string): number {
  return Buffer.byteLength(text);
}

const characters = new Intl.Segmenter("en", { granularity: "grapheme" });

/**
 * The longest beginning of a text, in whole characters, that weighs no more than this once it is written.
 * @param written how it will be written
 */
export function cut(
  text: string,
  bytes: number,
  written: (text: string) => string = (plain) => plain,
): string {
  if (size(written(text)) <= bytes) return text;
  let weight = size("…");
  let kept = "";
  for (const { segment } of characters.segment(text)) {
    weight += size(written(segment));
    if (weight > bytes) break;
    kept += segment;
  }
  return `${kept}…`;
}
