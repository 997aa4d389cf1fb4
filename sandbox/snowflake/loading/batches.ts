import type { LocalCopies, StageFiles, StoredFile } from "../storage/storage.ts";

/** Files that are fetched and loaded together, so that many small ones keep all cores busy. */
const BATCH_FILES = 8;
const BATCH_BYTES = 128_000_000;

/**
 * Fetches files batch by batch, the next one while the last one is used. Each batch's copies are deleted when the
 * caller asks for the next or stops.
 */
export async function* fetchBatches(
  access: StageFiles,
  files: readonly StoredFile[],
): AsyncGenerator<LocalCopies["outcomes"]> {
  const batches = cut(files, access.filesTogether(BATCH_FILES));
  let next = batches[0] && access.localCopies(batches[0]);
  for (let index = 0; next; index++) {
    const copies = await next;
    const following = batches[index + 1];
    next = following && access.localCopies(following);
    // Its error is thrown where it is awaited; until then it is not "unhandled".
    next?.catch(() => undefined);
    let used = false;
    try {
      yield copies.outcomes;
      used = true;
    } finally {
      await copies.release();
      // The caller stopped early: what was fetched ahead is of no use.
      if (!used) await discard(next);
    }
  }
}

function cut(files: readonly StoredFile[], most: number): StoredFile[][] {
  const batches: StoredFile[][] = [];
  let bytes = 0;
  for (const file of files) {
    const last = batches.at(-1);
    if (last && last.length < most && bytes + file.size <= BATCH_BYTES) {
      last.push(file);
      bytes += file.size;
    } else {
      batches.push([file]);
      bytes = file.size;
    }
  }
  return batches;
}

async function discard(copies: Promise<LocalCopies> | undefined): Promise<void> {
  const fetched = await copies?.catch(() => undefined);
  await fetched?.release();
}
