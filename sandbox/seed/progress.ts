import type { Writable } from "node:stream";

/** How long work may take before it shows progress on a terminal, in milliseconds. */
const SHOW_AFTER = 2_000;
/** How often a log (no terminal) gets a line, in milliseconds. */
const LOG_EVERY = 10_000;
const BAR_WIDTH = 28;

/** Shows how far a long job is: a bar on a terminal, a line every ten seconds in a log; nothing when it is quick. */
export class Progress {
  readonly #label: string;
  readonly #total: number;
  readonly #unit: string;
  readonly #out: Writable & { isTTY?: boolean };
  readonly #startedAt = Date.now();
  readonly #timer: NodeJS.Timeout;
  #done = 0;
  #shown = false;
  #underway: () => number = () => 0;

  constructor(
    label: string,
    total: number,
    unit: string,
    out: Writable & { isTTY?: boolean } = process.stderr,
  ) {
    this.#label = label;
    this.#total = total;
    this.#unit = unit;
    this.#out = out;
    this.#timer = setInterval(() => this.#show(), out.isTTY ? 200 : LOG_EVERY);
    this.#timer.unref();
  }

  add(count: number): void {
    this.#done += count;
    this.#underway = () => 0;
  }

  /** Counts something begun but not done: asked whenever the display is drawn. `add` ends it. */
  begin(underway: () => number): void {
    this.#underway = underway;
  }

  /** Ends the display; the terminal's line is left clean. */
  stop(): void {
    clearInterval(this.#timer);
    if (this.#shown && this.#out.isTTY) this.#out.write("\r\x1b[K");
  }

  #show(): void {
    const elapsed = Date.now() - this.#startedAt;
    if (elapsed < SHOW_AFTER) return;
    this.#shown = true;
    const done = Math.min(this.#total, Math.round(this.#done + this.#underway()));
    const share = this.#total === 0 ? 1 : done / this.#total;
    const left = share > 0 ? `, about ${seconds((elapsed / share) * (1 - share))} left` : "";
    const figures = `${count(done)} of ${count(this.#total)} ${this.#unit} (${Math.floor(share * 100)} %), ${seconds(elapsed)}${left}`;
    if (this.#out.isTTY) {
      const filled = Math.round(share * BAR_WIDTH);
      this.#out.write(
        `\r\x1b[K${this.#label} ${"█".repeat(filled)}${"░".repeat(BAR_WIDTH - filled)} ${figures}`,
      );
    } else this.#out.write(`${this.#label}: ${figures}\n`);
  }
}

export const count = (value: number) => value.toLocaleString("en-US");

export const plural = (value: number, one: string) => `${count(value)} ${one}${value === 1 ? "" : "s"}`;

export function seconds(milliseconds: number) {
  const whole = Math.round(milliseconds / 1000);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
