import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { StorageIntegration } from "../catalog/model.ts";
import { isMissing, stageFailure } from "./aws-errors.ts";
import type { ByteLimit } from "./byte-limit.ts";
import { isBlocked, type S3Location, s3Url } from "./locations.ts";
import { parquetFooter } from "./parquet-footer.ts";

/** One object as a listing shows it. */
export interface StoredFile extends S3Location {
  /** s3://bucket/key */
  url: string;
  /** Bytes. */
  size: number;
  /** The ETag without quotes: what LIST calls md5, and what tells a replaced file from the one that was loaded. */
  etag: string;
  lastModified: Date;
}

/** What all statements share: where copies lie and how much room they have. */
export interface Copies {
  directory: string;
  limit: ByteLimit;
  delayPerObject: number;
}

/** A file's copy on the local disk, or why there is none. */
export type LocalCopy = { file: StoredFile; path: string } | { file: StoredFile; error: unknown };

export interface LocalCopies {
  outcomes: LocalCopy[];
  /** Deletes the copies. To be called when the caller has read them. */
  release(): Promise<void>;
}

/** What statements do with the files of a stage, wherever they lie. */
export type StageFiles = Pick<
  StorageAccess,
  "list" | "localCopies" | "localFooters" | "filesTogether" | "delete" | "close"
>;

/** S3 with the credentials of one integration's role, for one statement. To be closed. */
export class StorageAccess {
  readonly integration: StorageIntegration;
  readonly #s3: S3Client;
  readonly #copies: Copies;
  readonly #signal: AbortSignal | undefined;

  constructor(
    s3: S3Client,
    integration: StorageIntegration,
    copies: Copies,
    signal: AbortSignal | undefined,
  ) {
    this.#s3 = s3;
    this.integration = integration;
    this.#copies = copies;
    this.#signal = signal;
  }

  /** All objects whose key begins with the location's; folder markers and what lies in blocked locations are left out. */
  async list(location: S3Location): Promise<StoredFile[]> {
    const files: StoredFile[] = [];
    try {
      const pages = paginateListObjectsV2(
        { client: this.#s3 },
        { Bucket: location.bucket, Prefix: location.key },
        this.#sendOptions(),
      );
      for await (const page of pages) {
        for (const object of page.Contents ?? []) {
          const key = object.Key ?? "";
          const url = s3Url({ bucket: location.bucket, key });
          if (key.endsWith("/") || isBlocked(this.integration, url)) continue;
          files.push({
            bucket: location.bucket,
            key,
            url,
            size: object.Size ?? 0,
            etag: (object.ETag ?? "").replaceAll('"', ""),
            lastModified: object.LastModified ?? new Date(0),
          });
        }
      }
    } catch (error) {
      throw stageFailure(error);
    }
    return files;
  }

  /** Whether an object is there. */
  async exists({ bucket, key }: S3Location): Promise<boolean> {
    try {
      await this.#s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }), this.#sendOptions());
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  /** How many objects to fetch at a time: one by one over a slow network, so that progress can be watched. */
  filesTogether(most: number): number {
    return this.#copies.delayPerObject > 0 ? 1 : most;
  }

  /**
   * Copies objects to the local disk, streaming, for as long as the caller reads them. All of them together wait for
   * room, so that two statements never wait for each other. Each file's outcome stands by itself: AWS's error as it is,
   * also when the object is no longer the one that was listed.
   */
  async localCopies(files: readonly StoredFile[]): Promise<LocalCopies> {
    const total = files.reduce((sum, file) => sum + file.size, 0);
    const giveBack = await this.#copies.limit.take(total, this.#signal);
    const targets = files.map((file) =>
      path.join(this.#copies.directory, randomUUID() + path.extname(file.key)),
    );
    const release = async () => {
      await Promise.all(targets.map((target) => rm(target, { force: true })));
      giveBack();
    };
    try {
      if (this.#copies.delayPerObject > 0)
        await delay(this.#copies.delayPerObject * files.length, undefined, this.#sendSignal());
      const outcomes = await Promise.all(
        files.map(async (file, index): Promise<LocalCopy> => {
          const target = targets[index] as string;
          try {
            await this.#download(file, target);
            return { file, path: target };
          } catch (error) {
            this.#signal?.throwIfAborted();
            return { file, error };
          }
        }),
      );
      return { outcomes, release };
    } catch (error) {
      await release();
      throw error;
    }
  }

  async #download(file: StoredFile, target: string): Promise<void> {
    const answer = await this.#s3.send(
      new GetObjectCommand({ Bucket: file.bucket, Key: file.key, IfMatch: `"${file.etag}"` }),
      this.#sendOptions(),
    );
    await pipeline(answer.Body as Readable, createWriteStream(target), this.#sendSignal());
  }

  /**
   * Copies the footers of parquet files, each to a file that has nothing else: enough to read their columns, and little
   * of them is fetched.
   */
  async localFooters(files: readonly StoredFile[]): Promise<LocalCopies> {
    const directory = await mkdtemp(path.join(this.#copies.directory, "footers-"));
    const outcomes = await Promise.all(
      files.map(async (file, index): Promise<LocalCopy> => {
        const target = path.join(directory, String(index));
        try {
          await writeFile(target, await parquetFooter(file.size, (from) => this.#tail(file, from)));
          return { file, path: target };
        } catch (error) {
          this.#signal?.throwIfAborted();
          return { file, error };
        }
      }),
    );
    return { outcomes, release: () => rm(directory, { recursive: true, force: true }) };
  }

  /** The bytes of an object from one on; fails if it is no longer the object that was listed. */
  async #tail({ bucket, key, etag }: StoredFile, from: number): Promise<Buffer> {
    const answer = await this.#s3.send(
      new GetObjectCommand({ Bucket: bucket, Key: key, IfMatch: `"${etag}"`, Range: `bytes=${from}-` }),
      this.#sendOptions(),
    );
    return Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
  }

  /** Reads an object's first byte: enough to know that it may be read. */
  async probe({ bucket, key }: S3Location): Promise<void> {
    const answer = await this.#s3.send(
      new GetObjectCommand({ Bucket: bucket, Key: key }),
      this.#sendOptions(),
    );
    (answer.Body as Readable).destroy();
  }

  async put({ bucket, key }: S3Location, body: string): Promise<void> {
    await this.#s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }), this.#sendOptions());
  }

  async delete({ bucket, key }: S3Location): Promise<void> {
    await this.#s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }), this.#sendOptions());
  }

  close(): void {
    this.#s3.destroy();
  }

  #sendOptions() {
    return this.#signal ? { abortSignal: this.#signal } : {};
  }

  #sendSignal() {
    return this.#signal ? { signal: this.#signal } : {};
  }
}
