import { createHash } from "node:crypto";
import { literal } from "../sql.ts";
import type { Row, Session } from "./session.ts";
import { type CompleteSettings, namesOf } from "./settings.ts";

/** A file as the stage lists it. */
export interface StagedFile {
  /** Path below the stage's URL: the file's name in the accounting, where files elsewhere have their whole URL. */
  file: string;
  /** Compressed bytes. */
  size: number;
  /** Checksum (S3: ETag). */
  md5: string;
  lastModified: Date;
}

/** Lists the files to load. Needs no warehouse. */
export async function listFiles(session: Session, settings: CompleteSettings): Promise<StagedFile[]> {
  const sql = `LIST ${namesOf(settings).files} PATTERN = ${literal(settings.pattern)}`;
  return (await session.rows(sql))
    .map((row) => stagedFile(row, settings))
    .sort((a, b) => (a.file < b.file ? -1 : 1));
}

function stagedFile(row: Row, settings: CompleteSettings): StagedFile {
  return {
    file: belowStage(String(row.name), settings.stageUrl),
    size: Number(row.size),
    md5: String(row.md5),
    lastModified: new Date(String(row.last_modified)),
  };
}

/**
 * The path below the stage, whether Snowflake names the file by its whole URL (LIST and COPY of external stages do) or
 * by its path (the load history does). A file elsewhere, as where the stage pointed at before, keeps its whole URL.
 */
export function belowStage(name: string, stageUrl: string): string {
  const withoutScheme = (url: string) => url.replace(/^[a-z0-9]+:\/\//, "");
  if (!name.includes("://")) return name.replace(/^\/+/, "");
  const stage = withoutScheme(stageUrl);
  return withoutScheme(name).startsWith(stage) ? withoutScheme(name).slice(stage.length) : name;
}

/** A short text that changes when any file comes, goes or changes. Empty for no files. */
export function fingerprint(files: readonly Pick<StagedFile, "file" | "size" | "md5">[]): string {
  if (files.length === 0) return "";
  const hash = createHash("sha256");
  for (const { file, size, md5 } of files) hash.update(`${file}\n${size}\n${md5}\n`);
  return hash.digest("hex").slice(0, 16);
}

export const bytesOf = (files: readonly { size: number }[]) => files.reduce((sum, { size }) => sum + size, 0);
