import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";

/** A file of JSON lines that only grows while the server runs; a later line about a thing replaces an earlier one. */
export class Journal<Entry> {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
    mkdirSync(path.dirname(file), { recursive: true });
  }

  read(): Entry[] {
    if (!existsSync(this.#file)) return [];
    const lines = readFileSync(this.#file, "utf8").split("\n");
    const entries: Entry[] = [];
    for (const [index, line] of lines.entries()) {
      if (line === "") continue;
      try {
        entries.push(JSON.parse(line) as Entry);
      } catch (error) {
        // The last line may be torn when the process was killed while it wrote; anywhere else it is damage.
        if (index === lines.length - 1) break;
        throw new Error(`${this.#file}:${index + 1}: not a line of JSON`, { cause: error });
      }
    }
    return entries;
  }

  append(entry: Entry): void {
    appendFileSync(this.#file, `${JSON.stringify(entry)}\n`);
  }

  /** Replaces the file as a whole: either the old or the new one is there, whatever happens. */
  rewrite(entries: Iterable<Entry>): void {
    const next = `${this.#file}.next`;
    writeFileSync(next, [...entries].map((entry) => `${JSON.stringify(entry)}\n`).join(""));
    renameSync(next, this.#file);
  }
}
