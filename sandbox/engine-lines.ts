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

const SECTION = /^(Diagnostics|Outputs|Policies|Resources|Duration):/;
type Section = "progress" | "outputs" | "diagnostics" | "policies" | "resources" | "duration" | "refused";

/**
 * Keeps of the engine's output what a person follows: the parts that are done, what it is at, warnings, and the cause of
 * a failure. What it leaves out stays in the log: each resource, outputs, totals, and the program's words once more.
 */
export class EngineReader {
  #phase: "preview" | "update" = "preview";
  #section: Section = "progress";
  #totals: string[] = [];
  #policies: string[] = [];
  #problem: string[] | undefined;
  #loaded = "";
  #parts = 0;
  readonly #made = new Map<string, number>();
  readonly #causes: string[] = [];
  readonly #checks = { ok: 0, warned: 0 };

  /** Takes a line, and answers what to show because of it. */
  take(line: string): Shown[] {
    if (/^(Previewing|Updating|Destroying) /.test(line)) {
      const ended = this.#endSection("progress");
      this.#phase = line.startsWith("Previewing") ? "preview" : "update";
      this.#parts = 0;
      return ended;
    }
    const title = SECTION.exec(line)?.[1];
    if (title !== undefined) return this.#endSection(title.toLowerCase() as Section);
    if (/^error: /.test(line)) {
      // Before anything began: no stack, no lock, no login to the backend.
      this.#section = "refused";
      this.#causes.push(line);
      return [];
    }
    return this.#within(line);
  }

  /** What went wrong, in the engine's and the program's words; empty when nothing was said. */
  cause(): string {
    this.#total();
    this.#told();
    this.#endProblem();
    return [...new Set(this.#causes)].join("\n\n");
  }

  #endSection(next: Section): Shown[] {
    const ended = [...this.#total(), ...this.#told()];
    this.#section = next;
    return ended;
  }

  /** A line of a section. */
  #within(line: string): Shown[] {
    switch (this.#section) {
      case "progress":
        return this.#resource(line);
      case "resources":
        if (line.trim() === "") return this.#total();
        this.#totals.push(line);
        break;
      case "diagnostics":
        this.#diagnosed(line);
        break;
      case "policies":
        this.#policies.push(line);
        break;
      case "refused":
        this.#causes.push(`${this.#causes.pop()}\n${line}`.trimEnd());
        break;
    }
    return [];
  }

  #done(text: string): Shown[] {
    this.#parts += 1;
    return [{ kind: "done", text }];
  }

  #madeResources(): Shown[] {
    if (this.#made.size === 0) return [];
    const counts = [...this.#made].map(([verb, count]) => `${count} ${verb}`).join(", ");
    this.#made.clear();
    return this.#done(`resources: ${counts}`);
  }

  /** Ends the section of the totals. */
  #total(): Shown[] {
    const counts = this.#totals.map((line) => line.replace(/^[-+~<>=\s]+/, "").trim());
    this.#totals = [];
    if (counts.length === 0) return [];
    const changes = counts.filter((count) => !/ unchanged$/.test(count));
    if (this.#phase === "preview")
      return this.#done(`preview: ${changes.length > 0 ? changes.join(", ") : "nothing changes"}`);
    return this.#parts === 0 ? this.#done(`resources: ${counts.join(", ")}`) : [];
  }

  /** Ends the section of the policies. */
  #told(): Shown[] {
    const entries = this.#policies.join("\n").split(/\n(?= +- \[)/);
    this.#policies = [];
    return entries.flatMap((entry): Shown[] => {
      const [, level] = /^ +- \[(\w+)\]/.exec(entry) ?? [];
      if (level === undefined || ASKED_LATER.test(entry)) return [];
      const text = entry.replace(/\s*\n\s*/g, "\n    ").trim();
      if (level !== "mandatory") return [{ kind: "warn", text: text.replace(/^- /, "") }];
      this.#causes.push(text);
      return [];
    });
  }

  #resource(line: string): Shown[] {
    const [, type = "", name = "", words = ""] = PROGRESS.exec(line) ?? [];
    if (type === "" || words === "") return [];
    const [, verb = ""] = DONE.exec(words) ?? [];
    if (verb === "") return this.#said(words.replace(RUNNING, "").trim());
    if (type === STACK || this.#phase === "preview") return [];
    if (LOAD.test(type))
      return [...this.#madeResources(), ...this.#done(`${this.#loaded || "load"}${verdict(this.#checks)}`)];
    this.#made.set(verb, (this.#made.get(verb) ?? 0) + 1);
    return [{ kind: "say", text: name }];
  }

  /** The program's words. */
  #said(text: string): Shown[] {
    if (text === "" || /^(\d+ (messages?|errors?)|read |error:)/.test(text)) return [];
    if (/^load: .* published/.test(text)) this.#loaded = text;
    if (text.startsWith("audit: ok")) this.#checks.ok += 1;
    if (text.startsWith("audit: warn")) this.#checks.warned += 1;
    const shown: Shown[] = [];
    if (this.#phase === "update" && text.startsWith("load: ")) shown.push(...this.#madeResources());
    if (this.#phase === "update" && text.startsWith("audit: warn"))
      shown.push({ kind: "warn", text: text.replace(/^audit: warn\s*/, "") });
    shown.push({ kind: "say", text });
    return shown;
  }

  /** A problem: from its first word to the next one, or to the program's own words. */
  #diagnosed(line: string): void {
    const [, level, text = ""] = /^ {4}(error|warning): (.*)$/.exec(line) ?? [];
    if (level !== undefined || WORDS.test(line) || /^ {2}\S/.test(line)) this.#endProblem();
    if (level === undefined) this.#problem?.push(line.replace(/^ {4}/, "").replaceAll("\t", "  "));
    else if (!/^(update|preview) failed$/.test(text)) this.#problem = [`${level}: ${text}`];
  }

  #endProblem(): void {
    if (this.#problem) this.#causes.push(this.#problem.join("\n").trimEnd());
    this.#problem = undefined;
  }
}

const verdict = ({ ok, warned }: { ok: number; warned: number }) =>
  ok + warned === 0 ? "" : `; ${ok} checks hold${warned > 0 ? `, ${warned} warned` : ""}`;
