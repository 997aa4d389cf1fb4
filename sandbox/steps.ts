import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** What one step took. */
export interface Timing {
  step: string;
  seconds: number;
  /** Peak of the resident memory of the step's processes together, in MB, where it was measured. */
  peakMegabytes?: number;
  /** Said beside it, e.g. "found built". */
  note?: string;
}

/** What a step may tell while it runs. */
export interface Step {
  /** Prints a line under the step. */
  say(line: string): void;
  /** Puts a remark beside the step's time. */
  note(text: string): void;
  /** Records the step's peak memory. */
  memory(megabytes: number | undefined): void;
}

const REMIND_AFTER_MS = 15_000;

/** Runs steps one after the other, says what each does and how long it took, and keeps the figures. */
export class Steps {
  readonly timings: Timing[] = [];
  readonly #write: (text: string) => void;
  readonly #start = Date.now();

  constructor(write: (text: string) => void = (text) => process.stdout.write(text)) {
    this.#write = write;
  }

  async run<T>(title: string, work: (step: Step) => Promise<T>): Promise<T> {
    const start = Date.now();
    const timing: Timing = { step: title, seconds: 0 };
    this.#write(`${this.#clock()} ${title} …\n`);
    const reminder = setInterval(
      () => this.#write(`${this.#clock()}   still at it: ${title}\n`),
      REMIND_AFTER_MS,
    );
    try {
      const result = await work({
        say: (line) => this.#write(`          ${line}\n`),
        note: (text) => {
          timing.note = text;
        },
        memory: (megabytes) => {
          if (megabytes !== undefined) timing.peakMegabytes = megabytes;
        },
      });
      timing.seconds = Math.round((Date.now() - start) / 10) / 100;
      this.timings.push(timing);
      const note = timing.note ? ` (${timing.note})` : "";
      this.#write(`${this.#clock()} ✓ ${title}${note}, ${duration(timing.seconds)}\n`);
      return result;
    } catch (error) {
      this.#write(`${this.#clock()} ✗ ${title}, after ${duration((Date.now() - start) / 1000)}\n`);
      throw error;
    } finally {
      clearInterval(reminder);
    }
  }

  /** Adds this run's figures to the JSON file of all runs. */
  record(file: string, command: string): void {
    const runs = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as unknown[]) : [];
    const seconds = Math.round((Date.now() - this.#start) / 10) / 100;
    runs.push({ command, at: new Date(this.#start).toISOString(), seconds, steps: this.timings });
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(runs, null, 2)}\n`);
  }

  get seconds(): number {
    return (Date.now() - this.#start) / 1000;
  }

  #clock(): string {
    const total = Math.floor(this.seconds);
    return `[${String(Math.floor(total / 60)).padStart(3)}:${String(total % 60).padStart(2, "0")}]`;
  }
}

/** A duration for people: "0.4 s", "12 s", "3 min 5 s". */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
