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
 * starts of operations, outputs.
 * @returns a function that answers the line to show, or undefined for one to leave out
 */
export function engineLines(): (line: string) => string | undefined {
  let phase: "preview" | "update" = "preview";
  let section: "progress" | "outputs" | "told" = "progress";
  return (line) => {
    if (/^(Previewing|Updating|Destroying) /.test(line)) {
      phase = line.startsWith("Previewing") ? "preview" : "update";
      section = "progress";
      return line;
    }
    if (/^(Policies|Diagnostics|Resources|Duration):/.test(line)) section = "told";
    if (line.startsWith("Outputs:")) section = "outputs";
    if (section === "told") return line;
    if (section === "outputs") return undefined;
    const [, type, name, told = ""] = PROGRESS.exec(line) ?? [];
    if (type === undefined || told === "") return undefined;
    if (/\berror:/.test(told)) return line.trimEnd();
    if (phase === "preview") return undefined;
    if (DONE.test(told)) return type === STACK ? undefined : `${type} ${name} ${told.trimEnd()}`;
    const words = told.replace(RUNNING, "").trimEnd();
    return words === "" || /^\d+ (messages?|errors?)/.test(words) ? undefined : words;
  };
}
