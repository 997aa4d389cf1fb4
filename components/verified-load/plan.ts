/** What there is to do: the listing against what is published. */

import { bytes, namesOf, plural } from "../format.ts";
import { LoadError } from "../snowflake/errors.ts";
import { type Control, type Published, type PublishedFile, rowsOf } from "./accounting/control.ts";
import { estimate } from "./estimate.ts";
import type { CompleteSettings } from "./settings.ts";
import { bytesOf, type LeftFile, nameOf, sameContent } from "./write/listing.ts";
import type { StagedFile } from "./write/staged-file.ts";

/** A file whose content changed under its name after it was published. */
interface Replacement {
  staged: StagedFile;
  published: PublishedFile;
}

export interface Plan {
  /** The token that this plan holds by. */
  control: Control;
  listed: StagedFile[];
  /** Below the folder, and not taken. */
  left: readonly LeftFile[];
  /** Not published. */
  fresh: StagedFile[];
  replaced: Replacement[];
  /** Published, and unchanged. */
  present: StagedFile[];
  /** Published, and no more in the bucket: their rows stay. */
  gone: PublishedFile[];
  /** Of a table that was emptied: published, and not there to be loaded anew. */
  lost: PublishedFile[];
  published: Published;
  /** All rows were removed by hand (TRUNCATE): the files count as not published. */
  emptied: boolean;
}

/** Sorts the listed files by what is known of them. */
export function makePlan(
  listed: readonly StagedFile[],
  published: Published,
  left: readonly LeftFile[] = [],
): Plan {
  const emptied = published.rows === 0 && expectedRows(published) > 0;
  const known = new Map((emptied ? [] : published.files).map((file) => [file.file, file]));
  const there = new Set(listed.map(({ file }) => file));
  const away = published.files.filter(({ file }) => !there.has(file));
  const excluded = new Set(left.map(({ file }) => file));
  const plan: Plan = {
    control: published.control,
    listed: [...listed],
    left,
    fresh: [],
    replaced: [],
    present: [],
    gone: emptied ? [] : away.filter(({ file }) => !excluded.has(file)),
    lost: emptied ? away : [],
    published,
    emptied,
  };
  for (const staged of listed) {
    const record = known.get(staged.file);
    if (record === undefined) plan.fresh.push(staged);
    else if (sameContent(record, staged)) plan.present.push(staged);
    else plan.replaced.push({ staged, published: record });
  }
  return plan;
}

/** Rows that the readings must hold by the accounting. */
export function expectedRows({ control, files }: Published): number {
  return control.baselineRows + rowsOf(files.filter(({ fileId }) => fileId !== undefined));
}

/** The files to load, and those whose rows they swap. Throws where the settings say that a person must decide. */
export function filesToLoad(
  plan: Plan,
  settings: CompleteSettings,
): { files: StagedFile[]; removed: PublishedFile[] } {
  if (plan.replaced.length === 0 || settings.replacedFiles === "skip")
    return { files: plan.fresh, removed: [] };
  if (settings.replacedFiles === "fail") throw replacedFiles(plan.replaced, settings);
  const old = plan.replaced.filter(({ published }) => published.fileId === undefined);
  if (old.length > 0)
    throw new LoadError(
      "replaced-before",
      `${plural(old.length, "file")} changed that were loaded before rows were marked with their file, so their old rows cannot be ` +
        `told from others': ${namesOf(old.map(({ staged }) => staged))}`,
      "give the new files other names and delete the old rows by hand; or TRUNCATE the table and run `pulumi up`, which loads anew all that is in the bucket",
    );
  return {
    files: [...plan.fresh, ...plan.replaced.map(({ staged }) => staged)],
    removed: plan.replaced.map(({ published }) => published),
  };
}

function replacedFiles(replaced: readonly Replacement[], settings: CompleteSettings): LoadError {
  const files = replaced.map(({ staged }) => staged);
  const cost = estimate(files, { size: settings.loadSize });
  return new LoadError(
    "replaced-files",
    `${plural(files.length, "file")} (${bytes(bytesOf(files))}) changed under their name after they were loaded; their old rows are ` +
      `in the table: ${namesOf(files)}`,
    "set replacedFiles to replace, which swaps their rows in one transaction " +
      `(about ${cost.seconds} s and ${cost.credits} credits on ${settings.loadSize}, and one reading of the whole table), ` +
      "or to skip, which keeps the old ones; or put the old files back",
  );
}

/** Pairs of files with the same content (size and checksum): one is in the bucket, the other there or in the table. */
export function sameContentLines(
  { listed, published, emptied }: Pick<Plan, "listed" | "published" | "emptied">,
  settings: Pick<CompleteSettings, "stageUrl" | "path">,
): string[] {
  const there = emptied ? [] : published.files;
  const loaded = new Map(there.map((file) => [file.file, file]));
  const first = new Map<string, string>();
  const lines: string[] = [];
  // What is in the table comes first: the newcomer is the one to tell of.
  const newcomers = listed.filter(({ file }) => !loaded.has(file));
  for (const { file, size, md5 } of [
    ...there,
    ...listed.filter(({ file }) => loaded.has(file)),
    ...newcomers,
  ]) {
    if (size === 0 || md5 === "") continue;
    const content = `${size} ${md5}`;
    const twin = first.get(content);
    if (twin === undefined) first.set(content, file);
    else if (twin !== file)
      lines.push(`${nameOf(file, settings)} has the content of ${nameOf(twin, settings)}`);
  }
  return [...new Set(lines)];
}

/** What waits, for people and for `pending`. */
export function pendingOf(plan: Plan, settings: CompleteSettings) {
  return {
    files: plan.fresh.length,
    bytes: bytesOf(plan.fresh),
    replaced: settings.replacedFiles === "skip" ? 0 : plan.replaced.length,
  };
}

export { namesOf };
