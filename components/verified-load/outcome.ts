/** What a load comes to: the files behind the figures, and the reasons why it cannot count as verified. */
import type { CheckName, FilesSummary, LoadOutputs } from "./args.ts";
import { CURES } from "./checks.ts";
import type { Loading } from "./copy.ts";
import { plural } from "./format.ts";
import { bytesOf, type StagedFile } from "./listing.ts";
import type { Plan } from "./plan.ts";
import { type Accounting, type FileRecord, isLoaded, latestByFile } from "./records.ts";
import { checkLine, rejectedLines } from "./report.ts";
import type { CompleteSettings } from "./settings.ts";

/** The last COPY that put rows in. */
export const lastQueryId = ({ records }: Accounting) =>
  records.findLast((record) => record.rowsLoaded > 0 && record.queryId !== "")?.queryId;

/** Names in an output's list; the counts beside it are whole. */
const MOST_NAMES = 20;

export function summary(
  accounting: Accounting,
  listed: readonly StagedFile[],
  after: Plan,
  settings: CompleteSettings,
): FilesSummary {
  const latest = latestByFile(accounting.records);
  const names = (files: readonly { file: string }[]) => files.slice(0, MOST_NAMES).map(({ file }) => file);
  const failed = after.fresh.filter(({ file }) => latest.get(file)?.status === "LOAD_FAILED");
  const notLoaded = [
    ...after.fresh.map(
      ({ file }) => `${file}: ${latest.get(file)?.firstError ?? "COPY did not report on it"}`,
    ),
    ...after.replaced.map(
      ({ file }) => `${file}: changed after it was loaded (replacedFiles: ${settings.replacedFiles})`,
    ),
    ...after.uncertain.map(
      ({ file }) => `${file}: too old to know (uncertainFiles: ${settings.uncertainFiles})`,
    ),
  ];
  return {
    listed: listed.length,
    bytes: bytesOf(listed),
    loaded: after.loaded.length,
    partiallyLoaded: names([...latest.values()].filter(({ status }) => status === "PARTIALLY_LOADED")),
    failed: names(failed),
    notLoaded: notLoaded.slice(0, MOST_NAMES),
  };
}

/**
 * What holds of each listed file: the last record with rows; of a replaced one that is to be loaded as well, the last
 * attempt at the file as it is now.
 */
function latestOfListed(
  latest: ReadonlyMap<string, FileRecord>,
  { settings: { replacedFiles }, listed, accounting: { records } }: Loading,
): FileRecord[] {
  const asTheyAre = new Map(records.map((record) => [`${record.file}\n${record.md5}`, record]));
  return listed.flatMap(({ file, md5 }) => {
    const known = latest.get(file);
    if (known?.md5 === md5 || replacedFiles !== "load") return known ?? [];
    return asTheyAre.get(`${file}\n${md5}`) ?? known ?? [];
  });
}

/** Why `up` must fail although rows are in; empty when all is well. Files that left the bucket are no reason any more. */
export function reasonsAgainst(loading: Loading, outputs: LoadOutputs): string[] {
  const { settings, accounting } = loading;
  const reasons: string[] = [];
  const withRows = latestByFile(accounting.records);
  const latest = latestOfListed(withRows, loading);
  const failed = latest.filter((record) => !isLoaded(record));
  const rejected = latest.reduce((sum, { rowsRejected }) => sum + rowsRejected, 0);
  const list = (lines: string[]) => lines.map((line) => `\n  ${line}`).join("");
  if (rejected > settings.maxRejectedRows)
    reasons.push(
      `${plural(rejected, "row")} rejected, maxRejectedRows is ${settings.maxRejectedRows}; what was loaded stays:` +
        list([
          ...rejectedLines(latest),
          "cure: put the rejected rows into a new file and remove the old one, or raise maxRejectedRows",
        ]),
    );
  else if (failed.length > 0)
    reasons.push(
      `${plural(failed.length, "file")} could not be loaded; what was loaded stays:` +
        list([...rejectedLines(failed), "cure: replace or remove them, or leave them out by `pattern`"]),
    );
  const freshFailed = failed.filter(({ file }) => !isLoaded(withRows.get(file) as FileRecord));
  if (outputs.pending.files > freshFailed.length)
    reasons.push(
      `${plural(outputs.pending.files - freshFailed.length, "file")} of the bucket are not in the table, and COPY gave no reason:` +
        list([
          ...outputs.files.notLoaded,
          "cure: run `pulumi up` again; if they stay, look at the table's COPY_HISTORY",
        ]),
    );
  for (const [name, check] of Object.entries(outputs.checks))
    if (check.status === "failed")
      reasons.push(checkLine(name, check) + list([`cure: ${CURES[name as CheckName]}`]));
  return reasons;
}
