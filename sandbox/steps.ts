import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { styleText } from "node:util";
import { precise } from "../components/format.ts";

/** What one step took. */
export interface Timing {
  step: string;
  seconds: number;
  /** Peak of the resident memory of the step's processes together, in MB, where it was measured. */
  peakMegabytes?: number;
  /** Said beside it, e.g. "built". */
  note?: string;
}

/** What a step may tell while it runs. */
export interface Step {
  /** What it is at: shown until something else is. */
  say(line: string): void;
  /** Puts a remark beside the step's title. */
  note(text: string): void;
  /** A line of its own for a part that is done, with the time since the last one. */
  done(text: string): void;
  /** A line of its own for something to look at. */
  warn(text: string): void;
  /** The step itself gets no line, because there was nothing to do, or its parts had theirs. */
  quiet(): void;
  /** Records the step's peak memory. */
  memory(megabytes: number | undefined): void;
}

/** Where it is shown: a terminal, a pipe, a CI log. */
export type Screen = NodeJS.WritableStream & { isTTY?: boolean; columns?: number };

export type Style = Parameters<typeof styleText>[0];

const REMIND_AFTER_MS = 30_000;
const REDRAW_MS = 100;
const SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
const CLEAR_LINE = "\r\x1b[2K";

/**
 * Runs steps one after the other: one line for each, with the time it took. On a terminal the line is there from the start
 * and tells what the step is at; elsewhere a long step is heard of now and then. Colour is where the terminal has it
 * (NO_COLOR and FORCE_COLOR count).
 */
export class Steps {
  readonly timings: Timing[] = [];
  /** Lines that were shown. */
  lines = 0;
  readonly #screen: Screen;
  readonly #live: boolean;
  readonly #start = Date.now();
  #current: { title: string; detail: string; since: number } | undefined;

  constructor(screen: Screen = process.stdout) {
    this.#screen = screen;
    this.#live = screen.isTTY === true && !process.env.CI && process.env.TERM !== "dumb";
  }

  async run<T>(title: string, work: (step: Step) => Promise<T>): Promise<T> {
    const start = Date.now();
    const timing: Timing = { step: title, seconds: 0 };
    const current = { title, detail: "", since: start };
    this.#current = current;
    let quiet = false;
    const timer = setInterval(() => this.#tick(), this.#live ? REDRAW_MS : REMIND_AFTER_MS);
    this.#draw();
    try {
      const result = await work({
        say: (line) => {
          current.detail = line;
        },
        note: (text) => {
          timing.note = text;
        },
        done: (text) => {
          this.#line("green", "✓", text, Date.now() - current.since);
          current.since = Date.now();
          current.detail = "";
        },
        warn: (text) => this.#line("yellow", "!", text),
        quiet: () => {
          quiet = true;
        },
        memory: (megabytes) => {
          if (megabytes !== undefined) timing.peakMegabytes = megabytes;
        },
      });
      timing.seconds = Math.round((Date.now() - start) / 10) / 100;
      this.timings.push(timing);
      if (!quiet) this.#line("green", "✓", titled(title, timing.note), Date.now() - start);
      return result;
    } catch (error) {
      this.#line("red", "✗", title, Date.now() - start);
      throw error;
    } finally {
      clearInterval(timer);
      this.#current = undefined;
      if (this.#live) this.#screen.write(CLEAR_LINE);
    }
  }

  /** Text of several lines, between the steps or after them. */
  text(text: string): void {
    this.#screen.write(`${this.#live ? CLEAR_LINE : ""}${text}\n`);
  }

  style(style: Style, text: string): string {
    return styleText(style, text, { stream: this.#screen });
  }

  /** What runs now. */
  get current(): string | undefined {
    return this.#current?.title;
  }

  /** Adds this run's figures to the JSON file of all runs. */
  record(file: string, command: string): void {
    const runs = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as unknown[]) : [];
    const seconds = Math.round((Date.now() - this.#start) / 10) / 100;
    runs.push({ command, at: new Date(this.#start).toISOString(), seconds, steps: this.timings });
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(runs, null, 2)}\n`);
  }

  #line(style: Style, sign: string, text: string, milliseconds?: number): void {
    const time = milliseconds === undefined ? "" : this.style("dim", ` (${precise(milliseconds / 1000)})`);
    this.lines += 1;
    this.text(`${this.style(style, sign)} ${text}${time}`);
    this.#draw();
  }

  #tick(): void {
    if (this.#live) this.#draw();
    else if (this.#current) this.#screen.write(`  … ${this.#doing()}\n`);
  }

  /** The step's line as it is now, over itself. */
  #draw(): void {
    if (!this.#live || !this.#current) return;
    const sign = SPINNER[Math.floor(Date.now() / REDRAW_MS) % SPINNER.length] ?? "";
    const room = Math.max(20, (this.#screen.columns ?? 80) - 3);
    const doing = this.#doing();
    const shown = doing.length > room ? `${doing.slice(0, room - 1)}…` : doing;
    this.#screen.write(`${CLEAR_LINE}${this.style("cyan", sign)} ${shown}`);
  }

  #doing(): string {
    const { title, detail, since } = this.#current ?? { title: "", detail: "", since: Date.now() };
    return `${title}, ${precise(Math.floor((Date.now() - since) / 1000))}${detail ? `: ${detail}` : ""}`;
  }
}

const titled = (title: string, note?: string) => (note === undefined ? title : `${title}: ${note}`);
