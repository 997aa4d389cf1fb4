/** One line of the engine's account of a resource: sign, type, name, and what is told of it. */
const PROGRESS = /^ *(?:[-+~<>]+ +)?([\w-]+:[\w/.-]+:[\w/.-]+) (\S+) ?(.*)$/;
/** What the engine says of an operation that is over, e.g. "created (0.56s)". */
const DONE = /^(created|updated|replaced|deleted|read|imported)\b.*\([\d.]+s\)/;
/** What the engine says before a program's own words, e.g. "creating (10s) loading". */
const RUNNING =
  /^(?:\*\*)?(?:creating|updating|replacing|deleting|running)(?: failed)?(?:\*\*)?(?: \(\d+s\))?\s*/;
const STACK = "pulumi:pulumi:Stack";
const LOAD = /:VerifiedLoad$/;
/** Words of the program, which the engine tells once more among the problems in the end. */
const WORDS = /^ {4}(load|audit|cost|trust|stage): /;
/** What a policy that needs values of `up` says of itself in a preview; `up` then asks it. */
const ASKED_LATER = /can't run policy .* during preview/;

/** What there is to show. */
export interface Shown {
  /** `say`: what the engine is at; `done`: a part that is over; `warn`: to be looked at. */
  kind: "say" | "done" | "warn";
  text: string;
}

/** Reads the engine's output line by line. */
export interface EngineReader {
  /** Takes a line, and answers what to show because of it. */
  take(line: string): Shown[];
  /** What went wrong, in the engine's and the program's words; empty when nothing was said. */
  cause(): string;
}

/**
 * Keeps of the engine's output what a person follows: the parts that are done, what it is at, warnings, and the cause of
 * a failure. What it leaves out stays in the log: each resource, outputs, totals, and the program's words once more.
 */
export function engineReader(): EngineReader {
  let phase: "preview" | "update" = "preview";
  let section: "progress" | "outputs" | "diagnostics" | "policies" | "resources" | "duration" | "refused" =
    "progress";
  const made = new Map<string, number>();
  const causes: string[] = [];
  const checks = { ok: 0, warned: 0 };
  let totals: string[] = [];
  let policies: string[] = [];
  let problem: string[] | undefined;
  let loaded = "";
  let parts = 0;

  const done = (text: string): Shown[] => {
    parts += 1;
    return [{ kind: "done", text }];
  };
  const madeResources = (): Shown[] => {
    if (made.size === 0) return [];
    const counts = [...made].map(([verb, count]) => `${count} ${verb}`).join(", ");
    made.clear();
    return done(`resources: ${counts}`);
  };
  /** Ends the section of the totals. */
  const total = (): Shown[] => {
    const counts = totals.map((line) => line.replace(/^[-+~<>=\s]+/, "").trim());
    totals = [];
    if (counts.length === 0) return [];
    const changes = counts.filter((count) => !/ unchanged$/.test(count));
    if (phase === "preview")
      return done(`preview: ${changes.length > 0 ? changes.join(", ") : "nothing changes"}`);
    return parts === 0 ? done(`resources: ${counts.join(", ")}`) : [];
  };
  /** Ends the section of the policies. */
  const told = (): Shown[] => {
    const entries = policies.join("\n").split(/\n(?= +- \[)/);
    policies = [];
    return entries.flatMap((entry): Shown[] => {
      const [, level] = /^ +- \[(\w+)\]/.exec(entry) ?? [];
      if (level === undefined || ASKED_LATER.test(entry)) return [];
      const text = entry.replace(/\s*\n\s*/g, "\n    ").trim();
      if (level !== "mandatory") return [{ kind: "warn", text: text.replace(/^- /, "") }];
      causes.push(text);
      return [];
    });
  };
  const resource = (line: string): Shown[] => {
    const [, type = "", name = "", words = ""] = PROGRESS.exec(line) ?? [];
    if (type === "" || words === "") return [];
    const [, verb = ""] = DONE.exec(words) ?? [];
    if (verb !== "") {
      if (type === STACK || phase === "preview") return [];
      if (LOAD.test(type)) return [...madeResources(), ...done(`${loaded || "load"}${verdict(checks)}`)];
      made.set(verb, (made.get(verb) ?? 0) + 1);
      return [{ kind: "say", text: name }];
    }
    const said = words.replace(RUNNING, "").trim();
    if (said === "" || /^(\d+ (messages?|errors?)|read |error:)/.test(said)) return [];
    if (/^load: .* published/.test(said)) loaded = said;
    if (said.startsWith("audit: ok")) checks.ok += 1;
    if (said.startsWith("audit: warn")) checks.warned += 1;
    const warned = said.startsWith("audit: warn") && phase === "update";
    const resources = phase === "update" && said.startsWith("load: ") ? madeResources() : [];
    return [
      ...resources,
      ...(warned ? [{ kind: "warn", text: said.replace(/^audit: warn\s*/, "") } as const] : []),
      { kind: "say", text: said },
    ];
  };
  /** A problem: from its first word to the next one, or to the program's own words. */
  const diagnosed = (line: string): void => {
    const [, level, text = ""] = /^ {4}(error|warning): (.*)$/.exec(line) ?? [];
    const ends = level !== undefined || WORDS.test(line) || /^ {2}\S/.test(line);
    if (ends && problem) {
      causes.push(problem.join("\n").trimEnd());
      problem = undefined;
    }
    if (level === undefined) problem?.push(line.replace(/^ {4}/, "").replaceAll("\t", "  "));
    else if (!/^(update|preview) failed$/.test(text)) problem = [`${level}: ${text}`];
  };

  const take = (line: string): Shown[] => {
    if (/^(Previewing|Updating|Destroying) /.test(line)) {
      const ended = [...total(), ...told()];
      phase = line.startsWith("Previewing") ? "preview" : "update";
      section = "progress";
      parts = 0;
      return ended;
    }
    const [, title] = /^(Diagnostics|Outputs|Policies|Resources|Duration):/.exec(line) ?? [];
    if (title !== undefined) {
      const ended = [...total(), ...told()];
      section = title.toLowerCase() as typeof section;
      return ended;
    }
    if (/^error: /.test(line)) {
      // Before anything began: no stack, no lock, no login to the backend.
      section = "refused";
      causes.push(line);
      return [];
    }
    if (section === "diagnostics") diagnosed(line);
    else if (section === "refused") causes.push(`${causes.pop()}\n${line}`.trimEnd());
    else if (section === "policies") policies.push(line);
    else if (section === "resources") {
      if (line.trim() === "") return total();
      totals.push(line);
    } else if (section === "progress") return resource(line);
    return [];
  };
  return {
    take,
    cause: () => {
      total();
      told();
      if (problem) causes.push(problem.join("\n").trimEnd());
      problem = undefined;
      return [...new Set(causes)].join("\n\n");
    },
  };
}

const verdict = ({ ok, warned }: { ok: number; warned: number }) =>
  ok + warned === 0 ? "" : `; ${ok} checks hold${warned > 0 ? `, ${warned} warned` : ""}`;
