import { createHash } from "node:crypto";
import type { Row, Session } from "../../snowflake/session.ts";
import { type CompleteSettings, namesOf } from "../settings.ts";
import { type Left, selector } from "./selection.ts";
import type { StagedFile } from "./staged-file.ts";

/** An object below the folder that is not taken. */
export interface LeftFile {
  /** Whole URL. */
  file: string;
  /** Path below the folder. */
  name: string;
  why: Left;
}

export interface Listing {
  files: StagedFile[];
  left: LeftFile[];
}

/** Lists what lies below the folder: the files to load, and what is not taken. Needs no warehouse. */
export async function listFolder(session: Session, settings: CompleteSettings): Promise<Listing> {
  const whyLeft = selector(settings);
  const listing: Listing = { files: [], left: [] };
  for (const row of await session.rows(`LIST ${namesOf(settings).files}`)) {
    const file = stagedFile(row, settings);
    // An empty object that shows a folder is no file.
    if (file.name === "" || file.name.endsWith("/")) continue;
    const why = whyLeft(file.name);
    if (why === undefined) listing.files.push(file);
    else listing.left.push({ file: file.file, name: file.name, why });
  }
  listing.files.sort((a, b) => (a.file < b.file ? -1 : 1));
  listing.left.sort((a, b) => (a.name < b.name ? -1 : 1));
  return listing;
}

/** The files to load alone. */
export const listFiles = async (session: Session, settings: CompleteSettings): Promise<StagedFile[]> =>
  (await listFolder(session, settings)).files;

function stagedFile(row: Row, settings: CompleteSettings): StagedFile {
  const file = String(row.name);
  return {
    file,
    name: nameOf(file, settings),
    size: Number(row.size),
    md5: String(row.md5),
    lastModified: new Date(String(row.last_modified)),
  };
}

/** The path below the load's folder; elsewhere the whole URL. */
export function nameOf(
  file: string,
  { stageUrl, path }: Pick<CompleteSettings, "stageUrl" | "path">,
): string {
  // The scheme of a listed file may differ from the stage's (s3, s3gov, s3china).
  const plain = (url: string) => url.replace(/^[a-z0-9]+:\/\//, "");
  const folder = plain(stageUrl + path);
  return plain(file).startsWith(folder) ? plain(file).slice(folder.length) : file;
}

/**
 * The files that Snowflake names in one answer: in COPY's result, in rows' metadata, in footers. The manual shows whole URLs
 * and paths; an answer uses one way for all, so the way is that in which it names the most of them. A path alone may be the
 * end of another file's.
 */
export function filesNamed(
  names: readonly string[],
  files: readonly StagedFile[],
  { stageUrl }: Pick<CompleteSettings, "stageUrl">,
): Map<string, StagedFile> {
  const inBucket = (url: string) => url.replace(/^[a-z0-9]+:\/\/[^/]+\//, "");
  const below = inBucket(stageUrl).length;
  const ways: ((file: StagedFile) => string)[] = [
    ({ file }) => file,
    ({ file }) => inBucket(file),
    ({ file }) => inBucket(file).slice(below),
    ({ name }) => name,
  ];
  let found = new Map<string, StagedFile>();
  for (const way of ways) {
    const known = new Map(files.map((file) => [way(file), file]));
    const named = names.flatMap((name) => {
      const file = known.get(name.replace(/^\/+/, ""));
      return file ? [[name, file] as const] : [];
    });
    if (named.length > found.size) found = new Map(named);
  }
  return found;
}

/** What tells one state of a file from another. */
export const sameContent = (
  one: Pick<StagedFile, "size" | "md5">,
  other: Pick<StagedFile, "size" | "md5">,
): boolean => one.size === other.size && one.md5 === other.md5;

/** A short text that changes when any file comes, goes or changes. Empty for no files. */
export function fingerprint(files: readonly Pick<StagedFile, "file" | "size" | "md5">[]): string {
  if (files.length === 0) return "";
  const hash = createHash("sha256");
  for (const { file, size, md5 } of files) hash.update(`${file}\n${size}\n${md5}\n`);
  return hash.digest("hex").slice(0, 16);
}

export const bytesOf = (files: readonly { size: number }[]) => files.reduce((sum, { size }) => sum + size, 0);
