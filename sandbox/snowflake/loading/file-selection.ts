import type { StoredFile } from "../storage/storage.ts";
import { LOAD_METADATA_DAYS, type LoadMemory } from "./load-records.ts";

export interface SelectionOptions {
  /** Names from FILES, each going on where the location's URL ends. */
  files?: readonly string[];
  force: boolean;
  loadUncertainFiles: boolean;
  /** Bytes; undefined: no limit. */
  sizeLimit?: number;
}

export interface Selection {
  /** To be loaded, in the order of the listing. */
  chosen: StoredFile[];
  /** Named in FILES, but loaded before. */
  loadedBefore: StoredFile[];
  /** Named in FILES, but not there: URLs. */
  missing: string[];
}

/** Decides which of the files under a location a COPY loads. */
export function selectFiles(
  listed: readonly StoredFile[],
  url: string,
  memory: LoadMemory,
  now: Date,
  options: SelectionOptions,
): Selection {
  const named = options.files === undefined ? undefined : namedFiles(listed, url, options.files);
  const candidates = named?.found ?? listed;
  const selection: Selection = { chosen: [], loadedBefore: [], missing: named?.missing ?? [] };
  let bytes = 0;
  for (const file of candidates) {
    const state = options.force ? "new" : loadState(file, memory, now);
    if (state === "loaded" && named) selection.loadedBefore.push(file);
    if (state === "loaded" || (state === "uncertain" && !options.loadUncertainFiles)) continue;
    if (options.sizeLimit !== undefined && bytes > options.sizeLimit) break;
    bytes += file.size;
    selection.chosen.push(file);
  }
  return selection;
}

/** The files that were named, each going on where the location's URL ends. */
export function namedFiles(listed: readonly StoredFile[], url: string, names: readonly string[]) {
  const byUrl = new Map(listed.map((file) => [file.url, file]));
  const found: StoredFile[] = [];
  const missing: string[] = [];
  for (const name of new Set(names)) {
    const file = byUrl.get(url + name);
    if (file) found.push(file);
    else missing.push(url + name);
  }
  return { found, missing };
}

/**
 * Whether a file counts as loaded. Snowflake forgets a load after 64 days; then a file's state is uncertain if the file
 * is older than that and the table's first load, too: it may have been loaded in the time that is forgotten
 * (docs: COPY INTO <table>, LOAD_UNCERTAIN_FILES).
 */
function loadState(file: StoredFile, memory: LoadMemory, now: Date): "new" | "loaded" | "uncertain" {
  const horizon = now.getTime() - LOAD_METADATA_DAYS * 86_400_000;
  const load = memory.files.get(file.url);
  if (load && load.loadedAt >= horizon) return load.etag === file.etag ? "loaded" : "new";
  const oldFile = file.lastModified.getTime() < horizon;
  const oldTable = memory.firstLoadAt !== undefined && memory.firstLoadAt < horizon;
  return oldFile && oldTable ? "uncertain" : "new";
}
