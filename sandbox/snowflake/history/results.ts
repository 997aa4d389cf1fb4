import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Connection, Engine } from "../engine/engine.ts";
import { readExtremes, readLengths, readSpilled } from "../engine/fetch.ts";
import { cannotWrite } from "../errors.ts";
import type { Column, ResultSet } from "../result.ts";

/** A stored result: its first rows, and whether there are more in a file beside it. */
export interface StoredResult {
  columns: Column[];
  rows: (string | null)[][];
  /** All rows, those in the file included. */
  total: number;
  /** Where there are more in a file: two rows, of the least and the greatest values of the FIXED columns. */
  extremes?: (string | null)[][];
  /** How many rows are in each part of the rest, where rows are long. */
  parts?: number[];
  children?: ResultSet["children"];
  transfer?: ResultSet["transfer"];
}

const RESULT_LIFETIME = 24 * 3_600_000;
/** Rows that go with the answer itself when there are more than fit. */
const INLINE_ROWS = 1_000;
const CHUNK_ROWS = 20_000;
/** And as many as have so many characters, but at least one. */
const CHUNK_CHARACTERS = 32_000_000;

/** Results of finished statements: on disk for a day, so that a client that comes back finds them (docs: Using Persisted Query Results). */
export class Results {
  readonly #directory: string;
  readonly #engine: Engine;
  readonly #secret: Buffer;

  constructor(directory: string, engine: Engine) {
    this.#directory = directory;
    this.#engine = engine;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const secretFile = path.join(directory, "secret");
    if (!existsSync(secretFile)) writeFileSync(secretFile, randomBytes(32), { mode: 0o600 });
    this.#secret = readFileSync(secretFile);
    this.sweep();
  }

  /** Where a result that does not fit in memory is written: all of its rows, as Parquet, columns c0, c1, …. */
  file(queryId: string): string {
    return path.join(this.#directory, `${queryId}.parquet`);
  }

  async store(
    queryId: string,
    { columns, rows, file, children, transfer }: ResultSet,
  ): Promise<StoredResult> {
    const stored: StoredResult = file
      ? await this.#spilled(file, columns, rows.slice(0, INLINE_ROWS))
      : { columns, rows, total: rows.length, ...(children && { children }), ...(transfer && { transfer }) };
    const head = this.#headFile(queryId);
    try {
      await writeFile(`${head}.new`, JSON.stringify(stored), { mode: 0o600 });
      await rename(`${head}.new`, head);
    } catch (error) {
      await rm(`${head}.new`, { force: true });
      throw cannotWrite(error);
    }
    return stored;
  }

  /** Undefined when it is older than a day or was never there. */
  async load(queryId: string): Promise<StoredResult | undefined> {
    const file = this.#headFile(queryId);
    if (!existsSync(file) || statSync(file).mtimeMs < Date.now() - RESULT_LIFETIME) return undefined;
    return JSON.parse(await readFile(file, "utf8")) as StoredResult;
  }

  /** How many rows are in each part that drivers fetch by itself; empty when all came with the answer. */
  chunkSizes({ rows, total, parts }: StoredResult): number[] {
    if (parts) return parts;
    const rest = total - rows.length;
    return Array.from({ length: Math.ceil(rest / CHUNK_ROWS) }, (_, index) =>
      Math.min(CHUNK_ROWS, rest - index * CHUNK_ROWS),
    );
  }

  /** A result and the rows of one of its chunks. Undefined when it is not there. */
  async chunk(
    queryId: string,
    index: number,
  ): Promise<{ stored: StoredResult; rows: StoredResult["rows"] } | undefined> {
    const stored = await this.load(queryId);
    const sizes = stored ? this.chunkSizes(stored) : [];
    const count = sizes[index];
    if (!stored || count === undefined) return undefined;
    const offset = sizes.slice(0, index).reduce((sum, size) => sum + size, stored.rows.length);
    const rows = await this.#reading((connection) =>
      readSpilled(connection, this.file(queryId), stored.columns, offset, count),
    );
    return { stored, rows };
  }

  async #spilled(
    { path: file, total }: NonNullable<ResultSet["file"]>,
    columns: Column[],
    rows: StoredResult["rows"],
  ): Promise<StoredResult> {
    return await this.#reading(async (connection) => {
      const lengths = await readLengths(connection, file, columns, CHUNK_CHARACTERS / CHUNK_ROWS);
      const extremes = await readExtremes(connection, file, columns);
      return {
        columns,
        rows,
        total,
        extremes,
        ...(lengths && { parts: partsOf(lengths.slice(rows.length)) }),
      };
    });
  }

  async #reading<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await this.#engine.connect();
    try {
      return await work(connection);
    } finally {
      connection.close();
    }
  }

  /** Drivers fetch chunks without their session's token, so the address itself has to carry the permission. */
  chunkKey(queryId: string): string {
    return createHash("sha256").update(this.#secret).update(queryId).digest("hex");
  }

  isChunkKey(queryId: string, key: string): boolean {
    const expected = Buffer.from(this.chunkKey(queryId));
    const given = Buffer.from(key);
    return given.length === expected.length && timingSafeEqual(given, expected);
  }

  /** Deletes results older than a day. */
  sweep(): void {
    for (const name of readdirSync(this.#directory)) {
      const file = path.join(this.#directory, name);
      if (name !== "secret" && statSync(file).mtimeMs < Date.now() - RESULT_LIFETIME) rmSync(file);
    }
  }

  #headFile(queryId: string): string {
    return path.join(this.#directory, `${queryId}.json`);
  }
}

/** Rows put together to parts that are not too long. */
function partsOf(lengths: readonly number[]): number[] {
  const parts: number[] = [];
  let characters = 0;
  for (const length of lengths) {
    characters += length;
    const last = parts.at(-1);
    if (last !== undefined && last < CHUNK_ROWS && characters <= CHUNK_CHARACTERS) {
      parts[parts.length - 1] = last + 1;
    } else {
      parts.push(1);
      characters = length;
    }
  }
  return parts;
}
