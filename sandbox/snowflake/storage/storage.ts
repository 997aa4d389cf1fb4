import { randomUUID } from "node:crypto";
import { createWriteStream, mkdirSync, rmSync } from "node:fs";
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
  S3Client,
} from "@aws-sdk/client-s3";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { accountKey, type Bootstrap } from "../catalog/bootstrap.ts";
import type { AccountKey, StorageIntegration } from "../catalog/model.ts";
import { cannotAssumeRole, isMissing, stageFailure } from "./aws-errors.ts";
import { ByteLimit } from "./byte-limit.ts";
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

export interface StorageOptions {
  /** Folder for copies of objects while statements read them; emptied at start. */
  cacheDirectory: string;
  /** Bytes all copies together may take; a statement waits for room. A single larger object is let through alone. */
  cacheBytes: number;
  /** Milliseconds added to each object that is read, to play a slow network. */
  delayPerObject: number;
}

/** What all statements share: where copies lie and how much room they have. */
interface Copies {
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

interface IamUser {
  arn: string;
  accessKeyId: string;
  secretAccessKey: string;
}

/** Seconds that credentials of an assumed role live; they are renewed before. */
const ROLE_SECONDS = 3600;

/**
 * How the local Snowflake reaches S3: as each account's own IAM user it may do one thing, assume the role of a storage
 * integration with the integration's external ID; everything else is done with the role's temporary credentials.
 */
export class Storage {
  readonly #aws: Bootstrap["aws"];
  readonly #users: ReadonlyMap<AccountKey, IamUser>;
  readonly #copies: Copies;

  constructor(bootstrap: Bootstrap, options: StorageOptions) {
    this.#aws = bootstrap.aws;
    this.#users = new Map(bootstrap.accounts.map((account) => [accountKey(account), account.awsIamUser]));
    rmSync(options.cacheDirectory, { recursive: true, force: true });
    mkdirSync(options.cacheDirectory, { recursive: true });
    this.#copies = {
      directory: options.cacheDirectory,
      limit: new ByteLimit(options.cacheBytes),
      delayPerObject: options.delayPerObject,
    };
  }

  /**
   * Assumes an integration's role for one statement. Nothing is kept from one statement to the next, so that a change
   * of the trust policy shows at once.
   */
  async open(
    account: AccountKey,
    integration: StorageIntegration,
    signal?: AbortSignal,
  ): Promise<StorageAccess> {
    const user = this.#users.get(account);
    if (!user) throw new Error(`accounts.json names no IAM user for account ${account}`);
    const credentials = () => this.#assume(user, integration, signal);
    const first = await credentials();
    let latest: typeof first | undefined = first;
    const s3 = new S3Client({
      endpoint: this.#aws.endpoint,
      region: this.#aws.region,
      forcePathStyle: true,
      followRegionRedirects: true,
      // The client asks again before the expiration; the first answer is the one that is there already.
      credentials: async () => {
        const answer = latest ?? (await credentials());
        latest = undefined;
        return answer;
      },
    });
    return new StorageAccess(s3, integration, this.#copies, signal);
  }

  async #assume(user: IamUser, integration: StorageIntegration, signal: AbortSignal | undefined) {
    const sts = new STSClient({ endpoint: this.#aws.endpoint, region: this.#aws.region, credentials: user });
    try {
      const { Credentials: assumed } = await sts.send(
        new AssumeRoleCommand({
          RoleArn: integration.awsRoleArn,
          ExternalId: integration.awsExternalId,
          RoleSessionName: "snowflake",
          DurationSeconds: ROLE_SECONDS,
        }),
        signal ? { abortSignal: signal } : {},
      );
      if (!assumed?.AccessKeyId || !assumed.SecretAccessKey || !assumed.SessionToken)
        throw new Error(`AssumeRole of ${integration.awsRoleArn} answered without credentials`);
      return {
        accessKeyId: assumed.AccessKeyId,
        secretAccessKey: assumed.SecretAccessKey,
        sessionToken: assumed.SessionToken,
        ...(assumed.Expiration ? { expiration: assumed.Expiration } : {}),
      };
    } catch (error) {
      throw cannotAssumeRole(error, user.arn, integration.awsRoleArn);
    } finally {
      sts.destroy();
    }
  }
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
