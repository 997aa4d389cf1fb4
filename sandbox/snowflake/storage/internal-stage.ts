import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import type { Cloud } from "../context.ts";
import type { StageFiles, StoredFile } from "./storage.ts";

/** What has an internal stage: a named one, a table, or a user of an account. */
export type StageOwner = { stage: number } | { table: number } | { account: string; user: string };

/** The files of an internal stage, which lie on the local disk: clients put them there and take them from there. */
export class InternalStage implements StageFiles {
  readonly directory: string;
  /** What its files' URLs begin with: what the memory of loads knows them by. */
  readonly root: string;

  constructor({ dataDirectory }: Pick<Cloud, "dataDirectory">, owner: StageOwner) {
    const parts =
      "stage" in owner
        ? ["named", String(owner.stage)]
        : "table" in owner
          ? ["tables", String(owner.table)]
          : ["users", owner.account, owner.user];
    const names = parts.map((part) => encodeURIComponent(part).replaceAll(".", "%2E"));
    this.directory = path.join(dataDirectory, "stages", ...names);
    this.root = `internal:${names.join("/")}/`;
  }

  /** Makes the folder of a path, for a client to put files into. */
  folder(stagePath: string): string {
    const folder = path.join(this.directory, path.normalize(`/${stagePath}`));
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return folder;
  }

  async list({ key: prefix }: { key: string }): Promise<StoredFile[]> {
    if (!existsSync(this.directory)) return [];
    return readdirSync(this.directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(this.directory, path.join(entry.parentPath, entry.name)))
      .filter((key) => key.startsWith(prefix))
      .sort()
      .map((key) => {
        const file = path.join(this.directory, key);
        const { size, mtime } = statSync(file);
        const etag = createHash("md5").update(readFileSync(file)).digest("hex");
        return { bucket: "", key, url: this.root + key, size, etag, lastModified: mtime };
      });
  }

  /** The files themselves: nothing has to be copied. */
  async localCopies(files: readonly StoredFile[]) {
    const outcomes = files.map((file) => ({ file, path: path.join(this.directory, file.key) }));
    return { outcomes, release: async () => {} };
  }

  localFooters(files: readonly StoredFile[]) {
    return this.localCopies(files);
  }

  filesTogether(most: number): number {
    return most;
  }

  async delete({ key }: { key: string }): Promise<void> {
    rmSync(path.join(this.directory, key), { force: true });
  }

  /** Deletes it, as its owner is dropped. */
  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  close(): void {}
}
