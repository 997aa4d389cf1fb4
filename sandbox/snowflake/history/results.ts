import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { Column, ResultSet } from "../result.ts";

const compress = promisify(gzip);
const decompress = promisify(gunzip);

type Row = (string | null)[];

/** A part of a result that drivers fetch by itself. */
export interface Chunk {
  rowCount: number;
  uncompressedSize: number;
  compressedSize: number;
}

/** A stored result: its first rows, and where the rest is. */
export interface StoredResult {
  columns: Column[];
  rows: Row[];
  /** All rows, those in chunks included. */
  total: number;
  chunks: Chunk[];
}

const RESULT_LIFETIME = 24 * 3_600_000;
/** Rows that go with the answer itself, by count and by size: more is put in chunks. */
const INLINE_ROWS = 10_000;
const INLINE_CHARACTERS = 1_000_000;
const CHUNK_CHARACTERS = 8_000_000;

/** Results of finished statements: on disk for a day, so that a client that comes back finds them. */
export class Results {
  readonly #directory: string;
  readonly #secret: Buffer;

  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true });
    const secretFile = path.join(directory, "secret");
    if (!existsSync(secretFile)) writeFileSync(secretFile, randomBytes(32), { mode: 0o600 });
    this.#secret = readFileSync(secretFile);
    this.sweep();
  }

  /** Writes a result down. Rows beyond what fits the first answer go to chunks as they come. */
  async store(queryId: string, result: ResultSet): Promise<StoredResult> {
    const stored: StoredResult = { columns: result.columns, rows: [], total: 0, chunks: [] };
    let size = 0;
    let inline = true;
    let part: string[] = [];
    const closeChunk = async () => {
      if (part.length === 0) return;
      const content = Buffer.from(part.join(","));
      const compressed = await compress(content, { level: 1 });
      await writeFile(this.#chunkFile(queryId, stored.chunks.length), compressed);
      stored.chunks.push({
        rowCount: part.length,
        uncompressedSize: content.length,
        compressedSize: compressed.length,
      });
      part = [];
      size = 0;
    };
    const take = async (rows: Row[]) => {
      for (const row of rows) {
        const text = JSON.stringify(row);
        size += text.length;
        stored.total += 1;
        if (inline && (stored.rows.length >= INLINE_ROWS || size > INLINE_CHARACTERS)) {
          inline = false;
          size = text.length;
        }
        if (inline) stored.rows.push(row);
        else {
          part.push(text);
          if (size > CHUNK_CHARACTERS) await closeChunk();
        }
      }
    };
    await take(result.rows);
    if (result.more) for await (const rows of result.more) await take(rows);
    await closeChunk();
    await writeFile(this.#headFile(queryId), JSON.stringify(stored));
    return stored;
  }

  /** Undefined when it is older than a day or was never there. */
  async load(queryId: string): Promise<StoredResult | undefined> {
    const file = this.#headFile(queryId);
    if (!existsSync(file) || statSync(file).mtimeMs < Date.now() - RESULT_LIFETIME) return undefined;
    return JSON.parse(await readFile(file, "utf8")) as StoredResult;
  }

  /** The rows of a stored result beyond its first ones, chunk by chunk. */
  async *moreRows(queryId: string, stored: StoredResult): AsyncGenerator<Row[]> {
    for (const index of stored.chunks.keys()) {
      const content = await decompress(await readFile(this.#chunkFile(queryId, index)));
      yield JSON.parse(`[${content.toString("utf8")}]`) as Row[];
    }
  }

  /** A chunk as it is sent: gzip of rows joined by commas. Undefined when it is not there. */
  async chunk(queryId: string, index: number): Promise<Buffer | undefined> {
    const file = this.#chunkFile(queryId, index);
    return existsSync(file) ? await readFile(file) : undefined;
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

  #chunkFile(queryId: string, index: number): string {
    return path.join(this.#directory, `${queryId}.${index}.gz`);
  }
}
