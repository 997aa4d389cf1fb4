import type { Writable } from "node:stream";
import { duration, number } from "../../components/format.ts";

/** How long work may take before it shows progress on a terminal, in milliseconds. */
const SHOW_AFTER = 2_000;
/** How often a log (no terminal) gets a line, in milliseconds. */
const LOG_EVERY = 10_000;

/** Tells how far a long job is: a line over itself on a terminal, one every ten seconds in a log; nothing when it is quick. */
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
    const left = share > 0 ? `, about ${duration(((elapsed / share) * (1 - share)) / 1000)} left` : "";
    const figures = `${number(done)} of ${number(this.#total)} ${this.#unit} (${Math.floor(share * 100)} %)`;
    const line = `${this.#label}: ${figures}, ${duration(elapsed / 1000)}${left}`;
    this.#out.write(this.#out.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
  }
}
