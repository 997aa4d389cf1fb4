import { createHash } from "node:crypto";
import type { Row, Session } from "../../snowflake/session.ts";
import { type CompleteSettings, namesOf } from "../settings.ts";
import { type Left, selector } from "./selection.ts";
import type { StagedFile } from "./staged-file.ts";

/** An object below the folder that is not taken. */
export interface LeftFile {
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
    else listing.left.push({ name: file.name, why });
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

/** Whether Snowflake names this file, in COPY's result, a row's metadata or a footer: by its whole URL, or by a path. */
export function isFile(named: string, { file }: Pick<StagedFile, "file">): boolean {
  return named !== "" && (named === file || file.endsWith(`/${named.replace(/^\/+/, "")}`));
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
