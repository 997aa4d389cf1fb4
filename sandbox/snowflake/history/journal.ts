import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { StringDecoder } from "node:string_decoder";
import { cannotWrite } from "../errors.ts";

const BLOCK = 1_048_576;
/** From this size on a file is shortened when it has grown to a multiple of what it needs. */
const LONG = 64 * BLOCK;
/** Entries that wait for the disk to take them; of what comes beyond, nothing is written down. */
const MOST_PENDING = 10_000;

/** A file of JSON lines that only grows while the server runs; a later line about a thing replaces an earlier one. */
export class Journal<Entry> {
  readonly #file: string;
  /** Lines that a full disk refused, to be written with the next one. */
  #pending: string[] = [];
  /** Up to where the file is whole. */
  #size = 0;
  /** How large it was when it had each thing once. */
  #shortest = 0;
  readonly #all: () => Iterable<Entry>;

  /** `all` answers the latest entry of each thing, for a file that has become long. */
  constructor(file: string, all: () => Iterable<Entry>) {
    this.#file = file;
    this.#all = all;
    mkdirSync(path.dirname(file), { recursive: true });
  }

  /**
   * All entries. A line that is none is left out, and said: it was torn when the process was killed or the disk was
   * full while it was written.
   */
  *read(): Generator<Entry> {
    let number = 0;
    for (const line of linesOf(this.#file)) {
      number += 1;
      if (line === "") continue;
      try {
        yield JSON.parse(line) as Entry;
      } catch {
        process.stderr.write(`${this.#file}:${number}: left out, a torn line of ${line.length} characters\n`);
      }
    }
  }

  /** Writes an entry down. Throws 000603 when that is impossible. */
  append(entry: Entry): void {
    try {
      this.#write([...this.#pending, lineOf(entry)]);
    } catch (error) {
      throw cannotWrite(error);
    }
  }

  /** The same for what must not fail: if it is impossible now, it is done with the next entry. */
  appendSoon(entry: Entry): void {
    const lines = [...this.#pending, lineOf(entry)];
    try {
      this.#write(lines);
    } catch (error) {
      if (this.#pending.length === 0) process.stderr.write(`${this.#file}: ${(error as Error).message}\n`);
      this.#pending = lines.slice(0, MOST_PENDING);
    }
  }

  /** Replaces the file by a short one: either the old or the new one is there, whatever happens. */
  shorten(): void {
    const next = `${this.#file}.next`;
    let size = 0;
    try {
      const descriptor = openSync(next, "w", 0o600);
      try {
        for (const entry of this.#all()) {
          const line = lineOf(entry);
          writeFileSync(descriptor, line);
          size += Buffer.byteLength(line);
        }
      } finally {
        closeSync(descriptor);
      }
      renameSync(next, this.#file);
      this.#size = size;
    } catch (error) {
      // The old file says the same at greater length. Its torn end, if it has one, is to have a line of its own.
      this.#pending.unshift("\n");
      process.stderr.write(`${this.#file}: not made shorter: ${(error as Error).message}\n`);
      rmSync(next, { force: true });
      this.#size = existsSync(this.#file) ? statSync(this.#file).size : 0;
    }
    this.#shortest = this.#size;
  }

  #write(lines: readonly string[]): void {
    const text = lines.join("");
    try {
      appendFileSync(this.#file, text, { mode: 0o600 });
    } catch (error) {
      // A part of it may be there: the next line must not become the end of this one.
      if (existsSync(this.#file)) truncateSync(this.#file, this.#size);
      throw error;
    }
    this.#size += Buffer.byteLength(text);
    this.#pending = [];
    if (this.#size > LONG && this.#size > 4 * this.#shortest) this.shorten();
  }
}

const lineOf = (entry: unknown): string => `${JSON.stringify(entry)}\n`;

/** The lines of a file, which may be larger than a string can be. */
function* linesOf(file: string): Generator<string> {
  if (!existsSync(file)) return;
  const descriptor = openSync(file, "r");
  const decoder = new StringDecoder("utf8");
  const block = Buffer.alloc(BLOCK);
  try {
    let rest = "";
    for (let read = readSync(descriptor, block); read > 0; read = readSync(descriptor, block)) {
      const lines = (rest + decoder.write(block.subarray(0, read))).split("\n");
      rest = lines.pop() as string;
      yield* lines;
    }
    yield rest;
  } finally {
    closeSync(descriptor);
  }
}
