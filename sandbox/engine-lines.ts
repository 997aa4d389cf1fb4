/** One line of the engine's account of a resource: sign, type, name, and what is told of it. */
const PROGRESS = /^ *(?:[-+~<>]+ +)?([\w-]+:[\w/.-]+:[\w/.-]+) (\S+) ?(.*)$/;
/** What the engine says of an operation that is over, e.g. "created (0.56s)". */
const DONE = /^(created|updated|replaced|deleted|read|imported)\b.*\([\d.]+s\)/;
/** What the engine says before a program's own words, e.g. "creating (10s) loading". */
const RUNNING =
  /^(?:\*\*)?(?:creating|updating|replacing|deleting|running)(?: failed)?(?:\*\*)?(?: \(\d+s\))?\s*/;
const STACK = "pulumi:pulumi:Stack";

/**
 * Takes the engine's output line by line, and keeps what a person follows: what was made, what the program says
 * meanwhile, policies, problems and totals. What it leaves out stays in the log: the preview resource by resource,
 * starts of operations, outputs, and, when there is no problem, the program's words once more.
 * @returns a function that answers the lines to show now
 */
export function engineLines(): (line: string) => string[] {
  let phase: "preview" | "update" = "preview";
  let section: "progress" | "outputs" | "diagnostics" | "told" = "progress";
  let diagnostics: string[] = [];
  /** The diagnostics, if there is a problem among them. */
  const flush = (): string[] => {
    const told = diagnostics;
    diagnostics = [];
    return told.some((line) => /^ *(error|warning):/.test(line)) ? told : [];
  };
  return (line) => {
    if (/^(Previewing|Updating|Destroying) /.test(line)) {
      phase = line.startsWith("Previewing") ? "preview" : "update";
      section = "progress";
      return [...flush(), line];
    }
    if (line.startsWith("Diagnostics:")) section = "diagnostics";
    if (line.startsWith("Outputs:")) section = "outputs";
    if (/^(Policies|Resources|Duration):/.test(line)) section = "told";
    if (section === "diagnostics") {
      diagnostics.push(line);
      return [];
    }
    if (section === "told") return [...flush(), line];
    if (section === "outputs") return [];
    const words = progress(line, phase);
    return words === undefined ? [] : [words];
  };
}

/** What to show of a line that tells how far a resource is. */
function progress(line: string, phase: "preview" | "update"): string | undefined {
  const [, type, name, told = ""] = PROGRESS.exec(line) ?? [];
  if (type === undefined || told === "") return undefined;
  if (/\berror:/.test(told)) return line.trimEnd();
  if (phase === "preview") return undefined;
  if (DONE.test(told)) return type === STACK ? undefined : `${type} ${name} ${told.trimEnd()}`;
  const words = told.replace(RUNNING, "").trim();
  return words === "" || /^(\d+ (messages?|errors?)|read )/.test(words) ? undefined : words;
}
