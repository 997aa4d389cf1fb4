import { rmSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { S3Client } from "@aws-sdk/client-s3";
import { ensureBucket, stateOf, upload } from "./bucket.ts";
import { plannedFiles, type ReadingsFile } from "./files.ts";
import { OptionError, type SeedOptions } from "./options.ts";
import { Progress } from "./progress.ts";
import { ReadingsWriter } from "./readings.ts";

/** What was done. */
export interface SeededReadings {
  files: number;
  rows: number;
  bytes: number;
  /** Files that were there already, with the same content. */
  filesKept: number;
  milliseconds: number;
}

/** How many look-ups of existing objects run at a time. */
const LOOKUPS = 16;
/** About what a reading takes in a file. */
const BYTES_PER_ROW = 7.1;

/**
 * Writes the readings into the bucket, one file after the other: the next file is made while the last one uploads,
 * so that at most two are on disk at any time.
 */
export async function seedReadings(s3: S3Client, options: SeedOptions): Promise<SeededReadings> {
  const startedAt = Date.now();
  await ensureBucket(s3, options.bucket);
  const planned = [...plannedFiles(options)];
  const states = await lookUp(s3, options.bucket, planned);
  const different = planned.filter((_, index) => states[index] === "different");
  if (different.length > 0 && !options.replace) {
    throw new OptionError(
      `s3://${options.bucket}/${different[0]?.key}: ${different.length} of ${planned.length} files are there with other content, ` +
        "made by other options or by hand. A table that has them loaded would get their rows again. " +
        "Use the METERS and SEED of last time (raising DAYS adds files), start over with an empty sandbox, or say --replace (REPLACE=1).",
    );
  }
  const missing = planned.filter((_, index) => states[index] !== "same");
  const result: SeededReadings = {
    files: missing.length,
    rows: missing.reduce((sum, file) => sum + file.rows, 0),
    bytes: 0,
    filesKept: planned.length - missing.length,
    milliseconds: 0,
  };

  const directory = await mkdtemp(path.join(tmpdir(), "readings-"));
  // Also when the process ends by a signal (see main.ts).
  const tidy = () => rmSync(directory, { recursive: true, force: true });
  process.once("exit", tidy);
  const writer = await ReadingsWriter.open(options.seed, directory);
  const progress = new Progress("writing readings", result.rows, "rows");
  let uploading: Promise<void> = Promise.resolve();
  try {
    for (const file of missing) {
      const localPath = path.join(directory, path.basename(file.key));
      // While a file is written, its size tells how far it is.
      progress.begin(() => Math.min(file.rows, sizeOf(localPath) / BYTES_PER_ROW));
      await writer.write(file, localPath);
      progress.add(file.rows);
      await uploading;
      result.bytes += sizeOf(localPath);
      uploading = upload(s3, options.bucket, file, localPath).then(() => rm(localPath));
      // The error is thrown where the upload is awaited; until then it is not "unhandled".
      uploading.catch(() => undefined);
    }
    await uploading;
  } finally {
    await Promise.allSettled([uploading]);
    progress.stop();
    writer.close();
    tidy();
    process.off("exit", tidy);
  }
  result.milliseconds = Date.now() - startedAt;
  return result;
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

async function lookUp(s3: S3Client, bucket: string, files: ReadingsFile[]) {
  const states: Awaited<ReturnType<typeof stateOf>>[] = [];
  for (let first = 0; first < files.length; first += LOOKUPS)
    states.push(
      ...(await Promise.all(files.slice(first, first + LOOKUPS).map((file) => stateOf(s3, bucket, file)))),
    );
  return states;
}
